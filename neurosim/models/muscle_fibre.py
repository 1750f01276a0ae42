"""A human muscle fibre, fast: from quanta at its end-plate to force, at 35 degC.

Membrane with tubules and moving ions (``fibre_membrane``), excitation-contraction
coupling, energy and force (``contraction``), and the end-plate: kick the state ``ach``
with quanta, as ``neurosim.innervate`` does, or stimulate the surface. ``slow_fibre``
has the same equations. Force is a share of the largest of a fresh fibre.
"""

from types import MappingProxyType

from neurosim.core.jit import equation
from neurosim.declare import Derived
from neurosim.model import Model
from neurosim.models.axon_unit import UNSETTABLE as AXON_UNSETTABLE
from neurosim.models.contraction import FAST_CONTRACTION, Contraction
from neurosim.models.fibre_membrane import CANNON, MEMBRANE
from neurosim.physics.endplate import EP, EP_DERIVED, EP_STATES


@equation
def open_end_plate(density_ep, ach_open):
    """Conductance [mS/cm2] of the end-plate channels that are open."""
    return density_ep * ach_open


CELL = "ions of the cell come to rest by themselves; give a start with initial=."
UNSETTABLE = {
    **{n: why for n, why in AXON_UNSETTABLE.items() if n.endswith("_total")},
    **dict.fromkeys(("na_i", "k_i", "cl_i"), CELL),
    "temperature": "muscle has its own, temperature_m.",
}


END_PLATE = Derived("end_plate", open_end_plate, "mS/cm2", "open end-plate channels")
END_PLATE_PARAMS = tuple(
    p
    for p in EP.at(area_ep=3.3e4).params
    if p.name != "e_ep"  # reverses at 0 mV
)


def fibre_of(contraction: Contraction, *, name: str, title: str, doc: str) -> Model:
    """Return the model of a whole fibre with this contraction."""
    return Model(
        name=name,
        title=title,
        source=CANNON,
        doc=doc,
        compartments=MEMBRANE.compartments,
        states=(*MEMBRANE.states, *EP_STATES, *contraction.states),
        geometry=MEMBRANE.geometry,
        params=(*MEMBRANE.params, *END_PLATE_PARAMS, *contraction.params),
        derived=(*MEMBRANE.derived, *EP_DERIVED, END_PLATE, *contraction.derived),
        stiff=False,
        unsettable=MappingProxyType(UNSETTABLE),
        dt=0.02,
        start=-85.0,
        detect=-20.0,
        validity=(
            "One fibre of 40 um without conduction along it, 30-37 degC, trains up to "
            "50 Hz, K outside 1-8 mM, minutes of work; current in uA/cm2 of surface."
        ),
        failures=(
            "Membrane and contraction come from different muscles and temperatures and "
            "are scaled by Q10. No length, no movement, no heat, no lactate: pH is "
            "what is set. No calcium comes or goes through the membrane. Slow changes "
            "of receptors and hormones are knobs. The kinetics of contraction are "
            "fitted to twitch and tetanus, not measured one by one. A twitch relaxes "
            "as fast as it should, a tetanus takes 2-3 times as long. The twitch fails "
            "above K 9 mM without the potentiation that muscle shows at 7-11 mM. Rest "
            "is 6 mV below what human fibres have (-85 mV)."
        ),
    )


MUSCLE_FIBRE = fibre_of(
    FAST_CONTRACTION,
    name="muscle_fibre",
    title="human fast muscle fibre, end-plate to force",
    doc=__doc__ or "",
)
