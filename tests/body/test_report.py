"""What is told and drawn of a person, and the command that does it."""

import re

import numpy as np
import pytest
import xarray as xr

from neurosim.body import run
from neurosim.body.muscle import Muscle, muscle_response
from neurosim.body.report import (
    Response,
    axon_response,
    cell,
    chosen_days,
    dated,
    person_table,
    row,
    treatment_days,
)
from neurosim.cli import main
from neurosim.errors import NeurosimError
from neurosim.plot.body import person_levels, person_levels_alt, save_person

HEALTHY = {"mg_total": 0.85, "mg_ionised": 0.55, "mg_tissue": 1.0, "ca_total": 2.4,
           "ca_ionised": 1.25, "pth": 1.0, "k": 4.0, "na": 140.0, "ph": 7.4,
           "ca_o": 1.25, "mg_o": 0.55, "k_o": 4.0, "na_o": 140.0, "ph_o": 7.4,
           "k_i": 140.0, "pump": 1.0, "drive": 1.0, "inhib": 1.0,
           "pna_scale": 1.0}  # fmt: skip


@pytest.fixture
def fake():
    """Return a result of 60 days in which what is named falls to a value."""

    def make(days=60.0, **ends):
        time = np.linspace(0.0, days, 601)
        share = time / days
        data = {
            name: ("time", value + (ends.get(name, value) - value) * share,
                   {"units": "mM", "long_name": name})
            for name, value in HEALTHY.items()
        }  # fmt: skip
        coords = {"time": ("time", time, {"units": "d", "long_name": "time"})}
        attrs = {"cause": "gut_loss", "severity": "severe", "person": "healthy adult",
                 "treatment": "mg_oral@30"}  # fmt: skip
        return xr.Dataset(data, coords, attrs)

    return make


def quiet(count):
    ones = np.ones(count)
    return Response(ones, ones, 0.1 * ones, 9.0 * ones)


def test_columns_are_ends_treatments_and_round_days():
    time = np.linspace(0.0, 60.0, 601)
    assert time[chosen_days(time)].tolist() == [0, 1, 3, 7, 14, 30, 60]
    assert {20.0, 27.0} <= set(time[chosen_days(time, [20.0])])  # and a week later
    assert len(chosen_days(time, [10.0, 20.0, 30.0, 40.0, 50.0])) <= 8
    short = np.linspace(0.0, 0.05, 101)
    assert 4 <= len(chosen_days(short)) <= 8
    assert short[chosen_days(short)[-1]] == 0.05
    assert len(chosen_days(np.linspace(0, 365, 3651))) <= 8


def test_times_read_well():
    assert [dated(t) for t in (0.0, 0.01, 0.25, 6.99, 60.0)] == [
        "0", "14.4 min", "6 h", "7", "60",
    ]  # fmt: skip


def test_a_level_just_out_of_its_range_is_not_rounded_into_it():
    assert cell("na", 134.6) == "134.6↓  "
    assert cell("mg_ionised", 0.449).startswith("0.449↓")
    assert cell("na", 136.4) == "136   "


def test_the_heading_tells_what_is_held(fake):
    found = fake()
    assert "without" not in person_table(found, response=quiet(7))
    found.attrs["reset"] = "mg_k_urine"
    heading = person_table(found, response=quiet(7)).splitlines()[0]
    assert "; without mg_k_urine; healthy adult" in heading


def test_cells_of_the_table_stay_apart():
    line = row("  5-95 %", ["<0.01–0.58"] * 3, "")
    assert line.split()[2:] == ["<0.01–0.58"] * 3


def test_the_table_names_what_is_off_and_by_how_much(fake):
    found = fake(mg_total=0.30, k=3.2, ca_ionised=0.95)
    text = person_table(found, response=quiet(7))
    assert "gut_loss, severe" in text
    assert re.search(r"Mg total mM .*0\.30↓↓↓ +0\.7–1\.1", text)
    assert re.search(r"K mM .*3\.20↓ ", text)
    assert re.search(r"Ca ionised mM .*0\.95↓↓ ", text)
    assert re.search(r"pH +7\.40 +7\.40", text)
    assert "Not medical advice" in text
    assert max(map(len, text.splitlines())) <= 120


def test_what_only_cells_feel_has_lines_of_its_own(fake):
    assert "Handed to" not in person_table(fake(), response=quiet(7))
    text = person_table(fake(pump=0.75), response=quiet(7))
    assert re.search(r"Handed to nerve and muscle\npump +1 .* 0\.75 +1$", text, re.M)


