"""How often does a fluctuating drive fire an axon, and does the rate law say so?

The motor axon is simulated under a slow Ornstein-Uhlenbeck current (20 ms) until it has
fired often, at several shifts of its gates and several strengths of the drive. The law
``f0 exp(-i_th^2 / (2 sigma^2))`` takes nothing from there but its one factor f0, fitted
at a drive of 20 pA and shifts of 3 to 7 mV. Elsewhere it is a prediction: weaker drives
with the same ratio of threshold to drive, and rarer events. Channel noise on top, and
other time steps, are run at the points of the fit.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.models import MOTOR_AXON
from neurosim.spontaneous import F0, NOISY, firing, rate_law, threshold_current

FIT_SHIFTS = (3.0, 4.0, 5.0, 6.0, 7.0)  # mV, low divalents to tetany (design section 4)
FIT_SIGMA = 0.020  # nA: events every second or so (nerve.md section 4)
WEAKER = (0.016, 0.012, 0.010)  # nA, down to the calibrated drive (chosen)
RATIOS = (2.0, 2.5, 3.0, 3.5)  # i_th / sigma: 1/s to 1/min (chosen)
RARE = (3.4, 3.9)  # i_th / sigma at the drive of the fit: a nearly healthy axon
SCAN = np.linspace(-1.0, 10.0, 45)  # mV, where i_th is looked up (chosen)
STEPS = (1.0, 2.0)  # times the default step; the points have NOISY (chosen)
STEP_SHIFTS = (5.0, 6.0, 7.0)  # mV, the cheapest of the fit (chosen)
EVENTS = {"fit": 1050, "noisy": 400, "other": 200, "rare": 80, "step": 600}
QUICK_EVENTS = {"fit": 60, "noisy": 25, "other": 15, "rare": 0, "step": 0}
# per point, aimed at; 0 leaves the point out
SECONDS, QUICK_SECONDS = 20.0, 5.0  # s simulated per axon (chosen)
CONFIDENCE = 0.95  # of every interval
SEED = 11


@dataclass(frozen=True, slots=True)
class Points:
    """Where to simulate: shift mV, sigma nA, threshold nA, and how many events.

    seconds : simulated per axon.
    """

    shift: np.ndarray
    sigma: np.ndarray
    i_th: np.ndarray
    wanted: np.ndarray
    seconds: float

    @property
    def ratio(self) -> np.ndarray:
        """Return threshold over drive."""
        return self.i_th / self.sigma


def choose(events: dict[str, int], seconds: float) -> Points:
    """Return the points of the fit, then the others, with what to aim at."""
    i_th = threshold_current(MOTOR_AXON.at(shift=SCAN))
    falling = -i_th  # so that it can be read backwards
    rows = [(s, FIT_SIGMA, events["fit"]) for s in FIT_SHIFTS]
    for sigma in WEAKER:
        for ratio in RATIOS:
            wanted = events["rare" if ratio >= RARE[0] else "other"]
            rows.append((np.interp(-ratio * sigma, falling, SCAN), sigma, wanted))
    rows += [
        (np.interp(-r * FIT_SIGMA, falling, SCAN), FIT_SIGMA, events["rare"])
        for r in RARE
    ]
    shift, sigma, wanted = np.array([row for row in rows if row[2] > 0]).T
    exact = threshold_current(MOTOR_AXON.along("point", shift=shift))
    return Points(shift, sigma, exact, wanted, seconds)


def count(points: Points, pick: np.ndarray, **how: Any) -> dict[str, np.ndarray]:
    """Simulate some points until they have about their events; return what was seen."""
    guess = rate_law(points.i_th[pick], points.sigma[pick])
    runs = np.ceil(points.wanted[pick] / guess / points.seconds).astype(int)
    each = np.repeat(pick, runs)
    found = firing(
        MOTOR_AXON.along("run", shift=points.shift[each]),
        seconds=points.seconds, sigma=points.sigma[each], seed=SEED, **how,
    )  # fmt: skip
    which = np.repeat(np.arange(pick.size), runs)
    seen, total = np.bincount(which, found.events), runs * points.seconds
    spikes = np.bincount(which, np.nan_to_num(found.spikes_per_event * found.events))
    return {
        "events": seen,
        "seconds": total,
        "rate": seen / total,
        "spikes_per_event": spikes / seen,
        "fano": np.array(
            [dispersion(found.events[which == k]) for k in range(pick.size)]
        ),
    }


def dispersion(counts: np.ndarray) -> float:
    """Return variance over mean of the counts of equal runs, 1 for Poisson events."""
    return float(np.var(counts, ddof=1) / np.mean(counts)) if counts.size > 2 else 1.0


def poisson(events: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact limits of a rate, 1/s."""
    from scipy.stats import chi2

    tail = 0.5 * (1.0 - CONFIDENCE)
    low = np.where(events > 0, 0.5 * chi2.ppf(tail, 2.0 * events), 0.0)
    return low / seconds, 0.5 * chi2.ppf(1.0 - tail, 2.0 * events + 2.0) / seconds


