"""Claims along the chain from the body: doses, bodies, baths and parts."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim.body.doses import each, read_dose
from neurosim.claims import intakes, levels, linked, minerals, relief, vitamins
from neurosim.claims.course import LONG, bath, bodies, course, value
from neurosim.claims.course import levels as followed
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.fibre import FibreBench
from neurosim.claims.judge import doses_of
from neurosim.claims.judges import JUDGES
from neurosim.claims.ledger import find, load_ledger
from neurosim.claims.population import Bench, draw
from neurosim.claims.reproduce import at_the_end, distinct
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    NOT_EVALUATED,
    NOT_SUPPORTED,
    REPRODUCED,
    VERDICTS,
    Outcome,
    missing,
    row_verdict,
)
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON, MUSCLE_FIBRE

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


@pytest.mark.parametrize("claim", ["C07", "C58", "C60", "C62", "C67"])
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


def test_relief_tells_what_time_alone_does(bench, monkeypatch):
    rates = {"health": 1.0, "ill": 9.0, "treated": 1.0, "waited": 8.0}
    monkeypatch.setattr(
        relief, "rates_at",
        lambda bench, baths: np.stack([
            np.full(MIN_DRAWS, rates[bath.get("is", "health")]) for bath in baths
        ]),
    )  # fmt: skip
    monkeypatch.setattr(relief, "baths", lambda given: "")
    monkeypatch.setattr(bench, "controls", lambda: np.ones(2000), raising=False)
    arms = ({"is": "ill"}, {"is": "treated"})
    judged = relief.relief(bench, "C25", *arms, without={"is": "waited"}, name="r_sp")
    assert judged.effect == 1.0
    assert judged.reason.endswith("without treatment 0% are by then")
    judged = relief.relief(bench, "C25", *arms, name="r_sp")
    assert "without treatment" not in judged.reason
    assert relief.untreated({"days": 7, "treat": "ca"}) == {"days": 7}
    assert relief.untreated({"supplement_mg": 300}) == {"supplement_mg": 0}


def test_only_levels_say_that_nothing_behind_them_is_drawn(bench):
    alike = Outcome(NOT_SUPPORTED, 1.0, 1.0, 1.0, None, "so it is")
    level = levels.linked(bench, alike, "C47", name="k", unit="mM")
    assert level.reason == "so it is; all draws agree: nothing that moves it is drawn"
    share = levels.linked(bench, alike, "C02", name="mg_ca", unit="share of draws")
    assert share.reason == "so it is"


def test_baths_that_read_alike_are_numbered():
    assert distinct(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


class Fibres:
    """Fibres whose forces fall with their own magnesium and calcium outside."""

    def __init__(self):
        known = {"ca_o": 1.25, "mg_o": 0.55, "k_o": 4.0, "na_o": 140.0, "mg_i": 0.55}
        self.model = SimpleNamespace(
            parameters={n: SimpleNamespace(value=v) for n, v in known.items()}
        )

    def work(self, dose):
        usual = np.full(MIN_DRAWS, 0.8)
        end = 0.5 * dose.get("mg_i", 0.55) / 0.55 * usual
        found = {"fresh": usual, "end": end, "pcr": usual, "atp": usual, "pi": usual}
        return {name: values.copy() for name, values in found.items()}

    def course(self, dose):
        return {"force30": 0.8 * np.asarray(dose.get("ca_o", 1.25)) * np.ones(100)}

    def rest(self, dose):
        return dict.fromkeys(("v", "k_i", "ca"), np.ones(MIN_DRAWS))

    def quanta(self, times, bath):
        return np.ones((MIN_DRAWS, times.size))


def with_fibres(bench, lost=0, firing=0):
    """Return the same bodies with made-up fibres and axons."""
    rest = np.where(np.arange(MIN_DRAWS) < firing, np.nan, -80.0)
    threshold = np.where(np.arange(MIN_DRAWS) < lost + firing, np.nan, 1.0)
    axons = {"rest": rest, "threshold": threshold}
    return SimpleNamespace(
        population=bench.population, model=bench.model, once=bench.once,
        fibres=Fibres(), rates=bench.rates, excitability=lambda doses: [axons],
    )  # fmt: skip


def test_the_fibre_feels_the_body(bench):
    dose = doses_of("C16")["linked"]
    given = linked.felt_in_muscle(with_fibres(bench), dose)
    assert set(given) == {"ca_o", "mg_o", "k_o", "na_o", "mg_i"}
    assert all(np.shape(values) == (MIN_DRAWS,) for values in given.values())
    lost = value(followed(bench, dose), "mg_i") / 0.5
    assert given["mg_i"] == pytest.approx(0.55 * lost)
    assert np.all((lost > 0.4) & (lost < 0.8))
    assert linked.felt_in_muscle(with_fibres(bench), {}) == {}


def test_gut_loss_is_judged_apart_from_low_magnesium(bench):
    parts, pictures = linked.EVALUATED["C16"](with_fibres(bench, lost=2, firing=3))
    found = {part.name: part for part in parts}
    assert {(part.arm, part.mode) for part in parts} == {("linked", "linked")}
    assert found["weakness"].verdict == NOT_SUPPORTED
    assert found["fatigue"].verdict == REPRODUCED
    assert "2 of 100 draws failed" in found["fatigue"].reason
    assert "that fire by themselves 3" in found["fatigue"].reason
    names = ["C16_linked_fatigue", "C16_linked_weakness"]
    assert sorted(picture.name for picture in pictures) == names
    (row,) = find(["C16"])
    assert missing(row, parts) == ("direct.weakness", "direct.fatigue")


def test_held_ions_hold_rate_and_force(bench, monkeypatch):
    parts, _ = linked.EVALUATED["C115"](with_fibres(bench))
    (row,) = find(["C115"])
    assert row_verdict(row, parts) == BY_ASSUMPTION
    assert {part.name: part.effect for part in parts} == {"r_sp": 1.0, "force30": 1.0}
    free = {"": {"d25": 5.0, "days": LONG}}
    monkeypatch.setattr(linked, "doses_of", lambda claim: free)
    parts, _ = linked.EVALUATED["C115"](with_fibres(bench))
    assert {part.verdict for part in parts} == {NOT_SUPPORTED}


def test_every_draw_releases_in_its_own_bath():
    fibres = FibreBench(MUSCLE_FIBRE, 3, 1)
    times, ca = np.array([0.0, 30.0]), np.array([1.25, 0.9, 0.6])
    found = fibres.quanta(times, {"ca_o": ca})
    alone = np.stack([fibres.quanta(times, {"ca_o": x})[k] for k, x in enumerate(ca)])
    np.testing.assert_array_equal(found, alone)
    assert np.all(np.diff(found[:, 0]) < -1.0)


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
