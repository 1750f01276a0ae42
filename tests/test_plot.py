import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import EventCollection, PolyQuadMesh, QuadMesh
from matplotlib.contour import ContourSet

from neurosim import Change, NeurosimError, Ramp, Step, VoltageClamp, plot, simulate
from neurosim.core.adaptive import POTENTIAL
from neurosim.errors import UnknownName
from neurosim.models import SQUID_AXON
from neurosim.protocol import Fluctuation

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


def drawn(figure, panel=0):
    """Return the lines of a panel that are no marks."""
    return [x for x in figure.axes[panel].lines if x.get_gid() is None]


def maps_of(axis):
    return [m for m in axis.collections if isinstance(m, QuadMesh)]


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
    assert figure.axes[-1].get_ylabel() == "command (mV)"


def test_trace_of_a_real_run():
    step = Step(10.0, 5.0, 15.0)
    found = simulate(SQUID_AXON, step, duration=20.0, record=("v", "n"))
    figure = plot.trace(found, step)
    assert [y for _, y in labels(figure)] == ["v (mV)", "n", "I (µA/cm²)"]
    assert figure.axes[0].lines[0].get_ydata() == pytest.approx(found["v"].values)


def test_rest_is_drawn_as_flat_as_it_is():
    run = simulate(SQUID_AXON, duration=20.0, record="v")
    low, high = plot.trace(run).axes[0].get_ylim()
    assert high - low == pytest.approx(0.1)
    assert float(np.ptp(run.v.values)) < run.attrs["tolerance"] * POTENTIAL
    assert low < float(run.v.min()) < float(run.v.max()) < high


def test_trace_needs_a_recording():
    with pytest.raises(NeurosimError, match=r"nothing was recorded.*record=\('v',\)"):
        plot.trace(sweep(ca_o=[0.5, 1.0]))


def test_lines_take_the_longest_axis():
    figure = plot.lines(sweep(mg_o=[0.2, 0.5], ca_o=[0.5, 1.0, 1.5]), "threshold")
    assert labels(figure) == [
        ("ionised Ca outside (mM)", "threshold current of a pulse\n(nA)")
    ]
    assert legend(figure) == ["mg_o = 0.2 mM", "mg_o = 0.5 mM", "no value"]
    (line,) = [x for x in figure.axes[0].lines if x.get_label() == "mg_o = 0.5 mM"]
    assert line.get_ydata() == pytest.approx([3.0, 4.0, 5.0])


def test_lines_take_the_axis_that_is_asked_for():
    data = sweep(mg_o=[0.2, 0.5], ca_o=np.arange(1.0, 10.0))
    figure = plot.lines(data, "threshold", x="mg_o")
    assert len(drawn(figure)) == 6
    assert figure.legends[0].get_title().get_text() == "6 of 9 values"
    assert len(drawn(plot.lines(data, "threshold", hue="mg_o"))) == 2


def test_heatmap_has_units_and_grey_for_nothing():
    data = sweep(ca_o=[0.5, 1.0, 1.5], mg_o=[0.2, 0.5])
    figure = plot.heatmap(data, "threshold", "ca_o", "mg_o")
    mesh = figure.axes[0].collections[0]
    assert mesh.get_array().shape == (2, 3)
    assert mesh.get_array().mask.tolist() == [[True, False, False], [False] * 3]
    assert mesh.get_cmap().name == "cividis"
    assert figure.axes[1].get_ylabel() == "threshold current of a pulse (nA)"


def failed():
    """Return a sweep of two measures over 7 x 9 baths; some runs have no value."""
    data = sweep(ca_o=np.arange(9.0), mg_o=np.arange(7.0))
    counts = data["threshold"].fillna(0.0).astype(int).astype(float)
    counts.attrs = {"units": "", "long_name": "number of spikes"}
    codes = xr.zeros_like(counts).astype(int)
    codes[2, 3], codes[4, 4] = 1, 2
    return data.assign(
        threshold=data["threshold"].where(codes == 0),
        spike_count=counts.where(codes != 1),
        status=codes,
        spike_time=(("ca_o", "mg_o", "spike"), np.zeros((9, 7, 2))),
        failed_at=counts,
    )


