import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import xarray as xr

from neurosim import Change, NeurosimError, Ramp, Step, VoltageClamp, plot, simulate
from neurosim.errors import UnknownName
from neurosim.models import SQUID_AXON

CALCIUM = {"units": "mM", "long_name": "ionised Ca outside"}


def recording(**axes):
    """Return a dataset shaped like that of simulate, with v and m recorded."""
    time = np.linspace(0.0, 10.0, 101)
    sizes = {n: len(v) for n, v in axes.items()}
    shape = (*sizes.values(), time.size)
    v = -65.0 + np.arange(np.prod(shape)).reshape(shape) * 0.01
    dims = (*axes, "time")
    return xr.Dataset(
        {
            "v": (dims, v, {"units": "mV"}),
            "m": (dims, np.zeros(shape), {"units": "1"}),
            "spike_count": (tuple(axes), np.zeros(shape[:-1]), {"units": ""}),
        },
        coords={n: (n, np.asarray(v, float), CALCIUM) for n, v in axes.items()}
        | {"time": ("time", time, {"units": "ms", "long_name": "time"})},
        attrs={"duration": 10.0, "dt": 0.01, "stimulus_unit": "uA/cm2"},
    )


def sweep(**axes):
    """Return a dataset with a variable over some axes, one value missing."""
    shape = tuple(len(v) for v in axes.values())
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    if values.size > 1:
        values.flat[0] = np.nan
    attrs = {"units": "nA", "long_name": "threshold current of a pulse"}
    coords = {n: (n, np.asarray(v, float), CALCIUM) for n, v in axes.items()}
    return xr.Dataset({"threshold": (tuple(axes), values, attrs)}, coords=coords)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def labels(figure):
    return [(a.get_xlabel(), a.get_ylabel()) for a in figure.axes]


def relative_luminance(colour):
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    linear = np.where(
        channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    )
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colour", plot.COLOURS)
def test_lines_stand_out_from_white(colour):
    assert 1.05 / (relative_luminance(colour) + 0.05) >= 3.0


def test_no_two_lines_look_the_same():
    assert len(set(plot.PAIRS)) == len(plot.PAIRS)
    styles = {dash for _, dash in plot.PAIRS[: plot.MOST]}
    assert len(styles) == len(plot.DASHES)


def test_letters_are_readable():
    assert plot.RC["font.size"] >= 9.0


def test_style_leaves_the_settings_alone():
    before = dict(matplotlib.rcParams)
    with plot.style():
        assert not matplotlib.rcParams["axes.spines.top"]
    plot.lines(sweep(ca_o=[0.5, 1.0]), "threshold")
    assert dict(matplotlib.rcParams) == before


def test_pyplot_stays_out():
    code = "import sys, neurosim.plot; print('matplotlib.pyplot' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


def test_trace_has_a_panel_with_unit_for_everything_recorded():
    figure = plot.trace(recording())
    assert labels(figure) == [("", "v (mV)"), ("time (ms)", "m")]
    assert not figure.legends
    assert not figure.axes[0].spines["top"].get_visible()


def test_trace_overlays_runs_and_names_them():
    figure = plot.trace(recording(ca_o=[11.0, 22.0]))
    assert legend(figure) == ["ca_o = 11 mM", "ca_o = 22 mM"]
    looks = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines}
    assert len(looks) == 2


def test_trace_shows_six_of_many_runs():
    figure = plot.trace(recording(ca_o=np.arange(4.0), mg_o=np.arange(5.0)))
    lines = figure.axes[0].lines
    assert len(lines) == 6
    assert figure.legends[0].get_title().get_text() == "6 of 20 runs"
    assert legend(figure)[0] == "ca_o = 0 mM, mg_o = 0 mM"
    assert legend(figure)[-1] == "ca_o = 3 mM, mg_o = 4 mM"
    assert lines[-1].get_ydata()[-1] == pytest.approx(-65.0 + (20 * 101 - 1) * 0.01)


def test_trace_draws_the_protocol_below():
    pieces = [Step(10.0, 2.0, 4.0), Ramp(0.0, 5.0, 6.0, 8.0), Change(9.0, {"k_o": 6.0})]
    figure = plot.trace(recording(), pieces)
    panel = figure.axes[-1]
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("time (ms)", "I (µA/cm²)")
    times, current = panel.lines[0].get_data()
    assert np.interp([1.0, 3.0, 5.0, 7.0, 8.5], times, current) == pytest.approx(
        [0.0, 10.0, 0.0, 2.5, 0.0]
    )
    assert [t.get_text().strip() for t in panel.texts] == ["k_o = 6"]


