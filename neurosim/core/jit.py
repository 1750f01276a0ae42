"""Compile options, decided once for the whole package.

``equation`` marks a scalar function of the physics: it is always inlined, so a loop
over lanes that calls it still vectorises. ``kernel`` marks a function that owns such a
loop, ``inlined`` one whose loops are short. ``entry`` marks the one function of a
generated module that Python calls; only there is caching safe, because the module's
name contains a digest of everything it calls (numba does not notice an edit in an
imported function).

``FASTMATH`` allows fused multiply-add and reciprocal division. It assumes nothing about
NaN or infinity, so that divergence stays visible, and it forbids reassociation, which
would break the rounding trick in ``maths.exp``.
"""

from collections.abc import Callable, Collection
from types import FunctionType
from typing import Any, TypeVar, cast

from llvmlite.binding import get_host_cpu_features
from numba import config, njit

FASTMATH = {"contract", "nsz", "arcp"}
NARROW = "prefer-256-bit"  # LLVM's own wish on machines with AVX-512

OPTIONS: Any = config  # numba sets its options while it is imported
INTERPRETED: bool = OPTIONS.DISABLE_JIT

Function = TypeVar("Function", bound=Callable)


def allow_widest_vectors() -> None:
    """Have numba use AVX-512 in full where there is one, unless told what to use.

    LLVM takes half of it, in fear of the lower clock that a few wide instructions
    bring; a kernel that consists of them is up to 1.5 times as fast.
    """
    host = get_host_cpu_features()
    if host.get("avx512f") and OPTIONS.CPU_FEATURES is None:
        OPTIONS.CPU_FEATURES = f"{host.flatten()},-{NARROW}"


allow_widest_vectors()


def equation(function: Function) -> Function:
    """Compile a scalar function that is inlined wherever it is called.

    Python may call it too; C does not, which saves compiling a wrapper for each.
    """
    options = {"forceinline": True, "no_cfunc_wrapper": True, "error_model": "numpy"}
    return cast(Function, njit(fastmath=FASTMATH, **options)(function))


def kernel(function: Function) -> Function:
    """Compile a loop over lanes that becomes part of its caller.

    Row offsets given as constants then are constants in the loop, which LLVM needs to
    prove that rows do not overlap. And there is one copy of the code: a function that
    is called could be bound to its own compilation in the process that compiles, but
    to the caller's copy in one that loads the cache, and the two differ in the last
    bit.
    """
    return equation(function)


def inlined(function: Function) -> Function:
    """Make a kernel part of its caller before anything is compiled.

    Compiled on its own, a short loop over rows that are not yet known is unrolled by
    two; once LLVM knows the rows, it has to sort what lies in its vectors.
    """
    compiled = njit(fastmath=FASTMATH, inline="always", error_model="numpy")
    return cast(Function, compiled(function))


def entry(function: Function) -> Function:
    """Compile the entry point of a generated module; cached, without the GIL."""
    options = {"nogil": True, "cache": True, "error_model": "numpy"}
    return cast(Function, njit(fastmath=FASTMATH, **options)(function))


def python_of(function: Callable) -> Callable:
    """Return the Python function behind a compiled one (itself where JIT is off)."""
    return getattr(function, "py_func", function)


def unbound(*_: Any) -> Any:
    """Stand for a function that ``bind`` will put in its place."""
    raise NotImplementedError("bind this name to a kernel first")


def bind(function: Callable, **names: Any) -> Callable:
    """Compile a kernel anew with some of its global names meaning something else.

    So do the functions of its own module that it calls and that use them. This is how
    the time loop meets the kernels of one model: a compiled function passed as an
    argument would be as fast, but numba cannot cache that.
    """
    python = python_of(function)
    scope = {**python.__globals__, **names}
    for name, called in neighbours(python).items():
        if name not in names and depends(called, names):
            scope[name] = bind(called, **names)
    bound = FunctionType(python.__code__, scope, python.__name__)
    options = getattr(function, "targetoptions", {})
    return inlined(bound) if options.get("inline") == "always" else kernel(bound)


def neighbours(python: Callable) -> dict[str, Any]:
    """Return the functions of its own module that a Python function calls."""
    scope: Any = getattr(python, "__globals__", {})
    named = {name: scope.get(name) for name in python.__code__.co_names}
    return {
        name: called
        for name, called in named.items()
        if getattr(python_of(called), "__globals__", None) is scope
    }


def depends(function: Any, names: Collection[str]) -> bool:
    """Tell whether a function or one that it calls uses one of these global names."""
    python = python_of(function)
    used = set(names).intersection(python.__code__.co_names)
    return bool(used) or any(depends(f, names) for f in neighbours(python).values())
