"""Claim on stress: the judge on made-up baths and rates, and the real bath."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import stress
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.judge import doses_of
from neurosim.claims.ledger import find
from neurosim.claims.population import Bench, draw
from neurosim.claims.stress import HOUR, SLOPES, attack, both_slopes
from neurosim.claims.verdict import (
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY,
    PARTLY_SMALL,
    REPORTED,
    REPRODUCED,
    Outcome,
    row_verdict,
)
from neurosim.models import MOTOR_AXON

HEALTHY = np.geomspace(0.1, 10.0, MIN_DRAWS)  # 1/min
BATH = {"ph_o": 7.54, "ca_o": 1.20, "k_o": 3.45, "mg_o": 0.53}
RESET = {"ph": "ph_o", "ca": "ca_o", "k": "k_o", "mg": "mg_o"}


def felt(bench, dose):
    """Return a made-up bath that obeys resets, adrenaline and the slope."""
    assert dose["days"] == HOUR
    reset = dose.get("reset", ())
    gone = {RESET[name] for name in ((reset,) if isinstance(reset, str) else reset)}
    gone |= {"ca_o"} if dose["slope_respiratory"] == 0.0 else set()
    gone |= set() if "eta" in dose else {"k_o"}
    return {name: value for name, value in BATH.items() if name not in gone}


def judged(monkeypatch, factors):
    """Judge axons whose rates change by a factor for each ion that is moved."""

    def rate(dose):
        return HEALTHY * np.prod([factors.get(name, 1.0) for name in dose])

    def rates(doses):
        return [SimpleNamespace(r_sp=rate(dose)) for dose in doses]

    monkeypatch.setattr(stress, "felt", felt)
    monkeypatch.setattr(
        stress, "sensory_rates", lambda _, doses: np.stack([rate(d) for d in doses])
    )
    bench = SimpleNamespace(population=SimpleNamespace(seed=1), rates=rates)
    parts, pictures = stress.stress_fires(bench)
    for picture in pictures:
        getattr(plot, picture.kind)(**picture.shown)
        assert "C63" in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    (row,) = find(["C63"])
    return {part.name: part for part in parts}, row_verdict(row, parts)


def test_only_the_rate_of_the_whole_bath_decides(monkeypatch):
    parts, verdict = judged(monkeypatch, {"ph_o": 20.0})
    assert verdict == parts["r_sp"].verdict == REPRODUCED
    others = [part for name, part in parts.items() if name != "r_sp"]
    assert {part.verdict for part in others} == {REPORTED}
    assert {part.mode for part in parts.values()} == {"linked"}
    assert "a share of 100% of the rise" in parts["by_ph"].reason
    assert "a share of 0% of the rise" in parts["by_k"].reason
    assert "by itself it reads reproduced" in parts["sensory_rate"].reason
    assert parts["ca_alone"].effect == 0.0
    assert parts["ph_alone"].effect == pytest.approx(19.0 * np.median(HEALTHY))


def test_potassium_that_falls_calms(monkeypatch):
    parts, verdict = judged(monkeypatch, {"ph_o": 4.0, "k_o": 0.2})
    assert verdict == CONTRADICTED
    assert parts["by_ph"].effect > 0.0 > parts["by_k"].effect
    assert "no share" in parts["by_k"].reason
    assert parts["ph_alone"].effect > 0.0


def test_calcium_alone_holds_at_one_slope_only(monkeypatch):
    parts, verdict = judged(monkeypatch, {"ca_o": 20.0})
    assert verdict == PARTLY
    assert "slope 0.17: reproduced" in parts["r_sp"].reason
    assert "slope 0: not supported" in parts["r_sp"].reason


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (REPRODUCED, REPRODUCED, REPRODUCED),
        (REPRODUCED, CONTRADICTED, PARTLY),
        (NOT_SUPPORTED, REPRODUCED, PARTLY),
        (PARTLY_SMALL, NOT_SUPPORTED, NOT_SUPPORTED),
        (NOT_SUPPORTED, CONTRADICTED, CONTRADICTED),
    ],
)
def test_two_slopes_make_one_verdict(first, second, whole):
    assert both_slopes(Outcome(first), Outcome(second)).verdict == whole


def test_the_real_bath_of_an_hour():
    bench = Bench(MOTOR_AXON, draw(MOTOR_AXON, MIN_DRAWS, 1))
    doses = doses_of("C63")
    whole, flat = (attack(bench, doses["all"], slope) for slope in SLOPES)
    assert np.median(whole["ph_o"]) == pytest.approx(7.54, abs=0.01)
    assert np.median(whole["ca_o"]) == pytest.approx(1.19, abs=0.02)
    assert 3.2 < np.median(whole["k_o"]) < 3.6
    assert "ca_o" not in flat
    assert flat["k_o"] == whole["k_o"]
    assert "drive" not in whole
    assert set(attack(bench, doses["ca"])) == {"ca_o", "mg_o"}
    assert set(attack(bench, doses["ph"])) == {"ph_o", "mg_o"}
