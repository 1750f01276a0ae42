"""Who falls ill: one person, or a population whose members differ.

A person becomes parameters of the body. Water, pools, flows and what is eaten scale
with body water; 42 L is the size for which the body's constants are written. A kidney
that filters less with age is a healthy one: it lets go as much magnesium and potassium
as before, so the levels of a healthy old person are normal and a disease adds to that.

``spread.csv`` says how persons differ and ``correlations.csv`` how that hangs together;
both are assumptions, from textbook ranges, to be varied.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from math import inf
from typing import Any

import numpy as np

from neurosim.body.common import FILTRATE, WATER
from neurosim.body.inputs import ML_MIN, find_input, rows
from neurosim.body.levels import over_arrays
from neurosim.body.magnesium import threshold
from neurosim.errors import NeurosimError, unknown

SEXES = ("female", "male")
WATER_SHARE = {"male": 0.60, "female": 0.52}  # of body mass, textbook [M]
WATER_LOST = 0.0015  # of body mass per year beyond 40, textbook [M]
GFR_YOUNG, GFR_LOST = 125.0, 0.9  # mL/min, and mL/min per year beyond 40, textbook [M]
AGED = 40.0  # years from which water and filtration fall
LIMITS = {
    "age": (18.0, 100.0, "years"), "weight": (30.0, 250.0, "kg"),
    "gfr": (2.0, 250.0, "mL/min"), "albumin": (10.0, 60.0, "g/L"),
    "haemoglobin": (3.0, 22.0, "g/dL"), "vitamin_d": (1.0, 400.0, "nmol/L"),
    "mg_intake": (0.0, 80.0, "mmol/d"), "ca_intake": (0.0, 150.0, "mmol/d"),
    "k_intake": (5.0, 400.0, "mmol/d"), "mg_total": (0.60, 1.10, "mM"),
    "ca_total": (2.0, 2.8, "mM"), "k": (3.0, 5.5, "mM"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An adult in health.

    Parameters
    ----------
    sex : female or male. age : years. weight : kg.
    gfr : filtration of the kidneys, mL/min; None is usual for age and size.
    albumin : g/L. haemoglobin : g/dL. vitamin_d : 25(OH)D, nmol/L.
    mg_intake, ca_intake, k_intake : eaten, mmol/d; None is usual for the size.
    mg_total, ca_total, k : levels at the usual diet, mM.

    Raises
    ------
    NeurosimError : for a number that no adult has, with the range.
    """

    sex: str = "male"
    age: float = 30.0
    weight: float = 70.0
    gfr: float | None = None
    albumin: float = 40.0
    haemoglobin: float = 14.0
    vitamin_d: float = 75.0
    mg_intake: float | None = None
    ca_intake: float | None = None
    k_intake: float | None = None
    mg_total: float = 0.85
    ca_total: float = 2.40
    k: float = 4.0

    def __post_init__(self):
        """Refuse what no adult has."""
        if self.sex not in SEXES:
            raise unknown(self.sex, "sex", SEXES)
        for name, (low, high, unit) in LIMITS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise NeurosimError(
                    f"person: {name} = {value:g} {unit}; an adult here has {low:g} to "
                    f"{high:g} {unit}."
                )

    def parameters(self) -> dict[str, float]:
        """Return what of the body differs in this person, by the body's names."""
        given = {n: v for n, v in asdict(self).items() if v is not None}
        given["female"] = float(given.pop("sex") == "female")
        found = body_parameters(given)
        usual = {name: find_input(name).value for name in found}
        return {n: float(v) for n, v in found.items() if float(v) != usual[n]}


def body_size(female: Any, age: Any, weight: Any) -> Any:
    """Return body water relative to 42 L; ``female`` is 1 or 0."""
    share = WATER_SHARE["male"] + female * (WATER_SHARE["female"] - WATER_SHARE["male"])
    share = share - WATER_LOST * np.maximum(np.asarray(age) - AGED, 0.0)
    return share * weight / WATER


def usual_gfr(age: Any, size: Any) -> Any:
    """Return the filtration of healthy kidneys, mL/min, at an age and a body size."""
    young = GFR_YOUNG - GFR_LOST * np.maximum(np.asarray(age) - AGED, 0.0)
    return young * size


