"""Does alkalosis excite nerve by its protons or by the calcium that it binds?

Alkalosis takes protons off the charge at the gates, which shifts them, and lets albumin
bind more calcium: 0.04 mM less ionised calcium per 0.1 pH (Dimeski & Treacy 2018). The
two are run alone and together from pH 7.1 to 7.7. Overbreathing until the fingers
tingle reaches about pH 7.65 (Macefield & Burke 1991): there the excitability of human
motor axons had risen in every subject.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.measure import excitability
from neurosim.model import Model
from neurosim.models import MOTOR_AXON
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import NODES, draw_pools, median_r_sp
from neurosim.spontaneous import threshold_current

RANGE = (7.1, 7.7)  # pH: severe acidosis to severe alkalosis
NORMAL = (7.35, 7.45)  # pH of arterial blood
OVERBREATHING = 7.65  # pH after PCO2 fell by 20 mmHg (nerve.md 7.6)
BINDING = -0.4  # mM ionised Ca per pH (Dimeski & Treacy 2018; -0.5 is quoted too)
ARMS = {"protons only": (1.0, 0.0), "calcium only": (0.0, 1.0), "both": (1.0, 1.0)}
POOLS = 200  # of which the median is shown (chosen)
SEED = 1


def bath_of(ph: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pH at the gates and ionised Ca [mM], (arm, ph)."""
    away = ph - HEALTHY.ph_o
    shares = np.array(list(ARMS.values()))
    gates = HEALTHY.ph_o + shares[:, [0]] * away
    return gates, HEALTHY.ca_o + shares[:, [1]] * BINDING * away


def baths(ph: np.ndarray, added: np.ndarray) -> Model:
    """Return the axon at arm x pH x added shift, along one axis."""
    gates, calcium = (np.repeat(values.ravel(), added.size) for values in bath_of(ph))
    shift = np.tile(added, gates.size // added.size)
    return MOTOR_AXON.along("bath", ph_o=gates, ca_o=calcium, shift=shift)


def collect(points: int) -> xr.Dataset:
    """Return shift, threshold and events of the pool per arm and pH."""
    ph = np.linspace(*RANGE, points)
    shape = (len(ARMS), points)
    gates, calcium = bath_of(ph)
    shift = gate_shift(calcium, HEALTHY.mg_o, ph_o=gates)
    found = excitability(baths(ph, np.zeros(1)))
    at_nodes = threshold_current(baths(ph, np.array(NODES))).reshape(-1, len(NODES))
    pools = draw_pools(POOLS, SEED)
    rates = median_r_sp(at_nodes, pools)
    reference = excitability(MOTOR_AXON)["threshold"][0]
    values = {
        "gate_shift": (shift, "mV"),
        "ca_o": (calcium, "mM"),
        "threshold_ratio": (found["threshold"] / reference, "1"),
        "i_th": (at_nodes[:, NODES.index(0.0)], "nA"),
        "r_sp": (rates, "1/min"),
    }
    return xr.Dataset(
        {
            n: (("arm", "ph_o"), np.reshape(v, shape), {"units": u})
            for n, (v, u) in values.items()
        },
        coords={"arm": list(ARMS), "ph_o": ph},
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw shift, threshold and events against pH."""
    figure, axes = plot.panels(1, 3, height=3.2, width=9.0)
    panels = {
        "gate_shift": "shift of the gates (mV)",
        "threshold_ratio": "1 ms threshold (of healthy)",
        "r_sp": "events of a motor pool (1/min)",
    }
    for axis, (name, label) in zip(axes[0], panels.items(), strict=True):
        axis.axvspan(*NORMAL, color="0.9", linewidth=0, label="normal pH")
        for arm in ARMS:
            axis.plot(data["ph_o"], data[name].sel(arm=arm), label=arm)
        axis.axvline(OVERBREATHING, color="0.4", linestyle=":", label="overbreathing")
        axis.set(xlabel="pH outside", ylabel=label)
    axes[0, 2].set_yscale("log")
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    here = data.interp(ph_o=OVERBREATHING)
    healthy = plot.number(data["r_sp"].sel(arm="both").interp(ph_o=HEALTHY.ph_o))
    said = [
        f"{arm}: shift {float(here['gate_shift'].sel(arm=arm)):.2f} mV, threshold x "
        f"{float(here['threshold_ratio'].sel(arm=arm)):.2f}, "
        f"{plot.number(here['r_sp'].sel(arm=arm))} events/min"
        for arm in ARMS
    ]
    protons, calcium, _ = here["gate_shift"].values
    rises = float(here["threshold_ratio"].sel(arm="both")) < 1.0
    agrees = "agrees" if rises else "disagrees"
    return (
        f"Overbreathing to pH {OVERBREATHING:g}, from {healthy} events/min of a "
        f"healthy pool. {'; '.join(said)}.\n"
        f"Protons make up {protons / (protons + calcium):.0%} of the shift. The change "
        f"of threshold {agrees} with the excitability that rose in every subject of "
        "Macefield & Burke 1991; tetany needs a more vulnerable site than this trunk."
    )


def run(quick: bool, out: Path) -> str:
    """Change pH, write figure and data into ``out``, return the answer."""
    data = collect(7 if quick else 31)
    plot.save(draw(data), out / "ph_range.svg")
    data.to_netcdf(out / "ph_range.nc", engine="h5netcdf")
    return told(data)
