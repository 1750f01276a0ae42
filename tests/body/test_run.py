"""Following a cause: changes, treatments, levels to stop at, persons, mistakes."""

import numpy as np
import pytest

from neurosim import Change
from neurosim.body import run
from neurosim.errors import NeurosimError

GUT = {"mg_gut_loss": 4.0, "mg_absorption": 0.5}


def test_levels_carry_units_and_the_run_its_provenance():
    found = run({"mg_intake": 2.0}, days=5.0)
    assert found["time"].attrs["units"] == "d"
    assert found.time.size == 51
    for name, unit in {
        "mg_total": "mM", "ca_ionised": "mM", "k": "mM", "urine_mg": "mmol/d",
        "albumin": "g/L", "temperature_muscle": "°C", "pth": "1",
    }.items():  # fmt: skip
        assert found[name].attrs["units"] == unit
        assert found[name].attrs["long_name"]
    assert "mg_intake=2" in found.attrs["cause"]
    assert "mg_pth_secretion" in found.attrs["pathways"]
    assert int(found.status) == 0


def test_a_name_and_what_it_stands_for_are_the_same():
    named = run("gut_loss", severity="severe", days=10.0)
    spelt = run(GUT, days=10.0)
    np.testing.assert_allclose(named.mg_total, spelt.mg_total, rtol=1e-12)
    assert named.attrs["severity"] == "severe"


def test_a_list_of_changes_and_a_treatment_at_a_day():
    changes = [(0.0, GUT), (10.0, {"mg_infusion": 20.0})]
    one = run(changes, days=20.0)
    two = run(GUT, days=20.0, treat=[(10.0, {"mg_infusion": 20.0})])
    three = run([Change(0.0, GUT)], days=20.0, treat="mg_iv:20 mmol@10-30")
    np.testing.assert_array_equal(one.mg_total, two.mg_total)
    np.testing.assert_allclose(one.mg_total, three.mg_total, rtol=1e-12)
    without = run(GUT, days=20.0)
    early = one.time <= 10.0
    np.testing.assert_allclose(one.mg_total[early], without.mg_total[early], rtol=1e-9)
    assert float(one.mg_total[-1]) > float(without.mg_total[-1]) + 0.2


def test_stopping_what_was_spelt_out():
    found = run(GUT, days=60.0, treat="stop@30")
    at = found.mg_total.sel(time=[0.0, 30.0, 60.0], method="nearest").values
    assert at[1] < 0.4
    assert at[2] > 0.8


def test_a_course_stops_when_magnesium_has_fallen():
    found = run(GUT, days=60.0, until_mg_total=0.35)
    free = run(GUT, days=60.0)
    stop = float(found.stopped)
    assert float(found.mg_total[-1]) == pytest.approx(0.35, abs=1e-12)
    assert float(found.time[-1]) == pytest.approx(stop)
    assert float(free.mg_total.interp(time=stop)) == pytest.approx(0.35, abs=1e-6)
    assert float(found.k[-1]) == pytest.approx(float(free.k.interp(time=stop)))


def test_or_says_that_it_never_does():
    found = run({"mg_gut_loss": 0.7}, days=30.0, until_mg_total=0.35)
    assert "never" in found.attrs["until"]
    assert np.isnan(float(found.stopped))
    assert float(found.time[-1]) == 30.0


def test_each_person_stops_alone():
    found = run(
        {"mg_gut_loss": np.array([0.0, 6.0, 10.0])}, days=20.0, until_mg_total=0.6
    )
    assert np.isnan(found.stopped[0])
    assert float(found.stopped[2]) < float(found.stopped[1])
    np.testing.assert_allclose(found.mg_total[1:, -1], 0.6)
    late = found.time >= float(found.stopped[2])
    assert float(np.ptp(found.ca_total[2][late].values[1:])) == 0.0


def test_a_run_goes_on_where_another_ended():
    whole = run(GUT, days=20.0)
    first = run(GUT, days=10.0)
    second = run(GUT, days=10.0, start=first)
    np.testing.assert_allclose(second.mg_total[-1], whole.mg_total[-1], rtol=1e-9)
    np.testing.assert_allclose(second.k[0], first.k[-1], rtol=1e-12)


