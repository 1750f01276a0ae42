"""Minutes of motor pools, events that fibres follow, and the share of the nerve."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from neurosim.claims import motor_pool, population
from neurosim.claims.fibre import JUNCTIONS
from neurosim.claims.ledger import find
from neurosim.claims.minute import STEP, impulses, passed, pooled, shown
from neurosim.claims.population import Bench, draw
from neurosim.claims.verdict import (
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    PARTLY,
    REPORTED,
    REPRODUCED,
    Outcome,
    row_verdict,
)
from neurosim.innervate import DELAY, unit_forces
from neurosim.junction import HUMAN
from neurosim.models import MOTOR_AXON
from neurosim.pool import AXONS
from neurosim.trains import padded

SIZE, SEED = 100, 1
TIME = STEP * np.arange(round(60e3 / STEP))
TWITCH = np.interp(np.arange(0.0, 300.0, STEP), [0.0, 60.0, 200.0], [0.0, 0.1, 0.0])


@pytest.fixture(scope="module")
def bench():
    return Bench(MOTOR_AXON, draw(MOTOR_AXON, SIZE, SEED))


SAMPLES = round(60e3 / STEP)


def silent(units=AXONS):
    return [np.empty(0)] * units


# --- force of a pool


def test_a_silent_pool_only_has_its_tone():
    np.testing.assert_array_equal(pooled(silent(), TWITCH, 0.01, SAMPLES), 0.01)


def test_a_twitch_of_one_unit_weighs_as_the_unit():
    trains = silent()
    trains[7] = np.array([1000.0])
    force = pooled(trains, TWITCH, 0.0, SAMPLES)
    assert force.max() == pytest.approx(0.1 * unit_forces(AXONS)[7])
    assert TIME[force.argmax()] == pytest.approx(1060.0)
    assert force[TIME < 1000.0].max() == pytest.approx(0.0, abs=1e-12)


def test_twitches_add_up_to_the_tetanus_of_the_unit_and_no_further():
    two, fast = silent(2), silent(2)
    two[1] = np.array([1000.0, 1000.0 + 2.0 * STEP])
    fast[1] = np.arange(1000.0, 3000.0, 5.0)
    share = unit_forces(2)[1]
    assert pooled(two, TWITCH, 0.0, SAMPLES).max() == pytest.approx(
        share * (TWITCH + np.roll(TWITCH, 2)).max()
    )
    assert pooled(fast, TWITCH, 0.02, SAMPLES).max() == pytest.approx(
        0.02 + 0.98 * share
    )


def test_the_junction_passes_in_health_and_blocks_without_calcium():
    trains = [np.array([10.0, 500.0]), np.empty(0), np.array([40.0])]
    drawn = {name: np.full(3, getattr(HUMAN, name)) for name in JUNCTIONS}
    human, one = replace(HUMAN, **drawn), np.ones(3)
    followed = passed(trains, human, 1.25 * one, 0.55 * one)
    for times, after in zip(trains, followed, strict=True):
        np.testing.assert_allclose(after, times + DELAY)
    assert sum(map(len, passed(trains, human, 0.3 * one, 0.55 * one))) == 0
    assert padded(trains).shape == (3, 2)


def test_signs_of_a_pool():
    trains = silent()
    quiet = shown(trains, trains, TIME, np.full(TIME.size, 0.01), 0.01)
    assert (quiet["sign"], quiet["tense"], quiet["units"]) == ("quiet", 0.0, 0.0)
    trains[3] = np.arange(100.0, 59e3, 100.0)
    tense = shown(trains, trains, TIME, np.full(TIME.size, 0.6), 0.01)
    assert tense["sign"] == "cramp"
    assert tense["tense"] == pytest.approx(1.0)
    lost = shown(trains, trains, TIME, np.full(TIME.size, np.nan), np.nan)
    assert lost["sign"] == ""
    assert np.isnan(lost["peak"])


# --- spikes of a pool


class Axons:
    """A bench whose axons have hand-made rates and fire like clocks if simulated."""

    population = SimpleNamespace(seed=SEED, size=3)
    minute = 60.0

    def __init__(self, rates):
        self.given, self.asked = rates, None

    def rates(self, doses):
        return [SimpleNamespace(axons=self.given)]

    def fire(self, bath, picked, sigma, seconds):
        self.asked = picked
        return SimpleNamespace(times=np.tile([1.5, 2.5, np.nan], (picked.sum(), 1)))


def test_only_the_busiest_axons_are_simulated():
    rates = np.zeros((3, AXONS))
    rates[0, :6] = 1.0 + np.arange(6)  # 60 events a minute and more: four of six
    rates[1, 9] = 0.1  # 6 events: by chance
    axons = Axons(rates)
    pools = impulses(axons, {})
    assert np.argwhere(axons.asked).tolist() == [[0, 2], [0, 3], [0, 4], [0, 5]]
    assert pools[0][5].tolist() == [1.5, 2.5]
    assert 90 < pools[0][1].size < 150  # 120 expected
    assert 0 < pools[1][9].size < 16
    assert (np.diff(pools[0][1]) > 0).all()
    assert pools[0][1].max() < 60e3
    assert sum(map(len, pools[2])) == 0


def test_a_calm_bath_simulates_nothing():
    axons = Axons(np.full((3, AXONS), 1e-3))
    impulses(axons, {})
    assert axons.asked is None


def test_a_simulated_axon_gives_its_spikes(bench):
    picked = np.zeros((SIZE, AXONS), bool)
    picked[np.argmax(bench.pools.shift.max(axis=1)), 0] = True
    found = bench.fire({"shift": 8.0}, picked, 0.05, 1.0)
    assert found.times.shape[0] == 1
    spikes = np.isfinite(found.times).sum()
    assert spikes == round(found.events[0] * found.spikes_per_event[0]) > 0


# --- events that fibres follow


def test_junctions_pass_where_people_move(bench):
    for bath in ({}, {"ca_o": 0.8}, {"mg_o": 0.226}, {"mg_o": 2.0}):
        assert bench.passing(bath).all()
    assert 0.0 < np.mean(~bench.passing({"ca_o": 0.6})) < 0.6
    assert not bench.passing({"mg_o": np.full(SIZE, 8.0)}).any()
    assert not bench.passing({"ca_o": np.full(SIZE, np.nan)}).any()


def test_blocked_events_are_no_events(bench, monkeypatch):
    other = Bench(MOTOR_AXON, bench.population)
    rates = np.full((SIZE, AXONS), 0.01)
    monkeypatch.setattr(other, "thresholds", lambda dose: np.full((SIZE, 2), 0.05))
    monkeypatch.setattr(other, "counted", lambda *a: (rates, rates > 1.0))
    (healthy,) = other.rates([{}])
    np.testing.assert_allclose(healthy.r_sp, 60.0 * 0.01 * AXONS)
    (blocked,) = other.rates([{"mg_o": 4.0}])
    passes = other.passing({"mg_o": 4.0})
    assert 0 < passes.sum() < SIZE
    np.testing.assert_allclose(blocked.r_sp, healthy.r_sp * passes)
    np.testing.assert_allclose(blocked.axons, healthy.axons)


# --- judges


def pools_of(sign, peak, tense=0.0, silent=0.0):
    values = {"peak": peak, "tense": tense, "silent": silent, "busiest": 1.0}
    full = {n: np.broadcast_to(v, SIZE).astype(float) for n, v in values.items()}
    return {"sign": np.broadcast_to(sign, SIZE), **full}


def minutes(monkeypatch, healthy, dosed):
    monkeypatch.setattr(
        motor_pool, "minute", lambda bench, dose: dosed if dose else healthy
    )


def test_severe_spasm(bench, monkeypatch):
    some = np.where(np.arange(SIZE) < 60, "tetany", "twitch")
    few = np.where(np.arange(SIZE) < 10, "tetany", "quiet")
    quiet = pools_of("quiet", 0.01)
    for healthy, dosed, verdict in (
        (quiet, pools_of(some, 0.4), REPRODUCED),
        (quiet, pools_of(some, 0.2), NOT_SUPPORTED),
        (quiet, pools_of("twitch", 0.4), NOT_SUPPORTED),
        (pools_of(few, 0.4), pools_of(some, 0.4), PARTLY),
    ):
        minutes(monkeypatch, healthy, dosed)
        (part,), (picture,) = motor_pool.severe_spasm(bench)
        assert part.verdict == verdict
        assert picture.shown["shares"]["quiet, reference"][0] in (1.0, 0.9)


@pytest.mark.parametrize(
    ("tense", "silent", "verdict"),
    [
        (0.2, 0.0, "via nerve"),
        (1.0, 1.0, "via muscle"),
        (0.02, 0.0, PARTLY),
        (0.0, 0.0, NOT_SUPPORTED),
    ],
)
def test_sustained_tension(bench, monkeypatch, tense, silent, verdict):
    minutes(monkeypatch, pools_of("quiet", 0.01), pools_of("cramp", 0.4, tense, silent))
    part = motor_pool.tension(bench, {"mg_o": 0.226}, arm="direct")
    assert part.verdict == verdict
    assert part.effect == pytest.approx(tense)


def nerve(bench, monkeypatch, dosed, own):
    healthy = np.linspace(0.5, 1.5, SIZE)
    monkeypatch.setattr(
        motor_pool, "rates_at", lambda bench, doses: np.stack([healthy, dosed])
    )
    verdict = REPRODUCED if np.min(dosed) > 1.5 else NOT_SUPPORTED
    monkeypatch.setattr(motor_pool, "standard", lambda *a: Outcome(verdict))
    monkeypatch.setattr(motor_pool, "born", lambda *a: np.full(SIZE, own))
    fibres = SimpleNamespace(excitability=lambda dose: {"threshold": np.ones(SIZE)})
    fake = SimpleNamespace(
        population=bench.population, passing=bench.passing, fibres=fibres
    )
    return motor_pool.share_of_the_nerve(fake)[0]


def test_share_of_the_nerve(bench, monkeypatch):
    many = np.full(SIZE, 101.0)
    for own, share, verdict in ((0.0, 1.0, REPRODUCED), (75.0, 0.25, NOT_SUPPORTED)):
        parts = nerve(bench, monkeypatch, many, own)
        assert {part.verdict for part in parts} == {verdict}
        assert parts[0].effect == pytest.approx(share, abs=0.01)
    parts = nerve(bench, monkeypatch, np.full(SIZE, 1.2), 0.0)
    assert {part.verdict for part in parts} == {NOT_EVALUABLE}


def test_no_calcium_entry_in_the_axon(bench, monkeypatch):
    found = {"mg": 4.0, "reset": 1.0, "leak": 5.0, "leak, reset": 2.0}

    def rates_at(asked, doses):
        kind = "leak, reset" if asked == "leaky" else "reset"
        rows = [
            found[kind] if "shift" in dose
            else (found["leak" if asked == "leaky" else "mg"] if dose else 1.0)
            for dose in doses
        ]  # fmt: skip
        return np.stack([np.full(SIZE, row) for row in rows])

    monkeypatch.setattr(motor_pool, "rates_at", rates_at)
    monkeypatch.setattr(motor_pool, "with_leak", lambda bench: "leaky")
    for first, verdict in (
        (NOT_SUPPORTED, NOT_EVALUABLE), (REPRODUCED, NOT_SUPPORTED),
    ):  # fmt: skip
        monkeypatch.setattr(
            motor_pool, "low_magnesium_fires",
            lambda bench, first=first: ([Outcome(first)], []),
        )  # fmt: skip
        parts = {p.name: p for p in motor_pool.calcium_entry(bench)[0]}
        assert parts["ca_entry"].verdict == verdict
        assert parts["ca_entry"].effect == 0.0
        assert parts["screening"].verdict == REPORTED
        assert parts["screening"].effect == pytest.approx(1.0)
        assert parts["screening_nalcn"].effect == pytest.approx(0.75)
        assert parts["leak_nalcn"].effect == pytest.approx(0.25)
        assert row_verdict(find(["C10"])[0], parts.values()) == verdict


def test_the_leak_is_nothing_in_health(bench):
    leaky = motor_pool.with_leak(bench)
    assert set(leaky.model.parameters) - set(MOTOR_AXON.parameters) >= {"nalcn_share"}
    assert leaky.population is bench.population
    assert population.MINUTE == 60.0
