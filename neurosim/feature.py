"""What a measure is, a function with a unit, and how its values get their labels."""

from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np

from neurosim.ensemble import Ensemble
from neurosim.model import Model


class Measure(Protocol):
    """A function with a unit, of a finished run or of a model."""

    kind: str  # "run" or "model"
    unit: str
    doc: str
    times: bool  # of a run: it reads the times of the spikes, not their number only
    __name__: str

    def __call__(self, subject: Any, /, **settings: Any) -> Any:
        """Return the value of every run."""
        ...


def of_run(unit: str, doc: str, *, times: bool = False) -> Callable[..., Measure]:
    """Mark a feature that is read off a run; ``times`` if it reads spike times."""
    return marked("run", unit, doc, times)


def of_model(unit: str, doc: str) -> Callable[[Callable], Measure]:
    """Mark a feature that is found by runs of its own."""
    return marked("model", unit, doc, False)


def marked(
    kind: str, unit: str, doc: str, times: bool
) -> Callable[[Callable], Measure]:
    """Return a decorator that makes a measure of a function."""

    def mark(function: Callable) -> Measure:
        measure = cast(Measure, function)
        measure.kind, measure.unit, measure.doc = kind, unit, doc
        measure.times = times
        return measure

    return mark


def labelled(
    ensemble: Ensemble,
    name: str,
    values: np.ndarray,
    more: tuple[str, ...] = (),
    unit: str | None = None,
    doc: str = "",
) -> Any:
    """Return values of all runs, (runs, …), as a DataArray with the ensemble's axes.

    ``more`` names the axes after the first; ``unit`` None is that of the stimulus.
    """
    import xarray as xr

    shape = ensemble.shape + values.shape[1:]
    data = xr.DataArray(
        values.reshape(shape), dims=(*ensemble.dims, *more), name=name
    ).assign_coords({d: (d, ensemble.coords[d], axis_attrs(ensemble, d))
                     for d in ensemble.dims})  # fmt: skip
    data.attrs["units"] = stimulus_unit(ensemble.model) if unit is None else unit
    if doc:
        data.attrs["long_name"] = doc
    return data


def unit_of(measure: Measure, model: Model) -> str:
    """Return the unit of a measure; currents take that of the model's stimulus."""
    if measure.kind == "run" or measure.unit:
        return measure.unit
    return stimulus_unit(model)


def stimulus_unit(model: Model) -> str:
    """Return the unit of the model's stimulus."""
    return getattr(model.geometry, "stimulus_unit", "uA/cm2")


def axis_attrs(ensemble: Ensemble, dim: str) -> dict[str, str]:
    """Return unit and label of an axis."""
    if dim == "amplitude":
        unit = ensemble.amplitude_unit or stimulus_unit(ensemble.model)
        return {"units": unit, "long_name": "amplitude"}
    param = ensemble.model.parameters.get(dim)
    if param is None:
        return {}
    return {"units": param.unit, "long_name": param.doc}
