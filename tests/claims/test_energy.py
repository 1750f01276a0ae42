"""Claims on energy and tiring: the judges on made-up runs, and two cheap real ones."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import energy
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.energy import EVALUATED, column, lasting, of_fibre
from neurosim.claims.fibre import FibreBench
from neurosim.claims.fibre_course import impulses
from neurosim.claims.ledger import find
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    PARTLY_SMALL,
    REPORTED,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MUSCLE_FIBRE

SPREAD = np.linspace(0.8, 1.2, MIN_DRAWS)  # of the draws, the same in every run
WORK = {
    "fresh": 0.8, "end": 0.5, "rt50_fresh": 75.0, "rt50_end": 90.0, "rest_force": 0.01,
    "pcr": 16.0, "atp": 7.9, "pi": 20.0,
}  # fmt: skip
COURSE = {"force30": 0.8, "rt50": 75.0, "transmission": 1.0}
REST = {"v": -88.0, "k_i": 150.0, "na_i": 11.0, "atp": 8.0, "pcr": 32.0, "pi": 4.0}


class Fibres:
    """Runs in which ``change(dose)`` gives factors on healthy features."""

    def __init__(self, change):
        self.change, self.asked = change, Counter()

    def run(self, kind, healthy, dose):
        dose = {n: v for n, v in dose.items() if v != 1.0}
        self.asked[kind, tuple(sorted(dose.items()))] += 1
        factors = self.change(dose) if dose else {}
        return {n: v * factors.get(n, 1.0) * SPREAD for n, v in healthy.items()}

    def work(self, dose):
        return self.run("work", WORK, dose)

    def course(self, dose):
        return self.run("course", COURSE, dose)

    def rest(self, dose):
        return self.run("rest", REST, dose)


def bench(change=lambda dose: {}):
    return SimpleNamespace(
        population=SimpleNamespace(seed=1, size=MIN_DRAWS), fibres=Fibres(change)
    )


def judged(claim, change=lambda dose: {}):
    parts, pictures = EVALUATED[claim](bench(change))
    return {part.name: part for part in parts}, pictures


def verdict(claim, change):
    (row,) = find([claim])
    return row_verdict(row, EVALUATED[claim](bench(change))[0])


@pytest.mark.parametrize("claim", sorted(EVALUATED))
def test_parts_figures_and_words(claim):
    parts, pictures = judged(claim)
    (row,) = find([claim])
    absent = {"C16": {"linked.weakness", "linked.fatigue"}, "C62": {"r_sp"}}
    assert set(missing(row, parts.values())) == absent.get(claim, set())
    deciding = [part for part in parts.values() if part.verdict != REPORTED]
    assert all(part.mode == "direct" and part.seed == 1 for part in parts.values())
    assert {part.figure for part in deciding} == {f"{p.name}.svg" for p in pictures}
    for picture in pictures:
        getattr(plot, picture.kind)(**picture.shown)
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)


@pytest.mark.parametrize("claim", sorted(EVALUATED))
def test_without_an_effect_nothing_is_supported(claim):
    parts, _ = judged(claim)
    deciding = [part for part in parts.values() if part.verdict != REPORTED]
    assert {part.verdict for part in deciding} == {NOT_SUPPORTED}
    assert {part.effect for part in deciding} == {1.0}
    assert all(part.smallest_dose is None for part in deciding)


def test_supply_by_haemoglobin_and_work():
    assert of_fibre({"hb": 7.0, "work": 0.7}) == {"atp_supply": pytest.approx(0.90)}
    assert of_fibre({"hb": 7.0, "work": 0.0}) == {"atp_supply": 1.0}
    assert of_fibre({"hb": 8.0, "work": 0.7})["atp_supply"] == pytest.approx(0.935)
    b1 = of_fibre({"atp_supply": 0.6, "pump": 0.75, "axon_loss": 0.0})
    assert b1 == {"atp_supply": 0.6, "pump": 0.75}


def test_relaxation_that_slows_after_work_only_is_partly():
    def slows(dose):
        return {"rt50_end": 1.0 + 0.6 * (1.0 - dose["atp_supply"])}

    parts, _ = judged("C06", slows)
    assert parts["after"].verdict == REPRODUCED
    assert parts["after"].effect == pytest.approx(1.24)
    assert parts["after"].smallest_dose == 0.8  # 1.12, the mildest that passes
    assert parts["fresh"].verdict == NOT_SUPPORTED
    assert verdict("C06", slows) == PARTLY


def test_relaxation_that_slows_fresh_too_is_reproduced():
    def slows(dose):
        factor = 1.15 if dose["atp_supply"] < 0.7 else 1.05
        return {"rt50_end": factor, "rt50_fresh": factor}

    parts, _ = judged("C06", slows)
    assert parts["after"].smallest_dose == 0.6
    assert verdict("C06", slows) == REPRODUCED
    assert "100 draws relax 10 % more slowly after work" in parts["after"].reason
    faster = judged("C06", lambda dose: {"rt50_end": 0.85, "rest_force": 3.0})[0]
    assert faster["after"].verdict == CONTRADICTED
    assert faster["rest_force"].effect == pytest.approx(2.0, rel=0.01)  # % of maximal


def test_small_effects_and_failed_draws():
    small, _ = judged("C95", lambda dose: {"end": 0.95})
    assert small["force_end"].verdict == PARTLY_SMALL

    def failing(dose):
        return {"end": np.where(np.arange(MIN_DRAWS) < 4, np.nan, 0.8)}

    parts, _ = judged("C95", failing)
    assert "4 of 100 draws failed" in parts["force_end"].reason
    assert parts["force_end"].sign_probability == pytest.approx(0.96)


def test_low_magnesium_is_weakness_or_tiring():
    weak, _ = judged("C16", lambda dose: {"fresh": 0.9, "end": 0.9})
    assert weak["weakness"].verdict == weak["fatigue"].verdict == REPRODUCED
    assert {part.arm for part in weak.values()} == {"direct"}
    tired, _ = judged("C16", lambda dose: {"end": 0.9})
    assert tired["weakness"].verdict == NOT_SUPPORTED
    assert "end over fresh force 0.625, 0.562" in tired["fatigue"].reason


def test_tiring_at_low_potassium_is_apart_from_weakness():
    weak, _ = judged("C81", lambda dose: {"fresh": 0.7, "end": 0.7})
    assert weak["fatigue_ratio"].verdict == NOT_SUPPORTED
    tired, _ = judged("C81", lambda dose: {"end": 0.85})
    assert tired["fatigue_ratio"].verdict == REPRODUCED
    assert tired["fatigue_ratio"].effect == pytest.approx(0.85)


def test_what_is_put_in_reads_by_assumption():
    assert verdict("C97", lambda dose: {"end": 0.9}) == BY_ASSUMPTION
    assert verdict("C97", lambda dose: {"end": 1.1}) == CONTRADICTED
    assert verdict("C76", lambda dose: {"pcr": 0.9}) == REPRODUCED
    assert verdict("C76", lambda dose: {"pcr": 0.97}) == PARTLY_SMALL
    assert verdict("C58", lambda dose: {"force30": 0.85}) == REPRODUCED


def test_anaemia_at_rest_is_the_healthy_run():
    here = bench(lambda dose: pytest.fail(f"{dose} is no rest"))
    for claim in ("C56", "C62"):
        parts, _ = EVALUATED[claim](here)
        assert {part.effect for part in parts} == {1.0}
        assert "factor put in is 1" in parts[0].reason
    assert {dose for _, dose in here.fibres.asked} == {()}


def test_words_of_a_minute_of_work():
    run = {name: np.full(3, value) for name, value in WORK.items()}
    assert lasting(run) == (
        "force 0.80 fresh and 0.50 at the end, there PCr 16.0, ATP 7.90, Pi 20.0 mM"
    )
    assert column([run, run], "pcr").shape == (2, 3)


def test_a_number_that_decides_nothing_may_be_missing():
    found = energy.reported(bench(), "C76", "pcr_rest", np.full(3, np.nan), "none")
    assert found.effect is None
    assert found.verdict == REPORTED


def test_real_fibres_pay_for_work_with_phosphocreatine():
    fibres = FibreBench(MUSCLE_FIBRE, 4, 1)
    healthy, short = {}, {"atp_supply": 0.6}
    rests = [fibres.rest(dose)["pcr"] for dose in (healthy, short)]
    assert np.all(rests[1] < rests[0])
    assert np.all(rests[1] > 0.9 * rests[0])  # little is used at rest
    times = impulses(30.0, 50.0, 0.4)
    ends = []
    for dose in (healthy, short):
        found = fibres.run(dose, times, 500.0, record=("force", "pcr"), every=10.0)
        ends.append(found["pcr"][:, -1])
        assert np.all(found["force"].max(axis=1) > 0.4)
    assert np.all(ends[0] < 0.99 * rests[0])
    assert np.all(ends[1] < ends[0])
