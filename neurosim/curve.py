"""A curve of equilibria over one parameter, walked point by point."""

from typing import Any

import numpy as np

from neurosim.ensemble import state_rows
from neurosim.equilibrium import DIFFERENCE, derivative, prepare, stability
from neurosim.lower import rows_of
from neurosim.model import Model

SHORTEST = 1e-4  # steps: where no shorter one finds the curve it is given up
PLACE = 1e-7  # of a step: how closely a change of stability is located


class Curve:
    """The state of a continuation: points found so far and the way ahead.

    A point holds all states and, last, the parameter.
    """

    def __init__(self, model: Model, row: int, x: np.ndarray, step: float):
        self.model, self.step = model, step
        self.at = np.append(state_rows(rows_of(model)), row)
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

    def eigenvalue(self, z: np.ndarray) -> complex:
        """Return the leading eigenvalue at a point, 1/ms."""
        x = self.x.copy()
        x[self.at, 0] = z
        return stability(self.model, prepare(self.model, x))[0][0]

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
            if not (np.isfinite(matrix).all() and np.isfinite(right).all()):
                return None
            try:
                move = np.linalg.solve(matrix, right) * self.scale
            except np.linalg.LinAlgError:
                return None
            z = z + move
            if np.abs(move / self.scale).max() < 1e-8:
                return z
        return None

    def walk(self, stop: float, limit: int) -> str:
        """Step along the curve until it leaves the interval; return why it ended."""
        z = self.points[0]
        begin = z[-1]
        way = np.zeros(z.size)
        way[-1] = np.sign(self.step)
        length = 1.0
        for _ in range(limit):
            way = self.tangent(z, way)
            ahead = z + length * way * self.scale
            bound = stop if way[-1] * self.step > 0 else begin
            new = None
            if way[-1] != 0.0 and (ahead[-1] - bound) * way[-1] >= 0.0:
                new = self.ending(z, ahead, bound)
            if new is None:
                new = self.correct(ahead, way)
            if new is None or (new[-1] - bound) * way[-1] > 0:
                length *= 0.5
                if length < SHORTEST:
                    return "lost"
                continue
            z, length = new, min(1.5 * length, 1.0)
            self.points.append(z)
            self.leading.append(self.eigenvalue(z))
            if z[-1] == bound:
                return "stop" if bound == stop else "start"
        return "limit"

    def ending(
        self, z: np.ndarray, ahead: np.ndarray, bound: float
    ) -> np.ndarray | None:
        """Return the point where the curve meets the end of the interval, if near.

        Where the curve turns before it, Newton's method finds none or one elsewhere.
        """
        across = np.zeros(z.size)
        across[-1] = 1.0
        guess = z + (bound - z[-1]) / (ahead[-1] - z[-1]) * (ahead - z)
        guess[-1] = bound
        found = self.correct(guess, across)
        if found is None:
            return None
        found[-1] = bound
        reach = np.linalg.norm((ahead - z) / self.scale)
        near = np.linalg.norm((found - guess) / self.scale) <= 0.5 * reach
        return found if near else None

    def crossings(self) -> np.ndarray:
        """Return the numbers of the points after which stability changes."""
        stable = np.real(self.leading) < 0
        return np.flatnonzero(stable[1:] != stable[:-1])

    def change(self, k: int) -> tuple[float, bool, str]:
        """Locate the change of stability after point ``k``.

        Returns the parameter, whether stability is lost, and its kind: a pair of
        eigenvalues crosses at a Hopf point, a single one at a fold.
        """
        from scipy.optimize import brentq

        chord = self.points[k + 1] - self.points[k]
        way = chord / self.scale
        way /= np.linalg.norm(way)
        known = {0.0: (self.points[k], self.leading[k]),
                 1.0: (self.points[k + 1], self.leading[k + 1])}  # fmt: skip

        def growth(part: float) -> float:
            if part not in known:
                guess = self.points[k] + part * chord
                z = self.correct(guess, way)
                z = guess if z is None else z
                known[part] = z, self.eigenvalue(z)
            return float(known[part][1].real)

        place: Any = brentq(growth, 0.0, 1.0, xtol=PLACE)
        growth(place)
        z, leading = known[place]
        kind = "hopf" if abs(leading.imag) > 1e-9 else "fold"
        return float(z[-1]), bool(self.leading[k].real < 0), kind
