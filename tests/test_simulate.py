"""The one verb: what comes back, runs that do not touch each other, how they fail."""

import tracemalloc

import numpy as np
import pytest
from numba import config

import neurosim
from neurosim import Fluctuation, Step, VoltageClamp, simulate
from neurosim.core.block import LANES, ROW
from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Gate, Param, Patch
from neurosim.engine import width_of
from neurosim.lower import rows_of
from neurosim.measure import rest, spike_count
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON
from neurosim.models.fibre_membrane import FIBRE_MEMBRANE

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

FEW = (0, 1, 37, LANES - 1, LANES, LANES + 5)  # runs of the first block and the second
MANY = LANES + 6
EVERYTHING = {"record": ["v", "i_membrane"], "measure": ["spike_times", "spike_count"]}


def different(model, **ranges):
    """Return the model with as many baths as fill a block and begin another."""
    random = np.random.default_rng(17)
    return model.along(
        "bath", **{name: random.uniform(*ends, MANY) for name, ends in ranges.items()}
    )


def alone(model, k):
    """Return run ``k`` of a model as a model of its own."""
    fixed = {name: float(values[k]) for name, values in model.values.items()}
    return MODELS[model.name].at(**fixed)


MODELS = {m.name: m for m in (SQUID_AXON, MRG_AXON, MOTOR_AXON, FIBRE_MEMBRANE)}
SQUIDS = different(
    SQUID_AXON, k_o=(15.0, 30.0), ca_o=(15.0, 60.0), temperature=(4.0, 20.0),
    g_na=(80.0, 150.0),
)  # fmt: skip
NODES = different(MRG_AXON, ca_o=(0.5, 1.5), mg_o=(0.1, 1.0), temperature=(35.0, 39.0))


FIBRES = different(FIBRE_MEMBRANE, ca_o=(0.7, 2.0), tau_tubule=(300.0, 900.0))


def same(together, single, k):
    """Check that run ``k`` of a result is the same to the last bit as one alone."""
    for name in ("v", "i_membrane", "spike_count", "status"):
        np.testing.assert_array_equal(together[name].values[k], single[name].values)
    spikes = together.spike_time.values[k]
    np.testing.assert_array_equal(spikes[np.isfinite(spikes)], single.spike_time.values)


# --- runs do not touch each other


@pytest.mark.parametrize("model", [SQUIDS, NODES], ids=lambda m: m.name)
def test_a_lane_is_what_it_is_alone_to_the_last_bit(model):
    asked = {"protocol": Step(8.0 if model is SQUIDS else 0.1, 1.0), "duration": 20.0}
    together = simulate(model, **asked, **EVERYTHING)
    assert together.spike_count.values.max() > together.spike_count.values.min()
    for k in FEW:
        same(together, simulate(alone(model, k), **asked, **EVERYTHING), k)


@pytest.mark.parametrize("model", [SQUIDS, NODES, FIBRES], ids=lambda m: m.name)
def test_a_run_does_not_know_how_many_share_its_block(model):
    asked = {"solver": "staggered", "threads": 1, "duration": 8.0, "record": "v"}
    if model is SQUIDS:
        asked["protocol"] = Fluctuation(5.0, tau=1.0)
    else:
        asked["protocol"] = Step(0.1 if model is NODES else 300.0, 1.0, 2.0)
    together = simulate(model, **asked).v.values
    for few in (1, 5, 8, 20, 33, 40, 63):
        some = {name: values[:few] for name, values in model.values.items()}
        beside = simulate(MODELS[model.name].along("bath", **some), **asked).v.values
        np.testing.assert_array_equal(beside, together[:few])


@pytest.mark.parametrize(
    ("runs", "workers", "width"),
    [(1, 4, 8), (16, 4, 16), (40, 2, 24), (64, 1, 64), (100, 1, 56), (128, 2, 64),
     (100, 4, 32), (1000, 2, 64)],
)  # fmt: skip
def test_blocks_are_whole_vectors_and_enough_for_every_thread(runs, workers, width):
    assert width_of(runs, workers) == width


