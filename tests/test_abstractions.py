"""The nouns carry more than axons: three small, real models of other kinds.

Each is declared as any model is, run on the kernel, and compared with SciPy.
"""

import numpy as np
import pytest

from neurosim import Change, Step, simulate
from neurosim.core.jit import equation
from neurosim.declare import Cable, Channel, Compartment, Derived, Gate, Param, State
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.physics.ions import ghk_current, nernst, q10
from neurosim.physics.potassium import squid_n
from neurosim.physics.sodium import squid_h, squid_m
from neurosim.units import FARADAY


# 1. No voltage, time in days: magnesium between plasma and a slow store
@equation
def plasma_rate(plasma, store, intake, absorbed, excretion, into, out_of):
    """mmol/d: absorption, excretion above a threshold, exchange with the store."""
    loss = excretion * max(plasma - 8.0, 0.0)
    return absorbed * intake - loss - into * plasma + out_of * store


@equation
def store_rate(plasma, store, into, out_of):
    """mmol/d into the store."""
    return into * plasma - out_of * store


def magnesium_body():
    return Model(
        name="magnesium_body",
        title="magnesium in plasma and bone",
        source="made for this test",
        doc="Two pools.",
        states=(
            State("plasma", 12.0, "mmol", "Mg in extracellular water", plasma_rate),
            State("store", 480.0, "mmol", "exchangeable Mg in bone", store_rate),
        ),
        params=(
            Param("intake", 12.0, "mmol/d", "intake", low=0.0),
            Param("absorbed", 0.3, "", "absorbed fraction", low=0.0, high=1.0),
            Param("excretion", 0.9, "1/d", "renal loss", low=0.0),
            Param("into", 0.4, "1/d", "exchange in", low=0.0),
            Param("out_of", 0.01, "1/d", "exchange out", low=0.0),
        ),
        dt=0.1,
        time_unit="d",
    )


def test_a_model_without_voltage_in_days_follows_scipy():
    model = magnesium_body().at(intake=[12.0, 1.0])
    asked = {"duration": 60.0, "record": ["plasma", "store"], "record_every": 10.0}
    kernel = simulate(model, **asked)
    exact = simulate(model, solver="reference", **asked)
    assert kernel.time.attrs["units"] == "d"
    for name in ("plasma", "store"):
        assert kernel[name].shape == (2, 7)
        np.testing.assert_allclose(kernel[name], exact[name], rtol=2e-5)
    assert kernel["plasma"][1, -1] < kernel["plasma"][0, -1] - 1.0  # depletion


def test_a_treatment_in_the_middle_is_a_change_of_a_parameter():
    model = magnesium_body().at(intake=1.0)
    treated = simulate(
        model, Change(30.0, {"intake": 12.0}), duration=60.0, record=["plasma"]
    )
    without = simulate(model, duration=60.0, record=["plasma"])
    before, after = treated.time <= 29.9, treated.time >= 40.0
    same = np.abs(
        treated.plasma[before] - without.plasma.interp(time=treated.time[before])
    )
    assert float(same.max()) < 1e-9
    assert float(treated.plasma[after][0] - without.plasma[-1]) > 0.5


# 2. A calcium buffer with fast kinetics: stiff
@equation
def calcium_rate(ca, bound, k_on, k_off, total, pump):
    """mM/ms: binding, release from the buffer, pump."""
    return -k_on * ca * (total - bound) + k_off * bound - pump * ca


@equation
def bound_rate(ca, bound, k_on, k_off, total):
    """mM/ms of calcium on the buffer."""
    return k_on * ca * (total - bound) - k_off * bound


