"""Generated modules: short, readable, never stale, compiled once."""

import ast
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from numba import config

import neurosim.lower.build as build
from neurosim import Fluctuation, Step, VoltageClamp, kernel_source, simulate
from neurosim.core.block import GROUP, ROW
from neurosim.core.cable import AXIAL, PERIAXONAL
from neurosim.core.jit import FASTMATH, equation
from neurosim.declare import (
    FUNCTIONS,
    RESERVED,
    Channel,
    Compartment,
    Gate,
    Param,
    Patch,
    State,
    is_reserved,
)
from neurosim.ensemble import spread, to_blocks
from neurosim.equilibrium import rest_buffer
from neurosim.lower import derivative_source, rows_of, step_of
from neurosim.lower.flow import adaptive_source
from neurosim.lower.text import name_functions
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON, MUSCLE_FIBRE, SQUID_AXON, TITLES, find
from neurosim.wiring import words_made

MODELS = [find(name) for name in TITLES]
SOURCES = {
    f"{kind} of {model.name}": text
    for model in MODELS
    for kind, text in {
        "step": kernel_source(model),
        "noisy step": kernel_source(model, channel_noise=True),
        "derivative": derivative_source(model),
    }.items()
}
needs_jit = pytest.mark.skipif(config.DISABLE_JIT, reason="nothing is compiled")


def functions(text):
    """Return the functions of a module with their number of lines."""
    tree = ast.parse(text)
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    return {f.name: f.end_lineno - f.lineno + 1 for f in found}


def test_the_kernel_of_the_squid_axon_fits_a_page():
    text = kernel_source(SQUID_AXON)
    assert len(text.splitlines()) <= 112
    assert functions(text)["axon"] <= 47


@pytest.mark.parametrize("what", SOURCES)
def test_generated_text_is_plain_python_with_short_lines(what):
    text = SOURCES[what]
    compile(text, what, "exec")
    assert max(map(len, text.splitlines())) <= 100
    assert not any(line != line.rstrip() for line in text.splitlines())
    assert "nan" not in text.lower().replace("nano", "")


def test_what_a_model_declares_can_be_read_in_its_kernel():
    text = kernel_source(SQUID_AXON)
    for line in (
        "# gates of na: transient sodium channel (squid_m, squid_h)",
        "dm, dm_over = relaxed(m, m_top, e2 * m_under, m_under, speed * dt)",
        "dm, dh, dn = three_quotients(dm, dm_over, dh, dh_over, dn, dn_over)",
        "m, h, n = m + dm, h + dh, n + dn",
        "c_na = g_na * m**3 * h",
        "i_na = c_na * (v - e_na)",
        "# gates of k: delayed rectifier potassium channel (squid_n)",
        "x[CURRENT + i] = i_na + i_k + i_l",
    ):
        assert line in text
    assert "rise, fall = squid_m(u)" in derivative_source(SQUID_AXON)
    assert "from neurosim.physics.sodium import squid_h, squid_m" in derivative_source(
        SQUID_AXON
    )
    assert "clamp" in kernel_source(SQUID_AXON, clamp=True)
    assert "normals" not in text
    assert "normals" in kernel_source(SQUID_AXON, channel_noise=True)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_the_same_declaration_gives_the_same_text(model):
    wanted = {"k_o": 5.0, "temperature": [20.0, 25.0], "temperature_m": [30.0, 35.0]}
    values = {n: v for n, v in wanted.items() if n in model.parameters}
    assert kernel_source(model.at(**values)) == kernel_source(model)
    assert build.step_of(model.at(**values)) is build.step_of(model)


def test_different_functions_of_one_name_are_kept_apart():
    text = kernel_source(MOTOR_AXON)
    assert text.count("def internode") == 1  # four pieces, one function
    assert text.count("internode(x, runs, ") == 2  # and one call, in a loop
    names = build.name_functions(MOTOR_AXON).functions
    assert len(names) == len(set(names))


