"""The archived fibre against traces that Myokit made of its CellML file."""

from pathlib import Path

import numpy as np
import pytest
from numba import config

from neurosim import Step, Train, simulate
from neurosim.declare import arguments
from neurosim.errors import NeurosimError, UnknownName
from neurosim.models.shorten_fibre import ARCHIVED, SHORTEN_FIBRE
from neurosim.physics import shorten_contraction as filaments
from neurosim.physics import shorten_membrane as membrane
from neurosim.wiring import full

needs_jit = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

TRACES = Path(__file__).parent / "traces"
PULSE = Step(150.0, 0.0, 0.5)
TRAIN = Train(amplitude=150.0, width=0.5, period=50.0, count=9)
STATES = {  # column of the traces -> state
    "vS": "v", "vT": "v_tubule", "K_t": "k_t", "K_e": "k_e", "m": "m", "h": "h",
    "S": "s", "n": "n", "h_K": "h_k", "h_K_t": "h_k_tubule", "Ca_1": "ca_1",
    "Ca_2": "ca_2", "Ca_SR2": "ca_sr_2", "Ca_P2": "ca_p_2", "Mg_P2": "mg_p_2",
    "Ca_CaT2": "t_2", "D_2": "d_2", "A_1": "a_1", "A_2": "a_2", "P": "pi",
}  # fmt: skip
MEMBRANE = (
    *ARCHIVED, "k_t", "k_e", "k_i", "na_t", "na_e", "na_i"
)  # fmt: skip
FLOWS = {
    f"{name}{short}": (channel, compartment.name)
    for compartment, short in zip(SHORTEN_FIBRE.compartments, ("", "_t"), strict=True)
    for channel, name in zip(
        compartment.channels, ("I_Na", "I_DR", "I_IR", "I_Cl", "I_NaK"), strict=True
    )
}


def trace(name, until=np.inf):
    """Return the columns of a trace up to a time."""
    lines = (TRACES / f"shorten2007_{name}.csv").read_text("utf-8").splitlines()
    rows = np.array([line.split(",") for line in lines[2:]], float)
    rows = rows[rows[:, 0] <= until + 1e-9]
    return dict(zip(lines[1].split(","), rows.T, strict=True))


def run(protocol, duration, record, every, **how):
    """Run the fibre from its archived start."""
    return simulate(
        SHORTEN_FIBRE, protocol, duration=duration, record=list(record),
        record_every=every, initial=ARCHIVED, **how,
    )  # fmt: skip


def at_times(found, times):
    """Return a run at the times of a trace, all of which it has to have sampled."""
    sampled = found.time.values
    chosen = found.isel(time=[np.abs(sampled - t).argmin() for t in times])
    np.testing.assert_allclose(chosen.time, times, atol=1e-9)
    return chosen


def deviations(found, published):
    """Return the largest deviation of each variable over its range in the trace."""
    chosen = at_times(found, published["t_ms"])
    return {
        column: np.abs(chosen[STATES[column]].values - published[column]).max()
        / np.ptp(published[column])
        for column in published
        if column in STATES
    }


def agrees(found, published, tolerance):
    worst = deviations(found, published)
    assert len(worst) >= 10
    off = {name: value for name, value in worst.items() if not value < tolerance}
    assert not off


@pytest.fixture(scope="module")
def spike():
    return run(PULSE, 12.0, MEMBRANE, 0.05, solver="reference")


@needs_jit
def test_the_reference_solver_follows_the_action_potential(spike):
    agrees(spike, trace("ap_0p05ms"), 1e-5)


@needs_jit
@pytest.mark.parametrize("column", FLOWS)
def test_every_current_is_that_of_the_trace(spike, column):
    published = trace("ap_0p05ms")
    channel, piece = FLOWS[column]
    first = SHORTEN_FIBRE.compartments[0].name
    chosen = at_times(spike, published["t_ms"])

    def values(name):
        own = full(name, piece, first)
        if own in chosen or name in chosen:
            return chosen[own if own in chosen else name].values
        return np.full(chosen.time.size, SHORTEN_FIBRE.parameters[own].value)

    given = [values(a) for a in arguments(channel.current)]
    current = [channel.current(*at)[0] for at in zip(*given, strict=True)]
    for gate in channel.gates:
        current = current * values(gate.name) ** gate.power
    worst = np.abs(current - published[column]).max() / np.ptp(published[column])
    assert worst < 1e-5


@needs_jit
def test_the_reference_solver_follows_the_twitch():
    published = trace("twitch_0p5ms")
    record = [STATES[c] for c in published if c in STATES]
    agrees(run(PULSE, 250.0, record, 0.5, solver="reference"), published, 1e-5)


@pytest.fixture(scope="module")
def beginning():
    """The first 8 ms at the default step: the spike and the rise of calcium."""
    conserved = [s.name for s in SHORTEN_FIBRE.states if s.name[:2] in ("c_", "o_")]
    conserved += [f"{a}atp_{k}" for a in ("", "ca_", "mg_") for k in (1, 2)]
    return run(PULSE, 8.0, [*STATES.values(), *conserved], 0.05)


