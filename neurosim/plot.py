"""Figures: traces, sweeps and dose-responses, and a text that says what they show.

Nothing here touches pyplot or the settings of the process. Colours are those of Okabe
and Ito that stand out from white at least 3 to 1, always together with line styles.
"""

from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from neurosim.errors import NeurosimError, unknown
from neurosim.protocol import Change, pieces_of, timetable
from neurosim.units import UNITS

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")  # Okabe & Ito 2008
DASHES = ("-", "--", "-.", ":")
PAIRS = [(COLOURS[k % 5], DASHES[k % 4]) for k in range(20)]  # no two are equal
MOST = 6  # lines of one panel that can still be told apart
WIDTH = 7.0  # inches, the text width of a page
RC: Any = {
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(
        color=[p[0] for p in PAIRS], linestyle=[p[1] for p in PAIRS]
    ),
    "legend.frameon": False,
    "lines.markersize": 4.0,
    "image.cmap": "cividis",
    "figure.dpi": 80.0,  # on the screen, so that notebooks stay small
    "savefig.dpi": 150.0,
    "svg.fonttype": "none",  # letters stay letters: small files that can be searched
    "svg.hashsalt": "neurosim",
}
METADATA: dict[str, dict] = {  # without the date of writing
    ".svg": {"Date": None, "Creator": "neurosim"},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": "neurosim", "Producer": None},
}


def style() -> Any:
    """Return a context, or decorator, in which matplotlib draws as here."""
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
    sizes = dataset[names[0]].isel(time=0).sizes
    runs = chosen(sizes)
    ratios = [1.0] * len(names) + [0.6] * bool(pieces)
    height = (1.2 + 1.5 * sum(ratios)) / len(ratios)
    figure, axes = panels(len(ratios), height=height, sharex=True, height_ratios=ratios)
    for axis, name in zip(axes[:, 0], names, strict=False):
        for run in runs:
            axis.plot(
                dataset["time"], dataset[name].isel(run), label=told(dataset, run)
            )
        axis.set_ylabel(label(dataset[name]))
    if pieces:
        draw_protocol(axes[-1, 0], dataset, pieces, runs)
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


def draw_protocol(axis: Axes, dataset: Any, pieces: tuple, runs: list[dict]) -> None:
    """Draw a protocol against time, for each of the runs shown."""
    attrs = dataset.attrs
    table = timetable(pieces, attrs["duration"], attrs["dt"])
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
            line.set(color="0.3", linestyle="-")
    for change in (p for p in pieces if isinstance(p, Change)):
        new = ", ".join(f"{n} = {number(v)}" for n, v in change.values.items())
        axis.vlines(change.time, levels.min(), levels.max() + 1e-9, color="0.4")
        axis.text(change.time, levels.max(), f" {new}", va="top")
    given = UNITS[attrs["stimulus_unit"]]
    axis.set_ylabel("v (mV)" if table.clamp else f"I ({given})")


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
    data = variable_of(dataset, variable, *filter(None, (x, hue)))
    free = [d for d in by_length(data) if d != hue]
    x = x or next(iter(free), None)
    sizes = {d: n for d, n in data.sizes.items() if d != x}
    if x is None or len(sizes) > 1:
        raise too_many(variable, data, "a line")
    figure, axes = panels(height=3.4)
    parts = chosen(sizes)
    for part in parts:
        axes[0, 0].plot(data[x], data.isel(part), marker=".", label=told(data, part))
    axes[0, 0].set(xlabel=label(data[x]), ylabel=label(data))
    if sizes:
        legend_above(axes[0, 0], part_of(parts, sizes, "values"))
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
    dims = by_length(data)
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
    return data.squeeze(
        [d for d in data.dims if data.sizes[d] == 1 and d not in needed]
    )


def by_length(data: Any) -> list[str]:
    """Return the axes, the longest first."""
    return sorted(map(str, data.dims), key=lambda d: -data.sizes[d])


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
    return np.array(
        [np.percentile(r, [5, 50, 95]) if r.size else empty for r in rows]
    ).T


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
        if np.isfinite(middle[k])
        else f"no value at {number(x[k])}"
        for k in (place["dose"] for place in chosen({"dose": len(x)}))
    ]
    decides = "" if criterion is None else f" Criterion: {number(criterion)}."
    return (
        f"{title + ': ' if title else ''}{ylabel} against {xlabel}; median (5–95 %): "
        f"{', '.join(said)}. Control: {' to '.join(map(number, control))}.{decides}"
    )


