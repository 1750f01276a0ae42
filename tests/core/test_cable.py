"""The mover of a double cable against the matrix exponential of the same network."""

import numpy as np
import pytest
from scipy.linalg import expm

from neurosim.core.block import CABLE_HEAD, CURRENT, LANES, PHI, ROW, SLOPE, V
from neurosim.core.cable import (
    AREA,
    AXIAL,
    COVERED,
    MEMBRANE,
    MYELIN_C,
    MYELIN_G,
    PERIAXONAL,
    cable,
    cable_rates,
    follow,
)
from neurosim.core.jit import kernel
from neurosim.models.axon_unit import unit_geometry

STRIDE = CABLE_HEAD * ROW
NEVER = 1e9  # mV: a level that is not crossed
E = -70.0  # mV: reversal of every membrane here
# A node, three pieces under myelin with time constants of 0.05 to 10 ms, and a bare end
MILD = np.array([
    (1.0, 2.0, 0.9, 0.05, 0.0, 0.0, 0.0),
    (2.0, 3.0, 0.5, 0.03, 0.01, 0.4, 1.0),
    (4.0, 8.0, 0.4, 0.02, 0.02, 0.2, 1.0),
    (4.0, 8.0, 0.3, 0.02, 0.02, 0.3, 1.0),
    (1.0, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0),
])  # fmt: skip
UNIT = np.array(unit_geometry().table)  # of an axon: eigenvalues to -2e7 /ms
BARE = MILD * [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]  # an ordinary cable


@kernel
def step(x, table, g, dt, times, moves):
    """Report currents and move, ``moves`` times; return the events."""
    events = 0
    for _ in range(moves):
        for k in range(1, table.shape[0]):
            at = k * STRIDE
            for i in range(LANES):
                x[CURRENT + at + i] = g[k] * (x[V + at + i] - E)
                x[SLOPE + at + i] = g[k]
        n = table.shape[0] - 1
        events += cable(x, LANES, STRIDE, n, table, dt, times, NEVER, STRIDE, n)
    return events


@kernel
def march(x, table, g, dt, steps):
    """Start as after an edge, with two backward-Euler halves; go on trapezoidal."""
    step(x, table, g, dt, 1.0, 2)
    for _ in range(steps - 1):
        step(x, table, g, dt, 2.0, 1)


@kernel
def held(x, table, g, dt, steps):
    """March on; all currents follow v and the pivots stay as they are."""
    for _ in range(steps):
        for k in range(1, table.shape[0]):
            follow(x, LANES, k * STRIDE)
        n = table.shape[0] - 1
        cable(x, LANES, STRIDE, n, table, dt, 2.0, NEVER, STRIDE, 0)


@kernel
def rates_of(x, table, g):
    d = np.zeros_like(x)
    for k in range(1, table.shape[0]):
        at = k * STRIDE
        for i in range(LANES):
            x[CURRENT + at + i] = g[k] * (x[V + at + i] - E)
    cable_rates(x, LANES, d, STRIDE, table.shape[0] - 1, table)
    return d


def with_end(table):
    """Put the sealed end before the first piece, as the generated module does."""
    return np.vstack([np.zeros(table.shape[1]), table])


def conductances(table, seed=5):
    g = np.random.default_rng(seed).uniform(0.05, 0.5, table.shape[0] + 1)
    return g * with_end(table)[:, MEMBRANE] / np.maximum(with_end(table)[:, AREA], 1e-9)


