"""Claims on calcium, relaxation and the silent nerve, with numbers made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import relaxation, silent
from neurosim.claims.fibre import OCCASIONS, FibreBench
from neurosim.claims.ledger import find
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    CONTRADICTED,
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    PARTLY,
    PARTLY_SMALL,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MUSCLE_FIBRE

SIZE, SEED = 100, 1
SPREAD = np.linspace(0.9, 1.1, SIZE)  # of a healthy quantity over draws
HEALTHY = {
    "rt50": 70.0, "half30": 200.0, "residual": 50.0, "twitch": 0.15, "force30": 0.8,
    "force10": 0.3, "after": 0.0, "transmission": 1.0, "ca_decay": 5.0,
}  # fmt: skip


class Fibres:
    """Fibres whose courses and silent runs are told, factor by factor."""

    def __init__(self, course=None, quiet=None):
        self.told, self.quiet = course or (lambda dose: {}), quiet or (lambda dose: {})
        self.population = SimpleNamespace(values={"sr_leak": np.ones(SIZE)}, seed=SEED)
        self.asked = []

    def course(self, dose, **how):
        self.asked.append(dict(dose))
        found = {n: SPREAD * v for n, v in HEALTHY.items()}
        found["transmission"] = np.ones(SIZE)
        return {n: self.told(dose).get(n, 1.0) * v for n, v in found.items()} | {
            n: np.broadcast_to(v, SIZE)
            for n, v in self.told(dose).items()
            if n in ("after", "residual")
        }

    def of(self, kind, dose, make):
        if kind == "fibre_transient":
            return {n: self.course(dose)[n] for n in ("rt50", "ca_decay")}
        usual = {"ca": 0.05 * SPREAD, "force": 1e-3 * SPREAD, "events": np.zeros(SIZE)}
        assert kind == "fibre_silent"
        return usual | {n: v * np.ones(SIZE) for n, v in self.quiet(dose).items()}


def bench_of(**told):
    return SimpleNamespace(
        population=SimpleNamespace(size=SIZE, seed=SEED), fibres=Fibres(**told)
    )


def judged(claim, bench):
    """Return parts by arm and name, and the verdict of the row."""
    judges = {**relaxation.EVALUATED, **silent.EVALUATED}
    parts, pictures = judges[claim](bench)
    (row,) = find([claim])
    assert missing(row, parts) == ()
    assert {p.figure for p in parts if p.figure} == {f"{p.name}.svg" for p in pictures}
    for picture in pictures:
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    return {(p.arm, p.name): p for p in parts}, row_verdict(row, parts)


def when(name, told):
    """Return a course that differs where the dose has a parameter."""
    return lambda dose: told if name in dose else {}


@pytest.mark.parametrize(
    ("name", "told", "verdict"),
    [
        ("k_o", {"rt50": 1.2}, REPRODUCED),
        ("mg_i", {"residual": 56.0 * SPREAD}, REPRODUCED),
        ("atp_supply", {"rt50": 1.2}, PARTLY),
        ("ca_o", {"rt50": 1.02}, PARTLY_SMALL),
        ("ca_o", {"rt50": 1.0}, NOT_SUPPORTED),
    ],
)
def test_calcium_cycling_by_arm(name, told, verdict):
    assert judged("C04", bench_of(course=when(name, told)))[1] == verdict


def test_a_fibre_that_does_not_follow_is_named():
    told = {"transmission": np.where(np.arange(SIZE) < 7, 0.5, 1.0)}
    parts, _ = judged("C04", bench_of(course=when("k_o", told)))
    assert "7 of 100 fibres do not follow" in parts["k", "residual_force"].reason
    assert "0 of 100 fibres do not follow" in parts["ca", "residual_force"].reason


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(1.06, REPRODUCED), (1.04, PARTLY_SMALL), (1.0, NOT_SUPPORTED),
     (0.94, CONTRADICTED)],
)  # fmt: skip
def test_magnesium_and_relaxation(factor, verdict):
    bench = bench_of(course=when("mg_i", {"rt50": factor, "ca_decay": 3.0}))
    parts, row = judged("C08", bench)
    assert row == verdict
    assert parts["", "rt50"].effect == pytest.approx(factor)
    assert parts["", "ca_decay"].effect == pytest.approx(3.0)  # reported, not judged
    held = [dose for dose in bench.fibres.asked if "parvalbumin" in dose]
    assert {"mg_i" in dose for dose in held} == {False, True}


def test_sites_share_nothing_where_magnesium_does_nothing():
    parts, row = judged("C75", bench_of())
    assert row == NOT_EVALUABLE
    assert "C08 does not pass" in parts["", "share_binding"].reason


@pytest.mark.parametrize(
    ("left", "verdict"), [(1.02, BY_ASSUMPTION), (1.08, NOT_SUPPORTED)]
)
def test_sites_share_what_their_reset_removes(left, verdict):
    def course(dose):
        reset = "sr_leak" in dose
        return {"rt50": left if reset else 1.10} if "mg_i" in dose else {}

    parts, row = judged("C75", bench_of(course=course))
    assert row == verdict
    assert parts["", "share_binding"].effect == pytest.approx((1.10 - left) / 0.10)


def test_the_reset_undoes_what_the_channels_of_the_reticulum_feel():
    held = relaxation.without_binding(bench_of(), {"mg_i": 0.4})
    from neurosim.physics.reticulum import leak_permeability, release_capacity

    def leak(scale, mg_i):
        return leak_permeability(scale, mg_i, 0.0, 1.0)

    def release(scale, mg_i):
        return release_capacity(1.0, scale, mg_i, 0.0, 0.0, 1.0)

    assert leak(held["sr_leak"][0], 0.4) == pytest.approx(leak(1.0, 0.55))
    assert release(held["release"], 0.4) == pytest.approx(release(1.0, 0.55))


def test_a_single_twitch_without_release_refutes_the_control():
    told = {"twitch": np.full(SIZE, 1e-6)}
    assert judged("C37", bench_of(course=when("release", told)))[1] == BY_ASSUMPTION
    told["twitch"][0] = 0.02
    assert judged("C37", bench_of(course=when("release", told)))[1] == NOT_SUPPORTED


def test_serca_asks_for_every_draw():
    told = {"rt50": np.full(SIZE, 1.8)}
    assert judged("C77", bench_of(course=when("serca", told)))[1] == BY_ASSUMPTION
    told["rt50"][0] = 0.9
    assert judged("C77", bench_of(course=when("serca", told)))[1] == PARTLY


def test_after_discharge_in_one_draw_of_ten_is_enough():
    told = {"after": np.where(np.arange(SIZE) < 10, 3.0, 0.0)}
    assert judged("C45", bench_of(course=when("k_o", told)))[1] == REPRODUCED
    told = {"after": np.where(np.arange(SIZE) < 9, 3.0, 0.0)}
    assert judged("C45", bench_of(course=when("k_o", told)))[1] == NOT_SUPPORTED
    told = {"after": np.full(SIZE, 3.0), "force30": np.nan}  # failed, so not known
    parts, _ = judged("C45", bench_of(course=when("k_o", told)))
    assert parts["", "after_discharge"].effect is None


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"ca": 0.06 * SPREAD}, PARTLY),
        ({"ca": 0.06 * SPREAD, "force": 0.02}, REPRODUCED),
        ({"ca": 0.06 * SPREAD, "events": 1.0}, REPRODUCED),
        ({"force": 0.02, "events": 1.0}, NOT_SUPPORTED),
    ],
)
def test_low_magnesium_with_a_silent_nerve(told, verdict):
    assert judged("C72", bench_of(quiet=when("mg_i", told)))[1] == verdict


@pytest.mark.parametrize(
    ("course", "quiet", "verdict"),
    [
        ({"force10": 1.06}, {}, PARTLY),
        ({"force10": 1.0}, {"events": np.arange(SIZE) < 10}, REPRODUCED),
        ({"force10": 1.0}, {"events": np.arange(SIZE) < 9}, NOT_SUPPORTED),
    ],
)
def test_caffeine_at_the_fibre(course, quiet, verdict):
    bench = bench_of(
        course=when("caffeine_um", course), quiet=when("caffeine_um", quiet)
    )
    assert judged("C99", bench)[1] == verdict


def test_an_event_in_health_is_none_of_the_dose():
    bench = bench_of(quiet=lambda dose: {"events": 1.0})
    assert silent.eventful(bench, {"caffeine_um": 70.0}, 0.1).effect == 0.0


@pytest.fixture(scope="module")
def real():
    fibres = FibreBench(MUSCLE_FIBRE, SIZE, SEED)
    return SimpleNamespace(population=fibres.population, fibres=fibres)


def test_magnesium_hinders_entry_and_hardly_helps_uptake(real):
    parts, row = judged("C74", real)
    assert row == CONTRADICTED
    assert 1.02 < parts["", "ca_entry"].low < parts["", "ca_entry"].high < 1.06
    assert parts["", "sr_uptake"].effect == pytest.approx(0.9983, abs=5e-4)
    # at rest the reticulum takes up what leaks: (0.55 / 0.4)^1.6
    assert parts["", "sr_uptake_rest"].effect == pytest.approx(1.664, rel=0.01)


def test_single_quanta_come_at_their_rate_and_fire_nothing(real):
    for bath in ({}, {"k_o": 8.0}, {"ca_o": 0.65}):
        times, quanta, rates = real.fibres.miniatures(bath, 400e3)
        each, expected = quanta.sum(axis=1), rates * 400.0
        assert np.abs(each - expected).max() < 5.0 * np.sqrt(expected.max())
        chance = expected.mean() * (1.0 - rates.mean() / OCCASIONS)  # at given times
        assert np.mean((each - expected) ** 2) == pytest.approx(chance, rel=0.4)
        assert (np.diff(times) > 0.0).all()
        assert times.max() < 400e3
        if not bath:
            assert np.median(rates) == pytest.approx(0.25)
            gaps = np.concatenate([np.diff(times[row > 0]) for row in quanta])
            assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # exponential
        if "k_o" in bath:
            assert (rates > 0.5).all()
        again = real.fibres.miniatures(bath, 400e3)[1]
        assert np.array_equal(quanta, again)
    at = np.full((SIZE, 1), 10.0)
    at[1] = np.nan
    for quanta, fired in ((1.0, 0), (31.0, 1)):
        sent = np.where(np.isfinite(at), quanta, 0.0)
        found = real.fibres.run({}, at, 30.0, sent=sent, record=("v",), every=0.1)
        spikes = np.isfinite(found["spike_time"]).sum(axis=1)
        assert spikes.tolist() == [fired, 0] + [fired] * (SIZE - 2)
        rise = found["v"].max(axis=1) - found["v"][:, 0]
        assert rise[1] == pytest.approx(0.0, abs=1e-3)
        if quanta == 1.0:
            assert 0.3 < np.median(rise) < 3.0  # mV, 0.4-1 and more where small
