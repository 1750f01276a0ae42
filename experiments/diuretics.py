"""Do diuretics excite nerve through the magnesium lost or calm it through potassium?

A thiazide and a loop diuretic for 90 days, mild to severe. The motor axon is simulated
in the blood of the last day, then with only its potassium, only its magnesium or only
its calcium away from normal. Moderate and severe thiazide extend one published set of
numbers. People on them lost less: serum magnesium fell by 0.018 mM at full thiazide
doses, and a cohort on loop diuretics had 0.02 to 0.04 mM more than others.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.causes import settled
from neurosim.body.inputs import find_input
from neurosim.body.pathways import switched_off
from neurosim.body.report import axon_response
from neurosim.clinical import RANGES, SEVERITIES

DRUGS = ("thiazide", "loop_diuretic")
DAYS = 90.0  # d
LEVELS = {
    "mg_total": "Mg total (mM)", "k": "K (mM)", "ca_total": "Ca total (mM)",
    "na": "Na (mM)",
}  # fmt: skip
ARMS: dict[str, tuple[str, ...]] = {  # which pathways are held healthy
    "all": (),
    "K only": ("mg", "ca", "na"),
    "Mg only": ("k", "k_k_i", "ca", "na"),
    "Ca only": ("k", "k_k_i", "mg", "na"),
}
PEOPLE = {"thiazide": (-0.018, -0.018), "loop_diuretic": (0.02, 0.04)}  # mM of Mg [V]


def followed(every: float) -> xr.Dataset:
    """Return the course of every drug x severity x arm, along ``person``."""
    moved = [settled(drug, severity) for drug in DRUGS for severity in SEVERITIES]
    cause = {
        name: np.repeat(
            [one.get(name, find_input(name).value) for one in moved], len(ARMS)
        )
        for name in {name for one in moved for name in one}
    }
    held = [switched_off(reset) for reset in ARMS.values()]
    person = {
        name: np.tile([one.get(name, 1.0) for one in held], len(moved))
        for name in {name for one in held for name in one}
    }
    return follow([(0.0, cause)], person=person, days=DAYS, every=every)


def collect(quick: bool) -> xr.Dataset:
    """Return levels over drug, severity and time, and the axon on the last day."""
    found = followed(3.0 if quick else 0.5)
    dims, shape = ("drug", "severity"), (len(DRUGS), len(SEVERITIES))
    whole = found.isel(person=slice(None, None, len(ARMS)))
    data: dict[str, Any] = {
        name: ((*dims, "time"), whole[name].values.reshape(*shape, -1),
               found[name].attrs)
        for name in LEVELS
    }  # fmt: skip
    first = found.isel(time=[0], person=0)
    blood = found.isel(time=-1, drop=True).rename(person="time")
    axon = axon_response(blood, range(blood.sizes["time"]))
    for name, unit in (("threshold", "1"), ("r_sp", "1/min"), ("low", "1/min"),
                       ("high", "1/min")):  # fmt: skip
        values = getattr(axon, name).reshape(*shape, len(ARMS))
        data[name] = ((*dims, "arm"), values, {"units": unit})
    healthy = axon_response(first, [0])
    data["healthy_r_sp"] = ((), float(healthy.r_sp[0]), {"units": "1/min"})
    coords = {"drug": list(DRUGS), "severity": list(SEVERITIES), "arm": list(ARMS)}
    return xr.Dataset(data, coords | {"time": found["time"]})


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw levels over time, and threshold and events of the last day."""
    figure, axes = plot.panels(3, 2, height=2.4, width=8.5)
    for axis, (name, title) in zip(axes.ravel(), LEVELS.items(), strict=False):
        axis.axhspan(*RANGES[name].normal, color="0.9", label="reference range")
        for k, drug in enumerate(DRUGS):
            for j, severity in enumerate(SEVERITIES):
                axis.plot(
                    data["time"], data[name].sel(drug=drug, severity=severity),
                    color=plot.COLOURS[k], linestyle=plot.DASHES[2 - j],
                    label=f"{drug.replace('_', ' ')}, {severity}",
                )  # fmt: skip
        axis.set(xlabel="time (d)", ylabel=title)
        if name == "mg_total":
            for k, drug in enumerate(DRUGS):
                low, high = (0.85 + change for change in PEOPLE[drug])
                axis.errorbar(DAYS, (low + high) / 2.0, (high - low) / 2.0, fmt="sD"[k],
                              color=plot.COLOURS[k], capsize=3, clip_on=False,
                              label=f"{drug.replace('_', ' ')}, people")  # fmt: skip
    for axis, name in zip(axes[2], ("threshold", "r_sp"), strict=True):
        draw_axon(axis, data, name)
    axes[2, 0].set_ylabel("40 ms threshold\n(of healthy)")
    axes[2, 1].set(yscale="log", ylabel="events of a pool (1/min)")
    plot.legend_above(axes)
    return figure


