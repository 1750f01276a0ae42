"""One model of the body, in days and without a voltage, and its healthy steady state.

Constants that the literature gives for K 4.2 and ionised Mg 0.57 mM are not rescaled by
hand: renal thresholds, the leak of potassium and the solubility of carbon dioxide
follow from the healthy blood, which therefore is a steady state to rounding.
"""

from dataclasses import replace

import numpy as np

from neurosim.body import binding, calcium, magnesium, potassium, water
from neurosim.body.common import PH, SODIUM
from neurosim.body.pathways import SWITCHES
from neurosim.core.jit import equation
from neurosim.declare import Derived, Param, State
from neurosim.model import Model


@equation
def bath_calcium(ca_ionised, ca_normal, bath_ca):
    """MM around nerve and muscle."""
    return ca_normal + bath_ca * (ca_ionised - ca_normal)


@equation
def bath_magnesium(mg_ionised, mg_set, bath_mg):
    """MM around nerve and muscle."""
    normal = binding.MAGNESIUM_FRACTION * mg_set
    return normal + bath_mg * (mg_ionised - normal)


@equation
def bath_potassium(k, k_set, bath_k):
    """MM around nerve and muscle."""
    return k_set + bath_k * (k - k_set)


@equation
def bath_sodium(na, bath_na):
    """MM around nerve and muscle."""
    return SODIUM + bath_na * (na - SODIUM)


@equation
def bath_ph(ph, bath_ph):
    """Return pH around nerve and muscle."""
    return PH + bath_ph * (ph - PH)


@equation
def oxygen(haemoglobin):
    """Oxygen that a litre of blood delivers, relative to 14 g/dL."""
    return haemoglobin / 14.0


BATH = (
    Derived("ca_o", bath_calcium, "mM", "ionised Ca around nerve and muscle"),
    Derived("mg_o", bath_magnesium, "mM", "ionised Mg around nerve and muscle"),
    Derived("k_o", bath_potassium, "mM", "K around nerve and muscle"),
    Derived("na_o", bath_sodium, "mM", "Na around nerve and muscle"),
    Derived("ph_o", bath_ph, "1", "pH around nerve and muscle"),
    Derived("oxygen_delivery", oxygen, "1", "oxygen delivered by blood, 1 = normal"),
)
# Handed to the cells as they are: causes move them, the body does not
CELLS = (
    Param("haemoglobin", 14.0, "g/dL", "haemoglobin", low=1.0, high=25.0),
    Param("atp_supply", 1.0, "1", "oxidative capacity", low=0.0, high=2.0),
    Param("pump", 1.0, "1", "Na/K pump of nerve and muscle", low=0.0, high=2.0),
    Param("axon_loss_motor", 0.0, "1", "motor axons lost", low=0.0, high=1.0),
    Param("axon_loss_sensory", 0.0, "1", "sensory axons lost", low=0.0, high=1.0),
    Param("g_ratio", 0.70, "1", "axon over fibre diameter", low=0.5, high=0.99),
    Param("internode_loss", 0.0, "1", "internodes without myelin", low=0.0, high=1.0),
    Param("inhib", 1.0, "1", "inhibition of motoneurons", low=0.0, high=2.0),
    Param("drive", 1.0, "1", "synaptic noise of motoneurons", low=0.0, high=10.0),
    Param("pna_scale", 1.0, "1", "persistent sodium current", low=0.0, high=5.0),
    Param("pic", 1.0, "1", "persistent inward current of motoneurons", low=0.0,
          high=5.0),
    Param("ryr", 1.0, "1", "calcium release channel of muscle", low=0.0, high=5.0),
    Param("k_int", 4.0, "mM", "K between the fibres of working muscle", low=1.0,
          high=20.0),
    Param("phosphate", 3.0, "mM", "phosphate in muscle", low=0.0, high=60.0),
    Param("ph_m", 7.05, "1", "pH in muscle", low=6.0, high=7.6),
    Param("temperature_muscle", 35.0, "degC", "muscle at rest", low=10.0, high=42.0),
)  # fmt: skip

