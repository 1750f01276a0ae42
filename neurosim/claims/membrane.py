"""What the membrane of a muscle fibre decides: rest, threshold, answer to the nerve.

Every draw of a fibre is its own control (``fibre``). The nerve is what it is told to
be: impulses that all reach the terminal, or those of simulated axons.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import change_rule, provided, ratio_rule, share_rule
from neurosim.claims.draws import smallest_dose
from neurosim.claims.judge import (
    IONS,
    Judged,
    Picture,
    band,
    doses_of,
    medians,
    part,
    response,
    turns_back,
)
from neurosim.claims.population import SODIUM, Bench, crossed
from neurosim.claims.silent import (
    control,
    excitable,
    reported,
    unanswered,
)
from neurosim.claims.verdict import Outcome, passes
from neurosim.spontaneous import COARSE

K_LADDER = (4.0, 3.5, 3.0, 2.5, 2.0)  # mM, criteria of C43 and C46
HIGH_K = (4.0, 5.0, 6.0, 7.0)  # mM, of the figure of C52
LEAKY = 0.01  # mS/cm2, criterion of C43
PULSE, STRENGTH = 1.0, 3.0  # ms, and times the highest threshold; notes of C112
IMPULSES, PERIOD, FIRST = 3, 1e3, 100.0  # number; ms between them; ms; criterion C112
FEEBLE = 0.01  # of a twitch: less force is none; notes of C112


def forces(bench: Bench, doses: Sequence[dict], **how: Any) -> np.ndarray:
    """Return the force of a second at 30 Hz, (doses, draws)."""
    return np.stack([bench.fibres.course(dose, **how)["force30"] for dose in doses])


def of_potassium(doses: Sequence[float], **more: float) -> list[dict[str, float]]:
    """Return baths with these levels of potassium."""
    return [{"k_o": k_o, **more} for k_o in doses]


def mildest(ladder: Sequence[float], outcomes: Sequence[Outcome]) -> Any:
    """Return the first dose of a ladder, its reference apart, that passes."""
    return smallest_dose(ladder[1:], [passes(o.verdict) for o in outcomes])


def low_potassium_weakens(bench: Bench) -> Judged:
    """C43: force at 30 Hz over potassium; direct stimulation and a leak reported."""
    dose = doses_of("C43")[""]["k_o"]
    found = forces(bench, of_potassium(K_LADDER))
    ratios = found / found[0]
    outcomes = [ratio_rule(r, 0.90, "down") for r in ratios[1:]]
    outcome = provided(
        outcomes[K_LADDER.index(dose) - 1],
        {"non-increasing on the ladder": not turns_back(found, "down")},
    )
    here, lowest = (unanswered(bench, {"k_o": k}) for k in (dose, K_LADDER[-1]))
    words = (
        f"medians at K {K_LADDER} mM: {medians(ratios)}; {here}, at "
        f"{K_LADDER[-1]:g} mM {lowest}; what K does to the axon is not in it"
    )
    outcome = replace(outcome, reason=f"{outcome.reason}; {words}")
    parts = [part(
        bench, outcome, "C43", name="force30", unit="ratio",
        smallest_dose=mildest(K_LADDER, outcomes), figure="C43_force30.svg",
    )]  # fmt: skip
    healthy, dosed = forces(bench, of_potassium((4.0, dose)), direct=True)
    parts.append(reported(
        bench, dosed / healthy, "C43", "the fibre itself is stimulated",
        name="force30_direct", unit="ratio",
    ))  # fmt: skip
    healthy, dosed = forces(bench, of_potassium((4.0, dose), leak=LEAKY))
    able = np.isfinite([healthy, dosed]).sum(axis=1)
    why = (
        f"with a leak {able[0]} of {healthy.size} fibres have a stable rest at K 4, "
        f"{able[1]} at {dose:g} mM; the others cannot hold potential and ions"
    )
    parts.append(reported(
        bench, dosed / healthy, "C43", why, name="force30_leaky", unit="ratio",
    ))  # fmt: skip
    picture = response(
        "C43_force30", K_LADDER, ratios, control(found[0]), IONS["k_o"],
        "force at 30 Hz / reference", 0.90, "C43: low potassium and force",
    )  # fmt: skip
    return parts, [picture]


def low_potassium_and_the_fibre(bench: Bench) -> Judged:
    """C46, fibre part: threshold of a 1 ms pulse over potassium; rest reported."""
    dose, bound = doses_of("C46")[""]["k_o"], 0.95
    baths = of_potassium(K_LADDER)
    found = excitable(bench, baths, "threshold")
    ratios = found / found[0]
    outcomes = [ratio_rule(r, bound, "down") for r in ratios[1:]]
    outcome = outcomes[K_LADDER.index(dose) - 1]
    words = f"median ratios at K {K_LADDER} mM: {medians(ratios)}"
    judged = part(
        bench, replace(outcome, reason=f"{outcome.reason}; {words}"), "C46",
        name="i_th_fibre", unit="ratio", figure="C46_i_th_fibre.svg",
        smallest_dose=mildest(K_LADDER, outcomes),
    )  # fmt: skip
    rests = excitable(bench, baths, "rest")
    rest = reported(
        bench, rests[K_LADDER.index(dose)] - rests[0], "C46", "rest moves so",
        name="v_rest_fibre", unit="mV",
    )  # fmt: skip
    healthy, low = excitable(bench, of_potassium((4.0, 1.5), leak=LEAKY), "threshold")
    leak = reported(
        bench, low / healthy, "C46", "K 1.5 mM with a leak", name="i_th_fibre_leaky",
        unit="ratio",
    )  # fmt: skip
    picture = response(
        "C46_i_th_fibre", K_LADDER, ratios, control(found[0]), IONS["k_o"],
        "threshold of a 1 ms pulse / reference", bound,
        "C46: low potassium and the threshold of the fibre",
    )  # fmt: skip
    return [judged, rest, leak], [picture]


def too_much_potassium(bench: Bench) -> Judged:
    """C52, potassium arm: rest of the fibre; force at 30 Hz reported."""
    dose = doses_of("C52")["k"]
    rests = excitable(bench, of_potassium(HIGH_K), "rest")
    changes = rests - rests[0]
    outcomes = [change_rule(change, 8.0, "up") for change in changes[1:]]
    healthy, dosed = forces(bench, [{}, dose])
    return [
        part(
            bench, outcomes[-1], "C52", name="v_rest", arm="k", unit="mV",
            smallest_dose=mildest(HIGH_K, outcomes), figure="C52_k.svg",
        ),
        reported(bench, dosed / healthy, "C52", "a second at 30 Hz", name="force30",
                 arm="k", unit="ratio"),
    ], [response(
        "C52_k", HIGH_K, changes, band(rests[0] - np.nanmedian(rests[0])), IONS["k_o"],
        "change of rest (mV)", 8.0, "C52: high potassium and the rest of the fibre",
    )]  # fmt: skip


def rest_and_threshold(bench: Bench) -> Judged:
    """C79, fibre part: both rest and threshold have to move, in each arm."""
    parts, shares = [], {}
    for arm, dose in doses_of("C79").items():
        healthy, dosed = (bench.fibres.excitability(bath) for bath in ({}, dose))
        change = dosed["rest"] - healthy["rest"]
        ratio = dosed["threshold"] / healthy["threshold"]
        usable = np.isfinite(change) & np.isfinite(ratio)
        moved, eased = np.abs(change) >= 2.0, np.abs(ratio - 1.0) >= 0.05
        outcome = share_rule(
            np.where(usable, moved & eased, np.nan), seed=bench.population.seed
        )
        words = (
            f"rest moves by {np.nanmedian(change):+.2f} mV (at least 2 mV in "
            f"{np.mean(moved):.0%} of draws), threshold ratio "
            f"{np.nanmedian(ratio):.2f} (at least 5 % in {np.mean(eased):.0%})"
        )
        shares[arm] = (outcome.effect, outcome.low, outcome.high)
        parts.append(part(
            bench, replace(outcome, reason=f"{words}; both {outcome.reason}"), "C79",
            name="fibre", arm=arm, unit="share of draws", figure="C79_fibre.svg",
        ))  # fmt: skip
    picture = Picture("C79_fibre", "share_bars", {
        "shares": shares, "xlabel": "fibres whose rest and threshold both move",
        "criterion": 0.9, "title": "C79: rest and threshold of the fibre",
    })  # fmt: skip
    return parts, [picture]


def impulses_of_axons(bench: Bench) -> tuple[np.ndarray, np.ndarray]:
    """Return spikes at 1 Hz of each draw's axon, ms, and whether it ran.

    (doses, draws, spikes), NaN-padded, and (doses, draws); with Na channels, without.
    """
    from neurosim import simulate
    from neurosim.protocol import Train

    (healthy,) = bench.excitability([{}])
    strong = STRENGTH * float(np.nanmax(healthy["threshold"]))
    train = Train(
        amplitude=strong, width=PULSE, period=PERIOD, count=IMPULSES, start=FIRST
    )
    none = dict.fromkeys(SODIUM, 0.0)
    model = crossed(bench.model, bench.population, [{}, none])
    found = simulate(
        model, train, duration=IMPULSES * PERIOD, measure=["spike_times"],
        dt=COARSE * model.dt,
    )  # fmt: skip
    size = bench.population.size
    times = found["spike_time"].values.reshape(2, size, -1)
    return times, found["status"].values.reshape(2, size) == 0


def twitches(force: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return how often force, (draws, times), rises through half of a height."""
    above = force - force[:, :1] > 0.5 * height[:, None]
    return np.count_nonzero(above[:, 1:] & ~above[:, :-1], axis=1)


