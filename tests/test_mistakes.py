"""Likely mistakes: each is answered with one sentence that helps.

It says what was asked, where, what is allowed, and what to do; it is short and has no
traceback. The same holds in Python and on the command line.
"""

from dataclasses import replace

import numpy as np
import pytest

from neurosim import Change, Fluctuation, Ramp, Step, Train, VoltageClamp, simulate
from neurosim.claims import ledger
from neurosim.cli import main
from neurosim.continuation import follow
from neurosim.declare import Cable, Param, State
from neurosim.errors import NeurosimError, unknown
from neurosim.measure import threshold
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, SQUID_AXON, find
from neurosim.units import read_quantity

LONGEST = 300  # characters
SQUID, MOTOR = "squid_axon", "motor_axon"


def sentence(text):
    """Check that a message is one short line in words; return it."""
    assert "\n" not in text
    assert len(text) < LONGEST
    assert text.endswith(".")
    assert "Traceback" not in text
    assert "object at 0x" not in text
    return text


def emptied(store, loss):
    return -loss * store


STORE = Model(
    name="store", title="a store", source="made up", doc="A store that empties.",
    params=(Param("loss", 0.1, "1/d", "loss", "assumed", low=0.0),),
    states=(State("store", 2.0, "mmol", "what is left", emptied),),
    time_unit="d",
)  # fmt: skip


MEMBRANE = replace(SQUID_AXON.compartments[0], copies=("left", "right"))
CHAIN = replace(  # two pieces of squid axon
    SQUID_AXON, name="chain", compartments=(MEMBRANE,),
    geometry=Cable(table=((1.0, 1.0, 0.1, 0.0, 0.0, 0.0, 0.0),
                          (1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0))),
)  # fmt: skip


def run(model=SQUID_AXON, protocol=None, **options):
    return lambda: simulate(model, protocol, **({"duration": 10.0} | options))


def at(model, **values):
    return lambda: model.at(**values)


