"""Movers of the voltage for a single compartment."""

from neurosim.core.block import BEFORE, CURRENT, LANES, SLOPE, STIMULUS, V
from neurosim.core.jit import kernel

TOO_FAR = 2000.0  # mV: beyond any membrane; a run that gets there has diverged


@kernel
def patch(x, at, capacitance, dt, times, level):
    """Advance v of one compartment, implicit in the linearised current.

    ``times`` 2 is the trapezoidal rule over dt: the increment to the midpoint, where
    the gates already sit, doubled. ``times`` 1 is a backward-Euler step of dt/2.
    Returns how many lanes crossed ``level`` upward or left the possible range.
    """
    events = 0
    for i in range(LANES):
        j = at + i
        c = 2.0 * x[capacitance + i]
        old = x[V + j]
        new = old - times * dt * x[CURRENT + j] / (c + dt * x[SLOPE + j])
        x[BEFORE + j] = old
        x[V + j] = new
        crossed = (old < level) & (new >= level)
        lost = not (abs(new) < TOO_FAR)
        events += 1 if (crossed | lost) else 0
    return events


@kernel
def clamp(x, at, shared):
    """Set v to the command."""
    for i in range(LANES):
        x[BEFORE + at + i] = x[V + at + i]
        x[V + at + i] = x[STIMULUS + shared + i]
    return 0
