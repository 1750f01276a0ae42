"""Rest of a long chain of compartments, without the Jacobian of all its states.

A fibre of 21 nodes has 500 to 1100 states. At rest each gate is at its steady state for
the v it has, so only the potentials are unknown; and a step of the cable's own mover,
given the slope of the *steady* current, is Newton's step for them.
"""

from typing import Any

import numpy as np

from neurosim.core.block import CURRENT, PHI, ROW, SLOPE, V
from neurosim.declare import Cable
from neurosim.engine import Wanted, run
from neurosim.ensemble import Ensemble, from_blocks, lanes_of, to_blocks
from neurosim.lower import derivative_of, rows_of
from neurosim.model import Model
from neurosim.protocol import Rest
from neurosim.timetable import timetable
from neurosim.wiring import full

LONG = 300  # states from which the Jacobian of a run costs more than 0.1 s
FIRST_DT, GROWTH = 0.02, 1.6  # ms, first pseudo time step; its growth per iteration
ITERATIONS, EARLIEST = 110, 36  # at most; none is believed before the steps are long
FAR = 5.0  # mV: largest move in one iteration
CLOSE = 1e-9  # mV: converged below this move
DIFFERENCE = 1e-4  # mV: step of the difference that gives the slope
KICK = 0.5  # mV by which a fibre is pushed to see whether it comes back
WATCHED = 40.0  # ms for which it is watched
AGAIN = 0.25  # of that: compared are the second and the last quarter
LONGER = 8.0  # times the default step: nothing is fast in what it does


def is_long(model: Model) -> bool:
    """Tell whether a model is a chain too long for its full Jacobian."""
    many = len(rows_of(model).states) > LONG
    return many and isinstance(model.geometry, Cable) and not model.states


def settle_chain(model: Model, x: np.ndarray) -> np.ndarray:
    """Move runs (rows, runs) to an equilibrium in place; return which got there."""
    blocks = to_blocks(x)
    pairs = zip(blocks, lanes_of(x.shape[1]), strict=True)
    done = np.concatenate([settle_block(model, *pair) for pair in pairs])
    x[:] = from_blocks(blocks, x.shape[1])
    return done


def settle_block(model: Model, block: np.ndarray, lanes: int) -> np.ndarray:
    """Move the lanes of one block to an equilibrium; return which got there."""
    module, gates = derivative_of(model), gates_of(model)
    records = np.array(list(rows_of(model).records.values())) // ROW
    x = block.reshape(-1, ROW)[:, :lanes]
    v, phi = records + V // ROW, records + PHI // ROW
    current, slope = records + CURRENT // ROW, records + SLOPE // ROW
    done = np.zeros(lanes, bool)
    for k in range(ITERATIONS):
        before = x[v], x[phi]
        x[v] += DIFFERENCE
        above = steady_current(module, gates, block, lanes)[current]
        x[v] = before[0]
        steady_current(module, gates, block, lanes)
        x[slope] = (above - x[current]) / DIFFERENCE
        module.relaxed(block, lanes, min(FIRST_DT * GROWTH**k, 1e12))
        moves = x[v] - before[0], x[phi] - before[1]
        largest = np.maximum(*(np.abs(move).max(0) for move in moves))
        times = np.minimum(1.0, FAR / np.maximum(largest, FAR))
        x[v], x[phi] = before[0] + times * moves[0], before[1] + times * moves[1]
        done = largest < CLOSE
        if k > EARLIEST and done.all():
            break
    steady_current(module, gates, block, lanes)
    return done


def gates_of(model: Model) -> np.ndarray:
    """Return the row numbers of all gates of all pieces."""
    rows = rows_of(model)
    return np.array([
        rows.records[p] + rows.local[g.name]
        for c in model.compartments for p in c.instances for g in c.gates
    ], int) // ROW  # fmt: skip


def steady_current(
    module: Any, gates: np.ndarray, block: np.ndarray, lanes: int
) -> np.ndarray:
    """Put all gates at their steady state; return the rows, currents reported."""
    out = np.zeros_like(block)
    x, d = (a.reshape(-1, ROW)[:, :lanes] for a in (block, out))
    x[gates] = 0.0
    module.derivative(block, lanes, out)
    rise = d[gates]
    x[gates] = 1.0
    module.derivative(block, lanes, out)
    x[gates] = rise / (rise - d[gates])
    module.derivative(block, lanes, out)
    return x


def comes_back(model: Model, x: np.ndarray) -> np.ndarray:
    """Tell which runs return to the equilibrium they are at after a small push.

    It takes the place of the leading eigenvalue, which a long chain cannot afford. A
    deviation that takes much longer than ``WATCHED`` to grow goes unnoticed.
    """
    first = model.compartments[0]
    nodes = tuple(full("v", p, first.name) for p in first.instances)
    at = np.array([rows_of(model).states[n] for n in nodes]) // ROW
    pushed = x.copy()
    pushed[at] += KICK
    runs = np.arange(x.shape[1])
    ensemble = Ensemble(model, ("run",), {"run": runs}, {}, runs.size, None)
    table = timetable(Rest(), WATCHED, LONGER * model.dt)
    found = run(ensemble, pushed, table, Wanted(nodes, 0.1)).samples
    away = np.abs(found - x[at].T[:, :, None]).max(axis=1)
    count = round(AGAIN * away.shape[1])
    early, late = away[:, count : 2 * count].max(1), away[:, -count:].max(1)
    return (late < early) & (late < KICK)
