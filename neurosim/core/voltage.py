"""Movers of the voltage for a single compartment."""

from neurosim.core.block import BEFORE, CURRENT, NOISE, SLOPE, STIMULUS, V, whole
from neurosim.core.jit import inlined, kernel

TOO_FAR = 2000.0  # mV: beyond any membrane; a run that gets there has diverged


@inlined
def patch(x, runs, at, shared, capacitance, dt, times, level):
    """Advance v of one compartment, implicit in the linearised current.

    ``times`` 2 is the trapezoidal rule over dt: the increment to the midpoint, where
    the gates already sit, doubled. ``times`` 1 is a backward-Euler step of dt/2.
    Returns the number of ``events``.
    """
    half = 0.5 * dt
    for i in range(whole(runs)):
        j, s = at + i, shared + i
        current = x[CURRENT + j] - (x[STIMULUS + s] + x[NOISE + s])
        x[BEFORE + j] = x[V + j]
        x[V + j] -= times * half * current / (x[capacitance + i] + half * x[SLOPE + j])
    return events(x, runs, at, level)


@inlined
def events(x, runs, at, level):
    """Return how many lanes crossed ``level`` upward or left the possible range."""
    count = 0
    for i in range(whole(runs)):
        old, new = x[BEFORE + at + i], x[V + at + i]
        crossed = (old < level) & (new >= level)
        lost = not (abs(new) < TOO_FAR)
        count += 1 if (crossed | lost) else 0
    return count


@kernel
def clamp(x, runs, at, shared):
    """Set v to the command."""
    for i in range(whole(runs)):
        x[BEFORE + at + i] = x[V + at + i]
        x[V + at + i] = x[STIMULUS + shared + i]
    return 0
