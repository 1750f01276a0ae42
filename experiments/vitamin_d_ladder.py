"""How far must vitamin D fall before calcium falls and the nerve notices?

Adults live at 25(OH)D of 75 down to 3 nmol/L, on a normal and two poor calcium diets,
long enough to be in balance. Then the motor axon is simulated in their blood. In 11 855
people no level moved between 75 and 30 nmol/L, and below 30 one in three had high PTH
and 6.1 % low calcium. How low these were is not known: virtual adults are spread evenly
over two ranges below 30.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.diet import mmol
from neurosim.body.person import population
from neurosim.body.report import axon_response
from neurosim.clinical import RANGES

LADDER = (75.0, 50.0, 30.0, 20.0, 12.0, 8.0, 5.0, 3.0)  # nmol/L (chosen)
DIETS = (1000.0, 400.0, 320.0)  # mg/d of calcium: normal, and systemic.md 2.4
LEVELS = {
    "ca_total": "Ca total (mM)", "pth": "PTH (1)", "calcitriol": "calcitriol (1)",
}  # fmt: skip
AXON = {"threshold": "40 ms threshold (of healthy)", "r_sp": "events of a pool (1/min)"}
SEEN = {"low calcium": 0.061, "high PTH": 0.34}  # of people below 30 nmol/L [V]
BELOW = ((5.0, 30.0), (20.0, 30.0))  # nmol/L, evenly (chosen)
HIGH = 97.5  # % of healthy PTH, above which it counts as high
OWN = (
    0.37  # SD of ln PTH between people: 15-65 ng/L holds 95 % of the healthy (textbook)
)
SEED = 3
SHORT = 0.1  # d: everybody begins in balance, so one moment is enough


def in_balance(person: dict[str, Any]) -> xr.Dataset:
    """Return the levels of many persons in their steady state, along ``person``."""
    found = follow(None, person=person, days=SHORT)
    return found.isel(time=0, drop=True)


def shares(count: int) -> tuple[np.ndarray, float]:
    """Return who of a population has low calcium, high PTH when vitamin D is low.

    Shares (range of ``BELOW``, name of ``SEEN``), and that of low calcium before.
    """
    people = dict(population(count, SEED).parameters)
    well = in_balance(people)
    spread = np.random.default_rng(SEED).random(count)
    own = np.exp(OWN * np.random.default_rng(SEED + 1).standard_normal(count))
    limit = np.percentile(own * well["pth"], HIGH)
    low = RANGES["ca_total"].normal[0]
    found = []
    for begin, end in BELOW:
        lacking = in_balance(people | {"vitamin_d": begin + (end - begin) * spread})
        signs = lacking["ca_total"] < low, own * lacking["pth"] > limit
        found.append([float(sign.mean()) for sign in signs])
    return np.array(found, float), float((well["ca_total"] < low).mean())


def collect(quick: bool) -> xr.Dataset:
    """Return levels and the axon's answer over diet and vitamin D."""
    vitamin, calcium = np.meshgrid(LADDER, DIETS)
    person = {
        "vitamin_d": vitamin.ravel(),
        "ca_intake": mmol(calcium.ravel(), "calcium"),
    }
    found = in_balance(person)
    axon = axon_response(found.rename(person="time"), range(vitamin.size))
    dims, shape = ("diet", "vitamin_d"), vitamin.shape
    data = {
        n: (dims, found[n].values.reshape(shape), found[n].attrs)
        for n in (*LEVELS, "ca_ionised")
    }
    data |= {
        n: (dims, getattr(axon, n).reshape(shape), {"units": u})
        for n, u in (("threshold", "1"), ("r_sp", "1/min"), ("high", "1/min"))
    }
    found, before = shares(200 if quick else 2000)
    data["share"] = (("below", "sign"), found, {"units": "1"})
    coords = {
        "below": [f"{begin:g} to {end:g} nmol/L" for begin, end in BELOW],
        "sign": list(SEEN),
        "diet": ("diet", list(DIETS), {"units": "mg/d"}),
        "vitamin_d": ("vitamin_d", list(LADDER), {"units": "nmol/L"}),
    }
    return xr.Dataset(data, coords, attrs={"low calcium before": before})


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw levels and the axon's answer against vitamin D, and the population."""
    figure, axes = plot.panels(2, 3, height=2.7, width=9.5)
    panels = axes.ravel()
    for axis, (name, title) in zip(panels, (LEVELS | AXON).items(), strict=False):
        axis.axvspan(*RANGES["vitamin_d"].normal, color="0.95", zorder=0)
        if name in RANGES:
            axis.axhspan(*RANGES[name].normal, color="0.88", label="reference range")
        for k, diet in enumerate(DIETS):
            axis.plot(data["vitamin_d"], data[name].sel(diet=diet), marker="osD"[k],
                      label=f"calcium {diet:g} mg/d")  # fmt: skip
        axis.set(xscale="log", xlabel="25(OH)D (nmol/L)", ylabel=title)
        axis.set_xticks(LADDER, [f"{level:g}" for level in LADDER], minor=False)
        axis.minorticks_off()
        axis.set_xlim(LADDER[-1] * 0.9, LADDER[0] * 1.1)
    panels[4].set_yscale("log")
    people = panels[5]
    place = np.arange(len(SEEN))
    bars = {"11 855 people, below 30": list(SEEN.values())}
    bars |= {f"model, {b}": data["share"].sel(below=b) for b in data["below"].values}
    for k, (who, values) in enumerate(bars.items()):
        people.bar(
            place + 0.28 * (k - 1), 100 * np.array(values), 0.25, label=who,
            color=("0.6", plot.COLOURS[0], "w")[k], hatch=("//", "", "..")[k],
            edgecolor="k",
        )  # fmt: skip
    people.set_xticks(place, list(SEEN))
    people.set_ylabel("people (%)")
    plot.legend_above(panels)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""

    def ladder(name: str, diet: float, form: str = ".2f") -> str:
        steps = data[name].sel(diet=diet, vitamin_d=[75.0, 30.0, 12.0, 5.0, 3.0])
        return ", ".join(format(float(v), form) for v in steps)

    normal, poor = DIETS[0], DIETS[-1]
    low = data["ca_total"] < RANGES["ca_total"].normal[0]
    first = {
        diet: data["vitamin_d"].values[low.sel(diet=diet).values].max(initial=0.0)
        for diet in DIETS
    }
    where = ", ".join(
        f"{level:g} nmol/L at {diet:g} mg/d" if level else f"nowhere at {diet:g} mg/d"
        for diet, level in first.items()
    )
    seen = "; ".join(
        f"at {below}: "
        + ", ".join(
            f"{name} {float(data['share'].sel(below=below, sign=name)):.0%}"
            for name in SEEN
        )
        for below in data["below"].values
    )
    people = ", ".join(f"{name} {share:.0%}" for name, share in SEEN.items())
    return (
        f"25(OH)D 75, 30, 12, 5, 3 nmol/L with 1000 mg of calcium: Ca "
        f"{ladder('ca_total', normal)} mM, PTH x {ladder('pth', normal)}, calcitriol x "
        f"{ladder('calcitriol', normal)}.\n"
        f"With {poor:g} mg: Ca {ladder('ca_total', poor)} mM. Total Ca is below its "
        f"range from: {where}.\n"
        f"The axon follows ionised Ca: threshold x {ladder('threshold', normal)}, "
        f"events {ladder('r_sp', normal, '.1f')} /min with 1000 mg, "
        f"{ladder('r_sp', poor, '.1f')} with {poor:g} mg.\n"
        f"Virtual adults {seen}; people below 30: {people}. Replete virtual adults: "
        f"low calcium {data.attrs['low calcium before']:.0%}. Their PTH varies by 9 %; "
        "that of people, by 37 %, is put on top, else PTH is high in most."
    )


def run(quick: bool, out: Path) -> str:
    """Lower vitamin D, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "vitamin_d_ladder.svg")
    data.to_netcdf(out / "vitamin_d_ladder.nc", engine="h5netcdf")
    return told(data)
