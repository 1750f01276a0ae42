"""The kernel against the same declaration in SciPy, and what the reference refuses."""

import numpy as np
import pytest
from numba import config

from neurosim import Change, Fluctuation, Ramp, Step, Train, VoltageClamp, simulate
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

CURRENTS = [7.0, 10.0, 15.0, 30.0]  # uA/cm2
# four pulses, nA and ms; and a bath that fires the unit by itself
PULSES = Train(amplitude=1.0, width=1.0, period=6.0, count=4, start=1.0)
UNITS = [
    (MOTOR_AXON, PULSES, 4),
    (MOTOR_AXON.at(ca_o=0.6, k_o=5.0), [Step(0.08, 2.0, 22.0)], 1),
    (MRG_AXON, PULSES, 4),
    (MRG_AXON.at(shift=5.0, kappa=1.0), None, 3),
]


def both(model, protocol, duration, **more):
    asked = {"duration": duration, "measure": "spike_times", **more}
    asked |= {"solver": "staggered"}
    exact = asked | {"solver": "reference"}
    reference = simulate(model, protocol, **exact)
    return simulate(model, protocol, **asked), reference


@pytest.fixture(scope="module")
def squid():
    """Spike times of the reference over 200 ms, for each current."""
    run = simulate(
        SQUID_AXON, Step(CURRENTS), duration=200.0, measure="spike_times",
        solver="reference",
    )  # fmt: skip
    return run.spike_time.values


def kernel_error(squid, dt):
    run = simulate(
        SQUID_AXON, Step(CURRENTS), duration=200.0, measure="spike_times", dt=dt
    )
    assert run.spike_time.shape == squid.shape
    return np.nanmax(np.abs(run.spike_time.values - squid))


def test_spike_times_of_the_squid_axon_at_the_default_step(squid):
    assert np.isfinite(squid).sum(1).min() > 10
    assert kernel_error(squid, SQUID_AXON.dt) < 0.02


def test_and_at_second_order(squid):
    errors = [kernel_error(squid, dt) for dt in (0.05, 0.025, 0.0125, 0.00625)]
    assert (np.log2(np.array(errors[:-1]) / errors[1:]) > 1.9).all(), errors


@pytest.mark.parametrize(("model", "protocol", "least"), UNITS)
def test_spike_times_of_the_axon_units(model, protocol, least):
    kernel, reference = both(model, protocol, 25.0)
    assert reference.spike_time.size >= least
    assert kernel.spike_time.size == reference.spike_time.size
    assert float(np.abs(kernel.spike_time - reference.spike_time).max()) < 0.02
    assert int(reference.status) == 0


@pytest.mark.parametrize("model", [MOTOR_AXON, MRG_AXON])
def test_a_driven_unit_converges_at_second_order_from_its_default_step(model):
    asked = {"duration": 25.0, "measure": "spike_times"}
    exact = simulate(model, PULSES, solver="reference", **asked).spike_time.values
    errors = []
    for share in (1.0, 0.5, 0.25):
        found = simulate(model, PULSES, dt=share * model.dt, **asked)
        errors.append(np.abs(found.spike_time.values - exact).max())
    assert (np.log2(np.array(errors[:-1]) / errors[1:]) > 1.9).all(), errors


def test_a_unit_that_fires_by_itself_converges_at_second_order():
    model = MRG_AXON.at(shift=5.0, kappa=1.0)
    asked = {"duration": 25.0, "measure": "spike_times"}
    exact = simulate(model, solver="reference", **asked).spike_time.values
    errors = []
    for dt in (0.01, 0.005, 0.0025):
        spikes = simulate(model, dt=dt, **asked).spike_time.values
        errors.append(np.abs(spikes - exact).max())
    assert (np.log2(np.array(errors[:-1]) / errors[1:]) > 1.8).all(), errors


@pytest.mark.parametrize("model", [MRG_AXON, MOTOR_AXON], ids=lambda m: m.name)
def test_no_edge_of_a_stimulus_makes_the_stiff_modes_ring(model):
    """The trapezoidal rule alone would leave errors of alternating sign for long."""
    begin = 100  # step at which the current begins
    kernel, reference = both(
        model, Step(-0.2, begin * 0.005), 1.0, record="v", record_every=0.005, dt=0.005
    )
    error = (kernel.v - reference.v).values[begin + 3 : begin + 30]
    assert np.abs(error).max() < 0.1  # mV
    assert np.abs(np.diff(error, 2)).max() < 0.03


def test_traces_agree_between_spikes_and_in_every_piece():
    names = [
        "v",
        "m",
        "h",
        "s",
        "v_mysa",
        "phi_mysa",
        "v_stin3",
        "phi_stin3",
        "q_stin1",
    ]
    kernel, reference = both(
        MOTOR_AXON, Ramp(0.0, 0.06, 1.0, 18.0), 20.0, record=names, dt=0.0025
    )
    for name in names:
        size = float(np.ptp(reference[name].values))
        assert size > 0.0, name
        assert float(np.abs(kernel[name] - reference[name]).max()) < 2e-3 * size, name


def test_recorded_currents_are_currents_in_both():
    """At rest in a steady current the membrane carries just this current."""
    kernel, reference = both(
        SQUID_AXON, Step(2.0), 60.0, record=["v", "i_membrane"], record_every=1.0
    )
    assert float(kernel.i_membrane[-1]) == pytest.approx(2.0, abs=0.05)
    np.testing.assert_allclose(reference.i_membrane, kernel.i_membrane, atol=0.05)
    np.testing.assert_allclose(reference.v, kernel.v, atol=0.01)


def test_the_result_says_which_solver_made_it_and_has_the_same_form():
    kernel, reference = both(SQUID_AXON.at(k_o=[20.0, 21.0]), Step([5.0, 9.0]), 10.0)
    assert reference.attrs["solver"] == "reference"
    assert kernel.attrs["solver"] == "staggered"
    assert kernel.sizes == reference.sizes
    assert kernel.spike_time.dims == reference.spike_time.dims


@pytest.mark.parametrize(
    ("protocol", "more"),
    [
        (Fluctuation(1.0), {}),
        (VoltageClamp(-20.0), {}),
        (Change(1.0, {"k_o": 10.0}), {}),
        (Step(1.0), {"channel_noise": True}),
    ],
    ids=["fluctuation", "clamp", "change", "channels"],
)
def test_what_it_cannot_do_it_refuses(protocol, more):
    with pytest.raises(NeurosimError, match=r"reference.*auto"):
        simulate(SQUID_AXON, protocol, duration=2.0, solver="reference", **more)
