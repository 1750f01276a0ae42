"""The junction: table 1.1 of muscle.md, trains, chance, and the end-plate model."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config
from scipy import stats

from neurosim import Kicks, simulate
from neurosim.errors import NeurosimError
from neurosim.junction import (
    FROG,
    HUMAN,
    miniature_rate,
    paired_pulse_ratio,
    quantal_content,
    safety_factor,
    terminal_calcium,
    transmit,
)
from neurosim.models import END_PLATE
from neurosim.physics.endplate import safety_of

# Ca, Mg -> safety factor of the frog's constants and of the human junction (table 1.1)
BATHS = [(1.0, 0.55), (0.8, 0.55), (0.6, 0.55), (0.5, 0.55), (1.25, 0.2), (1.25, 2.0),
         (1.25, 3.5), (1.25, 5.0), (1.25, 7.0), (2.0, 5.0)]  # fmt: skip
TABLE = {
    FROG: [1.37, 0.87, 0.43, 0.27, 2.33, 1.08, 0.59, 0.35, 0.19, 1.07],
    HUMAN: [1.84, 1.48, 1.05, 0.82, 2.36, 1.64, 1.23, 0.94, 0.67, 1.64],
}
RUNS = 2000


def train(rate, seconds):
    return np.arange(round(rate * seconds)) * 1e3 / rate


@pytest.mark.parametrize("preset", TABLE, ids=lambda p: p.name)
def test_safety_factors_of_table_1_1(preset):
    ca, mg = np.array(BATHS).T
    digits = 0.005  # the table has two decimals
    found = safety_factor(ca, mg, preset)
    np.testing.assert_allclose(found, TABLE[preset], rtol=0.02, atol=digits)
    assert safety_factor(preset=preset) == pytest.approx(preset.safety)


def test_low_magnesium_alone_raises_release_by_a_tenth_to_a_quarter():
    more = quantal_content(mg_o=[0.2, 0.35]) / quantal_content()
    assert ((more > 1.05) & (more < 1.25)).all()


def test_single_impulses_pass_down_to_calcium_06_and_fail_from_magnesium_5():
    assert (safety_factor(np.linspace(0.6, 2.5, 20)) > 1.0).all()
    assert (safety_factor(mg_o=np.linspace(5.0, 7.0, 5)) < 1.0).all()


def test_calcium_rescues_from_magnesium():
    assert safety_factor(1.25, 5.0) < 1.0 < safety_factor(2.0, 5.0)


def test_release_saturates_at_the_vesicles_there_are():
    assert quantal_content(50.0, 0.0, FROG) == sum(FROG.sites)
    assert quantal_content(0.0) == 0.0


@pytest.mark.parametrize("ca", [0.8, 1.0, 1.25])
def test_trains_of_30_hz_pass_at_calcium_08_and_above(ca):
    found = transmit(train(30.0, 10.0), ca_o=ca)
    assert found.transmission_ratio == [1.0]


def test_trains_fail_in_high_magnesium():
    found = transmit(train(10.0, 2.0), mg_o=[5.0, 6.0, 7.0])
    assert (found.transmission_ratio == 0.0).all()


def test_the_healthy_safety_factor_in_trains():
    fast = transmit(train(30.0, 20.0)).safety[0]
    assert 1.6 < fast[-1] < 1.9
    slow = transmit(train(3.0, 2.0)).quanta[0]
    assert 0.8 < slow[4] / slow[0] < 0.9  # 10-20 % at the fifth


def test_one_pool_without_facilitation_has_the_textbook_steady_state():
    simple = replace(HUMAN, sites=(200,), recovery=(500.0,), facilitation=0.0)
    found = transmit(train(10.0, 20.0), preset=simple).quanta[0]
    p, left = HUMAN.quanta / 200, np.exp(-100.0 / 500.0)
    steady = (1.0 - left) / (1.0 - (1.0 - p) * left)
    assert found[0] == pytest.approx(HUMAN.quanta)
    assert found[1] == pytest.approx(HUMAN.quanta * (1.0 - p * left))
    assert found[-1] == pytest.approx(HUMAN.quanta * steady, rel=1e-9)


def test_facilitation_alone():
    endless = replace(HUMAN, sites=(10**9,), fades=(40.0,))
    found = transmit([0.0, 10.0, 30.0], preset=endless).quanta[0]
    after = 0.15 * np.exp(-10.0 / 40.0)
    last = (after + 0.15) * np.exp(-20.0 / 40.0)
    np.testing.assert_allclose(found / found[0], [1.0, 1.0 + after, 1.0 + last])


def test_paired_pulses():
    assert paired_pulse_ratio(1e5) == pytest.approx(1.0, abs=1e-4)
    assert paired_pulse_ratio(20.0) < paired_pulse_ratio(20.0, ca_o=0.5)
    assert paired_pulse_ratio(20.0, ca_o=0.5) > 1.0  # little is used up
    assert np.isnan(paired_pulse_ratio(20.0, ca_o=0.0))
    assert paired_pulse_ratio([10.0, 50.0], [[1.0], [0.5]]).shape == (2, 2)


@pytest.fixture(scope="module")
def chance():
    return transmit(np.tile(train(30.0, 1.0), (RUNS, 1)), quanta="binomial", seed=3)


def test_first_quanta_are_binomial(chance):
    first, n = chance.quanta[:, 0], sum(HUMAN.sites)
    p = HUMAN.probability
    spread = np.sqrt(n * p * (1.0 - p) / RUNS)
    assert abs(first.mean() - n * p) < 4.0 * spread
    width = np.sqrt(2.0 / (RUNS - 1))  # of the variance, relative
    assert first.var(ddof=1) == pytest.approx(n * p * (1.0 - p), rel=4.0 * width)
    cells = np.concatenate([[0], np.arange(21, 42), [n + 1]])
    seen = np.histogram(first, cells)[0]
    due = RUNS * np.diff(stats.binom.cdf(cells - 1, n, p))
    assert stats.chisquare(seen, due * seen.sum() / due.sum()).pvalue > 1e-4


def test_later_quanta_have_the_mean_of_the_deterministic_train(chance):
    mean = transmit(train(30.0, 1.0)).quanta[0]
    error = chance.quanta.std(0, ddof=1) / np.sqrt(RUNS)
    assert (np.abs(chance.quanta.mean(0) - mean) < 4.5 * error).all()


def test_quanta_are_whole_and_never_more_than_there_are(chance):
    assert (chance.quanta % 1.0 == 0.0).all()
    assert (chance.quanta >= 0).all()
    assert (chance.quanta <= sum(HUMAN.sites)).all()


def test_chance_blocks_hardly_any_healthy_impulse_and_some_at_calcium_08(chance):
    assert chance.transmission_ratio.mean() > 0.99
    times = np.tile(train(30.0, 1.0), (RUNS, 1))
    low = transmit(times, ca_o=0.8, quanta="binomial").transmission_ratio.mean()
    assert low > 0.8  # a ratio below counts as block (muscle.md 6.3)


def test_a_run_depends_on_its_seed_and_number_only():
    times = np.tile(train(30.0, 0.5), (5, 1))
    whole = transmit(times, quanta="binomial", seed=7).quanta
    part = transmit(times[:2], quanta="binomial", seed=7).quanta
    np.testing.assert_array_equal(whole[:2], part)
    assert (whole != transmit(times, quanta="binomial", seed=8).quanta).any()
    assert (whole[0] != whole[1]).any()


def test_runs_of_different_length():
    times = np.array([[0.0, 50.0, 100.0], [0.0, 50.0, np.nan], [np.nan] * 3])
    found = transmit(times, ca_o=[1.25, 1.25, 0.6])
    np.testing.assert_array_equal(np.isnan(found.quanta), np.isnan(times))
    np.testing.assert_array_equal(found.quanta[0, :2], found.quanta[1, :2])
    assert not found.passed[np.isnan(times)].any()
    np.testing.assert_array_equal(found.transmission_ratio, [1.0, 1.0, np.nan])


def test_several_baths_share_one_train():
    found = transmit(train(10.0, 1.0), ca_o=[1.25, 0.6], mg_o=[0.55, 5.0])
    assert found.quanta.shape == (2, 10)
    alone = transmit(train(10.0, 1.0), ca_o=0.6, mg_o=5.0)
    np.testing.assert_array_equal(found.quanta[1], alone.quanta[0])


def test_no_impulses():
    found = transmit(np.empty((3, 0)), quanta="binomial")
    assert found.quanta.shape == (3, 0)
    assert np.isnan(found.transmission_ratio).all()


def test_miniatures():
    assert miniature_rate() == pytest.approx(HUMAN.miniatures)
    rates = miniature_rate(k_o=[2.0, 4.0, 10.0, 20.0])
    assert (np.diff(np.log(rates)) > 1.0).all()
    assert miniature_rate(depolarisation=15.0) == pytest.approx(10 * miniature_rate())
    assert miniature_rate(0.0) == pytest.approx(0.25 * miniature_rate())
    assert miniature_rate(mg_o=5.0) < miniature_rate() < miniature_rate(2.0)


def test_terminal_calcium():
    assert terminal_calcium() == 1.0
    assert terminal_calcium(0.6) == pytest.approx(0.527, abs=0.005)
    assert (terminal_calcium(mg_o=[1.0, 5.0]) < 1.0).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: safety_factor(-1.0), "ca_o = -1"),
        (lambda: safety_factor("much"), "ca_o = much"),
        (lambda: safety_factor([1.0, np.nan]), "ca_o = nan"),
        (lambda: safety_factor([1.0, 2.0], [1.0, 2.0, 3.0]), "shapes do not fit"),
        (lambda: safety_factor(preset="human"), "give a Junction"),
        (lambda: miniature_rate(k_o=0.0), "k_o = 0"),
        (lambda: paired_pulse_ratio(-5.0), "interval = -5"),
        (lambda: terminal_calcium(k_pore=0.0), "k_pore = 0"),
        (lambda: transmit([5.0, 1.0]), "rise along the last axis"),
        (lambda: transmit(np.zeros((2, 1)), ca_o=[1.0] * 3), "one bath, or one"),
        (lambda: transmit([0.0], quanta="poisson"), "It has: binomial, mean"),
        (lambda: transmit([0.0], quanta="binomial", seed=-1), "seed = -1"),
    ],
)
def test_bad_input_is_one_clear_sentence(call, words):
    with pytest.raises(NeurosimError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


# --- the end-plate model


@pytest.fixture(scope="module")
def potentials():
    """A train to an end-plate in three baths, one of 31 quanta, one of 1."""
    found = transmit(train(30.0, 0.2), ca_o=[1.25, 0.8, 0.5])
    times = np.full((5, 6), np.nan)
    times[:3], times[3:, 0] = 5.0 + train(30.0, 0.2), 5.0
    amounts = np.concatenate([found.quanta, np.full((2, 6), [[31.0], [1.0]])])
    model = END_PLATE.along("bath", e_ep=np.zeros(5))
    asked = {"duration": 220.0, "record": ["v"], "record_every": 0.02}
    kicks = Kicks("ach", times, np.where(np.isnan(times), 0.0, amounts))
    run = simulate(model, kicks, measure=["spike_times"], **asked)
    return found, run


@pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
def test_the_end_plate_follows_the_impulses_that_pass(potentials):
    found, run = potentials
    counts = np.isfinite(run["spike_time"].values).sum(1)
    np.testing.assert_array_equal(counts[:3], found.passed.sum(1))
    assert list(counts[3:]) == [1, 0]


@pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
def test_sizes_of_end_plate_potentials(potentials):
    found, run = potentials
    v = run["v"].values
    assert v[:, 0] == pytest.approx(-85.0)
    rise = v.max(-1) - v[:, 0]
    assert rise[4] == pytest.approx(1.0, rel=0.01)  # mV of a quantum
    threshold = END_PLATE.detect - -85.0
    assert rise[3] / threshold == pytest.approx(HUMAN.safety, rel=0.002)
    window = run["time"].values < 35.0  # the first impulse
    first = v[:3, window].max(-1) - v[:3, 0]
    law = [safety_of(q / HUMAN.quanta, HUMAN.safety, HUMAN.martin)
           for q in found.quanta[:, 0]]  # fmt: skip
    np.testing.assert_allclose(first / threshold, law, rtol=0.02)


@pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
def test_the_end_plate_model_follows_scipy():
    asked = {
        "protocol": Kicks("ach", [2.0, 12.0], [31.0, 20.0]), "duration": 25.0,
        "record": ["v"], "record_every": 0.02,
    }  # fmt: skip
    kernel = simulate(END_PLATE, **asked)["v"]
    exact = simulate(END_PLATE, solver="reference", **asked)["v"]
    assert float(kernel.max()) == pytest.approx(float(exact.max()), abs=0.01)
    late = exact.interp(time=kernel["time"] - 0.5 * END_PLATE.dt)  # kicks fall on steps
    np.testing.assert_allclose(kernel[1:], late[1:], atol=0.06)


def test_a_bath_belongs_to_the_terminal():
    with pytest.raises(NeurosimError, match=r"junction\.transmit"):
        END_PLATE.at(ca_o=0.6)
