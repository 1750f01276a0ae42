"""Figures: traces, sweeps and dose-responses, and a text that says what they show.

Nothing here touches pyplot or the settings of the process. Colours are those of Okabe
and Ito that stand out from white at least 3 to 1, always together with line styles.
"""

from contextlib import AbstractContextManager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.errors import NeurosimError, unknown
from neurosim.protocol import Change, pieces_of, timetable
from neurosim.units import UNITS

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")  # Okabe & Ito 2008
DASHES = ("-", "--", "-.", ":")
PAIRS = [(COLOURS[k % 5], DASHES[k % 4]) for k in range(20)]  # no two are equal
MOST = 6  # lines of one panel that can still be told apart
WIDTH = 7.0  # inches, the text width of a page
RC = {
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(
        color=[p[0] for p in PAIRS], linestyle=[p[1] for p in PAIRS]
    ),
    "legend.frameon": False,
    "lines.markersize": 4.0,
    "image.cmap": "cividis",
    "savefig.dpi": 150.0,
    "svg.fonttype": "none",  # letters stay letters: small files that can be searched
    "svg.hashsalt": "neurosim",
}
METADATA = {".svg": {"Date": None, "Creator": "neurosim"}, ".png": {"Software": None}}


def style() -> Any:
    """Return a context, or decorator, in which matplotlib draws as this package does."""
    return matplotlib.rc_context(RC)


