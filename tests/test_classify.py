"""Every row of the table is hit inside its limits and missed just outside them."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from neurosim.classify import RULES, SIGNS, classify, classify_pool, features_of
from neurosim.errors import NeurosimError

TIME = np.arange(0.0, 20_000.1, 5.0)  # ms


def flat(level):
    return np.full(TIME.size, level)


def during(begin, end, level):
    """Force [of tetanus] that stands at a level between two times [ms]."""
    return np.where((begin <= TIME) & (end >= TIME), level, 0.0)


def regular(rate, begin, end):
    """Spikes [ms] at an even rate [1/s], from begin up to and with end [ms]."""
    count = round((end - begin) * rate / 1e3)
    return begin + 1e3 / rate * np.arange(count + 1)


def groups(spikes, rate, starts):
    return np.concatenate([t + 1e3 / rate * np.arange(spikes) for t in starts])


def sign(spikes=(), force=None, **given):
    trains = {"axon_spikes": spikes, "fibre_spikes": spikes} | given
    force = flat(0.0) if force is None else force
    return classify(features_of(time=TIME, force=force, **trains))


def rule(*args, **given):
    return sign(*args, **given).rule


# --- rows, in their order


@pytest.mark.parametrize(
    ("given", "hit"),
    [
        ({"transmission": 0.79}, "transmission"),
        ({"transmission": 0.8}, "silence"),
        ({"tetanic_force": 0.69}, "tetanic force"),
        ({"tetanic_force": 0.7}, "silence"),
        ({"v_rest": -64.9}, "lost rest"),
        ({"v_rest": -65.0}, "silence"),
        ({"v_rest": -60.0, "transmission": 1.0}, "silence"),  # it can fire
        ({"half_relaxation": 1.51}, "slow relaxation"),
        ({"half_relaxation": 1.5}, "silence"),
    ],
)
def test_what_a_test_stimulus_shows(given, hit):
    assert rule(**given) == hit


def test_a_lost_rest_is_no_block_while_something_fires():
    assert rule([1000.0], v_rest=-60.0) == "isolated spikes"


def test_contracture_needs_force_that_lasts_in_silence():
    assert sign(force=during(2000, 3005, 0.11)).sign == "contracture"
    assert sign(force=during(2000, 3000, 0.11)).sign == "quiet"
    assert sign(force=during(2000, 8000, 0.10)).sign == "quiet"
    few, enough = [500.0, 9000.0, 18_000.0], [500.0, 5e3, 9e3, 18e3]  # 0.15, 0.2 1/s
    assert sign(few, during(2000, 3005, 0.5)).sign == "contracture"
    assert sign(enough, during(2000, 3005, 0.5)).sign != "contracture"


def test_slow_relaxation_is_told_only_without_discharge_and_without_contracture():
    assert sign(force=during(0, 5e3, 0.3), half_relaxation=2.0).sign == "contracture"
    busy = regular(20.0, 1000, 6000)
    assert sign(busy, during(1000, 6000, 0.8), half_relaxation=2.0).sign == "cramp"


def falling(first, last, begin, end):
    """Spikes [ms] whose rate falls evenly from first to last [1/s]."""
    times = [begin]
    while times[-1] < end:
        rate = np.interp(times[-1], [begin, end], [first, last])
        times.append(times[-1] + 1e3 / rate)
    return np.array(times)


def test_myotonia_is_a_slowing_run_that_the_axon_did_not_make():
    run = falling(60.0, 30.0, 1000.0, 3000.0)
    assert sign(fibre_spikes=run, axon_spikes=[]).sign == "myotonia"
    assert sign(fibre_spikes=run, axon_spikes=[990.5]).sign == "myotonia"
    assert sign(fibre_spikes=run, axon_spikes=run - 4.0).sign != "myotonia"
    assert sign(fibre_spikes=run, axon_spikes=None).sign != "myotonia"  # not known


@pytest.mark.parametrize(
    ("run", "hit"),
    [
        (falling(60.0, 30.0, 1000.0, 1510.0), True),
        (falling(60.0, 30.0, 1000.0, 1440.0), False),  # shorter than 0.5 s
        (regular(40.0, 1000.0, 3000.0), False),  # does not slow down
        (falling(60.0, 42.0, 1000.0, 3000.0), True),
        (falling(60.0, 44.0, 1000.0, 3000.0), False),  # slows by less than 20 %
        (falling(130.0, 60.0, 1000.0, 3000.0), False),  # above 80 /s
        (falling(27.0, 16.0, 1000.0, 3000.0), True),
        (falling(24.0, 14.0, 1000.0, 3000.0), False),  # below 20 /s
    ],
)
def test_limits_of_myotonia(run, hit):
    assert (sign(fibre_spikes=run, axon_spikes=[]).sign == "myotonia") is hit


def test_fibre_spikes_belong_to_the_axon_up_to_ten_ms_after_its_spike():
    fibre = falling(60.0, 30.0, 1000.0, 3000.0)
    for delay, count in ((9.9, 0), (10.1, fibre.size)):
        found = features_of(
            axon_spikes=fibre - delay, fibre_spikes=fibre, time=TIME, force=flat(0.0)
        )
        assert found.muscle_run.spikes == count


def test_neuromyotonia():
    assert rule(groups(10, 151.0, [3000.0])) == "very fast run"
    assert rule(groups(9, 151.0, [3000.0])) != "very fast run"
    assert rule(groups(10, 149.0, [3000.0])) != "very fast run"
    run = groups(30, 200.0, [3000.0])
    assert rule(axon_spikes=[], fibre_spikes=run) != "very fast run"  # of the muscle


@pytest.mark.parametrize(
    ("rate", "end", "level", "hit"),
    [
        (20.0, 4000, 0.5, "sustained run"),
        (20.0, 3950, 0.5, "short run"),  # below 3 s
        (20.0, 6000, 0.49, "no rule"),  # long, but not strong enough: no row fits
        (6.1, 6000, 0.5, "sustained run"),
        (5.9, 6000, 0.5, "no rule"),
        (59.0, 6000, 0.5, "sustained run"),
        (61.0, 6000, 0.5, "no rule"),
    ],
)
def test_limits_of_cramp(rate, end, level, hit):
    assert rule(regular(rate, 1000, end), during(900, end + 50, level)) == hit


def test_a_cramp_may_be_faster_in_an_axon_alone():
    run, force = regular(140.0, 1000, 6000), during(900, 6000, 0.9)
    assert rule(run, force, fibre_spikes=None) == "sustained run"
    assert rule(run, force) == "no rule"
    assert rule(regular(151.0, 1000, 6000), force, fibre_spikes=None) == "very fast run"


def test_a_cramp_has_no_gap_above_a_quarter_of_a_second():
    joined = np.concatenate([regular(20.0, 1000, 3000), regular(20.0, 3249, 5249)])
    apart = np.concatenate([regular(20.0, 1000, 3000), regular(20.0, 3251, 5251)])
    assert rule(joined, during(900, 5400, 0.7)) == "sustained run"
    assert rule(apart, during(900, 5400, 0.7)) == "short run"


def test_a_cramp_is_strong_for_most_of_its_run():
    run = regular(20.0, 1000, 6000)
    assert rule(run, during(1000, 3600, 0.9)) == "sustained run"
    assert rule(run, during(1000, 3400, 0.9)) == "no rule"


def test_tetany_goes_before_cramp_where_the_run_is_made_of_multiplets():
    spikes = groups(5, 150.0, np.arange(1000.0, 6000.0, 125.0))
    found = sign(spikes, during(1000, 6000, 0.9))
    assert found.features.run.duration > 3.0
    assert found.features.run_tense > 0.5
    assert found.sign == "tetany"


def test_a_steady_or_an_irregular_fast_run_is_no_tetany():
    rng = np.random.default_rng(4)
    for cv in (0.05, 0.3):
        gaps = rng.gamma(1 / cv**2, 25.0 * cv**2, 400)  # 40 /s
        spikes = 1000.0 + np.cumsum(gaps)
        assert sign(spikes, during(900, 12_000, 0.9)).sign == "cramp"


@pytest.mark.parametrize(
    ("spikes", "rate", "every", "end", "hit"),
    [
        (4, 100.0, 200.0, 3201, "multiplets"),
        (4, 100.0, 200.0, 2801, "no rule"),  # lasts less than 2 s, and little force
        (3, 100.0, 200.0, 6200, "doublets"),
        (2, 100.0, 200.0, 6200, "doublets"),
        (2, 100.0, 200.0, 5800, "no rule"),  # below 5 s
        (2, 100.0, 245.0, 6200, "doublets"),
        (2, 100.0, 255.0, 6200, "no rule"),  # slower than 4 /s
        (2, 300.0, 68.0, 6200, "doublets"),
        (2, 300.0, 65.0, 6200, "no rule"),  # faster than 15 /s
        (4, 100.0, 499.0, 6200, "multiplets"),
        (4, 100.0, 510.0, 6200, "no rule"),  # slower than 2 /s
        (4, 41.0, 400.0, 6200, "multiplets"),
        (4, 39.0, 400.0, 6200, "regular bursts"),  # intervals above 25 ms
        (4, 290.0, 51.0, 6200, "multiplets"),
        (4, 310.0, 51.0, 6200, "no rule"),  # faster than 300 /s within
        (4, 290.0, 48.0, 6200, "no rule"),  # recurs faster than 20 /s
    ],
)
def test_limits_of_tetany(spikes, rate, every, end, hit):
    train = groups(spikes, rate, np.arange(1000.0, end, every))
    assert rule(train) == hit


def test_latent_tetany_is_a_sign_of_its_own():
    found = sign(groups(3, 100.0, np.arange(1000.0, 9000.0, 150.0)))
    assert found.sign == "latent tetany"
    assert "tetany" in SIGNS


def test_myokymia():
    starts = np.arange(1000.0, 15_000.0, 1000.0)
    assert rule(groups(5, 30.0, starts)) == "regular bursts"
    assert rule(groups(5, 30.0, starts[:3])) == "regular bursts"
    assert rule(groups(5, 30.0, starts[:2])) == "no rule"
    assert rule(groups(10, 59.0, starts)) == "regular bursts"
    assert rule(groups(11, 59.0, starts)) != "regular bursts"
    assert rule(groups(4, 61.0, starts)) == "no rule"
    for spread, hit in ((260.0, "regular bursts"), (290.0, "no rule")):  # CV 0.28, 0.32
        uneven = np.cumsum([1e3] + 3 * [1e3 - spread, 1e3 + spread])
        assert rule(groups(5, 30.0, uneven)) == hit
    assert rule(groups(5, 30.0, [100.0, 9900.0, 19_700.0])) == "regular bursts"
    assert rule(groups(5, 30.0, [1.0, 10_100.0])) == "no rule"


@pytest.mark.parametrize(
    ("rate", "end", "level", "hit"),
    [
        (20.0, 2000, 0.3, "short run"),
        (20.0, 3950, 0.4, "short run"),
        (20.0, 4050, 0.4, "no rule"),  # lasts as long as a cramp, but is too weak
        (20.0, 2000, 0.29, "no rule"),
        (20.0, 1250, 0.3, "short run"),
        (20.0, 1200, 0.3, "no rule"),
        (6.1, 2000, 0.3, "short run"),
        (5.5, 2000, 0.3, "no rule"),
        (59.0, 2000, 0.3, "short run"),
        (62.0, 2000, 0.3, "no rule"),
    ],
)
def test_limits_of_spasm(rate, end, level, hit):
    assert rule(regular(rate, 1000, end), during(900, end, level)) == hit


def test_force_of_a_spasm_may_come_a_little_late():
    run = regular(20.0, 1000, 1300)
    assert rule(run, during(1395, 1600, 0.5)) == "short run"
    assert rule(run, during(1405, 1600, 0.5)) == "no rule"


def test_twitches_are_isolated_and_small_in_between():
    assert rule([3000.0]) == "isolated spikes"
    assert rule(groups(2, 15.0, [3000.0, 9000.0])) == "isolated spikes"
    assert rule(groups(3, 15.0, [3000.0, 9000.0])) == "no rule"
    assert rule(np.arange(1000.0, 9000.0, 305.0)) == "isolated spikes"
    assert rule(np.arange(1000.0, 9000.0, 295.0)) == "no rule"
    every = np.arange(1000.0, 19_000.0, 1000.0)
    assert rule(every, flat(0.09)) == "isolated spikes"
    assert rule(every, flat(0.11)) == "no rule"


def test_the_typical_event_of_twitches_decides():
    pairs = groups(2, 15.0, [1e3, 1.5e3])
    triplets = groups(3, 15.0, [6e3, 15e3])
    assert rule(np.concatenate([pairs, triplets])) == "no rule"  # median 2.5 spikes
    assert rule(np.concatenate([pairs, triplets[:3]])) == "isolated spikes"


def test_a_spike_at_the_very_end_says_nothing_of_the_force_after_it():
    late = during(19_700, 20_000, 0.5)
    assert rule([3000.0, 19_800.0], late) == "isolated spikes"
    assert rule([3000.0, 19_650.0], during(19_600, 20_000, 0.5)) == "no rule"


def test_silence_and_what_fits_nothing():
    assert sign().sign == "quiet"
    assert sign(groups(4, 60.0, [3000.0]), during(3000, 3300, 0.7)).sign == (
        "unclassified"
    )


# --- the table and the answer


def test_the_table_is_in_the_published_order_and_ends_in_a_rule_for_everything():
    order = (
        "weak", "contracture", "slow relaxation", "myotonia", "neuromyotonia", "cramp",
        "tetany", "latent tetany", "myokymia", "spasm", "twitch", "quiet",
        "unclassified",
    )  # fmt: skip
    assert order == SIGNS
    assert len({r.name for r in RULES}) == len(RULES)
    assert all(r.citation and r.because for r in RULES)
    with pytest.raises(FrozenInstanceError):
        RULES[0].name = "other"


def test_the_first_rule_that_holds_decides():
    run = regular(20.0, 1000, 6000)
    found = sign(run, during(900, 6100, 0.8), transmission=0.5)
    assert found.sign == "weak"
    named = [r.name for r in RULES if r.holds(found.features)]
    assert named == ["transmission", "sustained run", "no rule"]


def test_the_answer_says_why_with_numbers_and_by_whom():
    found = sign(regular(20.0, 1000, 6000), during(900, 6100, 0.8))
    assert found.why == (
        "101 spikes in 5.0 s without a gap above 250 ms, 20.0 /s; force at or above "
        "50 % for 100% of it"
    )
    assert "Minetto" in found.citation
    assert found.features.run.spikes == 101


def test_features_in_numbers():
    spikes = groups(4, 100.0, [1000.0, 1500.0, 2000.0])
    found = features_of(
        axon_spikes=spikes - 4.0,
        fibre_spikes=spikes,
        time=TIME,
        force=during(1000, 5000, 0.25),
        window=(0.0, 10_000.0),
    )
    assert (found.spikes, found.axon_spikes, found.units) == (12, 12, 1)
    assert found.window == 10.0
    assert found.rate == pytest.approx(1.2)
    assert found.interval == pytest.approx(10.0)
    assert found.multiplets.groups == 3
    assert found.multiplets.rate == pytest.approx(2.0)
    assert found.multiplets.f_in == pytest.approx(100.0)
    assert found.multiplets.duration == pytest.approx(1.03)
    assert found.burst_period == pytest.approx(0.5)
    assert found.burst_cv == pytest.approx(0.0)
    assert found.peak == 0.25
    assert found.mean == pytest.approx(0.1, rel=0.01)
    assert found.tense == pytest.approx(0.4, abs=0.001)
    assert found.held == pytest.approx(4.0)
    assert np.isnan(found.transmission)


def test_the_same_input_gives_the_same_answer_and_keeps_what_it_was_given():
    spikes = np.append(groups(5, 150.0, np.arange(1000.0, 6000.0, 125.0)), np.nan)
    force = during(1000, 6000, 0.9)
    before = spikes.copy(), force.copy()
    first, second = sign(spikes, force), sign(spikes, force)
    assert repr(first) == repr(second)
    assert np.array_equal(spikes, before[0], equal_nan=True)
    assert np.array_equal(force, before[1])


def test_only_the_window_counts():
    run = regular(20.0, 1000, 6000)
    given = {"fibre_spikes": run, "time": TIME, "force": during(900, 6100, 0.8)}
    assert classify(features_of(**given)).sign == "cramp"
    after = features_of(**given, window=(7000.0, 20_000.0))
    assert classify(after).sign == "quiet"
    assert after.window == 13.0


# --- pools


def test_a_pool_shows_the_sign_of_its_busiest_unit_with_the_force_of_all():
    run = regular(20.0, 1000, 6000)
    pool = np.full((3, run.size), np.nan)
    pool[1], pool[2, 0] = run, 4000.0
    given = {"axon_spikes": pool - 4.0, "fibre_spikes": pool, "time": TIME}
    strong = classify_pool(**given, force=during(900, 6100, 0.8))
    assert strong.sign == "cramp"
    assert strong.features.units == 2
    assert strong.why.endswith("units that fire: 2")
    weak = classify_pool(**given, force=during(900, 6100, 0.02))
    assert weak.sign == "unclassified"  # one unit among many does not make a cramp


def test_many_units_that_twitch_make_no_run():
    pool = np.random.default_rng(2).uniform(0.0, 20_000.0, (150, 3))
    pool.sort(axis=1)
    found = classify_pool(fibre_spikes=pool, time=TIME, force=flat(0.01))
    assert found.features.rate < 0.2
    assert found.features.units == 150
    assert found.sign == "twitch"


# --- bad input, one sentence each


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fibre_spikes": None}, "no spikes are given"),
        ({"fibre_spikes": [5.0, 3.0]}, "has to rise along its last axis"),
        ({"fibre_spikes": 3.0}, r"shape \(\); give \(spikes,\)"),
        ({"axon_spikes": np.ones((2, 1))}, "2 axons and 1 fibres"),
        ({"force": flat(0.0)[1:]}, "two samples at least"),
        ({"force": flat(35.0)}, "fraction of the maximal tetanus"),
        ({"force": flat(-0.2)}, "fraction of the maximal tetanus"),
        ({"force": flat(np.nan)}, "fraction of the maximal tetanus"),
        ({"time": TIME[::-1]}, "time has to rise"),
        ({"window": (0.0, 30_000.0)}, "window = 0 to 30000 ms; give two rising"),
        ({"window": (5.0, 5.0)}, "two rising times"),
        ({"transmission": -0.1}, "transmission = -0.1; it is a ratio"),
    ],
)
def test_bad_input_is_told_in_one_sentence(given, words):
    asked = {"fibre_spikes": [1.0], "time": TIME, "force": flat(0.0)} | given
    with pytest.raises(NeurosimError, match=words):
        features_of(**asked)


def test_only_features_are_classified():
    with pytest.raises(NeurosimError, match="give it what features_of returns"):
        classify({"spikes": 3})


def test_a_feature_that_is_not_known_meets_no_limit():
    found = sign().features
    for name in ("transmission", "tetanic_force", "half_relaxation", "v_rest"):
        assert classify(replace(found, **{name: float("nan")})).sign == "quiet"
