"""What does potassium from 1 to 14 mM do to a muscle fibre: rest, spike and force?

A superfused fibre a minute after its bath was changed, begun polarised (from the rest
of the healthy bath), and a minute after it had been held depolarised by a large leak
for as long, with and without a leak of its own. Where the two differ the fibre has two
resting states, at least for minutes: chloride that entered holds it. In the second it
is inexcitable, the paradoxical depolarisation of hypokalaemic paralysis (muscle.md
2.5). The spike follows a pulse of 0.5 ms; twitch and 50 Hz follow the nerve, since a
pulse strong enough for all would release calcium by itself. Twitches of mice grow at
7-11 mM before they fail (Yensen 2002); rat soleus tetani of Pedersen 2003, stimulated
directly, stand beside those of the slow fibre at the same temperature after five
minutes in the bath, by when chloride has given way.
"""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import Change, Pace, plot
from neurosim.innervate import innervate, trains_at
from neurosim.measure import stimulate_each
from neurosim.model import Model
from neurosim.models import MUSCLE_FIBRE, SLOW_FIBRE
from neurosim.models.fibre_membrane import FIBRE_MEMBRANE

POTASSIUM = (*np.arange(1.0, 5.0, 0.5), *np.arange(5.0, 15.0))  # mM (muscle.md 2.5-2.6)
LEAKS = (0.0, 0.005, 0.01)  # mS/cm2: health to periodic paralysis (muscle.md 2.5)
SETTLE = 60e3  # ms in the bath (chosen)
SOAKED = 5.0  # times as long for the soleus (chosen; theirs lay in the bath for long)
SUPERFUSED = 1e3  # ms until the interstitium has the new bath (chosen)
PULSE, WIDTH = 500.0, 0.5  # uA/cm2 and ms: 1.7 times the healthy threshold (chosen)
HELD = 0.1  # mS/cm2 of leak that depolarises (chosen)
LONG_STEP, STEP = 0.1, 0.04  # ms: at rest, and with a spike (chosen)
APART = 5.0  # mV between two resting states (chosen)
TRAIN, RATE = 700.0, 50.0  # ms from the twitch to a second of tetanus; Hz
# temperature degC, K mM, tetanus of rat soleus over that at K 4 (Pedersen 2003)
PEDERSEN = (
    (20.0, 9.0, 0.33),
    (30.0, 9.0, 0.89),
    (30.0, 11.0, 0.16),
    (35.0, 11.0, 0.35),
)


def bath(model: Model, k_o: np.ndarray, **others: Any) -> Model:
    """Return a superfused fibre at each potassium, along ``run``."""
    superfused = np.full(k_o.size, SUPERFUSED)
    return model.along("run", k_o=k_o, tau_blood=superfused, **others)


def pull(fibre: Model, settle: float, release: Any = ()) -> tuple[Any, ...]:
    """Return rest, twitch and tetanus above rest after ``settle`` ms, each (run)."""
    begin = settle + TRAIN
    sent = np.append(settle, trains_at(RATE, start=begin)[0])
    run = innervate(
        fibre, sent, duration=begin + 1100.0, record=("v", "force"), record_every=5.0,
        protocol=[*release, Pace(LONG_STEP, 20.0, settle)], dt=STEP,
    )  # fmt: skip
    before = run.sel(time=settle - 5.0, method="nearest")
    force = run["force"] - before["force"]
    twitch = force.sel(time=slice(settle, begin)).max("time")
    tetanus = force.sel(time=slice(begin, None)).max("time")
    return before["v"].values, twitch.values, tetanus.values


def branches(k_o: np.ndarray, leak: float, settle: float) -> xr.Dataset:
    """Return what both branches show over potassium at one leak."""
    fibre = bath(MUSCLE_FIBRE, k_o).at(leak=leak)
    low = pull(fibre, settle)
    release = [Change(settle, {"leak": leak})]
    high = pull(fibre.at(leak=HELD), 2.0 * settle, release)
    membrane = bath(FIBRE_MEMBRANE, k_o).at(leak=leak)
    spike = stimulate_each(
        membrane, np.full(k_o.size, PULSE), width=WIDTH, settle=settle, trace=True,
        dt=STEP,
    )  # fmt: skip
    found = {
        "polarised": low[0], "depolarised": high[0], "peak": spike["v"].max("time"),
        "twitch": low[1], "tetanus": low[2], "twitch_high": high[1],
        "tetanus_high": high[2],
    }  # fmt: skip
    return xr.Dataset({name: ("k_o", np.asarray(v)) for name, v in found.items()})


def soleus(settle: float) -> np.ndarray:
    """Return the slow fibre's tetani over those at K 4, at the points of Pedersen."""
    warm, k_o, _ = np.array(PEDERSEN).T
    warmth, potassium = np.tile(warm, 2), np.append(k_o, np.full(k_o.size, 4.0))
    fibre = bath(SLOW_FIBRE, potassium, temperature_m=warmth)
    tetanus = pull(fibre, settle)[2].reshape(2, -1)
    return tetanus[0] / tetanus[1]