def test_threads_do_not_matter():
    asked = {"protocol": Step([5.0, 12.0]), "duration": 15.0, **EVERYTHING}
    one, two, all_of_them = (
        simulate(SQUIDS, threads=threads, **asked) for threads in (1, 2, None)
    )
    assert one.spike_count.size > 2 * LANES
    assert one.identical(two)
    assert one.identical(all_of_them)


def test_nor_does_their_order():
    backwards = {name: values[::-1] for name, values in SQUIDS.values.items()}
    asked = {"duration": 15.0, "protocol": Step(10.0), **EVERYTHING}
    forth = simulate(SQUIDS, **asked)
    back = simulate(SQUID_AXON.along("bath", **backwards), **asked)
    np.testing.assert_array_equal(forth.v, back.v[::-1])


# --- what comes back


@pytest.mark.parametrize("solver", ["staggered", "adaptive"])
def test_many_runs_need_memory_for_little_more_than_their_buffer(solver):
    runs, asked = 20_000, {"duration": 0.5, "measure": "spike_count", "solver": solver}
    simulate(SQUID_AXON, duration=0.5, solver=solver)  # compiles
    tracemalloc.start()
    simulate(SQUID_AXON, Step(np.linspace(0.0, 20.0, runs)), **asked)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4.0 * runs * 8 * rows_of(SQUID_AXON).size // ROW


def test_the_result_is_labelled():
    run = simulate(
        SQUID_AXON.at(ca_o=[20.0, 44.0], k_o=[15.0, 20.0, 25.0]), Step([0.0, 10.0]),
        duration=20.0, measure=[spike_count, "rest"], record="v", record_every=0.5,
    )  # fmt: skip
    assert run.spike_count.dims == ("ca_o", "k_o", "amplitude")
    assert run.v.dims == ("ca_o", "k_o", "amplitude", "time")
    assert run.sizes == {"ca_o": 2, "k_o": 3, "amplitude": 2, "time": 41}
    assert run.rest.dims == ("ca_o", "k_o")
    np.testing.assert_allclose(run.time, np.arange(41) * 0.5, atol=1e-9)
    assert run.ca_o.attrs == {"units": "mM", "long_name": "Ca outside"}
    assert (run.v.attrs["units"], run.time.attrs["units"]) == ("mV", "ms")
    attrs = run.attrs
    assert attrs["model"] == "squid_axon"
    assert (attrs["duration"], attrs["tolerance"], attrs["seed"]) == (20.0, 3e-5, 0)
    assert attrs["solver"] == "adaptive"
    assert attrs["version"] == neurosim.__version__
    assert attrs["diverged"] == attrs["no_stable_rest"] == 0
    assert "temperature=6.3" in attrs["parameters"]


def test_runs_come_in_the_order_of_their_axes():
    run = simulate(
        SQUID_AXON.at(ca_o=[20.0, 44.0], k_o=[15.0, 25.0]), Step(10.0), duration=20.0,
        record="v",
    )  # fmt: skip
    for ca_o in (20.0, 44.0):
        for k_o in (15.0, 25.0):
            single = simulate(
                SQUID_AXON.at(ca_o=ca_o, k_o=k_o), Step(10.0), duration=20.0, record="v"
            )
            np.testing.assert_array_equal(run.v.sel(ca_o=ca_o, k_o=k_o), single.v)


def test_parameters_paired_along_an_axis_are_its_coordinates():
    run = simulate(SQUIDS, duration=1.0, measure="spike_count")
    assert run.spike_count.dims == ("bath",)
    for name, values in SQUIDS.values.items():
        assert run[name].dims == ("bath",)
        np.testing.assert_array_equal(run[name], values)
    assert run.k_o.attrs["units"] == "mM"


def test_the_digest_knows_values_and_equations():
    def digest(model):
        return simulate(model, duration=0.1, measure="spike_count").attrs["digest"]

    plain = digest(SQUID_AXON)
    assert plain == digest(SQUID_AXON)
    assert plain != digest(SQUID_AXON.at(k_o=21.0))
    assert plain != digest(MRG_AXON)


