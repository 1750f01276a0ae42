"""Firing without a stimulus: direct simulation, the rate law, motor pools."""

import numpy as np
import pytest

from neurosim.claims.population import draw
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON, SENSORY_AXON
from neurosim.pool import (
    NODES,
    axon_rates,
    axon_thresholds,
    draw_pools,
    r_sp,
)
from neurosim.spontaneous import F0, SIGMA, firing, rate_law, threshold_current

SHIFTS = (3.0, 4.0, 5.0, 6.0, 7.0)  # mV
SIMULATED = (0.40, 1.15, 2.52, 4.65, 7.81)  # 1/s at sigma 20 pA, nerve.md section 0


@pytest.fixture(scope="module")
def direct():
    """Return the event rates of 128 axons at each shift, 1/s, and how many events."""
    rates, counts = [], []
    for shift, seconds in zip(SHIFTS, (12.0, 6.0, 4.0, 3.0, 2.0), strict=True):
        model = MOTOR_AXON.along("run", shift=np.full(128, shift))
        found = firing(model, seconds=seconds, sigma=0.020, seed=2)
        rates.append(found.rate.mean())
        counts.append(found.events.sum())
    return np.array(rates), np.array(counts)


def test_axons_fire_as_often_as_an_independent_simulation_says(direct):
    rates, counts = direct
    assert (counts > 400).all()
    np.testing.assert_allclose(rates, SIMULATED, rtol=0.15)


def test_the_usual_step_tells_what_a_finer_one_does():
    model = MOTOR_AXON.along("run", shift=np.full(64, 6.5))
    fine, usual = (
        firing(model, seconds=5.0, sigma=0.020, seed=4, dt=times and times * model.dt)
        for times in (4.0, None)  # of the default step, which move the drive alike
    )
    assert usual.rate.mean() == pytest.approx(fine.rate.mean(), rel=2e-3)
    mean = fine.spikes_per_event.mean()
    assert usual.spikes_per_event.mean() == pytest.approx(mean, rel=0.02)


def test_the_law_lies_within_a_tenth_of_them(direct):
    rates, counts = direct
    i_th = threshold_current(MOTOR_AXON.at(shift=np.array(SHIFTS)))
    law = rate_law(i_th, 0.020)
    assert (np.abs(law / rates - 1.0) < 0.10 + 2.0 / np.sqrt(counts)).all()


def test_threshold_currents_fall_along_the_line_of_the_reference():
    shift = np.array([-2.0, 0.0, 2.0, 4.0, 6.0])
    found = 1e3 * threshold_current(MOTOR_AXON.at(shift=shift))
    np.testing.assert_allclose(found, 77.6 - 7.4 * shift, atol=1.0)  # pA, nerve.md 4


@pytest.mark.parametrize("model", [MOTOR_AXON, SENSORY_AXON], ids=lambda m: m.name)
def test_long_steps_move_threshold_currents_by_little(model):
    baths = model.at(ca_o=[0.9, 1.25], k_o=[2.5, 4.0])
    usual = threshold_current(baths, relative=5e-5)
    fine = threshold_current(baths, relative=5e-5, dt=model.dt)
    np.testing.assert_allclose(usual, fine, rtol=1.3e-3)


def test_a_threshold_does_not_depend_on_where_the_search_begins():
    model = MOTOR_AXON.at(shift=[0.0, 3.0])
    found = threshold_current(model)
    for factor in (0.3, 0.9, 1.02, 4.0):
        near = factor * found
        np.testing.assert_allclose(threshold_current(model, near=near), found, 4e-4)


def test_an_axon_that_fires_by_itself_has_no_threshold():
    found = threshold_current(MOTOR_AXON.at(shift=[0.0, 12.0]))
    assert found[0] > 0.05
    assert found[1] == 0.0
    assert rate_law(found, SIGMA)[1] == F0


def test_a_sudden_bath_that_only_startles_an_axon_leaves_it_a_threshold():
    # applied at once, the shift makes one spike; then the axon is quiet
    found = threshold_current(MOTOR_AXON.at(shift=[8.0]))
    assert 0.0 < found[0] < 0.025


