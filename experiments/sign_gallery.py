"""What does each clinical sign look like, and does the classifier tell them apart?

Forty discharges, described in words and labelled before anything classified them, are
drawn several times and classified by spikes and force. Force is that of a simple motor
unit, for those units that take part. One example of every sign is drawn, and two that
fit no row of the table: there the labels were "twitch" and "cramp".
"""

from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.draws import interval
from neurosim.claims.gallery import GALLERY, Pattern, make
from neurosim.claims.signs import (
    AGREE,
    CONTRAST,
    agreement,
    sides_of,
    sign_of,
    signs_of,
)
from neurosim.classify import SIGNS, UNCLASSIFIED

TIMES, QUICK_TIMES = 20, 5  # drawings of each pattern
SEED = 1
LETTERS = 54  # of a line above a panel
MARGIN = 0.5  # s shown before the first and after the last spike
ROWS = 4  # units whose spikes are drawn


def collect(signs: np.ndarray) -> xr.Dataset:
    """Return how often each pattern is called what, from (drawings, patterns)."""
    share = np.stack([(signs == name).mean(axis=0) for name in SIGNS], axis=1)
    return xr.Dataset(
        {"share": (("pattern", "sign"), share, {"units": "1"})},
        coords={
            "sign": list(SIGNS),
            "pattern": [pattern.story for pattern in GALLERY],
            "label": ("pattern", [pattern.label for pattern in GALLERY]),
        },
    )


def examples(data: xr.Dataset) -> list[int]:
    """Return the rows of the gallery to draw: one per sign, two without a sign."""
    called = data["share"].argmax("sign").values
    labels = data["label"].values.tolist()
    rows = [
        next(
            row for row, label in enumerate(labels)
            if label == name and SIGNS[called[row]] == name
        )
        for name in SIGNS if name in labels
    ]  # fmt: skip
    for label in ("twitch", "cramp"):
        rows += [
            row for row, own in enumerate(labels)
            if own == label and SIGNS[called[row]] == UNCLASSIFIED
        ][:1]  # fmt: skip
    return rows


def draw_one(axis: Any, pattern: Pattern, seed: tuple[int, ...]) -> None:
    """Draw spikes above force for one pattern, with what it is called and why."""
    shown, sign = make(pattern, np.random.default_rng(seed)), sign_of(pattern, seed)
    seconds = shown.time / 1e3
    axis.plot(seconds, 100.0 * shown.force, color=plot.COLOURS[1], label="force")
    spikes = shown.fibre[:ROWS] / 1e3
    for row, train in enumerate(spikes):
        axis.eventplot(
            train[np.isfinite(train)], lineoffsets=114.0 + 9.0 * row, linelengths=7.0,
            linewidths=0.6, colors=plot.COLOURS[0], label=f"spikes of unit {row + 1}",
        )  # fmt: skip
    there = spikes[np.isfinite(spikes)]
    if there.size > 1:
        axis.set_xlim(there.min() - MARGIN, min(there.max() + MARGIN, seconds[-1]))
    else:
        axis.set_xlim(0.0, seconds[-1])
    axis.set(ylim=(-4.0, 120.0 + 9.0 * len(spikes)), yticks=(0, 50, 100))
    said = fill(sign.why.partition("; units")[0], LETTERS)
    name = sign.sign if sign.sign == pattern.label else f"labelled {pattern.label}"
    axis.set_title(name, fontsize="small", fontweight="bold", loc="left")
    axis.set_title(said, fontsize="x-small", loc="right", multialignment="left")


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw one example of every sign."""
    rows = examples(data)
    figure, axes = plot.panels(-(-len(rows) // 2), 2, height=1.62, width=9.0)
    for axis, row in zip(axes.ravel(), rows, strict=False):
        draw_one(axis, GALLERY[row], (SEED, 0, row))
    for axis in axes.ravel()[len(rows) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel("force (%)")
    for axis in axes[-1]:
        axis.set_xlabel("time (s)")
    return figure


def run(quick: bool, out: Path) -> str:
    """Classify, write figure and data into ``out``, return the answer."""
    times = QUICK_TIMES if quick else TIMES
    every = signs_of(GALLERY, times, SEED)
    data, signs = collect(every), every[:, : len(CONTRAST)]
    agrees, sides = agreement(CONTRAST, signs), sides_of(signs)
    middle, low, high = interval(agrees.mean(axis=1))
    neither = float(np.mean(sides == "neither"))
    data = data.assign_attrs(agreement=middle, low=low, high=high, neither=neither)
    plot.save(draw(data), out / "sign_gallery.svg")
    data.to_netcdf(out / "sign_gallery.nc", engine="h5netcdf")
    right = data["share"].sel(sign=data["label"]).values
    others = right[len(CONTRAST) :]
    odd = [p.story for p, r in zip(GALLERY, right, strict=True) if r < 0.5]
    return (
        f"Twitch against cramp or spasm: {middle:.0%} of {len(CONTRAST)} patterns "
        f"({low:.0%} to {high:.0%} over {times} drawings; {AGREE:.0%} asked for).\n"
        f"{neither:.0%} are put on neither side, "
        f"{1.0 - neither - agrees.mean():.0%} on the wrong one.\n"
        f"The {others.size} patterns of other signs agree in {others.mean():.0%}.\n"
        f"Called otherwise more often than not: {'; '.join(odd)}."
    )
