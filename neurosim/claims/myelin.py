"""What thin and lost myelin does to motor axons, their units and their firing.

A g-ratio above 0.70 is a thinner sheath, a lost internode bare axolemma
(``neurosim.myelin``); both are put in. Fibres have 20 internodes (23 mm), so a unit is
lost by what happens in that stretch; the nerve to a muscle is twenty times as long.
"""

from dataclasses import replace

import numpy as np

from neurosim.claims.criteria import ratio_rule, standard_rule
from neurosim.claims.draws import interval
from neurosim.claims.impulse import impulse, safety
from neurosim.claims.judge import (
    Judged,
    Picture,
    band,
    doses_of,
    part,
    response,
)
from neurosim.claims.levels import linked, told
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, ratios
from neurosim.claims.sheath import (
    INTERNODES,
    RATE,
    SENT,
    STREAM,
    STRONG,
    conducted,
    demyelinated,
    fires_beside_bare,
    lost_units,
    partaking,
    put_in,
    stopped,
    thin,
    thin_safety,
)
from neurosim.claims.verdict import BY_ASSUMPTION, REPORTED, Outcome, passes
from neurosim.myelin import HEALTHY_G

SEVERITIES = ("mild", "moderate", "severe")
YEAR = 365.0  # d, when B12 is looked at (days of causes.csv)
NERVE = 430  # internodes of 1.15 mm in half a metre, from the cord to the hand
SEVERE = {"g_ratio": 0.82, "internode_loss": 0.15}  # causes.csv, b12
ECTOPIC = 1.05  # times Na conductance: persistent Na up by 2-5 % (muscle.md 7.2)


def slow_motor_axons(bench: Bench) -> Judged:
    """C54: motor velocity after a year without B12; safety factor and block."""
    dose = doses_of("C54")[""]
    moved = [put_in({**dose, "severity": how}, YEAR) for how in SEVERITIES]
    g = [each["g_ratio"] for each in moved]
    lost = [each.get("internode_loss", 0.0) for each in moved]
    healthy = impulse(bench, {})["cv"]
    # as C90 asks it, so that one run does for both
    slow = [conducted(bench, thin(x), SENT if x == g[1] else 1)["thin_cv"] for x in g]
    found = np.stack([healthy, *slow])
    ratio = found / healthy
    outcome = ratio_rule(ratio[2], 0.97, "down")
    words = (
        f"velocity {told(found)} m/s in health and at g-ratio "
        f"{', '.join(f'{x:.2f}' for x in g)} (mild, moderate, severe), of axons that "
        "conduct; the g-ratio is put in"
    )
    parts = [linked(bench, outcome, "C54", name="cv", unit="ratio", words=words,
                    figure="C54_cv.svg")]  # fmt: skip
    factors = [safety(bench, {})["safety_factor"], thin_safety(bench, thin(g[1]))]
    said = (
        f"Na conductance over the least that carries an impulse {told(factors)} in "
        "health and with the moderate sheath, no internode lost"
    )
    parts.append(linked(
        bench, Outcome(REPORTED, *interval(factors[1] / factors[0]), None, said),
        "C54", name="safety_factor", unit="ratio",
    ))  # fmt: skip
    stops = stopped(bench, g[1])
    blocked = [
        lost_units(bench, share, STREAM, INTERNODES).mean(axis=1) for share in lost
    ]
    said = (
        f"one lost internode stops the impulse in {np.nansum(stops):.0f} of "
        f"{np.isfinite(stops).sum()} fibres; {told(blocked)} of the axons of a pool "
        f"have lost one of {INTERNODES} (mild, moderate, severe), of {NERVE} (half a "
        f"metre) {1.0 - (1.0 - lost[1]) ** NERVE:.2f} at the moderate loss: far more "
        "than in patients, so bare internodes spread over all axons are no picture of "
        "B12 shortage"
    )
    parts.append(linked(
        bench, Outcome(REPORTED, *interval(blocked[1]), None, said), "C54",
        name="block", unit="share of axons",
    ))  # fmt: skip
    picture = response(
        "C54_cv", [HEALTHY_G, *g], ratio,
        band(healthy / np.nanmedian(healthy)), "g-ratio (axon over fibre diameter)",
        "conduction velocity / healthy", 0.97,
        "C54: vitamin B12 and motor conduction",
    )  # fmt: skip
    return parts, [picture]


