"""Levels, fluxes and bath that follow from the states, for many runs and times."""

from collections.abc import Callable
from functools import cache
from types import FunctionType

import numpy as np

from neurosim.core.jit import python_of
from neurosim.declare import arguments
from neurosim.model import Model

ARRAYS = {"exp": np.exp, "log": np.log, "max": np.maximum, "min": np.minimum}


@cache
def over_arrays(rule: Callable) -> Callable:
    """Return a function of the physics that takes arrays, by NumPy's exp and log."""
    python = python_of(rule)
    scope = dict(python.__globals__)
    for name in python.__code__.co_names:
        known = scope.get(name)
        if callable(getattr(known, "py_func", None)) and name not in ARRAYS:
            scope[name] = over_arrays(known)
    return FunctionType(python.__code__, {**scope, **ARRAYS}, python.__name__)


def levels_of(model: Model, states: dict, names: tuple[str, ...] = ()) -> dict:
    """Return derived quantities of a model without a voltage.

    Parameters
    ----------
    states : name -> array (runs,) or (runs, times). names : which; all if empty.

    Returns
    -------
    dict : name -> array; the values set in the model count per run.
    """
    wiring = model.wiring
    known = known_by_name(model, states)
    known = {name: known[name] for name in {**wiring.static, **wiring.dynamic[""]}}
    return {name: known[name] for name in names or known}


def rates_of(model: Model, states: dict) -> dict:
    """Return the rate of change of every state, name -> array like the states."""
    known = known_by_name(model, states)
    return {
        s.name: over_arrays(s.rule)(*(known[a] for a in arguments(s.rule)))
        for s in model.states
    }


def known_by_name(model: Model, states: dict) -> dict:
    """Return parameters, states and all that follows from them."""
    wiring = model.wiring
    given = {n: model.values.get(n, p.value) for n, p in wiring.params.items()}
    if max(np.ndim(value) for value in states.values()) == 2:
        given = {n: v[:, None] if np.ndim(v) == 1 else v for n, v in given.items()}
    known = given | states
    for name, derived in {**wiring.static, **wiring.dynamic[""]}.items():
        values = [known[a] for a in arguments(derived.rule)]
        known[name] = over_arrays(derived.rule)(*values)
    return known
