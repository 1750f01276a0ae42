"""Contraction of human fibres: rest, conservation, energy, and the effects of knobs.

Here the tubular potential is a stub that is kicked to a spike and decays; the bands of
a human twitch are checked on the whole fibre, in the experiment of the fit.
"""

import numpy as np
import pytest
from numba import config

from neurosim import Kicks, simulate
from neurosim.core.jit import equation
from neurosim.declare import Param, State
from neurosim.ensemble import spread
from neurosim.equilibrium import derivative, set_start
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.model import Model
from neurosim.models.contraction import contraction

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

REST = -91.3933  # mV, that of the membrane
SPIKE = 136.0  # mV above rest
CA_PARTS = ("ca", "ca_sr", "csq", "tn1", "tn2", "ready", "weak", "strong", "pv_ca")
PHOSPHATES = ("atp", "pcr", "pi")


@equation
def repolarisation(v_tubule, tau_spike):
    """Rate of the stub [mV/ms]: half width 0.5 ms, as the membrane has it."""
    return (-91.3933 - v_tubule) / tau_spike


def fibre(kind="fast", **numbers):
    piece = contraction(kind)
    tubule = State("v_tubule", REST, "mV", "tubular potential", repolarisation)
    return Model(
        name="contracting_stub", title="contraction alone", source="made for this test",
        doc="Contraction with a prescribed spike.",
        states=(tubule, *piece.states),
        params=(
            *piece.params,
            Param("tau_spike", 0.75, "ms", "decay of the spike", low=0.1),
            Param("temperature_m", 35.0, "degC", "temperature of the muscle"),
            Param("ph_m", 7.1, "", "pH in the cell"),
            Param("i_pump", 0.2052718, "uA/cm2", "pump current"),
            Param("i_pump_tubule", 0.1637151, "uA/cm2", "pump current of tubules"),
        ),
        derived=piece.derived, stiff=False, dt=0.02,
    ).at(**numbers)  # fmt: skip


def stimulate(model, rate, count, duration, record, every=1.0, **how):
    spikes = 5.0 + np.arange(count) * 1e3 / rate
    train = Kicks("v_tubule", spikes, SPIKE)
    return simulate(
        model, train, duration=duration, record=record, record_every=every, **how
    )


def half_relaxation(force):
    tone, top = force.isel(time=0, drop=True), force.max("time")
    late = force["time"].where(force > 0.5 * (top + tone)).max("time")
    return late - force.idxmax("time")


def total_calcium(run, parvalbumin):
    units = run["tn1"] + 2.0 * (run["tn2"] + run["ready"] + run["weak"] + run["strong"])
    per_free = 1.0 + 8.015167776 / (0.2 * (1.0 + 0.55 / 0.1))
    store = 50.0 * (run["ca_sr"] + run["csq"])  # uM of myoplasm
    return per_free * run["ca"] + store + 120.0 * units + parvalbumin * run["pv_ca"]


@pytest.mark.parametrize("kind", ["fast", "slow"])
def test_the_start_is_a_rest(kind):
    model = fibre(kind)
    x = spread(model).matrix()
    set_start(model, x, REST)
    names = list(rows_of(model).states)
    scale = np.maximum(np.abs([s.initial for s in model.states]), 1e-3)
    rates = dict(zip(names, derivative(model, x)[:, 0] / scale, strict=True))
    assert max(abs(r) for r in rates.values()) < 1e-8, rates  # 1/ms


@pytest.mark.parametrize("kind", ["fast", "slow"])
def test_a_minute_of_rest_changes_nothing(kind):
    model = fibre(kind)
    names = [s.name for s in model.states]
    run = simulate(model, duration=6e4, record=names, record_every=6e4, dt=0.05)
    for name in names:
        first, last = run[name].values[[0, -1]]
        assert abs(last / first - 1.0) < 1e-6, name