def weak_pool(bench: Bench) -> Judged:
    """C90: force of the units whose axons carry 30 Hz, axon loss set to 0."""
    dose = doses_of("C90")[""]
    g, share = dose["g_ratio"], dose["internode_loss"]
    arrived = conducted(bench, thin(g), SENT)["arrived"]
    follows = arrived == SENT
    stops = stopped(bench, g)
    known = np.isfinite(arrived) & (stops == 1)
    whole = np.where(known, follows * partaking(bench, share), np.nan)
    alone = follows.astype(float)
    few = partaking(bench, share, 1)
    outcome = ratio_rule(whole, 0.95, "down")
    words = (
        f"at g-ratio {g:g} {np.count_nonzero(follows)} of {follows.size} fibres pass "
        f"on {SENT} of {SENT} impulses at {RATE:g} Hz, so thin sheaths alone leave "
        f"{np.median(alone):.2f} of the force; one lost internode stops the impulse in "
        f"{np.nansum(stops):.0f}, so all of the effect is the loss put in, "
        f"{share:.0%} of internodes, each by itself, over {INTERNODES} of them; the "
        f"same loss gathered in {share:.0%} of the axons leaves "
        f"{np.median(few):.2f}, over {NERVE} internodes (half a metre) a share of "
        f"{(1.0 - share) ** NERVE:.0e} of the axons conducts"
    )
    built_in = passes(outcome.verdict) and np.median(alone) == 1.0
    verdict = BY_ASSUMPTION if built_in else outcome.verdict
    outcome = replace(outcome, verdict=verdict, reason=f"{outcome.reason}; {words}")
    judged = part(
        bench, outcome, "C90",
        name="force30", unit="ratio", figure="C90_force30.svg",
    )  # fmt: skip
    shares = {
        "thin sheaths, none lost": interval(alone),
        "loss gathered in as few axons as can be": interval(few),
        "each internode by itself": interval(whole[np.isfinite(whole)]),
    }
    picture = Picture("C90_force30", "share_bars", {
        "shares": shares, "xlabel": "force of the pool at 30 Hz / healthy",
        "criterion": 0.95, "title": "C90: vitamin B12, myelin and force",
    })  # fmt: skip
    return [judged], [picture]


def twitches_without_b12(bench: Bench) -> Judged:
    """C91: R_sp with thin and lost myelin; severe and ectopic settings reported."""
    dose = doses_of("C91")[""]
    (rested,) = bench.rates([{}])
    healthy, i_th = rested.r_sp, rested.i_th[:, 0]
    found = demyelinated(bench, dose)
    dosed = found["myelin_r_sp"]
    outcome = standard_rule(dosed - healthy, healthy, "up")
    fires = fires_beside_bare(bench)
    words = (
        f"median R_sp {told([healthy, dosed])} per min, ratio "
        f"{np.nanmedian(ratios(dosed, healthy)):.3g}; with no internode lost "
        f"{told([found['thin_r_sp']])}; threshold current times "
        f"{np.nanmedian(found['thin_i_th'] / i_th):.3f} with the thin sheath; between "
        f"bare internodes a node fires at {STRONG:g} nA in {np.nansum(fires):.0f} of "
        f"{np.isfinite(fires).sum()} draws, so it adds nothing"
    )
    parts = [part(
        bench, replace(outcome, reason=f"{outcome.reason}; {words}"), "C91",
        name="r_sp", unit=UNIT, figure="C91_r_sp.svg",
    )]  # fmt: skip
    shown = {}
    others = {"severe": dose | SEVERE, "ectopic": dose | {"pna_scale": ECTOPIC}}
    for name, other in others.items():
        shown[name] = demyelinated(bench, other)["myelin_r_sp"]
        rule = standard_rule(shown[name] - healthy, healthy, "up")
        said = f"the standard rule would read {rule.verdict}: {rule.reason}"
        parts.append(part(
            bench, replace(rule, verdict=REPORTED, reason=said), "C91", name=name,
            unit=UNIT,
        ))  # fmt: skip
    picture = response(
        "C91_r_sp", (HEALTHY_G, dose["g_ratio"], SEVERE["g_ratio"]),
        np.stack([healthy, dosed, shown["severe"]]), band(healthy),
        "g-ratio, with the loss of internodes",
        "R_sp (1/min)", None, "C91: myelin and spontaneous events",
    )  # fmt: skip
    return parts, [picture]


EVALUATED = {
    "C54": slow_motor_axons,
    "C90": weak_pool,
    "C91": twitches_without_b12,
}
