"""Pieces of the page: verdict words, tables, and a card per claim."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from neurosim.report.drawing import figure
from neurosim.report.rows import (
    LOOK,
    begun,
    dose_text,
    effect_text,
    headline,
    kind_of,
    label,
    number,
    row_reason,
)
from neurosim.report.summary import differs, literature_word, why

# signs beside the words: no verdict is told by colour alone
SIGNS = {
    "reproduced": "✓",
    "via …": "↳",
    "by assumption": "=",
    "partly": "◐",
    "partly (small)": "◔",
    "not supported": "○",
    "contradicted": "✗",
    "not evaluable": "?",
    "outside the model": "–",
    "not evaluated yet": "…",
}
DARK = ("#0072B2", "#D55E00", "#000000", "#707070")  # white stands out from these


def slug(kind: str) -> str:
    """Return the name of a kind of verdict for use in the page."""
    return "-".join("".join(c if c.isalpha() else " " for c in kind).split())


def look(kind: str) -> str:
    """Return the colours of a kind of verdict, and of what stands on it."""
    colour = LOOK.get(kind, "#B0B0B0")
    return f"--look: {colour}; --ink: {'#fff' if colour in DARK else '#000'}"


def word(verdict: str) -> str:
    """Return a verdict with its colour and its sign."""
    kind = "via …" if verdict.startswith("via ") else verdict
    sign = SIGNS.get(kind, "·")
    return (
        f'<span class="word" data-sign="{sign}" style="{look(kind)}">'
        f"{escape(verdict)}</span>"
    )


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells of ``body`` are HTML already."""
    names = [escape(name) for name in head]
    top = "".join(f'<th scope="col">{name}</th>' for name in names)
    # On a phone the cells stand below each other, each under the name of its column.
    lines = "\n".join(
        "<tr>"
        + "".join(
            f'<td data-head="{name}">{cell}</td>'
            for name, cell in zip(names, cells, strict=True)
        )
        + "</tr>"
        for cells in body
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def listed(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return names with what they stand for."""
    return "\n".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(_yes_or_no(value))}</dd></div>"
        for name, value in pairs
    )


def _yes_or_no(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def card(
    folder: Path, claim: Any, verdict: str, parts: Sequence[Any], titles: Mapping
) -> str:
    """Return the card of a claim.

    Parameters
    ----------
    folder : its folder ``figures`` holds the drawings that the parts name.
    titles : label of a document -> its title.
    """
    chief = headline(verdict, parts)
    kind = "part" if begun(verdict, parts) else slug(kind_of(verdict))
    return f"""<article id="{escape(claim.id)}" data-kind="{kind}"
 style="{look(kind_of(verdict))}">
<h3><a href="#{escape(claim.id)}">{escape(claim.id)}</a> {escape(claim.statement)}</h3>
<p class="verdict">{word(verdict)}
<strong class="effect">{escape(effect_text(chief))}</strong></p>
<p>{escape(row_reason(claim, parts))}</p>
{_beside_literature(claim, verdict, parts)}
{_figures(folder, parts)}
<h4>Parts</h4>
{_parts_table(parts)}
<dl>
{listed((name, text) for name, text in _facts(claim, chief, titles).items() if text)}
</dl>
<p class="top"><a href="#claims">All claims</a></p>
</article>"""


def _beside_literature(claim: Any, verdict: str, parts: Sequence[Any]) -> str:
    noted = f"<p><b>The literature</b>: {escape(claim.literature)}</p>"
    if not differs(claim, verdict):
        return noted
    return (
        f'<div class="differs"><p><b>Model and literature differ.</b> '
        f"The literature: {escape(literature_word(claim))}. "
        f"The model: {escape(verdict)}.</p>\n{noted}\n"
        f"<p><b>Why</b>: {escape(why(parts) or 'no reason was given')}</p></div>"
    )


def _figures(folder: Path, parts: Sequence[Any]) -> str:
    shown = {part.figure: part for part in reversed(parts) if part.figure}
    drawn = "\n".join(
        figure(
            folder / "figures" / part.figure,
            part.claim,
            f"{part.claim} {label(part)}".strip(),
            part.alt or f"Figure of {part.claim} {label(part)}: {effect_text(part)}.",
        )
        for part in reversed(shown.values())
    )
    return f'<div class="figures">{drawn}</div>' if drawn else ""


def _facts(claim: Any, chief: Any, titles: Mapping[str, str]) -> dict[str, str]:
    share = number(getattr(chief, "sign_probability", None))
    return {
        "Share of draws with the claimed sign": share,
        "Smallest dose that passes": number(getattr(chief, "smallest_dose", None)),
        "Dose": dose_text(claim),
        "Mode": claim.mode,
        "Criterion, fixed before the run": claim.criterion,
        "Rule of the row": claim.rule.text,
        "Built in": "The result follows from what was put in." * claim.circular,
        "Documents": "; ".join(
            f"{name} {titles.get(name, '')}".strip() for name in claim.documents
        ),
        "Notes": claim.notes,
    }


def _parts_table(parts: Sequence[Any]) -> str:
    head = (
        "part", "verdict", "effect [5 %, 95 %]", "share of draws", "smallest dose",
        "reason",
    )  # fmt: skip
    plain = ("sign_probability", "smallest_dose", "reason")
    return table(
        head,
        (
            [escape(label(part)), word(part.verdict), escape(effect_text(part))]
            + [escape(number(getattr(part, key))) for key in plain]
            for part in parts
        ),
    )
