"""What energy decides: how muscle relaxes, how strong it is, how it tires.

Work is a minute of 30 Hz, 1 s on and 1 s off, sent by the nerve; all claims share its
runs. A lack of vitamins or iron is put in as a factor on the ceiling of ATP resynthesis
(``body.doses`` makes it of haemoglobin and work), so it can show nothing where that
factor is 1. Doses and bounds are those of the ledger.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.body.doses import supply_at_work
from neurosim.claims.criteria import ratio_rule
from neurosim.claims.draws import interval, smallest_dose
from neurosim.claims.judge import Judged, Picture, band, doses_of, part, response
from neurosim.claims.levels import told
from neurosim.claims.population import Bench
from neurosim.claims.verdict import REPORTED, Outcome, Part, passes

SUPPLY = "ceiling of ATP resynthesis (times healthy)"
SUPPLIES = (1.0, 0.8, 0.6, 0.4)  # criterion of C06
SLOWER = 1.10  # times healthy, of half relaxation; criteria of C06 and C62
HEALTHY_HB = 14.0  # g/dL, where oxygen delivery is 1 (systemic.md 5)
HALF = 0.5  # of the largest work, observable of C56


def of_fibre(dose: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dose as parameters of the fibre; haemoglobin and work give a factor."""
    given = {n: v for n, v in dose.items() if n not in ("hb", "work", "axon_loss")}
    if "hb" in dose:
        given["atp_supply"] = supply_at_work(dose["hb"], dose["work"])
    return given


def column(runs: Iterable[Mapping[str, np.ndarray]], name: str) -> np.ndarray:
    """Return one feature of several runs, (runs, draws)."""
    return np.stack([run[name] for run in runs])


def lasting(run: Mapping[str, np.ndarray]) -> str:
    """Return what a minute of work does in words, medians."""
    names = ("fresh", "end", "pcr", "atp", "pi")
    fresh, end, pcr, atp, pi = (np.nanmedian(run[name]) for name in names)
    return (
        f"force {fresh:.2f} fresh and {end:.2f} at the end, there PCr {pcr:.1f}, ATP "
        f"{atp:.2f}, Pi {pi:.1f} mM"
    )


def against_first(
    bench: Bench, claim: str, found: np.ndarray, bound: float, direction: str, *,
    doses: tuple[float, ...], dose: float, xlabel: str, what: str, measured: str = "",
    words: str = "", **labels: Any,
) -> tuple[Part, Picture]:  # fmt: skip
    """Judge values, (doses, draws), by their ratios to the first dose; draw them.

    dose : the one of ``doses`` that decides. what : the quantity in words, measured :
        its unit.
    """
    ratios = found / found[0]
    judged = [ratio_rule(row, bound, direction) for row in ratios[1:]]
    outcome = judged[doses.index(dose) - 1]
    passed = [passes(each.verdict) for each in judged]
    medians = f"{what} {told(found)} {measured}".strip()
    reason = f"{outcome.reason}; {medians} at {', '.join(f'{d:g}' for d in doses)}"
    reason += f"; {words}" if words else ""
    figure = "_".join(filter(None, (claim, labels.get("arm"), labels["name"])))
    judged_part = part(
        bench, replace(outcome, reason=reason), claim, unit="ratio",
        figure=f"{figure}.svg",
        smallest_dose=smallest_dose(doses[1:], passed) if len(doses) > 2 else None,
        **labels,
    )  # fmt: skip
    picture = response(
        figure, doses, ratios, band(found[0] / np.nanmedian(found[0])), xlabel,
        f"{what} / healthy", bound, f"{claim}: {what}",
    )  # fmt: skip
    return judged_part, picture


def reported(bench: Bench, claim: str, name: str, values: Any, reason: str, **labels):
    """Return a number that no verdict rests on."""
    usable = values[np.isfinite(values)]
    found = interval(usable) if usable.size else (None, None, None)
    outcome = Outcome(REPORTED, *found, None, reason)
    return part(bench, outcome, claim, name=name, **({"unit": "ratio"} | labels))


def split(judged: Iterable[tuple[Part, Picture]]) -> Judged:
    """Return parts and pictures apart."""
    parts, pictures = zip(*judged, strict=True)
    return list(parts), list(pictures)


def spent(healthy: Mapping[str, np.ndarray], run: Mapping[str, np.ndarray]) -> str:
    """Return in words which draws relax slowly after work, and how weak all are."""
    slow = run["rt50_end"] >= SLOWER * healthy["rt50_end"]
    weak = np.nanmedian(run["end"] / healthy["end"])
    left = f" (PCr {told([run['pcr'][slow]])} mM left)" if slow.any() else ""
    return (
        f"{np.count_nonzero(slow)} draws relax 10 % more slowly after work{left}, "
        f"where end force is {weak:.2f} of that at full supply"
    )