PARTS = (water, magnesium, binding, calcium, potassium)
BODY = Model(
    name="body",
    title="minerals, water and acid-base of an adult",
    source="Fine 1991, Fatemi 1991, OpenBoneMin, Stadt & Layton, Nguyen & Kurtz",
    doc="Mg in four pools, Ca with PTH and calcitriol, K, Na and water, acid-base.",
    states=tuple(s for part in PARTS for s in part.STATES),
    params=tuple(p for part in PARTS for p in part.PARAMS) + CELLS + SWITCHES,
    derived=tuple(d for part in PARTS for d in part.DERIVED) + BATH,
    dt=0.025,
    jacobian_every=4,  # 0.1 d: hormones follow, pools move by days
    time_unit="d",
    validity="Adults over hours to a year; a glomerular filtration above 30 mL/min.",
    failures="No phosphate, FGF23 or bone remodelling; vitamin D is an input level.",
)

# What the reference's equations miss, closed: calcium nearly normal with low PTH and
# low calcitriol after three weeks without magnesium, tissue above plasma then (Fatemi
# 1991), urine that stops within days (IOM 1997), plasma that falls for months to a
# third and stays there (Shils 1964), and less PTH where magnesium is high.
REFINED = {
    "set_point_shift": 0.50,  # 1, 0.30 before
    "shift_power": 2.0,  # 1, the set-point hardly moves at first: calcium -0.05 mM
    "hydroxylase_power": 1.0,  # 1, calcitriol -22 %; low in patients too (Rude 1985)
    "mg_tissue_power": 0.75,  # 1, red cells -21 % where plasma fell by 24 %
    "mg_agonism": 0.3,  # 1, a third of calcium's potency at the receptor, textbook
    "mg_conservation": 1.0,  # 1, urine below 1 mmol/d within 3-4 days (IOM 1997)
    "mg_endogenous": 0.8,  # mmol/d, within stool water's 0.5-1.5; Shils 1964
}


@equation
def counted_mg_in(absorbed_mg, mg_infusion):
    """mmol/d."""
    return absorbed_mg + mg_infusion


@equation
def counted_mg_out(urine_mg, lost_mg):
    """mmol/d."""
    return urine_mg + lost_mg


@equation
def counted_ca_in(absorbed_ca, ca_infusion, ca_from_bone):
    """mmol/d, net of secretion into the gut and of what bone takes up."""
    return absorbed_ca + ca_infusion + ca_from_bone


@equation
def counted_ca_out(urine_ca, sweated_ca):
    """mmol/d."""
    return urine_ca + sweated_ca


@equation
def counted_k_in(k_intake, k_infusion):
    """mmol/d."""
    return k_intake + k_infusion


@equation
def counted_k_out(urine_k, lost_k):
    """mmol/d."""
    return urine_k + lost_k


@equation
def counted_na_in(na_intake):
    """mmol/d."""
    return na_intake


@equation
def counted_na_out(lost_na):
    """mmol/d."""
    return lost_na


@equation
def counted_water_in(water_intake):
    """L/d."""
    return water_intake


@equation
def counted_water_out(water_lost):
    """L/d."""
    return water_lost


POOLS = {
    "mg": ("mg_plasma", "mg_exchange", "mg_store", "mg_surface"),
    "ca": ("ca_plasma",),
    "k": ("k_body",),
    "na": ("na_body",),
    "water": ("body_water",),
}
COUNTERS = (
    counted_mg_in, counted_mg_out, counted_ca_in, counted_ca_out, counted_k_in,
    counted_k_out, counted_na_in, counted_na_out, counted_water_in, counted_water_out,
)  # fmt: skip


def counting(model: Model = BODY) -> Model:
    """Return the model with states that add up what came in and what went out.

    They are called ``mg_in``, ``mg_out`` and so on for the elements of ``POOLS``.
    """
    counters = tuple(
        State(rule.__name__.removeprefix("counted_"), 0.0,
              "L" if "water" in rule.__name__ else "mmol", "since the start", rule)
        for rule in COUNTERS
    )  # fmt: skip
    return replace(model, name=f"{model.name}_counting", states=model.states + counters)


def healthy(**values: float) -> dict[str, float]:
    """Return the levels of a person in the steady state.

    Parameters
    ----------
    values : parameters of ``BODY`` that differ from their defaults.
    """
    from neurosim.body.levels import levels_of
    from neurosim.body.steady import steady_state

    model = BODY.at(**values)
    states = steady_state(model)
    found = {**states, **levels_of(model, states)}
    return {name: float(np.ravel(value)[0]) for name, value in found.items()}
