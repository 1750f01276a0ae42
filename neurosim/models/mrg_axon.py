"""The MRG axon: an active node with a passive internode, McIntyre et al. 2002.

Rest is held near -80 mV by the passive internode, at the very potential where the node
alone would take off: a hair trigger. Here it stands for a vulnerable site (terminal,
heminode, demyelinated stretch), not for a healthy trunk.
"""

from types import MappingProxyType

from neurosim.declare import Channel, Compartment, Gate, Param
from neurosim.model import Model
from neurosim.models.axon_unit import (
    E_K,
    E_NA,
    K_SHIFT,
    NA_SHIFT,
    PARAMS,
    SPEED_1,
    SPEED_2,
    SPEED_3,
    UNSETTABLE,
    unit_geometry,
)
from neurosim.physics.potassium import slow_s
from neurosim.physics.sodium import mrg_h, mrg_m, mrg_p
from neurosim.physics.surface_charge import GATE_SHIFT
from neurosim.sources import MCINTYRE_RICHARDSON_GRILL_2002 as MRG

FAST_SODIUM = Channel(
    name="naf", ion="Na", source=MRG, doc="fast sodium channel",
    gates=(Gate("m", mrg_m, 3, SPEED_1), Gate("h", mrg_h, 1, SPEED_2)),
    conductance=Param("g_naf", 3000.0, "mS/cm2", "fast Na conductance", MRG, low=0.0),
    reversal=E_NA, shift=NA_SHIFT,
    unitary=Param("gamma_naf", 13.0, "pS", "one Na channel (13-20)", "assumed",
                  low=0.1),
)  # fmt: skip
PERSISTENT_SODIUM = Channel(
    name="nap", ion="Na", source=MRG, doc="persistent sodium channel",
    gates=(Gate("p", mrg_p, 3, SPEED_1),),
    conductance=Param("g_nap", 10.0, "mS/cm2", "persistent Na conductance", MRG,
                      low=0.0),
    reversal=E_NA, shift=NA_SHIFT,
    unitary=Param("gamma_nap", 13.0, "pS", "one Na channel (13-20)", "assumed",
                  low=0.1),
)  # fmt: skip
SLOW_POTASSIUM = Channel(
    name="ks", ion="K", source=MRG, doc="slow potassium channel",
    gates=(Gate("s", slow_s, 1, SPEED_3),),
    conductance=Param("g_ks", 80.0, "mS/cm2", "slow K conductance", MRG, low=0.0),
    reversal=E_K, shift=K_SHIFT,
    unitary=Param("gamma_ks", 8.0, "pS", "one slow K channel", "assumed", low=0.1),
)  # fmt: skip
NODE_LEAK = Channel(
    name="l", ion="K", source=MRG, doc="leak of the node",
    conductance=Param("g_l", 7.0, "mS/cm2", "leak conductance", MRG, low=0.0),
    reversal=E_K,
)  # fmt: skip
PASSIVE = Channel(
    name="l", source=MRG, doc="passive axolemma",
    conductance=Param("g_l", 0.1, "mS/cm2", "axolemma conductance", MRG, low=0.0),
    reversal=Param("e_l", -80.0, "mV", "axolemma reversal", MRG, low=-120.0, high=0.0),
)  # fmt: skip

MRG_AXON = Model(
    name="mrg_axon",
    title="mammalian node with passive internode (McIntyre et al. 2002)",
    source=MRG,
    doc=__doc__ or "",
    compartments=(
        Compartment(
            name="node",
            channels=(FAST_SODIUM, PERSISTENT_SODIUM, SLOW_POTASSIUM, NODE_LEAK),
        ),
        Compartment(name="mysa", channels=(PASSIVE.at(g_l=1.0),)),
        Compartment(
            name="internode",
            channels=(PASSIVE,),
            copies=("flut", "stin1", "stin2", "stin3"),
        ),
    ),
    geometry=unit_geometry(node_reach=0.5),
    params=PARAMS,
    derived=(GATE_SHIFT,),
    dt=0.004,
    start=-80.0,
    detect=-20.0,
    validity="37 degC, 10 um fibre, no conduction; current in nA per whole node.",
    failures=(
        "Its stability margin of 3-4 mV is prone to artefact: rest sits at the saddle "
        "of the node. At K 5 mM it fires where people do not. The internodal leak does "
        "not follow K. Beyond about 6.5 mV of shift it falls silent (depolarisation "
        "block)."
    ),
    unsettable=MappingProxyType(UNSETTABLE),
)
