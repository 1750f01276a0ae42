"""The implicit step for pools: order, damping, invariants, lanes that do not mix."""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from neurosim.core.block import LANES
from neurosim.core.jit import bind, kernel
from neurosim.core.stiff import rosenbrock

N = 3
AT, WORK = 0, N * LANES
SIZE = (N + N * (N + 4)) * LANES
FAST, SLOW = 1e4, 0.3  # 1/ms
# a <-> b fast, b -> c and c -> a slowly: columns sum to zero, so a + b + c stays
MATRIX = np.array(
    [[-FAST, 0.5 * FAST, SLOW], [FAST, -0.5 * FAST - SLOW, 0.0], [0.0, SLOW, -SLOW]]
)
GENTLE = np.array([[-1.0, 0.5, 0.3], [1.0, -0.8, 0.0], [0.0, 0.3, -0.3]])


@kernel
def stiff_rates(x, at, to):
    for i in range(LANES):
        a, b, c = x[at + i], x[at + LANES + i], x[at + 2 * LANES + i]
        x[to + i] = FAST * (0.5 * b - a) + SLOW * c
        x[to + LANES + i] = FAST * (a - 0.5 * b) - SLOW * b
        x[to + 2 * LANES + i] = SLOW * (b - c)


@kernel
def gentle_rates(x, at, to):
    for i in range(LANES):
        a, b, c = x[at + i], x[at + LANES + i], x[at + 2 * LANES + i]
        x[to + i] = 0.5 * b - a + 0.3 * c
        x[to + LANES + i] = a - 0.8 * b
        x[to + 2 * LANES + i] = 0.3 * (b - c)


@kernel
def curved_rates(x, at, to):
    """Predator, prey and the dead: nothing about it is linear."""
    for i in range(LANES):
        a, b = x[at + i], x[at + LANES + i]
        x[to + i] = a - a * b
        x[to + LANES + i] = a * b - 0.5 * b
        x[to + 2 * LANES + i] = 0.5 * b


def stepper(rates):
    step = bind(rosenbrock, rates=rates)

    @kernel
    def march(x, dt, steps):
        for _ in range(steps):
            step(x, AT, N, WORK, dt)

    return march


stiff, gentle, curved = map(stepper, (stiff_rates, gentle_rates, curved_rates))


def block(begin):
    x = np.zeros(SIZE)
    x[: N * LANES].reshape(N, LANES)[:] = np.reshape(begin, (N, -1))
    return x


def states(x):
    return x[: N * LANES].reshape(N, LANES)


def observed_order(march, begin, exact, all_steps):
    errors = []
    for steps in all_steps:
        x = block(begin)
        march(x, 2.0 / steps, steps)
        errors.append(np.abs(states(x)[:, 0] - exact).max())
    return np.log2(np.array(errors[:-1]) / errors[1:]), errors


def test_second_order_on_a_linear_system():
    begin = np.array([1.0, 0.2, 0.0])
    exact = expm(2.0 * GENTLE) @ begin
    orders, errors = observed_order(gentle, begin, exact, (10, 20, 40, 80))
    assert np.abs(orders - 2.0).max() < 0.1
    assert errors[-1] < 1e-4


def test_second_order_where_the_jacobian_is_a_difference():
    begin = np.array([1.5, 0.4, 0.0])

    def rates(_, y):
        return [y[0] - y[0] * y[1], y[0] * y[1] - 0.5 * y[1], 0.5 * y[1]]

    exact = solve_ivp(rates, (0.0, 2.0), begin, rtol=1e-11, atol=1e-12).y[:, -1]
    orders, errors = observed_order(curved, begin, exact, (20, 40, 80, 160))
    assert np.abs(orders - 2.0).max() < 0.1
    assert errors[-1] < 1e-3


def test_a_fast_mode_is_gone_after_one_long_step():
    x = block([1.0, 0.0, 0.0])  # far from a = b/2
    stiff(x, 1.0, 1)  # 15,000 times its time constant
    a, b, _ = states(x)[:, 0]
    assert abs(a - 0.5 * b) < 1e-3
    exact = expm(MATRIX) @ [1.0, 0.0, 0.0]
    assert np.abs(states(x)[:, 0] - exact).max() < 0.05
    stiff(x, 1.0, 200)
    shares = states(x)[:, 0] / states(x)[:, 0].sum()
    np.testing.assert_allclose(shares, expm(201.0 * MATRIX)[:, 0], atol=1e-9)


def test_what_the_rates_conserve_is_conserved_to_rounding():
    begin = np.random.default_rng(2).uniform(0.1, 3.0, (N, LANES))
    x = block(begin)
    gentle(x, 0.5, 1000)
    np.testing.assert_allclose(states(x).sum(0), begin.sum(0), rtol=1e-12)
    balanced = begin.copy()
    balanced[0] = 0.5 * balanced[1]  # the fast mode is at rest
    x = block(balanced)
    stiff(x, 0.05, 1000)
    np.testing.assert_allclose(states(x).sum(0), balanced.sum(0), rtol=1e-12)


def test_little_is_lost_in_a_transient_far_faster_than_the_step():
    """The difference Jacobian has rounding errors of its own: 1e-16 over its step."""
    begin = np.random.default_rng(2).uniform(0.1, 3.0, (N, LANES))
    x = block(begin)
    stiff(x, 0.05, 100)  # 750 time constants of the fast mode to a step
    np.testing.assert_allclose(states(x).sum(0), begin.sum(0), rtol=1e-8)


def test_lanes_do_not_mix():
    begin = np.random.default_rng(3).uniform(0.1, 3.0, (N, LANES))
    together = block(begin)
    curved(together, 0.01, 50)
    for lane in (0, 17, LANES - 1):
        alone = block(begin[:, [lane]])
        curved(alone, 0.01, 50)
        assert (states(alone)[:, lane] == states(together)[:, lane]).all()
    broken = begin.copy()
    broken[0, 5] = np.nan
    x = block(broken)
    curved(x, 0.01, 50)
    kept = np.arange(LANES) != 5
    assert (states(x)[:, kept] == states(together)[:, kept]).all()

