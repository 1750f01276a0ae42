"""What sodium, the pump and the drive do to the spontaneous firing of a motor pool.

The rows here either start from health (C70) or change something beside calcium,
magnesium and potassium: sodium, the pump, the drive that fires a pool.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import change_rule, standard_rule
from neurosim.claims.draws import bootstrap_interval, interval
from neurosim.claims.judge import Judged, Picture, doses_of, medians, part
from neurosim.claims.population import Bench
from neurosim.claims.rates import NA_LADDER, UNIT, climb, ladders, rates_at, standard
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    NOT_SUPPORTED,
    PARTLY,
    Outcome,
    passes,
)
from neurosim.physics.surface_charge import HEALTHY, gate_shift

PUMP_LADDER = (1.0, 0.97, 0.88, 0.75)  # share of healthy, criterion of C93


def harmless_twitches(bench: Bench) -> Judged:
    """C70: share of healthy subjects with an event in ten minutes."""
    minutes = 10.0  # observable of C70
    controls = bench.subjects({})
    some = 1.0 - np.exp(-minutes * controls)  # Poisson events
    each = some.mean(axis=1)
    low, high = bootstrap_interval(each, seed=bench.population.seed)
    share = float(each.mean())
    outcome = Outcome(
        BY_ASSUMPTION if share >= 0.5 else NOT_SUPPORTED, share, low, high, None,
        f"calibrated: the drive was set so that healthy pools fire about once a "
        f"minute; {share:.0%} of {controls.size} healthy subjects have an event within "
        "10 min (events taken as Poisson)",
    )  # fmt: skip
    judged = part(bench, outcome, "C70", name="share_nonzero", unit="share of subjects",
                  figure="C70_share.svg")  # fmt: skip
    picture = Picture("C70_share", "share_bars", {
        "shares": {"healthy subjects": (share, low, high)},
        "xlabel": "with a spontaneous event within 10 min", "criterion": 0.5,
        "title": "C70: events without any deficiency",
    })  # fmt: skip
    return [judged], [picture]


def without_ionic_strength(bench: Bench, dose: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dose of sodium with the shift it makes by ionic strength taken back."""
    values = bench.population.values
    made = gate_shift(
        HEALTHY.ca_o, HEALTHY.mg_o, na_o=dose["na_o"], bind_mg=values["bind_mg"]
    )
    return {**dose, "shift": -made}


def low_sodium_fires(bench: Bench) -> Judged:
    """C83: R_sp at low sodium, with and without the ionic-strength shift."""
    dose = doses_of("C83")[""]
    healthy, dosed, bare = rates_at(
        bench, [{}, dose, without_ionic_strength(bench, dose)]
    )
    whole = standard_rule(dosed - healthy, healthy, "up")
    bared = standard_rule(bare - healthy, healthy, "up")
    both = whole.verdict == bared.verdict
    outcome = replace(
        whole,
        verdict=whole.verdict if both else PARTLY,
        reason=f"with the ionic-strength shift: {whole.verdict} ({whole.reason}); "
        f"without: {bared.verdict} ({bared.reason})",
    )
    _, picture = climb(
        bench, "C83_r_sp", ("na_o", NA_LADDER),
        "C83: low sodium and spontaneous events", dose["na_o"],
    )  # fmt: skip
    return [
        part(bench, outcome, "C83", name="r_sp", unit=UNIT, figure="C83_r_sp.svg")
    ], [picture]


def sodium_last(bench: Bench) -> Judged:
    """C84: R_sp at low sodium below that of each other arm."""
    doses = doses_of("C84")
    sodium = rates_at(bench, [doses["na"]])[0]
    parts, shares = [], {}
    for arm in ("ca", "mg", "k"):
        outcome = change_rule(rates_at(bench, [doses[arm]])[0] - sodium, 0.0, "up")
        share = outcome.sign_probability or 0.0
        shares[f"{arm} above na"] = (share, share, share)
        parts.append(part(
            bench, outcome, "C84", name="order", arm=arm, unit=UNIT,
            figure="C84_order.svg",
        ))  # fmt: skip
    picture = Picture("C84_order", "share_bars", {
        "shares": shares, "xlabel": "draws in the order claimed", "criterion": 0.9,
        "title": "C84: R_sp of each arm against that of low sodium",
    })  # fmt: skip
    return parts, [picture]


def slow_pump_fires(bench: Bench) -> Judged:
    """C93: R_sp with a slowed pump."""
    dose = doses_of("C93")[""]
    found, picture = climb(
        bench, "C93_r_sp", ("pump", PUMP_LADDER),
        "C93: slowed Na-K pump and spontaneous events", dose["pump"],
    )  # fmt: skip
    outcome = standard(bench, dose)
    words = f"{outcome.reason}; medians on the ladder {medians(found)} per min"
    return [
        part(bench, replace(outcome, reason=words), "C93", name="r_sp", unit=UNIT,
             figure="C93_r_sp.svg")
    ], [picture]  # fmt: skip


def high_dose_b6(bench: Bench) -> Judged:
    """C96: both assumed changes, then each reset."""
    dose = doses_of("C96")[""]
    outcome = standard(bench, dose)
    told = []
    for name, healthy in (("inhib", 1.0), ("pna_scale", 1.0)):
        left = standard(bench, {**dose, name: healthy})
        told.append(f"{name} reset: {left.verdict}, {left.effect:+.3g} per min")
    reason = f"{outcome.reason}; {'; '.join(told)}; both changes are assumed"
    word = BY_ASSUMPTION if passes(outcome.verdict) else outcome.verdict
    judged = part(
        bench, replace(outcome, verdict=word, reason=reason), "C96", name="r_sp",
        unit=UNIT, figure="C96_r_sp.svg",
    )  # fmt: skip
    drives = (1.0, 1.05, 1.1, 1.2)  # times the healthy drive
    found = rates_at(bench, [{"drive": x} for x in drives])
    picture = ladders(
        bench, "C96_r_sp", [("drive", drives, found, 1.0 / dose["inhib"])],
        "C96: a stronger drive and spontaneous events",
    )  # fmt: skip
    picture.shown["arms"][0] = replace(
        picture.shown["arms"][0], xlabel="drive of the axons / healthy"
    )
    return [judged], [picture]


def stress(bench: Bench) -> Judged:
    """C98: fixed by assumption; what the drive does to low Mg and low PCO2 reported."""
    drive = doses_of("C98")[""]["drive"]
    # pco2 25 mmHg, acute: HCO3 21 mM, pH 7.54 and ionised Ca 1.19 (systemic.md 2.2)
    baths = {"healthy": {}, "mg_o 0.35": {"mg_o": 0.35},
             "pco2 25": {"ph_o": 7.54, "ca_o": 1.19}}  # fmt: skip
    told = []
    for name, bath in baths.items():
        calm, driven = rates_at(bench, [bath, {**bath, "drive": drive}])
        told.append(f"{name} {np.median(calm):.3g} to {np.median(driven):.3g}")
    healthy, driven = rates_at(bench, [{}, {"drive": drive}])
    outcome = Outcome(
        BY_ASSUMPTION, *interval(driven - healthy), None,
        "follows from the assumed drive; median R_sp per min without and with it: "
        f"{', '.join(told)}; tone is read off R_sp; K does not fall with PCO2 here",
    )  # fmt: skip
    return [part(bench, outcome, "C98", name="tone", unit=UNIT)], []


EVALUATED = {
    "C70": harmless_twitches,
    "C83": low_sodium_fires,
    "C84": sodium_last,
    "C93": slow_pump_fires,
    "C96": high_dose_b6,
    "C98": stress,
}
