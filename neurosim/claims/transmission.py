"""What the neuromuscular junction decides.

Each draw has a junction of its own (``FibreBench.junctions``); quanta are means. That
release follows calcium and magnesium is put into the release law, so most of what is
said of it here holds by assumption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import (
    inside_rule,
    provided,
    ratio_rule,
    share_rule,
)
from neurosim.claims.draws import interval
from neurosim.claims.fibre_course import impulses
from neurosim.claims.judge import (
    IONS,
    Judged,
    Picture,
    doses_of,
    part,
    response,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import BY_ASSUMPTION, REPORTED, Outcome, Part, passes
from neurosim.junction import (
    CA,
    MG,
    paired_pulse_ratio,
    quantal_content,
    safety_factor,
    terminal_calcium,
)

MG_LADDER = (2.0, 1.0, MG, 0.226)  # mM ionised, criterion of C09
HIGH_MG = (MG, 1.0, 2.0, 3.0, 4.0)  # mM ionised, up to the dose of C52
GRID = np.geomspace(1e-2, 2.0, 60)  # mM Ca
FEW, MANY = 0.01, 0.10  # of the healthy m, between which C09 takes the slope
PAIR = 50.0  # ms between the two impulses of C15
TRAIN = impulses(10.0, 50.0, seconds=2.0)  # ms, criterion of C05
ALONE, SILENCE = 2400.0, 10.0  # ms of the train and its end; s without an impulse
LAST = 50.0  # ms after the last miniature: what it does is still seen
STREAM = 13  # of the seed: the pores
PORES = {"k_pore": (4.0, 10.0), "k_pore_mg": (5.0, 10.0)}  # mM, muscle.md 1.1
BUILT_IN = "built in: the release law holds it"


def quanta(bench: Bench, doses: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return the quanta of a first impulse, (doses, draws)."""
    return np.array([
        [quantal_content(**dose, preset=one) for one in bench.fibres.junctions]
        for dose in doses
    ])  # fmt: skip


