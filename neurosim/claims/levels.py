"""What levels in plasma decide: losses, diets, drugs and treatments of magnesium.

Each function takes a ``Bench`` and returns parts and pictures; doses and bounds are
those of the ledger. Levels are those of the bodies of ``claims.course``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.course import levels, value
from neurosim.claims.criteria import change_rule, provided, share_rule
from neurosim.claims.judge import (
    Judged,
    Picture,
    band,
    doses_of,
    part,
    response,
    turns_back,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import Outcome, Part

NAMES = {
    "mg_total": "total Mg (mM)", "ca_ionised": "ionised Ca (mM)", "k": "K (mM)",
    "na": "Na (mM)", "pth": "PTH (times normal)",
}  # fmt: skip
RANGES = {  # of health; criteria of C49 and C53
    "na": (135.0, 145.0), "k": (3.5, 5.0), "ca_ionised": (1.15, 1.30),
    "mg_total": (0.75, 0.95), "pth": (0.4, 1.8),
}  # fmt: skip
UNITS = {
    "na": "mM", "k": "mM", "ca_ionised": "mM", "mg_total": "mM", "pth": "times normal",
}  # fmt: skip
SHOWN = 10  # times in a figure
DRAWS = "share of draws"
WEEK = 7.0  # d, urine of C20 is that of the first week
LOW = 0.70  # mM, plasma below which C18, C19 and C20 speak of depletion
NORMAL = 0.75  # mM, plasma that C20 and C24 call corrected


def linked(bench: Bench, outcome: Outcome, claim: str, **labels: Any) -> Part:
    """Return a part in linked mode; ``words`` are added to its reason.

    Where all draws agree on a level it says so: constants of water, Na and K are not
    drawn.
    """
    words = [labels.pop("words", "")]
    alike = outcome.low is not None and outcome.low == outcome.high
    if alike and labels.get("unit") in UNITS.values():
        words.append("all draws agree: nothing that moves it is drawn")
    outcome = replace(outcome, reason="; ".join(filter(None, (outcome.reason, *words))))
    return part(bench, outcome, claim, **({"mode": "linked"} | labels))


def change(bench: Bench, dose: Mapping[str, Any], name: str, **how: Any) -> np.ndarray:
    """Return a level at the end of a dose minus that in health, (draws,)."""
    dosed = value(levels(bench, dose, **how), name)
    return dosed - value(levels(bench, {}), name)


def middle(bench: Bench, dose: Mapping[str, Any], name: str, **how: Any) -> float:
    """Return the median of a level at the end of a dose."""
    return float(np.median(value(levels(bench, dose, **how), name)))


def over_time(
    bench: Bench, figure: str, dose: Mapping[str, Any], name: str, title: str,
    criterion: float | None = None,
) -> Picture:  # fmt: skip
    """Return the picture of a level along its course."""
    found = levels(bench, dose)
    step = max(1, found.sizes["time"] // SHOWN)
    times = found["time"].values[::step]
    draws = found[name].transpose("time", "draw").values[::step]
    return response(
        figure, times, draws, band(value(levels(bench, {}), name)), "time (d)",
        NAMES[name], criterion, title,
    )  # fmt: skip


def below(bench: Bench, dose: Mapping[str, Any], limit: float) -> Outcome:
    """Judge whether total Mg falls to a limit [mM]; ``effect`` is the change."""
    usual = float(np.median(value(levels(bench, {}), "mg_total")))
    return change_rule(change(bench, dose, "mg_total"), limit - usual, "down")


def poor_diet(bench: Bench) -> Judged:
    """C18: total Mg after a year on 200 mg a day against 304, and on a ladder."""
    dose = doses_of("C18")[""]
    ladder = (400.0, 304.0, 200.0, 100.0)  # mg/d, criterion of C18
    arms = [levels(bench, dose | {"i_mg": i_mg}) for i_mg in ladder]
    found = np.stack([value(arm, "mg_total") for arm in arms])
    fall = found[ladder.index(dose["i_mg"])] - found[ladder.index(304.0)]
    outcome = provided(
        change_rule(fall, -0.02, "down"),
        {"non-increasing on the ladder": not turns_back(found, "down")},
    )
    lowest = float((found < LOW).any(axis=0).mean())
    tissue = np.median(value(arms[2], "mg_tissue"))
    words = (
        f"medians at 400/304/200/100 mg: {told(found)} mM; tissue at 200 mg "
        f"{tissue:.3f} of replete; below 0.70 mM in {lowest:.0%} of draws"
    )
    judged = linked(bench, outcome, "C18", name="mg_total", unit="mM", words=words,
                    figure="C18_mg_total.svg")  # fmt: skip
    picture = response(
        "C18_mg_total", ladder, found, band(value(levels(bench, {}), "mg_total")),
        "Mg eaten (mg/d) for a year", NAMES["mg_total"], None,
        "C18: diet and plasma magnesium",
    )  # fmt: skip
    return [judged], [picture]


def told(found: Iterable) -> str:
    """Return the medians of (doses, draws) in words."""
    return ", ".join(f"{np.nanmedian(row):.3g}" for row in found)


def severities(bench: Bench, dose: Mapping[str, Any], name: str = "mg_total") -> str:
    """Return the medians of a level at all three severities, in words."""
    found = [
        f"{how} {middle(bench, {**dose, 'severity': how}, name):.3f}"
        for how in ("mild", "moderate", "severe")
    ]
    return f"median {NAMES[name]}: {', '.join(found)}"


def gut_disease(bench: Bench) -> Judged:
    """C19: total Mg in moderate gut loss; mild and severe beside it."""
    dose = doses_of("C19")[""]
    words = f"{severities(bench, dose)} (cohorts 0.79 against 0.82 in mild disease)"
    judged = linked(bench, below(bench, dose, LOW), "C19", name="mg_total", unit="mM",
                    words=words, figure="C19_mg_total.svg")  # fmt: skip
    title = "C19: gut loss and plasma magnesium"
    return [judged], [over_time(bench, "C19_mg_total", dose, "mg_total", title, LOW)]


def alcohol(bench: Bench) -> Judged:
    """C20: urine of week 1 against the same diet; total Mg at day 60; recovery."""
    from neurosim.body.causes import find, given

    dose = doses_of("C20")[""]
    effects = find(dose["cause"]).effects[dose["severity"]]
    diet = {e.name: e.amount for e in effects if e.name == "mg_intake"}
    drinking = levels(bench, dose)
    sober = levels(bench, {"days": dose["days"]}, causes=(given("diet", **diet),))
    ratio = week_urine(drinking) / week_urine(sober)
    seed = bench.population.seed
    urine = replace(
        share_rule(ratio >= 1.2, seed=seed),
        reason=f"urine of week 1 is {np.median(ratio):.2f} (median) times that of "
        f"the same diet; at least 1.2 in {np.mean(ratio >= 1.2):.0%} of draws",
    )
    mg = value(drinking, "mg_total")
    plasma = share_rule(mg < LOW, seed=seed)
    stopped = levels(
        bench, dose | {"days": dose["days"] + 28.0}, treat=(f"stop@{dose['days']:g}",)
    )
    back = stopped["mg_total"].sel(time=slice(dose["days"], None)).max("time")
    words = (
        f"median {np.median(mg):.3f} mM at day {dose['days']:g}; above 0.75 mM within "
        f"28 days of stopping in {np.mean(back > NORMAL):.0%} of draws"
    )
    title = "C20: heavy drinking and plasma magnesium"
    return [
        linked(bench, urine, "C20", name="urine_mg", unit=DRAWS),
        linked(bench, plasma, "C20", name="mg_total", unit=DRAWS, words=words,
               figure="C20_mg_total.svg"),
    ], [over_time(bench, "C20_mg_total", dose, "mg_total", title, LOW)]  # fmt: skip


def week_urine(found: Any) -> np.ndarray:
    """Return the mean daily Mg in urine over the first week, mmol/d, (draws,)."""
    days = np.linspace(0.0, WEEK, 29)
    return found["urine_mg"].interp(time=days).mean("time").values


def drug(claim: str, bound: float, direction: str = "down"):
    """Return the judge of a claim that total Mg moves by a bound [mM] in each arm."""

    def judge(bench: Bench) -> Judged:
        parts, pictures = [], []
        for arm, dose in doses_of(claim).items():
            found = change(bench, dose, "mg_total")
            tissue = middle(bench, dose, "mg_tissue")
            words = f"{severities(bench, dose)}; tissue {tissue:.3f} of replete"
            figure = f"{claim}_{arm or 'mg_total'}"
            parts.append(linked(
                bench, change_rule(found, bound, direction), claim, name="mg_total",
                arm=arm, unit="mM", words=words, figure=f"{figure}.svg",
            ))  # fmt: skip
            title = f"{claim}: {dose['cause'].replace('_', ' ')}"
            pictures.append(over_time(bench, figure, dose, "mg_total", title))
        return parts, pictures

    return judge


def supplement(bench: Bench) -> Judged:
    """C24: total Mg after 14 days, with a supplement against without."""
    doses = doses_of("C24")
    given, none = (value(levels(bench, doses[arm]), "mg_total")
                   for arm in ("dose", "none"))  # fmt: skip
    reached = float(np.median(given))
    outcome = provided(
        change_rule(given - none, 0.05, "up"),
        {f"median at least 0.75 mM (it is {reached:.3f})": reached >= NORMAL},
    )
    others = []
    for mg in (200.0, 300.0, 400.0):
        dose = doses["dose"] | {"supplement_mg": mg}
        others.append(f"{mg:g} mg {middle(bench, dose, 'mg_total'):.3f}")
    running = continued(bench, doses["dose"])
    words = (
        f"median {reached:.3f} mM, {np.median(none):.3f} without; {', '.join(others)}; "
        f"300 mg with the loss still running {np.median(running):.3f}"
    )
    judged = linked(bench, outcome, "C24", name="mg_total", unit="mM", words=words,
                    figure="C24_mg_total.svg")  # fmt: skip
    title = "C24: supplement after gut loss"
    picture = over_time(bench, "C24_mg_total", doses["dose"], "mg_total", title, NORMAL)
    return [judged], [picture]


def continued(bench: Bench, dose: Mapping[str, Any]) -> np.ndarray:
    """Return total Mg if the loss that led to the start goes on, (draws,)."""
    from neurosim.body.doses import read_dose

    read = read_dose(dose)
    both = (*read.before, *read.causes)
    found = levels(bench, dose, causes=both, severity="severe")
    return value(found, "mg_total")


EVALUATED = {
    "C18": poor_diet,
    "C19": gut_disease,
    "C20": alcohol,
    "C21": drug("C21", -0.05),
    "C22": drug("C22", -0.02),
    "C23": drug("C23", 0.02, "present"),
    "C24": supplement,
}
