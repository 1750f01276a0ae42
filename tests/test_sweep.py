import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neurosim import store
from neurosim import sweep as module
from neurosim.core.block import LANES
from neurosim.errors import NeurosimError
from neurosim.measure import of_model, of_run
from neurosim.models import SQUID_AXON
from neurosim.protocol import Fluctuation, Step, Train, VoltageClamp
from neurosim.request import read_axis, read_request, read_stimulus
from neurosim.simulation import simulate
from neurosim.sweep import sweep, sweep_from_toml

NOISY = SQUID_AXON.at(ca_o=np.linspace(12, 44, 50), k_o=[18.0, 20.0])
PUSHED = [Step([0.0, 12.0, 40.0], 0.5, 19.0), Fluctuation(1.0, 5.0)]
ASKED = {
    "duration": 20.0,
    "measure": ["spike_count", "spike_times", "last_spike", "rest"],
    "seed": 7,
    "shard": LANES,
}
SHARDS = 5  # 50 x 2 x 3 runs
SMALL = {"duration": 1.0, "measure": "spike_count"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "sweep"
    sweep(NOISY, PUSHED, out=folder, **ASKED)
    return folder


def resumed(folder, **more):
    """Finish a sweep of the standard request; return the bytes of its result."""
    sweep(NOISY, PUSHED, out=folder, resume=True, **(ASKED | more))
    return (folder / "result.nc").read_bytes()


def copied(whole, folder, *numbers):
    """Copy a sweep with only some of its shards."""
    (folder / "shards").mkdir(parents=True)
    (folder / "manifest.json").write_bytes((whole / "manifest.json").read_bytes())
    for number in numbers:
        for path in store.shard_paths(whole, number):
            (folder / "shards" / path.name).write_bytes(path.read_bytes())
    return folder


def read(folder, name="manifest.json"):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def check_same(tmp_path, model, protocol=None, **asked):
    expected = simulate(model, protocol, **asked)
    found = sweep(model, protocol, out=tmp_path / "s", shard=LANES, **asked)
    xr.testing.assert_identical(found, expected)
    xr.testing.assert_identical(xr.load_dataset(tmp_path / "s/result.nc"), expected)
    return found


def test_a_sweep_is_a_simulation(whole):
    asked = {k: v for k, v in ASKED.items() if k != "shard"}
    expected = simulate(NOISY, PUSHED, **asked)
    assert expected.sizes["spike"] > 1
    assert len({int(n) for n in expected["spike_count"].values.ravel()}) > 1
    xr.testing.assert_identical(xr.load_dataset(whole / "result.nc"), expected)


@pytest.mark.parametrize(
    ("model", "protocol", "options"),
    [
        (SQUID_AXON, Step(10.0), {"measure": ["spike_count", "rest"]}),
        (SQUID_AXON, Step(np.linspace(0, 9, 130)), {"measure": ["rest", "spike_rate"]}),
        (
            SQUID_AXON.along(
                "sample", ca_o=np.linspace(8, 44, 70), g_na=np.linspace(90, 130, 70)
            ),
            Step([0.0, 5.0]),
            {"measure": "spike_times", "initial": "rest"},
        ),
        (
            SQUID_AXON.at(k_o=np.linspace(15, 25, 70)),
            None,
            {"measure": "spike_count", "channel_noise": True, "initial_v": -60.0},
        ),
        (
            SQUID_AXON.at(k_o=[18.0, 20.0]),
            Step(8.0),
            {"measure": "spike_count", "solver": "reference"},
        ),
    ],
    ids=["one run", "amplitudes", "along", "channel noise", "reference solver"],
)
def test_every_kind_of_request_equals_simulate(tmp_path, model, protocol, options):
    check_same(tmp_path, model, protocol, duration=4.0, seed=3, **options)


def test_thresholds_agree_within_the_width_at_which_they_are_found(tmp_path):
    model = SQUID_AXON.at(ca_o=np.linspace(20, 44, 40), k_o=[19.0, 20.0])
    expected = simulate(model, duration=0.1, measure="threshold")["threshold"]
    step = Step([0.0, 1.0, 2.0])
    found = sweep(
        model, step, duration=0.1, measure="threshold", out=tmp_path / "s", shard=LANES
    )["threshold"]
    assert found.dims == ("ca_o", "k_o")
    assert found.attrs == expected.attrs
    np.testing.assert_array_equal(found, expected)


def test_runs_that_diverge_are_data(tmp_path):
    model = SQUID_AXON.at(e_l=np.where(np.arange(70) == 66, 1e9, -54.387))
    found = check_same(tmp_path, model, Step(5.0), duration=4.0, measure="spike_count")
    assert found["status"].values.tolist() == [1 if k == 66 else 0 for k in range(70)]
    assert np.isfinite(found["failed_at"].values[66])
    counts = {"ok": 69, "diverged": 1, "no_stable_rest": 0, "missing": 0}
    assert read(tmp_path / "s")["counts"] == counts


def test_the_manifest_says_what_was_asked(whole):
    manifest = read(whole)
    assert manifest["state"] == "finished"
    assert manifest["counts"]["ok"] == 300
    assert manifest["seed"] == 7
    assert {"neurosim", "python", "numpy", "scipy", "numba"} <= set(
        manifest["versions"]
    )
    config = manifest["config"]
    assert config["model"] == "squid_axon"
    assert config["over"]["k_o"] == [18, 20]
    assert config["protocol"][0] == {
        "piece": "Step", "amplitude": [0, 12, 40], "start": 0.5, "stop": 19
    }  # fmt: skip
    text = json.dumps(config, sort_keys=True, ensure_ascii=False)
    assert manifest["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    with xr.open_dataset(whole / "result.nc", group="sweep") as about:
        assert json.loads(str(about["config"].values)) == config


def test_deleted_shards_are_done_again_to_the_same_bytes(whole, tmp_path):
    folder = copied(whole, tmp_path / "s", 0, 3)
    assert resumed(folder) == (whole / "result.nc").read_bytes()
    assert (folder / "manifest.json").read_bytes() == (
        whole / "manifest.json"
    ).read_bytes()
    log = read(folder, "log.json")
    assert (log["shards_found"], log["shards_run"]) == (2, 3)


@pytest.mark.parametrize("harm", ["flip", "cut", "no sum", "empty", "foreign"])
def test_damaged_shards_are_noticed_and_done_again(whole, tmp_path, harm):
    folder = copied(whole, tmp_path / "s", *range(SHARDS))
    path, sums = store.shard_paths(folder, 2)
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
    if harm == "no sum":
        sums.unlink()
    path.write_bytes({"cut": data[:-100], "empty": b""}.get(harm, data))
    if harm == "foreign":  # sound in itself, but of another sweep
        arrays = dict(np.load(io.BytesIO(data)))
        store.write_shard(folder, 2, arrays | {"key": arrays["key"][::-1]})
    assert resumed(folder) == (whole / "result.nc").read_bytes()
    log = read(folder, "log.json")
    assert (log["shards_damaged"], log["shards_run"]) == ([2], 1)
    assert path.read_bytes() == store.shard_paths(whole, 2)[0].read_bytes()


def forged(shape, **more):
    """Return an npz whose header promises a shape that is not there."""
    header = {"descr": "<f8", "fortran_order": False, "shape": shape} | more
    npy = io.BytesIO()
    np.lib.format.write_array_header_1_0(npy, header)
    npy.write(bytes(24))
    npz = io.BytesIO()
    with store.zipfile.ZipFile(npz, "w") as archive:
        archive.writestr("a.npy", npy.getvalue())
    return npz.getvalue()


def test_headers_are_checked_before_room_is_made():
    assert store.read_arrays(forged((3,)), {"a": 3})["a"].tolist() == [0, 0, 0]
    for data in (forged((3, 1 << 40)), forged((1 << 50,)), forged((3,), descr="|O")):
        with pytest.raises(ValueError, match="a has"):
            store.read_arrays(data, {"a": 3})
    with pytest.raises(ValueError, match="not 4 in front"):
        store.read_arrays(forged((3,)), {"a": 4})
    with pytest.raises(ValueError, match="other arrays"):
        store.read_arrays(forged((3,)), {"b": 3})


def test_number_and_kind_of_workers_do_not_matter(whole, tmp_path):
    expected = (whole / "result.nc").read_bytes()
    assert resumed(tmp_path / "one", threads=1) == expected
    with ThreadPoolExecutor(3) as pool:
        assert resumed(tmp_path / "pool", executor=pool) == expected
    assert resumed(tmp_path / "processes", executor="processes", threads=1) == expected


def test_the_size_of_shards_does_not_matter(whole, tmp_path):
    sweep(NOISY, PUSHED, out=tmp_path / "s.nc", **(ASKED | {"shard": 3 * LANES - 1}))
    found = xr.load_dataset(tmp_path / "s.nc")
    xr.testing.assert_identical(found, xr.load_dataset(whole / "result.nc"))


def test_a_dask_cluster_gives_the_same(whole, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=None
    ) as cluster:
        found = resumed(
            tmp_path / "s", executor="dask", scheduler=cluster.scheduler_address
        )
    assert found == (whole / "result.nc").read_bytes()


def test_without_dask_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NeurosimError, match=r"extra 'cluster'.*executor='processes'"):
        sweep(SQUID_AXON, out=tmp_path / "s", executor="dask", **SMALL)


def test_a_second_process_is_locked_out(tmp_path):
    hold = (
        "import sys, filelock\n"
        "with filelock.FileLock(sys.argv[1]):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    lock = tmp_path / store.LOCK
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(lock)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(NeurosimError, match="being written by another process"):
            sweep(SQUID_AXON, out=tmp_path, **SMALL)
        other.stdin.close()
    sweep(SQUID_AXON, out=tmp_path, **SMALL)
    assert read(tmp_path)["state"] == "finished"


CHILD = textwrap.dedent("""
    import signal, sys, time
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, sys.argv[1])
    import neurosim.sweep as module
    from test_sweep import ASKED, LANES, NOISY, PUSHED
    run_task = module.run_task
    def stuck(task, *how):
        if task.first == 2 * LANES:
            time.sleep(600)
        return run_task(task, *how)
    module.run_task = stuck
    module.sweep(NOISY, PUSHED, out=sys.argv[2], **ASKED)
""")
ENDS = ("SIGINT", "SIGKILL")


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    """Start sweeps that get stuck in their third shard, all at the same time."""
    folder, here = tmp_path_factory.mktemp("children"), Path(__file__).parent
    env = os.environ | {"PYTHONPATH": str(Path(module.__file__).parents[1])}
    started = {
        name: subprocess.Popen(
            [sys.executable, "-c", CHILD, str(here), str(folder / name)],
            stderr=subprocess.PIPE, env=env,
        )
        for name in ENDS
    }  # fmt: skip
    yield folder, started
    for child in started.values():
        with child:
            child.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("name", ENDS)
def test_a_sweep_survives_its_end(whole, children, name):
    folder, child = children[0] / name, children[1][name]
    limit = time.monotonic() + 60
    while not store.shard_paths(folder, 1)[1].exists():
        assert child.poll() is None, child.stderr.read()
        assert time.monotonic() < limit
        time.sleep(0.02)
    while read(folder)["counts"]["ok"] < 2 * LANES:
        time.sleep(0.02)
    child.send_signal(getattr(signal, name))
    said = child.stderr.read().decode()
    assert child.wait(10) != 0
    manifest = read(folder)
    counts = {"ok": 128, "diverged": 0, "no_stable_rest": 0, "missing": 172}
    assert manifest["counts"] == counts
    if name == "SIGKILL":
        assert manifest["state"] == "running"
    else:
        assert manifest["state"] == "interrupted"
        assert said.strip().endswith("KeyboardInterrupt")
    (folder / "shards" / "00004.npz.tmp").write_bytes(b"half a shard")
    assert resumed(folder) == (whole / "result.nc").read_bytes()
    assert read(folder, "log.json")["shards_found"] == 2
    assert not list(folder.rglob("*.tmp"))


def test_sigterm_stops_like_ctrl_c(whole, tmp_path, monkeypatch):
    run_task, before = module.run_task, signal.getsignal(signal.SIGTERM)

    def terminated(task, *how):
        if task.first == LANES:
            signal.raise_signal(signal.SIGTERM)
        return run_task(task, *how)

    monkeypatch.setattr(module, "run_task", terminated)
    with pytest.raises(KeyboardInterrupt):
        resumed(tmp_path / "s")
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGTERM) == before
    assert read(tmp_path / "s")["state"] == "interrupted"
    assert resumed(tmp_path / "s") == (whole / "result.nc").read_bytes()
    assert read(tmp_path / "s", "log.json")["shards_found"] == 1


def broken_at(number, error):
    """Return a measure that raises an error when it comes to some shard."""

    @of_run("", "raises")
    def broken(outcome):
        if outcome.ensemble.coords["run"][0] == number * LANES:
            raise error
        return outcome.counts

    return broken


def test_an_error_in_one_shard_leaves_the_others(tmp_path):
    asked = {"model": SQUID_AXON.at(k_o=np.linspace(18, 20, 200)), "duration": 1.0}
    with pytest.raises(ZeroDivisionError):
        sweep(**asked, measure=broken_at(2, ZeroDivisionError()), out=tmp_path / "s",
              shard=LANES)  # fmt: skip
    manifest = read(tmp_path / "s")
    assert manifest["state"] == "interrupted"
    assert manifest["counts"]["missing"] == 200 - 2 * LANES
    found = sweep(**asked, measure=broken_at(9, None), out=tmp_path / "s", shard=LANES,
                  resume=True)  # fmt: skip
    assert found["broken"].shape == (200,)
    assert read(tmp_path / "s", "log.json")["shards_found"] == 2


def test_a_full_disk_is_one_sentence_and_loses_nothing(whole, tmp_path, monkeypatch):
    folder, fsync = tmp_path / "s", os.fsync

    def full(handle):
        if store.shard_paths(folder, 2)[0].with_suffix(".npz.tmp").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(NeurosimError, match=r"00002.npz could not.*No space left") as e:
        resumed(folder)
    assert "\n" not in str(e.value)
    monkeypatch.undo()
    assert read(folder)["state"] == "interrupted"
    assert resumed(folder) == (whole / "result.nc").read_bytes()
    assert read(folder, "log.json")["shards_found"] == 2


def test_a_folder_with_something_in_it_is_left_alone(whole, tmp_path):
    with pytest.raises(NeurosimError, match=r"--resume.*another folder"):
        sweep(NOISY, PUSHED, out=whole, **ASKED)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(NeurosimError, match="another folder"):
        sweep(SQUID_AXON, out=tmp_path, **SMALL)
    with pytest.raises(NeurosimError, match=r"holds no manifest\.json"):
        sweep(SQUID_AXON, out=tmp_path, resume=True, **SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(NeurosimError, match="cannot be a folder"):
        sweep(SQUID_AXON, out=tmp_path / "thesis.txt", **SMALL)


def test_a_broken_manifest_is_a_sentence(whole, tmp_path):
    folder = copied(whole, tmp_path / "s")
    for text in ("{", "[]"):
        (folder / "manifest.json").write_text(text)
        with pytest.raises(NeurosimError, match=r"manifest\.json cannot be read"):
            resumed(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 8}, "seed = 7, not 8"),
        ({"duration": 11}, "duration = 20, not 11"),
        ({"dt": 0.01}, r"dt = 0\.0125, not 0\.01"),
        ({"shard": 2 * LANES}, "shard = 64, not 128"),
        ({"measure": "spike_count"}, r"measure = \[.*\], not \[.spike_count.\]"),
        ({"initial": "rest"}, r"initial = .reference., not .rest."),
        (
            {"model": NOISY.at(k_o=[18.0, 21.0])},
            r"over\.k_o\[1\] = 20, not 21",
        ),
        ({"model": NOISY.at(g_k=30.0)}, r"set\.g_k = null, not 30"),
        ({"protocol": Step([0.0, 12.0, 40.0])}, r"protocol = \[.*, not \["),
        (
            {"protocol": [PUSHED[0], Fluctuation(1.5, 5.0)]},
            r"protocol\[1\]\.sigma = 1, not 1\.5",
        ),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_another_request_names_what_differs(whole, change, said):
    asked = {"model": NOISY, "protocol": PUSHED} | ASKED | change
    with pytest.raises(NeurosimError, match=said):
        sweep(**asked, out=whole, resume=True)


def test_a_name_in_nc_is_the_result_itself(tmp_path):
    out = tmp_path / "deep" / "result.nc"
    found = sweep(SQUID_AXON.at(k_o=[18.0, 20.0]), out=out, **SMALL)
    assert [p.name for p in out.parent.iterdir()] == ["result.nc"]
    xr.testing.assert_identical(xr.load_dataset(out), found)
    again = sweep(SQUID_AXON.at(k_o=[18.0, 20.0]), out=out, resume=True, **SMALL)
    xr.testing.assert_identical(again, found)
    with pytest.raises(NeurosimError, match="is there already"):
        sweep(SQUID_AXON.at(k_o=[18.0, 20.0]), out=out, **SMALL)
    with pytest.raises(NeurosimError, match=r"over\.k_o = \[18, 20\], not \[19\]"):
        sweep(SQUID_AXON.at(k_o=[19.0]), out=out, resume=True, **SMALL)
    out.write_bytes(b"not netCDF")
    with pytest.raises(NeurosimError, match="is not the result of a sweep"):
        sweep(SQUID_AXON, out=out, resume=True, **SMALL)


def test_files_grow_with_the_runs_not_with_their_length(tmp_path):
    sizes = []
    for duration in (1.0, 8.0):
        out = tmp_path / f"s{duration:g}"
        sweep(SQUID_AXON, duration=duration, measure="spike_count", out=out)
        sizes.append(store.shard_paths(out, 0)[0].stat().st_size)
    assert sizes[0] == sizes[1] < 2000


def test_long_axes_do_not_fill_the_manifest(tmp_path):
    values = np.linspace(18.0, 20.0, 1000)
    short = store.canonical({"k_o": values})
    assert short["k_o"]["count"] == 1000
    assert short == store.canonical({"k_o": values.tolist()})
    values[500] += 1e-9
    assert store.first_difference(short, store.canonical({"k_o": values}))[0] == (
        "k_o.sha256"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"record": ["v"]}, "a sweep keeps measures, not traces"),
        ({"colour": 1}, "has no 'colour'"),
        ({"executor": "thread"}, "Did you mean 'threads'"),
        ({"scheduler": "tcp://a:1"}, "goes with executor='dask'"),
        ({"shard": 0}, "shard = 0"),
        ({"measure": []}, "--measure spike_count"),
        ({"measure": "spike_cout"}, "Did you mean 'spike_count'"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_requests_that_cannot_be_touch_nothing(tmp_path, asked, said):
    with pytest.raises(NeurosimError, match=said):
        sweep(SQUID_AXON, out=tmp_path / "s", **(SMALL | asked))
    assert not (tmp_path / "s").exists()


def test_a_sweep_is_no_table(tmp_path):
    with pytest.raises(NeurosimError, match=r"end the name with \.nc"):
        sweep(SQUID_AXON, out=tmp_path / "s.csv", **SMALL)
    assert not (tmp_path / "s.csv").exists()


def test_measures_of_another_shape_are_refused(tmp_path):
    @of_run("", "wrong")
    def short(outcome):
        return outcome.counts[:-1]

    @of_model("", "wrong")
    def table(model):
        return np.zeros((2, 3))

    for measure in (short, table):
        with pytest.raises(NeurosimError, match=r"returned shape .* for 2 runs"):
            sweep(SQUID_AXON.at(k_o=[18.0, 20.0]), duration=1.0, measure=measure,
                  out=tmp_path / measure.__name__)  # fmt: skip


def test_the_bar_shows_in_a_terminal_only(tmp_path, capsys):
    sweep(SQUID_AXON, out=tmp_path / "a", **SMALL)
    assert capsys.readouterr().err == ""
    sweep(SQUID_AXON, out=tmp_path / "b", progress=True, **SMALL)
    assert "1/1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.6", [0.6]),
        ("600 uM", [0.6]),
        ("0.4:1.4:3", [0.4, 0.9, 1.4]),
        ("1.4:0.4:3", [1.4, 0.9, 0.4]),
        ("400 uM : 1400 uM : 3", [0.4, 0.9, 1.4]),
        ("0.2,0.55", [0.2, 0.55]),
        ("4, 6", [4.0, 6.0]),
        ("4.0,6.0", [4.0, 6.0]),
        ("4,5,6", [4.0, 5.0, 6.0]),
        ("-80,-60", [-80.0, -60.0]),
    ],
)
def test_axes_are_read(text, values):
    np.testing.assert_allclose(read_axis(text, "mM", "ca_o"), values, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the axis is empty"),
        ("0,6", r"the number 0\.6 or a list of two; write 0\.6 or 0\.0,6\.0"),
        ("0,6 mM", r"may be the number 0\.6"),
        ("0,4:1,4:11", "decimal comma"),
        ("0.4:", "not a whole range"),
        (":1.4:11", "not a whole range"),
        ("0.4:1.4", "not a whole range"),
        ("0.4:1.4:0", "count from 2"),
        ("0.4:0.4:5", "two different ends"),
        ("0.4:1.4:2.5", "not a whole number"),
        ("0.4:1.4:-3", "not a whole number"),
        ("0.4:1.4:99999999", "count from 2 to 1000000"),
        ("nan", "not a number"),
        ("0.4:nan:3", "not a number"),
        ("0.2,,0.5", "not a number"),
        ("0.2 mV", "unit 'mV'"),
        ("0.2,550 uM", "the same unit at every number"),
        ("1e999", "too large"),
    ],
)
def test_axes_that_cannot_be_read_are_one_sentence(text, said):
    with pytest.raises(NeurosimError, match=said) as error:
        read_axis(text, "mM", "ca_o")
    assert str(error.value).startswith("ca_o: ")
    assert "\n" not in str(error.value)


