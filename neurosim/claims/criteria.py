"""From draws to an outcome: the criteria of the ledger as pure functions.

A draw that failed (NaN or infinite) counts for neither sign, so it can never help a
claim; with more than 5 % of them nothing is judged.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from neurosim.claims.draws import INTERVAL, bootstrap_interval, interval, usable
from neurosim.claims.verdict import (
    CONTRADICTED,
    NOT_EVALUATED,
    NOT_SUPPORTED,
    PARTLY,
    PARTLY_SMALL,
    REPRODUCED,
    Outcome,
    passes,
    via,
)
from neurosim.errors import NeurosimError, unknown

SIGN_SHARE = 0.9  # share of draws with the sign; standard rule, notes of C01
VIA_SHARE = 0.5  # share of the effect a reset has to remove; criterion of C07


def _refused(note: str) -> Outcome:
    return Outcome(NOT_EVALUATED, reason=note.removeprefix("; "))


def _towards(values: np.ndarray, neutral: float, direction: str) -> int:
    signs = {"up": 1, "down": -1}
    if direction == "present":
        return 1 if np.median(values) >= neutral else -1
    if direction not in signs:
        raise unknown(direction, "A direction", (*signs, "present"))
    return signs[direction]


def _by_sign(right: float, wrong: float, *, large: bool, opposite: bool) -> str:
    if right >= SIGN_SHARE:
        return REPRODUCED if large else PARTLY_SMALL
    return CONTRADICTED if wrong >= SIGN_SHARE and opposite else NOT_SUPPORTED


def standard_rule(
    effect: np.ndarray,
    control: np.ndarray,
    direction: str,
    *,
    population: np.ndarray | None = None,
) -> Outcome:
    """Judge by the standard rule of the ledger.

    Parameters
    ----------
    effect : dose minus reference, draw by draw, dims (draw,).
    control : the reference value of the same draws, dims (draw,).
    direction : "up", "down", or "present" (either, but one sign).
    population : reference values the control interval is taken from, if more than
        ``control`` are at hand, dims (any,).

    Returns
    -------
    Outcome; ``effect`` is the median paired difference. Reproduced if the sign is
    right in 90 % of draws and the median at the dose lies outside the 5th to 95th
    percentile of the reference on that side; the sign alone is partly (small).

    Raises
    ------
    NeurosimError : for fewer than 100 draws, unpaired shapes or another direction.
    """
    effect, control = np.asarray(effect, float), np.asarray(control, float)
    keep, note, enough = usable(effect, control)
    if not enough:
        return _refused(note)
    used, total = effect[keep], keep.size
    sign = _towards(used, 0.0, direction)
    right = np.count_nonzero(sign * used > 0) / total
    wrong = np.count_nonzero(sign * used < 0) / total
    reference = control[keep] if population is None else np.asarray(population, float)
    low, high = np.percentile(reference, INTERVAL)
    dosed = np.median((control + effect)[keep])
    outside = bool(dosed > high if sign > 0 else dosed < low)
    reason = (
        f"sign right in {right * total:.0f} of {total} draws; median at the dose "
        f"{dosed:.4g}, control interval {low:.4g} to {high:.4g}{note}"
    )
    verdict = _by_sign(right, wrong, large=outside, opposite=True)
    return Outcome(verdict, *interval(used), right, reason)


def _bounded(draws, neutral, bound, direction, opposite) -> Outcome:
    keep, note, enough = usable(draws)
    if not enough:
        return _refused(note)
    used, total = draws[keep], keep.size
    sign = _towards(used, neutral, direction)
    asked = 1 if direction == "present" else sign
    if asked * (bound - neutral) < 0 or asked * (neutral - opposite) < 0:
        raise NeurosimError(
            f"The bound {bound:g} and its opposite {opposite:g} do not lie on the two "
            f"sides of {neutral:g} that direction {direction!r} asks for."
        )
    if sign != asked:
        bound, opposite = opposite, bound
    right = np.count_nonzero(sign * (used - neutral) > 0) / total
    wrong = np.count_nonzero(sign * (used - neutral) < 0) / total
    effect, low, high = interval(used)
    verdict = _by_sign(
        right,
        wrong,
        large=sign * (effect - bound) >= 0,
        opposite=sign * (opposite - effect) >= 0,
    )
    reason = (
        f"{'above' if sign > 0 else 'below'} {neutral:g} in {right * total:.0f} of "
        f"{total} draws; median {effect:.4g} against the bound {bound:.4g}{note}"
    )
    return Outcome(verdict, effect, low, high, right, reason)


def ratio_rule(
    ratios: np.ndarray, bound: float, direction: str, *, opposite: float | None = None
) -> Outcome:
    """Judge ratios dose/reference against a bound, such as median <= 0.95.

    Parameters
    ----------
    ratios : one per draw, dims (draw,).
    bound : what the median has to reach; for "present" the one above 1.
    direction : "up", "down" or "present".
    opposite : the bound on the other side of 1; by default mirrored, 0.95 to 1.05.

    Returns
    -------
    Outcome: reproduced if the sign is right in 90 % of draws and the median reaches the
    bound, partly (small) by the sign alone, contradicted if the other sign holds in
    90 % and the median reaches the opposite bound.

    Raises
    ------
    NeurosimError : for fewer than 100 draws or a bound on the wrong side of 1.
    """
    mirrored = 2.0 - bound if opposite is None else opposite
    if mirrored <= 0:
        raise NeurosimError(
            f"The ratio bound {bound:g} has no mirror above 0; give `opposite`, "
            f"for instance 1/{bound:g}."
        )
    return _bounded(np.asarray(ratios, float), 1.0, bound, direction, mirrored)


def change_rule(
    changes: np.ndarray, bound: float, direction: str, *, opposite: float | None = None
) -> Outcome:
    """Judge differences dose minus reference against a bound, as ``ratio_rule`` does.

    ``bound`` 0 asks for the sign alone (an order between two arms).
    """
    mirrored = -bound if opposite is None else opposite
    return _bounded(np.asarray(changes, float), 0.0, bound, direction, mirrored)


def share_rule(
    met: np.ndarray, *, needed: float = SIGN_SHARE, seed: int = 0
) -> Outcome:
    """Judge by the share of draws that meet a condition.

    Parameters
    ----------
    met : 1 or True where the condition holds, 0 where not, NaN where the draw failed,
        dims (draw,). Failed draws count as not met.
    needed : share that has to meet it, 0 to 1.
    seed : of the bootstrap behind the interval of the share.

    Returns
    -------
    Outcome; ``effect`` is the share, with its 5th to 95th bootstrap percentile.
    Reproduced or not supported: a condition has no opposite.
    """
    met = np.asarray(met, float)
    keep, note, enough = usable(met)
    if not enough:
        return _refused(note)
    flags = np.where(keep, met, 0.0) > 0
    share = float(np.mean(flags))
    low, high = bootstrap_interval(flags, level=0.9, seed=seed)
    verdict = REPRODUCED if share >= needed else NOT_SUPPORTED
    reason = f"met in {flags.sum()} of {flags.size} draws, {needed:.0%} asked for{note}"
    return Outcome(verdict, share, low, high, share, reason)


def inside_rule(
    values: np.ndarray, low: float, high: float, *, needed: float = SIGN_SHARE
) -> Outcome:
    """Judge by the share of draws inside a range, as where no effect is claimed.

    Parameters
    ----------
    values : one per draw, dims (draw,).
    low, high : the range, ends included [unit of ``values``].
    needed : share of draws that has to lie inside, 0 to 1.

    Returns
    -------
    Outcome; ``effect`` is the median value. Contradicted if 90 % lie outside.
    """
    values = np.asarray(values, float)
    keep, note, enough = usable(values)
    if not enough:
        return _refused(note)
    used, total = values[keep], keep.size
    inside = np.count_nonzero((used >= low) & (used <= high))
    if inside / total >= needed:
        verdict = REPRODUCED
    elif (used.size - inside) / total >= SIGN_SHARE:
        verdict = CONTRADICTED
    else:
        verdict = NOT_SUPPORTED
    reason = f"{inside} of {total} draws inside {low:g} to {high:g}{note}"
    return Outcome(verdict, *interval(used), inside / total, reason)


def via_rule(outcome: Outcome, shares: np.ndarray, pathway: str) -> Outcome:
    """Return "via pathway" if the effect passed and the reset removes half of it.

    Parameters
    ----------
    outcome : what the whole chain gave; one that did not pass is returned unchanged.
    shares : ``share_removed`` by resetting the pathway, dims (draw,).
    pathway : in the words the verdict should read, such as "nerve".
    """
    if not passes(outcome.verdict):
        return outcome
    shares = np.asarray(shares, float)
    keep, note, enough = usable(shares)
    if not enough:
        return replace(outcome, reason=f"{outcome.reason}; share not known{note}")
    share = float(np.median(shares[keep]))
    said = f"{outcome.reason}; resetting {pathway} removes {share:.0%} of it{note}"
    verdict = via(pathway) if share >= VIA_SHARE else outcome.verdict
    return replace(outcome, verdict=verdict, reason=said)


def provided(outcome: Outcome, conditions: Mapping[str, bool]) -> Outcome:
    """Hold a passing outcome to further conditions of its criterion.

    Parameters
    ----------
    outcome : of one of the rules; one that did not pass is returned unchanged.
    conditions : whether each holds, by its words ("non-decreasing on the ladder").

    Returns
    -------
    The outcome, "partly" with the failed conditions named unless all hold.
    """
    failed = [words for words, holds in conditions.items() if not holds]
    if not (failed and passes(outcome.verdict)):
        return outcome
    reason = f"{outcome.reason}; not met: {', '.join(failed)}"
    return replace(outcome, verdict=PARTLY, reason=reason)