def block(v, phi):
    """Return a buffer with the potentials of each piece, the same in all lanes."""
    x = np.zeros((len(v) + 2) * STRIDE)
    records = x.reshape(len(v) + 2, CABLE_HEAD, ROW)[1:-1, :, :LANES]
    records[:, V // ROW] = np.reshape(v, (len(v), -1))
    records[:, PHI // ROW] = np.reshape(phi, (len(phi), -1))
    return x


def potentials(x, lane=0):
    records = x.reshape(-1, CABLE_HEAD, ROW)[1:-1]
    return np.array([records[:, V // ROW, lane], records[:, PHI // ROW, lane]])


def start(table, seed=7):
    """Draw potentials of the size of those in an axon."""
    random = np.random.default_rng(seed)
    v = random.uniform(-90.0, -40.0, len(table))
    return v, table[:, COVERED] * random.uniform(-20.0, 20.0, len(table))


def network(table, g):
    """Return the matrix and the drive of y' = A y + b, y = (phi_i, covered phi_o).

    Kirchhoff's law at every point, written down without looking at the mover.
    """
    n, covered = len(table), np.flatnonzero(table[:, COVERED])
    place = {int(k): n + j for j, k in enumerate(covered)}
    capacity = np.zeros((n + covered.size,) * 2)
    flow, drive = np.zeros_like(capacity), np.zeros(n + covered.size)

    def join(matrix, p, q, value):
        """Connect two points, or a point and ground."""
        for a, b in ((p, q), (q, p)):
            if a is not None:
                matrix[a, a] += value
                if b is not None:
                    matrix[a, b] -= value

    for k, row in enumerate(table):
        outside = place.get(k)
        join(capacity, k, outside, row[MEMBRANE])
        join(flow, k, outside, row[AREA] * g[k + 1])
        drive[k] += row[AREA] * g[k + 1] * E
        if outside is not None:
            drive[outside] -= row[AREA] * g[k + 1] * E
            join(capacity, outside, None, row[MYELIN_C])
            join(flow, outside, None, row[MYELIN_G])
        if k + 1 < n:
            join(flow, k, k + 1, row[AXIAL])
            ends = place.get(k), place.get(k + 1)
            if ends != (None, None):
                join(flow, *ends, row[PERIAXONAL])
    return -np.linalg.solve(capacity, flow), np.linalg.solve(capacity, drive)


def exact(table, g, v, phi, time):
    """Return v and phi of the network after some time."""
    a, b = network(table, g)
    n, covered = len(table), np.flatnonzero(table[:, COVERED])
    wide = np.zeros((b.size + 1,) * 2)
    wide[:-1, :-1], wide[:-1, -1] = a, b
    y = (expm(wide * time) @ np.concatenate([v + phi, phi[covered], [1.0]]))[:-1]
    outer = np.zeros(n)
    outer[covered] = y[n:]
    return np.array([y[:n] - outer, outer])


@pytest.mark.parametrize("table", [MILD, BARE], ids=["double cable", "ordinary cable"])
def test_a_passive_cable_follows_its_matrix_exponential_at_second_order(table):
    g, (v, phi) = conductances(table), start(table)
    found = exact(table, g, v, phi, 3.0)
    errors = []
    for steps in (75, 150, 300, 600):
        x = block(v, phi)
        march(x, with_end(table), g, 3.0 / steps, steps)
        errors.append(np.abs(potentials(x) - found).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.abs(orders - 2.0).max() < 0.1, errors
    assert errors[-1] < 2e-3


@pytest.mark.parametrize("table", [MILD, BARE], ids=["double cable", "ordinary cable"])
def test_currents_that_follow_v_and_kept_pivots_change_nothing_where_both_are_linear(
    table,
):
    g, (v, phi) = conductances(table), start(table)
    x = block(v, phi)
    step(x, with_end(table), g, 0.01, 2.0, 3)
    plain = x.copy()
    step(plain, with_end(table), g, 0.01, 2.0, 200)
    held(x, with_end(table), g, 0.01, 200)
    np.testing.assert_allclose(potentials(x), potentials(plain), rtol=1e-12, atol=1e-9)
    assert np.abs(potentials(x)[0] - v).max() > 1.0  # and it moved


def test_the_stiff_unit_of_an_axon_follows_it_too():
    g, (v, phi) = conductances(UNIT), start(UNIT)
    x = block(v, phi)
    for _ in range(2000):  # all steps damped: the start is far off balance
        step(x, with_end(UNIT), g, 5e-4, 1.0, 2)
    np.testing.assert_allclose(potentials(x), exact(UNIT, g, v, phi, 1.0), atol=0.02)


def test_halves_damp_the_stiff_mode_that_the_trapezoidal_rule_lets_ring():
    g, (v, phi) = conductances(UNIT), start(UNIT)
    later = exact(UNIT, g, v, phi, 0.005)
    damped, ringing = block(v, phi), block(v, phi)
    step(damped, with_end(UNIT), g, 0.005, 1.0, 2)
    step(ringing, with_end(UNIT), g, 0.005, 2.0, 1)
    scale = np.abs(later - [v, phi]).max()
    assert np.abs(potentials(ringing) - later).max() > 0.5 * scale
    assert np.abs(potentials(damped) - later).max() < 0.05 * scale


@pytest.mark.parametrize("times", [1.0, 2.0])
@pytest.mark.parametrize("table", [MILD, BARE, UNIT], ids=["mild", "bare", "unit"])
def test_sealed_ends_keep_the_charge_of_the_axoplasm(table, times):
    silent, (v, phi) = np.zeros(len(table) + 1), start(table)
    x = block(v, phi)
    for _ in range(400):
        step(x, with_end(table), silent, 0.005, times, 2)
    inside = table[:, MEMBRANE] @ v
    assert table[:, MEMBRANE] @ potentials(x)[0] == pytest.approx(inside, rel=1e-12)
    assert np.abs(potentials(x)[0] - v).max() > 1.0  # and yet it moved


def test_a_grounded_outer_layer_stays_at_zero():
    g, (v, _) = conductances(BARE), start(BARE)
    x = block(v, np.zeros(len(v)))
    march(x, with_end(BARE), g, 0.01, 100)
    assert (potentials(x)[1] == 0.0).all()


@pytest.mark.parametrize("table", [MILD, UNIT], ids=["mild", "unit"])
def test_the_derivative_is_that_of_the_network(table):
    g, (v, phi) = conductances(table), start(table)
    d = potentials(rates_of(block(v, phi), with_end(table), g))
    a, b = network(table, g)
    covered = np.flatnonzero(table[:, COVERED])
    rates = a @ np.concatenate([v + phi, phi[covered]]) + b
    outer = np.zeros(len(v))
    outer[covered] = rates[len(v) :]
    expected = np.array([rates[: len(v)] - outer, outer])
    np.testing.assert_allclose(
        d, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max()
    )


def test_the_mover_becomes_the_derivative_as_the_step_shrinks():
    g, (v, phi) = conductances(MILD), start(MILD)
    d = potentials(rates_of(block(v, phi), with_end(MILD), g))
    errors = []
    for dt in (1e-4, 1e-5):
        x = block(v, phi)
        step(x, with_end(MILD), g, dt, 2.0, 1)
        moved = (potentials(x) - [v, phi]) / dt
        errors.append(np.abs(moved - d).max() / np.abs(d).max())
    assert errors[0] < 1e-2
    assert errors[1] == pytest.approx(errors[0] / 10.0, rel=0.1)


def test_lanes_do_not_mix():
    random = np.random.default_rng(9)
    v = random.uniform(-90.0, -40.0, (len(MILD), LANES))
    phi = MILD[:, [COVERED]] * random.uniform(-20.0, 20.0, v.shape)
    g = conductances(MILD)
    together = block(v, phi)
    march(together, with_end(MILD), g, 0.01, 20)
    for lane in (0, 31, LANES - 1):
        alone = block(v[:, lane], phi[:, lane])
        march(alone, with_end(MILD), g, 0.01, 20)
        assert (potentials(alone, lane) == potentials(together, lane)).all()
