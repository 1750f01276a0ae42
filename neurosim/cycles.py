"""Excitability over time: firing against current, recovery after a spike.

What ``neurosim.recovery`` finds, as labelled measures.
"""

from typing import Any

import numpy as np

from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, spread
from neurosim.feature import Measure, labelled, of_model
from neurosim.model import Model
from neurosim.protocol import Step
from neurosim.recovery import (
    WIDTH,
    Recovery,
    absolute,
    crossing,
    highest,
    lowest,
    recovery,
    rising,
)
from neurosim.search import each, settled
from neurosim.timetable import timetable
from neurosim.trains import PER_SECOND, interval_statistics, intervals

CYCLE = tuple(np.round(np.geomspace(2.0, 200.0, 25), 2).tolist())  # ms
FINE = tuple(np.geomspace(0.3, 60.0, 181).tolist())  # ms, 3 % apart
BRIEF = 0.1  # ms of both pulses where the first milliseconds count
SUPER, LATE = (4.0, 15.0), (20.0, 100.0)  # ms: where super- and subexcitability lie
SECTIONS, ROUNDS = 15, 2  # of the search for the onset: 1/256 of the given step


def f_i_curve(
    model: Model,
    amplitudes: Any,
    *,
    duration: float = 1000.0,
    settle: float = 0.0,
    dt: float | None = None,
) -> Any:
    """Find the firing rate against a constant current, switched on at rest.

    Parameters
    ----------
    amplitudes : rising, uA/cm2 for a patch and nA per whole node for an axon.
    duration : of the current, ms. settle : as for ``threshold``.

    Returns
    -------
    Dataset over the model's axes and ``amplitude``, in 1/s: ``rate``, spikes over
    duration; ``first_rate``, of the first interval (NaN below two spikes);
    ``steady_rate``, of the intervals of the second half, 0 where that holds fewer than
    two spikes. ``onset`` is the smallest current of sustained firing (``steady_rate``
    above 0), to 1/256 of the step between two amplitudes; NaN where no amplitude
    sustains firing or the first one does. Runs that are not quiet before are NaN.
    """
    import xarray as xr

    currents = rising(amplitudes, "amplitudes")
    step = checked_dt(model, duration, dt)
    baths, ensemble = spread(model), spread(model, currents)
    x, able = settled(baths, settle, step)
    which = np.repeat(np.arange(baths.size), currents.size)
    times = spikes_under(ensemble, x[:, which], currents, duration, step)
    usable = able[which]
    steady = steady_rate(times, duration)
    first = intervals(times)[:, :1]
    first = first[:, 0] if first.shape[1] else np.full(which.size, np.nan)
    found = {
        "rate": (np.isfinite(times).sum(1) / duration * PER_SECOND, "firing rate"),
        "first_rate": (PER_SECOND / first, "rate of the first interval"),
        "steady_rate": (steady, "rate in the second half"),
    }
    data = {
        name: labelled(
            ensemble, name, np.where(usable, values, np.nan), unit="1/s", doc=doc
        )
        for name, (values, doc) in found.items()
    }
    fires = (steady > 0).reshape(baths.size, currents.size) & able[:, None]
    onset = onset_between(baths, x, currents, fires, duration, step)
    data["onset"] = labelled(
        baths, "onset", onset, doc="smallest current of sustained firing"
    )
    attrs = {"duration": float(duration), "settle": float(settle), "dt": step}
    return xr.Dataset(data, attrs={"model": model.name, **attrs})


def spikes_under(
    ensemble: Ensemble, x: np.ndarray, currents: np.ndarray, duration: float, dt: float
) -> np.ndarray:
    """Return the spike times of runs under a constant current, ms, (runs, spikes)."""
    table = timetable(Step(currents), duration, dt)
    outcome = run(ensemble, np.ascontiguousarray(x), table, Wanted(spikes=True))
    return outcome.spikes


def steady_rate(times: np.ndarray, duration: float) -> np.ndarray:
    """Return 1 / mean interval of the second half, 1/s; 0 below two spikes there."""
    late = np.sort(np.where(times >= 0.5 * duration, times, np.nan), axis=1)
    mean = interval_statistics(late).mean
    return np.where(np.isfinite(mean), PER_SECOND / mean, 0.0)


def onset_between(
    baths: Ensemble,
    x: np.ndarray,
    currents: np.ndarray,
    fires: np.ndarray,
    duration: float,
    dt: float,
) -> np.ndarray:
    """Return the smallest current of sustained firing of each bath, NaN if unknown.

    ``fires`` (baths, currents) tells which currents are known to sustain it.
    """
    first = fires.argmax(1)
    known = np.flatnonzero(fires.any(1) & (first > 0))
    onset = np.full(baths.size, np.nan)
    if not known.size:
        return onset
    low, high = currents[first[known] - 1], currents[first[known]]
    inner = np.arange(1, SECTIONS + 1) / (SECTIONS + 1)
    which = np.repeat(known, SECTIONS)
    runs = each(baths, which)
    for _ in range(ROUNDS):
        grid = low[:, None] + (high - low)[:, None] * inner
        times = spikes_under(runs, x[:, which], grid.ravel(), duration, dt)
        above = steady_rate(times, duration).reshape(grid.shape) > 0
        edges = np.column_stack([low, grid, high])
        k = np.where(above.any(1), above.argmax(1), SECTIONS)[:, None]
        low = np.take_along_axis(edges, k, axis=1)[:, 0]
        high = np.take_along_axis(edges, k + 1, axis=1)[:, 0]
    onset[known] = 0.5 * (low + high)
    return onset


