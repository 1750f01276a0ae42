"""One person and a population as parameters of the body."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from neurosim.body import REFINED, healthy, run
from neurosim.body.homeostasis import BODY
from neurosim.body.levels import levels_of
from neurosim.body.person import (
    LIMITS,
    Person,
    load_correlations,
    load_spread,
    population,
)
from neurosim.body.steady import steady_state
from neurosim.clinical import RANGES
from neurosim.errors import NeurosimError, UnknownName

BATH = {"na": 140.0, "k": 4.0, "ca_ionised": 1.25, "mg_ionised": 0.55, "ph": 7.40}


def test_the_usual_person_is_the_body_as_it_is():
    assert Person().parameters() == {}
    found = healthy(**Person().parameters())
    assert {n: found[n] for n in BATH} == pytest.approx(BATH, abs=1e-9)


@pytest.mark.parametrize("weight", [45.0, 70.0, 120.0])
def test_size_alone_changes_no_level(weight):
    found = healthy(**Person(weight=weight).parameters())
    assert {n: found[n] for n in BATH} == pytest.approx(BATH, abs=1e-6)


def test_an_old_healthy_kidney_keeps_magnesium_and_potassium_normal():
    old = Person(age=85)
    assert old.parameters()["gfr"] < 130.0
    found = healthy(**old.parameters())
    assert found["mg_total"] == pytest.approx(0.85, abs=1e-6)
    assert found["k"] == pytest.approx(4.0, abs=1e-6)


def test_a_kidney_that_falls_ill_still_raises_magnesium():
    ill = run("kidney", severity="moderate", days=90, person=Person(age=70))
    assert ill["mg_total"].values[-1] > 0.92


def test_levels_of_a_person_are_where_they_are_set():
    found = healthy(**Person(mg_total=0.78, k=4.4).parameters())
    assert found["mg_total"] == pytest.approx(0.78, abs=1e-6)
    assert found["k"] == pytest.approx(4.4, abs=1e-6)


def test_a_small_person_loses_more_to_the_same_illness():
    falls = [
        run("gut_loss", severity="severe", days=14, person=Person(weight=w))["mg_total"]
        for w in (50.0, 100.0)
    ]
    assert falls[0].values[-1] < falls[1].values[-1] - 0.05


@pytest.mark.parametrize("name", LIMITS)
def test_what_no_adult_has_is_refused(name):
    for beyond in (LIMITS[name][0] - 1.0, LIMITS[name][1] + 1.0, float("nan")):
        with pytest.raises(NeurosimError, match=f"person: {name}"):
            Person(**{name: beyond})


def test_an_unknown_sex_is_refused():
    with pytest.raises(UnknownName, match="mean 'female'"):
        Person(sex="femal")


@given(st.sampled_from(["female", "male"]), st.floats(18, 95), st.floats(45, 150),
       st.floats(0.7, 1.05))  # fmt: skip
def test_any_person_has_parameters_within_the_bodys_limits(sex, age, weight, mg_total):
    person = Person(sex=sex, age=age, weight=weight, mg_total=mg_total)
    for name, value in person.parameters().items():
        assert BODY.parameters[name].low <= value <= BODY.parameters[name].high


def test_a_population_is_reproducible_and_its_seed_counts():
    one, same, other = population(64, 3), population(64, 3), population(64, 4)
    for name, values in one.parameters.items():
        assert values.shape == (64,)
        assert np.array_equal(values, same.parameters[name])
    assert not np.array_equal(one.people["age"], other.people["age"])


def test_unknown_constants_vary_around_what_is_given():
    usual, refined = population(64, 3), population(64, 3, around=REFINED)
    for name in ("mg_endogenous", "set_point_shift"):
        ratio = refined.parameters[name] / usual.parameters[name]
        assert ratio == pytest.approx(REFINED[name] / BODY.parameters[name].value)
    assert np.array_equal(refined.parameters["gfr"], usual.parameters["gfr"])


def test_a_population_has_the_spread_and_correlations_of_its_tables():
    people = population(4000, 1).people
    names = [s.name for s in load_spread() if s.kind == "person"]
    for spread in load_spread():
        if spread.name in ("albumin", "mg_total", "ca_total", "k"):
            values = people[spread.name]
            assert np.median(values) == pytest.approx(spread.male, rel=0.01)
            assert values.std() / values.mean() == pytest.approx(spread.cv, rel=0.08)
    wanted = load_correlations()
    for one, other in (("albumin", "ca_total"), ("mg_total", "k"), ("age", "albumin")):
        found = spearmanr(people[one], people[other]).statistic
        assert found == pytest.approx(
            wanted[names.index(one), names.index(other)], abs=0.05
        )
    assert people["female"].mean() == pytest.approx(0.5, abs=0.01)


def test_correlations_can_be_those_of_persons():
    matrix = load_correlations()
    assert np.array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > 0.05


def test_healthy_people_are_nearly_all_within_reference_ranges():
    people = population(300, 2)
    model = BODY.along("person", **people.parameters)
    states = steady_state(model)
    levels = {**states, **levels_of(model, states)}
    for name in ("mg_total", "ca_total", "ca_ionised", "k", "na", "ph"):
        low, high = RANGES[name].normal
        inside = (levels[name] >= low) & (levels[name] <= high)
        assert inside.mean() > 0.93, name


def test_one_of_the_population_as_a_person():
    people = population(8, 5)
    person = people.person(3)
    for name in ("body_size", "gfr", "mg_intake", "mg_renal_threshold"):
        assert person.parameters()[name] == pytest.approx(people.parameters[name][3])


def test_a_population_falls_ill_together():
    people = population(16, 6)
    found = run("gut_loss", severity="severe", days=20, person=people)
    assert found["mg_total"].sizes["person"] == 16
    fall = found["mg_total"].isel(time=-1) - found["mg_total"].isel(time=0)
    assert (fall < -0.1).all()


def test_too_few_are_refused():
    with pytest.raises(NeurosimError, match="at least 2"):
        population(1)
