"""What is eaten: foods and supplements, and how much of each mineral is recommended.

``foods.csv`` gives mg per serving; the magnesium of five foods is that of document D4.
``intakes.csv`` holds the dietary reference intakes of the US National Academies (1997,
2011, 2019; their summary table NBK545442 was read [V]). ``supplements.csv`` says how
much of the elemental dose of a salt counts, compared with food (systemic.md 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite

from neurosim.body.inputs import rows
from neurosim.clinical import IONS
from neurosim.errors import NeurosimError, unknown

MINERALS = {"magnesium": "mg", "calcium": "ca", "potassium": "k", "sodium": "na"}
SUPPLEMENT_LIMIT = ((1, 65.0), (4, 110.0), (9, 350.0))  # mg/d of Mg from age; NBK545442
STATES = ("", "pregnant", "lactating")


@dataclass(frozen=True, slots=True)
class Food:
    """A food with the mg of each mineral in a serving."""

    name: str
    serving: str
    content: Mapping[str, float]
    source: str

    def mmol(self, mineral: str) -> float:
        """Return the amount in a serving, mmol."""
        return mmol(self.content[known(mineral)], mineral)


def known(mineral: str) -> str:
    """Return the name of a mineral, or say which there are."""
    if mineral not in MINERALS:
        raise unknown(mineral, "the list of minerals", MINERALS)
    return mineral


def mmol(mg: float, mineral: str = "magnesium") -> float:
    """Return mg of a mineral as mmol."""
    return mg / IONS[MINERALS[known(mineral)]][0]


@cache
def load_foods() -> Mapping[str, Food]:
    """Return every food by name."""
    return {
        row["name"]: Food(
            row["name"], row["serving"],
            {mineral: float(row[f"{mineral}_mg"]) for mineral in MINERALS},
            row["source"],
        )
        for row in rows("foods.csv")
    }  # fmt: skip


def find_food(name: str) -> Food:
    """Return a food by name."""
    if name not in load_foods():
        raise unknown(name, "the list of foods", load_foods())
    return load_foods()[name]


def intake(foods: Mapping[str, float]) -> dict[str, float]:
    """Return what a day's foods contain, mmol/d.

    Parameters
    ----------
    foods : name -> servings a day, e.g. ``{"almonds": 1, "milk": 2}``.

    Returns
    -------
    dict : ``mg_intake``, ``ca_intake`` and ``k_intake`` of the body, and ``sodium``.
        Sodium is not called ``na_intake``, which is what goes beyond need.

    Raises
    ------
    NeurosimError : for an unknown food, or servings that are no number from 0.
    """
    total = dict.fromkeys(MINERALS, 0.0)
    for name, servings in foods.items():
        food = find_food(name)
        if not (isfinite(servings) and servings >= 0.0):
            raise NeurosimError(
                f"{name}: {servings:g} servings ({food.serving}) a day; give a number, "
                "0 or more."
            )
        for mineral in MINERALS:
            total[mineral] += servings * food.mmol(mineral)
    named = {m: f"{MINERALS[m]}_intake" for m in ("magnesium", "calcium", "potassium")}
    return {named.get(mineral, mineral): amount for mineral, amount in total.items()}


@cache
def load_forms() -> Mapping[str, float]:
    """Return the share of an elemental magnesium dose that counts, by salt."""
    return {row["form"]: float(row["factor"]) for row in rows("supplements.csv")}


def form_factor(form: str) -> float:
    """Return how much of the elemental dose of a magnesium salt counts, 0 to 1."""
    if form not in load_forms():
        raise unknown(form, "the list of magnesium salts", load_forms())
    return load_forms()[form]


def supplement(dose: float, form: str = "citrate") -> float:
    """Return what a magnesium supplement adds to the intake, mmol/d.

    Parameters
    ----------
    dose : elemental magnesium, mg/d. form : the salt.

    Raises
    ------
    NeurosimError : for an unknown salt, or a dose that is no number from 0.
    """
    if not (isfinite(dose) and dose >= 0.0):
        raise NeurosimError(
            f"supplement of {dose:g} mg: give elemental magnesium in mg a day, 0 or "
            "more."
        )
    return mmol(dose) * form_factor(form)


def recommended(
    mineral: str, *, sex: str, age: float, state: str = ""
) -> tuple[float, str]:
    """Return the recommended intake, mg/d, and whether it is an RDA or an AI.

    Parameters
    ----------
    mineral : magnesium, calcium, potassium or sodium. sex : female or male.
    age : in years, 1 or more. state : empty, pregnant or lactating.

    Raises
    ------
    NeurosimError : where there is no recommendation for such a person.
    """
    known(mineral)
    if sex not in ("female", "male"):
        raise unknown(sex, "sex", ("female", "male"))
    if state not in STATES:
        raise unknown(state, "state", STATES[1:])
    for row in rows("intakes.csv"):
        years = float(row["from_age"]) <= age < float(row["to_age"]) + 1.0
        who = row["sex"] in ("any", sex) and row["state"] == state
        if row["nutrient"] == mineral and years and who:
            return float(row["amount_mg"]), row["kind"]
    raise NeurosimError(
        f"{mineral}: no recommended intake for a {sex} of {age:g} years"
        f"{', ' + state if state else ''}; ages 1 to 120, pregnant and lactating "
        "women 14 to 50."
    )


def supplement_limit(age: float) -> float:
    """Return the upper level of magnesium from supplements, mg/d."""
    reached = [limit for since, limit in SUPPLEMENT_LIMIT if age >= since]
    if not reached:
        raise NeurosimError(f"age = {age:g}: no upper level is set below 1 year.")
    return reached[-1]
