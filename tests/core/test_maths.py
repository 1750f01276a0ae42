"""The elementary functions: accuracy, limits, the same with and without compiling."""

import json
import math

import numpy as np
import pytest

from neurosim.core.jit import kernel
from neurosim.core.maths import (
    CLIP,
    HIGHEST,
    LOWEST,
    SERIES,
    clipped,
    cube_root_of_sigmoid,
    exp,
    four_quotients,
    linexp,
    linexp_parts,
    ln,
    ln_ratio,
    log,
    relaxed,
    sigmoid,
    three_quotients,
    two_quotients,
    two_to,
)

HALF_A_MILLION = 500_000
NAN, INF = float("nan"), float("inf")


@kernel
def fill_exp(x, out):
    for i in range(x.size):
        out[i] = exp(x[i])


@kernel
def fill_linexp(x, out):
    for i in range(x.size):
        out[i] = linexp(x[i])


@kernel
def fill_sigmoid(x, out):
    for i in range(x.size):
        out[i] = sigmoid(x[i])


@kernel
def fill_root(x, out):
    for i in range(x.size):
        out[i] = cube_root_of_sigmoid(x[i])


def over(fill, x):
    out = np.empty_like(x)
    fill(x, out)
    return out


def numbers(low, high, count=HALF_A_MILLION, seed=1):
    return np.random.default_rng(seed).uniform(low, high, count)


def test_exp_is_right_to_what_it_says():
    x = np.concatenate([
        numbers(-700.0, 700.0), numbers(-1.0, 1.0), np.arange(-700.0, 701.0),
        math.log(2.0) * (np.arange(-1000, 1001) + 0.5),  # where the rounding turns
    ])  # fmt: skip
    error = over(fill_exp, x) / np.exp(x) - 1.0
    assert np.abs(error).max() < 7e-14
    assert exp(0.0) == 1.0


def test_exp_is_clamped_to_normal_numbers():
    smallest, largest = exp(LOWEST), exp(HIGHEST)
    assert smallest >= np.finfo(float).tiny
    assert np.isfinite(largest)
    for x in (-709.0, -1e3, -1e300, -INF):
        assert exp(x) == smallest
    for x in (709.5, 1e3, 1e300, INF):
        assert exp(x) == largest


def test_linexp_is_right_on_both_sides_of_the_window():
    inside = np.concatenate([numbers(-SERIES, SERIES), 10.0 ** np.arange(-300.0, -3.0)])
    exact = inside / -np.expm1(-inside)
    assert np.abs(over(fill_linexp, inside) / exact - 1.0).max() < 3e-15
    outside = np.concatenate([numbers(-30.0, 30.0), numbers(SERIES, 2e-3)])
    outside = outside[np.abs(outside) >= SERIES]
    exact = outside / -np.expm1(-outside)
    # 1 - e^-x cancels: two roundings of 1 in x
    bound = 4.0 * np.finfo(float).eps * (1.0 + 1.0 / np.abs(outside))
    bound += 2e-13  # of exp, near 0.03
    assert (np.abs(over(fill_linexp, outside) / exact - 1.0) < bound).all()


def test_linexp_has_no_gap_at_zero_nor_at_the_edge_of_the_window():
    assert linexp(0.0) == 1.0
    assert linexp(-0.0) == 1.0
    for x in (5e-324, 1e-300, 1e-17, 1e-9):
        assert linexp(x) == pytest.approx(1.0 + 0.5 * x, abs=1e-15)
        assert linexp(-x) == pytest.approx(1.0 - 0.5 * x, abs=1e-15)
    for edge in (SERIES, -SERIES):
        within, beyond = np.nextafter(edge, 0.0), np.nextafter(edge, 2.0 * edge)
        assert linexp(within) == pytest.approx(linexp(beyond), rel=1e-12)


def test_linexp_is_positive_and_finite_far_out():
    x = np.concatenate([numbers(-2000.0, 2000.0), [-1e6, 1e6]])
    found = over(fill_linexp, x)
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()
    np.testing.assert_allclose(found[x > 50.0], x[x > 50.0], rtol=1e-15)


def test_sigmoid_is_a_share():
    x = numbers(-800.0, 800.0)
    found = over(fill_sigmoid, x)
    assert ((found >= 0.0) & (found <= 1.0)).all()
    near = np.abs(x) < 30.0
    np.testing.assert_allclose(found[near], 1.0 / (1.0 + np.exp(-x[near])), rtol=3e-14)


def test_the_cube_root_of_a_sigmoid():
    x = np.concatenate([numbers(-30.0, 30.0), numbers(-1990.0, 1990.0), [0.0]])
    exact = np.exp(-np.logaddexp(0.0, -x) / 3.0)
    np.testing.assert_allclose(over(fill_root, x), exact, rtol=2e-10)
    assert cube_root_of_sigmoid(2.0) == pytest.approx(0.9586, abs=1e-4)


def test_log_is_the_natural_one():
    for x in (1e-9, 0.5, 1.0, math.e, 1e12):
        assert log(x) == pytest.approx(math.log(x), rel=1e-15, abs=1e-16)


