"""The ledger: the checkable claims of the five documents, as plain data.

``ledger.csv`` holds one claim per line: what is said, which dose stands for it, what
has to come out, and by which rule the verdict of the row follows from its parts. All of
it was fixed before anything was run. ``documents.csv`` says what D1 to D5 are.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from io import StringIO

from neurosim.claims.rule import Rule, parse_rule
from neurosim.errors import NeurosimError, UnknownName

Value = float | str | tuple[float | str, ...]

COLUMNS = (
    "id", "claim", "documents", "nutrient_or_factor", "stage", "observable",
    "direction", "literature", "criterion", "notes", "mode", "dose", "expected",
    "circular", "parts",
)  # fmt: skip
MODES = ("direct", "linked", "both", "none")
DIRECTIONS = ("up", "down", "present", "absent", "none", "order", "outside")

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """One of the documents whose claims are put to the test."""

    label: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One dose: settings by name; ``name`` is empty where a claim has a single arm.

    A number is a float and a word a str. ``a/b`` is a tuple of values taken in turn;
    ``a,b`` is a tuple of words that hold together (``reset=axon,fibre``).
    """

    name: str
    settings: Mapping[str, Value] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One row of the ledger; ``direction`` maps each observable to what it should do.

    ``circular`` marks a result that follows from what was put in.
    """

    id: str
    statement: str
    documents: tuple[str, ...]
    factor: str
    stage: str
    observable: str
    direction: Mapping[str, str] = field(hash=False)
    literature: str
    criterion: str
    notes: str
    mode: str
    arms: tuple[Arm, ...]
    expected: str
    circular: bool
    rule: Rule


def _item(text: str, where: str) -> float | str:
    if _NUMBER.fullmatch(text):
        return float(text)
    if _WORD.fullmatch(text):
        return text
    raise NeurosimError(
        f"{where}: {text!r} is neither a number such as 0.9 nor a lower-case word."
    )


def _value(text: str, where: str) -> Value:
    if "," in text:
        words = tuple(text.split(","))
        if all(_WORD.fullmatch(word) for word in words):
            return words
        raise NeurosimError(
            f"{where}: {text!r} has a comma, which joins words (reset=axon,fibre); "
            "separate numbers by '/' and write a decimal point."
        )
    items = [_item(piece, where) for piece in text.split("/")]
    if len({type(item) for item in items}) > 1:
        raise NeurosimError(f"{where}: {text!r} mixes numbers and words; use one kind.")
    return tuple(items) if len(items) > 1 else items[0]


def _unique_pairs(text: str, mark: str, where: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for piece in text.split(";"):
        key, found, value = piece.partition(mark)
        if not (found and value and _WORD.fullmatch(key)):
            raise NeurosimError(
                f"{where}: {piece!r} should read 'name{mark}value'; pieces are "
                "separated by ';' without blanks."
            )
        if key in seen:
            raise NeurosimError(f"{where}: {key!r} is given twice; keep one.")
        seen.add(key)
        yield key, value


def parse_arms(dose: str, where: str = "dose") -> tuple[Arm, ...]:
    """Read the dose of a claim, ``"ca: ca_o=0.9 | k: k_o=2.5"``.

    Parameters
    ----------
    dose : arms separated by `` | ``, each with settings ``key=value`` separated by
        ``;``; several arms need a name each. ``none`` is no arm.
    where : what to call the place in an error.

    Raises
    ------
    NeurosimError : where anything else stands.
    """
    if dose == "none":
        return ()
    arms = []
    for text in dose.split(" | "):
        name, named, settings = text.rpartition(": ")
        if named and not _WORD.fullmatch(name):
            raise NeurosimError(
                f"{where}: {name!r} is no arm name; use a lower-case word, 'ca: …'."
            )
        pairs = _unique_pairs(settings, "=", where)
        values = {key: _value(value, f"{where}, {key}") for key, value in pairs}
        arms.append(Arm(name, values))
    names = [arm.name for arm in arms]
    if len(arms) > 1 and (len(set(names)) < len(names) or "" in names):
        raise NeurosimError(
            f"{where}: {dose!r} has {len(arms)} arms, and each needs a name of its own."
        )
    return tuple(arms)


def _one_of(text: str, allowed: tuple[str, ...], where: str) -> str:
    if text in allowed:
        return text
    raise NeurosimError(f"{where}: {text!r} is not one of {', '.join(allowed)}.")


def _claim(row: Mapping[str, str]) -> Claim:
    where = f"ledger, {row['id']}"
    labels = tuple(row["documents"].split(";"))
    known = tuple(document.label for document in load_documents())
    directions = dict(_unique_pairs(row["direction"], ":", f"{where}, direction"))
    for value in directions.values():
        _one_of(value, DIRECTIONS, f"{where}, direction")
    mode = _one_of(row["mode"], MODES, f"{where}, mode")
    arms = parse_arms(row["dose"], f"{where}, dose")
    if bool(arms) is (mode == "none"):
        raise NeurosimError(
            f"{where}: mode {mode!r} with dose {row['dose']!r}; either both are 'none' "
            "(not judged) or neither is."
        )
    return Claim(
        id=row["id"],
        statement=row["claim"],
        documents=tuple(_one_of(x, known, f"{where}, documents") for x in labels),
        factor=row["nutrient_or_factor"],
        stage=row["stage"],
        observable=row["observable"],
        direction=directions,
        literature=row["literature"],
        criterion=row["criterion"],
        notes=row["notes"],
        mode=mode,
        arms=arms,
        expected=_one_of(row["expected"], DIRECTIONS, f"{where}, expected"),
        circular=_one_of(row["circular"], ("yes", "no"), f"{where}, circular") == "yes",
        rule=parse_rule(row["parts"], f"{where}, parts"),
    )


def _read(name: str) -> str:
    return resources.files("neurosim.claims").joinpath(name).read_text("utf-8")


@cache
def load_documents() -> tuple[Document, ...]:
    """Return the five documents, D1 to D5."""
    return tuple(
        Document(**row) for row in csv.DictReader(StringIO(_read("documents.csv")))
    )


def parse_ledger(text: str) -> tuple[Claim, ...]:
    """Read a ledger from CSV text with the columns of ``COLUMNS``.

    Raises
    ------
    NeurosimError : for other columns, a row of another length, an id given twice, or
        a cell that cannot be read.
    """
    header, *rows = csv.reader(StringIO(text), strict=True)
    if tuple(header) != COLUMNS:
        raise NeurosimError(
            f"The ledger has the columns {', '.join(header)}; it needs "
            f"{', '.join(COLUMNS)}, in this order."
        )
    claims: dict[str, Claim] = {}
    for cells in rows:
        if len(cells) != len(COLUMNS):
            raise NeurosimError(
                f"ledger, {cells[0] if cells else 'an empty line'}: {len(cells)} "
                f"cells instead of {len(COLUMNS)}; quote cells that hold a comma."
            )
        claim = _claim(dict(zip(COLUMNS, cells, strict=True)))
        if claim.id in claims:
            raise NeurosimError(f"ledger: {claim.id} stands there twice; keep one.")
        claims[claim.id] = claim
    return tuple(claims.values())


@cache
def load_ledger() -> tuple[Claim, ...]:
    """Return every claim, in the order of the ledger."""
    return parse_ledger(_read("ledger.csv"))


def find(ids: Iterable[str]) -> tuple[Claim, ...]:
    """Return the claims with these ids, each once, in the order asked.

    Raises
    ------
    UnknownName : for an id that the ledger does not hold, with the nearest one.
    """
    ledger = {claim.id: claim for claim in load_ledger()}
    for name in (ids := tuple(ids)):
        if name not in ledger:
            raise UnknownName(_unknown_id(name, tuple(ledger)))
    return tuple(ledger[name] for name in dict.fromkeys(ids))


def _unknown_id(name: str, known: tuple[str, ...]) -> str:
    digits = re.fullmatch(r"[Cc]?0*(\d+)", name.strip())
    guess = f"C{int(digits[1]):02d}" if digits else name.strip().upper()
    close = get_close_matches(guess, known, n=1, cutoff=0.6)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"The ledger has no claim {name!r}.{hint} It has {known[0]} to {known[-1]}."
