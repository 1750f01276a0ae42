"""The healthy steady state, its invariance, mass, and the kernel against SciPy."""

import numpy as np
import pytest

from neurosim import simulate
from neurosim.body import BODY, REFINED, healthy, run
from neurosim.body.homeostasis import POOLS, counting
from neurosim.body.levels import over_arrays, rates_of
from neurosim.body.steady import steady_state
from neurosim.core.jit import python_of
from neurosim.errors import NeurosimError

REFERENCE = {
    "ca_ionised": 1.25, "mg_ionised": 0.55, "k": 4.0, "na": 140.0, "ph": 7.4,
    "ca_total": 2.40, "mg_total": 0.85, "hco3": 24.0, "pth": 1.0, "calcitriol": 1.0,
    "mg_tissue": 1.0, "k_i": 140.0, "mg_i": 0.5, "urine_ca": 4.0, "urine_k": 72.0,
    "ca_o": 1.25, "mg_o": 0.55, "k_o": 4.0, "na_o": 140.0, "ph_o": 7.4,
    "oxygen_delivery": 1.0,
}  # fmt: skip


def test_the_healthy_steady_state_is_the_reference_bath():
    found = healthy()
    for name, value in REFERENCE.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name


def test_its_first_values_are_declared_and_nothing_moves():
    states = {s.name: np.array([s.initial]) for s in BODY.states}
    for name, rate in rates_of(BODY, states).items():
        assert abs(float(rate[0])) < 1e-10, name


def test_a_healthy_year_stays_where_it_is():
    year = run(None, days=365.0, every=5.0)
    for name in ("mg_total", "ca_total", "k", "na", "pth", "calcitriol"):
        normal = float(year[name][0])
        assert float(np.abs(year[name] - normal).max()) < 1e-9 * normal, name


@pytest.mark.parametrize(
    "person",
    [
        {"body_size": 0.7, "gfr": 126.0, "mg_intake": 8.75, "ca_intake": 17.5,
         "k_intake": 56.0, "k_gut_loss": 5.6, "mg_skin_loss": 0.14},
        {"mg_set": 0.78, "ca_set": 2.3, "k_set": 4.6},
        {"mg_vmax": 6.4, "mg_splay": 0.08, "mg_pool": 80.0, "pth_steepness": 11.0},
        {"mg_surface_pool": 150.0},
    ],
)  # fmt: skip
def test_other_persons_are_in_balance_at_their_own_levels(person):
    found = healthy(**person)
    assert found["mg_total"] == pytest.approx(person.get("mg_set", 0.85), rel=1e-9)
    assert found["ca_total"] == pytest.approx(person.get("ca_set", 2.40), rel=1e-9)
    assert found["k"] == pytest.approx(person.get("k_set", 4.0), rel=1e-9)
    assert found["na"] == pytest.approx(140.0, rel=1e-9)
    assert found["pth"] == pytest.approx(1.0, rel=1e-9)


def test_a_steady_state_is_steady():
    rng = np.random.default_rng(3)
    model = BODY.along(
        "person",
        vitamin_d=rng.uniform(5.0, 100.0, 50),
        gfr=rng.uniform(20.0, 200.0, 50),
        mg_intake=rng.uniform(2.0, 25.0, 50),
        gland=rng.uniform(0.05, 2.0, 50),
        distal_drive=rng.uniform(0.5, 6.0, 50),
    )
    states = steady_state(model)
    turnover = {"mg_plasma": 5.0, "ca_plasma": 8.0, "k_body": 80.0}
    for name, rate in rates_of(model, states).items():
        assert np.abs(rate).max() < 1e-9 * turnover.get(name, 1.0), name


def test_who_loses_sodium_every_day_has_none():
    with pytest.raises(NeurosimError, match="no steady state"):
        healthy(na_loss=10.0)


@pytest.mark.parametrize(
    "cause",
    [
        {"mg_intake": 0.4},
        {"mg_intake": 0.4, "mg_uptake": 1.15, **REFINED},
        {"mg_gut_loss": 4.0, "mg_absorption": 0.5, "mg_surface_pool": 150.0},
        {"gland": 0.05, "ca_infusion": 5.0, "sweat": 0.5, "water_intake": 0.5,
         "na_intake": 21.5, "distal_drive": 3.0, "uptake": 1.1},
    ],
)  # fmt: skip
def test_every_element_is_conserved_over_a_year(cause):
    model = counting(BODY)
    names = [s.name for s in model.states]
    year = simulate(model.at(**cause), duration=365.0, record=names, record_every=5.0)
    for element, pools in POOLS.items():
        total = sum(year[p] for p in pools)
        gained = year[f"{element}_in"] - year[f"{element}_out"]
        error = np.abs(total - total[0] - gained).max() / total[0]
        assert float(error) < 1e-9, element
    assert float(year["mg_in"][-1] + year["mg_out"][-1]) > 100.0  # it did flow


KERNEL = ["mg_plasma", "mg_exchange", "ca_plasma", "pth", "calcitriol", "k_body"]


@pytest.mark.parametrize(
    ("cause", "early", "late"),
    [
        ({"mg_gut_loss": 4.0, "mg_absorption": 0.5}, 1e-4, 1e-5),
        ({"gland": 0.02}, 5e-3, 2e-4),
        ({"uptake": 1.07, "k_intake": 15.0}, 1e-3, 2e-4),
        ({"gfr": 40.0}, 2e-4, 2e-5),
        ({"mg_intake": 0.4, **REFINED}, 1e-4, 2e-5),
    ],
)
def test_the_kernel_follows_scipy(cause, early, late):
    asked = {"duration": 30.0, "record": KERNEL, "record_every": 0.4}
    kernel = simulate(BODY.at(**cause), **asked)
    exact = simulate(BODY.at(**cause), solver="reference", **asked)
    for name in KERNEL:
        error = np.abs(kernel[name] - exact[name]) / np.abs(exact[name]).max()
        assert float(error[1:].max()) < early, name
        assert float(error[4:].max()) < late, name


def test_and_at_second_order():
    asked = {"duration": 8.0, "record": KERNEL, "record_every": 0.8}
    model = BODY.at(gfr=60.0, mg_gut_loss=2.0)
    exact = simulate(model, solver="reference", **asked)
    for name in ("mg_plasma", "ca_plasma"):
        errors = [
            float(np.abs(simulate(model, dt=dt, **asked)[name] - exact[name]).max())
            for dt in (0.05, 0.025, 0.0125)
        ]
        assert (np.log2(np.divide(errors[:-1], errors[1:])) > 1.8).all(), errors


def test_functions_of_the_physics_take_arrays_too():
    rules = [s.rule for s in BODY.states] + [d.rule for d in BODY.derived]
    rng = np.random.default_rng(1)
    for rule in rules:
        count = python_of(rule).__code__.co_argcount
        given = rng.uniform(0.3, 0.9, (count, 5))
        wide = over_arrays(rule)(*given)
        single = [rule(*column) for column in given.T]
        np.testing.assert_allclose(wide, single, rtol=1e-9, err_msg=rule.__name__)
