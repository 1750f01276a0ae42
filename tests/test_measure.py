"""Measures: against a scan by hand, where they have no value, and their labels."""

from functools import partial, update_wrapper, wraps

import numpy as np
import pytest
from numba import config

from neurosim import Step, Train, simulate
from neurosim.errors import NeurosimError, UnknownName
from neurosim.measure import (
    MEASURES,
    find_measure,
    of_model,
    rest,
    rheobase,
    spike_count,
    spike_rate,
    strength_duration,
    tau_sd,
    threshold,
)
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

NEAR = np.linspace(0.99, 1.01, 81)  # times a threshold: steps of 0.025 %


def scanned(model, found, width, after):
    """Return the smallest amplitude near ``found`` that makes a spike."""
    amplitudes = found * NEAR
    run = simulate(
        model, Step(amplitudes, 0.0, width), duration=width + after, initial="rest",
        measure="spike_count",
    )  # fmt: skip
    fired = run.spike_count.values > 0
    first = int(np.argmax(fired))
    assert fired[first:].all()
    assert not fired[:first].any()
    assert first > 0
    return amplitudes[first]


@pytest.mark.parametrize(
    ("model", "width"),
    [
        (SQUID_AXON, 1.0),
        (SQUID_AXON.at(ca_o=36.0, temperature=12.0), 0.1),
        (MRG_AXON, 0.1),
        (MOTOR_AXON, 1.0),
        (MOTOR_AXON.at(ca_o=0.75, k_o=3.0), 0.2),
    ],
    ids=["squid", "squid, 0.1 ms", "mrg, 0.1 ms", "motor", "motor, 0.2 ms"],
)
def test_a_threshold_is_the_smallest_current_that_fires(model, width):
    found = float(threshold(model, width=width))
    assert scanned(model, found, width, 6.0) == pytest.approx(found, rel=4e-4)


def test_so_is_a_rheobase():
    for model in (SQUID_AXON, MOTOR_AXON):
        found = float(rheobase(model))
        assert scanned(model, found, 40.0, 1.0) == pytest.approx(found, rel=4e-4)
        assert found < float(threshold(model))


def test_a_threshold_does_not_depend_on_how_long_one_waits_nor_much_on_the_step():
    for model in (SQUID_AXON, MRG_AXON):
        found = float(threshold(model))
        assert float(threshold(model, after=20.0)) == pytest.approx(found, rel=1e-3)
        halved = float(threshold(model, dt=0.5 * model.dt))
        assert halved == pytest.approx(found, rel=2e-3)


def test_many_baths_at_once_are_each_alone():
    shifts = [0.0, 2.0, 4.0]
    together = threshold(MOTOR_AXON.at(shift=shifts), settle=50.0).values
    for k, shift in enumerate(shifts):
        alone = float(threshold(MOTOR_AXON.at(shift=shift), settle=50.0))
        assert together[k] == pytest.approx(alone, rel=4e-4)


def test_settling_takes_place_in_the_bath():
    """250 ms after a fall of K the axon has not reached the rest of its bath."""
    bath = MOTOR_AXON.at(k_o=3.0)
    at_once, settled, at_rest = (
        float(threshold(bath, settle=t)) for t in (0.01, 250.0, 0.0)
    )
    healthy = float(threshold(MOTOR_AXON))
    assert healthy < at_once < settled
    assert settled == pytest.approx(at_rest, rel=0.05)


def test_an_axon_that_fires_by_itself_has_no_threshold():
    fires = MRG_AXON.at(kappa=1.0, shift=[0.0, 3.65, 4.5])
    settled = threshold(fires, settle=20.0).values
    assert np.isnan(settled).tolist() == [False, True, True]
    at_rest = threshold(fires).values  # at 3.65 rest is stable when started there
    assert np.isnan(at_rest).tolist() == [False, False, True]
    assert np.isnan(rheobase(SQUID_AXON.at(shift=10.0)))
    pulses = strength_duration(SQUID_AXON.at(shift=[0.0, 10.0]))
    assert np.isfinite(pulses.tau_sd[0])
    assert np.isnan(pulses.tau_sd[1])


def test_an_axon_that_cannot_be_excited_has_no_threshold_either():
    """Pushed past the detection level by the current itself, it has not fired."""
    found = threshold(SQUID_AXON.at(g_na=[0.0, 120.0])).values
    assert np.isnan(found).tolist() == [True, False]
    found = threshold(MOTOR_AXON.at(g_naf=[0.0, 3000.0])).values
    assert np.isnan(found).tolist() == [True, False]


def test_strength_and_duration_follow_weiss():
    found = strength_duration(MOTOR_AXON.at(ca_o=[1.25, 0.75]))
    assert found.threshold.dims == ("ca_o", "width")
    assert found.width.values.tolist() == [0.1, 0.2, 0.5, 1.0]
    assert (np.diff(found.threshold, axis=1) < 0.0).all()  # shorter is stronger
    for k in range(2):
        width, charge = (
            found.width.values,
            found.threshold[k].values * found.width.values,
        )
        slope, offset = np.polyfit(width, charge, 1)
        assert float(found.weiss_rheobase[k]) == pytest.approx(slope, rel=1e-9)
        assert float(found.tau_sd[k]) == pytest.approx(offset / slope, rel=1e-9)
        fitted = slope * (width + offset / slope)
        np.testing.assert_allclose(charge, fitted, rtol=0.03)  # and Weiss was right
    alone = threshold(MOTOR_AXON.at(ca_o=0.75), width=0.2)
    assert float(found.threshold[1, 1]) == pytest.approx(float(alone), rel=4e-4)
    np.testing.assert_allclose(tau_sd(MOTOR_AXON.at(ca_o=[1.25, 0.75])), found.tau_sd)


