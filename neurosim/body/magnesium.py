"""Magnesium: plasma, tissue that exchanges, a slow store, and the surface of bone.

Amounts are the states, so nothing is lost when the volume changes. The threshold of the
kidney is not given but follows from balance: at the usual intake a person stays at
``mg_set``.
"""

from neurosim.body.common import (
    FILTRATE,
    MAGNESIUM_TOTAL,
    available,
    flow,
    hill4,
    softplus,
    softplus_inverse,
    switched,
    times,
)
from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.declare import Derived, Param, State

VOLUME = 11.4  # L, plasma 3 and interstitium 12 times 0.7 that is free to spread
EXCHANGEABLE = 100.0  # mmol at 0.85 mM, Avioli & Berman 1966 (113) and depletion
STORE = 860.0  # mmol at 0.85 mM, bone and muscle: the rest of 1 mol
SLOW = 0.6931471805599453 / 1000.0  # 1/d, half-life of about 1000 days, Mg-28
SURFACE_RATE = 0.6931471805599453 / 40.0  # 1/d, bone surface, half-life 40 d, assumed
USUAL_INTAKE = 12.5  # mmol/d, 304 mg, at which the balance is closed
SKIN = 0.2  # mmol/d through the skin, textbook
CELL = 0.5  # mM, free magnesium in resting muscle, 31P spectroscopy 0.39 to 0.56
LEAST_RATIO = 1e-9  # 1 or mM, before a logarithm is taken


@equation
def net_absorption(intake, mg_vmax, mg_km, mg_linear):
    """mmol/d: a saturable and a passive share (Fine 1991)."""
    return mg_vmax * intake / (mg_km + intake) + mg_linear * intake


@equation
def threshold(mg_set, mg_vmax, mg_km, mg_linear, mg_splay, mg_endogenous, mg_filtered):
    """mM: renal threshold that closes the balance at ``mg_set``."""
    left = net_absorption(USUAL_INTAKE, mg_vmax, mg_km, mg_linear)
    urine = max(left - mg_endogenous - SKIN, 1e-3)
    steep = softplus_inverse(urine / (FILTRATE * mg_splay))
    return mg_filtered * mg_set - mg_splay * steep


@equation
def plasma_magnesium(mg_plasma, body_size, volume_share):
    """mM, total."""
    return mg_plasma / (VOLUME * body_size * volume_share)


@equation
def absorbed_magnesium(
    mg_intake, mg_absorption, mg_passive, mg_vmax, mg_km, mg_linear, body_size
):
    """mmol/d from the gut."""
    taken = mg_intake / body_size
    active, passive = mg_vmax * mg_absorption, mg_linear * mg_passive
    return body_size * net_absorption(taken, active, mg_km, passive)


@equation
def conserving(mg_tissue, mg_conservation, mg_mg_urine):
    """Return how far the kidney raises its threshold when tissue lacks magnesium."""
    return 1.0 + mg_mg_urine * mg_conservation * max(1.0 - mg_tissue, 0.0)


@equation
def urine_magnesium(
    mg_total, gfr, mg_threshold, mg_renal_threshold, mg_adapted, mg_splay, mg_filtered
):
    """mmol/d: what is filtered above a threshold with a splay, never more than that."""
    held = mg_threshold * mg_renal_threshold * mg_adapted
    above = mg_filtered * mg_total - held
    over = gfr * mg_splay * softplus(above / mg_splay)
    return min(over, gfr * mg_filtered * max(mg_total, 0.0))


@equation
def lost_magnesium(
    mg_total, mg_set, mg_endogenous, mg_skin_loss, mg_gut_loss, sweat, sweat_mg,
    body_size,
):  # fmt: skip
    """mmol/d into the gut, through the skin and with sweat."""
    gut = body_size * mg_endogenous * available(mg_total, 0.2)
    gut += mg_gut_loss * available(mg_total, 0.3)
    skin = mg_skin_loss * max(mg_total, 0.0) / mg_set
    return gut + skin + sweat * sweat_mg * available(mg_total, 0.3)


@equation
def into_tissue(
    mg_total, mg_exchange, mg_set, mg_pool, mg_exchange_rate, mg_tissue_power,
    mg_uptake, body_size,
):  # fmt: skip
    """mmol/d from plasma into exchangeable tissue; hormones raise what it holds."""
    held = exp(mg_tissue_power * log(max(mg_total, LEAST_RATIO) / mg_set))
    return mg_exchange_rate * (mg_pool * body_size * held * mg_uptake - mg_exchange)


@equation
def into_store(mg_total, mg_store, mg_set, body_size):
    """mmol/d from plasma into the slow store."""
    return SLOW * (STORE * body_size * mg_total / mg_set - mg_store)


@equation
def into_surface(mg_total, mg_surface, mg_set, mg_surface_pool, body_size):
    """mmol/d from plasma onto the surface of bone."""
    full = mg_surface_pool * body_size
    return SURFACE_RATE * (full * mg_total / mg_set - mg_surface)


@equation
def plasma_balance(
    absorbed_mg, mg_infusion, urine_mg, lost_mg, mg_to_tissue, mg_to_store,
    mg_to_surface,
):  # fmt: skip
    """mmol/d into plasma."""
    gained = absorbed_mg + mg_infusion - urine_mg - lost_mg
    return gained - mg_to_tissue - mg_to_store - mg_to_surface


@equation
def tissue_balance(mg_to_tissue):
    """mmol/d into tissue."""
    return mg_to_tissue


@equation
def store_balance(mg_to_store):
    """mmol/d into the slow store."""
    return mg_to_store


