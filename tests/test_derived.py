"""Derived quantities: what is computed from recorded states, after the run."""

from math import nan

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from neurosim import simulate
from neurosim.core.jit import equation
from neurosim.core.maths import exp
from neurosim.derived import each
from neurosim.models import MUSCLE_FIBRE


@equation
def share(part, whole):
    """Takes whole arrays."""
    return part / whole


@equation
def capped(part, whole):
    """Decides by a value."""
    return part / whole if part < whole else 1.0


@equation
def faded(part, whole):
    """Calls another function, which knows single numbers only."""
    return exp(-part / whole)


@pytest.mark.parametrize("rule", [share, capped, faded])
def test_a_rule_is_applied_to_every_element(rule):
    part, whole = np.array([[0.5, 1.5, nan], [2.0, 0.0, 1.0]]), np.array([[1.0], [4.0]])
    one_by_one = [
        [rule(p, w) for p in row] for row, (w,) in zip(part, whole, strict=True)
    ]
    assert_array_equal(each(rule, part, whole), one_by_one)


@pytest.mark.parametrize("rule", [share, capped])
def test_numbers_and_single_elements_keep_their_shape(rule):
    assert each(rule, 1.0, 2).shape == ()
    assert each(rule, np.array([3.0]), 2).shape == (1,)
    assert each(rule, 1.0, np.ones((1, 1))).shape == (1, 1)


def test_the_force_of_fibres_is_what_their_cross_bridges_hold():
    model = MUSCLE_FIBRE.at(strong_max=[0.5, 1.0])
    found = simulate(
        model, duration=2.0, initial={"strong": 0.2}, record=("force", "strong"),
        record_every=1.0,
    )  # fmt: skip
    strong = found["strong"].transpose("strong_max", "time").values
    force = found["force"].transpose("strong_max", "time").values
    assert strong.min() > 0.01
    assert_array_equal(force, strong / np.array([[0.5], [1.0]]))
