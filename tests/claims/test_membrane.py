"""Claims on the fibre's membrane, with numbers made by hand and a few real fibres."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import axon, membrane, silent
from neurosim.claims.fibre import FibreBench
from neurosim.claims.ledger import find
from neurosim.claims.population import draw
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    CONTRADICTED,
    NOT_EVALUATED,
    NOT_SUPPORTED,
    PARTLY,
    REPORTED,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MOTOR_AXON, MUSCLE_FIBRE

SIZE, SEED = 100, 1
SPREAD = np.linspace(0.9, 1.1, SIZE)  # of a healthy quantity over draws


class Fibres:
    """Fibres whose force, rest, threshold and events are functions of the dose."""

    def __init__(self, *, force=None, rest=None, threshold=None, events=None):
        one, zero = (lambda dose: 1.0), (lambda dose: 0.0)
        self.force, self.threshold = force or one, threshold or one
        self.moved, self.events = rest or zero, events or zero

    def course(self, dose, **how):
        force = 0.8 * SPREAD * self.force(dose)
        return {"force30": force, "transmission": np.ones(SIZE)}

    def excitability(self, dose):
        return {"rest": -88.0 + SPREAD + self.moved(dose),
                "threshold": 124.0 * SPREAD * self.threshold(dose)}  # fmt: skip

    def of(self, kind, dose, make):
        assert kind == "fibre_silent"
        return {"events": np.ones(SIZE) * self.events(dose)}


def bench_of(**told):
    return SimpleNamespace(
        population=SimpleNamespace(size=SIZE, seed=SEED), fibres=Fibres(**told)
    )


def found(claim, bench):
    """Return parts by arm and name, after a look at the figures."""
    judges = {**membrane.EVALUATED, **silent.EVALUATED}
    parts, pictures = judges[claim](bench)
    assert {p.figure for p in parts if p.figure} == {f"{p.name}.svg" for p in pictures}
    for picture in pictures:
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    return {(p.arm, p.name): p for p in parts}


def row_of(claim, parts):
    (row,) = find([claim])
    assert missing(row, parts.values()) == ()
    return row_verdict(row, parts.values())


def potassium(change):
    """Return a quantity that depends on K outside alone."""
    return lambda dose: change(dose.get("k_o", 4.0))


@pytest.mark.parametrize(
    ("force", "verdict"),
    [
        (lambda k: 1.0 - 0.1 * (4.0 - k), REPRODUCED),
        (lambda k: 1.0, NOT_SUPPORTED),
        (lambda k: 0.8 if k < 3.6 and k != 2.0 else 1.0, PARTLY),  # turns back
        (lambda k: 1.0 + 0.1 * (4.0 - k), CONTRADICTED),
    ],
)
def test_low_potassium_and_force(force, verdict):
    assert row_of("C43", found("C43", bench_of(force=potassium(force)))) == verdict


def test_the_mildest_potassium_that_passes_is_told():
    force = potassium(lambda k: 1.0 - 0.12 * (4.0 - k))
    parts = found("C43", bench_of(force=force))
    assert parts["", "force30"].smallest_dose == 3.0
    assert parts["", "force30_direct"].verdict == REPORTED


def test_fibres_without_rest_are_counted_not_judged():
    def force(dose):
        return np.where(np.arange(SIZE) < 80, np.nan, 0.5) if "leak" in dose else 0.8

    leaky = found("C43", bench_of(force=force))["", "force30_leaky"]
    assert "20 of 100 fibres have a stable rest at K 4" in leaky.reason
    assert leaky.effect == pytest.approx(1.0)


def test_a_threshold_that_falls_reproduces_the_fibre_part():
    falls = potassium(lambda k: 1.0 - 0.04 * (4.0 - k))
    part = found("C46", bench_of(threshold=falls))["", "i_th_fibre"]
    assert (part.verdict, part.smallest_dose) == (REPRODUCED, 2.5)
    rises = potassium(lambda k: 1.0 + 0.04 * (4.0 - k))
    part = found("C46", bench_of(threshold=rises))["", "i_th_fibre"]
    assert part.verdict == CONTRADICTED


@pytest.mark.parametrize(("rise", "verdict"), [(9.0, REPRODUCED), (0.0, NOT_SUPPORTED)])
def test_high_potassium_and_rest(rise, verdict):
    moved = potassium(lambda k: rise * (k - 4.0) / 3.0)
    part = found("C52", bench_of(rest=moved))["k", "v_rest"]
    assert part.verdict == verdict
    assert part.effect == pytest.approx(rise)


def test_rest_and_threshold_have_to_move_both():
    rest = potassium(lambda k: 5.0 * (k - 4.0))
    parts = found("C79", bench_of(rest=rest))
    assert parts["k", "fibre"].verdict == NOT_SUPPORTED
    both = bench_of(rest=rest, threshold=potassium(lambda k: k / 4.0))
    parts = found("C79", both)
    assert parts["k", "fibre"].verdict == REPRODUCED
    assert parts["ca", "fibre"].effect == 0.0


@pytest.mark.parametrize(
    ("events", "verdict"), [(0.0, PARTLY), (np.arange(SIZE) < 50, REPRODUCED)]
)
def test_fibres_by_themselves(events, verdict):
    bench = bench_of(
        threshold=lambda dose: 0.9 if "ca_o" in dose else 1.0,
        events=lambda dose: events if "ca_o" in dose else 0.0,
    )
    parts = found("C78", bench)
    assert row_of("C78", parts) == verdict
    assert parts["k", "i_th_fibre"].verdict == REPORTED


def test_twitches_are_counted_by_their_rise():
    time = np.arange(0.0, 3000.0, 10.0)
    bumps = sum(np.exp(-(((time - t) / 60.0) ** 2)) for t in (150, 1150, 2150))
    force = np.stack([0.15 * bumps, 0.02 * bumps, 0.15 + 0.0 * time])
    counted = membrane.twitches(force, np.array([0.15, 0.15, 0.15]))
    assert counted.tolist() == [3, 0, 0]


def answered(monkeypatch, spikes, able=True):
    """Return the parts of C112 for a fibre with so many spikes after the nerve's."""
    times = np.full((2, SIZE, 3), np.nan)
    times[0] = (100.0, 1100.0, 2100.0)
    ran = np.ones((2, SIZE), bool)
    ran[1, 0] = able
    monkeypatch.setattr(membrane, "impulses_of_axons", lambda bench: (times, ran))
    clock = np.arange(0.0, 3000.0, 10.0)
    bumps = sum(np.exp(-(((clock - t) / 60.0) ** 2)) for t in (150, 1150, 2150))

    def run(dose, sent, until):
        driven = np.isfinite(sent).any()
        force = np.tile(0.15 * bumps if driven else 0.0 * clock, (SIZE, 1))
        fired = np.zeros((SIZE, spikes if driven else 0))
        return {"time": clock, "force": force, "spike_time": fired}

    bench = bench_of()
    bench.fibres.run = run
    return found("C112", bench)


