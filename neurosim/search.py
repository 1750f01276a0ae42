"""The search for thresholds: all runs at once, by bracketing and then halving."""

from dataclasses import dataclass, replace

import numpy as np

from neurosim.declare import Cable
from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, part
from neurosim.equilibrium import applied, at_reference, rest_buffer
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.protocol import Pace, Step
from neurosim.timetable import timetable
from neurosim.units import one_number

RELATIVE = 2e-4  # width at which a threshold is found
ALL_OR_NONE = 10.0  # mV by which the peak of v jumps at the threshold of a spike
PEAK_EVERY = 0.05  # ms between the samples among which the peak is looked for
FAR, NEAR = 0.8, 0.95  # first step of the search from a rough guess, from a good one
HALF = 0.5  # longest step of the search above an amplitude that does not fire
LEAST = 1e-3  # of the first amplitude: what fires below it may need none
DOUBLINGS = 24  # of the first guess before a run counts as inexcitable
AFTER = 6.0  # ms after a pulse within which a spike is due
SETTLE = 250.0  # ms in a bath before excitability is measured (nerve.md, corrections)
STARTLED = 20.0  # ms of it in which a sudden bath may fire an axon
CALM = 0.1  # ms, longest step after that: only slow gates move


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
    outcome = run(ensemble, x, timetable(calming(step), settle, step), Wanted())
    return outcome.x, able & (outcome.counts == 0) & (outcome.status == 0)


def calming(step: float) -> Pace:
    """Return what lets a run settle: longer steps once it is not startled any more."""
    return Pace(max(CALM, step), STARTLED)


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
    watched = Wanted((ensemble.model.watched,), PEAK_EVERY)

    def respond(amplitude, asked):
        """Tell which of the runs ``asked`` fire, and the peak of v in each of them."""
        runs = np.flatnonzero(asked)
        fired, peak = np.zeros(ensemble.size, bool), np.full(ensemble.size, np.nan)
        table = timetable(Step(amplitude[runs], 0.0, width), width + after, dt)
        here = np.ascontiguousarray(x[:, runs])
        outcome = run(each(ensemble, runs), here, table, watched)
        fired[runs] = (outcome.counts > 0) & (outcome.status == 0)
        peak[runs] = outcome.samples[:, 0].max(axis=1)
        return fired, peak

    stride = FAR if near is None else NEAR
    if near is None:
        near = np.full(ensemble.size, first_guess(ensemble.model, width))
    if most is None:
        most = near * 2.0**DOUBLINGS
    low, high = bracket(respond, np.minimum(near, most), most, stride)
    found = high.fires & (high.at > 0.0)
    while (wide := found & (high.at - low.at > relative * high.at)).any():
        middle = 0.5 * (low.at + high.at)
        fired, peak = respond(middle, wide)
        low.take(wide & ~fired, middle, fired, peak)
        high.take(wide & fired, middle, fired, peak)
    jump = high.peak - low.peak
    if (doubtful := found & ~(jump > ALL_OR_NONE)).any():
        above = respond(1.01 * high.at, doubtful)[1]
        below = respond(0.99 * low.at, doubtful)[1]
        jump = np.fmax(jump, above - below)
    return np.where(found & (jump > ALL_OR_NONE), 0.5 * (low.at + high.at), np.nan)


@dataclass(slots=True)
class End:
    """One end of a bracket, each (runs,): amplitude, whether it fires, peak of v."""

    at: np.ndarray
    fires: np.ndarray
    peak: np.ndarray

    def take(self, where: np.ndarray, *values: np.ndarray) -> None:
        """Take amplitude, firing and peak of some runs."""
        for name, value in zip(("at", "fires", "peak"), values, strict=True):
            setattr(self, name, np.where(where, value, getattr(self, name)))


def bracket(
    respond, begin: np.ndarray, most: np.ndarray, stride: float
) -> tuple[End, End]:
    """Return amplitudes that do not fire and such that do, or the largest allowed.

    From ``begin`` by factors of ``stride``, its square, the square of that ...; up to
    ``most``, and below a thousandth of the beginning to 0, where what fires needs no
    stimulus.
    """
    high = End(begin, *respond(begin, np.ones(begin.size, bool)))
    low = End(np.zeros(begin.size), *(np.full(begin.size, n) for n in (False, np.nan)))
    falling, share = high.fires.copy(), stride
    while (rising := ~high.fires & (high.at < most)).any() or falling.any():
        low.take(rising, high.at, high.fires, high.peak)
        less = high.at * share
        less = np.where(less > LEAST * begin, less, 0.0)
        more = np.minimum(high.at / max(share, HALF), most)
        tried = np.where(rising, more, np.where(falling, less, high.at))
        fired, peak = respond(tried, rising | falling)
        low.take(falling & ~fired, tried, fired, peak)
        falling &= fired
        high.take(rising | falling, tried, fired, peak)
        falling &= tried > 0.0
        share = share * share
    return low, high


def first_guess(model: Model, width: float) -> float:
    """Return an amplitude of the right order: 1 mV over the membrane's own time."""
    if isinstance(model.geometry, Cable) and model.geometry.stimulus_unit == "nA":
        return 0.1 * (1.0 + 0.5 / width)  # nA, a little above that of a motor axon
    return 2.0 * (1.0 + 2.0 / width)  # uA/cm2, near that of the squid axon