def test_an_axon_that_falls_silent_again_above_its_threshold_has_one():
    # this draw fires at 36.6-37.0 pA and from 37.4 on, not between (at any step)
    values = {n: v[[57]] for n, v in draw(MOTOR_AXON, 100, 1).values.items()}
    model = MOTOR_AXON.along("run", **values, ca_o=[1.085], shift=[2.5])
    assert 0.036 < threshold_current(model)[0] < 0.038


def test_events_do_not_depend_on_the_order_of_runs():
    model = MOTOR_AXON.along("run", shift=np.full(70, 6.0))
    whole = firing(model, seconds=0.5, sigma=0.02, seed=4)
    part = firing(MOTOR_AXON.along("run", shift=np.full(3, 6.0)), seconds=0.5,
                  sigma=0.02, seed=4)  # fmt: skip
    np.testing.assert_array_equal(whole.events[:3], part.events)


def test_each_axon_may_have_a_drive_of_its_own():
    model = MOTOR_AXON.along("run", shift=np.full(64, 6.0))
    sigma = np.repeat([0.005, 0.03], 32)
    found = firing(model, seconds=2.0, sigma=sigma, seed=1)
    assert found.events[:32].sum() == 0
    assert found.rate[32:].mean() > 5.0


def test_a_drive_without_size_is_refused():
    with pytest.raises(NeurosimError, match="sigma = 0 nA; the drive needs a positive"):
        rate_law(0.07, 0.0)


def test_pools_have_the_spread_they_were_asked_for():
    pools = draw_pools(400, 3)
    assert pools.shift.shape == pools.factor.shape == (400, 150)
    assert pools.shift.std() == pytest.approx(1.0, rel=0.02)
    assert pools.factor.std() / pools.factor.mean() == pytest.approx(0.25, rel=0.03)
    assert np.median(pools.factor) == pytest.approx(1.0, rel=0.01)


def test_a_pool_depends_on_its_number_only():
    few, many = draw_pools(3, 7), draw_pools(9, 7)
    np.testing.assert_array_equal(few.shift, many.shift[:3])
    assert not np.array_equal(few.shift, draw_pools(3, 8).shift)


def test_thresholds_between_the_nodes_are_close_to_simulated_ones():
    at_nodes = threshold_current(MOTOR_AXON.at(shift=np.array(NODES)))[None]
    between = np.array([[-0.5, 0.5, 1.2, 2.0, 3.0]])
    exact = threshold_current(MOTOR_AXON.at(shift=between[0]))
    found = axon_thresholds(at_nodes, between)[0]
    np.testing.assert_allclose(found, exact, atol=2e-4)  # nA


def test_healthy_pools_fire_about_once_a_minute():
    at_nodes = threshold_current(MOTOR_AXON.at(shift=np.array(NODES)))
    rates = axon_rates(np.repeat(at_nodes[None], 2000, axis=0), draw_pools(2000, 1))
    assert 0.5 < np.median(r_sp(rates)) < 2.0  # 1/min, the calibration


@pytest.mark.parametrize(("ion", "levels"), [
    ("ca_o", (1.5, 1.25, 1.1, 0.9, 0.7, 0.5)), ("mg_o", (1.0, 0.55, 0.4, 0.2, 0.05)),
])  # fmt: skip
def test_r_sp_rises_as_a_divalent_falls(ion, levels):
    pools = draw_pools(50, 2)
    nodes = np.array(NODES)
    found = [
        np.median(r_sp(axon_rates(np.repeat(
            threshold_current(MOTOR_AXON.at(shift=nodes, **{ion: level}))[None],
            50, axis=0), pools)))
        for level in levels
    ]  # fmt: skip
    assert (np.diff(found) > 0).all()


def test_pools_that_cannot_be_are_refused():
    with pytest.raises(NeurosimError, match="0 pools of 150 axons"):
        draw_pools(0, 1)
