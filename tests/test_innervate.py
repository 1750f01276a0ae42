"""From impulses of axons to fibres and pools: who follows, who pulls, what fails."""

import numpy as np
import pytest
from numba import config

from neurosim import Pace
from neurosim.errors import NeurosimError
from neurosim.innervate import (
    DELAY,
    innervate,
    motor_pool,
    surface_emg,
    trains_at,
    unit_forces,
)
from neurosim.junction import transmit
from neurosim.models import MOTOR_AXON, MUSCLE_FIBRE

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
STEP = 0.04  # ms: force moves by less than 0.5 %
SETTLE = 2e4  # ms in a bath that reaches the fibre at once


def follows(train, duration=1200.0, **bath):
    return innervate(
        MUSCLE_FIBRE.along("bath", **bath), train, duration=duration, record_every=5.0,
        dt=STEP,
    )  # fmt: skip


def test_trains_at_rates():
    times = trains_at([1.0, 4.0], seconds=1.0, start=5.0)
    np.testing.assert_allclose(times[1], [5.0, 255.0, 505.0, 755.0])
    assert np.isnan(times[0, 1:]).all()
    assert times[0, 0] == 5.0
    assert trains_at(0.1).tolist() == [[0.0]]


@pytest.mark.parametrize("rates", [0.0, [-1.0], [[1.0]], [np.nan]])
def test_trains_need_rates(rates):
    with pytest.raises(NeurosimError, match="rates above 0"):
        trains_at(rates)


def test_every_impulse_of_a_healthy_nerve_makes_one_spike():
    run = innervate(MUSCLE_FIBRE, trains_at([1.0, 10.0, 30.0], start=5.0),
                    duration=1100.0, record_every=5.0, dt=STEP)  # fmt: skip
    assert run["force"].dims == ("train", "time")
    assert (run["transmission_ratio"] == 1.0).all()
    first = run["spike_time"].isel(spike=0) - 5.0
    assert ((first > DELAY + 0.5) & (first < DELAY + 3.0)).all()
    peak = run["force"].max("time").values
    assert peak[0] < peak[1] < peak[2] < 1.0


def test_a_short_gap_between_impulses_is_not_followed():
    train = [[5.0, 7.0], [5.0, 25.0]]  # people 2.2-4.6 ms (Buchthal & Engbaek 1963)
    run = innervate(MUSCLE_FIBRE, train, duration=60.0, dt=STEP)
    assert run["transmission_ratio"].values.tolist() == [0.5, 1.0]


def test_magnesium_blocks_and_low_calcium_does_not():
    bath = {
        "ca_o": [1.25, 0.8, 1.25, 1.25, 1.25], "mg_o": [0.55, 0.55, 5.0, 6.0, 7.0],
    }  # fmt: skip
    run = follows(trains_at(30.0, start=5.0), **bath)
    assert run["transmission_ratio"].values.tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
    peak = run["force"].max("time").values
    assert peak[1] > 0.95 * peak[0]
    assert (peak[2:] < 0.01).all()
    junction = transmit(trains_at(10.0)[0], ca_o=0.8)
    assert junction.passed.all()


def test_single_impulses_pass_down_to_calcium_of_06():
    assert (follows([5.0], 60.0, ca_o=[0.8, 0.7, 0.6])["transmission_ratio"] == 1).all()


def test_chance_decides_what_passes_in_magnesium():
    train = np.arange(5.0, 900.0, 100.0)
    asked = {"duration": 900.0, "quanta": "binomial", "dt": STEP, "record": ()}
    fibre = MUSCLE_FIBRE.along("bath", mg_o=[2.0, 2.5, 3.0, 3.5])
    one, same, other = (
        innervate(fibre, train, seed=seed, **asked)["spike_time"].values
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other, equal_nan=True)


