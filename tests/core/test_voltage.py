"""The movers of a single compartment: exact answers, order, damping, events."""

import numpy as np
import pytest

from neurosim.core.block import (
    BEFORE,
    CURRENT,
    LANES,
    PATCH_HEAD,
    ROW,
    SLOPE,
    STIMULUS,
    V,
)
from neurosim.core.jit import kernel
from neurosim.core.voltage import TOO_FAR, clamp, patch

CAPACITANCE = PATCH_HEAD * ROW
SHARED = (PATCH_HEAD + 1) * ROW
ROWS = PATCH_HEAD + 7
C, G, E = 2.0, 0.3, -60.0  # uF/cm2, mS/cm2, mV
NEVER = 1e9  # mV: a level that is not crossed


@kernel
def decay(x, g, e, dt, steps, times, moves):
    """March a leaky patch; ``moves`` of the mover to a step."""
    for _ in range(steps):
        for _ in range(moves):
            for i in range(LANES):
                x[CURRENT + i] = g * (x[V + i] - e)
                x[SLOPE + i] = g
            patch(x, LANES, 0, SHARED, CAPACITANCE, dt, times, NEVER)


@kernel
def move_once(x, dt, times, level):
    return patch(x, LANES, 0, SHARED, CAPACITANCE, dt, times, level)


@kernel
def clamp_once(x):
    return clamp(x, LANES, 0, SHARED)


def block(v):
    x = np.zeros(ROWS * ROW)
    x[V : V + LANES] = v
    x[CAPACITANCE : CAPACITANCE + LANES] = C
    return x


def voltage(x):
    return x[V : V + LANES]


@pytest.mark.parametrize("method", ["trapezoidal", "two halves of backward Euler"])
def test_rc_decay_is_exact_in_the_limit_with_the_order_of_the_method(method):
    times, moves, order = (2.0, 1, 2.0) if method == "trapezoidal" else (1.0, 2, 1.0)
    begin = np.linspace(-120.0, 40.0, LANES)
    exact = E + (begin - E) * np.exp(-G / C * 5.0)
    errors = []
    for steps in (50, 100, 200, 400, 800):
        x = block(begin)
        decay(x, G, E, 5.0 / steps, steps, times, moves)
        errors.append(np.abs(voltage(x) - exact).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders[-1] == pytest.approx(order, abs=0.02)
    assert errors[-1] < (1e-4 if order == 2.0 else 0.1)


def test_one_step_is_the_formula_of_the_trapezoidal_rule():
    x, dt = block(10.0), 0.1
    decay(x, G, E, dt, 1, 2.0, 1)
    half = 0.5 * dt * G / C
    expected = E + (10.0 - E) * (1.0 - half) / (1.0 + half)
    np.testing.assert_allclose(voltage(x), expected, rtol=1e-14)
    assert (x[BEFORE : BEFORE + LANES] == 10.0).all()


def test_backward_euler_halves_damp_what_the_trapezoidal_rule_lets_ring():
    stiff = 1e5  # mS/cm2: time constant 20 ns under a step of 0.01 ms
    ringing, damped = block(0.0), block(0.0)
    decay(ringing, stiff, E, 0.01, 1, 2.0, 1)
    decay(damped, stiff, E, 0.01, 1, 1.0, 2)
    assert (np.abs(voltage(ringing) - E) > 0.9 * abs(E)).all()
    assert (np.abs(voltage(damped) - E) < 1e-4 * abs(E)).all()


def test_a_patch_without_conductance_integrates_the_charge_exactly():
    x = block(-65.0)
    x[CURRENT : CURRENT + LANES] = -3.0  # uA/cm2 inward
    for _ in range(100):
        move_once(x, 0.07, 2.0, NEVER)
    np.testing.assert_allclose(voltage(x), -65.0 + 3.0 * 7.0 / C, rtol=1e-13)


def test_upward_crossings_and_lost_runs_are_counted():
    x, level = block(-1.0), 0.0
    current = np.zeros(LANES)
    current[0] = -1e3  # upward through the level
    current[1] = 1e3  # away from it
    current[2] = np.nan
    current[3] = 1e7  # out of range
    x[CURRENT : CURRENT + LANES] = current
    assert move_once(x, 0.01, 2.0, level) == 3
    v = voltage(x)
    assert v[0] >= level
    assert v[1] < -1.0
    assert np.isnan(v[2])
    assert v[3] < -TOO_FAR
    assert (v[4:] == -1.0).all()  # and nobody else notices
    x[CURRENT : CURRENT + LANES] = 1e3  # back down: no spike, but two are still lost
    assert move_once(x, 0.01, 2.0, level) == 2


def test_a_run_that_reaches_the_level_exactly_is_counted_once():
    x = block(-1.0)
    x[CURRENT : CURRENT + LANES] = -100.0 * C
    assert move_once(x, 0.01, 2.0, 0.0) == LANES
    assert (voltage(x) == 0.0).all()
    assert move_once(x, 0.01, 2.0, 0.0) == 0


def test_a_clamp_sets_the_command_and_remembers_what_was():
    x = block(-65.0)
    command = np.linspace(-100.0, 50.0, LANES)
    x[SHARED + STIMULUS : SHARED + STIMULUS + LANES] = command
    assert clamp_once(x) == 0
    assert (voltage(x) == command).all()
    assert (x[BEFORE : BEFORE + LANES] == -65.0).all()
