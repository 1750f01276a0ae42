"""A motor pool: 150 axons that differ, and how often one of them fires by itself.

Axons of a muscle differ in how far their gates are from the critical shift and in how
strong their drive is. Both spreads are assumptions (design section 4), to be swept:
the mean rate hangs on the few most excitable axons.
"""

from dataclasses import dataclass

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.spontaneous import F0, SIGMA, rate_law

AXONS = 150  # of a pool (design section 4)
SHIFT_SD = 1.0  # mV, of the critical shift over axons (design section 4, assumed)
SIGMA_CV = 0.25  # of the drive's SD over axons, log-normal (design section 4, assumed)
NODES = (0.0, 2.5)  # mV of shift at which a threshold current is simulated
PER_MINUTE = 60.0  # s


@dataclass(frozen=True, slots=True)
class Pools:
    """Pools of axons, (pools, axons).

    shift : what each axon's gates feel beyond the bath, mV. factor : SD of its drive
    relative to the median axon's.
    """

    shift: np.ndarray
    factor: np.ndarray

    @property
    def size(self) -> int:
        """Return the number of pools."""
        return self.shift.shape[0]


def draw_pools(
    count: int,
    seed: int | tuple[int, ...],
    *,
    axons: int = AXONS,
    shift_sd: float = SHIFT_SD,
    sigma_cv: float = SIGMA_CV,
) -> Pools:
    """Draw pools of axons; pool k depends on (seed, k) only.

    Parameters
    ----------
    shift_sd : mV. sigma_cv : coefficient of variation of the log-normal factor.
    """
    if count < 1 or axons < 1 or shift_sd < 0 or sigma_cv < 0:
        raise NeurosimError(
            f"draw_pools: {count} pools of {axons} axons, shift_sd {shift_sd:g} mV, "
            f"sigma_cv {sigma_cv:g}; counts start at 1, spreads at 0."
        )
    key = seed if isinstance(seed, tuple) else (seed,)
    z = np.stack([
        np.random.default_rng((*key, k)).standard_normal((2, axons))
        for k in range(count)
    ])  # fmt: skip
    width = np.sqrt(np.log1p(sigma_cv**2))  # of the logarithm
    return Pools(shift_sd * z[:, 0], np.exp(width * z[:, 1]))


def axon_thresholds(at_nodes: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the threshold current of every axon of a pool, nA.

    A straight line through the nodes, which it follows within 0.1 pA between them and
    1 pA on the other side, where axons hardly fire.

    Parameters
    ----------
    at_nodes : simulated at the shifts ``NODES``, (pools, nodes), nA.
    shift : of each axon, mV, (pools, axons).
    """
    median, nearer = at_nodes[:, [0]], at_nodes[:, [1]]
    slope = (nearer - median) / (NODES[1] - NODES[0])
    return np.maximum(median + slope * (shift - NODES[0]), 0.0)


def axon_rates(
    at_nodes: np.ndarray, pools: Pools, *, sigma: float = SIGMA, f0: float = F0
) -> np.ndarray:
    """Return the calibrated event rate of every axon, 1/s, (pools, axons)."""
    i_th = axon_thresholds(at_nodes, pools.shift)
    return rate_law(i_th, sigma * pools.factor, f0)


def r_sp(rates: np.ndarray) -> np.ndarray:
    """Return the spontaneous events of each pool per minute, (pools,).

    rates : of its axons, 1/s, (pools, axons).
    """
    return PER_MINUTE * rates.sum(axis=-1)


def median_r_sp(at_nodes: np.ndarray, pools: Pools) -> np.ndarray:
    """Return the median R_sp of the pools of one axon per bath, 1/min, (baths,).

    at_nodes : threshold currents at the shifts ``NODES``, nA, (baths, nodes).
    """
    rates = [r_sp(axon_rates(bath[None], pools)) for bath in at_nodes]
    return np.median(rates, axis=1)
