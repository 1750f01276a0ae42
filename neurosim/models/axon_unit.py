"""A myelinated axon cut at its planes of symmetry: half a node and half an internode.

Six compartments: half node, MYSA (the attachment of the paranode), FLUT (the rest of
it), three STIN (the internode proper). The node has no periaxonal space under myelin;
the other five do. In an axon of equal units without propagation nothing crosses the two
planes of symmetry, so both ends are sealed. Stimuli are nA per whole node; the half
node takes half.

Geometry and passive data: McIntyre, Richardson & Grill 2002 (ModelDB 3810).
"""

from math import pi

from neurosim.core.jit import equation
from neurosim.core.maths import log
from neurosim.declare import Cable, Derived, Param
from neurosim.errors import NeurosimError
from neurosim.physics.ions import q10, thermal_voltage
from neurosim.physics.surface_charge import BIND_CA, BIND_MG, HEALTHY
from neurosim.sources import MCINTYRE_RICHARDSON_GRILL_2002 as MRG

# fibre diameter -> axon, node (= MYSA) diameter, internode, FLUT length [um], lamellae
FIBRES = {  # McIntyre et al. 2002, table 1
    5.7: (3.4, 1.9, 500.0, 35.0, 80),
    7.3: (4.6, 2.4, 750.0, 38.0, 100),
    8.7: (5.8, 2.8, 1000.0, 40.0, 110),
    10.0: (6.9, 3.3, 1150.0, 46.0, 120),
    11.5: (8.1, 3.7, 1250.0, 50.0, 130),
    12.8: (9.2, 4.2, 1350.0, 54.0, 135),
    14.0: (10.4, 4.7, 1400.0, 56.0, 140),
    15.0: (11.5, 5.0, 1450.0, 58.0, 145),
    16.0: (12.7, 5.5, 1500.0, 60.0, 150),
}
NODE_LENGTH, MYSA_LENGTH = 1.0, 3.0  # um, McIntyre et al. 2002
RESISTIVITY = 70.0  # ohm cm, axoplasm and periaxonal space, McIntyre et al. 2002
NARROW, WIDE = 0.002, 0.004  # um, periaxonal gap at node and MYSA; FLUT and STIN
AXOLEMMA = 2.0  # uF/cm2, McIntyre et al. 2002
LAMELLA_C, LAMELLA_G = 0.1, 1.0  # uF/cm2 and mS/cm2 of one membrane of a lamella
CM = 1e-4  # cm per um
HALF_INTERNODE = ("mysa", "flut", "stin1", "stin2", "stin3")


def unit_geometry(fibre_diameter: float = 10.0, node_reach: float = 0.25) -> Cable:
    """Return the half-internode unit of a fibre.

    Parameters
    ----------
    fibre_diameter : um, one of ``FIBRES`` (McIntyre et al. 2002, table 1).
    node_reach : um of node between the point that has its potential and the MYSA: 0.25
        is the middle of the half node, 0.5 that of the whole node (which is how the
        published code cuts it). See docs/decisions/0003.
    """
    if fibre_diameter not in FIBRES:
        raise NeurosimError(
            f"fibre diameter {fibre_diameter:g} um is not in the table; take one of "
            f"{', '.join(f'{d:g}' for d in FIBRES)}."
        )
    axon, node, internode, flut, lamellae = FIBRES[fibre_diameter]
    stin = (internode - NODE_LENGTH - 2.0 * MYSA_LENGTH - 2.0 * flut) / 6.0
    lengths = (0.5 * NODE_LENGTH, MYSA_LENGTH, flut, stin, stin, stin)
    diameters = (node, node, axon, axon, axon, axon)
    gaps = (NARROW, NARROW, WIDE, WIDE, WIDE, WIDE)
    rows = []
    for k, (length, d, gap) in enumerate(zip(lengths, diameters, gaps, strict=True)):
        area = pi * d * length * CM**2
        sheath = pi * fibre_diameter * length * CM**2 / (2.0 * lamellae)
        covered = float(k > 0)
        axial = periaxonal = 0.0
        if k + 1 < len(lengths):
            own = 2.0 * node_reach if k == 0 else length
            nxt = (lengths[k + 1], diameters[k + 1], gaps[k + 1])
            axial = 1e6 / (half_core(own, d) + half_core(*nxt[:2]))
            periaxonal = 1e6 / (half_gap(own, d, gap) + half_gap(*nxt))
        rows.append((
            1e3 * area,  # nA per uA/cm2
            1e3 * area * AXOLEMMA,  # nF
            axial,  # uS
            periaxonal,  # uS
            covered * 1e3 * sheath * LAMELLA_G,  # uS
            covered * 1e3 * sheath * LAMELLA_C,  # nF
            covered,
        ))  # fmt: skip
    return Cable(
        table=tuple(rows),
        stimulus_share=0.5,
        doc=f"half node and half internode of a {fibre_diameter:g} um fibre",
    )


