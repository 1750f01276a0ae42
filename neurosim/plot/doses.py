"""What a dose does, with the spread over uncertain parameters, and shares of draws.

Every figure has a function of the same arguments that says in words what it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.plot.look import (
    CARD,
    COLOURS,
    PAIRS,
    chosen,
    legend_above,
    number,
    panels,
    style,
    upright,
)
from neurosim.plot.words import ASIDE

ABREAST = 2  # panels next to each other


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
    figure, axes = panels(height=3.4, width=CARD)
    axis, blue = axes[0, 0], COLOURS[0]
    axis.axhspan(*control, color="0.85", label="control, 5–95 %")
    axis.fill_between(x, low, high, color=blue, alpha=0.25, linewidth=0, label="5–95 %")
    axis.vlines(x, low, high, color=blue, linewidth=0.8)
    axis.plot(x, middle, color=blue, linestyle="-", marker="o", label="median")
    draw_criterion(axis, criterion)
    axis.set(xlabel=xlabel, ylabel=upright(ylabel, 2.6))
    legend_above(axis, title)
    return figure


def dose_response_alt(
    x: Any, draws: Any, *, control: tuple[float, float], xlabel: str, ylabel: str,
    criterion: float | None = None, title: str = "",
) -> str:  # fmt: skip
    """Say what ``dose_response`` shows, in numbers."""
    decides = "" if criterion is None else f" Criterion: {number(criterion)}."
    return (
        f"{title + ': ' if title else ''}{ylabel} against {xlabel}; median (5–95 %): "
        f"{medians(x, draws)}. Control: {' to '.join(map(number, control))}.{decides}"
    )


def medians(x: Any, draws: Any) -> str:
    """Say median and interval at up to six doses."""
    low, middle, high = dose_spread(draws)
    return ", ".join(
        f"{number(middle[k])} ({number(low[k])} to {number(high[k])}) at {number(x[k])}"
        if np.isfinite(middle[k])
        else f"no value at {number(x[k])}"
        for k in (place["dose"] for place in chosen({"dose": len(x)}))
    )


def draw_criterion(axis: Axes, criterion: float | None) -> None:
    """Draw the value that decides."""
    if criterion is not None:
        axis.axhline(criterion, color="0.2", linestyle=(0, (6, 3)), label="criterion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """One arm of a ladder: draws of a quantity at each dose.

    Parameters
    ----------
    name : of the arm. x : doses, shape (doses,). draws : shape (doses, draws); what is
        not finite is left out.
    xlabel : of the dose, with its unit; arms with the same one share a panel.
    marked : the dose that decides.
    """

    name: str
    x: Sequence[float]
    draws: Any
    xlabel: str
    marked: float | None = None


@style()
def ladder(
    arms: Sequence[Doses], *, ylabel: str, control: tuple[float, float] | None = None,
    log_from: float | None = None, criterion: float | None = None, title: str = "",
) -> Figure:  # fmt: skip
    """Draw median and 5-95 % band over doses, several arms in one figure.

    Parameters
    ----------
    arms : arms next to each other with one ``xlabel`` share a panel; all panels share
        the y axis.
    control : 5 and 95 % without a dose.
    log_from : a number makes the y axis logarithmic from there on; what is lower, such
        as 0, is drawn at this value. By default the axis is linear.
    criterion : value that decides.
    """
    groups = [list(same) for _, same in groupby(arms, key=lambda arm: arm.xlabel)]
    columns = min(len(groups), ABREAST)
    rows = -(-len(groups) // columns)
    figure, grid = panels(
        rows, columns, height=3.4 if rows == 1 else 2.7, width=CARD, sharey=True
    )
    axes = grid.ravel()
    looks = {id(arm): look for arm, look in zip(arms, PAIRS, strict=False)}
    for axis, group in zip(axes, groups, strict=False):
        if control is not None:
            axis.axhspan(*raised(control, log_from), color="0.85", label="control")
        for arm in group:
            draw_arm(axis, arm, log_from, *looks[id(arm)])
        draw_criterion(axis, criterion)
        axis.set_xlabel(group[0].xlabel)
        if log_from is not None:
            axis.set_yscale("log")
            axis.set_ylim(bottom=0.7 * log_from)
    for axis in axes[len(groups) :]:
        axis.set_visible(False)
    for row in grid:
        row[0].set_ylabel(upright(ylabel, 2.4))
    legend_above(axes[: len(groups)], title)
    return figure


def draw_arm(
    axis: Axes, arm: Doses, log_from: float | None, colour: str, dash: str
) -> None:
    """Draw one arm: its band, its median, the dose that decides."""
    low, middle, high = (raised(row, log_from) for row in dose_spread(arm.draws))
    axis.fill_between(arm.x, low, high, color=colour, alpha=0.2, linewidth=0)
    axis.vlines(arm.x, low, high, color=colour, linewidth=0.8)
    axis.plot(arm.x, middle, color=colour, linestyle=dash, marker="o", label=arm.name)
    if arm.marked is not None:
        axis.axvline(
            arm.marked, color=colour, linestyle=":", linewidth=1.2, gid=ASIDE,
            label="dose that decides",
        )  # fmt: skip


def raised(values: Any, floor: float | None) -> np.ndarray:
    """Return values with those below a floor lifted to it; NaN stays."""
    values = np.asarray(values, float)
    return values if floor is None else np.maximum(values, floor)


def ladder_alt(
    arms: Sequence[Doses], *, ylabel: str, control: tuple[float, float] | None = None,
    log_from: float | None = None, criterion: float | None = None, title: str = "",
) -> str:  # fmt: skip
    """Say what ``ladder`` shows, in numbers."""
    said = [f"{title + ': ' if title else ''}{ylabel}; median (5–95 %)."]
    for arm in arms:
        dose = f"; {number(arm.marked)} decides" if arm.marked is not None else ""
        told = f"{arm.name}, against {arm.xlabel}: {medians(arm.x, arm.draws)}{dose}."
        said.append(told)
    if control is not None:
        said.append(f"Control: {' to '.join(map(number, control))}.")
    if criterion is not None:
        said.append(f"Criterion: {number(criterion)}.")
    if log_from is not None:
        said.append(f"Values below {number(log_from)} are drawn there.")
    return " ".join(said)


@style()
def share_bars(
    shares: Mapping[str, tuple[float, float, float]], *, xlabel: str,
    criterion: float | None = None, title: str = "",
) -> Figure:  # fmt: skip
    """Draw shares as bars with their intervals, in per cent.

    Parameters
    ----------
    shares : name -> (share, low, high), each from 0 to 1; NaN is named as no value.
    xlabel : share of what; " (%)" is added. criterion : share that decides.
    """
    figure, axes = panels(height=1.3 + 0.42 * len(shares), width=CARD)
    axis = axes[0, 0]
    for row, (share, low, high) in enumerate(shares.values()):
        if not np.isfinite(share):
            axis.text(1.0, row, "no value", va="center")
            continue
        axis.barh(row, 100 * share, height=0.55, color=COLOURS[0], alpha=0.75)
        axis.plot([100 * low, 100 * high], [row, row], color="black", linestyle="-",
                  marker="|", markersize=9.0)  # fmt: skip
        axis.text(102.0, row, f"{100 * share:.0f} %", va="center", fontsize="small")
    if criterion is not None:
        axis.axvline(
            100 * criterion, color="0.2", linestyle=(0, (6, 3)),
            label=f"criterion, {100 * criterion:.0f} %",
        )  # fmt: skip
    axis.set(xlim=(0, 100), ylim=(len(shares) - 0.4, -0.6), xlabel=f"{xlabel} (%)")
    axis.set_yticks(range(len(shares)), list(shares))
    legend_above(axis, title)
    return figure


def share_bars_alt(
    shares: Mapping[str, tuple[float, float, float]], *, xlabel: str,
    criterion: float | None = None, title: str = "",
) -> str:  # fmt: skip
    """Say what ``share_bars`` shows, in numbers."""
    said = [
        f"{name} {100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
        if np.isfinite(share)
        else f"{name} no value"
        for name, (share, low, high) in shares.items()
    ]
    decides = "" if criterion is None else f" Criterion: {100 * criterion:.0f} %."
    return f"{title + ': ' if title else ''}{xlabel}: {', '.join(said)}.{decides}"
