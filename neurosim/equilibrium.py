"""Rest and what becomes of it: equilibria, eigenvalues, continuation.

Everything works on buffers of shape (rows, runs), so a thousand baths cost little more
than one.
"""

from dataclasses import dataclass, replace

import numpy as np

from neurosim.core.block import LANES
from neurosim.ensemble import Ensemble, from_blocks, spread, state_rows, to_blocks
from neurosim.errors import NeurosimError
from neurosim.lower import derivative_of, rows_of
from neurosim.model import Model

FIRST_DT, GROWTH = 0.02, 1.6  # first pseudo time step and its growth per iteration
ITERATIONS, EARLIEST = 110, 36  # at most; none is believed before the steps are long
FAR = 5.0  # mV: largest change of v in one iteration
CLOSE = 1e-9  # mV (or the unit of a state): converged below this change
DIFFERENCE = 1e-5  # relative step of central differences


def derivative(model: Model, x: np.ndarray) -> np.ndarray:
    """Return the rates of all states, shape (states, runs), of prepared runs."""
    module = derivative_of(model)
    blocks = to_blocks(x)
    out = np.zeros_like(blocks)
    for block, d in zip(blocks, out, strict=True):
        module.derivative(block, d)
    return from_blocks(out, x.shape[1])[state_rows(rows_of(model))]


def prepare(model: Model, x: np.ndarray) -> np.ndarray:
    """Return the buffer with everything that depends on parameters only filled in."""
    module = derivative_of(model)
    blocks = to_blocks(x)
    for block in blocks:
        module.prepared(block)
    return from_blocks(blocks, x.shape[1]).copy()


def jacobian(model: Model, x: np.ndarray) -> np.ndarray:
    """Return the Jacobian of every run, shape (runs, states, states)."""
    at = state_rows(rows_of(model))
    count, runs = at.size, x.shape[1]
    state = x[at]
    step = DIFFERENCE * np.maximum(np.abs(state), 1e-2)
    wide = np.repeat(x[:, None, :], 2 * count, axis=1)
    for k in range(count):
        wide[at[k], k] += step[k]
        wide[at[k], count + k] -= step[k]
    rates = derivative(model, wide.reshape(x.shape[0], -1))
    rates = rates.reshape(count, 2, count, runs)
    gradient = (rates[:, 0] - rates[:, 1]) / (2.0 * step)
    return np.moveaxis(gradient, -1, 0)


def steady_gates(model: Model, x: np.ndarray) -> None:
    """Put every gate at its steady state for the v it has (in place)."""
    rows = rows_of(model)
    gates = [n for n in rows.states if n in gate_names(model)]
    at = np.array([rows.states[n] for n in gates]) // LANES
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
    return np.array(list(rows_of(model).records.values()), dtype=int) // LANES


