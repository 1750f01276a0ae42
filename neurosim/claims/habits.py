"""Caffeine and lack of sleep: a stronger drive put in, R_sp read off.

What they do to motoneurons is an input of the model, so nothing here can read better
than "by assumption". Milder settings of the same causes are those of ``body.causes``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import standard_rule
from neurosim.claims.draws import smallest_dose
from neurosim.claims.judge import (
    Judged,
    Picture,
    doses_of,
    medians,
    part,
    settings_of,
)
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, ladders, rates_at
from neurosim.claims.verdict import BY_ASSUMPTION, REPORTED, Outcome, Part, passes
from neurosim.clinical import SEVERITIES

FELT = ("pic", "drive", "inhib")  # what of a cause the motoneurons feel
# of caffeine, mild to severe (body/causes.csv)
AMOUNTS = ("1 mg/kg", "3 mg/kg", "6 mg/kg")


def by_severity(cause: str) -> list[dict[str, float]]:
    """Return what a cause makes the motoneurons feel, mild to severe."""
    from neurosim.body.causes import find

    effects = find(cause).effects
    return [
        {e.name: e.amount for e in effects[severity] if e.name in FELT}
        for severity in SEVERITIES
    ]


def assumed(outcome: Outcome, words: str) -> Outcome:
    """Return an outcome that at best holds by assumption, with words added."""
    verdict = BY_ASSUMPTION if passes(outcome.verdict) else outcome.verdict
    return replace(outcome, verdict=verdict, reason=f"{outcome.reason}; {words}")


def driven(
    bench: Bench, claim: str, dose: Mapping[str, Any], settings: Sequence[Mapping], *,
    marks: Sequence[str], title: str, words: str,
) -> tuple[Part, Picture]:  # fmt: skip
    """Judge R_sp under a stronger drive, with milder settings beside it.

    settings : mild to severe. marks : what each of them is called.
    """
    (healthy, dosed, *milder) = found = rates_at(bench, [{}, dose, *settings])
    outcome = standard_rule(dosed - healthy, healthy, "up")
    passed = [
        passes(standard_rule(each - healthy, healthy, "up").verdict) for each in milder
    ]
    drives = [settings_of(dict(each)).get("drive", 1.0) for each in (dose, *settings)]
    said = (
        f"drive {drives[0]:.3g} times the healthy; median R_sp {medians(found[:2])} "
        f"per min; {medians(np.stack(milder))} per min at a drive of "
        f"{', '.join(f'{drive:.3g}' for drive in drives[1:])} "
        f"({', '.join(marks)}); {words}"
    )
    figure = f"{claim}_r_sp"
    judged = part(
        bench, assumed(outcome, said), claim, name="r_sp", unit=UNIT,
        smallest_dose=smallest_dose(marks, passed), figure=f"{figure}.svg",
    )  # fmt: skip
    shown = np.stack([healthy, *milder])
    arms = [("drive", (1.0, *drives[1:]), shown, drives[0])]
    picture = ladders(bench, figure, arms, title)
    picture.shown["arms"][0] = replace(
        picture.shown["arms"][0], xlabel="drive of the axons / healthy"
    )
    return judged, picture


def caffeine_fires(bench: Bench) -> Judged:
    """C64: R_sp with more persistent inward current and drive, and with each alone."""
    dose = doses_of("C64")[""]
    (healthy,) = rates_at(bench, [{}])
    judged, picture = driven(
        bench, "C64", dose, by_severity("caffeine"), marks=AMOUNTS,
        title="C64: caffeine as a stronger drive",
        words="both changes are assumed, and that the inward current scales the drive; "
        "the model has no motoneuron that fires on by itself, so the share of trials "
        "with self-sustained firing is reported nowhere",
    )  # fmt: skip
    parts = [judged]
    for name in dose:
        (alone,) = rates_at(bench, [{name: dose[name]}])
        outcome = standard_rule(alone - healthy, healthy, "up")
        reason = f"{name} {dose[name]:g} alone: {outcome.verdict} ({outcome.reason})"
        outcome = replace(outcome, verdict=REPORTED, reason=reason)
        parts.append(part(bench, outcome, "C64", name=f"{name}_alone", unit=UNIT))
    return parts, [picture]


def little_sleep_fires(bench: Bench) -> Judged:
    """C65: R_sp with less inhibition and more drive, and with the drive alone."""
    dose = doses_of("C65")[""]
    judged, picture = driven(
        bench, "C65", dose, by_severity("sleep_loss"), marks=SEVERITIES,
        title="C65: lack of sleep as a stronger drive",
        words="both changes are assumed; measured inhibition rises, falls or stays",
    )  # fmt: skip
    (healthy, alone) = found = rates_at(bench, [{}, {**dose, "inhib": 1.0}])
    outcome = standard_rule(alone - healthy, healthy, "up")
    words = (
        f"inhibition as in health, drive {dose['drive']:g}; median R_sp "
        f"{medians(found)} per min; the drive is assumed"
    )
    second = part(
        bench, assumed(outcome, words), "C65", name="inhib_1", unit=UNIT,
        figure=judged.figure,
    )  # fmt: skip
    return [judged, second], [picture]


EVALUATED = {"C64": caffeine_fires, "C65": little_sleep_fires}
