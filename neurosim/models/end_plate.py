"""The end-plate of a human muscle fibre without its spike: what the quanta do.

The potential that Fatt & Katz (1951) analysed: a stretch of passive membrane with the
channels that transmitter opens, as a model of our own. Kick the state ``ach`` with
quanta, ``Kicks("ach", times, quanta)``; ``neurosim.junction.transmit`` says how many an
impulse releases. A potential above the detection level would have fired the fibre and
counts as a spike.

The surface charges its tubules too (the capacitance). The size of the stretch is chosen
so that one quantum gives 1.0 mV; with the leak its input resistance is 0.7 MOhm and its
time constant 2.9 ms. The 31 quanta of a healthy impulse then give 23.5 mV, and the
detection level, 10.66 mV above rest, is that over the safety factor of 2.2. Potentials
of other sizes follow the Martin correction by themselves, with f 0.79 to 0.87.
"""

from types import MappingProxyType

from neurosim.declare import Channel, Compartment, Param, Patch
from neurosim.model import Model
from neurosim.physics.endplate import EP, EP_DERIVED, EP_STATES, RECALLED
from neurosim.sources import FATT_KATZ_1951

TERMINAL = (
    "the nerve terminal is not part of it; give neurosim.junction.transmit the bath "
    "and kick ach with its quanta."
)

LEAK = Channel(
    name="l", source="assumed", doc="leak of the surface and its tubules",
    conductance=Param("g_l", 2.0, "mS/cm2", "leak conductance (0.7 MOhm)", RECALLED,
                      low=0.0),
    reversal=Param("e_l", -85.0, "mV", "leak reversal: the rest of the fibre",
                   "Jurkat-Rott 2009 (normal fibres at K 4 mM)", low=-120.0, high=0.0),
)  # fmt: skip

END_PLATE = Model(
    name="end_plate",
    title="end-plate of a human muscle fibre, passive",
    source=FATT_KATZ_1951,
    doc=__doc__ or "",
    compartments=(Compartment(name="surface", channels=(LEAK, EP.at(area_ep=7e4))),),
    states=EP_STATES,
    geometry=Patch(
        capacitance=Param("c_m", 5.76, "uF/cm2", "surface 1 and tubules 4.76",
                          "Cannon 2024, areas", low=1e-3),
    ),
    params=(
        Param("temperature_m", 35.0, "degC", "temperature of the muscle", "assumed",
              low=5.0, high=45.0),
    ),
    derived=EP_DERIVED,
    dt=0.02,
    start=-85.0,
    detect=-74.34,
    validity=(
        "One end-plate near rest, 22 to 37 degC: single and summed end-plate "
        "potentials, and which of them reach the threshold."
    ),
    failures=(
        "No spike: potentials above the threshold go on growing, and a fibre's "
        "refractoriness does not show. One threshold for all: the rise of a slow "
        "potential, and inactivation of sodium channels at a depolarised rest, would "
        "raise it. No cable: spread along the fibre is in the stretch chosen. No "
        "desensitisation, no action of Ca or Mg on the receptors (small below 3 mM). "
        "Times of the current, quantal size and leak are recalled or chosen."
    ),
    unsettable=MappingProxyType(dict.fromkeys(
        ("ca_o", "mg_o", "k_o", "na_o", "ph_o"), TERMINAL
    )),
)  # fmt: skip