@equation
def surface_balance(mg_to_surface):
    """mmol/d onto the surface of bone."""
    return mg_to_surface


@equation
def tissue_level(mg_exchange, mg_pool, body_size):
    """Exchangeable tissue magnesium relative to replete."""
    return mg_exchange / (mg_pool * body_size)


@equation
def gate_plasma(mg_total, mg_set, mg_half):
    """Return the gate of plasma magnesium on secretion: 1 when replete or above."""
    return min(1.0, hill4(mg_total, mg_half) / hill4(mg_set, mg_half))


@equation
def gate_tissue(mg_tissue, mg_half):
    """Return the same of tissue magnesium, on the kidney's potassium channels."""
    now = hill4(MAGNESIUM_TOTAL * mg_tissue, mg_half)
    return min(1.0, now / hill4(MAGNESIUM_TOTAL, mg_half))


@equation
def free_in_cells(mg_tissue, mg_cell_exponent, mg_mg_i):
    """MM free in the cells of muscle."""
    level = exp(mg_cell_exponent * log(max(mg_tissue, LEAST_RATIO)))
    return CELL * switched(level, mg_mg_i)


STATES = (
    State("mg_plasma", MAGNESIUM_TOTAL * VOLUME, "mmol", "Mg in extracellular water",
          plasma_balance),
    State("mg_exchange", EXCHANGEABLE, "mmol", "Mg in tissue that exchanges",
          tissue_balance),
    State("mg_store", STORE, "mmol", "Mg in the slow store", store_balance),
    State("mg_surface", 0.0, "mmol", "Mg on the surface of bone", surface_balance),
)  # fmt: skip
PARAMS = (
    flow("mg_intake", USUAL_INTAKE, "Mg eaten"),
    times("mg_absorption", "saturable absorption of Mg"),
    times("mg_passive", "passive absorption of Mg"),
    flow("mg_gut_loss", 0.0, "Mg lost with diarrhoea or a fistula"),
    times("mg_renal_threshold", "renal threshold of Mg", high=10.0),
    times("mg_uptake", "Mg that tissue holds (adrenaline)", high=3.0),
    Param("mg_conservation", 0.0, "1", "rise of the renal threshold with the share of "
          "Mg that tissue lacks", "1: urine below 1 mmol/d within 3-4 d, IOM 1997",
          low=0.0, high=10.0),
    flow("mg_infusion", 0.0, "Mg into a vein"),
    flow("mg_skin_loss", SKIN, "Mg through the skin", "textbook"),
    Param("mg_set", MAGNESIUM_TOTAL, "mM", "total Mg of this person at the usual diet",
          "design", low=0.6, high=1.1),
    flow("mg_vmax", 5.34, "saturable absorption", "Fine 1991"),
    Param("mg_km", 7.65, "mmol/d", "intake at half of it", "Fine 1991", low=0.1),
    Param("mg_linear", 0.07, "1", "passive share", "Fine 1991", low=0.0, high=1.0),
    Param("mg_filtered", 0.70, "1", "ultrafilterable share", "textbook", low=0.4,
          high=1.0),
    Param("mg_splay", 0.065, "mM", "splay of the renal threshold", "fit to Zhang 2016",
          low=0.005, high=0.5),
    flow("mg_endogenous", 0.5, "secretion into the gut that is lost",
         "assumed; stool water 0.1-0.2 L/d of up to 7.5 mM gives 0.5-1.5"),
    Param("mg_pool", EXCHANGEABLE, "mmol", "exchangeable tissue Mg",
          "Avioli & Berman 1966", low=10.0, high=400.0),
    Param("mg_exchange_rate", 0.7, "1/d", "exchange with tissue",
          "Mg-28, half-time 14-35 h", low=0.0, high=20.0),
    Param("mg_tissue_power", 1.0, "1", "how the level that tissue holds follows "
          "plasma", "proportional", low=0.3, high=1.5),
    Param("mg_surface_pool", 0.0, "mmol", "Mg on the surface of bone (150: with it)",
          "assumed", low=0.0, high=500.0),
    Param("mg_half", 0.45, "mM", "total Mg at which its gates are half open",
          "hypomagnesaemic hypocalcaemia", low=0.05, high=0.8),
    Param("mg_cell_exponent", 0.5, "1", "how free Mg in muscle follows the tissue",
          "assumed (red cell 1)", low=0.0, high=1.5),
)  # fmt: skip
DERIVED = (
    Derived("mg_threshold", threshold, "mM", "renal threshold that closes the balance"),
    Derived("mg_total", plasma_magnesium, "mM", "total magnesium of plasma"),
    Derived("absorbed_mg", absorbed_magnesium, "mmol/d", "Mg absorbed"),
    Derived("mg_adapted", conserving, "1", "renal threshold raised by lack of Mg"),
    Derived("urine_mg", urine_magnesium, "mmol/d", "Mg in urine"),
    Derived("lost_mg", lost_magnesium, "mmol/d", "Mg lost by gut and skin"),
    Derived("mg_to_tissue", into_tissue, "mmol/d", "Mg into tissue"),
    Derived("mg_to_store", into_store, "mmol/d", "Mg into the slow store"),
    Derived("mg_to_surface", into_surface, "mmol/d", "Mg onto bone"),
    Derived("mg_tissue", tissue_level, "1", "tissue magnesium, 1 = replete"),
    Derived("gate_plasma", gate_plasma, "1", "plasma Mg gate on PTH secretion"),
    Derived("gate_tissue", gate_tissue, "1", "tissue Mg gate on renal K channels"),
    Derived("mg_i", free_in_cells, "mM", "free magnesium inside muscle"),
)
