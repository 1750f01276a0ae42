"""Does overbreathing excite nerve through calcium, through pH, or through both?

PCO2 is lowered from 40 to 15 mmHg for five minutes, as people did, and the motor axon
is simulated with only the ionised calcium of that blood, with only its pH, and with all
of it. Measured ionised calcium hardly moved in two studies of such short overbreathing,
and fell by 0.05 mM per 0.1 pH in another: the first would leave pH alone.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.report import axon_response
from neurosim.clinical import RANGES

RANGE = (40.0, 15.0)  # mmHg: normal to forced breathing (systemic.md 2.2)
MINUTES = 5.0  # of overbreathing (Steurer 1997)
DAY = 1440.0  # min
ARMS: dict[str, tuple[str, ...]] = {  # which pathways are held healthy
    "calcium only": ("ph", "ph_mg"),
    "pH only": ("ph_ca", "ph_mg"),
    "both": ("ph_mg",),
    "both and magnesium": (),
}
STEEP = 0.24  # decades of ionised Ca per pH in vitro; the body has 0.17
TINGLING = 20.0  # mmHg: alveolar PCO2 had fallen by 20 (Macefield & Burke 1991)
# Steurer 1997: five minutes, end-tidal PCO2 below 2.5 kPa; iCa not changed
STEURER_PCO2, STEURER_PH = 18.75, 7.75
THREE_MINUTES_CA = 1.26  # mM at the end (PubMed 7701171); finger paraesthesia in all
SLOPE, SLOPE_2SD = -0.5, 0.2  # mM ionised Ca per pH, overbreathing people


def breathed(pco2: np.ndarray, reset: tuple[str, ...], **person: float) -> xr.Dataset:
    """Return the blood of many persons after five minutes, along ``time``."""
    found = follow(
        [(0.0, {"pco2": pco2})], person=person, days=MINUTES / DAY, reset=reset,
        every=MINUTES / DAY / 10.0,
    )  # fmt: skip
    return found.isel(time=-1, drop=True).rename(person="time")


def collect(quick: bool) -> xr.Dataset:
    """Return blood, threshold and events over arm and PCO2."""
    pco2 = np.linspace(*RANGE, 6 if quick else 26)
    blood = [breathed(pco2, reset) for reset in ARMS.values()]
    steep = breathed(pco2, (), slope_respiratory=STEEP)
    axon = [axon_response(one, range(pco2.size)) for one in blood]
    dims = ("arm", "pco2")
    data = {
        n: (dims, [one[n].values for one in blood], {"units": u})
        for n, u in (("ca_o", "mM"), ("mg_o", "mM"), ("ph_o", "1"))
    }
    data |= {
        n: (dims, [getattr(one, n) for one in axon], {"units": u})
        for n, u in (("threshold", "1"), ("r_sp", "1/min"), ("high", "1/min"))
    }
    data["steep_ca"] = ("pco2", steep["ca_o"].values, {"units": "mM"})
    return xr.Dataset(
        data, {"arm": list(ARMS), "pco2": ("pco2", pco2, {"units": "mmHg"})}
    )


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw pH and ionised calcium with what was measured, threshold and events."""
    figure, axes = plot.panels(2, 2, height=2.8, width=8.5, sharex=True)
    ph, calcium, threshold, events = axes.ravel()
    x, both = data["pco2"], data.sel(arm="both")
    for axis, name in ((ph, "ph"), (calcium, "ca_ionised")):
        axis.axhspan(*RANGES[name].normal, color="0.9", label="reference range")
    ph.plot(x, both["ph_o"], color="k", linestyle="-", label="model, blood")
    ph.plot(STEURER_PCO2, STEURER_PH, "D", color=plot.COLOURS[1],
            label="Steurer 1997")  # fmt: skip
    fall = both["ph_o"].values - float(both["ph_o"][0])
    calcium.fill_between(
        x, 1.25 + (SLOPE - SLOPE_2SD) * fall, 1.25 + (SLOPE + SLOPE_2SD) * fall,
        facecolor="none", edgecolor="0.5", hatch="///", linewidth=0.0,
        label="−0.05 ± 0.02 mM per 0.1 pH, people",
    )  # fmt: skip
    calcium.plot(x, both["ca_o"], color="k", linestyle="-")
    calcium.plot(x, data["steep_ca"], color="k", linestyle=":",
                 label=f"model, slope {STEEP:g} as in vitro")  # fmt: skip
    calcium.plot(STEURER_PCO2, 1.25, "D", color=plot.COLOURS[1])
    calcium.plot(STEURER_PCO2, THREE_MINUTES_CA, "s", color=plot.COLOURS[3],
                 label="three minutes, CO$_2$ unknown, PubMed 7701171")  # fmt: skip
    for axis, name in ((threshold, "threshold"), (events, "r_sp")):
        for arm in ARMS:
            axis.plot(x, data[name].sel(arm=arm), label=arm)
        axis.set_xlabel("arterial CO$_2$ (mmHg)")
    for axis in axes.ravel():
        axis.axvline(RANGE[0] - TINGLING, color="0.4", linestyle="--", linewidth=0.8,
                     label="tingling, Macefield & Burke 1991")  # fmt: skip
    ph.set(ylabel="pH", xlim=RANGE)
    calcium.set_ylabel("ionised Ca (mM)")
    threshold.set_ylabel("40 ms threshold (of healthy)")
    events.set(yscale="log", ylabel="events of a pool (1/min)")
    plot.legend_above(axes)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    here = data.interp(pco2=RANGE[0] - TINGLING)
    forced = data.sel(arm="both").interp(pco2=STEURER_PCO2)
    said = "; ".join(
        f"{arm}: threshold x {float(here['threshold'].sel(arm=arm)):.2f}, "
        f"{plot.number(here['r_sp'].sel(arm=arm))}"
        for arm in ARMS
    )
    healthy = plot.number(data["r_sp"].sel(arm="both").isel(pco2=0))
    fall = 1.0 - here["threshold"]
    share = float(fall.sel(arm="pH only") / fall.sel(arm="both"))
    rises = (data["threshold"].sel(arm="pH only").diff("pco2") < 0).all()
    agrees = "agrees with" if rises else "contradicts"
    ph, calcium = float(forced["ph_o"]), float(forced["ca_o"])
    slope = (float(here["ca_o"].sel(arm="both")) - 1.25) / (
        float(here["ph_o"].sel(arm="both")) - 7.40
    )
    return (
        f"At PCO2 {RANGE[0] - TINGLING:g} mmHg, where people tingle, from {healthy} "
        f"events/min: {said} events/min. pH alone gives {share:.0%} of the fall of "
        "threshold.\n"
        f"Excitability {'rises' if rises else 'does not rise'} steadily with falling "
        f"PCO2 even without a change of calcium: that {agrees} Macefield & Burke 1991, "
        "and with calcium that hardly moved in two studies.\n"
        f"Against Steurer 1997 ({STEURER_PCO2:g} mmHg): pH {ph:.2f}, measured "
        f"{STEURER_PH:g} ({ph - STEURER_PH:+.2f}); ionised Ca {calcium:.2f} mM, "
        f"measured unchanged ({calcium - 1.25:+.2f}). The slope is {slope / 10:+.3f} "
        "mM per 0.1 pH (people: -0.05 ± 0.02).\n"
        "That threshold is of a motor trunk: it becomes restless, it is not in tetany; "
        "the spasm in 7 of 9 needs a more vulnerable site."
    )


def run(quick: bool, out: Path) -> str:
    """Overbreathe, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "hyperventilation.svg")
    data.to_netcdf(out / "hyperventilation.nc", engine="h5netcdf")
    return told(data)
