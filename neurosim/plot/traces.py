"""What was recorded over time, with what was done underneath."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.errors import NeurosimError
from neurosim.plot.look import (
    PAIRS,
    chosen,
    label,
    legend_above,
    number,
    panels,
    part_of,
    save,
    style,
    told,
    upright,
)
from neurosim.plot.words import ASIDE
from neurosim.protocol import Change, Fluctuation, clamped, pieces_of
from neurosim.timetable import Timetable, timetable
from neurosim.units import UNITS

GREY = "0.35"
CLOSEST = 0.1  # mV: no panel of a potential shows less (chosen; a tolerance is 1e-3)


@style()
def trace(dataset: Any, protocol: Any = None) -> Figure:
    """Draw everything that was recorded against time, one panel each.

    Spikes have a panel if the dataset has ``spike_time``; a cross ends diverged runs.

    Parameters
    ----------
    dataset : what ``simulate`` returned with ``record``; of more than 6 runs, 6 evenly
        spaced ones are drawn.
    protocol : what was done, to be drawn below.

    Raises
    ------
    NeurosimError : if nothing was recorded.
    """
    names, pieces = recorded(dataset), pieces_of(protocol)
    sizes = dataset[names[0]].isel(time=0).sizes
    runs = chosen(sizes)
    spikes = "spike_time" in dataset and not clamped(pieces)
    ratios = [1.0] * len(names)
    ratios += [0.16 + 0.08 * len(runs)] * spikes + [0.6] * bool(pieces)
    height = (1.2 + 1.5 * sum(ratios)) / len(ratios)
    figure, axes = panels(len(ratios), height=height, sharex=True, height_ratios=ratios)
    for axis, name in zip(axes[:, 0], names, strict=False):
        for run in runs:
            axis.plot(
                dataset["time"], dataset[name].isel(run), label=told(dataset, run)
            )
        axis.set_ylabel(upright(label(dataset[name]), 1.5))
        if dataset[name].attrs.get("units") == "mV":
            keep_distance(axis)
    mark_diverged(axes[0, 0], dataset, runs)
    if spikes:
        draw_spikes(axes[len(names), 0], dataset, runs)
    if pieces:
        draw_protocol(axes[-1, 0], dataset, pieces, runs)
        mark_changes(axes[:, 0], pieces)
    axes[-1, 0].set_xlabel(label(dataset["time"]))
    axes[0, 0].margins(x=0.01)
    if sizes:
        legend_above(axes[0, 0], part_of(runs, sizes, "runs"))
    return figure


def recorded(dataset: Any) -> list[str]:
    """Return the names of the variables over time."""
    names = [str(n) for n, data in dataset.data_vars.items() if "time" in data.dims]
    if not names:
        raise NeurosimError(
            "trace: nothing was recorded; give simulate e.g. record=('v',)."
        )
    return names


def keep_distance(axis: Axes) -> None:
    """Show a potential no closer, where a solver's tolerance looks like life."""
    low, high = axis.get_ylim()
    if high - low < CLOSEST:
        middle = 0.5 * (low + high)
        axis.set_ylim(middle - 0.5 * CLOSEST, middle + 0.5 * CLOSEST)


def mark_diverged(axis: Axes, dataset: Any, runs: list[dict]) -> None:
    """Put a cross where a run shown left the range of numbers."""
    if "failed_at" not in dataset:
        return
    for run, (colour, _) in zip(runs, PAIRS, strict=False):
        time = float(dataset["failed_at"].isel(run))
        if np.isfinite(time):
            place = {"transform": axis.get_xaxis_transform(), "gid": ASIDE}
            axis.plot(time, 0.9, "x", color=colour, markersize=9.0, **place)
            axis.annotate(
                " diverged", (time, 0.9), xycoords=place["transform"], va="center"
            )


def draw_spikes(axis: Axes, dataset: Any, runs: list[dict]) -> None:
    """Draw when the spikes are, a row of ticks per run, the first on top."""
    for row, (run, (colour, _)) in enumerate(zip(runs, PAIRS, strict=False)):
        times = np.asarray(dataset["spike_time"].isel(run), float)
        axis.eventplot(
            times[np.isfinite(times)], lineoffsets=-row, linelengths=0.8,
            linewidths=1.0, colors=colour, label=told(dataset, run) or "_run",
        )  # fmt: skip
    if not np.isfinite(dataset["spike_time"]).any():
        axis.text(0.5, 0.5, "none", transform=axis.transAxes, ha="center", va="center")
    axis.set(ylim=(0.6 - len(runs), 0.6), yticks=[])
    axis.set_ylabel("spikes", rotation="horizontal", ha="right", va="center")


def draw_protocol(axis: Axes, dataset: Any, pieces: tuple, runs: list[dict]) -> None:
    """Draw a protocol against time, for each of the runs shown."""
    attrs = dataset.attrs
    table = timetable(pieces, attrs["duration"], attrs["duration"])
    length = table.dt * table.steps
    times = np.column_stack([table.start, table.start + length]).ravel()
    levels = np.stack(
        [table.amplitude, table.amplitude + table.slope * length[:, None]]
    )
    levels = levels.transpose(1, 0, 2).reshape(times.size, -1)
    columns = list(dict.fromkeys(run.get("amplitude", 0) for run in runs))
    shown = levels[:, columns if levels.shape[1] > 1 else [0]]
    drawn = axis.plot(times, shown)
    if len(drawn) != len(runs):  # then their colours are not those of the runs
        for line in drawn:
            line.set(color=GREY, linestyle="-")
    given = UNITS[attrs["stimulus_unit"]]
    axis.set_ylabel("command (mV)" if table.clamp else f"I ({given})")
    if any(isinstance(piece, Fluctuation) for piece in pieces):
        draw_noise(axis, table, times, shown.mean(axis=1), given)
    for kicks in table.kicks:
        when = np.asarray(kicks.times, float).ravel()
        axis.plot(
            when, np.full(when.size, 0.04), "|", color=GREY, gid=ASIDE,
            transform=axis.get_xaxis_transform(),
        )  # fmt: skip
        axis.set_title(f"ticks: kicks of {kicks.state}", fontsize="small", loc="left")


def draw_noise(
    axis: Axes, table: Timetable, times: np.ndarray, middle: np.ndarray, given: str
) -> None:
    """Draw how far the fluctuating current reaches: plus and minus one sigma."""
    sigmas = np.atleast_1d(table.sigma)
    widest = float(sigmas.max())
    axis.fill_between(
        times, middle - widest, middle + widest, color="0.8", linewidth=0, zorder=0
    )
    said = " to ".join(number(s) for s in sorted({float(sigmas.min()), widest}))
    axis.set_title(
        f"noise: σ = {said} {given}, τ = {number(table.tau)} ms; grey: ± σ",
        fontsize="small", loc="right", pad=2.0,
    )  # fmt: skip


def mark_changes(axes: Any, pieces: tuple) -> None:
    """Draw a line through all panels where a parameter takes a new value."""
    for change in (p for p in pieces if isinstance(p, Change)):
        new = ", ".join(f"{n} = {number(v)}" for n, v in change.values.items())
        for axis in axes:
            axis.axvline(
                change.time, color=GREY, linestyle=":", linewidth=1.0, gid=ASIDE
            )
        axes[-1].annotate(
            f" {new}", (change.time, 1.0), va="top", fontsize="small",
            xycoords=axes[-1].get_xaxis_transform(),
        )  # fmt: skip


def save_trace(dataset: Any, path: str | Path, protocol: Any = None) -> None:
    """Draw what was recorded into a file; see ``trace`` and ``save``."""
    save(trace(dataset, protocol), path)
