"""What a run of the body is asked: persons as lanes, causes and treatments as changes.

A change is a day and the parameters of ``BODY`` that take a new value then.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from neurosim.body.causes import Cause, given
from neurosim.body.homeostasis import BODY
from neurosim.body.timeline import course
from neurosim.ensemble import spread
from neurosim.errors import NeurosimError, unknown
from neurosim.model import Model
from neurosim.protocol import Change
from neurosim.units import one_number

Changes = list[tuple[float, dict[str, Any]]]  # day, parameters and their new values


def parameters_of(person: Any) -> dict[str, Any]:
    """Return a person as a mapping of parameters."""
    if person is None:
        return {}
    found = getattr(person, "parameters", person)
    found = found() if callable(found) else found
    if not isinstance(found, Mapping):
        raise NeurosimError(
            f"person: {person!r:.60} is neither a mapping of parameters nor has "
            "`parameters`; give e.g. {'gfr': 90.0}."
        )
    return dict(found)


def named(what: Any) -> bool:
    """Tell whether causes or treatments are given by name."""
    if isinstance(what, str | Cause):
        return True
    listed = isinstance(what, Iterable) and not isinstance(what, Mapping)
    pieces = tuple(what) if listed else ()
    return bool(pieces) and all(isinstance(p, str | Cause) for p in pieces)


def all_changes(
    cause: Any, severity: str, treat: Any, days: float, base: dict, **when: Any
) -> Changes:
    """Return what changes, by a cause and by a treatment, each named or spelt out.

    Parameters
    ----------
    base : parameters in which the person differs. when : onset and since of the cause,
        as in ``timeline.course``.
    """
    treatments = treat if named(treat) else ()
    explicit = [] if named(treat) else changes_of(treat)
    if isinstance(cause, Mapping) and named(treat):
        cause = given(**cause)  # so that a treatment can end it
    if cause is None:
        cause = "none"
    if not named(cause):
        explicit = [*changes_of(cause), *explicit]
        cause = "none"
    found = course(cause, severity, treat=treatments, days=days, base=base, **when)
    return [*found, *explicit]


def changes_of(what: Any) -> Changes:
    """Return a mapping, or a list of (day, mapping), as changes."""
    if isinstance(what, Mapping):
        return [(0.0, dict(what))]
    if isinstance(what, Change):
        what = (what,)
    if not isinstance(what, Iterable):
        raise NeurosimError(
            f"cause: {what!r:.60} is not a cause; give a name, a mapping of parameters "
            "or a list of (day, mapping)."
        )
    found = []
    for piece in what:
        if isinstance(piece, Change):
            piece = (piece.time, piece.values)
        pair = isinstance(piece, tuple | list) and len(piece) == 2
        if not (pair and isinstance(piece[1], Mapping)):
            raise NeurosimError(
                f"cause: {piece!r:.60} is not a change; give (day, mapping), e.g. "
                "(30.0, {'mg_intake': 12.5})."
            )
        day = one_number(piece[0], "day of a change", "d")
        if not 0.0 <= day < np.inf:
            raise NeurosimError(f"day of a change = {day:g}: give 0 or later.")
        found.append((day, dict(piece[1])))
    return found


def checked_names(record: Iterable[str]) -> tuple[str, ...]:
    """Return the names of levels to keep, or say which there are."""
    names = (record,) if isinstance(record, str) else tuple(record)
    wiring = BODY.wiring
    known = {s.name for s in BODY.states}
    known |= {*wiring.static, *wiring.dynamic[""], *wiring.params}
    for name in names:
        if name not in known:
            raise unknown(name, "record: the body", known)
    return names


def lanes(base: dict[str, Any], changes: Changes) -> Model:
    """Return the model with one lane per person; arrays need one length."""
    values = [v for _, found in [(0.0, base), *changes] for v in found.values()]
    sizes = {np.size(v) for v in values if np.ndim(v)}
    if len(sizes) > 1:
        raise NeurosimError(
            f"person: arrays need one length, but have {sorted(sizes)}; give one "
            "number per person everywhere."
        )
    if sizes and not any(np.ndim(v) for v in base.values()):
        base = {**base, "body_size": np.full(sizes.pop(), base.get("body_size", 1.0))}
    return with_values(BODY, base)


def with_values(model: Model, values: dict[str, Any]) -> Model:
    """Return the model with numbers set and arrays laid along ``person``."""
    merged = {**model.values, **values}
    varied = {n: v for n, v in merged.items() if np.ndim(v)}
    fixed = {n: v for n, v in merged.items() if not np.ndim(v)}
    model = BODY.at(**fixed)
    return model.along("person", **varied) if varied else model


def model_size(model: Model) -> int:
    """Return the number of persons."""
    return spread(model).size
