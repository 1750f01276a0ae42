"""After heavy sweating, what do water or a rehydration drink do to blood and nerve?

Sweat is lost within six hours and replaced over the next six by nothing, as much
water, or as much rehydration solution (Na 50, K 20 mM). 1.4 L is 2 % of body mass, as
in Lau 2019, where water lowered and an electrolyte drink raised the threshold of a
cramp brought on by shocks; 4 L is a hot day's work. The motor axon is simulated in the
blood.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.doses import read_dose
from neurosim.body.report import axon_response
from neurosim.clinical import RANGES

LITRES = (1.4, 4.0)  # L: 2 % of 70 kg (Lau 2019), and systemic.md 4
DRINKS = {"none": "nothing", "water": "water", "ors": "rehydration solution"}
DRINKING = (0.25, 0.50)  # d: six hours of sweating, then six of drinking
DAYS = 1.0  # d
LEVELS = {
    "na": "Na (mM)", "k": "K (mM)", "mg_ionised": "ionised Mg (mM)",
    "ca_ionised": "ionised Ca (mM)",
}  # fmt: skip
EDELMAN = {"none": 151.8, "water": 135.1, "ors": 142.0}  # mM after 4 L, systemic.md 4
PEOPLE = {"water": "lower", "ors": "higher"}  # cramp threshold (Lau 2019)


def sweated(litres: float, drink: str) -> xr.Dataset:
    """Return the levels of a day with sweat and a drink."""
    dose = read_dose({"sweat_l": litres, "drink": drink})
    return follow(dose.causes, treat=dose.treat, days=DAYS, every=0.01)


def collect(quick: bool) -> xr.Dataset:
    """Return levels and the axon's answer over litres, drink and time."""
    found = [[sweated(litres, drink) for drink in DRINKS] for litres in LITRES]
    dims = ("litres", "drink", "time")
    first = found[0][0]
    data: dict[str, Any] = {
        name: (dims, [[one[name].values for one in row] for row in found],
               first[name].attrs)
        for name in LEVELS
    }  # fmt: skip
    hours = np.linspace(0.0, DAYS, 5 if quick else 25)
    looked = [int(np.abs(first["time"].values - t).argmin()) for t in hours]
    axon = [[axon_response(one, looked) for one in row] for row in found]
    for name, unit in (("threshold", "1"), ("r_sp", "1/min")):
        values = [[getattr(one, name) for one in row] for row in axon]
        data[name] = (("litres", "drink", "day"), values, {"units": unit})
    coords = {
        "litres": ("litres", list(LITRES), {"units": "L"}),
        "drink": list(DRINKS),
        "day": ("day", hours, {"units": "d"}),
        "time": first["time"],
    }
    return xr.Dataset(data, coords)


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw levels over the day, then threshold and events."""
    figure, axes = plot.panels(3, 2, height=2.3, width=8.5, sharex=True)
    panels = axes.ravel()
    for axis, name in zip(panels, (*LEVELS, "threshold", "r_sp"), strict=True):
        if name in RANGES:
            axis.axhspan(*RANGES[name].normal, color="0.9", label="reference range")
        x = data["time"] if name in LEVELS else data["day"]
        for k, (drink, title) in enumerate(DRINKS.items()):
            for litres, dash in zip(LITRES, (":", "-"), strict=True):
                values = data[name].sel(drink=drink, litres=litres)
                axis.plot(24.0 * x, values, color=plot.COLOURS[k], linestyle=dash,
                          label=f"{litres:g} L, {title}")  # fmt: skip
        for day in DRINKING:
            axis.axvline(24.0 * day, color="0.6", linewidth=0.8, linestyle="--",
                         label="drink begins, ends")  # fmt: skip
    for axis, title in zip(panels, LEVELS.values(), strict=False):
        axis.set_ylabel(title)
    for k, value in enumerate(EDELMAN.values()):
        panels[0].plot(24.0, value, "D", color=plot.COLOURS[k], clip_on=False,
                       label="4 L by hand (Edelman)")  # fmt: skip
    panels[4].set(ylabel="40 ms threshold (of healthy)", xlabel="time (h)")
    panels[5].set(ylabel="events of a pool (1/min)", xlabel="time (h)", xlim=(0, 24))
    plot.legend_above(axes)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    end = data.isel(day=-1, time=-1)
    said = []
    for litres in LITRES:
        each = "; ".join(
            f"{title}: Na {float(here['na']):.1f}, K {float(here['k']):.2f}, ionised "
            f"Mg {float(here['mg_ionised']):.3f}, Ca {float(here['ca_ionised']):.3f} "
            f"mM, threshold x {float(here['threshold']):.3f}, "
            f"{plot.number(here['r_sp'])} events/min"
            for drink, title in DRINKS.items()
            for here in [end.sel(litres=litres, drink=drink)]
        )
        said.append(f"{litres:g} L of sweat replaced by {each}.")
    big = end.sel(litres=4.0)
    off = max(abs(float(big["na"].sel(drink=d)) - v) for d, v in EDELMAN.items())
    dry = data.sel(litres=4.0, drink="none", time=DRINKING[0])
    healthy = plot.number(data["r_sp"].isel(day=0, litres=0, drink=0))
    thirsty = big.sel(drink="none")
    peak = data["r_sp"].sel(litres=4.0).max("day")
    least = float(data["ca_ionised"].sel(litres=4.0).min())
    peaks = ", ".join(plot.number(peak.sel(drink=drink)) for drink in DRINKS)
    said.append(
        f"Healthy: {healthy} events/min; the most in the day after 4 L: {peaks} "
        f"(no drink, water, solution), ionised Ca at least {least:.2f} mM. Na is "
        f"within {off:.1f} mM of the formula by hand. With 4 L lost, "
        f"Mg is {float(dry['mg_ionised']):.3f} and Ca "
        f"{float(dry['ca_ionised']):.3f} mM, next day without a drink "
        f"{float(thirsty['mg_ionised']):.3f} and {float(thirsty['ca_ionised']):.3f}."
    )
    low = end.sel(litres=LITRES[0])["threshold"]
    same = {d: ("higher" if float(low.sel(drink=d) - low.sel(drink="none")) > 0 else
                "lower") == way for d, way in PEOPLE.items()}  # fmt: skip
    size = float(np.abs(low - 1.0).max())
    said.append(
        f"After 2 % of body mass the threshold moves by {size:.1%} at most. Against "
        "Lau 2019 (cramp threshold, water lower, electrolytes higher): the sign is "
        f"{'the same' if same['water'] else 'opposite'} for water and "
        f"{'the same' if same['ors'] else 'opposite'} for the solution."
    )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Sweat and drink, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "sweat_and_drink.svg")
    data.to_netcdf(out / "sweat_and_drink.nc", engine="h5netcdf")
    return told(data)
