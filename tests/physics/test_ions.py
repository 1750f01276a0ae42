"""Reversal potentials and constant-field currents: CODATA and first principles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from neurosim.physics.ions import (
    ghk_current,
    ghk_potential,
    nernst,
    q10,
    thermal_voltage,
)
from neurosim.physics.leak import bath_leak
from neurosim.units import FARADAY, GAS, ZERO_CELSIUS

MANY = 10_000
F = constants.physical_constants["Faraday constant"][0]  # C/mol
R = constants.physical_constants["molar gas constant"][0]  # J/(mol K)
concentrations = st.floats(1e-6, 1e3)  # mM
temperatures = st.floats(-0.1, 46.8)  # degC: 273 to 320 K
valences = st.sampled_from([-2.0, -1.0, 1.0, 2.0])
potentials = st.floats(-200.0, 200.0)  # mV


def test_the_constants_are_those_of_codata_in_the_units_of_the_package():
    faraday, gas = FARADAY * 1e-3, GAS * 1e-6  # C/mol of nC/umol, J/mol of pJ/umol
    assert faraday == pytest.approx(F, rel=1e-12)
    assert gas == pytest.approx(R, rel=1e-12)
    assert constants.zero_Celsius == ZERO_CELSIUS


def test_nernst_is_that_of_codata():
    random = np.random.default_rng(3)
    kelvin = random.uniform(273.0, 320.0, MANY)
    outside, inside = 10.0 ** random.uniform(-6.0, 3.0, (2, MANY))  # mM: 1e-9 to 1 M
    valence = random.choice([-2.0, -1.0, 1.0, 2.0], MANY)
    expected = 1e3 * R * kelvin / (valence * F) * np.log(outside / inside)
    celsius = kelvin - constants.zero_Celsius
    found = [
        nernst(*row) for row in zip(outside, inside, valence, celsius, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_number_everybody_knows():
    assert thermal_voltage(37.0) == pytest.approx(26.73, abs=0.005)
    assert nernst(10.0, 1.0, 1.0, 37.0) == pytest.approx(61.54, abs=0.005)


@given(concentrations, concentrations, valences, temperatures)
def test_nernst_changes_sign_with_valence_and_when_sides_are_exchanged(o, i, z, t):
    e = nernst(o, i, z, t)
    assert nernst(i, o, z, t) == pytest.approx(-e, rel=1e-12, abs=1e-12)
    assert nernst(o, i, -z, t) == -e
    assert nernst(o, o, z, t) == 0.0


def scale(v, o, i, z, p, t):
    """Return the size of the two opposite fluxes, whose difference is the current."""
    x = abs(z * v / thermal_voltage(t))
    return p * abs(z) * FARADAY * max(o, i) * (1.0 + x)


@given(potentials, concentrations, concentrations, valences, temperatures)
def test_the_constant_field_current_is_that_of_the_textbook(v, o, i, z, t):
    """P z^2 F^2 V/RT (ci - co e^-x)/(1 - e^-x), in SI units here."""
    p = 2e-6  # cm/ms
    found, _ = ghk_current(v, o, i, z, p, t)
    kelvin = t + constants.zero_Celsius
    x = z * F * v * 1e-3 / (R * kelvin)
    flux = i - o if x == 0.0 else x * (i - o * np.exp(-x)) / -np.expm1(-x)
    expected = p * 10.0 * z * F * flux * 100.0  # m/s, mol/m3; A/m2 to uA/cm2
    assert found == pytest.approx(expected, abs=1e-11 * scale(v, o, i, z, p, t))


@given(concentrations, concentrations, valences, temperatures)
def test_no_current_flows_at_the_nernst_potential(o, i, z, t):
    v = nernst(o, i, z, t)
    current, slope = ghk_current(v, o, i, z, 1e-6, t)
    assert abs(current) < 1e-11 * scale(v, o, i, z, 1e-6, t)
    assert slope > 0.0


@given(concentrations, concentrations, valences, temperatures)
def test_the_current_is_continuous_through_zero_and_the_edge_of_the_series(o, i, z, t):
    size = scale(0.0, o, i, z, 1e-6, t)
    edge = 1e-3 * thermal_voltage(t)
    for v in (0.0, edge, -edge):
        below, above = v - 1e-9, v + 1e-9
        left, right = (ghk_current(w, o, i, z, 1e-6, t) for w in (below, above))
        assert left[0] == pytest.approx(right[0], abs=1e-9 * size)
        assert left[1] == pytest.approx(right[1], abs=1e-9 * size)
    flat, _ = ghk_current(0.0, o, i, z, 1e-6, t)
    assert flat == pytest.approx(1e-6 * z * FARADAY * (i - o), rel=1e-12)


@given(potentials, concentrations, concentrations, valences, temperatures)
def test_the_slope_is_the_derivative_of_the_current(v, o, i, z, t):
    h = 1e-3
    _, slope = ghk_current(v, o, i, z, 1e-6, t)
    high, low = (ghk_current(w, o, i, z, 1e-6, t)[0] for w in (v + h, v - h))
    assert slope == pytest.approx(
        (high - low) / (2.0 * h), abs=1e-7 * scale(v, o, i, z, 1e-6, t)
    )


@given(st.floats(1.0, 10.0), st.floats(50.0, 300.0), st.floats(0.0, 2.0), temperatures)
def test_the_goldman_potential_is_where_the_two_currents_cancel(k_o, k_i, ratio, t):
    na_o, na_i, p = 140.0, 15.0, 1e-6
    v = ghk_potential(k_o, k_i, na_o, na_i, ratio, t)
    potassium, _ = ghk_current(v, k_o, k_i, 1.0, p, t)
    sodium, _ = ghk_current(v, na_o, na_i, 1.0, ratio * p, t)
    size = scale(v, k_o, k_i, 1.0, p, t) + scale(v, na_o, na_i, 1.0, ratio * p, t)
    assert abs(potassium + sodium) < 1e-10 * size


def test_the_goldman_potential_becomes_that_of_the_only_ion():
    potassium, sodium = nernst(4.0, 140.0, 1.0, 37.0), nernst(140.0, 15.0, 1.0, 37.0)
    assert ghk_potential(4.0, 140.0, 140.0, 15.0, 0.0, 37.0) == pytest.approx(potassium)
    nearly = ghk_potential(4.0, 140.0, 140.0, 15.0, 1e9, 37.0)
    assert nearly == pytest.approx(sodium, abs=1e-6)


@given(st.floats(1.5, 5.0), st.floats(0.0, 40.0), st.floats(0.0, 40.0))
def test_q10_is_its_factor_for_ten_degrees(factor, temperature, reference):
    assert q10(factor, reference, reference) == 1.0
    assert q10(factor, reference + 10.0, reference) == pytest.approx(factor, rel=1e-13)
    expected = factor ** ((temperature - reference) / 10.0)
    assert q10(factor, temperature, reference) == pytest.approx(expected, rel=1e-13)


def test_a_potassium_leak_grows_as_the_root_of_potassium():
    assert bath_leak(7.0, 4.0) == 7.0
    assert bath_leak(7.0, 16.0) == 14.0
    assert bath_leak(7.0, 1.0) == 3.5
