"""The numbers and equations of a model as rows of text, for a page about it."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from neurosim.core.jit import python_of
from neurosim.declare import Cable, Channel, Gate, Param, arguments
from neurosim.lower.formula import Formula, formula_of, outside, source_of
from neurosim.lower.rows import pieces_of, rows_of
from neurosim.model import Model
from neurosim.sources import Source
from neurosim.units import UNITS
from neurosim.wiring import full

Row = tuple[str, ...]
SHORT = 12  # pieces: a chain up to this is shown whole


@dataclass(frozen=True, slots=True)
class Notes:
    """Collects what equations refer to, while they are read."""

    functions: dict[int, tuple[Callable, Formula | None]] = field(default_factory=dict)
    unread: dict[int, Callable] = field(default_factory=dict)  # shown as source

    def read(self, rule: Callable, labels: tuple[str, ...], shown: dict) -> str:
        """Return a function's equations, or say where its source is."""
        found = formula_of(rule, labels, shown)
        if found is None:
            self.show_source(rule)
            names = ", ".join(f"{a} is {s}" for a, s in shown.items() if a != s)
            where = f"see the source of {python_of(rule).__name__}"
            return f"{where} (in it, {names})" if names else where
        self.follow(found.functions.values())
        return as_lines(found)

    def follow(self, functions: Iterable[Callable]) -> None:
        """Note functions and those that these call."""
        for function in functions:
            plain = python_of(function)
            if id(function) in self.functions:
                continue
            elementary = plain.__module__.startswith("neurosim.core")
            found = None if elementary else formula_of(function, (plain.__name__,))
            self.functions[id(function)] = function, found
            if found is not None:
                self.follow(found.functions.values())
            elif not elementary:
                self.show_source(function)

    def show_source(self, rule: Callable) -> None:
        """Note a function that cannot be read as formulas, and what it calls."""
        self.unread[id(rule)] = rule
        known = outside(rule).values()
        self.follow(f for f in known if inspect.isfunction(python_of(f)))

    def sources(self) -> list[list[str]]:
        """Return the source of every unread function, after its constants."""
        return [
            [
                f"# {name} = {value!r}"
                for name, value in outside(rule).items()
                if isinstance(value, int | float)
            ]
            + source_of(rule).splitlines()
            for rule in self.unread.values()
        ]

    def rows(self) -> list[Row]:
        """Return a row per function: how it is called, what it is, its equation."""
        rows = []
        for function, found in self.functions.values():
            plain = python_of(function)
            call = f"{plain.__name__}({', '.join(arguments(function))})"
            what = (inspect.getdoc(plain) or "").partition("\n")[0]
            below = "see its source" if id(function) in self.unread else ""
            rows.append((call, what, as_lines(found) if found else below))
        return rows


def as_lines(formula: Formula) -> str:
    """Return a formula, a line each, and its constants."""
    known = [f"{n} = {number(v)}" for n, v in formula.constants.items()]
    return "\n".join([*formula.lines, *([f"with {', '.join(known)}"] if known else [])])


def number(value: float) -> str:
    """Return a number to seven digits, or all of them where it has fewer."""
    return f"{value:.7g}"


def parameter_rows(model: Model) -> list[Row]:
    """Return name, value, unit, meaning, limits, bath and source of every parameter."""
    rows = []
    for name, p in model.parameters.items():
        value = model.values.get(name, p.value)
        shown = number(value) if np.ndim(value) == 0 else several(value)
        bath = "yes" if p.bath else ""
        unit = UNITS[p.unit]
        rows.append((name, shown, unit, p.doc, allowed(p), bath, str(p.source)))
    return rows


def several(values: np.ndarray) -> str:
    """Return what an axis covers."""
    return f"{number(values.min())} to {number(values.max())} ({values.size} values)"


def allowed(p: Param) -> str:
    """Return the limits of a parameter."""
    if np.isfinite(p.low) and np.isfinite(p.high):
        return f"{number(p.low)} to {number(p.high)}"
    if np.isfinite(p.low):
        return f"{number(p.low)} or more"
    return f"{number(p.high)} or less" if np.isfinite(p.high) else "any"


def derived_rows(model: Model, notes: Notes) -> list[Row]:
    """Return name, unit, meaning and equation, in the order of evaluation."""
    wiring = model.wiring
    home = {n: s for s, found in wiring.arguments.items() for n in found}
    moving = {n: d for found in wiring.dynamic.values() for n, d in found.items()}
    rows = []
    for name, d in {**wiring.static, **moving}.items():
        given = wiring.arguments[home[name]][name]
        shown = dict(zip(arguments(d.rule), given, strict=True))
        text = notes.read(d.rule, (name,), shown)
        rows.append((name, UNITS[d.unit], d.doc, text))
    return rows


def gate_rows(model: Model, notes: Notes) -> Iterator[Row]:
    """Return gate, channel, factor in the current, speed and rates of every gate."""
    for c in model.compartments:
        scope = model.wiring.scopes[c.name]
        for channel in c.channels:
            for gate in channel.gates:
                speed = scope[gate.speed.name] if gate.speed else "1"
                equations = rates(channel, gate, scope, notes)
                factor = power(gate, scope)
                yield scope[gate.name], channel.name, factor, speed, equations


