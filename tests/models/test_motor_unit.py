"""The motor unit as one model against its stages, and the closed fibre at rest."""

import numpy as np
import pytest
from numba import config

from neurosim import Pace, Train, simulate
from neurosim.innervate import innervate
from neurosim.models import MOTOR_AXON, MOTOR_UNIT, MUSCLE_FIBRE, SLOW_FIBRE
from neurosim.physics.fibre_ions import CELL, LUMEN, OUTSIDE, TUBULES
from neurosim.units import FARADAY

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
PULSES = Train(amplitude=2.0, width=0.1, period=50.0, count=8, start=10.0)
UNTIL = 500.0  # ms
BATHS = {
    "ca_o": [1.25, 0.8, 1.25, 1.25, 1.25], "mg_o": [0.55, 0.55, 5.0, 6.0, 7.0],
}  # fmt: skip
PLACES = {"e": OUTSIDE, "t": LUMEN * TUBULES, "i": CELL}


@pytest.fixture(scope="module")
def unit():
    """Return the whole motor unit in baths: healthy, Ca 0.8, Mg 5, 6 and 7 mM."""
    return simulate(
        MOTOR_UNIT.along("bath", **BATHS), PULSES, duration=UNTIL,
        record=("force", "v_node"), record_every=0.25, measure="spike_times",
    )  # fmt: skip


@pytest.fixture(scope="module")
def axon():
    """Return the axon alone in the same baths."""
    return simulate(MOTOR_AXON.along("bath", **BATHS), PULSES, duration=UNTIL,
                    measure="spike_times")["spike_time"].values  # fmt: skip


@pytest.fixture(scope="module")
def staged(axon):
    """Return the stages one after another, without a delay between them."""
    return innervate(MUSCLE_FIBRE.along("bath", **BATHS), axon, duration=UNTIL,
                     record_every=1.0, delay=0.0)  # fmt: skip


def test_the_whole_unit_is_its_stages_one_after_another(unit, staged):
    for bath in (0, 1):
        own = unit["spike_time"].values[bath]
        assert np.isfinite(own).sum() == PULSES.count
        np.testing.assert_allclose(own, staged["spike_time"].values[bath], atol=0.2)
        force = staged["force"].isel(bath=bath)
        here = np.interp(force["time"], unit["time"], unit["force"].values[bath])
        assert np.abs(here - force).max() < 0.02 * float(force.max())


def test_magnesium_blocks_the_junction_and_not_the_axon(unit, staged, axon):
    assert (np.isfinite(axon).sum(1) == PULSES.count).all()
    v = unit["v_node"].values
    impulses = ((v[:, 1:] > -20.0) & (v[:, :-1] <= -20.0)).sum(1)
    assert (impulses == PULSES.count).all()
    assert not np.isfinite(unit["spike_time"].values[2:]).any()
    assert not np.isfinite(staged["spike_time"].values[2:]).any()
    assert (unit["force"].values[2:] < 0.01).all()


def test_low_calcium_does_not_block(unit):
    spikes = np.isfinite(unit["spike_time"].values).sum(1)
    assert spikes[1] == spikes[0] == PULSES.count
    force = unit["force"].max("time").values
    assert force[1] > 0.95 * force[0]


def test_without_impulses_nothing_happens(unit):
    before = unit.sel(time=slice(0.0, 9.9)).isel(bath=0)
    assert float(unit["force"].sel(time=slice(0.0, 9.9)).max()) < 1e-3
    assert float(np.ptp(before["v_node"].values)) < 1e-6
    assert float(np.ptp(before["force"].values)) < 1e-9


@pytest.fixture(scope="module")
def closed():
    """Return a minute of rest of a fibre that exchanges nothing with blood."""
    names = [f"{ion}_{p}" for ion in ("k", "na", "cl") for p in PLACES]
    return simulate(
        MUSCLE_FIBRE.at(tau_blood=1e15), Pace(1.4), duration=6e4, record_every=1e4,
        record=("v", "v_tubule", *names),
    )  # fmt: skip


def test_a_closed_fibre_keeps_every_ion_for_a_minute(closed):
    for ion in ("k", "na", "cl"):
        amount = sum(w * closed[f"{ion}_{p}"].values for p, w in PLACES.items())
        assert np.abs(amount / amount[0] - 1.0).max() < 1e-9


def test_a_closed_fibre_keeps_its_charge_for_a_minute(closed):
    inside = FARADAY * CELL * (closed["k_i"] + closed["na_i"] - closed["cl_i"]).values
    charge = closed["v"].values + TUBULES * closed["v_tubule"].values - inside
    assert np.abs(charge - charge[0]).max() < 1e-9 * abs(inside[0])


def test_a_closed_fibre_keeps_every_ion_through_a_bout():
    """Quanta open real channels, so that a bout is part of the balance."""
    names = [f"{ion}_{p}" for ion in ("k", "na", "cl") for p in PLACES]
    run = innervate(
        MUSCLE_FIBRE.at(tau_blood=1e15), np.arange(5.0, 900.0, 50.0), duration=1000.0,
        record=names, record_every=100.0,
    )  # fmt: skip
    assert run["transmission_ratio"] == 1.0
    assert float(run["k_t"].max() - run["k_t"][0]) > 0.5
    for ion in ("k", "na", "cl"):
        amount = sum(w * run[f"{ion}_{p}"].values for p, w in PLACES.items())
        assert np.abs(amount / amount[0] - 1.0).max() < 1e-9


@pytest.mark.parametrize("model", [MUSCLE_FIBRE, SLOW_FIBRE], ids=lambda m: m.name)
def test_ten_minutes_of_rest_change_nothing(model):
    names = [s.name for s in model.states] + ["v", "v_tubule"]
    until = 6e5  # ms
    run = simulate(model, Pace(1.4), duration=until, record=names, record_every=until)
    assert run["status"] == 0
    for name in names:
        first, last = run[name].values[[0, -1]]
        assert abs(last - first) <= 1e-4 * abs(first), name
