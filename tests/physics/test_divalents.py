"""Pore block and divalent-blocked leak: limits, directions, the healthy bath."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from neurosim.physics.divalents import (
    LEAK_PARAMS,
    NALCN,
    PORE_PARAMS,
    nalcn_leak,
    open_pore,
    pore_block,
    unblocked_fast,
    unblocked_leak,
    unblocked_persistent,
)

F = constants.physical_constants["Faraday constant"][0]  # C/mol
R = constants.physical_constants["molar gas constant"][0]  # J/(mol K)
potentials = st.floats(-150.0, 60.0)  # mV
calcium = st.floats(0.01, 10.0)  # mM
bindings = st.floats(1.0, 1e3)  # mM
shares = st.floats(0.0, 1.0)


@given(potentials, calcium, bindings, shares)
def test_the_pore_is_that_of_woodhull(v, ca, k, d):
    kelvin = 37.0 + constants.zero_Celsius
    bind = k * np.exp(2.0 * d * F * v * 1e-3 / (R * kelvin))
    assert open_pore(v, ca, k, d, 37.0) == pytest.approx(1.0 / (1.0 + ca / bind))


@given(potentials, bindings, shares)
def test_nothing_changes_in_the_healthy_bath(v, k, d):
    assert pore_block(v, 1.25, k, d, 37.0) == 1.0
    assert unblocked_fast(3000.0, v, 1.25, k, d, 37.0) == 3000.0
    assert unblocked_persistent(10.0, v, 1.25, k, d, 37.0) == 10.0
    assert nalcn_leak(7.0, 0.02, 1.25, 0.55, 0.3, 1.0) == 0.0


@given(potentials, bindings, st.floats(0.01, 1.0))
def test_less_calcium_opens_pores_the_more_the_lower_v_is(v, k, d):
    low = pore_block(v, 0.5, k, d, 37.0)
    assert low > 1.0 > pore_block(v, 2.5, k, d, 37.0)
    assert low < 2.5  # all pores blocked before: 1.25/0.5
    assert low > pore_block(v + 20.0, 0.5, k, d, 37.0)


def test_a_pore_outside_the_field_does_not_see_the_potential():
    assert open_pore(-90.0, 1.0, 30.0, 0.0, 37.0) == pytest.approx(30.0 / 31.0)
    assert open_pore(40.0, 1.0, 30.0, 0.0, 37.0) == pytest.approx(30.0 / 31.0)


def test_the_leak_is_half_blocked_at_its_constants():
    assert unblocked_leak(0.3, 0.0, 0.3, 1.0) == pytest.approx(0.5)
    assert unblocked_leak(0.0, 1.0, 0.3, 1.0) == pytest.approx(0.5)
    assert unblocked_leak(0.0, 0.0, 0.3, 1.0) == 1.0


def test_the_leak_grows_as_divalents_fall_and_its_healthy_part_is_not_counted_twice():
    doses = [nalcn_leak(7.0, 0.02, ca, 0.55, 0.3, 1.0) for ca in (2.0, 1.25, 0.8, 0.5)]
    assert doses[0] < 0.0 < doses[2] < doses[3]
    # 1 + 1.25/0.3 + 0.55 = 5.717 and 1 + 0.5/0.3 + 0.55 = 3.217
    assert doses[3] == pytest.approx(0.14 * (5.7166667 / 3.2166667 - 1.0), rel=1e-6)


def test_what_is_recalled_says_so():
    for param in (*PORE_PARAMS, *LEAK_PARAMS, NALCN.reversal):
        assert "recalled" in str(param.source) or "assumed" in str(param.source)
    assert "recalled" in str(NALCN.source)
