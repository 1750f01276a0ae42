"""Runs, bursts and multiplets: a spike train cut where its intervals are long.

Spike times are ms and rise; durations are s, rates 1/s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NAN = float("nan")
APART = 2.0  # pause between groups over interval within them, at least (chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Spikes without a long gap: how many, begin [ms], duration [s], rates [1/s].

    rate : mean. f_in : median of 1/interval. fall : share of the rate lost from its
    fastest third to its last; NaN below seven spikes.
    """

    spikes: int = 0
    begin: float = NAN
    duration: float = 0.0
    rate: float = NAN
    f_in: float = NAN
    fall: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Bout:
    """Groups of spikes that recur: number, recurrence and f_in [1/s], duration [s]."""

    groups: int = 0
    rate: float = NAN
    f_in: float = NAN
    duration: float = 0.0


def parts(times: np.ndarray, gap: float) -> list[np.ndarray]:
    """Split rising times, ms, where an interval is longer than ``gap``, ms."""
    if not times.size:
        return []
    return np.split(times, np.flatnonzero(np.diff(times) > gap) + 1)


def described(times: np.ndarray) -> Run:
    """Return a run of spike times, (spikes,) ms, in numbers."""
    gaps = np.diff(times)
    if not gaps.size:
        return Run(spikes=times.size, begin=float(times[0])) if times.size else Run()
    thirds = [1.0 / np.mean(third) for third in np.array_split(gaps, 3) if third.size]
    return Run(
        spikes=times.size,
        begin=float(times[0]),
        duration=float(times[-1] - times[0]) / 1e3,
        rate=1e3 * gaps.size / float(times[-1] - times[0]),
        f_in=1e3 / float(np.median(gaps)),
        fall=float(1.0 - thirds[-1] / max(thirds)) if gaps.size >= 6 else NAN,
    )


def longest(runs: Sequence[np.ndarray]) -> Run:
    """Return the run that lasts longest, the first of equals."""
    return described(max(runs, key=lambda run: run[-1] - run[0], default=np.empty(0)))


def bout(groups: list[np.ndarray], least: int, slowest: float) -> Bout:
    """Return the longest stretch of groups that recur.

    Parameters
    ----------
    groups : spike times of each, ms. least : spikes a group needs to count. slowest :
        rate at which they have to recur, 1/s; a longer pause ends the stretch.
    """
    large = [group for group in groups if group.size >= least]
    starts = np.array([group[0] for group in large])
    best = Bout()
    for stretch in parts(starts, 1e3 / slowest):
        first = int(np.searchsorted(starts, stretch[0]))
        members = large[first : first + stretch.size]
        duration = float(members[-1][-1] - members[0][0]) / 1e3
        if stretch.size > 1 and duration > best.duration:
            within = np.concatenate([np.diff(group) for group in members])
            best = Bout(
                groups=stretch.size,
                rate=1e3 / float(np.median(np.diff(stretch))),
                f_in=1e3 / float(np.median(within)),
                duration=duration,
            )
    return best


def apart(times: np.ndarray, gap: float) -> bool:
    """Tell whether pauses above ``gap``, ms, stand out from the intervals below it."""
    gaps = np.diff(times)
    within, pauses = gaps[gaps <= gap], gaps[gaps > gap]
    if not (within.size and pauses.size):
        return False
    return bool(np.median(pauses) >= APART * np.median(within))


def made_of(groups: list[np.ndarray], times: np.ndarray, gap: float) -> bool:
    """Tell whether at least three groups, well apart, hold half of all spikes."""
    held = sum(map(len, groups))
    return len(groups) >= 3 and 2 * held >= times.size and apart(times, gap)


def fastest(times: np.ndarray, gap: float, many: int) -> Run:
    """Return the fastest group of at least ``many`` spikes, else of at least two."""
    found = [described(group) for group in parts(times, gap) if group.size > 1]
    return max(found, key=lambda run: (run.spikes >= many, run.f_in), default=Run())


def from_muscle(axon: np.ndarray, fibre: np.ndarray, delay: float) -> np.ndarray:
    """Return the fibre spikes, ms, without an axon spike up to ``delay`` ms before."""
    before = np.concatenate([[-np.inf], axon])
    since = fibre - before[np.searchsorted(axon, fibre, side="right")]
    return fibre[since > delay]


def variation(gaps: np.ndarray) -> float:
    """Return SD (n - 1) over mean of intervals; NaN below two of them."""
    return float(np.std(gaps, ddof=1) / np.mean(gaps)) if gaps.size > 1 else NAN
