"""Twitches while muscle recovers from hard work: what of it reaches the axon.

The branches of a motor axon inside the muscle lie in its interstitium: they share its
potassium, washed out as in the fibres, and its heat. Phosphate and acid stay in the
fibre. The drive is that of rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import share_rule, standard_rule
from neurosim.claims.draws import interval, share_removed
from neurosim.claims.judge import Judged, Picture, band, doses_of, part
from neurosim.claims.levels import told
from neurosim.claims.population import Bench
from neurosim.claims.rates import FLOOR, R_SP, UNIT, rates_at
from neurosim.claims.verdict import (
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    REPORTED,
    REPRODUCED,
    Outcome,
    passes,
)

MINUTES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0)  # after work, notes of C66
LATE = 60.0  # min, criterion of C66
COOLING = 20.0  # min, of muscle: blood flow 5 mL/(100 mL min), recalled; notes of C66
SAME = 0.05  # of its control, within which a draw is back; notes of C66
SHARE = 0.5  # of the rise, what Pi and pH have to bear; criterion of C100
MINUTE = 60e3  # ms
# what of the state after work reaches the axon, and under which name
REACHES = {"k_int": "k_o", "temperature_m": "temperature"}


def after_work(
    bench: Bench, dose: Mapping[str, Any], minute: float, reset: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the bath of the axon's branches in the muscle, minutes after work.

    Potassium is washed out and the muscle cools; phosphate and pH stay in the fibre.
    reset : what of the dose is taken back, in its words.
    """
    wash_out = bench.fibres.population.values["tau_blood"] / MINUTE
    left = {"k_int": np.exp(-minute / wash_out),
            "temperature_m": np.exp(-minute / COOLING)}  # fmt: skip
    given = {}
    for name, felt in REACHES.items():
        usual = bench.model.parameters[felt].value
        if name in dose and name not in reset:
            given[felt] = usual + (dose[name] - usual) * left[name]
    return given


def recovering(bench: Bench, dose: Mapping[str, Any], reset: Iterable[str] = ()):
    """Return R_sp at each of ``MINUTES`` and its mean over them, 1/min, per draw.

    Straight lines between them: where R_sp falls steeply the mean is too high.
    """
    found = rates_at(bench, [after_work(bench, dose, m, reset) for m in MINUTES])
    span = MINUTES[-1] - MINUTES[0]
    return found, np.trapezoid(found, MINUTES, axis=0) / span


def twitches_after_work(bench: Bench) -> Judged:
    """C66: R_sp in the half hour after hard work, and after an hour."""
    dose = doses_of("C66")[""]
    found, mean = recovering(bench, dose)
    healthy, late = rates_at(bench, [{}, after_work(bench, dose, LATE)])
    rise = standard_rule(mean - healthy, healthy, "up")
    alone = [after_work(bench, {n: dose[n]}, MINUTES[0]) for n in REACHES]
    words = (
        f"{rise.reason}; median R_sp healthy {told([healthy])}, then {told(found)} at "
        f"{', '.join(f'{m:g}' for m in MINUTES)} min and {told([late])} at {LATE:g} "
        f"min; at {MINUTES[0]:g} min K alone and heat alone give "
        f"{told(rates_at(bench, alone))} per min"
    )
    first = standard_rule(found[0] - healthy, healthy, "up")
    begun = (
        f"R_sp {MINUTES[0]:g} min after work, on which no verdict rests: by itself it "
        f"reads {first.verdict} ({first.reason})"
    )
    back = returned(healthy, late, bench.population.seed)
    figure = {"figure": "C66_r_sp.svg"}
    return [
        part(bench, replace(rise, reason=words), "C66", name="rise", unit=UNIT,
             **figure),
        part(bench, back, "C66", name="return", unit="share of draws", **figure),
        part(bench, replace(first, verdict=REPORTED, reason=begun), "C66",
             name="first_minute", unit=UNIT),
    ], [over_minutes(np.vstack([found, late]), healthy)]  # fmt: skip


def returned(healthy: np.ndarray, late: np.ndarray, seed: int) -> Outcome:
    """Judge whether draws are back in the interval of health, or at their own rate."""
    low, high = band(healthy)
    inside = (late >= low) & (late <= high)
    met = inside | (np.abs(late - healthy) <= SAME * healthy)
    usable = np.isfinite(late) & np.isfinite(healthy)
    return share_rule(np.where(usable, met, np.nan), seed=seed)


def over_minutes(found: np.ndarray, healthy: np.ndarray) -> Picture:
    """Return the picture of R_sp over the minutes after work, (minutes, draws)."""
    from neurosim.plot import Doses

    arm = Doses(name="R_sp", x=(*MINUTES, LATE), draws=found,
                xlabel="minutes after work")  # fmt: skip
    return Picture("C66_r_sp", "ladder", {
        "arms": [arm], "ylabel": f"{R_SP} (1/min)", "control": band(healthy),
        "log_from": FLOOR, "title": "C66: spontaneous events after hard work",
    })  # fmt: skip


def waste_products(bench: Bench) -> Judged:
    """C100: share of the rise of C66 that goes with phosphate and acid."""
    dose = doses_of("C100")[""]
    (healthy,) = rates_at(bench, [{}])
    rise = recovering(bench, dose)[1] - healthy
    first = standard_rule(rise, healthy, "up")
    if not passes(first.verdict):
        reason = (
            "asked only if C66 passes, and the mean R_sp of half an hour does not "
            f"there ({first.verdict})"
        )
        return [part(bench, Outcome(NOT_EVALUABLE, reason=reason), "C100",
                     name="share_waste")], []  # fmt: skip
    resets = {"Pi and pH": dose["reset"], "K": ("k_int",), "heat": ("temperature_m",)}
    shares = {
        name: share_removed(rise, recovering(bench, dose, reset)[1] - healthy)
        for name, reset in resets.items()
    }
    bars = {name: interval(values[np.isfinite(values)])
            for name, values in shares.items()}  # fmt: skip
    effect, low, high = bars["Pi and pH"]
    told_shares = ", ".join(f"{name} {bar[0]:.0%}" for name, bar in bars.items())
    outcome = Outcome(
        REPRODUCED if effect >= SHARE else NOT_SUPPORTED, effect, low, high, None,
        f"share of the rise that a reset removes: {told_shares}; phosphate and acid "
        "stay in the fibre and do not reach the axon",
    )  # fmt: skip
    picture = Picture("C100_share_waste", "share_bars", {
        "shares": bars, "xlabel": "of the rise of R_sp removed", "criterion": SHARE,
        "title": "C100: what is behind twitches after work",
    })  # fmt: skip
    return [part(bench, outcome, "C100", name="share_waste", unit="share",
                 figure="C100_share_waste.svg")], [picture]  # fmt: skip


EVALUATED = {"C66": twitches_after_work, "C100": waste_products}