def collect(quick: bool) -> xr.Dataset:
    """Return rest, spike and force over leak and potassium."""
    potassium = np.array([1.0, 2.0, 3.0, 4.0, 7.0, 9.0, 11.0, 13.0])
    settle = 0.1 * SETTLE
    if not quick:
        potassium, settle = np.array(POTASSIUM), SETTLE
    leaks = LEAKS[::2] if quick else LEAKS
    data = xr.concat([branches(potassium, leak, settle) for leak in leaks], "leak")
    return data.assign(
        pedersen=("point", [p[2] for p in PEDERSEN]),
        soleus=("point", soleus(SOAKED * settle)),
    ).assign_coords(
        k_o=("k_o", potassium, {"units": "mM"}),
        leak=("leak", list(leaks), {"units": "mS/cm2"}),
        temperature=("point", [p[0] for p in PEDERSEN], {"units": "degC"}),
        k_point=("point", [p[1] for p in PEDERSEN], {"units": "mM"}),
    )  # fmt: skip


@plot.style()
def draw(data: xr.Dataset) -> Any:
    """Draw both branches of rest, the height of the spike, and force."""
    figure, axes = plot.panels(2, 2, height=2.8, width=8.0)
    rest, spike, twitch, tetanus = axes.ravel()
    healthy = data.sel(leak=0.0, k_o=4.0)
    for (colour, dash), leak in zip(plot.PAIRS, data["leak"].values, strict=False):
        here, look = data.sel(leak=leak), {"color": colour, "linestyle": dash}
        open_ring = {"color": colour, "markerfacecolor": "none"}
        rest.plot(data["k_o"], here["polarised"], label=f"leak {leak:g} mS/cm²", **look)
        rest.plot(data["k_o"], here["depolarised"], "o", **open_ring)
        spike.plot(data["k_o"], here["peak"], **look)
        for axis, name in ((twitch, "twitch"), (tetanus, "tetanus")):
            whole = float(healthy[name]) / 100.0
            axis.plot(data["k_o"], here[name] / whole, **look)
            axis.plot(data["k_o"], here[f"{name}_high"] / whole, "o", **open_ring)
    rest.plot(
        [], [], "ko", markerfacecolor="none", label="after being held depolarised"
    )
    twitch.axvspan(7.0, 11.0, color="0.9", zorder=0, label="grows in mice")
    twitch.legend()
    for marker, where in (("k^", "pedersen"), ("kx", "soleus")):
        name = "rat soleus, 20-35 °C" if where == "pedersen" else "slow fibre there"
        tetanus.plot(data["k_point"], 100.0 * data[where], marker, label=name)
    tetanus.legend()
    rest.set_ylabel("rest (mV)")
    spike.set_ylabel("peak after a pulse (mV)")
    twitch.set_ylabel("twitch (% of healthy)")
    tetanus.set_ylabel(f"{RATE:g} Hz (% of healthy)")
    for axis in axes.ravel():
        axis.set_xlabel("potassium outside (mM)")
    plot.legend_above([rest])
    return figure


def told(data: xr.Dataset) -> str:
    """Return the answer in words."""
    k = data["k_o"].values
    said = []
    for leak in data["leak"].values[[0, -1]]:
        here = data.sel(leak=leak)
        gap = here["depolarised"].values - here["polarised"].values
        two = k[gap > APART]
        lost = k[(k < 4.0) & (here["polarised"].values > -75.0)]
        rests = at(here["polarised"], (1.0, 2.0, 4.0, 11.0))
        said.append(
            f"leak {leak:g} mS/cm²: rest at K 1, 2, 4 and 11 mM {rests} mV; two "
            f"resting states at {spread(two)}; the polarised one lost at low K at "
            f"{spread(lost)}."
        )
    healthy = data.sel(leak=0.0)
    shown = tuple(x for x in (1.0, 2.0, 3.0, 7.0, 9.0, 11.0, 13.0) if x in k)
    of_4 = {
        n: 100.0 * healthy[n] / healthy[n].sel(k_o=4.0) for n in ("twitch", "tetanus")
    }
    ill = data.isel(leak=-1)["tetanus"].sel(k_o=1.0) / healthy["tetanus"].sel(k_o=4.0)
    grown = k[(k > 4.0) & (of_4["twitch"].values > 100.0)]
    points = "; ".join(
        f"K {p[1]:g} at {p[0]:g} °C {p[2]:.0%} and {ours:.0%}"
        for p, ours in zip(PEDERSEN, data["soleus"].values, strict=True)
    )
    return "\n".join([
        *said,
        f"Peak at K 4, 9, 11 and 13 mM: {at(healthy['peak'], (4.0, 9.0, 11.0, 13.0))} "
        f"mV. At K {', '.join(f'{x:g}' for x in shown)} mM, % of K 4: twitch "
        f"{at(of_4['twitch'], shown)}; {RATE:g} Hz {at(of_4['tetanus'], shown)}; K 1 "
        f"with the largest leak {float(ill):.0%}. The twitch is larger than at K 4 at "
        f"{spread(grown)} (mouse 7 to 11-13 mM).",
        f"Soleus tetani of Pedersen 2003 and of the slow fibre: {points}.",
    ])  # fmt: skip


def at(values: xr.DataArray, places: tuple[float, ...]) -> str:
    """Return values at some potassium in words."""
    return ", ".join(plot.number(values.sel(k_o=x, method="nearest")) for x in places)


def spread(values: np.ndarray) -> str:
    """Return a range of potassium in words."""
    if not values.size:
        return "none of these concentrations"
    ends = dict.fromkeys((float(values.min()), float(values.max())))
    return f"{' to '.join(f'{x:g}' for x in ends)} mM"


def run(quick: bool, out: Path) -> str:
    """Change potassium, write figure and data into ``out``, return the answer."""
    data = collect(quick)
    plot.save(draw(data), out / "fibre_potassium.svg")
    data.to_netcdf(out / "fibre_potassium.nc", engine="h5netcdf")
    return told(data)
