"""A model: compartments, a geometry and a bath, checked when made, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.declare import Cable, Channel, Compartment, Derived, Param, Patch, State
from neurosim.errors import NeurosimError, unknown
from neurosim.sources import Source
from neurosim.units import UNITS
from neurosim.wiring import Wiring, full, wire

NOTHING: Mapping = MappingProxyType({})


class Structure(tuple):
    """What the equations of a model depend on; declarations in it are hashed once."""

    def __hash__(self) -> int:
        """Return the hash of the tuple."""
        if not self.__dict__:
            self.__dict__["found"] = super().__hash__()
        return self.__dict__["found"]

    def __reduce__(self):
        """Leave the hash behind: that of a text differs between processes."""
        return Structure, (tuple(self),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Compartments, a geometry, a bath; checked when made, never changed."""

    name: str
    title: str
    source: Source | str
    doc: str
    compartments: tuple[Compartment, ...] = ()
    states: tuple[State, ...] = ()
    geometry: Patch | Cable | None = None  # None: no voltage at all
    params: tuple[Param, ...] = ()
    derived: tuple[Derived, ...] = ()
    dt: float = 0.01  # default step, in time_unit
    time_unit: str = "ms"
    stiff: bool = True  # its states need an implicit step; False: an explicit one
    jacobian_every: int = 1  # implicit steps that share one; more if it changes slowly
    start: float = -65.0  # mV: where the search for the rest begins
    # v, gates and states where runs begin, for a model that has no rest
    begin: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    detect: float = 0.0  # mV: an upward crossing of this is a spike
    detect_at: str = ""  # piece whose spikes count; the first if empty
    validity: str = ""
    failures: str = ""
    # names users may try, with the reason why the model lacks them
    unsettable: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    # what `at` and `along` have set: name -> float or array
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    # dimension -> names that vary along it
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    # what the equations depend on: all but the values that were set
    structure: Structure = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        """Check every name."""
        structure = Structure((
            self.name, self.compartments, self.states, self.geometry, self.params,
            self.derived, self.stiff, self.jacobian_every,
        ))  # fmt: skip
        object.__setattr__(self, "structure", structure)
        self.wiring  # noqa: B018 - fails here where a name is missing
        if not isinstance(self.jacobian_every, int) or self.jacobian_every < 1:
            raise NeurosimError(
                f"model {self.name!r}: jacobian_every = {self.jacobian_every!r:.20}: "
                "give the number of steps that share a Jacobian, 1 or more."
            )
        pieces = [p for c in self.compartments for p in c.instances]
        if self.detect_at and self.detect_at not in pieces:
            raise unknown(self.detect_at, f"the pieces of model {self.name!r}", pieces)

    @property
    def wiring(self) -> Wiring:
        """Return who provides what, under full names."""
        return wire(self.structure)

    @property
    def watched(self) -> str:
        """Return the name of the potential in which spikes are looked for."""
        first = self.compartments[0].name if self.compartments else ""
        return full("v", self.detect_at, first)

    @property
    def parameters(self) -> dict[str, Param]:
        """Return every parameter under its full name."""
        return self.wiring.params

    def at(self, **values: Any) -> "Model":
        """Return the model with new values; an array becomes an axis of its name.

        Parameters
        ----------
        values : name -> number, or 1-D array of numbers, in the parameter's unit.

        Raises
        ------
        UnknownName : if the model has no such parameter.
        NeurosimError : if a value is outside the parameter's limits, or not a number.
        """
        new, axes = dict(self.values), dict(self.axes)
        for name, value in values.items():
            number = checked_value(self, name, value)
            for dimension in [d for d, names in axes.items() if name in names]:
                if dimension != name:
                    raise NeurosimError(
                        f"{name} already varies along {dimension!r}; set it there."
                    )
                del axes[dimension]
            new[name] = number
            if np.ndim(number):
                axes[name] = (name,)
        return replace(self, values=MappingProxyType(new), axes=MappingProxyType(axes))

    def along(self, dimension: str, **values: Any) -> "Model":
        """Return the model with several parameters varied together along one axis.

        Parameters
        ----------
        dimension : name of the axis, e.g. ``"sample"``.
        values : name -> 1-D array; all of the same length.
        """
        if dimension in self.parameters:
            raise NeurosimError(
                f"axis {dimension!r} is the name of a parameter; choose another."
            )
        if not values:
            raise NeurosimError(
                f"along({dimension!r}): name the parameters that vary together, each "
                "with an array."
            )
        checked = {n: checked_value(self, n, v) for n, v in values.items()}
        arrays = {n: np.atleast_1d(v) for n, v in checked.items()}
        lengths = {a.size for a in arrays.values()}
        if len(lengths) != 1:
            given = ", ".join(f"{n}: {a.size}" for n, a in arrays.items())
            raise NeurosimError(
                f"along({dimension!r}): arrays need one length, but have {given}."
            )
        taken = [n for n in values if any(n in names for names in self.axes.values())]
        if taken or dimension in self.axes:
            raise NeurosimError(
                f"along({dimension!r}): {', '.join(taken) or dimension} varies already."
            )
        return replace(
            self,
            values=MappingProxyType({**self.values, **arrays}),
            axes=MappingProxyType({**self.axes, dimension: tuple(values)}),
        )

    def with_channel(self, channel: Channel, compartment: str | None = None) -> "Model":
        """Return the model with one more channel (in the first compartment)."""
        name = compartment or self.compartments[0].name
        pieces = tuple(
            replace(c, channels=(*c.channels, channel)) if c.name == name else c
            for c in self.compartments
        )
        if name not in {c.name for c in pieces}:
            raise unknown(name, f"model {self.name!r}", {c.name for c in pieces})
        return replace(self, compartments=pieces)


def checked_value(model: Model, name: str, value: Any) -> Any:
    """Return a value as float or 1-D array, or explain what is wrong with it."""
    if name in model.unsettable:
        raise NeurosimError(f"{model.name} has no {name!r}: {model.unsettable[name]}")
    if name not in model.parameters:
        raise unknown(name, f"model {model.name!r}", model.parameters)
    param = model.parameters[name]
    try:
        number = np.array(value, dtype=float)  # a copy: the model never changes
        if value is None:  # which numpy takes for NaN
            raise TypeError
    except (TypeError, ValueError):
        raise NeurosimError(
            f"{name}: {value!r} is not a number; give it in {param.unit or '1'}."
        ) from None
    if number.ndim > 1 or number.size == 0:
        raise NeurosimError(
            f"{name}: give one number or a non-empty 1-D array, "
            f"not shape {number.shape}."
        )
    inside = (number >= param.low) & (number <= param.high) & np.isfinite(number)
    if not inside.all():
        worst = float(np.atleast_1d(number)[~np.atleast_1d(inside)][0])
        raise NeurosimError(
            f"{name} = {worst:g} {UNITS[param.unit]} is not possible in {model.name}: "
            f"{param.doc}, allowed {param.low:g} to {param.high:g}{total_hint(param)}."
        )
    return number if number.ndim else float(number)


def total_hint(param: Param) -> str:
    """Tell that a divalent concentration is meant ionised."""
    if param.name not in {"ca_o", "mg_o"}:
        return ""
    return " (ionised mM: about half of total calcium, two thirds of total magnesium)"
