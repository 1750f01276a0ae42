"""At which ionised calcium does a nerve fire by itself, and does magnesium matter?

Calcium around two axons is lowered step by step, at normal and at low magnesium. The
motor axon stands for the healthy trunk, the axon with a passive internode (McIntyre,
Richardson & Grill 2002) for a vulnerable site: a terminal, a demyelinated stretch. Each
bath is applied suddenly to an axon at rest in the healthy one; besides, the resting
state itself is followed until it is lost, which is not the same: a sudden change can
start a train that a slow one would not. Potassium gates feel a share ``kappa`` of the
shift of sodium gates, and nobody has measured it in human nerve, so two are reported.
Where firing stops again at still lower calcium, the axon is blocked, not healthy.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot, simulate
from neurosim.continuation import loss_of_rest
from neurosim.measure import last_spike, rest, rheobase, spike_rate, threshold
from neurosim.models import MOTOR_AXON, MRG_AXON

AXONS = {"motor axon": MOTOR_AXON, "MRG axon": MRG_AXON}
LOW, HIGH = 0.4, 1.4  # mM ionised Ca: extreme shortage to above normal (chosen)
NORMAL = (1.15, 1.30)  # mM ionised Ca, usual reference interval of adults
REFERENCE = 1.25  # mM ionised Ca of the healthy bath (design section 4)
MAGNESIUM = (0.55, 0.20)  # mM ionised Mg: healthy bath, severe shortage (chosen)
KAPPA = (0.5, 1.0)  # the models' default, and all gates alike as in Huxley 1959
DURATION = 1000.0  # ms: ten times the longest pause between bursts seen (chosen)
QUICK_DURATION = 500.0  # ms (chosen)
STILL = 0.7  # of the run: a spike after this counts as firing that goes on (chosen)
STEPS = np.linspace(0.0, 1.0, 16)  # levels tried at once; three rounds: 0.3 uM


def titrate(axon: Any, points: int, duration: float) -> xr.Dataset:
    """Return every measure over kappa, magnesium and calcium."""
    baths = axon.at(kappa=KAPPA, mg_o=MAGNESIUM, ca_o=np.linspace(LOW, HIGH, points))
    measures = [rest, threshold, rheobase, spike_rate, last_spike]
    found = simulate(baths, duration=duration, measure=measures)
    ratio = found["threshold"] / threshold(axon.at(kappa=KAPPA))
    ratio.attrs = {"units": "1", "long_name": "1 ms threshold over its normal value"}
    lost = [
        [loss_of_rest(axon.at(kappa=k, mg_o=m), "ca_o", REFERENCE, LOW, points=60)
         for m in MAGNESIUM]
        for k in KAPPA
    ]  # fmt: skip
    dims, unit = ("kappa", "mg_o"), {"units": "mM"}
    return found.assign(
        threshold_ratio=ratio,
        rest_lost=(dims, lost, unit),
        fires_at=(dims, firing_limit(axon, duration), unit),
    )


def firing_limit(axon: Any, duration: float) -> np.ndarray:
    """Return the highest Ca [mM] that keeps an axon firing, shape (kappa, magnesium).

    NaN where none does. Each round looks closer at the step where firing begins.
    """
    kappa, mg = np.meshgrid(KAPPA, MAGNESIUM, indexing="ij")
    low, high = np.full_like(mg, LOW), np.full_like(mg, HIGH)
    for _ in range(3):
        ca = low + (high - low) * STEPS[:, None, None]
        every = {"kappa": kappa, "mg_o": mg, "ca_o": ca}
        each = {n: np.broadcast_to(v, ca.shape).ravel() for n, v in every.items()}
        run = simulate(
            axon.along("bath", **each), duration=duration, measure=last_spike
        )
        firing = run["last_spike"].values.reshape(ca.shape) > STILL * duration
        able = firing.any(0)
        top = STEPS.size - 1 - firing[::-1].argmax(0)  # the highest that fires
        above = np.minimum(top + 1, STEPS.size - 1)
        low = np.where(able, np.take_along_axis(ca, top[None], 0)[0], low)
        high = np.where(able, np.take_along_axis(ca, above[None], 0)[0], high)
        if not able.any():
            break
    return np.where(able, low, np.nan)


@plot.style()
def draw(found: xr.Dataset) -> Any:
    """Draw threshold, rest and firing against calcium, with the default kappa."""
    shown = {
        "threshold_ratio": "1 ms threshold\n(of normal)",
        "rest": "stable rest\n(mV)",
        "spike_rate": "spontaneous\nspikes (1/s)",
    }
    figure, axes = plot.panels(len(shown), height=1.9, sharex=True)
    for axis, (name, ylabel) in zip(axes[:, 0], shown.items(), strict=True):
        axis.axvspan(*NORMAL, color="0.9", label="normal calcium")
        for colour, axon in zip(plot.COLOURS, AXONS, strict=False):
            for dash, mg in zip(plot.DASHES, MAGNESIUM, strict=False):
                line = found[name].sel(axon=axon, mg_o=mg, kappa=KAPPA[0])
                axis.plot(
                    line["ca_o"], line, color=colour, linestyle=dash,
                    label=f"{axon}, Mg {mg:g} mM",
                )  # fmt: skip
        axis.set_ylabel(ylabel)
    axes[-1, 0].set_xlabel("ionised calcium outside (mM)")
    plot.legend_above(axes[0, 0])
    return figure


def told(found: xr.Dataset) -> str:
    """Return the answer in words."""
    said = []
    for kappa in KAPPA:
        for mg in MAGNESIUM:
            here = found.sel(axon="MRG axon", kappa=kappa, mg_o=mg)
            said.append(
                f"MRG axon, kappa {kappa:g}, Mg {mg:.2f} mM: fires from Ca "
                f"{here['fires_at']:.3f} mM down, rest is lost at "
                f"{here['rest_lost']:.3f} mM."
            )
    motor = found.sel(axon="motor axon")
    silent = bool(motor["fires_at"].isnull().all() & motor["rest_lost"].isnull().all())
    ratios = (
        motor["threshold_ratio"].sel(kappa=KAPPA[0]).sel(ca_o=0.6, method="nearest")
    )
    fate = f"silent down to Ca {LOW:g} mM with either kappa" if silent else "fires too"
    said.append(
        f"Motor axon: {fate}; at Ca 0.6 mM and kappa {KAPPA[0]:g} its threshold is "
        f"{' and '.join(f'{r:.2f}' for r in ratios.values)} of normal at Mg "
        f"{' and '.join(f'{m:.2f}' for m in MAGNESIUM)} mM."
    )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Titrate both axons, write figure and data into ``out``, return the answer."""
    points, duration = (21, QUICK_DURATION) if quick else (101, DURATION)
    each = [titrate(axon, points, duration) for axon in AXONS.values()]
    found = xr.concat(each, xr.Variable("axon", list(AXONS)), combine_attrs="drop")
    plot.save(draw(found), out / "calcium_titration.svg")
    found.to_netcdf(out / "calcium_titration.nc", engine="h5netcdf")
    return told(found)
