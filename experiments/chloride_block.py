"""At which block of its chloride channels does a muscle fibre go on firing by itself?

ClC-1 is closed step by step, the fibre has five seconds to come to rest, and its nerve
sends a second of impulses. Looked for are spikes, and depolarisation above -70 mV, that
outlast the last impulse, and the threshold to a pulse. Human fibres become myotonic
near 80 % block (muscle.md 2.4). Beside the fibre as it is (decision 0011), two changes
that could bring it there: more persistent sodium current,
and chloride at its equilibrium with tubules that exchange potassium more slowly.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import Pace, plot
from neurosim.claims.fibre_course import STEP
from neurosim.innervate import DELAY, innervate, trains_at
from neurosim.measure import threshold
from neurosim.models import MUSCLE_FIBRE

BLOCK = (0.0, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
FEWER = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)  # of the quick version
RATES = (20.0, 30.0)  # Hz
CALM = 0.1  # ms, longest step while it settles and after the train (chosen)
SETTLE, SECONDS, AFTER = 5000.0, 1.0, 2000.0  # ms, s, ms (chosen)
OUTLASTS = 30.0  # ms after the last impulse from which a spike is the fibre's own
HIGH = -70.0  # mV: above it the fibre is held depolarised (chosen)
LONG = 30.0  # ms of depolarisation that are a plateau and no spike (chosen)
MYOTONIC = 0.8  # block asked for (muscle.md 2.4)
ARMS: dict[str, dict[str, float]] = {
    "as it is": {},
    "persistent sodium x 2": {"persistent": 0.006},  # healthy 0.003 (Cannon 2024)
    # chloride at equilibrium; ms, healthy 560 (decision 0011)
    "no NKCC1, slow tubules": {"j_nkcc": 0.0, "tau_tubule": 5000.0},
}


def discharge(blocks: np.ndarray, rate: float, changes: dict[str, float]) -> xr.Dataset:
    """Return what follows a train at one rate, over block."""
    model = MUSCLE_FIBRE.along("block", clc=1.0 - blocks).at(**changes)
    sent = trains_at(rate, seconds=SECONDS, start=SETTLE)
    run = innervate(
        model, sent, duration=SETTLE + 1e3 * SECONDS + AFTER, record_every=1.0,
        record=("v", "k_t"), protocol=(Pace(CALM, 20.0, SETTLE),), dt=STEP,
    )  # fmt: skip
    last = float(np.nanmax(sent)) + DELAY
    spikes, time = run["spike_time"].values, run["time"]
    late = run["v"].sel(time=slice(last + OUTLASTS, None))
    own = spikes > last + OUTLASTS
    during = (spikes > SETTLE) & ~own
    return xr.Dataset({
        "v": run["v"].where(time >= SETTLE - 100.0, drop=True),
        "rest": run["v"].sel(time=SETTLE - 1.0),
        "own_spikes": ("block", own.sum(-1)),
        "spikes": ("block", during.sum(-1)),
        "held": (late > HIGH).sum("time"),
        "plateau": ("block", longest(run["v"].values > HIGH)),
        "highest_k": run["k_t"].max("time"),
    })  # fmt: skip


def longest(flags: np.ndarray) -> np.ndarray:
    """Return the most samples in a row, a ms each, that are set in each run."""
    edges = np.diff(np.pad(flags.astype(int), ((0, 0), (1, 1))), axis=1)
    spans = [np.flatnonzero(e < 0) - np.flatnonzero(e > 0) for e in edges]
    return np.array([span.max(initial=0) for span in spans])


def collect(quick: bool) -> xr.Dataset:
    """Return trains over arm, rate and block, and threshold over block."""
    blocks = np.array(FEWER if quick else BLOCK)
    rates = RATES[1:] if quick else RATES
    arms = [
        xr.concat([discharge(blocks, r, changes) for r in rates], "rate")
        for changes in ARMS.values()
    ]
    data = xr.concat(arms, "arm").drop_attrs()
    model = MUSCLE_FIBRE.along("block", clc=1.0 - blocks)
    found = threshold(model, width=0.5, after=10.0, settle=SETTLE, dt=STEP)
    data = data.assign(threshold=("block", found.values, {"units": "uA/cm2"}))
    return data.assign_coords(
        arm=list(ARMS), rate=("rate", list(rates), {"units": "Hz"}),
        block=("block", blocks, {"units": "1"}),
    )  # fmt: skip


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw the potential at three blocks in each arm, and what outlasts the train."""
    figure, axes = plot.panels(3, 2, height=2.2, width=8.0)
    rate = float(data["rate"][-1])
    time = (data["time"] - SETTLE) / 1e3
    shown = [float(data["block"].sel(block=b, method="nearest")) for b in (0, 0.9, 1.0)]
    for axis, arm in zip(axes[:, 0], ARMS, strict=True):
        for block in shown:
            v = data["v"].sel(arm=arm, rate=rate, block=block)
            axis.plot(time, v, linewidth=0.8, label=f"block {block:.0%}")
        axis.set(title=arm, ylabel="v (mV)", xlim=(-0.1, 2.0), ylim=(-115.0, 50.0))
    axes[-1, 0].set_xlabel("time from the first impulse (s)")
    during, plateau, rest = axes[:, 1]
    percent = 100.0 * data["block"]
    for (colour, dash), arm in zip(plot.PAIRS, ARMS, strict=False):
        here = data.sel(arm=arm, rate=rate)
        look = {"color": colour, "linestyle": dash, "label": arm, "marker": "o"}
        during.plot(percent, here["spikes"], **look)
        plateau.plot(percent, here["plateau"], **look)
        rest.plot(percent, here["rest"], **look)
    during.set(ylabel=f"spikes in a second at {rate:g} Hz", ylim=(0.0, None))
    plateau.set(ylabel=f"longest above {HIGH:g} mV (ms)", ylim=(0.0, None))
    rest.set(ylabel="rest (mV)", xlabel="block of ClC-1 (%)")
    for axis in (during, plateau, rest):
        axis.axvline(100.0 * MYOTONIC, color="0.6", linestyle=":", gid="aside")
    during.legend(fontsize="small")
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    here = data.sel(arm="as it is")
    block = data["block"].values
    own = here["own_spikes"].max("rate").values
    if own.any():
        answer = f"After-discharge from {block[own > 0].min():.0%} block on."
    else:
        answer = "No after-discharge at any block."
    values = here.isel(rate=-1).interp(block=[0.0, MYOTONIC, 1.0])
    threshold = ", ".join(plot.number(x) for x in values["threshold"].values)
    rest = ", ".join(plot.number(x) for x in values["rest"].values)
    spikes = ", ".join(f"{x:.0f}" for x in values["spikes"].values)
    plateau = ", ".join(f"{x:.0f}" for x in values["plateau"].values)
    long = block[here["plateau"].max("rate").values > LONG]
    first = f"over {LONG:g} ms from {long.min():.0%} block on" if long.size else "short"
    potassium = ", ".join(plot.number(x) for x in values["highest_k"].values)
    others = []
    for arm in list(ARMS)[1:]:
        one = data.sel(arm=arm).max("rate")
        held = one["held"].values
        most = plot.number(one["highest_k"].max())
        others.append(
            f"{arm}: {one['own_spikes'].values.max():.0f} spikes of its own, plateaus "
            f"of up to {one['plateau'].values.max():.0f} ms, after the train above "
            f"{HIGH:g} mV for {held.max():.0f} ms"
            + (f" from {block[held > 0].min():.0%} block on" if held.any() else "")
            + f", tubular K to {most} mM"
        )
    return (
        f"{answer} At block 0, {MYOTONIC:.0%} and 100 % rest is {rest} mV, threshold "
        f"{threshold} uA/cm2, tubular K reaches {potassium} mM and of "
        f"{float(data['rate'][-1]):g} impulses {spikes} fire; the longest "
        f"stretch above {HIGH:g} mV lasts {plateau} ms ({first}). Block takes away the "
        "chloride that leaks out above its equilibrium, so the fibre rests deeper.\n"
        f"{'; '.join(others)}."
    )


def run(quick: bool, out: Path) -> str:
    """Block, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "chloride_block.svg")
    data.to_netcdf(out / "chloride_block.nc", engine="h5netcdf")
    return told(data)
