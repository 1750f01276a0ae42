"""Protocols: no edge is missed, at any step; what is injected is what was asked."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import config

from neurosim import (
    Change,
    Fluctuation,
    Pace,
    Ramp,
    Rest,
    Step,
    Train,
    VoltageClamp,
    simulate,
)
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON
from neurosim.timetable import timetable

needs_jit = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
# without conductances v is the integral of the current over 1 uF/cm2
CAPACITOR = SQUID_AXON.at(g_na=0.0, g_k=0.0, g_l=0.0)
START = -65.0  # mV
times = st.floats(0.0, 9.0).map(lambda t: round(t, 4))
widths = st.floats(1e-3, 5.0).map(lambda t: round(t, 4))


def potential(protocol, duration=10.0, **more):
    """Return v of the capacitor at the times of the record."""
    asked = {"duration": duration, "record": "v", "initial_v": START} | more
    return simulate(CAPACITOR, protocol, **asked).v


def charge(table):
    """Return the integral of the current over a timetable, per column."""
    length = table.dt * table.steps
    mean = table.amplitude + 0.5 * table.slope * length[:, None]
    return (mean * length[:, None]).sum(0)


# --- how time is cut


@given(times, widths, st.sampled_from([0.005, 0.0125, 0.1]))
def test_edges_lie_between_steps_and_no_step_is_too_long(start, width, dt):
    table = timetable(Step(3.0, start, start + width), 20.0, dt)
    assert (table.dt <= dt * (1.0 + 1e-9)).all()
    ends = table.start + table.dt * table.steps
    np.testing.assert_allclose(table.start[1:], ends[:-1], atol=1e-12)
    for edge in (start, start + width):
        assert np.abs(np.append(table.start, 20.0) - edge).min() < 1e-9
    assert charge(table)[0] == pytest.approx(3.0 * width, rel=1e-6)


@given(times, st.floats(0.1, 1.0), st.floats(1.0, 2.0), st.integers(1, 9))
def test_a_train_injects_every_pulse_wholly(start, width, ratio, count):
    train = Train(
        amplitude=2.0, width=width, period=width * ratio, count=count, start=start
    )
    table = timetable(train, 60.0, 0.0125)
    assert charge(table)[0] == pytest.approx(2.0 * width * count, rel=1e-6)
    assert set(np.unique(table.amplitude)) <= {0.0, 2.0}


def test_edges_that_differ_by_rounding_are_one():
    """Otherwise a sliver of a segment has both currents, and a sample of its own."""
    table = timetable([Step(1.0, 0.0, 0.3), Step(2.0, 0.1 + 0.2, 1.0)], 1.0, 0.0125)
    assert table.start.tolist() == pytest.approx([0.0, 0.3])
    assert table.amplitude.ravel().tolist() == [1.0, 2.0]


@given(times, widths, st.floats(-5.0, 5.0), st.floats(-5.0, 5.0))
def test_a_ramp_injects_its_mean(start, width, begin, end):
    table = timetable(Ramp(begin, end, start, start + width), 20.0, 0.0125)
    expected = 0.5 * (begin + end) * width
    assert charge(table)[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_pieces_add_up_and_arrays_are_columns():
    table = timetable([Step([1.0, 2.0], 0.0, 5.0), Step(10.0, 3.0, 4.0)], 10.0, 0.0125)
    np.testing.assert_allclose(charge(table), [15.0, 20.0])
    assert table.amplitude.max(0).tolist() == [11.0, 12.0]


def test_what_lies_beyond_the_run_is_left_out():
    table = timetable([Step(1.0, 5.0), Step(7.0, 20.0, 30.0)], 10.0, 0.0125)
    assert charge(table)[0] == pytest.approx(5.0)
    assert table.start.tolist() == [0.0, 5.0]
    silent = timetable(Rest(), 10.0, 0.0125)
    assert charge(silent)[0] == 0.0
    assert (silent.steps * silent.dt).tolist() == [10.0]


# --- what the axon gets


@needs_jit
@pytest.mark.parametrize("dt", [0.0125, 0.1])
def test_ten_microseconds_after_ten_seconds_are_not_missed(dt):
    begin = 10_000.0
    pulse = Step([0.0, 1500.0], begin, begin + 0.01)
    run = simulate(
        SQUID_AXON, pulse, duration=begin + 10.0, dt=dt,
        measure=["spike_count", "spike_times"],
    )  # fmt: skip
    assert run.spike_count.values.tolist() == [0, 1]
    assert begin < run.spike_time.values[1, 0] < begin + 5.0


@needs_jit
def test_nor_is_a_short_pulse_to_an_axon_unit():
    pulse = Step([0.0, 20.0], 200.0033, 200.0133)
    run = simulate(MRG_AXON, pulse, duration=205.0, measure="spike_count")
    assert run.spike_count.values.tolist() == [0, 1]


@needs_jit
@pytest.mark.parametrize("dt", [0.0125, 0.07, 0.1])
@pytest.mark.parametrize("start", [0.0, 1.0003, 3.37])
def test_a_pulse_delivers_its_charge_at_any_step_and_moment(dt, start):
    v = potential(Step(100.0, start, start + 0.01), dt=dt)
    assert float(v[-1]) == pytest.approx(START + 1.0, abs=1e-9)
    before = v.time <= start
    np.testing.assert_allclose(v[before], START, atol=1e-12)
    np.testing.assert_allclose(v[v.time >= start + 0.01], START + 1.0, atol=1e-9)


@needs_jit
def test_a_train_is_a_staircase():
    train = Train(amplitude=10.0, width=0.5, period=2.0, count=3, start=1.0)
    v = potential(train, record_every=0.25)
    whole = np.clip(np.floor((v.time - 1.0) / 2.0), -1, 2)
    into = np.clip(v.time - 1.0 - 2.0 * whole, 0.0, 0.5)
    expected = START + 10.0 * (
        0.5 * np.maximum(whole, 0.0) + np.where(whole < 0, 0, into)
    )
    np.testing.assert_allclose(v, expected, atol=1e-9)


@needs_jit
def test_a_ramp_is_a_parabola():
    v = potential(Ramp(-2.0, 6.0, 1.0, 9.0), record_every=0.5)
    t = np.clip(v.time, 1.0, 9.0) - 1.0
    np.testing.assert_allclose(v, START - 2.0 * t + 0.5 * t**2, atol=1e-9)


@needs_jit
def test_half_a_node_takes_half_the_current():
    """The charge that arrives on all membranes of a unit without conductances, nC."""
    silent = {n: 0.0 for n in MRG_AXON.parameters if n.startswith("g_")}
    names = ["v", "v_mysa", "v_flut", "v_stin1", "v_stin2", "v_stin3"]
    run = simulate(
        MRG_AXON.at(**silent), Step(0.2, 1.0, 3.5), duration=6.0, record=names,
        initial_v=-80.0,
    )  # fmt: skip
    nanofarad = np.array(MRG_AXON.geometry.table)[:, 1]
    moved = sum(
        c * (run[n][-1] - run[n][0]) for c, n in zip(nanofarad, names, strict=True)
    )
    assert float(moved) * 1e-3 == pytest.approx(0.5 * 0.2 * 2.5 * 1e-3, rel=1e-9)


@needs_jit
def test_amplitudes_are_an_axis_behind_those_of_the_model():
    model = SQUID_AXON.at(temperature=[6.3, 10.0])
    currents = [0.0, 5.0, 20.0]
    run = simulate(model, Step(currents, 1.0), duration=30.0, measure="spike_count")
    assert run.spike_count.dims == ("temperature", "amplitude")
    assert run.amplitude.values.tolist() == currents
    assert run.amplitude.attrs["units"] == "uA/cm2"
    for k, current in enumerate(currents):
        single = simulate(
            model, Step(current, 1.0), duration=30.0, measure="spike_count"
        )
        np.testing.assert_array_equal(run.spike_count[:, k], single.spike_count)


@needs_jit
def test_the_axis_of_an_axon_unit_is_in_nanoampere():
    run = simulate(MOTOR_AXON, Step([0.0, 0.1]), duration=1.0, measure="spike_count")
    assert run.amplitude.attrs["units"] == "nA"


# --- voltage clamp


def squid_n(v):
    """Return steady state and rate of n at 6.3 degC (Hodgkin & Huxley 1952)."""
    rise = 0.01 * (v + 55.0) / (1.0 - math.exp(-(v + 55.0) / 10.0))
    total = rise + 0.125 * math.exp(-(v + 65.0) / 80.0)
    return rise / total, total


def clamp_error(dt, begin=5.0):
    """Return the largest error of n around a step of the command from -65 to 0 mV."""
    run = simulate(
        SQUID_AXON, VoltageClamp(0.0, begin), duration=20.0, record="n", dt=dt,
        initial_v=-65.0,
    )  # fmt: skip
    (low, _), (high, rate) = squid_n(-65.0), squid_n(0.0)
    decayed = np.exp(-rate * np.maximum(run.time - begin, 0.0))
    return float(np.abs(run.n - (high + (low - high) * decayed)).max())


@needs_jit
def test_a_gate_relaxes_under_clamp_as_its_equation_says():
    assert clamp_error(0.0125) < 5e-5


@needs_jit
def test_and_at_second_order():
    """A gate that sees the new potential half a step late would be of first order."""
    errors = [clamp_error(dt) for dt in (0.1, 0.05, 0.025)]
    assert (np.log2(np.array(errors[:-1]) / errors[1:]) > 1.8).all(), errors


@needs_jit
def test_a_clamp_holds_then_steps_then_returns():
    run = simulate(
        SQUID_AXON, VoltageClamp(-20.0, 2.0, 6.0, holding=-80.0), duration=10.0,
        record=["v", "i_membrane"], record_every=0.5,
    )  # fmt: skip
    held = run.v.values[1:-1]
    t = run.time.values[1:-1]
    assert (held[(t > 0.0) & (t < 2.0)] == -80.0).all()
    assert (held[(t > 2.0) & (t < 6.0)] == -20.0).all()
    assert (held[t > 6.0] == -80.0).all()
    inward = run.i_membrane.sel(time=slice(2.1, 4.0)).min()
    assert float(inward) < -100.0  # the sodium current of the textbook, uA/cm2


@needs_jit
def test_commands_are_an_axis_in_millivolt():
    run = simulate(
        SQUID_AXON, VoltageClamp([-40.0, 0.0, 60.0], 1.0), duration=3.0,
        record=["v", "i_membrane"],
    )  # fmt: skip
    assert run.v[:, -1].values.tolist() == [-40.0, 0.0, 60.0]
    assert run.amplitude.attrs["units"] == "mV"
    early = run.i_membrane.sel(time=1.5, method="nearest").values
    assert early[1] < 0.0 < early[2]  # the sodium current turns at +50 mV


@needs_jit
@pytest.mark.parametrize(
    "other",
    [Step(5.0), Fluctuation(2.0), VoltageClamp(-40.0, 0.5)],
    ids=lambda p: type(p).__name__,
)
def test_nothing_is_added_to_the_command_of_a_clamp(other):
    """A current cannot move a clamped membrane; nor may it be left out in silence."""
    with pytest.raises(NeurosimError, match="VoltageClamp"):
        simulate(SQUID_AXON, [VoltageClamp(-20.0), other], duration=2.0, record="v")


# --- parameters that change on the way


@needs_jit
def test_a_change_at_the_start_is_the_value():
    asked = {"duration": 40.0, "measure": "spike_times", "record": "v"}
    changed = simulate(SQUID_AXON, [Change(0.0, {"ca_o": 18.0})], **asked)
    set_at_once = simulate(SQUID_AXON.at(ca_o=18.0), **asked)
    assert changed.spike_time.size > 2
    np.testing.assert_array_equal(changed.spike_time, set_at_once.spike_time)
    np.testing.assert_array_equal(changed.v, set_at_once.v)


@needs_jit
@pytest.mark.parametrize(("model", "bath"), [
    (SQUID_AXON, {"ca_o": 18.0}), (MRG_AXON, {"ca_o": 0.5, "mg_o": 0.2}),
], ids=["squid_axon", "mrg_axon"])  # fmt: skip
def test_a_change_on_the_way_does_what_it_does_at_the_start(model, bath):
    begin = 25.003
    later = simulate(
        model, Change(begin, bath), duration=begin + 30.0, measure="spike_times"
    )
    at_once = simulate(model.at(**bath), duration=30.0, measure="spike_times")
    assert at_once.spike_time.size >= 2
    np.testing.assert_allclose(
        later.spike_time.values - begin, at_once.spike_time, atol=1e-4
    )


@needs_jit
def test_changes_follow_one_another_and_what_they_imply_changes_too():
    """E_K follows the bath: a potassium electrode with a time constant of 1 ms."""
    electrode = SQUID_AXON.at(g_na=0.0, g_l=0.0, g_k=1e4)
    run = simulate(
        electrode, [Change(20.0, {"k_o": 40.0}), Change(60.0, {"k_o": 10.0})],
        duration=100.0, record="v", record_every=1.0, solver="staggered",
    )  # fmt: skip
    thermal = 8.31446261815324 * (6.3 + 273.15) / 96485.33212 * 1e3
    for time, k_o in ((19.0, 20.0), (59.0, 40.0), (99.0, 10.0)):
        expected = -77.0 + thermal * math.log(k_o / 20.0)
        assert float(run.v.sel(time=time, method="nearest")) == pytest.approx(expected)


@needs_jit
def test_a_change_of_what_varies_sets_all_runs():
    run = simulate(
        CAPACITOR.at(c_m=[1.0, 2.0, 4.0]), [Change(5.0, {"c_m": 1.0}), Step(1.0)],
        duration=10.0, record="v", initial_v=START, record_every=5.0,
    )  # fmt: skip
    expected = START + 5.0 / np.array([1.0, 2.0, 4.0]) + 5.0
    np.testing.assert_allclose(run.v[:, -1], expected, atol=1e-9)


def test_a_pace_lengthens_the_steps_of_its_time_only():
    table = timetable([Step(1.0, 2.0, 3.0), Pace(0.5, 4.0, 9.0)], 10.0, 0.01)
    ends = table.start + table.dt * table.steps
    quick = table.dt < 0.02
    np.testing.assert_allclose(table.start[~quick], [4.0])
    np.testing.assert_allclose(ends[~quick], [9.0])
    assert table.dt[~quick] == 0.5


def test_a_pace_between_thirds_of_a_second_leaves_the_impulses_out():
    """Edges are rounded: 100/3 is above the edge that stands for it."""
    begins = 1e3 / 30.0 * np.arange(1, 7)
    paces = [Pace(0.5, t + 12.0, t + 1e3 / 30.0) for t in begins]
    pulses = [Step(1.0, t, t + 1.0) for t in begins]
    table = timetable([*paces, *pulses], 250.0, 0.01)
    for t in begins:
        at = np.searchsorted(table.start, t + 0.1) - 1
        assert table.dt[at] <= 0.01
        assert table.dt[np.searchsorted(table.start, t + 15.0) - 1] > 0.4


def test_a_pace_shorter_than_the_step_changes_nothing():
    table = timetable(Pace(0.001, 0.0, 5.0), 10.0, 0.01)
    np.testing.assert_allclose(table.dt, 0.01)


def test_a_quiet_time_in_long_steps_ends_where_short_steps_end():
    calm = {"duration": 60.0, "record": ["v"], "initial_v": -60.0}
    short = simulate(SQUID_AXON, **calm)
    long = simulate(SQUID_AXON, Pace(0.1, 20.0), **calm)
    assert abs(float(long.v[-1] - short.v[-1])) < 1e-3


def test_a_pace_needs_a_positive_step():
    with pytest.raises(NeurosimError, match="Pace: dt = 0"):
        Pace(0.0)
