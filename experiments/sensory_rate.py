"""How often does a fluctuating drive fire a sensory axon, and what law says so?

The law of the motor axon, ``f0 exp(-i_th^2 / (2 sigma^2))``, overstates the sensory one
tenfold and more. A sudden step fires it at a third of the motor axon's current, but it
gets used to a current that rises over milliseconds, and a fluctuation of the same
height then does nothing. With f0 and the drive kept, the law holds if the threshold
current is taken ``SUDDEN`` times; that factor is fitted here, to direct simulation of
the healthy axon at shifts of its gates. Low calcium is a prediction.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.claims.sensory import SUDDEN
from neurosim.models import SENSORY_AXON
from neurosim.spontaneous import SIGMA, firing, rate_law, threshold_current

SHIFTS = {1.25: (1.0, 1.5, 2.0, 2.5, 3.0, 3.5), 0.9: (-0.5, 0.5, 1.5)}
# ionised Ca, mM: shifts in mV with events every half to every thirtieth second (chosen)
HEALTHY = 1.25  # mM
EVENTS, QUICK_EVENTS = 200, 10  # per point, aimed at (chosen)
SECONDS = 20.0  # s simulated per axon (chosen)
RANGE = np.linspace(1.0, 3.0, 2001)  # where the factor is looked for (chosen)
SEED = 5


def collect(quick: bool) -> xr.Dataset:
    """Return what was counted, along ``point``, and the fitted factor."""
    ca_o = np.concatenate([np.full(len(s), ca) for ca, s in SHIFTS.items()])
    shift = np.concatenate([np.array(s) for s in SHIFTS.values()])
    i_th = threshold_current(SENSORY_AXON.along("point", shift=shift, ca_o=ca_o))
    wanted = QUICK_EVENTS if quick else EVENTS
    runs = np.ceil(wanted / rate_law(SUDDEN * i_th) / SECONDS).astype(int)
    which = np.repeat(np.arange(shift.size), runs)
    found = firing(
        SENSORY_AXON.along("run", shift=shift[which], ca_o=ca_o[which]),
        seconds=SECONDS, sigma=SIGMA, seed=SEED,
    )  # fmt: skip
    events, seconds = np.bincount(which, found.events), runs * SECONDS
    factor, error = fit(i_th, events, seconds, ca_o == HEALTHY)
    per_second = {"units": "1/s"}
    return xr.Dataset(
        {
            "i_th": ("point", i_th, {"units": "nA"}),
            "events": ("point", events),
            "rate": ("point", events / seconds, per_second),
            "law": ("point", rate_law(factor * i_th), per_second),
            "motor_law": ("point", rate_law(i_th), per_second),
        },
        coords={
            "shift": ("point", shift, {"units": "mV"}),
            "ca_o": ("point", ca_o, {"units": "mM"}),
        },
        attrs={"factor": factor, "factor_error": error, "factor_used": SUDDEN},
    )


def fit(i_th, events, seconds, part) -> tuple[float, float]:
    """Return the factor of largest likelihood for Poisson events, and its error.

    i_th : nA; seconds : simulated; part : which points count, each (points,).
    """
    rates = rate_law(RANGE[:, None] * i_th[part])
    likely = (events[part] * np.log(rates) - seconds[part] * rates).sum(axis=1)
    best = likely >= likely.max() - 0.5  # one standard error to either side
    inside = RANGE[best]
    return float(RANGE[likely.argmax()]), float(0.5 * (inside[-1] - inside[0]))


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw rates against threshold current over drive, with both laws."""
    figure, axes = plot.panels(1, height=3.4)
    axis = axes[0, 0]
    u = np.linspace(0.8, 2.2, 100)
    factor = data.attrs["factor"]
    axis.plot(u, rate_law(SIGMA * u), color="0.5", linestyle=":", label="motor law")
    axis.plot(
        u, rate_law(factor * SIGMA * u), color="0.2", linestyle="-",
        label=f"threshold times {factor:.2f}",
    )  # fmt: skip
    for k, ca in enumerate(SHIFTS):
        here = data.isel(point=np.flatnonzero(data["ca_o"] == ca))
        error = here["rate"] / np.sqrt(here["events"])
        axis.errorbar(
            here["i_th"] / SIGMA, here["rate"], error, color=plot.COLOURS[k],
            marker="os"[k], linestyle="none", label=f"simulated, Ca {ca:g} mM",
        )  # fmt: skip
    axis.set(yscale="log", ylabel="events (1/s)")
    axis.set_xlabel("threshold current over SD of the drive, $I_{th}/\\sigma$")
    plot.legend_above([axis])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    a, healthy = data.attrs, (data["ca_o"] == HEALTHY).values
    off = (data["rate"] / data["law"] - 1.0).values
    over = (data["motor_law"] / data["rate"]).values
    return (
        f"A fluctuation has to reach {a['factor']:.2f} ± {a['factor_error']:.2f} times "
        f"the threshold of a sudden step (in use: {SUDDEN:g}), from "
        f"{int(data['events'].values[healthy].sum())} events of the healthy axon; the "
        f"law is off by {off[healthy].min():+.0%} to {off[healthy].max():+.0%} there, "
        f"at low calcium by {off[~healthy].min():+.0%} to {off[~healthy].max():+.0%}. "
        f"The law of the motor axon would be {over.min():.2g} to {over.max():.2g} "
        "times too high."
    )


def run(quick: bool, out: Path) -> str:
    """Count events, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "sensory_rate.svg")
    data.to_netcdf(out / "sensory_rate.nc", engine="h5netcdf")
    return told(data)
