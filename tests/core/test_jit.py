"""Functions whose names are bound anew, with those that they call."""

import pytest
from numba import config

from neurosim.core.jit import bind, inlined, kernel, python_of, unbound

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="is about compiled code")
SCALE = 1.0
law = unbound


@kernel
def scaled(x):
    return SCALE * x


@kernel
def shifted(x):
    return x + 1.0


@inlined
def ruled(x):
    return law(x) + shifted(x)


@kernel
def everything(x):
    return ruled(x) + scaled(x)


@kernel
def squared(x):
    return x * x


def called(function, name):
    """Return what a name means in a bound function."""
    return python_of(function).__globals__[name]


def test_a_bound_function_takes_along_what_uses_the_names():
    bound = bind(everything, law=squared, SCALE=10.0)
    assert bound(3.0) == 9.0 + 4.0 + 30.0
    assert everything.py_func.__globals__["SCALE"] == 1.0  # the original stays


def test_a_function_that_uses_none_of_the_names_is_compiled_once():
    bound = bind(everything, law=squared)
    assert called(bound, "scaled") is scaled
    assert called(bound, "ruled") is not ruled
    assert called(called(bound, "ruled"), "shifted") is shifted


def test_what_is_inlined_before_it_is_compiled_stays_so():
    inner = called(bind(everything, law=squared), "ruled")
    assert inner.targetoptions["inline"] == "always"
    assert "inline" not in bind(everything, law=squared).targetoptions
