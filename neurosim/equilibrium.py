"""Equilibria of many runs at once, and whether they are stable.

Everything works on buffers of shape (rows, runs), so a thousand baths cost little more
than one.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from neurosim.chain import comes_back, is_long, settle_chain
from neurosim.core.block import LANES, ROW
from neurosim.ensemble import Ensemble, from_blocks, lanes_of, state_rows, to_blocks
from neurosim.errors import unknown
from neurosim.lower import derivative_of, rows_of
from neurosim.model import NOTHING, Model
from neurosim.units import one_number

FIRST_DT, LAST_DT, LONG = 0.02, 1e8, 4e5  # ms: first, longest, shortest of the end
GROWTH, FASTEST = 1.6, 30.0  # of the step per iteration: at least, at most
MOVES = 1.0, 0.2  # mV, share of another state: moves below it let steps grow faster
ITERATIONS = 110  # at most; none is believed before its steps are ``LONG``
FAR = 5.0  # mV: largest change of v in one iteration
ELSEWHERE = (-90.0, -60.0, -40.0, -20.0, 0.0)  # mV: further starts of the search
CLOSE = 1e-9  # mV (or the unit of a state): converged below this change
DIFFERENCE = 1e-5  # relative step of central differences
ONE_SIDED = 1e-6  # of those from a point whose rates are known
REMEMBERED, LARGEST = 12, 1 << 24  # searches, and bytes of one that is remembered
FOUND: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}  # by equations and parameters


def derivative(model: Model, x: np.ndarray) -> np.ndarray:
    """Return the rates of all states, shape (states, runs), of prepared runs."""
    module = derivative_of(model)
    blocks = to_blocks(x)
    out = np.zeros_like(blocks)
    for block, lanes, d in zip(blocks, lanes_of(x.shape[1]), out, strict=True):
        module.derivative(block, lanes, d)
    return from_blocks(out, x.shape[1])[state_rows(rows_of(model))]


def prepare(model: Model, x: np.ndarray) -> np.ndarray:
    """Return the buffer with everything that depends on parameters only filled in."""
    module, found = derivative_of(model), np.empty_like(x)
    for n, lanes in enumerate(lanes_of(x.shape[1])):
        here = slice(n * LANES, n * LANES + lanes)
        blocks = to_blocks(x[:, here])
        module.prepared(blocks[0], lanes)
        found[:, here] = from_blocks(blocks, lanes)
    return found


def jacobian(model: Model, x: np.ndarray, f: np.ndarray | None = None) -> np.ndarray:
    """Return the Jacobian of every run, shape (runs, states, states).

    f : rates of all states, (states, runs). With them differences are one-sided: half
    the work, six digits instead of nine, enough to find the way to an equilibrium.
    """
    rates, at = derivative_of(model).derivative, state_rows(rows_of(model))
    found = np.empty((at.size, at.size, x.shape[1]))
    for n, lanes in enumerate(lanes_of(x.shape[1])):
        own = slice(n * LANES, n * LANES + lanes)
        (block,) = to_blocks(x[:, own])
        out, gradient = np.zeros_like(block), found[..., own]
        here, there = (a.reshape(-1, ROW)[:, :lanes] for a in (block, out))
        size = DIFFERENCE if f is None else ONE_SIDED
        for k, row in enumerate(at):
            state = here[row].copy()
            step = size * np.maximum(np.abs(state), 1e-2)
            here[row] = state + step
            rates(block, lanes, out)
            if f is None:
                above = there[at]
                here[row] = state - step
                rates(block, lanes, out)
                gradient[:, k] = (above - there[at]) / (2.0 * step)
            else:
                gradient[:, k] = (there[at] - f[:, own]) / step
            here[row] = state
    return np.moveaxis(found, -1, 0)


def steady_gates(model: Model, x: np.ndarray) -> None:
    """Put every gate at its steady state for the v it has (in place)."""
    rows, gated = rows_of(model), gate_names(model)
    gates = [n for n in rows.states if n in gated]
    at = np.array([rows.states[n] for n in gates]) // ROW
    if not at.size:
        return
    x[at] = 0.0
    rise = derivative(model, x)[[list(rows.states).index(n) for n in gates]]
    x[at] = 1.0
    fall = -derivative(model, x)[[list(rows.states).index(n) for n in gates]]
    x[at] = rise / (rise + fall)


def gate_names(model: Model) -> set[str]:
    """Return the full names of all gates."""
    from neurosim.wiring import full

    first = model.compartments[0].name if model.compartments else ""
    return {
        full(g.name, p, first)
        for c in model.compartments
        for p in c.instances
        for g in c.gates
    }


def potential_rows(model: Model) -> np.ndarray:
    """Return the row numbers of v in every piece."""
    return np.array(list(rows_of(model).records.values()), dtype=int) // ROW


def set_start(
    model: Model, x: np.ndarray, v: np.ndarray | float, given: Mapping = NOTHING
) -> None:
    """Start all pieces at ``v`` with gates at steady state, states at their initial.

    given : states by name that start at other values; gates not among them are steady
    at the potential of their own piece.
    """
    rows = rows_of(model)
    if model.compartments:
        x[potential_rows(model)] = v
    for state in model.states:
        x[rows.shared_rows[state.name] // ROW] = state.initial
    put(model, x, given)
    x[:] = prepare(model, x)
    steady_gates(model, x)
    put(model, x, given)


def put(model: Model, x: np.ndarray, given: Mapping[str, float]) -> None:
    """Write values of states, by name, into a buffer."""
    states = rows_of(model).states
    for name, value in given.items():
        if name not in states:
            raise unknown(name, f"initial: the states of {model.name!r}", states)
        x[states[name] // ROW] = one_number(value, f"initial: {name}", "its unit")


def settle(model: Model, x: np.ndarray) -> np.ndarray:
    """Move runs to an equilibrium in place; return which ones got there.

    Implicit pseudo time steps of growing length, of each run its own: they follow the
    motion while there is one and end as Newton's method.
    """
    if is_long(model):
        return settle_chain(model, x)
    rows = rows_of(model)
    at = state_rows(rows)
    names = list(rows.states)
    volts = np.array([n == "v" or n.startswith(("v_", "phi")) for n in names])
    eye = np.eye(at.size)
    done, alive = np.zeros((2, x.shape[1]), bool)
    alive[:] = np.isfinite(x[at]).all(axis=0)
    steps = np.full(x.shape[1], FIRST_DT)
    for _ in range(ITERATIONS):
        todo = np.flatnonzero(alive & ~done)
        if not todo.size:
            break
        part = np.ascontiguousarray(x[:, todo])
        f = derivative(model, part)
        j = jacobian(model, part, f)
        dt = steps[todo]
        good = np.isfinite(j).all((1, 2)) & np.isfinite(f).all(0)
        alive[todo] = good
        j[~good] = 0.0
        right = np.where(good, f, 0.0).T[..., None]
        move = solved(eye / dt[:, None, None] - j, right)
        stuck = ~np.isfinite(move).all(1)  # what is conserved has no rate of its own
        if stuck.any():
            shorter = np.minimum(dt[stuck], 1e6)[:, None, None]
            move[stuck] = solved(eye / shorter - j[stuck], right[stuck])
        if volts.any():
            largest = np.abs(move[:, volts]).max(1, initial=1e-300)
            move *= np.minimum(1.0, FAR / largest)[:, None]
        x[np.ix_(at, todo)] += move.T
        done[todo] = (np.abs(move).max(1) < CLOSE) & good & (dt > LONG)
        steps[todo] = longer(dt, move, part[at].T, volts)
    return done


def longer(
    dt: np.ndarray, move: np.ndarray, values: np.ndarray, volts: np.ndarray
) -> np.ndarray:
    """Return the next pseudo time step of each run, ms, after one that moved it so.

    move, values : (runs, states). volts : which states are potentials.
    """
    scale = np.where(volts, MOVES[0], MOVES[1] * np.maximum(np.abs(values), 1e-2))
    growth = 1.0 / np.maximum((np.abs(move) / scale).max(1), 1e-300)
    return np.minimum(dt * np.clip(growth, GROWTH, FASTEST), LAST_DT)


def solved(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solution of each system, (systems, unknowns), NaN where it has none.

    right : (systems, unknowns, 1).
    """
    try:
        return np.linalg.solve(matrices, right)[..., 0]
    except np.linalg.LinAlgError:  # does not say of which
        if len(matrices) == 1:
            return np.full(right.shape[:2], np.nan)
        halves = zip(np.array_split(matrices, 2), np.array_split(right, 2), strict=True)
        return np.concatenate([solved(*half) for half in halves])


