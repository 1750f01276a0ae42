"""Recovery of excitability after a spike: a conditioning and a test pulse.

The states at every conditioning-test interval are kept from one run of each bath; from
then on all baths and intervals are lanes of a single search for thresholds. An interval
runs from the begin of the conditioning pulse to the begin of the test pulse.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, part, spread
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.protocol import Rest, Step
from neurosim.search import AFTER, SETTLE, each, settled, threshold_from
from neurosim.timetable import timetable
from neurosim.units import one_number

WIDTH = 1.0  # ms of both pulses, as in nerve excitability work
STRENGTH = 2.0  # times threshold: the conditioning pulse
STRONGEST = 10.0  # times threshold: beyond this test pulse an axon is refractory


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Thresholds of a test pulse, (baths,) at rest and (baths, intervals) after."""

    ensemble: Ensemble
    intervals: np.ndarray  # ms
    control: np.ndarray
    conditioned: np.ndarray

    @property
    def change(self) -> np.ndarray:
        """Return the change of threshold, %, (baths, intervals)."""
        return 100.0 * (self.conditioned / self.control[:, None] - 1.0)


def recovery(
    model: Model,
    times: Any,
    *,
    width: float = WIDTH,
    test: float = WIDTH,
    strength: float = STRENGTH,
    strongest: float = STRONGEST,
    settle: float = SETTLE,
    dt: float | None = None,
) -> Recovery:
    """Find the thresholds of a test pulse at times after a conditioning pulse.

    Parameters
    ----------
    times : intervals, ms, rising. width, test : length of the conditioning and of the
        test pulse, ms. strength, strongest : of the conditioning pulse, and of the
        strongest test pulse, times the threshold of each. settle : ms in the bath
        before, as for ``threshold``.

    Raises
    ------
    NeurosimError : for intervals that do not rise or begin within the pulse.
    """
    times = rising(times, "intervals")
    check_pulses(times, width, test, strength, strongest)
    ensemble = spread(model)
    step = checked_dt(model, max(settle, times[-1]), dt)
    x, able = settled(ensemble, settle, step)
    control = threshold_from(ensemble, x, able, test, step, AFTER)
    own = control
    if width != test:
        own = threshold_from(ensemble, x, able, width, step, AFTER)
    conditioned = np.full((ensemble.size, times.size), np.nan)
    known = np.flatnonzero(np.isfinite(control) & np.isfinite(own))
    if known.size:
        pulse = Step(strength * own[known], 0.0, width)
        states, fired = after_pulse(
            each(ensemble, known), x[:, known], pulse, times, step
        )
        which = np.repeat(known, times.size)
        conditioned[known] = threshold_from(
            part(ensemble, which), states, fired.ravel(), test, step, AFTER,
            strongest * control[which],
        ).reshape(known.size, times.size)  # fmt: skip
    return Recovery(
        ensemble=ensemble, intervals=times, control=control, conditioned=conditioned
    )


def check_pulses(
    times: np.ndarray, width: float, test: float, strength: float, strongest: float
) -> None:
    """Explain intervals or strengths that cannot be."""
    if not 0.0 < one_number(width, "width", "ms") <= times[0]:
        raise NeurosimError(
            f"intervals from {times[0]:g} ms: the conditioning pulse is {width:g} ms "
            "long; begin at its end or later."
        )
    if not 0.0 < one_number(test, "test", "ms") < np.inf:
        raise NeurosimError(f"test = {test:g}: give the length of a pulse in ms.")
    for what, value in (("strength", strength), ("strongest", strongest)):
        if not 1.0 < one_number(value, what, "1") < np.inf:
            raise NeurosimError(
                f"{what} = {value:g}: give a multiple of threshold above 1."
            )


def after_pulse(
    ensemble: Ensemble, x: np.ndarray, pulse: Step, times: np.ndarray, dt: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the states at times after the begin of a pulse, and which have fired.

    Returns
    -------
    buffer (rows, runs * times), times fastest, and (runs, times).
    """
    count = np.zeros(ensemble.size)
    states = np.empty((*x.shape, times.size))
    fired = np.empty((ensemble.size, times.size), bool)
    now = 0.0
    for k, time in enumerate(times):
        piece = pulse if now == 0.0 else Rest()
        outcome = run(ensemble, x, timetable(piece, time - now, dt), Wanted())
        x, now = outcome.x, time
        count = np.where(outcome.status == 0, count + outcome.counts, np.nan)
        states[..., k] = x
        fired[:, k] = count > 0
    return states.reshape(x.shape[0], -1), fired


def lowest(found: Recovery, window: tuple[float, float]) -> np.ndarray:
    """Return the least change in a window of intervals, %; NaN without any."""
    return np.fmin.reduce(seen(found, window), axis=1)


def highest(found: Recovery, window: tuple[float, float]) -> np.ndarray:
    """Return the largest change in a window of intervals, %; NaN without any."""
    return np.fmax.reduce(seen(found, window), axis=1)


def seen(found: Recovery, window: tuple[float, float]) -> np.ndarray:
    """Return the changes in a window, with a NaN so that it is never empty."""
    inside = (found.intervals >= window[0]) & (found.intervals <= window[1])
    return np.pad(found.change[:, inside], ((0, 0), (0, 1)), constant_values=np.nan)


def absolute(found: Recovery) -> np.ndarray:
    """Return the interval from which on there always is a threshold, ms."""
    refractory = np.isnan(found.conditioned)
    last = refractory.shape[1] - 1 - refractory[:, ::-1].argmax(1)
    ends = refractory.any(1) & (last < refractory.shape[1] - 1)
    after = np.minimum(last + 1, refractory.shape[1] - 1)
    middle = np.sqrt(found.intervals[last] * found.intervals[after])
    return np.where(ends, middle, np.nan)


def crossing(found: Recovery) -> np.ndarray:
    """Return where the change of threshold first falls to 0, ms, linear between."""
    change, times = found.change, found.intervals
    falls = np.zeros(change.shape, bool)  # never at the last interval
    falls[:, :-1] = (change[:, :-1] > 0) & (change[:, 1:] <= 0)
    row, k = np.arange(change.shape[0]), falls.argmax(1)
    after = np.minimum(k + 1, times.size - 1)
    a, b = change[row, k], change[row, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        at = times[k] + a / (a - b) * (
            times[np.minimum(k + 1, times.size - 1)] - times[k]
        )
    return np.where(falls.any(1), at, np.nan)


def rising(values: Any, what: str) -> np.ndarray:
    """Return values that have to rise as an array."""
    try:
        array = np.atleast_1d(np.asarray(values, float))
    except (TypeError, ValueError):
        array = np.zeros(0)
    good = array.ndim == 1 and array.size > 0 and np.isfinite(array).all()
    if not good or (np.diff(array) <= 0).any():
        raise NeurosimError(
            f"{what} = {values!r:.60}: give finite numbers that rise, e.g. a list."
        )
    return array
