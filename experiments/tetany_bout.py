"""Do axons at low calcium drive their muscle into tetany, from the axon to the force?

A motor pool under the drive that makes a healthy one fire about once a minute: axons
that are expected to fire are simulated, the junction passes on their impulses in the
same bath, and each unit's fibre pulls. Surface EMG, force and the sign that
``neurosim.classify`` gives them, whatever it is. Beside it trains given by hand, groups
of four impulses ten times a second: what tetany is in the fibre, if the nerve sends it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.fibre_course import STEP, paces
from neurosim.classify import Sign, classify, classify_pool, features_of
from neurosim.innervate import DELAY, innervate, motor_pool
from neurosim.models import MOTOR_AXON, MUSCLE_FIBRE
from neurosim.pool import AXONS, NODES, axon_rates, draw_pools
from neurosim.spontaneous import SIGMA, firing, threshold_current

BATHS: dict[str, dict[str, float]] = {
    "healthy": {},
    "Ca 0.6": {"ca_o": 0.6},  # mM ionised (tetany at 0.6-0.9, muscle.md 5.5)
    "Ca 0.6, Mg 0.2, pH 7.6": {"ca_o": 0.6, "mg_o": 0.2, "ph_o": 7.6},
}
HANDS = {"by hand, 60 /s in groups": 60.0, "by hand, 100 /s in groups": 100.0}
GROUP, RECUR = 4, 10.0  # impulses, and groups per second (muscle.md 6.1)
SECONDS, QUICK_SECONDS, QUICK_UNITS = 10.0, 2.5, 24
LIKELY = 0.05  # expected events from which an axon is simulated
EVERY = 2.0  # ms between samples of force
SEED = 4


def axons(bath: dict[str, float], units: int, seconds: float) -> np.ndarray:
    """Return the spikes of a pool of axons, (units, spikes) ms, NaN-padded."""
    pools = draw_pools(1, SEED, axons=units)
    at_nodes = threshold_current(MOTOR_AXON.at(**bath, shift=list(NODES)))
    expected = axon_rates(at_nodes[None], pools)[0] * seconds
    busy = np.flatnonzero(np.nan_to_num(expected) > LIKELY)
    if not busy.size:
        return np.full((units, 1), np.nan)
    model = MOTOR_AXON.at(**bath).along("unit", shift=pools.shift[0, busy])
    drive = SIGMA * pools.factor[0, busy]
    times = firing(model, seconds=seconds, sigma=drive, seed=SEED).times
    found = np.full((units, max(times.shape[1], 1)), np.nan)
    found[busy, : times.shape[1]] = times
    return found


def arriving(trains: np.ndarray) -> np.ndarray:
    """Return all times at which quanta arrive at any fibre, ms."""
    return np.unique(trains[np.isfinite(trains)]) + DELAY


def pool(name: str, units: int, seconds: float) -> xr.Dataset:
    """Return force, EMG and sign of a pool in a bath."""
    bath, until = BATHS[name], 1e3 * seconds
    trains = axons(bath, units, seconds)
    found = motor_pool(
        MUSCLE_FIBRE.at(**bath), trains, duration=until, every=EVERY, dt=STEP,
        protocol=paces(arriving(trains), until),
    )  # fmt: skip
    sign = classify_pool(
        axon_spikes=trains, fibre_spikes=found["spike_time"].values,
        time=found["time"].values, force=found["force"].values,
    )  # fmt: skip
    return summary(found, trains, found["spike_time"].values, sign)


def by_hand(name: str, seconds: float) -> xr.Dataset:
    """Return force and sign of one fibre under groups of impulses."""
    starts = 5.0 + 1e3 / RECUR * np.arange(round(seconds * RECUR))
    train = (starts[:, None] + 1e3 / HANDS[name] * np.arange(GROUP)).ravel()
    until = 1e3 * seconds
    found = innervate(
        MUSCLE_FIBRE, train, duration=until, record_every=EVERY, dt=STEP,
        protocol=paces(train + DELAY, until),
    )  # fmt: skip
    spikes = found["spike_time"].values
    sign = classify(features_of(
        axon_spikes=train, fibre_spikes=spikes, time=found["time"].values,
        force=found["force"].values,
    ))  # fmt: skip
    return summary(found, train[None], spikes[None], sign)


def summary(found: Any, axon: np.ndarray, fibre: np.ndarray, sign: Sign) -> xr.Dataset:
    """Return what is drawn and said of one bout."""
    sent, answered = np.isfinite(axon).sum(), np.isfinite(fibre).sum()
    rates = np.isfinite(fibre).sum(1) / found["time"].values[-1] * 1e3
    kept = {n: found[n] for n in ("force", "emg") if n in found}
    kept["spike_time"] = (("unit", "spike"), fibre)
    return xr.Dataset(kept).assign_attrs(
        sign=sign.sign, why=sign.why, sent=int(sent), answered=int(answered),
        units=int((rates > 0).sum()), busiest=float(rates.max()),
        peak=float(found["force"].max()), mean=float(found["force"].mean()),
    )  # fmt: skip


@plot.style()
def draw(found: dict[str, xr.Dataset]) -> Any:
    """Draw surface EMG above force of each bout, with its sign."""
    figure, axes = plot.panels(len(found), height=1.5, width=8.0, sharex=True)
    for axis, (name, data) in zip(axes[:, 0], found.items(), strict=True):
        axis.plot(data["time"] / 1e3, 100.0 * data["force"], label="force")
        if "emg" in data:
            emg = 120.0 + 30.0 * data["emg"]
            axis.plot(data["time_emg"] / 1e3, emg, color="0.4", linestyle="-",
                      linewidth=0.5, label="surface EMG")  # fmt: skip
        else:
            spikes = data["spike_time"].values.ravel() / 1e3
            axis.eventplot(spikes, lineoffsets=120.0, linelengths=20.0, colors="0.4",
                           linewidths=0.5, label="spikes of the fibre")  # fmt: skip
        axis.set(ylabel="force (%)", yticks=(0, 50, 100), ylim=(-4.0, 160.0))
        axis.set_title(name, fontsize="small", loc="left")
        axis.set_title(f"{data.attrs['sign']}, peak {data.attrs['peak']:.1%}",
                       fontsize="small", loc="right")  # fmt: skip
    axes[-1, 0].set_xlabel("time (s)")
    plot.legend_above(axes[0, 0])
    return figure


def told(name: str, data: xr.Dataset) -> str:
    """Return one bout in words."""
    a = data.attrs
    return (
        f"{name}: {a['sent']} impulses, {a['answered']} answered, {a['units']} units "
        f"fire, the busiest {a['busiest']:.2g} /s; force to {a['peak']:.1%}, mean "
        f"{a['mean']:.1%}: {a['sign']}."
    )


def run(quick: bool, out: Path) -> str:
    """Let the pools fire, write figure and data into ``out``, return the answer."""
    units, seconds = (QUICK_UNITS, QUICK_SECONDS) if quick else (AXONS, SECONDS)
    found = {name: pool(name, units, seconds) for name in BATHS}
    found |= {name: by_hand(name, seconds) for name in HANDS}
    plot.save(draw(found), out / "tetany_bout.svg")
    bouts = xr.Variable("bout", list(found))
    said = {
        name: ("bout", [data.attrs[name] for data in found.values()])
        for name in ("sign", "why", "sent", "answered", "units", "busiest", "peak")
    }
    time = np.arange(0.0, 1e3 * seconds, EVERY)
    force = xr.concat(
        [data["force"].drop_attrs().interp(time=time) for data in found.values()], bouts
    )
    emg = xr.concat([found[name]["emg"].drop_attrs() for name in BATHS], "bath")
    data = xr.Dataset({"force": force, "emg": emg, **said})
    data.assign_coords(bath=list(BATHS)).to_netcdf(
        out / "tetany_bout.nc", engine="h5netcdf"
    )
    return "\n".join(told(name, data) for name, data in found.items())
