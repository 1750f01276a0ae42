"""What does caffeine do to a muscle fibre, from a cup of coffee to a test tube?

Twitch and force at 10, 30 and 50 impulses per second and at rest, at the caffeine in
blood after coffee (70 uM) and at doses only a bath can hold. In people coffee lifts
force at 10-30 per second and not the tetanus (Lopes 1983); frog fibres contract from 6
mM on (Luttgau & Oetliker 1968; muscle.md 5.3). Nothing here acts on the nervous system.
The tetanus is that of 50 per second: this fibre does not follow a nerve at 100.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.fibre_course import STEP, falls_to_half
from neurosim.innervate import innervate, trains_at
from neurosim.models import MUSCLE_FIBRE, SLOW_FIBRE

FIBRES = {"fast": MUSCLE_FIBRE, "slow": SLOW_FIBRE}
CAFFEINE = (0.0, 70.0, 500.0, 1500.0, 6000.0)  # uM
RATES = (1.0, 10.0, 30.0, 50.0)  # Hz; 1 is a twitch
BEGIN, SECONDS = 5.0, 1.0  # ms, s (chosen)


def collect(kind: str) -> xr.Dataset:
    """Return force over caffeine, rate and time, and what it says."""
    doses, rates = (a.ravel() for a in np.meshgrid(CAFFEINE, RATES, indexing="ij"))
    end = BEGIN + 1e3 * SECONDS
    run = innervate(
        FIBRES[kind].along("run", caffeine_um=doses),
        trains_at(rates, seconds=SECONDS, start=BEGIN),
        duration=end, record=("force", "ca"), record_every=1.0, dt=STEP,
    )  # fmt: skip
    shape, time = (len(CAFFEINE), len(RATES)), run["time"].values
    force = run["force"].values.reshape(*shape, -1)
    twitch = force[:, 0]
    dims = ("caffeine", "rate")
    return xr.Dataset(
        {
            "force": ((*dims, "time"), force),
            "peak": (dims, force.max(-1)),
            "rest": ("caffeine", twitch[:, 0]),
            "rest_ca": ("caffeine", run["ca"].values.reshape(*shape, -1)[:, 0, 0]),
            "half_relaxation": (
                "caffeine", falls_to_half(time, twitch, twitch[:, 0]),
            ),
            "transmission": (dims, run["transmission_ratio"].values.reshape(shape)),
        },
        coords={
            "caffeine": ("caffeine", list(CAFFEINE), {"units": "uM"}),
            "rate": ("rate", list(RATES), {"units": "Hz"}),
            "time": ("time", time, {"units": "ms"}),
        },
    )  # fmt: skip


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw force against time at two rates, and peaks against the dose."""
    figure, axes = plot.panels(2, 2, height=2.6, width=8.0)
    fast = data.sel(kind="fast")
    for axis, rate in zip(axes[0], (1.0, 10.0), strict=True):
        for dose in CAFFEINE:
            force = fast["force"].sel(rate=rate, caffeine=dose)
            axis.plot(data["time"] - BEGIN, 100.0 * force, label=f"{dose:g} µM")
        axis.set(xlabel="time (ms)", ylabel="force (% of maximum)",
                 title=f"fast fibre, {rate:g} Hz")  # fmt: skip
    places = np.arange(len(CAFFEINE))
    for axis, kind in zip(axes[1], FIBRES, strict=True):
        here = data.sel(kind=kind)
        for rate in RATES:
            name = f"{rate:g} Hz" if rate > 1.0 else "twitch"
            axis.plot(places, 100.0 * here["peak"].sel(rate=rate), marker="o",
                      label=name)  # fmt: skip
        axis.plot(places, 100.0 * here["rest"], marker="o", label="rest")
        axis.set(xlabel="caffeine (µM)", ylabel="force (% of maximum)",
                 title=f"{kind} fibre", ylim=(0.0, 130.0),
                 yticks=(0, 50, 100))  # fmt: skip
        axis.set_xticks(places, [f"{dose:g}" for dose in CAFFEINE])
    axes[1, 1].legend(loc="upper left", ncols=3, fontsize="small")
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    said = [f"Caffeine {', '.join(f'{dose:g}' for dose in CAFFEINE)} uM."]
    for kind in FIBRES:
        here = data.sel(kind=kind)
        ratio = here["peak"] / here["peak"].sel(caffeine=0.0)
        peaks = "; ".join(
            f"{'twitch' if rate == 1.0 else f'{rate:g} Hz'} "
            + ", ".join(f"{x:.2f}" for x in ratio.sel(rate=rate).values)
            for rate in RATES
        )
        rest = ", ".join(plot.number(100.0 * x) for x in here["rest"].values)
        slow = here["half_relaxation"] / here["half_relaxation"].sel(caffeine=0.0)
        times = ", ".join(f"{x:.2f}" for x in slow.values)
        said.append(
            f"{kind.capitalize()} fibre, peak against none: {peaks}; half relaxation "
            f"{times}; force at rest {rest} % of maximum."
        )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Give caffeine, write figure and data into ``out``, return the answer."""
    kinds = xr.Variable("kind", list(FIBRES))
    data = xr.concat([collect(kind) for kind in FIBRES], kinds)
    plot.save(draw(data), out / "caffeine.svg")
    data.to_netcdf(out / "caffeine.nc", engine="h5netcdf")
    return told(data)
