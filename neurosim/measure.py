"""Features with a name and a unit.

Two kinds. A feature *of a run* reads what the kernel noted on the way (no trace is
stored). A feature *of a model* is found by runs of its own (a threshold by bisection
over all baths at once); it can be called with a model, or named in ``simulate``.
"""

from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np

from neurosim.core.block import LANES
from neurosim.engine import Outcome, Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, spread
from neurosim.equilibrium import rest_buffer
from neurosim.errors import unknown
from neurosim.model import Model
from neurosim.protocol import Step, timetable
from neurosim.search import each, settled, threshold_from, thresholds

AFTER = 6.0  # ms after a pulse within which a spike is due
WINDOW = 8.0  # ms in which the spike after a single pulse is looked at
SETTLE = 250.0  # ms in a bath before its excitability is measured (nerve.md 8.2)
RHEOBASE_WIDTH = 40.0  # ms, the step of I_th in nerve excitability work
WIDTHS = (0.1, 0.2, 0.5, 1.0)  # ms, of strength-duration by Weiss's law


class Measure(Protocol):
    """A function with a unit, of a finished run or of a model."""

    kind: str  # "run" or "model"
    unit: str
    doc: str
    __name__: str

    def __call__(self, subject: Any, /, **settings: Any) -> Any:
        """Return the value of every run."""
        ...


def of_run(unit: str, doc: str) -> Callable[[Callable], Measure]:
    """Mark a feature that is read off a run."""
    return marked("run", unit, doc)


def of_model(unit: str, doc: str) -> Callable[[Callable], Measure]:
    """Mark a feature that is found by runs of its own."""
    return marked("model", unit, doc)


def marked(kind: str, unit: str, doc: str) -> Callable[[Callable], Measure]:
    """Return a decorator that makes a measure of a function."""

    def mark(function: Callable) -> Measure:
        measure = cast(Measure, function)
        measure.kind, measure.unit, measure.doc = kind, unit, doc
        return measure

    return mark


@of_run("", "number of spikes")
def spike_count(outcome: Outcome) -> np.ndarray:
    """Count the spikes, shape (runs,)."""
    return np.where(outcome.status == 1, np.nan, outcome.counts)


@of_run("1/s", "spikes per second of the run")
def spike_rate(outcome: Outcome) -> np.ndarray:
    """Spikes per second of the whole run, shape (runs,); time taken as ms."""
    return spike_count(outcome) / outcome.duration * 1e3


@of_run("ms", "times of upward crossings of the detection level")
def spike_times(outcome: Outcome) -> np.ndarray:
    """Spike times, ms, linear between steps, shape (runs, spikes), NaN-padded."""
    most = int(min(outcome.counts.max(initial=0), outcome.spikes.shape[1]))
    return outcome.spikes[:, :most]


@of_run("ms", "time of the last spike")
def last_spike(outcome: Outcome) -> np.ndarray:
    """Time of the last spike, ms; NaN without one."""
    times = spike_times(outcome)
    if not times.shape[1]:
        return np.full(outcome.counts.size, np.nan)
    return np.fmax.reduce(times, axis=1)


@of_model("mV", "membrane potential of the equilibrium, if it is stable")
def rest(model: Model) -> Any:
    """Potential of the stable equilibrium, mV; NaN where there is none.

    Returns a DataArray with the model's axes.
    """
    ensemble = spread(model)
    x, stable = rest_buffer(ensemble)
    return labelled(ensemble, "rest", np.where(stable, x[first_row(model)], np.nan))


@of_model("", "threshold current of a pulse")
def threshold(
    model: Model,
    *,
    width: float = 1.0,
    settle: float = 0.0,
    dt: float | None = None,
    after: float = AFTER,
) -> Any:
    """Smallest amplitude of a rectangular pulse that makes a spike.

    Bisection over all runs at once, each starting from its rest.

    Parameters
    ----------
    width : length of the pulse, ms.
    settle : 0 starts at the equilibrium of the bath; a time in ms starts there after
        that long in the bath from the rest of the reference bath.
    after : time after the pulse in which the spike may come, ms.

    Returns
    -------
    DataArray with the model's axes; uA/cm2 for a patch, nA per whole node for an axon.
    NaN where the axon has no stable rest, fires by itself, or cannot be excited.
    """
    ensemble = spread(model)
    return labelled(
        ensemble, "threshold", thresholds(ensemble, [width], settle, dt, after)[0]
    )


@of_model("", "threshold current of a 40 ms step")
def rheobase(model: Model, *, settle: float = 0.0, dt: float | None = None) -> Any:
    """Smallest amplitude of a 40 ms step that makes a spike; see ``threshold``."""
    ensemble = spread(model)
    found = thresholds(ensemble, [RHEOBASE_WIDTH], settle, dt, 1.0)[0]
    return labelled(ensemble, "rheobase", found)


@of_model("ms", "strength-duration time constant by Weiss's law")
def tau_sd(model: Model, *, settle: float = 0.0, dt: float | None = None) -> Any:
    """Strength-duration time constant, ms; see ``strength_duration``."""
    return strength_duration(model, settle=settle, dt=dt)["tau_sd"]


