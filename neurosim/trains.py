"""What spike times say: counts, intervals, events and bursts.

The first half takes spike times (…, spikes) in ms, rising, NaN after the last one, and
works along the last axis; the second half holds the measures of a run made of it.
An event is a group of spikes less than ``GAP`` apart (design section 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosim.engine import Outcome
from neurosim.errors import NeurosimError
from neurosim.feature import of_run

GAP = 20.0  # ms: spikes less than this apart belong to one event (design section 4)
WITHIN = 25.0  # ms: two spikes of an event this close make it a multiplet (claims.csv)
PER_SECOND = 1e3  # ms in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Groups of spikes of each run, (…, events), NaN after the last event.

    count : (…) number of events. spikes : in each event. begin, end : time of its first
    and last spike, ms. closest : its shortest interval, ms, NaN for a single spike.
    """

    count: np.ndarray
    spikes: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    closest: np.ndarray

    @property
    def duration(self) -> np.ndarray:
        """Return the time from first to last spike, ms; 0 for a single spike."""
        return self.end - self.begin

    @property
    def rate(self) -> np.ndarray:
        """Return the mean rate inside each event, 1/s; NaN for a single spike."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = (self.spikes - 1.0) / self.duration * PER_SECOND
        return np.where(self.spikes > 1, rate, np.nan)

    @property
    def pause(self) -> np.ndarray:
        """Return the silence before the next event, ms; NaN after the last one."""
        after = np.full(self.begin.shape, np.nan)
        after[..., :-1] = self.begin[..., 1:] - self.end[..., :-1]
        return after

    def multiplets(self, within: float = WITHIN) -> np.ndarray:
        """Return the share of events with two spikes at most ``within`` ms apart."""
        return over(np.sum(self.closest <= within, axis=-1), self.count)

    def spikes_each(self) -> np.ndarray:
        """Return the mean number of spikes per event; NaN without one."""
        return over(np.nansum(self.spikes, axis=-1), self.count)


def padded(trains: Sequence[np.ndarray]) -> np.ndarray:
    """Return spike times of several trains as one array, (trains, spikes), ms."""
    found = np.full((len(trains), max(map(len, trains), default=0)), np.nan)
    for row, train in zip(found, trains, strict=True):
        row[: len(train)] = train
    return found


def over(part: np.ndarray, whole: np.ndarray, least: int = 1) -> np.ndarray:
    """Return part / whole, NaN where the whole is less than ``least``."""
    enough = whole >= least
    return np.where(enough, part / np.where(enough, whole, 1), np.nan)


def checked_times(times: np.ndarray) -> np.ndarray:
    """Return spike times as an array, or say what is wrong with them."""
    times = np.asarray(times, float)
    if times.ndim == 0:
        raise NeurosimError(
            f"spike times = {times}: give an array (…, spikes) in ms, NaN-padded."
        )
    there = np.isfinite(times)
    gaps = (there[..., 1:] & ~there[..., :-1]).any()
    if gaps or (np.diff(times, axis=-1) < 0.0).any():
        raise NeurosimError(
            "spike times: they have to rise along the last axis, with NaN only after "
            "the last spike; sort them first."
        )
    return times


def intervals(times: np.ndarray) -> np.ndarray:
    """Return the intervals between spikes, ms, (…, spikes - 1), NaN-padded."""
    return np.diff(checked_times(times), axis=-1)


def instantaneous_rate(times: np.ndarray) -> np.ndarray:
    """Return the rate at the second and every later spike, 1/s: 1 / interval."""
    return PER_SECOND / intervals(times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Statistics of the intervals between spikes, each (…).

    count : how many. mean : ms (NaN without an interval). cv : SD (n - 1) / mean. cv2 :
    mean of 2 |a - b| / (a + b) of neighbours a, b (Holt 1996). lv : mean of
    3 ((a - b) / (a + b))^2 (Shinomoto 2003). The last three are 0 for a clock, 1 for a
    Poisson process, NaN below two intervals.
    """

    count: np.ndarray
    mean: np.ndarray
    cv: np.ndarray
    cv2: np.ndarray
    lv: np.ndarray


def interval_statistics(times: np.ndarray) -> Intervals:
    """Return mean and variability of the intervals of (…, spikes), ms."""
    gaps = intervals(times)
    count = np.isfinite(gaps).sum(-1)
    mean = over(np.nansum(gaps, axis=-1), count)
    squares = np.nansum((gaps - mean[..., None]) ** 2, axis=-1)
    spread = np.sqrt(over(squares, count - 1))
    a, b = gaps[..., :-1], gaps[..., 1:]
    unlike = np.abs(a - b) / (a + b)
    return Intervals(
        count=count,
        mean=mean,
        cv=spread / mean,
        cv2=over(np.nansum(2.0 * unlike, axis=-1), count - 1),
        lv=over(np.nansum(3.0 * unlike**2, axis=-1), count - 1),
    )


