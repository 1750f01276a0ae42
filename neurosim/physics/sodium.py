"""Sodium channels: rates in 1/ms, v in mV."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, sigmoid


@equation
def squid_m(v):
    """Activation of the squid axon (Hodgkin & Huxley 1952, eqs 20-21; rest at -65)."""
    return linexp((v + 40.0) / 10.0), 4.0 * exp(-(v + 65.0) / 18.0)


@equation
def squid_h(v):
    """Inactivation of the squid axon (Hodgkin & Huxley 1952, eqs 23-24)."""
    return 0.07 * exp(-(v + 65.0) / 20.0), sigmoid((v + 35.0) / 10.0)


@equation
def mrg_m(v):
    """Fast activation at a mammalian node, 20 degC (McIntyre et al. 2002)."""
    rise = 1.86 * 10.3 * linexp((v + 21.4) / 10.3)
    return rise, 0.086 * 9.16 * linexp(-(v + 25.7) / 9.16)


@equation
def motor_m(v):
    """Fast activation of a human motor axon, 20 degC (Gaines et al. 2018)."""
    rise = 1.86 * 10.3 * linexp((v + 20.4) / 10.3)
    return rise, 0.086 * 9.16 * linexp(-(v + 25.7) / 9.16)


@equation
def mrg_h(v):
    """Inactivation at a mammalian node, 20 degC (McIntyre et al. 2002)."""
    rise = 0.062 * 11.0 * linexp(-(v + 114.0) / 11.0)
    return rise, 2.3 * sigmoid((v + 31.8) / 13.4)


@equation
def mrg_p(v):
    """Activation, persistent, at a mammalian node, 20 degC (McIntyre et al. 2002)."""
    rise = 0.01 * 10.2 * linexp((v + 27.0) / 10.2)
    return rise, 0.00025 * 10.0 * linexp(-(v + 34.0) / 10.0)
