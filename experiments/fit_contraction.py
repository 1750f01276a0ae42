"""Can one set of rates give a human muscle fibre its twitch and its fusion at 35 degC?

The rates of release, uptake, troponin and cross-bridges of the fast and the slow fibre
were found by an evolution strategy on their logarithms, first with the spike of the
membrane prescribed, the cost being how far features lie outside the human bands. Here
the search goes on from these numbers with the whole fibre: each candidate is a lane and
starts from its own rest. ``balance`` computes the start values that stand in the model.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neurosim import Train, plot, simulate
from neurosim.core.jit import python_of
from neurosim.declare import arguments
from neurosim.model import Model
from neurosim.models import fibre_membrane as membrane
from neurosim.models.contraction import NUMBERS, contraction
from neurosim.physics import crossbridge, energy, reticulum
from neurosim.physics.fibre_pump import pump_current

RATES = (2.0, 5.0, 8.0, 10.0, 12.0, 15.0, 18.0, 20.0, 30.0, 50.0, 100.0)  # Hz (chosen)
FEWER = (5.0, 10.0, 15.0, 30.0, 50.0, 100.0)  # Hz, of the quick version
PULSE = {"start": 5.0, "width": 0.5, "amplitude": 400.0}  # ms, ms, nA: supramaximal
TWITCH, TRAIN, EVERY = 800.0, 1000.0, 0.5  # ms (chosen)
HALVED = (1.0, 0.5)  # SERCA, healthy and half (muscle.md 9.2)
# feature: band, and how much outside counts as one (muscle.md 3.7, 9.2; tone chosen)
BANDS = {
    "time_to_peak": (40.0, 110.0, 5.0, "ms"),
    "half_relaxation": (35.0, 100.0, 5.0, "ms"),
    "twitch_tetanus": (0.1, 0.25, 0.02, ""),
    "half_force": (8.0, 18.0, 1.0, "Hz"),
    "ripple": (0.0, 0.1, 0.02, ""),
    "tone": (0.0, 0.02, 0.004, ""),
    "slowing": (1.7, 2.2, 0.1, ""),
    "tetanus": (0.8, 1.0, 0.03, ""),  # of full activation (chosen)
}
SLOW_PEAK = (80.0, 110.0, 5.0, "ms")  # wanted of the slow fibre, if it can be had
MARGIN = 0.08  # of the width of a band kept free at its ends by the search (chosen)
FUSED = {"fast": 50.0, "slow": 30.0}  # Hz from which ripple counts
FREE = tuple(row[0] for row in NUMBERS)
KINDS, SEED = ("fast", "slow"), 5
REST = {"v": -91.3933, "ca": 0.05, "ca_sr": 1.0, "atp": 8.0, "pcr": 32.0}
REST |= {"pi": 4.0, "pi_sr": 4.0}
PUMP = (0.2052718, 0.1637151)  # uA/cm2 of the resting membrane, surface and tubules
ACTIVE = 1e4  # uM: calcium that activates fully


@dataclass(frozen=True, slots=True)
class Search:
    """What a search has seen: features and costs of all candidates, and the best."""

    features: Any  # Dataset with dimension candidate
    cost: np.ndarray
    best: dict[str, float]


def fibre(kind: str) -> Model:
    """Return a whole fibre: membrane and contraction."""
    piece = contraction(kind)
    return Model(
        name="fitted_fibre",
        title=f"human {kind} fibre",
        source="membrane and contraction of this package",
        doc="Membrane with contraction, for the fit.",
        compartments=membrane.COMPARTMENTS,
        states=(*membrane.STATES, *piece.states),
        geometry=membrane.GEOMETRY,
        params=(*membrane.PARAMS, membrane.PLATE, *piece.params),
        derived=(*membrane.SHARED, *piece.derived),
        stiff=False, dt=0.02, start=-85.0, detect=-20.0,
    )  # fmt: skip


def force_of(model: Model, rate: float, count: int, duration: float) -> xr.DataArray:
    """Return force against time of a train, relative to the fresh maximum."""
    train = Train(**PULSE, period=1e3 / rate, count=count)
    run = simulate(model, train, duration=duration, record="force", record_every=EVERY)
    return run["force"]


def twitch_features(force: xr.DataArray) -> xr.Dataset:
    """Return time to peak, half relaxation, amplitude and resting tone."""
    tone, top = force.isel(time=0, drop=True), force.max("time")
    peak = force.idxmax("time")
    above = (force > 0.5 * (top + tone)) & (force["time"] >= peak)
    fallen = force["time"].where(above).max("time") + EVERY
    lasting = above.isel(time=-1, drop=True)
    return xr.Dataset({
        "time_to_peak": peak - PULSE["start"],
        "half_relaxation": (fallen - peak).where(~lasting, 2 * TWITCH),
        "twitch": top - tone,
        "tone": tone,
    })  # fmt: skip


def train_features(model: Model, rates: tuple[float, ...]) -> Any:
    """Return peak force and ripple of one second at each rate, dimension ``rate``."""
    found = []
    for rate in rates:
        force = force_of(model, rate, int(TRAIN * rate / 1e3), TRAIN + 5.0)
        late = force.sel(time=slice(TRAIN / 2, None))
        last = force.sel(time=slice(TRAIN + 5.0 - 2e3 / rate, None))
        ripple = 1.0 - last.min("time") / last.max("time")
        found.append(xr.Dataset({"peak": late.max("time"), "ripple": ripple}))
    return xr.concat(found, xr.Variable("rate", list(rates), {"units": "Hz"}))


def features(model: Model, kind: str, rates: tuple[float, ...]) -> xr.Dataset:
    """Return every feature of ``BANDS`` for all runs of a model."""
    halves = twitch_features(force_of(model.at(serca=HALVED), 1.0, 1, TWITCH))
    one = halves.sel(serca=1.0, drop=True)
    relaxed = halves["half_relaxation"]
    trains = train_features(model, rates)
    tetanus = trains["peak"].max("rate")
    share = trains["peak"] / tetanus
    return one.assign(
        slowing=relaxed.sel(serca=0.5, drop=True) / one["half_relaxation"],
        tetanus=tetanus,
        twitch_tetanus=one["twitch"] / tetanus,
        half_force=half_rate(share),
        ripple=trains["ripple"].sel(rate=FUSED[kind], drop=True),
        share=share,
    )


def half_rate(share: xr.DataArray) -> xr.DataArray:
    """Return the rate [Hz] of half the largest force."""
    rates = share["rate"].values

    def one(row):
        return np.interp(0.5, np.maximum.accumulate(row), rates)

    return xr.apply_ufunc(one, share, input_core_dims=[["rate"]], vectorize=True)


def cost_of(found: xr.Dataset, kind: str) -> np.ndarray:
    """Return how far features lie outside their bands, summed."""
    total = 0.0
    for name, (low, high, scale, _) in wanted(kind).items():
        room = MARGIN * (high - low)
        short = np.maximum(low + room * (low > 0.0) - found[name], 0.0)
        total = total + (short + np.maximum(found[name] - high + room, 0.0)) / scale
    return np.nan_to_num(np.asarray(total), nan=1e3)


def wanted(kind: str) -> dict[str, tuple]:
    """Return the bands of a kind of fibre."""
    return BANDS | ({"time_to_peak": SLOW_PEAK} if kind == "slow" else {})


def search(kind: str, rates: tuple[float, ...], generations: int, size: int) -> Search:
    """Draw candidates around the numbers in use, keep the better half, repeat."""
    model, random = fibre(kind), np.random.default_rng(SEED)
    centre = np.log([model.parameters[n].value for n in FREE])
    spread = np.full(centre.size, 0.05)
    seen, costs, tried = [], [], []
    for _ in range(generations):
        drawn = centre + spread * random.standard_normal((size, centre.size))
        drawn[0] = centre
        numbers = dict(zip(FREE, np.exp(drawn.T), strict=True))
        ends = [balance(model, {n: v[k] for n, v in numbers.items()})[0]
                for k in range(size)]  # fmt: skip
        numbers |= {n: np.array([e[n] for e in ends]) for n in ends[0]}
        lanes = model.along("candidate", **numbers)
        found = features(lanes, kind, rates)
        cost = cost_of(found, kind)
        order = np.argsort(cost)[: size // 2]
        centre = drawn[order].mean(0)
        spread = np.maximum(drawn[order].std(0) * 1.2, 0.01)
        seen.append(found)
        costs.append(cost)
        tried.append(drawn)
    cost, drawn = np.concatenate(costs), np.concatenate(tried)
    best = dict(zip(FREE, np.exp(drawn[cost.argmin()]), strict=True))
    return Search(xr.concat(seen, "candidate"), cost, best)


def filament(p: dict[str, float], ca: float) -> dict[str, float]:
    """Return the shares of units at steady calcium [uM], by Newton's method."""
    names = ("tn1", "tn2", "ready", "weak", "strong")
    given = p | REST | {"ca": ca, "adp": p["adenine"] - REST["atp"]}

    def rates(y):
        known = given | dict(zip(names, y, strict=True))
        first, second, on, hold, stroke, off = (
            value(rule, known)
            for rule in (
                crossbridge.first_calcium, crossbridge.second_calcium,
                crossbridge.switching, crossbridge.attachment,
                crossbridge.power_stroke, crossbridge.detachment,
            )
        )  # fmt: skip
        return np.array(
            [first - second, second - on, on - hold + off, hold - stroke, stroke - off]
        )

    y = np.zeros(5) if ca < 1.0 else np.array([0.0, 0.1, 0.2, 0.2, 0.4])
    step = 1e-7
    for k in range(60):
        here = rates(y)
        slope = np.array([(rates(y + e) - rates(y - e)) for e in step * np.eye(5)])
        ahead = np.eye(5) / (10.0 * 4.0**k) if k < 30 else np.zeros((5, 5))
        y = y + np.linalg.solve(ahead - slope.T / (2.0 * step), here)
    return dict(zip(names, y, strict=True))


