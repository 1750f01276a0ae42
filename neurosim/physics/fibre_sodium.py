"""Sodium channel of mammalian muscle (NaV1.4): rates in 1/ms at 22 degC, v in mV.

Form and slopes of the Cannon laboratory 2024 (Muscle-Fiber-Simulation): fitted steady
states with the time constants of Hodgkin-Huxley rates, as in ``rise = steady / tau``.
Activation and fast inactivation stand 6 and 9.5 mV above the values given there (-41
and -80 mV), between those and human channels in cells (-28 and -72 mV, O'Leary 1998);
slow inactivation is that of fibres in place (-86 mV, Ruff 1987), 27 mV below channels
in cells. Decision 0011.
"""

from neurosim.core.jit import equation
from neurosim.core.maths import cube_root_of_sigmoid, exp, linexp, sigmoid
from neurosim.physics.ions import ghk_current


@equation
def fibre_m(v):
    """Activation: m^3 at rest is a Boltzmann curve, -35 mV, 4.3 mV."""
    opening = 0.2875 * 10.0 * linexp((v + 40.0) / 10.0)
    speed = opening + 1.375 * exp(-(v + 40.0) / 18.0)
    steady = cube_root_of_sigmoid((v + 35.0) / 4.3)
    return steady * speed, (1.0 - steady) * speed


@equation
def fibre_h(v, persistent):
    """Share of channels not fast inactivated, -70.5 mV (-70 Ruff 1987), 5.37 mV.

    The share ``persistent`` never inactivates: h (1 - f) + f as one gate. Recovery
    takes 4.0 ms at -100 mV and 22 degC (4.7, O'Leary 1998).
    """
    recovery = 0.508 * sigmoid(-(v + 100.5) / 9.97)
    speed = recovery + 3.272 * sigmoid((v + 26.2) / 9.09)
    steady = persistent + (1.0 - persistent) * sigmoid(-(v + 70.5) / 5.37)
    return steady * speed, (1.0 - steady) * speed


@equation
def fibre_s(v):
    """Slow inactivation, -86 mV (Ruff 1987), 8 mV, down to 0.115 (Hayward 1997)."""
    recovery = 4.04e-6 * exp(-v / 21.1)
    speed = recovery + 7.36e-4 * sigmoid((v + 16.6) / 21.2)
    steady = 0.115 + 0.885 * sigmoid(-(v + 86.0) / 8.0)
    return steady * speed, (1.0 - steady) * speed


@equation
def fibre_sodium(v, na_out, na_i, p_na, permeation, temperature_m):
    """Constant-field Na current, all gates open [uA/cm2], and its slope [mS/cm2]."""
    current, slope = ghk_current(v, na_out, na_i, 1.0, p_na * permeation, temperature_m)
    return current, slope
