"""The page that shows the verdicts: one file, no scripts."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from neurosim.report.rows import (
    LOOK,
    NO_CARD,
    Rows,
    begun,
    counts,
    effect_text,
    headline,
    kind_of,
    label,
    number,
    row_reason,
)

_PAGE = Template("""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>neurosim: verdicts on $number claims</title>
<style>
$style</style>
</head>
<body>
<header>
<h1>Verdicts on $number claims</h1>
<p class="notice"><strong>Not medical advice.</strong> A verdict says what a model of
nerve and muscle does under stated assumptions, not what a person should do.</p>
</header>
<main>
<section><h2>Summary</h2>
$tally
</section>
<section><h2>Evaluated claims</h2>
<p>Numbers are medians with the 5th and 95th percentile of the draws.</p>
$cards
</section>
<section><h2>Evaluated in part</h2>
<p>These rows wait for a later stage of the chain; what the axon decides is shown.</p>
$started
</section>
$waiting
$outside
</main>
<footer>
<h2>The documents</h2>
<dl>
$documents
</dl>
<h2>How this page was made</h2>
<dl>
$settings
</dl>
</footer>
</body>
</html>
""")


def _word(verdict: str) -> str:
    colour = LOOK.get("via …" if verdict.startswith("via ") else verdict, "#bbb")
    return f'<span class="word" style="--look: {colour}">{escape(verdict)}</span>'


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
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


def _figure(folder: Path, part: Any) -> str:
    path = folder / "figures" / part.figure
    if not path.is_file():
        return f"<p>The figure {escape(part.figure)} was not drawn.</p>"
    # As the source of an image a drawing brings no scripts and no clashing names.
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    alt = part.alt or f"Figure of {part.claim} {label(part)}: {effect_text(part)}."
    return (
        f'<figure><img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'
        "</figure>"
    )


def _dose(claim: Any) -> str:
    arms = []
    for arm in claim.arms:
        settings = (f"{key} = {_setting(value)}" for key, value in arm.settings.items())
        arms.append(f"{arm.name}: " * bool(arm.name) + "; ".join(settings))
    return f"{' | '.join(arms)} ({claim.mode})"


def _setting(value: Any) -> str:
    if isinstance(value, tuple):
        mark = ", " if isinstance(value[0], str) else "/"
        return mark.join(_setting(item) for item in value)
    return value if isinstance(value, str) else f"{value:g}"


def _parts_table(parts: Sequence[Any]) -> str:
    head = (
        "part", "verdict", "effect [5 %, 95 %]", "share of draws", "smallest dose",
        "reason",
    )  # fmt: skip
    plain = ("sign_probability", "smallest_dose", "reason")
    return _table(
        head,
        (
            [escape(label(part)), _word(part.verdict), escape(effect_text(part))]
            + [escape(number(getattr(part, key))) for key in plain]
            for part in parts
        ),
    )


def _card(folder: Path, claim: Any, verdict: str, parts: Sequence[Any]) -> str:
    figures = {part.figure: part for part in reversed(parts) if part.figure}
    facts = {
        "Criterion, fixed before the run": claim.criterion,
        "Rule of the row": claim.rule.text,
        "Dose": _dose(claim),
        "Built in": "The result follows from what was put in." * claim.circular,
        "Documents": ", ".join(claim.documents),
        "Notes": claim.notes,
    }
    drawn = "\n".join(_figure(folder, part) for part in reversed(figures.values()))
    colour = LOOK[kind_of(verdict)]
    return f"""<article id="{escape(claim.id)}" style="--look: {colour}">
<h3>{escape(claim.id)} {escape(claim.statement)}</h3>
<div class="beside">
<div><b>The model</b><br>{_word(verdict)}<br>
{escape(effect_text(headline(verdict, parts)))}</div>
<div><b>The literature</b><br>{escape(claim.literature)}</div>
</div>
{drawn}
{_parts_table(parts)}
<dl>
{_listed((name, text) for name, text in facts.items() if text)}
</dl>
</article>"""


def _rest(title: str, kind: str, head: str, rows: Rows) -> str:
    body = [
        [escape(x) for x in (c.id, c.statement, c.literature, row_reason(c, parts))]
        for c, verdict, parts in rows
        if verdict == kind
    ]
    table = _table(("claim", "statement", "the literature", head), body)
    return f"<section><h2>{title}</h2>\n{table if body else '<p>None.</p>'}\n</section>"


def _listed(pairs: Iterable[tuple[str, Any]]) -> str:
    return "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(_yes_or_no(value))}</dd>"
        for name, value in pairs
    )


def _yes_or_no(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def page(
    folder: Path, rows: Rows, settings: Mapping[str, Any], documents: Iterable[Any]
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    folder : its folder ``figures`` holds the drawings that the parts name.
    rows : (claim, verdict, parts) each, in the order to show.
    settings : provenance by name.
    documents : what the labels D1 to D5 stand for (label, title, about).
    """
    tally = ([_word(kind), str(count)] for kind, count in counts(rows).items())
    cards = [_card(folder, *row) for row in rows if row[1] not in NO_CARD]
    started = [_card(folder, *row) for row in rows if begun(row[1], row[2])]
    idle = [row for row in rows if not begun(row[1], row[2])]
    return _PAGE.substitute(
        number=len(rows),
        style=resources.files("neurosim.report")
        .joinpath("page.css")
        .read_text("utf-8"),
        tally=_table(("verdict", "claims"), tally),
        cards="\n".join(cards) or "<p>None yet.</p>",
        started="\n".join(started) or "<p>None.</p>",
        waiting=_rest("Not evaluated yet", "not evaluated yet", "done so far", idle),
        outside=_rest("Outside the model", "outside the model", "why", rows),
        documents=_listed((d.label, f"{d.title} ({d.about})") for d in documents),
        settings=_listed(settings.items()),
    )
