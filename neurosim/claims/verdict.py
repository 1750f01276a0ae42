"""What is said about a claim: the words, a judged part, the verdict of a row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from neurosim.claims.ledger import Claim
from neurosim.claims.rule import Rule, Term
from neurosim.errors import NeurosimError, unknown

REPRODUCED = "reproduced"
VIA = "via"  # followed by the pathway: "via secondary Ca fall"
BY_ASSUMPTION = "by assumption"
PARTLY = "partly"
PARTLY_SMALL = "partly (small)"
NOT_SUPPORTED = "not supported"
CONTRADICTED = "contradicted"
NOT_EVALUABLE = "not evaluable"  # the precondition in the criterion did not hold
OUTSIDE = "outside the model"
NOT_EVALUATED = "not evaluated yet"
REPORTED = "reported only"  # a number of a part that no verdict rests on

VERDICTS = (  # best first
    REPRODUCED, VIA, BY_ASSUMPTION, PARTLY, PARTLY_SMALL, NOT_SUPPORTED, CONTRADICTED,
    NOT_EVALUABLE, OUTSIDE, NOT_EVALUATED, REPORTED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule found: verdict, median effect, interval, share with the sign."""

    verdict: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    sign_probability: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One judged part of a row, ready to be reported.

    Parameters
    ----------
    claim, name, arm : id of the claim, name of the part, arm of the dose.
    verdict : one of ``VERDICTS``, or "via …".
    effect, low, high : median, 5th and 95th percentile of the draws [unit].
    mode, seed : "direct" or "linked"; seed of the run.
    sign_probability : share of all draws with the sign asked for.
    smallest_dose : mildest dose of a ladder that passes, as number or words.
    reason : one sentence.
    figure, alt : file in the folder ``figures`` and what it shows, in words.

    Raises
    ------
    UnknownName : for a verdict outside the vocabulary.
    """

    claim: str
    name: str = ""
    arm: str = ""
    verdict: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    mode: str = ""
    seed: int | None = None
    sign_probability: float | None = None
    smallest_dose: float | str | None = None
    reason: str = ""
    figure: str | None = None
    alt: str = ""

    def __post_init__(self):
        """Refuse a word outside the vocabulary."""
        rank(self.verdict)


# a row of the verdict table
Row = tuple[Claim, str, tuple[Part, ...]]


def as_part(outcome: Outcome, *, claim: str, **labels) -> Part:
    """Return the part that bears an outcome; ``labels`` are fields of ``Part``."""
    return Part(claim=claim, **(asdict(outcome) | labels))


def via(pathway: str) -> str:
    """Return the verdict of an effect that needs this pathway."""
    return f"{VIA} {pathway}"


def rank(verdict: str) -> int:
    """Return the place of a verdict in ``VERDICTS``, 0 the best."""
    word = VIA if verdict.startswith(f"{VIA} ") else verdict
    if word not in VERDICTS or verdict == VIA:
        raise unknown(verdict, "The vocabulary of verdicts", VERDICTS)
    return VERDICTS.index(word)


def passes(verdict: str) -> bool:
    """Tell whether a verdict counts as passed."""
    return rank(verdict) <= VERDICTS.index(BY_ASSUMPTION)


def missing(claim: Claim, parts: Iterable[Part]) -> tuple[str, ...]:
    """Return the names in the rule of a claim that no judged part bears."""
    judged = [part for part in parts if part.verdict != REPORTED]
    return tuple(
        name
        for name in claim.rule.names
        if not any(_bears(part, name) for part in judged)
    )


def row_verdict(claim: Claim, parts: Iterable[Part]) -> str:
    """Return the verdict of a row by the rule written in the ledger.

    Parameters
    ----------
    claim : row of the ledger.
    parts : its parts. Those "reported only" and those the rule does not name do not
        count; those not evaluable or outside the model are left out of the count.

    Returns
    -------
    "outside the model" where the ledger does not judge, "not evaluated yet" as long as
    one part is missing, otherwise what the rule says. A circular row reads
    "by assumption" at best.

    Raises
    ------
    NeurosimError : for a part of another claim.
    """
    parts = tuple(parts)
    if strays := sorted({part.claim for part in parts} - {claim.id}):
        raise NeurosimError(
            f"Row {claim.id} was given parts of {', '.join(strays)}; each part names "
            "the claim it belongs to."
        )
    if claim.mode == "none":
        return OUTSIDE
    judged = [part for part in parts if part.verdict != REPORTED]
    waiting = any(part.verdict == NOT_EVALUATED for part in judged)
    if not judged or waiting or missing(claim, judged):
        return NOT_EVALUATED
    deciding = _among(judged, claim.rule.names)
    telling = [p for p in deciding if p.verdict not in (NOT_EVALUABLE, OUTSIDE)]
    if not telling:
        return min((part.verdict for part in deciding), key=rank)
    verdict = _by_rule(claim.rule, telling)
    return BY_ASSUMPTION if claim.circular and passes(verdict) else verdict


def judged_row(claim: Claim, parts: Iterable[Part]) -> Row:
    """Return (claim, verdict, parts) as the report takes it.

    Where only some parts of a row have been evaluated, the others are added as "not
    evaluated yet", so that the report names what the row waits for.
    """
    parts = tuple(parts)
    arms = {arm.name for arm in claim.arms}
    absent = []
    for name in missing(claim, parts) if parts else ():
        arm, _, part = (name, "", "") if name in arms else name.rpartition(".")
        absent.append(Part(claim=claim.id, name=part, arm=arm, verdict=NOT_EVALUATED))
    return claim, row_verdict(claim, parts), (*parts, *absent)


def _bears(part: Part, name: str) -> bool:
    return name in (part.name, part.arm, f"{part.arm}.{part.name}")


def _among(parts: Iterable[Part], names: tuple[str, ...]) -> list[Part]:
    return [p for p in parts if not names or any(_bears(p, name) for name in names)]


def _holds(term: Term, parts: Sequence[Part], good: Callable[[str], bool]) -> bool:
    need, names = term
    groups = [_among(parts, (name,)) for name in names] or [list(parts)]
    met = [[good(part.verdict) for part in group] for group in groups if group]
    if need == "any":
        return any(any(group) for group in met)
    whole = [all(group) for group in met]
    return bool(whole) and (all(whole) if need == "all" else sum(whole) >= int(need))


def _passes_at_least_partly(verdict: str) -> bool:
    return passes(verdict) or verdict == PARTLY


def _by_rule(rule: Rule, parts: Sequence[Part]) -> str:
    for word, terms in rule.clauses:
        good = _passes_at_least_partly if word == PARTLY else passes
        if all(_holds(term, parts, good) for term in terms):
            names = tuple(name for _, listed in terms for name in listed)
            kinds = {p.verdict for p in _among(parts, names) if passes(p.verdict)}
            # "via nerve" in every part is more than "reproduced" says.
            return kinds.pop() if word == REPRODUCED and len(kinds) == 1 else word
    return _otherwise(rule.otherwise, parts)


def _otherwise(words: str, parts: Sequence[Part]) -> str:
    if words.startswith("as "):
        parts = _among(parts, (words.removeprefix("as "),))
        if not parts:
            return NOT_EVALUABLE
    verdicts = sorted((part.verdict for part in parts), key=rank)
    if words == "best":
        verdict = verdicts[0]
    elif words == "worst" or words.startswith("as "):
        verdict = verdicts[-1]
    else:
        return words
    return PARTLY if passes(verdict) else verdict