@style()
def panels(rows: int = 1, columns: int = 1, *, height: float = 2.4, **how: Any):
    """Return an empty figure as wide as a page, and its axes, shape (rows, columns).

    Parameters
    ----------
    height : of a row, inches. how : as in ``matplotlib.figure.Figure.subplots``.
    """
    figure = Figure(figsize=(WIDTH, rows * height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **how)


@style()
def trace(dataset: Any, protocol: Any = None) -> Figure:
    """Draw everything that was recorded against time, one panel each.

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
    axes_of_runs = dataset[names[0]].isel(time=0).sizes
    runs = [
        dict(zip(axes_of_runs, map(int, where), strict=True))
        for where in chosen(tuple(axes_of_runs.values()))
    ]
    ratios = [1.0] * len(names) + [0.6] * bool(pieces)
    height = 1.0 + 1.4 * sum(ratios) / len(ratios)
    figure, axes = panels(
        len(ratios), height=height, sharex=True, height_ratios=ratios
    )
    for axis, name in zip(axes[:, 0], names, strict=False):
        for run in runs:
            axis.plot(dataset["time"], dataset[name].isel(run), label=told(dataset, run))
        axis.set_ylabel(label(dataset[name]))
    if pieces:
        draw_protocol(axes[-1, 0], dataset, pieces, runs)
    axes[-1, 0].set_xlabel(label(dataset["time"]))
    size = int(np.prod(list(axes_of_runs.values())))
    if size > 1:
        legend_above(axes[0, 0], f"{len(runs)} of {size} runs" * (size > len(runs)))
    return figure


def recorded(dataset: Any) -> list[str]:
    """Return the names of the variables over time."""
    names = [str(n) for n, data in dataset.data_vars.items() if "time" in data.dims]
    if not names:
        raise NeurosimError(
            "trace: nothing was recorded; give simulate e.g. record=('v',)."
        )
    return names


def draw_protocol(axis: Axes, dataset: Any, pieces: tuple, runs: list[dict]) -> None:
    """Draw a protocol against time, for each of the runs shown."""
    attrs = dataset.attrs
    table = timetable(pieces, attrs["duration"], attrs["dt"])
    length = table.dt * table.steps
    times = np.column_stack([table.start, table.start + length]).ravel()
    levels = np.stack([table.amplitude, table.amplitude + table.slope * length[:, None]])
    levels = levels.transpose(1, 0, 2).reshape(times.size, -1)
    varied = levels.shape[1] > 1
    for run in runs if varied else runs[:1]:
        axis.plot(times, levels[:, run["amplitude"] if varied else 0])
    for change in (p for p in pieces if isinstance(p, Change)):
        new = ", ".join(f"{n} = {number(v)}" for n, v in change.values.items())
        axis.axvline(change.time, color="0.4", linestyle=":")
        axis.annotate(
            new, (change.time, 1.0), xycoords=("data", "axes fraction"),
            xytext=(3, -2), textcoords="offset points", va="top",
        )  # fmt: skip
    what, unit = ("v", "mV") if table.clamp else ("I", attrs["stimulus_unit"])
    axis.set_ylabel(f"{what} ({UNITS.get(unit, unit)})")


@style()
def lines(
    dataset: Any, variable: str, x: str | None = None, hue: str | None = None
) -> Figure:
    """Draw a variable against one of its axes, a line for each value of another.

    Parameters
    ----------
    x : axis, by default the longest. hue : the other axis; of more than 6 values, 6
        evenly spaced ones are drawn.

    Raises
    ------
    NeurosimError : if the variable has other axes than these.
    """
    data = variable_of(dataset, variable, *(n for n in (x, hue) if n))
    dims = sorted(map(str, data.dims), key=lambda d: -data.sizes[d])
    x = x or next((d for d in dims if d != hue), None)
    rest = [d for d in dims if d != x]
    if x is None or len(rest) > 1:
        raise too_many(variable, data, "a line")
    figure, axes = panels(height=3.4)
    parts = [{rest[0]: k[0]} for k in chosen((data.sizes[rest[0]],))] if rest else [{}]
    for part in parts:
        axes[0, 0].plot(data[x], data.isel(part), marker=".", label=told(data, part))
    axes[0, 0].set(xlabel=label(data[x]), ylabel=label(data))
    if rest:
        size = data.sizes[rest[0]]
        more = f" ({len(parts)} of {size} values)" * (size > len(parts))
        legend_above(axes[0, 0], label(data[rest[0]]) + more)
    return figure


@style()
def heatmap(dataset: Any, variable: str, x: str, y: str) -> Figure:
    """Draw a variable over two of its axes; cells without a value are grey.

    Raises
    ------
    NeurosimError : if the variable has other axes than these.
    """
    data = variable_of(dataset, variable, x, y)
    if set(data.dims) != {x, y}:
        raise too_many(variable, data, "a map")
    figure, axes = panels(height=4.2)
    axis = axes[0, 0]
    axis.set_facecolor("0.8")
    cells = np.ma.masked_invalid(data.transpose(y, x).values)
    mesh = axis.pcolormesh(data[x], data[y], cells, shading="nearest", rasterized=True)
    axis.set(xlabel=label(data[x]), ylabel=label(data[y]))
    figure.colorbar(mesh, ax=axis, label=label(data))
    return figure


def sweep_figure(dataset: Any, variable: str) -> Figure:
    """Draw a variable over all its axes: lines, or a map where both axes are long."""
    data = variable_of(dataset, variable)
    dims = sorted(map(str, data.dims), key=lambda d: -data.sizes[d])
    if len(dims) == 2 and data.sizes[dims[1]] > MOST:
        return heatmap(dataset, variable, *dims)
    return lines(dataset, variable)


def variable_of(dataset: Any, variable: str, *needed: str) -> Any:
    """Return a variable without its axes of one value, except those needed."""
    if variable not in dataset.data_vars:
        raise unknown(variable, "the result", map(str, dataset.data_vars))
    data = dataset[variable]
    for name in needed:
        if name not in data.dims:
            raise unknown(name, f"the variable {variable!r}", map(str, data.dims))
    return data.squeeze([d for d in data.dims if data.sizes[d] == 1 and d not in needed])


def too_many(variable: str, data: Any, what: str) -> NeurosimError:
    """Return the error for a variable that has not the axes a figure needs."""
    axes = ", ".join(f"{d} ({n})" for d, n in data.sizes.items()) or "none"
    return NeurosimError(
        f"{variable} cannot be drawn as {what}: its axes are {axes}; choose one or two "
        "of them and fix the others, e.g. dataset.isel(name=0)."
    )


def dose_spread(draws: Any) -> np.ndarray:
    """Return 5, 50 and 95 % of the finite draws of each dose, shape (3, doses)."""
    rows = [np.asarray(row, float) for row in draws]
    rows = [row[np.isfinite(row)] for row in rows]
    empty = np.full(3, np.nan)
    return np.array([np.percentile(r, [5, 50, 95]) if r.size else empty for r in rows]).T


@style()
def dose_response(
    x: Any, draws: Any, *, control: tuple[float, float], xlabel: str, ylabel: str,
    criterion: float | None = None, title: str = "",
) -> Figure:  # fmt: skip
    """Draw an effect against a dose, with its spread over uncertain parameters.

    Parameters
    ----------
    x : doses, shape (doses,). draws : effects, shape (doses, draws); what is not finite
        is left out. control : 5 and 95 % of the effect without a dose.
    criterion : value that decides.
    """
    low, middle, high = dose_spread(draws)
    figure, axes = panels(height=3.4)
    axis, blue = axes[0, 0], COLOURS[0]
    axis.axhspan(*control, color="0.85", label="control, 5–95 %")
    axis.fill_between(x, low, high, color=blue, alpha=0.25, linewidth=0, label="5–95 %")
    axis.vlines(x, low, high, color=blue, linewidth=0.8)
    axis.plot(x, middle, color=blue, linestyle="-", marker="o", label="median")
    if criterion is not None:
        axis.axhline(criterion, color=COLOURS[1], linestyle="--", label="criterion")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    legend_above(axis, title)
    return figure


def dose_response_alt(
    x: Any, draws: Any, *, control: tuple[float, float], xlabel: str, ylabel: str,
    criterion: float | None = None, title: str = "",
) -> str:  # fmt: skip
    """Say what ``dose_response`` shows, in numbers."""
    low, middle, high = dose_spread(draws)
    said = [
        f"{number(middle[k])} ({number(low[k])} to {number(high[k])}) at {number(x[k])}"
        for (k,) in chosen((len(x),))
    ]
    decides = "" if criterion is None else f" Criterion: {number(criterion)}."
    return (
        f"{title + ': ' if title else ''}{ylabel} against {xlabel}; median (5–95 %): "
        f"{', '.join(said)}. Control: {' to '.join(map(number, control))}.{decides}"
    )


def alt(figure: Figure) -> str:
    """Say what a figure shows: its axes, where each line goes, the ends of each map."""
    drawn = [a for a in figure.axes if a.lines or a.collections and not is_bar(a)]
