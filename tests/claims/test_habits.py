"""Claims on caffeine and sleep: the judges on made-up rates, and what is put in."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.habits import EVALUATED, by_severity
from neurosim.claims.judge import settings_of
from neurosim.claims.ledger import find
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    NOT_SUPPORTED,
    PARTLY,
    PARTLY_SMALL,
    REPORTED,
    missing,
    row_verdict,
)

HEALTHY = np.geomspace(0.1, 10.0, MIN_DRAWS)  # 1/min; above 10 is outside in 95 %


def bench(steep):
    """Return axons whose rates grow with the drive to this power."""

    def rates(doses):
        assert all(set(dose) <= {"drive"} for dose in doses)
        return [
            SimpleNamespace(r_sp=HEALTHY * dose.get("drive", 1.0) ** steep)
            for dose in doses
        ]

    return SimpleNamespace(population=SimpleNamespace(seed=1), rates=rates)


def judged(claim, steep):
    parts, pictures = EVALUATED[claim](bench(steep))
    (row,) = find([claim])
    assert missing(row, parts) == ()
    assert {p.figure for p in parts if p.figure} == {f"{p.name}.svg" for p in pictures}
    for picture in pictures:
        getattr(plot, picture.kind)(**picture.shown)
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    return {part.name: part for part in parts}, row_verdict(row, parts)


def test_the_inward_current_scales_the_drive():
    assert settings_of({"pic": 1.2, "drive": 1.1})["drive"] == pytest.approx(1.32)
    assert settings_of({"pic": 1.2})["drive"] == pytest.approx(1.2)
    both = settings_of({"pic": 1.2, "inhib": 0.8})
    assert both == {"drive": pytest.approx(1.5)}
    assert settings_of({"pic": 1.0}) == {}


def test_milder_settings_are_those_of_the_causes():
    assert by_severity("caffeine")[2] == {"pic": 1.2, "drive": 1.1}
    assert by_severity("sleep_loss") == [
        {"drive": 1.05}, {"inhib": 0.95, "drive": 1.1}, {"inhib": 0.85, "drive": 1.2},
    ]  # fmt: skip


@pytest.mark.parametrize("claim", sorted(EVALUATED))
def test_a_drive_that_does_nothing_supports_nothing(claim):
    parts, verdict = judged(claim, 0.0)
    assert verdict == NOT_SUPPORTED
    assert {part.effect for part in parts.values()} == {0.0}
    assert parts["r_sp"].smallest_dose is None


def test_caffeine_holds_by_assumption_at_best():
    parts, verdict = judged("C64", 30.0)  # at 1.05 a factor of 4, at 1.32 of 4000
    assert verdict == parts["r_sp"].verdict == BY_ASSUMPTION
    assert parts["r_sp"].smallest_dose == "3 mg/kg"
    assert "reported nowhere" in parts["r_sp"].reason
    assert parts["pic_alone"].verdict == parts["drive_alone"].verdict == REPORTED
    assert parts["pic_alone"].effect > parts["drive_alone"].effect > 0.0


def test_a_small_rise_is_partly_small():
    parts, verdict = judged("C64", 5.0)  # at 1.32 a factor of 4
    assert verdict == PARTLY_SMALL
    assert parts["r_sp"].smallest_dose is None


def test_lack_of_sleep_has_to_pass_without_a_change_of_inhibition_too():
    # 1.41 (with inhibition) and 1.2 (without): factors of 11 and 3.6, 100 and 16
    parts, verdict = judged("C65", 7.0)
    assert parts["r_sp"].verdict == BY_ASSUMPTION
    assert parts["inhib_1"].verdict == PARTLY_SMALL
    assert verdict == PARTLY
    assert parts["r_sp"].smallest_dose == "severe"
    parts, verdict = judged("C65", 16.0)
    assert {part.verdict for part in parts.values()} == {BY_ASSUMPTION}
    assert verdict == BY_ASSUMPTION
