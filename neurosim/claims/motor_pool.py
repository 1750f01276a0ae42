"""What of a motor pool's firing is the nerve's, and what it pulls by itself.

Pools and their minutes are those of ``minute``; R_sp is that of ``rates``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import change_rule, provided, share_rule
from neurosim.claims.draws import bootstrap_interval, interval, share_removed
from neurosim.claims.judge import Judged, Picture, doses_of, part
from neurosim.claims.linked import felt
from neurosim.claims.minute import minute
from neurosim.claims.population import Bench
from neurosim.claims.rates import low_magnesium_fires, rates_at, standard
from neurosim.claims.silent import SILENT, silent
from neurosim.claims.verdict import (
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    REPORTED,
    REPRODUCED,
    Outcome,
    Part,
    passes,
    via,
)
from neurosim.classify import CRAMP, SPASM, TETANY
from neurosim.model import Model
from neurosim.physics.divalents import LEAK_PARAMS, NALCN
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import AXONS

STRONG = 0.30  # of tetanus, criterion of C36
SEVERE = (TETANY, SPASM, CRAMP)
HALF = 0.5  # share, C03 and C10


def counted(signs: np.ndarray) -> str:
    """Return how often each sign was given, in words."""
    names, counts = np.unique(signs, return_counts=True)
    order = np.argsort(-counts)
    return ", ".join(f"{names[k] or 'no rest'} {counts[k]}" for k in order)


def told(found: Mapping[str, np.ndarray]) -> str:
    """Return force and signs of the pools in words."""
    peak = found["peak"]
    return (
        f"peak force median {np.nanmedian(peak):.1%}, highest {np.nanmax(peak):.0%} of "
        f"tetanus; signs: {counted(found['sign'])}"
    )


def severe_spasm(bench: Bench) -> Judged:
    """C36: sign and peak force of the pool at very low calcium."""
    dose = doses_of("C36")[""]
    healthy, dosed = minute(bench, {}), minute(bench, dose)
    met, before = (
        np.isin(found["sign"], SEVERE) & (found["peak"] >= STRONG)
        for found in (dosed, healthy)
    )
    outcome = provided(
        share_rule(
            np.where(np.isfinite(dosed["peak"]), met, np.nan), needed=0.5,
            seed=bench.population.seed,
        ),
        {f"under 5 % at reference (it is {before.mean():.0%})": before.mean() < 0.05},
    )  # fmt: skip
    blocked = 1.0 - np.mean(bench.passing(dose))
    busiest = dosed["busiest"]
    reason = (
        f"{outcome.reason}; over {bench.minute:g} s {told(dosed)}; at reference signs: "
        f"{counted(healthy['sign'])}; busiest unit median {np.nanmedian(busiest):.2g}, "
        f"highest {np.nanmax(busiest):.2g} spikes per s; {blocked:.0%} of junctions "
        "block a first impulse"
    )
    judged = part(
        bench, replace(outcome, reason=reason), "C36", name="spasm_class",
        unit="share of draws", figure="C36_spasm_class.svg",
    )  # fmt: skip
    shares = {
        f"{sign}, {where}": share_with_interval(bench, found["sign"] == sign)
        for where, found in (("reference", healthy), ("the dose", dosed))
        for sign in sorted(set(found["sign"]) | set(SEVERE))
    }
    picture = Picture("C36_spasm_class", "share_bars", {
        "shares": shares, "xlabel": "pools with this sign", "criterion": 0.5,
        "title": f"C36: sign of a motor pool at ionised Ca {dose['ca_o']:g} mM",
    })  # fmt: skip
    return [judged], [picture]


def share_with_interval(bench: Bench, flags) -> tuple[float, float, float]:
    """Return a share of draws with its 5th to 95th bootstrap percentile."""
    low, high = bootstrap_interval(flags, level=0.9, seed=bench.population.seed)
    return float(np.mean(flags)), low, high


def tension(bench: Bench, dose: Mapping[str, Any], **labels: Any) -> Part:
    """Return the part of C14 that one bath gives."""
    healthy, dosed = minute(bench, {}), minute(bench, dose)
    tense = dosed["tense"]
    middle, low, high = interval(tense[np.isfinite(tense)])
    outcome = provided(
        change_rule(tense - healthy["tense"], 0.0, "up"),
        {f"median at least 5 % of the time (it is {middle:.1%})": middle >= 0.05},
    )
    if passes(outcome.verdict):
        lost = np.nanmedian(share_removed(tense, dosed["silent"]))
        outcome = replace(outcome, verdict=via("nerve" if lost >= 0.9 else "muscle"))
    reason = (
        f"{outcome.reason}; above 20 % of tetanus for {middle:.1%} of "
        f"{bench.minute:g} s "
        f"(median), {np.nanmax(tense):.0%} at most; {told(dosed)}"
    )
    outcome = replace(outcome, effect=middle, low=low, high=high, reason=reason)
    return part(
        bench, outcome, "C14", name="tense_fraction", unit="share of time",
        figure="C14_tense_fraction.svg", **labels,
    )  # fmt: skip


def sustained_tension(bench: Bench) -> Judged:
    """C14: share of the time with the pool's force above 20 % of tetanus."""
    doses = doses_of("C14")
    baths = {"direct": doses["direct"], "linked": felt(bench, doses["linked"])}
    parts = [tension(bench, bath, arm=arm, mode=arm) for arm, bath in baths.items()]
    shares = {
        name: interval(found[np.isfinite(found)])
        for name, bath in {"reference": {}, **baths}.items()
        for found in (minute(bench, bath)["tense"],)
    }
    picture = Picture("C14_tense_fraction", "share_bars", {
        "shares": shares,
        "xlabel": f"of {bench.minute:g} s with force above 20 % of tetanus",
        "criterion": 0.05, "title": "C14: tension of a motor pool at low magnesium",
    })  # fmt: skip
    return parts, [picture]


