"""Noise: its law, its independence of the step, and who sees which stream."""

from math import comb

import numpy as np
import pytest
from numba import config

from neurosim import Fluctuation, Step, Train, VoltageClamp, simulate
from neurosim.engine import noise_steps
from neurosim.models import MRG_AXON, SQUID_AXON
from neurosim.physics.ions import thermal_voltage
from neurosim.timetable import timetable

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

RUNS = 1024
ERRORS = 4.0  # standard errors within which an estimate has to lie
E_L = -54.387  # mV, of the squid axon's leak


def runs_of(model, count=RUNS):
    """Return a model with ``count`` equal runs, which differ in their stream only."""
    return model.along("run", area=np.full(count, 1000.0))


# --- the fluctuating current (Ornstein-Uhlenbeck)


def current(dt, sigma=2.0, tau=20.0, seed=3, duration=100.0):
    """Return the fluctuating current itself, every 20 ms from 20 ms, per run.

    With a leak of 2 C/dt the trapezoidal rule forgets v within a step: v is then the
    current over the leak, one step late.
    """
    leak = 2.0 / dt  # mS/cm2, C = 1 uF/cm2
    only = SQUID_AXON.at(g_na=0.0, g_k=0.0, g_l=leak)
    run = simulate(
        runs_of(only), Fluctuation(sigma, tau), duration=duration, dt=dt, seed=seed,
        record="v", record_every=20.0, initial_v=E_L,
    )  # fmt: skip
    return (run.v.values[:, 1:] - E_L) * leak


@pytest.mark.parametrize("dt", [0.0125, 0.1])
def test_the_current_has_the_mean_the_variance_and_the_memory_asked_for(dt):
    found = current(dt)
    error = 1.0 / np.sqrt(RUNS)
    for k in range(found.shape[1]):  # the same at all times, from the first
        assert abs(found[:, k].mean()) < ERRORS * 2.0 * error
        ratio = found[:, k].var(ddof=1) / 4.0
        assert abs(ratio - 1.0) < ERRORS * np.sqrt(2.0) * error
    for lag in (1, 2):
        expected = np.exp(-lag)  # 20 ms are one correlation time
        kept = np.corrcoef(found[:, 0], found[:, lag])[0, 1]
        assert abs(kept - expected) < ERRORS * (1.0 - expected**2) * error


def test_it_is_gaussian():
    found = current(0.1, duration=40.0)[:, 0] / 2.0
    assert abs((found**3).mean()) < ERRORS * np.sqrt(15.0 / RUNS)
    assert abs((found**4).mean() - 3.0) < ERRORS * np.sqrt(96.0 / RUNS)


def test_its_variance_does_not_depend_on_the_step():
    together = [np.concatenate([current(dt, seed=s).ravel() for s in (5, 6)])
                for dt in (0.0125, 0.05, 0.1)]  # fmt: skip
    variances = [found.var() for found in together]
    # neighbours 20 ms apart correlate by 1/e: 46 % of the samples count
    error = np.sqrt(2.0 / (0.46 * together[0].size))
    assert max(variances) / min(variances) - 1.0 < ERRORS * np.sqrt(2.0) * error


# edges of nothing, twice in a millisecond
EDGES = Train(amplitude=0.0, width=0.5, period=1.0, count=60, start=0.5)


def test_edges_of_a_stimulus_do_not_change_its_law():
    only = SQUID_AXON.at(g_na=0.0, g_k=0.0, g_l=20.0)
    run = simulate(
        runs_of(only), [Fluctuation(2.0, 10.0), EDGES], duration=60.0, dt=0.1, seed=4,
        record="v", initial_v=E_L,
    )  # fmt: skip
    found = 20.0 * (run.v.sel(time=[30.0, 40.0], method="nearest").values - E_L)
    error = 1.0 / np.sqrt(RUNS)
    for k in range(2):
        assert abs(found[:, k].var() / 4.0 - 1.0) < ERRORS * np.sqrt(2.0) * error
    kept = np.corrcoef(found.T)[0, 1]
    assert abs(kept - np.exp(-1.0)) < ERRORS * (1.0 - np.exp(-2.0)) * error


def test_its_sigma_may_be_an_axis():
    only = SQUID_AXON.at(g_na=0.0, g_k=0.0, g_l=20.0)
    run = simulate(
        runs_of(only, 200), Fluctuation([0.0, 1.0, 3.0]), duration=40.0, dt=0.1,
        record="v", record_every=20.0, initial_v=E_L,
    )  # fmt: skip
    spread = 20.0 * run.v[:, :, -1].std("run").values
    assert spread[0] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(spread[1:], [1.0, 3.0], rtol=ERRORS * np.sqrt(0.5 / 200))


