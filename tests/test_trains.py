"""Spike trains: intervals, events and bursts by hand, and as measures of runs."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config

import neurosim.engine as engine
from neurosim import Step, Train, simulate
from neurosim.engine import Wanted, run
from neurosim.ensemble import spread
from neurosim.equilibrium import rest_buffer
from neurosim.errors import NeurosimError
from neurosim.measure import MEASURES, spike_times
from neurosim.models import SQUID_AXON
from neurosim.protocol import Fluctuation
from neurosim.sweep import sweep
from neurosim.timetable import timetable
from neurosim.trains import (
    event_count,
    events,
    instantaneous_rate,
    interval_statistics,
    intervals,
    isi_mean,
    multiplet_share,
)

kernel = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
NAN = np.nan
OURS = ["event_count", "event_rate", "spikes_per_event", "multiplet_share", "isi_mean",
        "isi_cv"]  # fmt: skip


def test_spikes_less_than_a_gap_apart_are_one_event():
    found = events(np.array([5.0, 10.0, 29.0, 49.0, 100.0, 119.9]))
    assert int(found.count) == 3  # 20 ms is not less than 20 ms
    assert found.spikes.tolist() == [3.0, 1.0, 2.0]
    assert found.begin.tolist() == [5.0, 49.0, 100.0]
    assert found.end.tolist() == [29.0, 49.0, 119.9]
    assert found.duration.tolist() == [24.0, 0.0, pytest.approx(19.9)]
    np.testing.assert_allclose(found.pause, [20.0, 51.0, NAN])
    np.testing.assert_allclose(found.rate, [2e3 / 24.0, NAN, 1e3 / 19.9])
    np.testing.assert_allclose(found.closest, [5.0, NAN, 19.9])
    assert float(found.spikes_each()) == 2.0
    assert float(found.multiplets()) == pytest.approx(2.0 / 3.0)
    assert float(found.multiplets(10.0)) == pytest.approx(1.0 / 3.0)


def test_the_gap_can_be_another():
    times = np.array([0.0, 30.0, 90.0])
    assert int(events(times).count) == 3
    wide = events(times, gap=50.0)
    assert wide.spikes.tolist() == [2.0, 1.0]
    assert float(wide.multiplets()) == 0.0  # 30 ms apart is no multiplet
    assert int(events(times, gap=61.0).count) == 1


def test_many_runs_are_each_alone():
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.exponential(15.0, (2, 3, 40)), axis=-1)
    times[0, 1, 17:] = NAN
    times[1, 2] = NAN
    together = events(times)
    assert together.count.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        alone = events(times[i, j])
        most = alone.spikes.size
        assert together.count[i, j] == alone.count
        for name in ("spikes", "begin", "end", "closest"):
            whole = getattr(together, name)[i, j]
            np.testing.assert_array_equal(whole[:most], getattr(alone, name))
            assert np.isnan(whole[most:]).all()
        assert np.nansum(alone.spikes) == np.isfinite(times[i, j]).sum()
    statistics = interval_statistics(times)
    gaps = np.diff(times[0, 1, :17])
    assert statistics.count[0, 1] == 16
    assert statistics.mean[0, 1] == pytest.approx(gaps.mean())
    assert statistics.cv[0, 1] == pytest.approx(gaps.std(ddof=1) / gaps.mean())


def test_a_clock_does_not_vary_and_a_poisson_process_does():
    clock = interval_statistics(np.arange(50.0) * 7.0)
    assert float(clock.mean) == pytest.approx(7.0)
    for name in ("cv", "cv2", "lv"):
        assert float(getattr(clock, name)) == pytest.approx(0.0, abs=1e-12)
    rng = np.random.default_rng(1)
    poisson = interval_statistics(np.cumsum(rng.exponential(10.0, (20, 4000)), -1))
    for name in ("cv", "cv2", "lv"):
        values = getattr(poisson, name)
        error = values.std(ddof=1) / np.sqrt(values.size)
        assert values.mean() == pytest.approx(1.0, abs=4.0 * error)
        assert error < 0.01


def test_too_few_spikes_have_no_statistics():
    times = np.array([[NAN, NAN, NAN], [1.0, NAN, NAN], [1.0, 5.0, NAN]])
    found = interval_statistics(times)
    np.testing.assert_array_equal(found.mean, [NAN, NAN, 4.0])
    for name in ("cv", "cv2", "lv"):
        assert np.isnan(getattr(found, name)).all()
    np.testing.assert_array_equal(events(times).multiplets(), [NAN, 0.0, 1.0])
    np.testing.assert_array_equal(events(times).spikes_each(), [NAN, 1.0, 2.0])
    nothing = events(np.empty((4, 0)))
    assert nothing.count.tolist() == [0, 0, 0, 0]
    assert np.isnan(nothing.multiplets()).all()
    assert intervals(np.empty((4, 1))).shape == (4, 0)
    assert instantaneous_rate(times)[2, 0] == 250.0


@pytest.mark.parametrize(
    ("times", "said"),
    [([3.0, 1.0], "have to rise"), ([1.0, NAN, 2.0], "NaN only after"), (4.0, "array")],
)
def test_what_is_no_train_is_refused(times, said):
    with pytest.raises(NeurosimError, match=said):
        events(np.array(times))
    with pytest.raises(NeurosimError, match=said):
        intervals(np.array(times))


def test_a_gap_is_a_time():
    with pytest.raises(NeurosimError, match="above 0 ms"):
        events(np.array([1.0]), gap=0.0)


# --- measures of a run

DOUBLETS = [
    Train(amplitude=np.array([0.0, 60.0]), width=0.5, period=60.0, count=3, start=5.0),
    Train(amplitude=np.array([0.0, 60.0]), width=0.5, period=60.0, count=3, start=20.0),
]


@kernel
def test_measures_of_a_run_agree_with_its_spike_times():
    found = simulate(SQUID_AXON, DOUBLETS, duration=200.0,
                     measure=["spike_times", *OURS])  # fmt: skip
    times = found.spike_time.values[1]
    assert times.size == 6
    assert found.event_count.values.tolist() == [0.0, 3.0]
    assert found.event_rate.values.tolist() == [0.0, 15.0]
    assert np.isnan(found.spikes_per_event[0])
    assert float(found.spikes_per_event[1]) == 2.0
    assert float(found.multiplet_share[1]) == 1.0
    assert float(found.isi_mean[1]) == pytest.approx(np.diff(times).mean())
    assert float(found.isi_cv[1]) == pytest.approx(
        np.diff(times).std(ddof=1) / np.diff(times).mean()
    )
    units = {name: found[name].attrs["units"] for name in OURS}
    assert units == dict.fromkeys(OURS, "") | {"event_rate": "1/s", "isi_mean": "ms"}
    assert all(found[name].attrs["long_name"] for name in OURS)


@kernel
def test_a_diverged_run_has_no_events_rather_than_none():
    found = simulate(SQUID_AXON, Step([10.0, 1e9], 5.0, 10.0), duration=40.0,
                     measure=OURS)  # fmt: skip
    assert found.status.values.tolist() == [0, 1]
    for name in OURS:
        assert np.isnan(found[name][1])
    assert float(found.event_count[0]) == 1.0


@kernel
def test_no_spike_of_a_long_run_is_lost(monkeypatch):
    """However little room there was at first."""
    asked = {"duration": 500.0, "measure": [*OURS, "spike_times", "spike_count"]}
    drive = [Step(12.0), Fluctuation(4.0, 5.0)]
    whole = simulate(SQUID_AXON.at(ca_o=[30.0, 44.0]), drive, **asked)
    assert (whole.spike_count > 20).all()
    kept = np.isfinite(whole.spike_time).sum("spike")
    np.testing.assert_array_equal(kept, whole.spike_count)
    monkeypatch.setattr(engine, "LARGEST_ROOM", 5)
    again = simulate(SQUID_AXON.at(ca_o=[30.0, 44.0]), drive, **asked)
    assert again.identical(whole)


@kernel
def test_times_that_were_not_kept_are_not_made_up():
    ensemble = spread(SQUID_AXON)
    x, _ = rest_buffer(ensemble)
    table = timetable(Step(20.0), 60.0, SQUID_AXON.dt)
    short = run(ensemble, x, table, Wanted())
    assert short.counts[0] > 2
    for measure in (event_count, isi_mean, multiplet_share, spike_times):
        with pytest.raises(NeurosimError, match=r"kept the times of 1; ask simulate"):
            measure(short)
    kept = run(ensemble, x, table, Wanted(spikes=True))
    assert kept.spikes.shape == (1, kept.counts[0])  # no room is carried along
    assert event_count(kept)[0] == kept.counts[0] - np.sum(np.diff(kept.spikes) < 20.0)
    failed = replace(kept, status=np.array([1]))
    assert np.isnan(event_count(failed)).all()


@kernel
def test_a_sweep_takes_them_by_name(tmp_path):
    asked = {"duration": 100.0, "measure": ["event_rate", "isi_cv"]}
    model = SQUID_AXON.at(ca_o=np.linspace(30.0, 44.0, 70))
    swept = sweep(model, Step(12.0), out=tmp_path / "s", **asked)
    straight = simulate(model, Step(12.0), **asked)
    for name in asked["measure"]:
        np.testing.assert_array_equal(swept[name], straight[name])
        assert swept[name].attrs == straight[name].attrs


def test_only_what_reads_times_keeps_them():
    reads = {name for name, m in MEASURES.items() if m.times}
    assert reads == {*OURS, "spike_times", "last_spike"}
