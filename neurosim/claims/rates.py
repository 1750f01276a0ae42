"""What the spontaneous firing of a motor pool decides, one ion at a time.

R_sp is the number of spontaneous events per minute in a resting pool of 150 motor
axons (design section 4) that the junctions pass on to the fibres. The strength of the
drive behind it is the one free calibration: healthy pools fire about once a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import provided, standard_rule
from neurosim.claims.draws import (
    bootstrap_interval,
    smallest_dose,
    symptomatic,
)
from neurosim.claims.judge import (
    IONS,
    Judged,
    Picture,
    band,
    doses_of,
    medians,
    part,
    settings_of,
    turns_back,
)
from neurosim.claims.population import Bench
from neurosim.claims.verdict import (
    NOT_SUPPORTED,
    REPORTED,
    REPRODUCED,
    Outcome,
    passes,
)
from neurosim.physics.surface_charge import HEALTHY, gate_shift
from neurosim.pool import AXONS

HALF_EVENT = 0.5  # added to both sides of a ratio of R_sp, notes of C01
FLOOR = 1e-2  # 1/min: figures draw lower rates here
UNIT = "1/min"
R_SP = "spontaneous events of a pool per minute"
MG_LADDER = (0.55, 0.45, 0.35, 0.226, 0.15)  # mM ionised, criterion of C07
CA_LADDER = (1.25, 1.15, 1.05, 0.95, 0.85, 0.75, 0.65)  # mM ionised, criterion of C34
K_LADDER = (4.0, 3.5, 3.0, 2.5)  # mM
NA_LADDER = (140.0, 130.0, 120.0, 115.0)  # mM


def rates_at(bench: Bench, doses: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return R_sp at each dose, 1/min, (doses, draws)."""
    found = bench.rates([settings_of(dict(dose)) for dose in doses])
    return np.stack([rates.r_sp for rates in found])


def standard(bench: Bench, dose: Mapping[str, Any]) -> Outcome:
    """Return what the standard rule says of R_sp at a dose; it should rise."""
    healthy, dosed = rates_at(bench, [{}, dose])
    outcome = standard_rule(dosed - healthy, healthy, "up")
    return replace(outcome, reason=f"{outcome.reason}; {simulated(bench, dose)}")


def simulated(bench: Bench, dose: Mapping[str, Any]) -> str:
    """Return in words how many of the events at a dose were simulated directly."""
    (found,) = bench.rates([settings_of(dict(dose))])
    share = float(np.nanmedian(found.direct))
    return f"{share:.0%} of these events simulated, the others by the rate law (median)"


def ratios(dosed: np.ndarray, healthy: np.ndarray) -> np.ndarray:
    """Return ratios of R_sp, half an event added to both."""
    return (dosed + HALF_EVENT) / (healthy + HALF_EVENT)


def mildest(doses: Sequence[float], found: np.ndarray) -> float | None:
    """Return the first dose of a ladder, (doses, draws), at which R_sp passes."""
    passed = [
        passes(standard_rule(row - found[0], found[0], "up").verdict)
        for row in found[1:]
    ]
    return smallest_dose(doses[1:], passed)


def climb(bench: Bench, name: str, ladder, title: str, marked: float):
    """Return R_sp over a ladder of one quantity, and its picture."""
    quantity, doses = ladder
    found = rates_at(bench, [{quantity: dose} for dose in doses])
    return found, ladders(bench, name, [(quantity, doses, found, marked)], title)


def ladders(bench: Bench, name: str, arms, title: str) -> Picture:
    """Return the picture of R_sp over one or more ladders."""
    from neurosim.plot import Doses

    (healthy,) = rates_at(bench, [{}])
    drawn = [
        Doses(name=quantity, x=doses, draws=found, marked=marked,
              xlabel=str(IONS.get(quantity, quantity)))
        for quantity, doses, found, marked in arms
    ]  # fmt: skip
    return Picture(name, "ladder", {
        "arms": drawn, "ylabel": f"{R_SP} (1/min)", "control": band(healthy),
        "log_from": FLOOR, "title": title,
    })  # fmt: skip


