"""Firing against current, and recovery after a spike."""

import numpy as np
import pytest
from numba import config

from neurosim import Step, simulate
from neurosim.cycles import (
    CYCLE,
    f_i_curve,
    recovery_cycle,
    refractory_period,
    relative_refractory_period,
    subexcitability,
    superexcitability,
)
from neurosim.errors import NeurosimError
from neurosim.measure import threshold
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")


# --- firing against current


def test_the_squid_axon_fires_as_published():
    """6.3 degC: 7 -> 60, 10 -> 70, 15 -> 80, 20 -> 85 Hz counted over 200 ms."""
    found = f_i_curve(SQUID_AXON, [7.0, 10.0, 15.0, 20.0], duration=200.0)
    np.testing.assert_allclose(found.rate, [60.0, 70.0, 80.0, 85.0], atol=5.0)
    longer = f_i_curve(SQUID_AXON, [7.0, 10.0, 15.0, 20.0])
    np.testing.assert_allclose(longer.steady_rate, [60.0, 70.0, 80.0, 85.0], atol=2.5)
    np.testing.assert_allclose(longer.rate, longer.steady_rate, atol=1.5)


def test_a_rate_is_that_of_the_spike_times():
    currents = np.array([6.0, 6.25, 12.0])
    found = f_i_curve(SQUID_AXON, currents, duration=400.0)
    run = simulate(SQUID_AXON, Step(currents), duration=400.0, initial="rest",
                   measure="spike_times", solver="staggered")  # fmt: skip
    for k in range(3):
        times = run.spike_time.values[k]
        times = times[np.isfinite(times)]
        gaps = np.diff(times)
        assert float(found.rate[k]) == pytest.approx(times.size / 0.4)
        assert float(found.first_rate[k]) == pytest.approx(1e3 / gaps[0])
        late = np.diff(times[times >= 200.0])
        steady = 1e3 / late.mean() if late.size else 0.0
        assert float(found.steady_rate[k]) == pytest.approx(steady)
    assert float(found.steady_rate[0]) == 0.0 < float(found.rate[0])


def test_the_onset_from_rest_lies_where_firing_begins_to_last():
    found = f_i_curve(SQUID_AXON, np.linspace(5.0, 8.0, 7))
    onset = float(found.onset)
    assert 6.2 < onset < 6.3  # nerve.md, target 2
    near = f_i_curve(SQUID_AXON, [onset - 0.002, onset + 0.002])
    assert float(near.steady_rate[0]) == 0.0
    assert float(near.steady_rate[1]) == pytest.approx(54.0, abs=4.0)
    assert np.isnan(f_i_curve(SQUID_AXON, [8.0, 9.0], duration=200.0).onset)
    assert np.isnan(f_i_curve(SQUID_AXON, [1.0, 2.0], duration=200.0).onset)


def test_firing_over_baths_has_labels_and_leaves_out_what_fires_by_itself():
    model = SQUID_AXON.at(shift=[0.0, 3.0, 10.0])
    found = f_i_curve(model, [2.0, 4.0, 8.0, 16.0], duration=300.0)
    assert found.rate.dims == ("shift", "amplitude")
    assert found.rate.attrs["units"] == found.steady_rate.attrs["units"] == "1/s"
    assert found.amplitude.attrs["units"] == found.onset.attrs["units"] == "uA/cm2"
    assert found.onset.dims == ("shift",)
    assert found.onset[1] < found.onset[0]  # low calcium eases firing
    for name in ("rate", "steady_rate", "first_rate", "onset"):
        assert np.isnan(found[name][2]).all()
    alone = f_i_curve(SQUID_AXON.at(shift=3.0), [2.0, 4.0, 8.0, 16.0], duration=300.0)
    np.testing.assert_array_equal(found.rate[1], alone.rate)
    np.testing.assert_array_equal(found.onset[1], alone.onset)


def test_amplitudes_have_to_rise():
    for wrong in ([2.0, 1.0], [1.0, np.nan], [], "much"):
        with pytest.raises(NeurosimError, match="give finite numbers that rise"):
            f_i_curve(SQUID_AXON, wrong)


# --- recovery after a spike


@pytest.mark.parametrize(
    ("model", "times"),
    [
        (SQUID_AXON, (9.0, 14.0, 20.0)),
        (MRG_AXON, (2.0, 5.0)),
        (MOTOR_AXON, (3.0, 15.0)),
    ],
    ids=["squid", "mrg", "motor"],
)
def test_a_recovery_is_what_two_pulses_show(model, times):
    """The tracked test pulse just fires, 0.5 % less does not."""
    settle = 20.0
    found = recovery_cycle(model, times, settle=settle)
    alone = float(found.threshold)
    assert alone == pytest.approx(float(threshold(model, settle=settle)), rel=1e-9)
    pulse = Step(2.0 * alone, settle, settle + 1.0)
    for k, time in enumerate(times):
        tested = alone * (1.0 + 0.01 * float(found.threshold_change[k]))
        begin = settle + time
        test = Step(tested * np.array([0.0, 0.995, 1.005]), begin, begin + 1.0)
        run = simulate(model, [pulse, test], duration=begin + 7.0, initial="rest",
                       measure="spike_count")  # fmt: skip
        assert run.spike_count.values.tolist() == [1.0, 1.0, 2.0]


