"""What does low sodium do to a nerve: smaller spikes, or a lower threshold?

Sodium outside from 110 to 150 mM acts in two ways. It is the battery of the spike: less
of it, a smaller spike and a higher threshold. And it is salt that screens the charge at
the gates: less of it shifts them as low calcium does. The second is a prediction of the
surface charge alone, untested in patients; it is cancelled here to see the first.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.measure import excitability, stimulate_each
from neurosim.model import Model
from neurosim.models import MOTOR_AXON
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import NODES, draw_pools, median_r_sp
from neurosim.spontaneous import threshold_current

RANGE = (110.0, 150.0)  # mM: extreme shortage to excess (chosen)
NORMAL = (135.0, 145.0)  # mM (nerve.md 5)
LOW = 115.0  # mM: seizures begin (nerve.md 5)
ARMS = {
    "battery and screening": 0.0,
    "battery only": 1.0,
}  # share of the gate shift that is cancelled
PULSE = 2.0  # times threshold, 1 ms: a spike that is no near miss (chosen)
TICKS = (0.5, 1.0, 2.0, 5.0)  # 1/min, of the last panel
POOLS = 200  # of which the median is shown (chosen)
SEED = 1


def baths(sodium: np.ndarray, added: np.ndarray) -> Model:
    """Return the axon at arm x sodium x added shift, along one axis."""
    off = -gate_shift(HEALTHY.ca_o, HEALTHY.mg_o, na_o=sodium)
    share = np.array(list(ARMS.values()))[:, None, None]
    shift = share * off[:, None] + added
    na = np.broadcast_to(sodium[:, None], shift.shape)
    return MOTOR_AXON.along("bath", na_o=na.ravel(), shift=shift.ravel())


def collect(points: int) -> xr.Dataset:
    """Return threshold, spike height and events of the pool per arm and sodium."""
    sodium = np.linspace(*RANGE, points)
    shape = (len(ARMS), points)
    alone = baths(sodium, np.zeros(1))
    found = excitability(alone)
    spike = stimulate_each(alone, PULSE * found["threshold"], width=1.0, trace=True)
    at_nodes = threshold_current(baths(sodium, np.array(NODES)))
    at_nodes = at_nodes.reshape(-1, len(NODES))
    pools = draw_pools(POOLS, SEED)
    rates = median_r_sp(at_nodes, pools)
    values = {
        "threshold": (found["threshold"], "nA"),
        "i_th": (at_nodes[:, NODES.index(0.0)], "nA"),
        "rest": (found["rest"], "mV"),
        "peak": (spike["v"].max("time").values, "mV"),
        "r_sp": (rates, "1/min"),
    }
    return xr.Dataset(
        {
            n: (("arm", "na_o"), v.reshape(shape), {"units": u})
            for n, (v, u) in values.items()
        },
        coords={"arm": list(ARMS), "na_o": ("na_o", sodium, {"units": "mM"})},
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw threshold, spike height and events against sodium."""
    figure, axes = plot.panels(1, 3, height=3.2, width=9.0)
    panels = {
        "i_th": (1e3, "threshold of 40 ms (pA)"),
        "peak": (1.0, "peak of the spike (mV)"),
        "r_sp": (1.0, "events of a motor pool (1/min)"),
    }
    for axis, (name, (scale, label)) in zip(axes[0], panels.items(), strict=True):
        axis.axvspan(*NORMAL, color="0.9", linewidth=0, label="normal Na")
        for arm in ARMS:
            axis.plot(data["na_o"], scale * data[name].sel(arm=arm), label=arm)
        axis.set(xlabel="sodium outside (mM)", ylabel=label)
    axes[0, 2].set_yscale("log")
    axes[0, 2].set_yticks(TICKS, [f"{t:g}" for t in TICKS])
    axes[0, 2].minorticks_off()
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    healthy = data.interp(na_o=HEALTHY.na_o)
    low = data.interp(na_o=LOW)
    shift = gate_shift(HEALTHY.ca_o, HEALTHY.mg_o, na_o=LOW)
    said = [
        f"{arm}: 40 ms threshold {1e3 * float(low['i_th'].sel(arm=arm)):.1f} pA "
        f"({1e3 * float(healthy['i_th'].sel(arm=arm)):.1f} when healthy), spike peak "
        f"{float(low['peak'].sel(arm=arm)):.1f} mV "
        f"({float(healthy['peak'].sel(arm=arm)):.1f}), events "
        f"{plot.number(low['r_sp'].sel(arm=arm))} /min "
        f"({plot.number(healthy['r_sp'].sel(arm=arm))})"
        for arm in ARMS
    ]
    change = (low["i_th"] - healthy["i_th"]).values
    verdict = (
        "The sign of the threshold hangs on the ionic-strength shift, which nobody has "
        "tested in patients: no robust direct effect."
        if change[0] * change[1] < 0
        else "The sign of the threshold is that of the battery either way."
    )
    return (
        f"At Na {LOW:g} mM, a gate shift of {shift:.2f} mV. {said[0]}.\n{said[1]}.\n"
        f"{verdict}"
    )


def run(quick: bool, out: Path) -> str:
    """Change sodium, write figure and data into ``out``, return the answer."""
    data = collect(9 if quick else 33)
    plot.save(draw(data), out / "sodium_range.svg")
    data.to_netcdf(out / "sodium_range.nc", engine="h5netcdf")
    return told(data)