# what is done -> words the answer needs
LIBRARY = {
    "parameter, misspelt": (at(SQUID_AXON, ca_0=1.0), "squid_axon 'ca_0' mean 'ca_o'"),
    "parameter, one of many": (at(MOTOR_AXON, cao=1.0), "motor_axon 'cao' mean 'ca_o'"),
    "parameter, in capitals": (at(MOTOR_AXON, MG_O=1.0), "'MG_O' mean 'mg_o'"),
    "model": (lambda: find("motr_axon"), "'motr_axon' mean 'motor_axon'"),
    "model, none": (lambda: find(None), "None motor_axon squid_axon"),
    "model by its name": (run("squid_axon"), "'squid_axon' neurosim.models"),
    "model of a measure": (lambda: threshold(MOTOR), "threshold 'motor_axon' models"),
    "measure": (run(measure="spike_cnt"), "'spike_cnt' mean 'spike_count'"),
    "measure, a number": (run(measure=5), "measure 5 spike_count"),
    "measure, a function": (run(measure=len), "measure 'len' spike_count"),
    "claim": (lambda: ledger.find(["C999"]), "'C999' C01 to C115"),
    "record": (run(record="V"), "record 'V' mean 'v'"),
    "record, one of many": (run(MOTOR_AXON, record="vv"), "motor_axon 'vv' 50 in all"),
    "record, a number": (run(record=1), "record 1 squid_axon"),
    "negative calcium": (at(MOTOR_AXON, ca_o=-0.1), "ca_o -0.1 mM 0 to 30 ionised"),
    "nan": (at(MOTOR_AXON, k_o=np.nan), "k_o nan mM 0.1 to 200"),
    "inf": (at(MOTOR_AXON, na_o=np.inf), "na_o inf 1 to 500"),
    "nan among numbers": (at(MOTOR_AXON, mg_o=[0.5, np.nan]), "mg_o nan 0 to 30"),
    "no potassium": (at(MOTOR_AXON, k_o=0), "k_o 0 mM 0.1 to 200"),
    "no potassium, squid": (at(SQUID_AXON, k_o=0), "k_o 0 mM 1e-06"),
    "text": (at(MOTOR_AXON, ca_o="0,6"), "ca_o '0,6' number mM"),
    "nothing": (at(MOTOR_AXON, ca_o=None), "ca_o None number mM"),
    "complex": (at(MOTOR_AXON, ca_o=1j), "ca_o 1j number"),
    "total calcium": (at(MOTOR_AXON, ca_total=2.4), "ca_total ionised ca_o albumin"),
    "total magnesium": (at(MOTOR_AXON, mg_total=0.9), "mg_total ionised mg_o"),
    "magnesium of a squid": (at(SQUID_AXON, mg_o=0.5), "squid_axon mg_o motor_axon"),
    "inner sodium": (at(MOTOR_AXON, na_i=10.0), "motor_axon na_i e_na_rest"),
    "empty axis": (at(MOTOR_AXON, ca_o=[]), "ca_o non-empty"),
    "table for an axis": (at(MOTOR_AXON, ca_o=np.ones((2, 2))), "ca_o 1-D (2, 2)"),
    "huge axes": (
        run(SQUID_AXON.at(ca_o=np.full(9999, 44.0), k_o=np.full(9999, 20.0))),
        "squid_axon 9999 x 9999 10,000,000 fewer",
    ),
    "along, lengths": (
        lambda: MOTOR_AXON.along("sample", ca_o=[1, 2], mg_o=[1, 2, 3]),
        "along 'sample' ca_o: 2 mg_o: 3",
    ),
    "along nothing": (lambda: MOTOR_AXON.along("sample"), "along 'sample' parameters"),
    "along a parameter": (lambda: MOTOR_AXON.along("ca_o", mg_o=[1]), "'ca_o' another"),
    "along twice": (
        lambda: MOTOR_AXON.at(ca_o=[1, 2]).along("sample", ca_o=[1, 2]),
        "along 'sample' ca_o already",
    ),
    "no time": (run(duration=0), "duration 0 positive ms"),
    "time backwards": (run(duration=-5), "duration -5 positive ms"),
    "time nan": (run(duration=np.nan), "duration nan positive ms"),
    "time inf": (run(duration=np.inf), "duration inf positive ms"),
    "time as text": (run(duration="10"), "duration '10' number ms"),
    "time as a list": (run(duration=[1, 2]), "duration [1, 2] one number"),
    "time too long": (run(duration=1e12), "duration 1e+12 steps shorter"),
    "step too large": (run(dt=5.0), "dt 5 squid_axon 0.0125 0.1"),
    "step 0": (run(dt=0.0), "dt 0 squid_axon 0.0125"),
    "step nan": (run(dt=np.nan), "dt nan 0.0125"),
    "step as text": (run(dt="small"), "dt 'small' number ms"),
    "stop before start": (lambda: Step(1.0, 10.0, 5.0), "Step start 10 stop 5 ms"),
    "start as text": (lambda: Step(1.0, "a"), "Step start 'a' number ms"),
    "amplitude as text": (lambda: Step("ten"), "Step amplitude 'ten' finite number"),
    "amplitude nan": (lambda: Step([1.0, np.nan]), "Step amplitude nan finite"),
    "ramp without end": (lambda: Ramp(0.0, 1.0), "Ramp stop"),
    "train": (
        lambda: Train(amplitude=1.0, width=5.0, period=2.0, count=3),
        "Train width 5 period 2",
    ),
    "noise": (lambda: Fluctuation(-1.0), "Fluctuation sigma -1.0"),
    "two noises": (run(protocol=[Fluctuation(1), Fluctuation(2)]), "one Fluctuation"),
    "a number for a protocol": (run(protocol=10.0), "protocol 10.0 Step Ramp"),
    "a word for a protocol": (run(protocol="step"), "protocol 'step' Step Ramp"),
    "two lengths of arrays": (
        run(protocol=[Step([1.0, 2.0]), Step([1.0, 2.0, 3.0])]),
        "protocol amplitudes 2 and 3",
    ),
    "change of nothing": (run(protocol=Change(5.0, {"k_oo": 3})), "'k_oo' mean 'k_o'"),
    "impossible change": (run(protocol=Change(5.0, {"k_o": -3.0})), "k_o -3 1e-06"),
    "clamped axon": (
        run(MOTOR_AXON, VoltageClamp(-20.0)), "VoltageClamp motor_axon patch"
    ),
    "clamped chain of one kind": (
        run(CHAIN, VoltageClamp(-20.0)), "VoltageClamp chain patch"
    ),
    "axis like a result": (
        run(SQUID_AXON.along("status", g_na=[100.0, 120.0])), "axis 'status' another"
    ),
    "step after the end": (run(protocol=Step(1.0, 60.0)), "Step 60 ms 10 over earlier"),
    "change after the end": (
        run(protocol=Change(20.0, {"k_o": 9.0})), "Change 20 ms 10 over"
    ),
    "several numbers": (
        lambda: read_quantity("0.6,0.7", "mM", "ca_o"), "ca_o '0.6,0.7' several one"
    ),
    "initial": (run(initial="nowhere"), "initial 'nowhere' reference rest"),
    "initial_v": (run(initial_v=1e4), "initial_v 10000.0 -200 to 200"),
    "initial_v as text": (run(initial_v="low"), "initial_v 'low' number mV"),
    "seed": (run(seed=-1), "seed -1 whole number 0"),
    "seed, half": (run(seed=1.5), "seed 1.5 whole number"),
    "seed, too large": (run(seed=1 << 64), "seed 18446744073709551616 2^63"),
    "solver": (run(solver="euler"), "solver 'euler' auto reference"),
    "noise without the kernel": (
        run(solver="reference", channel_noise=True), "reference noise auto"
    ),
    "record_every": (run(record="v", record_every=0.0), "record_every 0 positive ms"),
    "threads": (run(threads=-1), "threads -1 1 or more"),
    "threshold without voltage": (lambda: threshold(STORE), "store no voltage"),
    "threshold of no width": (
        lambda: threshold(SQUID_AXON, width=0.0), "threshold width 0 above"
    ),
    "continuation with axes": (
        lambda: follow(SQUID_AXON.at(k_o=[10.0, 20.0]), "ca_o", 44.0, 20.0),
        "follow squid_axon k_o one value",
    ),
}  # fmt: skip

