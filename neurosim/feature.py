"""What a measure is, a function with a unit, and how its values get their labels.

What is returned to a user is xarray's. Up to there labels are plain data
(``Variable``): loading xarray takes longer than most single runs, and printing what is
measured by default needs none of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, Protocol, cast

import numpy as np

from neurosim.ensemble import Ensemble, spread
from neurosim.errors import NeurosimError
from neurosim.model import Model

P = ParamSpec("P")


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


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """Values over some axes of an ensemble, and what is said about them.

    name : of the variable. dims : one per axis of ``values``. attrs : units, long_name.
    """

    ensemble: Ensemble
    name: str
    dims: tuple[str, ...]
    values: np.ndarray
    attrs: dict[str, Any]

    @property
    def ndim(self) -> int:
        """Return the number of axes."""
        return self.values.ndim

    @property
    def size(self) -> int:
        """Return the number of values."""
        return self.values.size

    def labelled(self) -> Any:
        """Return them as a DataArray, the ensemble's axes as coordinates."""
        import xarray as xr

        axes = {
            dim: (dim, self.ensemble.coords[dim], axis_attrs(self.ensemble, dim))
            for dim in self.ensemble.dims
        }
        return xr.DataArray(self.values, axes, self.dims, self.name, self.attrs)


class Labelling(Protocol[P]):
    """A function that returns xarray's object; ``plain`` returns the same as data."""

    plain: Callable[P, Any]
    own: Callable[P, Any]  # the function that ``plain`` belongs to, not a wrapper of it

    def __call__(self, *given: P.args, **settings: P.kwargs) -> Any:
        """Return a DataArray or Dataset."""
        ...


def labelling(function: Callable[P, Any]) -> Labelling[P]:
    """Turn what a function returns into xarray's object; ``plain`` is what it was."""

    @wraps(function)
    def call(*given: P.args, **settings: P.kwargs) -> Any:
        if given and not isinstance(given[0], Model | Ensemble):
            raise NeurosimError(
                f"{function.__name__}: {given[0]!r:.60} is not a model; give one of "
                "neurosim.models, e.g. MOTOR_AXON."
            )
        found = function(*given, **settings)
        return found.labelled() if hasattr(found, "labelled") else found

    both = cast(Labelling[P], call)
    both.plain, both.own = function, call
    return both


def of_run(unit: str, doc: str, *, times: bool = False) -> Callable[..., Measure]:
    """Mark a feature that is read off a run; ``times`` if it reads spike times."""
    return marked("run", unit, doc, times)


def of_model(unit: str, doc: str) -> Callable[[Callable], Measure]:
    """Mark a feature that is found by runs of its own."""
    mark = marked("model", unit, doc, False)
    return lambda function: mark(labelling(function))


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


@labelling
def labelled(
    ensemble: Ensemble,
    name: str,
    values: np.ndarray,
    more: tuple[str, ...] = (),
    unit: str | None = None,
    doc: str = "",
) -> Variable:
    """Return values of all runs, (runs, …), as a DataArray over the ensemble's axes.

    ``more`` names the axes after the first; ``unit`` None is that of the stimulus.
    """
    attrs = {"units": stimulus_unit(ensemble.model) if unit is None else unit}
    attrs |= {"long_name": doc} if doc else {}
    whole = values.reshape(ensemble.shape + values.shape[1:])
    return Variable(ensemble, name, (*ensemble.dims, *more), whole, attrs)


def of_baths(measure: Measure, model: Model) -> Any:
    """Return what a measure of a model finds, as a ``Variable`` where it can be.

    A measure may be any callable: one made from another is not that other, and one
    that returns bare numbers gets its labels here.
    """
    plain: Any = getattr(measure, "plain", None)
    found = (plain if getattr(measure, "own", None) is measure else measure)(model)
    if hasattr(found, "dims"):
        return found
    values, baths = np.atleast_1d(np.asarray(found, float)), spread(model)
    if values.shape != (baths.size,):
        raise NeurosimError(
            f"measure {measure.__name__!r} returned shape {values.shape} for "
            f"{baths.size} runs; return one value per run."
        )
    unit = unit_of(measure, model)
    return labelled.plain(baths, measure.__name__, values, (), unit, measure.doc)


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