def stability(model: Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading eigenvalue of each run (complex, 1/ms) and all of them."""
    values = np.linalg.eigvals(jacobian(model, x))
    order = np.argsort(-np.real(values), axis=1)
    values = np.take_along_axis(values, order, axis=1)
    return values[:, 0], values


def is_stable(model: Model, x: np.ndarray) -> np.ndarray:
    """Tell which runs are at a stable equilibrium."""
    if is_long(model):
        return comes_back(model, x)
    return np.real(stability(model, x)[0]) < 1e-9


def at_reference(ensemble: Ensemble) -> Ensemble:
    """Return the runs with every parameter of the bath at its reference."""
    values = {
        n: v
        for n, v in ensemble.values.items()
        if not ensemble.model.parameters[n].bath
    }
    return replace(ensemble, values=values)


def applied(ensemble: Ensemble, states: np.ndarray) -> np.ndarray:
    """Return the requested bath around the given states."""
    at = state_rows(rows_of(ensemble.model))
    x = ensemble.matrix()
    x[at] = states[at]
    return prepare(ensemble.model, x)


def find_rest(model: Model, x: np.ndarray) -> np.ndarray:
    """Bring runs to an equilibrium in place and tell which are stable.

    The search starts at the model's own ``start``; where that leads to none, or to one
    that is not stable, at other potentials. A run without any is left as NaN.
    """
    best = np.full_like(x, np.nan)
    stable = np.zeros(x.shape[1], bool)
    for start in (model.start, *ELSEWHERE):
        todo = np.flatnonzero(~stable)
        if not todo.size:
            break
        part = np.ascontiguousarray(x[:, todo])
        set_start(model, part, start)
        found = settle(model, part)
        good = np.zeros(todo.size, bool)
        if found.any():
            here = np.ascontiguousarray(part[:, found])
            good[found] = is_stable(model, here)
        new = good | (found & np.isnan(best[0, todo]))
        best[:, todo[new]] = part[:, new]
        stable[todo] = good
    x[:] = best
    return stable


def different(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each different column comes first, and which one every column is."""
    numbers: dict[bytes, int] = {}
    each = [numbers.setdefault(c.tobytes(), len(numbers)) for c in x.T]
    return np.unique(each, return_index=True)[1], np.array(each)


def rest_buffer(ensemble: Ensemble) -> tuple[np.ndarray, np.ndarray]:
    """Return prepared runs at their equilibrium and whether it is a stable one.

    Runs of equal parameters are solved once, and the last few searches are remembered:
    most runs start from the rest of the same reference bath.
    """
    model = ensemble.model
    x = ensemble.matrix()
    columns, inverse = np.ascontiguousarray(x[:, :1]), np.zeros(x.shape[1], int)
    if not (x == columns).all():
        first, inverse = different(x)
        columns = np.ascontiguousarray(x[:, first])
    key = (model.structure, model.start, columns.shape, columns.tobytes())
    found = FOUND.pop(key, None)
    if found is None:
        found = columns, find_rest(model, columns)
    columns, stable = found
    if columns.nbytes <= LARGEST:
        FOUND[key] = found  # the last one asked for is the last one forgotten
    while len(FOUND) > REMEMBERED:
        FOUND.pop(next(iter(FOUND)), None)
    return columns[:, inverse], stable[inverse]