STEP = ("simulate", SQUID, "--duration", "10")
MOTOR_STEP = ("simulate", MOTOR, "--duration", "10")
SWEEP = ("sweep", SQUID, "--duration", "10", "--measure", "rest")
COMMANDS = {
    "command": (("simulat",), "'simulat' --help"),
    "option": ((*STEP, "--duratoin", "5"), "--duratoin --duration"),
    "no model": (("simulate",), "MODEL --help"),
    "no time": (("simulate", SQUID), "--duration missing ms"),
    "model": (("simulate", "motr_axon", "--duration", "10"), "mean 'motor_axon'"),
    "model to describe": (("describe", "squid"), "'squid' mean 'squid_axon'"),
    "parameter": ((*STEP, "--set", "ca_0=1"), "command line 'ca_0' mean 'ca_o'"),
    "not a pair": ((*STEP, "--set", "ca_o"), "--set 'ca_o' NAME=VALUE"),
    "twice": ((*STEP, "--set", "k_o=4", "--set", "k_o=5"), "--set 'k_o' twice"),
    "decimal comma": ((*MOTOR_STEP, "--set", "ca_o=0,6"), "ca_o '0,6' comma 0.6"),
    "unit of another kind": (
        (*MOTOR_STEP, "--set", "ca_o=0.6 ms"), "ca_o 'ms' mM mmol/L"
    ),
    "mg/dL": (
        (*MOTOR_STEP, "--set", "ca_o=9.5 mg/dL"), "ca_o 'mg/dL' mM ionised albumin"
    ),
    "mEq/L": ((*MOTOR_STEP, "--set", "mg_o=1.5 mEq/L"), "mg_o 'mEq/L' mM ionised"),
    "a word": ((*MOTOR_STEP, "--set", "ca_o=low"), "ca_o 'low' number 0.6"),
    "nan": ((*MOTOR_STEP, "--set", "ca_o=nan"), "ca_o 'nan' number"),
    "inf": ((*MOTOR_STEP, "--set", "k_o=1e999"), "k_o '1e999'"),
    "negative": ((*MOTOR_STEP, "--set", "ca_o=-1"), "ca_o -1 mM 0 to 30"),
    "total": ((*MOTOR_STEP, "--set", "ca_total=2.4"), "ca_total ionised ca_o albumin"),
    "magnesium of a squid": (
        (*STEP, "--set", "mg_o=0.5"), "squid_axon mg_o motor_axon"
    ),
    "time 0": (("simulate", SQUID, "--duration", "0"), "duration 0 positive ms"),
    "time backwards": (("simulate", SQUID, "--duration", "-5"), "duration -5 positive"),
    "time nan": (("simulate", SQUID, "--duration", "nan"), "duration 'nan' number"),
    "time in mM": (("simulate", SQUID, "--duration", "5 mM"), "duration 'mM' ms"),
    "step too large": ((*STEP, "--dt", "5"), "dt 5 0.0125 0.1"),
    "step 0": ((*STEP, "--dt", "0"), "dt 0 0.0125"),
    "seed": ((*STEP, "--seed", "-1"), "seed -1 whole number 0"),
    "seed, a word": ((*STEP, "--seed", "one"), "--seed 'one' integer"),
    "initial": ((*STEP, "--initial", "nowhere"), "initial 'nowhere' reference rest"),
    "measure": ((*STEP, "--measure", "spikes"), "measure 'spikes' spike_times"),
    "record": ((*STEP, "--record", "V"), "record 'V' mean 'v'"),
    "stimulus": ((*STEP, "--stimulus", "stp:1"), "stimuli 'stp' mean 'step'"),
    "stimulus, half": ((*STEP, "--stimulus", "ramp:1"), "'ramp:1' ramp:BEGIN:END"),
    "stimulus, a word": ((*STEP, "--stimulus", "step:ten"), "amplitude 'ten' number"),
    "stimulus, its unit": ((*STEP, "--stimulus", "step:1 nA"), "'nA' uA/cm2"),
    "stimulus, its times": (
        (*STEP, "--stimulus", "step:1:10:5"), "Step start 10 stop 5"
    ),
    "clamped axon": ((*MOTOR_STEP, "--stimulus", "clamp:-20"), "motor_axon patch"),
    "empty axis": (
        (*SWEEP, "--over", "ca_o=", "--out", "x"), "--over 'ca_o=' NAME=VALUE"
    ),
    "half an axis": (
        (*SWEEP, "--over", "ca_o=1:2", "--out", "x"), "ca_o start:stop:count"
    ),
    "nothing to sweep to": (SWEEP, "--out --help"),
    "nothing to measure": (
        ("sweep", SQUID, "--duration", "10", "--out", "x"), "measure 'spike_count'"
    ),
    "executor": ((*SWEEP, "--out", "x", "--executor", "cloud"), "'cloud' threads dask"),
    "no such file": (
        ("sweep", "absent.toml", "--out", "x"), "absent.toml No such file"
    ),
    "two mistakes": (
        (*STEP, "--set", "ca_0=1", "--seed", "-1"), "2 things to mend 'ca_0' seed"
    ),
    "picture": ((*STEP, "--plot", "trace.doc"), "--plot trace.doc .png .svg"),
    "data": ((*STEP, "--out", "trace.csv"), "--out trace.csv .nc"),
    "no folder": ((*STEP, "--out", "absent/trace.nc"), "--out absent/trace.nc make"),
    "quick and thorough": (
        ("reproduce", "C11", "--quick", "--thorough"), "--quick --thorough keep one"
    ),
    "a cause missing": (("person", "gut_loss + "), "'gut_loss + ' missing '+'"),
    "claim": (("reproduce", "C999", "--quick"), "'C999' C01 to C115"),
    "few draws": (("reproduce", "C11", "--draws", "3"), "draws 3 100"),
    "no draws": (("reproduce", "C11", "--draws", "0"), "draws 0 100"),
    "seed of claims": (("reproduce", "C11", "--seed", "-1"), "--seed -1"),
    "experiment": (("experiment", "everything"), "experiments 'everything'"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARY)
def test_in_python(name):
    mistake, words = LIBRARY[name]
    with pytest.raises(NeurosimError) as error:
        mistake()
    said = sentence(str(error.value))
    for word in words.split():
        assert word in said


@pytest.mark.parametrize("name", COMMANDS)
def test_on_the_command_line(name, capsys, monkeypatch, tmp_path):
    words, needed = COMMANDS[name]
    monkeypatch.chdir(tmp_path)
    assert refusal(words, capsys, needed)
    assert not [p for p in tmp_path.iterdir() if p.name != "neurosim-report"]


def refusal(words, capsys, needed):
    """Return the sentence a command line is answered with; nothing else is printed."""
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    text = sentence(said.err.removesuffix("\n"))
    assert text.startswith("neurosim: ")
    for word in needed.split():
        assert word in text
    return text


def test_a_folder_that_is_taken_or_cannot_be(capsys, tmp_path):
    folder, blocked = tmp_path / "sweep", tmp_path / "file"
    words = (*SWEEP, "--over", "ca_o=40.0,44.0", "--out")
    assert main([*words, str(folder)]) == 0
    capsys.readouterr()
    refusal((*words, folder), capsys, f"{folder} --resume another")
    blocked.write_text("")
    refusal((*words, blocked / "in"), capsys, f"{blocked}")
    refusal((*STEP, "--out", blocked / "trace.nc"), capsys, f"--out {blocked}")
    refusal((*STEP, "--plot", tmp_path / "a" / "b.png"), capsys, f"--plot {tmp_path}")
    refusal(("reproduce", "C11", "--out", blocked / "in"), capsys, f"--out {blocked}")


def test_several_mistakes_in_a_file_are_all_told(capsys, tmp_path):
    file = tmp_path / "request.toml"
    file.write_text('model = "motor_axon"\nduration = -1\n[over]\nca_x = [1.0]\n')
    assert main(["sweep", str(file), "--out", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    for word in ("request.toml", "duration", "measure is missing", "mean 'ca_o'"):
        assert word in said


def test_diverged_runs_are_data():
    ds = simulate(
        SQUID_AXON, Step([10.0, 1e9], 5.0, 45.0), duration=60.0,
        measure=["spike_count", "spike_times", "rest"], record="v",
    )  # fmt: skip
    assert ds["status"].values.tolist() == [0, 1]
    assert ds["spike_count"].values == pytest.approx([3.0, np.nan], nan_ok=True)
    assert np.isnan(ds["failed_at"].values[0])
    assert ds["failed_at"].values[1] == pytest.approx(5.0, abs=0.1)
    assert np.isfinite(ds["v"].values[0]).all()
    assert np.isnan(ds["v"].values[1]).all()
    assert ds.attrs["diverged"] == 1
    said = sentence(ds.attrs["divergence"])
    for word in (
        "1 of 2 runs",
        "run 1",
        "t = 5",
        " ms",
        "v passed 2000 mV",
        "tolerance = 3e-07",
    ):
        assert word in said


def test_a_name_among_few_shows_them_all_among_many_the_nearest():
    assert str(unknown("x", "the box", ["b", "a"])) == (
        "the box has no 'x'. It has: a, b."
    )
    many = [f"name_{k:03d}" for k in range(500)] + ["other"]
    said = str(unknown("Othr", "the box", many))
    assert "Did you mean 'other'? It has: other, " in said
    assert said.endswith("and others, 501 in all.")
    assert len(said) < LONGEST
    assert len(str(unknown("x" * 5000, "the box", many))) < LONGEST
    assert str(unknown("x", "the box", [])) == "the box has no 'x'. It has: nothing."