def test_every_state_can_be_recorded_and_gates_are_shares():
    names = [
        "v",
        "m",
        "h",
        "p",
        "s",
        "v_mysa",
        "phi_mysa",
        "v_stin3",
        "i_membrane_flut",
    ]
    run = simulate(MRG_AXON, Step(0.3, 1.0), duration=4.0, record=names)
    for name in names:
        assert run[name].dims == ("time",)
        assert np.isfinite(run[name]).all()
    gates = run[["m", "h", "p", "s"]].to_array()
    assert ((gates >= 0.0) & (gates <= 1.0)).all()
    assert float(run.v.max()) > 0.0
    assert run.i_membrane_flut.attrs["units"] == "uA/cm2"


def test_samples_include_both_ends_and_every_edge():
    run = simulate(SQUID_AXON, Step(5.0, 1.0003, 2.0), duration=3.0, record="v")
    time = run.time.values
    assert (np.diff(time) > 0.0).all()
    assert time[0] == 0.0
    assert time[-1] == pytest.approx(3.0)
    assert np.abs(time[:, None] - [1.0003, 2.0]).min(0).max() < 1e-12


@pytest.mark.parametrize("solver", ["staggered", "adaptive"])
def test_a_record_rarer_than_the_run_is_long_has_both_ends(solver):
    run = simulate(
        SQUID_AXON, duration=2.0, record="v", record_every=1e99, solver=solver
    )
    assert run.time.values.tolist() == [0.0, 2.0]


def test_a_finer_record_agrees_with_a_coarser_one():
    dt = 0.0125
    asked = {"duration": 20.0, "record": ["v", "m", "n"], "dt": dt}
    coarse, fine = (
        simulate(SQUID_AXON, Step(10.0), record_every=t, **asked) for t in (1.0, dt)
    )
    assert fine.sizes["time"] == 1601
    near = fine.sel(time=coarse.time, method="nearest")
    for name in ("v", "m", "n"):
        np.testing.assert_array_equal(near[name], coarse[name])


# --- where a run starts


@pytest.mark.parametrize(("solver", "stays"), [("staggered", 1e-6), ("adaptive", 1e-3)])
def test_a_run_starts_at_the_rest_of_the_reference_bath(solver, stays):
    run = simulate(
        SQUID_AXON.at(ca_o=[44.0, 18.0]),
        duration=5.0,
        record=["v", "n"],
        initial_v=None,
        solver=solver,
    )
    start = float(rest(SQUID_AXON))
    np.testing.assert_allclose(run.v[:, 0], start, atol=1e-9)
    assert float(np.ptp(run.v.values[0])) < stays  # mV; the reference stays
    assert float(np.ptp(run.v.values[1])) > 1.0  # the other bath was applied at 0


def test_what_is_not_bath_is_part_of_the_reference():
    model = SQUID_AXON.at(temperature=16.0)
    run = simulate(model, duration=20.0, record="v", solver="staggered")
    assert float(np.ptp(run.v.values)) < 1e-6


def test_it_may_start_at_the_rest_of_its_own_bath():
    model = MOTOR_AXON.at(k_o=[3.5, 4.0, 5.0])
    run = simulate(model, duration=5.0, record="v", initial="rest")
    np.testing.assert_allclose(run.v[:, 0], rest(model), atol=1e-9)
    assert float(np.ptp(run.v.values, axis=1).max()) < 1e-4


def test_or_at_a_potential_with_gates_at_their_steady_state():
    run = simulate(SQUID_AXON, duration=0.1, record=["v", "n"], initial_v=0.0)
    rise = 0.01 * 55.0 / (1.0 - np.exp(-5.5))
    fall = 0.125 * np.exp(-65.0 / 80.0)
    assert float(run.v[0]) == 0.0
    assert float(run.n[0]) == pytest.approx(rise / (rise + fall), abs=2e-4)


# --- how runs fail


def test_divergence_is_reported_and_the_others_do_not_notice():
    currents = [0.0, 10.0, 1e8, 15.0]
    run = simulate(SQUID_AXON, Step(currents, 2.0), duration=20.0, **EVERYTHING)
    assert run.status.values.tolist() == [0, 0, 1, 0]
    assert run.attrs["diverged"] == 1
    assert 2.0 < float(run.failed_at[2]) < 2.1
    assert np.isnan(run.failed_at[[0, 1, 3]]).all()
    assert np.isnan(run.v[2]).all()
    assert np.isnan(run.spike_count[2])
    assert "1 of 4 runs diverged" in run.attrs["divergence"]
    assert f"dt = {SQUID_AXON.dt / 4:g} " in run.attrs["divergence"]
    for k in (0, 1, 3):
        single = simulate(
            SQUID_AXON, Step(currents[k], 2.0), duration=20.0, **EVERYTHING
        )
        same(run, single, k)


