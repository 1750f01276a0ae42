"""Sodium channels: rates in 1/ms, v in mV."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, sigmoid
from neurosim.physics.ions import ghk_current


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


@equation
def sensory_m(v):
    """Fast activation of a human sensory axon, 20 degC (Gaines et al. 2018)."""
    rise = 1.77753 * 10.3 * linexp((v + 20.1795) / 10.3)
    return rise, 0.0823 * 9.16 * linexp(-(v + 25.4746) / 9.16)


@equation
def sensory_h(v):
    """Inactivation of a human sensory axon, 20 degC (Gaines et al. 2018)."""
    rise = 0.075286 * 8.391 * linexp(-(v + 112.7124) / 8.391)
    return rise, 2.8083 * sigmoid((v + 30.5435) / 10.2263)


@equation
def sensory_p(v):
    """Activation, persistent, of a human sensory axon, 20 degC (Gaines et al. 2018)."""
    rise = 0.00957 * 10.2 * linexp((v + 26.852) / 10.2)
    return rise, 0.0002401 * 10.0 * linexp(-(v + 33.8333) / 10.0)


@equation
def frog_m(v):
    """Activation at a frog node, 20 degC (Frankenhaeuser & Huxley 1964; rest -70)."""
    rise = 0.36 * 3.0 * linexp((v + 48.0) / 3.0)
    return rise, 0.4 * 20.0 * linexp(-(v + 57.0) / 20.0)


@equation
def frog_h(v):
    """Inactivation at a frog node, 20 degC (Frankenhaeuser & Huxley 1964)."""
    return 0.1 * 6.0 * linexp(-(v + 80.0) / 6.0), 4.5 * sigmoid((v + 25.0) / 10.0)


@equation
def frog_p(v):
    """Slow nonspecific activation at a frog node, 20 degC (the same paper)."""
    rise = 0.006 * 10.0 * linexp((v + 30.0) / 10.0)
    return rise, 0.09 * 20.0 * linexp(-(v + 95.0) / 20.0)


@equation
def human_m(v):
    """Activation at a human node, 20 degC (Schwarz et al. 1995; rest -84)."""
    rise = 1.86 * 10.3 * linexp((v + 18.4) / 10.3)
    return rise, 0.086 * 9.16 * linexp(-(v + 22.7) / 9.16)


@equation
def human_h(v):
    """Inactivation at a human node, 20 degC (Schwarz et al. 1995)."""
    rise = 0.0336 * 11.0 * linexp(-(v + 111.0) / 11.0)
    return rise, 2.3 * sigmoid((v + 28.8) / 13.4)


@equation
def sodium_flux(v, na_o, na_i, p_na, temperature):
    """Constant-field Na current, all gates open [uA/cm2], and its slope [mS/cm2]."""
    current, slope = ghk_current(v, na_o, na_i, 1.0, p_na, temperature)
    return current, slope


@equation
def nonspecific_flux(v, na_o, na_i, p_p, temperature):
    """Nonspecific current, taken as one of Na [uA/cm2], and its slope [mS/cm2]."""
    current, slope = ghk_current(v, na_o, na_i, 1.0, p_p, temperature)
    return current, slope
