"""Known stiff problems on the implicit step of a model's own states.

The step is always the declared one, never shortened unseen, and far above the fastest
time constant. SciPy has its own copy of the equations. What such a step cannot do is
tested too: it does not resolve what happens within it, so layers and jumps need a short
step of their own, with a ``Pace`` where nothing fast happens.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neurosim import simulate
from neurosim.core.jit import equation
from neurosim.declare import Param, State
from neurosim.model import Model
from neurosim.protocol import Kicks, Pace

MICRO = 1e6  # the second substance is counted in millionths: see robertson()
SELDOM = 1e9  # between samples: only those at the edges of the protocol are kept


def radau(rates, begin, times, **tolerances):
    """Return the states (n, times) by SciPy."""
    asked = {"rtol": 1e-10, "atol": 1e-14, **tolerances}
    found = solve_ivp(rates, (0.0, times[-1]), begin, "Radau", t_eval=times, **asked)
    assert found.success
    return found.y


# 1. Robertson's autocatalysis: rates of 1e-2 to 1e8 /s
@equation
def first_rate(first, second, third, k1, k2, k3):
    return -k1 * first + k3 * (1e-6 * second) * third


@equation
def second_rate(first, second, third, k1, k2, k3):
    b = 1e-6 * second
    return 1e6 * (k1 * first - k3 * b * third - k2 * b * b)


@equation
def third_rate(second, k2):
    b = 1e-6 * second
    return k2 * b * b


def robertson():
    """The Jacobian's differences are at least 1e-7, so ``second`` must not be small."""
    return Model(
        name="robertson",
        title="autocatalysis (Robertson 1966)",
        source="made for this test",
        doc="Three substances.",
        states=(
            State("first", 1.0, "", "share of the first", first_rate),
            State("second", 0.0, "", "of the second, in millionths", second_rate),
            State("third", 0.0, "", "share of the third", third_rate),
        ),
        params=(
            Param("k1", 0.04, "1/s", "slow decay"),
            Param("k2", 3e7, "1/s", "fast reaction of second with itself"),
            Param("k3", 1e4, "1/s", "catalysed way back"),
        ),
        dt=5e-4,
        time_unit="s",
    )


def robertson_rates(t, y):
    a, b, c = y
    back, on = 1e4 * b * c, 3e7 * b * b
    return [-0.04 * a + back, 0.04 * a - back - on, on]


DECADES = (0.01, 0.1, 1.0, 10.0, 1e2, 1e3, 1e4, 1e5)  # s


def through_decades(per_decade):
    """Return shares (3, decades) with so many steps in each after the first layer."""
    paces = [Pace((b - a) / per_decade, a, b) for a, b in pairwise(DECADES)]
    names = ["first", "second", "third"]
    run = simulate(
        robertson(), paces, duration=DECADES[-1], record=names, record_every=SELDOM
    )
    np.testing.assert_allclose(run.time, (0.0, *DECADES), rtol=1e-12)
    return np.stack([run.first, run.second / MICRO, run.third])[:, 1:], paces


@pytest.fixture(scope="module")
def shares():
    exact = radau(robertson_rates, [1.0, 0.0, 0.0], np.array(DECADES), atol=1e-16)
    return {n: through_decades(n) for n in (50, 100, 200)}, exact


def test_robertson_follows_scipy_over_seven_decades_of_time(shares):
    runs, exact = shares
    found, paces = runs[100]
    fastest = 6e7 * exact[1, 1:] + 1e4 * exact[2, 1:]  # 1/s, of ``second``
    dt = np.array([p.dt for p in paces])
    assert (dt * fastest)[1:].min() > 10.0
    assert (dt * fastest).max() > 1e6
    np.testing.assert_allclose(found, exact, rtol=3e-4)


def test_robertson_converges_at_second_order(shares):
    runs, exact = shares
    late = DECADES.index(1e2)
    worst = [np.abs(y / exact - 1.0)[:, late:].max(0) for y, _ in runs.values()]
    orders = np.log2(np.array(worst[:-1]) / worst[1:])
    assert (orders > 1.9).all(), orders


def test_robertson_keeps_its_sum(shares):
    for found, _ in shares[0].values():
        assert np.abs(found.sum(0) - 1.0).max() < 1e-12


