"""Potassium channels of mammalian muscle: rates in 1/ms at 22 degC, v in mV.

Cannon laboratory 2024 (Muscle-Fiber-Simulation).
"""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, sigmoid
from neurosim.physics.ions import ghk_current


@equation
def fibre_n(v):
    """Activation of the delayed rectifier (Cannon 2024)."""
    return 0.0262 * 7.0 * linexp((v + 40.0) / 7.0), 0.134 * exp(-(v + 40.0) / 40.0)


@equation
def fibre_p(v):
    """Slow inactivation of the delayed rectifier, -40 mV, 7.5 mV, tau 315 ms."""
    steady = sigmoid(-(v + 40.0) / 7.5)
    return steady / 315.0, (1.0 - steady) / 315.0


@equation
def fibre_kq(v):
    """Activation of KCNQ, -30 mV, 10 mV (Cannon 2024; both rates fall with v)."""
    speed = 0.016 * exp(-v / 40.0) + 0.002 * exp(-v / 50.0)
    steady = sigmoid((v + 30.0) / 10.0)
    return steady * speed, (1.0 - steady) * speed


@equation
def delayed_rectifier(v, k_out, k_i, p_kdr, permeation, temperature_m):
    """Constant-field K current, all gates open [uA/cm2], and its slope [mS/cm2]."""
    current, slope = ghk_current(v, k_out, k_i, 1.0, p_kdr * permeation, temperature_m)
    return current, slope


@equation
def kcnq_current(v, k_out, k_i, p_kq, permeation, temperature_m):
    """Constant-field K current of open KCNQ channels [uA/cm2], and its slope."""
    current, slope = ghk_current(v, k_out, k_i, 1.0, p_kq * permeation, temperature_m)
    return current, slope


@equation
def inward_rectifier(v, k_out, k_i, e_k_m, p_kir, permeation, temperature_m):
    """Kir current [uA/cm2] and slope: open below E_K, 12 mV (Hagiwara 1974)."""
    current, slope = ghk_current(v, k_out, k_i, 1.0, p_kir * permeation, temperature_m)
    is_open = sigmoid(-(v - e_k_m) / 12.0)
    bend = is_open * (1.0 - is_open) / 12.0
    return is_open * current, is_open * slope - bend * current


@equation
def atp_potassium(v, k_out, k_i, p_katp, atp, permeation, temperature_m):
    """K_ATP current [uA/cm2] and slope: closed above 2 mM ATP (muscle.md 2.4)."""
    is_open = max(1.0 - atp / 2.0, 0.0)
    current, slope = ghk_current(
        v, k_out, k_i, 1.0, is_open * p_katp * permeation, temperature_m
    )
    return current, slope
