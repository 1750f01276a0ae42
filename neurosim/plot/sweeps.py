"""Sweeps: lines over one axis, maps over two, a panel per measure."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.ensemble import spread
from neurosim.errors import NeurosimError, unknown
from neurosim.plot.look import (
    MOST,
    chosen,
    label,
    legend_above,
    panels,
    part_of,
    save,
    style,
    told,
    unit,
    upright,
)
from neurosim.plot.maps import colour_map
from neurosim.plot.words import ASIDE
from neurosim.protocol import amplitudes, pieces_of

MARKERS = {"diverged": "x", "no stable rest": "v", "no value": "+"}
ABOUT_RUNS = ("status", "failed_at")
ALONG = ("time", "spike")  # what a single run has many values of


@style()
def lines(
    dataset: Any, variable: str, x: str | None = None, hue: str | None = None
) -> Figure:
    """Draw a variable against one of its axes, a line for each value of another.

    Places without a value are marked at the foot of the panel, with the reason.

    Parameters
    ----------
    x : axis, by default the longest. hue : the other axis; of more than 6 values, 6
        evenly spaced ones are drawn.

    Raises
    ------
    NeurosimError : if the variable has other axes than these.
    """
    figure, axes = panels(height=3.4)
    legend_above(axes[0, 0], draw_lines(axes[0, 0], dataset, variable, x, hue))
    return figure


def draw_lines(
    axis: Axes, dataset: Any, variable: str, x: str | None = None,
    hue: str | None = None, height: float = 3.4,
) -> str:  # fmt: skip
    """Draw what ``lines`` draws into a panel; return what the legend has to add.

    ``height`` is that of the panel, inches.
    """
    data = variable_of(dataset, variable, *filter(None, (x, hue)))
    free = [d for d in by_length(data) if d != hue]
    x = x or next(iter(free), None)
    sizes = {d: n for d, n in data.sizes.items() if d != x}
    if x is None or len(sizes) > 1:
        raise too_many(variable, data, "lines")
    parts, lost = chosen(sizes), causes(dataset, data)
    for part in parts:
        (line,) = axis.plot(
            data[x], data.isel(part), marker=".", label=told(data, part)
        )
        for word, where in lost.items():
            at = data[x].values[where.isel(part).values]
            axis.plot(
                at, np.full(at.size, 0.02), MARKERS[word], color=line.get_color(),
                transform=axis.get_xaxis_transform(), markersize=6.0, gid=ASIDE,
                label=f"_{word}",
            )  # fmt: skip
    for word in lost:
        axis.plot([], [], MARKERS[word], color="0.3", label=word, gid=ASIDE)
    axis.set(xlabel=label(data[x]), ylabel=upright(label(data), height))
    return part_of(parts, sizes, "values") if sizes else ""


@style()
def heatmap(dataset: Any, variable: str, x: str, y: str) -> Figure:
    """Draw a variable over two of its axes; cells without a value are hatched.

    Raises
    ------
    NeurosimError : if the variable has other axes than these.
    """
    figure, axes = panels(height=4.2)
    draw_map(axes[0, 0], dataset, variable, x, y)
    legend_above(axes[0, 0])
    return figure


def draw_map(axis: Axes, dataset: Any, variable: str, x: str, y: str) -> None:
    """Draw what ``heatmap`` draws into a panel."""
    data = variable_of(dataset, variable, x, y)
    if set(data.dims) != {x, y}:
        raise too_many(variable, data, "a map")
    data = data.transpose(y, x)
    lost = {word: m.values for word, m in causes(dataset, data).items()}
    found = data.values[np.isfinite(data.values)]
    counts = not unit(data) and np.array_equal(found, np.round(found))
    colour_map(
        axis, data[x].values, data[y].values, data.values, label(data), lost,
        counts=counts,
    )  # fmt: skip
    axis.set(xlabel=label(data[x]), ylabel=label(data[y]))


@style()
def sweep_figure(dataset: Any, variables: str | Iterable[str] = ()) -> Figure:
    """Draw measures over all their axes, a panel each.

    One axis, or two of which one is short, give lines; two long axes give a map.

    Parameters
    ----------
    dataset : what ``sweep`` or ``simulate`` returned.
    variables : names of measures; by default all that have one value per run.

    Raises
    ------
    NeurosimError : for more than two axes, or nothing to draw.
    """
    names = [variables] if isinstance(variables, str) else list(variables)
    names = names or measured(dataset)
    flat = {name: variable_of(dataset, name) for name in names}
    maps = {name for name, data in flat.items() if is_map(data)}
    height = 4.2 if maps else 3.4 if len(names) == 1 else 2.6
    figure, axes = panels(len(names), height=height)
    said = ""
    for axis, name in zip(axes[:, 0], names, strict=True):
        if name in maps:
            draw_map(axis, dataset, name, *by_length(flat[name]))
        else:
            said = draw_lines(axis, dataset, name, height=height) or said
    legend_above(axes, said)
    return figure


def save_sweep(dataset: Any, path: str | Path) -> None:
    """Draw all measures of a sweep into a file; see ``sweep_figure`` and ``save``."""
    save(sweep_figure(dataset), path)


def check_axes(model: Any, protocol: Any) -> None:
    """Refuse, before anything runs, a sweep that ``sweep_figure`` cannot show.

    Raises
    ------
    NeurosimError : for no axis with several values, or more than two.
    """
    ensemble = spread(model, amplitudes(pieces_of(protocol)))
    long = [d for d in ensemble.dims if len(ensemble.coords[d]) > 1]
    if not 1 <= len(long) <= 2:
        raise NeurosimError(
            f"--plot: a picture shows one or two axes, and this sweep has {len(long)} "
            f"({', '.join(long) or 'none'}); leave out --plot and draw a part of the "
            "result, neurosim.plot.sweep_figure(dataset.isel(name=0)), or give single "
            "values to all axes but two."
        )


def measured(dataset: Any) -> list[str]:
    """Return the names of the variables with one value per run."""
    names = [
        str(name)
        for name, data in dataset.data_vars.items()
        if name not in ABOUT_RUNS and not set(data.dims) & set(ALONG)
    ]
    if not names:
        raise NeurosimError(
            "sweep_figure: no measure has one value per run; measure e.g. spike_count."
        )
    return names


def is_map(data: Any) -> bool:
    """Tell whether a variable has two axes that are too long for a bundle of lines."""
    dims = by_length(data)
    return len(dims) == 2 and data.sizes[dims[1]] > MOST


def causes(dataset: Any, data: Any) -> dict[str, Any]:
    """Return where a variable has no value, by the reason for it."""
    left = ~np.isfinite(data)
    found = {}
    status = dataset["status"].squeeze() if "status" in dataset else None
    if status is not None and set(status.dims) <= set(data.dims):
        for code, word in ((1, "diverged"), (2, "no stable rest")):
            found[word] = (left & (status == code)).transpose(*data.dims)
            left = left & (status != code)
    found["no value"] = left.transpose(*data.dims)
    return {word: where for word, where in found.items() if bool(where.any())}


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
        "of them and fix the others, e.g. sweep_figure(dataset.isel(name=0))."
    )