def factors(bench: Bench, doses: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return the safety factor of a first impulse, (doses, draws)."""
    return np.array([
        [safety_factor(**dose, preset=one) for one in bench.fibres.junctions]
        for dose in doses
    ])  # fmt: skip


def assumed(outcome: Outcome) -> Outcome:
    """Return an outcome that at best holds by assumption, and says so."""
    verdict = BY_ASSUMPTION if passes(outcome.verdict) else outcome.verdict
    reason = f"{BUILT_IN}; {outcome.reason}"
    return replace(outcome, verdict=verdict, reason=reason)


def reported(
    bench: Bench, values: np.ndarray, claim: str, reason: str, **labels: Any
) -> Part:
    """Return a part that only says what the draws gave."""
    outcome = Outcome(REPORTED, *interval(values), None, reason)
    return part(bench, outcome, claim, **labels)


# --- the junction alone


def terminal_alone(bench: Bench, bath: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Return what a healthy fibre does if only its terminal feels a bath, (draws,).

    evoked : fibre spikes per impulse at 10 Hz. alone : spikes a minute without an
    impulse, under miniatures. miniatures : these, 1/s.
    """

    def make(_):
        fibres = bench.fibres
        later, single, rates = fibres.miniatures(bath, 1e3 * SILENCE - LAST)
        times = np.concatenate([TRAIN, ALONE + later])
        sent = np.hstack([fibres.quanta(TRAIN, bath), single])
        until = ALONE + 1e3 * SILENCE
        found = fibres.run({}, times, until, sent=sent, every=1e3)
        spikes = found["spike_time"]
        rests = np.isfinite(found["force"][:, -1])
        evoked = (spikes < ALONE).sum(axis=1) / TRAIN.size
        alone = (spikes >= ALONE).sum(axis=1) * 60.0 / SILENCE
        return {
            "evoked": np.where(rests, evoked, np.nan),
            "alone": np.where(rests, alone, np.nan), "miniatures": rates,
        }  # fmt: skip

    return bench.fibres.of("terminal_alone", bath, make)


def trouble_at_the_junction(bench: Bench) -> Judged:
    """C05: whether the terminal makes a healthy fibre fire, or fire more."""
    parts, shares = [], {}
    for arm, dose in doses_of("C05").items():
        bath = {n: v for n, v in dose.items() if n != "reset"}
        found = terminal_alone(bench, bath)
        sent, usual = (bench.fibres.quanta(TRAIN, given) for given in (bath, {}))
        lowest = np.min(sent / usual)
        told = {
            "generator": (
                found["alone"], found["alone"] > 0.0,
                f"{np.median(found['miniatures']):.2g} miniatures per s and no impulse "
                f"give {np.nanmax(found['alone']):.2g} spikes per min at most",
            ),
            "amplifier": (
                found["evoked"], found["evoked"] >= 1.05,
                f"{np.nanmedian(found['evoked']):.3g} fibre spikes per impulse at 10 "
                f"Hz (median), {np.nanmin(found['evoked']):.3g} at least, with quanta "
                f"of {lowest:.0%} of the healthy at least",
            ),
        }  # fmt: skip
        for name, (values, met, words) in told.items():
            flags = np.where(np.isfinite(values), met, np.nan)
            outcome = share_rule(flags, seed=bench.population.seed)
            shares[f"{name}, {arm}"] = (outcome.effect, outcome.low, outcome.high)
            parts.append(part(
                bench, replace(outcome, reason=f"{words}; {outcome.reason}"), "C05",
                name=name, arm=arm, unit="share of draws", figure="C05_shares.svg",
            ))  # fmt: skip
    picture = Picture("C05_shares", "share_bars", {
        "shares": shares, "xlabel": "draws in which the junction does it",
        "criterion": 0.9, "title": "C05: the junction as generator and as amplifier",
    })  # fmt: skip
    return parts, [picture]


def slopes(bench: Bench, mg_o: float) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes of log m over log Ca at low m, and from 0.2 to 0.6 mM, (draws,)."""
    found = np.array([
        quantal_content(GRID, mg_o, one) / quantal_content(preset=one)
        for one in bench.fibres.junctions
    ])  # fmt: skip
    x, y = np.log(GRID), np.log(found)
    ends = np.array([np.interp(np.log([FEW, MANY]), row, x) for row in y])
    at = np.array([np.interp(np.log([0.2, 0.6]), x, row) for row in y])
    low = np.log(MANY / FEW) / np.diff(ends, axis=1)[:, 0]
    return low, np.diff(at, axis=1)[:, 0] / np.log(3.0)


def magnesium_competes(bench: Bench) -> Judged:
    """C09: quanta over magnesium, and the shift of the calcium curve."""
    dose = doses_of("C09")[""]
    found = quanta(bench, [{"mg_o": mg_o} for mg_o in MG_LADDER])
    ratios = found / found[MG_LADDER.index(MG)]
    rises = bool((np.diff(found, axis=0) > 0.0).all())
    content = provided(
        ratio_rule(ratios[MG_LADDER.index(dose["mg_o"])], 1.05, "up"),
        {"rises at every step in every draw": rises},
    )
    (low, wide), (high, shifted) = slopes(bench, MG), slopes(bench, 4.0)
    parallel = inside_rule(high - low, -0.2, 0.2)
    words = (
        f"{parallel.reason}; slope {np.median(low):.2f} at Mg 0.55 and "
        f"{np.median(high):.2f} at 4 mM between 1 and 10 % of the healthy m; between "
        f"Ca 0.2 and 0.6 mM {np.median(wide):.2f} and {np.median(shifted):.2f}"
    )
    entry = pores(bench, dose["mg_o"])
    parts = [
        part(bench, assumed(content), "C09", name="m", unit="ratio",
             figure="C09_m.svg"),
        part(bench, assumed(replace(parallel, reason=words)), "C09", name="shift",
             unit="change of slope"),
        reported(bench, entry, "C09", "the pore's own one-site form, at the dose; its "
                 "binding drawn from 4-10 mM Ca and 5-10 mM Mg", name="ca_entry",
                 unit="ratio"),
    ]  # fmt: skip
    picture = response(
        "C09_m", MG_LADDER, ratios, (1.0, 1.0), IONS["mg_o"],
        "quanta of an impulse / reference", 1.05, "C09: magnesium and release",
    )  # fmt: skip
    return parts, [picture]


def pores(bench: Bench, mg_o: float) -> np.ndarray:
    """Return the terminal's calcium entry relative to health, (draws,)."""
    from scipy.stats import qmc

    rng = np.random.default_rng((bench.population.seed, STREAM))
    unit = qmc.LatinHypercube(len(PORES), rng=rng).random(bench.population.size)
    low, high = np.array(list(PORES.values())).T
    drawn = dict(zip(PORES, (low + (high - low) * unit).T, strict=True))
    return terminal_calcium(CA, mg_o, **drawn)


def shortage_disturbs_transmission(bench: Bench) -> Judged:
    """C15: quanta at low magnesium; safety factor and paired pulses reported."""
    dose = doses_of("C15")[""]
    healthy, dosed = quanta(bench, [{}, dose])
    safe = factors(bench, [{}, dose])
    pairs = np.array([
        [paired_pulse_ratio(PAIR, mg_o=mg_o, preset=one) for one in
         bench.fibres.junctions]
        for mg_o in (MG, dose["mg_o"])
    ])  # fmt: skip
    outcome = assumed(ratio_rule(dosed / healthy, 1.05, "present"))
    parts = [
        part(bench, outcome, "C15", name="m", unit="ratio", figure="C15_m.svg"),
        reported(bench, safe[1] / safe[0], "C15", f"safety factor {safe[0].mean():.2f} "
                 f"healthy, {np.median(safe[1]):.2f} at the dose", name="safety_factor",
                 unit="ratio"),
        reported(bench, pairs[1] / pairs[0], "C15", "second over first impulse, "
                 f"{PAIR:g} ms apart: {np.median(pairs[0]):.3f} healthy, "
                 f"{np.median(pairs[1]):.3f} at the dose", name="paired_pulse_ratio",
                 unit="ratio"),
    ]  # fmt: skip
    ladder = MG_LADDER[MG_LADDER.index(MG) :]
    ratios = np.stack([np.ones_like(healthy), dosed / healthy])
    picture = response(
        "C15_m", ladder, ratios, (1.0, 1.0), IONS["mg_o"],
        "quanta of an impulse / reference", 1.05, "C15: low magnesium and release",
    )  # fmt: skip
    return parts, [picture]


def no_release_without_calcium(bench: Bench) -> Judged:
    """C39, junction part: quanta without calcium outside."""
    healthy, without = quanta(bench, [{}, doses_of("C39")["ca"]])
    share = without / healthy
    outcome = share_rule(share < 0.01, needed=1.0, seed=bench.population.seed)
    reason = f"m is {share.max():.1%} of the healthy at most; {outcome.reason}"
    judged = part(
        bench, assumed(replace(outcome, reason=reason)), "C39", name="m", arm="ca",
        unit="share of draws",
    )  # fmt: skip
    return [judged], []


def too_much_magnesium(bench: Bench) -> Judged:
    """C52, magnesium arm: safety factor of the junction."""
    found = factors(bench, [{"mg_o": mg_o} for mg_o in HIGH_MG])
    ratios = found / found[0]
    rules = [share_rule(r <= 0.8, seed=bench.population.seed) for r in ratios[1:]]
    passed = [d for d, o in zip(HIGH_MG[1:], rules, strict=True) if passes(o.verdict)]
    middle, low, high = interval(ratios[-1])
    reason = (
        f"ratio 0.8 or less: {rules[-1].reason}; the factor itself is "
        f"{np.median(found[-1]):.2f}, below 1 (block) in {np.mean(found[-1] < 1.0):.0%}"
    )
    outcome = replace(rules[-1], effect=middle, low=low, high=high, reason=reason)
    judged = part(
        bench, assumed(outcome), "C52", name="safety_factor", arm="mg", unit="ratio",
        smallest_dose=min(passed, default=None), figure="C52_mg.svg",
    )  # fmt: skip
    picture = response(
        "C52_mg", HIGH_MG, ratios, (1.0, 1.0), IONS["mg_o"],
        "safety factor of the junction / reference", 0.8,
        "C52: high magnesium and the junction",
    )  # fmt: skip
    return [judged], [picture]


EVALUATED = {
    "C05": trouble_at_the_junction,
    "C09": magnesium_competes,
    "C15": shortage_disturbs_transmission,
    "C39": no_release_without_calcium,
    "C52": too_much_magnesium,
}
