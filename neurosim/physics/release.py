"""Release of transmitter at a motor nerve terminal, and what calcium does to it.

Calcium and magnesium compete for one site of the terminal; release goes with a power of
its occupancy X (Dodge & Rahamimoff 1967). Checked in that paper's abstract: the form,
the power of about four (slope 3.78 +/- 0.2) and that magnesium does not alter the
slope. The constants are recalled. With the frog's, hypocalcaemia would paralyse people,
which it does not; ``HUMAN`` is rescaled so that block comes where the clinic sees it.
"""

from dataclasses import dataclass

from neurosim.core.jit import equation
from neurosim.physics.ions import ghk_potential


@equation
def occupancy(ca_o, mg_o, k_ca, k_mg):
    """Share X of the sites that hold calcium, 0 to 1; all in mM (D & R 1967)."""
    calcium = ca_o / k_ca
    return calcium / (1.0 + calcium + mg_o / k_mg)


@equation
def relative_release(ca_o, mg_o, k_ca, k_mg, power):
    """Release relative to the healthy bath (Ca 1.25, Mg 0.55 mM): (X/X0)^power."""
    healthy = occupancy(1.25, 0.55, k_ca, k_mg)
    return (occupancy(ca_o, mg_o, k_ca, k_mg) / healthy) ** power


@equation
def release_probability(relative, facilitation, healthy):
    """Chance that a primed vesicle is released by an impulse, at most 1.

    relative : as ``relative_release``. facilitation : added share, 0 after a rest.
    healthy : the chance in the healthy bath after a rest.
    """
    return min(healthy * relative * (1.0 + facilitation), 1.0)


@equation
def terminal_shift(k_o, temperature):
    """Change [mV] of the terminal's rest from that at K 4 mM.

    Constant-field rest with P_Na/P_K 0.016, which puts it at -85 mV, as in the motor
    axon (chosen); Na 140 and 10, K 150 mM inside cancel but for that share.
    """
    here = ghk_potential(k_o, 150.0, 140.0, 10.0, 0.016, temperature)
    return here - ghk_potential(4.0, 150.0, 140.0, 10.0, 0.016, temperature)


@equation
def miniature_frequency(rate, floor, relative_x, shift):
    """Spontaneous quanta per second.

    rate : in the healthy bath, 1/s. floor : share that needs no calcium outside.
    relative_x : X/X0. shift : depolarisation of the terminal, mV; tenfold per 15 mV
    (Liley 1956, recalled, uncertain).
    """
    return rate * (floor + (1.0 - floor) * relative_x) * 10.0 ** (shift / 15.0)


@equation
def calcium_entry(ca_o, mg_o, k_pore, k_pore_mg):
    """Calcium current of the terminal, share of its largest; all in mM.

    The pore's own one-site form, to be used with a power instead of X, never with it:
    with the constants of X it is X.
    """
    return ca_o / (ca_o + k_pore * (1.0 + mg_o / k_pore_mg))


K_PORE, K_PORE_MG = 6.0, 7.0  # mM: half entry, and Mg that doubles it (assumed, 4-10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """The numbers of one kind of neuromuscular junction.

    k_ca, k_mg : binding of Ca and Mg, mM. power : n of the release law. safety : safety
    factor of the first impulse in the healthy bath. martin : f m0 q / V_drive of the
    Martin correction there. quanta : m0, per first impulse in the healthy bath. sites :
    primed vesicles of each pool. recovery : its refilling time constant, ms.
    facilitation : added share of release per impulse. fades : its time constants, ms,
    each of an equal part. miniatures : 1/s. floor : share of them without Ca outside.
    """

    name: str
    source: str
    k_ca: float
    k_mg: float
    power: float
    safety: float
    martin: float
    quanta: float
    sites: tuple[int, ...]
    recovery: tuple[float, ...]
    facilitation: float
    fades: tuple[float, ...]
    miniatures: float
    floor: float

    @property
    def probability(self) -> float:
        """Return the chance of release of a vesicle in the healthy bath."""
        return self.quanta / sum(self.sites)


# Pools: 7 in 10 vesicles refill in 80 ms, the others in 7 s. Chosen so that the fifth
# impulse at 3 Hz is 10-20 % weaker, and the safety factor at 30 Hz stays 1.6-1.9.
RECOVERY = (80.0, 7000.0)  # ms (chosen; slow part 5-10 s, recalled)
FACILITATION = 0.15  # per impulse in normal Ca (recalled; 0.5-1 where release is low)
FADES = (40.0, 200.0)  # ms (recalled, uncertain)

HUMAN = Junction(
    name="human",
    source="Dodge & Rahamimoff 1967, form; constants rescaled to the clinic (assumed)",
    k_ca=0.5,  # mM (assumed)
    k_mg=2.97,  # mM, the frog's; recalled, uncertain
    power=3.0,  # rat 2.7-3 (Hubbard, Jones & Landau 1968, recalled, uncertain)
    safety=2.2,  # assumed; human junctions about 2 (Wood & Slater 2001, recalled)
    martin=0.33,  # 0.8 x 31 quanta x 1.0 mV / 75 mV
    quanta=31.0,  # intercostal controls (Engel's laboratory, recalled, uncertain)
    sites=(145, 62),  # chance of release 0.15 (assumed, 0.1-0.2)
    recovery=RECOVERY,
    facilitation=FACILITATION,
    fades=FADES,
    miniatures=0.25,  # 1/s (recalled, uncertain; 0.2-0.3)
    floor=0.25,  # Elmqvist & Feldman 1965 (recalled, uncertain)
)
FROG = Junction(
    name="frog",
    source="Dodge & Rahamimoff 1967, form; constants recalled, uncertain",
    k_ca=1.1,  # mM (recalled, uncertain)
    k_mg=2.97,  # mM (recalled, uncertain)
    power=4.0,  # Dodge & Rahamimoff 1967
    safety=2.0,  # in the healthy human bath, for comparison with HUMAN (assumed)
    martin=0.33,  # as in HUMAN (assumed)
    quanta=200.0,  # 100-300 (recalled, uncertain), taken in the healthy human bath
    sites=(933, 400),  # chance of release 0.15, as in HUMAN (assumed)
    recovery=RECOVERY,
    facilitation=FACILITATION,
    fades=FADES,
    miniatures=0.5,  # 1/s (recalled, uncertain; 0.1-1)
    floor=0.25,  # as in HUMAN (assumed)
)
