"""An explicit step for states whose rates are all slow against it, lanes innermost.

The rates are evaluated with the potentials of the middle of the step. Short steps carry
the states there along the step before, one evaluation in all, stable while dt times the
fastest rate stays below 1. Long ones are Runge-Kutta-Chebyshev steps (Sommeijer,
Shampine & Verwer 1998, J Comput Appl Math 88:315) of as many evaluations as that rate
asks for: s of them are stable up to 0.65 (s^2 - 1). All are of second order and keep
linear invariants (mass, charge) to rounding.
"""

from neurosim.core.block import ROW, whole
from neurosim.core.jit import inlined, kernel, unbound

rates = unbound  # bound by the generated module, as in ``stiff``
ROWS = 4  # of scratch per state: rates, the states before, a stage and its rates
DAMPING = 2.0 / 13.0  # of fast modes (Sommeijer et al. 1998)
REACH = 0.6  # of s^2 - 1: how far s stages are trusted, below their 0.65


@inlined
def short_step(x, runs, at, n, work, dt):
    """Advance by a short step, from the rates of its middle."""
    rate, before, middle = work, work + n * ROW, work + 2 * n * ROW
    last = work + ROWS * n * ROW
    for i in range(whole(runs)):
        ahead = 0.5 * dt / x[last + i] if x[last + i] > 0.0 else 0.0
        for s in range(0, n * ROW, ROW):
            j = s + i
            x[middle + j] = x[at + j] + ahead * (x[at + j] - x[before + j])
    rates(x, runs, middle, rate)
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[before + j] = x[at + j]
            x[at + j] += dt * x[rate + j]


@kernel
def following(w0, now, before):
    """Return the Chebyshev polynomial after two others: value, slope, curvature."""
    return (
        2.0 * w0 * now[0] - before[0],
        2.0 * w0 * now[1] - before[1] + 2.0 * now[0],
        2.0 * w0 * now[2] - before[2] + 4.0 * now[1],
    )


@inlined
def long_step(x, runs, at, n, work, dt, stages):
    """Advance by a long step of ``stages`` evaluations, at least two.

    Names follow eq. 2.1 of Sommeijer et al. 1998; ``now`` and ``before`` are the last
    two Chebyshev polynomials at w0, as ``following`` gives them.
    """
    rate, older = work, work + n * ROW
    newer, slope = work + 2 * n * ROW, work + 3 * n * ROW
    w0 = 1.0 + DAMPING / (stages * stages)
    now, before = (w0, 1.0, 0.0), (1.0, 0.0, 0.0)
    for _ in range(2, stages + 1):
        now, before = following(w0, now, before), now
    w1 = now[1] / now[2]
    b = b_old = 0.25 / (w0 * w0)
    a = 1.0 - b * w0
    rates(x, runs, at, rate)
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[older + j] = x[at + j]
            x[newer + j] = x[at + j] + b * w1 * dt * x[rate + j]
    now, before = (w0, 1.0, 0.0), (1.0, 0.0, 0.0)
    for _ in range(2, stages + 1):
        now, before = following(w0, now, before), now
        b_older, b_old, b = b_old, b, now[2] / (now[1] * now[1])
        mu, nu = 2.0 * b * w0 / b_old, -b / b_older
        mu_rate = 2.0 * b * w1 / b_old * dt
        gamma_rate = -a * mu_rate
        a = 1.0 - b * now[0]
        rates(x, runs, newer, slope)
        for s in range(0, n * ROW, ROW):
            for j in range(s, s + whole(runs)):
                y = (
                    x[at + j]
                    + mu * (x[newer + j] - x[at + j])
                    + nu * (x[older + j] - x[at + j])
                    + mu_rate * x[slope + j]
                    + gamma_rate * x[rate + j]
                )
                x[older + j] = x[newer + j]
                x[newer + j] = y
    for s in range(0, n * ROW, ROW):
        for j in range(s, s + whole(runs)):
            x[older + j] = x[at + j]
            x[at + j] = x[newer + j]


@inlined
def explicit(x, runs, at, n, work, dt, short, fastest):
    """Advance the ``n`` states at row ``at`` by dt.

    short : the longest step of one evaluation. fastest : largest rate of a state.
    ``work``: ``ROWS`` n rows of scratch and one more, the length of the step before.
    """
    if dt == 0.0:
        return
    if dt > short:
        stages = 2
        while REACH * (stages * stages - 1) < fastest * dt:
            stages += 1
        long_step(x, runs, at, n, work, dt, stages)
    else:
        short_step(x, runs, at, n, work, dt)
    last = work + ROWS * n * ROW
    for i in range(whole(runs)):
        x[last + i] = dt


@kernel
def forget(x, runs, n, work):
    """Let the next step be one of Euler's: there is none before it."""
    last = work + ROWS * n * ROW
    for i in range(whole(runs)):
        x[last + i] = 0.0