def test_stimuli_are_read():
    assert read_stimulus("step:10:5:45") == Step(10.0, 5.0, 45.0)
    assert read_stimulus("step:-2") == Step(-2.0)
    assert read_stimulus("step:500 pA:1 s", "nA") == Step(0.5, 1000.0)
    train = Train(amplitude=20.0, width=0.5, period=10.0, count=3, start=2.0)
    assert read_stimulus("train:20:0.5:10:3:2") == train
    ramp = read_stimulus("ramp:0:5:10:20")
    assert (ramp.begin, ramp.end, ramp.start, ramp.stop) == (0, 5, 10, 20)
    assert read_stimulus("noise:2:5") == Fluctuation(2.0, 5.0)
    assert read_stimulus("clamp:-20:1") == VoltageClamp(-20.0, 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stp:10", "Did you mean 'step'"),
        ("step", r"write step:AMP\[:START\[:STOP\]\]"),
        ("step:1:2:3:4", "write step:AMP"),
        ("step:0,6", "decimal comma"),
        ("step:10:5:", "not a number"),
        ("step:10:9:5", "start < stop"),
        ("step:nan", "not a number"),
        ("train:1:2:10:2.5", "not a whole number"),
        ("train:1:2:10:0", "count >= 1"),
        ("ramp:0:1:5", "write ramp:BEGIN:END:START:STOP"),
        ("noise:-1", "sigma >= 0"),
        ("clamp:10 mM", "unit 'mM'"),
    ],
)
def test_stimuli_that_cannot_be_read_are_one_sentence(text, said):
    with pytest.raises(NeurosimError, match=said) as error:
        read_stimulus(text)
    assert "\n" not in str(error.value)