def test_trace_draws_the_protocol_of_each_amplitude():
    figure = plot.trace(recording(amplitude=[1.0, 3.0]), Step([1.0, 3.0], 2.0, 4.0))
    above, below = figure.axes[0].lines, figure.axes[-1].lines
    assert [max(line.get_ydata()) for line in below] == [1.0, 3.0]
    assert [a.get_color() for a in above] == [b.get_color() for b in below]


def test_trace_labels_a_clamp_in_millivolts():
    figure = plot.trace(recording(), VoltageClamp(0.0, 2.0, 4.0))
    assert figure.axes[-1].get_ylabel() == "v (mV)"


def test_trace_of_a_real_run():
    step = Step(10.0, 5.0, 15.0)
    found = simulate(SQUID_AXON, step, duration=20.0, record=("v", "n"))
    figure = plot.trace(found, step)
    assert [y for _, y in labels(figure)] == ["v (mV)", "n", "I (µA/cm²)"]
    assert figure.axes[0].lines[0].get_ydata() == pytest.approx(found["v"].values)


def test_trace_needs_a_recording():
    with pytest.raises(NeurosimError, match=r"nothing was recorded.*record=\('v',\)"):
        plot.trace(sweep(ca_o=[0.5, 1.0]))


def test_lines_take_the_longest_axis():
    figure = plot.lines(sweep(mg_o=[0.2, 0.5], ca_o=[0.5, 1.0, 1.5]), "threshold")
    assert labels(figure) == [
        ("ionised Ca outside (mM)", "threshold current of a pulse (nA)")
    ]
    assert legend(figure) == ["mg_o = 0.2 mM", "mg_o = 0.5 mM"]
    assert figure.axes[0].lines[1].get_ydata() == pytest.approx([3.0, 4.0, 5.0])


def test_lines_take_the_axis_that_is_asked_for():
    data = sweep(mg_o=[0.2, 0.5], ca_o=np.arange(1.0, 10.0))
    figure = plot.lines(data, "threshold", x="mg_o")
    assert len(figure.axes[0].lines) == 6
    assert figure.legends[0].get_title().get_text() == "6 of 9 values"
    assert len(plot.lines(data, "threshold", hue="mg_o").axes[0].lines) == 2


def test_heatmap_has_units_and_grey_for_nothing():
    data = sweep(ca_o=[0.5, 1.0, 1.5], mg_o=[0.2, 0.5])
    figure = plot.heatmap(data, "threshold", "ca_o", "mg_o")
    mesh = figure.axes[0].collections[0]
    assert mesh.get_array().shape == (2, 3)
    assert mesh.get_array().mask.tolist() == [[True, False, False], [False] * 3]
    assert mesh.get_cmap().name == "cividis"
    assert figure.axes[1].get_ylabel() == "threshold current of a pulse (nA)"


@pytest.mark.parametrize(
    ("axes", "maps"),
    [
        ({"ca_o": 9}, 0),
        ({"ca_o": 9, "mg_o": 6}, 0),
        ({"ca_o": 9, "mg_o": 7}, 1),
        ({"ca_o": 9, "mg_o": 7, "k_o": 1}, 1),
    ],
)
def test_sweep_figure_chooses(axes, maps):
    data = sweep(**{n: np.arange(k) for n, k in axes.items()})
    figure = plot.sweep_figure(data, "threshold")
    assert len(figure.axes[0].collections) == maps
    assert bool(figure.axes[0].lines) == (maps == 0)


def test_figures_refuse_what_they_cannot_draw():
    data = sweep(ca_o=[1.0, 2.0], mg_o=[1.0, 2.0], k_o=[3.0, 4.0])
    with pytest.raises(
        NeurosimError, match=r"ca_o \(2\), mg_o \(2\), k_o \(2\); choose"
    ):
        plot.sweep_figure(data, "threshold")
    with pytest.raises(NeurosimError, match="cannot be drawn as a map"):
        plot.heatmap(data, "threshold", "ca_o", "mg_o")
    with pytest.raises(NeurosimError, match="its axes are none"):
        plot.lines(sweep(), "threshold")
    with pytest.raises(UnknownName, match="Did you mean 'threshold'"):
        plot.sweep_figure(data, "treshold")
    with pytest.raises(UnknownName, match="'threshold' has no 'na_o'"):
        plot.lines(data, "threshold", x="na_o")


