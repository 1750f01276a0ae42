"""What spikes and force show: the features of a spontaneous discharge (muscle.md 6.2).

Times are ms, durations s, rates 1/s, force is a fraction of the maximal tetanus. A pool
is read through its busiest unit, with the force of all: rates and groups are those of
motor units, never of spikes heaped over units.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.groups import (
    NAN,
    Bout,
    Run,
    bout,
    fastest,
    from_muscle,
    longest,
    made_of,
    parts,
    variation,
)

BURST, MULTIPLET, RUN = 100.0, 25.0, 250.0  # ms, longest intervals (muscle.md 6.2, 6.3)
DOUBLETS, MULTIPLETS = (
    (2, 4.0),
    (4, 2.0),
)  # spikes a group, slowest recurrence 1/s (6.3)
DELAY = 10.0  # ms from axon to fibre at most (distal latency 3-5 ms; chosen)
LAG = 100.0  # ms by which force may peak after the last spike (muscle.md 3.7)
TAIL = 300.0  # ms after an event that show whether force falls back (chosen)
MANY = 10  # spikes of a neuromyotonic run (muscle.md 6.3)
STRONG, TENSE, RAISED = 0.5, 0.2, 0.1  # of tetanus (muscle.md 6.2, 6.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is measured of a discharge; NaN where it was not given or does not exist.

    Parameters
    ----------
    window : s. units : that fire. seen_in : "fibre" or "axon", whose spikes are used.
    spikes, axon_spikes : of the busiest unit. rate : spikes over window, 1/s.
    interval, cv : median [ms] and CV of its intervals.
    events, event_spikes, event_interval : of spikes less than 100 ms apart: number,
        median spikes, median time between starts [ms].
    bursts, burst_rate, burst_period, burst_cv : events of 2 to 10 spikes: number, f_in
        [1/s], median period [s] and its CV.
    doublets, multiplets : longest bout of groups of at least 2, 4 spikes.
    grouped, bursty : whether at least three such groups, or bursts, hold half of the
        spikes, in pauses of twice the interval within them.
    run, muscle_run, fastest : longest run without a gap above 250 ms; longest of spikes
        that began in the muscle; fastest multiplet of the axon.
    run_tense, run_peak : share of ``run`` with force >= 50 %; its highest force.
    peak, mean, valley, ripple : force, fraction of tetanus; valley is the highest of
        the minima after events, ripple (max - min) / max in the later half of ``run``.
    tense, held : share of the window with force > 20 %; longest time > 10 % [s].
    transmission, tetanic_force, half_relaxation, v_rest : found by a test stimulus
        (fibre spikes per stimulus at 10 Hz; the next two relative to baseline; mV).
    """

    window: float
    units: int
    seen_in: str
    spikes: int
    axon_spikes: float
    rate: float
    interval: float
    cv: float
    events: int
    event_spikes: float
    event_interval: float
    bursts: int
    burst_rate: float
    burst_period: float
    burst_cv: float
    doublets: Bout
    multiplets: Bout
    grouped: bool
    bursty: bool
    run: Run
    muscle_run: Run
    fastest: Run
    run_tense: float
    run_peak: float
    peak: float
    mean: float
    valley: float
    ripple: float
    tense: float
    held: float
    transmission: float = NAN
    tetanic_force: float = NAN
    half_relaxation: float = NAN
    v_rest: float = NAN


