"""An explicit step for states whose rates are all slow against it, lanes innermost.

The rates are evaluated at the middle of the step, where v stands already. Short steps
carry the states there along the step before, one evaluation in all; long ones by half a
step of Euler's. Both are of second order and keep linear invariants (mass, charge) to
rounding. Stable while dt times the fastest rate stays below 1, of long steps below 2.
"""

from neurosim.core.block import LANES
from neurosim.core.jit import kernel, unbound

rates = unbound  # bound by the generated module, as in ``stiff``
ROWS = 3  # of scratch per state: rates, the states before, those of the middle


@kernel
def midpoint(x, at, n, work, dt, short):
    """Advance the ``n`` states at row ``at`` by dt; ``short``: the longest short step.

    ``work``: ``ROWS`` n rows of scratch and one more, the length of the step before.
    """
    if dt == 0.0:
        return
    rate, before, middle = work, work + n * LANES, work + 2 * n * LANES
    last = work + ROWS * n * LANES
    if dt > short:
        rates(x, at, rate)
        for r in range(n * LANES):
            x[middle + r] = x[at + r] + 0.5 * dt * x[rate + r]
    else:
        for i in range(LANES):
            ahead = 0.5 * dt / x[last + i] if x[last + i] > 0.0 else 0.0
            for s in range(0, n * LANES, LANES):
                j = s + i
                x[middle + j] = x[at + j] + ahead * (x[at + j] - x[before + j])
    rates(x, middle, rate)
    for i in range(LANES):
        x[last + i] = dt
    for r in range(n * LANES):
        x[before + r] = x[at + r]
        x[at + r] += dt * x[rate + r]


@kernel
def forget(x, n, work):
    """Let the next step be one of Euler's: there is none before it."""
    last = work + ROWS * n * LANES
    for i in range(LANES):
        x[last + i] = 0.0
