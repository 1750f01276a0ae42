"""What a figure shows, in words, read off the figure itself."""

from typing import Any

import numpy as np
from matplotlib.collections import EventCollection, QuadMesh
from matplotlib.figure import Figure

from neurosim.plot.look import number

ASIDE = "aside"  # marks what only repeats something that is said already


def alt(figure: Figure) -> str:
    """Say what a figure shows: its axes, and what its lines and maps span."""
    axes = [a for a in figure.axes if a.get_label() != "<colorbar>"]
    said = []
    for axis in axes:
        drawn = [line for line in axis.lines if line.get_gid() != ASIDE]
        shown = [spanned(line.get_label(), line.get_ydata()) for line in drawn]
        maps = [m for m in axis.collections if isinstance(m, QuadMesh)]
        bars = [m.colorbar.ax.get_ylabel() if m.colorbar else "" for m in maps]
        shown += [spanned(b, m.get_array()) for b, m in zip(bars, maps, strict=True)]
        shown += [
            happened(c) for c in axis.collections if isinstance(c, EventCollection)
        ]
        xlabel = axis.get_xlabel() or axes[-1].get_xlabel()  # panels may share an axis
        what = f"{axis.get_title()} {axis.get_ylabel()}".strip()
        said.append(f"{what} against {xlabel}: {'; '.join(dict.fromkeys(shown))}.")
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


def happened(marks: EventCollection) -> str:
    """Say how many events there are, and when the first and the last is."""
    times = np.asarray(marks.get_positions())
    name = str(marks.get_label())
    said = "" if name.startswith("_") else f"{name} "
    if not times.size:
        return f"{said}none"
    return f"{said}{times.size}, from {number(times.min())} to {number(times.max())}"