def half_core(length: float, diameter: float) -> float:
    """Return the axoplasm resistance [ohm] of half a piece; um."""
    return RESISTIVITY * 0.5 * length / (0.25 * pi * diameter**2 * CM)


def half_gap(length: float, diameter: float, gap: float) -> float:
    """Return the periaxonal resistance [ohm] of half a piece; um."""
    ring = pi * ((0.5 * diameter + gap) ** 2 - (0.5 * diameter) ** 2)
    return RESISTIVITY * 0.5 * length / (ring * CM)


@equation
def speed_1(temperature):
    """Temperature factor of m and p (McIntyre et al. 2002)."""
    return q10(2.2, temperature, 20.0)


@equation
def speed_2(temperature):
    """Temperature factor of h (McIntyre et al. 2002)."""
    return q10(2.9, temperature, 20.0)


@equation
def speed_3(temperature):
    """Temperature factor of K and HCN gates (McIntyre et al. 2002)."""
    return q10(3.0, temperature, 36.0)


@equation
def sodium_potential(e_na_rest, na_o, temperature):
    """Effective sodium reversal [mV]: its healthy value and the Nernst change."""
    return e_na_rest + thermal_voltage(temperature) * log(na_o / 140.0)


@equation
def potassium_potential(e_k_rest, k_o, temperature, k_coupling):
    """Effective potassium reversal [mV]: its healthy value and the Nernst change."""
    return e_k_rest + k_coupling * thermal_voltage(temperature) * log(k_o / 4.0)


@equation
def sodium_gates(gate_shift, shift):
    """Shift [mV] that Na gates feel: surface charge and what is added by hand."""
    return gate_shift + shift


@equation
def potassium_gates(na_shift, kappa):
    """Shift [mV] that K and HCN gates feel; they sit near less charge."""
    return kappa * na_shift


SPEED_1 = Derived("speed_1", speed_1, "", "temperature factor of m and p")
SPEED_2 = Derived("speed_2", speed_2, "", "temperature factor of h")
SPEED_3 = Derived("speed_3", speed_3, "", "temperature factor of s, n and q")
E_NA = Derived("e_na", sodium_potential, "mV", "sodium reversal potential")
E_K = Derived("e_k", potassium_potential, "mV", "potassium reversal potential")
NA_SHIFT = Derived("na_shift", sodium_gates, "mV", "shift felt by Na gates")
K_SHIFT = Derived("k_shift", potassium_gates, "mV", "shift felt by K and HCN gates")

REFERENCE = "healthy reference bath (design section 4)"
PARAMS = (
    Param("na_o", HEALTHY.na_o, "mM", "Na outside", REFERENCE,
          low=1.0, high=500.0, bath=True),
    Param("k_o", HEALTHY.k_o, "mM", "K outside", REFERENCE,
          low=0.1, high=200.0, bath=True),
    Param("ca_o", HEALTHY.ca_o, "mM", "ionised Ca outside", REFERENCE,
          low=0.0, high=30.0, bath=True),
    Param("mg_o", HEALTHY.mg_o, "mM", "ionised Mg outside", REFERENCE,
          low=0.0, high=30.0, bath=True),
    Param("ph_o", HEALTHY.ph_o, "", "pH outside", REFERENCE,
          low=5.0, high=10.0, bath=True),
    Param("temperature", 37.0, "degC", "temperature", MRG, low=10.0, high=45.0),
    Param("e_na_rest", 50.0, "mV", "effective Na reversal in the healthy bath", MRG,
          low=0.0, high=100.0),
    Param("e_k_rest", -90.0, "mV", "effective K reversal in the healthy bath", MRG,
          low=-120.0, high=-60.0),
    Param("k_coupling", 1.0, "", "share of the K change that reaches the reversal "
          "(0.35 fits nerve excitability slopes better, unverified)", "assumed",
          low=0.0, high=1.0),
    BIND_CA,
    BIND_MG,
    Param("shift", 0.0, "mV", "shift of all gates added by hand", "for experiments",
          low=-100.0, high=100.0, bath=True),
    Param("kappa", 0.5, "", "share of the shift that K and HCN gates feel (0.15-1)",
          "assumed; K channels carry less charge", low=0.0, high=2.0),
)  # fmt: skip

UNSETTABLE = {
    "na_i": "its reversals are effective values; set e_na_rest.",
    "k_i": "its reversals are effective values; set e_k_rest.",
    "cl_o": "it has no chloride channel.",
    "ca_total": "give ionised calcium, ca_o in mM (total needs albumin and pH).",
    "mg_total": "give ionised magnesium, mg_o in mM (about 0.65 of total).",
}
