"""The page that shows the verdicts: one file, no scripts, nothing from elsewhere."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from neurosim.report.cards import card, listed, look, slug, table, word
from neurosim.report.rows import (
    LOOK,
    NO_CARD,
    Rows,
    begun,
    counts,
    effect_text,
    headline,
    kind_of,
    row_reason,
)
from neurosim.report.summary import bottom_line, waits_for

MEANING = {
    "reproduced": "the model shows what is claimed, at the dose fixed before the run",
    "via …": "it does, and resetting the named pathway removes at least half of it",
    "by assumption": "it follows from what was put in; only its size is a result",
    "partly": "only part of the claim passes",
    "partly (small)": "the sign is right; the size misses what is asked for, or lies "
    "within the spread of healthy draws (mostly what is unknown about the axon)",
    "not supported": "neither the claimed effect nor its opposite",
    "contradicted": "the opposite of what is claimed",
    "not evaluable": "what the test presupposes did not hold",
    "outside the model": "about something that the model does not contain",
    "not evaluated yet": "a stage of the chain that it needs is still missing",
}
ID = re.compile(r"\bC\d+\b")

_PAGE = Template("""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>neurosim: verdicts on $number</title>
<style>
$style$filters</style>
</head>
<body>
<header>
<h1>Verdicts on $number</h1>
<p class="notice"><strong>Not medical advice.</strong> A verdict says what a model of
nerve and muscle does under stated assumptions, not what a person should do.</p>
<nav aria-label="Sections"><a href="#summary">Summary</a> <a href="#evaluated">Evaluated
</a> <a href="#part">In part</a> <a href="#waiting">Not yet</a>
<a href="#outside">Outside</a> <a href="#method">Method</a></nav>
</header>
<main>
<section id="summary"><h2>Summary</h2>
<p class="bottom">$bottom</p>
$bar
$tally
$filter
<h3 id="claims">Claims judged, wholly or in part</h3>
$index
</section>
<section id="evaluated"><h2>Evaluated claims</h2>
<p>Numbers are medians with the 5th and 95th percentile of the draws.</p>
$cards
</section>
<section id="part"><h2>Evaluated in part</h2>
<p>These rows wait for a later stage of the chain; what is known so far is shown.</p>
$started
</section>
<section id="waiting"><h2>Not evaluated yet</h2>
<p>Nothing is said about these claims; the last column says what they wait for.</p>
$waiting
</section>
<section id="outside"><h2>Outside the model</h2>
$outside
</section>
</main>
<footer>
<section id="method"><h2>Method</h2>
$method
<h3>The documents</h3>
<dl>
$documents
</dl>
<h3>How this page was made</h3>
<dl>
$settings
</dl>
</section>
<p class="notice"><strong>Not medical advice.</strong> Cramps, twitches or tingling that
last or worry you are a matter for a doctor, not for a model.</p>
</footer>
</body>
</html>
""")

_METHOD = Template("""<p>Dose, criterion and rule of each claim were written down before
anything was run. A model of the human motor axon$population is put into the bath of the
dose and compared, draw by draw, with itself in the healthy bath.</p>
<p>The effect is the median of the draws, the brackets are their 5th and 95th
percentile. The share of draws is the share in which the effect has the claimed sign.
The smallest dose is the mildest one of the ladder that still passes. Direct mode
changes one ion at a time; linked mode lets the body change the others too.</p>
<p>Spontaneous events of axons that fire often enough are counted in a simulation under
a fluctuating drive; those of all others come from a law fitted to such simulations. It
overstates where the threshold is beyond 3.2 σ (by a third at 3.5, threefold at 3.9).
Nearly all events of healthy pools lie there: their rate of about once a minute is what
the law says. Many reasons tell how much was simulated; draws.nc does for every bath and
draw (<code>direct</code>).</p>
<p>σ of the fluctuating drive is the one free calibration (benign baseline): it is set
before the verdicts, on healthy subjects only; nothing is fitted to the verdicts.</p>
<p>All random numbers follow from $seed: the same command gives the same page.</p>""")


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
    documents = tuple(documents)
    titles = {d.label: d.title for d in documents}
    full = [row for row in rows if row[1] not in NO_CARD]
    half = [row for row in rows if begun(row[1], row[2])]
    cards, started = (
        "\n".join(card(folder, *row, titles) for row in group) for group in (full, half)
    )
    noun = "claim" if len(rows) == 1 else "claims"
    style = resources.files("neurosim.report").joinpath("page.css").read_text("utf-8")
    return _PAGE.substitute(
        number=f"{len(rows)} {noun}",
        style=style,
        filters=_filter_rules(),
        bottom=_linked(bottom_line(rows), [row[0].id for row in full + half]),
        bar=_bar(counts(rows)),
        tally=_tally(counts(rows)),
        filter=_filter(full, half),
        index=_index(full, half),
        cards=cards or "<p>None yet.</p>",
        started=started or "<p>None.</p>",
        waiting=_waiting(rows),
        outside=_outside(rows),
        method=_method(settings),
        documents=listed((d.label, f"{d.title} ({d.about})") for d in documents),
        settings=listed(settings.items()),
    )


def _linked(text: str, ids: Sequence[str]) -> str:
    def link(found: re.Match) -> str:
        name = found[0]
        return f'<a href="#{name}">{name}</a>' if name in ids else name

    return ID.sub(link, escape(text))


def _bar(found: Mapping[str, int]) -> str:
    said = ", ".join(f"{count} {kind}" for kind, count in found.items())
    pieces = "".join(
        f'<span style="flex-grow: {count}; {look(kind)}"></span>'
        for kind, count in found.items()
    )
    return f'<div class="bar" role="img" aria-label="{escape(said)}">{pieces}</div>'


def _tally(found: Mapping[str, int]) -> str:
    body = ([word(k), str(n), escape(MEANING[k])] for k, n in found.items())
    drawn = table(("verdict", "claims", "meaning"), body)
    return f'<div class="tally">{drawn}</div>'


def _filter(full: Rows, half: Rows) -> str:
    kinds = list(counts(full))
    if len(kinds) + bool(half) < 2:
        return ""
    names = {"all": "all"} | {slug(kind): kind for kind in kinds}
    names |= {"part": "judged in part"} if half else {}
    choices = " ".join(
        f'<label><input type="radio" name="show" id="show-{name}"'
        f"{' checked' if name == 'all' else ''}> {escape(text)}</label>"
        for name, text in names.items()
    )
    return f'<fieldset class="filter"><legend>Show</legend>{choices}</fieldset>'


def _filter_rules() -> str:
    """Return styles that hide what was not chosen, where a browser can do that."""
    kinds = [slug(kind) for kind in LOOK if kind not in NO_CARD] + ["part"]
    rules = "\n".join(
        f'body:has(#show-{kind}:checked) [data-kind]:not([data-kind="{kind}"]),'
        for kind in kinds
    )
    return f"@media screen {{\n{rules.rstrip(',')} {{ display: none; }}\n}}\n"


def _index(full: Rows, half: Rows) -> str:
    if not (full or half):
        return "<p>None yet.</p>"
    lines = []
    for claim, verdict, parts in [*full, *half]:
        kind = "part" if begun(verdict, parts) else slug(kind_of(verdict))
        shown = "judged in part" if kind == "part" else verdict
        number = effect_text(headline(verdict, parts))
        lines.append(
            f'<li data-kind="{kind}"><a href="#{claim.id}">{escape(claim.id)} '
            f"{escape(claim.statement)}</a><br>{word(shown)} {escape(number)}</li>"
        )
    return "<ol>\n" + "\n".join(lines) + "\n</ol>"


def _waiting(rows: Rows) -> str:
    idle = [r for r in rows if r[1] == "not evaluated yet" and not begun(r[1], r[2])]
    return _rest(idle, "waits for", waits_for)


def _outside(rows: Rows) -> str:
    return _rest([r for r in rows if r[1] == "outside the model"], "why", row_reason)


def _rest(rows: Rows, head: str, tell: Any) -> str:
    if not rows:
        return "<p>None.</p>"
    body = (
        [escape(x) for x in (c.id, c.statement, c.literature, tell(c, parts))]
        for c, _, parts in rows
    )
    return table(("claim", "statement", "the literature", head), body)


def _method(settings: Mapping[str, Any]) -> str:
    draws, seed = settings.get("draws"), settings.get("seed")
    told = f", drawn {draws} times from the ranges of its parameters," if draws else ""
    named = "the seed" if seed is None else f"seed {seed}"
    return _METHOD.substitute(population=escape(told), seed=escape(named))
