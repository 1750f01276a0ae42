"""The step kernel of a model: short, flat Python that numba compiles."""

from neurosim.core.block import LANES
from neurosim.declare import Cable, Compartment, Patch, arguments
from neurosim.lower.chain import table_lines, walk_lines
from neurosim.lower.layout import heading, text_of
from neurosim.lower.noise import write_noise
from neurosim.lower.rows import noise_terms, rows_of
from neurosim.lower.text import (
    IN_LOOP,
    Names,
    Piece,
    constants,
    loop_head,
    name_functions,
    prepare_lines,
    total,
)
from neurosim.model import Model


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
    lines = heading(f"Step kernel of {model.name}")
    lines += imports(model, names, channel_noise, clamp)
    lines += ["", *row_names(model, channel_noise), ""]
    for compartment in model.compartments:
        lines += ["", *membrane(model, compartment, names, channel_noise), ""]
    if model.states:
        lines += ["", *pools(model, names), ""]
    lines += ["", *advance(model), "", "", *mover(model, clamp), "", ""]
    lines += [*prepare_lines(model, names), "", "", *entry_lines(model, clamp)]
    return text_of(lines)


def imports(model: Model, names: Names, channel_noise: bool, clamp: bool) -> list[str]:
    """Return the import lines."""
    cable = isinstance(model.geometry, Cable)
    lines = ["import numpy as np", ""] if cable else []
    lines += ["from neurosim.core.block import CURRENT, LANES, SLOPE, V"]
    lines += ["from neurosim.core.jit import bind, entry, kernel"]
    mover = "clamp" if clamp else "cable" if cable else "patch"
    if model.geometry is not None:
        home = "cable" if mover == "cable" else "voltage"
        lines += [f"from neurosim.core.{home} import {mover}"]
    lines += ["from neurosim.core.march import Layout, march"]
    if any(c.gates for c in model.compartments):
        lines += ["from neurosim.core.maths import relax"]
    if model.states:
        home, method = ("stiff", "rosenbrock") if model.stiff else ("explicit", "heun")
        lines += [f"from neurosim.core.{home} import {method}"]
    if channel_noise:
        lines += ["from neurosim.core.noise import jitter"]
        lines += ["from neurosim.core.random import normals"]
    return lines + function_imports(names)


def function_imports(names: Names) -> list[str]:
    """Return imports of the physics, one line per module (none for a notebook's)."""
    lines = []
    by_module: dict[str, list[str]] = {}
    for name, function in names.functions.items():
        plain = function.__name__
        text = plain if plain == name else f"{plain} as {name}"
        if importable(function):
            by_module.setdefault(function.__module__, []).append(text)
    for module in sorted(by_module):
        found = sorted(by_module[module])
        line = f"from {module} import {', '.join(found)}"
        if len(line) > 88:
            inner = "".join(f"    {f},\n" for f in found)
            line = f"from {module} import (\n{inner})"
        lines.append(line)
    return lines


def importable(function) -> bool:
    """Tell whether a generated module can import the function by name."""
    local = "<locals>" in getattr(function, "__qualname__", "")
    return function.__module__ != "__main__" and not local


def row_names(model: Model, noise: bool = False) -> list[str]:
    """Return the constants that name the rows of the buffer."""
    rows = rows_of(model)
    lines = constants(
        {n: at for n, at in rows.local.items() if noise or not n.startswith("w_")}
    )
    lines += constants(rows.shared_rows)
    return lines + ["", *table_lines(model)] * isinstance(model.geometry, Cable)


def membrane(model: Model, c: Compartment, names: Names, noise: bool) -> list[str]:
    """Return the kernel that moves the gates of a compartment and reports currents."""
    indexed = isinstance(model.geometry, Cable)
    piece = Piece(model, c, names, indexed)
    here = "j" if indexed else "i"
    piece.load(["v"])
    stream = 1
    for channel in c.channels:
        piece.lines += [f"\n{IN_LOOP}# {channel.name}: {channel.doc}"]
        felt = piece.feel(channel)
        noisy = noise and channel.unitary is not None
        rates = []
        for gate in channel.gates:
            piece.load([a for a in arguments(gate.rates) if a != "v"])
            piece.load([gate.name, *([gate.speed.name] if gate.speed else [])])
            step = f"{gate.speed.name} * dt" if gate.speed else "dt"
            piece.write(f"rise, fall = {piece.call(gate.rates, felt)}")
            piece.write(f"{gate.name} = relax({gate.name}, rise, fall, {step})")
            if noisy:
                speed = f"{gate.speed.name} * " if gate.speed else ""
                piece.write(f"{gate.name}_rate = {speed}(rise + fall)")
                piece.write(f"{gate.name}_inf = rise / (rise + fall)")
                rates.append(gate)
        extra = ""
        if noisy:
            extra = write_noise(piece, c, channel, stream)
            stream += (len(noise_terms(channel)) + 1) // 2
        piece.current(channel, extra)
        if channel.gates:
            left = ", ".join(f"x[{g.name.upper()} + {here}]" for g in channel.gates)
            piece.write(f"{left} = {', '.join(g.name for g in channel.gates)}")
    piece.lines.append("")
    piece.write(f"x[CURRENT + {here}] = {total('i', c.channels)}")
    piece.write(f"x[SLOPE + {here}] = {total('c', c.channels)}")
    at = "at, " if indexed else ""
    return [
        "@kernel",
        f"def {c.name}(x, {at}dt, clock):",
        '    """Move the gates by dt at this v; report current and slope."""',
        *(["    seed, run, step = clock"] if noise else []),
        *loop_head(indexed),
        *piece.lines,
    ]


