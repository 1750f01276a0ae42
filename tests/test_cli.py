"""The command line: what it prints, what it writes, how it ends."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from neurosim import __version__, doctor, experiments, models
from neurosim.cli import commands, main
from neurosim.errors import NeurosimError

FIRING = ["squid_axon", "--stimulus", "step:10:5:45", "--duration", "60"]
HEAVY = {
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pydantic",
    "scipy",
    "tqdm",
    "xarray",
}


@pytest.fixture
def run(capsys):
    """Carry out a command line; return exit code, stdout and stderr."""

    def run(*words):
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def refused(run, *words):
    """Return the one sentence with which a command line is refused."""
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert err.startswith("neurosim: ")
    assert err.count("\n") == 1
    return err


def test_version_and_help(run):
    assert run("--version") == (0, f"neurosim {__version__}\n", "")
    code, out, _ = run()
    assert code == 0
    assert out == run("--help")[1]
    for name in ("models", "describe", "simulate", "sweep", "reproduce", "experiment",
                 "doctor", "warmup"):  # fmt: skip
        assert re.search(rf"^  {name} +[A-Z]", out, re.MULTILINE)
        assert run(name, "--help")[0] == 0


def imported(*words):
    """Return which heavy libraries a command imports, in a process of its own."""
    script = (
        "import sys; from neurosim.cli import main; code = main(sys.argv[1:]); "
        f"print(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["models"],
                                   ["sweep", "--help"], ["experiment"]])  # fmt: skip
def test_what_does_not_simulate_imports_nothing_heavy(words):
    assert imported(*words) == set()


def test_printing_a_run_needs_no_labelled_arrays():
    assert not {"matplotlib", "pandas", "xarray"} & imported("simulate", *FIRING)


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "neurosim", "simulate", "squid_axo", "--duration", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Did you mean 'squid_axon'?" in done.stderr


def test_commands_stay_short():
    for command in commands.commands.values():
        source = Path(command.callback.__code__.co_filename).read_text(encoding="utf-8")
        first = command.callback.__code__.co_firstlineno
        block = source.splitlines()[first - 1 :]
        begin = next(k for k, line in enumerate(block) if line.startswith("def "))
        body = block[begin:]
        ends = (k for k, line in enumerate(body[1:], 1) if line and line[0] != " ")
        length = next(ends, len(body))
        assert len([line for line in body[1:length] if line.strip()]) <= 15


def test_models_are_listed(run):
    code, out, _ = run("models")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(models.TITLES)


def test_describe(run):
    from neurosim.describe import describe

    model = models.find("squid_axon")
    assert run("describe", "squid_axon") == (0, describe(model), "")
    assert run("describe", "SQUID_AXON", "--markdown")[1] == describe(
        model, markdown=True
    )


def test_simulate_prints_what_was_measured(run):
    code, out, err = run(
        "simulate",
        *FIRING,
        "--measure",
        "spike_times",
        "--measure",
        "rest",
        "--seed",
        3,
    )
    assert (code, err) == (0, "")
    assert "60 ms in steps of adaptive length, solver adaptive, seed 3" in out
    assert re.search(r"^spike_time +6\.9\d*, 21\.8\d*, 36\.4\d* ms$", out, re.MULTILINE)
    assert re.search(r"^rest +-6[45]\.\d+ mV$", out, re.MULTILINE)
    assert re.search(r"^status +ok$", out, re.MULTILINE)
    assert "written" not in out


def test_simulate_takes_units_and_a_bath(run):
    _, plain, _ = run("simulate", *FIRING, "--set", "ca_o=20", "--dt", "0.01")
    _, other, _ = run(
        "simulate", "squid_axon", "--stimulus", "step:10 uA/cm2:5 ms:0.045 s",
        "--duration", "0.06 s", "--set", "ca_o = 20 mM", "--dt", "10 us",
    )  # fmt: skip
    assert other == plain
    assert re.search(r"^spike_count +5$", plain, re.MULTILINE)  # 3 at 44 mM
    _, resting, _ = run("simulate", *FIRING, "--set", "ca_o=20", "--initial", "rest")
    assert "from the rest of this bath" in resting


def test_simulate_writes_data_and_a_picture(run, tmp_path):
    out, plot = tmp_path / "trace.nc", tmp_path / "trace.png"
    code, said, _ = run("simulate", *FIRING, "--out", out, "--plot", plot)
    assert code == 0
    assert said.endswith(f"written to {out}\nwritten to {plot}\n")
    with xr.open_dataset(out) as found:
        assert float(found["spike_count"]) == 3.0
        assert found["spike_time"].size == 3  # which the picture marks
        assert found["v"].max() > 30.0
        assert found.attrs["version"] == __version__
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.iterdir()} == {"trace.nc", "trace.png"}
    run("simulate", *FIRING, "--record", "m", "--record", "h", "--out", out)
    with xr.open_dataset(out) as found:
        assert {"m", "h"} <= set(found)
        assert "v" not in found


def test_a_diverged_run_is_reported_and_kept(run, tmp_path):
    out = tmp_path / "trace.nc"
    words = ["squid_axon", "--stimulus", "step:1e9:5:45", "--duration", "60"]
    code, said, err = run("simulate", *words, "--out", out)
    assert code == 1
    assert re.search(r"^status +diverged$", said, re.MULTILINE)
    assert re.search(r"^spike_count +no value$", said, re.MULTILINE)
    assert re.fullmatch(
        r"neurosim: 1 of 1 runs diverged, the first \(run 0\) at t = 5[.\d]* ms, where "
        r"v passed 2000 mV or a state was no number; try tolerance = 3e-07, "
        r"solver = 'staggered' .*\n", err,
    )  # fmt: skip
    with xr.open_dataset(out) as found:
        assert int(found["status"]) == 1
        assert float(found["failed_at"]) == pytest.approx(5.0, abs=0.1)


def test_sweep_from_options_and_from_a_file(run, tmp_path):
    folder = tmp_path / "options"
    options = ["squid_axon", "--over", "ca_o=20:44:3", "--over", "k_o=18.0,20.0",
               "--set", "temperature=10", "--stimulus", "step:10:5:45",
               "--duration", "60", "--measure", "spike_count",
               "--seed", "4"]  # fmt: skip
    code, out, err = run("sweep", *options, "--out", folder)
    assert code == 0, err
    assert "over 20 to 44 mM (3 values)" in out
    assert f"written to {folder}" in out
    request = tmp_path / "request.toml"
    request.write_text(
        'model = "squid_axon"\nduration = 60\nmeasure = ["spike_count"]\nseed = 4\n'
        'stimulus = ["step:10:5:45"]\n[over]\nca_o = "20:44:3"\nk_o = [18.0, 20.0]\n'
        "[set]\ntemperature = 10.0\n",
        encoding="utf-8",
    )
    result = tmp_path / "file.nc"
    assert run("sweep", request, "--out", result)[0] == 0
    with xr.open_dataset(folder / "result.nc") as one, xr.open_dataset(result) as other:
        assert one["spike_count"].dims == ("ca_o", "k_o")
        assert (one["spike_count"] > 0).all()
        xr.testing.assert_identical(one["spike_count"], other["spike_count"])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest
    assert "--resume" in refused(run, "sweep", *options, "--out", folder)
    assert run("sweep", *options, "--out", folder, "--resume")[0] == 0
    said = refused(run, "sweep", request, "--seed", "5", "--out", tmp_path / "more")
    assert "write seed there" in said


def test_sweep_with_a_diverged_run(run, tmp_path):
    code, out, err = run(
        "sweep", "squid_axon", "--over", "amplitude=10.0,1e9", "--stimulus",
        "step:10:5:45", "--duration", "60", "--measure", "spike_count", "--out",
        tmp_path / "folder",
    )  # fmt: skip
    assert code == 1
    assert "1 ok, 1 diverged" in out
    assert "1 of 2 runs diverged" in err


SWEPT = ["sweep", "squid_axon", "--stimulus", "step:10:5:45", "--duration", "60",
         "--measure", "spike_count"]  # fmt: skip


def test_a_sweep_is_drawn_when_it_is_on_the_disk(run, tmp_path):
    folder = tmp_path / "swept"
    words = [*SWEPT, "--measure", "spike_rate", "--over", "ca_o=20:44:3"]
    plot = folder / "swept.svg"
    code, out, err = run(*words, "--out", folder, "--plot", plot)
    assert (code, err) == (0, "")
    assert out.endswith(f"written to {folder}\nwritten to {plot}\n")
    text = plot.read_text(encoding="utf-8")
    for word in ("number of spikes", "spikes per second", "Ca outside (mM)"):
        assert word in text
    before = plot.read_bytes()
    assert run(*words, "--out", folder, "--plot", plot, "--resume")[0] == 0
    assert plot.read_bytes() == before
    request = tmp_path / "request.toml"
    request.write_text(
        'model = "squid_axon"\nduration = 60\nmeasure = ["spike_count"]\n'
        'stimulus = ["step:10:5:45"]\n[over]\nca_o = "20:44:3"\nk_o = [18.0, 20.0]\n',
        encoding="utf-8",
    )
    plot = tmp_path / "file.png"
    code, out, _ = run("sweep", request, "--out", tmp_path / "f.nc", "--plot", plot)
    assert code == 0
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_cannot_be_is_refused_before_the_sweep(run, tmp_path):
    folder = tmp_path / "swept"
    end = ["--out", folder, "--plot", tmp_path / "a.png"]
    axes = ["--over", "ca_o=20:44:3", "--over", "k_o=18.0,20.0"]
    said = refused(run, *SWEPT, *axes, "--over", "amplitude=5.0,10.0", *end)
    assert "this sweep has 3 (ca_o, k_o, amplitude)" in said
    assert "sweep_figure(dataset.isel(name=0))" in said
    assert "this sweep has 0 (none)" in refused(run, *SWEPT, *end)
    said = refused(run, *SWEPT, *axes, *end[:-1], tmp_path / "a.doc")
    assert "a.doc: end the name with .png" in said
    assert not list(tmp_path.iterdir())


def test_a_sweep_that_cannot_be_drawn_is_kept(run, tmp_path):
    out = tmp_path / "swept.nc"
    words = [*SWEPT[:-1], "spike_times", "--over", "ca_o=20:44:3"]
    code, said, err = run(*words, "--out", out, "--plot", tmp_path / "a.png")
    assert code == 2
    assert said.endswith(f"written to {out}\n")
    assert f"measure e.g. spike_count. The sweep itself is whole, in {out}." in err
    assert [path.name for path in tmp_path.iterdir()] == ["swept.nc"]


def test_a_clamp_is_drawn_with_its_current(run, tmp_path):
    words = ["squid_axon", "--stimulus", "clamp:0:2:6", "--duration", "10"]
    plot = tmp_path / "clamp.svg"
    code, out, _ = run("simulate", *words, "--plot", plot)
    assert code == 0
    assert re.search(r"^i_membrane +-\d+.* µA/cm²", out, re.MULTILINE)
    text = plot.read_text(encoding="utf-8")
    assert "command (mV)" in text
    assert "i_membrane" in text
    assert "spikes" not in text


def test_reproduce_passes_its_options_on(run, tmp_path, monkeypatch):
    from neurosim.claims import reproduce as module

    asked = {}

    def reproduce(ids, *, progress, helper, **options):
        progress(1)
        asked.update(options, ids=tuple(ids))
        assert helper.submit(abs, -1).result() == 1
        return []

    monkeypatch.setattr(module, "reproduce", reproduce)
    out = tmp_path / "report"
    words = ["C07", "C34", "--draws", "150", "--seed", "9", "--out", out]
    code, said, err = run("reproduce", *words)
    assert (code, err) == (0, "")
    assert said.endswith(f"0 claims: none\nreport: {out / 'report.html'}\n")
    assert asked == {"ids": ("C07", "C34"), "level": "normal", "draws": 150, "seed": 9,
                     "out": out}  # fmt: skip
    run("reproduce", "--quick")
    assert asked["level"] == "quick"
    assert asked["draws"] is None
    assert asked["out"] == Path("neurosim-report")
    run("reproduce", "--thorough")
    assert asked["level"] == "thorough"


def test_experiments_are_listed_and_run(run, tmp_path, monkeypatch):
    folder = tmp_path / "experiments"
    folder.mkdir()
    (folder / "how_many.py").write_text(
        '"""How many?\n\nMore."""\n\n\ndef run(quick, out):\n'
        '    (out / "figure.txt").write_text("drawn")\n'
        '    return "few" if quick else "many"\n',
        encoding="utf-8",
    )
    (folder / "_shared.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(experiments, "folder", lambda: folder)
    assert run("experiment")[1].split() == ["how_many", "How", "many?"]
    out = tmp_path / "new" / "here"
    said = run("experiment", "how-many", "--quick", "--out", out)
    assert said == (0, f"few\nwritten to {out}\n", "")
    assert (out / "figure.txt").read_text(encoding="utf-8") == "drawn"
    assert "Did you mean 'how_many'?" in refused(run, "experiment", "how_mny")
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = refused(run, "experiment", "how_many", "--out", blocked / "in")
    assert "cannot be made" in said


def test_every_shipped_experiment_asks_a_question():
    for name, question in experiments.questions().items():
        assert question.endswith("?"), name


def test_doctor_on_a_sound_machine(run):
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    for what in ("neurosim", "Python", *doctor.PACKAGES, "processor", "cores",
                 "kernel cache", "self test"):  # fmt: skip
        assert re.search(rf"^{what} +.*: ok$", out, re.MULTILINE), what
    assert "rests at -65.00 mV" in out


def test_doctor_says_what_to_do(run, tmp_path, monkeypatch):
    blocked, temporary = tmp_path / "file", tmp_path / "temporary"
    blocked.write_text("")
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("NEUROSIM_CACHE", str(blocked))
    found = doctor.cache()
    assert not found.ok
    assert str(temporary) in found.value
    assert f"NEUROSIM_CACHE = {blocked} cannot be written" in found.remedy
    assert "set NEUROSIM_CACHE" in found.remedy
    for folder in (tmp_path, temporary / "chosen"):
        monkeypatch.setenv("NEUROSIM_CACHE", str(folder))
        assert doctor.cache().ok
        assert f"{folder} (0 compiled kernels)" == doctor.cache().value
    assert "pip install nowhere" in doctor.package("nowhere").remedy

    def broken():
        raise OSError("no such\nthing")

    def refused():
        raise NeurosimError("no folder; set NEUROSIM_CACHE.")

    broken.__name__, refused.__name__ = "self_test", "cache"
    monkeypatch.setattr(doctor, "self_test", broken)
    monkeypatch.setattr(doctor, "cache", refused)
    code, out, _ = run("doctor")
    assert code == 1
    assert re.search(r"^self test +no such thing: NOT OK\n +install", out, re.MULTILINE)
    assert re.search(r"^cache +no folder; .*: NOT OK\n +do what", out, re.MULTILINE)


def test_doctor_notices_a_wrong_result(monkeypatch):
    monkeypatch.setattr(doctor, "REST", -64.0)
    found = doctor.self_test()
    assert not found.ok
    assert "empty the kernel cache" in found.remedy


def test_warmup(run, monkeypatch):
    monkeypatch.setattr(models, "TITLES", {"squid_axon": "squid"})
    code, out, _ = run("warmup")
    assert code == 0
    assert re.fullmatch(r"squid_axon +\d+\.\d s\n", out)


def test_stopping_leaves_one_line(run, monkeypatch):
    from neurosim import simulation

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(simulation, "simulate", SimpleNamespace(plain=stop))
    code, out, err = run("simulate", *FIRING)
    assert code == 130
    assert out == ""
    assert err.strip() == "neurosim: stopped; what was finished is kept."


def test_a_full_disk_is_one_sentence(run, monkeypatch, tmp_path):
    def fill(self, *_, **__):
        raise OSError(28, "No space left on device", str(tmp_path / "trace.nc"))

    monkeypatch.setattr(xr.Dataset, "to_netcdf", fill)
    said = refused(run, "simulate", *FIRING, "--out", tmp_path / "trace.nc")
    assert "No space left on device" in said

    def lost(*_, **__):
        raise FileNotFoundError(2, "No such file or directory", "figure.png")

    monkeypatch.setattr("neurosim.simulation.simulate", SimpleNamespace(plain=lost))
    assert "figure.png: No such file" in refused(run, "simulate", *FIRING)


def test_a_folder_is_not_to_be_made_again(run, tmp_path):
    folder = tmp_path / "trace.nc"
    folder.mkdir()
    said = refused(run, "simulate", *FIRING, "--out", folder)
    assert "is a folder; take another name" in said
    said = refused(run, "simulate", *FIRING, "--out", tmp_path / "no" / "trace.nc")
    assert "needs the folder" in said
    assert "make it" in said


def test_numbers_do_not_depend_on_how_often_they_are_asked_for(run):
    words = ["squid_axon", "--stimulus", "noise:2", "--duration", "200", "--seed", "5"]
    first, again = run("simulate", *words), run("simulate", *words)
    assert first == again
    other = run("simulate", *words[:-1], "6", "--record", "v")[1]
    assert other != first[1]
    assert np.isfinite(float(re.search(r"^spike_rate +([\d.]+) ", other, re.M)[1]))
