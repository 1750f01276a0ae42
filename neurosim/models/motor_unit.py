"""A motor unit as one model: motor axon, terminal, end-plate, muscle fibre, force.

The half internode of ``motor_axon`` and the surface and tubules of ``muscle_fibre``
side by side; what joins them is the terminal (``physics.terminal``), where an impulse
of the node releases quanta. A stimulus enters the node, nA per whole node; spikes are
those of the fibre. Plain names (``v``, ``m``) are the fibre's, the axon's end in
``_node`` and so on. No delay on the way. The axon runs at 37, the fibre at 35 degC.

All stages share the axon's short step. ``neurosim.innervate`` runs them one after
another, each at its own step and with recorded trains where wanted, and is cheaper.
"""

from types import MappingProxyType
from typing import cast

from neurosim.declare import Cable, Derived, Param, State
from neurosim.model import Model
from neurosim.models.axon_unit import UNSETTABLE
from neurosim.models.fibre_membrane import MEMBRANE
from neurosim.models.motor_axon import MOTOR_AXON
from neurosim.models.muscle_fibre import MUSCLE_FIBRE
from neurosim.physics import terminal
from neurosim.physics.release import HUMAN

CHOSEN = f"preset {HUMAN.name} of neurosim.junction"


def joined(axon: Cable, fibre: Cable) -> Cable:
    """Return one chain of both, with nothing between the last axon piece and fibre."""
    pieces = [p for c in MOTOR_AXON.compartments for p in c.instances]
    return Cable(
        table=(*axon.table, *fibre.table),
        pieces=(*pieces, "surface", "tubule"),
        stimulated="node",
        stimulus_share=axon.stimulus_share,
        doc=f"{axon.doc}; {fibre.doc}",
    )


def together(*groups: tuple) -> tuple:
    """Return named things of several models, those they share once."""
    return tuple(dict.fromkeys(thing for group in groups for thing in group))


TERMINAL = (
    State("spent", 0.0, "", "share of the present impulse that has done its work",
          terminal.spent_rate),
    State("quick", 0.0, "", "facilitation that fades soon",
          terminal.quick_facilitation),
    State("lasting", 0.0, "", "facilitation that lasts",
          terminal.lasting_facilitation),
    State("primed_quick", 1.0, "", "primed vesicles that are replaced soon",
          terminal.quick_pool),
    State("primed_slow", 1.0, "", "primed vesicles that are replaced late",
          terminal.slow_pool),
    State("ach", 0.0, "", "quanta in the cleft", terminal.cleft_rate),
)  # fmt: skip
RELEASE = (
    Param("k_ca", HUMAN.k_ca, "mM", "binding of Ca to the release site", CHOSEN,
          low=1e-3),
    Param("k_mg", HUMAN.k_mg, "mM", "binding of Mg to the release site", CHOSEN,
          low=1e-3),
    Param("release_power", HUMAN.power, "", "power of the release law", CHOSEN,
          low=1.0, high=5.0),
    Param("chance_rested", HUMAN.probability, "", "chance of release of a vesicle in "
          "the healthy bath", CHOSEN, low=0.0, high=0.95),
    Param("facilitated", HUMAN.facilitation, "", "share an impulse adds to release",
          CHOSEN, low=0.0),
    Param("fades_quick", HUMAN.fades[0], "ms", "fading of half of it", CHOSEN, low=1.0),
    Param("fades_late", HUMAN.fades[1], "ms", "and of the other half", CHOSEN,
          low=1.0),
    Param("sites_quick", HUMAN.sites[0], "", "vesicles that are replaced soon", CHOSEN,
          low=0.0),
    Param("sites_slow", HUMAN.sites[1], "", "vesicles that are replaced late", CHOSEN,
          low=0.0),
    Param("refill_quick", HUMAN.recovery[0], "ms", "their time constant", CHOSEN,
          low=1.0),
    Param("refill_slow", HUMAN.recovery[1], "ms", "and theirs", CHOSEN, low=1.0),
)  # fmt: skip
RELATIVE = Derived(
    "released_share", terminal.share_of_release, "", "release against the healthy bath"
)

MOTOR_UNIT = Model(
    name="motor_unit",
    title="human motor unit: axon, junction, fast fibre, force",
    source=MOTOR_AXON.source,
    doc=__doc__ or "",
    compartments=(*MUSCLE_FIBRE.compartments, *MOTOR_AXON.compartments),
    states=(*TERMINAL, *(s for s in MUSCLE_FIBRE.states if s.name != "ach")),
    geometry=joined(cast(Cable, MOTOR_AXON.geometry), MEMBRANE.geometry),
    params=together(MUSCLE_FIBRE.params, MOTOR_AXON.params, RELEASE),
    derived=together(MUSCLE_FIBRE.derived, MOTOR_AXON.derived, (RELATIVE,)),
    stiff=False,
    dt=MOTOR_AXON.dt,
    start=-85.0,
    detect=MUSCLE_FIBRE.detect,
    validity="As motor_axon and muscle_fibre; one axon, one fibre.",
    failures=(
        "One fibre stands for all of the unit. Quanta are the mean ones: no jitter, no "
        "block by chance (neurosim.junction.transmit has both). What the fibre does to "
        "its bath does not reach the axon."
    ),
    unsettable=MappingProxyType(
        {n: why for n, why in UNSETTABLE.items() if n.endswith("_total")}
    ),
)
