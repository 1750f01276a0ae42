"""What becomes of rest: all equilibria of a bath, and their path over a parameter."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.core.block import LANES
from neurosim.ensemble import spread, state_rows
from neurosim.equilibrium import (
    DIFFERENCE,
    derivative,
    prepare,
    rest_buffer,
    set_start,
    settle,
    stability,
)
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.measure import labelled
from neurosim.model import Model

STARTS = tuple(range(-120, 1, 10))  # mV: from where equilibria are looked for
SAME = 1e-2  # mV: two finds closer than this are one equilibrium


def equilibria(model: Model, *, starts: tuple[float, ...] = STARTS) -> Any:
    """Find the equilibria of every bath, each with its leading eigenvalue.

    Parameters
    ----------
    starts : mV; the search begins at each with every gate at its steady state. An
        equilibrium that none of them leads to is missed.

    Returns
    -------
    Dataset over the model's axes and ``equilibrium`` (by rising v, NaN-padded): ``v``
    mV, ``stable`` 1 or 0, ``growth`` 1/ms and ``frequency`` 1/s of the leading
    eigenvalue.

    Raises
    ------
    NeurosimError : if the model has no voltage.
    """
    import xarray as xr

    if not model.compartments:
        raise NeurosimError(f"{model.name} has no voltage; settle it by a long run.")
    ensemble = spread(model)
    row = rows_of(model).first // LANES
    finds = []
    for start in starts:
        x = ensemble.matrix()
        set_start(model, x, float(start))
        found = settle(model, x)
        leading = np.full(ensemble.size, np.nan + 0j)
        if found.any():
            leading[found] = stability(model, np.ascontiguousarray(x[:, found]))[0]
        finds.append((np.where(found, x[row], np.nan), leading))
    v, leading = (np.array(values).T for values in zip(*finds, strict=True))
    order = np.argsort(v, axis=1)  # NaN last
    v, leading = (np.take_along_axis(a, order, axis=1) for a in (v, leading))
    new = np.isfinite(v) & (np.diff(v, axis=1, prepend=-np.inf) > SAME)
    place = np.argsort(~new, axis=1, kind="stable")[:, : max(int(new.sum(1).max()), 1)]
    kept = np.take_along_axis(new, place, axis=1)
    v = np.where(kept, np.take_along_axis(v, place, axis=1), np.nan)
    leading = np.where(kept, np.take_along_axis(leading, place, axis=1), np.nan)
    columns = {
        "v": (v, "mV"),
        "stable": (np.where(kept, np.real(leading) < 0, np.nan), "1"),
        "growth": (np.real(leading), "1/ms"),
        "frequency": (np.abs(np.imag(leading)) / (2 * np.pi) * 1e3, "1/s"),
    }
    return xr.Dataset({
        name: labelled(ensemble, name, values, ("equilibrium",), unit)
        for name, (values, unit) in columns.items()
    })  # fmt: skip


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