def test_a_step_too_long_for_the_first_layer_diverges_and_says_so():
    model = robertson()  # ``second`` rises within 5e-4 s and may not overshoot
    asked = {"duration": 1.0, "record": ["second"], "record_every": 0.1}
    run = simulate(model, dt=8 * model.dt, **asked)
    assert int(run.status) == 1
    assert "diverged" in run.attrs["divergence"]
    assert np.isnan(run.second).all()


# 2. Van der Pol, in units of its slow time (Hairer & Wanner); eps = 1 / mu2
@equation
def x_rate(slope_x):
    return slope_x


@equation
def slope_rate(x_pol, slope_x, eps):
    return ((1.0 - x_pol * x_pol) * slope_x - x_pol) / eps


def van_der_pol():
    return Model(
        name="van_der_pol",
        title="relaxation oscillator (van der Pol 1926)",
        source="made for this test",
        doc="Slow branches of x > 1 and x < -1, and jumps between them.",
        states=(
            State("x_pol", 2.0, "", "the variable", x_rate),
            State("slope_x", -0.66, "", "its rate of change", slope_rate),
        ),
        params=(Param("eps", 1e-4, "", "1 / mu squared", low=0.0),),
        dt=1e-5,
    )


def pol(protocol, duration, model=None, **more):
    asked = {"record": ["x_pol"], "record_every": SELDOM, **more}
    return simulate(model or van_der_pol(), protocol, duration=duration, **asked)


def exact_pol(eps, times):
    def rates(t, y):
        return [y[1], ((1.0 - y[0] ** 2) * y[1] - y[0]) / eps]

    return radau(rates, [2.0, -0.66], np.array(times), atol=1e-10)[0]


@pytest.mark.parametrize("eps", [1e-4, 1e-6])  # mu of 100 and 1000
def test_van_der_pols_slow_branch_at_steps_of_many_time_constants(eps):
    steps = (0.01, 0.005, 0.0025)
    model = van_der_pol().at(eps=eps)
    assert 3.0 * min(steps) / eps > 10.0  # (x2 - 1) / eps, the fastest rate at x = 2
    exact = exact_pol(eps, [0.5])[0]
    found = [float(pol(Pace(dt), 0.5, model).x_pol[-1]) for dt in steps]
    errors = np.abs(np.array(found) / exact - 1.0)
    assert errors[0] < 1e-5
    assert (np.log2(errors[:-1] / errors[1:]) > 1.9).all(), errors


SLOW = (Pace(0.001, 0.0, 0.78), Pace(0.001, 0.84, 1.58), Pace(0.001, 1.66))
BETWEEN = (0.78, 0.84, 1.58, 1.66, 1.9)  # the jumps are at 0.81 and 1.63


def test_van_der_pol_for_a_period_with_short_steps_at_its_jumps():
    eps = 1e-4
    assert 3.0 * SLOW[0].dt / eps > 10.0
    run = pol(SLOW, 1.9)
    np.testing.assert_allclose(run.time, (0.0, *BETWEEN), rtol=1e-9)
    exact = exact_pol(eps, BETWEEN)
    assert (np.sign(exact) == (1, -1, -1, 1, 1)).all()
    np.testing.assert_allclose(run.x_pol[1:], exact, rtol=1.5e-3)


def test_a_step_that_leaps_over_a_jump_lands_elsewhere():
    """There is no error control: the run ends well, but x leaves its range of +-2."""
    run = pol(Pace(0.001), 1.0)
    assert abs(float(run.x_pol[-1]) - exact_pol(1e-4, [1.0])[0]) > 1.0


# 3. Calcium from a store, a fast buffer and a saturable pump
@equation
def store_rate(store, release):
    """mM/ms: what leaves the store."""
    return -release * store


@equation
def calcium_rate(ca, bound, store, release, k_on, k_d, buffer, pump, k_pump):
    """mM/ms: release, binding, unbinding and pump."""
    binding = k_on * (ca * (buffer - bound) - k_d * bound)
    return release * store - binding - pump * ca / (ca + k_pump)


@equation
def bound_rate(ca, bound, k_on, k_d, buffer):
    """mM/ms of calcium on the buffer."""
    return k_on * (ca * (buffer - bound) - k_d * bound)


@equation
def pumped_rate(ca, pump, k_pump):
    """mM/ms of calcium that was pumped out."""
    return pump * ca / (ca + k_pump)


BOUND = 0.2 * 1e-4 / 1.1e-3  # mM on the buffer at 1e-4 mM free calcium
START = 1e-4 + BOUND  # mM in all


