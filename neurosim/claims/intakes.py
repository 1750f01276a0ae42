"""What levels in plasma decide about eating, need and the blood test.

As in ``claims.levels``; the blood test (C32) is the one claim about persons who differ
and not about constants that nobody knows.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from neurosim.body.doses import each, read_dose
from neurosim.claims.course import as_start, course, levels, value
from neurosim.claims.criteria import change_rule, inside_rule, provided, share_rule
from neurosim.claims.draws import bootstrap_interval, interval
from neurosim.claims.judge import Judged, doses_of
from neurosim.claims.levels import (
    DRAWS,
    RANGES,
    change,
    linked,
    middle,
    over_time,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import NOT_SUPPORTED, REPRODUCED, Outcome

DEPLETED = 0.8  # tissue Mg relative to replete, criterion of C32
LOST = 90.0  # d of gut loss before the recovery of C32


def salts(bench: Bench) -> Judged:
    """C28: increment of urinary Mg, citrate against oxide."""
    doses = doses_of("C28")
    citrate, oxide = (change(bench, doses[arm], "urine_mg")
                      for arm in ("citrate", "oxide"))  # fmt: skip
    ratio = citrate / oxide
    middle_ratio, low, high = interval(ratio)
    outcome = replace(
        share_rule(ratio >= 2.0, seed=bench.population.seed),
        effect=middle_ratio, low=low, high=high,
    )  # fmt: skip
    words = (
        f"increment {np.median(citrate):.2f} and {np.median(oxide):.2f} mmol/d; at "
        "least 2 asked for"
    )
    judged = linked(bench, outcome, "C28", name="urine_mg", unit="ratio", words=words)
    return [judged], []


def need(bench: Bench) -> Judged:
    """C29: total Mg at the recommended intakes; intake that holds 0.80 mM when old."""
    doses = doses_of("C29")
    parts = [
        linked(
            bench, inside_rule(value(levels(bench, doses[arm]), "mg_total"), *RANGES[
                "mg_total"]), "C29", name="mg_total", arm=arm, unit="mM",
        )
        for arm in ("women", "men")
    ]  # fmt: skip
    young, old = (needed(bench, absorption) for absorption in (1.0, 0.8))
    ratio = old / young
    share = share_rule(ratio >= 1.05, seed=bench.population.seed)
    effect, low, high = interval(ratio)
    words = (
        f"{np.median(young):.3g} and {np.median(old):.3g} mmol/d hold 0.80 mM; at 310 "
        f"mg old people have {middle(bench, doses['old'], 'mg_total'):.3f} mM"
    )
    outcome = replace(share, effect=effect, low=low, high=high)
    parts.append(linked(bench, outcome, "C29", name="intake_needed", arm="old",
                        unit="ratio", words=words))  # fmt: skip
    return parts, []


def needed(bench: Bench, absorption: float, mg_total: float = 0.80) -> np.ndarray:
    """Return the intake that holds a total Mg [mM] for good, mmol/d, (draws,)."""
    from neurosim.body.homeostasis import BODY
    from neurosim.body.levels import levels_of
    from neurosim.body.magnesium import VOLUME
    from neurosim.body.steady import usual_states
    from neurosim.claims.course import bodies

    constants = bodies(bench)
    size = bench.population.size
    low, high = np.zeros(size), np.full(size, 100.0)  # mmol/d
    for _ in range(40):
        intake = 0.5 * (low + high)
        model = BODY.at(mg_absorption=absorption).along(
            "person", **constants, mg_intake=intake
        )
        states = usual_states(model) | {"mg_plasma": np.full(size, VOLUME * mg_total)}
        found = levels_of(model, states, ("absorbed_mg", "urine_mg", "lost_mg"))
        enough = found["absorbed_mg"] > found["urine_mg"] + found["lost_mg"]
        low, high = np.where(enough, low, intake), np.where(enough, intake, high)
    return 0.5 * (low + high)


def better_diet(bench: Bench) -> Judged:
    """C105: total Mg 90 days after a change of diet, against the poor one."""
    dose = doses_of("C105")[""]
    new = value(levels(bench, dose), "mg_total")
    same = value(levels(bench, dose | {"i_mg": dose["start_i_mg"]}), "mg_total")
    reached = float(np.median(new))
    outcome = provided(
        change_rule(new - same, 0.0, "up"),
        {f"median at least 0.80 mM (it is {reached:.3f})": reached >= 0.80},
    )
    words = f"median {reached:.3f} mM, {np.median(same):.3f} without the change"
    judged = linked(bench, outcome, "C105", name="mg_total", unit="mM", words=words,
                    figure="C105_mg_total.svg")  # fmt: skip
    title = "C105: a diet richer in magnesium"
    return [judged], [over_time(bench, "C105_mg_total", dose, "mg_total", title, 0.80)]


def balanced(bench: Bench) -> Judged:
    """C104: Mg, Ca and K after a year at the recommended intakes."""
    found = levels(bench, doses_of("C104")[""])
    inside, words = np.full(bench.population.size, True), []
    for name in ("mg_total", "ca_ionised", "k"):
        values, (low, high) = value(found, name), RANGES[name]
        inside &= (values >= low) & (values <= high)
        words.append(f"{name} {np.median(values):.3f}")
    outcome = share_rule(inside, needed=0.95, seed=bench.population.seed)
    words = f"medians {', '.join(words)}; calibrated: balance was set at these intakes"
    return [linked(bench, outcome, "C104", name="ions", unit=DRAWS, words=words)], []


def scenarios(bench: Bench) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return total Mg [mM] and tissue Mg of every person, cause by cause and day."""
    from neurosim.body.causes import find
    from neurosim.body.person import population

    dose = doses_of("C32")[""]
    persons = population(int(dose["persons"]), bench.population.seed).parameters
    days = [float(day) for day in dose["days"]]
    once = [one for one in each(dose) if one["days"] == days[-1]]
    rest = as_start(course((), persons, None, days=1.0))
    runs = [(read_dose(one).causes, rest) for one in once]
    ill = course((find("gut_loss"),), persons, rest, days=LOST, severity="moderate")
    runs.append(((find("mg_supplement"),), as_start(ill)))
    for causes, start in runs:
        found = course(causes, persons, start, days=days[-1], severity="moderate")
        at_days = found[["mg_total", "mg_tissue"]].interp(time=days)
        for day in days:
            now = at_days.sel(time=day)
            yield now["mg_total"].values, now["mg_tissue"].values