def test_an_axon_unit_diverges_in_the_open_too():
    run = simulate(MRG_AXON, Step([0.1, 1e7], 1.0), duration=3.0, measure="spike_count")
    assert run.status.values.tolist() == [0, 1]
    assert np.isnan(run.spike_count[1])
    assert float(run.spike_count[0]) >= 1


@pytest.fixture(scope="module")
def fragile():
    """Return a model with a gate that is no number above -20 mV and carries nothing."""

    @equation
    def broken_gate(v):
        return ((-20.0 - v) ** 0.5 + 0.1), 0.2

    @equation
    def ohmic(v, g_any, e_any):
        return g_any * (v - e_any), g_any

    @equation
    def nothing(v):
        return 0.0 * v, 0.0

    return Model(
        name="fragile", title="", source="made up", doc="",
        compartments=(
            Compartment(
                name="soma",
                channels=(
                    Channel(
                        name="a", source="made up", current=ohmic,
                        params=(
                            Param("g_any", 0.3, "mS/cm2", "leak"),
                            Param("e_any", -60.0, "mV", "reversal"),
                        ),
                    ),
                    Channel(
                        name="b", source="made up", current=nothing,
                        gates=(Gate("z", broken_gate),),
                    ),
                ),
            ),
        ),
        geometry=Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance")),
    )  # fmt: skip


def test_what_is_not_a_number_is_never_silent(fragile):
    """Under clamp v stays what it is, whatever becomes of the gates."""
    run = simulate(
        fragile,
        VoltageClamp([-60.0, 0.0], 2.0, holding=-60.0),
        duration=20.0,
        record=["v", "z"],
        initial_v=-60.0,
        measure="spike_count",
    )
    assert run.status.values.tolist() == [0, 1]
    assert np.isfinite(run.v[0]).all()
    assert np.isfinite(run.z[0]).all()
    assert 2.0 < float(run.failed_at[1]) <= 20.0
    assert np.isnan(run.spike_count[1])


def test_more_spikes_than_expected_are_all_kept():
    run = simulate(
        SQUID_AXON.at(temperature=[6.3, 18.0]), Step(20.0), duration=900.0,
        measure=["spike_times", "spike_count"],
    )  # fmt: skip
    counts = np.isfinite(run.spike_time).sum("spike")
    np.testing.assert_array_equal(counts, run.spike_count)
    assert int(counts.max()) > 64  # room was made
    gaps = np.diff(run.spike_time.values, axis=1)
    assert np.nanmin(gaps) > 1.0


def test_a_run_without_spikes_has_none():
    run = simulate(SQUID_AXON, duration=5.0, measure=["spike_times", "last_spike"])
    assert run.spike_time.shape == (0,)
    assert np.isnan(run.last_spike)


# --- the front door

NAMES = ("simulate", "Step", "Train", "Ramp", "Rest", "VoltageClamp", "kernel_source")
DOOR = f"""
from neurosim import {", ".join(NAMES)}
import neurosim
assert all(map(callable, ({", ".join(NAMES)})))
assert neurosim.simulate is simulate and neurosim.Step is Step
print(*dir(neurosim))
"""


def test_public_names_are_what_they_say_in_a_fresh_process(in_python):
    assert set(NAMES) <= set(in_python(DOOR).split())


def test_the_package_is_light_until_it_is_used(in_python):
    code = (
        "import sys, neurosim; print('numba' in sys.modules, 'xarray' in sys.modules)"
    )
    assert in_python(code).split() == ["False", "False"]


def test_a_model_is_declared_without_compiling_anything(in_python):
    code = (
        "import sys; from neurosim import models; [getattr(models, n) for n in "
        "models.__all__]; print('numba.np.arraymath' in sys.modules)"
    )  # numba loads it before it compiles or takes anything from its cache
    assert in_python(code).split() == ["False"]
