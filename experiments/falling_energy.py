"""What does a muscle do when the supply of ATP falls: weakness, or a slow relaxation?

Work of 30 impulses per second, 1 s on and 1 s off, at six ceilings of ATP resynthesis:
peak force, half relaxation after the last impulse of each second, force left before the
next one, and the energy behind it. Then a minute of rest. Beside it a twitch at half
the activity of SERCA, whose half relaxation should be 1.7 to 2.2 times as long
(muscle.md 9.2). The sign is that of the first seconds after work (neurosim.classify).
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.fibre_course import STEP, falls_to_half, paces
from neurosim.classify import classify, features_of
from neurosim.innervate import DELAY, innervate
from neurosim.models import MUSCLE_FIBRE

SUPPLY = (1.0, 0.7, 0.5, 0.3, 0.2, 0.1)  # of the healthy ceiling
RATE, BEGIN = 30.0, 1000.0  # Hz and ms
WORK, QUICK_WORK = 120, 60  # s of 1 s on and 1 s off
REST = 10e3  # ms afterwards (chosen)
SERCA = (1.0, 0.5)  # healthy and half (muscle.md 9.2)
SLOWING = (1.7, 2.2)  # asked of half relaxation at half SERCA (muscle.md 9.2)
EVERY = 10.0  # ms between samples
ENERGY = {"pcr": "PCr", "atp": "ATP", "pi": "Pi", "adp": "ADP"}


def work(seconds: int) -> xr.Dataset:
    """Return force and energy of all supplies over time, and features of each second.

    seconds : of work, half of it in contraction.
    """
    starts = BEGIN + 2e3 * np.arange(seconds // 2)
    times = (starts[:, None] + 1e3 / RATE * np.arange(RATE)).ravel()
    until = float(times[-1]) + REST
    found = innervate(
        MUSCLE_FIBRE.at(atp_supply=SUPPLY), times, duration=until, record_every=EVERY,
        record=("force", *ENERGY), protocol=paces(times + DELAY, until), dt=STEP,
    )  # fmt: skip
    force, time = found["force"].values, found["time"].values
    ends = np.append(starts[1:], until)
    rows = []
    for start, end in zip(starts, ends, strict=True):
        on = (time >= start) & (time < start + 1e3)
        relaxing = (time >= start + 1e3 * (1.0 - 1.0 / RATE) + DELAY) & (time < end)
        # to half of the whole force: what stays up to the next second does not relax
        whole = np.zeros(len(SUPPLY))
        half = falls_to_half(time[relaxing], force[:, relaxing], whole)
        rows.append((force[:, on].max(1), half, force[:, on][:, 0]))
    peak, half, left = np.stack(rows, axis=-1)
    slowing = half / half[SUPPLY.index(1.0), 0]
    dims = ("atp_supply", "second")
    named = [
        sign_after(time, force[k], found["spike_time"].values[k], slowing[k, -1])
        for k in range(len(SUPPLY))
    ]
    return found.drop_vars(["transmission_ratio", "spike_time"]).assign(
        peak=(dims, peak, {"units": "1"}),
        half_relaxation=(dims, half, {"units": "ms"}),
        slowing=(dims, slowing, {"units": "1"}), left=(dims, left, {"units": "1"}),
        sign=("atp_supply", named), fired=found["transmission_ratio"],
    ).assign_coords(second=("second", starts / 1e3, {"units": "s"}))  # fmt: skip


def sign_after(time: np.ndarray, force: np.ndarray, spikes: np.ndarray, slowing: float):
    """Return the clinical sign of the silence after work, its last impulse excluded."""
    begin = float(np.nanmax(spikes)) + 1.0
    features = features_of(
        time=time, force=np.clip(force, 0.0, None), fibre_spikes=spikes,
        window=(begin, float(time[-1])), half_relaxation=slowing,
    )  # fmt: skip
    return classify(features).sign


def half_serca() -> float:
    """Return by how much half the activity of SERCA prolongs half relaxation."""
    run = innervate(
        MUSCLE_FIBRE.at(serca=SERCA), [5.0], duration=900.0, record_every=1.0, dt=STEP
    )
    force = run["force"].values
    one, half = falls_to_half(run["time"].values, force, force[:, 0])
    return float(half / one)


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw force, relaxation and what is left against time, and the energy."""
    figure, axes = plot.panels(4, 2, height=2.0, width=8.0)
    seconds = data["time"] / 1e3
    for axis, name in zip(axes[2:].ravel(), ENERGY.values(), strict=True):
        axis.set(ylabel=f"{name} (mM)")
    for (colour, dash), supply in zip(plot.PAIRS, SUPPLY, strict=False):
        here = data.sel(atp_supply=supply)
        look = {"color": colour, "linestyle": dash, "label": f"supply {supply:g}"}
        axes[0, 0].plot(data["second"], 100.0 * here["peak"], **look)
        axes[0, 1].plot(data["second"], 100.0 * here["left"], **look)
        axes[1, 0].plot(data["second"], here["slowing"], marker=".", ms=3, **look)
        end = float(data["second"][-1])
        late = (seconds > end - 0.2) & (seconds < end + 4.0)
        axes[1, 1].plot(seconds[late] - end, 100.0 * here["force"][late], **look)
        for axis, name in zip(axes[2:].ravel(), ENERGY, strict=True):
            axis.plot(seconds, here[name], **look)
    axes[0, 0].set(ylabel="peak force (%)", ylim=(0.0, None))
    axes[0, 1].set(ylabel="force left (%)", ylim=(0.0, None))
    axes[1, 0].set(ylabel="half relaxation (ratio)", ylim=(0.0, None))
    axes[1, 1].set(ylabel="last second: force (%)", xlabel="time from its start (s)")
    for axis in (*axes[0], axes[1, 0], *axes[2], *axes[3]):
        axis.set_xlabel("time (s)")
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    end, half = data.isel(second=-1), data.attrs["half_serca"]
    rest = data["left"].isel(second=0)

    def over(name, scale=1.0):
        return ", ".join(plot.number(scale * x) for x in end[name].values)

    working = data.sel(time=slice(None, float(data["second"][-1]) * 1e3 + 1e3))
    least, most = working.min("time"), working.max("time")
    energy = "; ".join(
        f"{ENERGY[name]} {', '.join(plot.number(x) for x in values.values)} mM"
        for name, values in (
            ("pcr", least["pcr"]), ("atp", least["atp"]), ("pi", most["pi"]),
            ("adp", most["adp"]),
        )
    )  # fmt: skip
    low, high = SLOWING
    inside = "inside" if low <= half <= high else "outside"
    return (
        f"Supply {', '.join(f'{s:g}' for s in SUPPLY)}, after {data.attrs['work']:g} s "
        f"of work: peak {over('peak', 100.0)} %; half relaxation {over('slowing')} "
        f"times that of the fresh fibre; force left before the last second "
        f"{over('left', 100.0)} % (fresh {plot.number(100.0 * rest.max())} %).\n"
        f"Furthest point on the way: {energy}.\n"
        f"Fibre spikes per impulse {over('fired')}. Sign of the silence afterwards: "
        f"{', '.join(map(str, end['sign'].values))}.\n"
        f"Half of SERCA makes half relaxation {half:.2f} times as long, {inside} "
        f"{low:g} to {high:g}."
    )


def run(quick: bool, out: Path) -> str:
    """Let the fibre work, write figure and data into ``out``, return the answer."""
    seconds = QUICK_WORK if quick else WORK
    data = (
        work(seconds)
        .drop_attrs()
        .assign_attrs(half_serca=half_serca(), work=float(seconds))
    )
    plot.save(draw(data), out / "falling_energy.svg")
    data.to_netcdf(out / "falling_energy.nc", engine="h5netcdf")
    return told(data)