def test_the_recovery_cycle_does_not_depend_on_the_step():
    whole = recovery_cycle(MRG_AXON, (2.0, 5.0, 20.0), settle=20.0)
    half = recovery_cycle(MRG_AXON, (2.0, 5.0, 20.0), settle=20.0, dt=0.5 * MRG_AXON.dt)
    np.testing.assert_allclose(whole.threshold_change, half.threshold_change, atol=0.3)


def test_the_mrg_axon_is_superexcitable_and_then_subexcitable():
    found = recovery_cycle(MRG_AXON)
    assert found.interval.values.tolist() == list(CYCLE)
    change = found.threshold_change.values
    assert abs(change[-1]) < 0.1  # recovered after 200 ms
    early, late = (found.interval >= a for a in (4.0, 20.0))
    early &= found.interval <= 15.0
    late &= found.interval <= 100.0
    assert float(found.superexcitability) == change[early].min() < -20.0
    assert float(found.subexcitability) == change[late].max() > 10.0


def test_the_motor_axon_is_not_superexcitable():
    """As the prototype found (nerve.md, target 15): +12.7 % near 15 ms, no dip."""
    found = recovery_cycle(MOTOR_AXON)
    assert float(found.superexcitability) > 0.0
    k = int(found.threshold_change.argmax("interval"))
    assert 10.0 < float(found.interval[k]) < 20.0
    assert float(found.threshold_change[k]) == pytest.approx(12.7, abs=1.5)
    assert 2.0 < float(found.relative_refractory_period) < 3.5


def test_low_calcium_gives_the_motor_axon_a_superexcitable_period():
    found = superexcitability(MOTOR_AXON.at(ca_o=[1.25, 0.6]), settle=50.0)
    assert found[1] < -3.0 < 0.0 < found[0]


def test_measures_of_recovery_agree_with_the_cycle():
    model = SQUID_AXON.at(shift=[0.0, 2.0])
    cycle = recovery_cycle(model)
    for measure in (superexcitability, subexcitability):
        found = measure(model)
        name = measure.__name__
        assert found.name == name
        assert found.attrs == cycle[name].attrs
        np.testing.assert_allclose(found, cycle[name], rtol=1e-2)
    relative = relative_refractory_period(model)
    np.testing.assert_allclose(relative, cycle.relative_refractory_period, rtol=0.05)
    assert relative.attrs["units"] == "ms"
    assert superexcitability(model).attrs["units"] == "%"


def test_within_the_refractory_period_no_pulse_makes_a_spike():
    model = SQUID_AXON
    found = float(refractory_period(model, settle=20.0))
    brief = float(threshold(model, width=0.1, settle=20.0))

    def peaks(time, strengths):
        test = Step(brief * np.asarray(strengths), 20.0 + time, 20.1 + time)
        run = simulate(
            model,
            [Step(2.0 * brief, 20.0, 20.1), test],
            initial="rest",
            duration=28.0 + time,
            record="v",
            record_every=0.0125,
        )
        return run.v.sel(time=slice(20.2 + time, None)).max("time").values

    strengths = np.linspace(0.0, 10.0, 201)
    largest = [np.diff(peaks(found * by, strengths)).max() for by in (0.95, 1.05)]
    assert largest[0] < 10.0 < largest[1]  # mV per step of 0.05 thresholds
    assert refractory_period(model, strongest=4.0, settle=20.0) > found
    assert relative_refractory_period(model, settle=20.0) > found


def test_refractory_periods_of_many_baths_at_once():
    model = MOTOR_AXON.at(temperature=[32.0, 37.0])
    found = refractory_period(model, settle=20.0)
    assert found.dims == ("temperature",)
    assert found.attrs["units"] == "ms"
    assert found[0] > found[1] > 0.3  # warm axons recover faster
    alone = refractory_period(MOTOR_AXON.at(temperature=32.0), settle=20.0)
    assert float(found[0]) == float(alone)


def test_an_axon_that_fires_by_itself_has_no_recovery():
    fires = MRG_AXON.at(kappa=1.0, shift=[0.0, 4.5])
    found = recovery_cycle(fires, (3.0, 30.0), settle=20.0)
    assert np.isfinite(found.threshold_change[0]).all()
    for name in found.data_vars:
        assert np.isnan(found[name][1]).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"intervals": (0.5, 2.0)}, "begin at its end or later"),
        ({"intervals": (4.0, 2.0)}, "numbers that rise"),
        ({"strength": 0.9}, "above 1"),
        ({"strongest": np.nan}, "above 1"),
        ({"test": 0.0}, "length of a pulse"),
    ],
    ids=["within the pulse", "falling", "weak", "no number", "no pulse"],
)
def test_pulses_that_cannot_be_are_refused(settings, said):
    with pytest.raises(NeurosimError, match=said):
        recovery_cycle(SQUID_AXON, **settings)
