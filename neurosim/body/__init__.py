"""The body: from a cause to the concentrations that nerve and muscle live in.

``run`` follows a cause over days; ``BODY`` is the model behind it, ``healthy`` its
steady state, ``PATHWAYS`` the list of couplings that can be switched off one by one.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosim.body.pathways import Pathway
    from neurosim.model import Model

BODY: "Model"
PATHWAYS: "tuple[Pathway, ...]"
REFINED: dict[str, float]
healthy: Callable[..., dict[str, float]]
run: Callable[..., Any]

HOMES = {
    "BODY": "homeostasis",
    "REFINED": "homeostasis",
    "healthy": "homeostasis",
    "run": "course",
    "PATHWAYS": "pathways",
}

__all__ = ["BODY", "PATHWAYS", "REFINED", "healthy", "run"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