def followed(bench: Bench, times: np.ndarray) -> dict[str, np.ndarray]:
    """Return fibre spikes and force of each draw under spikes of its own axon."""
    found = bench.fibres.run({}, times, IMPULSES * PERIOD)
    first = found["time"] < FIRST + 0.5 * PERIOD
    force = found["force"]
    return {
        "spikes": np.isfinite(found["spike_time"]).sum(axis=1),
        "force": force,
        "first": force[:, first].max(axis=1) - force[:, 0],
        "most": force.max(axis=1) - force[:, 0],
    }


def muscle_answers_nerve(bench: Bench) -> Judged:
    """C112: fibre spikes and twitches for axon spikes at 1 Hz, and without Na."""
    times, able = impulses_of_axons(bench)
    sent, left = np.isfinite(times).sum(axis=-1)
    driven, still = (followed(bench, own) for own in times)
    height = driven["first"]
    counted = twitches(driven["force"], height)
    known = np.isfinite(height) & able.all(axis=0)
    one = (driven["spikes"] == sent) & (counted == sent) & (sent == IMPULSES)
    none = (left == 0) & (still["spikes"] == 0) & (still["most"] < FEEBLE * height)
    parts = []
    for arm, met, words in (
        ("normal", one, f"{np.mean(sent):.3g} axon spikes, "
         f"{np.mean(driven['spikes']):.3g} fibre spikes and {np.mean(counted):.3g} "
         f"twitches per fibre for {IMPULSES} pulses, height {np.nanmedian(height):.2g} "
         "of tetanus"),
        ("blocked", none, f"{np.mean(left):.3g} axon spikes, "
         f"{np.mean(still['spikes']):.3g} fibre spikes; force moves by "
         f"{np.nanmax(still['most'] / height):.2g} of a twitch at most"),
    ):  # fmt: skip
        outcome = share_rule(
            np.where(known, met, np.nan), needed=1.0, seed=bench.population.seed
        )
        name = {"normal": "fibre_per_axon", "blocked": "force"}[arm]
        parts.append(part(
            bench, replace(outcome, reason=f"{words}; {outcome.reason}"), "C112",
            name=name, arm=arm, unit="share of draws", figure="C112.svg",
        ))  # fmt: skip
    picture = Picture("C112", "share_bars", {
        "shares": {p.arm: (p.effect, p.low, p.high) for p in parts},
        "xlabel": "fibres that do what their axon does", "criterion": 1.0,
        "title": "C112: a spike and a twitch for each spike, none without",
    })  # fmt: skip
    return parts, [picture]


EVALUATED = {
    "C43": low_potassium_weakens,
    "C46": low_potassium_and_the_fibre,
    "C52": too_much_potassium,
    "C79": rest_and_threshold,
    "C112": muscle_answers_nerve,
}
