"""What does losing magnesium do to calcium, PTH and potassium, and giving it again?

A diet of less than 1 mEq a day, beside the three weeks of Fatemi 1991 and the months of
Shils 1964; and a gut that loses 4 mmol a day and absorbs half, for 200 days, then five
days of magnesium by vein. The body runs with the reference's equations and refined; the
refinement was set on both studies, so there it is a fit and only elsewhere (calcium and
potassium of the months, gut loss, repletion) a prediction. The motor axon is simulated
in the blood of chosen days.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.homeostasis import REFINED
from neurosim.body.inputs import find_input
from neurosim.body.report import axon_response
from neurosim.clinical import RANGES

DIET = {"mg_intake": 0.5}  # mmol/d, 1 mEq (Fatemi 1991)
WEEKS = 21.0  # d of that study
DAYS = 200.0  # d of the long depletion (chosen)
VEIN = 5.0  # d with 20 mmol/d of magnesium by vein (systemic.md 2.4)
COURSES = ("diet", "gut loss")
BODIES: dict[str, dict[str, float]] = {"as published": {}, "refined": REFINED}
# Fatemi 1991, end over beginning: Mg 0.80 to 0.61 mM, red-cell Mg 205 to 162 uM,
# Ca 2.36 to 2.31 mM, calcitriol 55 to 43 pM. PTH flat or down in 20 of 26, no number.
FATEMI = {
    "mg_total": 0.61 / 0.80, "mg_tissue": 162 / 205, "ca_total": 2.31 / 2.36,
    "calcitriol": 43 / 55,
}  # fmt: skip
SHILS = (55.0, 100.0, 1 / 4, 1 / 3)  # d of first signs; Mg over its beginning (1964)
LEVELS = {
    "mg_total": "Mg total (mM)", "mg_tissue": "Mg in tissue (1)",
    "ca_total": "Ca total (mM)", "pth": "PTH (1)", "calcitriol": "calcitriol (1)",
    "k": "K (mM)",
}  # fmt: skip
STAGES = {
    "diet, three weeks": ("diet", 0.0, WEEKS),
    "diet or gut loss, months": ("", 0.0, DAYS),
    "gut loss, then Mg by vein": ("gut loss", DAYS - 1.0, DAYS + VEIN),
}
LOOKED = (0.0, 21.0, 100.0, 200.0, 201.0, 205.0)  # d at which the axon is simulated


def courses(every: float) -> dict[str, xr.Dataset]:
    """Return the levels of both courses, both bodies along ``person``."""
    person = {
        name: np.array(
            [each.get(name, find_input(name).value) for each in BODIES.values()]
        )
        for name in REFINED
    }
    how = {"days": DAYS + VEIN, "every": every, "person": person}
    vein = f"mg_iv@{DAYS:g}"
    return {
        "diet": follow(DIET, **how),
        "gut loss": follow("gut_loss:severe", treat=vein, **how),
    }


def collect(quick: bool) -> xr.Dataset:
    """Return levels over course, body and time, and what the axon does."""
    found = courses(0.25 if quick else 0.1)
    time = found["diet"]["time"].values
    looked = [int(np.abs(time - day).argmin()) for day in LOOKED]
    data = xr.concat(
        [each[list(LEVELS)] for each in found.values()], "course", join="override"
    )
    data = data.rename(person="body")
    axon = [
        [axon_response(each.isel(person=k), looked) for k in range(len(BODIES))]
        for each in found.values()
    ]
    units = {"threshold": "1", "r_sp": "1/min", "low": "1/min", "high": "1/min"}
    for name, unit in units.items():
        values = [[getattr(one, name) for one in row] for row in axon]
        data[name] = (("course", "body", "day"), values, {"units": unit})
    return data.assign_coords(
        body=list(BODIES), course=list(COURSES), day=("day", list(LOOKED))
    ).assign_attrs(cause="magnesium depletion", treatment="magnesium by vein")


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw levels in three stages, and below them the events of a pool."""
    rows = len(LEVELS) + 1
    figure, axes = plot.panels(rows, len(STAGES), height=1.45, width=9.5, sharey="row")
    for column, (title, (course, begin, end)) in zip(
        axes.T, STAGES.items(), strict=True
    ):
        column[0].set_title(title, fontsize="medium")
        shown = (course,) if course else COURSES
        part = data.sel(time=slice(begin - 1e-9, end + 1e-9))
        for axis, name in zip(column, LEVELS, strict=False):
            draw_level(axis, part, name, shown)
            if course == "gut loss":
                axis.axvline(DAYS, color="0.4", linestyle=":", label="Mg by vein")
        draw_events(column[-1], data.sel(day=slice(begin, end)), shown)
        column[-1].set(xlabel="time (d)", xlim=(begin, end))
        for axis in column[:-1]:
            axis.set_xlim(begin, end)
            axis.tick_params(labelbottom=False)
    mark(axes, data)
    for axis, label in zip(
        axes[:, 0], (*LEVELS.values(), "events (1/min)"), strict=True
    ):
        axis.set_ylabel(label)
    plot.legend_above(axes)
    return figure


def look(course: str, body: str) -> dict[str, str]:
    """Return how a course in a body is drawn."""
    return {
        "color": plot.COLOURS[COURSES.index(course)],
        "linestyle": ("--", "-")[list(BODIES).index(body)],
        "label": f"{course}, {body}",
    }


