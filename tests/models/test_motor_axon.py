"""The human motor axon against the tables of nerve.md 8.2, section 3 and section 4."""

import numpy as np
import pytest
from numba import config

from neurosim import Step, simulate
from neurosim.measure import rest, rheobase, strength_duration
from neurosim.models import MOTOR_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

SETTLE = 250.0  # ms in the bath, from the rest of the reference bath
HEALTHY = {"ca_o": 1.25, "mg_o": 0.55, "k_o": 4.0, "na_o": 140.0, "ph_o": 7.4}
# bath, threshold of 1 ms relative to the healthy bath, tau_SD in ms (nerve.md 8.2)
CASES = [
    ({}, 1.0, 0.418),
    ({"ca_o": 1.1}, 0.93, 0.439),
    ({"ca_o": 0.9}, 0.83, 0.468),
    ({"ca_o": 0.75}, 0.74, 0.498),
    ({"ca_o": 0.6}, 0.65, 0.538),
    ({"mg_o": 0.2}, 0.88, 0.452),
    ({"ca_o": 0.9, "mg_o": 0.2}, 0.69, 0.520),
    ({"ph_o": 7.65, "ca_o": 1.15}, 0.85, 0.460),
    ({"k_o": 3.0}, 1.35, 0.363),
    ({"k_o": 2.5}, 1.59, 0.334),
    ({"k_o": 6.0}, 0.34, 0.743),
    ({"na_o": 120.0}, 0.93, 0.436),
    ({"na_o": 115.0}, 0.91, 0.445),
    ({"ca_o": 0.75, "k_o": 2.5}, 1.32, 0.370),
]


def baths(cases):
    return MOTOR_AXON.along(
        "case", **{n: [bath.get(n, v) for bath in cases] for n, v in HEALTHY.items()}
    )


@pytest.fixture(scope="module")
def indices():
    return strength_duration(baths([case[0] for case in CASES]), settle=SETTLE)


def test_rest():
    assert float(rest(MOTOR_AXON)) == pytest.approx(-85.2, abs=0.3)


def test_threshold_ratios(indices):
    threshold = indices.threshold.sel(width=1.0).values
    expected = [case[1] for case in CASES]
    np.testing.assert_allclose(threshold / threshold[0], expected, rtol=0.03)


def test_strength_duration_time_constants(indices):
    np.testing.assert_allclose(indices.tau_sd, [case[2] for case in CASES], rtol=0.03)


def test_the_healthy_time_constant_lies_within_what_is_measured_in_people(indices):
    assert float(indices.tau_sd[0]) == pytest.approx(0.459, abs=0.126)  # Mogyoros 1996


def test_threshold_current_falls_by_7_4_pa_per_mv_of_shift():
    shift = np.arange(7.0)
    found = rheobase(MOTOR_AXON.at(shift=shift), settle=SETTLE)
    assert found.attrs["units"] == "nA"
    np.testing.assert_allclose(found * 1e3, 77.6 - 7.4 * shift, atol=1.0)


def test_threshold_current_over_potassium():
    """Between 3.5 and 4.5 mM it falls by 28.5 pA per mM (nerve.md section 4)."""
    found = 1e3 * rheobase(MOTOR_AXON.at(k_o=[3.5, 4.5]), settle=SETTLE).values
    assert found[1] - found[0] == pytest.approx(-28.5, rel=0.1)


def test_rest_follows_potassium_as_settled_for_a_quarter_of_a_second():
    k_o = [2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0]
    run = simulate(
        MOTOR_AXON.at(k_o=k_o), duration=SETTLE, record="v", record_every=SETTLE
    )
    expected = [-91.4, -89.1, -87.1, -85.2, -81.0, -76.0, -69.9]  # nerve.md section 3
    np.testing.assert_allclose(run.v[:, -1], expected, atol=0.25)


def test_low_potassium_calms_and_hyperpolarises():
    low, healthy = strength_duration(MOTOR_AXON.at(k_o=[3.0, 4.0])).threshold.values
    assert (low > 1.2 * healthy).all()
    assert float(rest(MOTOR_AXON.at(k_o=3.0))) < float(rest(MOTOR_AXON)) - 3.0


def test_no_survivable_calcium_fires_it():
    run = simulate(
        MOTOR_AXON.at(ca_o=[0.4, 0.6, 1.25], mg_o=[0.2, 0.55]), duration=500.0,
        measure="spike_count",
    )  # fmt: skip
    assert (run.spike_count == 0).all()
    assert run.spike_count.dims == ("ca_o", "mg_o")


def test_a_shift_beyond_any_bath_does():
    run = simulate(MOTOR_AXON.at(shift=12.5), duration=300.0, measure="last_spike")
    assert float(run.last_spike) > 250.0


def test_one_spike_becomes_several_when_calcium_is_low():
    """Latent tetany: the same suprathreshold step, more spikes."""
    run = simulate(
        MOTOR_AXON.at(shift=[0.0, 7.5]), Step(0.09, 250.0, 290.0), duration=300.0,
        measure="spike_count",
    )  # fmt: skip
    healthy, low = run.spike_count.values
    assert healthy == 1
    assert low > 1


def test_the_node_has_a_plausible_number_of_sodium_channels():
    """15,500 to 24,000 at 20 to 13 pS: 311 nS per whole node (nerve.md section 4)."""
    area = MOTOR_AXON.geometry.table[0][0] / MOTOR_AXON.geometry.stimulus_share
    nanosiemens = 3000.0 * area * 1e3
    assert nanosiemens == pytest.approx(311.0, abs=1.0)
