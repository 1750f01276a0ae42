"""What threshold and rest of a human motor axon decide, one ion at a time.

Each function takes a ``Bench`` (a population with its runs) and returns the parts that
it can judge and the pictures that show them. Doses, directions and bounds are those of
the ledger.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neurosim.claims.criteria import (
    change_rule,
    provided,
    ratio_rule,
    share_rule,
)
from neurosim.claims.draws import smallest_dose
from neurosim.claims.judge import (
    IONS,
    Judged,
    band,
    doses_of,
    part,
    response,
    turns_back,
)
from neurosim.claims.population import Bench, crossed
from neurosim.claims.verdict import REPORTED, passes

MG_LADDER = (0.55, 0.45, 0.35, 0.226, 0.15)  # mM ionised, criterion of C11
CA_LADDER = (1.25, 1.15, 1.05, 0.95, 0.85, 0.75, 0.65)  # mM ionised, criterion of C34
K_LADDER = (4.0, 3.5, 3.0, 2.5, 2.0)  # mM, criterion of C46


def ladder(bench: Bench, ion: str, doses: Sequence[float], what: str) -> np.ndarray:
    """Return a quantity over a ladder of one ion, (doses, draws), reference first."""
    baths = bench.excitability([{ion: dose} for dose in doses])
    return np.stack([bath[what] for bath in baths])


def spread_of(reference: np.ndarray) -> tuple[float, float]:
    """Return how far axons differ in the reference bath, relative to their median."""
    return band(reference / np.nanmedian(reference))


def low_magnesium_lowers_threshold(bench: Bench) -> Judged:
    """C11: threshold of a 1 ms pulse (and of a 40 ms step) over ionised magnesium."""
    dose, bound = 0.226, 0.95
    baths = [{"mg_o": mg_o} for mg_o in MG_LADDER]
    asked = {
        "i_th": ("1 ms pulse", ladder(bench, "mg_o", MG_LADDER, "threshold")),
        "rheobase": (
            "40 ms step", np.stack([r.i_th[:, 0] for r in bench.rates(baths)])
        ),
    }  # fmt: skip
    parts, pictures = [], []
    for name, (stimulus, found) in asked.items():
        ratios = found / found[0]
        outcomes = [ratio_rule(r, bound, "down") for r in ratios[1:]]
        outcome = provided(
            outcomes[MG_LADDER.index(dose) - 1],
            {"non-increasing on the ladder": not turns_back(found, "down")},
        )
        if name == "rheobase":  # the criterion asks for the 1 ms pulse
            outcome = replace(outcome, verdict=REPORTED)
        passed = [passes(o.verdict) for o in outcomes]
        parts.append(part(
            bench, outcome, "C11", name=name, unit="ratio", figure=f"C11_{name}.svg",
            smallest_dose=smallest_dose(MG_LADDER[1:], passed),
        ))  # fmt: skip
        pictures.append(response(
            f"C11_{name}", MG_LADDER, ratios, spread_of(found[0]), IONS["mg_o"],
            f"threshold of a {stimulus} / reference", bound,
            "C11: low magnesium and the threshold of the axon",
        ))  # fmt: skip
    return parts, pictures


def low_calcium_lowers_threshold(bench: Bench) -> Judged:
    """C34, axon part: threshold of a 1 ms pulse over ionised calcium."""
    found = ladder(bench, "ca_o", CA_LADDER, "threshold")
    ratios = found / found[0]
    dosed = ladder(bench, "ca_o", (1.25, 0.9), "threshold")
    outcome = provided(
        ratio_rule(dosed[1] / dosed[0], 1.0, "down"),
        {"non-increasing on the ladder": not turns_back(found, "down")},
    )
    passed = [passes(ratio_rule(r, 1.0, "down").verdict) for r in ratios[1:]]
    judged = part(
        bench, outcome, "C34", name="i_th", arm="direct", unit="ratio",
        smallest_dose=smallest_dose(CA_LADDER[1:], passed), figure="C34_i_th.svg",
    )  # fmt: skip
    picture = response(
        "C34_i_th", CA_LADDER, ratios, spread_of(found[0]), IONS["ca_o"],
        "threshold of a 1 ms pulse / reference", None,
        "C34: low calcium and the threshold of the axon",
    )  # fmt: skip
    return [judged], [picture]


def low_potassium_and_threshold(bench: Bench) -> Judged:
    """C46, axon part: threshold of a 1 ms pulse over potassium."""
    dose, bound = 2.5, 0.95
    found = ladder(bench, "k_o", K_LADDER, "threshold")
    ratios = found / found[0]
    outcomes = [ratio_rule(r, bound, "down") for r in ratios[1:]]
    passed = [passes(o.verdict) for o in outcomes]
    judged = part(
        bench, outcomes[K_LADDER.index(dose) - 1], "C46", name="i_th_axon",
        unit="ratio", figure="C46_i_th_axon.svg",
        smallest_dose=smallest_dose(K_LADDER[1:], passed),
    )  # fmt: skip
    picture = response(
        "C46_i_th_axon",
        K_LADDER,
        ratios,
        spread_of(found[0]),
        IONS["k_o"],
        "threshold of a 1 ms pulse / reference",
        bound,
        "C46: low potassium and the threshold of the axon",
    )
    return [judged], [picture]


def rest_and_threshold(bench: Bench) -> Judged:
    """C79, axon part: both rest and threshold have to move, in each arm."""
    parts, pictures = [], []
    arms = {"ca": ("ca_o", CA_LADDER, 0.9), "mg": ("mg_o", MG_LADDER, 0.226),
            "k": ("k_o", K_LADDER, 2.5)}  # fmt: skip
    for arm, (ion, doses, dose) in arms.items():
        healthy, dosed = bench.excitability([{ion: doses[0]}, {ion: dose}])
        change = dosed["rest"] - healthy["rest"]
        ratio = dosed["threshold"] / healthy["threshold"]
        usable = np.isfinite(change) & np.isfinite(ratio)
        moved, eased = np.abs(change) >= 2.0, np.abs(ratio - 1.0) >= 0.05
        met = np.where(usable, moved & eased, np.nan)
        outcome = share_rule(met, seed=bench.population.seed)
        words = (
            f"rest moves by {np.nanmedian(change):+.2f} mV (at least 2 mV in "
            f"{np.mean(moved):.0%} of draws), threshold ratio "
            f"{np.nanmedian(ratio):.2f} (at least 5 % in {np.mean(eased):.0%})"
        )
        parts.append(part(
            bench, replace(outcome, reason=f"{words}; both {outcome.reason}"), "C79",
            name="axon", arm=arm, unit="share of draws", figure=f"C79_{arm}.svg",
        ))  # fmt: skip
        rests = ladder(bench, ion, doses, "rest")
        pictures.append(response(
            f"C79_{arm}", doses, rests - rests[0],
            band(rests[0] - np.median(rests[0])),
            IONS[ion],
            "change of rest (mV)", None, f"C79: rest of the axon, {arm} arm",
        ))  # fmt: skip
    return parts, pictures


def too_much_calcium(bench: Bench) -> Judged:
    """C52, calcium arm: threshold of a 1 ms pulse above the normal range."""
    doses = (1.25, 1.35, 1.45, doses_of("C52")["ca"]["ca_o"])
    found = ladder(bench, "ca_o", doses, "threshold")
    ratios = found / found[0]
    outcomes = [ratio_rule(r, 1.05, "up") for r in ratios[1:]]
    judged = part(
        bench, outcomes[-1], "C52", name="i_th", arm="ca", unit="ratio",
        figure="C52_ca.svg",
        smallest_dose=smallest_dose(doses[1:], [passes(o.verdict) for o in outcomes]),
    )  # fmt: skip
    healthy, high = bench.excitability([{}, doses_of("C52")["k"]])
    moved = part(
        bench, change_rule(high["rest"] - healthy["rest"], 8.0, "up"), "C52",
        name="v_rest_axon", arm="k", unit="mV",
    )  # fmt: skip
    picture = response(
        "C52_ca", doses, ratios, spread_of(found[0]), IONS["ca_o"],
        "threshold of a 1 ms pulse / reference", 1.05,
        "C52: high calcium and the threshold of the axon",
    )  # fmt: skip
    return [judged, replace(moved, verdict=REPORTED)], [picture]


PULSE, STRENGTH = 0.1, 6.0  # ms, and times the 1 ms threshold: about 1.6 x its own
STRONG = 3.0  # times the 1 ms threshold of the same axon with its sodium channels


def positive_controls(bench: Bench) -> Judged:
    """C39, axon parts: no spike without sodium channels; wider with half the K."""
    (healthy,) = bench.excitability([{}])
    model, population = bench.model, bench.population
    i_th = healthy["threshold"]
    none = dict.fromkeys(("g_naf", "g_nap"), 0.0)
    counts = pulse(bench, [{}, none], np.tile(STRONG * i_th, 2), 1.0)["spike_count"]
    with_na, without = counts.values.reshape(2, -1)
    fired = np.where(np.isfinite(without), (without == 0) & (with_na > 0), np.nan)
    sodium = share_rule(fired, needed=1.0, seed=population.seed)
    sodium = replace(
        sodium,
        reason=f"no spike at {STRONG:g} x threshold without Na channels, a spike with "
        f"them: {sodium.reason}",
    )
    carried = [n for n in model.parameters if n.split("_")[:2] in (
        ["g", "ks"], ["g", "kf"], ["g", "l"]
    )]  # fmt: skip
    half = {n: 0.5 * population.values[n] for n in carried}
    traces = pulse(bench, [{}, half], np.tile(STRENGTH * i_th, 2), PULSE, shape=True)
    widths = half_width(traces["v"].values, traces["time"].values).reshape(2, -1)
    ratios = widths[1] / widths[0]
    potassium = ratio_rule(ratios, 1.05, "up")
    parts = [
        part(bench, sodium, "C39", name="spikes", arm="na", unit="share of draws"),
        part(bench, potassium, "C39", name="ap_width", arm="k", unit="ratio",
             figure="C39_k.svg"),
    ]  # fmt: skip
    picture = response(
        "C39_k", (1.0, 0.5), widths, band(widths[0]),
        "K-carried conductance, leak included (share of reference)",
        "half-width of the spike (ms)", None,
        "C39: half of the K conductance and the width of the spike",
    )  # fmt: skip
    return parts, [picture]


def pulse(bench: Bench, doses, amplitude, width: float, *, shape: bool = False):
    """Give every draw at every dose a pulse of its own amplitude."""
    from neurosim.measure import stimulate_each

    model = crossed(bench.model, bench.population, doses)
    return stimulate_each(model, amplitude, width=width, trace=shape)


def half_width(v: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the width of the spike at half amplitude, ms, per run of (runs, time).

    Amplitude from the first sample to the peak; NaN where it stays below 50 mV.
    """
    widths = np.full(v.shape[0], np.nan)
    for n, trace in enumerate(v):
        if not np.isfinite(trace).all():
            continue
        level = 0.5 * (trace[0] + trace.max())
        above = trace >= level
        up, top = int(np.argmax(above)), int(np.argmax(trace))
        after = np.flatnonzero(~above[top:])
        if trace.max() - trace[0] < 50.0 or not after.size or up == 0:
            continue
        down = top + int(after[0])

        def crossing(k, trace=trace, level=level):
            part = (level - trace[k - 1]) / (trace[k] - trace[k - 1])
            return time[k - 1] + part * (time[k] - time[k - 1])

        widths[n] = crossing(down) - crossing(up)
    return widths


EVALUATED = {
    "C11": low_magnesium_lowers_threshold,
    "C34": low_calcium_lowers_threshold,
    "C39": positive_controls,
    "C46": low_potassium_and_threshold,
    "C52": too_much_calcium,
    "C79": rest_and_threshold,
}
