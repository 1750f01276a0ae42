"""A myelinated axon: one unit cut at its planes of symmetry, or a chain of nodes.

An internode is MYSA (the attachment of the paranode), FLUT (the rest of it), six STIN
(the internode proper), FLUT, MYSA. These have a periaxonal space under myelin, the node
has none. In an axon of equal units without propagation nothing crosses the middle of a
node or of an internode: half a node and half an internode with sealed ends, six pieces,
then stand for all of it. A chain has whole nodes and sealed ends. Stimuli are nA per
whole node; a half node takes half.

Geometry and passive data: McIntyre, Richardson & Grill 2002 (ModelDB 3810).
"""

from collections import Counter
from dataclasses import dataclass, replace
from math import pi
from string import digits

from neurosim.core.jit import equation
from neurosim.core.maths import log
from neurosim.declare import Cable, Derived, Param
from neurosim.errors import NeurosimError
from neurosim.model import Model
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
INTERNODE = ("mysa", "flut", *6 * ("stin",), "flut", "mysa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of axon with one potential; um."""

    length: float
    diameter: float
    gap: float  # of the periaxonal space
    reach: float  # from the point that has its potential to either end
    covered: bool = True  # by myelin


def parts_of(fibre_diameter: float) -> dict[str, Part]:
    """Return node, MYSA, FLUT and STIN of a fibre, or say which fibres there are."""
    if fibre_diameter not in FIBRES:
        raise NeurosimError(
            f"fibre diameter {fibre_diameter:g} um is not in the table; take one of "
            f"{', '.join(f'{d:g}' for d in FIBRES)}."
        )
    axon, node, internode, flut, _ = FIBRES[fibre_diameter]
    stin = (internode - NODE_LENGTH - 2.0 * MYSA_LENGTH - 2.0 * flut) / 6.0
    kinds = {
        "node": (NODE_LENGTH, node, NARROW),
        "mysa": (MYSA_LENGTH, node, NARROW),
        "flut": (flut, axon, WIDE),
        "stin": (stin, axon, WIDE),
    }
    return {
        kind: Part(
            length=length, diameter=diameter, gap=gap, reach=0.5 * length,
            covered=kind != "node",
        )
        for kind, (length, diameter, gap) in kinds.items()
    }  # fmt: skip


def unit_geometry(fibre_diameter: float = 10.0, node_reach: float = 0.25) -> Cable:
    """Return the half-internode unit of a fibre.

    Parameters
    ----------
    fibre_diameter : um, one of ``FIBRES`` (McIntyre et al. 2002, table 1).
    node_reach : um of node between the point that has its potential and the MYSA: 0.25
        is the middle of the half node, 0.5 that of the whole node (which is how the
        published code cuts it). See docs/decisions/0003.
    """
    kinds = parts_of(fibre_diameter)
    half = replace(kinds["node"], length=0.5 * NODE_LENGTH, reach=node_reach)
    parts = [half, kinds["mysa"], kinds["flut"], *3 * [kinds["stin"]]]
    return Cable(
        table=table_of(parts, fibre_diameter),
        stimulus_share=0.5,
        doc=f"half node and half internode of a {fibre_diameter:g} um fibre",
    )


def chain_geometry(nodes: int = 21, fibre_diameter: float = 10.0) -> Cable:
    """Return a fibre of whole nodes and internodes that begins and ends with a node.

    Its pieces are numbered from the first node on: ``node``, ``mysa1``, ``flut1``,
    ``stin1`` to ``stin6``, ``flut2``, ``mysa2``, ``node1``, ``mysa3`` and so on.

    Parameters
    ----------
    nodes : how many, 2 or more. fibre_diameter : um, one of ``FIBRES``.
    """
    if not isinstance(nodes, int) or nodes < 2:
        raise NeurosimError(f"nodes = {nodes!r}: a chain needs a whole number from 2.")
    kinds = parts_of(fibre_diameter)
    chain = (nodes - 1) * ["node", *INTERNODE] + ["node"]
    met: Counter[str] = Counter(node=-1)
    names = []
    for kind in chain:
        met[kind] += 1
        names.append(f"{kind}{met[kind] or ''}")
    return Cable(
        table=table_of([kinds[kind] for kind in chain], fibre_diameter),
        pieces=tuple(names),
        spacing=FIBRES[fibre_diameter][2],
        doc=f"{nodes} nodes of a {fibre_diameter:g} um fibre, ends sealed",
    )


def cable_of(model: Model, nodes: int = 21, fibre_diameter: float = 10.0) -> Model:
    """Return the chain of nodes that has the channels of a half-internode unit.

    Parameters keep their names. The stimulus enters the first node; spikes are those
    that have come three quarters of the way.

    Parameters
    ----------
    model : one with the pieces of ``unit_geometry``.
    nodes, fibre_diameter : as in ``chain_geometry``.
    """
    geometry = chain_geometry(nodes, fibre_diameter)
    compartments = []
    for c in model.compartments:
        kinds = {p.rstrip(digits) for p in c.instances}
        own = tuple(p for p in geometry.pieces if p.rstrip(digits) in kinds)
        compartments.append(replace(c, copies=own))
    return replace(
        model,
        compartments=tuple(compartments),
        geometry=geometry,
        detect_at=f"node{max(3 * (nodes - 1) // 4, 1)}",
    )


def table_of(parts: list[Part], fibre_diameter: float) -> tuple:
    """Return the rows of ``core.cable`` for parts joined in this order."""
    lamellae = FIBRES[fibre_diameter][4]
    rows = []
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        area = pi * part.diameter * part.length * CM**2
        sheath = pi * fibre_diameter * part.length * CM**2 / (2.0 * lamellae)
        axial = periaxonal = 0.0
        if after is not None:
            axial = 1e6 / (half_core(part) + half_core(after))
            periaxonal = 1e6 / (half_gap(part) + half_gap(after))
        rows.append((
            1e3 * area,  # nA per uA/cm2
            1e3 * area * AXOLEMMA,  # nF
            axial,  # uS
            periaxonal,  # uS
            part.covered * 1e3 * sheath * LAMELLA_G,  # uS
            part.covered * 1e3 * sheath * LAMELLA_C,  # nF
            float(part.covered),
        ))  # fmt: skip
    return tuple(rows)


def half_core(part: Part) -> float:
    """Return the axoplasm resistance [ohm] from a part's middle to its end."""
    return RESISTIVITY * part.reach / (0.25 * pi * part.diameter**2 * CM)


def half_gap(part: Part) -> float:
    """Return the periaxonal resistance [ohm] from a part's middle to its end."""
    inner = 0.5 * part.diameter
    ring = pi * ((inner + part.gap) ** 2 - inner**2)
    return RESISTIVITY * part.reach / (ring * CM)


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
