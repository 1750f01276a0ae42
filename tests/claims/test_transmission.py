"""What the junction decides, and the force of the fibre that its nerve drives."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from neurosim.claims import driven, transmission
from neurosim.claims.fibre import FibreBench
from neurosim.claims.ledger import find
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    NOT_SUPPORTED,
    PARTLY_SMALL,
    REPORTED,
    REPRODUCED,
    missing,
    row_verdict,
)
from neurosim.models import MUSCLE_FIBRE

SIZE, SEED = 100, 1


def bench_of(fibres):
    return SimpleNamespace(
        population=SimpleNamespace(size=SIZE, seed=SEED),
        fibres=fibres,
        tick=None,
        shelf=None,
    )


@pytest.fixture(scope="module")
def fibres():
    return FibreBench(MUSCLE_FIBRE, SIZE, SEED)


@pytest.fixture
def bench(fibres):
    return bench_of(fibres)


def by_name(parts):
    return {part.name: part for part in parts}


def row_of(claim, parts):
    (row,) = find([claim])
    return row_verdict(row, parts)


@pytest.mark.parametrize("claim", ["C09", "C15"])
def test_what_the_release_law_holds_reads_by_assumption(bench, claim):
    parts, pictures = transmission.EVALUATED[claim](bench)
    assert row_of(claim, parts) == BY_ASSUMPTION
    assert 1.05 < by_name(parts)["m"].effect < 1.2  # muscle.md 1.1: +10-25 %
    assert {p.figure for p in parts if p.figure} == {f"{p.name}.svg" for p in pictures}


def test_release_without_competition_is_not_supported(bench):
    free = [replace(j, k_mg=1e9) for j in bench.fibres.junctions]
    alone = bench_of(SimpleNamespace(junctions=free))
    content = by_name(transmission.magnesium_competes(alone)[0])["m"]
    assert content.effect == pytest.approx(1.0, abs=1e-6)
    assert content.verdict not in (BY_ASSUMPTION, REPRODUCED)


def test_magnesium_shifts_the_calcium_curve_and_leaves_its_slope(bench):
    (low, wide), (high, _) = (transmission.slopes(bench, mg) for mg in (0.55, 4.0))
    np.testing.assert_allclose(high, low, atol=5e-3)
    assert np.median(wide) == pytest.approx(2.0, abs=0.3)  # mammals about 2.2


def test_calcium_entry_and_paired_pulses_are_only_reported(bench):
    entry = by_name(transmission.magnesium_competes(bench)[0])["ca_entry"]
    assert entry.verdict == REPORTED
    assert 1.0 < entry.low < entry.high < 1.1
    parts = by_name(transmission.shortage_disturbs_transmission(bench)[0])
    assert parts["safety_factor"].effect > 1.0
    assert parts["paired_pulse_ratio"].effect < 1.0  # more release, more depletion


def test_no_calcium_no_release(bench):
    (part,), _ = transmission.no_release_without_calcium(bench)
    assert part.verdict == BY_ASSUMPTION
    steady = [replace(j, power=0.0) for j in bench.fibres.junctions]
    (part,), _ = transmission.no_release_without_calcium(
        bench_of(SimpleNamespace(junctions=steady))
    )
    assert part.verdict == NOT_SUPPORTED


def test_much_magnesium_lowers_the_safety_factor(bench):
    (part,), _ = transmission.too_much_magnesium(bench)
    assert part.verdict == BY_ASSUMPTION
    assert part.effect == pytest.approx(0.455, abs=0.03)
    assert part.smallest_dose == 2.0


def test_a_fibre_alone_receives_the_train_and_then_single_quanta():
    fibres, seen = spiking(20, 0).fibres, {}

    def run(dose, times, until, **how):
        seen.update(how, times=times, until=until)
        return {"spike_time": times[None], "force": np.zeros((SIZE, 2))}

    fibres.run = run
    found = transmission.terminal_alone(bench_of(fibres), {"k_o": 6.0})
    train = transmission.TRAIN
    later, single = seen["times"][train.size :], seen["sent"][:, train.size :]
    assert np.array_equal(seen["times"][: train.size], train)
    assert later.min() > transmission.ALONE
    assert later.max() < seen["until"]
    assert set(np.unique(single)) == {0.0, 1.0}
    assert (seen["sent"][:, : train.size] > 2.0).all()
    assert (found["miniatures"] > 0.5).all()  # 0.25 in health


def spiking(evoked, alone):
    """Return fibres that fire so often in the train of C05 and after it."""
    fibres = FibreBench(MUSCLE_FIBRE, SIZE, SEED)

    def run(dose, times, until, **how):
        train = np.linspace(60.0, 2300.0, evoked)
        later = np.linspace(3000.0, 9000.0, alone)
        spikes = np.tile(np.concatenate([train, later]), (SIZE, 1))
        return {"spike_time": spikes, "force": np.zeros((SIZE, 2))}

    fibres.run = run
    return bench_of(fibres)


@pytest.mark.parametrize(
    ("evoked", "alone", "generator", "amplifier"),
    [
        (20, 0, NOT_SUPPORTED, NOT_SUPPORTED),
        (21, 0, NOT_SUPPORTED, REPRODUCED),
        (20, 1, REPRODUCED, NOT_SUPPORTED),
    ],
)
def test_generator_and_amplifier(evoked, alone, generator, amplifier):
    parts, _ = transmission.trouble_at_the_junction(spiking(evoked, alone))
    assert [part.verdict for part in parts] == [generator, amplifier] * 3
    assert missing(find(["C05"])[0], parts) == ()
    either = REPRODUCED in (generator, amplifier)
    assert row_of("C05", parts) == (REPRODUCED if either else NOT_SUPPORTED)


def test_a_miniature_does_not_fire_a_fibre_but_an_impulse_does(fibres):
    times = np.array([10.0])
    one, all_of_them = (
        fibres.run({}, times, 30.0, sent=np.full((SIZE, 1), quanta), every=5.0)
        for quanta in (1.0, 31.0)
    )
    assert not np.isfinite(one["spike_time"]).any()
    assert (np.isfinite(all_of_them["spike_time"]).sum(axis=1) == 1).all()


def with_course(fibres, found):
    """Return a bench whose courses are hand-made, by dose."""

    def course(dose):
        force, carried = found(dose)
        return {"force30": force * np.ones(SIZE), "transmission": carried}

    return bench_of(SimpleNamespace(junctions=fibres.junctions, course=course))


def test_paradox_of_calcium(fibres):
    some = np.where(np.arange(SIZE) < 20, 0.5, 1.0)
    for carried, verdict in ((np.ones(SIZE), REPRODUCED), (some, NOT_SUPPORTED)):
        bench = with_course(
            fibres, lambda dose, carried=carried: (0.98 if dose else 1.0, carried)
        )
        parts = by_name(driven.paradox_of_calcium(bench)[0])
        assert parts["m"].verdict == BY_ASSUMPTION
        assert parts["m"].effect == pytest.approx(0.6, abs=0.05)
        assert parts["force30"].verdict == REPRODUCED
        assert parts["transmission"].verdict == verdict


def test_low_sodium_and_force(fibres, monkeypatch):
    for force, verdict in ((0.9, REPRODUCED), (0.97, PARTLY_SMALL)):
        bench = with_course(
            fibres, lambda dose, force=force: (force if dose else 1.0, None)
        )
        monkeypatch.setattr(driven, "swollen", lambda bench, na_o: bench.fibres)
        (part,), (picture,) = driven.low_sodium_weakens_muscle(bench)
        assert part.verdict == verdict
        assert part.figure == f"{picture.name}.svg"


def test_a_swollen_cell_has_its_ions_diluted_and_the_same_draws(bench):
    swollen = driven.swollen(bench, 115.0)
    start = {s.name: s.initial for s in swollen.model.states}
    usual = {s.name: s.initial for s in MUSCLE_FIBRE.states}
    assert start["k_i"] / usual["k_i"] == pytest.approx(240.0 / 290.0)
    assert start["k_e"] == usual["k_e"]
    for name, values in swollen.population.values.items():
        np.testing.assert_array_equal(values, bench.fibres.population.values[name])