def test_to_an_axon_unit_it_is_per_whole_node():
    """Without conductances all charge that fluctuates in stays: half of it."""
    silent = {n: 0.0 for n in MRG_AXON.parameters if n.startswith("g_")}
    names = ["v", "v_mysa", "v_flut", "v_stin1", "v_stin2", "v_stin3"]
    tau, duration, sigma = 0.5, 5.0, 0.04  # ms, ms, nA
    run = simulate(
        MRG_AXON.at(**silent).along("run", shift=np.zeros(512)),
        Fluctuation(sigma, tau), duration=duration, record=names,
        record_every=duration, initial_v=-80.0,
    )  # fmt: skip
    nanofarad = np.array(MRG_AXON.geometry.table)[:, 1]
    charge = sum(
        c * (run[n].values[:, -1] + 80.0) for c, n in zip(nanofarad, names, strict=True)
    )  # pC
    x = duration / tau
    expected = 0.5 * sigma * tau * np.sqrt(2.0 * (x - 1.0 + np.exp(-x)))
    assert charge.std() == pytest.approx(expected, rel=ERRORS * np.sqrt(0.5 / 512))


# --- channel noise

CHANNELS = 36.0 * 10.0 * 1000.0 / 20.0  # mS/cm2 of 1000 um2 in channels of 20 pS
COMMAND = -30.0  # mV
STEADY, BEFORE = 8, 40.0  # samples of 4 ms, from the time (ms) when all has settled


def rates_of_n(v):
    rise = 0.01 * (v + 55.0) / (1.0 - np.exp(-(v + 55.0) / 10.0))
    return rise, 0.125 * np.exp(-(v + 65.0) / 80.0)


def open_fraction(dt):
    """Return the open fraction of the K channels under clamp, per run and time.

    The command is the reversal potential of all other channels.
    """
    inside = SQUID_AXON.parameters["na_i"].value
    na_o = float(inside * np.exp(COMMAND / thermal_voltage(6.3)))
    run = simulate(
        runs_of(SQUID_AXON.at(na_o=na_o, e_l=COMMAND)),
        VoltageClamp(COMMAND, holding=COMMAND), duration=BEFORE + 4.0 * STEADY, dt=dt,
        channel_noise=True, seed=2, record="i_membrane", record_every=4.0,
    )  # fmt: skip
    current = run.i_membrane.sel(time=slice(BEFORE - 0.1, None)).values
    return current / (36.0 * (COMMAND + 77.0))


@pytest.fixture(scope="module")
def fractions():
    return {dt: open_fraction(dt) for dt in (0.0125, 0.1)}


@pytest.mark.parametrize("dt", [0.0125, 0.1])
def test_channels_open_as_often_and_as_unevenly_as_independent_ones(fractions, dt):
    rise, fall = rates_of_n(COMMAND)
    p = (rise / (rise + fall)) ** 4
    variance = p * (1.0 - p) / CHANNELS
    found = fractions[dt]
    error = 1.0 / np.sqrt(RUNS)
    for k in range(found.shape[1]):
        assert abs(found[:, k].mean() - p) < ERRORS * np.sqrt(variance) * error
        ratio = found[:, k].var(ddof=1) / variance
        assert abs(ratio - 1.0) < ERRORS * np.sqrt(2.0) * error


def test_they_forget_as_four_independent_gates_do(fractions):
    """Autocovariance of n^4: the sum of four exponentials (Linaro et al. 2011)."""
    rise, fall = rates_of_n(COMMAND)
    n, rate = rise / (rise + fall), rise + fall
    parts = [comb(4, k) * n ** (8 - k) * (1.0 - n) ** k for k in range(1, 5)]
    after = sum(p * np.exp(-k * rate * 4.0) for k, p in enumerate(parts, 1))
    expected = after / sum(parts)
    assert sum(parts) == pytest.approx(n**4 * (1.0 - n**4))
    found = fractions[0.0125]
    kept = np.mean([
        np.corrcoef(found[:, k], found[:, k + 1])[0, 1] for k in range(0, STEADY, 2)
    ])  # fmt: skip
    assert 0.05 < expected < 0.5
    assert abs(kept - expected) < ERRORS / np.sqrt(RUNS * STEADY / 2)


