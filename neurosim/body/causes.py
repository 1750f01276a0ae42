"""What disturbs the body: every cause as a line of data, and how causes combine.

``causes.csv`` says which inputs of the body a cause moves when it is mild, moderate or
severe, how fast it comes, how long it lasts, how fast it goes, and on which evidence.
A change is one of three kinds, and each kind combines in its own way:

- ``name=number`` holds an input at a value: of several the one furthest from healthy;
- ``name*number`` is a multiplier: several multiply;
- ``name+number`` or ``name-number`` is a gain or loss: several add.

The result is (held or healthy value) x multipliers + gains - losses.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import inf
from typing import Any

import numpy as np

from neurosim.body.inputs import find_input, read_amount, rows
from neurosim.clinical import SEVERITIES
from neurosim.errors import NeurosimError, unknown

EFFECT = re.compile(r"(?P<name>[a-z_0-9]+?)(?P<kind>[=*+-])(?P<amount>[^=*].*)")


@dataclass(frozen=True, slots=True)
class Effect:
    """A change of one input; ``kind`` is ``=``, ``*`` or ``+`` (a loss is negative)."""

    name: str
    kind: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What disturbs the body.

    Parameters
    ----------
    effects : severity -> what it changes.
    onset : time constant with which it comes, d; 0 is sudden.
    duration : d; infinite where it lasts. recovery : time constant after its end, d.
    days : a good time to look at, d.
    evidence : with the marks of the reference: [V] seen, [S] secondary page, [M] from
        general knowledge, [D] derived here.
    reference_result : levels that the reference's own model gave.
    """

    name: str
    title: str
    effects: Mapping[str, tuple[Effect, ...]] = field(hash=False)
    onset: float = 0.0
    duration: float = inf
    recovery: float = 0.0
    days: float = 60.0
    confidence: str = ""
    evidence: str = ""
    reference_result: str = ""


def parse_effects(text: str, where: str) -> tuple[Effect, ...]:
    """Read ``mg_absorption*0.5;mg_gut_loss+4;mg_intake=50 mg``.

    Raises
    ------
    NeurosimError : for an unknown input, or what is no effect.
    """
    effects = []
    for piece in filter(None, text.split(";")):
        found = EFFECT.fullmatch(piece.strip())
        if found is None:
            raise NeurosimError(
                f"{where}: {piece!r} is no effect; write name=number, name*number, "
                "name+number or name-number."
            )
        name, kind, amount = found.group("name", "kind", "amount")
        size = read_amount(amount, find_input(name).name, where)
        if kind == "-":
            kind, size = "+", -size
        effects.append(Effect(name, kind, size))
    return tuple(effects)


@cache
def load_causes() -> Mapping[str, Cause]:
    """Return every cause by name, in the order of the table."""
    return {row["name"]: _cause(row) for row in rows("causes.csv")}


def _cause(row: Mapping[str, str]) -> Cause:
    where = f"causes.csv, {row['name']}"
    return Cause(
        name=row["name"],
        title=row["title"],
        effects={
            severity: parse_effects(row[severity], f"{where}, {severity}")
            for severity in SEVERITIES
            if row[severity]
        },
        onset=float(row["onset_d"]),
        duration=float(row["duration_d"] or inf),
        recovery=float(row["recovery_d"]),
        days=float(row["days"]),
        confidence=row["confidence"],
        evidence=row["evidence"],
        reference_result=row["reference_result"],
    )


def find(cause: str) -> Cause:
    """Return a cause by name, which may be written with spaces or in part.

    >>> find("loop diuretic").name, find("poor diet").name
    ('loop_diuretic', 'poor_mg_diet')

    Raises
    ------
    UnknownName : for a name that no cause has, or several, with the nearest one.
    """
    name = str(cause).strip()
    if name in load_causes():
        return load_causes()[name]
    asked = set(re.split(r"[\s_-]+", name.lower()))
    alike = [
        one for one in load_causes()
        if asked <= set(one.split("_")) and 2 * len(asked) > one.count("_") + 1
    ]  # fmt: skip
    same = [one for one in alike if len(asked) == one.count("_") + 1]
    if len(same) == 1 or len(alike) == 1:
        return load_causes()[(same or alike)[0]]
    raise unknown(name, "the list of causes", load_causes())


