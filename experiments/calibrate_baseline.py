"""Which drive makes healthy motor pools fire about once a minute?

The strength of the fluctuating drive is the one free number of spontaneous firing. It
is set once, here, before any verdict: the median healthy pool of 150 axons should fire
about once a minute, as benign fasciculation does (nerve.md 8.3). Subjects differ in two
ways: their pools are different draws of 150 axons, and every group of them has another
axon, drawn over what is not known about it (conductances, charge at K channels,
reversal). The second is ignorance, not difference between people.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.draws import SYMPTOMATIC
from neurosim.claims.population import crossed, draw
from neurosim.model import Model
from neurosim.models import MOTOR_AXON
from neurosim.pool import (
    NODES,
    SHIFT_SD,
    SIGMA_CV,
    Pools,
    axon_rates,
    axon_thresholds,
    draw_pools,
    r_sp,
)
from neurosim.spontaneous import SIGMA, threshold_current

TARGET = 1.0  # 1/min in the median healthy pool (nerve.md 8.3)
SUBJECTS = 2000  # design section 4
AXONS, QUICK_AXONS = 250, 100  # draws of the axon; each stands for equal many subjects
LEVELS = (1.0, 5.0, 25.0, 50.0, 75.0, 95.0, SYMPTOMATIC)  # percentiles
DRIVES = np.linspace(0.006, 0.020, 29)  # nA (chosen around SIGMA)
SHIFT_SDS = (0.5, 1.0, 1.5)  # mV, critical shift over axons (around nerve.md 8.3)
CVS = (0.0, 0.25, 0.4)  # of the drive over axons (chosen around nerve.md 8.3)
FITTED_TO = 2.8  # i_th / sigma, as in experiment spontaneous_rate
SEED = 1  # of the draws of `neurosim reproduce`


def nodes_of(count: int) -> np.ndarray:
    """Return threshold currents of drawn healthy axons at the nodes, (axons, nodes)."""
    doses = [{"shift": node} for node in NODES]
    found = threshold_current(crossed(MOTOR_AXON, draw(MOTOR_AXON, count, SEED), doses))
    return found.reshape(len(NODES), count).T


def nominal(model: Model) -> np.ndarray:
    """Return those of the axon as published, (1, nodes)."""
    return threshold_current(model.at(shift=NODES))[None]


def several(at_nodes: np.ndarray, subjects: int) -> np.ndarray:
    """Return one axon for each of many subjects, (subjects, nodes)."""
    return np.resize(at_nodes, (subjects, len(NODES)))


def distribution(at_nodes: np.ndarray, pools: Pools) -> np.ndarray:
    """Return percentiles of R_sp, 1/min, for every drive, (drive, level)."""
    return np.array([
        np.percentile(r_sp(axon_rates(at_nodes, pools, sigma=sigma)), LEVELS)
        for sigma in DRIVES
    ])  # fmt: skip


def drive_for(medians: np.ndarray) -> float:
    """Return the drive [nA] whose median pool fires as often as it should."""
    return float(np.interp(np.log(TARGET), np.log(medians), DRIVES))


def sensitivity(at_nodes: np.ndarray) -> xr.Dataset:
    """Return median and 99th percentile at SIGMA, and the right drive, per spread."""
    shape = (len(SHIFT_SDS), len(CVS))
    median, high, drive = np.full((3, *shape), np.nan)
    for row, shift_sd in enumerate(SHIFT_SDS):
        for column, cv in enumerate(CVS):
            pools = draw_pools(
                at_nodes.shape[0], (SEED, 7), shift_sd=shift_sd, sigma_cv=cv
            )
            found = distribution(at_nodes, pools)
            at = [np.interp(SIGMA, DRIVES, found[:, LEVELS.index(q)])
                  for q in (50.0, SYMPTOMATIC)]  # fmt: skip
            median[row, column], high[row, column] = at
            drive[row, column] = drive_for(found[:, LEVELS.index(50.0)])
    dims = ("shift_sd", "cv")
    return xr.Dataset(
        {
            "spread_median": (dims, median, {"units": "1/min"}),
            "spread_high": (dims, high, {"units": "1/min"}),
            "spread_drive": (dims, drive, {"units": "nA"}),
        },
        coords={"shift_sd": list(SHIFT_SDS), "cv": list(CVS)},
    )


def reach(at_nodes: np.ndarray, pools: Pools) -> float:
    """Return how many SD of their drive the axons that fire are below threshold.

    The mean over the events of a pool, and of that the median over pools.
    """
    ratio = axon_thresholds(at_nodes, pools.shift) / (SIGMA * pools.factor)
    rates = axon_rates(at_nodes, pools)
    return float(np.median((ratio * rates).sum(1) / rates.sum(1)))


def collect(quick: bool) -> xr.Dataset:
    """Return R_sp of the controls over the drive, and what it hangs on."""
    drawn = several(nodes_of(QUICK_AXONS if quick else AXONS), SUBJECTS)
    same = several(nominal(MOTOR_AXON), SUBJECTS)
    pools = draw_pools(SUBJECTS, SEED)
    rate = {"units": "1/min"}
    control, alone = (r_sp(axon_rates(n, pools)) for n in (drawn, same))
    found = distribution(drawn, pools)
    data = xr.Dataset(
        {
            "r_sp": (("sigma", "level"), found, rate),
            "r_sp_same_axon": (("sigma", "level"), distribution(same, pools), rate),
            "control": ("subject", control, rate),
            "control_same_axon": ("subject", alone, rate),
            "i_th": (("subject", "node"), drawn, {"units": "nA"}),
        },
        coords={
            "sigma": ("sigma", DRIVES, {"units": "nA"}),
            "level": ("level", list(LEVELS), {"units": "percentile"}),
            "node": ("node", list(NODES), {"units": "mV"}),
        },
        attrs={
            "sigma_used": SIGMA,
            "sigma_for_target": drive_for(found[:, LEVELS.index(50.0)]),
            "median": float(np.median(control)),
            "high": float(np.percentile(control, SYMPTOMATIC)),
            "median_same_axon": float(np.median(alone)),
            "high_same_axon": float(np.percentile(alone, SYMPTOMATIC)),
            "share_between_pools": float(
                np.var(np.log(alone)) / np.var(np.log(control))
            ),
            "reach": reach(drawn, pools),
        },
    )
    return data.merge(sensitivity(drawn))


@plot.style()
def draw_figure(data: xr.Dataset) -> Any:
    """Draw R_sp against the drive, the controls, and the spreads behind them."""
    figure, axes = plot.panels(1, 3, height=3.3, width=9.0)
    over, spread, sweep = axes[0]
    blue, red, green = plot.COLOURS[:3]
    drives = 1e3 * data["sigma"].values
    low, middle, high = (data["r_sp"].sel(level=q) for q in (1.0, 50.0, SYMPTOMATIC))
    over.fill_between(drives, low, high, color=blue, alpha=0.25, linewidth=0,
                      label="1–99 % of controls")  # fmt: skip
    over.plot(drives, middle, color=blue, label="median")
    over.axhline(TARGET, color="0.4", linestyle=":", label="target")
    over.axvline(1e3 * SIGMA, color=red, linestyle="--", label=f"{1e3 * SIGMA:g} pA")
    over.set(yscale="log", xlabel="SD of the drive (pA)", ylabel="$R_{sp}$ (1/min)")
    bins = np.geomspace(data["control"].min(), data["control"].max(), 40)
    spread.hist(data["control"], bins, color=blue, alpha=0.5, label="any axon")
    spread.hist(
        data["control_same_axon"], bins, histtype="step", color="black",
        linestyle="-", label="axon as published",
    )  # fmt: skip
    spread.axvline(data.attrs["high"], color=green, linestyle="-.",
                   label="99th percentile")  # fmt: skip
    spread.set(xscale="log", xlabel="$R_{sp}$ of healthy pools (1/min)",
               ylabel=f"subjects (of {SUBJECTS})")  # fmt: skip
    for k, sd in enumerate(SHIFT_SDS):
        row = data["spread_median"].sel(shift_sd=sd)
        sweep.plot(row["cv"], row, marker="os^"[k], label=f"shift SD {sd:g} mV")
    sweep.plot(SIGMA_CV, data["spread_median"].sel(shift_sd=SHIFT_SD, cv=SIGMA_CV),
               "o", markersize=10, markerfacecolor="none", color="black",
               label="assumed")  # fmt: skip
    sweep.set(yscale="log", xlabel="CV of the drive over axons",
              ylabel="median $R_{sp}$ (1/min)")  # fmt: skip
    plot.legend_above(axes)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    a, mark = data.attrs, 1e3 * SIGMA
    wide, drives = data["spread_median"], 1e3 * data["spread_drive"]
    beyond = "rarer" if a["reach"] > FITTED_TO else "no rarer"
    return (
        f"{1e3 * a['sigma_for_target']:.1f} pA would put the median pool at "
        f"{TARGET:g}/min; in use are {mark:g} pA: median {a['median']:.2f}, 99th "
        f"percentile {a['high']:.0f} 1/min ({SUBJECTS} subjects). This is the one "
        "free calibration.\n"
        f"With the axon as published: median {a['median_same_axon']:.2f}, 99th "
        f"percentile {a['high_same_axon']:.1f} 1/min: only "
        f"{a['share_between_pools']:.0%} of the variance of log R_sp is between pools, "
        "the rest is ignorance about the axon.\n"
        f"The assumed spreads matter: shift SD {SHIFT_SDS[0]:g} to {SHIFT_SDS[-1]:g} "
        f"mV and CV {CVS[0]:g} to {CVS[-1]:g} give medians from "
        f"{float(wide.min()):.1g} to {float(wide.max()):.2g} 1/min, or ask for "
        f"{float(drives.min()):.1f} to {float(drives.max()):.1f} pA.\n"
        f"Baseline events come from axons {a['reach']:.1f} SD below threshold, "
        f"{beyond} than those the law was fitted to (up to {FITTED_TO:g} SD); by how "
        "much it is off there says experiment spontaneous_rate, and this calibration "
        "absorbs it."
    )


def run(quick: bool, out: Path) -> str:
    """Draw the controls, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw_figure(data), out / "calibrate_baseline.svg")
    data.to_netcdf(out / "calibrate_baseline.nc", engine="h5netcdf")
    return told(data)
