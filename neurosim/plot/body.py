"""Levels of a person over time, each with its reference range, and what was done."""

from collections.abc import Sequence
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
    title: str = "",
) -> Figure:  # fmt: skip
    """Draw levels over time in small panels, reference ranges shaded.

    Parameters
    ----------
    dataset : as ``neurosim.body.run`` returns it; of many persons the median and the
        5-95 % band are drawn.
    treated : days on which a treatment begins. names : which levels.

    Raises
    ------
    NeurosimError : if the result has none of the levels.
    """
    names = there(dataset, names)
    rows = -(-len(names) // ABREAST)
    figure, grid = panels(rows, ABREAST, height=HEIGHT, sharex=True)
    axes = grid.ravel()
    time = dataset["time"].values
    for axis, name in zip(axes, names, strict=False):
        draw_level(axis, time, dataset[name])
        for k, day in enumerate(treated):
            axis.axvline(
                day, color=COLOURS[1], linestyle="--", linewidth=1.0, gid=ASIDE,
                label="treatment begins" if k == 0 else "_",
            )  # fmt: skip
        axis.set_ylabel(upright(label(dataset[name]), HEIGHT))
    for axis in axes[len(names) :]:
        axis.set_visible(False)
    for axis in axes[max(len(names) - ABREAST, 0) : len(names)]:
        axis.set_xlabel(label(dataset["time"]))
        axis.tick_params(labelbottom=True)
    axes[0].margins(x=0.01)
    legend_above(axes[: len(names)], title)
    return figure


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
    title: str = "",
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
