"""Derived quantities along a run, computed from the states that were recorded."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from neurosim.core.jit import python_of
from neurosim.declare import Derived
from neurosim.ensemble import Ensemble
from neurosim.errors import NeurosimError, unknown
from neurosim.lower import rows_of
from neurosim.model import Model
from neurosim.protocol import Change


def derived_of(model: Model) -> dict[str, tuple[Derived, tuple[str, ...]]]:
    """Return every derived quantity with the full names of its arguments."""
    wiring, found = model.wiring, {}
    for scope, needs in wiring.arguments.items():
        own = wiring.dynamic.get(scope, {}) | wiring.static
        found |= {name: (own[name], needs[name]) for name in needs if name in own}
    return found


def recorded(
    model: Model, names: tuple[str, ...], known: dict[str, int]
) -> tuple[str, ...]:
    """Return the rows to sample so that all ``names`` can be had, or say what can be.

    known : what can be sampled itself, states and membrane currents.
    """
    derived = derived_of(model)
    rows: list[str] = []

    def ask(name: str) -> None:
        if name in known:
            rows.append(name)
        elif name in derived:
            for argument in derived[name][1]:
                ask(argument)
        elif name not in model.parameters:
            raise unknown(name, f"record: model {model.name!r}", [*known, *derived])

    for name in names:
        if name in model.parameters:
            raise unknown(name, f"record: model {model.name!r}", [*known, *derived])
        ask(name)
    return tuple(dict.fromkeys(rows or [*known][: bool(names)]))


def check_changes(model: Model, pieces: tuple, names: tuple[str, ...]) -> None:
    """Refuse to record what depends on a parameter that changes on the way."""
    changed = {n for p in pieces if isinstance(p, Change) for n in p.values}
    derived = derived_of(model)

    def touched(name: str) -> bool:
        needs = derived[name][1] if name in derived else ()
        return name in changed or any(touched(n) for n in needs)

    for name in names:
        if name in derived and touched(name):
            raise NeurosimError(
                f"record: {name!r} depends on a parameter that changes during the run; "
                "record the states it is made of."
            )


def along_runs(
    ensemble: Ensemble, rows: tuple[str, ...], samples: np.ndarray, names
) -> np.ndarray:
    """Return the samples of ``names``, (runs, names, times), from those of ``rows``."""
    model = ensemble.model
    derived, states = derived_of(model), rows_of(model).states
    sampled = dict(zip(rows, samples.swapaxes(0, 1), strict=True))

    @cache
    def value(name: str) -> np.ndarray:
        if name in sampled:
            return sampled[name]
        if name in model.parameters and name not in states:
            default = model.parameters[name].value
            return np.reshape(ensemble.values.get(name, default), (-1, 1))
        quantity, needs = derived[name]
        return each(quantity.rule, *map(value, needs))

    shape = (ensemble.size, samples.shape[-1])
    return np.stack([np.broadcast_to(value(name), shape) for name in names], axis=1)


def each(rule: Callable, *values: Any) -> np.ndarray:
    """Apply a function of the physics to numbers and arrays that broadcast.

    One that calls nothing takes whole arrays, unless it decides by a value.
    """
    python = python_of(rule)
    calls = any(callable(python.__globals__.get(n)) for n in python.__code__.co_names)
    with np.errstate(all="ignore"):  # as in the kernel, where a run may have diverged
        if not calls:
            with suppress(TypeError, ValueError):
                shape = np.broadcast_shapes(*map(np.shape, values))
                return np.broadcast_to(np.asarray(python(*values), float), shape)
        return np.vectorize(rule, otypes=[float])(*values)
