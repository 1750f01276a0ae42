"""What does a failing kidney do to blood, and to the axon's rest and threshold?

Adults in balance at a filtration of 120 down to 8 mL/min; below 30 the acidosis of
kidney failure comes in. The motor axon is simulated in their blood, then with
only one of potassium, magnesium, calcium and pH away from normal. Patients before
dialysis have a potassium of 5.5 to 6.5 mM, more than this body makes of a lost kidney
alone: the axon at 6 mM is shown too.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import plot
from neurosim.body import run as follow
from neurosim.body.inputs import ML_MIN
from neurosim.clinical import RANGES
from neurosim.measure import excitability
from neurosim.models import MOTOR_AXON
from neurosim.spontaneous import COARSE

RANGE = (120.0, 8.0)  # mL/min
# mL/min: Mg, K and Ca mM of the reference's own model (systemic.md 3)
STAGES = {60.0: (0.93, 4.3, 2.34), 30.0: (1.03, 4.5, 2.27), 15.0: (1.15, 4.6, 2.19),
          8.0: (1.33, 4.7, 2.11)}  # fmt: skip
ACIDOSIS = -4.94  # mM of bicarbonate at 15 mL/min and below: pH 7.3 (systemic.md 3)
ACID_FROM, ACID_FULL = 30.0, 15.0  # mL/min, a straight line between (assumed)
PATIENTS = (5.5, 6.5)  # mM of K before dialysis (systemic.md 3)
LEVELS = {"k": "K (mM)", "mg_total": "Mg total (mM)", "ca_total": "Ca total (mM)",
          "ph": "pH"}  # fmt: skip
BATH = ("k_o", "mg_o", "ca_o", "ph_o", "na_o")
ARMS = {
    "all": BATH, "K only": ("k_o",), "Mg only": ("mg_o",), "Ca only": ("ca_o",),
    "pH only": ("ph_o",),
}  # fmt: skip
THERMAL = 26.73  # mV, RT/F at 37 degC
SHORT = 0.1  # d: everybody begins in balance


def blood_of(gfr: np.ndarray) -> xr.Dataset:
    """Return the blood of persons in balance, along ``person``."""
    acid = ACIDOSIS * np.clip((ACID_FROM - gfr) / (ACID_FROM - ACID_FULL), 0.0, 1.0)
    person = {"gfr": gfr * ML_MIN, "hco3_shift": acid}
    return follow(None, person=person, days=SHORT).isel(time=0, drop=True)


def axons(blood: xr.Dataset) -> dict[str, np.ndarray]:
    """Return rest mV and threshold nA of axons in all arms, (arm, person)."""
    size = blood.sizes["person"]
    usual = {n: MOTOR_AXON.parameters[n].value for n in (*BATH, "e_k_rest")}
    coupling = MOTOR_AXON.parameters["k_coupling"].value
    inside = coupling * THERMAL * np.log(140.0 / blood["k_i"].values)
    values = {
        n: np.concatenate([
            blood[n].values if n in moved else np.full(size, usual[n])
            for moved in ARMS.values()
        ])
        for n in BATH
    }  # fmt: skip
    values["e_k_rest"] = usual["e_k_rest"] + np.concatenate(
        [inside if "k_o" in moved else 0.0 * inside for moved in ARMS.values()]
    )
    found = excitability(MOTOR_AXON.along("run", **values), dt=COARSE * MOTOR_AXON.dt)
    return {n: v.reshape(len(ARMS), size) for n, v in found.items()}


def collect(quick: bool) -> xr.Dataset:
    """Return levels, rest and threshold over filtration."""
    gfr = np.unique([*np.geomspace(*RANGE, 6 if quick else 24), *STAGES])[::-1].copy()
    blood = blood_of(gfr)
    found = axons(blood)
    step = COARSE * MOTOR_AXON.dt
    healthy = excitability(MOTOR_AXON, dt=step)
    k_o = np.array([RANGES["k"].normal[0], 4.0, *PATIENTS, np.mean(PATIENTS)])
    patients = excitability(MOTOR_AXON.along("run", k_o=k_o), dt=step)
    worst = {n: blood[n].values[-1:] for n in BATH if n != "k_o"}
    there = excitability(
        MOTOR_AXON.along("run", k_o=np.array([np.mean(PATIENTS)]), **worst), dt=step
    )
    data = {n: ("gfr", blood[n].values, blood[n].attrs) for n in LEVELS}
    data["rest"] = (("arm", "gfr"), found["rest"], {"units": "mV"})
    ratio = found["threshold"] / healthy["threshold"][0]
    data["threshold"] = (("arm", "gfr"), ratio, {"units": "1"})
    data["k_rest"] = ("k_o", patients["rest"], {"units": "mV"})
    data["k_threshold"] = (
        "k_o", patients["threshold"] / healthy["threshold"][0], {"units": "1"},
    )  # fmt: skip
    attrs = {
        "healthy_rest": float(healthy["rest"][0]),
        "patient_rest": float(there["rest"][0]),
        "patient_threshold": float(there["threshold"][0] / healthy["threshold"][0]),
    }
    coords = {
        "gfr": ("gfr", gfr, {"units": "mL/min"}), "arm": list(ARMS),
        "k_o": ("k_o", k_o, {"units": "mM"}),
    }  # fmt: skip
    return xr.Dataset(data, coords, attrs)


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw levels, rest and threshold against filtration."""
    figure, axes = plot.panels(3, 2, height=2.3, width=8.5, sharex=True)
    panels = axes.ravel()
    for axis, (name, title) in zip(panels, LEVELS.items(), strict=False):
        axis.axhspan(*RANGES[name].normal, color="0.9", label="reference range")
        axis.plot(data["gfr"], data[name], color="k", linestyle="-")
        axis.set_ylabel(title)
    panels[0].axhspan(*PATIENTS, facecolor="none", edgecolor="0.5", hatch="///",
                      linewidth=0.0, label="patients before dialysis")  # fmt: skip
    for axis, values in zip(
        (panels[1], panels[0], panels[2]),
        np.array(list(STAGES.values())).T,
        strict=True,
    ):
        axis.plot(list(STAGES), values, "D", color=plot.COLOURS[1],
                  label="reference's own model")  # fmt: skip
    for axis, name in zip(panels[4:], ("rest", "threshold"), strict=True):
        for k, arm in enumerate(ARMS):
            colour, dash = plot.PAIRS[(4, 0, 1, 2, 3)[k]]
            axis.plot(data["gfr"], data[name].sel(arm=arm), color=colour,
                      linestyle=dash, label=f"axon: {arm}")  # fmt: skip
        axis.plot(RANGE[1], data.attrs[f"patient_{name}"], "s", color="k",
                  markerfacecolor="none", label="axon: all, K 6 mM")  # fmt: skip
        axis.set_xlabel("glomerular filtration (mL/min)")
    panels[4].set(ylabel="rest (mV)", xscale="log", xlim=(RANGE[0], 0.92 * RANGE[1]))
    panels[4].set_xticks([120, 60, 30, 15, 8], ["120", "60", "30", "15", "8"])
    panels[4].minorticks_off()
    panels[5].set_ylabel("1 ms threshold (of healthy)")
    plot.legend_above(axes)
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    stages = "; ".join(
        f"{stage:g} mL/min: K {float(here['k']):.2f}, Mg "
        f"{float(here['mg_total']):.2f}, Ca {float(here['ca_total']):.2f} mM, pH "
        f"{float(here['ph']):.2f}"
        for stage in STAGES
        for here in [data.sel(gfr=stage)]
    )
    worst = data.sel(gfr=RANGE[1])
    arms = "; ".join(
        f"{arm}: rest {float(worst['rest'].sel(arm=arm)):.1f} mV, threshold x "
        f"{float(worst['threshold'].sel(arm=arm)):.2f}"
        for arm in ARMS
    )
    per_mm = (
        (data["k_rest"].sel(k_o=PATIENTS[1]) - data["k_rest"].sel(k_o=PATIENTS[0]))
        / (PATIENTS[1] - PATIENTS[0])
    )  # fmt: skip
    low = float(worst["k"]) - PATIENTS[0]
    slope = (
        f"{float(per_mm):.1f} mV per mM"
        if np.isfinite(per_mm)
        else "until it cannot rest any more"
    )
    here, patients = data.attrs, f"{PATIENTS[0]:g} to {PATIENTS[1]:g}"
    return (
        f"{stages}.\n"
        f"K at {RANGE[1]:g} mL/min is {abs(low):.1f} mM "
        f"{'below' if low < 0 else 'above'} the least of patients before "
        f"dialysis ({patients}); below 30 mL/min calcium and potassium are schematic.\n"
        f"Axon at {RANGE[1]:g} mL/min, from {here['healthy_rest']:.1f} mV: {arms}.\n"
        f"At a patient's K of 6 mM in that blood: rest {here['patient_rest']:.1f} mV, "
        f"threshold x {here['patient_threshold']:.2f}. Rest rises with K ({slope} from "
        f"{patients} mM), as in uraemia; the slope of this axon is too steep."
    )


def run(quick: bool, out: Path) -> str:
    """Lower filtration, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "kidney.svg")
    data.to_netcdf(out / "kidney.nc", engine="h5netcdf")
    return told(data)
