"""An implicit step for a small system of states, lanes innermost.

Two-stage Rosenbrock method ROS2 (Verwer, Spee, Blom & Hundsdorfer 1999, SIAM J Sci
Comput 20:1456): second order with any approximation of the Jacobian, so differences
are good enough; L-stable; linear invariants (mass, charge) are kept to rounding.
"""

from neurosim.core.block import ROW, whole
from neurosim.core.jit import inlined, unbound

rates = unbound  # see ``bind``

GAMMA = 0.2928932188134525  # 1 - 1/sqrt(2): the L-stable choice
NUDGE = 1.0e-4  # relative step of the differences: order 2 holds with any Jacobian,
LEAST = 1.0e-7  # and a long step keeps rounding out of what the rates conserve


@inlined
def factor(x, runs, jacobian, n, scale):
    """Replace J by the LU factors of I - scale J (no pivoting; diagonal inverted)."""
    for r in range(n):
        for c in range(n):
            at = jacobian + (r * n + c) * ROW
            unit = 1.0 if r == c else 0.0
            for i in range(whole(runs)):
                x[at + i] = unit - scale * x[at + i]
    for k in range(n):
        pivot = jacobian + (k * n + k) * ROW
        for i in range(whole(runs)):
            x[pivot + i] = 1.0 / x[pivot + i]
        for r in range(k + 1, n):
            lower = jacobian + (r * n + k) * ROW
            filled = 0.0  # in any lane: most of a large Jacobian is empty
            for i in range(whole(runs)):
                filled += abs(x[lower + i])
                x[lower + i] *= x[pivot + i]
            if filled == 0.0:
                continue
            for c in range(k + 1, n):
                upper = jacobian + (k * n + c) * ROW
                at = jacobian + (r * n + c) * ROW
                for i in range(whole(runs)):
                    x[at + i] -= x[lower + i] * x[upper + i]


@inlined
def solve(x, runs, jacobian, n, b):
    """Solve in place with the factors."""
    for r in range(n):
        for c in range(r):
            lower = jacobian + (r * n + c) * ROW
            for i in range(whole(runs)):
                x[b + r * ROW + i] -= x[lower + i] * x[b + c * ROW + i]
    for r in range(n - 1, -1, -1):
        for c in range(r + 1, n):
            upper = jacobian + (r * n + c) * ROW
            for i in range(whole(runs)):
                x[b + r * ROW + i] -= x[upper + i] * x[b + c * ROW + i]
        pivot = jacobian + (r * n + r) * ROW
        for i in range(whole(runs)):
            x[b + r * ROW + i] *= x[pivot + i]


@inlined
def linearise(x, runs, at, n, k1, y, scratch, jacobian):
    """Write the Jacobian column by column, by differences to the rates ``k1``."""
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[y + j] = x[at + j]
    for c in range(n):
        nudged = c * ROW
        for i in range(nudged, nudged + whole(runs)):
            x[y + i] = x[at + i] + NUDGE * abs(x[at + i]) + LEAST
        rates(x, runs, y, scratch)
        for r in range(n):
            for i in range(whole(runs)):
                step = x[y + nudged + i] - x[at + nudged + i]
                change = x[scratch + r * ROW + i] - x[k1 + r * ROW + i]
                x[jacobian + (r * n + c) * ROW + i] = change / step
        for i in range(nudged, nudged + whole(runs)):
            x[y + i] = x[at + i]


@inlined
def rosenbrock(x, runs, at, n, work, dt, every):
    """Advance the ``n`` states at row ``at`` by dt.

    ``rates(x, runs, at, to)``, bound by the generated module, writes rates of change
    from row ``to``; ``work`` is the first of n * n + 4 n + 1 rows of scratch. One
    Jacobian serves ``every`` steps of the same length.
    """
    k1, k2, y = work, work + n * ROW, work + 2 * n * ROW
    scratch, jacobian = work + 3 * n * ROW, work + 4 * n * ROW
    made_for = jacobian + n * n * ROW  # that step, and how often it has served
    served = made_for + 1
    rates(x, runs, at, k1)
    if x[made_for] != dt or x[served] >= every:
        linearise(x, runs, at, n, k1, y, scratch, jacobian)
        factor(x, runs, jacobian, n, GAMMA * dt)
        x[made_for], x[served] = dt, 0.0
    x[served] += 1.0
    solve(x, runs, jacobian, n, k1)
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[y + j] = x[at + j] + dt * x[k1 + j]
    rates(x, runs, y, k2)
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[k2 + j] -= 2.0 * x[k1 + j]
    solve(x, runs, jacobian, n, k2)
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[at + j] += dt * (x[k1 + j] + 0.5 * (x[k1 + j] + x[k2 + j]))
