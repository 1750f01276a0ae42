"""What a command line asks of a person: texts become a run of the body."""

from collections.abc import Mapping, Sequence
from typing import Any

from neurosim.body.causes import find_all, usual_days
from neurosim.body.course import run
from neurosim.body.diet import MINERALS, find_food, intake, mmol, recommended
from neurosim.body.homeostasis import REFINED
from neurosim.body.person import LIMITS, Person
from neurosim.errors import NeurosimError, unknown
from neurosim.units import read_quantity

LONGEST = 3650.0  # d: the body does not age


def follow_person(
    cause: str, severity: str | None, days: str | None, treat: str,
    who: Mapping[str, Any], *,
    foods: Sequence[str] = (), reset: Sequence[str] = (), refined: bool = False,
) -> Any:  # fmt: skip
    """Run what a command line asks for; numbers are text, with or without a unit.

    Parameters
    ----------
    cause, treat : as in ``timeline.course``. days : e.g. "60" or "60 d".
    severity : of causes without one of their own; None is moderate.
    who : what is known of the person, by the fields of ``Person``.
    foods : ``NAME`` or ``NAME:SERVINGS``, all that is eaten in a day.
    reset : pathways to hold at health. refined : with the couplings of ``REFINED``.
    """
    said = described(who)
    eaten = intake(servings(foods)) if foods else {}
    said |= {name: eaten[name] for name in eaten if name in LIMITS}
    severity = severity_of(cause, severity)
    usual = usual_days(cause, severity)
    length = usual if days is None else read_quantity(days, "d", "days")
    if length <= 0.0:
        raise NeurosimError(f"days = {length:g}: a course takes some days, e.g. 30.")
    if length > LONGEST:
        raise NeurosimError(
            f"days = {length:g}: the body is followed for {LONGEST:g} days at most; it "
            "does not age."
        )
    person = Person(**said)
    found = run(
        cause, severity=severity, days=length, treat=treat, person=person,
        reset=tuple(reset), parameters=REFINED if refined else None,
    )  # fmt: skip
    told = {n: v for n, v in said.items() if n not in ("sex", "age", "weight")}
    found.attrs["person"] = ", ".join(
        [f"{person.sex}, {person.age:g} years, {person.weight:g} kg"]
        + [f"{name} {value:.3g} {LIMITS[name][2]}" for name, value in told.items()]
        + ["refined couplings"] * refined
    )
    if foods:
        found.attrs["eaten"] = beside_need(eaten, person)
    return found


def severity_of(cause: str, severity: str | None) -> str:
    """Return the severity of causes that have none of their own.

    Raises
    ------
    NeurosimError : if one is asked for and no cause is left that it could be for.
    """
    if severity is None:
        return "moderate"
    acting = find_all(cause)
    if acting and cause.count(":") == len(acting):
        raise NeurosimError(
            f"severity = {severity!r}, but {cause!r} says its own; keep one of the two."
        )
    return severity


def beside_need(eaten: Mapping[str, float], person: Person) -> str:
    """Say how much of each mineral is eaten, beside what is recommended.

    Parameters
    ----------
    eaten : mmol/d, as ``diet.intake`` gives it.
    """
    said = []
    for mineral in MINERALS:
        short = MINERALS[mineral]
        amount = eaten.get(f"{short}_intake", eaten.get(mineral, 0.0)) / mmol(
            1.0, mineral
        )
        need, kind = recommended(mineral, sex=person.sex, age=person.age)
        said.append(f"{short.title()} {amount:.0f} ({kind} {need:.0f})")
    return f"Eaten, mg a day (recommended): {', '.join(said)}"


def described(who: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``Person`` that texts give.

    Raises
    ------
    NeurosimError : for what is no field, or a number in another unit.
    """
    said = {}
    for name, text in who.items():
        if text is None:
            continue
        if name != "sex" and name not in LIMITS:
            raise unknown(name, "a person", ("sex", *LIMITS))
        said[name] = (
            text if name == "sex" else read_quantity(text, LIMITS[name][2], name)
        )
    return said


def servings(foods: Sequence[str]) -> dict[str, float]:
    """Return servings a day by food from ``NAME`` or ``NAME:SERVINGS``."""
    found: dict[str, float] = {}
    for text in foods:
        name, _, count = text.partition(":")
        name = find_food(name.strip()).name
        found[name] = found.get(name, 0.0) + (
            read_quantity(count, "", f"servings of {name}") if count else 1.0
        )
    return found
