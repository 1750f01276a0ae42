"""Sodium and water: plasma sodium by Edelman's relation, and sweat.

Intakes and losses are what goes beyond the part that the kidney balances by itself:
zero in health.
"""

from neurosim.body.common import SIZE, SODIUM, WATER, available, flow, water_share
from neurosim.body.potassium import BODY_TOTAL
from neurosim.core.jit import equation
from neurosim.declare import Derived, Param, State

SLOPE, OFFSET = 1.03, 23.8  # 1, mM, Nguyen & Kurtz's form of Edelman's relation
BODY_SODIUM = (SODIUM + OFFSET) * WATER / SLOPE - BODY_TOTAL  # 3501 mmol


@equation
def plasma_sodium(na_body, k_body, k_usual, body_water, body_size, k_na):
    """mM, from all exchangeable sodium and potassium in all water."""
    potassium = BODY_TOTAL * body_size + k_na * (k_body - k_usual)
    return SLOPE * (na_body + potassium) / body_water - OFFSET


@equation
def lost_sodium(na_body, na_loss, sweat, sweat_na):
    """mmol/d."""
    return (na_loss + sweat * sweat_na) * available(na_body, 500.0)


@equation
def lost_water(body_water, water_loss, sweat):
    """L/d."""
    return (water_loss + sweat) * available(body_water, 10.0)


@equation
def sodium_balance(na_intake, lost_na):
    """mmol/d into the body."""
    return na_intake - lost_na


@equation
def water_balance(water_intake, water_lost):
    """L/d into the body."""
    return water_intake - water_lost


STATES = (
    State("na_body", BODY_SODIUM, "mmol", "exchangeable Na", sodium_balance),
    State("body_water", WATER, "L", "body water", water_balance),
)
PARAMS = (
    SIZE,
    flow("na_intake", 0.0, "Na eaten beyond what the kidney balances"),
    flow("na_loss", 0.0, "Na lost beyond what the kidney balances"),
    Param("water_intake", 0.0, "L/d", "water drunk beyond need", low=0.0),
    Param("water_loss", 0.0, "L/d", "water lost beyond need", low=0.0),
    Param("sweat", 0.0, "L/d", "sweat", low=0.0),
    Param("sweat_na", 43.0, "mM", "Na in sweat (21 to 71)", "Lara 2016", low=0.0),
    Param("sweat_k", 5.9, "mM", "K in sweat", "Lara 2016", low=0.0),
    Param("sweat_ca", 0.7, "mM", "Ca in sweat (0.4 to 1)", "textbook", low=0.0),
    Param("sweat_mg", 0.2, "mM", "Mg in sweat (0.05 to 0.4)", "textbook", low=0.0),
    Param("gfr", 180.0, "L/d", "glomerular filtration", "textbook", low=0.5,
          high=1000.0),
)  # fmt: skip
DERIVED = (
    Derived("volume_share", water_share, "1", "water relative to normal"),
    Derived("na", plasma_sodium, "mM", "sodium of plasma"),
    Derived("lost_na", lost_sodium, "mmol/d", "Na lost"),
    Derived("water_lost", lost_water, "L/d", "water lost"),
)
