"""The derivative of a model, for reference solvers, equilibria and eigenvalues."""

from neurosim.core.block import ROW
from neurosim.declare import Cable, Compartment, Patch, arguments
from neurosim.lower.chain import walk_lines
from neurosim.lower.layout import heading, text_of
from neurosim.lower.rows import rows_of
from neurosim.lower.step import (
    currents_at,
    function_imports,
    pool_body,
    row_names,
)
from neurosim.lower.text import (
    IN_LOOP,
    Names,
    Piece,
    loop_head,
    name_functions,
    prepare_lines,
    total,
)
from neurosim.model import Model


def derivative_source(model: Model) -> str:
    """Return the text of the derivative: ``d`` receives rates in the rows of ``x``."""
    names = name_functions(model)
    cable = isinstance(model.geometry, Cable)
    lines = heading(f"Derivative of {model.name}")
    lines += ["import numpy as np", ""] if cable else []
    names_of_rows = "CURRENT, ROW, STIMULUS, V, memory_of, whole"
    lines += [f"from neurosim.core.block import {names_of_rows}"]
    lines += ["from neurosim.core.cable import cable, cable_rates"] if cable else []
    lines += [
        "from neurosim.core.jit import entry, kernel",
        *function_imports(names.functions),
    ]
    lines += ["", *row_names(model), ""]
    for compartment in model.compartments:
        lines += ["", *piece_rates(model, compartment, names), ""]
    if model.states:
        lines += ["", *pool_rates(model, names), ""]
    lines += ["", *prepare_lines(model, names), "", "", *derivative_lines(model)]
    return text_of(lines)


def piece_rates(model: Model, c: Compartment, names: Names) -> list[str]:
    """Return the kernel that writes the rates of the gates and the current."""
    indexed = isinstance(model.geometry, Cable)
    piece = Piece(model, c, names, indexed)
    here = "j" if indexed else "i"
    piece.load(["v"])
    for channel in c.channels:
        piece.lines += [f"\n{IN_LOOP}# {channel.name}: {channel.doc}"]
        felt = piece.feel(channel)
        for gate in channel.gates:
            piece.load([a for a in arguments(gate.rates) if a != "v"])
            piece.load([gate.name, *([gate.speed.name] if gate.speed else [])])
            piece.write(f"rise, fall = {piece.call(gate.rates, felt)}")
            rate = f"rise - (rise + fall) * {gate.name}"
            rate = f"{gate.speed.name} * ({rate})" if gate.speed else rate
            piece.write(f"d[{gate.name.upper()} + {here}] = {rate}")
        piece.current(channel)
    piece.lines.append("")
    piece.write(f"x[CURRENT + {here}] = {total('i', c.channels)}")
    return [
        "@kernel",
        f"def {c.name}(x, runs, {'at, ' if indexed else ''}d):",
        '    """Rates of the gates; the current is left in ``x``."""',
        *loop_head(indexed),
        *piece.lines,
    ]


def pool_rates(model: Model, names: Names) -> list[str]:
    """Return the kernel with the rates of the model's own states."""
    rows = rows_of(model)
    body = pool_body(model, names, "d[at + {} * ROW + i]", currents_at)
    return [
        "@kernel",
        "def pool_rates(x, runs, d):",
        '    """Rates of change of the states."""',
        f"    at = {rows.pools // ROW} * ROW",
        "    for i in range(whole(runs)):",
        *body,
    ]


def derivative_lines(model: Model) -> list[str]:
    """Return the function that Python calls."""
    rows = rows_of(model)
    lines = ["@entry", "def prepared(buffer, runs):"]
    lines += [
        '    """Compute what depends on parameters only (``prepare`` for Python)."""',
    ]
    lines += ["    prepare(memory_of(buffer), runs)", "", ""]
    lines += ["@entry", "def derivative(buffer, runs, rates):"]
    lines += ['    """Write the rates of change of all states of a prepared buffer."""']
    lines += ["    x, d = memory_of(buffer), memory_of(rates)"]
    lines += walk_lines(model, "x, runs, {at}d")
    if model.states:
        lines += ["    pool_rates(x, runs, d)"]
    shared = f"{rows.shared // ROW} * ROW"
    if isinstance(model.geometry, Patch):
        c = model.geometry.capacitance.name.upper()
        stimulus = f"x[STIMULUS + {shared} + i]"
        lines += ["    for i in range(whole(runs)):"]
        lines += [f"        d[V + i] = ({stimulus} - x[CURRENT + i]) / x[{c} + i]"]
    if isinstance(model.geometry, Cable):
        lines += ["    for i in range(whole(runs)):"]
        lines += [f"        x[CURRENT + RECORD + i] -= x[STIMULUS + {shared} + i]"]
        pieces = len(rows.records)
        given = f"RECORD, {pieces}, GEOMETRY"
        own = ", SHEATHS" * bool(model.geometry.sheaths)
        lines += [f"    cable_rates(x, runs, d, {given}{own})", "", ""]
        lines += ["@entry", "def relaxed(buffer, runs, dt):"]
        lines += ['    """Move the potentials by dt/2, with the slopes of a buffer."""']
        given += f", dt, 1.0, 0.0, RECORD, {pieces}"
        lines += [f"    cable(memory_of(buffer), runs, {given}{own})"]
    return lines
