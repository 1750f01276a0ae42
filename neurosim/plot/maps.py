"""Colour maps over two axes, with contours and hatching where there is no value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, MaxNLocator

from neurosim.plot.look import (
    CARD,
    COLOURS,
    legend_above,
    number,
    panels,
    style,
    upright,
)

HATCHES = {"diverged": "xxx", "no stable rest": "//", "no value": "---"}
PALE = "0.88"
CONTOURS = 6  # lines at most
HALO: list[Any] = [withStroke(linewidth=2.4, foreground="white", alpha=0.75)]


def colour_map(
    axis: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, name: str,
    lost: Mapping[str, np.ndarray] | None = None, norm: Any = None,
    counts: bool = False,
) -> None:  # fmt: skip
    """Draw values as coloured cells with contours and a colour bar.

    Parameters
    ----------
    x, y : middles of the cells, shape (nx,) and (ny,). values : shape (ny, nx).
    name : of the values, with their unit.
    lost : reason -> where there is no value for it, shape (ny, nx).
    norm : of the colours; by default linear. counts : values are whole numbers.
    """
    cells = np.ma.masked_invalid(values)
    mesh = axis.pcolormesh(x, y, cells, shading="nearest", rasterized=True, norm=norm)
    bar = axis.figure.colorbar(
        mesh,
        ax=axis,
        label=upright(name, 4.0),
        extend="min" if norm is not None else "neither",
    )
    if counts:
        bar.locator = MaxNLocator(integer=True)
        bar.update_ticks()
    for word, where in (lost or {}).items():
        cover(axis, x, y, where, word)
    contours(axis, x, y, cells, norm, counts)


def cover(axis: Axes, x: Any, y: Any, where: np.ndarray, word: str) -> None:
    """Hatch the cells without a value and name the reason."""
    look: dict[str, Any] = {"hatch": HATCHES[word], "linewidth": 0.0}
    cells = np.ma.masked_where(~where, np.ones(where.shape))
    axis.pcolor(
        x, y, cells, shading="nearest", cmap=ListedColormap([PALE]), edgecolors="0.3",
        **look,
    )  # fmt: skip
    named = f"{word} ({int(where.sum())} of {where.size})"
    axis.fill([np.nan], [np.nan], facecolor=PALE, edgecolor="0.3", label=named, **look)


def contours(axis: Axes, x: Any, y: Any, cells: Any, norm: Any, counts: bool) -> None:
    """Draw labelled lines of equal value, where there are enough cells for them."""
    found = np.unique(cells.compressed())
    if min(cells.shape) < 3 or found.size < 3:
        return
    named = number
    if norm is not None:
        levels = LogLocator().tick_values(norm.vmin, norm.vmax)
    elif counts:  # lines run between two counts
        named = from_count
        steps = MaxNLocator(CONTOURS, integer=True).tick_values(*found[[0, -1]])
        levels = np.asarray(steps) - 0.5
    else:
        levels = MaxNLocator(CONTOURS).tick_values(*found[[0, -1]])
    levels = np.asarray(levels)
    levels = levels[(levels > found[0]) & (levels < found[-1])]
    if not levels.size:
        return
    drawn = axis.contour(x, y, cells, levels, colors="black", linewidths=0.8,
        linestyles="solid",
    )  # fmt: skip
    drawn.set_path_effects(HALO)
    for text in axis.clabel(drawn, fontsize="small", fmt=named):
        text.set_path_effects(HALO)


def from_count(level: float) -> str:
    """Name a line between two counts by the upper one."""
    return f"≥ {level + 0.5:.0f}"


@style()
def rate_map(
    x: Any, y: Any, rate: Any, *, xlabel: str, ylabel: str, ratelabel: str,
    floor: float, lost: Any = None, marked: tuple[float, float] | None = None,
    title: str = "",
) -> Figure:  # fmt: skip
    """Draw an event rate over two ions, on a log scale with a contour per decade.

    Parameters
    ----------
    x, y : concentrations, shape (nx,) and (ny,). rate : shape (ny, nx); what is not
        finite is hatched.
    xlabel, ylabel, ratelabel : with their units.
    floor : rate at which the colours begin; lower ones, and 0, are drawn as this.
    lost : positive where rest is lost, such as the largest growth rate of the
        equilibrium, or a flag minus 0.5; shape (ny, nx). The line is where it is 0.
    marked : a bath to mark with a ring, such as the healthy reference.
    """
    figure, axes = panels(height=3.9, width=CARD)
    axis, rate = axes[0, 0], np.asarray(rate, float)
    top = max(np.nanmax(np.where(np.isfinite(rate), rate, floor)), 10.0 * floor)
    norm = LogNorm(floor, top)
    empty = ~np.isfinite(rate)
    colour_map(
        axis, np.asarray(x), np.asarray(y), np.maximum(rate, floor), ratelabel,
        {"no value": empty} if empty.any() else None, norm,
    )  # fmt: skip
    if lost is not None:
        draw_lost(axis, x, y, np.asarray(lost, float))
    if marked is not None:
        axis.plot(*marked, "o", color="white", markeredgecolor="black", markersize=8,
                  linestyle="none", label="healthy")  # fmt: skip
    axis.set(xlabel=xlabel, ylabel=ylabel)
    legend_above(axis, title)
    return figure


def draw_lost(axis: Axes, x: Any, y: Any, lost: np.ndarray) -> None:
    """Draw the line beyond which there is no stable rest, if there is one."""
    if not np.nanmin(lost) < 0.0 < np.nanmax(lost):
        return
    look: dict[str, Any] = {"linestyles": "dashed", "linewidths": 2.0}
    line = axis.contour(x, y, lost, [0.0], colors=[COLOURS[1]], **look)
    line.set_path_effects(HALO)
    axis.plot([], [], color=COLOURS[1], linestyle="--", label="rest is lost")


def rate_map_alt(
    x: Any, y: Any, rate: Any, *, xlabel: str, ylabel: str, ratelabel: str,
    floor: float, lost: Any = None, marked: tuple[float, float] | None = None,
    title: str = "",
) -> str:  # fmt: skip
    """Say what ``rate_map`` shows: the rate at corners and extremes, the lost rest."""
    x, y, rate = (np.asarray(v, float) for v in (x, y, rate))
    said = [f"{title + ': ' if title else ''}{ratelabel} over {xlabel} and {ylabel}."]

    def at(j: int, k: int) -> str:
        value = number(rate[j, k]) if np.isfinite(rate[j, k]) else "no value"
        return f"{value} at {number(x[k])} and {number(y[j])}"

    said.append(f"Corners: {'; '.join(at(j, k) for j in (0, -1) for k in (0, -1))}.")
    if np.isfinite(rate).any():
        top = np.unravel_index(np.nanargmax(rate), rate.shape)
        said.append(f"Highest: {at(int(top[0]), int(top[1]))}.")
    said.append(f"Rates below {number(floor)} are drawn as {number(floor)}.")
    if empty := int((~np.isfinite(rate)).sum()):
        said.append(f"{empty} of {rate.size} cells have no value.")
    if lost is not None:
        share = np.mean(np.asarray(lost, float) > 0.0)
        said.append(f"Rest is lost in {share:.0%} of the map.")
    if marked is not None:
        said.append(f"Healthy: {number(marked[0])} and {number(marked[1])}.")
    return " ".join(said)
