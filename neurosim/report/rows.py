"""Rows of the verdict table in words.

A row is ``(claim, verdict, parts)``, as ``neurosim.claims.verdict.judged_row`` makes
it. This package stands below the claims and only reads the fields of what it is given.
"""

import math
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from neurosim.errors import unknown

Rows = Sequence[tuple[Any, str, Sequence[Any]]]

# Okabe-Ito colours and two greys; the word and a sign always stand beside the colour
LOOK = {
    "reproduced": "#009E73",
    "via …": "#56B4E9",
    "by assumption": "#CC79A7",
    "partly": "#E69F00",
    "partly (small)": "#F0E442",
    "not supported": "#0072B2",
    "contradicted": "#D55E00",
    "not evaluable": "#000000",
    "outside the model": "#707070",
    "not evaluated yet": "#B0B0B0",
}
PASSED = ("reproduced", "via …", "by assumption")
NO_CARD = ("outside the model", "not evaluated yet")


def kind_of(verdict: str) -> str:
    """Return the key in ``LOOK``; every "via …" is one kind.

    Raises
    ------
    UnknownName : for a word outside the vocabulary.
    """
    kind = "via …" if verdict.startswith("via ") else verdict
    if kind not in LOOK:
        raise unknown(verdict, "The vocabulary of verdicts", LOOK)
    return kind


def counts(rows: Rows) -> dict[str, int]:
    """Return how many rows have each verdict, all "via …" together, best first."""
    found = Counter(kind_of(verdict) for _, verdict, _ in rows)
    return {kind: found[kind] for kind in LOOK if found[kind]}


def begun(verdict: str, parts: Iterable[Any]) -> bool:
    """Tell whether a row without a verdict has a part that was judged."""
    return verdict == "not evaluated yet" and any(
        p.verdict not in NO_CARD for p in parts
    )


def headline(verdict: str, parts: Iterable[Any]) -> Any | None:
    """Return the part whose number stands for the row; None without a verdict.

    That is the first one with the verdict of the row, or else the first that passed,
    or else the first with a number.
    """
    if verdict in NO_CARD:
        return None
    numbers = [
        p for p in parts if p.effect is not None and p.verdict != "reported only"
    ]
    same = [part for part in numbers if part.verdict == verdict]
    passed = [part for part in numbers if kind_of(part.verdict) in PASSED]
    return next(iter(same + passed + numbers), None)


def number(value: Any) -> str:
    """Return a number to three digits, words as they are, nothing as empty."""
    if isinstance(value, str) or value is None:
        return value or ""
    return f"{value:.3g}" if math.isfinite(value) else "not finite"


def effect_text(part: Any | None) -> str:
    """Return ``effect [low, high] unit`` of a part; empty where there is no number."""
    if part is None or part.effect is None:
        return ""
    ends = (part.low, part.high)
    interval = "" if None in ends else f" [{', '.join(map(number, ends))}]"
    return f"{number(part.effect)}{interval} {part.unit}".strip()


def label(part: Any) -> str:
    """Return arm and name of a part as one phrase."""
    return " ".join(filter(None, (part.arm, part.name)))


def row_reason(claim: Any, parts: Sequence[Any]) -> str:
    """Return why a row reads as it does: its parts, or the reason of its only one."""
    if not parts:
        return claim.criterion if claim.mode == "none" else "no part evaluated"
    if len(parts) == 1:
        return parts[0].reason
    return "; ".join(f"{label(part) or 'result'}: {part.verdict}" for part in parts)


def dose_text(claim: Any) -> str:
    """Return the settings of every arm of a claim."""
    arms = []
    for arm in claim.arms:
        settings = (f"{key} = {_setting(value)}" for key, value in arm.settings.items())
        arms.append(f"{arm.name}: " * bool(arm.name) + "; ".join(settings))
    return " | ".join(arms)


def _setting(value: Any) -> str:
    if isinstance(value, tuple):
        mark = ", " if isinstance(value[0], str) else "/"
        return mark.join(_setting(item) for item in value)
    return value if isinstance(value, str) else f"{value:g}"


def verdict_table(rows: Rows, *, width: int | None = None) -> str:
    """Return the verdicts as aligned text, a line per row, and a line of counts.

    Rows that still wait for a part show the parts that were judged beneath.

    Parameters
    ----------
    rows : (claim, verdict, parts) each.
    width : characters per line; by default those of the terminal.
    """
    width = width or shutil.get_terminal_size((100, 24)).columns
    cells = [("id", "verdict", "effect [5 %, 95 %]", "claim")]
    for claim, verdict, parts in rows:
        effect = effect_text(headline(verdict, parts))
        cells.append((claim.id, verdict, effect, claim.statement))
        if begun(verdict, parts):  # what is known so far, a line per judged part
            cells += [
                ("", f"- {p.verdict}", effect_text(p), f"- {label(p)}")
                for p in parts
                if p.verdict not in NO_CARD
            ]
    sizes = [max(len(row[column]) for row in cells) for column in range(3)]
    room = max(width - sum(sizes) - 2 * len(sizes), 24)
    lines = []
    for *short, claim in cells:
        left = "  ".join(x.ljust(n) for x, n in zip(short, sizes, strict=True))
        lines.append(f"{left}  {textwrap.shorten(claim, room, placeholder='…')}")
    tally = ", ".join(f"{count} {kind}" for kind, count in counts(rows).items())
    noun = "claim" if len(rows) == 1 else "claims"
    lines.append(f"{len(rows)} {noun}: {tally or 'none'}")
    return "\n".join(lines)
