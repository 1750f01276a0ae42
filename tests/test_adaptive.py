"""Steps of adaptive length: right at every tolerance, alike wherever a run is done."""

import numpy as np
import pytest

from neurosim import NeurosimError, Ramp, Step, Train, simulate
from neurosim.adaptive import TOLERANCE
from neurosim.core import adaptive as pair
from neurosim.core.adaptive import C2, C3, C4, C5
from neurosim.lower import adaptive_source
from neurosim.models import FROG_NODE, HUMAN_NODE, MOTOR_AXON, SQUID_AXON
from neurosim.protocol import Change, Fluctuation, Kicks, VoltageClamp

PULSES = Train(amplitude=1000.0, width=0.1, period=15.0, count=4, start=1.0)
CASES = {
    "squid": (SQUID_AXON, Step(10.0, 1.0, 150.0)),
    "warm squid": (SQUID_AXON.at(temperature=16.0), Step(20.0, 1.0)),
    "low calcium": (SQUID_AXON.at(ca_o=15.0), None),
    "frog": (FROG_NODE, PULSES),
    "human": (HUMAN_NODE.at(g_ks=0.0), Step(1000.0, 1.0, 150.0)),
}


def exact(model, protocol, duration=200.0):
    return simulate(
        model, protocol, duration=duration, measure="spike_times", solver="reference"
    ).spike_time.values