def rates(channel: Channel, gate: Gate, scope: dict[str, str], notes: Notes) -> str:
    """Return the equations of a gate's rates; u is the potential it feels."""
    shown = {a: scope[a] for a in arguments(gate.rates)}
    if channel.shift is not None and "v" in shown:
        shown["v"] = "u"
        text = notes.read(gate.rates, ("rise", "fall"), shown)
        return f"{text}\nu = v + {scope[channel.shift.name]}"
    return notes.read(gate.rates, ("rise", "fall"), shown)


def power(gate: Gate, scope: dict[str, str]) -> str:
    """Return a gate with its power."""
    name = scope[gate.name]
    return name if gate.power == 1 else f"{name}^{gate.power}"


def current_rows(model: Model, notes: Notes) -> Iterator[Row]:
    """Return name, unit, equation, meaning and source of every current."""
    first = model.compartments[0].name if model.compartments else ""
    for c in model.compartments:
        scope = model.wiring.scopes[c.name]
        for channel in c.channels:
            name = full(f"i_{channel.name}", c.name, first)
            gates = [power(g, scope) for g in channel.gates]
            if channel.current is not None:
                shown = {a: scope[a] for a in arguments(channel.current)}
                text = notes.read(channel.current, ("current", "slope"), shown)
                text += f"\n{name} = {'·'.join(['current', *gates])}"
            elif channel.conductance is not None and channel.reversal is not None:
                g, e = scope[channel.conductance.name], scope[channel.reversal.name]
                text = f"{name} = {'·'.join([g, *gates])}·(v - {e})"
            else:
                text = "no equation is declared"
            what = f"{channel.doc} ({channel.ion})" if channel.ion else channel.doc
            yield name, UNITS["uA/cm2"], text, what, str(channel.source)


def totals(model: Model) -> list[str]:
    """Return the total membrane current of each compartment."""
    first = model.compartments[0].name if model.compartments else ""
    lines = []
    for c in model.compartments:
        parts = [full(f"i_{channel.name}", c.name, first) for channel in c.channels]
        name = full("i_membrane", c.name, first)
        lines.append(f"{name} = {' + '.join(parts) or '0'}")
    return lines


def likewise(model: Model) -> dict[str, int]:
    """Return the pieces to show, and for how many more of its kind each stands.

    Of a short chain all are shown, of a long one the first of each kind.
    """
    if not isinstance(model.geometry, Cable):
        return {c.name: 0 for c in model.compartments}
    pieces = pieces_of(model)
    if len(pieces) <= SHORT:
        return {p: 0 for p, _ in pieces}
    kinds: dict[tuple, list[str]] = {}
    for (p, c), row in zip(pieces, model.geometry.table, strict=True):
        kinds.setdefault((c.name, row), []).append(p)
    return {found[0]: len(found) - 1 for found in kinds.values()}


def and_more(count: int) -> str:
    """Return how many more pieces are alike."""
    return f" (and {count} more)" if count else ""


def state_rows(model: Model, notes: Notes) -> list[Row]:
    """Return name, unit, meaning and equation of every state variable.

    Those of a long chain are shown for one piece of each kind.
    """
    own = {s.name: s for s in model.states}
    scope = model.wiring.scopes[""]
    rows, found = [], rows_of(model)
    alike = {found.records[p]: n for p, n in likewise(model).items()}
    for name, at in found.states.items():
        record = at - (at - found.first) % found.stride
        if name in own:
            s = own[name]
            shown = {a: scope[a] for a in arguments(s.rule)}
            text = notes.read(s.rule, (f"d {name}/dt",), shown)
            doc = f"{s.doc}; {number(s.initial)} at first"
            rows.append((name, UNITS[s.unit], doc, text))
        elif record not in alike:
            continue
        elif name == "v" or name.startswith("v_"):
            what = f"membrane potential{and_more(alike[record])}"
            rows.append((name, "mV", what, "see the membrane"))
        elif name.startswith("phi"):
            what = f"potential under the myelin{and_more(alike[record])}"
            rows.append((name, "mV", what, "see the membrane"))
        else:
            what = f"share of open gates{and_more(alike[record])}"
            rows.append((name, "", what, "see the gates"))
    return rows


def geometry_rows(model: Model) -> list[Row]:
    """Return a row per piece of a cable, the columns of ``core.cable``.

    A long chain has a row per kind of piece.
    """
    if not isinstance(model.geometry, Cable):
        return []
    shown = likewise(model)
    return [
        (f"{piece}{and_more(shown[piece])}", *(number(value) for value in row))
        for (piece, _), row in zip(pieces_of(model), model.geometry.table, strict=True)
        if piece in shown
    ]


def source_rows(model: Model) -> list[Row]:
    """Return every publication that the declaration cites."""
    channels = [channel for c in model.compartments for channel in c.channels]
    named = [model.source, *(c.source for c in channels)]
    named += [p.source for p in model.parameters.values()]
    found = dict.fromkeys(s for s in named if isinstance(s, Source))
    return [(s.key, s.text, s.doi) for s in found]