@pytest.mark.parametrize("parvalbumin", [0.0, 750.0])
def test_calcium_and_phosphate_are_conserved(parvalbumin):
    model = fibre(parvalbumin=parvalbumin)
    run = stimulate(model, 40.0, 40, 1500.0, [*CA_PARTS, *PHOSPHATES])
    calcium = total_calcium(run, parvalbumin)
    assert float(np.ptp(run["ca"].values)) > 1.0
    assert float(np.ptp(calcium.values)) < 1e-10 * float(calcium[0])
    phosphate = sum(run[n] for n in PHOSPHATES)
    assert float(np.ptp(run["pcr"].values)) > 0.1
    assert float(np.ptp(phosphate.values)) < 1e-11 * float(phosphate[0])


def test_the_explicit_step_follows_scipy():
    names = ["ca", "ca_sr", "strong", "sensor", "pcr", "adp", "force"]
    asked = {"rate": 50.0, "count": 3, "duration": 120.0, "record": names}
    kernel = stimulate(fibre(), **asked)
    exact = stimulate(fibre(), **asked, solver="reference")
    for name in names:
        span = float(np.ptp(exact[name].values))
        assert float(np.abs(kernel[name] - exact[name]).max()) < 5e-3 * span, name


def test_half_the_pump_of_the_reticulum_doubles_relaxation():
    run = stimulate(fibre(serca=[1.0, 0.5]), 1.0, 1, 900.0, "force", every=0.5)
    one, half = half_relaxation(run["force"]).values
    assert 1.7 <= half / one <= 2.2
    assert 0.05 <= float(run["force"].max("time")[0]) <= 0.3


def test_caffeine_lifts_low_rates_and_not_the_tetanus():
    model = fibre(caffeine_um=[0.0, 70.0])
    low = stimulate(model, 10.0, 10, 1000.0, "force")["force"].max("time").values
    high = stimulate(model, 80.0, 80, 1000.0, "force")["force"].max("time").values
    assert 1.01 < low[1] / low[0] < 1.2
    assert abs(high[1] / high[0] - 1.0) < 0.01


def test_adrenaline_shortens_the_slow_twitch_and_not_the_fast_one():
    found = {}
    for kind in ("fast", "slow"):
        run = stimulate(fibre(kind, adrenaline=[0.0, 1.0]), 1.0, 1, 900.0, "force", 0.5)
        found[kind] = half_relaxation(run["force"]).values
    assert found["slow"][1] / found["slow"][0] < 0.85
    assert found["fast"][1] / found["fast"][0] > 0.97


@pytest.fixture(scope="module")
def exhausted():
    """Return 40 s at 30 Hz without and with supply of ATP.

    Without the stub's Na-K pump, whose current is given and so does not end with ATP.
    """
    names = ["force", "pcr", "pi", "adp", "atp", "ca"]
    model = fibre(atp_supply=[0.0, 1.0], i_pump=0.0, i_pump_tubule=0.0)
    return stimulate(model, 30.0, 1200, 42e3, names, every=10.0)


def test_energy_runs_out_in_the_order_of_muscle(exhausted):
    lost = exhausted.sel(atp_supply=0.0)
    when = {
        "pcr": lost["time"].where(lost["pcr"] < 16.0).min(),
        "pi": lost["time"].where(lost["pi"] > 18.0).min(),
        "adp": lost["time"].where(lost["adp"] > 0.2).min(),
        "atp": lost["time"].where(lost["atp"] < 4.0).min(),
    }
    assert when["pcr"] <= when["adp"] < when["atp"]
    assert when["pi"] < when["adp"]
    assert float(lost["atp"].min()) > 0.0


def test_supply_keeps_atp(exhausted):
    kept = exhausted.sel(atp_supply=1.0)
    assert float(kept["atp"].min()) > 4.0
    assert float(exhausted["atp"].sel(atp_supply=0.0).min()) < 2.0


def test_at_rest_supply_matters_little_within_a_minute():
    run = simulate(
        fibre(atp_supply=[0.0, 1.0]), duration=6e4, record=["force", "ca", "atp"],
        record_every=6e4, dt=0.05,
    ).isel(time=-1)  # fmt: skip
    for name in ("force", "ca", "atp"):
        none, full = run[name].values
        # ADP lets calcium slip through SERCA: resting force, 0.06 %, grows by 3 %
        assert none == pytest.approx(full, rel=0.04), name


def test_only_two_kinds_are_known():
    with pytest.raises(NeurosimError, match="fast"):
        contraction("cardiac")