def fit(points: Points, seen: dict[str, np.ndarray]) -> tuple[float, float]:
    """Return f0 [1/s] of largest likelihood over the points of the fit, and its error.

    With Poisson counts that is all events over all expected at f0 = 1.
    """
    part = slice(len(FIT_SHIFTS))
    expected = seen["seconds"] * rate_law(points.i_th, points.sigma, 1.0)
    f0 = seen["events"][part].sum() / expected[part].sum()
    return float(f0), float(f0 / np.sqrt(seen["events"][part].sum()))


def steps(points: Points, wanted: int, base: np.ndarray) -> xr.DataArray:
    """Return rates at other steps over those of the points, (step, step_shift)."""
    pick = np.array([FIT_SHIFTS.index(s) for s in STEP_SHIFTS])
    fewer = replace(points, wanted=np.full(points.shift.size, wanted))
    rows = [
        count(fewer, pick, dt=factor * MOTOR_AXON.dt)["rate"] / base[pick]
        for factor in STEPS
    ]
    return xr.DataArray(
        rows, dims=("step", "step_shift"),
        coords={"step": list(STEPS), "step_shift": list(STEP_SHIFTS)},
        attrs={"units": "1", "long_name": "rate over that of the coarse step"},
    )  # fmt: skip


def collect(quick: bool) -> xr.Dataset:
    """Return everything that was counted, along ``point``, and the fitted f0."""
    events = QUICK_EVENTS if quick else EVENTS
    points = choose(events, QUICK_SECONDS if quick else SECONDS)
    every = np.arange(points.shift.size)
    seen = count(points, every)
    inside = every[: len(FIT_SHIFTS)]
    fewer = replace(points, wanted=np.full(every.size, events["noisy"]))
    noisy = count(fewer, inside, channel_noise=True)
    f0, error = fit(points, seen)
    low, high = poisson(seen["events"], seen["seconds"])
    noisy_low, noisy_high = poisson(noisy["events"], noisy["seconds"])
    per_second = {"units": "1/s"}
    data = xr.Dataset(
        {
            "i_th": ("point", points.i_th, {"units": "nA"}),
            "ratio": ("point", points.ratio, {"units": "1"}),
            "low": ("point", low, per_second),
            "high": ("point", high, per_second),
            "law": ("point", rate_law(points.i_th, points.sigma, f0), per_second),
            "noisy_rate": ("inside", noisy["rate"], per_second),
            "noisy_low": ("inside", noisy_low, per_second),
            "noisy_high": ("inside", noisy_high, per_second),
            "noisy_spikes": ("inside", noisy["spikes_per_event"]),
            **{name: ("point", values) for name, values in seen.items()},
        },
        coords={
            "shift": ("point", points.shift, {"units": "mV"}),
            "sigma": ("point", points.sigma, {"units": "nA"}),
            "fitted": ("point", every < len(FIT_SHIFTS)),
            "inside": list(FIT_SHIFTS),
        },
        attrs={"f0": f0, "f0_error": error, "f0_used": F0},
    )
    if events["step"]:
        data["other_step"] = steps(points, events["step"], seen["rate"])
    return data


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw rates, their ratio to the law and spikes per event against i_th / sigma."""
    figure, axes = plot.panels(3, height=2.2, sharex=True)
    rate, misfit, spikes = axes[:, 0]
    u = np.linspace(1.2, 4.0, 100)
    f0 = data.attrs["f0"]
    law = f0 * np.exp(-0.5 * u**2)
    rate.plot(u, law, color="0.3", linestyle="-", label=f"law, f0 = {f0:.1f} 1/s")
    misfit.axhspan(0.9, 1.1, color="0.88", label="law ± 10 %")
    misfit.axhline(1.0, color="0.3")
    for k, sigma in enumerate(np.unique(data["sigma"])[::-1]):
        here = data.isel(point=np.flatnonzero(data["sigma"] == sigma))
        look = {
            "color": plot.COLOURS[k], "marker": "osD^"[k], "linestyle": "none",
            "label": f"drive {1e3 * sigma:g} pA",
        }  # fmt: skip
        bars(rate, here["ratio"], here, 1.0, look)
        bars(misfit, here["ratio"], here, here["law"].values, look)
        spikes.plot(here["ratio"], here["spikes_per_event"], **look)
    noisy = data[["noisy_rate", "noisy_low", "noisy_high"]].rename(
        noisy_rate="rate", noisy_low="low", noisy_high="high"
    )
    inside = data.isel(point=np.flatnonzero(data["fitted"]))
    look = {
        "color": plot.COLOURS[4], "marker": "x", "linestyle": "none",
        "label": "drive 20 pA and channel noise",
    }  # fmt: skip
    bars(misfit, inside["ratio"], noisy, inside["law"].values, look)
    spikes.plot(inside["ratio"], data["noisy_spikes"], **look)
    rate.set(yscale="log", ylabel="events (1/s)")
    misfit.set_ylabel("events over\nthose of the law")
    spikes.set_ylabel("spikes per event")
    spikes.set_xlabel("threshold current over SD of the drive, $I_{th}/\\sigma$")
    plot.legend_above([rate, misfit])
    return figure


def bars(axis: Any, x: Any, seen: xr.Dataset, over: Any, look: dict) -> None:
    """Draw rates with their 95 % intervals, divided by ``over``."""
    rate, low, high = (seen[name].values / over for name in ("rate", "low", "high"))
    axis.errorbar(x, rate, [rate - low, high - rate], linewidth=1.0, **look)


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    f0, fitted = data.attrs["f0"], data["fitted"].values
    off = (data["rate"] / data["law"] - 1.0).values
    rates = ", ".join(f"{r:.2f}" for r in data["rate"].values[fitted])
    worst = np.abs(off[fitted]).max()
    same = data["noisy_rate"].values / data["rate"].values[fitted] - 1.0
    spikes = data["spikes_per_event"].values[fitted]
    ratio = data["ratio"].values
    often, rare = ~fitted & (ratio < 3.2), ~fitted & (ratio >= 3.2)
    said = [
        f"f0 = {f0:.2f} ± {data.attrs['f0_error']:.2f} 1/s from "
        f"{int(data['events'].values[fitted].sum())} events (in use: {F0:g}). Direct "
        f"rates at 20 pA and shifts of 3 to 7 mV: {rates} 1/s; the law is off by "
        f"{worst:.0%} at most there.",
        f"Weaker drives, thresholds of {ratio[often].min():.1f} to "
        f"{ratio[often].max():.1f} SD: {off[often].min():+.0%} to "
        f"{off[often].max():+.0%} against the law.",
        f"Channel noise on top changes the rates by {same.min():+.0%} to "
        f"{same.max():+.0%}; spikes per event rise from {spikes[0]:.2f} to "
        f"{spikes[-1]:.2f}.",
    ]
    if rare.any():
        way = "overstates them" if off[rare].max() < 0 else "is not off one way only"
        said.insert(
            2,
            f"Rarer events, {ratio[rare].min():.1f} to {ratio[rare].max():.1f} SD: "
            f"{off[rare].min():+.0%} to {off[rare].max():+.0%}; the law {way}.",
        )
    if "other_step" in data:
        step = data["other_step"] - 1.0
        said.append(
            f"Steps of one and two times the default change rates by "
            f"{float(step.min()):+.0%} to {float(step.max()):+.0%} against "
            f"{NOISY:g} times it, which is in use (2 SD of a "
            f"difference: {2.0 * np.sqrt(2.0 / EVENTS['step']):.0%})."
        )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Simulate, fit, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "spontaneous_rate.svg")
    data.to_netcdf(out / "spontaneous_rate.nc", engine="h5netcdf")
    return told(data)
