"""A node of the clawed frog Xenopus at 20 degC, Frankenhaeuser & Huxley 1964.

Constant-field currents of Na and K, so their reversals are the Nernst potentials of the
concentrations; a slow nonspecific current, taken as one of Na; a leak with a potential
of its own. Absolute potentials, rest at -70 mV.

The gates were measured in frog Ringer, so the surface charge is reckoned from there: in
that bath the shift is zero. The charges themselves are those of this very node (Hille,
Woodhull & Shapiro 1975). Na and K of the Ringer are those of the paper. Its Ca is
assumed to be 2 mM, the reference of that surface charge work; pH 7.2 and no Mg are
assumed.

Permeabilities, concentrations and rates were read in two public codes that agree
(ModelDB 3507, PySONIC). They differ in the leak: 30.3 mS/cm2 and -69.74 mV in the one,
30.03 mS/cm2 and -69.974 mV in the other. Here it is 30.3 mS/cm2 and -69.974 mV, with
which the node rests at -70.0 mV, as it should; with -69.74 mV it rests at -69.77 mV.
"""

from types import MappingProxyType

from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Derived, Gate, Param, Patch
from neurosim.model import Model
from neurosim.models.axon_unit import NA_SHIFT, UNSETTABLE
from neurosim.models.squid_axon import E_K, E_NA, K_SHIFT
from neurosim.physics.ions import q10
from neurosim.physics.potassium import frog_n, potassium_flux
from neurosim.physics.sodium import (
    frog_h,
    frog_m,
    frog_p,
    nonspecific_flux,
    sodium_flux,
)
from neurosim.physics.surface_charge import BIND_CA, BIND_MG, shift_between
from neurosim.sources import FRANKENHAEUSER_HUXLEY_1964 as FH
from neurosim.sources import HILLE_WOODHULL_SHAPIRO_1975 as HWS

NA, K = 114.5, 2.5  # mM, the paper's Ringer
CA, MG, PH = 2.0, 0.0, 7.2  # mM, mM and pH of it, assumed


@equation
def gate_speed(temperature):
    """Factor on all rates, 3 per 10 degC from 20 degC (ModelDB 3507)."""
    return q10(3.0, temperature, 20.0)


@equation
def ringer_shift(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg):
    """Shift [mV] of the field that gates feel, against the node's own Ringer."""
    return shift_between(
        NA, K, CA, MG, PH, na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca, bind_mg
    )


SPEED = Derived("speed", gate_speed, "", "temperature factor of the gates")
GATE_SHIFT = Derived(
    "gate_shift", ringer_shift, "mV", "shift of the field, zero in frog Ringer"
)

SODIUM = Channel(
    name="na", ion="Na", source=FH, doc="transient sodium current",
    gates=(Gate("m", frog_m, 2, SPEED), Gate("h", frog_h, 1, SPEED)),
    params=(Param("p_na", 8e-6, "cm/ms", "Na permeability (8e-3 cm/s)", FH, low=0.0),),
    current=sodium_flux, shift=NA_SHIFT,
)  # fmt: skip
NONSPECIFIC = Channel(
    name="p", ion="Na", source=FH, doc="slow nonspecific current",
    gates=(Gate("p", frog_p, 2, SPEED),),
    params=(Param("p_p", 0.54e-6, "cm/ms", "nonspecific permeability (0.54e-3 cm/s)",
                  FH, low=0.0),),
    current=nonspecific_flux, shift=NA_SHIFT,
)  # fmt: skip
POTASSIUM = Channel(
    name="k", ion="K", source=FH, doc="delayed potassium current",
    gates=(Gate("n", frog_n, 2, SPEED),),
    params=(Param("p_k", 1.2e-6, "cm/ms", "K permeability (1.2e-3 cm/s)", FH,
                  low=0.0),),
    current=potassium_flux, shift=K_SHIFT,
)  # fmt: skip
LEAK = Channel(
    name="l", source=FH, doc="leak",
    conductance=Param("g_l", 30.3, "mS/cm2", "leak conductance", FH, low=0.0),
    reversal=Param("e_l", -69.974, "mV", "leak reversal (rest at -70.0)", FH,
                   low=-120.0, high=0.0),
)  # fmt: skip

FROG_NODE = Model(
    name="frog_node",
    title="frog node of Ranvier (Frankenhaeuser & Huxley 1964)",
    source=FH,
    doc=__doc__ or "",
    compartments=(
        Compartment(name="node", channels=(SODIUM, NONSPECIFIC, POTASSIUM, LEAK)),
    ),
    geometry=Patch(
        capacitance=Param("c_m", 2.0, "uF/cm2", "capacitance", FH, low=1e-3)
    ),
    params=(
        Param("na_o", NA, "mM", "Na outside (frog Ringer)", FH,
              low=1e-3, high=500.0, bath=True),
        Param("k_o", K, "mM", "K outside (frog Ringer)", FH,
              low=1e-3, high=200.0, bath=True),
        Param("ca_o", CA, "mM", "ionised Ca outside (frog Ringer, assumed)", HWS,
              low=0.0, high=30.0, bath=True),
        Param("mg_o", MG, "mM", "ionised Mg outside (none in Ringer, assumed)", HWS,
              low=0.0, high=30.0, bath=True),
        Param("ph_o", PH, "", "pH outside", "assumed",
              low=5.0, high=10.0, bath=True),
        Param("na_i", 13.74, "mM", "Na inside", FH, low=1e-3, high=500.0),
        Param("k_i", 120.0, "mM", "K inside", FH, low=1e-3, high=500.0),
        Param("temperature", 20.0, "degC", "temperature", FH, low=0.0, high=40.0),
        BIND_CA,
        BIND_MG,
        Param("shift", 0.0, "mV", "shift of all gates added by hand",
              "for experiments", low=-100.0, high=100.0, bath=True),
        Param("kappa", 0.5, "", "share of the shift that K gates feel (0.15-1)",
              "assumed; K channels carry less charge", low=0.0, high=2.0),
    ),
    derived=(E_NA, E_K, GATE_SHIFT),
    dt=0.004,
    start=-70.0,
    detect=0.0,
    validity="A space-clamped frog node near 20 degC; current in uA/cm2 of membrane.",
    failures=(
        "A step makes one spike (two near 580 uA/cm2), never a train. The leak has a "
        "potential of its own and little else flows at rest, so rest hardly follows K "
        "(0.13 mV from 2.5 to 20 mM, where a node depolarises by tens): use it for "
        "divalents, not for K. Ca, pH and the lack of Mg of its Ringer are assumed. "
        "No conduction, no channel noise; concentrations do not move."
    ),
    unsettable=MappingProxyType(
        {n: UNSETTABLE[n] for n in ("cl_o", "ca_total", "mg_total")}
    ),
)  # fmt: skip