def test_muscle_has_lines_where_it_was_simulated(fake):
    ones = np.ones(7)
    muscle = Muscle(0.9 * ones, 0.8 * ones, ones)
    text = person_table(fake(), response=quiet(7), muscle=muscle)
    assert re.search(r"^twitch +0\.90 .* 0\.90 +1$", text, re.MULTILINE)
    assert "Fast muscle fibre" not in person_table(fake(), response=quiet(7))


@pytest.mark.slow
def test_a_fibre_in_healthy_blood_is_the_reference_and_acid_weakens_it():
    day = run("exercise", severity="severe", days=0.006).isel(time=[0, -1])
    found = muscle_response(day)
    for values in (found.twitch, found.train, found.answered):
        assert values[0] == pytest.approx(1.0, abs=1e-9)
    assert found.train[1] < 0.9


def test_what_nobody_survives_is_marked_not_refused(fake):
    assert "!!" in person_table(fake(k=0.5), response=quiet(7))


def test_many_persons_are_refused(fake):
    two = xr.concat([fake(), fake()], dim="person")
    with pytest.raises(NeurosimError, match="choose one"):
        person_table(two)


def test_the_axon_in_healthy_blood_is_the_reference(fake):
    found = axon_response(fake(), [0, 600])
    assert found.threshold == pytest.approx([1.0, 1.0], abs=1e-9)
    assert found.low[0] < found.r_sp[0] < found.high[0]


def test_low_calcium_and_magnesium_excite_and_low_potassium_calms(fake):
    low = axon_response(fake(ca_o=0.9, mg_o=0.226), [0, 600])
    assert low.threshold[1] < 0.9
    assert low.r_sp[1] > 3.0 * low.r_sp[0]
    calm = axon_response(fake(k_o=2.5, k_i=128.0), [0, 600])
    assert calm.threshold[1] > 1.0
    assert calm.r_sp[1] < calm.r_sp[0]


def test_drive_and_inhibition_change_events_not_the_threshold(fake):
    found = axon_response(fake(drive=1.2, inhib=0.9), [0, 600])
    assert found.threshold[1] == pytest.approx(1.0, abs=1e-9)
    assert found.r_sp[1] > found.r_sp[0]


def test_treatments_are_found_in_the_result(fake):
    assert treatment_days(fake()) == [30.0]


def test_the_figure_shows_range_and_treatment(fake, tmp_path):
    found = fake(mg_total=0.30)
    figure = person_levels(found, treated=[30.0], names=("mg_total", "pth"))
    first, second = figure.axes[:2]
    spans = [p.get_label() for p in first.patches]
    assert spans == ["reference range"]
    assert not second.patches  # PTH is relative: it has no reference range
    low, high = first.get_ylim()
    assert low < 0.30
    assert high > 1.10
    assert [line.get_xdata()[0] for line in first.lines if line.get_gid()] == [30.0]
    for kind in ("svg", "png"):
        save_person(found, tmp_path / f"a.{kind}", treated=[30.0])
        save_person(found, tmp_path / f"b.{kind}", treated=[30.0])
        files = [(tmp_path / f"{name}.{kind}").read_bytes() for name in "ab"]
        assert files[0] == files[1]


def test_the_figure_of_many_persons_has_a_band(fake):
    many = xr.concat([fake(mg_total=x) for x in (0.3, 0.4, 0.5)], dim="person")
    (axis, *_) = person_levels(many, names=("mg_total",)).axes
    assert axis.lines[0].get_ydata()[-1] == pytest.approx(0.4)
    assert len(axis.collections) == 1


def test_the_alt_text_says_what_is_drawn(fake):
    said = person_levels_alt(fake(mg_total=0.30), treated=[30.0], names=("mg_total",))
    assert "0.85 at first" in said
    assert "0.3 at the end (severe low)" in said
    assert "Treatment begins on day 30" in said


