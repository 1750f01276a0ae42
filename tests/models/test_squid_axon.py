"""Hodgkin & Huxley 1952: published numbers; SciPy on the equations typed in anew."""

import numpy as np
import pytest
from numba import config
from scipy.integrate import solve_ivp

from neurosim import Change, Step, simulate
from neurosim.continuation import follow
from neurosim.core.block import ROW
from neurosim.ensemble import spread
from neurosim.equilibrium import prepare
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.measure import rest, spike_count, spike_times
from neurosim.models import SQUID_AXON
from neurosim.physics.ions import thermal_voltage

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

CURRENTS = (7.0, 10.0, 15.0, 30.0)  # uA/cm2, from onset to a fast train
SECOND = 1000.0  # ms


def derived(model, name):
    x = prepare(model, spread(model).matrix())
    return x[rows_of(model).shared_rows[name] // ROW]


def gates(v):
    """Return steady state and rate of m, h, n at 6.3 degC (the paper, rest at -65)."""
    am = 0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10))
    bm = 4 * np.exp(-(v + 65) / 18)
    ah, bh = 0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))
    an = 0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10))
    bn = 0.125 * np.exp(-(v + 65) / 80)
    rise, total = np.array([am, ah, an]), np.array([am + bm, ah + bh, an + bn])
    return rise / total, total


def published(t, y, stimulus):
    v, m, h, n = y
    current = 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.387)
    steady, rate = gates(v)
    return [stimulus - current, *(rate * (steady - y[1:]))]


def spikes_by_scipy(stimulus, duration, v0):
    def crossing(t, y, _):
        return y[0]

    crossing.direction = 1.0
    found = solve_ivp(
        published, (0.0, duration), [v0, *gates(v0)[0]], method="DOP853",
        rtol=1e-9, atol=1e-10, events=crossing, args=(stimulus,),
    )  # fmt: skip
    return found.t_events[0]


@pytest.fixture(scope="module")
def oracle():
    """Spike times of 200 ms from -65 mV, for each current."""
    return [spikes_by_scipy(i, 200.0, -65.0) for i in CURRENTS]


def spikes(dt):
    run = simulate(
        SQUID_AXON, Step(list(CURRENTS)), duration=200.0, measure=spike_times,
        initial_v=-65.0, dt=dt,
    )  # fmt: skip
    return [row[np.isfinite(row)] for row in run.spike_time.values]


def worst(found, oracle):
    return max(np.abs(a - b).max() for a, b in zip(found, oracle, strict=True))


def test_spike_times_are_those_of_scipy_at_the_default_step(oracle):
    found = spikes(None)
    assert [len(times) for times in found] == [len(times) for times in oracle]
    assert min(len(times) for times in oracle) > 10
    assert worst(found, oracle) < 0.02


def test_and_converge_to_them_at_second_order(oracle):
    errors = [worst(spikes(dt), oracle) for dt in (0.05, 0.025, 0.0125, 0.00625)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.9).all(), errors


def test_a_whole_second_stays_within_a_fiftieth_of_a_millisecond():
    run = simulate(
        SQUID_AXON, Step(10.0), duration=SECOND, measure=spike_times, initial_v=-65.0
    )
    exact = spikes_by_scipy(10.0, SECOND, -65.0)
    assert run.spike_time.size == exact.size
    assert abs(run.spike_time.values[-1] - exact[-1]) < 0.05  # design: 0.02 at best


def test_rest():
    assert float(rest(SQUID_AXON)) == pytest.approx(-65.0, abs=0.05)


def test_reversal_potentials_are_those_of_the_paper():
    assert derived(SQUID_AXON, "e_na")[0] == pytest.approx(50.0, abs=1e-12)
    assert derived(SQUID_AXON, "e_k")[0] == pytest.approx(-77.0, abs=1e-12)


def test_concentrations_chosen_for_a_potential_give_exactly_it():
    sodium, potassium = np.linspace(-40.0, 80.0, 25), np.linspace(-120.0, 20.0, 25)
    voltage = thermal_voltage(6.3)
    na_i, k_i = (SQUID_AXON.parameters[name].value for name in ("na_i", "k_i"))
    model = SQUID_AXON.along(
        "bath",
        na_o=na_i * np.exp(sodium / voltage),
        k_o=k_i * np.exp(potassium / voltage),
    )
    np.testing.assert_allclose(derived(model, "e_na"), sodium, atol=1e-12)
    np.testing.assert_allclose(derived(model, "e_k"), potassium, atol=1e-12)