def born(bench: Bench, dose: Mapping[str, Any]) -> np.ndarray:
    """Return events a minute of a pool's fibres without an impulse, (draws,).

    They receive single quanta only.
    """
    return silent(bench, dose)["events"] * AXONS * 60e3 / SILENT


def share_of_the_nerve(bench: Bench) -> Judged:
    """C03: share of the rise of R_sp that goes with axon and terminal reset."""
    parts, shares = [], {}
    for arm, dose in doses_of("C03").items():
        rule = standard(bench, dose)
        healthy, dosed = rates_at(bench, [{}, dose])
        own = born(bench, dose)
        left = healthy * bench.passing(dose) + own
        before, after = (bench.fibres.excitability(x)["threshold"] for x in ({}, dose))
        share = share_removed(dosed - healthy, left - healthy)
        effect, low, high = interval(share[np.isfinite(share)])
        shares[arm] = (effect, low, high)
        verdict = NOT_EVALUABLE
        if passes(rule.verdict):
            verdict = REPRODUCED if effect >= HALF else NOT_SUPPORTED
        reason = (
            f"R_sp: {rule.verdict} ({rule.reason}); with axon and terminal reset "
            f"{effect:.0%} of the rise goes (median); the threshold of the fibre falls "
            f"to {np.nanmedian(after / before):.2f}, but with single quanta alone "
            f"fibres of {np.nansum(own > 0):.0f} of {own.size} draws fire in "
            f"{1e-3 * SILENT:g} s, and the model gives them no other noise; "
            f"{np.mean(~bench.passing(dose)):.0%} of junctions block"
        )
        outcome = Outcome(verdict, effect, low, high, None, reason)
        parts.append(part(bench, outcome, "C03", name="share_nerve", arm=arm,
                          unit="share", figure="C03_share_nerve.svg"))  # fmt: skip
    picture = Picture("C03_share_nerve", "share_bars", {
        "shares": shares, "xlabel": "of the rise of R_sp goes with axon and terminal",
        "criterion": HALF, "title": "C03: share of the nerve",
    })  # fmt: skip
    return parts, [picture]


def with_leak(bench: Bench) -> Bench:
    """Return the same axons with a sodium leak that divalents block."""
    return Bench(leaky(bench.model), bench.population, bench.tick, shelf=bench.shelf)


def leaky(model: Model) -> Model:
    """Return an axon with that leak in all its membrane."""
    model = replace(
        model, name=f"{model.name}_nalcn", params=(*model.params, *LEAK_PARAMS)
    )
    for piece in model.compartments:
        model = model.with_channel(NALCN, piece.name)
    return model


def calcium_entry(bench: Bench) -> Judged:
    """C10: share of the rise of R_sp that goes with Ca entry, and with screening."""
    dose = doses_of("C10")[""]
    (first, *_), _ = low_magnesium_fires(bench)
    made = gate_shift(
        HEALTHY.ca_o, dose["mg_o"], bind_mg=bench.population.values["bind_mg"]
    )
    reset = {**dose, "shift": -made}
    healthy, dosed, screened = rates_at(bench, [{}, dose, reset])
    leaky, only_leak = rates_at(with_leak(bench), [dose, reset])
    share = {
        "ca_entry": share_removed(dosed - healthy, dosed - healthy),
        "screening": share_removed(dosed - healthy, screened - healthy),
        "screening_nalcn": share_removed(leaky - healthy, only_leak - healthy),
        "leak_nalcn": share_removed(leaky - healthy, dosed - healthy),
    }
    words = {
        "ca_entry": f"C07 direct: {first.verdict}; the axon has no Ca current, nothing "
        "is there to be reset, and the share is 0 by construction",
        "screening": "gates held at their healthy shift; direction right, mechanism "
        "not that of the claim",
        "screening_nalcn": f"with NALCN on R_sp is {np.nanmedian(leaky):.3g} per min "
        f"instead of {np.nanmedian(dosed):.3g} at the dose; gates held",
        "leak_nalcn": "with NALCN on, a Na leak: NALCN held",
    }
    parts, shares = [], {}
    for name, found in share.items():
        effect, low, high = shares[name] = interval(found[np.isfinite(found)])
        verdict = REPORTED
        if name == "ca_entry":
            judged = REPRODUCED if effect >= HALF else NOT_SUPPORTED
            verdict = judged if passes(first.verdict) else NOT_EVALUABLE
        outcome = Outcome(verdict, effect, low, high, None, words[name])
        parts.append(part(bench, outcome, "C10", name=name, unit="share",
                          figure="C10_shares.svg"))  # fmt: skip
    picture = Picture("C10_shares", "share_bars", {
        "shares": shares, "xlabel": "of the rise of R_sp goes when it is reset",
        "criterion": HALF, "title": "C10: what low magnesium acts by",
    })  # fmt: skip
    return parts, [picture]


EVALUATED = {
    "C03": share_of_the_nerve,
    "C10": calcium_entry,
    "C14": sustained_tension,
    "C36": severe_spasm,
}
