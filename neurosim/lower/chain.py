"""Lines of generated code that walk along a chain of compartments."""

from itertools import groupby

from neurosim.core.block import ROW
from neurosim.core.cable import COLUMNS, COVERED
from neurosim.declare import Cable
from neurosim.lower.rows import handed_on, pieces_of, rows_of
from neurosim.model import Model


def table_lines(model: Model) -> list[str]:
    """Return the length of a record and the geometry of a cable.

    ``KINDS`` has a row per kind of piece, the first for a sealed end.
    """
    if not isinstance(model.geometry, Cable):
        return []
    end = ", ".join(["0"] * COLUMNS)
    rows = [", ".join(f"{v:.12g}" for v in row) for row in model.geometry.table]
    kinds = list(dict.fromkeys([end, *rows]))
    chain = [kinds.index(row) for row in rows]
    length, times = repetition(chain)
    unit, rest = chain[:length], chain[length * times :]
    folded = f"*{times} * {(*unit,)}" if times > 1 else ", ".join(map(str, unit))
    sheaths = ", ".join(name.upper() for name in model.geometry.sheaths)
    return [
        f"RECORD = {rows_of(model).stride // ROW} * ROW  # length of a record",
        "KINDS = np.array(  # columns: see neurosim.core.cable",
        "    (",
        *(f"        ({row})," for row in kinds),
        "    )",
        ")",
        f"GEOMETRY = KINDS[np.array(({', '.join(['0', folded, *map(str, rest)])}))]",
        *[f"SHEATHS = np.array((0, {sheaths}))"] * bool(sheaths),
    ]


def repetition(items: list) -> tuple[int, int]:
    """Return how long the unit is that repeats from the start, and how often."""
    length, times = len(items), 1
    for n in range(1, len(items) // 2 + 1):
        count = 1
        while items[count * n : (count + 1) * n] == items[:n]:
            count += 1
        if count > 1 and (times == 1 or count * n > length * times):
            length, times = n, count
    return length, times


def held_compartments(model: Model, noise: bool = False) -> frozenset[str]:
    """Return the compartments that hold their gates: those wholly under myelin.

    The first piece does not, a stimulus enters there; with channel noise (``noise``)
    those with counted channels do not; nor do those whose currents states take; and
    none does where the model's stiff states halve the step of all gates.
    """
    if not isinstance(model.geometry, Cable) or (model.states and model.stiff):
        return frozenset()
    pieces = list(zip(pieces_of(model), model.geometry.table, strict=True))
    bare = {home.name for (_, home), row in pieces if not row[COVERED]}
    bare |= {home.name for (_, home), _ in pieces[:1]}
    counted = {
        c.name
        for c in model.compartments
        if noise and any(h.unitary is not None for h in c.channels)
    }
    asked = {name for name, channels in handed_on(model).items() if channels}
    return frozenset(c.name for c in model.compartments) - bare - counted - asked


def held_rows(model: Model) -> set[int]:
    """Return the rows of the gates that are held for some steps."""
    rows, held = rows_of(model), held_compartments(model)
    return {
        rows.records[piece] + rows.local[gate.name]
        for piece, home in pieces_of(model)
        if home.name in held
        for gate in home.gates
    }


def moving(model: Model, held: frozenset[str]) -> int:
    """Return the number of the last piece of the chain that holds no gates."""
    homes = [c.name for _, c in pieces_of(model)]
    return max((k for k, name in enumerate(homes, 1) if name not in held), default=0)


def walk_lines(
    model: Model, given: str, held: frozenset[str] = frozenset()
) -> list[str]:
    """Return the calls of the function of every piece, along the chain.

    Loops have constant bounds: LLVM then knows where records lie and vectorises the
    loop over lanes without a check.

    Parameters
    ----------
    given : the arguments; ``{at}`` stands for the record of a cable's piece, ``{dt}``
    for the time by which it moves, another one for the compartments ``held``.
    """
    steps = {c.name: "slow" if c.name in held else "dt" for c in model.compartments}
    texts = {name: given.replace("{dt}", step) for name, step in steps.items()}
    if not isinstance(model.geometry, Cable):
        return [f"    {name}({text.format(at='')})" for name, text in texts.items()]
    homes = [c.name for _, c in pieces_of(model)]
    length, times = repetition(homes)
    if times == 1:
        return runs_of(homes, texts, "", 1)
    stop = 1 + length * times
    return [
        f"    for unit in range(RECORD, {stop} * RECORD, {length} * RECORD):",
        *(f"    {line}" for line in runs_of(homes[:length], texts, "unit", 0)),
        *runs_of(homes[length * times :], texts, "", stop),
    ]


def runs_of(
    homes: list[str], given: dict[str, str], begin: str, first: int
) -> list[str]:
    """Return calls for pieces in a row from record ``first`` after ``begin`` on."""

    def where(n):
        steps = f"{n} * RECORD" if n != 1 else "RECORD"
        return " + ".join([begin] * bool(begin) + [steps] * (n > 0))

    lines = []
    for name, run in groupby(homes):
        last = first + len(list(run))
        if last == first + 1:
            lines += [f"    {name}({given[name].format(at=where(first) + ', ')})"]
        else:
            lines += [f"    for at in range({where(first)}, {where(last)}, RECORD):"]
            lines += [f"        {name}({given[name].format(at='at, ')})"]
        first = last
    return lines
