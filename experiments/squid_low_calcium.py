"""How does the squid axon fire in ever less calcium, coming from rest and from firing?

Huxley's shift of all gates, 9.32 mV for each e-fold fall of calcium (recalled), is put
into the equations of 1952. The resting state is followed while calcium falls from that
of sea water; firing is simulated from both sides, starting at rest and starting with a
kick, so that a range in which the axon can do both shows. Beside it the same with the
sodium gates alone. Swings that stay below 0 mV are drawn, but are no spikes.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.diagram import bifurcation_diagram
from neurosim.models import SQUID_AXON

NORMAL = 44.0  # mM Ca in sea water (Huxley 1959, recalled)
SHIFTS = (0.0, 30.0)  # mV: far enough to come to rest again with all gates (chosen)
LEAST = 0.04  # of normal calcium: end of the axis (exp(-30/9.32), rounded)
KAPPA = {"all gates": 1.0, "Na gates only": 0.0}
DURATION, WINDOW = 400.0, 200.0  # ms until firing is regular, and then read (chosen)
MOVING = 1.0  # mV between lowest and highest v: not at rest (chosen)


def ratio_of(shift: Any) -> Any:
    """Return calcium as a fraction of normal that gives a shift [mV]."""
    return np.exp(-shift / SQUID_AXON.parameters["ca_slope"].value)


def collect(count: int) -> dict[str, xr.Dataset]:
    """Return a diagram over the shift per choice of gates."""
    return {
        name: bifurcation_diagram(
            SQUID_AXON.at(kappa=kappa), "shift", *SHIFTS, count=count,
            duration=DURATION, window=WINDOW,
        )
        for name, kappa in KAPPA.items()
    }  # fmt: skip


def changes(data: xr.Dataset, kind: str) -> np.ndarray:
    """Return the shifts [mV] at which rest is "lost" or "regained"."""
    return data["change_at"].values[data["stability"].values == kind]


def firing(data: xr.Dataset, start: str) -> np.ndarray:
    """Return the shifts [mV] at which the axon keeps firing, by its start."""
    fires = data["rate"].sel(start=start).values > 0
    return data["shift"].values[fires]


@plot.style()
def draw(diagrams: dict[str, xr.Dataset]) -> Any:
    """Draw potentials above and rates below against calcium, a column per gates."""
    figure, axes = plot.panels(2, 2, height=2.8, width=8.0, sharex=True, sharey="row")
    blue, red = plot.COLOURS[:2]
    for (name, data), column in zip(diagrams.items(), axes.T, strict=True):
        above, below = column
        above.set_title(name)
        x = ratio_of(data["equilibrium_at"].values)
        for on, dash, word in ((1.0, "-", "stable rest"), (0.0, ":", "unstable rest")):
            v = data["equilibrium_v"].where(data["stable"] == on)
            above.plot(x, v, color=blue, linestyle=dash, label=word)
        ca = ratio_of(data["shift"].values)
        looks = {"firing": (red, 3.0, "-"), "rest": ("black", 1.2, "--")}
        for start, (colour, width, dash) in looks.items():
            here = data.sel(start=start)
            moves = here["v_max"] - here["v_min"] > MOVING
            look = {"color": colour, "linewidth": width, "linestyle": dash}
            for end in ("v_min", "v_max"):
                above.plot(ca, here[end].where(moves), **look)
            fires = here["rate"].where(here["rate"] > 0)
            below.plot(ca, fires, label=f"begun at {start}", **look)
        for kind, dash in (("lost", "--"), ("regained", "-.")):
            for at in changes(data, kind):
                for axis in column:
                    axis.axvline(
                        ratio_of(at), color="0.5", linestyle=dash, linewidth=1.0,
                        label=f"rest is {kind}",
                    )  # fmt: skip
        below.set_xscale("log")
        below.set_xlim(1.0, LEAST)
        below.set_xticks([1.0, 0.5, 0.2, 0.1, 0.05], ["1", "0.5", "0.2", "0.1", "0.05"])
        below.minorticks_off()
        below.set_xlabel("calcium (of sea water)")
    axes[0, 0].set_ylabel("v: rest, and ends of firing (mV)")
    axes[1, 0].set_ylabel("spikes (1/s)")
    plot.legend_above(axes)
    return figure


def told(diagrams: dict[str, xr.Dataset]) -> str:
    """Return the answer in words."""
    return "\n".join(f"{name}: {described(data)}" for name, data in diagrams.items())


def described(data: xr.Dataset) -> str:
    """Say where one axon loses rest, where it fires, how fast and how high."""
    lost, regained = changes(data, "lost"), changes(data, "regained")
    rest, kick = firing(data, "rest"), firing(data, "firing")
    over = data.sel(start="firing", shift=kick)
    swing = (over["v_max"] - over["v_min"]).values
    both = [kick[kick < rest.min()], kick[kick > rest.max()]]
    held = " and ".join(span(part) for part in both if part.size)
    again = (
        f"regained at {regained[0]:.2f} mV, {ratio_of(regained[0]):.3f}"
        if regained.size
        else f"not regained down to {ratio_of(SHIFTS[1]):.3f}"
    )
    return (
        f"rest is lost at {lost[0]:.2f} mV, {ratio_of(lost[0]):.3f} of normal calcium, "
        f"and {again}. Spikes go on {span(kick)} of normal, at {held or 'no place'} "
        f"only if there are some already; {float(over['rate'][0]):.0f} rising to "
        f"{float(over['rate'].max()):.0f} 1/s, swing {swing[0]:.0f} falling to "
        f"{swing[-1]:.0f} mV."
    )


def span(shifts: np.ndarray) -> str:
    """Say between which fractions of normal calcium some shifts [mV] lie."""
    first, last = (f"{ratio_of(at):.3f}" for at in (shifts.min(), shifts.max()))
    return first if first == last else f"{first} to {last}"


def run(quick: bool, out: Path) -> str:
    """Follow, simulate, write figure and data into ``out``, return the answer."""
    diagrams = collect(61 if quick else 241)
    plot.save(draw(diagrams), out / "squid_low_calcium.svg")
    data = xr.concat(
        [d[["v_min", "v_max", "rate"]] for d in diagrams.values()],
        xr.Variable("gates", list(diagrams)), combine_attrs="drop",
    )  # fmt: skip
    for name, found in diagrams.items():
        for kind in ("lost", "regained"):
            at = changes(found, kind)
            data.attrs[f"{kind}, {name}"] = at[0] if at.size else np.nan
    data = data.assign_coords(
        calcium=("shift", NORMAL * ratio_of(data["shift"].values), {"units": "mM"})
    )
    data.to_netcdf(out / "squid_low_calcium.nc", engine="h5netcdf")
    return told(diagrams)
