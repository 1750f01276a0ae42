"""Twitches after hard work: what reaches the axon, and the judges on made-up rates."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.exercise import (
    EVALUATED,
    LATE,
    MINUTES,
    after_work,
    recovering,
)
from neurosim.claims.judge import doses_of
from neurosim.claims.ledger import find
from neurosim.claims.verdict import (
    CONTRADICTED,
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    PARTLY,
    REPORTED,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MOTOR_AXON

HEALTHY = np.linspace(0.5, 2.0, MIN_DRAWS)  # 1/min
WASH_OUT = np.linspace(30e3, 60e3, MIN_DRAWS)  # ms
DOSE = doses_of("C66")[""]


def bench(rate):
    """Pools whose R_sp is that of health times ``rate(bath)``."""

    def rates(doses):
        return [SimpleNamespace(r_sp=HEALTHY * rate(dose)) for dose in doses]

    population = SimpleNamespace(values={"tau_blood": WASH_OUT}, size=MIN_DRAWS)
    return SimpleNamespace(
        model=MOTOR_AXON, rates=rates, fibres=SimpleNamespace(population=population),
        population=SimpleNamespace(seed=1, size=MIN_DRAWS),
    )  # fmt: skip


def steady(bath):
    return 1.0


def by_heat(bath):
    return 1.0 + 20.0 * np.maximum(bath.get("temperature", 37.0) - 37.1, 0.0)


def by_potassium(bath):
    return 1.0 + 500.0 * (bath.get("k_o", 4.0) - 4.0)


def judged(claim, rate):
    parts, pictures = EVALUATED[claim](bench(rate))
    for picture in pictures:
        getattr(plot, picture.kind)(**picture.shown)
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    (row,) = find([claim])
    assert missing(row, parts) == ()
    return {part.name: part for part in parts}, row_verdict(row, parts)


def test_the_bath_after_work():
    here = bench(steady)
    begun = after_work(here, DOSE, 0.0)
    assert begun["k_o"] == pytest.approx(np.full(MIN_DRAWS, 9.0))
    assert begun["temperature"] == pytest.approx(38.5)
    one = after_work(here, DOSE, 1.0)["k_o"]
    assert one[[0, -1]] == pytest.approx(4.0 + 5.0 * np.exp([-2.0, -1.0]))
    late = after_work(here, DOSE, LATE)
    assert late["k_o"] == pytest.approx(np.full(MIN_DRAWS, 4.0))
    assert late["temperature"] == pytest.approx(37.0 + 1.5 * np.exp(-3.0))


def test_a_burst_of_one_minute_does_not_decide():
    def burst(bath):
        return 1.0 + 50.0 * (np.max(bath.get("temperature", 0.0)) > 38.42)

    parts, _ = judged("C66", burst)
    assert parts["first_minute"].verdict == REPORTED
    assert "it reads reproduced" in parts["first_minute"].reason
    assert parts["first_minute"].effect > 10.0 * parts["rise"].effect


def test_phosphate_and_acid_do_not_reach_the_axon():
    here = bench(steady)
    whole, left = (after_work(here, DOSE, 2.0, reset) for reset in ((), ("pi", "ph_m")))
    assert set(whole) == set(left) == {"k_o", "temperature"}
    np.testing.assert_array_equal(whole["k_o"], left["k_o"])
    assert after_work(here, {"pi": 15.0, "ph_m": 6.8}, 2.0) == {}
    assert set(after_work(here, DOSE, 2.0, ("k_int",))) == {"temperature"}


def test_the_mean_is_over_time_not_over_samples():
    def only_first(bath):
        return 30.0 * (np.max(bath["temperature"]) > 38.42)  # the first minute alone

    found, mean = recovering(bench(only_first), DOSE)
    assert np.count_nonzero(found[:, 0]) == 1
    assert mean == pytest.approx(found[0] * 0.5 / 29.0)


def test_a_rise_that_returns_is_reproduced():
    parts, verdict = judged("C66", by_heat)
    assert verdict == REPRODUCED
    assert parts["return"].effect == 1.0
    assert parts["rise"].effect > 1.0
    _, _, told = parts["rise"].reason.partition("heat alone give ")
    k, heat = told.removesuffix(" per min").split(", ")
    assert float(k) == pytest.approx(np.median(HEALTHY))
    assert float(heat) > 20.0


def test_a_rise_that_stays_is_partly():
    def stays(bath):
        return 5.0 if bath else 1.0

    parts, verdict = judged("C66", stays)
    assert parts["rise"].verdict == REPRODUCED
    assert parts["return"].verdict == NOT_SUPPORTED
    assert verdict == PARTLY


def test_no_rise_and_a_fall():
    parts, verdict = judged("C66", steady)
    assert verdict == NOT_SUPPORTED
    assert parts["return"].effect == 1.0  # a draw outside in health is back too
    _, verdict = judged("C66", lambda bath: 0.01 if bath else 1.0)
    assert verdict == CONTRADICTED


def test_waste_products_are_asked_only_after_a_rise():
    parts, verdict = judged("C100", steady)
    assert verdict == NOT_EVALUABLE
    assert "only if C66 passes" in parts["share_waste"].reason


@pytest.mark.parametrize(
    ("rate", "cause"), [(by_heat, "heat"), (by_potassium, "K")]
)  # fmt: skip
def test_waste_products_bear_no_share(rate, cause):
    parts, verdict = judged("C100", rate)
    assert verdict == NOT_SUPPORTED
    assert parts["share_waste"].effect == 0.0
    assert f"{cause} 100%" in parts["share_waste"].reason


def test_claims_and_minutes():
    assert set(EVALUATED) == {"C66", "C100"}
    assert MINUTES[0] == 1.0
    assert MINUTES[-1] == DOSE["recovery_min"]