def every_arm(claim: str, steps: Mapping[str, tuple[float, ...]]):
    """Return the judge of a claim whose arms each have to pass the standard rule.

    steps : arm -> the ladder of its figure; the doses are those of the ledger.
    """

    def judge(bench: Bench) -> Judged:
        parts, drawn = [], []
        for arm, dose in doses_of(claim).items():
            outcome = standard(bench, dose)
            healthy, dosed = rates_at(bench, [{}, dose])
            factor = np.median(ratios(dosed, healthy))
            outcome = replace(outcome, reason=f"{outcome.reason}; ratio {factor:.3g}")
            quantity = next(iter(dose))
            doses = steps[arm]
            found = rates_at(bench, [{quantity: value} for value in doses])
            drawn.append((quantity, doses, found, dose[quantity]))
            parts.append(part(
                bench, outcome, claim, name="r_sp", arm=arm, unit=UNIT,
                smallest_dose=mildest(doses, found),
                figure=f"{claim}_r_sp.svg",
            ))  # fmt: skip
        title = f"{claim}: events of a healthy pool, one ion at a time"
        return parts, [ladders(bench, f"{claim}_r_sp", drawn, title)]

    return judge


def low_magnesium_fires(bench: Bench) -> Judged:
    """C07, direct: R_sp at the dose, three times as many, never fewer on the ladder."""
    dose = doses_of("C07")["direct"]
    healthy, dosed = rates_at(bench, [{}, dose])
    found, picture = climb(
        bench, "C07_r_sp", ("mg_o", MG_LADDER),
        "C07: low magnesium and spontaneous events", dose["mg_o"],
    )  # fmt: skip
    factor = float(np.median(ratios(dosed, healthy)))
    outcome = provided(
        standard(bench, dose),
        {
            f"median ratio at least 3 (it is {factor:.3g})": factor >= 3.0,
            "non-decreasing on the ladder": not turns_back(found, "up"),
        },
    )
    words = f"{outcome.reason}; ratio {factor:.3g}; medians {medians(found)}"
    judged = part(
        bench, replace(outcome, reason=words), "C07", name="r_sp", arm="direct",
        unit=UNIT, smallest_dose=mildest(MG_LADDER, found),
        figure="C07_r_sp.svg",
    )  # fmt: skip
    return [judged], [picture]


def share_symptomatic(bench: Bench, dose: Mapping[str, Any]) -> np.ndarray:
    """Return the share of subjects above the controls' 99th percentile, (draws,)."""
    subjects = bench.subjects(dict(dose))
    found = symptomatic(subjects.ravel(), bench.controls())
    return found.reshape(subjects.shape).mean(axis=1)


def mild_magnesium_shortage(bench: Bench) -> Judged:
    """C12: share of symptomatic subjects, at the dose and at two lower ones."""
    parts, shares = [], {}
    decides = doses_of("C12")[""]["mg_o"]
    for mg_o in (decides, 0.42, 0.388):  # mM ionised, criterion of C12
        each = share_symptomatic(bench, {"mg_o": mg_o})
        share = float(each.mean())
        low, high = bootstrap_interval(each, seed=bench.population.seed)
        good = share >= 0.10 and low > 0.02
        outcome = Outcome(
            REPRODUCED if good else NOT_SUPPORTED, share, low, high, None,
            f"{share:.1%} of {bench.controls().size} subjects lie above the 99th "
            "percentile of the controls; asked are 10 %, with a lower bound above 2 %",
        )  # fmt: skip
        if mg_o != decides:
            outcome = replace(outcome, verdict=REPORTED)
        parts.append(part(
            bench, outcome, "C12", name="share" if mg_o == decides else f"at {mg_o:g}",
            unit="share of subjects", figure="C12_share.svg",
        ))  # fmt: skip
        shares[f"Mg {mg_o:g} mM"] = (share, low, high)
    picture = Picture("C12_share", "share_bars", {
        "shares": shares, "xlabel": "symptomatic subjects", "criterion": 0.10,
        "title": "C12: subjects above the 99th percentile of the controls",
    })  # fmt: skip
    return parts, [picture]


def low_calcium_fires(bench: Bench) -> Judged:
    """C34, direct: R_sp at the dose and on the ladder."""
    dose = doses_of("C34")["direct"]
    found, picture = climb(
        bench, "C34_r_sp", ("ca_o", CA_LADDER),
        "C34: low calcium and spontaneous events", dose["ca_o"],
    )  # fmt: skip
    never = not turns_back(found, "up")
    i_th = np.stack([
        bath["threshold"]
        for bath in bench.excitability([{"ca_o": value} for value in CA_LADDER])
    ])  # fmt: skip
    eased = not turns_back(i_th, "down")
    share = float((np.diff(found, axis=0) >= 0).all(axis=0).mean())
    on_ladder = Outcome(
        REPRODUCED if never and eased else NOT_SUPPORTED, None, None, None, share,
        f"median R_sp {medians(found)} per min; {'never falls' if never else 'falls'}, "
        f"the threshold {'never rises' if eased else 'rises'}",
    )  # fmt: skip
    parts = [
        part(bench, on_ladder, "C34", name="ladder", arm="direct"),
        part(bench, standard(bench, dose), "C34", name="r_sp", arm="direct",
             unit=UNIT, smallest_dose=mildest(CA_LADDER, found),
             figure="C34_r_sp.svg"),
    ]  # fmt: skip
    return parts, [picture]


