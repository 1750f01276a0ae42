"""Potassium and hyperpolarisation-activated channels: rates in 1/ms, v in mV."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, sigmoid
from neurosim.physics.ions import ghk_current


@equation
def squid_n(v):
    """Delayed rectifier of the squid axon (Hodgkin & Huxley 1952, eqs 12-13)."""
    return 0.1 * linexp((v + 55.0) / 10.0), 0.125 * exp(-(v + 65.0) / 80.0)


@equation
def slow_s(v):
    """Slow K gate of a mammalian axon, 36 degC (McIntyre et al. 2002)."""
    return 0.3 * sigmoid((v + 53.0) / 5.0), 0.03 * sigmoid(v + 90.0)


@equation
def fast_n(v):
    """Fast K gate of a human motor axon, 36 degC (Gaines et al. 2018)."""
    rise = 0.0462 * 1.1 * linexp((v + 83.2) / 1.1)
    return rise, 0.0824 * 10.5 * linexp(-(v + 66.0) / 10.5)


@equation
def motor_q(v):
    """HCN gate of a human motor axon, 36 degC (Gaines et al. 2018)."""
    x = (v + 107.3) / 12.2
    return 0.00522 * exp(-x), 0.00522 * exp(x)


@equation
def sensory_q(v):
    """HCN gate of a human sensory axon, 36 degC (Gaines et al. 2018)."""
    x = (v + 94.2) / 12.2
    return 0.00522 * exp(-x), 0.00522 * exp(x)


@equation
def frog_n(v):
    """Delayed K activation at a frog node, 20 degC (Frankenhaeuser & Huxley 1964)."""
    rise = 0.02 * 10.0 * linexp((v + 35.0) / 10.0)
    return rise, 0.05 * 10.0 * linexp(-(v + 60.0) / 10.0)


@equation
def human_n(v):
    """Fast K activation at a human node, 20 degC (Schwarz et al. 1995; rest -84)."""
    rise = 0.00798 * 1.1 * linexp((v + 93.2) / 1.1)
    return rise, 0.0142 * 10.5 * linexp(-(v + 76.0) / 10.5)


@equation
def human_s(v):
    """Slow K activation at a human node, 20 degC (Schwarz et al. 1995)."""
    rise = 0.00122 * 23.6 * linexp((v + 12.5) / 23.6)
    return rise, 0.000739 * 21.8 * linexp(-(v + 80.1) / 21.8)


@equation
def potassium_flux(v, k_o, k_i, p_k, temperature):
    """Constant-field K current, all gates open [uA/cm2], and its slope [mS/cm2]."""
    current, slope = ghk_current(v, k_o, k_i, 1.0, p_k, temperature)
    return current, slope