def features_of(
    *,
    axon_spikes: Any = None,
    fibre_spikes: Any = None,
    time: Any,
    force: Any,
    window: tuple[float, float] | None = None,
    transmission: float = NAN,
    tetanic_force: float = NAN,
    half_relaxation: float = NAN,
    v_rest: float = NAN,
) -> Features:
    """Measure a discharge that nobody evoked.

    Parameters
    ----------
    axon_spikes, fibre_spikes : rising times, ms, (spikes,) of a motor unit or (units,
        spikes) of a pool, NaN after the last one; one of the two may be missing.
    time, force : (samples,), ms and fraction of the maximal tetanus (pool: of the
        pool's); unit and time axis are those of the spikes.
    window : begin and end of what is spontaneous, ms, outside any test stimulus; by
        default all of ``time``.
    transmission : fibre spikes per stimulus of a test at 10 Hz. tetanic_force,
        half_relaxation : of a test, relative to the healthy baseline. v_rest : mV.

    Raises
    ------
    NeurosimError : for no train, trains or times that do not rise, pools of two sizes,
        force that is no fraction of tetanus, a window outside ``time``.
    """
    tested = _tested(
        transmission=transmission, tetanic_force=tetanic_force,
        half_relaxation=half_relaxation, v_rest=v_rest,
    )  # fmt: skip
    time, force = _trace(time, force)
    begin, end = _window(window, time)
    axons = _trains(axon_spikes, "axon_spikes", begin, end)
    fibres = _trains(fibre_spikes, "fibre_spikes", begin, end)
    if axons and fibres and len(axons) != len(fibres):
        raise NeurosimError(
            f"features_of: {len(axons)} axons and {len(fibres)} fibres; a pool gives "
            "one row of each per motor unit."
        )
    seen = fibres or axons
    if not seen:
        raise NeurosimError(
            "features_of: no spikes are given; give axon_spikes, fibre_spikes or both, "
            "an empty list for a silent one."
        )
    busiest = int(np.argmax([len(train) for train in seen]))
    axon = axons[busiest] if axons else seen[busiest]
    own = from_muscle(axon, seen[busiest], DELAY)
    inside = (time >= begin) & (time <= end)
    return Features(
        units=sum(bool(len(train)) for train in seen),
        seen_in="fibre" if fibres else "axon",
        axon_spikes=len(axon) if axons else NAN,
        fastest=fastest(axon, MULTIPLET, MANY),
        muscle_run=longest(parts(own, BURST)),
        **_rhythm(seen[busiest], (end - begin) / 1e3),
        **_events(seen[busiest], time[inside], force[inside], end),
        **_pull(seen[busiest], time[inside], force[inside]),
        **tested,
    )


# --- what train and force say


def _rhythm(times: np.ndarray, window: float) -> dict[str, Any]:
    gaps = np.diff(times)
    groups = parts(times, MULTIPLET)
    return {
        "window": window,
        "spikes": times.size,
        "rate": times.size / window,
        "interval": float(np.median(gaps)) if gaps.size else NAN,
        "cv": variation(gaps),
        "doublets": bout(groups, *DOUBLETS),
        "multiplets": bout(groups, *MULTIPLETS),
        "grouped": made_of([g for g in groups if g.size > 1], times, MULTIPLET),
        "run": longest(parts(times, RUN)),
    }


def _events(times, time, force, end: float) -> dict[str, Any]:
    """Return what events are like, and whether force falls back after them."""
    events = parts(times, BURST)
    bursts = [event for event in events if 2 <= event.size <= 10]
    starts = np.array([event[0] for event in events])
    periods = np.diff([burst[0] for burst in bursts])
    within = [np.diff(burst) for burst in bursts]
    ends = [*starts[1:], end]
    after = [
        force[(time >= event[-1]) & (time <= stop)]
        for event, stop in zip(events, ends, strict=bool(events))
    ]
    # a last event right at the end of the window says nothing about what follows
    if after and end - events[-1][-1] < TAIL:
        after.pop()
    return {
        "events": len(events),
        "event_spikes": float(np.median([e.size for e in events])) if events else NAN,
        "event_interval": float(np.median(np.diff(starts))) if starts.size > 1 else NAN,
        "bursts": len(bursts),
        "bursty": made_of(bursts, times, BURST),
        "burst_rate": 1e3 / float(np.median(np.concatenate(within))) if bursts else NAN,
        "burst_period": float(np.median(periods)) / 1e3 if periods.size else NAN,
        "burst_cv": variation(periods),
        "valley": max((float(f.min()) for f in after if f.size), default=NAN),
    }


