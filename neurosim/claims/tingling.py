"""Tingling and numbness: what sensory axons fire by themselves, and what they conduct.

Pools and fibres are those of ``sensory``. Doses and bounds are those of the ledger.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.claims.criteria import ratio_rule, standard_rule
from neurosim.claims.judge import (
    IONS,
    Judged,
    Picture,
    band,
    doses_of,
    part,
    settings_of,
)
from neurosim.claims.linked import baths, felt
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, rates_at, ratios, standard
from neurosim.claims.sensory import (
    conducting,
    each_axon,
    sensory_bench,
    sensory_cable,
    sensory_conducting,
    sensory_firing,
    sensory_rates,
)
from neurosim.claims.verdict import BY_ASSUMPTION, REPORTED, Outcome, Part, passes
from neurosim.myelin import draw_lost, sheathed, sheaths
from neurosim.pool import AXONS, r_sp

INTERNODES, MIDDLE = 20, 9  # of the fibre, and the one that is lost: notes of C55
STREAM = 17  # of the seed: axons that lose internodes
EVENTS = "ectopic events of a sensory pool per minute (1/min)"


def judged_rate(bench: Bench, dosed: np.ndarray) -> Outcome:
    """Judge the ectopic rate of sensory pools, (draws,), against health."""
    (healthy,) = sensory_rates(bench, [{}])
    outcome = standard_rule(dosed - healthy, healthy, "up")
    now = 1e3 * np.nanmedian(sensory_firing(bench, {})["sensory_i_th"])
    words = (
        f"{outcome.reason}; median ratio {np.nanmedian(ratios(dosed, healthy)):.3g}; "
        f"the drive is not calibrated on sensory fibres: healthy pools fire "
        f"{np.nanmedian(healthy):.3g} per min, with a threshold current of "
        f"{now:.0f} pA, so only the comparison counts"
    )
    return replace(outcome, reason=words)


def tingles(bench: Bench, claim: str, dose: Mapping[str, Any], **labels: Any) -> Part:
    """Return what the standard rule says of the ectopic rate at a dose."""
    (dosed,) = sensory_rates(bench, [dose])
    outcome = judged_rate(bench, dosed)
    i_th = sensory_firing(bench, settings_of(dict(dose)))["sensory_i_th"]
    before, motor = rates_at(bench, [{}, dose])
    words = (
        f"{outcome.reason}; at the dose it is {1e3 * np.nanmedian(i_th):.0f} pA; motor "
        f"pools fire {np.nanmedian(ratios(motor, before)):.3g} times as often"
    )
    return part(bench, replace(outcome, reason=words), claim, **(
        {"name": "sensory_rate", "unit": UNIT} | labels
    ))  # fmt: skip


def climbing(bench: Bench, name: str, ladder, marked: float, title: str) -> Picture:
    """Return the picture of the ectopic rate over a ladder of one quantity."""
    from neurosim.plot import Doses

    quantity, doses = ladder
    found = sensory_rates(bench, [{quantity: dose} for dose in doses])
    drawn = Doses(name=quantity, x=doses, draws=found, marked=marked,
                  xlabel=str(IONS.get(quantity, quantity)))  # fmt: skip
    return Picture(name, "ladder", {
        "arms": [drawn], "ylabel": EVENTS, "log_from": 1.0, "title": title,
        "control": band(sensory_rates(bench, [{}])[0]),
    })  # fmt: skip


def goes_numb(bench: Bench, claim: str, dose: Mapping[str, Any], **labels) -> Part:
    """Return whether sensory axons stop conducting in a bath."""
    found = sensory_conducting(bench, settings_of(dict(dose)))
    outcome = ratio_rule(found["sensory_share"], 0.90, "down")
    speed = np.nanmedian(found["sensory_cv"])
    words = f"{outcome.reason}; median velocity {speed:.3g} m/s"
    return part(bench, replace(outcome, reason=words), claim, **(
        {"name": "sensory_conducting", "unit": "share of axons"} | labels
    ))  # fmt: skip


def low_magnesium(bench: Bench) -> Judged:
    """C17: ectopic rate and conduction of sensory axons, direct and linked."""
    doses = doses_of("C17")
    direct, given = doses["direct"], felt(bench, doses["linked"])
    labels = {"arm": "linked", "mode": "linked"}
    tingling = tingles(bench, "C17", given, **labels)
    words = f"{tingling.reason}; {baths(given)}"
    picture = climbing(
        bench, "C17_sensory_rate", ("mg_o", (0.55, direct["mg_o"])), direct["mg_o"],
        "C17: low magnesium and ectopic events of sensory axons",
    )  # fmt: skip
    return [
        tingles(bench, "C17", direct, arm="direct", figure="C17_sensory_rate.svg"),
        goes_numb(bench, "C17", direct, arm="direct"),
        replace(tingling, reason=words),
        goes_numb(bench, "C17", given, **labels),
    ], [picture]


def low_calcium(bench: Bench) -> Judged:
    """C35: ectopic rate of sensory axons."""
    dose = doses_of("C35")[""]
    picture = climbing(
        bench, "C35_sensory_rate", ("ca_o", (1.25, dose["ca_o"])), dose["ca_o"],
        "C35: low calcium and ectopic events of sensory axons",
    )  # fmt: skip
    return [tingles(bench, "C35", dose, figure="C35_sensory_rate.svg")], [picture]


def slow_pump(bench: Bench) -> Judged:
    """C94: ectopic rate of sensory axons; that of motor axons is reported."""
    dose = doses_of("C94")[""]
    motor = replace(standard(bench, dose), verdict=REPORTED)
    picture = climbing(
        bench, "C94_sensory_rate", ("pump", (1.0, dose["pump"])), dose["pump"],
        "C94: slowed Na-K pump and ectopic events of sensory axons",
    )  # fmt: skip
    return [
        tingles(bench, "C94", dose, figure="C94_sensory_rate.svg"),
        part(bench, motor, "C94", name="motor_rate", unit=UNIT),
    ], [picture]


def losing(bench: Bench, share: float, internodes: int) -> np.ndarray:
    """Tell which axons of each pool lose an internode or more, (draws, axons)."""
    seed = bench.population.seed
    return np.stack([
        draw_lost(share, AXONS, internodes, (seed, STREAM, k)).any(axis=1)
        for k in range(bench.population.size)
    ])  # fmt: skip


def in_sheath(bench: Bench, g_ratio: float, lost: tuple = ()) -> dict[str, np.ndarray]:
    """Return what the fibre of each draw conducts with another sheath."""
    cable = sheathed(sensory_cable())
    return bench.once(
        "sensory_conduction", sheaths(cable, g_ratio, lost),
        lambda dose: conducting(cable, sensory_bench(bench), dose),
    )  # fmt: skip


def numb_without_b12(bench: Bench) -> Judged:
    """C55: share of sensory axons that conduct with thin and lost myelin."""
    dose = doses_of("C55")[""]
    g_ratio, loss = dose["g_ratio"], dose["internode_loss"]
    healthy = sensory_conducting(bench, {})
    thin, one = in_sheath(bench, g_ratio), in_sheath(bench, g_ratio, (MIDDLE,))
    whole = 1.0 - losing(bench, loss, INTERNODES).mean(axis=1)
    share = whole * thin["sensory_share"] + (1.0 - whole) * one["sensory_share"]
    outcome = ratio_rule(share / healthy["sensory_share"], 0.90, "down")
    put_in = np.array_equal(share, whole)
    told = (
        f"{outcome.reason}; with the thin sheath alone "
        f"{np.nanmean(thin['sensory_share']):.0%} conduct, with one lost internode "
        f"{np.nanmean(one['sensory_share']):.0%}"
    )
    if put_in:
        told += (
            f": exactly the axons without a loss conduct, (1 - {loss:g})^{INTERNODES} "
            f"= {(1.0 - loss) ** INTERNODES:.2f} of them, which follows from the loss "
            f"and the {INTERNODES} internodes put in; a limb's nerve has hundreds"
        )
    if put_in and passes(outcome.verdict):
        outcome = replace(outcome, verdict=BY_ASSUMPTION)
    speed = ratio_rule(thin["sensory_cv"] / healthy["sensory_cv"], 1.0, "down")
    alone = ratio_rule(thin["sensory_share"] / healthy["sensory_share"], 0.90, "down")
    figure = {"figure": "C55_share.svg"}
    picture = Picture("C55_share", "share_bars", {
        "shares": {
            name: band_of(found) for name, found in {
                "healthy": healthy["sensory_share"],
                "thin sheath": thin["sensory_share"],
                "thin, internodes lost": share,
            }.items()
        },
        "xlabel": "sensory axons that conduct", "criterion": 0.90,
        "title": "C55: thin and lost myelin and conduction",
    })  # fmt: skip
    return [
        part(bench, replace(outcome, reason=told), "C55", name="sensory_conducting",
             unit="share of axons", **figure),
        part(bench, replace(alone, verdict=REPORTED), "C55", name="thin_alone",
             unit="share of axons", **figure),
        part(bench, replace(speed, verdict=REPORTED), "C55", name="cv", unit="ratio"),
    ], [picture]  # fmt: skip


def band_of(found: np.ndarray) -> tuple[float, float, float]:
    """Return median, 5th and 95th percentile of the usable draws."""
    return float(np.nanmedian(found)), *band(found)


def tingling_without_b12(bench: Bench) -> Judged:
    """C92: ectopic rate of sensory axons with thin and lost myelin."""
    dose = doses_of("C92")[""]
    found = sheathed_rates(bench, dose["g_ratio"], dose["internode_loss"])
    outcome = judged_rate(bench, found["sensory_sheath_rate"])
    thin = np.nanmedian(found["sensory_thin_rate"])
    words = (
        f"{outcome.reason}; {thin:.3g} per min with the thin sheath alone, at "
        f"{1e3 * np.nanmedian(found['sensory_thin_i_th']):.0f} pA; a node between bare "
        f"internodes {bare_words(found['sensory_bare_i_th'])}"
    )
    (healthy,) = sensory_rates(bench, [{}])
    picture = Picture("C92_sensory_rate", "dose_response", {
        "x": (0.70, dose["g_ratio"]),
        "draws": np.stack([healthy, found["sensory_thin_rate"]]),
        "control": band(healthy), "xlabel": "g-ratio, no internode lost",
        "ylabel": EVENTS, "criterion": None,
        "title": "C92: thin myelin and ectopic events of sensory axons",
    })  # fmt: skip
    return [part(bench, replace(outcome, reason=words), "C92", name="sensory_rate",
                 unit=UNIT, figure="C92_sensory_rate.svg")], [picture]  # fmt: skip


def bare_words(i_th: np.ndarray) -> str:
    """Return in words what excites a node between bare internodes; nA, (draws,)."""
    never = np.mean(~np.isfinite(i_th))
    if never == 1.0:
        return "cannot be excited in any draw"
    return (
        f"has a threshold of {1e3 * np.nanmedian(i_th):.0f} pA and cannot be excited "
        f"in {never:.0%} of draws"
    )


def sheathed_rates(bench: Bench, g_ratio: float, loss: float) -> dict[str, np.ndarray]:
    """Return the ectopic events of sensory pools in another sheath, each (draws,).

    Returns
    -------
    sensory_sheath_rate : with both changes; sensory_thin_rate : without lost
    internodes, 1/min. sensory_thin_i_th, sensory_bare_i_th : threshold current of the
    median axon, nA.
    """

    def make(_: dict) -> dict[str, np.ndarray]:
        axons = sensory_bench(bench)
        model = sheathed(axons.model)
        other = Bench(model, axons.population, shelf=bench.shelf)
        thin, _often, i_th = each_axon(other, sheaths(model, g_ratio))
        bare, _often, bare_i_th = each_axon(other, sheaths(model, g_ratio, (0,)))
        still = np.where(np.isfinite(thin), np.nan_to_num(bare), np.nan)
        rates = np.where(losing(bench, loss, 1), still, thin)
        return {
            "sensory_sheath_rate": r_sp(rates), "sensory_thin_rate": r_sp(thin),
            "sensory_thin_i_th": i_th[:, 0], "sensory_bare_i_th": bare_i_th[:, 0],
        }  # fmt: skip

    return bench.once(
        "sensory_sheath", {"g_ratio": g_ratio, "internode_loss": loss}, make
    )


EVALUATED = {
    "C17": low_magnesium,
    "C35": low_calcium,
    "C55": numb_without_b12,
    "C92": tingling_without_b12,
    "C94": slow_pump,
}
