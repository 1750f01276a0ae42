"""Which mechanism makes low calcium excite: gates, pore block, or a leak?

Calcium around two axons is lowered from 1.25 to 0.5 mM at normal magnesium, with one
mechanism at a time and all together. The field at the gates: of sodium channels only,
or also of potassium and HCN channels, by half as much or as much. Block of the sodium
pore by calcium, and a sodium leak (NALCN) blocked by divalents: both with recalled
numbers (``neurosim.physics.divalents``), so both are also run several times as strong.
The motor axon stands for the trunk, the MRG axon for a vulnerable
site; events are those of a pool of 150 motor axons.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.declare import Channel, Derived
from neurosim.measure import rest
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON
from neurosim.physics.divalents import (
    FAST_PORE,
    LEAK_PARAMS,
    NALCN,
    PERSISTENT_PORE,
    PORE_PARAMS,
)
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import NODES, draw_pools, median_r_sp
from neurosim.spontaneous import threshold_current

LOW = 0.5  # mM ionised Ca: extreme shortage (chosen)
NO_BLOCK = 1e6  # mM: no calcium ever binds in the pore
# mechanism -> share of the gate shift, kappa, k_pore [mM], NALCN share of the leak
MECHANISMS = {
    "Na gates only": (1.0, 0.0, NO_BLOCK, 0.0),
    "Na gates, K gates half": (1.0, 0.5, NO_BLOCK, 0.0),
    "all gates alike": (1.0, 1.0, NO_BLOCK, 0.0),
    "pore block": (0.0, 0.5, 30.0, 0.0),
    "NALCN, 2 % of leak": (0.0, 0.5, NO_BLOCK, 0.02),
    "all together": (1.0, 0.5, 30.0, 0.02),
    "pore block, 3 x as tight": (0.0, 0.5, 10.0, 0.0),
    "NALCN, 10 % of leak": (0.0, 0.5, NO_BLOCK, 0.10),
}
SHOWN = tuple(MECHANISMS)[:6]  # of the figure
POOLS = 200  # of which the median is shown (chosen)
ROUNDS, INSIDE = 3, 12  # of the search for the loss of rest: to 1 uM (chosen)
SEED = 1


def with_mechanisms(model: Model) -> Model:
    """Return an axon with pore block and NALCN; both are off at the right numbers."""
    pores: dict[str, Derived] = {"naf": FAST_PORE, "nap": PERSISTENT_PORE}

    def blocked(channel: Channel) -> Channel:
        if channel.name not in pores:
            return channel
        params = (*channel.params, channel.conductance)
        return replace(channel, params=params, conductance=pores[channel.name])

    pieces = tuple(
        replace(c, channels=tuple(blocked(channel) for channel in c.channels))
        for c in model.compartments
    )
    model = replace(
        model,
        name=f"{model.name}_divalents",
        compartments=pieces,
        params=(*model.params, *PORE_PARAMS, *LEAK_PARAMS),
    )
    for piece in pieces:
        model = model.with_channel(NALCN, piece.name)
    return model


AXONS = {
    "motor axon": with_mechanisms(MOTOR_AXON),
    "MRG axon": with_mechanisms(MRG_AXON),
}


def baths(calcium: np.ndarray, added: np.ndarray) -> dict[str, np.ndarray]:
    """Return parameters of mechanism x calcium x added shift, flat.

    calcium : (mechanism, points), mM. added : shift of an axon of a pool, mV.
    """
    table = np.array(list(MECHANISMS.values())).T[:, :, None, None]
    share, kappa, k_pore, nalcn = (
        np.broadcast_to(row, (*calcium.shape, added.size)) for row in table
    )
    ca = np.broadcast_to(calcium[:, :, None], share.shape)
    off = (share - 1.0) * gate_shift(calcium, HEALTHY.mg_o)[:, :, None]
    values = {
        "ca_o": ca, "kappa": kappa, "k_pore": k_pore, "nalcn_share": nalcn,
        "shift": off + added,
    }  # fmt: skip
    return {name: np.array(value).ravel() for name, value in values.items()}


def lost_at(axon: Model) -> np.ndarray:
    """Return the highest Ca [mM] without a stable rest, (mechanism,); NaN if none.

    Each round looks closer at the step at which rest is lost.
    """
    count = len(MECHANISMS)
    low, high = np.full(count, LOW), np.full(count, HEALTHY.ca_o)
    able = np.ones(count, bool)
    for _ in range(ROUNDS):
        ca = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, INSIDE)
        model = axon.along("bath", **baths(ca, np.zeros(1)))
        lost = np.isnan(rest(model).values.reshape(ca.shape))
        able &= lost.any(1)
        top = INSIDE - 1 - lost[:, ::-1].argmax(1)  # the highest without rest
        above = np.minimum(top + 1, INSIDE - 1)
        every = np.arange(count)
        low = np.where(able, ca[every, top], LOW)
        high = np.where(able, ca[every, above], HEALTHY.ca_o)
    return np.where(able, low, np.nan)


def collect(points: int) -> xr.Dataset:
    """Return threshold, events of the pool and loss of rest per axon and mechanism."""
    calcium = np.linspace(LOW, HEALTHY.ca_o, points)
    grid = np.broadcast_to(calcium, (len(MECHANISMS), points))
    nodes = np.array(NODES)
    found = []
    for axon in AXONS.values():
        i_th = threshold_current(axon.along("bath", **baths(grid, nodes)))
        found.append(i_th.reshape(len(MECHANISMS), points, nodes.size))
    pools = draw_pools(POOLS, SEED)
    rows = found[0].reshape(-1, nodes.size)
    rates = median_r_sp(rows, pools)
    dims = ("mechanism", "ca_o")
    return xr.Dataset(
        {
            "i_th": (
                ("axon", *dims), np.array(found)[..., NODES.index(0.0)], {"units": "nA"}
            ),
            "r_sp": (dims, np.reshape(rates, grid.shape), {"units": "1/min"}),
            "rest_lost": (
                ("axon", "mechanism"), [lost_at(a) for a in AXONS.values()],
                {"units": "mM"},
            ),
        },
        coords={
            "axon": list(AXONS),
            "mechanism": list(MECHANISMS),
            "ca_o": ("ca_o", calcium, {"units": "mM"}),
        },
    )  # fmt: skip


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw thresholds of both axons and the events of the pool against calcium."""
    figure, axes = plot.panels(1, 3, height=3.3, width=9.0)
    looks = dict(zip(SHOWN, (*plot.PAIRS[:5], ("0.55", "-")), strict=True))
    for axis, axon in zip(axes[0], AXONS, strict=False):
        for name, (colour, dash) in looks.items():
            line = 1e3 * data["i_th"].sel(axon=axon, mechanism=name)
            axis.plot(data["ca_o"], line, color=colour, linestyle=dash, label=name)
        axis.set(ylabel=f"threshold of the {axon} (pA)", ylim=(0.0, None))
    for name, (colour, dash) in looks.items():
        axes[0, 2].plot(
            data["ca_o"], data["r_sp"].sel(mechanism=name), color=colour, linestyle=dash
        )
    axes[0, 2].set(yscale="log", ylabel="events of a motor pool (1/min)")
    for axis in axes[0]:
        axis.set_xlabel("ionised calcium (mM)")
    plot.legend_above(axes[0, 0])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    low, healthy = data.isel(ca_o=0), data.isel(ca_o=-1)
    drop = low["i_th"] / healthy["i_th"] - 1.0
    rise = low["r_sp"] / healthy["r_sp"]

    def said(name: str) -> str:
        lost = float(data["rest_lost"].sel(mechanism=name, axon="MRG axon"))
        fate = "keeps rest" if np.isnan(lost) else f"loses rest at {lost:.2f} mM"
        less = float(drop.sel(axon="motor axon", mechanism=name))
        more = plot.number(rise.sel(mechanism=name))
        return f"{name}: threshold {less:+.0%}, events x {more}, MRG axon {fate}"

    gates, others = SHOWN[:3], ("pore block", "NALCN, 2 % of leak", "all together")
    silent = bool(data["rest_lost"].sel(axon="motor axon").isnull().all())
    return (
        f"From Ca {HEALTHY.ca_o:g} to {LOW:g} mM, motor axon. "
        + "; ".join(map(said, gates)) + ".\n"
        + "; ".join(map(said, others)) + ".\n"
        + "Recalled numbers made several times as strong: "
        + "; ".join(map(said, tuple(MECHANISMS)[6:])) + ".\n"
        + "The motor axon "
        + ("keeps its rest with every mechanism." if silent else "loses rest too.")
    )  # fmt: skip


def run(quick: bool, out: Path) -> str:
    """Lower calcium, write figure and data into ``out``, return the answer."""
    data = collect(6 if quick else 26)
    plot.save(draw(data), out / "low_calcium_mechanisms.svg")
    data.to_netcdf(out / "low_calcium_mechanisms.nc", engine="h5netcdf")
    return told(data)