def test_a_sweep_has_a_panel_for_every_measure():
    figure = plot.sweep_figure(failed())
    panels = [a for a in figure.axes if a.get_label() != "<colorbar>"]
    assert len(panels) == 2
    assert all(a.get_xlabel() == a.get_ylabel() for a in panels)
    bars = [a.get_ylabel() for a in figure.axes if a.get_label() == "<colorbar>"]
    assert bars == ["threshold current of a pulse (nA)", "number of spikes"]
    assert len(plot.sweep_figure(failed(), ["spike_count"]).axes) == 2


def test_cells_without_a_value_are_hatched_and_named():
    figure = plot.sweep_figure(failed())
    assert legend(figure) == [
        "diverged (1 of 63)", "no stable rest (1 of 63)", "no value (1 of 63)",
    ]  # fmt: skip
    covers = [c for c in figure.axes[0].collections if isinstance(c, PolyQuadMesh)]
    assert len({c.get_hatch() for c in covers}) == 3
    assert [int((~c.get_array().mask).sum()) for c in covers] == [1, 1, 1]
    assert legend(plot.sweep_figure(failed(), "spike_count")) == ["diverged (1 of 63)"]


def test_places_without_a_value_are_marked_on_lines():
    data = failed().isel(mg_o=[3, 4])
    figure = plot.sweep_figure(data)
    assert legend(figure)[2:] == ["diverged", "no stable rest"]
    marks = [x for x in figure.axes[0].lines if x.get_label() == "_diverged"]
    assert [list(x.get_xdata()) for x in marks] == [[2.0], []]
    assert marks[0].get_color() == drawn(figure)[0].get_color()
    assert plot.alt(figure).count("1 of 9 without a value") == 3


def test_maps_have_contours_that_name_their_value():
    figure = plot.sweep_figure(failed())
    first, second = ([t.get_text() for t in a.texts] for a in (
        figure.axes[0], figure.axes[1]
    ))  # fmt: skip
    assert first
    assert all(re.fullmatch(r"\d+", text) for text in first)
    assert second
    assert all(re.fullmatch(r"≥ \d+", text) for text in second)


def test_a_map_without_any_value_can_be_drawn(tmp_path):
    data = failed()
    data["threshold"] = data["threshold"] * np.nan
    figure = plot.sweep_figure(data, "threshold")
    plot.save(figure, tmp_path / "map.svg")
    assert "no value (61 of 63)" in legend(figure)
    assert "has no value" in plot.alt(figure)


def test_only_what_has_one_value_per_run_can_be_drawn():
    with pytest.raises(NeurosimError, match=r"one value per run; .* spike_count"):
        plot.sweep_figure(failed()[["spike_time", "status", "failed_at"]])


def test_a_sweep_is_refused_before_it_runs():
    step, model = Step(10.0, 5.0, 45.0), SQUID_AXON
    two = model.at(ca_o=[20.0, 44.0], k_o=[18.0, 20.0], na_o=[440.0])
    assert plot.check_axes(two, step) is None
    for wrong, word in ((two, Step([1.0, 2.0])), (model, step)):
        with pytest.raises(NeurosimError, match="one or two axes, and this sweep has"):
            plot.check_axes(wrong, word)


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
    assert len(maps_of(figure.axes[0])) == maps
    assert bool(drawn(figure)) == (maps == 0)


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


def test_spikes_stand_below_the_traces():
    step = Step(np.array([3.0, 10.0]), 5.0, 45.0)
    found = simulate(
        SQUID_AXON, step, duration=60.0, record=("v",), measure=["spike_times"]
    )
    figure = plot.trace(found, step)
    assert [y for _, y in labels(figure)] == ["v (mV)", "spikes", "I (µA/cm²)"]
    marks = [c for c in figure.axes[1].collections if isinstance(c, EventCollection)]
    for drawn_times, times in zip(marks, found["spike_time"].values, strict=True):
        assert drawn_times.get_positions() == pytest.approx(times[np.isfinite(times)])
    said = plot.alt(figure)
    assert re.search(r"amplitude = 10 µA/cm² 3, from 6\.9\d? to 36\.\d", said)