def value(rule: Any, known: dict[str, float]) -> Any:
    """Return what a rule of the physics gives for known quantities."""
    return python_of(rule)(*(known[n] for n in arguments(rule)))


def balance(
    model: Model, numbers: dict[str, float], pump: tuple[float, float] = PUMP
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the constants and the start values that make ``REST`` a rest.

    ``pump``: currents of the pump at rest, surface and tubules, uA/cm2.
    """
    p = {n: q.value for n, q in model.parameters.items()} | numbers
    p |= {"ec_speed": 1.0, "by_acid": 1.0, "attachable": p["attach"]}
    p |= {"mg_atp": value(reticulum.magnesium_share, p), "leakage": 0.0}
    p |= {"uptake_max": p["serca_max"], "opening": p["release_max"]}
    ck = 1.66e9 * 10.0 ** -p["ph_m"]
    adp = REST["atp"] * (p["creatine"] - REST["pcr"]) / (ck * REST["pcr"])
    p |= {"adenine": REST["atp"] + adp}
    binding = p["shut_on"] * REST["ca"]
    sensor = steady_sensor(p)
    start = {"sensor": sensor, "shut": binding / (binding + p["shut_off"])}
    start |= {n: v for n, v in REST.items() if n != "v"}
    filled = p["csq_total"] * REST["ca_sr"] / (REST["ca_sr"] + p["csq_half"])
    calcium, magnesium = 0.0417 * REST["ca"] / 0.0005, 3.3e-2 * p["mg_i"] / 0.003
    taken = 1.0 + calcium + magnesium
    start |= {"csq": filled, "pv_ca": calcium / taken, "pv_mg": magnesium / taken}
    start |= filament(p, REST["ca"])
    known = p | start | {"adp": adp}
    uptake = value(reticulum.taken_up, known)
    driven = value(reticulum.released, known)
    made = value(energy.resynthesis, known)
    used = heads_use(known, uptake) + value(
        energy.pump_use, {"i_pump": pump[0], "i_pump_tubule": pump[1]}
    )
    constants = {
        "adenine": p["adenine"],
        "sr_leak": (uptake - driven) / (1e3 * REST["ca_sr"] - REST["ca"]),
        "basal_use": (made - used) * (1.0 + 1.0 / REST["atp"]),
        "strong_max": filament(p, ACTIVE)["strong"],
    }
    return constants, start


def steady_sensor(p: dict[str, float]) -> float:
    """Return the share of sensors that are on at rest."""
    known = p | {"v_tubule": REST["v"], "half_release": p["half_sensor"]}
    rise, lost = (
        value(reticulum.sensor_rate, known | {"sensor": s}) for s in (0.0, 1.0)
    )
    return rise / (rise - lost)


def heads_use(known: dict[str, float], uptake: float) -> float:
    """Return the ATP [mM/ms] that SERCA and bridges use at rest."""
    off = value(crossbridge.detachment, known)
    return 0.5e-3 * uptake + known["heads"] * off


def pump_at_rest() -> tuple[float, float]:
    """Return the currents of the pump [uA/cm2] of the resting membrane."""
    sites = {"k_out": ("k_e", "k_t"), "na_out": ("na_e", "na_t"),
             "v": ("v", "v_tubule")}  # fmt: skip
    names = [n for pair in sites.values() for n in pair] + ["na_i", "pump_capacity"]
    model = membrane.FIBRE_MEMBRANE
    run = simulate(model, duration=1.0, record=names).isel(time=0)
    shared = {n: float(run[n]) for n in ("na_i", "pump_capacity")}
    shared |= {n: model.parameters[n].value for n in ("atp", "temperature_m")}
    found = []
    for k, alpha in enumerate(("alpha_2", "alpha_2_tubule")):
        here = {n: float(run[pair[k]]) for n, pair in sites.items()}
        known = shared | here | {"alpha_2": model.parameters[alpha].value}
        found.append(value(pump_current, known)[0])
    return found[0], found[1]


def imbalance(kind: str) -> float:
    """Return by how much the numbers of a model differ from its balance, relative."""
    model = fibre(kind)
    constants, start = balance(model, {}, pump_at_rest())
    inside = {s.name: s.initial for s in model.states}
    inside |= {n: model.parameters[n].value for n in constants}
    return max(abs(inside[n] / v - 1.0) for n, v in (constants | start).items())


def outside(found: xr.Dataset, kind: str) -> list[str]:
    """Return the features of a fibre that lie outside their bands."""
    return [
        name
        for name, (low, high, _, _) in wanted(kind).items()
        if not low <= float(found[name]) <= high
    ]


def collect(
    rates: tuple[float, ...], generations: int, size: int
) -> tuple[dict[str, xr.Dataset], dict]:
    """Return features and twitches of both fibres in use, and what searches saw."""
    found, searches = {}, {}
    for kind in KINDS:
        model = fibre(kind)
        force = force_of(model.at(serca=HALVED), 1.0, 1, TWITCH)
        found[kind] = features(model, kind, rates).assign(force=force)
        searches[kind] = search(kind, rates, generations, size)
    return found, searches


@plot.style()
def draw(found: dict[str, xr.Dataset], searches: dict[str, Search]) -> Any:
    """Draw twitches, force against rate, and what speed costs in slowing."""
    figure, axes = plot.panels(3, height=2.6)
    above, middle, below = axes[:, 0]
    for k, kind in enumerate(KINDS):
        colour, data = plot.COLOURS[k], found[kind]
        for serca, dash in zip(HALVED, ("-", "--"), strict=True):
            force = data["force"].sel(serca=serca)
            above.plot(
                force["time"], 100.0 * force, dash, color=colour,
                label=f"{kind}, SERCA {serca:g}",
            )  # fmt: skip
        middle.plot(data["rate"], 100.0 * data["share"], "os"[k] + "-", color=colour,
                    label=kind)  # fmt: skip
        seen = searches[kind].features
        below.plot(seen["time_to_peak"], seen["slowing"], "os"[k], color=colour,
                   markersize=3, label=f"{kind}, candidates")  # fmt: skip
        below.plot(data["time_to_peak"], data["slowing"], "os"[k], color="black",
                   markersize=8, markerfacecolor="none")  # fmt: skip
    low, high, *_ = BANDS["half_force"]
    middle.axvspan(low, high, color="0.9", label="band of half force")
    middle.axhline(50.0, color="0.6", linestyle=":")
    low, high, *_ = BANDS["slowing"]
    below.axhspan(low, high, color="0.9", label="band")
    above.set(xlabel="time (ms)", ylabel="force (% of maximum)")
    middle.set(xlabel="rate (Hz)", ylabel="force (% of tetanus)", xscale="log")
    below.set(xlabel="time to peak (ms)", ylabel="HRT at half SERCA / HRT")
    plot.legend_above(above)
    middle.legend(loc="upper left")
    below.legend(loc="upper center")
    return figure


def told(found: dict[str, xr.Dataset], searches: dict[str, Search]) -> str:
    """Return measured values against bands, and what the search adds."""
    said = []
    for kind in KINDS:
        values = ", ".join(
            f"{name.replace('_', ' ')} {plot.number(found[kind][name])} {unit}".strip()
            + f" ({low:g} to {high:g})"
            for name, (low, high, _, unit) in wanted(kind).items()
        )
        misses = outside(found[kind], kind)
        verdict = f"outside: {', '.join(misses)}" if misses else "all inside"
        said.append(f"{kind.capitalize()} fibre, {verdict}. {values}.")
        said.append(f"Its start is a rest to {imbalance(kind):.1g} of every value.")
        done, now = searches[kind], float(cost_of(found[kind], kind))
        numbers = ", ".join(f"{n} {v:.4g}" for n, v in done.best.items())
        said.append(
            f"Cost of the numbers in use {now:.2f}, best of {done.cost.size} "
            f"candidates {done.cost.min():.2f}: {numbers}."
        )
    return "\n".join(said)


def run(quick: bool, out: Path) -> str:
    """Measure, search on, write figure and data into ``out``, return the answer."""
    found, searches = collect(FEWER, 1, 4) if quick else collect(RATES, 12, 16)
    plot.save(draw(found, searches), out / "fit_contraction.svg")
    both = xr.concat(
        [found[k].drop_attrs() for k in KINDS], xr.Variable("kind", list(KINDS))
    )
    tried = xr.concat(
        [
            searches[k].features[["time_to_peak", "half_relaxation", "slowing"]]
            .reset_coords(drop=True)
            .drop_indexes("candidate", errors="ignore")
            .drop_vars("candidate", errors="ignore")
            .assign(cost=("candidate", searches[k].cost))
            for k in KINDS
        ],
        both["kind"].variable,
    )  # fmt: skip
    both = both.merge(tried.rename({n: f"tried_{n}" for n in tried.data_vars}))
    both.to_netcdf(out / "fit_contraction.nc", engine="h5netcdf")
    return told(found, searches)
