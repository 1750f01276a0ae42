"""How the verdict of a row follows from its parts, in the ledger's own words."""

import re
from dataclasses import dataclass

from neurosim.errors import NeurosimError

# how many of those named have to pass: "all", "any" or a count such as "2"
Term = tuple[str, tuple[str, ...]]

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_TERM = re.compile(r"(all|any|[1-9]) of (.+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """How the verdict of a row follows from its parts.

    Parameters
    ----------
    text : the rule as the ledger words it; empty where there is one part.
    clauses : (verdict, terms) in order; the first whose terms all hold decides. A term
        ``("all" | "any" | "2", names)`` counts the parts that pass among those named
        by part, by arm or by ``arm.part``; no name stands for every part.
    otherwise : "worst" or "best" of the parts, "as NAME", or a verdict.
    """

    text: str = ""
    clauses: tuple[tuple[str, tuple[Term, ...]], ...] = (
        ("reproduced", (("all", ()),)),
        ("partly", (("any", ()),)),
    )
    otherwise: str = "worst"

    @property
    def names(self) -> tuple[str, ...]:
        """Every part or arm the rule asks for, each once."""
        terms = [term for _, terms in self.clauses for term in terms]
        return tuple(dict.fromkeys(name for _, names in terms for name in names))


def _names(text: str, where: str) -> tuple[str, ...]:
    names = tuple(text.split(", "))
    if all(_NAME.fullmatch(name) for name in names):
        return names
    raise NeurosimError(
        f"{where}: {text!r} should be part names separated by ', ', each a part, an "
        "arm or arm.part."
    )


def _term(text: str, where: str) -> Term:
    match = _TERM.fullmatch(text)
    if match:
        return match[1], _names(match[2], where)
    raise NeurosimError(
        f"{where}: {text!r} should read 'all of a, b', 'any of a, b' or '2 of a, b, c'."
    )


def parse_rule(text: str, where: str = "parts") -> Rule:
    """Read the rule of a row.

    Parameters
    ----------
    text : empty or ``one: words`` (a single part; the words say what is compared),
        ``all: a, b`` (some passing is partly), ``any: a, b``, or clauses such as
        ``reproduced if all of a, b; partly if any of a, b; otherwise best``.
    where : what to call the place in an error.

    Raises
    ------
    NeurosimError : where anything else stands.
    """
    if not text or text.startswith("one: "):
        return Rule(text)
    body, _, otherwise = text.partition("; otherwise ")
    short, is_short, listed = body.partition(": ")
    if is_short and short in ("all", "any"):
        names = _names(listed, where)
        clauses = [("reproduced", ((short, names),))]
        if short == "all":
            clauses.append(("partly", (("any", names),)))
        default = "worst" if short == "all" else "best"
        return Rule(text, tuple(clauses), otherwise or default)
    clauses = []
    for clause in body.split("; "):
        verdict, found, terms = clause.partition(" if ")
        if not found:
            raise NeurosimError(
                f"{where}: {clause!r} should read 'all: …', 'any: …', 'one: …' or "
                "'<verdict> if all of …'."
            )
        listed_terms = tuple(_term(term, where) for term in terms.split(" and "))
        clauses.append((verdict, listed_terms))
    return Rule(text, tuple(clauses), otherwise or "worst")