def test_cells_are_drawn_below_the_levels(fake):
    days = np.array([0.0, 30.0, 60.0])
    muscle = Muscle(0.9 * np.ones(3), 0.8 * np.ones(3), np.ones(3))
    cells = {"days": days, "axon": quiet(3), "muscle": muscle}
    figure = person_levels(fake(), names=("mg_total", "k"), cells=cells)
    assert len(figure.axes) == 4
    left, right = figure.axes[2:]
    assert left.get_yscale() == "log"
    shown = [line.get_label() for line in right.lines]
    assert {"threshold of the axon", "twitch", "force at 30 Hz"} <= set(shown)
    low, high = right.get_ylim()
    assert low < 0.8 < 1.0 < high
    said = person_levels_alt(fake(), names=("k",), cells=cells)
    assert "1 events per minute at first" in said


def test_hours_and_minutes_are_read_where_a_course_is_short(fake):
    for days, unit, last in ((60.0, "d", 60.0), (1.0, "h", 24.0), (0.05, "min", 72.0)):
        (axis,) = person_levels(fake(days), names=("k",)).axes[:1]
        assert axis.get_xlabel() == f"time ({unit})"
        assert axis.lines[0].get_xdata()[-1] == pytest.approx(last)


def test_a_result_without_levels_cannot_be_drawn(fake):
    with pytest.raises(NeurosimError, match="none of"):
        person_levels(fake()[["pump"]])


@pytest.fixture
def told(capsys):
    """Carry out ``neurosim person``; return exit code, stdout and stderr."""

    def tell(*words):
        code = main(["person", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return tell


def test_the_command_lists_what_there_is(told):
    code, out, _ = told()
    assert code == 0
    assert re.search(r"^gut_loss +\S", out, re.MULTILINE)
    assert re.search(r"^mg_oral +\S", out, re.MULTILINE)
    assert re.search(r"^almonds +ounce: Mg 80, Ca 75, K 208 mg$", out, re.MULTILINE)
    assert re.search(r"^mg_k_urine +Mg -> K in urine", out, re.MULTILINE)


def test_everything_may_be_said_of_a_person(told):
    code, out, err = told(
        "loop diuretic + poor diet", "--days", "10", "--set", "gfr=60", "--set",
        "vitamin_d=40 nmol/L", "--food", "almonds:2", "--food", "milk", "--reset",
        "mg_k_urine", "--refined",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "gfr 60 mL/min, vitamin_d 40 nmol/L, mg_intake 7.69 mmol/d" in out
    assert "refined couplings" in out
    assert "Mg 187 (RDA 400), Ca 450 (RDA 1000), K 782 (AI 3400)" in out


def test_the_command_runs_writes_and_draws(told, tmp_path):
    kept, drawn = tmp_path / "person.nc", tmp_path / "person.svg"
    code, out, err = told(
        "hypoparathyroid", "--severity", "severe", "--days", "20 d", "--treat",
        "ca:1500 mg@10", "--sex", "female", "--age", "50", "--weight", "60 kg",
        "--out", kept, "--plot", drawn,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "female, 50 years, 60 kg" in out
    assert "ca:1500 mg@10" in out
    assert f"written to {kept}" in out
    with xr.open_dataset(kept, engine="h5netcdf") as found:
        assert found.attrs["cause"] == "hypoparathyroid"
        assert float(found["ca_ionised"].min()) < 1.0
    assert drawn.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gutloss"], "mean 'gut_loss'"),
        (["coeliac", "--severity", "mild"], "it has moderate"),
        (["ppi", "--severity", "huge"], "severity has no 'huge'"),
        (["ppi", "--days", "3,5"], "decimal comma"),
        (["ppi", "--days", "-3"], "days"),
        (["ppi", "--days", "100000"], "3650 days at most"),
        (["ppi:severe", "--severity", "mild"], "says its own"),
        (["ppi", "--treat", "mg_orl"], "mean 'mg_oral'"),
        (["ppi", "--weight", "70 lb"], "give the value in kg"),
        (["ppi", "--age", "300"], "18 to 100"),
        (["ppi", "--plot", "x.gif"], ".png or .svg"),
        (["ppi", "--set", "gf=60"], "mean 'gfr'"),
        (["ppi", "--set", "gfr=60 mM"], "give the value in mL/min"),
        (["ppi", "--set", "gfr"], "write NAME=VALUE"),
        (["ppi", "--food", "almond"], "mean 'almonds'"),
        (["ppi", "--food", "almonds:x"], "is not a number"),
        (["ppi", "--food", "almonds:-1"], "0 or more"),
        (["ppi", "--reset", "pht"], "mean 'ph'"),
    ],
)
def test_bad_requests_get_one_sentence(told, words, said):
    code, out, err = told(*words)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