@needs_jit
@pytest.mark.parametrize("name", ["ap_0p05ms", "twitch_0p5ms"])
def test_the_default_step_is_within_a_thousandth_of_each_range(beginning, name):
    agrees(beginning, trace(name, until=8.0), 1e-3)


@needs_jit
def test_channels_and_atp_are_neither_made_nor_lost(beginning):
    channels = sum(beginning[f"{s}_{k}"] for s in "co" for k in range(5))
    np.testing.assert_allclose(channels, 1.0, rtol=1e-10)
    volumes = {1: filaments.V_1, 2: filaments.V_2}
    atp = sum(
        volumes[k] * beginning[f"{a}atp_{k}"]
        for a in ("", "ca_", "mg_")
        for k in volumes
    )
    np.testing.assert_allclose(atp, atp[0], rtol=1e-10)
    assert np.ptp(beginning.ca_atp_1.values) > 10.0  # uM: it did take part


@needs_jit
@pytest.mark.parametrize(
    ("solver", "until", "tolerance"),
    [
        ("auto", 52.0, 1e-3),
        ("reference", 500.0, 1e-5),
    ],
)
def test_pulses_at_20_hz(solver, until, tolerance):
    published = trace("20Hz_9pulses_1ms", until)
    record = [STATES[c] for c in published if c in STATES]
    agrees(run(TRAIN, until, record, 0.5, solver=solver), published, tolerance)


@needs_jit
def test_the_archived_start_is_no_rest():
    # muscle reference 2.2, found with another implementation of the same equations
    found = run(
        Step(150.0, 60000.0, 60000.5), 60005.0, ["v", "k_e", "ca_sr_2"], 50.0,
        solver="reference", measure=["spike_count"],
    )  # fmt: skip
    at = at_times(found, [1e3, 1e4, 6e4])
    np.testing.assert_allclose(at.v, [-82.0, -84.8, -96.0], atol=0.06)
    np.testing.assert_allclose(at.ca_sr_2[[0, 2]], [727.0, 1212.0], atol=0.5)
    assert float(at.k_e[2]) == pytest.approx(3.3, abs=0.05)
    assert float(found.spike_count) == 0.0


def test_slopes_of_the_currents_are_their_derivatives():
    near = {
        "g": 20.0,
        "pump": 60.0,
        "k_e": 5.9,
        "k_t": 7.0,
        "k_i": 150.9,
        "na_e": 133.0,
    }
    near |= {"na_t": 131.0, "na_i": 12.7}
    for compartment in SHORTEN_FIBRE.compartments:
        for channel in compartment.channels:
            names = arguments(channel.current)[1:]
            given = [near.get(n, near["g"]) for n in names]
            for v in (-95.0, -80.0, -30.0, 0.0, 35.0):
                below, above = (
                    channel.current(v + d, *given)[0] for d in (-1e-3, 1e-3)
                )
                slope = channel.current(v, *given)[1]
                assert slope == pytest.approx(
                    (above - below) / 2e-3, rel=1e-6, abs=1e-9
                )


def test_the_slips_of_the_archive_are_kept():
    potassium = membrane.THERMAL * np.log(5.9 / 150.9)
    below = potassium - 10.0
    assert membrane.rectifier(below, 11.1, 5.9, 150.9) == (0.0, 0.0)
    assert membrane.rectifier_tubule(below, 11.1, 5.9, 150.9)[0] < -0.1
    assert membrane.chloride(potassium, 19.65, 5.9, 150.9)[0] == pytest.approx(
        0, abs=1e-9
    )
    surface = np.array(membrane.potassium_h(-20.0))
    np.testing.assert_allclose(membrane.potassium_h_tubule(-20.0), 1e3 * surface)
    resting = membrane.potassium_out(0.0, 0.0, 0.0), membrane.sodium_out(0.0, 0.0)
    assert resting == (1.02, -1.29)


def test_phosphate_falls_out_above_its_product_and_dissolves_below():
    assert filaments.precipitation(6.0, 1500.0, 0.2) == pytest.approx(3.0 * 9.0)
    assert filaments.precipitation(4.0, 1500.0, 0.2) == 0.0
    assert filaments.precipitation(2.0, 1500.0, 0.2) == pytest.approx(-1e-4 * 0.2 * 3.0)


@needs_jit
def test_a_run_starts_where_it_is_told(spike):
    for name, value in ARCHIVED.items():
        assert float(spike[name][0]) == pytest.approx(value, rel=1e-14)
    for state in SHORTEN_FIBRE.states[:6]:
        assert float(spike[state.name][0]) == state.initial
    assert "v_tubule = -80.2" in spike.attrs["initial"]


@needs_jit
@pytest.mark.parametrize(
    ("initial", "error", "words"),
    [
        ({"v_tubul": -80.0}, UnknownName, "mean 'v_tubule'"),
        ({"m": "shut"}, NeurosimError, "initial: m = 'shut': give one number"),
    ],
)
def test_a_start_that_cannot_be_is_refused(initial, error, words):
    with pytest.raises(error, match=words):
        simulate(SHORTEN_FIBRE, duration=1.0, initial=initial)


def test_its_own_ions_cannot_be_set():
    with pytest.raises(NeurosimError, match="its own states"):
        SHORTEN_FIBRE.at(k_o=6.0)
