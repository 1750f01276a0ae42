"""What levels decide about calcium, potassium, sodium, sweat, kidney and gut.

As in ``claims.levels``.
"""

import numpy as np

from neurosim.claims.course import levels, value
from neurosim.claims.criteria import change_rule, provided, share_rule
from neurosim.claims.draws import interval
from neurosim.claims.judge import Judged, doses_of
from neurosim.claims.levels import (
    DRAWS,
    RANGES,
    UNITS,
    linked,
    over_time,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import NOT_SUPPORTED, REPRODUCED, Outcome, Part

SHARE = 0.9  # of draws on one side, criteria of C49 and C53
TARGET = 140.0  # mM of sodium, criterion of C51


def joint_shortage(bench: Bench) -> Judged:
    """C41: ionised Ca when vitamin D and calcium are short, against each alone."""
    found = {
        arm: value(levels(bench, dose), "ca_ionised")
        for arm, dose in doses_of("C41").items()
    }
    lower = np.minimum(found["d"], found["ca"]) - found["both"]
    effect, low, high = interval(lower)
    share = share_rule(lower >= 0.01, seed=bench.population.seed)
    usual = value(levels(bench, {}), "ca_ionised")
    fall = {arm: float(np.median(usual - one)) for arm, one in found.items()}
    more = fall["both"] > fall["d"] + fall["ca"]
    words = (
        f"ionised Ca falls by {fall['d']:.3f} (vitamin D), {fall['ca']:.3f} (Ca) "
        f"and {fall['both']:.3f} mM (both), {'more' if more else 'no more'} than their "
        "sum"
    )
    outcome = Outcome(
        share.verdict, effect, low, high, share.sign_probability, share.reason
    )
    judged = linked(bench, outcome, "C41", name="ca_ionised", unit="mM", words=words,
                    figure="C41_both.svg")  # fmt: skip
    picture = over_time(bench, "C41_both", doses_of("C41")["both"], "ca_ionised",
                        "C41: little vitamin D and little calcium")  # fmt: skip
    return [judged], [picture]


def potassium_lost(bench: Bench) -> Judged:
    """C47: fall of plasma K in each arm."""
    parts, pictures = [], []
    usual = value(levels(bench, {}), "k")
    for arm, dose in doses_of("C47").items():
        fall = value(levels(bench, dose), "k") - usual
        parts.append(linked(
            bench, change_rule(fall, -0.3, "down"), "C47", name="k", arm=arm,
            unit="mM", figure=f"C47_{arm}.svg",
        ))  # fmt: skip
        title = f"C47: plasma potassium, {arm} arm"
        pictures.append(over_time(bench, f"C47_{arm}", dose, "k", title))
    return parts, pictures


def leaves_range(bench: Bench, claim: str, name: str) -> Part:
    """Return whether a level leaves its range, in 90 % of draws on one side."""
    values = value(levels(bench, doses_of(claim)[""]), name)
    low, high = RANGES[name]
    effect, least, most = interval(values)
    above, below = float(np.mean(values > high)), float(np.mean(values < low))
    share = above if effect > high else below if effect < low else max(above, below)
    holds = (effect > high or effect < low) and share >= SHARE
    outcome = Outcome(
        REPRODUCED if holds else NOT_SUPPORTED, effect, least, most, share,
        f"median {effect:.4g} against {low:g} to {high:g}; {above:.0%} of draws are "
        f"above, {below:.0%} below",
    )  # fmt: skip
    words = "the range of PTH is recalled, not checked" if name == "pth" else ""
    return linked(bench, outcome, claim, name=name, unit=UNITS[name], words=words)


def out_of_range(claim: str, names: tuple[str, ...]):
    """Return the judge of a claim that levels leave their ranges."""

    def judge(bench: Bench) -> Judged:
        return [leaves_range(bench, claim, name) for name in names], []

    return judge


def sweat_losses(bench: Bench) -> Judged:
    """C50: what sweat carries away, as a share of what exchanges."""
    from neurosim.body.inputs import find_input

    litres = doses_of("C50")[""]["sweat_l"]
    begin = levels(bench, {})["end_state"]
    pools = {"na": ("na_body",), "k": ("k_body",), "mg": ("mg_plasma", "mg_exchange")}
    parts = []
    for ion, states in pools.items():
        pool = sum(begin.sel(state=state).values for state in states)
        share = 100.0 * litres * find_input(f"sweat_{ion}").value / pool
        effect, low, high = interval(share)
        counted = share_rule(share >= 1.0, seed=bench.population.seed)
        outcome = Outcome(
            counted.verdict, effect, low, high, counted.sign_probability,
            f"{litres:g} L carry away {effect:.2g} % of the pool; at least 1 % "
            f"{counted.reason}",
        )  # fmt: skip
        parts.append(linked(bench, outcome, "C50", name=f"loss_{ion}", unit="%"))
    return parts, []


def rehydration(bench: Bench) -> Judged:
    """C51: plasma Na with each drink against none."""
    doses = doses_of("C51")
    dry = value(levels(bench, doses["none"]), "na")
    low, high = RANGES["na"]
    parts, pictures = [], []
    for arm in ("water", "ors"):
        found = value(levels(bench, doses[arm]), "na")
        reached = float(np.median(found))
        nearer = np.abs(found - TARGET) < np.abs(dry - TARGET)
        outcome = provided(
            share_rule(nearer, seed=bench.population.seed),
            {f"median Na {low:g} to {high:g}": low <= reached <= high},
        )
        words = f"Na {reached:.1f} mM, {np.median(dry):.1f} without a drink"
        parts.append(linked(bench, outcome, "C51", name="na", arm=arm, unit=DRAWS,
                            words=words, figure=f"C51_{arm}.svg"))  # fmt: skip
        title = f"C51: sweat, then {arm}"
        pictures.append(over_time(bench, f"C51_{arm}", doses[arm], "na", title))
    return parts, pictures


def absorption(bench: Bench) -> Judged:
    """C89: net absorption of Ca in kidney failure and of Mg in gut disease."""
    parts, healthy = [], levels(bench, {})
    for arm, name in (("kidney", "absorbed_ca"), ("gut", "absorbed_mg")):
        found = value(levels(bench, doses_of("C89")[arm]), name)
        ratio = found / value(healthy, name)
        effect, low, high = interval(ratio)
        share = share_rule(ratio <= 0.90, seed=bench.population.seed)
        outcome = Outcome(
            share.verdict, effect, low, high, share.sign_probability,
            f"median ratio {effect:.3f}; at most 0.90 {share.reason}",
        )  # fmt: skip
        parts.append(linked(bench, outcome, "C89", name=name, arm=arm, unit="ratio"))
    return parts, []


IONS = ("na", "k", "ca_ionised", "mg_total")
EVALUATED = {
    "C41": joint_shortage,
    "C47": potassium_lost,
    "C49": out_of_range("C49", IONS),
    "C50": sweat_losses,
    "C51": rehydration,
    "C53": out_of_range("C53", ("mg_total", "k", "ca_ionised", "pth")),
    "C85": out_of_range("C85", IONS),
    "C89": absorption,
}