def compartment():
    return Model(
        name="calcium_compartment",
        title="calcium store, buffer and pump",
        source="made for this test",
        doc="Binding at 20 to 200 /ms beside release and a pump of some 0.1 /ms.",
        states=(
            State("store", 0.0, "mM", "calcium in an open store", store_rate),
            State("ca", 1e-4, "mM", "free calcium", calcium_rate),
            State("bound", BOUND, "mM", "calcium on the buffer", bound_rate),
            State("pumped", 0.0, "mM", "calcium pumped out", pumped_rate),
        ),
        params=(
            Param("release", 0.2, "1/ms", "emptying of the store", low=0.0),
            Param("k_on", 1000.0, "1/(mM ms)", "association", low=0.0),
            Param("k_d", 1e-3, "mM", "dissociation constant", low=0.0),
            Param("buffer", 0.2, "mM", "buffer", low=0.0),
            Param("pump", 5e-3, "mM/ms", "most it can pump", low=0.0),
            Param("k_pump", 5e-4, "mM", "half saturation of the pump", low=0.0),
        ),
        dt=0.25,
    )


ADDED, WHEN = 0.05, (5.0, 20.0)  # mM, ms
RATES = np.array([100.0, 1000.0])  # 1/(mM ms), association
POOLS = ("store", "ca", "bound", "pumped")


def calcium(model=None, protocol=(), into="store", **more):
    asked = {"duration": 60.0, "record": list(POOLS), "record_every": 5.0, **more}
    kicks = Kicks(into, np.array(WHEN), ADDED)
    model = model or compartment().at(k_on=RATES)
    return simulate(model, [kicks, *protocol], **asked)


@pytest.fixture(scope="module")
def released():
    runs = {dt: calcium(dt=dt) for dt in (0.5, 0.25, 0.125, 0.0625)}
    return runs, calcium(solver="reference")


def largest(run, exact, name):
    """Return the largest relative error of each run from 5 ms on."""
    return np.abs(run[name] / exact[name] - 1.0)[:, 1:].max("time").values


def test_buffered_calcium_follows_scipy_at_steps_of_many_time_constants(released):
    runs, exact = released
    fastest = RATES * 0.2  # 1/ms, k_on times the free buffer
    assert (0.5 * fastest >= 10.0).all()
    assert (0.25 * fastest)[1] >= 50.0
    for name in ("ca", "bound"):
        assert (largest(runs[0.25], exact, name) < (1e-2, 2e-3)).all()
        assert (largest(runs[0.0625], exact, name) < (1e-3, 5e-4)).all()
    assert float(exact.ca.max() / exact.ca.min()) > 2.0  # something happens


def test_its_order_falls_where_binding_is_faster_than_a_step_can_follow(released):
    """Second order up to 10 time constants a step, little above first from 12 on."""
    runs, exact = released
    errors = np.array([largest(run, exact, "bound") for run in runs.values()])
    orders = np.log2(errors[:-1] / errors[1:])  # (halvings of 0.5 ms, k_on)
    assert (orders[:, 0] > 1.85).all(), orders
    assert (orders[:, 1] > 1.1).all(), orders


def test_all_calcium_is_somewhere(released):
    for run in released[0].values():
        total = sum(run[name] for name in POOLS).values
        added = ADDED * np.searchsorted(WHEN, run.time.values, side="right")
        assert np.abs(total / (START + added) - 1.0).max() < 1e-12


def test_an_explicit_step_diverges_there():
    model = replace(compartment(), stiff=False).at(k_on=RATES)
    run = calcium(model)
    assert (run.status == 1).all()
    assert run.ca.isnull().all()


def test_calcium_that_appears_at_once_needs_short_steps_until_it_is_bound():
    """A long step then overshoots below zero, which nothing reports."""
    model, once = compartment().at(k_on=RATES), {"into": "ca"}
    exact = calcium(model, solver="reference", **once)
    slow = [Pace(0.5, 0.0, 5.0), Pace(0.5, 6.0, 20.0), Pace(0.5, 21.0)]
    assert 0.5 * RATES[0] * 0.2 >= 10.0
    short = calcium(replace(model, dt=0.005), slow, **once)
    for name in ("ca", "bound"):
        assert (largest(short, exact, name) < 2e-3).all()
    long = calcium(model, dt=0.5, **once)
    assert ((long.status == 1) | (long.ca.min("time") < 0.0)).all()
