"""What water loss does to a nerve that is short of magnesium."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurosim.body.doses import SWEATING
from neurosim.claims.course import levels, normal, value
from neurosim.claims.criteria import ratio_rule
from neurosim.claims.draws import interval
from neurosim.claims.judge import Judged, doses_of, response
from neurosim.claims.levels import linked, told
from neurosim.claims.linked import felt
from neurosim.claims.population import Bench
from neurosim.claims.rates import rates_at, ratios
from neurosim.claims.verdict import REPORTED, Outcome

MORE = 1.2  # times, criterion of C30
UNEVEN = 2.0  # points of per cent between two ions, criterion of C30
IONS = {"na": "Na", "k": "K", "ca_total": "total Ca", "mg_total": "total Mg"}


def concentrated(
    bench: Bench, dose: Mapping[str, Any], day: float | None = None
) -> dict[str, np.ndarray]:
    """Return by how many per cent each ion of plasma rises in a dose, (draws,)."""
    dry, wet = levels(bench, dose), levels(bench, {})
    return {
        name: 100.0 * (value(dry, name, day) / value(wet, name) - 1.0) for name in IONS
    }


def dry_and_short_of_magnesium(bench: Bench) -> Judged:
    """C30: R_sp dry against wet at one low Mg; K held, and each ion alone, beside."""
    arms = doses_of("C30")
    loss = {n: v for n, v in arms["dry"].items() if n != "mg_o"}
    low = {"mg_o": arms["wet"]["mg_o"]}
    ions = {n: v for n, v in felt(bench, loss).items() if n != "mg_o"}
    held = {n: v for n, v in ions.items() if n != "k_o"}
    risen = felt(bench, loss).get("mg_o", normal("mg_o")) / normal("mg_o")
    baths = {
        "dry": low | ions, "K held": low | held,
        "Mg concentrated too": ions | {"mg_o": low["mg_o"] * risen},
    } | {f"{n} alone": low | {n: v} for n, v in ions.items()}  # fmt: skip
    wet, *others = rates_at(bench, [low, *baths.values()])
    found = dict(zip(baths, others, strict=True))
    times = {name: ratios(rate, wet) for name, rate in found.items()}
    outcome = ratio_rule(times["dry"], MORE, "up", opposite=1.0 / MORE)
    rises = concentrated(bench, loss)
    wrung = concentrated(bench, loss, SWEATING)
    middle = {name: float(np.median(rise)) for name, rise in rises.items()}
    uneven = max(middle.values()) - min(middle.values()) > UNEVEN
    words = (
        f"median R_sp wet and dry {told([wet, found['dry']])} per min; ratio to wet: "
        + ", ".join(f"{n} {np.nanmedian(v):.3g}" for n, v in times.items())
    )
    parts = [linked(
        bench, outcome, "C30", name="r_sp", unit="ratio", words=words,
        figure="C30_r_sp.svg",
    )]  # fmt: skip
    k_held = ratio_rule(times["K held"], MORE, "up", opposite=1.0 / MORE)
    parts.append(linked(
        bench, Outcome(REPORTED, k_held.effect, k_held.low, k_held.high,
                       k_held.sign_probability,
                       f"the rule would read {k_held.verdict}: {k_held.reason}"),
        "C30", name="k_held", unit="ratio",
    ))  # fmt: skip
    said = (
        "median rise in per cent: "
        + ", ".join(f"{IONS[n]} {rise:.2f}" for n, rise in middle.items())
        + "; at the end of the sweating "
        + ", ".join(f"{IONS[n]} {np.median(v):.2f}" for n, v in wrung.items())
        + f"; {'uneven' if uneven else 'even'}: two ions are asked to differ by more "
        f"than {UNEVEN:g} points"
    )
    widest = np.ptp(np.stack(list(rises.values())), axis=0)
    parts.append(linked(bench, Outcome(REPORTED, *interval(widest), None, said), "C30",
                        name="spread", unit="% points"))  # fmt: skip
    picture = response(
        "C30_r_sp", (0.0, 100.0 * loss["body_mass_loss"]),
        np.stack([ratios(wet, wet), times["dry"]]), (1.0, 1.0),
        f"loss of body mass (%), ionised Mg {low['mg_o']:g} mM", "R_sp / wet", MORE,
        "C30: dehydration at low magnesium",
    )  # fmt: skip
    return parts, [picture]


EVALUATED = {"C30": dry_and_short_of_magnesium}
