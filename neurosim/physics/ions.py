"""Reversal potentials, constant-field currents and temperature factors."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.units import FARADAY, GAS, ZERO_CELSIUS


@equation
def thermal_voltage(temperature):
    """RT/F [mV] at a temperature in degC; 26.73 mV at 37 degC."""
    return GAS * (temperature + ZERO_CELSIUS) / FARADAY


@equation
def nernst(outside, inside, valence, temperature):
    """Equilibrium potential [mV] of an ion; concentrations in mM (Nernst 1889)."""
    return thermal_voltage(temperature) / valence * log(outside / inside)


@equation
def ghk_current(v, outside, inside, valence, permeability, temperature):
    """Constant-field current [uA/cm2] and its slope [mS/cm2] (Goldman 1943, HK 1949).

    v in mV, concentrations in mM, permeability in cm/ms. Written with ``rise`` =
    x/(1 - e^-x), near v = 0 as a series, and ``fall`` = x/(e^x - 1) = rise - x.
    """
    per_volt = valence / thermal_voltage(temperature)
    x = v * per_volt
    small = abs(x) < 1e-3
    share = 1.0 / (1.0 if small else 1.0 - exp(-x))
    rise = 1.0 + x * (0.5 + x / 12.0) if small else x * share
    d_rise = 0.5 + x / 6.0 if small else share * (1.0 + x - rise)
    scale = permeability * valence * FARADAY
    current = scale * (inside * rise - outside * (rise - x))
    return current, scale * per_volt * (inside * d_rise - outside * (d_rise - 1.0))


@equation
def ghk_potential(k_o, k_i, na_o, na_i, ratio, temperature):
    """Potential [mV] at which K and Na currents cancel; ratio = P_Na/P_K (GHK)."""
    outward, inward = k_o + ratio * na_o, k_i + ratio * na_i
    return thermal_voltage(temperature) * log(outward / inward)


@equation
def q10(factor, temperature, reference):
    """Speed relative to the reference temperature: factor^((T - T_ref)/10)."""
    return exp(log(factor) * (temperature - reference) / 10.0)
