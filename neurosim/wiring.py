"""Who provides what: arguments of functions against the names of a model.

Full names: those of the first compartment are plain, those of another carry its name
(``g_kf_mysa``). A function in a compartment is answered by that compartment first, then
by the model, whose plain names are those of the bath, the states and the first
compartment.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from neurosim.core.cable import COLUMNS
from neurosim.declare import (
    Cable,
    Compartment,
    Derived,
    Param,
    Patch,
    arguments,
)
from neurosim.errors import NeurosimError, unknown

Scope = Mapping[str, str]  # name in a function -> full name


@dataclass(frozen=True, slots=True)
class Wiring:
    """The checked names of a model; everything under full names."""

    params: dict[str, Param]
    static: dict[str, Derived]  # depend on parameters only; in order of evaluation
    dynamic: dict[str, dict[str, Derived]]  # compartment -> need v or a state
    scopes: dict[str, dict[str, str]]  # compartment ("" for the model) -> Scope
    arguments: dict[str, dict[str, tuple[str, ...]]]  # scope -> derived -> full names


def full(name: str, compartment: str, first: str) -> str:
    """Return the full name of something that belongs to a compartment."""
    return name if compartment in ("", first) else f"{name}_{compartment}"


@lru_cache(maxsize=256)
def wire(structure: tuple) -> Wiring:
    """Check every name of a model and return who provides it.

    structure : name, compartments, states, geometry, parameters, derived quantities.
    """
    model, compartments, states, geometry, params, derived, *_ = structure
    check_nouns(model, compartments, states, geometry, params, derived)
    first = compartments[0].name if compartments else ""
    own = list(params)
    if isinstance(geometry, Patch):
        own += [p for p in (geometry.capacitance, geometry.area) if p is not None]
    all_params = collect(model, [(p.name, p) for p in own])
    scopes: dict[str, dict[str, str]] = {"": {p.name: p.name for p in own}}
    scopes[""] |= {s.name: s.name for s in states}
    for c in compartments:
        mine = list(c.params)
        for channel in c.channels:
            mine += channel.own_params()
        named = [(full(p.name, c.name, first), p) for p in mine]
        all_params |= collect(model, named, all_params)
        local = {p.name: full(p.name, c.name, first) for p in mine}
        check_states(model, c, local, scopes[""])
        local |= {g.name: full(g.name, c.name, first) for g in c.gates} | {"v": "v"}
        scopes[c.name] = local
    if compartments:
        scopes[""] |= {k: v for k, v in scopes[first].items() if k not in scopes[""]}
    for c in compartments:
        scopes[c.name] = scopes[""] | scopes[c.name]
    for name in getattr(geometry, "sheaths", ()):
        if name not in all_params:
            raise unknown(name, f"the parameters of model {model!r}", all_params)
    wiring = Wiring(
        params={n: replace(p, name=n) for n, p in all_params.items()},
        static={},
        dynamic={c.name: {} for c in compartments},
        scopes=scopes,
        arguments={s: {} for s in scopes},
    )
    moving = {s.name for s in states} | {"v"}
    moving |= {full(g.name, c.name, first) for c in compartments for g in c.gates}
    for c in compartments:
        wanted = [d for ch in c.channels for d in ch.own_derived()]
        place(model, [*derived, *c.derived, *wanted], c.name, first, wiring, moving)
    if not compartments:
        place(model, derived, "", "", wiring, moving)
    check_words(model, compartments, scopes)
    check_rules(model, compartments, states, wiring)
    return wiring


def check_nouns(model, compartments, states, geometry, params, derived) -> None:
    """Refuse two things of one name, and a geometry that does not fit."""
    pieces = [p for c in compartments for p in c.instances]
    once(model, "compartment", pieces)
    once(model, "state", [s.name for s in states])
    taken = [p.name for p in params] + [s.name for s in states]
    for c in compartments:
        once(model, "channel", [channel.name for channel in c.channels])
        found = [*derived, *c.derived]
        found += [d for channel in c.channels for d in channel.own_derived()]
        once(model, "derived", [d.name for d in dict.fromkeys(found)])
        mine = [p.name for channel in c.channels for p in channel.own_params()]
        taken += [*dict.fromkeys(mine), *dict.fromkeys(d.name for d in found)]
        once(model, "quantity", taken)
        taken = taken[: len(params) + len(states)]
    if isinstance(geometry, Patch) and len(pieces) != 1:
        raise NeurosimError(
            f"model {model!r}: a Patch holds one compartment, not {len(pieces)}; join "
            "several by a Cable."
        )
    if isinstance(geometry, Cable):
        check_table(model, geometry, pieces)


def words_made(compartments) -> re.Pattern:
    """Return what matches the words a kernel makes of its gates and channels."""
    first = compartments[0].name if compartments else ""
    gates = "|".join(g.name for c in compartments for g in c.gates)
    currents = "|".join(
        name
        for c in compartments
        for h in c.channels
        for name in (h.name, *(full(h.name, p, first) for p in c.instances))
    )
    parts = "sum|product|top|under|root|rate|inf"
    of_channels = rf"[ic]_({currents})|w_({currents})_\d+"
    of_gates = rf"d({gates})(_over)?|({gates})_({parts})\d*"
    return re.compile(f"{of_channels}|{of_gates}", re.IGNORECASE)


def check_words(model: str, compartments, scopes: Mapping[str, Scope]) -> None:
    """Refuse names that would stand for two things in the kernel."""
    made, seen = words_made(compartments), {}
    names = [
        name for scope in scopes.values() for pair in scope.items() for name in pair
    ]
    for name in names:
        if made.fullmatch(name):
            raise NeurosimError(
                f"model {model!r}: {name!r} is a word that its kernel makes of the "
                "name of a gate or channel; choose another word."
            )
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise NeurosimError(
                f"model {model!r}: {other!r} and {name!r} differ in capitals only; "
                "rename one."
            )


def check_table(model: str, geometry: Cable, pieces: list[str]) -> None:
    """Refuse a geometry table that the compartments do not fit."""
    if len(geometry.table) != len(pieces):
        raise NeurosimError(
            f"model {model!r}: its table has {len(geometry.table)} rows for "
            f"{len(pieces)} compartments; give one row each."
        )
    if geometry.pieces and sorted(geometry.pieces) != sorted(pieces):
        odd = sorted(set(geometry.pieces) ^ set(pieces))
        raise NeurosimError(
            f"model {model!r}: its cable and its compartments name different pieces "
            f"({', '.join(odd[:5])}); each needs to stand in both, once."
        )
    begin = geometry.pieces[0] if geometry.pieces else pieces[0]
    if begin != (geometry.stimulated or pieces[0]):
        raise NeurosimError(
            f"model {model!r}: its cable begins with {begin!r}, its compartments with "
            f"{pieces[0]!r}; the stimulus enters there, so make them the same, or name "
            f"it: Cable(stimulated={begin!r})."
        )
    if len(geometry.sheaths) not in (0, len(geometry.table)):
        raise NeurosimError(
            f"model {model!r}: its cable names {len(geometry.sheaths)} sheaths for "
            f"{len(geometry.table)} rows of its table; give one each, or none."
        )
    if any(len(row) != COLUMNS for row in geometry.table):
        raise NeurosimError(
            f"model {model!r}: a row of its table needs {COLUMNS} columns, those of "
            "neurosim.core.cable."
        )


def once(model: str, what: str, names: list[str]) -> None:
    """Refuse a name that stands twice."""
    for name in names:
        if names.count(name) > 1:
            raise NeurosimError(
                f"model {model!r} declares the {what} {name!r} twice; rename one."
            )


def collect(model: str, named: Iterable[tuple[str, Param]], known=()) -> dict:
    """Gather parameters; equal ones may be named twice, different ones may not."""
    found: dict[str, Param] = dict(known)
    for name, param in named:
        if name in found and found[name] != param:
            raise NeurosimError(
                f"model {model!r} declares {name!r} twice with different values; "
                "rename one."
            )
        found[name] = param
    return found


def check_states(model: str, c: Compartment, local: dict, shared: dict) -> None:
    """Refuse two gates, or a gate and something else, of one name."""
    names = [g.name for g in c.gates]
    for name in names:
        if names.count(name) > 1 or name in local or name in shared:
            raise NeurosimError(
                f"model {model!r}, compartment {c.name!r}: {name!r} names two things; "
                "rename the gate."
            )


def place(
    model: str,
    wanted: Iterable[Derived],
    compartment: str,
    first: str,
    wiring: Wiring,
    moving: set[str],
) -> None:
    """Order derived quantities and find out which are fixed during a run."""
    scope = wiring.scopes[compartment]
    for name, known in wiring.scopes[""].items():
        scope.setdefault(name, known)
    waiting = {d.name: d for d in wanted}
    local = set(scope.values()) - set(wiring.scopes[""].values())
    while waiting:
        ready = [
            d
            for d in waiting.values()
            if all(a in scope and a not in waiting for a in arguments(d.rule))
        ]
        if not ready:
            have = {*scope, *waiting}
            for d in waiting.values():
                missing = [a for a in arguments(d.rule) if a not in have]
                if missing:
                    raise asks(model, f"derived {d.name!r}", missing, waiting, scope)
            raise NeurosimError(
                f"model {model!r}: {', '.join(waiting)} need each other in a circle."
            )
        for d in ready:
            del waiting[d.name]
            needs = tuple(scope[a] for a in arguments(d.rule))
            own = any(a in local for a in needs)
            name = full(d.name, compartment, first) if own else d.name
            scope[d.name] = name
            if own:
                local.add(name)
            else:
                wiring.scopes[""].setdefault(d.name, name)
            wiring.arguments[compartment][name] = needs
            if moving & set(needs):
                moving.add(name)
                wiring.dynamic.setdefault(compartment, {})[name] = d
            else:
                wiring.static[name] = d


def check_rules(model: str, compartments, states, wiring: Wiring) -> None:
    """Check the arguments of gates, currents and states."""
    first = compartments[0].name if compartments else ""
    currents = {}
    for c in compartments:
        scope = wiring.scopes[c.name]
        for channel in c.channels:
            for gate in channel.gates:
                what = f"gate {channel.name}.{gate.name}"
                need(model, what, gate.rates, scope)
            if channel.current is not None:
                need(model, f"current of {channel.name!r}", channel.current, scope)
            for piece in c.instances:
                name = full(f"i_{channel.name}", piece, first)
                currents[name] = name
                currents[full("v", piece, first)] = full("v", piece, first)
    wiring.scopes[""].update(currents)
    for state in states:
        need(model, f"state {state.name!r}", state.rule, wiring.scopes[""])


def need(model: str, what: str, rule: Any, scope: Scope) -> None:
    """Raise where a function asks for a name its scope does not have."""
    missing = [a for a in arguments(rule) if a not in scope]
    if missing:
        raise asks(model, f"{what} (in {rule.__name__})", missing, (), scope)


def asks(model, what, missing, also, scope) -> NeurosimError:
    """Return the error for an argument nobody provides."""
    return unknown(
        missing[0], f"model {model!r}, where {what} asks for it,", {*scope, *also}
    )
