"""The step kernel of a model: short, flat Python that numba compiles."""

import re
from collections.abc import Callable, Iterable

from neurosim.core.block import ROW
from neurosim.declare import Cable, Compartment, Patch, arguments
from neurosim.lower.chain import held_compartments, moving, table_lines, walk_lines
from neurosim.lower.gates import CALLED, Gates, divide
from neurosim.lower.layout import WIDTH, fill, heading, text_of
from neurosim.lower.noise import write_noise
from neurosim.lower.rows import (
    handed_on,
    handed_rows,
    moved_names,
    moved_rows,
    noise_rows,
    noise_terms,
    rows_of,
)
from neurosim.lower.text import (
    IN_LOOP,
    Names,
    Piece,
    batched,
    constants,
    gates_title,
    loop_head,
    name_functions,
    prepare_lines,
    total,
)
from neurosim.model import Model

SHORT = 2.5  # times the default step: up to there states step by one evaluation
FASTEST = 0.2  # largest rate of states that step explicitly, per default step
FOLLOWING = (
    "    if dt < 0.0:  # its gates are held",
    "        return follow(x, runs, at)",
)


def kernel_source(
    model: Model, *, channel_noise: bool = False, clamp: bool = False
) -> str:
    """Return the text of the step kernel of a model.

    Parameters
    ----------
    channel_noise : let the open fraction of counted channels fluctuate.
    clamp : v follows the stimulus (voltage clamp) instead of the membrane current.
    """
    names = name_functions(model)
    also = [*handed_rows(model), *moved_names(model, channel_noise)]
    if channel_noise:
        also += [n for c in model.compartments for n in noise_rows(c)]
    body = ["", *row_names(model, also), ""]
    for compartment in model.compartments:
        body += ["", *membrane(model, compartment, names, channel_noise), ""]
    if model.states:
        body += ["", *pools(model, names), ""]
    held = held_compartments(model, channel_noise)
    body += ["", *advance(model, held), "", "", *mover(model, held, clamp), "", ""]
    body += [*prepare_lines(model, names), "", "", *entry_lines(model, clamp)]
    head = heading(f"Step kernel of {model.name}")
    return text_of([*head, *imports(model, body, names, channel_noise, clamp), *body])


def imports(
    model: Model, body: list[str], names: Names, channel_noise: bool, clamp: bool
) -> list[str]:
    """Return the import lines."""
    cable = isinstance(model.geometry, Cable)
    lines = ["import numpy as np", ""] if cable else []
    before = "BEFORE, " * any(handed_on(model).values())
    names_of_rows = f"{before}CURRENT, ROW, SLOPE, V, memory_of, whole"
    lines += [f"from neurosim.core.block import {names_of_rows}"]
    inlined = "inlined, " * (marked(model) == "inlined")
    lines += [f"from neurosim.core.jit import bind, entry, {inlined}kernel"]
    mover = "clamp" if clamp else "cable" if cable else "patch"
    if model.geometry is not None:
        home = "cable" if mover == "cable" else "voltage"
        more = ", drive" * (mover == "cable")
        more += ", follow" * bool(held_compartments(model, channel_noise))
        lines += [f"from neurosim.core.{home} import {mover}{more}"]
    lines += ["from neurosim.core.march import Layout, march"]
    if model.states:
        stiff = "from neurosim.core.stiff import rosenbrock"
        explicit = "from neurosim.core.explicit import explicit, forget"
        lines += [stiff if model.stiff else explicit]
    if channel_noise:
        lines += ["from neurosim.core.noise import jitter"]
        lines += ["from neurosim.core.random import normals"]
    return lines + imports_of(CALLED, names, body)


def imports_of(maths: Iterable[str], names: Names, body: list[str]) -> list[str]:
    """Return imports of what a body calls, of mathematics and of the physics."""
    used = set(re.findall(r"\w+", "\n".join(body)))
    wanted = [name for name in maths if name in used]
    lines = [import_line("neurosim.core.maths", wanted)] if wanted else []
    called = {n: f for n, f in names.functions.items() if n in used}
    return lines + function_imports(called)


def function_imports(functions: dict[str, Callable]) -> list[str]:
    """Return imports of the physics, one line per module (none for a notebook's)."""
    lines = []
    by_module: dict[str, list[str]] = {}
    for name, function in functions.items():
        plain = function.__name__
        text = plain if plain == name else f"{plain} as {name}"
        if importable(function):
            by_module.setdefault(function.__module__, []).append(text)
    for module in sorted(by_module):
        lines.append(import_line(module, by_module[module]))
    return lines


