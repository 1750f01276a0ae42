"""Levels of a person over time, each with its reference range, and what was done."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neurosim.clinical import RANGES, grade
from neurosim.errors import NeurosimError
from neurosim.plot.look import (
    COLOURS,
    label,
    legend_above,
    number,
    panels,
    save,
    style,
    upright,
)
from neurosim.plot.words import ASIDE

SHOWN = ("mg_total", "mg_ionised", "ca_total", "ca_ionised", "pth", "k", "na", "ph")
ABREAST = 2  # panels next to each other
HEIGHT = 1.7  # inches of a panel
LEAST = 0.12  # of the reference range: a flat line is not blown up to fill a panel


@style()
def person_levels(
    dataset: Any, *, treated: Sequence[float] = (), names: Sequence[str] = SHOWN,
    title: str = "", cells: Mapping[str, Any] | None = None,
) -> Figure:  # fmt: skip
    """Draw levels over time in small panels, reference ranges shaded.

    Parameters
    ----------
    dataset : as ``neurosim.body.run`` returns it; of many persons the median and the
        5-95 % band are drawn.
    treated : days on which a treatment begins. names : which levels.
    cells : ``days``, and what ``axon`` (and ``muscle``, or None) do on them; drawn
        below the levels.

    Raises
    ------
    NeurosimError : if the result has none of the levels.
    """
    names = there(dataset, names)
    rows = -(-len(names) // ABREAST) + (cells is not None)
    figure, grid = panels(rows, ABREAST, height=HEIGHT, sharex=True)
    axes = grid.ravel()
    factor, unit = clock(float(dataset["time"][-1]))
    time = factor * dataset["time"].values
    for axis, name in zip(axes, names, strict=False):
        draw_level(axis, time, dataset[name])
        for k, day in enumerate(treated):
            axis.axvline(
                factor * day, color=COLOURS[1], linestyle="--", linewidth=1.0,
                gid=ASIDE, label="treatment begins or cause ends" if k == 0 else "_",
            )  # fmt: skip
        axis.set_ylabel(upright(label(dataset[name]), HEIGHT))
    used = [*axes[: len(names)]]
    if cells is not None:
        shown = {**cells, "days": factor * np.asarray(cells["days"])}
        draw_cells(*axes[-ABREAST:], **shown)
        used += [*axes[-ABREAST:]]
    for axis in axes:
        axis.set_visible(axis in used)
    for axis in used[-ABREAST:]:
        axis.set_xlabel(f"time ({unit})")
        axis.tick_params(labelbottom=True)
    axes[0].margins(x=0.01)
    legend_above(used, title)
    return figure


def clock(days: float) -> tuple[float, str]:
    """Return the unit in which a course of some days is read, per day, and its name."""
    if days <= 0.125:
        return 1440.0, "min"
    return (24.0, "h") if days <= 2.0 else (1.0, "d")


def draw_cells(
    left: Any, right: Any, *, days: np.ndarray, axon: Any, muscle: Any = None
) -> None:
    """Draw the events of a motor pool, then threshold and force, on chosen days."""
    spread = [axon.r_sp - axon.low, axon.high - axon.r_sp]
    left.errorbar(days, axon.r_sp, spread, marker="o", capsize=2, linewidth=1.0,
                  color=COLOURS[2], label="motor pool, 5–95 % of pools")  # fmt: skip
    left.set_yscale("log")
    left.set_ylabel(upright("events (1/min)", HEIGHT))
    right.axhline(1.0, color="0.6", linewidth=0.8)
    right.plot(days, axon.threshold, marker="o", color=COLOURS[2],
               label="threshold of the axon")  # fmt: skip
    if muscle is not None:
        for values, mark, name in ((muscle.twitch, "s", "twitch"),
                                   (muscle.train, "^", "force at 30 Hz")):  # fmt: skip
            right.plot(days, values, marker=mark, linestyle="--", label=name,
                       color=COLOURS[3 if mark == "s" else 4])  # fmt: skip
    near = max(0.05, *np.abs(np.asarray(right.get_ylim()) - 1.0))
    right.set_ylim(1.0 - near, 1.0 + near)  # so that small changes look small
    right.set_ylabel(upright("threshold of healthy (1)", HEIGHT))


def there(dataset: Any, names: Sequence[str]) -> list[str]:
    """Return the names of levels that a result has."""
    found = [name for name in names if name in dataset]
    if not found:
        raise NeurosimError(
            f"the result has none of {', '.join(names)}; give one of neurosim.body.run."
        )
    return found


def draw_level(axis: Any, time: np.ndarray, data: Any) -> None:
    """Draw one level, with its range and its spread over persons."""
    if data.name in RANGES:
        low, high = RANGES[data.name].normal
        axis.axhspan(low, high, color="0.88", label="reference range")
        room = LEAST * (high - low)
        axis.set_ylim(low - room, high + room)
        axis.set_autoscaley_on(True)
        axis.update_datalim([(time[0], low - room), (time[0], high + room)])
    low, middle, high = bands(data)
    if data.name not in RANGES:  # nor is what hardly moves
        at = float(middle[0])
        axis.update_datalim([(time[0], 0.8 * at), (time[0], 1.2 * at)])
    if "person" in data.dims:
        axis.fill_between(time, low, high, color=COLOURS[0], alpha=0.25, linewidth=0,
                          label="5–95 % of persons")  # fmt: skip
    axis.plot(time, middle, color=COLOURS[0], linestyle="-")


def bands(data: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 5, 50 and 95 % over persons, each (times,); one person is all three."""
    if "person" not in data.dims:
        return data.values, data.values, data.values
    values = data.transpose("person", "time").values
    low, middle, high = np.nanpercentile(values, [5, 50, 95], axis=0)
    return low, middle, high


def person_levels_alt(
    dataset: Any, *, treated: Sequence[float] = (), names: Sequence[str] = SHOWN,
    title: str = "", cells: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Say what ``person_levels`` shows: where each level begins, turns and ends."""
    time = dataset["time"].values
    said = [f"{title}." if title else "Levels over time."]
    for name in there(dataset, names):
        middle = bands(dataset[name])[1]
        extreme = int(np.abs(middle - middle[0]).argmax())
        text = (
            f"{label(dataset[name])}: {number(middle[0])} at first, "
            f"{number(middle[extreme])} on day {number(time[extreme])}, "
            f"{number(middle[-1])} at the end"
        )
        if name in RANGES:
            text += f" ({graded(name, middle[-1])})"
        said.append(f"{text}.")
    if cells is not None:
        rates = cells["axon"].r_sp
        said.append(
            f"A motor pool has {number(rates[0])} events per minute at first and "
            f"{number(rates[-1])} at the end; the axon's threshold ends at "
            f"{number(cells['axon'].threshold[-1])} of healthy."
        )
    if len(treated):
        said.append(f"Treatment begins on day {', '.join(map(number, treated))}.")
    return " ".join(said)


def graded(name: str, value: float) -> str:
    """Say how far from normal a level is, also where no blood is like that."""
    low, high = RANGES[name].limits
    return grade(name, value) if low <= value <= high else "beyond what is survived"


def save_person(dataset: Any, path: str | Path, **how: Any) -> None:
    """Draw ``person_levels`` into a file; svg, png or pdf."""
    save(person_levels(dataset, **how), path)
