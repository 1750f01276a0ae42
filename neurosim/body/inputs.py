"""What a cause, a diet or a person may change: parameters of the body, read as text."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import StringIO
from typing import TYPE_CHECKING

from neurosim.clinical import IONS
from neurosim.errors import NeurosimError, unknown
from neurosim.units import NUMBER

if TYPE_CHECKING:  # importing it would load the compiler
    from neurosim.declare import Param

ML_MIN = 1.44  # L/d in 1 mL/min, by definition


def rows(name: str) -> list[dict[str, str]]:
    """Return the lines of a table that ships with this package."""
    text = resources.files("neurosim.body").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(StringIO(text), strict=True))


def titles(name: str) -> dict[str, str]:
    """Return what each line of a table is called, without reading the rest."""
    return {row["name"]: row["title"] for row in rows(name)}


@cache
def inputs() -> "Mapping[str, Param]":
    """Return the parameters of the body by name."""
    from neurosim.body.homeostasis import BODY

    return BODY.parameters


def find_input(name: str) -> "Param":
    """Return a parameter of the body by name."""
    if name not in inputs():
        raise unknown(name, "the body", inputs())
    return inputs()[name]


def factors(name: str) -> dict[str, float]:
    """Return the units in which an input may be written, with factors to its own."""
    unit = find_input(name).unit
    allowed = {unit or "1": 1.0}
    ion, _, kind = name.partition("_")
    if kind in ("intake", "infusion") and ion in IONS:
        allowed |= {"mg": 1.0 / IONS[ion][0], "mg/d": 1.0 / IONS[ion][0]}
        allowed |= {"mmol": 1.0}
    if name == "gfr":
        allowed["mL/min"] = ML_MIN
    return allowed


def read_amount(text: str, name: str, where: str) -> float:
    """Read ``number`` or ``number unit`` of an input, in the input's own unit.

    Parameters
    ----------
    text : e.g. "12.5", "240 mg", "30 mL/min". where : for the message.

    Raises
    ------
    NeurosimError : for anything else, with the units that are allowed.
    """
    found = NUMBER.match(text.strip())
    rest = text.strip()[found.end() :].strip() if found else ""
    allowed = factors(name)
    if found is None or (rest and rest not in allowed):
        raise NeurosimError(
            f"{where}: {text!r} is no amount of {name}; write a number with a decimal "
            f"point, in {' or '.join(allowed)}."
        )
    return float(found.group()) * (allowed[rest] if rest else 1.0)
