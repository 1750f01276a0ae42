"""A model as a page, a result in a few lines.

The page tells what the model stands for and every number and equation, with sources.
All comes from the declaration, so it cannot say anything else than what is run. It is a
list of blocks; two short writers make text or Markdown of them.
"""

import inspect
import textwrap
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from neurosim.declare import Cable, Patch
from neurosim.lower import tables
from neurosim.measure import stimulus_unit
from neurosim.model import Model
from neurosim.sources import Source
from neurosim.units import UNITS

LISTED = 12  # numbers that are printed one by one
WIDTH = 100  # characters of a line of text
READABLE = 24  # characters that a column of a table keeps
NOT_ADVICE = "Not medical advice: a simulation knows nothing of any patient."
NOTES = (
    "A source such as nerve.md 5 is a section of the project's notes; docs/sources.md "
    "says what stands behind it."
)
BATH = "The bath is what a run may apply at t = 0, from the rest of the reference bath."
ACCURACY = (
    "which keeps the last spike of a one-second run within 0.02 ms or the threshold "
    "within 0.1 %; half the step, a quarter of the error"
)
BEGINNINGS = {
    "reference": "the rest of the reference bath",
    "rest": "the rest of this bath",
}
GATE = "d gate/dt = speed·(rise·(1 - gate) - fall·gate)"
CABLE = (
    "C dv/dt = axial - A·i_membrane, in the first piece + {share}·stimulus",
    "C_my dphi/dt = axial + along - G_my·phi under myelin; phi = 0 elsewhere",
    "axial = sum over both neighbours of G_in·((v + phi) there - (v + phi) here)",
    "along = sum over both neighbours of G_out·(phi there - phi here)",
    "G_in and G_out (inside the axon, under the myelin) lead to the next piece",
)
GEOMETRY = (
    "piece", "A, nA per µA/cm²", "C, nF", "G_in, µS", "G_out, µS", "G_my, µS",
    "C_my, nF", "myelin",
)  # fmt: skip

# its kind first: a title, head or text with words, code with lines, a table with
# columns and rows
Block = tuple[Any, ...]


def describe(model: Model, *, markdown: bool = False) -> str:
    """Return a page about a model: its story, numbers, equations and sources.

    Parameters
    ----------
    model : a model; values set by ``at`` are shown as they are set.
    markdown : write Markdown rather than plain text.
    """
    writer = as_markdown if markdown else as_text
    return "\n\n".join(writer(*block) for block in page(model)) + "\n"


def page(model: Model) -> Iterator[Block]:
    """Return the blocks of a model's page, in order."""
    notes = tables.Notes()
    yield "title", f"{model.name}: {model.title}"
    for paragraph in inspect.cleandoc(model.doc).split("\n\n"):
        yield "text", paragraph
    yield "table", ("", ""), facts(model)
    yield "head", "Parameters"
    columns = ("name", "value", "unit", "meaning", "allowed", "bath", "source")
    yield "table", columns, tables.parameter_rows(model)
    yield "text", BATH
    yield from section(
        "What it does not have", ("name", "why"), list(model.unsettable.items())
    )
    yield from section(
        "Derived quantities",
        ("name", "unit", "meaning", "equation"),
        tables.derived_rows(model, notes),
    )
    yield from equations(model, notes)
    yield from section(
        "Functions in these equations",
        ("function", "what it is", "equation"),
        notes.rows(),
    )
    for lines in notes.sources():
        yield "code", lines
    yield from section("Sources", ("source", "title", "DOI"), tables.source_rows(model))
    if any(".md" in str(p.source) for p in model.parameters.values()):
        yield "text", NOTES
    yield "text", NOT_ADVICE


def section(head: str, columns: tuple[str, ...], rows: list) -> Iterator[Block]:
    """Return a heading and a table; nothing where there are no rows."""
    if rows:
        yield "head", head
        yield "table", columns, rows


def facts(model: Model) -> list[tuple[str, str]]:
    """Return what holds for the whole model."""
    node = isinstance(model.geometry, Cable) and stimulus_unit(model) == "nA"
    where = "whole node" if node else "membrane"
    first = model.compartments[0].name if model.compartments else ""
    doi = isinstance(model.source, Source) and model.source.doi
    has_v = model.geometry is not None
    unit = UNITS[stimulus_unit(model)]
    rows = [
        ("source", f"{model.source}" + (f", https://doi.org/{doi}" if doi else "")),
        ("valid for", model.validity),
        ("known failures", model.failures),
        ("compartments", "; ".join(map(pieces, model.compartments))),
        ("stimulus", f"{unit} ({where}); positive depolarises" if has_v else ""),
        ("a spike", f"v of {first} rises to {model.detect:g} mV" if has_v else ""),
        ("default step", f"{model.dt:g} {model.time_unit}, {ACCURACY}"),
        ("note", NOT_ADVICE),
    ]  # fmt: skip
    return [row for row in rows if row[1]]


def pieces(compartment: Any) -> str:
    """Return the name of a compartment with those of its copies."""
    copies = ", ".join(compartment.copies)
    return f"{compartment.name} ({copies})" if copies else compartment.name