def set_start(model: Model, x: np.ndarray, v: np.ndarray | float) -> None:
    """Start all pieces at ``v`` with gates at steady state, states at their initial."""
    rows = rows_of(model)
    if model.compartments:
        x[potential_rows(model)] = v
    for state in model.states:
        x[rows.shared_rows[state.name] // LANES] = state.initial
    x[:] = prepare(model, x)
    steady_gates(model, x)


def settle(model: Model, x: np.ndarray) -> np.ndarray:
    """Move runs to an equilibrium in place; return which ones got there.

    Implicit pseudo time steps of growing length: they follow the motion at first and
    end as Newton's method.
    """
    rows = rows_of(model)
    at = state_rows(rows)
    names = list(rows.states)
    volts = np.array([n == "v" or n.startswith(("v_", "phi")) for n in names])
    eye = np.eye(at.size)
    done = np.zeros(x.shape[1], bool)
    for k in range(ITERATIONS):
        todo = np.flatnonzero(~done)
        if not todo.size:
            break
        part = np.ascontiguousarray(x[:, todo])
        f, j = derivative(model, part), jacobian(model, part)
        dt = min(FIRST_DT * GROWTH**k, 1e12)
        good = np.isfinite(j).all((1, 2)) & np.isfinite(f).all(0)
        j[~good] = 0.0
        right = np.where(good, f, 0.0).T[..., None]
        move = np.linalg.solve(eye / dt - j, right)[..., 0]
        if volts.any():
            largest = np.abs(move[:, volts]).max(1, initial=1e-300)
            move *= np.minimum(1.0, FAR / largest)[:, None]
        x[np.ix_(at, todo)] += move.T
        if k > EARLIEST:
            done[todo] = (np.abs(move).max(1) < CLOSE) & good
    return done


def stability(model: Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading eigenvalue of each run (complex, 1/ms) and all of them."""
    values = np.linalg.eigvals(jacobian(model, x))
    order = np.argsort(-np.real(values), axis=1)
    values = np.take_along_axis(values, order, axis=1)
    return values[:, 0], values


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


def rest_buffer(ensemble: Ensemble) -> tuple[np.ndarray, np.ndarray]:
    """Return prepared runs at their equilibrium and whether it is a stable one.

    Runs of equal parameters are solved once.
    """
    model = ensemble.model
    x = ensemble.matrix()
    columns, inverse = np.unique(x, axis=1, return_inverse=True)
    columns = np.ascontiguousarray(columns)
    set_start(model, columns, model.start)
    found = settle(model, columns)
    stable = found.copy()
    if found.any():
        good = np.ascontiguousarray(columns[:, found])
        stable[found] = np.real(stability(model, good)[0]) < 1e-9
    columns[:, ~found] = np.nan
    return columns[:, inverse.ravel()], stable[inverse.ravel()]


@dataclass(frozen=True, slots=True)
class Branch:
    """A curve of equilibria over one parameter.

    values : the parameter. v : mV. leading : eigenvalue with the largest real part,
    1/ms. lost, regained : parameter values at which stability changes.
    """

    name: str
    values: np.ndarray
    v: np.ndarray
    leading: np.ndarray
    lost: tuple[float, ...]
    regained: tuple[float, ...]
    kind: tuple[str, ...]  # of each change, in order: "hopf" or "fold"

    @property
    def stable(self) -> np.ndarray:
        """Return which equilibria are stable."""
        return np.real(self.leading) < 0


def with_value(model: Model, name: str, value: float) -> Model:
    """Return the model with one parameter at one value."""
    return model.at(**{name: value})


def follow(
    model: Model, name: str, start: float, stop: float, points: int = 200
) -> Branch:
    """Follow the equilibrium while a parameter moves from start to stop.

    Pseudo-arclength continuation: it goes round folds, where rest meets a saddle.

    Parameters
    ----------
    name : any parameter of the model. start, stop : its values, in its unit.
    points : steps from start to stop on a straight branch.

    Raises
    ------
    NeurosimError : if the model has axes, or no equilibrium at ``start``.
    """
    if model.axes:
        axes = ", ".join(model.axes)
        raise NeurosimError(
            f"follow: {model.name} varies along {axes}; give one value."
        )
    for value in (start, stop):
        with_value(model, name, value)
    x, _ = rest_buffer(spread(with_value(model, name, start)))
    if not np.isfinite(x).all():
        raise NeurosimError(
            f"follow: {model.name} has no equilibrium at {name} = {start:g}."
        )
    curve = Curve(model, name, x, (stop - start) / points)
    curve.walk(stop, limit=20 * points)
    return curve.branch()


class Curve:
    """The state of a continuation: points found so far and the way ahead."""

    def __init__(self, model: Model, name: str, x: np.ndarray, step: float):
        rows = rows_of(model)
        self.model, self.name, self.step = model, name, step
        self.at = np.append(state_rows(rows), rows.shared_rows[name] // LANES)
        self.x = x
        self.points = [x[self.at, 0].copy()]
        self.scale = np.append(np.full(self.at.size - 1, 1.0), abs(step))
        self.leading = [stability(model, x)[0][0]]

    def system(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rates and their gradient in states and parameter at a point."""
        at, count = self.at, self.at.size
        step = DIFFERENCE * np.maximum(np.abs(z), 1e-2)
        wide = np.repeat(self.x, 2 * count + 1, axis=1)
        wide[at] = z[:, None]
        for k in range(count):
            wide[at[k], k] += step[k]
            wide[at[k], count + k] -= step[k]
        rates = derivative(self.model, prepare(self.model, wide))
        gradient = (rates[:, :count] - rates[:, count : 2 * count]) / (2.0 * step)
        return rates[:, -1], gradient

    def tangent(self, z: np.ndarray, along: np.ndarray) -> np.ndarray:
        """Return the scaled direction of the curve, in the sense of ``along``."""
        _, gradient = self.system(z)
        matrix = np.vstack([gradient * self.scale, along])
        right = np.zeros(along.size)
        right[-1] = 1.0
        way = np.linalg.solve(matrix, right)
        return way / np.linalg.norm(way)

    def correct(self, z: np.ndarray, way: np.ndarray) -> np.ndarray | None:
        """Return the point of the curve in the plane across ``way`` (Newton)."""
        start = z.copy()
        for _ in range(12):
            f, gradient = self.system(z)
            matrix = np.vstack([gradient * self.scale, way])
            right = -np.append(f, way @ ((z - start) / self.scale))
            move = np.linalg.solve(matrix, right) * self.scale
            z = z + move
            if np.abs(move / self.scale).max() < 1e-8:
                return z
        return None

    def walk(self, stop: float, limit: int) -> None:
        """Step along the curve until the parameter leaves the interval."""
        z = self.points[0]
        begin = z[-1]
        way = np.zeros(z.size)
        way[-1] = np.sign(self.step)
        length = 1.0
        for _ in range(limit):
            way = self.tangent(z, way)
            new = self.correct(z + length * way * self.scale, way)
            if new is None:
                length *= 0.5
                if length < 1e-4:
                    return
                continue
            z, length = new, min(1.5 * length, 1.0)
            x = self.x.copy()
            x[self.at, 0] = z
            self.points.append(z)
            self.leading.append(stability(self.model, prepare(self.model, x))[0][0])
            if not min(begin, stop) <= z[-1] <= max(begin, stop):
                return

    def branch(self) -> Branch:
        """Return the curve with the parameter values where stability changes."""
        points, leading = np.array(self.points), np.array(self.leading)
        real = np.real(leading)
        lost, regained, kinds = [], [], []
        for k in np.flatnonzero(np.sign(real[1:]) != np.sign(real[:-1])):
            part = real[k] / (real[k] - real[k + 1])
            value = points[k, -1] + part * (points[k + 1, -1] - points[k, -1])
            (lost if real[k] < 0 else regained).append(float(value))
            turning = abs(leading[k + 1].imag) > 1e-9 or abs(leading[k].imag) > 1e-9
            kinds.append("hopf" if turning else "fold")
        return Branch(
            self.name, points[:, -1], points[:, 0], leading,
            tuple(lost), tuple(regained), tuple(kinds),
        )  # fmt: skip


def loss_of_rest(model: Model, name: str, start: float, stop: float, points: int = 200):
    """Return the value of a parameter at which the resting state is first lost.

    The parameter moves from start to stop; NaN if rest survives the whole way.
    """
    branch = follow(model, name, start, stop, points)
    return branch.lost[0] if branch.lost else float("nan")