@pytest.fixture(scope="module")
def spikes():
    return {name: exact(*case) for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_spikes_converge_with_the_tolerance(name, spikes):
    model, protocol = CASES[name]
    assert spikes[name].size >= 3
    errors = {}
    for tolerance in (1e-2, 1e-3, 1e-4, 1e-5, 1e-7, 1e-9):
        run = simulate(
            model, protocol, duration=200.0, measure="spike_times", tolerance=tolerance
        )
        assert run.attrs["solver"] == "adaptive"
        assert int(run.status) == 0
        if tolerance <= 1e-4:
            assert run.spike_time.size == spikes[name].size
            errors[tolerance] = np.abs(run.spike_time.values - spikes[name]).max()
    assert errors[1e-5] < 2e-3
    assert errors[1e-7] < 1e-4
    assert errors[1e-9] < 5e-6


def test_the_last_spike_of_a_second_is_as_exact_as_the_page_says():
    """W1 of the peers: 1000 currents, errors in ms."""

    def last(tolerance):
        found = simulate(
            SQUID_AXON, Step(np.linspace(0.0, 20.0, 1000), 0.0, 1000.0),
            duration=1000.0, measure="spike_times", initial_v=-65.0,
            tolerance=tolerance,
        )  # fmt: skip
        times = found["spike_time"].values
        return np.isfinite(times).sum(axis=-1), np.nan_to_num(times).max(axis=-1)

    count, exact = last(1e-9)
    for tolerance, median in ((1e-4, 0.01), (TOLERANCE, 0.002)):
        fired, time = last(tolerance)
        same = fired == count
        assert np.count_nonzero(~same) <= 1
        assert np.median(np.abs(time - exact)[same & (count > 0)]) < median


def test_random_sets_quiescent_and_bursting_agree_with_scipy():
    rng = np.random.default_rng(11)
    size = 12
    model = SQUID_AXON.along(
        "sample", na_o=rng.uniform(300.0, 500.0, size),
        k_o=rng.uniform(8.0, 30.0, size), ca_o=rng.uniform(10.0, 60.0, size),
        temperature=rng.uniform(4.0, 18.0, size),
    )  # fmt: skip
    asked = {"duration": 100.0, "measure": "spike_times"}
    ours = simulate(model, Step(8.0), tolerance=1e-8, **asked).spike_time
    scipy = simulate(model, Step(8.0), solver="reference", **asked).spike_time
    assert ours.shape == scipy.shape
    counts = np.isfinite(ours.values).sum(axis=1)
    assert (counts == 0).any()
    assert counts.max() > 5
    np.testing.assert_allclose(ours, scipy, atol=1e-4)


def test_results_do_not_depend_on_how_runs_are_dealt():
    currents = np.linspace(0.0, 20.0, 130)
    asked = {"duration": 80.0, "measure": ["spike_times"], "record": "v"}
    runs = [simulate(SQUID_AXON, Step(currents), threads=n, **asked) for n in (1, 2, 3)]
    for run in runs[1:]:
        assert run.equals(runs[0])
    few = simulate(SQUID_AXON, Step(currents[7::40]), **asked)
    np.testing.assert_array_equal(few.v.values, runs[0].v.values[7::40])


def test_a_short_pulse_after_a_long_rest_is_not_missed():
    pulse = Step(2000.0, 900.0, 900.01)
    run = simulate(SQUID_AXON, pulse, duration=920.0, measure="spike_times")
    assert run.spike_time.size == 1
    assert 900.0 < float(run.spike_time[0]) < 903.0


def test_ramps_changes_and_edges_are_met_exactly():
    protocol = [
        Ramp(begin=0.0, end=30.0, start=5.0, stop=60.0), Change(70.0, {"k_o": 40.0}),
        Step(15.0, 80.0, 80.5),
    ]  # fmt: skip
    asked = {"duration": 110.0, "measure": "spike_times", "record": "v"}
    run = simulate(SQUID_AXON, protocol, tolerance=1e-9, **asked)
    fine = simulate(SQUID_AXON, protocol, dt=0.002, **asked)
    assert run.attrs["solver"] == "adaptive"
    np.testing.assert_allclose(run.spike_time, fine.spike_time, atol=1e-3)
    assert np.abs(run.time.values[:, None] - [5.0, 60.0, 70.0, 80.5]).min(0).max() == 0
    at = fine.time.values.searchsorted(run.time.values + 1e-9) - 1
    near = np.abs(fine.time.values[at] - run.time.values) < 1e-9
    assert near.mean() > 0.9
    difference = np.abs(run.v.values[near] - fine.v.values[at[near]])
    assert difference.max() < 0.3  # at the upstroke, 400 mV/ms


def test_kicks_need_a_state():
    with pytest.raises(NeurosimError, match="Kicks"):
        simulate(SQUID_AXON, Kicks("v", [0.5], 1.0), duration=1.0)


def test_samples_between_steps_are_as_good_as_the_steps():
    asked = {"duration": 30.0, "record": ["v", "m", "h", "n"], "record_every": 0.05}
    run = simulate(SQUID_AXON, Step(10.0), tolerance=1e-7, **asked)
    scipy = simulate(SQUID_AXON, Step(10.0), solver="reference", **asked)
    np.testing.assert_allclose(run.time, scipy.time, atol=1e-12)
    np.testing.assert_allclose(run.v, scipy.v, atol=5e-3)
    for gate in "mhn":
        np.testing.assert_allclose(run[gate], scipy[gate], atol=1e-4)


def test_a_run_that_cannot_go_on_is_named_and_the_others_are_kept():
    run = simulate(
        SQUID_AXON, Step([10.0, 1e12, 12.0], 5.0), duration=30.0, record="v",
        measure="spike_count",
    )  # fmt: skip
    assert run.status.values.tolist() == [0, 1, 0]
    assert run.failed_at.values[1] == pytest.approx(5.0, abs=0.01)
    assert np.isfinite(run.v.values[[0, 2]]).all()
    alone = simulate(SQUID_AXON, Step([10.0, 12.0], 5.0), duration=30.0, record="v")
    np.testing.assert_array_equal(run.v.values[[0, 2]], alone.v.values)


def test_more_spikes_than_room_for_them(monkeypatch):
    from neurosim import engine

    asked = {"duration": 100.0, "measure": "spike_times"}
    usual = simulate(SQUID_AXON, Step([8.0, 15.0]), **asked)
    monkeypatch.setattr(engine, "FASTEST", 0.01)
    cramped = simulate(SQUID_AXON, Step([8.0, 15.0]), **asked)
    assert cramped.equals(usual)


@pytest.mark.parametrize(
    ("model", "protocol", "more"),
    [
        (MOTOR_AXON, None, {}),
        (SQUID_AXON, Fluctuation(1.0), {}),
        (SQUID_AXON, VoltageClamp(-20.0), {}),
        (SQUID_AXON, None, {"channel_noise": True}),
        (SQUID_AXON, None, {"record": "i_membrane"}),
        (SQUID_AXON, None, {"dt": 0.01}),
    ],
    ids=["unit", "fluctuation", "clamp", "channels", "current", "dt"],
)
def test_auto_takes_the_staggered_step_where_it_must(model, protocol, more):
    run = simulate(model, protocol, duration=1.0, **more)
    assert run.attrs["solver"] == "staggered"
    for wrong in ({"solver": "adaptive"}, {"tolerance": 1e-4}):
        with pytest.raises(NeurosimError, match=r"(solver|tolerance) ?="):
            simulate(model, protocol, duration=1.0, **more, **wrong)


@pytest.mark.parametrize("tolerance", [0.0, -1e-5, 0.5, float("nan"), "fine"])
def test_tolerances_out_of_range(tolerance):
    with pytest.raises(NeurosimError, match="tolerance"):
        simulate(SQUID_AXON, duration=1.0, tolerance=tolerance)


def test_the_pair_of_dormand_and_prince_has_orders_five_and_four():
    """Every condition up to order 4, those of quadrature up to order 5."""
    a = np.zeros((7, 7))
    a[1, :1] = pair.A21
    a[2, :2] = pair.A31, pair.A32
    a[3, :3] = pair.A41, pair.A42, pair.A43
    a[4, :4] = pair.A51, pair.A52, pair.A53, pair.A54
    a[5, :5] = pair.A61, pair.A62, pair.A63, pair.A64, pair.A65
    b = np.array([pair.B1, 0.0, pair.B3, pair.B4, pair.B5, pair.B6, 0.0])
    a[6] = b
    e = np.array([pair.E1, 0.0, pair.E3, pair.E4, pair.E5, pair.E6, pair.E7])
    d = np.array([pair.D1, 0.0, pair.D3, pair.D4, pair.D5, pair.D6, pair.D7])
    c = np.array([0.0, C2, C3, C4, C5, 1.0, 1.0])
    np.testing.assert_allclose(a.sum(axis=1), c, atol=1e-14)
    for weights in (b, b - e):
        found = [
            weights.sum(), weights @ c, weights @ c**2, weights @ a @ c, weights @ c**3,
            weights @ (c * (a @ c)), weights @ a @ c**2, weights @ a @ a @ c,
        ]  # fmt: skip
        exact = [1, 1 / 2, 1 / 3, 1 / 6, 1 / 4, 1 / 8, 1 / 12, 1 / 24]
        np.testing.assert_allclose(found, exact, atol=1e-14)
    assert b @ c**4 == pytest.approx(1 / 5, abs=1e-14)
    assert abs((b - e) @ c**4 - 1 / 5) > 1e-4  # so that the error is one
    assert d.sum() == pytest.approx(0.0, abs=1e-12)


def test_the_kernel_says_what_it_integrates():
    text = adaptive_source(SQUID_AXON)
    assert "# gates of na: transient sodium channel (squid_m, squid_h)" in text
    assert "dv = x[STIMULUS + i] - (i_na + i_k + i_l)" in text
    with pytest.raises(NeurosimError, match="motor_axon"):
        adaptive_source(MOTOR_AXON)
