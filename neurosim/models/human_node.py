"""A human node of Ranvier at room temperature, Schwarz, Reid & Bostock 1995.

Constant-field Na current, so its reversal is the Nernst potential; ohmic fast and slow
K currents and a leak that reverse at -84 mV, as published. For K this is an effective
value: it follows outside K by Nernst's law, but not temperature (K of 155 mM inside
would give -83.9 mV at 20 degC and -88.7 at 37). The leak keeps its -84 mV. Absolute
potentials; per cm2 of a node of 50 um2 and 1.4 pF.

The gates were measured in a Ringer with more Ca than plasma and no Mg, so the surface
charge is reckoned from there: in that bath the shift is zero, in the healthy bath it is
about +3 mV. McIntyre et al. 2002 moved these m and h curves by -3.0 mV, which is the
same step: their model, and motor_axon, are already in the healthy bath.

Confirmed: the three K components, the kind of model and that slow K limits repetitive
firing, by the abstract of the paper. All rates of m, h, n, s and their Q10, by two
independent public codes that agree (srb.mod; another marks them by the authors' names).
Na and K, permeability, conductances and capacitance, by srb.mod only, whose header
names a rat model, which has quite other rates. Not confirmed: Ca 2.2 mM, no Mg, pH 7.4.
"""

from types import MappingProxyType

from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Derived, Gate, Param, Patch
from neurosim.model import Model
from neurosim.models.axon_unit import NA_SHIFT, SPEED_1, SPEED_2, UNSETTABLE
from neurosim.models.squid_axon import E_NA, K_SHIFT
from neurosim.physics.ions import nernst, q10
from neurosim.physics.potassium import human_n, human_s
from neurosim.physics.sodium import human_h, human_m, sodium_flux
from neurosim.physics.surface_charge import BIND_CA, BIND_MG, shift_between
from neurosim.sources import SCHWARZ_REID_BOSTOCK_1995 as SRB

NA, K = 154.0, 5.6  # mM, the paper's Ringer (srb.mod)
CA, MG, PH = 2.2, 0.0, 7.4  # mM, mM and pH of it, recalled


@equation
def potassium_speed(temperature):
    """Temperature factor of K gates, 3 per 10 degC from 20 degC (srb.mod)."""
    return q10(3.0, temperature, 20.0)


@equation
def potassium_potential(e_k_rest, k_o, temperature):
    """Effective potassium reversal [mV]: its value in Ringer and the Nernst change."""
    return e_k_rest + nernst(k_o, K, 1.0, temperature)


@equation
def ringer_shift(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg):
    """Shift [mV] of the field that gates feel, against the node's own Ringer."""
    return shift_between(
        NA, K, CA, MG, PH, na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg
    )


SPEED_K = Derived("speed_k", potassium_speed, "", "temperature factor of n and s")
E_K = Derived("e_k", potassium_potential, "mV", "potassium reversal potential")
GATE_SHIFT = Derived(
    "gate_shift", ringer_shift, "mV", "shift of the field, zero in human Ringer"
)

SODIUM = Channel(
    name="na", ion="Na", source=SRB, doc="transient sodium current",
    gates=(Gate("m", human_m, 3, SPEED_1), Gate("h", human_h, 1, SPEED_2)),
    params=(Param("p_na", 7.04e-6, "cm/ms", "Na permeability (7.04e-3 cm/s)", SRB,
                  low=0.0),),
    current=sodium_flux, shift=NA_SHIFT,
)  # fmt: skip
FAST_POTASSIUM = Channel(
    name="kf", ion="K", source=SRB, doc="fast potassium channel",
    gates=(Gate("n", human_n, 4, SPEED_K),),
    conductance=Param("g_kf", 30.0, "mS/cm2", "fast K conductance", SRB, low=0.0),
    reversal=E_K, shift=K_SHIFT,
)  # fmt: skip
SLOW_POTASSIUM = Channel(
    name="ks", ion="K", source=SRB, doc="slow potassium channel",
    gates=(Gate("s", human_s, 1, SPEED_K),),
    conductance=Param("g_ks", 60.0, "mS/cm2", "slow K conductance", SRB, low=0.0),
    reversal=E_K, shift=K_SHIFT,
)  # fmt: skip
LEAK = Channel(
    name="l", source=SRB, doc="leak",
    conductance=Param("g_l", 60.0, "mS/cm2", "leak conductance", SRB, low=0.0),
    reversal=Param("e_l", -84.0, "mV", "leak reversal", SRB, low=-120.0, high=0.0),
)  # fmt: skip

HUMAN_NODE = Model(
    name="human_node",
    title="human node of Ranvier (Schwarz, Reid & Bostock 1995)",
    source=SRB,
    doc=__doc__ or "",
    compartments=(
        Compartment(
            name="node", channels=(SODIUM, FAST_POTASSIUM, SLOW_POTASSIUM, LEAK)
        ),
    ),
    geometry=Patch(
        capacitance=Param("c_m", 2.8, "uF/cm2", "capacitance", SRB, low=1e-3)
    ),
    params=(
        Param("na_o", NA, "mM", "Na outside (Ringer)", SRB,
              low=1e-3, high=500.0, bath=True),
        Param("k_o", K, "mM", "K outside (Ringer)", SRB,
              low=1e-3, high=200.0, bath=True),
        Param("ca_o", CA, "mM", "ionised Ca outside (Ringer, recalled)", SRB,
              low=0.0, high=30.0, bath=True),
        Param("mg_o", MG, "mM", "ionised Mg outside (Ringer, recalled)", SRB,
              low=0.0, high=30.0, bath=True),
        Param("ph_o", PH, "", "pH outside", "assumed", low=5.0, high=10.0, bath=True),
        Param("na_i", 35.0, "mM", "Na inside", SRB, low=1e-3, high=500.0),
        Param("e_k_rest", -84.0, "mV", "effective K reversal in Ringer", SRB,
              low=-120.0, high=-60.0),
        Param("temperature", 20.0, "degC", "temperature", SRB, low=5.0, high=45.0),
        BIND_CA,
        BIND_MG,
        Param("shift", 0.0, "mV", "shift of all gates added by hand",
              "for experiments", low=-100.0, high=100.0, bath=True),
        Param("kappa", 0.5, "", "share of the shift that K gates feel (0.15-1)",
              "assumed; K channels carry less charge", low=0.0, high=2.0),
    ),
    derived=(E_NA, GATE_SHIFT),
    dt=0.004,
    start=-84.0,
    detect=0.0,
    validity=(
        "A space-clamped human node near 20 degC; current in uA/cm2 of membrane."
    ),
    failures=(
        "Rest is -83.8 mV, not the -84 mV of its leak and K: some Na flows. A step "
        "makes one spike; a train only where slow K is taken away (950 to 1100 "
        "uA/cm2), as published. Rest is lost at shifts of 14.9 mV (kappa 1) and 12.7 "
        "mV (kappa 0), 16.3 and 13.5 mV at 37 degC, which no bath of a patient makes; "
        "with kappa 1 it is lost without firing. Since the leak keeps its potential, "
        "rest follows K by 12 mV per decade only (5.6 to 10 mM). Ca, pH and the lack "
        "of Mg of its Ringer are recalled. No conduction, no channel noise."
    ),
    unsettable=MappingProxyType(
        {n: UNSETTABLE[n] for n in ("cl_o", "ca_total", "mg_total")}
        | {"k_i": "its K reversal is an effective value; set e_k_rest."}
    ),
)  # fmt: skip