def buffered_calcium(pump):
    return Model(
        name="buffered_calcium",
        title="calcium with a fast buffer",
        source="made for this test",
        doc="Rates of 1e3 /ms beside a pump of 0.05 /ms.",
        states=(
            State("ca", 0.02, "mM", "free calcium", calcium_rate),
            State("bound", 0.0, "mM", "calcium on the buffer", bound_rate),
        ),
        params=(
            Param("k_on", 5000.0, "1/(mM ms)", "association", low=0.0),
            Param("k_off", 5.0, "1/ms", "dissociation", low=0.0),
            Param("total", 0.2, "mM", "buffer", low=0.0),
            Param("pump", pump, "1/ms", "pump", low=0.0),
        ),
        dt=0.01,
    )


def test_a_stiff_buffer_follows_scipy_at_a_step_far_above_its_time_constant():
    model = buffered_calcium(0.05)
    asked = {"duration": 200.0, "record": ["ca", "bound"], "record_every": 20.0}
    kernel = simulate(model, **asked)  # k_on * total * dt = 10
    exact = simulate(model, solver="reference", **asked)
    for name in ("ca", "bound"):
        np.testing.assert_allclose(kernel[name][1:], exact[name][1:], rtol=1e-3)


def test_the_implicit_step_keeps_mass():
    run = simulate(
        buffered_calcium(0.0), duration=200.0, record=["ca", "bound"], record_every=20.0
    )
    total = (run.ca + run.bound).values
    assert np.abs(total / total[0] - 1.0).max() < 1e-12


# 3. Two compartments, GHK currents, concentrations that move
RADIUS_TO_VOLUME = 400.0  # 1/cm: surface per volume of a fibre of 50 um radius
TUBULE_VOLUME = 1.0e6  # 1/cm: the same for the lumen of the tubules


@equation
def ghk_sodium(v, na_o, na_i, p_na, temperature):
    return ghk_current(v, na_o, na_i, 1.0, p_na, temperature)


@equation
def ghk_potassium(v, k_o, k_i, p_k, temperature):
    return ghk_current(v, k_o, k_i, 1.0, p_k, temperature)


@equation
def ghk_tubule(v, k_t, k_i, p_k, temperature):
    return ghk_current(v, k_t, k_i, 1.0, p_k, temperature)


@equation
def e_leak(na_o, k_o, k_i, na_i, temperature):
    return nernst(k_o + 0.3 * na_o, k_i + 0.3 * na_i, 1.0, temperature)


@equation
def warm(temperature):
    return q10(3.0, temperature, 6.3)


@equation
def sodium_inside(i_na):
    return -RADIUS_TO_VOLUME * i_na / FARADAY


@equation
def potassium_inside(i_k, i_kt_tubule):
    return -RADIUS_TO_VOLUME * (i_k + i_kt_tubule) / FARADAY


@equation
def potassium_in_tubule(i_kt_tubule, k_t, k_o, wash):
    return TUBULE_VOLUME * i_kt_tubule / FARADAY - wash * (k_t - k_o)


