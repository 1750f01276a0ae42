"""Acid and base, and how much calcium and magnesium is ionised.

Metabolic changes of pH bind about twice as much calcium as respiratory ones, so the two
shares of a change are kept apart.
"""

from neurosim.body.common import (
    CALCIUM_IONISED,
    CALCIUM_TOTAL,
    MAGNESIUM_IONISED,
    MAGNESIUM_TOTAL,
    PH,
    switched,
)
from neurosim.core.jit import equation
from neurosim.core.maths import exp, log
from neurosim.declare import Derived, Param, State

CALCIUM_FRACTION = CALCIUM_IONISED / CALCIUM_TOTAL  # 0.521 of total calcium
MAGNESIUM_FRACTION = MAGNESIUM_IONISED / MAGNESIUM_TOTAL  # 0.647; textbook 0.67
LN10 = 2.302585092994046  # natural logarithm of 10
PK = 6.1  # 1, carbonic acid in plasma, textbook
HCO3 = 24.0  # mM, healthy, textbook
PCO2 = 40.0  # mmHg, healthy, textbook
SOLUBILITY = HCO3 / (PCO2 * 10 ** (PH - PK))  # 0.0301 mM/mmHg: pH 7.40 exactly
ACUTE, LATER = 0.20, 0.25  # mM/mmHg, bicarbonate at once and by the kidney, textbook
KIDNEY_TIME = 2.0  # d, renal compensation is complete in 3 to 5 days, textbook


@equation
def log_ratio_ph(hco3, pco2):
    """Henderson and Hasselbalch."""
    return PK + log(max(hco3, 1.0) / (SOLUBILITY * pco2)) / LN10


@equation
def compensation_rate(compensation, pco2):
    """mM/d: the kidney follows a lasting change of carbon dioxide."""
    return (LATER * (PCO2 - pco2) - compensation) / KIDNEY_TIME


@equation
def bicarbonate(pco2, compensation, hco3_shift):
    """mM, from carbon dioxide, renal compensation and metabolic gain or loss."""
    return HCO3 - ACUTE * (PCO2 - pco2) - compensation + hco3_shift


@equation
def acidity(hco3, pco2):
    """Return pH."""
    return log_ratio_ph(hco3, pco2)


@equation
def acidity_from_breathing(pco2, compensation):
    """Return the pH that carbon dioxide alone would give."""
    return log_ratio_ph(HCO3 - ACUTE * (PCO2 - pco2) - compensation, pco2)


@equation
def calcium_bound_by_ph(ph, ph_breathing, slope_respiratory, slope_metabolic, ph_ca):
    """Ionised calcium relative to pH 7.40."""
    breathing, other = ph_breathing - PH, ph - ph_breathing
    power = slope_respiratory * breathing + slope_metabolic * other
    return switched(exp(-LN10 * power), ph_ca)


@equation
def ionised_calcium(ca_total, albumin, ca_by_ph, albumin_ca):
    """mM, of total calcium corrected for albumin."""
    corrected = ca_total + albumin_ca * 0.02 * (40.0 - albumin)
    return CALCIUM_FRACTION * max(corrected, 1e-3) * ca_by_ph


@equation
def ionised_magnesium(mg_total, ph, slope_magnesium, ph_mg):
    """mM, of total magnesium."""
    return (
        MAGNESIUM_FRACTION
        * mg_total
        * switched(exp(-LN10 * slope_magnesium * (ph - PH)), ph_mg)
    )


STATES = (
    State("compensation", 0.0, "mM", "bicarbonate given off by the kidney as carbon "
          "dioxide stays low", compensation_rate),
)  # fmt: skip
PARAMS = (
    Param("pco2", PCO2, "mmHg", "arterial carbon dioxide", low=5.0, high=150.0),
    Param("hco3_shift", 0.0, "mM", "metabolic change of bicarbonate", low=-20.0,
          high=40.0),
    Param("albumin", 40.0, "g/L", "albumin", low=5.0, high=80.0),
    Param("slope_respiratory", 0.17, "1", "decades of ionised Ca per unit of pH, by "
          "breathing (0 to 0.3)", "hyperventilation and titration", low=0.0, high=0.5),
    Param("slope_metabolic", 0.28, "1", "the same for metabolic changes",
          "bench circuit, 0.70 to 1.04 mM per pH", low=0.0, high=0.6),
    Param("slope_magnesium", 0.10, "1", "the same for magnesium", "assumed", low=0.0,
          high=0.5),
)  # fmt: skip
DERIVED = (
    Derived("hco3", bicarbonate, "mM", "bicarbonate"),
    Derived("ph", acidity, "1", "pH of plasma"),
    Derived("ph_breathing", acidity_from_breathing, "1", "pH by carbon dioxide alone"),
    Derived("ca_by_ph", calcium_bound_by_ph, "1", "effect of pH on ionised calcium"),
    Derived("ca_ionised", ionised_calcium, "mM", "ionised calcium"),
    Derived("mg_ionised", ionised_magnesium, "mM", "ionised magnesium"),
)
