"""What muscle fibres do while their nerve is silent, and what judges of fibres share.

A fibre without impulses still receives single quanta, at the rate of miniatures: from
an undisturbed stable rest nothing could ever begin.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import change_rule, ratio_rule, share_rule
from neurosim.claims.draws import interval
from neurosim.claims.judge import (
    IONS,
    Judged,
    Picture,
    band,
    doses_of,
    medians,
    part,
    response,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import REPORTED, Outcome, Part
from neurosim.physics.reticulum import HEALTHY_MG

SILENT = 10e3  # ms without an impulse; notes of C72
LABELS = IONS | {
    "mg_i": "free Mg in the cell (mM)",
    "atp_supply": "ATP supply / healthy",
    "serca": "activity of SERCA / healthy",
    "release": "voltage-driven release / healthy",
    "caffeine_um": "caffeine (uM)",
}
# mM and uM, where health is not 1
HEALTHY = {"ca_o": 1.25, "mg_o": 0.55, "mg_i": HEALTHY_MG, "k_o": 4.0,
           "caffeine_um": 0.0}  # fmt: skip
POINTS = 100.0  # of a share
EVENTS = "fibres with an event in 10 s without impulses"


def felt(dose: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dose of the ledger as parameters of the fibre; the axon is left out."""
    return {n: v for n, v in dose.items() if n not in ("reset", "reference")}


