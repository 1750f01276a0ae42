"""neurosim: how shortfalls of Mg, Ca, K and Na make nerve and muscle fire."""

from importlib import import_module

__version__ = "0.1.0"

# public name -> module; imported when first used, so that `neurosim --help` is quick
PUBLIC = {
    "simulate": "neurosim.simulation",
    "Rest": "neurosim.protocol",
    "Step": "neurosim.protocol",
    "Train": "neurosim.protocol",
    "Ramp": "neurosim.protocol",
    "VoltageClamp": "neurosim.protocol",
    "Fluctuation": "neurosim.protocol",
    "Change": "neurosim.protocol",
    "Kicks": "neurosim.protocol",
    "Pace": "neurosim.protocol",
    "kernel_source": "neurosim.lower",
    "NeurosimError": "neurosim.errors",
    "UnknownName": "neurosim.errors",
}

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll] - PUBLIC is the list
    "__version__",
    *PUBLIC,
]


def __getattr__(name: str):
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *PUBLIC])
