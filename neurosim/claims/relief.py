"""Whether a correction calms those it should: R_sp before and after, draw by draw."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurosim.claims.draws import interval, symptomatic
from neurosim.claims.judge import Judged, band, doses_of
from neurosim.claims.levels import linked, over_time, told
from neurosim.claims.linked import baths, felt
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, rates_at
from neurosim.claims.verdict import (
    NOT_EVALUABLE,
    NOT_SUPPORTED,
    REPORTED,
    REPRODUCED,
    Outcome,
    Part,
)

FEWEST = 0.20  # of draws symptomatic, for relief to be judged; C25, C87, C103
BACK = 0.75  # of these back in the control interval; C25, C87, C103


def relief(
    bench: Bench, claim: str, before: dict, after: dict, *,
    without: dict | None = None, **labels: Any,
) -> Part:  # fmt: skip
    """Return whether those symptomatic before are in the control interval after.

    without : the bath at that time without the treatment, if time alone may help.
    """
    healthy, ill = rates_at(bench, [{}, before])
    sick = symptomatic(ill, bench.controls()) > 0
    share = float(sick.mean())
    said = (
        f"{share:.0%} of draws symptomatic before; {baths(before)}; median R_sp "
        f"{np.nanmedian(ill):.3g} per min"
    )
    if share < FEWEST:
        outcome = Outcome(NOT_EVALUABLE, share, reason=f"{said}; {FEWEST:.0%} needed")
        return linked(bench, outcome, claim, unit="share symptomatic", **labels)
    (eased,) = rates_at(bench, [after])
    low, high = band(healthy)

    def inside(rates: np.ndarray) -> float:
        return float(np.mean((rates[sick] >= low) & (rates[sick] <= high)))

    back, alone = inside(eased), ""
    if without is not None:
        (untreated,) = rates_at(bench, [without])
        alone = f"; without treatment {inside(untreated):.0%} are by then"
    outcome = Outcome(
        REPRODUCED if back >= BACK else NOT_SUPPORTED, back, None, None, back,
        f"{said}; after, {back:.0%} of these are within {low:.3g} to {high:.3g} "
        f"({BACK:.0%} asked for), median {told([eased[sick]])}; {baths(after)}{alone}",
    )  # fmt: skip
    return linked(bench, outcome, claim, unit="share back", **labels)


def untreated(dose: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dose of a correction without what corrects."""
    left = {n: v for n, v in dose.items() if n != "treat"}
    return left | ({"supplement_mg": 0} if "supplement_mg" in dose else {})


def supplement_calms(bench: Bench) -> Judged:
    """C25: R_sp before and after four weeks of a supplement, and of waiting."""
    dose = doses_of("C25")[""]
    begun, done = felt(bench, dose, 0.0), felt(bench, dose)
    judged = relief(
        bench, "C25", begun, done, without=felt(bench, untreated(dose)), name="r_sp",
        figure="C25_mg_total.svg",
    )  # fmt: skip
    replete = {n: v for n, v in dose.items() if not n.startswith("start")}
    healthy, more = rates_at(bench, [{}, felt(bench, replete)])
    effect, low, high = interval((more - healthy)[np.isfinite(more)])
    apart = Outcome(
        REPORTED, effect, low, high, None, "replete persons who take the same"
    )
    title = "C25: plasma Mg during repletion"
    return [
        judged, linked(bench, apart, "C25", name="replete", unit=UNIT)
    ], [over_time(bench, "C25_mg_total", dose, "mg_total", title)]  # fmt: skip


def corrections(bench: Bench) -> Judged:
    """C103: R_sp before and after each correction, and after waiting as long."""
    parts = []
    for arm, dose in doses_of("C103").items():
        begun, done = felt(bench, dose, 0.0), felt(bench, dose)
        waited = felt(bench, untreated(dose))
        parts.append(relief(
            bench, "C103", begun, done, without=waited, name="r_sp", arm=arm
        ))  # fmt: skip
    return parts, []


def drinks(bench: Bench) -> Judged:
    """C87: R_sp after sweat, with and without each drink."""
    doses = doses_of("C87")
    dry = felt(bench, doses["none"])
    return [
        relief(bench, "C87", dry, felt(bench, doses[arm]), name="r_sp", arm=arm)
        for arm in ("water", "ors")
    ], []


EVALUATED = {"C25": supplement_calms, "C87": drinks, "C103": corrections}
