"""An explicit step for states whose rates are all slow against it, lanes innermost.

Heun's method: second order, two evaluations; linear invariants (mass, charge) are kept
to rounding. Stable while dt times the fastest rate stays below 2.
"""

from neurosim.core.block import LANES
from neurosim.core.jit import kernel, unbound

rates = unbound  # bound by the generated module, as in ``stiff``


@kernel
def heun(x, at, n, work, dt):
    """Advance the ``n`` states at row ``at`` by dt; ``work``: 3 n rows of scratch."""
    k1, k2, y = work, work + n * LANES, work + 2 * n * LANES
    rates(x, at, k1)
    for r in range(n * LANES):
        x[y + r] = x[at + r] + dt * x[k1 + r]
    rates(x, y, k2)
    for r in range(n * LANES):
        x[at + r] += 0.5 * dt * (x[k1 + r] + x[k2 + r])