def silent(bench: Bench, dose: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return what fibres do for 10 s without an impulse of the nerve, (draws,).

    ca [uM] and force (means), events (spikes of the fibre); NaN for one without a rest.
    """
    fibres = bench.fibres

    def make(dose: dict) -> dict[str, np.ndarray]:
        times, quanta, _ = fibres.miniatures(dose, SILENT)
        found = fibres.run(dose, times, SILENT, sent=quanta, every=20.0)
        force = found["force"].mean(axis=1)
        spikes = np.isfinite(found["spike_time"]).sum(axis=1)
        events = np.where(np.isfinite(force), spikes, np.nan)
        return {"ca": found["ca"].mean(axis=1), "force": force, "events": events}

    return fibres.of("fibre_silent", felt(dose), make)


def eventful(bench: Bench, dose: Mapping[str, Any], needed: float) -> Outcome:
    """Return the verdict on the share of draws with an event of a silent nerve's fibre.

    An event in health too is none of the dose.
    """
    healthy, dosed = silent(bench, {})["events"], silent(bench, dose)["events"]
    known = np.isfinite(healthy) & np.isfinite(dosed)
    met = np.where(known, (dosed > 0) & ~(healthy > 0), np.nan)
    outcome = share_rule(met, needed=needed, seed=bench.population.seed)
    words = f"{np.nanmax(dosed):.0f} spikes in 10 s at most"
    return replace(outcome, reason=f"{outcome.reason}; {words}")


def event_bars(
    name: str, shares: Mapping[str, Outcome], needed: float, title: str
) -> Picture:
    """Return the picture of shares of draws with events."""
    lost = float("nan")
    shown = {
        arm: tuple(lost if v is None else v for v in (o.effect, o.low, o.high))
        for arm, o in shares.items()
    }
    return Picture(name, "share_bars", {
        "shares": shown, "xlabel": EVENTS, "criterion": needed, "title": title,
    })  # fmt: skip


def control(reference: np.ndarray) -> tuple[float, float]:
    """Return how far fibres differ in health, relative to their median."""
    return band(reference / np.nanmedian(reference))


def reported(bench: Bench, values: np.ndarray, claim: str, why: str, **labels) -> Part:
    """Return a part that no verdict rests on: median and interval of draws."""
    good = values[np.isfinite(values)]
    numbers = interval(good) if good.size else (None, None, None)
    said = f"{why}; {good.size} of {values.size} fibres have a rest and a value"
    return part(bench, Outcome(REPORTED, *numbers, None, said), claim, **labels)


def unanswered(bench: Bench, dose: Mapping[str, Any]) -> str:
    """Return in words how many fibres do not follow every impulse of the course."""
    found = bench.fibres.course(felt(dose))
    rests = np.isfinite(found["force30"])
    some = rests & (found["transmission"] < 1.0)
    return f"{some.sum()} of {rests.sum()} fibres do not follow every impulse"


def two_doses(
    name: str, quantity: str, dose: float, ratios: np.ndarray, of: np.ndarray,
    ylabel: str, title: str, criterion: float,
) -> Picture:  # fmt: skip
    """Return the picture of ratios at one dose; ``of`` are the reference values."""
    return response(
        name, (HEALTHY.get(quantity, 1.0), dose),
        np.stack([np.ones_like(ratios), ratios]), control(of), LABELS[quantity], ylabel,
        criterion, title,
    )  # fmt: skip


def excitable(bench: Bench, doses: Sequence[dict], what: str) -> np.ndarray:
    """Return ``"rest"`` or ``"threshold"`` of the fibre, (doses, draws)."""
    return np.stack([bench.fibres.excitability(dose)[what] for dose in doses])


def side_by_side(
    name: str, arms: Mapping[tuple[str, str, float], np.ndarray], neutral: float,
    ylabel: str, criterion: float, title: str,
) -> Picture:  # fmt: skip
    """Return the picture of several arms, (name, quantity, dose) -> draws at it."""
    from neurosim.plot import Doses

    drawn = [
        Doses(name=arm, x=(HEALTHY.get(quantity, 1.0), dose), xlabel=LABELS[quantity],
              draws=np.stack([np.full_like(values, neutral), values]))
        for (arm, quantity, dose), values in arms.items()
    ]  # fmt: skip
    return Picture(name, "ladder", {
        "arms": drawn, "ylabel": ylabel, "criterion": criterion, "title": title,
    })  # fmt: skip


def calcium_over_stimulates(bench: Bench) -> Judged:
    """C72: calcium, force and events of fibres whose nerve is silent."""
    given = doses_of("C72")[""]
    healthy, dosed = silent(bench, {}), silent(bench, given)
    ratios = dosed["ca"] / healthy["ca"]
    rise = POINTS * (dosed["force"] - healthy["force"])
    calcium = ratio_rule(ratios, 1.10, "up")
    reason = (
        f"{calcium.reason}; medians {medians(np.stack([healthy['ca'], dosed['ca']]))} "
        "uM; the leak of the reticulum was given its dependence on Mg, Mg^-1.6"
    )
    events = eventful(bench, given, 0.90)
    return [
        part(bench, replace(calcium, reason=reason), "C72", name="ca_rest",
             unit="ratio", figure="C72_ca_rest.svg"),
        part(bench, change_rule(rise, 1.0, "up"), "C72", name="rest_force",
             unit="points of tetanus"),
        part(bench, events, "C72", name="fibre_events", unit="share of draws",
             figure="C72_fibre_events.svg"),
    ], [
        two_doses("C72_ca_rest", "mg_i", given["mg_i"], ratios, healthy["ca"],
                  "Ca with the nerve silent / reference",
                  "C72: low magnesium and resting calcium", 1.10),
        event_bars("C72_fibre_events", {"low Mg": events}, 0.90,
                   "C72: fibres by themselves at low magnesium"),
    ]  # fmt: skip


def stimulant_acts_on_muscle(bench: Bench) -> Judged:
    """C99: events and force of fibres whose nerve is silent; force at 10 Hz."""
    given = doses_of("C99")[""]
    dose, needed = felt(given), 0.10
    healthy, dosed = silent(bench, {}), silent(bench, given)
    rise = POINTS * (dosed["force"] - healthy["force"])
    events = eventful(bench, given, needed)
    usual, stronger = (bench.fibres.course(bath)["force10"] for bath in ({}, dose))
    ratios = stronger / usual
    force = ratio_rule(ratios, 1.05, "up")
    reason = (
        f"{force.reason}; it follows from the shift of the voltage sensor that "
        "caffeine was given (-14 mV at 1.5 mM, frog, Luttgau & Oetliker 1968)"
    )
    return [
        part(bench, events, "C99", name="fibre_events", unit="share of draws",
             figure="C99_fibre_events.svg"),
        part(bench, change_rule(rise, 1.0, "up"), "C99", name="rest_force",
             unit="points of tetanus"),
        part(bench, replace(force, reason=reason), "C99", name="force10",
             unit="ratio", figure="C99_force10.svg"),
    ], [
        event_bars("C99_fibre_events", {"caffeine": events}, needed,
                   "C99: fibres by themselves with caffeine"),
        two_doses("C99_force10", "caffeine_um", dose["caffeine_um"], ratios, usual,
                  "force at 10 Hz / reference", "C99: caffeine and force", 1.05),
    ]  # fmt: skip


def fibres_by_themselves(bench: Bench) -> Judged:
    """C78: threshold of the fibre, and its events with the nerve silent."""
    bound, needed = 0.95, 0.50
    parts, shares = [], {}
    healthy = excitable(bench, [{}], "threshold")[0]
    for arm, given in doses_of("C78").items():
        dose = felt(given)
        eased = ratio_rule(
            excitable(bench, [dose], "threshold")[0] / healthy, bound, "down"
        )
        events = eventful(bench, dose, needed)
        shares[arm] = events
        if arm != "ca":  # reported, criterion of C78
            eased, events = (replace(o, verdict=REPORTED) for o in (eased, events))
        labels = {"arm": arm, "claim": "C78"}
        parts += [
            part(bench, eased, name="i_th_fibre", unit="ratio",
                 figure="C78_i_th_fibre.svg", **labels),
            part(bench, events, name="fibre_events", unit="share of draws",
                 figure="C78_fibre_events.svg", **labels),
        ]  # fmt: skip
    ladder = (1.25, 1.1, doses_of("C78")["ca"]["ca_o"])
    found = excitable(bench, [{"ca_o": ca_o} for ca_o in ladder], "threshold")
    return parts, [
        response(
            "C78_i_th_fibre", ladder, found / found[0], control(found[0]),
            IONS["ca_o"], "threshold of a 1 ms pulse / reference", bound,
            "C78: low calcium and the threshold of the fibre",
        ),
        event_bars("C78_fibre_events", shares, needed, "C78: fibres by themselves"),
    ]  # fmt: skip


EVALUATED = {
    "C72": calcium_over_stimulates,
    "C78": fibres_by_themselves,
    "C99": stimulant_acts_on_muscle,
}
