"""Potassium and hyperpolarisation-activated channels: rates in 1/ms, v in mV."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, linexp, sigmoid


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