def paradox_of_calcium(bench: Bench) -> Judged:
    """C38, nerve part: R_sp at low calcium; ``transmission`` judges the others."""
    dose = doses_of("C38")[""]
    _, picture = climb(
        bench, "C38_r_sp", ("ca_o", CA_LADDER),
        "C38: low calcium and spontaneous events", dose["ca_o"],
    )  # fmt: skip
    judged = part(bench, standard(bench, dose), "C38", name="r_sp", unit=UNIT,
                  figure="C38_r_sp.svg")  # fmt: skip
    return [judged], [picture]


def low_potassium_fires(bench: Bench) -> Judged:
    """C44: low potassium alone; together with low magnesium and alkalosis."""
    doses = doses_of("C44")
    joint = doses["joint"]
    _, picture = climb(
        bench, "C44_r_sp", ("k_o", K_LADDER),
        "C44: low potassium and spontaneous events", doses["alone"]["k_o"],
    )  # fmt: skip
    alone = standard(bench, doses["alone"])
    together = standard(bench, joint)
    told = ", ".join(
        f"{name} reset {np.nanmedian(rates_at(bench, [left])[0]):.3g}"
        for name in joint
        for left in ({n: v for n, v in joint.items() if n != name},)
    )
    healthy, dosed = rates_at(bench, [{}, joint])
    words = (
        f"{together.reason}; median R_sp healthy {np.median(healthy):.3g}, joint "
        f"{np.median(dosed):.3g}, {told} per min"
    )
    fig = "C44_r_sp.svg"
    return [
        part(bench, alone, "C44", arm="alone", name="r_sp", unit=UNIT, figure=fig),
        part(bench, replace(together, reason=words), "C44", arm="joint", name="r_sp",
             unit=UNIT),
    ], [picture]  # fmt: skip


def axon_fires(bench: Bench) -> Judged:
    """C71: mean event rate of a pool's axons; the loss of rest apart."""
    dose = doses_of("C71")[""]
    healthy, dosed = bench.rates([{}, dose])
    before, after = healthy.r_sp / AXONS, dosed.r_sp / AXONS
    outcome = standard_rule(after - before, before, "up")
    shift = float(gate_shift(HEALTHY.ca_o, dose["mg_o"]))
    least = float(np.median(dosed.i_th[:, 0] / healthy.i_th[:, 0]))
    judged = part(bench, outcome, "C71", name="axon_rate", unit=UNIT,
                  figure="C71_axon_rate.svg")  # fmt: skip
    steady = np.mean(dosed.i_th > 0.0)
    apart = part(
        bench,
        Outcome(REPORTED, shift, reason=(
            f"the dose shifts the gates by {shift:.2f} mV; the axon keeps its rest in "
            f"{steady:.0%} of draws and nodes, its threshold current falls to "
            f"{least:.0%}: loss of rest is not how it comes to fire"
        )),
        "C71", name="loss_of_rest", unit="mV",
    )  # fmt: skip
    found = rates_at(bench, [{"mg_o": x} for x in MG_LADDER]) / AXONS
    picture = ladders(
        bench, "C71_axon_rate", [("mg_o", MG_LADDER, found, dose["mg_o"])],
        "C71: mean event rate of the axons of a pool",
    )  # fmt: skip
    shown = picture.shown | {
        "ylabel": "spontaneous events per axon (1/min)", "log_from": FLOOR / AXONS,
        "control": band(before),
    }  # fmt: skip
    return [judged, apart], [replace(picture, shown=shown)]


IONS_STEPS = {
    "ca": (1.25, 1.15, 1.05, 0.95, 0.9), "mg": MG_LADDER[:4], "k": K_LADDER,
    "na": NA_LADDER,
}  # fmt: skip
EVALUATED = {
    "C01": every_arm("C01", IONS_STEPS),
    "C07": low_magnesium_fires,
    "C12": mild_magnesium_shortage,
    "C33": every_arm(
        "C33", {"ca": IONS_STEPS["ca"], "klow": K_LADDER, "khigh": (4.0, 4.5, 5.0, 5.5)}
    ),
    "C34": low_calcium_fires,
    "C38": paradox_of_calcium,
    "C44": low_potassium_fires,
    "C71": axon_fires,
}
