"""What the modules of claims share: parts, pictures, arms of the ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neurosim.claims.draws import monotone
from neurosim.claims.ledger import find
from neurosim.claims.population import Bench
from neurosim.claims.verdict import NOT_EVALUATED, Outcome, Part, as_part

MODE = "direct"
FLAT = 1e-3  # of a median: smaller steps of a ladder are within the bisection's width

# unit and name of a dose, for axes
IONS = {
    "ca_o": "ionised Ca outside (mM)",
    "mg_o": "ionised Mg outside (mM)",
    "k_o": "K outside (mM)",
    "na_o": "Na outside (mM)",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as data: a function of ``neurosim.plot`` and what it is given."""

    name: str
    kind: str  # "dose_response", "ladder" or "share_bars"
    shown: dict[str, Any] = field(hash=False)


def response(name, doses, draws, control, xlabel, ylabel, criterion, title) -> Picture:
    """Return the picture of a quantity, (doses, draws), over a dose."""
    return Picture(name, "dose_response", {
        "x": doses, "draws": draws, "control": control, "xlabel": xlabel,
        "ylabel": ylabel, "criterion": criterion, "title": title,
    })  # fmt: skip


Judged = tuple[list[Part], list[Picture]]
Judge = Callable[[Bench], Judged]


def doses_of(claim: str) -> dict[str, dict[str, Any]]:
    """Return the doses of a claim as the ledger has them, by arm."""
    return {arm.name: dict(arm.settings) for arm in find([claim])[0].arms}


def band(values: np.ndarray) -> tuple[float, float]:
    """Return the 5th and 95th percentile of the usable values."""
    low, high = np.nanpercentile(values, (5.0, 95.0))
    return float(low), float(high)


def part(bench: Bench, outcome: Outcome, claim: str, **labels) -> Part:
    """Return a part in direct mode with this population's seed."""
    return as_part(
        outcome, claim=claim, **{"mode": MODE, "seed": bench.population.seed} | labels
    )


def waits(claim: str, name: str, arm: str, for_what: str, mode: str = MODE) -> Part:
    """Return a part that a later stage of the chain will judge."""
    return Part(
        claim=claim, name=name, arm=arm, verdict=NOT_EVALUATED, mode=mode,
        reason=f"needs {for_what}",
    )  # fmt: skip


def turns_back(found: np.ndarray, direction: str) -> bool:
    """Tell whether the medians along a ladder, (doses, draws), turn back."""
    return not monotone(np.nanmedian(found, axis=1).tolist(), direction, FLAT)


def settings_of(dose: dict[str, Any]) -> dict[str, Any]:
    """Return a dose of the ledger as parameters of the axon (and ``drive``).

    What only later stages feel (the ATP supply of muscle, loss of axons) is left out.
    ``pna_scale`` scales both Na conductances; ``inhib`` is what is left of the
    inhibition that holds the drive down: the drive grows by its inverse, and with the
    persistent inward current of motoneurons, ``pic`` (both assumed).
    """
    given = {n: v for n, v in dose.items() if n not in ("atp_supply", "axon_loss")}
    scale, left = given.pop("pna_scale", 1.0), given.pop("inhib", 1.0)
    left = left / given.pop("pic", 1.0)
    if scale != 1.0:
        given["na_scale"] = scale
    if left != 1.0:
        given["drive"] = given.get("drive", 1.0) / left
    return given


def medians(rates: np.ndarray) -> str:
    """Return the medians of (doses, draws) in words, for a reason."""
    return ", ".join(f"{middle:.3g}" for middle in np.nanmedian(rates, axis=1))
