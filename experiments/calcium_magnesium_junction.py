"""At which calcium and magnesium do the impulses of a nerve no longer reach its muscle?

Calcium and magnesium compete for release: log quantal content against log calcium at
three magnesium levels, at the human junction and with the constants of the frog. Then
the rescue of del Castillo and Engbaek: magnesium that blocks, and calcium added until
it no longer does. Last, trains, with mean quanta and with quanta by chance. Only the
junction is asked here: whether the axon fires in that bath, and the fibre's own
threshold in it, are other questions.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.junction import FROG, HUMAN, quantal_content, safety_factor, transmit

PRESETS = {"human": HUMAN, "frog": FROG}
MAGNESIUM = (0.55, 2.0, 4.0)  # mM ionised: healthy bath, then in excess (chosen)
CALCIUM = (0.05, 5.0)  # mM ionised, both ends of the curves (chosen)
STEEP = (0.2, 0.6)  # mM: here the mouse has a mean slope of 2.2 (0.09 to 1.04 quanta)
LOW = (0.05, 0.1)  # mM: low calcium of the frog (chosen)
RESCUE = {"healthy": (1.25, 0.55), "Mg 5": (1.25, 5.0), "Mg 5, Ca 2": (2.0, 5.0)}
BATHS = ((1.25, 0.55), (0.8, 0.55), (0.6, 0.55), (1.25, 5.0), (1.25, 6.0), (1.25, 7.0))
RATES = (3.0, 10.0, 30.0)  # 1/s of the trains (chosen)
SECONDS = 2.0  # of a train (chosen)
BLOCK = 0.8  # transmission ratio below which a train counts as blocked (muscle.md 6.3)
SEED = 1


def slope(preset: Any, low: float, high: float, mg: float) -> float:
    """Return the mean slope of log quantal content against log calcium."""
    first, last = quantal_content([low, high], mg, preset)
    return float(np.log(last / first) / np.log(high / low))


def singles(points: int) -> xr.Dataset:
    """Return quanta and safety factor of single impulses."""
    calcium = np.geomspace(*CALCIUM, points)
    mg = np.array(MAGNESIUM)[:, None]
    dims = ("preset", "mg_o", "ca_o")
    every = PRESETS.values()
    rescue = np.linspace(0.5, 8.0, points)
    return xr.Dataset(
        {
            "quanta": (dims, [quantal_content(calcium, mg, p) for p in every]),
            "safety": (dims, [safety_factor(calcium, mg, p) for p in every]),
            "safety_in_mg": (
                ("ca_rescue", "mg_rescue"),
                safety_factor([[RESCUE["healthy"][0]], [2.0]], rescue),
            ),
        },
        coords={
            "preset": list(PRESETS),
            "mg_o": ("mg_o", list(MAGNESIUM), {"units": "mM"}),
            "ca_o": ("ca_o", calcium, {"units": "mM"}),
            "ca_rescue": ("ca_rescue", [1.25, 2.0], {"units": "mM"}),
            "mg_rescue": ("mg_rescue", rescue, {"units": "mM"}),
        },
    )


def trains(runs: int) -> xr.Dataset:
    """Return safety factor and transmission of trains, per rate and bath."""
    most = round(max(RATES) * SECONDS)
    shape = (len(RATES), len(BATHS))
    safety = np.full((*shape, most), np.nan)
    mean, chance = np.zeros(shape), np.zeros(shape)
    ca, mg = np.array(BATHS).T
    for r, rate in enumerate(RATES):
        times = np.arange(round(rate * SECONDS)) * 1e3 / rate
        found = transmit(times, ca_o=ca, mg_o=mg)
        safety[r, :, : times.size] = found.safety
        mean[r] = found.transmission_ratio
        many = np.tile(times, (len(BATHS) * runs, 1))
        luck = transmit(
            many, ca_o=np.repeat(ca, runs), mg_o=np.repeat(mg, runs),
            quanta="binomial", seed=SEED,
        )  # fmt: skip
        chance[r] = luck.transmission_ratio.reshape(len(BATHS), runs).mean(1)
    dims = ("rate", "bath")
    return xr.Dataset(
        {
            "train_safety": ((*dims, "impulse"), safety),
            "passed_mean": (dims, mean),
            "passed_chance": (dims, chance),
        },
        coords={
            "rate": ("rate", list(RATES), {"units": "Hz"}),
            "bath": [f"Ca {c:g}, Mg {m:g}" for c, m in BATHS],
        },
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw quanta, the rescue and a train."""
    figure, axes = plot.panels(2, 2, height=3.0, width=8.0)
    for axis, name in zip(axes[0], PRESETS, strict=True):
        for mg in MAGNESIUM:
            line = data["quanta"].sel(preset=name, mg_o=mg)
            axis.plot(data["ca_o"], line, label=f"Mg {mg:g} mM")
        axis.set(
            xscale="log", yscale="log", xlabel="ionised calcium (mM)",
            ylabel="quanta of an impulse", title=f"{name} junction",
        )  # fmt: skip
        axis.legend()
    rescue, train = axes[1]
    for ca in data["ca_rescue"].values:
        line = data["safety_in_mg"].sel(ca_rescue=ca)
        rescue.plot(data["mg_rescue"], line, label=f"Ca {ca:g} mM")
    rescue.set(xlabel="ionised magnesium (mM)", ylabel="safety factor")
    rate = max(RATES)
    for bath in data["bath"].values:
        line = data["train_safety"].sel(rate=rate, bath=bath)
        train.plot(np.arange(1, line.size + 1), line, label=str(bath))
    train.set(
        xlabel=f"impulse of a train at {rate:g} 1/s", ylabel="safety factor",
        ylim=(0.0, 3.2),
    )  # fmt: skip
    for axis in (rescue, train):
        axis.axhline(1.0, color="0.4", linestyle=":", gid="aside")
    rescue.legend()
    train.legend(ncols=2, fontsize="small")
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    factors = {name: float(safety_factor(*bath)) for name, bath in RESCUE.items()}
    human = ", ".join(f"{slope(HUMAN, *STEEP, m):.2f} at Mg {m:g}" for m in (0.55, 2.0))
    rate = max(RATES)
    last = data.sel(rate=rate)
    passed = "; ".join(
        f"{bath}: {float(last['passed_mean'].sel(bath=bath)):.0%} and "
        f"{float(last['passed_chance'].sel(bath=bath)):.0%}"
        for bath in data["bath"].values
    )
    ten = data["passed_chance"].sel(rate=10.0)
    blocked = [str(b) for b in data["bath"].values if float(ten.sel(bath=b)) < BLOCK]
    ca, mg = limits()
    return (
        f"A single impulse fails below Ca {ca:.2f} mM (Mg 0.55) and above Mg "
        f"{mg:.1f} mM (Ca 1.25). Safety factor: "
        + ", ".join(f"{name} {value:.2f}" for name, value in factors.items())
        + " (mM): calcium rescues.\n"
        + f"Impulses that pass at {rate:g} 1/s, with mean quanta and by chance (mM): "
        + f"{passed}.\n"
        + f"Blocked at 10 1/s (fewer than {BLOCK:.0%} pass by chance): "
        + f"{'; '.join(blocked)}.\n"
        + f"Slope of log quanta against log Ca: frog {slope(FROG, *LOW, 0.0):.2f} at "
        f"{LOW[0]:g}-{LOW[1]:g} mM without Mg (measured 3.78 +/- 0.2); human {human} "
        f"between {STEEP[0]:g} and {STEEP[1]:g} mM (mouse about 2.2)."
    )


def limits() -> tuple[float, float]:
    """Return the Ca and the Mg [mM] at which a single human impulse just passes."""
    ca, mg = np.linspace(0.1, 1.25, 2000), np.linspace(0.55, 10.0, 2000)
    low = np.interp(1.0, safety_factor(ca), ca)
    high = np.interp(-1.0, -safety_factor(mg_o=mg), mg)
    return float(low), float(high)


def run(quick: bool, out: Path) -> str:
    """Compute, write figure and data into ``out``, return the answer."""
    data = singles(60).merge(trains(100 if quick else 1000))
    plot.save(draw(data), out / "calcium_magnesium_junction.svg")
    data.to_netcdf(out / "calcium_magnesium_junction.nc", engine="h5netcdf")
    return told(data)