SOUND = """
model = "squid_axon"
duration = "0.002 s"
measure = ["spike_count", "rest"]
stimulus = ["step:8:0.5:1.5"]
seed = 4
initial = "rest"

[over]
amplitude = "0:10:3"
ca_o = "30:44:2"
k_o = [18.0, "20 mM"]

[set]
g_l = 0.25
"""

WRONG = """
model = "squid_axon"
duration = -1.0
measure = ["spike_count", "spike_cout"]
stimulus = ["step:0,6", "stp:1"]
seed = 1.5
initial = "end"
colour = "blue"

[over]
ca_o = "0.4:"
mg_o = [0.2, 0.5]
na_o = [-1.0]
k_o = []

[set]
ca_o = 1.0
g_l = true
"""


def write(tmp_path, text):
    path = tmp_path / "sweep.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_a_sweep_does(tmp_path):
    asked = sweep_from_toml(write(tmp_path, SOUND))
    assert asked["duration"] == 2.0
    assert dict(asked["model"].axes) == {"ca_o": ("ca_o",), "k_o": ("k_o",)}
    found = sweep(**asked, out=tmp_path / "s")
    model = SQUID_AXON.at(g_l=0.25).at(ca_o=[30.0, 44.0], k_o=[18.0, 20.0])
    expected = simulate(
        model, Step([0.0, 5.0, 10.0], 0.5, 1.5), duration=2.0, seed=4, initial="rest",
        measure=["spike_count", "rest"],
    )  # fmt: skip
    xr.testing.assert_identical(found, expected)


