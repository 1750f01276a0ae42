"""How hard do human fast and slow muscle fibres pull at 1 to 100 impulses per second?

Twitch, unfused and fused trains of one second, each impulse through the junction, with
the bands measured in people drawn in (muscle.md 3.7). Peaks are those of the second
half of the train; half relaxation follows a single twitch.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.fibre_course import STEP, falls_to_half
from neurosim.innervate import DELAY, innervate, trains_at
from neurosim.model import Model
from neurosim.models import MUSCLE_FIBRE, SLOW_FIBRE

FIBRES = {"fast": MUSCLE_FIBRE, "slow": SLOW_FIBRE}
RATES = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 80.0, 100.0)
FEWER = (1.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)  # Hz, of the quick version
SHOWN = (1.0, 5.0, 10.0, 20.0, 50.0)  # Hz, force drawn against time
BEGIN, SECONDS, AFTER = 5.0, 1.0, 500.0  # ms, s, ms (chosen)
FUSED = {"fast": 50.0, "slow": 30.0}  # Hz from which ripple counts (muscle.md 3.7)
# feature -> low, high, unit of people (muscle.md 3.7; tone: chosen)
BANDS = {
    "time_to_peak": (40.0, 110.0, "ms"),
    "half_relaxation": (35.0, 100.0, "ms"),
    "twitch_tetanus": (0.1, 0.25, ""),
    "half_force": (8.0, 18.0, "Hz"),
    "ripple": (0.0, 0.1, ""),
    "tone": (0.0, 0.02, ""),
}
THENAR = (12.0, 4.0)  # Hz, half force of single thenar units, SD (Thomas 1991)


def collect(model: Model, rates: tuple[float, ...], fused: float) -> xr.Dataset:
    """Return force against time at all rates, and the features of ``BANDS``."""
    sent = trains_at(rates, seconds=SECONDS, start=BEGIN)
    end = BEGIN + 1e3 * SECONDS + AFTER
    run = innervate(model, sent, duration=end, record_every=1.0, dt=STEP)
    force = run["force"].rename(train="rate").assign_coords(rate=list(rates))
    time, first = force["time"].values, BEGIN + DELAY
    during = force.sel(time=slice(first + 500.0 * SECONDS, first + 1e3 * SECONDS))
    last = [
        f.sel(time=slice(first + 1e3 * (SECONDS - 1.0 / r), first + 1e3 * SECONDS))
        for r, f in zip(rates, force, strict=True)
    ]
    ripple = np.array([float(1.0 - f.min() / f.max()) for f in last])
    peak = np.where(np.array(rates) > 1.0, during.max("time"), force.max("time"))
    tetanus, twitch = peak.max(), force.values[:1]
    share = np.maximum.accumulate(peak / tetanus)
    rest = twitch[:, 0]
    return xr.Dataset(
        {
            "force": force,
            "share": ("rate", peak / tetanus),
            "ripple_at": ("rate", ripple),
            "transmission": ("rate", run["transmission_ratio"].values),
            "tetanus": tetanus,
            "time_to_peak": time[twitch[0].argmax()] - first,
            "half_relaxation": falls_to_half(time, twitch, rest)[0],
            "twitch_tetanus": (twitch.max() - rest[0]) / tetanus,
            "half_force": np.interp(0.5, share, rates),
            "ripple": ripple[list(rates).index(fused)],
            "tone": rest[0] / tetanus,
        },
        coords={"rate": ("rate", list(rates), {"units": "Hz"})},
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw force against time and rate, ripple, and features within their bands."""
    figure, axes = plot.panels(3, 2, height=2.5, width=8.0)
    for axis, kind in zip(axes[0], data["kind"].values, strict=True):
        for rate in SHOWN:
            force = data["force"].sel(kind=kind, rate=rate)
            axis.plot(force["time"] - BEGIN, 100.0 * force, label=f"{rate:g} Hz")
        axis.set(xlabel="time (ms)", ylabel="force (% of maximum)",
                 title=f"{kind} fibre", ylim=(0.0, 100.0))  # fmt: skip
    twitch, against, ripple, bands = axes[1:].ravel()
    for (colour, dash), kind in zip(plot.PAIRS, data["kind"].values, strict=False):
        here, look = data.sel(kind=kind), {"color": colour, "linestyle": dash}
        force = here["force"].isel(rate=0)
        rest = force.isel(time=0)
        height = 100.0 * (force - rest) / here["tetanus"]
        twitch.plot(force["time"] - BEGIN - DELAY, height, label=kind, **look)
        against.plot(data["rate"], 100.0 * here["share"], marker="o", **look)
        ripple.plot(data["rate"], 100.0 * here["ripple_at"], marker="o", **look)
        for row, (name, (low, high, _)) in enumerate(BANDS.items()):
            place = (float(here[name]) - low) / (high - low)
            bands.plot(place, row, "os"[kind == "slow"], color=colour, clip_on=False)
    low, high, _ = BANDS["time_to_peak"]
    small, large = (100.0 * x for x in BANDS["twitch_tetanus"][:2])
    box = {"color": "0.9", "zorder": 0}
    twitch.fill_between([low, high], small, large, label="peak in people", **box)
    twitch.set(xlabel="time (ms)", ylabel="twitch (% of tetanus)", xlim=(0.0, 400.0))
    twitch.legend(loc="upper right")
    against.axvspan(*BANDS["half_force"][:2], label="half force in people", **box)
    against.errorbar(THENAR[0], 50.0, xerr=THENAR[1], fmt="k^", label="thenar units")
    against.set(xlabel="rate (Hz)", ylabel="force (% of tetanus)", xscale="log",
                ylim=(0.0, 105.0))  # fmt: skip
    against.legend(loc="upper left")
    ripple.axhspan(0.0, 10.0, label="asked when fused", **box)
    for colour, kind in zip(plot.COLOURS, FUSED, strict=False):
        ripple.axvline(FUSED[kind], color=colour, linestyle=":", gid="aside")
    ripple.set(xlabel="rate (Hz)", ylabel="ripple (% of peak)", xscale="log")
    ripple.legend(loc="upper right")
    for axis in (against, ripple):
        axis.set_xticks([1.0, 3.0, 10.0, 30.0, 100.0], ["1", "3", "10", "30", "100"])
    bands.axvspan(0.0, 1.0, **box)
    bands.set(yticks=range(len(BANDS)), xlim=(-0.2, 1.2), xlabel="place in its band",
              yticklabels=[n.replace("_", " ") for n in BANDS])  # fmt: skip
    bands.set_xticks([0.0, 1.0], ["low end", "high end"])
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return each feature with its band."""
    said = []
    for kind in data["kind"].values:
        here = data.sel(kind=kind)
        values = ", ".join(
            f"{name.replace('_', ' ')} {plot.number(here[name])} {unit}".strip()
            + f" ({low:g} to {high:g})"
            for name, (low, high, unit) in BANDS.items()
        )
        missed = [
            name.replace("_", " ") for name, (low, high, _) in BANDS.items()
            if not low <= float(here[name]) <= high
        ]  # fmt: skip
        verdict = f"outside: {', '.join(missed)}" if missed else "all in their bands"
        said.append(
            f"{str(kind).capitalize()} fibre, {verdict}: {values}; ripple at "
            f"{FUSED[kind]:g} Hz. Force at "
            + ", ".join(
                f"{rate:g} Hz {float(here['share'].sel(rate=rate)):.0%}"
                for rate in (5.0, 10.0, 15.0, 20.0, 30.0)
            )
            + " of tetanus. Fibre spikes per impulse at "
            + ", ".join(
                f"{rate:g} Hz {float(here['transmission'].sel(rate=rate)):.2f}"
                for rate in here["rate"].values
                if rate >= 50.0
            )
            + "."
        )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Stimulate, write figure and data into ``out``, return the answer."""
    rates = FEWER if quick else RATES
    found = [collect(model, rates, FUSED[kind]) for kind, model in FIBRES.items()]
    data = xr.concat([f.drop_attrs() for f in found], xr.Variable("kind", list(FIBRES)))
    plot.save(draw(data), out / "force_frequency.svg")
    data.to_netcdf(out / "force_frequency.nc", engine="h5netcdf")
    return told(data)
