"""Release law, miniatures and end-plate: published slopes, limits, identities."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.physics.endplate import (
    closing,
    end_plate_current,
    end_plate_potential,
    end_plate_speed,
    open_density,
    peak_of_quantum,
    safety_of,
)
from neurosim.physics.release import (
    FROG,
    HUMAN,
    calcium_entry,
    miniature_frequency,
    occupancy,
    relative_release,
    release_probability,
    terminal_shift,
)

concentrations = st.floats(1e-3, 20.0)  # mM
bindings = st.floats(0.1, 10.0)  # mM


def slope(preset, low, high, mg):
    """Mean slope of log release against log calcium."""
    law = preset.k_ca, preset.k_mg, preset.power
    ratio = relative_release(high, mg, *law) / relative_release(low, mg, *law)
    return math.log(ratio) / math.log(high / low)


@pytest.mark.parametrize(("high", "mg"), [(0.12, 0.0), (0.15, 1.0), (0.2, 2.0)])
def test_the_frog_has_the_slope_of_dodge_and_rahamimoff(high, mg):
    assert slope(FROG, 0.5 * high, high, mg) == pytest.approx(3.78, abs=0.2)


def test_the_slope_falls_towards_normal_calcium():
    slopes = [slope(FROG, ca, 1.01 * ca, 0.0) for ca in (0.05, 0.3, 1.0, 3.0)]
    assert (np.diff(slopes) < -0.5).all()


def test_magnesium_lowers_release_but_hardly_the_slope():
    with_mg, without = slope(FROG, 0.05, 0.1, 2.0), slope(FROG, 0.05, 0.1, 0.0)
    assert with_mg == pytest.approx(without, rel=0.05)
    law = FROG.k_ca, FROG.k_mg, FROG.power
    assert relative_release(0.1, 2.0, *law) < 0.3 * relative_release(0.1, 0.0, *law)


@pytest.mark.parametrize(("mg", "expected"), [(0.55, 1.885), (1.0, 1.965)])
def test_the_human_slope_lies_below_the_mouse(mg, expected):
    found = slope(HUMAN, 0.2, 0.6, mg)
    assert found == pytest.approx(expected, abs=2e-3)
    assert found < math.log(1.04 / 0.09) / math.log(3.0)  # mouse: 0.09 to 1.04 quanta


@given(concentrations, concentrations, bindings, bindings, st.floats(0.1, 10.0))
def test_calcium_and_magnesium_compete_for_one_site(ca, mg, k_ca, k_mg, times):
    x = occupancy(ca, mg, k_ca, k_mg)
    assert 0.0 < x < 1.0
    more = times * (1.0 + mg / k_mg)  # a parallel shift of the log-dose curve
    assert x == pytest.approx(occupancy(ca / (1.0 + mg / k_mg), 0.0, k_ca, k_mg))
    assert occupancy(ca * more, mg, k_ca, k_mg) == pytest.approx(
        occupancy(ca * times, 0.0, k_ca, k_mg)
    )


@given(concentrations, concentrations, bindings, bindings)
def test_the_pore_with_the_same_constants_is_the_site(ca, mg, k, k_mg):
    assert calcium_entry(ca, mg, k, k_mg) == pytest.approx(occupancy(ca, mg, k, k_mg))


def test_a_probability_stays_one():
    assert release_probability(1.0, 0.0, 0.15) == 0.15
    assert release_probability(2.0, 0.5, 0.15) == pytest.approx(0.45)
    assert release_probability(100.0, 0.5, 0.15) == 1.0


@pytest.mark.parametrize("preset", [HUMAN, FROG])
def test_a_preset_is_consistent(preset):
    assert 0.1 <= preset.probability <= 0.2
    law = preset.k_ca, preset.k_mg, preset.power
    assert relative_release(1.25, 0.55, *law) == 1.0
    assert replace(preset, sites=(100,)).probability == preset.quanta / 100


def test_martin_factor_of_the_human_junction():
    assert 0.8 * HUMAN.quanta * 1.0 / 75.0 == pytest.approx(HUMAN.martin, abs=1e-3)


def test_potassium_depolarises_the_terminal():
    assert abs(terminal_shift(4.0, 37.0)) < 1e-12
    assert terminal_shift(3.0, 37.0) < 0.0
    exact = 8.314462618 * 310.15 / 96485.332 * math.log(12.24 / 6.24) * 1e3
    assert terminal_shift(10.0, 37.0) == pytest.approx(exact, rel=1e-6)


def test_miniatures_are_tenfold_for_15_mv_and_go_on_without_calcium():
    assert miniature_frequency(0.25, 0.25, 1.0, 0.0) == 0.25
    assert miniature_frequency(0.25, 0.25, 1.0, 15.0) == pytest.approx(2.5)
    assert miniature_frequency(0.25, 0.25, 0.0, 0.0) == pytest.approx(0.0625)


@given(st.floats(0.0, 10.0), st.floats(0.0, 2.0))
def test_the_safety_factor_is_a_ratio_of_corrected_potentials(y, martin):
    needed = end_plate_potential(31.0, martin / 31.0, 1.0, 1.0) / 2.2
    potential = end_plate_potential(31.0 * y, martin / 31.0, 1.0, 1.0)
    if martin > 1e-6:
        assert safety_of(y, 2.2, martin) == pytest.approx(potential / needed)
    assert safety_of(1.0, 2.2, martin) == pytest.approx(2.2)


def test_the_potential_never_passes_the_drive_over_f():
    assert end_plate_potential(1e9, 1.0, 0.8, 75.0) == pytest.approx(75.0 / 0.8)
    assert end_plate_potential(1e-3, 1.0, 0.8, 75.0) == pytest.approx(1e-3, rel=1e-4)


def test_channels_close_e_times_faster_over_120_mv_and_with_warmth():
    assert closing(-80.0, 1.1, 120.0, 1.0) == pytest.approx(1.0 / 1.1)
    assert closing(40.0, 1.1, 120.0, 1.0) == pytest.approx(math.e / 1.1)
    assert end_plate_speed(35.0) == 1.0
    cold = closing(-80.0, 1.1, 120.0, end_plate_speed(22.0))
    assert 1.0 / cold == pytest.approx(3.2, rel=0.03)


@pytest.mark.parametrize(("rise", "decay"), [(0.25, 1.1), (0.1, 3.0)])
def test_the_peak_of_a_quantum(rise, decay):
    t = np.linspace(0.0, 10.0, 100_001)
    shape = (np.exp(-t / decay) - np.exp(-t / rise)) * decay / (decay - rise)
    assert peak_of_quantum(rise, decay) == pytest.approx(shape.max(), rel=1e-6)


def test_a_quantum_of_50_ns_carries_four_na_at_its_peak():
    peak = peak_of_quantum(0.25, 1.1)
    density = open_density(50.0, 1e5, 0.25, 1.1)
    current, slope_ = end_plate_current(-80.0, peak, 0.0, density)
    assert current * 1e5 * 1e-8 * 1e3 == pytest.approx(-4.0)  # uA/cm2 x cm2, in nA
    assert slope_ * 1e5 * 1e-8 * 1e6 == pytest.approx(50.0)  # in nS
