"""What is done against a cause, as data, and the short text that asks for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf

from neurosim.body.causes import Effect
from neurosim.body.diet import form_factor
from neurosim.body.inputs import find_input, read_amount, rows
from neurosim.errors import NeurosimError, unknown
from neurosim.units import NUMBER

TREAT = re.compile(
    r"(?P<name>\w+)(:(?P<dose>[^@]+))?(@(?P<begin>[\d.]+)(-(?P<end>[\d.]+))?)?"
)
Treat = str | Iterable[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A treatment: inputs it raises per unit of dose, and what it lifts.

    Parameters
    ----------
    dose, unit : usual dose, a day (mg, mmol) or in all (L).
    effects : of one unit of dose. lifts : causes or inputs whose disturbance it ends;
        ``*`` is all. rise : time constant, d; None is that of each cause.
    duration : d.
    """

    name: str
    title: str
    dose: float
    unit: str
    effects: tuple[Effect, ...]
    lifts: tuple[str, ...]
    rise: float | None
    duration: float
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A treatment as it is given: dose, first and last day."""

    treatment: Treatment
    dose: float
    begin: float
    end: float


@cache
def load_treatments() -> Mapping[str, Treatment]:
    """Return every treatment by name."""
    return {row["name"]: _treatment(row) for row in rows("treatments.csv")}


def _treatment(row: Mapping[str, str]) -> Treatment:
    return Treatment(
        name=row["name"],
        title=row["title"],
        dose=float(row["dose"] or 0.0),
        unit=row["unit"],
        effects=tuple(
            _per_unit(piece, row) for piece in filter(None, row["effects"].split(";"))
        ),
        lifts=tuple(filter(None, row["lifts"].split("|"))),
        rise=float(row["rise_d"]) if row["rise_d"] else None,
        duration=float(row["duration_d"] or inf),
        evidence=row["evidence"],
    )


def _per_unit(piece: str, row: Mapping[str, str]) -> Effect:
    """Return what one mg or mmol a day, or one litre in all, adds to an input."""
    name, _, amount = piece.partition("+")
    find_input(name)
    one = float(amount or 1.0)
    if row["unit"] == "L":  # drunk evenly over the duration
        one /= float(row["duration_d"])
    if row["unit"] == "mg":
        one *= read_amount("1 mg", name, f"treatments.csv, {row['name']}")
        one *= form_factor(row["form"]) if row["form"] else 1.0
    return Effect(name, "+", one)


def read_treatments(treat: Treat, days: float) -> tuple[Given, ...]:
    """Read treatments.

    Parameters
    ----------
    treat : ``"mg_oral"``, ``"mg_oral:400 mg@30"``, ``"ca_iv@10-12"``, several of them
        or several joined by commas. Without a day it begins half way; without a dose
        it is the usual one.
    days : length of the whole run, d.

    Raises
    ------
    NeurosimError : for an unknown treatment (with the nearest), a dose of another
        unit, or days outside the run.
    """
    texts = treat.split(",") if isinstance(treat, str) else tuple(treat)
    read = (_given(text.strip(), days) for text in texts if text.strip())
    return tuple(one for one in read if one.treatment.name != "none")


def _given(text: str, days: float) -> Given:
    found = TREAT.fullmatch(text)
    if found is None:
        raise NeurosimError(
            f"treatment {text!r}: write NAME, NAME@DAY, NAME@DAY-DAY or "
            "NAME:DOSE@DAY, e.g. mg_oral:300 mg@30."
        )
    known = load_treatments()
    if found["name"] not in known:
        raise unknown(found["name"], "the list of treatments", known)
    treatment = known[found["name"]]
    begin = _day(found["begin"], text, 0.5 * days)
    end = _day(found["end"], text, begin + treatment.duration)
    if not 0.0 <= begin <= days or end <= begin:
        raise NeurosimError(
            f"treatment {text!r} runs from day {begin:g} to {end:g}; begin within the "
            f"{days:g} days of the run and end later."
        )
    return Given(
        treatment=treatment, dose=_dose(treatment, found["dose"], text), begin=begin,
        end=end,
    )  # fmt: skip


def _day(text: str | None, where: str, usual: float) -> float:
    if text is None:
        return usual
    if not NUMBER.fullmatch(text):
        raise NeurosimError(f"treatment {where!r}: {text!r} is no day; write e.g. 30.")
    return float(text)


def _dose(treatment: Treatment, text: str | None, where: str) -> float:
    if text is None:
        return treatment.dose
    if not treatment.unit:
        raise NeurosimError(f"treatment {where!r}: {treatment.name} takes no dose.")
    found = NUMBER.match(text.strip())
    unit = text.strip()[found.end() :].strip() if found else ""
    if found is None or unit not in ("", treatment.unit) or float(found.group()) < 0.0:
        raise NeurosimError(
            f"treatment {where!r}: give the dose of {treatment.name} in "
            f"{treatment.unit}, e.g. {treatment.dose:g} {treatment.unit}."
        )
    return float(found.group())