def test_one_answer_for_each_impulse(monkeypatch):
    assert row_of("C112", answered(monkeypatch, 3)) == BY_ASSUMPTION
    assert row_of("C112", answered(monkeypatch, 4)) == PARTLY  # the blocked arm holds


def test_an_axon_that_did_not_run_is_no_blocked_axon(monkeypatch):
    parts = answered(monkeypatch, 3, able=False)
    assert parts["blocked", "force"].sign_probability == 0.99
    assert parts["blocked", "force"].verdict == NOT_SUPPORTED


@pytest.fixture(scope="module")
def real():
    fibres = FibreBench(MUSCLE_FIBRE, SIZE, SEED)
    return SimpleNamespace(population=fibres.population, fibres=fibres)


def test_low_potassium_holds_real_fibres_down(real):
    parts = found("C79", real)
    assert parts["k", "fibre"].verdict == REPRODUCED
    assert parts["ca", "fibre"].effect == parts["mg", "fibre"].effect == 0.0
    low = real.fibres.excitability({"k_o": 2.5})
    usual = real.fibres.excitability({})
    assert -11.0 < np.median(low["rest"] - usual["rest"]) < -6.0  # mV, muscle.md 2.5
    assert np.all(low["threshold"] > usual["threshold"])


def test_each_fibre_follows_an_axon_of_its_own(real):
    times = np.full((SIZE, 2), np.nan)
    times[:, 0] = 5.0 + np.arange(SIZE) / 10.0
    times[::2, 1] = 40.0
    times[1] = np.nan
    spikes = real.fibres.run({}, times, 60.0)["spike_time"]
    fired = np.isfinite(spikes).sum(axis=1)
    assert fired.tolist() == np.isfinite(times).sum(axis=1).tolist()
    later = spikes[:, 0] - times[:, 0]
    assert np.nanmin(later) > 0.8  # ms, DELAY
    assert np.nanmax(later) < 4.0


def test_impulses_of_the_nerve_are_those_of_its_axons(monkeypatch):
    """At 50 Hz, so that the run is short; 0.1 nA is near the highest threshold."""
    monkeypatch.setattr(membrane, "PERIOD", 20.0)
    monkeypatch.setattr(membrane, "FIRST", 2.0)
    population = draw(MOTOR_AXON, SIZE, SEED)
    bench = SimpleNamespace(
        model=MOTOR_AXON, population=population,
        excitability=lambda doses: [{"threshold": np.full(SIZE, 0.1)}],
    )  # fmt: skip
    times, able = membrane.impulses_of_axons(bench)
    assert able.all()
    assert np.isfinite(times).sum(axis=2).tolist() == [[3] * SIZE, [0] * SIZE]
    assert np.all((times[0, :, 0] > 2.0) & (times[0, :, 0] < 5.0))


def test_no_row_of_these_waits_for_the_fibre_any_more():
    """The axon's judges leave the fibre's parts to this module."""
    source = (axon.low_potassium_and_threshold, axon.rest_and_threshold)
    assert all("waits" not in judge.__code__.co_names for judge in source)
    assert NOT_EVALUATED not in {p.verdict for p in found("C52", bench_of()).values()}
