"""How often does a motor pool fire by itself at each calcium and magnesium?

A pool of 150 motor axons, as published, is put into every pair of ionised calcium and
magnesium. Its events per minute follow from threshold currents simulated in that bath,
by the calibrated law (``neurosim.pool``). Over the map lie the lines at which a
vulnerable site (the MRG axon) loses its rest: one if K gates feel half of the shift of
Na gates, the models' default, one if they feel all of it. After a sudden change of bath
it fires on a little before. Where the motor axon itself loses rest is told in words.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot, simulate
from neurosim.continuation import loss_of_rest
from neurosim.measure import last_spike
from neurosim.models import MOTOR_AXON, MRG_AXON
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import NODES, draw_pools, median_r_sp
from neurosim.spontaneous import threshold_current

CALCIUM = (0.40, 1.60)  # mM ionised: extreme shortage to above normal (chosen)
MAGNESIUM = (0.05, 1.20)  # mM ionised: nearly none to above normal (chosen)
NORMAL_CA, NORMAL_MG = (1.15, 1.30), (0.45, 0.65)  # mM ionised (nerve.md 5)
POOLS = 200  # of which the median is shown (chosen)
ALONG = ("shift", 0.0, 15.0, 60)  # mV in which rest is followed, and steps (chosen)
SUDDEN = np.linspace(2.4, 4.0, 65)  # mV in which sudden firing begins (chosen)
KAPPA = (0.5, 1.0)  # share of the shift that K gates feel: default, and all of it
DURATION = 1000.0  # ms: ten times the longest pause between bursts (chosen)
STILL = 0.7  # of the run: a spike after this counts as firing that goes on (chosen)
FLOOR = 0.01  # 1/min: colours begin here (chosen)
SEED = 1


def pool_rates(calcium: np.ndarray, magnesium: np.ndarray) -> tuple:
    """Return R_sp [1/min] and threshold [nA] of the median axon, (mg, ca)."""
    baths = MOTOR_AXON.at(mg_o=magnesium, ca_o=calcium, shift=NODES)
    at_nodes = threshold_current(baths).reshape(-1, len(NODES))
    pools = draw_pools(POOLS, SEED)
    rates = median_r_sp(at_nodes, pools)
    shape = (magnesium.size, calcium.size)
    return np.reshape(rates, shape), at_nodes[:, 0].reshape(shape)


def sudden_firing() -> list[float]:
    """Return the least shift [mV] whose sudden application keeps the MRG axon firing.

    For every kappa. The axon starts from its healthy rest.
    """
    baths = MRG_AXON.at(kappa=KAPPA, shift=SUDDEN)
    run = simulate(baths, duration=DURATION, measure=last_spike)
    firing = run["last_spike"].values > STILL * DURATION
    return [float(SUDDEN[row].min()) if row.any() else np.nan for row in firing]


def collect(points: tuple[int, int]) -> xr.Dataset:
    """Return rates and shifts over the map, and the critical shifts."""
    calcium = np.linspace(*CALCIUM, points[0])
    magnesium = np.linspace(*MAGNESIUM, points[1])
    rate, i_th = pool_rates(calcium, magnesium)
    shift = gate_shift(calcium, magnesium[:, None])
    lost = [loss_of_rest(MRG_AXON.at(kappa=k), *ALONG) for k in KAPPA]
    dims, unit = ("mg_o", "ca_o"), {"units": "mV"}
    return xr.Dataset(
        {
            "r_sp": (dims, rate, {"units": "1/min"}),
            "i_th": (dims, i_th, {"units": "nA"}),
            "gate_shift": (dims, shift, unit),
            "mrg_lost": ("kappa", lost, unit),
            "mrg_sudden": ("kappa", sudden_firing(), unit),
        },
        coords={
            "ca_o": ("ca_o", calcium, {"units": "mM"}),
            "mg_o": ("mg_o", magnesium, {"units": "mM"}),
            "kappa": list(KAPPA),
        },
        attrs={"motor_lost": loss_of_rest(MOTOR_AXON, *ALONG)},
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw the map with both lines of the vulnerable site and the normal ranges."""
    half, whole = data["mrg_lost"].values
    figure = plot.rate_map(
        data["ca_o"].values, data["mg_o"].values, data["r_sp"].values,
        xlabel="ionised calcium outside (mM)",
        ylabel="ionised magnesium outside (mM)",
        ratelabel="events of a motor pool (1/min)",
        floor=FLOOR, lost=data["gate_shift"].values - half,
        marked=(HEALTHY.ca_o, HEALTHY.mg_o),
        title="lines: vulnerable site (MRG axon)\ndotted: if K gates shift as much",
    )  # fmt: skip
    axis = figure.axes[0]
    axis.contour(
        data["ca_o"], data["mg_o"], data["gate_shift"] - whole, [0.0],
        colors=[plot.COLOURS[1]], linewidths=2.0, linestyles="dotted",
    )  # fmt: skip
    (left, right), (low, high) = NORMAL_CA, NORMAL_MG
    axis.fill(
        [left, right, right, left], [low, low, high, high], fill=False,
        edgecolor="white", linewidth=1.5,
    )  # fmt: skip
    axis.annotate(
        "normal", (left, high), (0, 3), textcoords="offset points", color="white"
    )
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""

    def at(calcium: float, magnesium: float) -> str:
        here = data["r_sp"].interp(ca_o=calcium, mg_o=magnesium)
        return plot.number(here)

    ca, mg = HEALTHY.ca_o, HEALTHY.mg_o
    site = [
        f"{float(lost):.2f} mV with kappa {float(lost['kappa']):g} (Ca "
        f"{critical(data, float(lost), mg):.2f} mM at Mg {mg:g}, "
        f"{critical(data, float(lost), 0.2):.2f} at Mg 0.2)"
        for lost in data["mrg_lost"]
    ]
    sudden = " and ".join(f"{s:.2f}" for s in data["mrg_sudden"].values)
    motor, top = data.attrs["motor_lost"], float(data["gate_shift"].max())
    fate = "beyond every bath of the map" if motor > top else "inside the map"
    return (
        f"Median pool, axon as published: {at(ca, mg)} events/min when healthy, "
        f"{at(0.9, mg)} at Ca 0.9 mM, {at(0.6, mg)} at 0.6 mM; {at(ca, 0.2)} at Mg 0.2 "
        f"mM, {at(0.9, 0.2)} with both Ca 0.9 and Mg 0.2 mM.\n"
        f"The vulnerable site loses rest at a shift of {' and of '.join(site)}; after "
        f"a sudden shift it fires on from {sudden} mV.\n"
        f"The motor axon loses rest at {motor:.1f} mV only, {fate} (at most {top:.1f} "
        "mV). Its rates are those of a resting axon with a fluctuating drive."
    )


def critical(data: xr.Dataset, lost: float, magnesium: float) -> float:
    """Return the calcium [mM] at which the shift is ``lost`` mV."""
    shift = data["gate_shift"].interp(mg_o=magnesium).values
    return float(np.interp(-lost, -shift, data["ca_o"].values))


def run(quick: bool, out: Path) -> str:
    """Compute the map, write figure and data into ``out``, return the answer."""
    data = collect((15, 11) if quick else (31, 24))
    plot.save(draw(data), out / "calcium_magnesium_map.svg")
    data.to_netcdf(out / "calcium_magnesium_map.nc", engine="h5netcdf")
    return told(data)
