"""The search for thresholds: all runs at once, by bracketing and then halving."""

from dataclasses import replace

import numpy as np

from neurosim.declare import Cable
from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, part
from neurosim.equilibrium import applied, at_reference, rest_buffer
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.protocol import Rest, Step
from neurosim.timetable import timetable
from neurosim.units import one_number

RELATIVE = 2e-4  # width at which a threshold is found
ALL_OR_NONE = 10.0  # mV by which the peak of v jumps at the threshold of a spike
PEAK_EVERY = 0.05  # ms between the samples among which the peak is looked for
DOWN = 0.8  # first step of the search below an amplitude that fires
LEAST = 1e-3  # of the first amplitude: what fires below it may need none
DOUBLINGS = 24  # of the first guess before a run counts as inexcitable
AFTER = 6.0  # ms after a pulse within which a spike is due
SETTLE = 250.0  # ms in a bath before its excitability is measured (nerve.md 8.2)


def settled(
    ensemble: Ensemble, settle: float, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs at rest and which of them are quiet.

    ``settle`` 0: the equilibrium of each bath. Otherwise that long in the bath, from
    the rest of the reference bath (some gates need minutes to come to rest at low K).
    """
    if settle <= 0:
        return rest_buffer(ensemble)
    states, able = rest_buffer(at_reference(ensemble))
    x = applied(ensemble, states)
    outcome = run(ensemble, x, timetable(Rest(), settle, step), Wanted())
    return outcome.x, able & (outcome.counts == 0) & (outcome.status == 0)


def thresholds(
    ensemble: Ensemble,
    widths: list[float],
    settle: float,
    dt: float | None,
    after: float,
) -> list[np.ndarray]:
    """Return the threshold of every run for each pulse width."""
    if not ensemble.model.compartments:
        raise NeurosimError(f"{ensemble.model.name} has no voltage, so no threshold.")
    for what, time in (("width", min(widths)), ("after", after)):
        if not one_number(time, what, "ms") > 0:
            raise NeurosimError(
                f"threshold: {what} = {time:g}: give a time above 0 ms."
            )
    step = checked_dt(ensemble.model, max(widths), dt)
    x, able = settled(ensemble, settle, step)
    return [threshold_from(ensemble, x, able, width, step, after) for width in widths]


def threshold_from(
    ensemble: Ensemble,
    x: np.ndarray,
    able: np.ndarray,
    width: float,
    step: float,
    after: float,
    most: np.ndarray | None = None,
    relative: float = RELATIVE,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """Return the threshold of each run that is able, NaN for the others.

    ``most`` is the strongest pulse that is tried, per run; above it is NaN. ``near``:
    where to begin the search, per run.
    """
    found = np.full(ensemble.size, np.nan)
    runs = np.flatnonzero(able)
    if runs.size:
        here = np.ascontiguousarray(x[:, runs])
        limit, begin = (None if a is None else a[runs] for a in (most, near))
        own = each(ensemble, runs)
        found[runs] = bisect(own, here, width, step, after, limit, relative, begin)
    return found


def each(ensemble: Ensemble, runs: np.ndarray) -> Ensemble:
    """Return some of the runs, with an amplitude of its own for each."""
    return replace(part(ensemble, runs), amplitude=np.arange(runs.size))


def bisect(
    ensemble: Ensemble,
    x: np.ndarray,
    width: float,
    dt: float,
    after: float,
    most: np.ndarray | None = None,
    relative: float = RELATIVE,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """Return the threshold of each run: a bracket around ``near``, then halving.

    A response that grows with the stimulus is not a spike: v has to jump between 1 %
    below and 1 % above, or at the threshold itself.
    """

    def fires(amplitude):
        pulse = Step(amplitude, 0.0, width)
        table = timetable(pulse, width + after, dt)
        outcome = run(ensemble, x, table, Wanted())
        return (outcome.counts > 0) & (outcome.status == 0)

    def peak(amplitude):
        table = timetable(Step(amplitude, 0.0, width), width + after, dt)
        outcome = run(ensemble, x, table, Wanted((ensemble.model.watched,), PEAK_EVERY))
        return outcome.samples[:, 0].max(axis=1)

    if near is None:
        near = np.full(ensemble.size, first_guess(ensemble.model, width))
    if most is None:
        most = near * 2.0**DOUBLINGS
    low, high, found = bracket(fires, np.minimum(near, most), most)
    while (wide := found & (high - low > relative * high)).any():
        middle = 0.5 * (low + high)
        fired = fires(middle)
        low = np.where(wide & ~fired, middle, low)
        high = np.where(wide & fired, middle, high)
    jump = peak(1.01 * high) - peak(0.99 * low)
    if (found & (jump <= ALL_OR_NONE)).any():  # some axons fall silent again above
        jump = np.maximum(jump, peak(high) - peak(low))
    return np.where(found & (jump > ALL_OR_NONE), 0.5 * (low + high), np.nan)


def bracket(fires, begin: np.ndarray, most: np.ndarray):
    """Return amplitudes that do not fire, that do, and where both were found.

    Doubling upwards to ``most``; downwards by 0.8, 0.8^2, 0.8^4 ..., and below a
    thousandth of the beginning to 0, where what fires needs no stimulus.
    """
    high, low = begin.copy(), np.zeros(begin.size)
    fired = fires(high)
    upwards, share = ~fired, np.where(fired, DOWN, 1.0)
    while (more := ~fired & (high < most)).any():
        low = np.where(more, high, low)
        high = np.where(more, np.minimum(2.0 * high, most), high)
        fired = np.where(more, fires(high), fired)
    falling = fired & ~upwards
    while falling.any():
        tried = np.where(high * share > LEAST * begin, high * share, 0.0)
        still = falling & fires(tried)
        low = np.where(falling & ~still, tried, low)
        high = np.where(still, tried, high)
        share, falling = share * share, still & (tried > 0.0)
    return low, high, fired & (high > 0.0)


def first_guess(model: Model, width: float) -> float:
    """Return an amplitude of the right order: 1 mV over the membrane's own time."""
    if isinstance(model.geometry, Cable) and model.geometry.stimulus_unit == "nA":
        return 0.1 * (1.0 + 0.5 / width)  # nA, a little above that of a motor axon
    return 2.0 * (1.0 + 2.0 / width)  # uA/cm2, near that of the squid axon