def strength_duration(
    model: Model,
    *,
    widths: tuple[float, ...] = WIDTHS,
    settle: float = 0.0,
    dt: float | None = None,
) -> Any:
    """Threshold against pulse width, with Weiss's rheobase and time constant.

    Threshold charge = rheobase x (width + tau_sd) is fitted by least squares
    (Weiss 1901; Bostock 1983).

    Returns
    -------
    Dataset with ``threshold`` (…, width), ``weiss_rheobase`` (…) and ``tau_sd`` (…) ms
    (equal to the chronaxie under this law).
    """
    import xarray as xr

    ensemble = spread(model)
    found = np.array(thresholds(ensemble, list(widths), settle, dt, AFTER))
    width = np.asarray(widths, float)
    charge = found * width[:, None]
    centred = width - width.mean()
    slope = (centred[:, None] * charge).sum(0) / (centred**2).sum()
    tau = (charge.mean(0) - slope * width.mean()) / slope
    data = labelled(ensemble, "threshold", found.T, ("width",))
    return xr.Dataset(
        {
            "threshold": data.assign_coords(width=("width", width, {"units": "ms"})),
            "weiss_rheobase": labelled(ensemble, "weiss_rheobase", slope),
            "tau_sd": labelled(ensemble, "tau_sd", tau, unit="ms"),
        }
    )


def first_row(model: Model) -> int:
    """Return the row of v of the first compartment."""
    from neurosim.lower import rows_of

    return rows_of(model).first // LANES


def excitability(
    model: Model, *, settle: float = SETTLE, dt: float | None = None
) -> dict[str, np.ndarray]:
    """Return rest and thresholds of all runs from one settling, each (runs,).

    ``rest`` mV after ``settle`` ms in the bath (NaN where it fires or none is found),
    ``threshold`` of 1 ms and ``rheobase`` (40 ms) in the unit of the stimulus.
    """
    ensemble = spread(model)
    step = checked_dt(model, settle, dt)
    x, able = settled(ensemble, settle, step)
    return {
        "rest": np.where(able, x[first_row(model)], np.nan),
        "threshold": threshold_from(ensemble, x, able, 1.0, step, AFTER),
        "rheobase": threshold_from(ensemble, x, able, RHEOBASE_WIDTH, step, 1.0),
    }


def stimulate_each(
    model: Model,
    amplitude: np.ndarray,
    *,
    width: float,
    settle: float = SETTLE,
    trace: bool = False,
    dt: float | None = None,
) -> Any:
    """Give each run a pulse of its own amplitude after ``settle`` ms in its bath.

    Parameters
    ----------
    amplitude : (runs,), in the unit of the stimulus. width : ms.
    trace : also return v(run, time) every 0.01 ms for 8 ms.

    Returns
    -------
    Dataset with ``spike_count`` (run) within 8 ms of the pulse's begin; NaN for runs
    that fire before the pulse.
    """
    import xarray as xr

    ensemble = spread(model)
    step = checked_dt(model, settle, dt)
    x, able = settled(ensemble, settle, step)
    own = each(ensemble, np.arange(ensemble.size))
    table = timetable(Step(amplitude, 0.0, width), WINDOW, step)
    wanted = Wanted(("v",) if trace else (), 0.01)
    outcome = run(own, x, table, wanted)
    counts = np.where(able & (outcome.status == 0), outcome.counts, np.nan)
    data: dict[str, Any] = {"spike_count": ("run", counts)}
    if trace:
        v = np.where(np.isfinite(counts)[:, None], outcome.samples[:, 0], np.nan)
        data["v"] = (("run", "time"), v, {"units": "mV"})
    return xr.Dataset(data, coords={"time": outcome.time} if trace else {})


def labelled(
    ensemble: Ensemble,
    name: str,
    values: np.ndarray,
    more: tuple[str, ...] = (),
    unit: str | None = None,
) -> Any:
    """Return values of all runs as a DataArray with the ensemble's axes."""
    import xarray as xr

    measure = MEASURES.get(name)
    shape = ensemble.shape + values.shape[1:]
    data = xr.DataArray(
        values.reshape(shape), dims=(*ensemble.dims, *more), name=name
    ).assign_coords({d: (d, ensemble.coords[d], axis_attrs(ensemble, d))
                     for d in ensemble.dims})  # fmt: skip
    data.attrs["units"] = unit or unit_of(measure, ensemble.model)
    if measure is not None:
        data.attrs["long_name"] = measure.doc
    return data


def unit_of(measure: Measure | None, model: Model) -> str:
    """Return the unit of a measure; currents take that of the model's stimulus."""
    if measure is not None and measure.kind == "run":
        return measure.unit
    if measure is not None and measure.unit:
        return measure.unit
    return stimulus_unit(model)


def stimulus_unit(model: Model) -> str:
    """Return the unit of the model's stimulus."""
    from neurosim.declare import Cable

    return "nA" if isinstance(model.geometry, Cable) else "uA/cm2"


def axis_attrs(ensemble: Ensemble, dim: str) -> dict[str, str]:
    """Return unit and label of an axis."""
    if dim == "amplitude":
        unit = ensemble.amplitude_unit or stimulus_unit(ensemble.model)
        return {"units": unit, "long_name": "amplitude"}
    param = ensemble.model.parameters.get(dim)
    if param is None:
        return {}
    return {"units": param.unit, "long_name": param.doc}


MEASURES: dict[str, Measure] = {
    f.__name__: f
    for f in (spike_count, spike_rate, spike_times, last_spike, rest, threshold,
              rheobase, tau_sd)
}  # fmt: skip

# the variable of a measure bears its name, unless said here
VARIABLES = {"spike_times": "spike_time"}


def find_measure(measure: Any) -> Measure:
    """Return a measure given itself or its name."""
    if callable(measure) and hasattr(measure, "kind"):
        return cast(Measure, measure)
    if measure is strength_duration:
        return tau_sd
    if isinstance(measure, str) and measure in MEASURES:
        return MEASURES[measure]
    asked = (
        measure if isinstance(measure, str) else getattr(measure, "__name__", measure)
    )
    raise unknown(asked, "the measure list", MEASURES)