def slow_relaxation(bench: Bench) -> Judged:
    """C06: half relaxation of a twitch, fresh and after work, at lower ATP supply."""
    dose = doses_of("C06")[""]["atp_supply"]
    runs = [bench.fibres.work({"atp_supply": supply}) for supply in SUPPLIES]
    names = {"fresh": "before the train", "after": "1 s after the train"}
    tone = column(runs, "rest_force")
    standing = ", ".join(f"{100 * np.nanmedian(row):.2g}" for row in tone)
    columns = {"fresh": "rt50_fresh", "after": "rt50_end"}
    parts, pictures = split(
        against_first(
            bench, "C06", column(runs, columns[name]), SLOWER, "up", doses=SUPPLIES,
            dose=dose, xlabel=SUPPLY, what=f"half relaxation {when}",
            measured="ms", name=name,
            words=f"counted from the force before the twitch ({standing} % of the "
            f"largest after work at {', '.join(f'{s:g}' for s in SUPPLIES)}); at "
            f"{SUPPLIES[-1]:g} {spent(runs[0], runs[-1])}; at {dose:g} "
            f"{lasting(runs[SUPPLIES.index(dose)])}",
        )
        for name, when in names.items()
    )  # fmt: skip
    last = 100.0 * (tone[SUPPLIES.index(dose)] - tone[0])
    reason = (
        f"force 1 s after the train, beyond that at supply 1; median {standing} % of "
        f"the largest at supply {', '.join(map(str, SUPPLIES))}"
    )
    parts.append(reported(bench, "C06", "rest_force", last, reason,
                          unit="% of maximal force"))  # fmt: skip
    return parts, pictures


def weak_and_tired(
    bench: Bench, runs: list[Mapping[str, np.ndarray]], words: str = "", **said: Any
) -> Judged:
    """Judge two parts of C16: work in health and at a dose, fresh and at the end."""
    kept = column(runs, "end") / column(runs, "fresh")
    words = f"end over fresh force {told(kept)}; {lasting(runs[1])}{words}"
    names = {
        "weakness": ("fresh", "fresh 30 Hz force"),
        "fatigue": ("end", "30 Hz force at the end of work"),
    }
    return split(
        against_first(
            bench, "C16", column(runs, feature), 0.95, "down", what=what, name=name,
            words=words, **said,
        )
        for name, (feature, what) in names.items()
    )  # fmt: skip


def low_magnesium_tires(bench: Bench) -> Judged:
    """C16, direct: 30 Hz force at low magnesium; the linked arm is in ``linked``."""
    dose = doses_of("C16")["direct"]
    runs = [bench.fibres.work(given) for given in ({}, dose)]
    return weak_and_tired(
        bench, runs, doses=(0.55, dose["mg_o"]), dose=dose["mg_o"], arm="direct",
        xlabel=f"ionised Mg outside (mM), with {dose['mg_i']:g} mM in the cell",
    )  # fmt: skip


def low_magnesium_and_energy(bench: Bench) -> Judged:
    """C76: phosphocreatine and ATP at low magnesium, at the end of work; rest apart."""
    dose = doses_of("C76")[""]
    runs = [bench.fibres.work(given) for given in ({}, dose)]
    rests = [bench.fibres.rest(given) for given in ({}, dose)]
    names = {"pcr": "phosphocreatine", "atp": "ATP"}
    parts, pictures = split(
        against_first(
            bench, "C76", column(runs, name), 0.95, "down",
            doses=(0.55, dose["mg_o"]), dose=dose["mg_o"],
            xlabel=f"ionised Mg outside (mM), with {dose['mg_i']:g} mM in the cell",
            what=f"{words} at the end of work", measured="mM", name=name,
            words=lasting(runs[1]),
        )
        for name, words in names.items()
    )  # fmt: skip
    for name, words in names.items():
        healthy, dosed = column(rests, name)
        said = f"{words} at rest, mM: {told([healthy, dosed])}"
        parts.append(reported(bench, "C76", f"{name}_rest", dosed / healthy, said))
    return parts, pictures