def events(times: np.ndarray, gap: float = GAP) -> Events:
    """Group spikes into events: spikes less than ``gap`` ms apart are of one event.

    Parameters
    ----------
    times : (…, spikes), ms, rising, NaN-padded.

    Raises
    ------
    NeurosimError : for times that do not rise, or a gap that is not positive.
    """
    times = checked_times(times)
    if not gap > 0:
        raise NeurosimError(f"events: gap = {gap:g}: give a time above 0 ms.")
    shape, spikes = times.shape[:-1], times.shape[-1]
    flat = times.reshape(int(np.prod(shape)), spikes)
    there = np.isfinite(flat)
    step = np.diff(flat, axis=1, prepend=-np.inf)
    first = there & ~(step < gap)
    which = np.cumsum(first, axis=1) - 1
    most = int(first.sum(1).max(initial=0))
    row, column = np.nonzero(there)
    at = (row, which[row, column])
    size = np.zeros((flat.shape[0], most))
    begin, closest = np.full((2, *size.shape), np.inf)
    end = np.full(size.shape, -np.inf)
    np.add.at(size, at, 1.0)
    np.minimum.at(begin, at, flat[row, column])
    np.maximum.at(end, at, flat[row, column])
    inside = ~first[row, column]
    at = (at[0][inside], at[1][inside])
    np.minimum.at(closest, at, step[row, column][inside])

    def kept(values, condition):
        return np.where(condition, values, np.nan).reshape(*shape, most)

    return Events(
        count=first.sum(1).reshape(shape),
        spikes=kept(size, size > 0),
        begin=kept(begin, size > 0),
        end=kept(end, size > 0),
        closest=kept(closest, size > 1),
    )


# --- measures of a run


def diverged(outcome: Outcome) -> np.ndarray:
    """Return which runs diverged."""
    return outcome.status == 1


@of_run("", "number of spikes")
def spike_count(outcome: Outcome) -> np.ndarray:
    """Count the spikes, shape (runs,)."""
    return np.where(diverged(outcome), np.nan, outcome.counts)


@of_run("1/s", "spikes per second of the run")
def spike_rate(outcome: Outcome) -> np.ndarray:
    """Spikes per second of the whole run, shape (runs,); time taken as ms."""
    return spike_count(outcome) / outcome.duration * PER_SECOND


@of_run("ms", "times of upward crossings of the detection level", times=True)
def spike_times(outcome: Outcome) -> np.ndarray:
    """Spike times, ms, shape (runs, spikes), NaN-padded.

    Each lies on the parabola through three steps (on a line next to an edge).

    Raises
    ------
    NeurosimError : if the run kept fewer times than it had spikes.
    """
    most = int(outcome.counts.max(initial=0))
    kept = outcome.spikes.shape[1]
    if most > kept:
        raise NeurosimError(
            f"a run has {most} spikes but kept the times of {kept}; ask simulate for "
            "the measure, or run with Wanted(spikes=True)."
        )
    return outcome.spikes[:, :most]


def whole_times(outcome: Outcome) -> np.ndarray:
    """Return the spike times of runs that came to their end; the others have none."""
    return np.where(diverged(outcome)[:, None], np.nan, spike_times(outcome))


@of_run("ms", "time of the last spike", times=True)
def last_spike(outcome: Outcome) -> np.ndarray:
    """Time of the last spike, ms; NaN without one."""
    times = spike_times(outcome)
    if not times.shape[1]:
        return np.full(outcome.counts.size, np.nan)
    return np.fmax.reduce(times, axis=1)


@of_run("", "number of events (spikes less than 20 ms apart)", times=True)
def event_count(outcome: Outcome) -> np.ndarray:
    """Count the events, shape (runs,)."""
    return np.where(diverged(outcome), np.nan, events(whole_times(outcome)).count)


@of_run("1/s", "events per second of the run", times=True)
def event_rate(outcome: Outcome) -> np.ndarray:
    """Events per second of the whole run, shape (runs,)."""
    return event_count(outcome) / outcome.duration * PER_SECOND


@of_run("", "mean number of spikes per event", times=True)
def spikes_per_event(outcome: Outcome) -> np.ndarray:
    """Spikes per event, shape (runs,); NaN without an event."""
    return events(whole_times(outcome)).spikes_each()


@of_run("", "share of events with two spikes within 25 ms", times=True)
def multiplet_share(outcome: Outcome) -> np.ndarray:
    """Share of events that are doublets or more, shape (runs,); NaN without one."""
    return events(whole_times(outcome)).multiplets()


@of_run("ms", "mean interval between spikes", times=True)
def isi_mean(outcome: Outcome) -> np.ndarray:
    """Mean interval, ms, shape (runs,); NaN below two spikes."""
    return interval_statistics(whole_times(outcome)).mean


@of_run("", "coefficient of variation of the intervals", times=True)
def isi_cv(outcome: Outcome) -> np.ndarray:
    """SD / mean of the intervals, shape (runs,); NaN below three spikes."""
    return interval_statistics(whole_times(outcome)).cv
