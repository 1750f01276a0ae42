"""The implicit step for pools: order, damping, invariants, lanes that do not mix."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from neurosim.core.block import LANES, ROW
from neurosim.core.jit import bind, kernel
from neurosim.core.stiff import rosenbrock

N = 3
AT, WORK = 0, N * ROW
SPEED = (N + N * (N + 4) + 1) * ROW  # row of a parameter: how fast a and b exchange
SIZE = SPEED + ROW
FAST, GENTLE, SLOW = 1e4, 1.0, 0.3  # 1/ms


@kernel
def linear_rates(x, runs, at, to):
    """Exchange a and b, and pass on b to c, c to a: their sum stays."""
    for i in range(LANES):
        a, b, c = x[at + i], x[at + ROW + i], x[at + 2 * ROW + i]
        fast = x[SPEED + i]
        x[to + i] = fast * (0.5 * b - a) + SLOW * c
        x[to + ROW + i] = fast * (a - 0.5 * b) - SLOW * b
        x[to + 2 * ROW + i] = SLOW * (b - c)


@kernel
def curved_rates(x, runs, at, to):
    """Prey, predators and dead predators: nothing about it is linear."""
    for i in range(LANES):
        a, b = x[at + i], x[at + ROW + i]
        x[to + i] = a - a * b
        x[to + ROW + i] = a * b - 0.5 * b
        x[to + 2 * ROW + i] = 0.5 * b


def stepper(rates, every=1):
    step = bind(rosenbrock, rates=rates)

    @kernel
    def march(x, dt, steps):
        for _ in range(steps):
            step(x, LANES, AT, N, WORK, dt, every)

    return march


linear, curved = stepper(linear_rates), stepper(curved_rates)
seldom = stepper(curved_rates, 4)


def matrix(speed):
    return np.array([
        [-speed, 0.5 * speed, SLOW],
        [speed, -0.5 * speed - SLOW, 0.0],
        [0.0, SLOW, -SLOW],
    ])  # fmt: skip


def block(begin, speed=GENTLE):
    x = np.zeros(SIZE)
    x[: N * ROW].reshape(N, ROW)[:, :LANES] = np.reshape(begin, (N, -1))
    x[SPEED:] = speed
    return x


def states(x):
    return x[: N * ROW].reshape(N, ROW)[:, :LANES]


def many(seed):
    return np.random.default_rng(seed).uniform(0.1, 3.0, (N, LANES))


def observed_orders(march, begin, exact):
    errors = []
    for steps in (20, 40, 80, 160):
        x = block(begin)
        march(x, 2.0 / steps, steps)
        errors.append(np.abs(states(x)[:, 0] - exact).max())
    assert errors[-1] < 1e-3
    return np.log2(np.array(errors[:-1]) / errors[1:])


def test_second_order_on_a_linear_system():
    begin = np.array([1.0, 0.2, 0.0])
    exact = expm(2.0 * matrix(GENTLE)) @ begin
    assert np.abs(observed_orders(linear, begin, exact) - 2.0).max() < 0.1


@pytest.mark.parametrize(("march", "most"), [(curved, 2.1), (seldom, 2.4)])
def test_second_order_where_the_jacobian_is_a_difference(march, most):
    begin = np.array([1.5, 0.4, 0.0])

    def rates(_, y):
        return [y[0] - y[0] * y[1], y[0] * y[1] - 0.5 * y[1], 0.5 * y[1]]

    exact = solve_ivp(rates, (0.0, 2.0), begin, rtol=1e-11, atol=1e-12).y[:, -1]
    orders = observed_orders(march, begin, exact)  # above 2: long steps are worse still
    assert orders.min() > 1.9
    assert orders.max() < most


def test_a_jacobian_serves_so_many_steps_and_steps_of_its_length_only():
    x = block([1.5, 0.4, 0.0])
    entries = slice(WORK + 4 * N * ROW, WORK + (N * N + 4 * N) * ROW)
    seen = []
    for dt in (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05):
        seldom(x, dt, 1)
        seen.append(x[entries].copy())
    anew = [not (a == b).all() for a, b in pairwise(seen)]
    assert anew == [False, False, False, True, False, True, False]


def test_a_fast_mode_is_gone_after_one_long_step():
    x = block([1.0, 0.0, 0.0], FAST)  # far from a = b/2
    linear(x, 1.0, 1)  # 15,000 times its time constant
    a, b, _ = states(x)[:, 0]
    assert abs(a - 0.5 * b) < 1e-3
    exact = expm(matrix(FAST)) @ [1.0, 0.0, 0.0]
    assert np.abs(states(x)[:, 0] - exact).max() < 0.05
    linear(x, 1.0, 200)
    shares = states(x)[:, 0] / states(x)[:, 0].sum()
    np.testing.assert_allclose(shares, expm(201.0 * matrix(FAST))[:, 0], atol=1e-9)


def test_what_the_rates_conserve_is_conserved_to_rounding():
    begin = many(2)
    x = block(begin)
    linear(x, 0.5, 1000)
    np.testing.assert_allclose(states(x).sum(0), begin.sum(0), rtol=1e-12)


def test_little_is_lost_in_a_transient_far_faster_than_the_step():
    begin = many(3)
    x = block(begin, FAST)
    linear(x, 0.05, 1000)  # 750 time constants of the fast mode to a step
    np.testing.assert_allclose(states(x).sum(0), begin.sum(0), rtol=1e-8)


def test_lanes_do_not_mix():
    begin = many(4)
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
