"""What the rows come to: beside the literature, still to do, and in a few words."""

from collections.abc import Iterable
from typing import Any

from neurosim.report.rows import LOOK, NO_CARD, Rows, begun, kind_of, label

# what the first word about the literature makes one expect of the model
EXPECTED = {
    "agree": ("reproduced", "via …"),
    "partly": ("partly", "partly (small)"),
    "disagree": ("not supported", "contradicted"),
}
COMPARED = tuple(kind for kinds in EXPECTED.values() for kind in kinds)

# how one claim, and several, are said to have come out
CAME_OUT = {
    "reproduced": ("is reproduced", "are reproduced"),
    "via …": ("holds by way of a named pathway", "hold by way of a named pathway"),
    "by assumption": ("follows from what was put in", "follow from what was put in"),
    "partly": ("holds in part", "hold in part"),
    "partly (small)": ("holds with a small effect", "hold with a small effect"),
    "not supported": ("is not supported", "are not supported"),
    "contradicted": ("is contradicted", "are contradicted"),
    "not evaluable": ("could not be tested", "could not be tested"),
}

# what a stage of the chain, as the ledger names it, stands for
STAGES = {
    "nerve": "spontaneous firing of nerve",
    "NMJ": "the neuromuscular junction",
    "muscle membrane": "the muscle fibre",
    "EC coupling/energy": "calcium and energy in muscle",
    "systemic": "the body (diet, kidney, hormones)",
    "myelin": "axons with damaged myelin",
    "motoneuron drive": "the drive of the motoneuron",
}


def literature_word(claim: Any) -> str:
    """Return the first word about the literature: such as agree."""
    return claim.literature.partition(":")[0]


def comparable(claim: Any, verdict: str) -> bool:
    """Tell whether a verdict can be held against what the literature says."""
    return literature_word(claim) in EXPECTED and kind_of(verdict) in COMPARED


def differs(claim: Any, verdict: str) -> bool:
    """Tell whether a verdict is another than the literature makes one expect."""
    expected = EXPECTED.get(literature_word(claim), COMPARED)
    return comparable(claim, verdict) and kind_of(verdict) not in expected


def why(parts: Iterable[Any]) -> str:
    """Return what made a verdict: the field ``why`` of its parts, or their reasons."""
    judged = [p for p in parts if p.verdict not in (*NO_CARD, "reported only")]
    given = [(label(p), getattr(p, "why", "") or p.reason) for p in judged]
    told = [f"{name}: {text}" if name else text for name, text in given if text]
    return "; ".join(dict.fromkeys(told))


def waits_for(claim: Any, parts: Iterable[Any]) -> str:
    """Return what a row needs before it can be judged."""
    reasons = dict.fromkeys(
        p.reason for p in parts if p.verdict == "not evaluated yet" and p.reason
    )
    if reasons:
        return "; ".join(reason.removeprefix("needs ") for reason in reasons)
    stages = [str(STAGES.get(name, name)) for name in claim.stage.split("; ")]
    if claim.mode in ("linked", "both") and STAGES["systemic"] not in stages:
        stages.append(STAGES["systemic"])
    return ", ".join(stages)


def bottom_line(rows: Rows) -> str:
    """Return what the rows come to, in a few sentences of plain language."""
    found = {kind: [r for r in rows if kind_of(r[1]) == kind] for kind in LOOK}
    judged = [row for kind in CAME_OUT for row in found[kind]]
    waiting = found["not evaluated yet"]
    started = [row for row in waiting if begun(row[1], row[2])]
    said = [
        f"Of {_claims(len(rows))}, {_verb(judged, 'is', 'are')} judged here, "
        f"{_verb(waiting, 'waits', 'wait')} for later stages of the chain, and "
        f"{_verb(found['outside the model'], 'lies', 'lie')} outside what the model "
        "can say."
    ]
    outcomes = [
        f"{_verb(group, *words)} ({_ids(group)})"
        for kind, words in CAME_OUT.items()
        if (group := found[kind])
    ]
    if outcomes:
        said.append(f"In the model, {', '.join(outcomes)}.")
    compared = [row for row in judged if comparable(row[0], row[1])]
    other = [row for row in compared if differs(row[0], row[1])]
    if compared:
        same = len(compared) - len(other)
        rest = f"; it differs on {_ids(other)}" if other else ""
        said.append(
            "Its word is the one that the ledger's note on the literature begins with "
            f"on {same} of {_claims(len(compared))} where the two can be "
            f"compared{rest}."
        )
    if started:
        said.append(f"Judged in part so far: {_ids(started)}.")
    return " ".join(said)


def _ids(rows: Rows) -> str:
    return ", ".join(claim.id for claim, _, _ in rows)


def _verb(rows: Rows, one: str, several: str) -> str:
    return f"{len(rows)} {one if len(rows) == 1 else several}"


def _claims(number: int) -> str:
    return f"{number} claim{'s' * (number != 1)}"
