"""A human motor axon: node and internode with slow and fast K and HCN channels.

MRG geometry and node with the internodal channels of Gaines et al. 2018; all leak is
K-like, so rest follows the potassium potential. The healthy trunk: no survivable
calcium makes it fire by itself, it only lowers threshold.
"""

from types import MappingProxyType

from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Derived, Gate, Param
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
from neurosim.physics.leak import bath_leak
from neurosim.physics.potassium import fast_n, motor_q, slow_s
from neurosim.physics.pump import constant_current, pump_deficit
from neurosim.physics.sodium import motor_m, mrg_h, mrg_p
from neurosim.physics.surface_charge import GATE_SHIFT
from neurosim.sources import GAINES_2018 as GAINES


@equation
def hcn_potential(e_k, e_na):
    """Reversal of HCN [mV]: 0.749 K and 0.251 Na give -54.9 (Gaines et al. 2018)."""
    return 0.749 * e_k + 0.251 * e_na


E_H = Derived("e_h", hcn_potential, "mV", "HCN reversal potential")
G_LEAK = Derived("g_leak", bath_leak, "mS/cm2", "leak in this bath, as sqrt(K)")

FAST_SODIUM = Channel(
    name="naf", ion="Na", source=GAINES, doc="fast sodium channel",
    gates=(Gate("m", motor_m, 3, SPEED_1), Gate("h", mrg_h, 1, SPEED_2)),
    conductance=Param("g_naf", 3000.0, "mS/cm2", "fast Na conductance", GAINES,
                      low=0.0),
    reversal=E_NA, shift=NA_SHIFT,
    unitary=Param("gamma_naf", 13.0, "pS", "one Na channel (13-20)", "assumed",
                  low=0.1),
)  # fmt: skip
PERSISTENT_SODIUM = Channel(
    name="nap", ion="Na", source=GAINES, doc="persistent sodium channel",
    gates=(Gate("p", mrg_p, 3, SPEED_1),),
    conductance=Param("g_nap", 10.0, "mS/cm2", "persistent Na conductance", GAINES,
                      low=0.0),
    reversal=E_NA, shift=NA_SHIFT,
    unitary=Param("gamma_nap", 13.0, "pS", "one Na channel (13-20)", "assumed",
                  low=0.1),
)  # fmt: skip
SLOW_POTASSIUM = Channel(
    name="ks", ion="K", source=GAINES, doc="slow potassium channel",
    gates=(Gate("s", slow_s, 1, SPEED_3),),
    conductance=Param("g_ks", 80.0, "mS/cm2", "slow K conductance", GAINES, low=0.0),
    reversal=E_K, shift=K_SHIFT,
)  # fmt: skip
FAST_POTASSIUM = Channel(
    name="kf", ion="K", source=GAINES, doc="fast potassium channel",
    gates=(Gate("n", fast_n, 4, SPEED_3),),
    conductance=Param("g_kf", 25.68, "mS/cm2", "fast K conductance", GAINES, low=0.0),
    reversal=E_K, shift=K_SHIFT,
)  # fmt: skip
HCN = Channel(
    name="h_cn", source=GAINES, doc="hyperpolarisation-activated channel",
    gates=(Gate("q", motor_q, 1, SPEED_3),),
    conductance=Param("g_hcn", 2.232, "mS/cm2", "HCN conductance", GAINES, low=0.0),
    reversal=E_H, shift=K_SHIFT,
)  # fmt: skip
LEAK = Channel(
    name="l", ion="K", source=GAINES, doc="leak, all of it K-like",
    params=(Param("g_l", 7.0, "mS/cm2", "leak conductance at K 4", GAINES, low=0.0),),
    conductance=G_LEAK, reversal=E_K,
)  # fmt: skip
DEFICIT = Derived("i_deficit", pump_deficit, "uA/cm2", "current the pump leaves out")
PUMP = Channel(
    name="pump", source="nerve.md section 3", current=constant_current,
    doc="change of the electrogenic pump; healthy it is part of the reversals",
)  # fmt: skip
PUMP_PARAMS = (
    Param("pump", 1.0, "", "activity of the Na-K pump, healthy 1", "for causes",
          low=0.0, high=3.0),
    Param("i_pump_rest", 2.4, "uA/cm2", "pump current of the healthy axolemma: without "
          "it rest is 3.5 mV higher (2-5, nerve.md 3)", "assumed", low=0.0),
)  # fmt: skip


def internode(
    *, g_l: float, g_kf: float, g_ks: float = 2.581, hcn: Channel = HCN
) -> tuple[Channel, ...]:
    """Return the channels of an internodal piece; conductances in mS/cm2."""
    return (
        SLOW_POTASSIUM.at(g_ks=g_ks),  # by default Gaines et al. 2018, motor
        FAST_POTASSIUM.at(g_kf=g_kf),
        hcn,
        LEAK.at(g_l=g_l),
        PUMP,
    )


MOTOR_AXON = Model(
    name="motor_axon",
    title="human motor axon, node and internode (Gaines et al. 2018)",
    source=GAINES,
    doc=__doc__ or "",
    compartments=(
        Compartment(
            name="node",
            channels=(
                FAST_SODIUM, PERSISTENT_SODIUM, SLOW_POTASSIUM, FAST_POTASSIUM, LEAK,
                PUMP,
            ),
        ),
        Compartment(name="mysa", channels=internode(g_l=2.0, g_kf=150.74)),
        Compartment(
            name="internode",
            channels=internode(g_l=0.2, g_kf=25.68),
            copies=("flut", "stin1", "stin2", "stin3"),
        ),
    ),
    geometry=unit_geometry(node_reach=0.25),
    params=PARAMS + PUMP_PARAMS,
    derived=(GATE_SHIFT, DEFICIT),
    dt=0.005,
    start=-85.0,
    detect=-20.0,
    validity=(
        "37 degC, 10 um fibre, K 2.5-6 mM, no conduction; current in nA per whole node."
    ),
    failures=(
        "No superexcitable period. Sensitivity to K is too steep (no slow Na "
        "inactivation); report the sign of K effects, not their size. Below about "
        "-95 mV the published rates of the slow K gate open it again, within minutes; "
        "at K 2.4 mM and less there are several resting states. Internodal numbers "
        "come from fits, not recordings. The published code applies internodal "
        "conductances to the fibre's area, this model to the axon's (rest -85.2 mV "
        "instead of -85.9; docs/decisions/0003)."
    ),
    unsettable=MappingProxyType(UNSETTABLE),
)  # fmt: skip