def test_a_file_is_told_everything_that_is_wrong_at_once(tmp_path):
    with pytest.raises(NeurosimError) as error:
        sweep_from_toml(write(tmp_path, WRONG))
    head, *lines = str(error.value).split("\n  - ")
    assert head.endswith(f"sweep.toml: {len(lines)} things to mend:")
    expected = [
        "duration = -1", "'spike_cout'", "decimal comma", "'stp'", "seed: 1.5",
        "'end'", "'colour'", "whole range", "has no 'mg_o'", "na_o = -1", "k_o: ",
        "ca_o stands in over and set", "set.g_l: True",
    ]  # fmt: skip
    missing = [e for e in expected if not any(e in line for line in lines)]
    assert not missing, str(error.value)
    assert len(lines) == len(expected), str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = ", "is not a file in TOML"),
        ("duration = 1.0\nmeasure = 'rest'", "model is missing"),
        ("model = 'squid'\nduration = 1.0\nmeasure = 'rest'", "has no 'squid'"),
        ("model = 'squid_axon'\nmeasure = 'rest'", "duration is missing"),
        (SOUND.replace('"0.002 s"', "nan"), "duration: nan does not fit"),
        (SOUND.replace('"0.002 s"', '"0,002 s"'), "decimal comma"),
        (SOUND.replace("step:8:0.5:1.5", "noise:2"), "needs one step or train"),
        (SOUND.replace("0.25", "nan"), r"set\.g_l: nan does not fit"),
    ],
)
def test_one_thing_wrong_in_a_file_is_one_sentence(tmp_path, text, said):
    with pytest.raises(NeurosimError, match=said) as error:
        sweep_from_toml(write(tmp_path, text))
    assert str(error.value).startswith(str(tmp_path))
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read_are_one_sentence(tmp_path):
    with pytest.raises(NeurosimError, match="cannot be read: No such file"):
        sweep_from_toml(tmp_path / "none.toml")
    path = tmp_path / "sweep.toml"
    path.write_bytes(b'model = "\xff"')
    with pytest.raises(NeurosimError, match="is not a file in TOML"):
        sweep_from_toml(path)


def test_options_of_a_command_line_are_the_same_request():
    document = {
        "model": "squid_axon",
        "duration": "5",
        "measure": ["rest"],
        "over": {"k_o": "18:20:3"},
        "set": {"g_l": "0.2"},
        "dt": "0.01",
    }
    asked = read_request(document, "command line")
    assert (asked["duration"], asked["dt"], asked["protocol"]) == (5.0, 0.01, None)
    np.testing.assert_allclose(asked["model"].values["k_o"], [18, 19, 20])
    with pytest.raises(NeurosimError, match=r"command line: .*Did you mean 'over'"):
        read_request(document | {"ovr": {}}, "command line")
