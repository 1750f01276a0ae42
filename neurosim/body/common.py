"""Small functions and parameters that all parts of the body share."""

from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.declare import Param

REVIEW = "systemic review, textbook values"  # secondary sources only
ASSUMED = "assumed"

# The healthy blood that the nerve models take as their reference bath
CALCIUM_TOTAL, CALCIUM_IONISED = 2.40, 1.25  # mM, design: the healthy reference bath
MAGNESIUM_TOTAL, MAGNESIUM_IONISED = 0.85, 0.55  # mM, the same
POTASSIUM, SODIUM, PH = 4.0, 140.0, 7.40  # mM, mM, 1, the same
WATER = 42.0  # L, body water of 70 kg (60 %), textbook
FILTRATE = 180.0  # L/d, glomerular filtration of 125 mL/min, textbook


@equation
def softplus(y):
    """ln(1 + e^y), without overflow."""
    return max(y, 0.0) + log(1.0 + exp(-abs(y)))


@equation
def softplus_inverse(y):
    """Return the argument at which ``softplus`` is y > 0."""
    return y + log(1.0 - exp(-y))


@equation
def hill4(y, half):
    """y^4 / (half^4 + y^4)."""
    return y**4 / (half**4 + y**4)


@equation
def switched(factor, switch):
    """Return a factor, or 1 where the switch of its pathway is 0."""
    return 1.0 + switch * (factor - 1.0)


@equation
def available(amount, needed):
    """Return 1, or less where what is to be lost runs out."""
    return min(1.0, max(amount, 0.0) / needed)


@equation
def water_share(body_water, body_size, water_levels):
    """Volume in which everything is dissolved, relative to that of normal water."""
    return switched(body_water / (WATER * body_size), water_levels)


def flow(name: str, value: float, doc: str, source: str = "") -> Param:
    """Return a parameter for a flow that cannot be negative."""
    return Param(name, value, "mmol/d", doc, source, low=0.0)


def times(name: str, doc: str, value: float = 1.0, high: float = 100.0) -> Param:
    """Return a parameter that multiplies something; 1 is normal."""
    return Param(name, value, "1", doc, low=0.0, high=high)


SIZE = Param(
    "body_size", 1.0, "1", "size of the body relative to 70 kg", low=0.02, high=4.0
)