def anaemia_and_energy(bench: Bench) -> Judged:
    """C56: phosphocreatine and ATP at rest with little haemoglobin; work reported."""
    dose = doses_of("C56")[""]
    given, busy = of_fibre(dose), of_fibre(dose | {"work": HALF})
    rests = [bench.fibres.rest(each) for each in ({}, given)]
    names = {"pcr": "phosphocreatine", "atp": "ATP"}
    parts, pictures = split(
        against_first(
            bench, "C56", column(rests, name), 0.98, "down",
            doses=(HEALTHY_HB, dose["hb"]), dose=dose["hb"],
            xlabel="haemoglobin (g/dL)", what=f"{words} at rest",
            measured="mM", name=name,
            words=f"the factor put in is {given['atp_supply']:g} at rest",
        )
        for name, words in names.items()
    )  # fmt: skip
    runs = [bench.fibres.work(each) for each in ({}, busy)]
    for name, words in names.items():
        healthy, dosed = column(runs, name)
        said = (
            f"{words} at the end of work, mM: {told([healthy, dosed])}; the factor put "
            f"in is {busy['atp_supply']:g} up to half-maximal work, "
            f"{supply_at_work(dose['hb'], 1.0):.3g} above (C97)"
        )
        parts.append(reported(bench, "C56", f"{name}_work", dosed / healthy, said))
    return parts, pictures


def weak_without_b1(bench: Bench) -> Judged:
    """C58: a second of 30 Hz with less ATP supply and a slower pump, fresh."""
    dose = doses_of("C58")[""]
    runs = [bench.fibres.course(given) for given in ({}, of_fibre(dose))]
    ions = [bench.fibres.rest(given) for given in ({}, of_fibre(dose))]
    v, k_i, na_i, atp = (told(column(ions, n)) for n in ("v", "k_i", "na_i", "atp"))
    arrived = told(column(runs, "transmission"))
    judged = against_first(
        bench, "C58", column(runs, "force30"), 0.90, "down",
        doses=(1.0, dose["atp_supply"]), dose=dose["atp_supply"],
        xlabel=f"{SUPPLY}, with the pump at {dose['pump']:g}",
        what="fresh 30 Hz force", name="force30",
        words=f"fibre at rest {v} mV, K inside {k_i}, Na inside {na_i}, ATP {atp} mM; "
        f"fibre spikes per impulse {arrived}",
    )  # fmt: skip
    return split([judged])


def anaemia_and_relaxation(bench: Bench) -> Judged:
    """C62: half relaxation of a twitch with little haemoglobin, at rest."""
    dose = doses_of("C62")[""]
    given = of_fibre(dose)
    runs = [bench.fibres.course(each) for each in ({}, given)]
    judged = against_first(
        bench, "C62", column(runs, "rt50"), SLOWER, "up",
        doses=(HEALTHY_HB, dose["hb"]), dose=dose["hb"], xlabel="haemoglobin (g/dL)",
        what="half relaxation of a twitch", measured="ms", name="rt50",
        words=f"the factor put in is {given['atp_supply']:g} at rest",
    )  # fmt: skip
    return split([judged])


def tires(
    claim: str, bound: float, what: str, doses: Callable, xlabel: str, own: bool = False
):
    """Return the judge of a claim on force at the end of work.

    doses : of the dose of the ledger, (healthy, dosed). own : the end over the same
        draw's fresh force, not the end alone.
    """

    def judge(bench: Bench) -> Judged:
        dose = doses_of(claim)[""]
        runs = [bench.fibres.work(given) for given in ({}, of_fibre(dose))]
        found = column(runs, "end") / (column(runs, "fresh") if own else 1.0)
        ends = doses(dose)
        judged, picture = against_first(
            bench, claim, found, bound, "down", doses=ends, dose=ends[-1],
            xlabel=xlabel, what=what,
            name="fatigue_ratio" if own else "force_end", words=lasting(runs[1]),
        )  # fmt: skip
        healthy, dosed = column(runs, "pcr")
        said = f"PCr at the end, mM: {told([healthy, dosed])}"
        apart = reported(bench, claim, "pcr", dosed / healthy, said)
        return [judged, apart], [picture]

    return judge


EVALUATED = {
    "C06": slow_relaxation,
    "C16": low_magnesium_tires,
    "C56": anaemia_and_energy,
    "C58": weak_without_b1,
    "C62": anaemia_and_relaxation,
    "C76": low_magnesium_and_energy,
    "C81": tires(
        "C81", 0.90, "end over fresh 30 Hz force", lambda d: (4.0, d["k_o"]),
        "K outside (mM)", own=True,
    ),
    "C95": tires(
        "C95", 0.90, "30 Hz force at the end of work",
        lambda d: (1.0, d["atp_supply"]), SUPPLY,
    ),
    "C97": tires(
        "C97", 0.95, "30 Hz force at the end of work",
        lambda d: (HEALTHY_HB, d["hb"]), "haemoglobin (g/dL), hard work",
    ),
}  # fmt: skip
