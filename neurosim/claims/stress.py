"""Stress as an hour of fast breathing and adrenaline, with the drive held.

The body makes the bath: carbon dioxide falls, pH rises, albumin may bind calcium, and
adrenaline sends potassium into cells. What of it moves R_sp is found by putting one of
these back at a time. Doses and bounds are those of the ledger.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import standard_rule
from neurosim.claims.draws import interval, share_removed, smallest_dose
from neurosim.claims.judge import Judged, doses_of
from neurosim.claims.levels import linked, told
from neurosim.claims.linked import baths, felt
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, ladders, rates_at
from neurosim.claims.sensory import sensory_rates
from neurosim.claims.verdict import PARTLY, REPORTED, Outcome, Part, passes, rank

HOUR = 1.0 / 24.0  # d, of an attack; notes of C63
SLOPES = (0.17, 0.0)  # decades of ionised Ca per unit of pH, criterion of C63
USUAL = 40.0  # mmHg of carbon dioxide, healthy
MILDER = ({"pco2": 32.0, "eta": 1.02}, {"pco2": 18.0, "eta": 1.07})  # systemic.md 5
# what is put back: name of the part -> in the bath, and in words
RESETS = {
    "by_ph": ("ph_o", "pH"), "by_ca": ("ca_o", "ionised Ca"),
    "by_k": ("k_o", "K"), "by_mg": ("mg_o", "ionised Mg"),
}  # fmt: skip


def attack(bench: Bench, dose: Mapping[str, Any], slope: float = SLOPES[0]) -> dict:
    """Return the bath at the end of an attack, at one slope of ionised Ca on pH."""
    return felt(bench, {**dose, "days": HOUR, "slope_respiratory": slope})


def both_slopes(first: Outcome, second: Outcome) -> Outcome:
    """Return the outcome at the first slope, held to that at the second."""
    better, worse = sorted((first.verdict, second.verdict), key=rank)
    verdict = PARTLY if better != worse and passes(better) else worse
    reason = "; ".join(
        f"slope {slope:g}: {each.verdict} ({each.reason})"
        for slope, each in zip(SLOPES, (first, second), strict=True)
    )
    return replace(first, verdict=verdict, reason=reason)


def judged_twice(found: np.ndarray) -> Outcome:
    """Judge rates in health and at both slopes, (3, draws), by the standard rule."""
    healthy = found[0]
    return both_slopes(*(
        standard_rule(row - healthy, healthy, "up") for row in found[1:]
    ))  # fmt: skip


def removed(bench: Bench, given: Mapping[str, Any], rises: bool) -> list[Part]:
    """Return what each thing adds to R_sp, and its share if R_sp rises."""
    healthy, whole = rates_at(bench, [{}, given])
    parts = []
    for name, (ion, words) in RESETS.items():
        left = {n: v for n, v in given.items() if n != ion}
        (reset,) = rates_at(bench, [left])
        shares = share_removed(whole - healthy, reset - healthy)
        share = (
            f"a share of {np.nanmedian(shares):.0%} of the rise (median)" if rises
            else "no share, since R_sp does not rise"
        )  # fmt: skip
        reason = (
            f"what {words} adds to R_sp, {share}; median R_sp healthy, with all and "
            f"with {words} put back {told([healthy, whole, reset])} per min"
        )
        added = whole - reset
        outcome = Outcome(REPORTED, *interval(added[np.isfinite(added)]), None, reason)
        parts.append(linked(bench, outcome, "C63", name=name, arm="all", unit=UNIT))
    return parts


def alone(bench: Bench, arm: str, dose: Mapping[str, Any]) -> Part:
    """Return what the arm of one ion does, which no verdict rests on."""
    given = attack(bench, dose)
    healthy, dosed = rates_at(bench, [{}, given])
    outcome = standard_rule(dosed - healthy, healthy, "up")
    reason = f"by itself {outcome.verdict} ({outcome.reason}); {baths(given)}"
    return linked(
        bench, replace(outcome, verdict=REPORTED, reason=reason), "C63",
        name=f"{arm}_alone", arm=arm, unit=UNIT,
    )  # fmt: skip


def stress_fires(bench: Bench) -> Judged:
    """C63: R_sp after an hour of stress, at both slopes; what it goes with."""
    doses = doses_of("C63")
    dose = doses["all"]
    given = [attack(bench, dose, slope) for slope in SLOPES]
    found = rates_at(bench, [{}, *given])
    mild, severe = rates_at(bench, [attack(bench, dose | each) for each in MILDER])
    ladder = (USUAL, MILDER[0]["pco2"], dose["pco2"], MILDER[1]["pco2"])
    climbs = np.stack([found[0], mild, found[1], severe])
    passed = [
        passes(standard_rule(row - found[0], found[0], "up").verdict)
        for row in climbs[1:]
    ]
    words = (
        f"{baths(given[0])}; median R_sp {told(found)} per min healthy and at the two "
        f"slopes, {told(climbs)} at PCO2 {', '.join(f'{p:g}' for p in ladder)} mmHg"
    )
    sensed = sensory_rates(bench, [{}, *given])
    tingling = judged_twice(sensed)
    said = (
        f"by itself it reads {tingling.verdict}: {tingling.reason}; median "
        f"{told(sensed)} per min healthy and at the two slopes, by a drive that is "
        "not calibrated on sensory fibres"
    )
    picture = ladders(
        bench, "C63_r_sp", [("arterial PCO2 (mmHg), an hour", ladder, climbs,
                             dose["pco2"])], "C63: stress and spontaneous events",
    )  # fmt: skip
    outcome = judged_twice(found)
    return [
        linked(bench, outcome, "C63", name="r_sp", arm="all", unit=UNIT,
               words=words, smallest_dose=smallest_dose(ladder[1:], passed),
               figure="C63_r_sp.svg"),
        *removed(bench, given[0], passes(outcome.verdict)),
        *(alone(bench, arm, doses[arm]) for arm in ("ca", "ph")),
        linked(bench, replace(tingling, verdict=REPORTED, reason=said), "C63",
               name="sensory_rate", arm="all", unit=UNIT),
    ], [picture]  # fmt: skip


EVALUATED = {"C63": stress_fires}
