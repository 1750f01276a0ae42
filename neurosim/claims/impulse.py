"""What an impulse along a whole fibre decides: height, velocity, safety factor.

The fibre is the motor axon with 21 nodes (``motor_cable``), each draw at the
equilibrium of its bath. It has the parameters of the unit, so the draws are the same.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import ratio_rule, share_rule
from neurosim.claims.judge import (
    IONS,
    Judged,
    band,
    doses_of,
    part,
    response,
)
from neurosim.claims.population import Bench, crossed
from neurosim.claims.verdict import REPORTED, Part, passes

NA_LADDER = (140.0, 125.0, 115.0)  # mM
K_LADDER = (4.0, 2.5)  # mM
COARSE = 4.0  # times the default step: the conductance factor moves by 0.2 %
DOUBLE = 2.0  # the same: the current factor moves by 1 %


def impulse(bench: Bench, dose: dict) -> dict[str, np.ndarray]:
    """Return velocity [m/s] and height [mV] of the impulse at a dose, (draws,)."""

    def run(dose: dict) -> dict[str, np.ndarray]:
        from neurosim.conduction import conduction
        from neurosim.models import MOTOR_CABLE

        found = conduction(crossed(MOTOR_CABLE, bench.population, [dose]))
        return {
            "cv": found["conduction_velocity"].values.ravel(),
            "ap_amplitude": found["ap_amplitude"].values.ravel(),
        }

    return bench.once("impulse", dose, run)


def safety(bench: Bench, dose: dict) -> dict[str, np.ndarray]:
    """Return two safety factors of conduction at a dose, (draws,).

    The conductance factor decides: it is 1 where conduction fails. The current factor
    (action current over threshold current) is reported beside it.
    """

    def run(dose: dict) -> dict[str, np.ndarray]:
        from neurosim.conduction import action_current_ratio, conduction_safety_factor
        from neurosim.models import MOTOR_CABLE

        model = crossed(MOTOR_CABLE, bench.population, [dose])
        factor = conduction_safety_factor(model, dt=COARSE * model.dt)
        current = action_current_ratio(model, dt=DOUBLE * model.dt)
        return {
            "safety_factor": factor.values.ravel(),
            "current_factor": current.values.ravel(),
        }

    return bench.once("safety", dose, run)


def low_sodium_weakens_the_impulse(bench: Bench) -> Judged:
    """C48, impulse part: height and velocity at low sodium; high sodium reported."""
    dose = doses_of("C48")[""]
    parts: list[Part] = []
    pictures = []
    words = {
        "ap_amplitude": "height of the impulse / reference",
        "cv": "conduction velocity / reference",
    }
    found = [impulse(bench, {"na_o": na_o}) for na_o in (*NA_LADDER, 160.0)]
    for name, label in words.items():
        values = np.stack([bath[name] for bath in found])
        ratios = values / values[0]
        outcome = ratio_rule(ratios[NA_LADDER.index(dose["na_o"])], 0.95, "down")
        high = np.nanmedian(ratios[-1])
        reason = f"{outcome.reason}; at Na 160 mM {high:.3g}"
        parts.append(part(
            bench, replace(outcome, reason=reason), "C48", name=name, unit="ratio",
            figure=f"C48_{name}.svg",
        ))  # fmt: skip
        pictures.append(response(
            f"C48_{name}", NA_LADDER, ratios[:-1],
            band(values[0] / np.nanmedian(values[0])), IONS["na_o"], label, 0.95,
            "C48: low sodium and the impulse",
        ))  # fmt: skip
    return parts, pictures


def low_potassium_and_conduction(bench: Bench) -> Judged:
    """C82: safety factor of conduction at low potassium; velocity reported."""
    dose = doses_of("C82")[""]
    baths = [safety(bench, {"k_o": k_o}) for k_o in K_LADDER]
    found, current = (
        np.stack([bath[name] for bath in baths])
        for name in ("safety_factor", "current_factor")
    )
    at = K_LADDER.index(dose["k_o"])
    ratios = found / found[0]
    ratio = ratio_rule(ratios[at], 0.90, "down")
    blocked = np.where(np.isfinite(found[at]), found[at] < 1.0, np.nan)
    block = share_rule(blocked, needed=0.10, seed=bench.population.seed)
    healthy, dosed = (impulse(bench, bath)["cv"] for bath in ({}, dose))
    speed = ratio_rule(dosed / healthy, 0.95, "down")
    other = ratio_rule(current[at] / current[0], 0.90, "down")
    labels: dict[str, Any] = {"unit": "ratio", "figure": "C82_ratio.svg"}
    reason = (
        f"{ratio.reason}; the factor itself is {np.median(found[0]):.2f} healthy and "
        f"{np.median(found[at]):.2f} at the dose (Na conductance over the least that "
        "carries an impulse)"
    )
    parts = [
        part(bench, replace(ratio, reason=reason), "C82", name="ratio", **labels),
        part(bench, block, "C82", name="block", unit="share of draws"),
        part(bench, replace(speed, verdict=REPORTED), "C82", name="cv", unit="ratio"),
        part(bench, replace(other, verdict=REPORTED), "C82", name="current_ratio",
             unit="ratio"),
    ]  # fmt: skip
    picture = response(
        "C82_ratio", K_LADDER, ratios, band(found[0] / np.median(found[0])),
        IONS["k_o"], "safety factor of conduction / reference", 0.90,
        "C82: low potassium and conduction",
    )  # fmt: skip
    if not passes(ratio.verdict):
        parts[1] = replace(parts[1], reason=f"{parts[1].reason}; the ratio decides")
    return parts, [picture]


EVALUATED = {
    "C48": low_sodium_weakens_the_impulse,
    "C82": low_potassium_and_conduction,
}