def fibre():
    speed = Derived("speed", warm, "", "temperature factor")
    leak_potential = Derived("e_leak", e_leak, "mV", "leak reversal")
    sodium = Channel(
        name="na", source="test", current=ghk_sodium,
        gates=(Gate("m", squid_m, 3, speed), Gate("h", squid_h, 1, speed)),
        params=(Param("p_na", 4e-7, "cm/ms", "Na permeability", low=0.0),),
    )  # fmt: skip
    potassium = Channel(
        name="k", source="test", current=ghk_potassium,
        gates=(Gate("n", squid_n, 4, speed),),
        params=(Param("p_k", 2e-7, "cm/ms", "K permeability", low=0.0),),
    )  # fmt: skip
    leak = Channel(
        name="l", source="test", reversal=leak_potential,
        conductance=Param("g_l", 0.3, "mS/cm2", "leak", low=0.0),
    )  # fmt: skip
    tubular = Channel(
        name="kt", source="test", current=ghk_tubule,
        gates=(Gate("r", squid_n, 4, speed),),
        params=(Param("p_k", 1e-7, "cm/ms", "K permeability", low=0.0),),
    )  # fmt: skip
    area = 1e-4  # cm2 of surface
    row = (1e3 * area, 1e3 * area, 0.05, 0.0, 0.0, 0.0, 0.0)
    tubule = (5e3 * area, 5e3 * area, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Model(
        name="small_fibre",
        title="surface and tubule with moving concentrations",
        source="made for this test",
        doc="Two compartments.",
        compartments=(
            Compartment(name="surface", channels=(sodium, potassium, leak)),
            Compartment(name="tubule", channels=(tubular,)),
        ),
        states=(
            State("na_i", 55.0, "mM", "Na inside", sodium_inside),
            State("k_i", 420.0, "mM", "K inside", potassium_inside),
            State("k_t", 20.0, "mM", "K in the tubules", potassium_in_tubule),
        ),
        geometry=Cable(table=(row, tubule)),
        params=(
            Param("na_o", 440.0, "mM", "Na outside", low=0.0, bath=True),
            Param("k_o", 20.0, "mM", "K outside", low=0.0, bath=True),
            Param("temperature", 6.3, "degC", "temperature"),
            Param("wash", 0.01, "1/ms", "wash-out of the tubules", low=0.0),
        ),
        dt=0.01,
        start=-60.0,
    )


@pytest.fixture(scope="module")
def runs():
    names = ["v", "v_tubule", "n", "r_tubule", "na_i", "k_i", "k_t"]
    asked = {
        "protocol": Step(2.0, 5.0, 35.0), "duration": 40.0, "record": names,
        "record_every": 1.0, "initial_v": -62.0, "measure": ["spike_times"],
    }  # fmt: skip
    model = fibre()
    exact = simulate(model, solver="reference", **asked)
    return {dt: simulate(model, dt=dt, **asked) for dt in (0.02, 0.01, 0.005)}, exact


def test_two_compartments_with_moving_concentrations_follow_scipy(runs):
    kernel, exact = runs
    fine = kernel[0.005]
    assert fine["spike_time"].size == exact["spike_time"].size >= 2
    np.testing.assert_allclose(fine["spike_time"], exact["spike_time"], atol=2e-3)
    assert float(exact.k_t.max() - exact.k_t[0]) > 0.05  # potassium did gather
    for name in ("na_i", "k_i", "k_t"):
        moved = float(np.ptp(exact[name].values))
        assert float(np.abs(fine[name] - exact[name]).max()) < 0.01 * moved


def test_and_at_second_order(runs):
    kernel, exact = runs
    last = float(exact["spike_time"][-1])
    errors = [abs(float(kernel[dt]["spike_time"][-1]) - last) for dt in kernel]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.8).all(), errors


def test_derived_quantities_are_recorded_along_the_run():
    rows = ["e_leak", "k_o", "na_i", "k_i"]
    asked = {"protocol": Step(2.0, 5.0, 35.0), "duration": 20.0, "initial_v": -62.0}
    model = fibre().at(k_o=[10.0, 20.0])
    with pytest.raises(NeurosimError, match="record"):
        simulate(model, record=rows, **asked)  # k_o is a parameter
    run = simulate(model, record=["e_leak", "na_i", "k_i"], **asked)
    by_hand = [
        [e_leak(440.0, k, ki, nai, 6.3) for ki, nai in zip(a, b, strict=True)]
        for k, a, b in zip((10.0, 20.0), run.k_i.values, run.na_i.values, strict=True)
    ]
    np.testing.assert_allclose(run.e_leak, by_hand, rtol=1e-12)
    assert run.e_leak.attrs["units"] == "mV"
    assert np.ptp(run.e_leak.values[0]) > 0.0
    with pytest.raises(NeurosimError, match="changes during the run"):
        simulate(model, Change(1.0, {"temperature": 10.0}), duration=5.0,
                 record=["e_leak"], initial_v=-62.0)  # fmt: skip