def test_persons_as_lanes_equal_persons_alone():
    people = {
        "gfr": np.array([180.0, 90.0, 150.0]),
        "mg_set": np.array([0.8, 0.85, 0.9]),
    }
    together = run(GUT, person=people, days=10.0)
    assert together.mg_total.dims == ("person", "time")
    for k in range(3):
        alone = run(GUT, person={n: float(v[k]) for n, v in people.items()}, days=10.0)
        np.testing.assert_allclose(together.mg_total[k], alone.mg_total, rtol=1e-9)
        np.testing.assert_allclose(together.pth[k], alone.pth, rtol=1e-6)


def test_a_short_run_is_sampled_finely():
    found = run({"pco2": 20.0}, days=0.02)
    assert found.time.size == 101
    assert float(found.ph[-1]) == pytest.approx(7.62, abs=0.01)


@pytest.mark.parametrize("n", [40, 300])
def test_random_persons_stay_possible(n):
    rng = np.random.default_rng(0)  # n of each of five kinds
    people = {
        "mg_set": rng.uniform(0.7, 1.0, n), "k_set": rng.uniform(3.4, 4.8, n),
        "ca_set": rng.uniform(2.2, 2.6, n), "gfr": rng.uniform(60.0, 220.0, n),
        "vitamin_d": rng.uniform(15.0, 120.0, n), "body_size": rng.uniform(0.6, 1.5, n),
        "mg_intake": rng.uniform(6.0, 20.0, n), "ca_intake": rng.uniform(8.0, 40.0, n),
    }  # fmt: skip
    causes = (
        {"mg_gut_loss": rng.uniform(0.0, 10.0, n),
         "mg_absorption": rng.uniform(0.0, 1.0, n)},
        {"gland": rng.uniform(0.0, 1.0, n), "vitamin_d": rng.uniform(1.0, 80.0, n)},
        {"distal_drive": rng.uniform(0.5, 8.0, n), "k_intake": rng.uniform(0, 100, n),
         "k_gut_loss": rng.uniform(0.0, 130.0, n)},
        {"gfr": rng.uniform(5.0, 180.0, n), "hco3_shift": rng.uniform(-8.0, 15.0, n),
         "pco2": rng.uniform(15.0, 60.0, n), "albumin": rng.uniform(15.0, 50.0, n)},
        {"sweat": rng.uniform(0.0, 0.4, n), "water_intake": rng.uniform(0.0, 0.4, n),
         "mg_renal_threshold": rng.uniform(0.4, 1.2, n)},
    )  # fmt: skip
    amounts = [
        "mg_plasma", "mg_exchange", "mg_store", "mg_surface", "ca_plasma", "pth",
        "calcitriol", "k_body", "na_body", "body_water",
    ]  # fmt: skip
    keep = [*amounts, "mg_total", "ca_ionised", "k", "na", "ph"]
    for cause in causes:
        found = run(cause, person=people, days=30.0, every=1.0, record=keep)
        assert int(found.status.max()) == 0
        for name in keep:
            values = found[name].values
            assert np.isfinite(values).all(), name
            assert (values >= -1e-12).all(), name  # rounding of an empty pool


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"cause": {"mg_intak": 1.0}}, "Did you mean 'mg_intake'"),
        ({"cause": "gut_los"}, "Did you mean 'gut_loss'"),
        ({"cause": {"mg_intake": -1.0}}, "mg_intake = -1"),
        ({"cause": [(1.0, 2.0)]}, "give \\(day, mapping\\)"),
        ({"cause": 3}, "is not a cause"),
        ({"cause": None, "days": -1.0}, "positive time"),
        ({"cause": None, "every": 0.0}, "positive time"),
        ({"cause": None, "reset": "pht"}, "Did you mean 'ph'"),
        ({"cause": None, "record": ["kk"]}, "Did you mean 'k'"),
        ({"cause": None, "person": 3}, "neither a mapping"),
        ({"cause": None, "start": 3}, "not a result"),
        ({"cause": None, "until_mg_total": "low"}, "give one number"),
        ({"cause": None, "person": {"gfr": [90.0, 80.0], "k_set": [4.0] * 3}}, "one"),
    ],
)
def test_mistakes_are_explained(asked, words):
    with pytest.raises(NeurosimError, match=words):
        run(**asked)
