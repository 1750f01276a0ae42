"""Fluctuation of open fractions."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp


@equation
def jitter(w, variance, rate, dt, z):
    """Advance an Ornstein-Uhlenbeck process of given variance and rate by dt, exactly.

    w, variance : fraction and fraction squared; rate : 1/ms; z : standard normal.
    """
    kept = exp(-rate * dt)
    return w * kept + (variance * (1.0 - kept * kept)) ** 0.5 * z
