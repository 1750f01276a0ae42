"""Draws over what is not known about an axon, and the runs that claims share.

A claim is judged over a population of axons that differ in every number the model only
assumes; each draw is its own control. The ranges are fixed here, before any run.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from neurosim.claims.draws import MIN_CONTROLS, with_reversal
from neurosim.claims.shelf import Shelf
from neurosim.errors import NeurosimError
from neurosim.junction import CA, MG, safety_factor
from neurosim.model import Model
from neurosim.pool import (
    NODES,
    axon_rates,
    axon_thresholds,
    draw_pools,
    r_sp,
)
from neurosim.spontaneous import COARSE, SIGMA, Firing, firing, threshold_current

FEWEST = 100  # draws; design section 4
ROUGH = 5e-4  # width at which threshold currents of a pool are found, relative
SODIUM = ("g_naf", "g_nap")
ENOUGH = 10  # expected events from which a rate is counted directly; design section 4
MINUTE = 60.0  # s of the pools of C14 and C36
SECONDS = 2.0  # simulated time in which they are expected

# parameter -> (low, high, spacing, why); a factor multiplies the default
FACTORS = {
    "g_naf": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
    "g_nap": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
    "g_ks": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
    "g_kf": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
    "g_l": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
    "g_hcn": (0.8, 1.2, "spread of fitted conductances, assumed +-20 %"),
}
# parameter -> (low, high, why)
RANGES = {
    "kappa": (0.15, 1.0, "charge at K channels, nerve.md 2.2"),
    "k_coupling": (0.35, 1.0, "K slope of nerve excitability, nerve.md 7.10"),
    "e_k_rest": (-92.0, -88.0, "effective K reversal, assumed +-2 mV"),
    "i_pump_rest": (1.4, 3.4, "the pump holds rest 2-5 mV down, nerve.md 3"),
}
AFFINITY = (0.0, 1.0 / 28.0)  # 1/M of Mg at the surface: screening only to that of Ca


@dataclass(frozen=True, slots=True)
class Population:
    """Axons that differ: parameter -> one value per draw."""

    values: Mapping[str, np.ndarray]
    seed: int

    @property
    def size(self) -> int:
        """Return the number of draws."""
        return next(iter(self.values.values())).size


def draw(model: Model, count: int, seed: int) -> Population:
    """Draw axons by Latin hypercube over the stated ranges.

    Parameters
    ----------
    count : at least 100. seed : of the hypercube.
    """
    from scipy.stats import qmc

    if count < FEWEST:
        raise NeurosimError(
            f"draws = {count}: a verdict needs at least {FEWEST} draws (design: paired "
            "population); ask for more."
        )
    width = len(FACTORS) + len(RANGES) + 1
    unit = qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(count)
    columns = iter(unit.T)
    values: dict[str, np.ndarray] = {}
    for base, (low, high, _) in FACTORS.items():
        factor = low + (high - low) * next(columns)
        for name, param in model.parameters.items():
            if name == base or name.startswith(f"{base}_"):
                values[name] = param.value * factor
    for name, (low, high, _) in RANGES.items():
        values[name] = low + (high - low) * next(columns)
    affinity = AFFINITY[0] + (AFFINITY[1] - AFFINITY[0]) * next(columns)
    values["bind_mg"] = 1.0 / np.maximum(affinity, 1e-9)
    return Population(values, seed)


def crossed(model: Model, population: Population, doses: list[dict]) -> Model:
    """Return the model with every draw at every dose, along the axis ``run``.

    Run d * size + n is draw n at dose d. A dose is a dict of parameter values; a value
    may be an array over draws.
    """
    doses = [with_reversal(dose, population.values) for dose in doses]
    names = sorted({n for dose in doses for n in dose})
    size = population.size
    columns = {
        n: np.tile(values, len(doses)) for n, values in population.values.items()
    }
    for name in names:
        default = columns.get(name, np.full(size * len(doses), np.nan)).copy()
        for d, dose in enumerate(doses):
            block = slice(d * size, (d + 1) * size)
            if name in dose:
                default[block] = dose[name]
            elif name not in population.values:
                default[block] = model.parameters[name].value
        columns[name] = default
    return model.along("run", **columns)


@dataclass(frozen=True, slots=True)
class Rates:
    """Spontaneous firing of every draw in one bath.

    r_sp : events of the pool's fibres per minute, (draws,). i_th : threshold current of
    its median axon, and of one whose gates are nearer (``NODES``), nA, (draws, nodes).
    direct : share of the pool's events that was simulated directly, (draws,). axons :
    events of each axon, 1/s, (draws, axons).
    """

    r_sp: np.ndarray
    i_th: np.ndarray
    direct: np.ndarray
    axons: np.ndarray


def key_of(dose: dict) -> tuple:
    """Return a dose as something that can be looked up."""
    return tuple((n, *np.atleast_1d(v).tolist()) for n, v in sorted(dose.items()))


class Bench:
    """Runs of one population, each bath computed once however many claims ask for it.

    ``tick`` is called with the number of baths done; ``minute``: s for which pools are
    watched. ``shelf`` keeps what was found for the next bench of the same kind.
    """

    def __init__(
        self, model: Model, population: Population, tick: Callable | None = None, *,
        minute: float = MINUTE, shelf: Shelf | None = None,
    ):  # fmt: skip
        self.model, self.population, self.minute = model, population, minute
        self.tick = tick or (lambda count: None)
        # kind of run -> bath -> what it gave
        self.kept: dict[str, dict[tuple, Any]] = defaultdict(dict)
        self.pools = draw_pools(population.size, population.seed)
        self.shelf = None if shelf is None else shelf.of(
            model.name, [(n, p.value) for n, p in model.parameters.items()],
            [(s.name, s.initial) for s in model.states], minute, population.seed,
            *population.values.values(),
        )  # fmt: skip

    def once(
        self, kind: str, dose: dict, make: Callable[[dict], Any],
        made: Callable[..., Any] = dict,
    ) -> Any:  # fmt: skip
        """Return what a run at a dose gave; ``make`` runs it the first time.

        made : what ``make`` returns, if it is a dataclass.
        """
        dose = {n: v for n, v in dose.items() if not self.healthy(n, v)}
        kept, key = self.kept[kind], key_of(dose)
        if key not in kept:
            kept[key] = self.found(kind, key, lambda: make(dose), made)
            self.tick(1)
        return kept[key]

    def found(self, kind: str, key: tuple, make: Callable, made: Callable) -> Any:
        """Take a run from the shelf, or run it and put it there."""
        if self.shelf is None:
            return make()
        with self.shelf.alone(kind, key):
            found = self.shelf.take(kind, key)
            if found is None:
                found = make()
                self.shelf.put(kind, key, found)
            elif isinstance(found, dict):
                found = made(**found)
        return found

    def healthy(self, name: str, value: Any) -> bool:
        """Tell whether this value of a dose changes nothing."""
        if np.ndim(value) or name in self.population.values:
            return False
        param = self.model.parameters.get(name)
        return value == (1.0 if param is None else param.value)

    def excitability(self, doses: list[dict]) -> list[dict[str, np.ndarray]]:
        """Return rest [mV] and the threshold of 1 ms [nA] per dose, (draws,)."""
        return [self.once("excitability", dose, self.measure) for dose in doses]

    def measure(self, dose: dict) -> dict[str, np.ndarray]:
        """Run all draws at a dose."""
        from neurosim.measure import excitability

        model = crossed(self.model, self.population, [dose])
        return excitability(model, dt=COARSE * model.dt)

    def rates(self, doses: list[dict]) -> list[Rates]:
        """Return the spontaneous firing of every draw's pool per dose.

        Beside parameters of the model a dose may hold ``drive``, a factor on the SD of
        the fluctuating drive, and ``na_scale``, one on the Na conductances.
        """
        return [self.once("rates", dose, self.rate, Rates) for dose in doses]

    def parameters_of(self, dose: dict) -> dict:
        """Return a dose as parameters of the model: what is scaled gets its values."""
        given = {n: v for n, v in dose.items() if n not in ("drive", "na_scale")}
        given = with_reversal(given, self.population.values)
        scale = dose.get("na_scale", 1.0)
        scaled = {n: scale * self.population.values[n] for n in SODIUM if scale != 1.0}
        return given | scaled

    def thresholds(self, dose: dict) -> np.ndarray:
        """Run all draws at one dose, at every node of shift; nA, (draws, nodes)."""
        given = self.parameters_of(dose)
        base = given.get("shift", 0.0)
        nodes = [given | {"shift": base + node} for node in NODES]
        model = crossed(self.model, self.population, nodes)
        near = None  # the healthy threshold of the same draw
        if dose:
            healthy = self.once("thresholds", {}, self.thresholds).T.ravel()
            near = np.where(healthy > 0.0, healthy, np.nanmedian(healthy))
        found = threshold_current(model, relative=ROUGH, near=near)
        return found.reshape(len(NODES), self.population.size).T

    def rate(self, dose: dict) -> Rates:
        """Add up the pools of all draws at one dose.

        An event counts if the draw's junction passes it. Fibres add none: one at a
        stable rest fires only if kicked, and miniatures kick too little (claim C05).
        """
        sigma = SIGMA * dose.get("drive", 1.0)
        bath = {n: v for n, v in dose.items() if n != "drive"}
        i_th = self.once("thresholds", bath, self.thresholds)
        law = axon_rates(i_th, self.pools, sigma=sigma)
        rates, direct = self.counted(bath, sigma, i_th, law)
        total, counted = r_sp(rates), r_sp(np.where(direct, rates, 0.0))
        share = np.where(total > 0.0, counted / np.where(total > 0.0, total, 1.0), 0.0)
        return Rates(self.passing(bath) * total, i_th, share, rates)

    def passing(self, dose: Mapping[str, Any]) -> np.ndarray:
        """Return which draws' junctions pass a first impulse at a dose, (draws,)."""
        ca, mg = (
            np.broadcast_to(dose.get(name, healthy), self.population.size)
            for name, healthy in (("ca_o", CA), ("mg_o", MG))
        )
        known = np.isfinite(ca + mg)
        ca, mg = np.where(known, ca, CA), np.where(known, mg, MG)
        return known & (safety_factor(ca, mg, self.fibres.junction) >= 1.0)

    def counted(self, bath, sigma, i_th, law) -> tuple[np.ndarray, np.ndarray]:
        """Return rates with those counted directly that fire often enough for it."""
        own = axon_thresholds(i_th, self.pools.shift)
        often = np.isfinite(law) & ((law * SECONDS >= ENOUGH) | (own == 0.0))
        if not often.any():
            return law, often
        rates = law.copy()
        rates[often] = self.fire(bath, often, sigma, SECONDS).rate
        return rates, often

    def fire(self, bath, picked: np.ndarray, sigma: float, seconds: float) -> Firing:
        """Simulate the axons picked of all pools, (draws, axons), in that order."""
        size, draw_of = self.population.size, np.nonzero(picked)[0]
        given = {"shift": 0.0, **self.population.values, **self.parameters_of(bath)}
        values = {n: np.broadcast_to(v, size)[draw_of] for n, v in given.items()}
        values["shift"] = values["shift"] + self.pools.shift[picked]
        return firing(
            self.model.along("run", **values), seconds=seconds,
            sigma=sigma * self.pools.factor[picked], seed=self.population.seed,
        )  # fmt: skip

    def subjects(self, dose: dict) -> np.ndarray:
        """Return R_sp of at least 2000 subjects at a dose, 1/min, (draws, pools).

        Every draw of the axon stands for several subjects, who differ in their pools;
        the same subjects at every dose.
        """

        def make(dose: dict) -> np.ndarray:
            size, seed = self.population.size, self.population.seed
            (found,) = self.rates([dose])
            passed = self.passing(dose)
            others = [
                passed * r_sp(axon_rates(found.i_th, draw_pools(size, (seed, k))))
                for k in range(1, -(-MIN_CONTROLS // size))
            ]
            return np.stack([found.r_sp, *others], axis=1)

        return self.once("subjects", dose, make)

    @cached_property
    def fibres(self) -> Any:
        """Return the fibres of this population, with runs of their own."""
        from neurosim.claims.fibre import FibreBench
        from neurosim.models import MUSCLE_FIBRE

        size, seed = self.population.size, self.population.seed
        return FibreBench(MUSCLE_FIBRE, size, seed, self.tick, self.shelf)

    def controls(self) -> np.ndarray:
        """Return R_sp of at least 2000 healthy subjects, 1/min."""
        return self.subjects({}).ravel()