def test_a_larger_membrane_is_quieter():
    run = simulate(
        SQUID_AXON.along("run", area=np.repeat([1e4, 1e6], 200)), duration=30.0,
        channel_noise=True, record="v", record_every=30.0,
    )  # fmt: skip
    small, large = run.v.values[:, -1].reshape(2, 200).std(1)
    assert small / large == pytest.approx(10.0, rel=0.25)


def test_edges_of_a_stimulus_do_not_change_what_channels_do():
    quiet = SQUID_AXON.along("run", area=np.full(512, 1e5))
    plain, cut = (
        simulate(
            quiet, protocol, duration=60.0, channel_noise=True, record="v", seed=6,
            record_every=60.0,
        ).v.values[:, -1].std()
        for protocol in (None, EDGES)
    )  # fmt: skip
    assert abs(cut / plain - 1.0) < ERRORS / np.sqrt(512)


def test_channels_that_are_blocked_make_no_noise():
    """No conductance, no channels: not 0/0."""
    blocked = SQUID_AXON.at(g_na=[0.0, 120.0])
    run = simulate(
        blocked, duration=10.0, channel_noise=True, record="v", measure="spike_count"
    )
    assert run.status.values.tolist() == [0, 0]
    assert np.isfinite(run.v).all()


# --- who sees which stream

NOISY = {
    "fluctuation": {"protocol": [Step(6.0), Fluctuation(3.0, 5.0)]},
    "channels": {"protocol": Step(6.0), "channel_noise": True},
}
ASKED = {"duration": 20.0, "record": ["v", "n"], "measure": "spike_times", "seed": 11}


def baths(count):
    return SQUID_AXON.along("bath", k_o=np.linspace(18.0, 24.0, count))


@pytest.mark.parametrize("kind", NOISY)
def test_a_noisy_lane_is_what_it_is_alone_to_the_last_bit(kind):
    together = simulate(baths(70), **NOISY[kind], **ASKED)
    for k in (0, 5, 63, 64, 69):
        single = simulate(
            SQUID_AXON.at(k_o=float(together.k_o[k])),
            first_run=k,
            **NOISY[kind],
            **ASKED,
        )
        for name in ("v", "n"):
            np.testing.assert_array_equal(together[name].values[k], single[name])


@pytest.mark.parametrize("kind", NOISY)
def test_threads_do_not_matter(kind):
    one, two = (simulate(baths(200), threads=n, **NOISY[kind], **ASKED) for n in (1, 2))
    assert one.identical(two)
    assert float(one.v[0].std()) > 0.0


@pytest.mark.parametrize("kind", NOISY)
def test_seed_and_number_of_the_run_choose_the_stream(kind):
    asked = {**NOISY[kind], **ASKED}
    equal = runs_of(SQUID_AXON, 80)
    first, again = simulate(equal, **asked), simulate(equal, **asked)
    assert first.identical(again)
    final = np.round(first.v.values[:, -1], 12)
    assert np.unique(final).size == 80  # no two runs share a stream
    later = simulate(equal, first_run=30, **asked)
    np.testing.assert_array_equal(later.v[:50], first.v[30:])
    other = simulate(equal, **(asked | {"seed": 12}))
    assert not np.isin(np.round(other.v.values[:, -1], 12), final).any()


def test_without_noise_the_seed_does_not_matter():
    runs = [simulate(SQUID_AXON, Step(10.0), **(ASKED | {"seed": s})) for s in (1, 2)]
    np.testing.assert_array_equal(runs[0].v, runs[1].v)


def test_a_fluctuation_of_nothing_is_nothing():
    asked = {"duration": 20.0, "record": "v"}
    silent = simulate(SQUID_AXON, [Step(10.0), Fluctuation(0.0)], **asked)
    without = simulate(SQUID_AXON, Step(10.0), **asked)
    np.testing.assert_array_equal(silent.v, without.v)


@pytest.mark.parametrize(
    ("tau", "dt", "duration", "held"),
    [(20.0, 0.025, 1000.0, 4), (20.0, 0.005, 1000.0, 8), (0.5, 0.025, 1000.0, 1),
     (20.0, 0.025, 0.025 * 7, 1)],
)  # fmt: skip
def test_the_current_is_held_for_a_part_of_its_memory_that_fits(
    tau, dt, duration, held
):
    table = timetable(Fluctuation(1.0, tau), duration, dt)
    assert noise_steps(table).tolist() == [held]
