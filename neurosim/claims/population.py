"""Draws over what is not known about an axon, and the runs that claims share.

A claim is judged over a population of axons that differ in every number the model only
assumes; each draw is its own control. The ranges are fixed here, before any run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.model import Model

FEWEST = 100  # draws; design section 4

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


class Bench:
    """Runs of one population, each bath computed once however many claims ask for it.

    ``tick`` is called with the number of baths done.
    """

    def __init__(
        self, model: Model, population: Population, tick: Callable | None = None
    ):
        self.model, self.population = model, population
        self.tick = tick or (lambda count: None)
        self.found: dict[tuple, dict[str, np.ndarray]] = {}

    def excitability(self, doses: list[dict]) -> list[dict[str, np.ndarray]]:
        """Return rest [mV], threshold of 1 ms and of 40 ms [nA] per dose, (draws,)."""
        keys = [tuple(sorted(dose.items())) for dose in doses]
        new = [k for k in dict.fromkeys(keys) if k not in self.found]
        if new:
            self.measure([dict(k) for k in new], new)
        return [self.found[k] for k in keys]

    def measure(self, doses: list[dict], keys: list[tuple]) -> None:
        """Run all draws at the doses and keep what comes out."""
        from neurosim.measure import excitability

        result = excitability(crossed(self.model, self.population, doses))
        size = self.population.size
        for d, key in enumerate(keys):
            block = slice(d * size, (d + 1) * size)
            self.found[key] = {n: values[block] for n, values in result.items()}
        self.tick(len(keys))