def import_line(module: str, names: list[str]) -> str:
    """Return an import, on several lines if it is long."""
    line = f"from {module} import {', '.join(sorted(names))}"
    if len(line) <= WIDTH:
        return line
    filled = "".join(
        f"    {row}\n" for row in fill([f"{n}," for n in sorted(names)], 80)
    )
    return f"from {module} import (\n{filled})"


def importable(function) -> bool:
    """Tell whether a generated module can import the function by name."""
    local = "<locals>" in getattr(function, "__qualname__", "")
    return function.__module__ != "__main__" and not local


def row_names(model: Model, also: Iterable[str] = ()) -> list[str]:
    """Return the constants that name the rows of the buffer.

    also : rows to name beside those of the gates.
    """
    rows = rows_of(model)
    named = {g.name for c in model.compartments for g in c.gates} | set(also)
    places = rows.local | rows.moved
    lines = constants({n: at for n, at in places.items() if n in named})
    lines += constants(rows.shared_rows)
    return lines + ["", *table_lines(model)] * isinstance(model.geometry, Cable)


def membrane(model: Model, c: Compartment, names: Names, noise: bool) -> list[str]:
    """Return the kernel that moves the gates of a compartment and reports currents.

    A loop for the rates of gates, and one for what they gain and for currents: of a
    shorter loop a processor has more lanes under way at a time.
    """
    indexed = isinstance(model.geometry, Cable)
    piece = Piece(model, c, names, indexed)
    here = "j" if indexed else "i"
    gates = Gates(piece, c)
    states = ["v", *(g.name for h in c.channels for g in h.gates)]
    piece.load(states)
    moved = []
    for channel in [h for h in c.channels if h.gates]:
        piece.lines += ["", *gates_title(channel, names)]
        noisy = noise and channel.unitary is not None
        for gate in channel.gates:
            piece.load([a for a in arguments(gate.rates) if a != "v"])
            piece.load([gate.speed.name] if gate.speed else [])
            parts = ", ".join(gates.write(channel, gate, plain=noisy))
            step = f"{gate.speed.name} * dt" if gate.speed else "dt"
            left = f"d{gate.name}, d{gate.name}_over"
            piece.write(f"{left} = relaxed({gate.name}, {parts}, {step})")
            moved.append((gate.name, gates.size(gate)))
            if noisy:
                speed = f"{gate.speed.name} * " if gate.speed else ""
                piece.write(f"{gate.name}_rate = {speed}(rise + fall)")
                piece.write(f"{gate.name}_inf = rise / (rise + fall)")
    if moved:
        pass_on(piece, moved_rows(c, noise), lambda: piece.load(states))
    divide(piece, [(f"d{name}", size) for name, size in moved])
    for few in batched([name for name, _ in moved], "{0} + d{0}".format):
        piece.write(f"{', '.join(few)} = {', '.join(f'{n} + d{n}' for n in few)}")
    piece.lines += ["", f"{IN_LOOP}# currents and their slopes"]
    stream = 1
    for channel in c.channels:
        if not channel.gates:
            piece.write(f"# {channel.name}: {channel.doc}")
        extra = ""
        if noise and channel.unitary is not None:
            extra = write_noise(piece, c, channel, stream)
            stream += (len(noise_terms(channel)) + 1) // 2
        piece.current(channel, extra)
    piece.lines.append("")
    for few in batched([name for name, _ in moved], piece.place):
        left = ", ".join(piece.place(name) for name in few)
        piece.write(f"{left} = {', '.join(few)}")
    piece.write(f"x[CURRENT + {here}] = {total('i', c.channels)}")
    piece.write(f"x[SLOPE + {here}] = {total('c', c.channels)}")
    for name in handed_on(model)[c.name]:
        at = f"HANDED_{name.upper()}"
        left = f"x[{at} + {here}], x[{at}_SLOPE + {here}]"
        piece.write(f"{left} = i_{name}, c_{name}")
    at = "at, " if indexed else ""
    return [
        f"@{marked(model)}",
        f"def {c.name}(x, runs, {at}dt, clock):",
        '    """Move the gates by dt at this v; report current and slope."""',
        *(["    seed, run, step = clock"] if noise else []),
        *(FOLLOWING if c.name in held_compartments(model, noise) else []),
        *loop_head(indexed),
        *piece.lines,
    ]