def test_a_run_without_spikes_says_so():
    found = simulate(SQUID_AXON, duration=5.0, record=("v",), measure=["spike_times"])
    figure = plot.trace(found)
    assert [text.get_text() for text in figure.axes[1].texts] == ["none"]
    assert "spikes against time (ms): none." in plot.alt(figure)


def test_a_diverged_run_ends_with_a_cross():
    step = Step(np.array([10.0, 1e9]), 5.0, 45.0)
    found = simulate(SQUID_AXON, step, duration=20.0, record=("v",))
    axis = plot.trace(found, step).axes[0]
    (cross,) = [line for line in axis.lines if line.get_marker() == "x"]
    assert cross.get_xdata() == pytest.approx(found["failed_at"].values[1:])
    assert cross.get_color() == axis.lines[1].get_color()
    assert [t.get_text().strip() for t in axis.texts] == ["diverged"]


def test_noise_is_drawn_as_wide_as_it_is():
    figure = plot.trace(recording(), [Fluctuation(2.0, 15.0), Step(1.0, 2.0, 4.0)])
    panel = figure.axes[-1]
    (band,) = panel.collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-2.0, 3.0)
    assert panel.get_title("right") == "noise: σ = 2 µA/cm², τ = 15 ms; grey: ± σ"


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


CA = plot.Doses(name="Ca", x=[0.6, 0.9, 1.2], draws=DRAWS, xlabel="Ca (mM)", marked=0.9)
MG = plot.Doses(name="Mg", x=[0.2, 0.5], draws=[[0.0, 0.0], [2.0, 4.0]], xlabel="Mg")
LADDER = {"ylabel": "events (1/min)", "control": (0.5, 1.5), "criterion": 3.0,
          "title": "C01"}  # fmt: skip


def test_arms_of_one_dose_share_a_panel():
    other = plot.Doses(name="linked", x=CA.x, draws=DRAWS + 1.0, xlabel=CA.xlabel)
    figure = plot.ladder([CA, other], **LADDER)
    (axis,) = figure.axes
    assert axis.get_xlabel() == "Ca (mM)"
    assert legend(figure) == [
        "control",
        "Ca",
        "dose that decides",
        "linked",
        "criterion",
    ]
    medians = [x for x in axis.lines if x.get_label() in ("Ca", "linked")]
    assert medians[0].get_ydata() == pytest.approx([20.0, 1.5, np.nan], nan_ok=True)
    looks = {(x.get_color(), x.get_linestyle()) for x in medians}
    assert len(looks) == 2
    assert axis.get_yscale() == "linear"


def test_arms_of_other_doses_have_panels_of_their_own():
    figure = plot.ladder([CA, MG], **LADDER, log_from=0.01)
    shown = [a for a in figure.axes if a.get_visible()]
    assert [a.get_xlabel() for a in shown] == ["Ca (mM)", "Mg"]
    assert [a.get_yscale() for a in shown] == ["log", "log"]
    assert shown[0].get_ylim() == shown[1].get_ylim()
    (median,) = [x for x in shown[1].lines if x.get_label() == "Mg"]
    assert median.get_ydata() == pytest.approx([0.01, 3.0])  # 0 is drawn at the floor
    three = plot.ladder([CA, MG, CA], **LADDER)
    assert [a.get_visible() for a in three.axes] == [True, True, True, False]


def test_ladder_alt_tells_every_arm():
    assert plot.ladder_alt([CA, MG], **LADDER, log_from=0.01) == (
        "C01: events (1/min); median (5–95 %). Ca, against Ca (mM): 20 (11 to 29) at "
        "0.6, 1.5 (1.05 to 1.95) at 0.9, no value at 1.2; 0.9 decides. Mg, against Mg: "
        "0 (0 to 0) at 0.2, 3 (2.1 to 3.9) at 0.5. Control: 0.5 to 1.5. Criterion: 3. "
        "Values below 0.01 are drawn there."
    )
    said = plot.ladder_alt([MG], ylabel="x")
    for word in ("Control", "Criterion", "below", "decides"):
        assert word not in said


SHARES = {"Ca": (0.93, 0.88, 0.97), "K": (0.0, 0.0, 0.03), "Na": (np.nan,) * 3}