@pytest.fixture(scope="module")
def potassium():
    """Return force after 120 s in low potassium: healthy, 3 mM, 1 mM with a leak."""
    settle = 6.0 * SETTLE
    fibre = MUSCLE_FIBRE.along(
        "bath", k_o=[4.0, 3.0, 1.0], leak=[0.0045, 0.0045, 0.02], tau_blood=[1e3] * 3
    )
    return innervate(
        fibre, trains_at(30.0, start=settle), duration=settle + 1100.0, dt=STEP,
        record=("force", "v"), record_every=5.0, protocol=Pace(0.15, 20.0, settle),
    )  # fmt: skip


def test_potassium_of_3_matters_little_and_of_1_with_a_leak_paralyses(potassium):
    peak = potassium["force"].max("time").values
    assert abs(peak[1] / peak[0] - 1.0) < 0.05
    assert peak[2] < 0.1 * peak[0]
    rest = potassium["v"].sel(time=6.0 * SETTLE - 5.0, method="nearest").values
    assert rest[1] < rest[0] - 2.0
    assert rest[2] > -62.0


def test_forces_of_units_rise_a_hundredfold_and_add_to_one():
    forces = unit_forces(150)
    assert forces.sum() == pytest.approx(1.0)
    assert forces[-1] / forces[0] == pytest.approx(100.0)
    assert (np.diff(forces) > 0.0).all()
    assert unit_forces(1).tolist() == [1.0]


@pytest.mark.parametrize(("units", "span"), [(0, 100.0), (3, 0.5), (3, np.nan)])
def test_forces_of_units_need_units(units, span):
    with pytest.raises(NeurosimError, match="unit_forces"):
        unit_forces(units, span)


def test_a_pool_is_the_sum_of_its_units():
    trains = trains_at([5.0, 20.0, 40.0], seconds=0.5, start=5.0)
    silent = np.full((1, trains.shape[1]), np.nan)
    pool = motor_pool(MUSCLE_FIBRE, np.vstack([trains, silent]), duration=600.0,
                      dt=STEP)  # fmt: skip
    force = pool["force"].values
    assert ((force >= 0.0) & (force <= 1.0)).all()
    np.testing.assert_allclose(
        force, (pool["share"] * pool["unit_force"]).sum("unit").values
    )
    assert np.isnan(pool["transmission_ratio"].values[-1])
    assert (pool["transmission_ratio"].values[:3] == 1.0).all()
    assert float(pool["unit_force"][-1].max()) < 0.01
    assert float(np.abs(pool["emg"]).max()) > 0.1


def test_without_spikes_there_is_no_emg():
    pool = motor_pool(MUSCLE_FIBRE, np.full((3, 1), np.nan), duration=100.0, dt=STEP)
    assert (pool["emg"] == 0.0).all()
    assert float(pool["force"].max()) < 0.01


def test_the_emg_of_one_spike_is_biphasic_and_as_high_as_its_unit():
    time = np.arange(0.0, 100.0, 0.1)
    one = surface_emg(time, np.array([[50.0, np.nan]]), np.array([0.4]))
    assert one.max() == pytest.approx(0.4, rel=1e-3)
    assert one.min() == pytest.approx(-0.4, rel=1e-3)
    assert abs(one.sum()) < 1e-9
    assert np.abs(one[np.abs(time - 50.0) > 10.0]).max() == 0.0


def test_what_does_not_fit_is_refused():
    with pytest.raises(NeurosimError, match="motor_axon has no end-plate"):
        innervate(MOTOR_AXON, [5.0], duration=20.0)
    with pytest.raises(NeurosimError, match="3 trains for 2 runs"):
        innervate(MUSCLE_FIBRE.at(k_o=[4.0, 5.0]), [[5.0]] * 3, duration=20.0)
    with pytest.raises(
        NeurosimError, match="motor_pool: muscle_fibre varies along k_o"
    ):
        motor_pool(MUSCLE_FIBRE.at(k_o=[4.0, 5.0]), [[5.0]] * 2, duration=20.0)
