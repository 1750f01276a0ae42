"""How much do magnesium supplements raise serum and urine, and when is it enough?

Healthy adults take 0 to 1000 mg of elemental magnesium a day for a year, beside the 48
trials of 197 to 994 mg a day that Zhang 2016 put together. The splay of the kidney was
set on the mean rise of serum in those trials; the shapes over dose and over weeks were
not. The body runs as published and with a pool on the surface of bone that fills over
weeks. Salts count by the share of their dose that is absorbed.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.common import MAGNESIUM_TOTAL
from neurosim.body.diet import load_forms, supplement
from neurosim.body.inputs import find_input
from neurosim.body.magnesium import SURFACE_RATE
from neurosim.body.report import axon_response

# Zhang 2016, 48 trials, means and 95 % intervals
TRIALS = {"mg_total": (0.04, 0.02, 0.06), "urine_mg": (1.52, 1.20, 1.83)}  # mM, mmol/d
DOSES = (197.0, 994.0)  # mg/d, of those trials
PLATEAU = (300.0, 20.0)  # mg/d and weeks at which serum no longer rises there
WEEK = 7.0  # d
WEEKS = (4, 52)  # at which the doses are compared (chosen)
YEAR = 364.0  # d, 52 weeks
BODIES: dict[str, dict[str, float]] = {
    "as published": {},
    "150 mmol on bone": {"mg_surface_pool": 150.0},  # systemic.md 2.3, assumed
    "500 mmol on bone": {"mg_surface_pool": 500.0},  # half of all Mg of the body
}
NEAR = 0.90  # of the rise after a year, counted as the plateau (chosen)
USUAL = find_input("mg_intake").value  # mmol/d


def followed(added: np.ndarray, every: float) -> xr.Dataset:
    """Return a year after adding mmol/d, bodies x additions along ``person``."""
    pools = [
        body.get("mg_surface_pool", find_input("mg_surface_pool").value)
        for body in BODIES.values()
    ]
    cause = [(0.0, {"mg_intake": USUAL + np.tile(added, len(pools))})]
    person = {"mg_surface_pool": np.repeat(pools, added.size)}
    return follow(cause, person=person, days=YEAR, every=every)


def plateau_weeks(rise: xr.DataArray) -> float:
    """Return when a rise has come to ``NEAR`` of what it is after a year, weeks."""
    reached = rise >= NEAR * rise.isel(time=-1)
    return float(rise["time"][int(reached.argmax("time"))]) / WEEK


def collect(quick: bool) -> xr.Dataset:
    """Return rises over body, dose and week, by salt, and the time of the plateau."""
    doses = np.unique([0.0, *np.linspace(50.0, 1000.0, 8 if quick else 20), PLATEAU[0]])
    forms = list(load_forms())
    added = np.array(
        [supplement(dose) for dose in doses]
        + [supplement(PLATEAU[0], form) for form in forms]
    )
    found = followed(added, WEEK / 2.0 if quick else 1.0)
    data = xr.Dataset()
    salts = slice(doses.size, added.size)
    meaning = {
        "mg_total": ("mM", "rise of total Mg"),
        "urine_mg": ("mmol/d", "rise of Mg in urine"),
    }
    for name, (unit, text) in meaning.items():
        rise = (found[name] - found[name].isel(time=0)).values
        rise = rise.reshape(len(BODIES), added.size, -1)
        attrs = {"units": unit, "long_name": text}
        data[name] = (("body", "dose", "time"), rise[:, : doses.size], attrs)
        if name == "mg_total":
            data["by_form"] = ("form", rise[0, salts, -1], attrs)
    data = data.assign_coords(
        body=list(BODIES), form=forms, dose=("dose", doses, {"units": "mg/d"}),
        time=found["time"], when=["before", "after"],
    )  # fmt: skip
    weeks = [
        plateau_weeks(data["mg_total"].sel(body=b, dose=PLATEAU[0])) for b in BODIES
    ]
    data["plateau_weeks"] = ("body", weeks, {"units": "weeks"})
    axon = axon_response(
        found.isel(person=int(np.argmax(doses == PLATEAU[0]))), [0, -1]
    )
    data["r_sp"] = ("when", axon.r_sp, {"units": "1/min"})
    return data


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw both rises against dose, serum against time, and salts."""
    figure, axes = plot.panels(2, 2, height=2.8, width=8.5)
    for axis, name in zip(axes[0], TRIALS, strict=True):
        middle, low, high = TRIALS[name]
        axis.fill_between(DOSES, low, high, color="0.88", label="48 trials, 95 %")
        axis.plot(DOSES, (middle, middle), color="0.4", linestyle="-", linewidth=1.0,
                  label="48 trials, mean")  # fmt: skip
        for k, week in enumerate(WEEKS):
            here = data[name].sel(body="as published", time=week * WEEK)
            colour, dash = plot.PAIRS[k]
            axis.plot(data["dose"], here, color=colour, linestyle=dash,
                      label=f"{week} weeks")  # fmt: skip
        axis.axvline(PLATEAU[0], color="0.4", linestyle=":", label="plateau in trials")
        axis.set(
            xlabel="elemental magnesium (mg/d)", ylabel=f"{plot.label(data[name])}"
        )
    time = axes[1, 0]
    for k, body in enumerate(BODIES):
        colour, dash = plot.COLOURS[2 + k], plot.DASHES[k]
        line = data["mg_total"].sel(body=body, dose=PLATEAU[0])
        time.plot(data["time"] / WEEK, line, color=colour, linestyle=dash, label=body)
        weeks = float(data["plateau_weeks"].sel(body=body))
        time.plot(weeks, line.sel(time=weeks * WEEK), "o", color=colour,
                  label=f"{NEAR:.0%} of the rise")  # fmt: skip
    time.axvline(PLATEAU[1], color="0.4", linestyle=":")
    time.axhspan(*TRIALS["mg_total"][1:], color="0.88", zorder=0)
    time.set(xlabel="weeks of 300 mg/d", ylabel="rise of total Mg (mM)")
    salts = axes[1, 1]
    salts.axvspan(*TRIALS["mg_total"][1:], color="0.88", zorder=0)
    salts.barh(data["form"].values, data["by_form"], color=plot.COLOURS[0], height=0.6)
    salts.set_xlabel("rise of total Mg, 300 mg/d, a year (mM)")
    plot.legend_above(axes)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    end = data.sel(body="as published").isel(time=-1)
    at = {
        name: [float(end[name].interp(dose=d)) for d in (197, 300, 994)]
        for name in TRIALS
    }
    serum, urine = at["mg_total"], at["urine_mg"]
    inside = [
        "inside" if low <= values[1] <= high else "outside"
        for values, (_, low, high) in zip(at.values(), TRIALS.values(), strict=True)
    ]
    more = serum[2] / serum[1] - 1.0
    weeks = data["plateau_weeks"]
    forms = data["by_form"]
    pools = ", ".join(f"{float(weeks.sel(body=b)):.1f} ({b})" for b in BODIES)
    kidney = urine[1] / serum[1]  # L/d
    largest = BODIES["500 mmol on bone"]["mg_surface_pool"]
    share = kidney / (kidney + SURFACE_RATE * largest / MAGNESIUM_TOTAL)
    return (
        f"A year of 197, 300 and 994 mg/d raises serum by {serum[0]:.3f}, "
        f"{serum[1]:.3f} and {serum[2]:.3f} mM and urine by {urine[0]:.1f}, "
        f"{urine[1]:.1f} and {urine[2]:.1f} mmol/d; 48 trials: 0.04 (0.02-0.06) mM and "
        f"1.52 (1.20-1.83) mmol/d. At 300 mg serum is "
        f"{inside[0]} (it was set on this), urine {inside[1]} the interval.\n"
        f"Plateau by dose: {'none' if more > 1 - NEAR else 'as in the trials'}; 994 mg "
        f"raise serum {more:+.0%} against 300 mg, where the trials say it stays.\n"
        f"Plateau by time, {NEAR:.0%} of the rise of a year, weeks: "
        f"{pools}; trials: about {PLATEAU[1]:g}. What is absorbed leaves "
        f"with urine at once: {share:.0%} of the pull on plasma is the kidney's even "
        "against the largest pool, so such a pool slows only the end of the rise.\n"
        f"Salts at 300 mg: {float(forms.max()):.3f} mM, oxide "
        f"{float(forms.sel(form='oxide')):.3f} (share absorbed assumed).\n"
        f"The axon of a healthy adult hardly knows: {plot.number(data['r_sp'][0])} to "
        f"{plot.number(data['r_sp'][1])} events/min of a pool."
    )


def run(quick: bool, out: Path) -> str:
    """Supplement, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "magnesium_supplement.svg")
    data.to_netcdf(out / "magnesium_supplement.nc", engine="h5netcdf")
    return told(data)
