"""Does half the calcium make the squid axon fire by itself, as Huxley found in 1959?

Huxley put a fall of calcium into the equations of 1952 as one shift of every gate
along the voltage axis, 9.32 mV for each e-fold (recalled from there). Here the resting
state is followed over that shift until it loses its stability and finds it again, and
the axon is run from its normal rest after the shift was applied suddenly. Just before
rest is lost it is stable and firing is too: there the history decides.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot, simulate
from neurosim.continuation import Branch, follow
from neurosim.measure import spike_rate
from neurosim.models import SQUID_AXON

SHIFTS = (0.0, 30.0)  # mV, far enough to come to rest again (chosen)
CALCIUM = (44.0, 22.0, 11.0)  # mM: sea water (Huxley 1959, recalled), half, quarter
DURATION = 600.0  # ms: about thirty cycles (chosen)
SETTLED = 400.0  # ms after which a cycle is taken as regular (chosen)
SHOWN = 100.0  # ms of the traces drawn (chosen)


def swings(points: int) -> xr.Dataset:
    """Return rate, lowest and highest potential of the settled motion at each shift."""
    shifts = np.linspace(*SHIFTS, points)
    run = simulate(
        SQUID_AXON.at(shift=shifts), duration=DURATION, record="v", measure=spike_rate
    )
    v = run["v"].sel(time=slice(SETTLED, None))
    return run[["spike_rate"]].assign(lowest=v.min("time"), highest=v.max("time"))


def traces() -> xr.Dataset:
    """Return the potential in each calcium, and the spikes per second."""
    return simulate(
        SQUID_AXON.at(ca_o=CALCIUM), duration=DURATION, record="v", measure=spike_rate
    )


def calcium_ratio(shift: float) -> float:
    """Return the calcium, as a fraction of that of sea water, of a shift [mV]."""
    return float(np.exp(-shift / SQUID_AXON.parameters["ca_slope"].value))


@plot.style()
def draw(branch: Branch, cycle: xr.Dataset, run: xr.Dataset) -> Any:
    """Draw traces above, and rest and swing against the shift below."""
    figure, axes = plot.panels(2, height=2.9)
    above, below = axes[:, 0]
    for calcium in CALCIUM:
        v = run["v"].sel(ca_o=calcium, time=slice(0.0, SHOWN))
        above.plot(v["time"], v, label=f"Ca {calcium:g} mM")
    above.set(xlabel="time after the change of calcium (ms)", ylabel="v (mV)")
    plot.legend_above(above)
    blue, red = plot.COLOURS[:2]
    for on, dash, name in ((True, "-", "stable rest"), (False, ":", "unstable rest")):
        v = np.where(branch.stable == on, branch.v, np.nan)
        below.plot(branch.values, v, color=blue, linestyle=dash, label=name)
    moving = cycle.where(cycle["highest"] - cycle["lowest"] > 1.0)  # mV
    for name, dash in (("highest", "--"), ("lowest", "-.")):
        below.plot(
            moving["shift"], moving[name], color=red, linestyle=dash,
            label=f"{name} v while firing",
        )  # fmt: skip
    below.set(xlabel="shift of all gates (mV)", ylabel="v (mV)")
    below.legend(loc="upper right")
    return figure


def run(quick: bool, out: Path) -> str:
    """Follow, simulate, write figure and data into ``out``, return the answer."""
    branch = follow(SQUID_AXON, "shift", *SHIFTS)
    sodium_only = follow(SQUID_AXON.at(kappa=0.0), "shift", *SHIFTS)
    cycle, run = swings(61 if quick else 301), traces()
    lost, regained = branch.lost[0], branch.regained[0]
    plot.save(draw(branch, cycle, run), out / "huxley_1959.svg")
    found = cycle.rename(spike_rate="rate_at_shift").assign(
        v=run["v"],
        spike_rate=run["spike_rate"],
        rest=("step", branch.v, {"units": "mV"}),
        rest_shift=("step", branch.values, {"units": "mV"}),
        rest_stable=("step", branch.stable),
    )
    found = found.assign_attrs(
        lost=lost, regained=regained, lost_sodium_only=sodium_only.lost[0]
    )
    found.to_netcdf(out / "huxley_1959.nc", engine="h5netcdf")
    firing = cycle["shift"].values[cycle["highest"].values > 0.0]
    rates = ", ".join(
        f"{r:.0f} 1/s at Ca {c:g} mM"
        for c, r in zip(CALCIUM, run["spike_rate"].values, strict=True)
    )
    return (
        f"Yes. Rest is lost at a shift of {lost:.2f} mV, that is at "
        f"{calcium_ratio(lost):.3f} of normal calcium, and regained at {regained:.2f} "
        f"mV. If only sodium gates shift, {sodium_only.lost[0]:.2f} mV are enough.\n"
        f"Applied suddenly, shifts from {firing.min():.1f} to {firing.max():.1f} mV "
        f"give spikes that go on. Rates over {DURATION:g} ms: {rates}.\n"
        f"At the point where rest is lost it lies at "
        f"{np.interp(lost, branch.values, branch.v):.1f} mV, below the "
        f"{branch.v[0]:.1f} mV of normal calcium: the axon fires without being "
        "depolarised."
    )
