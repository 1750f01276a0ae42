"""What arrives at a muscle fibre of the impulses of its axon.

Arrays in, arrays out: quantal content and safety factor of single impulses against
calcium and magnesium, miniatures, and whole trains with facilitation and depletion.
An impulse passes if its end-plate potential reaches the fibre's threshold, that is if
its safety factor is 1 or more. Ca and Mg are ionised. The numbers of a junction are
data (``HUMAN``, ``FROG``); vary one with ``dataclasses.replace``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.core.jit import python_of
from neurosim.derived import each
from neurosim.errors import NeurosimError, unknown
from neurosim.physics import release
from neurosim.physics.endplate import safety_of
from neurosim.physics.release import FROG, HUMAN, K_PORE, K_PORE_MG, Junction
from neurosim.trains import checked_times, over

__all__ = [
    "FROG", "HUMAN", "Junction", "Transmission", "miniature_rate",
    "paired_pulse_ratio", "quantal_content", "safety_factor", "terminal_calcium",
    "transmit",
]  # fmt: skip

CA, MG, K = 1.25, 0.55, 4.0  # mM, ionised, of the healthy bath (design section 4)
LIMITS = {
    "ca_o": (0.0, 100.0, "ionised Ca outside in mM"),
    "mg_o": (0.0, 100.0, "ionised Mg outside in mM"),
    "k_o": (0.01, 200.0, "K outside in mM"),
    "depolarisation": (-100.0, 60.0, "depolarisation of the terminal in mV"),
    "temperature": (0.0, 45.0, "temperature in degC"),
    "k_pore": (1e-3, 1e6, "binding of Ca in the terminal's channels in mM"),
    "k_pore_mg": (1e-3, 1e6, "binding of Mg in the terminal's channels in mM"),
    "interval": (1e-3, 1e9, "time between two impulses in ms"),
}
QUANTA = ("mean", "binomial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """What became of the impulses of each run, all (runs, spikes).

    quanta : released, NaN after the last impulse. safety : end-plate potential over
    the one needed, NaN there. passed : which impulses the fibre follows.
    """

    quanta: np.ndarray
    safety: np.ndarray
    passed: np.ndarray

    @property
    def transmission_ratio(self) -> np.ndarray:
        """Return the share of impulses that pass, (runs,); NaN without an impulse."""
        return over(self.passed.sum(-1), np.isfinite(self.quanta).sum(-1))


def quantal_content(
    ca_o: Any = CA, mg_o: Any = MG, preset: Junction = HUMAN
) -> np.ndarray:
    """Return the mean number of quanta of a first impulse, of the broadcast shape.

    At most the number of primed vesicles. Below about 0.1 quanta in more than 2 mM Mg
    release is higher than this law says (Andreu & Barrett 1980).

    Parameters
    ----------
    ca_o, mg_o : ionised, mM; numbers or arrays. preset : the junction.

    Raises
    ------
    NeurosimError : for a value that is not a number within its limits.
    """
    ca, mg = checked(ca_o=ca_o, mg_o=mg_o)
    level = relative(ca, mg, preset)
    chance = each(release.release_probability, level, 0.0, preset.probability)
    return sum(preset.sites) * chance


def safety_factor(
    ca_o: Any = CA, mg_o: Any = MG, preset: Junction = HUMAN
) -> np.ndarray:
    """Return the safety factor of a first impulse, of the broadcast shape.

    End-plate potential over the one that fires the fibre, with the Martin correction;
    below 1 the impulse is blocked. Parameters and errors as in ``quantal_content``.
    """
    quanta = quantal_content(ca_o, mg_o, preset)
    return np.asarray(safe(quanta, preset))[()]


def miniature_rate(
    ca_o: Any = CA, mg_o: Any = MG, k_o: Any = K, preset: Junction = HUMAN, *,
    depolarisation: Any = 0.0, temperature: Any = 37.0,
) -> np.ndarray:  # fmt: skip
    """Return the rate of spontaneous quanta, 1/s, of the broadcast shape.

    A miniature never fires a fibre by itself; the rate is there to be looked at. Real
    junctions fall again above Ca 2-3 mM, and follow K less below 10 mM.

    Parameters
    ----------
    ca_o, mg_o, k_o : mM; K moves the terminal's rest. preset : the junction.
    depolarisation : mV beyond what K does. temperature : degC.
    Errors as in ``quantal_content``.
    """
    ca, mg, k, more, warm = checked(
        ca_o=ca_o, mg_o=mg_o, k_o=k_o, depolarisation=depolarisation,
        temperature=temperature,
    )  # fmt: skip
    binding = known(preset).k_ca, preset.k_mg
    x = each(release.occupancy, ca, mg, *binding) / release.occupancy(CA, MG, *binding)
    shift = each(release.terminal_shift, k, warm) + more
    return each(release.miniature_frequency, preset.miniatures, preset.floor, x, shift)


def terminal_calcium(
    ca_o: Any = CA, mg_o: Any = MG, k_pore: Any = K_PORE, k_pore_mg: Any = K_PORE_MG
) -> np.ndarray:
    """Return the terminal's calcium entry relative to the healthy bath.

    The one-site form of its channels, Ca / (Ca + K (1 + Mg / K_Mg)). Its power could
    stand for the release law, which ``transmit`` does not use: pick one.

    Parameters
    ----------
    ca_o, mg_o : ionised, mM; numbers or arrays. k_pore, k_pore_mg : mM.
    Errors as in ``quantal_content``.
    """
    ca, mg, bind, bind_mg = checked(
        ca_o=ca_o, mg_o=mg_o, k_pore=k_pore, k_pore_mg=k_pore_mg
    )
    healthy = each(release.calcium_entry, CA, MG, bind, bind_mg)
    return each(release.calcium_entry, ca, mg, bind, bind_mg) / healthy


def paired_pulse_ratio(
    interval: Any, ca_o: Any = CA, mg_o: Any = MG, preset: Junction = HUMAN
) -> np.ndarray:
    """Return the quanta of a second impulse over those of the first.

    Above 1 facilitation wins, below 1 depletion does. NaN where the first releases
    nothing.

    Parameters
    ----------
    interval : between the two, ms. ca_o, mg_o : ionised, mM. All broadcast together.
    Errors as in ``quantal_content``.
    """
    gap, ca, mg = checked(interval=interval, ca_o=ca_o, mg_o=mg_o)
    times = np.stack([np.zeros(gap.size), gap.ravel()], axis=1)
    found = transmit(times, ca_o=ca.ravel(), mg_o=mg.ravel(), preset=preset).quanta
    first = np.where(found[:, 0] > 0, found[:, 0], np.nan)
    return (found[:, 1] / first).reshape(gap.shape)[()]


def transmit(
    spike_times: Any, *, ca_o: Any = CA, mg_o: Any = MG, preset: Junction = HUMAN,
    quanta: str = "mean", seed: int = 0,
) -> Transmission:  # fmt: skip
    """Return what every impulse of an axon releases, and which ones the fibre follows.

    Each pool of vesicles loses what is released and refills with its time constant;
    each impulse adds facilitation, which fades.

    Parameters
    ----------
    spike_times : (spikes,) or (runs, spikes), ms, rising, NaN-padded.
    ca_o, mg_o : ionised, mM; numbers, or one per run. One run of times and several
        baths become that many runs.
    preset : the junction; its ``k_ca``, ``k_mg``, ``power`` may be one per run, as
        arrays. quanta : ``"mean"``, or ``"binomial"``, where every vesicle is
        released, and every empty site refilled, by chance.
    seed : run k takes the stream (seed, k), whatever the other runs are.

    Returns
    -------
    Transmission : arrays (runs, spikes).

    Raises
    ------
    NeurosimError : for times that do not rise, baths that do not fit the runs, a value
        outside its limits, or an unknown kind of quanta.
    """
    times, ca, mg = checked_runs(spike_times, ca_o, mg_o)
    if quanta not in QUANTA:
        raise unknown(str(quanta), "quanta", QUANTA)
    level, sites = relative(ca, mg, preset)[:, None], np.array(preset.sites, float)
    runs, spikes = times.shape
    primed = np.tile(sites, (runs, 1))
    gained = np.zeros((runs, len(preset.fades)))
    share = preset.facilitation / max(len(preset.fades), 1)
    luck = draws(seed, runs, spikes, sites.size) if quanta == "binomial" else None
    released = np.full(times.shape, np.nan)
    gaps = np.diff(times, prepend=-np.inf)
    for k in range(spikes):
        there = np.isfinite(times[:, [k]])
        gap = np.where(there, gaps[:, [k]], 0.0)
        refill = -np.expm1(-gap / np.array(preset.recovery))
        primed = primed + taken(sites - primed, refill, luck, k, 0)
        gained = gained * np.exp(-gap / np.array(preset.fades))
        more = gained.sum(1, keepdims=True)
        chance = np.zeros_like(level)
        chance[there] = each(
            release.release_probability, level[there], more[there], preset.probability
        )
        out = taken(primed, chance, luck, k, 1)
        primed = primed - out
        gained = gained + np.where(there, share, 0.0)
        released[:, k] = np.where(there[:, 0], out.sum(1), np.nan)
    factor = safe(released, preset)
    return Transmission(quanta=released, safety=factor, passed=factor >= 1.0)


def taken(
    number: np.ndarray, chance: np.ndarray, luck: np.ndarray | None, k: int, what: int
) -> np.ndarray:
    """Return how many of a number are taken, (runs, pools): on average, or by luck."""
    if luck is None:
        return number * chance
    from scipy.stats import binom

    return np.maximum(binom.ppf(luck[:, k, what], number, chance), 0.0)


def draws(seed: int, runs: int, spikes: int, pools: int) -> np.ndarray:
    """Return uniform numbers, (runs, spikes, refill or release, pools)."""
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise NeurosimError(f"seed = {seed!r:.60}: give a whole number from 0 upwards.")
    shape = (spikes, 2, pools)
    found = [np.random.default_rng((int(seed), k)).random(shape) for k in range(runs)]
    return np.array(found).reshape(runs, *shape)


def relative(ca: np.ndarray, mg: np.ndarray, preset: Junction) -> np.ndarray:
    """Return release relative to the healthy bath."""
    known(preset)
    return each(
        release.relative_release, ca, mg, preset.k_ca, preset.k_mg, preset.power
    )


def safe(quanta: np.ndarray, preset: Junction) -> np.ndarray:
    """Return the safety factor of numbers of quanta."""
    return python_of(safety_of)(quanta / preset.quanta, preset.safety, preset.martin)


def known(preset: Any) -> Junction:
    """Return a junction, or say that this is none."""
    if not isinstance(preset, Junction):
        raise NeurosimError(
            f"preset = {preset!r:.60}: give a Junction, e.g. neurosim.junction.HUMAN."
        )
    return preset


def checked(**values: Any) -> list[np.ndarray]:
    """Return values broadcast together, or say which one is not possible."""
    found = []
    for name, value in values.items():
        low, high, meaning = LIMITS[name]
        try:
            array = np.asarray(value, float)
        except (TypeError, ValueError):
            array = np.array(np.nan)
        good = (array >= low) & (array <= high)
        if not good.all():
            shown = value if array.ndim == 0 else array[~good][0]
            raise NeurosimError(
                f"{name} = {shown!s:.40} is not possible: {meaning}, allowed {low:g} "
                f"to {high:g}."
            )
        found.append(array)
    try:
        return list(np.broadcast_arrays(*found))
    except ValueError:
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(values, found, strict=True))
        raise NeurosimError(
            f"shapes do not fit together: {shapes}; give numbers or equal shapes."
        ) from None


def checked_runs(spike_times: Any, ca_o: Any, mg_o: Any) -> tuple[np.ndarray, ...]:
    """Return times (runs, spikes) and calcium and magnesium of each run."""
    ca, mg = (np.atleast_1d(value) for value in checked(ca_o=ca_o, mg_o=mg_o))
    times = np.atleast_2d(checked_times(spike_times))
    runs = max(times.shape[0], ca.size)
    if times.ndim > 2 or ca.ndim > 1 or {times.shape[0], ca.size} - {1, runs}:
        raise NeurosimError(
            f"transmit: {times.shape} spike times and {ca.shape} baths; give (runs, "
            "spikes) times and one bath, or one for each run."
        )
    times = np.broadcast_to(times, (runs, times.shape[-1]))
    return times, np.broadcast_to(ca, runs), np.broadcast_to(mg, runs)
