"""Rates of gates written as quotients: the same numbers as their functions."""

import numpy as np
import pytest

from neurosim import kernel_source
from neurosim.core.jit import python_of
from neurosim.core.maths import CLIP, LOG2_E, cube_root_of_sigmoid, two_to
from neurosim.declare import arguments
from neurosim.lower.gates import shift_of
from neurosim.lower.quotient import LARGEST, Exponentials, bases_of, rates_of, shared
from neurosim.models import SQUID_AXON, TITLES, find
from neurosim.physics.potassium import motor_q, slow_s, squid_n
from neurosim.physics.sodium import mrg_m, squid_h, squid_m

PARAMETERS = {"persistent": 0.013}  # of rates that have more arguments than v


def groups():
    """Return the gates of every model that feel one potential, each group once."""
    found = {}
    for model in map(find, TITLES):
        for c in model.compartments:
            for shift in dict.fromkeys(shift_of(h) for h in c.channels):
                channels = [h for h in c.channels if shift_of(h) == shift]
                gates = tuple(g.rates for h in channels for g in h.gates)
                if gates:
                    found.setdefault(gates, f"{model.name} {c.name} {shift}")
    return found


def value(node, u, exp=np.exp):
    """Evaluate a node at potentials u."""
    kind, *parts = node
    if kind == "number":
        return parts[0]
    if kind == "name":
        return PARAMETERS[parts[0]]
    if kind == "line":
        return parts[0] * u + parts[1]
    if kind == "exp":
        return exp(parts[0] * u + parts[1])
    if kind == "power":
        return value(parts[0], u, exp) ** parts[1]
    if kind == "root":
        return np.vectorize(cube_root_of_sigmoid)(value(parts[0], u, exp))
    if kind in ("top", "under"):
        x, e = (value(n, u, exp) for n in parts[0][1:])
        small = np.abs(x) < 1e-3
        series = 1.0 + x / 2.0 + x * x / 12.0
        if kind == "top":
            return np.where(small, series, x)
        return np.where(small, 1.0, 1.0 - e)
    left, right = (value(n, u, exp) for n in parts)
    return left * right if kind == "*" else left + right


GROUPS = groups()


@pytest.mark.parametrize("gates", GROUPS, ids=GROUPS.values())
def test_quotients_are_the_rates_they_stand_for(gates):
    u = np.concatenate([
        np.linspace(-CLIP, CLIP, 2001), np.linspace(-120.0, 60.0, 2001),
        [-40.0, -40.0 + 1e-9, -55.0, -55.0 - 1e-12],
    ])  # fmt: skip
    for function, found in zip(gates, shared(list(gates)), strict=True):
        if found is None:
            continue
        more = [PARAMETERS[a] for a in arguments(function)[1:]]
        exact = np.array([function(x, *more) for x in u]).T
        under = value(found.under, u)
        for part, rate in zip((found.rise, found.fall), exact, strict=True):
            ratio = value(part, u) / under
            assert np.isfinite(ratio).all()
            np.testing.assert_allclose(ratio, rate, rtol=1e-9, atol=1e-11)
            assert np.log(np.abs(value(part, u)).max() + 1e-300) <= found.size + 1e-9
        assert np.log(np.abs(under).max()) <= found.size + 1e-9


def test_the_powers_of_two_of_a_kernel_suffice_next_to_a_removable_singularity():
    away = np.geomspace(0.01, 5.0, 200)  # mV; closer, both sides are summed
    kernel = np.vectorize(lambda x: two_to(LOG2_E * x))
    for gate, v in ((squid_m, -40.0), (squid_n, -55.0)):
        (found,) = shared([gate])
        for u in (v - away, v + away):
            rise = value(found.rise, u, kernel) / value(found.under, u, kernel)
            exact = np.array([gate(x)[0] for x in u])
            np.testing.assert_allclose(rise, exact, rtol=1e-6)


def test_commensurate_slopes_share_one_exponential():
    assert bases_of([-0.1, -0.05, -1.0 / 18.0]) == {
        -0.05: (-0.05, 1), -1.0 / 18.0: (-1.0 / 18.0, 1), -0.1: (-0.05, 2),
    }  # fmt: skip
    assert bases_of([0.1, -0.1])[0.1][1] * bases_of([0.1, -0.1])[-0.1][1] == -1
    text = kernel_source(SQUID_AXON)
    assert text.count("two_to(") == 3  # of six exponentials in the six rates
    assert text.count(" / ") == 0
    assert text.count("three_quotients(") == 1


def test_a_gate_with_e_x_and_e_minus_x_needs_one_exponential():
    (found,) = shared([motor_q])
    nodes = str(found).count("'exp'")
    assert nodes >= 1
    assert len(set(slopes(found.rise) + slopes(found.fall) + slopes(found.under))) == 1


def slopes(node):
    """Return the slopes of the exponentials in a node."""
    if node[0] == "exp":
        return [node[1]]
    return [s for part in node[1:] if isinstance(part, tuple) for s in slopes(part)]


def test_what_decides_by_its_value_is_called_as_it_is():
    def jump(v):
        return (1.0, 2.0) if v > 0.0 else (2.0, 1.0)

    def closed_over(v):
        return factor * v, 1.0

    factor = 2.0
    free = Exponentials([], {})
    assert rates_of(jump, free) is None
    assert rates_of(closed_over, free) is None
    assert rates_of(squid_m, free) is not None


def test_a_cube_root_is_a_factor_of_a_quotient():
    text = kernel_source(find("muscle_fibre"))
    assert "m_root = cube_root_of_sigmoid(0.2325581395348837 * u" in text
    assert "relaxed(\n            m, m_root * m_sum, (1.0 - m_root) * m_sum" in text
    assert "fibre_m(u)" not in text


def test_what_could_overflow_is_called_as_it_is():
    free = Exponentials([], {})
    steep = {"squid": squid_h, "slow": slow_s, "mrg": mrg_m, "n": squid_n}
    for function in steep.values():
        assert rates_of(function, free).size < LARGEST

    scope = {"exp": python_of(squid_h).__globals__["exp"]}
    exec("def steepest(v):\n    return exp(-3.0 * v), 1.0", scope)
    assert rates_of(scope["steepest"], free) is None
