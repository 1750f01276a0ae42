"""Claims on myelin, B12 and water loss: the judges on made-up runs, causes as real."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import dehydration, myelin, sheath, vitamins
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.ledger import find
from neurosim.claims.population import Rates, key_of
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    CONTRADICTED,
    NOT_EVALUATED,
    NOT_SUPPORTED,
    PARTLY_SMALL,
    REPORTED,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MOTOR_AXON
from neurosim.pool import AXONS

SPREAD = np.linspace(0.8, 1.2, MIN_DRAWS)  # of the draws, the same in every run
HALF = 1.25  # times healthy, the sheath of g-ratio 0.76


def bench(**more):
    population = SimpleNamespace(seed=1, size=MIN_DRAWS)
    kept = {}

    def once(kind, dose, make):
        key = kind, key_of(dose)
        if key not in kept:
            kept[key] = make(dose)
        return kept[key]

    return SimpleNamespace(population=population, once=once, **more)


def verdict(claim, parts):
    (row,) = find([claim])
    assert missing(row, parts) == ()
    return row_verdict(row, parts)


def drawn(pictures):
    for picture in pictures:
        figure = getattr(plot, picture.kind)(**picture.shown)
        assert figure.axes
        assert getattr(plot, f"{picture.kind}_alt")(**picture.shown)


@pytest.fixture
def fibres(monkeypatch):
    """Let velocity fall by ``slows`` per part of sheath, and impulses arrive."""
    state = SimpleNamespace(slows=0.2, follows=3, stops=1.0)

    def conducted(_, dose, sent=1):
        extra = np.asarray(dose["sheath0"]) - 1.0
        slow = 1.0 - state.slows * extra - 0.1 * (1.0 - dose.get("pump", 1.0))
        arrived = np.full(MIN_DRAWS, float(min(sent, state.follows)))
        return {"thin_cv": 50.0 * slow * SPREAD, "arrived": arrived}

    for module in (myelin, vitamins):
        monkeypatch.setattr(module, "conducted", conducted)
        monkeypatch.setattr(module, "impulse", lambda *_: {"cv": 50.0 * SPREAD})
    monkeypatch.setattr(myelin, "stopped", lambda *_: state.stops * np.ones(MIN_DRAWS))
    monkeypatch.setattr(myelin, "safety", lambda *_: {"safety_factor": 3.4 * SPREAD})
    monkeypatch.setattr(myelin, "thin_safety", lambda *_: 3.3 * SPREAD)
    return state


def test_causes_over_time_are_those_of_the_body():
    year = sheath.put_in({"cause": "b12", "severity": "moderate"}, 365.0)
    assert year["g_ratio"] == pytest.approx(0.76)
    assert year["internode_loss"] == pytest.approx(0.05)
    early = sheath.put_in({"cause": "b12", "severity": "moderate"}, 30.0)
    assert 0.70 < early["g_ratio"] < 0.74
    start = {"start": ("b1", "b6", "b12")}
    before = sheath.put_in(start | {"treat": "none"}, 90.0)
    after = sheath.put_in(start | {"treat": ("b1",)}, 90.0)
    assert before["pump"] == pytest.approx(0.88)
    assert after["pump"] == pytest.approx(1.0)
    assert after["g_ratio"] == before["g_ratio"] == pytest.approx(0.76)


@pytest.mark.parametrize(
    ("slows", "expected"),
    [(0.2, BY_ASSUMPTION), (0.04, PARTLY_SMALL), (-0.2, CONTRADICTED)],
)
def test_velocity_decides_c54(fibres, slows, expected):
    fibres.slows = slows
    parts, pictures = myelin.EVALUATED["C54"](bench())
    assert verdict("C54", parts) == expected
    named = {part.name: part for part in parts}
    assert named["cv"].effect == pytest.approx(1.0 - slows * (HALF - 1.0))
    assert named["block"].effect == pytest.approx(1.0 - 0.95**20, abs=0.03)
    assert named["safety_factor"].verdict == named["block"].verdict == REPORTED
    drawn(pictures)


def test_a_pool_is_as_strong_as_the_axons_that_conduct(fibres):
    (judged,), pictures = myelin.EVALUATED["C90"](bench())
    assert verdict("C90", [judged]) == BY_ASSUMPTION
    assert judged.effect == pytest.approx(0.95**20, abs=0.04)
    drawn(pictures)
    fibres.stops = np.arange(MIN_DRAWS) % 2  # half of them conduct over bare axolemma
    (judged,), _ = myelin.EVALUATED["C90"](bench())
    assert judged.verdict == NOT_EVALUATED
    fibres.stops, fibres.follows = 1.0, 1
    (judged,), _ = myelin.EVALUATED["C90"](bench())
    assert judged.effect == 0.0


def test_force_of_a_pool_goes_with_its_strong_units():
    lost = sheath.lost_units(bench(), 0.05, sheath.STREAM, 20)
    assert lost.shape == (MIN_DRAWS, AXONS)
    kept = sheath.partaking(bench(), 0.05)
    assert np.all(sheath.partaking(bench(), 0.0) == pytest.approx(1.0))
    assert np.all(kept >= sheath.partaking(bench(), 0.15))
    rest = kept - (~lost).mean(axis=1)
    assert abs(np.median(rest)) < 0.03
    assert np.ptp(rest) > 0.05  # units are not alike


def rates(total, threshold=0.03):
    i_th = np.tile([threshold, threshold], (MIN_DRAWS, 1))
    axons = np.repeat((total * SPREAD / 60.0 / AXONS)[:, None], AXONS, axis=1)
    return Rates(total * SPREAD, i_th, np.zeros(MIN_DRAWS), axons)


@pytest.mark.parametrize(
    ("times", "expected"), [(5.0, REPRODUCED), (0.5, CONTRADICTED)]
)
def test_twitches_go_with_the_rate_of_thin_sheaths(monkeypatch, times, expected):
    inner = SimpleNamespace(
        model=sheath.sheathed(MOTOR_AXON),
        rates=lambda doses: [rates(times) for _ in doses],
        passing=lambda _: np.ones(MIN_DRAWS, bool),
    )
    monkeypatch.setattr(sheath, "unit_bench", lambda _: inner)
    silent = np.zeros(MIN_DRAWS)
    for module in (sheath, myelin):
        monkeypatch.setattr(module, "fires_beside_bare", lambda _: silent)
    whole = bench(rates=lambda doses: [rates(1.0) for _ in doses])
    parts, pictures = myelin.EVALUATED["C91"](whole)
    assert verdict("C91", parts) == expected
    assert parts[0].effect == pytest.approx(0.95 * times - 1.0, abs=0.06)
    assert {part.name for part in parts[1:]} == {"severe", "ectopic"}
    drawn(pictures)
    silent[:10] = 1.0  # a node beside a bare internode that fires has no known rate
    parts, _ = myelin.EVALUATED["C91"](
        bench(rates=lambda doses: [rates(1.0) for _ in doses])
    )
    assert parts[0].verdict == NOT_EVALUATED


def test_three_vitamins_against_the_best_single_one(fibres):
    course = {"force30": 0.8 * SPREAD}

    def weaker(dose):
        return {"force30": course["force30"] * dose.get("atp_supply", 1.0)}

    whole = bench(fibres=SimpleNamespace(course=weaker))
    (judged,), pictures = vitamins.EVALUATED["C61"](whole)
    assert verdict("C61", [judged]) == BY_ASSUMPTION  # all three mend something
    assert judged.effect > 0.0
    drawn(pictures)
    _, joint = vitamins.against_singles({
        ("b1",): 0.2, ("b6",): 0.0, ("b12",): 0.5, vitamins.VITAMINS: 0.75,
    })  # fmt: skip
    assert joint == pytest.approx(0.05)


def test_dehydration_is_judged_at_one_low_magnesium(monkeypatch):
    size = MIN_DRAWS
    bath = {"k_o": np.full(size, 4.12), "na_o": np.full(size, 145.0)}
    asked = []

    def rates_at(_, doses):
        asked.extend(doses)
        return np.stack([
            3.0 * SPREAD * (1.0 + 0.5 * ("k_o" in dose) - 0.2 * ("na_o" in dose))
            for dose in doses
        ])  # fmt: skip

    monkeypatch.setattr(dehydration, "felt", lambda *_: dict(bath))
    monkeypatch.setattr(dehydration, "rates_at", rates_at)
    rise = {"na": 4.0, "k": 3.0, "ca_total": 0.0, "mg_total": 0.1}
    monkeypatch.setattr(
        dehydration, "concentrated",
        lambda *_: {n: np.full(size, v) for n, v in rise.items()},
    )  # fmt: skip
    parts, pictures = dehydration.EVALUATED["C30"](bench())
    named = {part.name: part for part in parts}
    assert verdict("C30", parts) == REPRODUCED
    assert named["r_sp"].effect == pytest.approx(1.26, abs=0.02)
    assert named["k_held"].effect == pytest.approx(0.83, abs=0.02)
    assert named["spread"].effect == pytest.approx(4.0)
    assert "uneven" in named["spread"].reason
    assert {dose["mg_o"] for dose in asked} == {0.35}
    drawn(pictures)
    bath.pop("k_o")
    parts, _ = dehydration.EVALUATED["C30"](bench())
    assert verdict("C30", parts) in (NOT_SUPPORTED, CONTRADICTED)