def body_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters of the body from what is said of persons; numbers or arrays.

    Parameters
    ----------
    given : ``female`` (1 or 0), ``age``, ``weight``, and any of the fields of
        ``Person``; what is missing is usual for the size.
    """
    size = body_size(given["female"], given["age"], given["weight"])
    gfr = given.get("gfr", usual_gfr(given["age"], size)) * ML_MIN
    kidney = gfr / (FILTRATE * size)
    found = {
        "body_size": size,
        "gfr": gfr,
        "mg_set": given["mg_total"],
        "ca_set": given["ca_total"],
        "k_set": given["k"],
        "mg_renal_threshold": adapted_threshold(given["mg_total"], kidney),
        "distal_drive": np.minimum(1.0, kidney) ** -0.3,
    }
    for name in ("mg_intake", "ca_intake", "k_intake"):
        found[name] = given.get(name, find_input(name).value * size)
    for name in ("k_gut_loss", "mg_skin_loss"):
        found[name] = find_input(name).value * size
    for name in ("albumin", "haemoglobin", "vitamin_d"):
        found[name] = given[name]
    return found


def adapted_threshold(mg_total: Any, kidney: Any) -> Any:
    """Return the multiplier of the renal Mg threshold at which usual urine is passed.

    Parameters
    ----------
    mg_total : usual level, mM. kidney : filtration relative to normal for the size.
    """
    names = ("mg_vmax", "mg_km", "mg_linear", "mg_splay", "mg_endogenous",
             "mg_filtered")  # fmt: skip
    values = [find_input(name).value for name in names]
    splay, filtered = values[3], values[5]
    normal = over_arrays(threshold)(np.asarray(mg_total, float), *values)
    # softplus of this, times filtration and splay, is the usual urine
    above = (filtered * mg_total - normal) / splay
    passed = np.logaddexp(0.0, above) / kidney
    return (filtered * mg_total - splay * np.log(np.expm1(passed))) / normal


@dataclass(frozen=True, slots=True)
class Population:
    """Persons that differ.

    people : what is said of them, name -> (persons,); ``female`` is 1 or 0.
    parameters : of the body, name -> (persons,), for lanes. seed : of the draw.
    """

    people: Mapping[str, np.ndarray]
    parameters: Mapping[str, np.ndarray]
    seed: int

    @property
    def size(self) -> int:
        """Return the number of persons."""
        return self.people["age"].size

    def person(self, k: int) -> Person:
        """Return one of them; uncertain constants of the body are left at usual."""
        known = {f.name for f in fields(Person)}
        given: dict[str, Any] = {
            n: float(v[k]) for n, v in self.people.items() if n in known
        }
        sex = "female" if self.people["female"][k] else "male"
        return Person(sex=sex, **given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How one quantity differs between persons.

    Parameters
    ----------
    kind : ``person`` (of people, log-normal about a median) or ``body`` (a constant of
        the body that nobody knows well, uniform between factors).
    male, female : medians. cv : coefficient of variation of the log-normal.
    low, high : where it is cut off, or the factors.
    """

    name: str
    kind: str
    male: float
    female: float
    cv: float
    low: float
    high: float
    source: str


@cache
def load_spread() -> tuple[Spread, ...]:
    """Return how persons differ, in the order of ``spread.csv``."""
    return tuple(
        Spread(
            name=row["name"], kind=row["kind"], male=float(row["male"] or 0.0),
            female=float(row["female"] or 0.0), cv=float(row["cv"] or 0.0),
            low=float(row["low"] or -inf), high=float(row["high"] or inf),
            source=row["source"],
        )
        for row in rows("spread.csv")
    )  # fmt: skip


@cache
def load_correlations() -> np.ndarray:
    """Return the correlations of the logarithms, (quantities, quantities).

    Raises
    ------
    NeurosimError : if the table names what is not in the spread, or if no persons
        could hang together so.
    """
    names = [s.name for s in load_spread() if s.kind == "person"]
    matrix = np.eye(len(names))
    for row in rows("correlations.csv"):
        if row["one"] not in names or row["other"] not in names:
            raise unknown(row["one"], "spread.csv", names)
        i, j = names.index(row["one"]), names.index(row["other"])
        matrix[i, j] = matrix[j, i] = float(row["correlation"])
    if np.linalg.eigvalsh(matrix).min() <= 0.0:
        raise NeurosimError(
            "correlations.csv: the table contradicts itself (it has an eigenvalue of 0 "
            "or less); make the correlations smaller."
        )
    return matrix


def population(
    count: int, seed: int = 0, around: Mapping[str, float] | None = None
) -> Population:
    """Draw persons by Latin hypercube, with correlated log-normal spread.

    Parameters
    ----------
    count : at least 2. seed : of the hypercube.
    around : values of the body about which its uncertain constants vary where they are
        not the usual ones, e.g. ``REFINED``.

    Raises
    ------
    NeurosimError : for a count below 2.
    """
    from scipy.stats import norm, qmc

    if count < 2:
        raise NeurosimError(f"population: count = {count}; ask for at least 2 persons.")
    of_people = [s for s in load_spread() if s.kind == "person"]
    of_body = [s for s in load_spread() if s.kind == "body"]
    width = 1 + len(of_people) + len(of_body)
    unit = qmc.LatinHypercube(width, rng=np.random.default_rng(seed)).random(count)
    female = (unit[:, 0] < 0.5).astype(float)
    z = norm.ppf(unit[:, 1 : 1 + len(of_people)])
    z = z @ np.linalg.cholesky(load_correlations()).T
    people = {"female": female}
    for spread, column in zip(of_people, z.T, strict=True):
        median = spread.male + female * (spread.female - spread.male)
        value = median * np.exp(np.sqrt(np.log1p(spread.cv**2)) * column)
        people[spread.name] = np.clip(value, spread.low, spread.high)
    size = body_size(female, people["age"], people["weight"])
    people["gfr"] = people.pop("gfr_factor") * usual_gfr(people["age"], size)
    for name in ("mg_intake", "ca_intake", "k_intake"):
        usual = find_input(name).value
        people[name] = people.pop(f"{name}_factor") * usual * size
    parameters = body_parameters(people)
    for spread, column in zip(of_body, unit[:, 1 + len(of_people) :].T, strict=True):
        factor = spread.low + (spread.high - spread.low) * column
        middle = (around or {}).get(spread.name, find_input(spread.name).value)
        parameters[spread.name] = middle * factor
    return Population(people, parameters, seed)