def test_units_labels_and_coordinates():
    model = MOTOR_AXON.at(ca_o=[1.0, 1.25], k_o=[3.5, 4.0, 4.5])
    for measure, unit in ((rest, "mV"), (threshold, "nA"), (rheobase, "nA")):
        found = measure(model)
        assert found.name == measure.__name__
        assert found.dims == ("ca_o", "k_o")
        assert found.ca_o.values.tolist() == [1.0, 1.25]
        assert found.attrs["units"] == unit
        assert found.attrs["long_name"]
        assert found.ca_o.attrs == {"units": "mM", "long_name": "ionised Ca outside"}
    assert threshold(SQUID_AXON).attrs["units"] == "uA/cm2"
    pulses = strength_duration(SQUID_AXON)
    assert pulses.width.attrs["units"] == "ms"
    assert pulses.tau_sd.attrs["units"] == "ms"
    assert pulses.threshold.attrs["units"] == "uA/cm2"
    assert pulses.weiss_rheobase.attrs["units"] == "uA/cm2"


def test_measures_of_runs_agree_with_their_traces():
    train = Train(amplitude=60.0, width=0.5, period=20.0, count=4, start=5.0)
    run = simulate(
        SQUID_AXON.at(temperature=[6.3, 9.0]), train, duration=90.0, record="v",
        record_every=0.0125, dt=0.0125,
        measure=["spike_times", "spike_count", "spike_rate", "last_spike"],
    )  # fmt: skip
    for k in range(2):
        v, t = run.v.values[k], run.time.values
        up = np.flatnonzero((v[:-1] < 0.0) & (v[1:] >= 0.0))
        crossing = [  # on the parabola through three samples
            t[j] + 0.0125 * next(
                r.real for r in np.roots(np.polyfit([0.0, 1.0, 2.0], v[j : j + 3], 2))
                if 0.0 <= r.real <= 1.0
            )
            for j in up
        ]  # fmt: skip
        spikes = run.spike_time.values[k]
        np.testing.assert_allclose(spikes[np.isfinite(spikes)], crossing, atol=1e-9)
        assert int(run.spike_count[k]) == up.size == 4
        assert float(run.spike_rate[k]) == pytest.approx(up.size / 0.09)
        assert float(run.last_spike[k]) == spikes[up.size - 1]
    assert run.spike_rate.attrs["units"] == "1/s"
    assert run.spike_time.attrs["units"] == "ms"


def test_small_spikes_of_axon_units_are_counted_too():
    """Detection is at -20 mV: at 0 mV small spikes of bursts would be lost."""
    run = simulate(
        MRG_AXON.at(kappa=1.0, shift=5.5), duration=100.0, record="v",
        record_every=0.005, dt=0.005, measure="spike_count",
    )  # fmt: skip
    v = run.v.values
    crossings = [int(((v[:-1] < level) & (v[1:] >= level)).sum()) for level in (-20, 0)]
    assert int(run.spike_count) == crossings[0]
    assert crossings[0] > crossings[1]


def test_measures_are_found_by_name_or_given_as_they_are():
    assert find_measure("spike_count") is find_measure(spike_count) is spike_count
    assert find_measure(strength_duration) is tau_sd
    for name, measure in MEASURES.items():
        assert measure.__name__ == name
        assert measure.doc
        assert measure.kind in ("run", "model")
    with pytest.raises(UnknownName, match="mean 'spike_rate'"):
        find_measure("spike_rates")


def test_measures_of_a_model_can_be_asked_for_beside_those_of_its_run():
    run = simulate(
        SQUID_AXON.at(ca_o=[40.0, 44.0]), duration=5.0,
        measure=[spike_rate, threshold, "rest"],
    )  # fmt: skip
    assert run.threshold.dims == run.rest.dims == run.spike_rate.dims == ("ca_o",)
    np.testing.assert_array_equal(run.rest, rest(SQUID_AXON.at(ca_o=[40.0, 44.0])))
    assert run.threshold[0] < run.threshold[1]


def test_a_measure_made_from_another_is_not_that_other():
    @wraps(threshold)
    def short(model):
        return threshold(model, width=0.2)

    model = SQUID_AXON.at(g_na=[110.0, 120.0])
    given = update_wrapper(partial(threshold, width=0.2), threshold)
    expected = threshold(model, width=0.2)
    for measure in (short, given):
        found = simulate(model, duration=1.0, measure=measure).threshold
        assert found.values.tolist() == expected.values.tolist()


def test_bare_numbers_of_a_measure_get_their_labels():
    @of_model("mV", "a number per run")
    def height(model):
        return 2.0 * np.asarray(model.values["g_na"])

    model = SQUID_AXON.at(g_na=[110.0, 120.0])
    found = simulate(model, duration=1.0, measure=height).height
    assert found.dims == ("g_na",)
    assert found.values.tolist() == [220.0, 240.0]
    assert found.attrs["units"] == "mV"
    wrong = of_model("mV", "")(wraps(height)(lambda model: np.zeros(2)))
    with pytest.raises(NeurosimError, match=r"'height' returned shape \(2,\) for 1"):
        simulate(SQUID_AXON, duration=1.0, measure=wrong)