DRAWS = np.array([[10.0, 20.0, 30.0], [1.0, 2.0, np.nan], [np.nan, np.inf, np.nan]])
DOSE = {
    "control": (0.5, 1.5), "xlabel": "ionised Ca outside (mM)",
    "ylabel": "events (1/min)", "criterion": 3.0, "title": "C01",
}  # fmt: skip


def test_dose_response_shows_median_band_control_and_criterion():
    axis = plot.dose_response([0.6, 0.9, 1.2], DRAWS, **DOSE).axes[0]
    handles, names = axis.get_legend_handles_labels()
    drawn = dict(zip(names, handles, strict=True))
    assert set(drawn) == {"control, 5–95 %", "5–95 %", "median", "criterion"}
    control = drawn["control, 5–95 %"].get_bbox()
    assert (control.y0, control.y1) == (0.5, 1.5)
    assert drawn["median"].get_ydata() == pytest.approx(
        [20.0, 1.5, np.nan], nan_ok=True
    )
    assert set(drawn["criterion"].get_ydata()) == {3.0}
    band = drawn["5–95 %"].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((1.05, 29.0))
    assert (axis.get_xlabel(), axis.get_ylabel()) == (DOSE["xlabel"], DOSE["ylabel"])


def test_dose_response_alt_tells_the_numbers():
    said = plot.dose_response_alt([0.6, 0.9, 1.2], DRAWS, **DOSE)
    assert said == (
        "C01: events (1/min) against ionised Ca outside (mM); median (5–95 %): "
        "20 (11 to 29) at 0.6, 1.5 (1.05 to 1.95) at 0.9, no value at 1.2. "
        "Control: 0.5 to 1.5. Criterion: 3."
    )


def test_dose_response_without_criterion():
    words = DOSE | {"criterion": None, "title": ""}
    axis = plot.dose_response([0.6], DRAWS[:1], **words).axes[0]
    assert "criterion" not in axis.get_legend_handles_labels()[1]
    assert "Criterion" not in plot.dose_response_alt([0.6], DRAWS[:1], **words)


def test_alt_says_what_lines_and_maps_span():
    data = sweep(mg_o=[0.2, 0.5], ca_o=[0.5, 1.0, 1.5])
    assert plot.alt(plot.lines(data, "threshold")) == (
        "threshold current of a pulse (nA) against ionised Ca outside (mM): "
        "mg_o = 0.2 mM between 1 and 2, from 1 to 2, 1 of 3 without a value; "
        "mg_o = 0.5 mM between 3 and 5, from 3 to 5."
    )
    said = plot.alt(plot.heatmap(data, "threshold", "ca_o", "mg_o"))
    assert "(nA) between 1 and 5, 1 of 6 without a value." in said


def test_alt_of_panels_that_share_an_axis():
    said = plot.alt(plot.trace(recording(), Step(2.0, 1.0, 5.0)))
    assert said == (
        "v (mV) against time (ms): between −65 and −64, from −65 to −64. "
        "m against time (ms): at 0. "
        "I (µA/cm²) against time (ms): between 0 and 2, from 0 to 0."
    )


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_files_are_the_same_each_time(tmp_path, suffix):
    data = recording(ca_o=[11.0, 22.0])
    figure = plot.trace(data)
    paths = [tmp_path / f"{k}{suffix}" for k in range(3)]
    plot.save(figure, paths[0])
    plot.save(figure, paths[1])
    plot.save_trace(data, str(paths[2]))
    first = paths[0].read_bytes()
    assert first == paths[1].read_bytes() == paths[2].read_bytes()
    assert not re.search(rb"(Date|date>|20[2-9]\d-\d\d-\d\d)", first)
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in paths}


def test_svg_keeps_its_letters(tmp_path):
    plot.save_trace(recording(), tmp_path / "v.svg")
    text = (tmp_path / "v.svg").read_text(encoding="utf-8")
    assert "<svg" in text
    assert ">v (mV)</text>" in text


@pytest.mark.parametrize("name", ["figure.jpg", "figure"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(NeurosimError, match=r"written as \.svg, \.png, \.pdf"):
        plot.save_trace(recording(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    with pytest.raises(NeurosimError, match=r"could not be written \(.*another place"):
        plot.save_trace(recording(), tmp_path / "missing" / "v.svg")
    taken = tmp_path / "v.svg"
    taken.mkdir()
    with pytest.raises(NeurosimError, match="could not be written"):
        plot.save_trace(recording(), taken)
    assert [p.name for p in tmp_path.iterdir()] == ["v.svg"]