def draw_axon(axis: Any, data: xr.Dataset, name: str) -> None:
    """Draw what the axon does on the last day, by what is away from normal."""
    place = np.arange(len(DRUGS) * len(SEVERITIES))
    for k, arm in enumerate(ARMS):
        values = data[name].sel(arm=arm).values.ravel()
        axis.plot(
            place + 0.12 * (k - 1.5), values, "osD^"[k], linestyle="none",
            color=plot.COLOURS[(4, 0, 1, 2)[k]], label=f"axon: {arm}",
        )  # fmt: skip
    healthy = 1.0 if name == "threshold" else float(data["healthy_r_sp"])
    axis.axhline(healthy, color="0.4", linestyle=":", label="healthy")
    axis.axvline(len(SEVERITIES) - 0.5, color="0.8", linewidth=0.8)
    names = [
        f"{s}\n{d.replace('_diuretic', '')}" if s == "moderate" else s
        for d in DRUGS
        for s in SEVERITIES
    ]
    axis.set_xticks(place, names, fontsize="small")


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    said = []
    for drug in DRUGS:
        here = data.sel(drug=drug)
        end = here.isel(time=-1)
        levels = "; ".join(
            f"{s}: Mg {float(end['mg_total'].sel(severity=s)):.2f}, K "
            f"{float(end['k'].sel(severity=s)):.2f}, Ca "
            f"{float(end['ca_total'].sel(severity=s)):.2f} mM, "
            f"{plot.number(here['r_sp'].sel(severity=s, arm='all'))}"
            for s in SEVERITIES
        )
        severe = here["r_sp"].sel(severity="severe")
        alone = ", ".join(
            f"{arm} {plot.number(severe.sel(arm=arm))}" for arm in list(ARMS)[1:]
        )
        fall = float(end["mg_total"].sel(severity="mild")) - 0.85
        low, high = PEOPLE[drug]
        people = f"{low:+.3f}" if low == high else f"{low:+.2f} to {high:+.2f}"
        said.append(
            f"{drug.replace('_', ' ')}, day {DAYS:g}, events/min last: {levels}. "
            f"Severe, one alone: {alone}. Mg in mild {fall:+.2f} mM, people {people}."
        )
    k, mg, everything = (
        data["r_sp"].sel(arm=arm) for arm in ("K only", "Mg only", "all")
    )
    healthy = float(data["healthy_r_sp"])
    calms, excites = bool((k < healthy).all()), bool((mg > healthy).all())
    wins = "more events" if (everything > healthy).all() else "fewer events"
    wins = wins if (everything > healthy).all() or (everything < healthy).all() else (
        "more or fewer events by dose"
    )  # fmt: skip
    said.append(
        f"Healthy: {plot.number(healthy)} events/min. Low K "
        f"{'calms' if calms else 'does not always calm'}, low Mg "
        f"{'excites' if excites else 'does not always excite'}; together {wins}. This "
        "axon's slope with K is too steep for nerve, so the calming is overstated."
    )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Give diuretics, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "diuretics.svg")
    data.to_netcdf(out / "diuretics.nc", engine="h5netcdf")
    return told(data)
