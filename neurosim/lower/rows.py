"""Where each quantity of a model lies in the buffer of a block."""

from dataclasses import dataclass
from itertools import product

from neurosim.core.block import CABLE_HEAD, PATCH_HEAD, ROW, SHARED_HEAD
from neurosim.core.block import PHI as PHI_ROW
from neurosim.core.cable import COVERED
from neurosim.core.explicit import ROWS
from neurosim.declare import Cable, Channel, Compartment, arguments
from neurosim.model import Model
from neurosim.wiring import full


@dataclass(frozen=True, slots=True)
class Rows:
    """Offsets (in floats) of all rows, by full name."""

    first: int  # record of the first compartment
    stride: int  # length of a record
    shared: int  # what compartments share
    size: int  # length of the buffer
    records: dict[str, int]  # piece -> record
    local: dict[str, int]  # gate, noise term, handed current -> offset in a record
    shared_rows: dict[str, int]  # parameter, derived, state -> offset
    states: dict[str, int]  # every state variable, in order: v, phi, gates, pools
    pools: int  # first of the rows of the model's own states
    work: int  # scratch of the step of the model's own states
    moved: dict[str, int]  # what one loop over a piece's gates leaves to the next


def noise_terms(channel: Channel) -> tuple[tuple[int, ...], ...]:
    """Return the relaxations of an open fraction: how many gates of each take part."""
    powers = [range(g.power + 1) for g in channel.gates]
    return tuple(k for k in product(*powers) if any(k))


def noise_rows(compartment: Compartment) -> list[str]:
    """Return the names of the rows of channel noise."""
    return [
        f"w_{c.name}_{n}"
        for c in compartment.channels
        if c.unitary is not None
        for n in range(len(noise_terms(c)))
    ]


def handed_on(model: Model) -> dict[str, tuple[str, ...]]:
    """Return the channels of each compartment whose currents move states in passing.

    These states, which are not stiff, take the currents that have moved v: they are
    computed once, and where steps are of one length no charge is lost.
    """
    asked = {a for s in model.states for a in arguments(s.rule)}
    first = model.compartments[0].name if model.compartments else ""
    return {
        c.name: tuple(
            h.name
            for h in c.channels
            if not model.stiff
            and asked & {full(f"i_{h.name}", p, first) for p in c.instances}
        )
        for c in model.compartments
    }


def handed_rows(model: Model) -> list[str]:
    """Return the names of the rows of handed currents and of their slopes."""
    handed = [name for names in handed_on(model).values() for name in names]
    return [
        row for name in handed for row in (f"handed_{name}", f"handed_{name}_slope")
    ]


def moved_rows(compartment: Compartment, noise: bool) -> dict[str, dict[str, str]]:
    """Return what moves each gate of a compartment: gate -> variable -> its row."""
    found = {}
    for channel in compartment.channels:
        noisy = noise and channel.unitary is not None
        for name in (g.name for g in channel.gates):
            row = f"moved_{name}"
            found[name] = {f"d{name}": row, f"d{name}_over": f"{row}_over"}
            if noisy:
                found[name] |= {f"{name}_{n}": f"{row}_{n}" for n in ("rate", "inf")}
    return found


def moved_names(model: Model, noise: bool) -> list[str]:
    """Return the names of the rows that move gates, each once."""
    gates = [f for c in model.compartments for f in moved_rows(c, noise).values()]
    return list(dict.fromkeys(name for rows in gates for name in rows.values()))


def pieces_of(model: Model) -> list[tuple[str, Compartment]]:
    """Return the pieces of a model in the order of their records, that of the chain."""
    found = {p: c for c in model.compartments for p in c.instances}
    order = getattr(model.geometry, "pieces", ()) or tuple(found)
    return [(piece, found[piece]) for piece in order]


LAYOUTS: dict[tuple, Rows] = {}  # by equations


def rows_of(model: Model) -> Rows:
    """Return how the buffer of a block is laid out for a model."""
    key = model.structure
    if key not in LAYOUTS:
        LAYOUTS[key] = lay_out(model)
    return LAYOUTS[key]


def lay_out(model: Model) -> Rows:
    """Lay out the buffer of a block for a model."""
    wiring = model.wiring
    head = CABLE_HEAD if isinstance(model.geometry, Cable) else PATCH_HEAD
    names = [g.name for c in model.compartments for g in c.gates]
    names += [n for c in model.compartments for n in noise_rows(c)]
    names += handed_rows(model)
    names = list(dict.fromkeys(names))
    local = {name: (head + n) * ROW for n, name in enumerate(names)}
    stride = (head + len(names)) * ROW
    first = stride if isinstance(model.geometry, Cable) else 0
    pieces = pieces_of(model)
    records = {p: first + k * stride for k, (p, _) in enumerate(pieces)}
    shared = first + max(len(pieces), 1) * stride
    shared += stride if isinstance(model.geometry, Cable) else 0
    names = [*wiring.params, *wiring.static, *(s.name for s in model.states)]
    shared_rows = {n: shared + (SHARED_HEAD + k) * ROW for k, n in enumerate(names)}
    pools = shared + (SHARED_HEAD + len(names) - len(model.states)) * ROW
    work = pools + len(model.states) * ROW
    count = len(model.states)
    scratch = count * (count + 4) + 1 if model.stiff else count * ROWS + 1
    passed = [*moved_names(model, noise=False), *moved_names(model, noise=True)]
    passed = list(dict.fromkeys(passed))
    moved = {n: work + (scratch + k) * ROW for k, n in enumerate(passed)}
    size = work + (scratch + len(passed)) * ROW
    start = model.compartments[0].name if model.compartments else ""
    states = {full("v", p, start): records[p] for p, _ in pieces}
    if isinstance(model.geometry, Cable):
        for (p, _), row in zip(pieces, model.geometry.table, strict=True):
            if row[COVERED]:
                states[full("phi", p, start)] = records[p] + PHI_ROW
    for p, c in pieces:
        for gate in c.gates:
            states[full(gate.name, p, start)] = records[p] + local[gate.name]
    states |= {s.name: shared_rows[s.name] for s in model.states}
    return Rows(
        first, stride, shared, size, records, local, shared_rows, states, pools, work,
        moved,
    )  # fmt: skip
