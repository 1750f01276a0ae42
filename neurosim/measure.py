"""Features with a name and a unit.

Two kinds. A feature *of a run* reads what the kernel noted on the way (no trace is
stored). A feature *of a model* is found by runs of its own (a threshold by bisection
over all baths at once); it can be called with a model, or named in ``simulate``.
"""

from typing import Any, cast

import numpy as np

from neurosim.conduction import (
    action_current_ratio,
    ap_amplitude,
    conduction_safety_factor,
    conduction_velocity,
)
from neurosim.core.block import ROW
from neurosim.cycles import (
    refractory_period,
    relative_refractory_period,
    subexcitability,
    superexcitability,
)
from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import spread
from neurosim.equilibrium import rest_buffer
from neurosim.errors import unknown
from neurosim.feature import (
    Measure,
    axis_attrs,
    labelled,
    of_model,
    of_run,
    stimulus_unit,
    unit_of,
)
from neurosim.model import Model
from neurosim.protocol import Step
from neurosim.search import AFTER, SETTLE, each, settled, threshold_from, thresholds
from neurosim.timetable import timetable
from neurosim.trains import (
    event_count,
    event_rate,
    isi_cv,
    isi_mean,
    last_spike,
    multiplet_share,
    spike_count,
    spike_rate,
    spike_times,
    spikes_per_event,
)

__all__ = [
    "MEASURES", "Measure", "action_current_ratio", "ap_amplitude", "axis_attrs",
    "conduction_safety_factor", "conduction_velocity", "event_count", "event_rate",
    "excitability", "find_measure", "isi_cv", "isi_mean", "labelled", "last_spike",
    "multiplet_share",
    "of_model", "of_run", "refractory_period", "relative_refractory_period", "rest",
    "rheobase", "spike_count", "spike_rate", "spike_times", "spikes_per_event",
    "stimulate_each", "stimulus_unit", "strength_duration", "subexcitability",
    "superexcitability", "tau_sd", "threshold", "unit_of",
]  # fmt: skip

WINDOW = 8.0  # ms in which the spike after a single pulse is looked at
RHEOBASE_WIDTH = 40.0  # ms, the step of I_th in nerve excitability work
WIDTHS = (0.1, 0.2, 0.5, 1.0)  # ms, of strength-duration by Weiss's law


@of_model("mV", "membrane potential of the equilibrium, if it is stable")
def rest(model: Model) -> Any:
    """Potential of the stable equilibrium, mV; NaN where there is none.

    Returns a DataArray with the model's axes.
    """
    ensemble = spread(model)
    x, stable = rest_buffer(ensemble)
    values = np.where(stable, x[first_row(model)], np.nan)
    return labelled.plain(ensemble, "rest", values, unit=rest.unit, doc=rest.doc)


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
    found = thresholds(ensemble, [width], settle, dt, after)[0]
    return labelled.plain(ensemble, "threshold", found, doc=threshold.doc)


@of_model("", "threshold current of a 40 ms step")
def rheobase(model: Model, *, settle: float = 0.0, dt: float | None = None) -> Any:
    """Smallest amplitude of a 40 ms step that makes a spike; see ``threshold``."""
    ensemble = spread(model)
    found = thresholds(ensemble, [RHEOBASE_WIDTH], settle, dt, 1.0)[0]
    return labelled.plain(ensemble, "rheobase", found, doc=rheobase.doc)


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
    data = labelled(ensemble, "threshold", found.T, ("width",), doc=threshold.doc)
    return xr.Dataset(
        {
            "threshold": data.assign_coords(width=("width", width, {"units": "ms"})),
            "weiss_rheobase": labelled(ensemble, "weiss_rheobase", slope),
            "tau_sd": labelled(
                ensemble, "tau_sd", tau, unit=tau_sd.unit, doc=tau_sd.doc
            ),
        }
    )


def first_row(model: Model) -> int:
    """Return the row of v of the first compartment."""
    from neurosim.lower import rows_of

    return rows_of(model).first // ROW


def excitability(
    model: Model, *, settle: float = SETTLE, dt: float | None = None
) -> dict[str, np.ndarray]:
    """Return rest and threshold of all runs from one settling, each (runs,).

    ``rest`` mV after ``settle`` ms in the bath (NaN where it fires or none is found),
    ``threshold`` of 1 ms in the unit of the stimulus.
    """
    ensemble = spread(model)
    step = checked_dt(model, settle, dt)
    x, able = settled(ensemble, settle, step)
    return {
        "rest": np.where(able, x[first_row(model)], np.nan),
        "threshold": threshold_from(ensemble, x, able, 1.0, step, AFTER),
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


MEASURES: dict[str, Measure] = {
    f.__name__: f
    for f in (
        spike_count, spike_rate, spike_times, last_spike, event_count, event_rate,
        spikes_per_event, multiplet_share, isi_mean, isi_cv, rest, threshold, rheobase,
        tau_sd, refractory_period, relative_refractory_period, superexcitability,
        subexcitability, ap_amplitude, conduction_velocity, conduction_safety_factor,
        action_current_ratio,
    )
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