def test_pieces_under_myelin_hold_their_gates():
    text = kernel_source(MOTOR_AXON)
    assert "    node(x, runs, RECORD, dt, clock)" in text
    assert "    mysa(x, runs, 2 * RECORD, slow, clock)" in text
    assert "internode(x, runs, at, slow, clock)" in text
    assert text.count("return follow(x, runs, at)") == 2
    assert "fresh = 1 if kept else 6" in text  # the node's pivot alone is new
    assert "follow(x" not in kernel_source(MUSCLE_FIBRE)  # no myelin there


@equation
def summed(i_kf_stin3):
    return i_kf_stin3


def test_pieces_whose_currents_move_states_hold_none():
    states = (
        State(name="charge", initial=0.0, unit="mV", doc="of a piece", rule=summed),
    )
    text = kernel_source(replace(MOTOR_AXON, states=states, stiff=False))
    assert "internode(x, runs, at, dt, clock)" in text
    assert "    mysa(x, runs, 2 * RECORD, slow, clock)" in text  # nobody asks for its


@needs_jit
def test_lanes_not_in_use_stay_as_they_are():
    rows = rows_of(SQUID_AXON)
    block = to_blocks(rest_buffer(spread(SQUID_AXON))[0])[0]
    x = block.reshape(-1, ROW)
    x[rows.states["v"] // ROW] += 20.0
    before = x.copy()
    step_of(SQUID_AXON).advance(block, 3, 0.01, 0.04, (np.uint64(0), 0, 0))
    m = rows.states["m"] // ROW
    assert (x[m, :GROUP] != before[m, :GROUP]).all()
    np.testing.assert_array_equal(x[:, GROUP:], before[:, GROUP:])


def backwards(model):
    """Turn the chain round: it begins under myelin, where the stimulus then enters."""
    cable, last = model.geometry, len(model.geometry.table) - 1
    rows = [list(row) for row in cable.table[::-1]]
    for k, row in enumerate(rows):
        for column in (AXIAL, PERIAXONAL):
            row[column] = cable.table[last - 1 - k][column] if k < last else 0.0
    names = [p for c in model.compartments for p in c.instances][::-1]
    turned = replace(
        cable, table=tuple(map(tuple, rows)), pieces=tuple(names),
        stimulated=names[0], stimulus_share=1.0,
    )  # fmt: skip
    return replace(model, name="backwards", geometry=turned)


def test_where_a_stimulus_enters_no_gates_are_held():
    model = backwards(MOTOR_AXON)
    assert "internode(x, runs, RECORD, dt, clock)" in kernel_source(model) or (
        "internode(x, runs, at, dt, clock)" in kernel_source(model)
    )
    runs = [
        simulate(model, Step(1.0, 0.5, 1.5), duration=2.0, record="v_stin3",
                 record_every=0.5, solver=solver).v_stin3.values
        for solver in ("staggered", "reference")
    ]  # fmt: skip
    np.testing.assert_allclose(*runs, atol=0.02)


def test_held_gates_are_recorded_where_they_lie_in_the_middle_of_their_steps():
    every, fine = (
        simulate(MOTOR_AXON, Step(1.0, 0.5, 0.6), duration=2.0, record=["n_mysa"],
                 record_every=step, dt=dt).n_mysa
        for step, dt in ((0.005, 0.005), (0.005, 0.00125))
    )  # fmt: skip
    assert np.diff(every.time).max() == pytest.approx(0.02)
    there = fine.interp(time=every.time)
    assert float(np.abs(every - there).max()) < 5e-3


def test_channels_are_counted_on_the_whole_node():
    """15,500 to 24,000 sodium channels at 20 to 13 pS (nerve.md section 4)."""
    text = kernel_source(MRG_AXON, channel_noise=True)
    (line,) = [t for t in text.splitlines() if "count = " in t and "g_naf" in t]
    per = float(re.search(r"g_naf \* ([\d.e+-]+)", line)[1])
    assert 3000.0 * per / 13.0 == pytest.approx(23_900, rel=0.01)


def test_nothing_assumes_that_there_is_no_nan():
    assert {"contract", "nsz", "arcp"} >= FASTMATH
    assert not FASTMATH & {"nnan", "ninf", "fast", "reassoc", "afn"}


def calls_of(tree):
    """Return every call of a decorator or function with its keywords."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield {k.arg: k.value for k in node.keywords}
        if isinstance(node, ast.Dict):
            keys = [getattr(k, "value", None) for k in node.keys]
            yield dict(zip(keys, node.values, strict=True))


def test_only_generated_modules_are_cached(package):
    """An edit of an imported function would go unnoticed anywhere else."""
    homes = set()
    for file in package.rglob("*.py"):
        for keywords in calls_of(ast.parse(file.read_text("utf-8"))):
            value = keywords.get("cache")
            if isinstance(value, ast.Constant) and value.value is True:
                homes.add(file.relative_to(package).as_posix())
    assert homes == {"core/jit.py"}


STEM = """
from neurosim.lower import step_of
from neurosim.models import SQUID_AXON
print(step_of(SQUID_AXON).__name__)
"""


@pytest.mark.parametrize(
    "edited",
    ["physics/sodium.py", "core/march.py", "models/squid_axon.py", "units.py"],
)
def test_an_edit_of_what_a_kernel_is_made_of_gives_it_a_new_name(
    edited, package, tmp_path, in_python
):
    home = tmp_path / "copy"
    shutil.copytree(
        package, home / "neurosim", ignore=shutil.ignore_patterns("__pycache__")
    )
    cache = {"NEUROSIM_CACHE": str(tmp_path / "cache")}
    first = in_python(STEM, home=home, **cache)
    assert in_python(STEM, home=home, **cache) == first
    file = home / "neurosim" / edited
    file.write_text(file.read_text("utf-8") + "\n# edited\n", "utf-8")
    second = in_python(STEM, home=home, **cache)
    assert second != first
    assert len(list((tmp_path / "cache").glob("squid_axon_step_*.py"))) == 2


def test_another_digest_of_the_library_gives_another_name(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path))
    text = kernel_source(SQUID_AXON)
    first = build.load(SQUID_AXON, text, "step").__name__
    monkeypatch.setattr(build, "library_digest", lambda: b"other")
    assert build.load(SQUID_AXON, text, "step").__name__ != first
    assert build.load(SQUID_AXON, text + "\n", "step").__name__ != first


def test_the_folder_of_kernels_can_be_chosen_and_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "of" / "mine"))
    assert build.cache_folder() == tmp_path / "of" / "mine"
    assert (tmp_path / "of" / "mine").is_dir()


def test_a_folder_that_cannot_be_written_gives_way_to_a_temporary_one(
    monkeypatch, tmp_path
):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("NEUROSIM_CACHE", str(blocked / "inside"))
    monkeypatch.setattr(build.tempfile, "gettempdir", lambda: str(tmp_path / "temp"))
    assert build.cache_folder().parent == tmp_path / "temp"


CACHED = """
from neurosim import Step, simulate
from neurosim.lower import derivative_of, step_of
from neurosim.models import SQUID_AXON
run = simulate(SQUID_AXON, Step(10.0), duration=20.0, measure="spike_times", dt=0.0125)
step, rates = step_of(SQUID_AXON).run, derivative_of(SQUID_AXON).derivative
for entry in (step, rates):
    print(sum(entry.stats.cache_hits.values()), sum(entry.stats.cache_misses.values()))
print(*run.spike_time.values.tolist())
"""


@needs_jit
def test_a_second_process_loads_what_the_first_compiled(in_python):
    asked = {"duration": 20.0, "measure": "spike_times", "dt": 0.0125}
    here = simulate(SQUID_AXON, Step(10.0), **asked)
    stem = step_of(SQUID_AXON).__name__.rpartition(".")[2]
    folder = build.cache_folder() / "__pycache__"
    before = sorted(file.name for file in folder.glob(f"{stem}*"))
    assert any(name.endswith(".nbc") for name in before)
    step, rates, spikes = in_python(CACHED).splitlines()
    assert step == rates == "1 0"  # hits, misses
    assert sorted(file.name for file in folder.glob(f"{stem}*")) == before
    assert list(map(float, spikes.split())) == here.spike_time.values.tolist()


@needs_jit
def test_no_request_makes_the_kernel_compile_again():
    for protocol, more in (
        (None, {}),
        (Step([1.0, 2.0]), {"measure": "spike_times"}),
        (Fluctuation(1.0), {"record": ["v", "m"], "seed": 7}),
        ([Step(1.0, 2.0, 3.0)], {"first_run": 5, "record": "i_membrane"}),
    ):
        simulate(SQUID_AXON.at(k_o=[20.0, 21.0]), protocol, duration=5.0, **more)
    assert len(step_of(SQUID_AXON).run.signatures) == 1


def words_of(text, model):
    """Return the words of a kernel that are not its model's, where those occur."""
    scopes = model.wiring.scopes.values()
    own = {n for scope in scopes for pair in scope.items() for n in pair}
    own |= {c.name for c in model.compartments} | set(name_functions(model).functions)
    own |= {n.upper() for n in own}
    tree = ast.parse(text)
    found = {f.name for f in tree.body if isinstance(f, ast.FunctionDef)}
    for part in tree.body:
        names = [n for n in ast.walk(part) if isinstance(n, ast.Name)]
        stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        if not isinstance(part, ast.FunctionDef):
            found |= stored
        elif stored & own:
            found |= {n.id for n in names} | {a.arg for a in part.args.args}
    return found - own


@pytest.mark.parametrize("model", MODELS, ids=TITLES)
def test_what_a_kernel_calls_its_own_nobody_else_may(model):
    texts = [kernel_source(model, channel_noise=noise) for noise in (False, True)]
    texts.append(derivative_source(model))
    if isinstance(model.geometry, Patch) and not model.states:
        texts.append(adaptive_source(model))
    words = set().union(*(words_of(text, model) for text in texts))
    assert words > {"x", "runs", "whole"}
    known, made = RESERVED | FUNCTIONS, words_made(model.compartments)
    free = [w for w in words if not is_reserved(w, known) and not made.fullmatch(w)]
    assert free == []


@pytest.fixture(scope="module")
def local():
    """Return a model whose functions live in a function, as in a notebook."""

    @equation
    def relaxed(v):
        return (0.1, 0.3) if v > -100.0 else (0.2, 0.1)

    @equation
    def rates(v, scale):
        return scale * (v + 60.0), scale

    return Model(
        name="local", title="declared in a function", source="made up", doc="",
        compartments=(
            Compartment(
                name="soma",
                channels=(
                    Channel(
                        name="a", source="made up", current=rates,
                        gates=(Gate("z", relaxed),),
                        params=(Param("scale", 0.8, "mS/cm2", "conductance"),),
                    ),
                ),
            ),
        ),
        geometry=Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance")),
    )  # fmt: skip


@needs_jit
def test_functions_of_a_notebook_work_without_a_file(local):
    run = simulate(
        local, VoltageClamp(-20.0, holding=-20.0), duration=100.0,
        record=["z", "i_membrane"], initial_v=-60.0,
    )  # fmt: skip
    assert float(run.z[-1]) == pytest.approx(0.25, abs=1e-9)
    assert float(run.i_membrane[-1]) == pytest.approx(0.25 * 0.8 * 40.0, rel=1e-9)
    assert not list(build.cache_folder().glob("local_step_*"))


@needs_jit
def test_functions_may_be_called_like_words_of_the_kernel(local):
    assert re.search(r"rise, fall = \w+_relaxed\(u\)", kernel_source(local))
    asked = {"duration": 1.0, "record": "v", "initial_v": -40.0}
    solvers = ("staggered", "adaptive", "reference")
    ends = [float(simulate(local, **asked, solver=s).v[-1]) for s in solvers]
    assert np.ptp(ends) < 1e-3  # mV


def test_models_that_differ_in_a_function_only_do_not_share_a_kernel():
    """Text, names and file are the same; what the function closes over is not."""

    def made(factor):
        @equation
        def linear(v):
            return factor * v, factor

        channel = Channel(name="a", source="made up", current=linear)
        return linear, Model(
            name="same", title="", source="made up", doc="",
            compartments=(Compartment(name="soma", channels=(channel,)),),
            geometry=Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance")),
        )  # fmt: skip

    for linear, model in (made(1.0), made(2.0)):
        assert step_of(model).linear is linear


def test_each_model_has_a_module_of_its_own():
    names = {step_of(model).__name__ for model in MODELS}
    names |= {step_of(model, channel_noise=True).__name__ for model in MODELS}
    assert len(names) == 2 * len(MODELS)
