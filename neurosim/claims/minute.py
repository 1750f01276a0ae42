"""What a resting motor pool fires and pulls by itself in a minute (quick: 15 s).

One pool of 150 units a draw. Of the axons from which ten events are expected the four
busiest are simulated, the others fire single spikes by chance at their rate. Impulses
that the junction blocks are left out. Each unit pulls as the twitches of the draw's own
fibre add up, up to its tetanus, and units differ in force by a factor of 100.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.fibre import JUNCTIONS
from neurosim.claims.population import ENOUGH, Bench
from neurosim.classify import classify_pool
from neurosim.discharge import TENSE
from neurosim.innervate import DELAY, unit_forces
from neurosim.junction import CA, MG, Junction, transmit
from neurosim.spontaneous import SIGMA
from neurosim.trains import padded

BUSIEST = 4  # axons of a pool that are simulated
STEP = 5.0  # ms between samples of force
BEFORE, LASTS = 50.0, 700.0  # ms before and of a fibre's twitch
STREAM = 11  # of the seed: spikes by chance

Trains = list[np.ndarray]  # ms, one array per unit


def impulses(bench: Bench, dose: Mapping[str, Any]) -> list[Trains]:
    """Return the spikes of all axons of every draw's pool in a minute."""
    (found,) = bench.rates([dict(dose)])
    expected = bench.minute * np.nan_to_num(found.axons)
    rank = np.argsort(np.argsort(-expected, axis=1), axis=1)
    picked = (expected >= ENOUGH) & (rank < BUSIEST)
    fired = bench.fire(dose, picked, SIGMA, bench.minute).times if picked.any() else ()
    simulated = dict(zip(zip(*np.nonzero(picked), strict=True), fired, strict=True))
    pools = []
    for k, row in enumerate(expected):
        rng = np.random.default_rng((bench.population.seed, STREAM, k))
        counts = rng.poisson(row)
        trains = [np.sort(rng.uniform(0.0, 1e3 * bench.minute, n)) for n in counts]
        for unit in np.flatnonzero(picked[k]):
            times = simulated[k, unit]
            trains[unit] = times[np.isfinite(times)]
        pools.append(trains)
    return pools


def followed(
    pools: list[Trains], junction: Junction, ca_o: np.ndarray, mg_o: np.ndarray
) -> list[Trains]:
    """Return the spikes of the fibres of all pools; junction and bath (pools,)."""
    units = len(pools[0])
    of = np.repeat(np.arange(len(pools)), units)
    axons = [times for pool in pools for times in pool]
    found = passed(axons, some(junction, of), ca_o[of], mg_o[of])
    return [found[k : k + units] for k in range(0, len(found), units)]


def some(junction: Junction, which: np.ndarray) -> Junction:
    """Return some of the junctions that one holds as arrays."""
    return replace(junction, **{n: getattr(junction, n)[which] for n in JUNCTIONS})


def passed(
    trains: Trains, junction: Junction, ca_o: np.ndarray, mg_o: np.ndarray
) -> Trains:
    """Return the spikes of the fibres that follow some axons.

    junction : what is drawn of it, and ca_o, mg_o [mM], one per axon. Axons that fire
    about equally often go together: padding adds as much at most.
    """
    sizes = np.array([times.size for times in trains])
    twofold = np.ceil(np.log2(np.maximum(sizes, 1)))
    found = list(trains)
    for group in np.unique(twofold[sizes > 0]):
        here = np.flatnonzero((sizes > 0) & (twofold == group))
        times, those = padded([trains[n] for n in here]), some(junction, here)
        follow = transmit(times, ca_o=ca_o[here], mg_o=mg_o[here], preset=those).passed
        for n, row, follows in zip(here, times, follow, strict=True):
            found[n] = row[follows] + DELAY
    return found


def pooled(trains: Trains, twitch: np.ndarray, rest: float, samples: int) -> np.ndarray:
    """Return the force of a pool every ``STEP``, share of its tetanus.

    samples : how many. trains : of its fibres. twitch : force of one every ``STEP``,
    above rest. Twitches add up, at most to the tetanus of the unit. The peak of a
    train at 10 Hz is then 0.88, at 30 Hz 0.68 of what the fibre itself gives (medians
    of 100 draws).
    """
    from scipy.signal import fftconvolve

    active = [unit for unit, times in enumerate(trains) if times.size]
    share = unit_forces(len(trains))
    force = np.full(samples, rest)
    if not active:
        return force
    counts = np.stack([
        np.histogram(trains[unit], samples, (0.0, STEP * samples))[0] for unit in active
    ])  # fmt: skip
    pull = fftconvolve(counts, twitch[None], axes=1)[:, :samples]
    return force + share[active] @ np.clip(pull, 0.0, 1.0 - rest)


def twitches(bench: Bench) -> np.ndarray:
    """Return the twitch of every draw's healthy fibre, (draws, samples)."""

    def make(_):
        times = np.array([BEFORE])
        found = bench.fibres.run({}, times, BEFORE + LASTS, every=STEP)
        force = found["force"] - found["force"][:, [0]]
        return {"force": force[:, found["time"] >= BEFORE + DELAY]}

    return bench.fibres.of("fibre_twitch", {}, make)["force"]


def minute(bench: Bench, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return what the pools of all draws do in a minute at a dose, each (draws,).

    sign ; peak of force ; tense, share of time above 20 % ; silent, that share with
    all axons silent ; units that fire ; busiest, spikes per second of one.
    """

    def make(dose):
        size, twitch = bench.population.size, twitches(bench)
        known = bench.fibres.model.parameters
        rest = bench.fibres.rest({n: v for n, v in dose.items() if n in known})["force"]
        ca, mg = (
            np.broadcast_to(dose.get(name, healthy), size)
            for name, healthy in (("ca_o", CA), ("mg_o", MG))
        )
        time = STEP * np.arange(round(1e3 * bench.minute / STEP))
        able, pools = np.isfinite(rest + ca + mg), impulses(bench, dose)
        ca, mg = np.where(able, ca, CA), np.where(able, mg, MG)
        found = []
        for k, fibres in enumerate(followed(pools, bench.fibres.junction, ca, mg)):
            force = np.full(time.size, np.nan)
            if able[k]:
                force = pooled(fibres, twitch[k], rest[k], time.size)
            found.append(shown(pools[k], fibres, time, force, rest[k]))
        return {name: np.array([one[name] for one in found]) for name in found[0]}

    return bench.once("pools", dict(dose), make)


def shown(axons: Trains, fibres: Trains, time, force, rest: float) -> dict[str, Any]:
    """Return the entries of ``minute`` for one pool; NaN where it has no force."""
    if not np.isfinite(force).all():
        lost = dict.fromkeys(("peak", "tense", "silent", "units", "busiest"), np.nan)
        return {"sign": "", **lost}
    sign = classify_pool(
        axon_spikes=padded(axons), fibre_spikes=padded(fibres), time=time, force=force
    )
    return {
        "sign": sign.sign,
        "peak": sign.features.peak,
        "tense": sign.features.tense,
        "silent": float(rest > TENSE),
        "units": float(sign.features.units),
        "busiest": sign.features.rate,
    }
