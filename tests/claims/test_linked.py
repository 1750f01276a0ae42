"""Claims along the chain from the body: doses, bodies, baths and parts."""

import numpy as np
import pytest

from neurosim.body.doses import each, read_dose
from neurosim.claims import intakes, levels, linked, minerals, relief, vitamins
from neurosim.claims.course import LONG, bath, bodies, course, value
from neurosim.claims.course import levels as followed
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.judge import doses_of
from neurosim.claims.ledger import find, load_ledger
from neurosim.claims.population import Bench, draw
from neurosim.claims.reproduce import JUDGES, at_the_end
from neurosim.claims.verdict import NOT_EVALUATED, VERDICTS, missing, row_verdict
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON

BY_LEVELS = {**levels.EVALUATED, **intakes.EVALUATED, **minerals.EVALUATED}
BY_FIRING = {**linked.EVALUATED, **relief.EVALUATED, **vitamins.EVALUATED}
DIRECT = {"direct.r_sp"}
# parts that other modules judge
ELSEWHERE = {"C02": DIRECT, "C07": DIRECT, "C34": DIRECT, "C62": {"rt50"}}
SEED = 1


@pytest.fixture(scope="module")
def bench():
    """Bodies and axons, 100 draws; courses are kept for all tests."""
    return Bench(MOTOR_AXON, draw(MOTOR_AXON, MIN_DRAWS, SEED))


@pytest.mark.parametrize("claim", load_ledger(), ids=lambda claim: claim.id)
def test_doses_of_linked_rows_resolve(claim):
    for arm in claim.arms if claim.mode in ("linked", "both") else ():
        for dose in each(arm.settings):
            read_dose(dose)


def test_health_is_the_reference_bath_in_every_draw(bench):
    found = followed(bench, {})
    assert bath(found) == {}
    for name, usual in (("mg_total", 0.85), ("ca_total", 2.40), ("k", 4.0)):
        assert value(found, name) == pytest.approx(np.full(MIN_DRAWS, usual))
    assert np.all(levels.change(bench, {"days": 20.0}, "mg_total") < 1e-9)


def test_bodies_differ_and_are_the_same_in_every_arm(bench):
    constants = bodies(bench)
    assert all(np.ptp(values) > 0 for values in constants.values())
    again = Bench(MOTOR_AXON, draw(MOTOR_AXON, MIN_DRAWS, SEED))
    for name, values in bodies(again).items():
        np.testing.assert_array_equal(values, constants[name])


def test_a_course_is_run_once_and_one_day_is_a_day(bench):
    dose = doses_of("C47")["sweat"]
    first = followed(bench, dose)
    assert followed(bench, dict(dose)) is first
    assert float(first["time"][-1]) == dose["days"] == 1.0


def test_start_levels_are_met(bench):
    for dose in (doses_of("C25")[""], doses_of("C103")["ca"]):
        (key,) = (k for k in dose if k.endswith("total"))
        begun = value(followed(bench, dose), key.removeprefix("start_"), 0.0)
        assert begun == pytest.approx(np.full(MIN_DRAWS, dose[key]), abs=2e-3)


def test_a_start_that_is_never_reached_is_refused(bench):
    asked = {"cause": "poor_mg_diet", "severity": "mild", "until_mg_total": 0.35}
    with pytest.raises(NeurosimError, match=r"never falls to 0\.35"):
        followed(bench, asked)


def test_a_coarse_step_gives_the_same_levels(bench):
    from neurosim.body.causes import find as cause
    from neurosim.body.course import run

    fine = run(cause("ppi"), person=bodies(bench), days=40.0, every=1.0)
    coarse = course((cause("ppi"),), bodies(bench), None, days=40.0)
    for name in ("mg_total", "ca_ionised", "k"):
        np.testing.assert_allclose(
            value(coarse, name), fine[name].isel(time=-1), rtol=2e-4
        )


def test_signs_of_levels(bench):
    year = {"days": LONG}
    change = levels.change
    assert np.all(change(bench, {"i_mg": 100.0, **year}, "mg_total") < 0)
    assert np.all(change(bench, {"d25": 12.0, **year}, "pth") > 0)
    assert np.all(change(bench, doses_of("C53")[""], "mg_total") > 0)
    assert np.all(change(bench, doses_of("C49")[""], "na") > 0)
    assert np.all(change(bench, {"supplement_mg": 300.0, "days": 28.0}, "urine_mg") > 0)


def test_a_reset_pathway_leaves_the_bath(bench):
    dose = {"d25": 5.0, "days": LONG}
    given = bath(followed(bench, dose))
    assert set(given) == {"ca_o"}
    assert np.all(given["ca_o"] < 1.25)
    assert bath(followed(bench, dose | {"reset": "ca"})) == {}


@pytest.mark.parametrize("claim", sorted(BY_LEVELS))
def test_rows_of_levels_have_every_part(bench, claim):
    parts, pictures = BY_LEVELS[claim](bench)
    (row,) = find([claim])
    assert missing(row, parts) == ()
    assert row_verdict(row, parts) in VERDICTS
    assert row_verdict(row, parts) != NOT_EVALUATED
    assert all(part.mode == "linked" and part.reason for part in parts)
    shown = {f"{picture.name}.svg" for picture in pictures}
    assert {part.figure for part in parts if part.figure} == shown


@pytest.mark.parametrize("claim", ["C07", "C58", "C60", "C61", "C62", "C67", "C115"])
def test_parts_of_rows_that_fire(bench, claim):
    parts, _ = BY_FIRING[claim](bench)
    (row,) = find([claim])
    absent = set(missing(row, parts))
    assert absent <= ELSEWHERE.get(claim, set())
    waiting = [part for part in parts if part.verdict == NOT_EVALUATED]
    assert all(part.reason.startswith("needs ") for part in waiting)


def test_anaemia_at_rest_changes_nothing(bench):
    (found,), _ = BY_FIRING["C62"](bench)
    assert found.effect == 0.0


def test_relief_needs_symptoms(bench):
    judged = relief.relief(bench, "C25", {}, {}, name="r_sp")
    assert judged.verdict == "not evaluable"
    assert judged.effect < relief.FEWEST


def test_calcium_is_behind_low_vitamin_d(bench):
    given = bath(followed(bench, doses_of("C40")[""]))
    judged = linked.ca_share(bench, "C40", given)
    assert judged.effect == pytest.approx(1.0)


def test_every_row_is_registered():
    for claim, judge in (BY_LEVELS | BY_FIRING).items():
        assert judge in JUDGES[claim]


def test_courses_are_kept_for_the_file(bench):
    followed(bench, {})
    ends = at_the_end(bench)
    assert ends["mg_total"].dims == ("course", "draw")
    assert len(set(ends["course"].values)) == ends.sizes["course"]


def test_area_under_the_curve():
    plasma = np.array([[1.0, 2.0, 3.0, 4.0]]).T
    tissue = np.array([[0.5, 0.5, 1.0, 1.0]]).T
    pairs = np.stack([plasma, tissue], axis=1)
    assert intakes.roc_area(pairs) == 1.0
    assert intakes.roc_area(np.stack([-plasma, tissue], axis=1)) == 0.0
    assert intakes.roc_area(np.stack([0 * plasma, tissue], axis=1)) == 0.5
