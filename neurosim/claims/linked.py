"""What nerve does in the bath that a cause makes: R_sp along the chain from the body.

The bodies of ``claims.course`` give each draw of the axon a bath of its own. Doses and
bounds are those of the ledger.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.course import SAME, bath, levels, normal, value
from neurosim.claims.criteria import change_rule, provided, share_rule, standard_rule
from neurosim.claims.draws import interval, share_removed
from neurosim.claims.energy import weak_and_tired
from neurosim.claims.judge import (
    Judged,
    doses_of,
    turns_back,
)
from neurosim.claims.levels import change, linked, middle, over_time, told
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, ladders, rates_at, ratios, simulated
from neurosim.claims.verdict import (
    NOT_SUPPORTED,
    REPRODUCED,
    Outcome,
    Part,
    passes,
)

UNMOVED = 1e-3  # relative: an ion that moves less is not run alone, C86
HALF = 0.5  # of an effect, what a reset has to remove; C07


def felt(bench: Bench, dose: Mapping[str, Any], day: float | None = None) -> dict:
    """Return the bath of all draws at the end of a dose of the body, or on a day."""
    return bath(levels(bench, dose), day)


def ca_share(bench: Bench, claim: str, given: dict, **labels: Any) -> Part:
    """Return the share of the rise of R_sp that goes when ionised Ca is reset."""
    without = {n: v for n, v in given.items() if n != "ca_o"}
    healthy, whole, reset = rates_at(bench, [{}, given, without])
    share = share_removed(whole - healthy, reset - healthy)
    effect, low, high = interval(share[np.isfinite(share)])
    outcome = Outcome(
        REPRODUCED if effect >= HALF else NOT_SUPPORTED, effect, low, high, None,
        f"resetting ionised Ca removes {effect:.0%} of the rise (median); medians of "
        f"R_sp healthy, with all and with Ca reset {told([healthy, whole, reset])}",
    )  # fmt: skip
    return linked(bench, outcome, claim, name="ca_share", unit="share", **labels)


def order_of_shortages(bench: Bench) -> Judged:
    """C02: the lowest of the Mg, Ca and K arms above the highest of the others."""
    doses = doses_of("C02")
    arms = {
        arm: felt(bench, dose) if arm in ("vitd", "anaemia") else dose
        for arm, dose in doses.items()
    }
    found = dict(zip(arms, rates_at(bench, list(arms.values())), strict=True))
    others = np.max([found[arm] for arm in ("na", "vitd", "anaemia")], axis=0)
    told = ", ".join(f"{arm} {np.nanmedian(rate):.3g}" for arm, rate in found.items())
    parts = []
    for name, first in (("mg_ca_k", ("mg", "ca", "k")), ("mg_ca", ("mg", "ca"))):
        lowest = np.min([found[arm] for arm in first], axis=0)
        outcome = share_rule(lowest > others, seed=bench.population.seed)
        parts.append(linked(bench, outcome, "C02", name=name, unit="share of draws",
                            words=f"median R_sp per min: {told}"))  # fmt: skip
    return parts, []


def gut_loss_fires(bench: Bench) -> Judged:
    """C07, linked: R_sp where total Mg has fallen to 0.35; Ca and K reset."""
    dose = doses_of("C07")["linked"]
    given = felt(bench, dose)
    without_k = {n: v for n, v in given.items() if n != "k_o"}
    healthy, dosed, calm = rates_at(bench, [{}, given, without_k])
    factor = float(np.nanmedian(ratios(dosed, healthy)))
    outcome = provided(
        standard_rule(dosed - healthy, healthy, "up"),
        {f"median ratio at least 3 (it is {factor:.3g})": factor >= 3.0},
    )
    k_reset = standard_rule(calm - healthy, healthy, "up")
    words = (
        f"ratio {factor:.3g}; {baths(given)}; with K reset {k_reset.verdict}, median "
        f"R_sp {np.nanmedian(calm):.3g} instead of {np.nanmedian(dosed):.3g} per min; "
        f"{simulated(bench, given)}"
    )
    judged = linked(bench, outcome, "C07", name="r_sp", arm="linked", unit=UNIT,
                    words=words, figure="C07_linked.svg")  # fmt: skip
    picture = over_time(
        bench, "C07_linked", dose, "ca_ionised", "C07: ionised Ca during gut loss"
    )
    return [judged, ca_share(bench, "C07", given, arm="linked")], [picture]


def baths(given: Mapping[str, Any]) -> str:
    """Return the medians of a bath in words."""
    found = [f"{name} {np.nanmedian(values):.3g}" for name, values in given.items()]
    return f"median bath {', '.join(found) or 'as in health'}"


def firing(bench: Bench, claim: str, **labels: Any) -> Part:
    """Return what the standard rule says of R_sp at the end of a dose."""
    given = felt(bench, doses_of(claim)[labels.get("arm", "")])
    healthy, dosed = rates_at(bench, [{}, given])
    words = (
        f"{baths(given)}; median R_sp {told([healthy, dosed])} per min, "
        f"{simulated(bench, given)}"
    )
    outcome = standard_rule(dosed - healthy, healthy, "up")
    return linked(bench, outcome, claim, **({"name": "r_sp", "unit": UNIT, "words":
                  words} | labels))  # fmt: skip


def no_gland_fires(bench: Bench) -> Judged:
    """C34, linked: R_sp without parathyroid glands."""
    title = "C34: ionised Ca without parathyroid glands"
    dose = doses_of("C34")["linked"]
    judged = firing(bench, "C34", arm="linked", figure="C34_linked.svg")
    return [judged], [over_time(bench, "C34_linked", dose, "ca_ionised", title)]


def deeper_and_longer(bench: Bench) -> Judged:
    """C13: R_sp with depth and with duration of a diet without magnesium."""
    doses = doses_of("C13")
    depth, duration = doses["depth"], doses["duration"]
    by_depth = rates_at(
        bench, [felt(bench, depth | {"i_mg": i_mg}) for i_mg in depth["i_mg"]]
    )
    early, late = rates_at(
        bench, [felt(bench, duration | {"days": days}) for days in duration["days"]]
    )
    usable = np.isfinite(by_depth).all(axis=0)
    never = not turns_back(by_depth[:, usable], "up")
    deeper = Outcome(
        REPRODUCED if never else NOT_SUPPORTED, None, None, None, None,
        f"median R_sp {told(by_depth)} per min at {depth['i_mg'][0]:g} to "
        f"{depth['i_mg'][-1]:g} mg a day {'never falls' if never else 'falls'}",
    )  # fmt: skip
    longer = change_rule(late - early, 0.0, "up")
    words = (
        f"median R_sp {told([early, late])} per min at day 21 and 150; signs in people "
        "after 55-100 days"
    )
    picture = ladders(
        bench, "C13_depth", [("Mg eaten (mg/d), 150 days", depth["i_mg"], by_depth,
                              None)], "C13: diet and spontaneous events",
    )  # fmt: skip
    return [
        linked(bench, deeper, "C13", name="depth", arm="depth", figure="C13_depth.svg"),
        linked(bench, longer, "C13", name="duration", arm="duration", unit=UNIT,
               words=words),
    ], [picture]  # fmt: skip


def little_vitamin_d(bench: Bench) -> Judged:
    """C40: ionised Ca, R_sp, and R_sp with ionised Ca reset."""
    dose = doses_of("C40")[""]
    ladder = (75.0, 30.0, 12.0, 5.0)  # nmol/L of 25(OH)D: health, deficiency, severe
    found = rates_at(bench, [felt(bench, dose | {"d25": d25}) for d25 in ladder])
    outcomes = [standard_rule(row - found[0], found[0], "up") for row in found[1:]]
    good = [
        d25 for d25, outcome in zip(ladder[1:], outcomes, strict=True)
        if passes(outcome.verdict)
    ]  # fmt: skip
    fall = change_rule(change(bench, dose, "ca_ionised"), -0.03, "down")
    pth = value(levels(bench, dose), "pth")
    words = (
        f"median R_sp {told(found)} per min at 25(OH)D {ladder[0]:g} to "
        f"{ladder[-1]:g}; passes from {max(good):g} nmol/L down" if good else
        f"median R_sp {told(found)} per min at 25(OH)D {ladder[0]:g} to "
        f"{ladder[-1]:g}; passes at none of them"
    )  # fmt: skip
    picture = ladders(
        bench, "C40_r_sp", [("25(OH)D (nmol/L), one year", ladder, found, dose["d25"])],
        "C40: vitamin D and spontaneous events",
    )  # fmt: skip
    return [
        linked(bench, fall, "C40", name="ca_ionised", unit="mM", words="median PTH "
               f"{told([pth])} x normal; people below 30 nmol/L: 6% low Ca, 34% high "
               "PTH"),
        linked(bench, outcomes[ladder.index(dose["d25"]) - 1], "C40", name="r_sp",
               unit=UNIT, words=words, figure="C40_r_sp.svg",
               smallest_dose=max(good, default=None)),
        ca_share(bench, "C40", felt(bench, dose)),
    ], [picture]  # fmt: skip


def disturbing_drug(claim: str, bounds: Mapping[str, float]):
    """Return the judge of a claim that a drug lowers levels and raises R_sp.

    bounds : level -> the change that its median has to reach, mM.
    """

    def judge(bench: Bench) -> Judged:
        dose = doses_of(claim)[""]
        parts = [
            linked(bench, change_rule(change(bench, dose, name), bound, "down"), claim,
                   name=name, unit="mM")
            for name, bound in bounds.items()
        ]  # fmt: skip
        words = f"ionised Ca {middle(bench, dose, 'ca_ionised'):.3f} mM"
        parts[0] = replace(parts[0], reason=f"{parts[0].reason}; {words}")
        title = f"{claim}: {dose['cause'].replace('_', ' ')}"
        picture = over_time(bench, f"{claim}_k", dose, "k", title)
        return [*parts, firing(bench, claim, figure=f"{claim}_k.svg")], [picture]

    return judge


def dehydration_fires(bench: Bench) -> Judged:
    """C86: R_sp after sweat without a drink; the sign of each ion alone."""
    given = felt(bench, doses_of("C86")[""])
    (healthy,) = rates_at(bench, [{}])
    signs = []
    for ion, values in given.items():
        moved = np.median(values / normal(ion)) - 1.0
        if abs(moved) < UNMOVED:
            signs.append(f"{ion} as in health")
            continue
        (alone,) = rates_at(bench, [{ion: values}])
        signs.append(f"{ion} alone {np.nanmedian(alone - healthy):+.2g} per min")
    judged = firing(bench, "C86")
    words = f"{judged.reason}; median change of R_sp: {', '.join(signs)}"
    return [replace(judged, reason=words)], []


def felt_in_muscle(bench: Bench, dose: Mapping[str, Any]) -> dict:
    """Return bath and free Mg of the fibres of all draws at the end of a dose."""
    known = bench.fibres.model.parameters
    given = {n: v for n, v in felt(bench, dose).items() if n in known}
    left = value(levels(bench, dose), "mg_i") / value(levels(bench, {}), "mg_i")
    if not np.allclose(left, 1.0, rtol=SAME, atol=0.0):
        given["mg_i"] = known["mg_i"].value * left
    return given


def gut_loss_tires(bench: Bench) -> Judged:
    """C16, linked: 30 Hz force after weeks of gut loss, fresh and after work."""
    dose = doses_of("C16")["linked"]
    given = felt_in_muscle(bench, dose)
    runs = [bench.fibres.work(each) for each in ({}, given)]
    (axons,) = bench.excitability([felt(bench, dose)])
    fires = ~np.isfinite(axons["rest"])
    dead = ~fires & ~np.isfinite(axons["threshold"])
    runs[1] = {name: np.where(dead, np.nan, each) for name, each in runs[1].items()}
    v, k_i, ca = (told([bench.fibres.rest(each)[n] for each in ({}, given)])
                  for n in ("v", "k_i", "ca"))  # fmt: skip
    first = [bench.fibres.quanta(np.zeros(1), each) for each in ({}, given)]
    words = (
        f"; {baths(given)}; axons that cannot be excited {dead.sum()}, that fire by "
        f"themselves {fires.sum()}; quanta of a first impulse {told(first)}; fibre at "
        f"rest {v} mV, K inside {k_i} mM, Ca inside {ca} uM"
    )
    return weak_and_tired(
        bench, runs, words, doses=(0.0, dose["days"]), dose=dose["days"],
        xlabel="days of severe gut loss", arm="linked", mode="linked",
    )  # fmt: skip


def alike(bench: Bench, ratio: np.ndarray, **labels: Any) -> Part:
    """Return whether each draw of C115 is within 2 % of itself in health."""
    inside = np.where(np.isfinite(ratio), (ratio >= 0.98) & (ratio <= 1.02), np.nan)
    outcome = replace(
        share_rule(inside, needed=1.0, seed=bench.population.seed),
        effect=float(np.nanmedian(ratio)), low=None, high=None,
    )  # fmt: skip
    return linked(bench, outcome, "C115", unit="ratio", **labels)


def held_ions(bench: Bench) -> Judged:
    """C115: R_sp and 30 Hz force with little vitamin D and the ions held."""
    dose = doses_of("C115")[""]
    given, inside = felt(bench, dose), felt_in_muscle(bench, dose)
    healthy, dosed = rates_at(bench, [{}, given])
    usual, pulled = (bench.fibres.course(each)["force30"] for each in ({}, inside))
    words = f"{baths(given)}; no vitamin D in the %s, so this is built in"
    return [
        alike(bench, ratios(dosed, healthy), name="r_sp", words=words % "axon"),
        alike(bench, pulled / usual, name="force30", words=words % "fibre"),
    ], []


EVALUATED = {
    "C02": order_of_shortages,
    "C07": gut_loss_fires,
    "C13": deeper_and_longer,
    "C16": gut_loss_tires,
    "C34": no_gland_fires,
    "C40": little_vitamin_d,
    "C67": disturbing_drug("C67", {"k": -0.3, "mg_total": -0.05}),
    "C86": dehydration_fires,
    "C101": disturbing_drug("C101", {"k": -0.3}),
    "C115": held_ions,
}