def test_shares_are_bars_with_intervals():
    figure = plot.share_bars(SHARES, xlabel="draws with events", criterion=0.9)
    (axis,) = figure.axes
    assert [bar.get_width() for bar in axis.patches] == pytest.approx([93.0, 0.0])
    ends = [list(x.get_xdata()) for x in axis.lines if x.get_marker() == "|"]
    assert np.array(ends) == pytest.approx(np.array([[88.0, 97.0], [0.0, 3.0]]))
    assert [t.get_text() for t in axis.texts] == ["93 %", "0 %", "no value"]
    assert [t.get_text() for t in axis.get_yticklabels()] == list(SHARES)
    assert axis.get_xlabel() == "draws with events (%)"
    assert legend(figure) == ["criterion, 90 %"]
    assert plot.share_bars_alt(SHARES, xlabel="draws with events", criterion=0.9) == (
        "draws with events: Ca 93 % (88 to 97), K 0 % (0 to 3), Na no value. "
        "Criterion: 90 %."
    )


RATE = {
    "x": np.linspace(0.4, 1.4, 6), "y": np.linspace(0.1, 0.9, 5),
    "xlabel": "Ca (mM)", "ylabel": "Mg (mM)", "ratelabel": "events (1/min)",
    "floor": 1e-3,
}  # fmt: skip


def rates():
    rate = 10.0 ** (4.0 - 5.0 * RATE["x"][None] - 2.0 * RATE["y"][:, None])
    rate[0, 0] = np.nan
    return rate


def test_a_rate_map_has_a_contour_per_decade_and_the_line_of_lost_rest():
    lost = 0.7 - RATE["x"][None] - 0.5 * RATE["y"][:, None]
    figure = plot.rate_map(**RATE, rate=rates(), lost=lost, marked=(1.25, 0.55))
    axis = figure.axes[0]
    (mesh,) = maps_of(axis)
    assert mesh.norm.vmin == 1e-3
    assert mesh.get_array().min() == pytest.approx(1e-3)  # lower ones are drawn there
    assert {float(t.get_text()) for t in axis.texts} <= {10.0**k for k in range(-3, 3)}
    assert len(axis.texts) >= 3
    assert legend(figure) == ["no value (1 of 30)", "rest is lost", "healthy"]
    (line,) = [
        c for c in axis.collections
        if isinstance(c, ContourSet) and list(c.levels) == [0.0]
    ]  # fmt: skip
    x, y = line.get_paths()[0].vertices.T
    assert x + 0.5 * y == pytest.approx(0.7)


def test_a_rate_map_draws_no_line_where_rest_is_never_lost():
    lost = np.full((5, 6), -1.0)
    figure = plot.rate_map(**RATE, rate=np.ones((5, 6)), lost=lost)
    assert not figure.legends
    said = plot.rate_map_alt(**RATE, rate=np.ones((5, 6)), lost=lost)
    assert "Rest is lost in 0% of the map." in said


def test_rate_map_alt_tells_corners_and_extremes():
    said = plot.rate_map_alt(**RATE, rate=rates(), marked=(1.25, 0.55), title="Q")
    assert said == (
        "Q: events (1/min) over Ca (mM) and Mg (mM). Corners: no value at 0.4 and 0.1; "
        "0.000631 at 1.4 and 0.1; 1.58 at 0.4 and 0.9; 1.58e−05 at 1.4 and 0.9. "
        "Highest: 25.1 at 0.4 and 0.3. Rates below 0.001 are drawn as 0.001. "
        "1 of 30 cells have no value. Healthy: 1.25 and 0.55."
    )


@pytest.mark.parametrize("name", ["ladder", "rate_map", "share_bars", "dose_response"])
def test_figures_for_cards_fit_a_phone(name, tmp_path):
    figure = {
        "ladder": lambda: plot.ladder([CA, MG], **LADDER),
        "rate_map": lambda: plot.rate_map(**RATE, rate=rates()),
        "share_bars": lambda: plot.share_bars(SHARES, xlabel="draws"),
        "dose_response": lambda: plot.dose_response([0.6, 0.9, 1.2], DRAWS, **DOSE),
    }[name]()
    # on 330 pixels the usual letters, 10 points, are at least 9 pixels high
    assert figure.get_figwidth() * 72.0 <= 330.0 / 0.9
    plot.save(figure, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 150_000


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
