"""The models, each a page of data; loaded when first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

from neurosim.errors import unknown

if TYPE_CHECKING:
    from neurosim.model import Model

# name -> one line; the module of a model bears its name
TITLES = {
    "squid_axon": "squid giant axon, space clamp (Hodgkin & Huxley 1952)",
    "frog_node": "frog node of Ranvier (Frankenhaeuser & Huxley 1964)",
    "human_node": "human node of Ranvier (Schwarz, Reid & Bostock 1995)",
    "mrg_axon": "mammalian node with passive internode (McIntyre et al. 2002)",
    "motor_axon": "human motor axon, node and internode (Gaines et al. 2018)",
    "mrg_cable": "mammalian fibre of 21 nodes (McIntyre et al. 2002)",
    "motor_cable": "human motor fibre of 21 nodes (Gaines et al. 2018)",
    "sensory_axon": "human sensory axon, node and internode (Gaines et al. 2018)",
    "end_plate": "end-plate of a human muscle fibre, passive",
    "muscle_fibre": "human fast muscle fibre, end-plate to force",
    "slow_fibre": "human slow muscle fibre, end-plate to force",
    "motor_unit": "human motor unit: axon, junction, fast fibre, force",
    "shorten_fibre": "fast muscle fibre, as archived (Shorten et al. 2007)",
}

END_PLATE: "Model"
FROG_NODE: "Model"
HUMAN_NODE: "Model"
MOTOR_AXON: "Model"
MOTOR_CABLE: "Model"
MOTOR_UNIT: "Model"
MRG_AXON: "Model"
MRG_CABLE: "Model"
MUSCLE_FIBRE: "Model"
SENSORY_AXON: "Model"
SHORTEN_FIBRE: "Model"
SLOW_FIBRE: "Model"
SQUID_AXON: "Model"

__all__ = [
    "END_PLATE",
    "FROG_NODE",
    "HUMAN_NODE",
    "MOTOR_AXON",
    "MOTOR_CABLE",
    "MOTOR_UNIT",
    "MRG_AXON",
    "MRG_CABLE",
    "MUSCLE_FIBRE",
    "SENSORY_AXON",
    "SHORTEN_FIBRE",
    "SLOW_FIBRE",
    "SQUID_AXON",
    "TITLES",
    "find",
]


def find(name: str) -> "Model":
    """Return the model of a name as the command line spells it (``motor_axon``)."""
    if str(name).lower() not in TITLES:
        raise unknown(name, "the model list", TITLES)
    return getattr(import_module(f"neurosim.models.{name.lower()}"), name.upper())


def __getattr__(name: str):
    if name.lower() in TITLES and name.isupper():
        return find(name.lower())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