def recovery_cycle(model: Model, intervals: Any = CYCLE, **settings: Any) -> Any:
    """Find the threshold of a test pulse against the time since a spike.

    Both pulses are 1 ms long unless said; thresholds are tracked to 0.02 %.

    Parameters
    ----------
    intervals : conditioning-test intervals, ms, rising, not shorter than the
        conditioning pulse (from begin to begin). settings : ``strength`` of the
        conditioning pulse (2) and ``strongest`` test pulse (10) in multiples of their
        thresholds, ``width`` of the conditioning and ``test`` of the test pulse (ms),
        ``settle`` ms in the bath before (250), ``dt``.

    Returns
    -------
    Dataset over the model's axes: ``threshold`` at rest, in the unit of the stimulus;
    ``threshold_change`` (…, interval), %; ``superexcitability``, its least value from 4
    to 15 ms, and ``subexcitability``, its largest from 20 to 100 ms, %;
    ``relative_refractory_period``, ms, where it first comes down to 0. A positive
    superexcitability says that there is none. NaN where no pulse up to the strongest
    makes an all-or-none spike, or where the axon is still firing or fires by itself.
    """
    import xarray as xr

    found = recovery(model, intervals, **settings)
    doc = "change of threshold after a spike"
    cycle = labelled(
        found.ensemble, "threshold_change", found.change, ("interval",), "%", doc
    )
    times = ("interval", found.intervals, {"units": "ms"})
    at_rest = "threshold without a conditioning pulse"
    data = {
        "threshold": labelled(found.ensemble, "threshold", found.control, doc=at_rest),
        "threshold_change": cycle.assign_coords(interval=times),
    }
    for measure, values in (
        (superexcitability, lowest(found, SUPER)),
        (subexcitability, highest(found, LATE)),
        (relative_refractory_period, crossing(found)),
    ):
        data[measure.__name__] = numbers(measure, found, values)
    return xr.Dataset(data, attrs={"model": model.name})


@of_model("ms", "absolute refractory period")
def refractory_period(model: Model, **settings: Any) -> Any:
    """Find the end of the time after a spike in which no test pulse makes another, ms.

    That is the shortest interval from which on a test pulse of at most ``strongest``
    (10) times threshold always makes an all-or-none spike; known to 2 %. Both pulses
    are brief (0.1 ms); a longer test pulse waits for recovery while it lasts. NaN where
    the axon is excitable from 0.3 ms on, or not within 60 ms. ``settings`` as for
    ``recovery_cycle``.
    """
    found = recovery(model, FINE, **{"width": BRIEF, "test": BRIEF, **settings})
    return numbers(refractory_period, found, absolute(found))


@of_model("ms", "relative refractory period")
def relative_refractory_period(model: Model, **settings: Any) -> Any:
    """Find the time after a spike at which threshold first comes down to control, ms.

    NaN where it does not within 60 ms. Pulses as for ``recovery_cycle``.
    """
    found = recovery(model, [t for t in FINE if t >= WIDTH], **settings)
    return numbers(relative_refractory_period, found, crossing(found))


@of_model("%", "superexcitability: least change of threshold 4-15 ms after a spike")
def superexcitability(model: Model, **settings: Any) -> Any:
    """Find the least change of threshold 4-15 ms after a spike, %.

    A positive value says that there is none. Pulses as for ``recovery_cycle``.
    """
    found = recovery(model, within(SUPER), **settings)
    return numbers(superexcitability, found, lowest(found, SUPER))


@of_model("%", "late subexcitability: largest change of threshold 20-100 ms after")
def subexcitability(model: Model, **settings: Any) -> Any:
    """Find the largest change of threshold 20-100 ms after a spike, %.

    Pulses as for ``recovery_cycle``.
    """
    found = recovery(model, within(LATE), **settings)
    return numbers(subexcitability, found, highest(found, LATE))


def numbers(measure: Measure, found: Recovery, values: np.ndarray) -> Any:
    """Return a value per bath under name, unit and label of a measure."""
    name, unit, doc = measure.__name__, measure.unit, measure.doc
    return labelled(found.ensemble, name, values, unit=unit, doc=doc)


def within(window: tuple[float, float]) -> list[float]:
    """Return the standard intervals in a window."""
    return [t for t in CYCLE if window[0] <= t <= window[1]]
