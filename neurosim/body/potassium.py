"""Potassium: pump and leak between cells and plasma, and what the kidney lets go.

Within minutes cells and plasma agree, so plasma potassium follows in closed form from
the body's total; the pump itself answers to hormones with a lag.
"""

from neurosim.body.common import (
    FILTRATE,
    POTASSIUM,
    available,
    flow,
    switched,
    times,
)
from neurosim.core.jit import equation
from neurosim.declare import Derived, Param, State

OUTSIDE, INSIDE = 14.5, 24.0  # L, extracellular and intracellular water
CELLS = 130.0  # mM in intracellular water, Stadt & Layton
PUMP_MOST, PUMP_HALF = 130.0, 1.4  # 1, mM, uptake by the pump, Stadt & Layton
UPTAKE_TIME = 0.0104  # d, 15 min: hormones act on the pump
NERVE_CELL = 140.0  # mM in axons and muscle, the nerve models' reference
LEAST_URINE = 5.0  # mmol/d that the kidney cannot hold back
USUAL_URINE = 67.0  # mmol/d above it, at 80 mmol/d eaten and 8 lost by the gut
MG_MOST = 4.0  # times: loss of the magnesium block of ROMK adds up to this
BODY_TOTAL = OUTSIDE * POTASSIUM + INSIDE * CELLS  # mmol


@equation
def leak(k_set):
    """Return the leak that balances the pump at ``k_set``."""
    return PUMP_MOST * k_set / (PUMP_HALF + k_set) / (CELLS - k_set)


@equation
def usual_potassium(k_set, body_size):
    """Mmol in this body in health."""
    return body_size * (OUTSIDE * k_set + INSIDE * CELLS)


@equation
def uptake_rate(uptake_now, uptake):
    """1/d: the pump approaches what hormones ask for."""
    return (uptake - uptake_now) / UPTAKE_TIME


@equation
def dilution(volume_share, k_volume_release):
    """Return by how much a change of water divides plasma potassium.

    Lost water concentrates plasma and cells alike. Cells that swell give up potassium
    to come back to their volume, so that excess water hardly dilutes that of plasma.
    """
    excess = max(volume_share - 1.0, 0.0)
    return volume_share - k_volume_release * excess


@equation
def plasma_potassium(k_body, uptake_now, k_leak, body_size, k_dilution):
    """mM: pump against leak, solved for the total, then diluted or concentrated."""
    total = k_body / body_size
    a = k_leak * (OUTSIDE + INSIDE)
    b = uptake_now * PUMP_MOST * INSIDE + PUMP_HALF * a - k_leak * total
    c = PUMP_HALF * k_leak * total
    return 2.0 * c / (b + (b * b + 4.0 * a * c) ** 0.5) / k_dilution


@equation
def cell_potassium(k, k_body, body_size, volume_share):
    """MM in intracellular water."""
    return (k_body / (body_size * volume_share) - OUTSIDE * k) / INSIDE


@equation
def urine_potassium(
    k,
    k_set,
    distal_drive,
    gate_tissue,
    gfr,
    body_size,
    mg_k_urine,
    plasma_k_urine,
    gfr_k_urine,
):
    """mmol/d: secretion rises steeply with plasma potassium."""
    level = switched(max(k, 0.0) / k_set, plasma_k_urine) ** 7
    unblocked = 1.0 + mg_k_urine * MG_MOST * (1.0 - gate_tissue)
    kidney = switched(min(1.0, gfr / (FILTRATE * body_size)) ** 0.3, gfr_k_urine)
    secreted = USUAL_URINE * level * distal_drive * unblocked * kidney
    return body_size * (LEAST_URINE * available(k, 1.0) + secreted)


@equation
def lost_potassium(k, k_gut_loss, sweat, sweat_k):
    """mmol/d by gut and skin."""
    return (k_gut_loss + sweat * sweat_k) * available(k, 1.0)


@equation
def potassium_balance(k_intake, k_infusion, urine_k, lost_k):
    """mmol/d into the body."""
    return k_intake + k_infusion - urine_k - lost_k


@equation
def nerve_potassium(k_cells, k_k_i):
    """MM inside axons and muscle."""
    return NERVE_CELL * switched(k_cells / CELLS, k_k_i)


STATES = (
    State("k_body", BODY_TOTAL, "mmol", "exchangeable K", potassium_balance),
    State("uptake_now", 1.0, "1", "pump multiplier in force", uptake_rate),
)
PARAMS = (
    flow("k_intake", 80.0, "K eaten"),
    flow("k_gut_loss", 8.0, "K lost by the gut", "textbook"),
    times("distal_drive", "sodium delivery and aldosterone in the distal nephron"),
    times("uptake", "Na/K pump of the body's cells (insulin, adrenaline)", high=3.0),
    flow("k_infusion", 0.0, "K into a vein"),
    Param("k_volume_release", 1.0, "1", "share of a dilution that K from swollen cells "
          "makes good", "plasma K normal in water excess, textbook", low=0.0, high=1.0),
    Param("k_set", POTASSIUM, "mM", "plasma K of this person in health", "design",
          low=3.0, high=5.5),
)  # fmt: skip
DERIVED = (
    Derived("k_leak", leak, "1", "leak that balances the pump"),
    Derived("k_usual", usual_potassium, "mmol", "exchangeable K in health"),
    Derived("k_dilution", dilution, "1", "water that dilutes plasma K"),
    Derived("k", plasma_potassium, "mM", "potassium of plasma"),
    Derived("k_cells", cell_potassium, "mM", "potassium of intracellular water"),
    Derived("urine_k", urine_potassium, "mmol/d", "K in urine"),
    Derived("lost_k", lost_potassium, "mmol/d", "K lost by gut and skin"),
    Derived("k_i", nerve_potassium, "mM", "potassium inside axons and muscle"),
)