def find_all(
    cause: str | Cause | Iterable[str | Cause], severity: str = "moderate"
) -> tuple[tuple[Cause, str], ...]:
    """Return the causes that act together, each with its severity.

    Parameters
    ----------
    cause : ``"loop_diuretic + poor_mg_diet"``, names, or causes; ``name:severe`` gives
        one of them a severity of its own. ``"none"`` and ``"healthy"`` are no cause.
    severity : mild, moderate or severe, of all the others.

    Raises
    ------
    NeurosimError : for an unknown name or severity, a cause named twice, or a severity
        that the cause has no numbers for.
    """
    several = (cause,) if isinstance(cause, str | Cause) else cause
    given = [
        part
        for one in several
        for part in (one.split("+") if isinstance(one, str) else (one,))
    ]
    found: dict[str, tuple[Cause, str]] = {}
    for one in given:
        name, _, own = one.partition(":") if isinstance(one, str) else (one, "", "")
        if isinstance(name, str) and name.strip() in ("none", "healthy"):
            continue
        if isinstance(name, str) and not name.strip():
            raise NeurosimError(
                f"{cause!r}: a cause is missing beside a '+'; name it, or leave out "
                "the '+'."
            )
        which = name if isinstance(name, Cause) else find(name)
        how = check_severity(which, own.strip() or severity)
        if which.name in found:
            raise NeurosimError(f"cause {which.name!r} is named twice; keep one.")
        found[which.name] = (which, how)
    return tuple(found.values())


def check_severity(cause: Cause, severity: str) -> str:
    """Return the severity if the cause has numbers for it."""
    if severity not in SEVERITIES:
        raise unknown(severity, "severity", SEVERITIES)
    if severity not in cause.effects:
        has = " and ".join(cause.effects)
        raise NeurosimError(
            f"cause {cause.name!r} has no {severity!r} numbers: nothing published was "
            f"found to go by; it has {has}."
        )
    return severity


def usual_days(cause: str, severity: str = "moderate") -> float:
    """Return how long to look at causes, d: as long as the slowest of them needs."""
    return max((one.days for one, _ in find_all(cause, severity)), default=30.0)


def given(name: str = "dose", **values: float) -> Cause:
    """Return a cause that holds inputs of the body at these values, at any severity.

    >>> given(vitamin_d=12.0).effects["mild"]
    (Effect(name='vitamin_d', kind='=', amount=12.0),)
    """
    effects = tuple(Effect(find_input(n).name, "=", v) for n, v in values.items())
    return Cause(name=name, title=name, effects=dict.fromkeys(SEVERITIES, effects))


def combine(
    effects: Iterable[tuple[Effect, float]], base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the inputs that effects move, each with its value.

    Parameters
    ----------
    effects : each with the share of it that has come about, 0 to 1.
    base : values of this person in health, where they differ from the body's defaults;
        an array is many persons.
    """
    base = base or {}
    by_name: dict[str, list[tuple[Effect, float]]] = {}
    for effect, share in effects:
        by_name.setdefault(effect.name, []).append((effect, share))
    return {
        name: _together(base.get(name, find_input(name).value), acting)
        for name, acting in by_name.items()
    }


def _together(normal: Any, acting: list[tuple[Effect, float]]) -> Any:
    held, factor, added = normal, 1.0, 0.0
    for effect, share in acting:
        if effect.kind == "=":
            one = share * effect.amount + (1.0 - share) * normal
            held = np.where(abs(one - normal) > abs(held - normal), one, held)
        elif effect.kind == "*":
            factor *= share * effect.amount + (1.0 - share)
        else:
            added += share * effect.amount
    limits = find_input(acting[0][0].name)
    value = np.clip(held * factor + added, limits.low, limits.high)
    return value if np.ndim(value) else float(value)


def settled(
    cause: str | Cause | Iterable[str | Cause],
    severity: str = "moderate",
    base: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the inputs of the body when all causes have come about in full."""
    effects = [
        (effect, 1.0)
        for which, how in find_all(cause, severity)
        for effect in which.effects[how]
    ]
    return combine(effects, base)