def pass_on(
    piece: Piece, moved: dict[str, dict[str, str]], load_states: Callable[[], None]
) -> None:
    """End a loop and begin the next, which finds in rows what moves the gates."""
    pairs = [
        (", ".join(rows), ", ".join(f"x[{row.upper()} + i]" for row in rows.values()))
        for rows in moved.values()
    ]
    for local, places in pairs:
        piece.write(f"{places} = {local}")
    piece.lines += ["", *loop_head(piece.indexed)]
    piece.loaded.clear()
    load_states()
    for local, places in pairs:
        piece.write(f"{local} = {places}")


def marked(model: Model) -> str:
    """Return how the functions of pieces are compiled, see ``core.jit``.

    Those of a chain are short, some of them a leak. With a model's own states a step
    would become too large for LLVM to see where rows lie.
    """
    chain = isinstance(model.geometry, Cable) and not model.states
    return "inlined" if chain else "kernel"


def pools(model: Model, names: Names) -> list[str]:
    """Return the kernel with the rates of change of the model's own states."""
    lines = [
        "@kernel",
        "def pool_rates(x, runs, at, to):",
        '    """Rates of change of the states at row ``at``, '
        'written from row ``to``."""',
        "    for i in range(whole(runs)):",
    ]
    given = currents_at if model.stiff else currents_from
    return lines + pool_body(model, names, "x[to + {} * ROW + i]", given)


def pool_body(
    model: Model, names: Names, target: str, given: Callable[..., list[str]]
) -> list[str]:
    """Return the loop body that takes currents as ``given`` and then all state rules.

    given : ``currents_at`` or ``currents_from``.
    """
    lines: list[str] = []
    wanted = {a for s in model.states for a in arguments(s.rule)}
    first = model.compartments[0].name if model.compartments else ""
    rows = rows_of(model)
    loaded: set[str] = set()
    # the first last: the others' i_na and v take their full names and leave these free
    for c in (*model.compartments[1:], *model.compartments[:1]):
        for p in c.instances:
            piece = Piece(model, c, names, False, pools_at="at")
            record = rows.records[p]
            suffix = "" if p == first else f"_{p}"
            lines += given(piece, c, record, suffix, wanted)
    piece = Piece(model, None, names, False, pools_at="at")
    from_pieces = {a for a in wanted if a == "v" or a.startswith(("i_", "v_"))}
    piece.loaded = loaded | (from_pieces - set(rows.shared_rows))
    for n, state in enumerate(model.states):
        piece.load(list(arguments(state.rule)))
        piece.write(f"{target.format(n)} = {piece.call(state.rule)}")
    return lines + piece.lines


def currents_at(
    piece: Piece, c: Compartment, record: int, suffix: str, wanted: set[str]
) -> list[str]:
    """Return the lines that compute the currents of one piece for the state rules."""
    shift = f"{record // ROW} * ROW + i"
    channels = [h for h in c.channels if f"i_{h.name}{suffix}" in wanted]
    if channels or f"v{suffix}" in wanted:
        piece.load(["v"])
    for channel in channels:
        piece.load([g.name for g in channel.gates])
        piece.current(channel)
    own = {"V", *(n.upper() for n in piece.own)}
    lines = []
    for line in piece.lines:
        for name in own:
            line = line.replace(f"x[{name} + i]", f"x[{name} + {shift}]")
        lines.append(line)
    if suffix:
        named = ["v", *(f"i_{h.name}" for h in channels)]
        renamed = [n for n in named if f"{n}{suffix}" in wanted]
        lines += [f"{IN_LOOP}{n}{suffix} = {n}" for n in renamed]
    return lines


def currents_from(
    piece: Piece, c: Compartment, record: int, suffix: str, wanted: set[str]
) -> list[str]:
    """Return the lines that read the currents that have moved v in the last step.

    As the step of v takes them: at its begin, and half of what v added on the way.
    """
    shift = f"{record // ROW} * ROW + i"
    names = [h.name for h in c.channels if f"i_{h.name}{suffix}" in wanted]
    if names or f"v{suffix}" in wanted:
        piece.write(f"v{suffix} = x[V + {shift}]")
    if names:
        piece.write(f"half = 0.5 * (v{suffix} - x[BEFORE + {shift}])")
    for name in names:
        at = f"HANDED_{name.upper()}"
        begin, slope = f"x[{at} + {shift}]", f"x[{at}_SLOPE + {shift}]"
        piece.write(f"i_{name}{suffix} = {begin} + half * {slope}")
    return piece.lines