def roc_area(pairs: np.ndarray) -> float:
    """Return the area under the ROC curve of plasma for depleted tissue.

    Parameters
    ----------
    pairs : total Mg and tissue Mg, (persons, 2, scenarios); ties count half.
    """
    plasma, tissue = pairs[:, 0].ravel(), pairs[:, 1].ravel()
    depleted = plasma[tissue < DEPLETED]
    others = np.sort(plasma[tissue >= DEPLETED])
    if not (depleted.size and others.size):
        return float("nan")
    right = others.size - np.searchsorted(others, depleted, "right")
    ties = others.size - np.searchsorted(others, depleted, "left") - right
    return float((right + 0.5 * ties).sum() / (depleted.size * others.size))


def blood_test(bench: Bench) -> Judged:
    """C32: how well plasma Mg tells depleted tissue, over persons, causes and days."""
    found = np.stack([np.stack(pair, axis=1) for pair in scenarios(bench)], axis=2)
    area = roc_area(found)
    low, high = bootstrap_interval(
        found, roc_area, resamples=1000, seed=bench.population.seed
    )
    good = area >= 0.80 and low > 0.70
    outcome = Outcome(
        REPRODUCED if good else NOT_SUPPORTED, area, low, high, None,
        f"area {area:.3f} over {found.shape[0]} persons and {found.shape[2]} courses; "
        f"tissue is below 0.8 of replete in {np.mean(found[:, 1] < DEPLETED):.0%} of "
        "them; one pool exchanges, so plasma tracks tissue by construction",
    )  # fmt: skip
    return [linked(bench, outcome, "C32", name="auc", unit="area under the curve")], []


EVALUATED = {
    "C28": salts,
    "C29": need,
    "C32": blood_test,
    "C104": balanced,
    "C105": better_diet,
}