def alt(figure: Figure) -> str:
    """Say what a figure shows: its axes, and what its lines and maps span."""
    axes = [a for a in figure.axes if a.get_label() != "<colorbar>"]
    said = []
    for axis in axes:
        lines = [spanned(line.get_label(), line.get_ydata()) for line in axis.lines]
        maps = [m for m in axis.collections if isinstance(m, QuadMesh)]
        bars = [m.colorbar.ax.get_ylabel() if m.colorbar else "" for m in maps]
        lines += [spanned(b, m.get_array()) for b, m in zip(bars, maps, strict=True)]
        xlabel = axis.get_xlabel() or axes[-1].get_xlabel()  # panels may share an axis
        what = f"{axis.get_title()} {axis.get_ylabel()}".strip()
        said.append(f"{what} against {xlabel}: {'; '.join(dict.fromkeys(lines))}.")
    return " ".join(said).replace("\n", " ")


def spanned(name: Any, values: Any) -> str:
    """Say between which values something lies, and how a line begins and ends."""
    values = np.ma.masked_invalid(np.ma.asarray(values, float))
    said = "" if str(name).startswith("_") else f"{name} "
    if not values.count():
        return f"{said}has no value"
    if values.min() == values.max():
        return f"{said}at {number(values.min())}"
    said += f"between {number(values.min())} and {number(values.max())}"
    if values.ndim == 1:
        ends = values.compressed()
        said += f", from {number(ends[0])} to {number(ends[-1])}"
    if values.count() < values.size:
        said += f", {values.size - values.count()} of {values.size} without a value"
    return said


@style()
def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as SVG, PNG or PDF: the same bytes each time, whole or not at all.

    Raises
    ------
    NeurosimError : for another suffix, or a place that cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in METADATA:
        raise NeurosimError(
            f"{path}: a figure is written as {', '.join(METADATA)}; give a name that "
            "ends so."
        )
    buffer = BytesIO()
    figure.savefig(buffer, format=suffix[1:], metadata=METADATA[suffix])
    figure.set_layout_engine("none")  # a second layout could move things a little
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(path)
    except OSError as error:
        raise NeurosimError(
            f"{path} could not be written ({error.strerror or error}); give another "
            "place for the figure."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def save_trace(dataset: Any, path: str | Path, protocol: Any = None) -> None:
    """Draw what was recorded into a file; see ``trace`` and ``save``."""
    save(trace(dataset, protocol), path)


def legend_above(axis: Axes, title: str = "") -> None:
    """Put the names of an axis' lines above the figure."""
    handles, names = axis.get_legend_handles_labels()
    longest = max(map(len, names), default=0)
    columns = max(1, 88 // (longest + 8))  # 88 letters are as wide as the page
    axis.figure.legend(
        handles, names, title=title or None, ncols=columns,
        loc="outside upper center", frameon=False,
    )  # fmt: skip


def chosen(sizes: Mapping[Any, int]) -> list[dict[Any, int]]:
    """Return at most 6 evenly spaced places along axes, first and last included."""
    shape = tuple(sizes.values())
    size = int(np.prod(shape))
    flat = np.linspace(0, size - 1, min(size, MOST)).round().astype(int)
    places = [map(int, np.unravel_index(k, shape)) for k in flat]
    return [dict(zip(sizes, place, strict=True)) for place in places]


def part_of(places: list, sizes: Mapping[Any, int], what: str) -> str:
    """Say how many of all places are shown, if it is not all of them."""
    size = int(np.prod(tuple(sizes.values())))
    return f"{len(places)} of {size} {what}" if size > len(places) else ""


def told(dataset: Any, where: dict[str, int]) -> str | None:
    """Return the values of the axes at a place, for a legend."""
    at = {d: dataset[d][k] for d, k in where.items()}
    names = [f"{d} = {number(v)} {unit(v)}".strip() for d, v in at.items()]
    return ", ".join(names) or None


def label(data: Any) -> str:
    """Return the long name of a DataArray, with its unit."""
    name = data.attrs.get("long_name", data.name)
    return f"{name} ({unit(data)})" if unit(data) else str(name)


def unit(data: Any) -> str:
    """Return the unit of a DataArray as it is printed."""
    given = str(data.attrs.get("units", ""))
    return UNITS.get(given, given)


def number(value: Any) -> str:
    """Return a number of three digits as text."""
    return f"{float(value):.3g}".replace("-", "−")