def test_the_vectorised_logarithm_is_the_natural_one():
    for x in (1e-300, 1e-9, 0.5, 0.7072, 1.0, math.sqrt(2.0), math.e, 1e12, 1e300):
        assert ln(x) == pytest.approx(math.log(x), rel=1e-13, abs=1e-16)


def test_the_logarithm_of_a_ratio():
    rng = np.random.default_rng(1)
    a, b = np.exp(rng.uniform(-30.0, 30.0, (2, 20_000)))
    found = np.array([ln_ratio(x, y) for x, y in zip(a, b, strict=True)])
    np.testing.assert_allclose(found, np.log(a) - np.log(b), rtol=1e-13, atol=1e-13)
    near = np.array([ln_ratio(x, x * (1.0 + 1e-9)) for x in a[:1000]])
    np.testing.assert_allclose(near, -1e-9, atol=2e-13)
    assert ln_ratio(3.7, 3.7) == 0.0


def test_powers_of_two():
    t = numbers(-1000.0, 1000.0)[:10_000]
    found = np.array([two_to(x) for x in t])
    np.testing.assert_allclose(found, np.exp2(t), rtol=5e-11)
    assert (two_to(0.0), two_to(10.0), two_to(-3.0)) == (1.0, 1024.0, 0.125)


def test_the_parts_of_linexp_are_its_own():
    for x in (-30.0, -1.0, -9e-4, 0.0, 1e-12, 9e-4, 0.5, 40.0):
        top, under = linexp_parts(x, exp(-x))
        assert top / under == pytest.approx(linexp(x), rel=1e-13)


def test_one_division_does_for_several():
    """Also where numbers are as large as the lowering lets them be."""
    for scale in (1.0, 1e-30, 1e60, -1e60):
        given = [3.0 * scale, 4.0 * scale, 5.0, 8.0, 0.7 / scale, 2.0 / scale, 1.0, 3.0]
        exact = np.array(given[::2]) / given[1::2]
        for ways, count in ((two_quotients, 2), (three_quotients, 3),
                            (four_quotients, 4)):  # fmt: skip
            found = ways(*given[: 2 * count])
            np.testing.assert_allclose(found, exact[:count], rtol=1e-14)


def test_what_gates_feel_ends_at_the_clip():
    assert [clipped(u) for u in (-1e9, -CLIP, -65.0, 12.5, 1e9)] == [
        -CLIP, -CLIP, -65.0, 12.5, CLIP,
    ]  # fmt: skip


def relax(y, rise, fall, dt):
    gain, over = relaxed(y, 2.0 * rise, 2.0 * fall, 2.0, dt)
    return y + gain / over


def test_relax_is_of_second_order():
    rise, fall, y0 = 1.7, 0.4, 0.9
    rest = rise / (rise + fall)
    errors = []
    for steps in (10, 20, 40, 80, 160):
        y, dt = y0, 1.0 / steps
        for _ in range(steps):
            y = relax(y, rise, fall, dt)
        errors.append(abs(y - rest - (y0 - rest) * math.exp(-(rise + fall))))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.abs(orders - 2.0).max() < 0.02


def test_relax_keeps_the_steady_state_and_what_takes_no_time():
    assert relax(0.25, 1.0, 3.0, 0.7) == pytest.approx(0.25, abs=1e-16)
    assert relax(0.6, 1.0, 3.0, 0.0) == 0.6


ARGUMENTS = {
    "exp": [-INF, -1e4, -708.0, -700.0, -3.3, -0.0, 1e-9, 1.0, 10.5, 700.0, 709.0, 1e4],
    "linexp": [-900.0, -20.0, -SERIES, -9e-4, 0.0, 1e-12, 9.9e-4, SERIES, 3.0, 800.0],
    "sigmoid": [-800.0, -2.0, 0.0, 2.0, 800.0],
    "cube_root_of_sigmoid": [-1990.0, -2.0, 0.0, 2.0, 800.0],
    "log": [1e-300, 0.1, 1.0, 7.0],
}
CODE = f"""
import json
from neurosim.core import maths
inf = float("inf")
arguments = {ARGUMENTS!r}
print(json.dumps({{
    name: [float(getattr(maths, name)(x)) for x in xs] for name, xs in arguments.items()
}} | {{
    "relax": list(maths.relaxed(0.3, 2.0, 5.0, 1.5, 0.01)),
    "nan": [maths.exp(float("nan"))],
}}))
"""


def test_interpreted_and_compiled_functions_agree(in_python):
    interpreted = json.loads(in_python(CODE, NUMBA_DISABLE_JIT="1"))
    compiled = json.loads(in_python(CODE, NUMBA_DISABLE_JIT="0"))
    for name, values in compiled.items():
        np.testing.assert_allclose(interpreted[name], values, rtol=1e-13, err_msg=name)
    assert interpreted["exp"][6] == 1.0 + 1e-9
    assert len(interpreted["linexp"]) == len(ARGUMENTS["linexp"])


def test_what_is_not_a_number_stays_visible():
    assert math.isnan(exp(NAN))
    assert math.isnan(linexp(NAN))
    assert np.isnan(over(fill_exp, np.full(64, NAN))).all()  # in a lane loop too