def advance(model: Model, held: frozenset[str]) -> list[str]:
    """Return the kernel that moves every state but v; those ``held`` by ``slow``."""
    method = "rosenbrock" if model.stiff else "explicit"
    lines = [f"{method} = bind({method}, rates=pool_rates)", "", ""]
    lines = lines if model.states else []
    lines += ["@kernel", "def advance(x, runs, dt, slow, clock):"]
    if not model.states:
        lines += ['    """Move all gates by dt."""']
        return lines + walk_lines(model, "x, runs, {at}{dt}, clock", held)
    rows, count = rows_of(model), len(model.states)
    base, work = rows.pools // ROW, rows.work // ROW
    given = f"x, runs, {base} * ROW, {count}, {work} * ROW, dt"
    limits = f", {SHORT * model.dt:g}, {FASTEST / model.dt:g}"
    given += f", {model.jacobian_every}" if model.stiff else limits
    step = f"    {method}({given})"
    if not model.stiff:
        lines += ['    """Move the states, then the gates with their new values."""']
        return [*lines, step, *walk_lines(model, "x, runs, {at}{dt}, clock", held)]
    lines += [
        '    """Move gates by half a step, states by a whole one, gates again."""',
    ]
    if model.compartments:
        lines += ["    seed, run, step = clock"]
    first = walk_lines(model, "x, runs, {at}0.5 * dt, (seed, run, 2 * step)")
    last = walk_lines(model, "x, runs, {at}0.5 * dt, (seed, run, 2 * step + 1)")
    return [*lines, *first, step, *last]


def mover(model: Model, held: frozenset[str], clamp: bool) -> list[str]:
    """Return the kernel that moves v."""
    lines = ["@kernel", "def move(x, runs, dt, times, level, watched, kept):"]
    rows = rows_of(model)
    shared = f"{rows.shared // ROW} * ROW"
    if model.geometry is None:
        return [*lines, '    """There is no voltage to move."""', "    return 0"]
    if clamp:
        lines += ['    """Hold v at the command."""']
        return [*lines, f"    return clamp(x, runs, 0, {shared})"]
    lines += ['    """Move v by dt (``times`` 2) or by half of it."""']
    if isinstance(model.geometry, Patch):
        given = f"{shared}, {model.geometry.capacitance.name.upper()}"
        return [*lines, f"    return patch(x, runs, 0, {given}, dt, times, level)"]
    own = ", SHEATHS" * bool(model.geometry.sheaths)
    given = f"x, runs, RECORD, {len(rows.records)}, GEOMETRY, dt, times, level"
    return [
        *lines,
        f"    fresh = {moving(model, held)} if kept else {len(rows.records)}",
        f"    drive(x, runs, RECORD, {shared})",
        f"    return cable({given}, watched, fresh{own})",
    ]


def entry_lines(model: Model, clamp: bool) -> list[str]:
    """Return the function that Python calls."""
    rows = rows_of(model)
    pieces = len(rows.records)
    head = min(rows.local.values(), default=rows.stride)
    numbers = (rows.first, rows.stride, head, rows.shared)
    given = ", ".join(f"{n // ROW} * ROW" for n in numbers)
    count = len(model.states)
    explicit = count > 0 and not model.stiff
    before = (rows.work - rows.pools) // ROW + count if explicit else 0
    given += f", {pieces}, {rows.pools // ROW} * ROW, {count}, {before} * ROW"
    forget = f"    forget(x, runs, {count}, {rows.work // ROW} * ROW)"
    return [
        f"LAYOUT = Layout({given}, {model.geometry is not None}, {clamp})",
        "march = bind("
        "march, prepare=prepare, advance=advance, move=move, LAYOUT=LAYOUT)",
        "",
        "",
        "@entry",
        "def run(buffer, runs, plan, first_run, watch, out):",
        '    """Prepare a block and march it through its plan."""',
        "    x = memory_of(buffer)",
        "    prepare(x, runs)",
        *[forget] * explicit,
        "    march(x, runs, plan, first_run, watch, out)",
    ]
