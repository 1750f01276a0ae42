"""What does potassium from 1.5 to 7 mM do to the resting axon and to its firing?

Rest, threshold, strength-duration constant and spontaneous events over potassium, 250
ms after the bath was changed, and the equilibria behind them, followed from 4 mM. Low
potassium hyperpolarises and calms; high potassium depolarises and excites. The rate law
stands for a resting axon with a fluctuating drive: above 4.5 mM it is drawn only to be
marked as outside its domain (nerve.md 7.10). The model's slope with potassium is too
steep; the weaker coupling that fits nerve better is shown beside it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.continuation import equilibria, follow
from neurosim.measure import excitability, tau_sd
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON
from neurosim.pool import NODES, draw_pools, median_r_sp
from neurosim.spontaneous import COARSE, threshold_current

RANGE = (1.5, 7.0)  # mM: deadly shortage to deadly excess (chosen)
NORMAL = (3.5, 5.0)  # mM (nerve.md 5)
HEALTHY = 4.0  # mM (design section 4)
DOMAIN = 4.5  # mM: above, the rate law is not to be used (nerve.md 7.10)
AXONS = {
    "motor axon": MOTOR_AXON,
    "motor axon, K coupling 0.35": MOTOR_AXON.at(k_coupling=0.35),  # nerve.md 7.10
    "MRG axon": MRG_AXON,
}
RATED = tuple(AXONS)[:2]  # the law was fitted to the motor axon
NAMED = 2.4  # mM where all resting states are named (chosen inside their window)
SETTLE = 250.0  # ms in the bath (nerve.md, its corrections)
POINTS = 200  # of each curve of equilibria (chosen)
POOLS = 200  # of which the median is shown (chosen)
SEED = 1


def measured(axon: Model, potassium: np.ndarray) -> dict[str, np.ndarray]:
    """Return rest mV, threshold nA and tau_SD ms of an axon at every potassium."""
    baths = axon.at(k_o=potassium)
    step = COARSE * axon.dt
    found = excitability(baths, settle=SETTLE, dt=step)
    found["tau_sd"] = tau_sd(baths, settle=SETTLE, dt=0.5 * step).values
    return found


def pool_rate(axon: Model, potassium: np.ndarray) -> np.ndarray:
    """Return R_sp of the median pool, 1/min."""
    baths = axon.at(k_o=potassium, shift=NODES)
    at_nodes = threshold_current(baths).reshape(-1, len(NODES))
    pools = draw_pools(POOLS, SEED)
    return median_r_sp(at_nodes, pools)


def curve(axon: Model) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Return the equilibria followed from 4 mM both ways, and where rest is lost.

    Rows of (K mM, v mV, stable 1 or 0), by the way along the curve; and the K at which
    rest is first lost going down, the highest K at which another state ends there, and
    the K at which rest is lost going up (NaN: nowhere). Six compartments that may each
    open their slow K gates again give many sheets of states close together: of those
    the curve finds some, which ones depends on the steps.
    """
    down, up = (follow(axon, "k_o", HEALTHY, end, POINTS) for end in RANGE)
    points = [np.array([w.values, w.v, w.stable]).T for w in (down, up)]
    ends = (down.lost[:1], (max(down.regained, default=np.nan),), up.lost[:1])
    first = tuple(end[0] if end else np.nan for end in ends)
    return np.concatenate([points[0][::-1], points[1]]), first


def resting_states(axon: Model) -> np.ndarray:
    """Return v of all stable equilibria at one low potassium, mV."""
    found = equilibria(axon.at(k_o=NAMED))
    return found["v"].values[found["stable"].values == 1.0]


