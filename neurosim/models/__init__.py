"""The models, each a page of data; loaded when first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

from neurosim.errors import unknown

if TYPE_CHECKING:
    from neurosim.model import Model

# name -> one line; the module of a model bears its name
TITLES = {
    "squid_axon": "squid giant axon, space clamp (Hodgkin & Huxley 1952)",
    "mrg_axon": "mammalian node with passive internode (McIntyre et al. 2002)",
    "motor_axon": "human motor axon, node and internode (Gaines et al. 2018)",
}

MOTOR_AXON: "Model"
MRG_AXON: "Model"
SQUID_AXON: "Model"

__all__ = ["MOTOR_AXON", "MRG_AXON", "SQUID_AXON", "TITLES", "find"]


def find(name: str) -> "Model":
    """Return the model of a name as the command line spells it (``motor_axon``)."""
    if str(name).lower() not in TITLES:
        raise unknown(name, "the model list", TITLES)
    return getattr(import_module(f"neurosim.models.{name.lower()}"), name.upper())


def __getattr__(name: str):
    if name.lower() in TITLES and name.isupper():
        return find(name.lower())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
