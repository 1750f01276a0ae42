"""A human sensory axon: the motor axon's unit with sensory channels.

The same half-internode unit and the same channels as motor_axon. What differs is what
Gaines et al. 2018 found to differ between median-nerve fibres: HCN opens 13 mV higher
and is stronger, slow K is weaker, and the Na gates are shifted a little. The sensory
fibre therefore rests higher and has the longer strength-duration time constant.

All constants were read in the authors' code (ModelDB 243841); those of FLUT and STIN
are the same there.
"""

from dataclasses import replace
from types import MappingProxyType

from neurosim.declare import Compartment, Gate
from neurosim.model import Model
from neurosim.models.axon_unit import (
    PARAMS,
    SPEED_1,
    SPEED_2,
    SPEED_3,
    UNSETTABLE,
    unit_geometry,
)
from neurosim.models.motor_axon import (
    DEFICIT,
    FAST_POTASSIUM,
    FAST_SODIUM,
    HCN,
    LEAK,
    PERSISTENT_SODIUM,
    PUMP,
    PUMP_PARAMS,
    SLOW_POTASSIUM,
    internode,
)
from neurosim.physics.potassium import sensory_q
from neurosim.physics.sodium import sensory_h, sensory_m, sensory_p
from neurosim.physics.surface_charge import GATE_SHIFT
from neurosim.sources import GAINES_2018 as GAINES

NODE = Compartment(
    name="node",
    channels=(
        replace(
            FAST_SODIUM,
            gates=(Gate("m", sensory_m, 3, SPEED_1), Gate("h", sensory_h, 1, SPEED_2)),
        ),
        replace(PERSISTENT_SODIUM, gates=(Gate("p", sensory_p, 3, SPEED_1),)),
        SLOW_POTASSIUM.at(g_ks=41.06),  # mS/cm2, Gaines et al. 2018
        FAST_POTASSIUM.at(g_kf=27.37),  # mS/cm2, Gaines et al. 2018
        LEAK.at(g_l=6.005),  # mS/cm2, Gaines et al. 2018
        PUMP,
    ),
)
# mS/cm2, Gaines et al. 2018
SENSORY_HCN = replace(HCN, gates=(Gate("q", sensory_q, 1, SPEED_3),)).at(g_hcn=3.102)
SENSORY = {"g_ks": 1.324, "hcn": SENSORY_HCN}

SENSORY_AXON = Model(
    name="sensory_axon",
    title="human sensory axon, node and internode (Gaines et al. 2018)",
    source=GAINES,
    doc=__doc__ or "",
    compartments=(
        NODE,
        Compartment(name="mysa", channels=internode(g_l=1.716, g_kf=164.2, **SENSORY)),
        Compartment(
            name="internode",
            channels=internode(g_l=0.1716, g_kf=27.37, **SENSORY),
            copies=("flut", "stin1", "stin2", "stin3"),
        ),
    ),
    geometry=unit_geometry(node_reach=0.25),
    params=PARAMS + PUMP_PARAMS,
    derived=(GATE_SHIFT, DEFICIT),
    dt=0.005,
    start=-79.0,
    detect=-20.0,
    validity=(
        "37 degC, 10 um fibre, K 2.5-6 mM, no conduction; current in nA per whole node."
    ),
    failures=(
        "The published code applies internodal conductances to the fibre's area, this "
        "model to the axon's (docs/decisions/0003): rest is -77.8 mV, read the "
        "published way -79.4 (their start: -79.36), and tau_sd is 0.83 ms instead of "
        "0.52. Its 1 ms threshold is a third of the motor axon's. It never fires a "
        "train by itself; a bath applied suddenly (ionised Ca 0.8 mM, or K 5.2) makes "
        "one spike, which a run from the rest of that bath does not. No superexcitable "
        "period. Sensitivity to K is too steep; report its sign, not its size."
    ),
    unsettable=MappingProxyType(UNSETTABLE),
)
