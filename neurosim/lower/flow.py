"""The rates of a patch of membrane for the step of adaptive length."""

from neurosim.core.adaptive import DRIVE, OWN
from neurosim.core.block import ROW
from neurosim.declare import Patch, arguments
from neurosim.errors import NeurosimError
from neurosim.lower.gates import CALLED, PLAIN, Gates, divide
from neurosim.lower.layout import heading, text_of
from neurosim.lower.rows import moved_names, moved_rows, rows_of
from neurosim.lower.step import imports_of, pass_on, row_names
from neurosim.lower.text import (
    IN_LOOP,
    Names,
    Piece,
    gates_title,
    name_functions,
    prepare_lines,
    total,
)
from neurosim.model import Model


def explicit(model: Model) -> bool:
    """Tell whether a model can take the adaptive step: one membrane, no states."""
    return isinstance(model.geometry, Patch) and not model.states


def work_rows(model: Model) -> int:
    """Return how many rows the adaptive step needs behind the buffer."""
    return OWN + 9 * len(rows_of(model).states)


def adaptive_source(model: Model) -> str:
    """Return the text of the kernel that takes steps of adaptive length."""
    geometry = model.geometry
    if not isinstance(geometry, Patch) or model.states:
        raise NeurosimError(
            f"{model.name}: the adaptive step is for one membrane without states of "
            "its own; use solver='staggered'."
        )
    names = name_functions(model)
    also = moved_names(model, noise=False)
    body = ["", *row_names(model, also), "", "", *rates(model, names, geometry), "", ""]
    body += [*prepare_lines(model, names), "", "", *entry_lines(model)]
    lines = ["from neurosim.core.adaptive import Shape, follow"]
    lines += ["from neurosim.core.block import ROW, V, memory_of, whole"]
    lines += ["from neurosim.core.jit import bind, entry, kernel"]
    lines += imports_of(CALLED, names, body)
    head = heading(f"Adaptive kernel of {model.name}")
    return text_of([*head, *lines, *body])


def rates(model: Model, names: Names, geometry: Patch) -> list[str]:
    """Return the kernel with the rates of change of v and of the gates."""
    (c,) = model.compartments
    rows = rows_of(model)
    piece = Piece(model, c, names, indexed=False, pools_at="at")
    gates = Gates(piece, c)
    places = {name: k for k, name in enumerate(rows.states)}

    def load_states() -> None:
        for name, k in places.items():
            piece.write(f"{name} = x[at + {k} * ROW + i]")
        piece.loaded.update(places)

    load_states()
    slopes = []
    for channel in [h for h in c.channels if h.gates]:
        piece.lines += ["", *gates_title(channel, names)]
        for gate in channel.gates:
            piece.load([a for a in arguments(gate.rates) if a != "v"])
            piece.load([gate.speed.name] if gate.speed else [])
            rise, fall, under = gates.write(channel, gate)
            speed = f"{gate.speed.name} * " if gate.speed else ""
            piece.write(f"d{gate.name}_over = {under}")
            slope = f"{speed}({rise} - ({rise} + {fall}) * {gate.name})"
            piece.write(f"d{gate.name} = {slope}")
            slopes.append((f"d{gate.name}", gates.size(gate)))
    if slopes:
        pass_on(piece, moved_rows(c, noise=False), load_states)
    piece.lines += ["", f"{IN_LOOP}# currents"]
    for channel in c.channels:
        if not channel.gates:
            piece.write(f"# {channel.name}: {channel.doc}")
        piece.current(channel)
    piece.lines.append("")
    capacitance = geometry.capacitance.name
    piece.load([capacitance])
    piece.write(f"dv = x[STIMULUS + i] - ({total('i', c.channels)})")
    piece.write(f"dv_over = {capacitance}")
    divide(piece, [*slopes, ("dv", PLAIN)])
    for name, k in places.items():
        piece.write(f"x[to + {k} * ROW + i] = d{name}")
    return [
        f"STIMULUS = {(rows.size + DRIVE) // ROW} * ROW",
        "",
        "",
        "@kernel",
        "def rates(x, runs, at, to):",
        '    """Rates of the states at row ``at``, written from row ``to``."""',
        "    for i in range(whole(runs)):",
        *piece.lines,
    ]


def entry_lines(model: Model) -> list[str]:
    """Return the function that Python calls."""
    rows = rows_of(model)
    states = "".join(f"{at // ROW} * ROW, " for at in rows.states.values())
    given = f"{len(rows.states)}, {rows.size // ROW} * ROW, ({states.rstrip()})"
    return [
        f"SHAPE = Shape({given})",
        "follow = bind(follow, rates=rates, prepare=prepare, SHAPE=SHAPE)",
        "",
        "",
        "@entry",
        "def run(buffer, course, columns, watched, out):",
        '    """Follow every run of a task to its end."""',
        "    follow(memory_of(buffer), course, columns, watched, out)",
    ]