def draw_level(axis: Any, part: xr.Dataset, name: str, shown: tuple[str, ...]) -> None:
    """Draw one level with its reference range."""
    if name in RANGES:
        axis.axhspan(*RANGES[name].normal, color="0.9", label="reference range")
    for course in shown:
        for body in BODIES:
            line = part[name].sel(body=body, course=course)
            axis.plot(part["time"], line, **look(course, body))


def draw_events(axis: Any, part: xr.Dataset, shown: tuple[str, ...]) -> None:
    """Draw the median of pools in the refined body, with 5 to 95 % over pools."""
    for course in shown:
        here = part.sel(body="refined", course=course)
        middle = here["r_sp"]
        spread = [middle - here["low"], here["high"] - middle]
        axis.errorbar(here["day"], middle, spread, marker="o", linewidth=1.0,
                      capsize=2, **look(course, "refined"))  # fmt: skip
    axis.set_yscale("log")


def mark(axes: Any, data: xr.Dataset) -> None:
    """Add the human data, scaled to where the model begins."""
    for name, ratio in FATEMI.items():
        begin = float(data[name].isel(time=0, body=0, course=0))
        row = list(LEVELS).index(name)
        for axis in axes[row, :2]:
            axis.plot(WEEKS, begin * ratio, "D", color="k", clip_on=False,
                      label="Fatemi 1991")  # fmt: skip
    begin, end, low, high = SHILS
    height = float(data["mg_total"].isel(time=0, body=0, course=0))
    axes[0, 1].fill_between([begin, end], low * height, high * height, hatch="///",
                            facecolor="none", edgecolor="0.3", linewidth=0.6,
                            label="Shils 1964")  # fmt: skip


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    short = data.sel(course="diet", time=WEEKS)
    long = data.sel(course="gut loss", time=DAYS)
    begin = data.isel(time=0, course=0)
    said = []
    for body in BODIES:
        misfit = "; ".join(
            f"{name} {ratio_of(short, begin, body, key) - 1:+.0%} "
            f"({ratio_of(short, begin, body, key) - ratio:+.0%})"
            for name, (key, ratio) in zip(
                ("Mg", "tissue Mg", "Ca", "calcitriol"), FATEMI.items(), strict=True
            )
        )
        pth = ratio_of(short, begin, body, "pth") - 1
        said.append(
            f"Three weeks, {body} (in brackets: minus Fatemi 1991): {misfit}; PTH "
            f"{pth:+.0%}."
        )
    return "\n".join([*said, months(data), *refilled(data, long)])


def ratio_of(now: xr.Dataset, begin: xr.Dataset, body: str, name: str) -> float:
    """Return a level over what it was at first."""
    return float(now[name].sel(body=body) / begin[name].sel(body=body))


def months(data: xr.Dataset) -> str:
    """Say how far months of diet go, against Shils's two patients."""
    diet = data.sel(course="diet", body="refined")
    course = diet["mg_total"] / diet["mg_total"].isel(time=0)
    early = float(course.sel(time=SHILS[1], method="nearest"))
    share = float(course.sel(time=DAYS))
    missed = "too shallow" if share > SHILS[3] else "as deep as in man"
    missed += f", {early:.0%} at {SHILS[1]:g} d: too slow" if early > SHILS[3] else ""
    axon = diet.sel(day=DAYS)
    return (
        f"{DAYS:g} days of diet leave {share:.0%} of plasma Mg (Shils 1964: 25 to 33 % "
        f"within {SHILS[1]:g} days: {missed}) and Ca "
        f"{float(diet['ca_total'].sel(time=DAYS)):.2f} mM; the axon's threshold is x "
        f"{float(axon['threshold']):.2f}, its pool {plot.number(axon['r_sp'])} "
        f"events/min from {plot.number(diet['r_sp'].sel(day=0.0))}."
    )


def refilled(data: xr.Dataset, before: xr.Dataset) -> list[str]:
    """Say what gut loss ends in, and in which order things recover."""
    said = []
    for body in BODIES:
        low = before.sel(body=body)
        after = data.sel(course="gut loss", body=body, time=slice(DAYS, None))
        peak = after["pth"].idxmax("time")
        normal = RANGES["ca_total"].normal[0]
        well = after["time"].where(after["ca_total"] >= normal, drop=True)
        pools = data.sel(course="gut loss", body=body)["r_sp"]
        when = f"{float(well[0]) - DAYS:.1f} d" if well.size else "not in this time"
        first = well.size and float(peak) < float(well[0])
        said.append(
            f"Gut loss, {body}: Mg {float(low['mg_total']):.2f}, Ca "
            f"{float(low['ca_total']):.2f}, K {float(low['k']):.2f} mM, PTH x "
            f"{float(low['pth']):.2f}, {plot.number(pools.sel(day=DAYS))} events/min. "
            f"By vein PTH peaks at x {float(after['pth'].max()):.1f} after "
            f"{float(peak) - DAYS:.1f} d, {'before' if first else 'not before'} Ca is "
            f"normal ({when}); {plot.number(pools.sel(day=DAYS + VEIN))} events/min at "
            f"{VEIN:g} d, Mg {float(after['mg_total'][-1]):.2f} and K "
            f"{float(after['k'][-1]):.2f} mM."
        )
    return said


def run(quick: bool, out: Path) -> str:
    """Deplete and replete, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "magnesium_depletion.svg")
    data.to_netcdf(out / "magnesium_depletion.nc", engine="h5netcdf")
    return told(data)
