"""Equations of contraction and energy against the numbers they were made from."""

from itertools import pairwise

import numpy as np
import pytest

from neurosim.physics import crossbridge, energy, reticulum
from neurosim.physics.fibre_ions import CELL, TUBULES
from neurosim.units import FARADAY


def share_released(atp=8.0, pi=4.0):
    flux = [
        reticulum.released(1.0, 0.0, 0.05, 1.0, a, p, 0.1, 0.0)
        for a, p in ((atp, pi), (8.0, 4.0))
    ]
    return flux[0] / flux[1]


def test_magnesium_acts_on_leak_and_release_apart():
    leak = [reticulum.leak_permeability(1e-5, mg, 0.0, 1.0) for mg in (0.55, 0.4)]
    release = [
        reticulum.release_capacity(0.1, 1.0, mg, 0.0, 0.0, 1.0)
        for mg in (0.55, 0.4, 1.0, 3.0)
    ]
    assert leak[0] == pytest.approx(1e-5, rel=1e-12)
    assert leak[1] / leak[0] == pytest.approx(1.66, abs=0.01)  # Lacampagne 1998
    assert release[1] / release[0] == pytest.approx(1.06, abs=0.005)
    assert release[3] / release[2] == pytest.approx(0.6, abs=0.01)  # Dutka & Lamb 2004


@pytest.mark.parametrize(("atp", "share"), [(8.0, 1.0), (1.0, 0.9), (0.5, 0.8)])
def test_release_falls_with_atp_as_measured(atp, share):
    assert share_released(atp=atp) == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(
    ("pi", "seconds", "lost"),  # mM, s and share, Posterino & Fryer 1998
    [(10.0, 10.0, 0.12), (20.0, 10.0, 0.29), (50.0, 10.0, 0.82), (20.0, 20.0, 0.47)],
)
def test_phosphate_that_enters_takes_half_of_what_was_measured(pi, seconds, lost):
    """Whole, it would leave a tenth of the force after a minute (decision 0011)."""
    entered = 1.0 - np.exp(-1e3 * seconds / reticulum.PI_ENTERS)
    found = 1.0 - share_released(pi=4.0 + entered * (pi - 4.0))
    assert 0.35 * lost < found < 0.75 * lost


def test_phosphate_enters_with_a_half_time_of_35_seconds():
    rate = reticulum.phosphate_enters(4.0, 20.0)
    assert np.log(2.0) * (20.0 - 4.0) / rate == pytest.approx(35e3, rel=0.02)


def test_caffeine_shifts_the_sensor_as_measured():
    assert reticulum.sensor_potential(-30.0, 1500.0) == pytest.approx(-44.1, abs=0.1)
    assert reticulum.sensor_potential(-30.0, 60.0) == pytest.approx(-31.0, abs=0.05)
    assert reticulum.leak_permeability(1.0, 0.55, 3000.0, 1.0) == pytest.approx(2.0)


def test_the_sensor_is_boltzmann_within_its_limits():
    for v in (-60.0, -30.0, 0.0):
        steady = 1.0 / (1.0 + np.exp(-(v + 30.0) / 8.0))
        rate = reticulum.sensor_rate(steady, v, -30.0, 8.0, 0.5, 1.0)
        assert rate == pytest.approx(0.0, abs=1e-14)
    for v in (-200.0, -85.0, 50.0, 200.0):
        rise = reticulum.sensor_rate(0.0, v, -30.0, 8.0, 0.5, 1.0)
        fall = -reticulum.sensor_rate(1.0, v, -30.0, 8.0, 0.5, 1.0)
        assert 0.0 < rise <= reticulum.FASTEST
        assert 0.0 < fall <= reticulum.FASTEST


def uptake(ca=1.0, adp=0.015, atp=8.0, pi=4.0, ca_sr=1.0):
    return reticulum.taken_up(ca, ca_sr, atp, adp, pi, 1.0, 0.3, 0.846)


def test_uptake_is_hill_two_and_slows_with_adp():
    full = uptake(ca=1e3)
    assert full == pytest.approx(1.0, abs=0.04)
    assert uptake(ca=0.3) / full == pytest.approx(0.5, abs=0.01)
    slower = uptake(ca=10.0, adp=0.0) / uptake(ca=10.0, adp=1.0)
    assert slower == pytest.approx(4.4, abs=0.1)  # Macdonald & Stephenson 2001
    assert uptake(atp=0.5) / uptake() == pytest.approx(0.7, abs=0.02)
    assert uptake(atp=0.0, adp=8.0) < 0.0


def test_the_reticulum_stands_still_where_the_gradient_costs_what_atp_gives():
    """Two Ca per ATP: (Ca_SR/Ca)^2 = K ATP/(ADP Pi), K of hydrolysis."""
    ca, atp, adp, pi = 0.05, 8.0, 0.5, 25.0
    ca_sr = 1e-3 * ca * np.sqrt(reticulum.RETURN * atp / (adp * pi))
    assert uptake(ca, adp, atp, pi, ca_sr) == pytest.approx(0.0, abs=1e-15)
    assert uptake(ca, adp, atp, pi, 0.99 * ca_sr) > 0.0


@pytest.mark.parametrize(("ph", "share"), [(7.1, 1.0), (6.5, 0.7), (5.5, 0.4)])
def test_acid_slows_uptake_within_limits(ph, share):
    assert reticulum.uptake_capacity(1.0, 1.0, ph, 0.0, 0.4, 1.0) == pytest.approx(
        share
    )


def test_creatine_kinase_rests_at_its_constant():
    constant = energy.kinase_constant(7.1)
    assert 100.0 < constant < 166.0  # at pH 7 and around (muscle.md 3.4)
    pcr, creatine, atp = 32.0, 40.0, 8.0
    adp = atp * (creatine - pcr) / (constant * pcr)
    assert energy.kinase(atp, adp, pcr, creatine, 0.03, constant) == pytest.approx(
        0.0, abs=1e-15
    )
    assert 0.01 < adp < 0.02  # mM at rest
    assert energy.kinase(atp, 2.0 * adp, pcr, creatine, 0.03, constant) > 0.0


def test_resynthesis_is_called_by_adp_and_has_a_ceiling():
    adp = np.array([0.005, 0.015, 0.05, 0.2, 1.0, 5.0])
    made = [energy.resynthesis(a, 10.0, 5e-4, 1.2e-3, 1.0) for a in adp]
    assert all(b > a for a, b in pairwise(made))
    assert made[-1] < 1.7e-3
    assert energy.resynthesis(0.2, 10.0, 5e-4, 1.2e-3, 0.3) == pytest.approx(
        0.3 * made[3]
    )


def test_the_pump_uses_one_atp_per_charge():
    used = energy.pump_use(0.3, 0.25)  # mM/ms
    assert used * CELL * FARADAY == pytest.approx(0.3 + TUBULES * 0.25)


def test_rigor_only_without_atp():
    off = [
        crossbridge.detachment(1.0, a, 0.015, 1.0, 0.846, 1.0) for a in (8, 1, 0.1, 0)
    ]
    assert off[0] > 0.98
    assert off[1] > 0.85
    assert off[2] == pytest.approx(0.45, abs=0.02)
    assert off[3] == 0.0


def test_acid_moves_the_calcium_that_force_needs():
    assert crossbridge.acid_factor(7.1) == pytest.approx(1.0)
    assert np.log10(crossbridge.acid_factor(6.1)) == pytest.approx(0.2)