def pools(model: Model, names: Names) -> list[str]:
    """Return the kernel with the rates of change of the model's own states."""
    lines = [
        "@kernel",
        "def pool_rates(x, at, to):",
        '    """Rates of change of the states at row ``at``, '
        'written from row ``to``."""',
        "    for i in range(LANES):",
    ]
    return lines + pool_body(model, names, "x[to + {} * LANES + i]")


def pool_body(model: Model, names: Names, target: str) -> list[str]:
    """Return the loop body that computes currents and then all state rules."""
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
            lines += currents_at(piece, c, record, suffix, wanted)
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
    shift = f"{record // LANES} * LANES + i"
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


def advance(model: Model) -> list[str]:
    """Return the kernel that moves every state but v."""
    method = "rosenbrock" if model.stiff else "heun"
    lines = [f"{method} = bind({method}, rates=pool_rates)", "", ""]
    lines = lines if model.states else []
    lines += ["@kernel", "def advance(x, dt, clock):"]
    if not model.states:
        lines += ['    """Move all gates by dt."""']
        return lines + walk_lines(model, "x, {at}dt, clock")
    rows, count = rows_of(model), len(model.states)
    base, work = rows.pools // LANES, rows.work // LANES
    step = f"    {method}(x, {base} * LANES, {count}, {work} * LANES, dt)"
    if not model.stiff:
        lines += ['    """Move the states, then the gates with their new values."""']
        return [*lines, step, *walk_lines(model, "x, {at}dt, clock")]
    lines += [
        '    """Move gates by half a step, states by a whole one, gates again."""',
    ]
    if model.compartments:
        lines += ["    seed, run, step = clock"]
    first = walk_lines(model, "x, {at}0.5 * dt, (seed, run, 2 * step)")
    last = walk_lines(model, "x, {at}0.5 * dt, (seed, run, 2 * step + 1)")
    return [*lines, *first, step, *last]


def mover(model: Model, clamp: bool) -> list[str]:
    """Return the kernel that moves v."""
    lines = ["@kernel", "def move(x, dt, times, level, watched):"]
    rows = rows_of(model)
    if model.geometry is None:
        return [*lines, '    """There is no voltage to move."""', "    return 0"]
    if clamp:
        lines += ['    """Hold v at the command."""']
        return [*lines, f"    return clamp(x, 0, {rows.shared // LANES} * LANES)"]
    lines += ['    """Move v by dt (``times`` 2) or by half of it."""']
    if isinstance(model.geometry, Patch):
        c = model.geometry.capacitance.name.upper()
        return [*lines, f"    return patch(x, 0, {c}, dt, times, level)"]
    return [
        *lines,
        "    return cable(x, RECORD, GEOMETRY, dt, times, level, watched)",
    ]


def entry_lines(model: Model, clamp: bool) -> list[str]:
    """Return the function that Python calls."""
    rows = rows_of(model)
    pieces = len(rows.records)
    head = min(rows.local.values(), default=rows.stride)
    numbers = (rows.first, rows.stride, head, rows.shared)
    given = ", ".join(f"{n // LANES} * LANES" for n in numbers)
    given += f", {pieces}, {rows.pools // LANES} * LANES, {len(model.states)}"
    return [
        f"LAYOUT = Layout({given}, {model.geometry is not None}, {clamp})",
        "march = bind("
        "march, prepare=prepare, advance=advance, move=move, LAYOUT=LAYOUT)",
        "",
        "",
        "@entry",
        "def run(x, plan, first_run, watch, out):",
        '    """Prepare a block and march it through its plan."""',
        "    prepare(x)",
        "    march(x, plan, first_run, watch, out)",
    ]
