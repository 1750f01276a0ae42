"""A human muscle fibre, slow: the equations of ``muscle_fibre`` with other numbers.

Its release, uptake and bridges are slower (``contraction``); its membrane is the same.
"""

from neurosim.models.contraction import SLOW_CONTRACTION
from neurosim.models.muscle_fibre import fibre_of

SLOW_FIBRE = fibre_of(
    SLOW_CONTRACTION,
    name="slow_fibre",
    title="human slow muscle fibre, end-plate to force",
    doc=__doc__ or "",
)