def test_reversal_potentials_follow_temperature_and_rates_triple_per_ten_degrees():
    warm = SQUID_AXON.at(temperature=16.3)
    ratio = (273.15 + 16.3) / (273.15 + 6.3)
    assert derived(warm, "e_na")[0] == pytest.approx(50.0 * ratio, rel=1e-12)
    assert derived(warm, "speed")[0] == pytest.approx(3.0, rel=1e-12)
    assert derived(SQUID_AXON, "speed")[0] == 1.0


def test_from_rest_eight_spikes_and_silence_below_the_onset_of_repetitive_firing():
    run = simulate(SQUID_AXON, Step(6.25), duration=400.0, measure="spike_times")
    assert run.spike_time.size == 8
    assert run.spike_time.values[-1] < 200.0


def test_repetitive_firing_from_rest_begins_at_6_28():
    currents = [6.22, 6.25, 6.31, 6.32]
    run = simulate(
        SQUID_AXON,
        Step(currents),
        duration=SECOND,
        measure=["spike_count", "last_spike"],
    )
    last = run.last_spike.values
    assert (last[:2] < 300.0).all()
    assert (last[2:] > SECOND - 25.0).all()
    assert run.spike_count.values[-1] == pytest.approx(52.0, abs=3.0)  # 50 Hz


def test_frequency_against_current():
    """Counts of 1 s at 6.3 degC, to the grain of 5 Hz they were published with."""
    run = simulate(
        SQUID_AXON, Step([7.0, 10.0, 15.0, 20.0]), duration=SECOND, measure=spike_count
    )
    np.testing.assert_allclose(run.spike_count, [60.0, 70.0, 80.0, 85.0], atol=5.0)


def test_shifting_all_gates_loses_rest_and_regains_it():
    branch = follow(SQUID_AXON, "shift", 0.0, 30.0)
    assert branch.lost == pytest.approx([6.76], abs=0.05)
    assert branch.regained == pytest.approx([26.05], abs=0.1)
    assert branch.kind == ("hopf", "hopf")


def test_shifting_sodium_gates_alone_loses_it_sooner():
    branch = follow(SQUID_AXON.at(kappa=0.0), "shift", 0.0, 5.0, points=50)
    assert branch.lost == pytest.approx([2.17], abs=0.05)


def test_half_the_calcium_fires_the_axon():
    """The shift of 6.76 mV by Huxley's law: a calcium ratio of 0.484."""
    branch = follow(SQUID_AXON, "ca_o", 44.0, 15.0, points=100)
    assert branch.lost[0] / 44.0 == pytest.approx(0.484, abs=0.01)
    low = simulate(
        SQUID_AXON.at(ca_o=[18.0, 26.0]), duration=SECOND, measure="last_spike"
    )
    assert low.last_spike.values[0] > SECOND - 50.0
    assert not low.last_spike.values[1] > 100.0


def test_calcium_and_the_shift_it_stands_for_are_the_same():
    ratio = np.exp(-8.0 / 9.32)
    asked = {"duration": 100.0, "measure": "spike_times"}
    calcium = simulate(SQUID_AXON.at(ca_o=44.0 * ratio), **asked).spike_time.values
    shift = simulate(SQUID_AXON.at(shift=8.0), **asked).spike_time.values
    assert calcium.size > 5
    np.testing.assert_allclose(calcium, shift, atol=1e-9)


def test_blocking_sodium_channels_on_the_way_stops_it():
    run = simulate(
        SQUID_AXON, [Step(10.0), Change(50.0, {"g_na": 0.0})], duration=150.0,
        measure="last_spike",
    )  # fmt: skip
    assert 35.0 < float(run.last_spike) < 51.0


def test_magnesium_is_refused_with_the_reason():
    with pytest.raises(NeurosimError, match=r"squid_axon.*mg_o.*calcium only"):
        SQUID_AXON.at(mg_o=0.5)
