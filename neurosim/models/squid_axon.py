"""The squid giant axon under space clamp, Hodgkin & Huxley 1952.

Absolute potentials, rest at -65 mV, 6.3 degC. Reversal potentials follow Nernst: the
concentrations inside are chosen so that the published +50 and -77 mV come out. Calcium
acts through Huxley's logarithmic shift of all gates; magnesium was never in that law.
"""

from math import exp
from types import MappingProxyType

from neurosim.core.jit import equation, python_of
from neurosim.declare import Channel, Compartment, Derived, Gate, Param, Patch
from neurosim.model import Model
from neurosim.physics.ions import nernst, q10, thermal_voltage
from neurosim.physics.potassium import squid_n
from neurosim.physics.sodium import squid_h, squid_m
from neurosim.physics.surface_charge import huxley_shift
from neurosim.sources import HODGKIN_HUXLEY_1952, HUXLEY_1959

HH, RT_F = HODGKIN_HUXLEY_1952, python_of(thermal_voltage)(6.3)  # mV at 6.3 degC


@equation
def gate_speed(temperature):
    """Factor on all rates, 3 per 10 degC (Hodgkin & Huxley 1952)."""
    return q10(3.0, temperature, 6.3)


@equation
def sodium_potential(na_o, na_i, temperature):
    """Nernst potential of sodium [mV]."""
    return nernst(na_o, na_i, 1.0, temperature)


@equation
def potassium_potential(k_o, k_i, temperature):
    """Nernst potential of potassium [mV]."""
    return nernst(k_o, k_i, 1.0, temperature)


@equation
def sodium_gates(ca_o, ca_slope, ca_reference, shift):
    """Shift [mV] that sodium gates feel: calcium and what is added by hand."""
    return huxley_shift(ca_o, ca_slope, ca_reference) + shift


@equation
def potassium_gates(na_shift, kappa):
    """Shift [mV] that potassium gates feel."""
    return kappa * na_shift


SPEED = Derived("speed", gate_speed, "", "temperature factor of the gates")
E_NA = Derived("e_na", sodium_potential, "mV", "sodium reversal potential")
E_K = Derived("e_k", potassium_potential, "mV", "potassium reversal potential")
NA_SHIFT = Derived("na_shift", sodium_gates, "mV", "shift felt by Na gates")
K_SHIFT = Derived("k_shift", potassium_gates, "mV", "shift felt by K gates")

SODIUM = Channel(
    name="na", ion="Na", source=HH, doc="transient sodium channel",
    gates=(Gate("m", squid_m, 3, SPEED), Gate("h", squid_h, 1, SPEED)),
    conductance=Param("g_na", 120.0, "mS/cm2", "Na conductance", HH, low=0.0),
    reversal=E_NA, shift=NA_SHIFT,
    unitary=Param("gamma_na", 20.0, "pS", "one Na channel (assumed, 10-20)", low=0.1),
)  # fmt: skip

POTASSIUM = Channel(
    name="k", ion="K", source=HH, doc="delayed rectifier potassium channel",
    gates=(Gate("n", squid_n, 4, SPEED),),
    conductance=Param("g_k", 36.0, "mS/cm2", "K conductance", HH, low=0.0),
    reversal=E_K, shift=K_SHIFT,
    unitary=Param("gamma_k", 20.0, "pS", "one K channel (assumed, 10-20)", low=0.1),
)  # fmt: skip

LEAK = Channel(
    name="l", source=HH, doc="leak",
    conductance=Param("g_l", 0.3, "mS/cm2", "leak conductance", HH, low=0.0),
    reversal=Param("e_l", -54.387, "mV", "leak reversal (rest at -65.0)", HH),
)  # fmt: skip

SQUID_AXON = Model(
    name="squid_axon",
    title="squid giant axon, space clamp (Hodgkin & Huxley 1952)",
    source=HH,
    doc=__doc__ or "",
    compartments=(Compartment(name="axon", channels=(SODIUM, POTASSIUM, LEAK)),),
    geometry=Patch(
        capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance", HH, low=1e-3),
        area=Param(
            "area", 1000.0, "um2", "area counted for channel noise (assumed)", low=1e-3
        ),
    ),
    params=(
        Param("na_o", 440.0, "mM", "Na outside (sea water, rounded)", "convention",
              low=1e-6, high=2000.0, bath=True),
        Param("k_o", 20.0, "mM", "K outside (gives -77 mV)", "convention",
              low=1e-6, high=2000.0, bath=True),
        Param("ca_o", 44.0, "mM", "Ca outside", HUXLEY_1959,
              low=1e-3, high=1000.0, bath=True),
        Param("na_i", 440.0 * exp(-50.0 / RT_F), "mM", "Na inside (E_Na = +50 mV)", HH,
              low=1e-6, high=2000.0),
        Param("k_i", 20.0 * exp(77.0 / RT_F), "mM", "K inside (E_K = -77 mV)", HH,
              low=1e-6, high=2000.0),
        Param("temperature", 6.3, "degC", "temperature", HH, low=-5.0, high=45.0),
        Param("ca_slope", 9.32, "mV", "shift per e-fold fall of Ca (recalled)",
              HUXLEY_1959, low=0.0, high=50.0),
        Param("ca_reference", 44.0, "mM", "Ca without shift (recalled)",
              HUXLEY_1959, low=1e-3),
        Param("shift", 0.0, "mV", "shift of all gates added by hand",
              "for experiments", low=-100.0, high=100.0, bath=True),
        Param("kappa", 1.0, "", "share of the shift that K gates feel", HUXLEY_1959,
              low=0.0, high=2.0),
    ),
    dt=0.0125,
    start=-65.0,
    detect=0.0,
    validity="Space-clamped axon, -5 to 30 degC; current in uA/cm2 of membrane.",
    failures=(
        "No magnesium, pH or ionic strength: Huxley's law is one of calcium alone, and "
        "its constants are recalled, not read in the paper. Concentrations do not move."
    ),
    unsettable=MappingProxyType({
        "mg_o": "Huxley's 1959 law knows calcium only; use motor_axon for magnesium.",
        "ph_o": "Huxley's 1959 law knows calcium only; use motor_axon for pH.",
        "cl_o": "its leak has a fixed reversal potential, e_l.",
    }),
)  # fmt: skip