def collect(quick: bool) -> xr.Dataset:
    """Return every measure over axon and potassium."""
    potassium = np.linspace(*RANGE, 12 if quick else 45)
    each = [measured(axon, potassium) for axon in AXONS.values()]
    rates = [pool_rate(AXONS[name], potassium) for name in RATED]
    curves, ends = zip(*(curve(axon) for axon in AXONS.values()), strict=True)
    table = np.full((len(AXONS), max(map(len, curves)), 3), np.nan)
    for row, points in zip(table, curves, strict=True):
        row[: len(points)] = points
    dims = ("axon", "k_o")
    units = {"rest": "mV", "threshold": "nA", "tau_sd": "ms"}
    return xr.Dataset(
        {n: (dims, [e[n] for e in each], {"units": u}) for n, u in units.items()}
        | {
            "r_sp": (("rated", "k_o"), rates, {"units": "1/min"}),
            "curve_k_o": (("axon", "point"), table[..., 0], {"units": "mM"}),
            "curve_v": (("axon", "point"), table[..., 1], {"units": "mV"}),
            "curve_stable": (("axon", "point"), table[..., 2], {"units": "1"}),
            "ends": (("axon", "end"), list(ends), {"units": "mM"}),
            "states": ("state", resting_states(MOTOR_AXON), {"units": "mV"}),
        },
        coords={
            "axon": list(AXONS),
            "rated": list(RATED),
            "k_o": ("k_o", potassium, {"units": "mM"}),
            "end": ["lost going down", "others end", "lost going up"],
        },
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw rest, threshold, tau_SD and events against potassium."""
    figure, axes = plot.panels(2, 2, height=2.7, width=8.0, sharex=True)
    rest, threshold, tau, rate = axes.ravel()
    x = data["k_o"].values
    for (colour, dash), name in zip(plot.PAIRS, AXONS, strict=False):
        here, look = data.sel(axon=name), {"color": colour, "linestyle": dash}
        for on, width in ((1.0, 1.5), (0.0, 0.6)):
            v = here["curve_v"].where(here["curve_stable"] == on)
            rest.plot(here["curve_k_o"], v, linewidth=width, **look)
        rest.plot(x, here["rest"], "o", color=colour, markerfacecolor="none")
        rest.plot([], [], label=name, **look)
        threshold.plot(x, here["threshold"], **look)
        tau.plot(x, here["tau_sd"], **look)
        if name in RATED:
            rate.plot(x, data["r_sp"].sel(rated=name), **look)
    rest.plot([], [], "ko", markerfacecolor="none", label="after 250 ms in the bath")
    rest.plot([], [], "k-", linewidth=0.6, label="unstable")
    for axis in axes.ravel():
        axis.axvspan(*NORMAL, color="0.9", linewidth=0, zorder=0, label="normal K")
    rate.axvspan(DOMAIN, RANGE[1], fill=False, hatch="//", edgecolor="0.6",
                 linewidth=0, label="outside the rate law")  # fmt: skip
    rest.set_ylabel("rest (mV)")
    threshold.set_ylabel("1 ms threshold (nA)")
    tau.set_ylabel("$\\tau_{SD}$ (ms)")
    rate.set(yscale="log", ylabel="events of a pool (1/min)", ylim=(1e-6, None))
    for axis in axes[-1]:
        axis.set_xlabel("potassium outside (mM)")
    plot.legend_above([rest, rate])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    motor, coupled = (data.sel(axon=name, rated=name) for name in RATED)

    def at(name: str, k: float, here: xr.Dataset = motor) -> str:
        values = here[name]
        if name == "r_sp":
            return plot.number(np.exp(np.log(values).interp(k_o=k)))
        return plot.number(values.interp(k_o=k))

    lost, others, _ = motor["ends"].values
    states = ", ".join(plot.number(v) for v in data["states"].values)
    many = (
        f"in falling K this rest is lost at {lost:.2f} mM, while others, more "
        f"negative, exist up to {others:.2f} mM ({states} mV at {NAMED:g} mM)"
        if np.isfinite(lost)
        else "it keeps this rest at every low K"
    )
    return (
        f"Motor axon at K 2.5, 4 and 6 mM: rest {at('rest', 2.5)}, {at('rest', 4)}, "
        f"{at('rest', 6)} mV; threshold {at('threshold', 2.5)}, {at('threshold', 4)}, "
        f"{at('threshold', 6)} nA; tau_SD {at('tau_sd', 2.5)}, {at('tau_sd', 4)}, "
        f"{at('tau_sd', 6)} ms; {many}.\n"
        f"Low K calms: events of the pool fall from {at('r_sp', 4)} to "
        f"{at('r_sp', 3)} /min at 3 mM ({at('r_sp', 4, coupled)} to "
        f"{at('r_sp', 3, coupled)} with coupling 0.35). The slope of the former is too "
        f"steep for nerve; above {DOMAIN:g} mM the law must not be used.\n"
        f"{no_rest(data)}"
    )


def no_rest(data: xr.Dataset) -> str:
    """Say from which potassium each axon is not at rest, suddenly and slowly."""
    said = []
    for name in AXONS:
        restless = data["k_o"].values[np.isnan(data["rest"].sel(axon=name).values)]
        sudden = f"{restless.min():.2f} mM" if restless.size else "nowhere"
        high = float(data["ends"].sel(axon=name, end="lost going up"))
        slow = f"{high:.2f} mM" if np.isfinite(high) else "nowhere"
        said.append(f"{name} {sudden}, {slow}")
    return (
        f"It fires within {SETTLE:g} ms of a sudden change from, and loses rest in a "
        f"slow one at: {'; '.join(said)}."
    )


def run(quick: bool, out: Path) -> str:
    """Change potassium, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "potassium_range.svg")
    data.to_netcdf(out / "potassium_range.nc", engine="h5netcdf")
    return told(data)
