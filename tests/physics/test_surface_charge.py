"""The shift that gates feel: an independent solution, published experiments, signs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants
from scipy.optimize import brentq

from neurosim.errors import NeurosimError
from neurosim.physics.surface_charge import (
    diffuse_charge,
    fixed_charge,
    gate_shift,
    huxley_shift,
    permittivity,
    surface_potential,
)

CALCIUM = (2.5, 1.5, 1.25, 1.15, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)  # mM
# Shift at 37 degC, nerve.md 2.3: from an independent prototype
TABLE = {
    0.55: (-4.94, -1.19, 0.0, 0.52, 1.34, 1.93, 2.55, 3.22, 3.93, 4.70, 5.53),
    0.20: (-4.14, -0.03, 1.30, 1.88, 2.82, 3.50, 4.23, 5.02, 5.87, 6.80, 7.84),
}
ALONE = [
    ({"mg_o": 2.0}, -4.16), ({"mg_o": 1.0}, -1.47), ({"mg_o": 0.8}, -0.84),
    ({"mg_o": 0.4}, 0.54), ({"mg_o": 0.3}, 0.91), ({"mg_o": 0.2}, 1.30),
    ({"mg_o": 0.1}, 1.70), ({"mg_o": 0.05}, 1.90),
    ({"ph_o": 7.2}, -0.95), ({"ph_o": 7.3}, -0.47), ({"ph_o": 7.5}, 0.47),
    ({"ph_o": 7.6}, 0.94), ({"ph_o": 7.7}, 1.41),
    ({"na_o": 130.0}, 0.55), ({"na_o": 120.0}, 1.10), ({"na_o": 110.0}, 1.67),
    ({"k_o": 2.5}, 0.08),
]  # fmt: skip
# other binding constants of magnesium, nerve.md 2.2; shift at
# Ca 0.6, Mg 0.2, Na 115, Ca 0.6 with Mg 0.2
BINDING = {
    60.0: (3.93, 1.30, 1.39, 5.87),
    28.0: (3.55, 1.76, 1.35, 6.14),
    1e9: (4.35, 0.83, 1.43, 5.60),
}
BATHS = st.fixed_dictionaries({
    "ca_o": st.floats(0.0, 10.0), "mg_o": st.floats(0.0, 10.0),
    "na_o": st.floats(50.0, 250.0), "k_o": st.floats(1.0, 10.0),
    "ph_o": st.floats(6.5, 8.5), "temperature": st.floats(10.0, 42.0),
})  # fmt: skip


def shift(**bath):
    return gate_shift(**({"ca_o": 1.25, "mg_o": 0.55} | bath))


def solved(na_o, k_o, ca_o, mg_o, ph_o, temperature, bind_ca=28.0, bind_mg=60.0):
    """Solve Grahame's equation with binding in SI units by Brent's method; mV."""
    f, r, e0 = constants.physical_constants, constants.R, constants.epsilon_0
    kelvin = temperature + constants.zero_Celsius
    t = temperature
    water = 87.740 - 0.40008 * t + 9.398e-4 * t**2 - 1.410e-6 * t**3  # Malmberg 1956
    ions = [(na_o, 1), (k_o, 1), (ca_o, 2), (mg_o, 2)]
    ions += [(sum(c * z for c, z in ions), -1)]

    def excess(psi):
        y = psi * f["Faraday constant"][0] / (r * kelvin)
        cloud = sum(c * math.expm1(-z * y) for c, z in ions)
        charge = math.sqrt(2 * water * e0 * r * kelvin * max(cloud, 0.0))
        h, factor = 10.0**-ph_o * math.exp(-y), math.exp(-2 * y) * 1e-3
        x = factor * (ca_o / bind_ca + mg_o / bind_mg)
        sites = 0.33 / (1 + 10.0**-6.28 / h)
        for density, pka in ((0.90, 2.88), (0.58, 4.58)):
            sites += density * (x - 1) / (1 + h * 10.0**pka + x)
        return math.copysign(charge, psi) - sites * constants.e * 1e18

    return 1e3 * brentq(excess, -0.30, 0.15, xtol=1e-15)


@pytest.mark.parametrize("magnesium", TABLE)
def test_the_table_over_calcium(magnesium):
    found = gate_shift(CALCIUM, magnesium)
    np.testing.assert_allclose(found, TABLE[magnesium], atol=0.05)


@pytest.mark.parametrize(("bath", "expected"), ALONE, ids=str)
def test_the_table_of_one_ion_at_a_time(bath, expected):
    assert shift(**bath) == pytest.approx(expected, abs=0.05)


def test_overbreathing_is_calcium_and_protons_together():
    assert shift(ph_o=7.65, ca_o=1.15) == pytest.approx(1.70, abs=0.05)


@pytest.mark.parametrize("binding", BINDING)
def test_the_table_over_binding_of_magnesium(binding):
    baths = ({"ca_o": 0.6}, {"mg_o": 0.2}, {"na_o": 115.0}, {"ca_o": 0.6, "mg_o": 0.2})
    found = [shift(**bath, bind_mg=binding) for bath in baths]
    np.testing.assert_allclose(found, BINDING[binding], atol=0.02)


def test_the_voltage_clamp_of_hille_woodhull_and_shapiro():
    """Frog node at 15 degC, 110 Na, 2.5 K, no Mg; measured +20 to 25, -18, -35 mV."""

    def frog(calcium, dilution=1.0):
        na_o, k_o = 110.0 / dilution, 2.5 / dilution
        return gate_shift(calcium, 0.0, na_o=na_o, k_o=k_o, temperature=15.0)

    assert frog(2.0) - frog(20.0) == pytest.approx(22.5, abs=0.1)
    assert frog(2.0) - frog(0.0) == pytest.approx(-20.7, abs=0.1)
    assert frog(0.0) - frog(0.0, dilution=8.0) == pytest.approx(-40.9, abs=0.1)


def test_calcium_is_1_4_times_as_potent_as_magnesium():
    step = 1e-3
    ratio = (shift(ca_o=1.25 + step) - shift()) / (shift(mg_o=0.55 + step) - shift())
    assert ratio == pytest.approx(1.4, abs=0.15)  # Isaev et al. 2012


def test_the_closed_form_of_the_notebook_lies_within_its_error():
    ca, mg = np.meshgrid(np.linspace(0.4, 2.0, 17), np.linspace(0.05, 1.0, 11))
    closed = 10.41 * np.log((1.25 + 0.69 * 0.55 + 0.436) / (ca + 0.69 * mg + 0.436))
    assert np.abs(closed - gate_shift(ca, mg)).max() < 0.05


@given(BATHS)
def test_the_solver_agrees_with_brent(bath):
    found = surface_potential(
        bath["na_o"], bath["k_o"], bath["ca_o"], bath["mg_o"], bath["ph_o"],
        bath["temperature"], 28.0, 60.0,
    )  # fmt: skip
    assert found == pytest.approx(solved(**bath), abs=1e-6)
    healthy = solved(140.0, 4.0, 1.25, 0.55, 7.4, bath["temperature"])
    assert gate_shift(**bath) == pytest.approx(healthy - found, abs=1e-6)


@given(BATHS)
def test_at_the_surface_potential_the_two_charges_are_equal(bath):
    ions = [bath[name] for name in ("na_o", "k_o", "ca_o", "mg_o")]
    psi = 1e-3 * surface_potential(*ions, bath["ph_o"], bath["temperature"], 28.0, 60.0)
    cloud = diffuse_charge(psi, *ions, bath["temperature"])
    sites = fixed_charge(
        psi, bath["ca_o"], bath["mg_o"], bath["ph_o"], bath["temperature"], 28.0, 60.0
    )
    assert cloud == pytest.approx(sites, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "sign"), [("ca_o", -1), ("mg_o", -1), ("na_o", -1), ("ph_o", 1)]
)
@given(BATHS, st.floats(0.01, 0.5))
def test_each_ion_acts_in_one_direction_only(name, sign, bath, more):
    higher = bath | {name: bath[name] * (1.0 + more) + 0.01 * more}
    assert sign * (gate_shift(**higher) - gate_shift(**bath)) > 0.0


@given(st.floats(10.0, 42.0))
def test_the_healthy_bath_has_no_shift_at_any_temperature(temperature):
    assert shift(temperature=temperature) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_magnesium_alone_can_do_little_more_than_2_mv(ca_o, mg_o):
    assert gate_shift(1.25, mg_o) < 2.15
    assert gate_shift(ca_o, 0.55) <= gate_shift(0.0, 0.55)


def test_no_divalents_at_all_is_a_finite_shift():
    assert 10.0 < gate_shift(0.0, 0.0) < 40.0


def test_arrays_broadcast_and_numbers_stay_numbers():
    assert gate_shift(np.ones((3, 1)), [0.2, 0.5]).shape == (3, 2)
    assert np.ndim(gate_shift(1.0, 0.5)) == 0
    np.testing.assert_array_equal(gate_shift([1.0, 0.6], 0.2)[1], gate_shift(0.6, 0.2))


def test_water_has_the_permittivity_of_the_handbook():
    assert permittivity(25.0) == pytest.approx(78.30, abs=0.05)
    assert permittivity(0.0) == pytest.approx(87.74)


@pytest.mark.parametrize(
    ("bath", "words"),
    [
        ({"ca_o": -0.1}, "ca_o.*-0.1"),
        ({"mg_o": np.nan}, "mg_o.*nan"),
        ({"na_o": np.inf}, "na_o.*inf"),
        ({"ca_o": [1.0, -2.0]}, "ca_o.*-2"),  # the wrong one, not the first one
        ({"ph_o": np.nan}, "ph_o.*nan"),
        ({"temperature": np.nan}, "temperature.*nan"),
        ({"temperature": -300.0}, "temperature.*-300"),
        ({"bind_ca": 0.0}, "bind_ca.*0"),
    ],
    ids=str,
)
def test_a_bath_that_cannot_be_is_refused_with_its_value(bath, words):
    with pytest.raises(NeurosimError, match=words):
        shift(**bath)


def test_huxley_shift_is_logarithmic():
    assert huxley_shift(44.0, 9.32, 44.0) == 0.0
    assert huxley_shift(44.0 / math.e, 9.32, 44.0) == pytest.approx(9.32)
    assert huxley_shift(88.0, 9.32, 44.0) == pytest.approx(-9.32 * math.log(2.0))
