"""What rest and R_sp say of vitamins B and iron; the force decides most of it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from neurosim.claims.course import levels, value
from neurosim.claims.criteria import ratio_rule, share_rule
from neurosim.claims.draws import interval
from neurosim.claims.impulse import impulse
from neurosim.claims.judge import Judged, Picture, doses_of, part, settings_of
from neurosim.claims.levels import linked
from neurosim.claims.linked import firing
from neurosim.claims.population import Bench
from neurosim.claims.rates import UNIT, standard
from neurosim.claims.sheath import conducted, partaking, put_in, thin
from neurosim.claims.verdict import REPORTED, Outcome

VITAMINS: tuple[str, ...] = ("b1", "b6", "b12")


def weak_b1(bench: Bench) -> Judged:
    """C58: rest of the axon is reported; the force decides (``energy``)."""
    given = settings_of(doses_of("C58")[""])
    healthy, dosed = bench.excitability([{}, given])
    effect, low, high = interval(dosed["rest"] - healthy["rest"])
    rest = Outcome(REPORTED, effect, low, high, None, "rest of the axon moves so")
    return [part(bench, rest, "C58", name="v_rest", unit="mV")], []


def little_b6(bench: Bench) -> Judged:
    """C59: R_sp with a loss of inhibition."""
    outcome = standard(bench, doses_of("C59")[""])
    words = f"{outcome.reason}; the loss of inhibition is assumed"
    return [part(bench, replace(outcome, reason=words), "C59", name="r_sp",
                 unit=UNIT)], []  # fmt: skip


def nerve_and_force(bench: Bench, treat: tuple[str, ...], days: float) -> np.ndarray:
    """Return velocity [m/s] and 30 Hz force of a pool after treatment, (2, draws)."""
    moved = put_in({"start": VITAMINS, "treat": treat or "none"}, days)
    fibre = {name: moved[name] for name in ("atp_supply", "pump")}
    sheath = thin(moved["g_ratio"]) | {"pump": moved["pump"]}
    units = partaking(bench, moved["internode_loss"]) * (1.0 - moved["axon_loss_motor"])
    force = bench.fibres.course(fibre)["force30"] * units
    return np.stack([conducted(bench, sheath)["thin_cv"], force])


def three_vitamins(bench: Bench) -> Judged:
    """C61: what each vitamin, and all three, bring back in 90 days."""
    days = doses_of("C61")["all"]["days"]
    arms = [c for n in range(4) for c in combinations(VITAMINS, n)]
    found = {treat: nerve_and_force(bench, treat, days) for treat in arms}
    usual = np.stack([impulse(bench, {})["cv"], bench.fibres.course({})["force30"]])
    before = found[()]
    gains = {
        treat: (after - before) / (usual - before) for treat, after in found.items()
    }
    means = {treat: gain.mean(axis=0) for treat, gain in gains.items()}
    ahead, extra = against_singles(means)
    outcome = share_rule(
        np.where(np.isfinite(ahead), ahead > 0.0, np.nan), seed=bench.population.seed
    )
    middle, low, high = interval(extra[np.isfinite(extra)])
    synergy = "claimed" if low > 0.0 else "not claimed"
    alone = {
        name: np.count_nonzero(against_singles({t: v[k] for t, v in gains.items()})[0]
                               > 0.0)
        for k, name in enumerate(("velocity", "force"))
    }  # fmt: skip
    told = "; ".join(
        f"{'+'.join(treat) or 'none'} {np.nanmedian(cv):.2f} and "
        f"{np.nanmedian(force):.2f}"
        for treat, (cv, force) in gains.items()
    )
    words = (
        f"joint recovery {np.nanmedian(means[VITAMINS]):.2f}, ahead of the best single "
        f"one by {np.nanmedian(ahead):.2f}; interaction {middle:.3f} ({low:.3f} to "
        f"{high:.3f}), so synergy is {synergy}; joint is ahead in "
        f"{alone['velocity']} draws by velocity alone, in {alone['force']} by force "
        f"alone; recovery of velocity and force: {told}; "
        f"velocity before treatment {np.nanmedian(before[0] / usual[0]):.2f}, force "
        f"{np.nanmedian(before[1] / usual[1]):.2f} of healthy; what each vitamin "
        "brings back is put in: b6 brings back neither, and b1 the pump, which makes "
        "axons slower"
    )
    effect = dict(zip(("effect", "low", "high"), interval(ahead[np.isfinite(ahead)]),
                      strict=True))  # fmt: skip
    judged = linked(bench, replace(outcome, **effect), "C61", name="recovery",
                    unit="share of what is missing", words=words,
                    figure="C61_recovery.svg")  # fmt: skip
    shown = {"+".join(treat): means[treat] for treat in arms if treat}
    picture = Picture("C61_recovery", "share_bars", {
        "shares": {n: interval(v[np.isfinite(v)]) for n, v in shown.items()},
        "xlabel": "regained, mean of velocity and force",
        "title": f"C61: {days:g} days of vitamins B",
    })  # fmt: skip
    return [judged], [picture]


def against_singles(
    gains: Mapping[tuple[str, ...], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the joint gain less the best single one, and less their sum, (draws,)."""
    singles = np.stack([gains[one,] for one in VITAMINS])
    joint = gains[VITAMINS]
    return joint - singles.max(axis=0), joint - singles.sum(axis=0)


def anaemia(bench: Bench) -> Judged:
    """C62: R_sp at rest; half relaxation is judged in ``energy``."""
    return [firing(bench, "C62", mode="direct")], []


def too_much_b6(bench: Bench) -> Judged:
    """C60: the response of a sensory nerve is the sum over its axons."""
    lost = value(levels(bench, doses_of("C60")[""]), "axon_loss_sensory")
    outcome = ratio_rule(1.0 - lost, 0.90, "down")
    words = "the loss of axons is put in, the spikes of the others are unchanged"
    return [linked(bench, outcome, "C60", name="sensory_amplitude", unit="ratio",
                   mode="direct", words=words)], []  # fmt: skip


EVALUATED = {
    "C58": weak_b1,
    "C59": little_b6,
    "C60": too_much_b6,
    "C61": three_vitamins,
    "C62": anaemia,
}