def equations(model: Model, notes: tables.Notes) -> Iterator[Block]:
    """Return the blocks about gates, currents, states and what moves the voltage."""
    gates = list(tables.gate_rows(model, notes))
    columns = ("gate", "channel", "in the current", "speed", "rates, 1/ms")
    yield from section("Gates", columns, gates)
    if gates:
        yield "code", [GATE]
    columns = ("current", "unit", "equation", "what it is", "source")
    yield from section("Currents", columns, list(tables.current_rows(model, notes)))
    columns = ("state", "unit", "meaning", "equation")
    yield from section("States", columns, tables.state_rows(model, notes))
    if isinstance(model.geometry, Patch):
        yield "head", "Membrane"
        c = model.geometry.capacitance.name
        yield "code", [f"{c} dv/dt = stimulus - i_membrane", *tables.totals(model)]
    if isinstance(model.geometry, Cable):
        share = f"{model.geometry.stimulus_share:g}"
        lines = [line.format(share=share) for line in CABLE]
        yield "head", "Membrane: " + (model.geometry.doc or "a cable")
        yield "code", [*lines, *tables.totals(model)]
        yield "table", GEOMETRY, tables.geometry_rows(model)


def summary(result: Any) -> str:
    """Return the Dataset of ``simulate`` or ``sweep`` in a few aligned lines."""
    about = result.attrs
    steps = f"{about['dt']:g} ms" if "dt" in about else "adaptive length"
    how = f"{about['duration']:g} ms in steps of {steps}"
    start = BEGINNINGS.get(about["initial"], about["initial"])
    rows = [
        ("model", f"{about['model']}: {about['title']}"),
        ("run", f"{how}, solver {about['solver']}, seed {about['seed']}, from {start}"),
        *((str(name), f"over {in_words(x)}") for name, x in result.coords.items()),
        *((str(name), in_words(data)) for name, data in result.items()),
    ]
    return text_table(("", ""), rows)


def in_words(data: Any) -> str:
    """Return one value, a few, or the range of many, with their unit."""
    if "flag_meanings" in data.attrs:
        words = data.attrs["flag_meanings"].split()
        counts = Counter(words[int(k)].replace("_", " ") for k in data.values.flat)
        return ", ".join(f"{n} {word}" if data.size > 1 else word
                         for word, n in counts.items())  # fmt: skip
    unit = data.attrs.get("units", "")
    unit = UNITS.get(unit, unit)
    known = [float(x) for x in data.values.flat if x == x]  # without NaN
    lost = data.size - len(known)
    if not known:
        return "no value"
    if data.ndim == 0 or (data.dims == ("spike",) and len(known) <= LISTED):
        return f"{', '.join(f'{x:.6g}' for x in known)} {unit}".strip()
    text = f"{min(known):.6g} to {max(known):.6g} {unit}".strip()
    return f"{text} ({len(known)} values{f', {lost} missing' if lost else ''})"


def as_markdown(kind: str, *parts: Any) -> str:
    """Return a block as Markdown."""
    if kind == "table":
        columns, rows = parts
        lines = [columns, ["---"] * len(columns), *rows]
        cells = [
            [cell.replace("|", "\\|").replace("\n", "<br>") for cell in line]
            for line in lines
        ]
        return "\n".join(f"| {' | '.join(line)} |" for line in cells)
    if kind == "code":
        return "\n".join(["```", *parts[0], "```"])
    mark = {"title": "# ", "head": "## ", "text": ""}[kind]
    return mark + " ".join(parts[0].split())


def as_text(kind: str, *parts: Any) -> str:
    """Return a block as plain text."""
    if kind == "table":
        return text_table(*parts)
    if kind == "code":
        return "\n".join(f"    {line}".rstrip() for line in parts[0])
    if kind == "text":
        return textwrap.fill(" ".join(parts[0].split()), WIDTH)
    return f"{parts[0]}\n{('=' if kind == 'title' else '-') * len(parts[0])}"


def text_table(columns: tuple[str, ...], rows: list) -> str:
    """Return a table as aligned text; the widest columns are folded to fit."""
    lines = [columns, *rows] if any(columns) else rows
    widths = folded_widths(list(zip(*lines, strict=True)))
    text = []
    for line in lines:
        cells = [fold(cell, w) for cell, w in zip(line, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = [part.ljust(w) for part, w in zip(parts, widths, strict=True)]
            text.append("  ".join(padded).rstrip())
    return "\n".join(text)


def folded_widths(columns: list[tuple[str, ...]]) -> list[int]:
    """Return the widths of columns: as wide as they are, or folded to fit the page.

    None becomes narrower than its longest word, or than ``READABLE``.
    """
    words = [max(map(len, " ".join(column).split()), default=0) for column in columns]
    widths = [max(len(x) for c in column for x in c.split("\n")) for column in columns]
    least = [max(n, min(w, READABLE)) for n, w in zip(words, widths, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH and widths != least:
        room = [w if w > low else 0 for w, low in zip(widths, least, strict=True)]
        widths[room.index(max(room))] -= 1
    return widths


def fold(cell: str, width: int) -> list[str]:
    """Return the lines of a cell."""
    whole = textwrap.TextWrapper(
        max(width, 1), break_long_words=False, break_on_hyphens=False
    )
    lines = [whole.wrap(line) for line in cell.split("\n")]
    return [x for wrapped in lines for x in wrapped or [""]]
