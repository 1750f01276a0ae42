"""What sensory axons do: pools like the motor ones, with nothing calibrated anew.

A pool is 150 axons of ``SENSORY_AXON`` as published, with the spreads and the drive of
the motor pools (``population``). That drive was calibrated on motor pools: rates here
compare a bath with health in the same draws, they are no absolute rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.judge import settings_of
from neurosim.claims.population import ENOUGH, SECONDS, Bench, crossed, draw
from neurosim.model import Model
from neurosim.pool import axon_rates, axon_thresholds, r_sp
from neurosim.spontaneous import SIGMA

# times the threshold of a sudden step that a fluctuation has to reach: the axon gets
# used to a slow current (fitted to direct simulation, experiment ``sensory_rate``)
SUDDEN = 1.85
MOST = 4  # axons of a pool that are simulated, of those that fire often (chosen)


def sensory_bench(bench: Bench) -> Bench:
    """Return the sensory axons that go with a bench, drawn over the same ranges."""

    def make(_: dict) -> Bench:
        from neurosim.models import SENSORY_AXON

        size, seed = bench.population.size, bench.population.seed
        return Bench(SENSORY_AXON, draw(SENSORY_AXON, size, seed), shelf=bench.shelf)

    return bench.once("sensory_bench", {}, make)


def sensory_rates(bench: Bench, doses: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return the ectopic events of a sensory pool at each dose, 1/min, (doses, draws).

    Parameters
    ----------
    bench : of the motor axons; its number of draws and seed are taken, and it keeps
        what was run.
    doses : as for ``rates.rates_at``, of the ledger or from ``linked.felt``; ``{}`` is
        health.
    """
    found = [sensory_firing(bench, settings_of(dict(dose))) for dose in doses]
    return np.stack([each["sensory_rate"] for each in found])


def sensory_firing(bench: Bench, dose: dict) -> dict[str, np.ndarray]:
    """Return what a sensory pool does at a dose, each (draws,).

    Returns
    -------
    sensory_rate : events per minute; no junction filters them. sensory_direct : share
    of them that comes from axons which fire often enough to be simulated.
    sensory_i_th : threshold current of the median axon, nA.
    """

    def make(dose: dict) -> dict[str, np.ndarray]:
        rates, often, i_th = each_axon(sensory_bench(bench), dose)
        total, counted = r_sp(rates), r_sp(np.where(often, rates, 0.0))
        share = counted / np.where(total > 0.0, total, 1.0)
        return {
            "sensory_rate": total, "sensory_direct": share, "sensory_i_th": i_th[:, 0]
        }  # fmt: skip

    return bench.once("sensory", dose, make)


def each_axon(axons: Bench, dose: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what every axon of the pools does at a dose.

    Returns
    -------
    Event rates [1/s], (draws, axons), NaN in draws without a threshold; which axons
    fire often enough to be simulated, as some of them are; threshold currents [nA],
    (draws, nodes).
    """
    sigma = SIGMA * dose.get("drive", 1.0)
    bath = {n: v for n, v in dose.items() if n != "drive"}
    i_th = axons.once("thresholds", bath, axons.thresholds)
    rates = axon_rates(i_th, axons.pools, sigma=sigma / SUDDEN)
    restless = axon_thresholds(i_th, axons.pools.shift) == 0.0
    often = np.isfinite(rates) & ((rates * SECONDS >= ENOUGH) | restless)
    picked = some_of(rates, often)
    if picked.any():
        seen = np.zeros_like(rates)
        seen[picked] = axons.fire(bath, picked, sigma, SECONDS).rate
        expected = np.where(picked, rates, 0.0).sum(axis=1, keepdims=True)
        times = seen.sum(axis=1, keepdims=True) / np.where(expected, expected, 1.0)
        rates = np.where(picked, seen, np.where(often, times * rates, rates))
    return rates, often, i_th


def some_of(rates: np.ndarray, often: np.ndarray, most: int = MOST) -> np.ndarray:
    """Pick at most so many axons of each pool, evenly from the rarest to the busiest.

    Parameters
    ----------
    rates, often : of each axon, and which may be picked, (pools, axons).
    """
    picked = np.zeros_like(often)
    for k, row in enumerate(often):
        order = np.flatnonzero(row)[np.argsort(rates[k, row], kind="stable")]
        count = min(most, order.size)
        places = (np.arange(count) + 0.5) * order.size / max(count, 1)
        picked[k, order[places.astype(int)]] = True
    return picked


def sensory_cable() -> Model:
    """Return a fibre of 21 nodes with the channels of the sensory axon."""
    from neurosim.models import SENSORY_AXON
    from neurosim.models.axon_unit import cable_of

    return replace(cable_of(SENSORY_AXON), name="sensory_cable")


def sensory_conducting(bench: Bench, dose: dict) -> dict[str, np.ndarray]:
    """Return the share of a pool's axons that conduct at a dose; see ``conducting``."""

    def make(dose: dict) -> dict[str, np.ndarray]:
        return conducting(sensory_cable(), sensory_bench(bench), dose)

    return bench.once("sensory_conduction", dose, make)


def conducting(cable: Model, axons: Bench, dose: dict) -> dict[str, np.ndarray]:
    """Send an impulse along the median axon of each pool, at the rest of its bath.

    It stands for its pool: conduction has so much to spare that axons 2 mV to either
    side of it do what it does.

    Returns
    -------
    sensory_share : 1 where it conducts, 0 where not, NaN where it has no rest.
    sensory_cv : velocity, m/s, NaN where it fails, each (draws,).
    """
    from neurosim.conduction import conduction

    found = conduction(crossed(cable, axons.population, [axons.parameters_of(dose)]))
    cv, height = (
        found[name].values.ravel() for name in ("conduction_velocity", "ap_amplitude")
    )
    share = np.where(np.isfinite(height), np.isfinite(cv), np.nan)
    return {"sensory_share": share, "sensory_cv": cv}