def _pull(times, time, force) -> dict[str, Any]:
    """Return what force does in the window and in the longest run."""
    run = longest(parts(times, RUN))
    begin, end = run.begin, run.begin + 1e3 * run.duration
    during = force[(time >= begin) & (time <= end)]
    later = force[(time >= 0.5 * (begin + end)) & (time <= end)]
    pulled = force[(time >= begin) & (time <= end + LAG)]
    high = later.max(initial=0.0)
    return {
        "run_tense": float(np.mean(during >= STRONG)) if during.size else NAN,
        "run_peak": float(pulled.max()) if pulled.size else NAN,
        "ripple": float((high - later.min()) / high) if high > 0 else NAN,
        "peak": float(force.max()),
        "mean": float(np.trapezoid(force, time) / (time[-1] - time[0])),
        "tense": _share(force > TENSE, time),
        "held": _held(force > RAISED, time),
    }


def _share(flags: np.ndarray, time: np.ndarray) -> float:
    return float(np.trapezoid(flags.astype(float), time) / (time[-1] - time[0]))


def _held(flags: np.ndarray, time: np.ndarray) -> float:
    """Return the longest time, s, for which flags hold without a break."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]])))
    spans = time[edges[1::2] - 1] - time[edges[::2]]
    return float(spans.max(initial=0.0)) / 1e3


# --- what is given


def _tested(**given: float) -> dict[str, Any]:
    for name, value in given.items():
        value = float(value)
        if name != "v_rest" and value < 0.0:
            raise NeurosimError(
                f"features_of: {name} = {value:g}; it is a ratio from 0, or NaN where "
                "nobody tested."
            )
    return {name: float(value) for name, value in given.items()}


def _trace(time: Any, force: Any) -> tuple[np.ndarray, np.ndarray]:
    time, force = np.asarray(time, float), np.asarray(force, float)
    if time.ndim != 1 or time.size < 2 or time.shape != force.shape:
        raise NeurosimError(
            f"features_of: time has shape {time.shape} and force {force.shape}; give "
            "both as (samples,), two samples at least."
        )
    if not (np.isfinite(time).all() and (np.diff(time) > 0.0).all()):
        raise NeurosimError("features_of: time has to rise, in ms, without NaN.")
    if not (np.isfinite(force).all() and force.min() >= -0.01 and force.max() <= 2.0):
        raise NeurosimError(
            f"features_of: force lies between {force.min():g} and {force.max():g}; it "
            "is a fraction of the maximal tetanus, so divide by that first."
        )
    return time, force


def _window(window: tuple[float, float] | None, time: np.ndarray):
    begin, end = (time[0], time[-1]) if window is None else map(float, window)
    if (
        time[0] <= begin < end <= time[-1]
        and np.sum((time >= begin) & (time <= end)) > 1
    ):
        return float(begin), float(end)
    raise NeurosimError(
        f"features_of: window = {begin:g} to {end:g} ms; give two rising times within "
        f"{time[0]:g} to {time[-1]:g} ms, with samples of force between them."
    )


def _trains(spikes: Any, name: str, begin: float, end: float) -> list[np.ndarray]:
    """Return the spikes in the window, one array per unit; none where not given."""
    if spikes is None:
        return []
    given = np.asarray(spikes, float)
    if given.ndim not in (1, 2):
        raise NeurosimError(
            f"features_of: {name} has shape {given.shape}; give (spikes,) of one unit "
            "or (units, spikes) of a pool, NaN-padded."
        )
    rows = np.atleast_2d(given)
    unit, at = np.nonzero(~np.isnan(rows))
    times = rows[unit, at]
    if (np.diff(times)[np.diff(unit) == 0] < 0.0).any():
        raise NeurosimError(
            f"features_of: {name} has to rise along its last axis, in ms; sort it."
        )
    seen = (times >= begin) & (times <= end)
    ends = np.cumsum(np.bincount(unit[seen], minlength=len(rows)))
    return np.split(times[seen], ends[:-1])[: len(rows)]
