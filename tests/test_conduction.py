"""Conduction along a fibre: velocity, height, safety factor, and how it is detected."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config

from neurosim import Step, simulate
from neurosim.chain import comes_back, settle_chain
from neurosim.conduction import (
    action_current_ratio,
    ap_amplitude,
    arrival,
    conduction,
    conduction_safety_factor,
    conduction_velocity,
)
from neurosim.core.block import ROW
from neurosim.ensemble import spread, state_rows
from neurosim.equilibrium import derivative, set_start, settle, stability
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.measure import rest
from neurosim.models import MOTOR_AXON, MOTOR_CABLE, MRG_AXON, MRG_CABLE, SQUID_AXON
from neurosim.models.axon_unit import cable_of

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

PULSE = Step(5.0, 0.0, 0.1)


@pytest.fixture(scope="module")
def healthy():
    return conduction(MRG_CABLE)


def test_an_mrg_fibre_rests_and_conducts_as_published(healthy):
    """Rest -79.95 mV, peak +28 mV, 50-60 m/s at 10 um (nerve.md 1.4, section 6)."""
    found = float(rest(MRG_CABLE))
    assert found == pytest.approx(-79.95, abs=0.02)
    assert found + float(healthy.ap_amplitude) == pytest.approx(28.0, abs=2.0)
    assert 50.0 < float(healthy.conduction_velocity) < 60.0
    assert healthy.conduction_velocity.attrs["units"] == "m/s"


def test_the_default_step_is_fine_enough(healthy):
    """Half the step moves velocity and height by less than 0.5 %."""
    finer = conduction(MRG_CABLE, dt=0.0025)
    for name in ("conduction_velocity", "ap_amplitude"):
        assert float(healthy[name]) == pytest.approx(float(finer[name]), rel=5e-3)


def test_a_thin_fibre_conducts_more_slowly(healthy):
    thin = conduction_velocity(cable_of(MRG_AXON, nodes=13, fibre_diameter=5.7))
    ratio = float(thin / healthy.conduction_velocity)
    assert 0.3 < ratio < 5.7 / 10.0  # more than in proportion


def test_velocity_is_distance_over_the_time_between_spikes_at_two_nodes():
    times = []
    for node in ("node5", "node15"):
        fibre = replace(MRG_CABLE, detect_at=node)
        run = simulate(
            fibre, PULSE, duration=3.0, measure="spike_times", initial="rest"
        )
        times.append(run.spike_time.item())
    speed = float(conduction_velocity(MRG_CABLE))
    assert 10 * 1150.0 / (times[1] - times[0]) * 1e-3 == pytest.approx(speed, rel=1e-3)


def test_spikes_count_where_the_model_says():
    run = simulate(MRG_CABLE, PULSE, duration=3.0, record=["v", "v_node15"],
                   record_every=MRG_CABLE.dt, measure="spike_times")  # fmt: skip
    time, level = run.time.values, np.array([MRG_CABLE.detect])
    here = arrival(run.v_node15.values[None], time, level)
    assert run.spike_time.item() == pytest.approx(here.item(), abs=3e-4)  # a line
    assert run.spike_time.item() > arrival(run.v.values[None], time, level).item()


def test_a_place_that_is_not_there_is_refused():
    with pytest.raises(NeurosimError, match="node3"):
        replace(cable_of(MRG_AXON, nodes=4), detect_at="node4")


def test_the_safety_factor_is_one_at_block():
    """With just more sodium conductance than it says the impulse passes, else not."""
    factor = float(conduction_safety_factor(MOTOR_CABLE))
    assert factor > 2.0
    share = np.array([0.98, 1.02]) / factor
    cut = MOTOR_CABLE.along("cut", g_naf=3000.0 * share, g_nap=10.0 * share)
    speed = conduction_velocity(cut).values
    assert np.isnan(speed[0])
    assert 5.0 < speed[1] < 40.0
    blocked, passing = conduction_safety_factor(cut).values
    assert blocked < 1.0 < passing
    assert blocked == pytest.approx(0.98, abs=0.02)
    ratio = action_current_ratio(cut).values
    assert np.isnan(ratio[0])
    assert ratio[1] == pytest.approx(1.0, abs=0.15)


def test_the_peak_of_the_action_current_is_not_missed_between_steps():
    model = MOTOR_CABLE.at(
        g_naf=MOTOR_CABLE.parameters["g_naf"].value * np.array([0.8, 1.2])
    )
    usual, fine = (
        action_current_ratio(model, dt=s * model.dt).values for s in (1.0, 0.25)
    )
    np.testing.assert_allclose(usual, fine, rtol=0.01)


def test_low_sodium_makes_impulses_smaller_and_slower():
    found = conduction(MOTOR_CABLE.at(na_o=[115.0, 140.0]))
    assert (np.diff(found.ap_amplitude) > 3.0).all()
    assert (np.diff(found.conduction_velocity) > 1.0).all()


def test_a_fibre_that_fires_by_itself_has_no_values():
    wild = MRG_CABLE.at(shift=[0.0, 3.5])
    for measure in (conduction_velocity, ap_amplitude, conduction_safety_factor):
        values = measure(wild).values
        assert np.isfinite(values[0])
        assert np.isnan(values[1])


def test_without_sodium_nothing_arrives():
    dead = MRG_CABLE.at(g_naf=0.0, g_nap=0.0)
    assert np.isnan(float(conduction_velocity(dead)))
    assert float(ap_amplitude(dead)) < 1.0
    assert float(conduction_safety_factor(dead)) == 0.0


@pytest.mark.parametrize("model", [MRG_AXON, SQUID_AXON, cable_of(MRG_AXON, nodes=4)])
def test_conduction_asks_for_a_fibre(model):
    with pytest.raises(NeurosimError, match="chain of 9 nodes"):
        conduction_velocity(model)


def test_a_chain_comes_to_the_rest_that_newton_finds():
    model = cable_of(MOTOR_AXON, nodes=3)
    x = spread(model.at(k_o=[3.0, 4.0, 5.0])).matrix()
    set_start(model, x, model.start)
    other = x.copy()
    assert settle(model, x).all()
    assert settle_chain(model, other).all()
    at = state_rows(rows_of(model))
    np.testing.assert_allclose(other[at], x[at], atol=1e-8)
    assert np.abs(derivative(model, other)).max() < 1e-4  # of currents over 1e4 uA/cm2


def test_a_push_tells_a_stable_rest_as_eigenvalues_do():
    model = cable_of(MRG_AXON, nodes=4)
    x = spread(model.at(shift=[0.0, 1.0, 2.0, 3.0])).matrix()
    set_start(model, x, model.start)
    assert settle(model, x).all()
    growth = np.real(stability(model, x)[0])
    assert (growth[:2] < -0.01).all()
    assert (growth[2:] > 0.01).all()
    assert comes_back(model, x).tolist() == [True, True, False, False]


def test_a_fibre_at_rest_is_the_same_from_both_ends():
    x = spread(MOTOR_CABLE).matrix()
    set_start(MOTOR_CABLE, x, MOTOR_CABLE.start)
    assert settle(MOTOR_CABLE, x).all()
    v = x[np.array(list(rows_of(MOTOR_CABLE).records.values())) // ROW, 0]
    np.testing.assert_allclose(v, v[::-1], atol=1e-7)


def test_the_kernel_of_a_chain_approaches_the_reference():
    fibre = cable_of(MRG_AXON, nodes=4)
    asked = {"duration": 0.5, "measure": "spike_times", "initial": "rest"}
    exact = simulate(fibre, PULSE, solver="reference", **asked).spike_time.item()
    errors = [
        abs(simulate(fibre, PULSE, dt=dt, **asked).spike_time.item() - exact)
        for dt in (0.004, 0.002, 0.001)
    ]
    assert errors[0] < 1e-3
    assert errors[2] < 0.3 * errors[0]
    assert errors[2] < 1e-4
