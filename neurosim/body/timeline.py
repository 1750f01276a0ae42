"""Causes and treatments over time: which input of the body changes on which day.

A treatment adds something of its own (magnesium by mouth), or ends what a cause does
(the drug is stopped, vitamin B12 is given), at the rate at which that heals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite, log
from typing import Any

import numpy as np

from neurosim.body.causes import Cause, Effect, combine, find_all
from neurosim.body.inputs import find_input
from neurosim.body.treatments import Given, Treat, read_treatments
from neurosim.errors import NeurosimError

STEPS = 10  # equal steps that stand for a gradual rise or fall
# What heals slowly whatever is given, time constant in d (systemic.md 5 note b, [M])
SLOW = {
    "axon_loss_motor": 120.0, "axon_loss_sensory": 120.0,
    "g_ratio": 90.0, "internode_loss": 90.0,
}  # fmt: skip
Course = tuple[tuple[float, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """An effect over time: it comes with ``rise`` and goes with ``fall``, d."""

    effect: Effect
    source: str
    begin: float
    end: float
    rise: float
    fall: float


def course(
    cause: str | Cause | Iterable[str | Cause],
    severity: str = "moderate",
    *,
    onset: float | None = None,
    since: float = 0.0,
    treat: Treat = (),
    days: float = 60.0,
    base: Mapping[str, Any] | None = None,
) -> Course:
    """Return what changes in the body, and when.

    A gradual rise or fall is made of ten equal steps, so that values are constant from
    one change to the next.

    Parameters
    ----------
    cause, severity : as in ``causes.find_all``; causes may be joined by ``+``.
    onset : time constant with which all causes come, d, in place of each one's own.
    since : how long the causes have been acting before day 0, d; infinity is long.
    treat : as in ``treatments.read_treatments``.
    days : length of the run, d.
    base : values of this person in health, where they differ from the body's defaults;
        an array is many persons, and so are then the values of the course.

    Returns
    -------
    Pairs of a day and the inputs that change on it; the first is day 0.

    Raises
    ------
    NeurosimError : for unknown names and for times that are not positive.
    """
    positive = isfinite(days) and days > 0.0 and since >= 0.0
    if not positive or not (onset is None or onset >= 0.0):
        raise NeurosimError(
            f"days = {days:g}, since = {since:g}, onset = {onset}: give a run of some "
            "days, and 0 or more of the others."
        )
    acting = [
        spell
        for one, how in find_all(cause, severity)
        for spell in spells_of(one, how, onset, since)
    ]
    spells = lifted(acting, read_treatments(treat, days))
    base = dict(base or {})
    now = {s.effect.name: find_input(s.effect.name).value for s in spells} | base
    changes = []
    for day in sorted({0.0, *(d for s in spells for d in change_days(s, days))}):
        values = combine([(s.effect, share(s, day)) for s in spells], base)
        fresh = {n: v for n, v in values.items() if not np.array_equal(v, now[n])}
        now |= fresh
        if fresh or day == 0.0:
            changes.append((day, fresh))
    return tuple(changes)


def spells_of(
    cause: Cause, severity: str, onset: float | None, since: float
) -> list[Spell]:
    """Return what a cause does over time when nothing is done against it."""
    end = cause.duration - since if isfinite(cause.duration) else inf
    return [
        Spell(
            effect=effect, source=cause.name, begin=-since, end=end,
            rise=cause.onset if onset is None else onset,
            fall=max(cause.recovery, SLOW.get(effect.name, 0.0)),
        )
        for effect in cause.effects[severity]
    ]  # fmt: skip


def lifted(spells: list[Spell], treated: Iterable[Given]) -> list[Spell]:
    """Return the spells with treatments: some end, what is given is added."""
    added = []
    for one in treated:
        treatment = one.treatment
        spells = [ended(spell, one) for spell in spells]
        added += [
            Spell(
                effect=replace(effect, amount=effect.amount * one.dose),
                source=treatment.name, begin=one.begin, end=one.end,
                rise=treatment.rise or 0.0, fall=0.0,
            )
            for effect in treatment.effects
        ]  # fmt: skip
    return spells + added


def ended(spell: Spell, one: Given) -> Spell:
    """Return a spell as a treatment leaves it."""
    names = {"*", spell.source, spell.effect.name}
    if not names & set(one.treatment.lifts) or spell.end <= one.begin:
        return spell
    rise = one.treatment.rise
    slow = SLOW.get(spell.effect.name, 0.0)
    fall = spell.fall if rise is None else max(rise, slow)
    return replace(spell, end=one.begin, fall=fall)


def steps(tau: float) -> list[float]:
    """Return the times at which an exponential approach takes its ten steps, d."""
    if tau <= 0.0:
        return [0.0]
    return [-tau * log(1.0 - (k + 0.5) / STEPS) for k in range(STEPS)]


def change_days(spell: Spell, days: float) -> list[float]:
    """Return the days within a run on which a spell changes."""
    found = [spell.begin + t for t in steps(spell.rise)]
    if isfinite(spell.end):
        found = [d for d in found if d < spell.end]
        found += [spell.end + t for t in steps(spell.fall)]
    return [d for d in found if 0.0 < d <= days]


def share(spell: Spell, day: float) -> float:
    """Return how much of a spell is there on a day, 0 to 1, in its steps."""
    rises = [spell.begin + t for t in steps(spell.rise)]
    come = sum(t <= day and t < spell.end for t in rises) / len(rises)
    if day < spell.end:
        return come
    falls = [spell.end + t for t in steps(spell.fall)]
    return come * (1.0 - sum(t <= day for t in falls) / len(falls))
