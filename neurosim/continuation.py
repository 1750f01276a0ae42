"""What becomes of rest: all equilibria of a bath, and their path over a parameter."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.core.block import ROW, STIMULUS
from neurosim.curve import Curve
from neurosim.engine import density
from neurosim.ensemble import Ensemble, spread
from neurosim.equilibrium import find_rest, set_start, settle, stability
from neurosim.errors import NeurosimError
from neurosim.feature import labelled, stimulus_unit
from neurosim.lower import rows_of
from neurosim.model import Model

STARTS = tuple(range(-120, 1, 10))  # mV: from where equilibria are looked for
SAME = 1e-2  # mV: two finds closer than this are one equilibrium
ENDS = {
    "stop": "it reached the end of the interval",
    "start": "it turned back and left the interval where it began",
    "lost": "no step, however short, found the next point",
    "limit": "it took too many steps",
}  # why a curve ends; after the first two there is none of it left in the interval


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
    row = rows_of(model).first // ROW
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
    1/ms. lost, regained : parameter values at which stability changes. ended : a key of
    ``ENDS``, why the curve goes no further.
    """

    name: str
    values: np.ndarray
    v: np.ndarray
    leading: np.ndarray
    lost: tuple[float, ...]
    regained: tuple[float, ...]
    kind: tuple[str, ...]  # of each change, in order: "hopf" or "fold"
    ended: str

    @property
    def stable(self) -> np.ndarray:
        """Return which equilibria are stable."""
        return np.real(self.leading) < 0

    @property
    def complete(self) -> bool:
        """Tell whether the curve was followed until it left the interval."""
        return self.ended in ("stop", "start")


def start_at(model: Model, name: str, values: Any) -> tuple[Ensemble, np.ndarray]:
    """Return runs with a parameter, or the current ``amplitude``, at some values.

    Returns
    -------
    The ensemble, one run per value (in order), and its buffer without any states.
    """
    if name != "amplitude":
        ensemble = spread(model.at(**{name: values}))
        return ensemble, ensemble.matrix()
    ensemble = spread(model, np.atleast_1d(np.asarray(values, float)))
    x = ensemble.matrix()
    x[row_of(model, name)] = density(model) * ensemble.coords["amplitude"]
    return ensemble, x


def row_of(model: Model, name: str) -> int:
    """Return the row of a parameter, or that of the current for ``amplitude``."""
    rows = rows_of(model)
    if name == "amplitude":
        return (rows.shared + STIMULUS) // ROW
    return rows.shared_rows[name] // ROW


def unit_over(model: Model, name: str) -> str:
    """Return the unit of a parameter, or that of the current for ``amplitude``."""
    if name == "amplitude":
        return stimulus_unit(model)
    return model.parameters[name].unit


def follow(
    model: Model, name: str, start: float, stop: float, points: int = 200
) -> Branch:
    """Follow the equilibrium while a parameter moves from start to stop.

    Pseudo-arclength continuation: it goes round folds, where rest meets a saddle. Where
    stability changes is located along the curve to 1e-7 of a step.

    Parameters
    ----------
    name : any parameter of the model, or ``"amplitude"``, a constant current in the
        unit of the model's stimulus. start, stop : its values, in its unit.
    points : steps from start to stop on a straight branch.

    Raises
    ------
    NeurosimError : if the model has axes or no voltage, if start and stop are equal, or
        if there is no equilibrium at ``start``.
    """
    if model.axes:
        axes = ", ".join(model.axes)
        raise NeurosimError(
            f"follow: {model.name} varies along {axes}; give one value."
        )
    if not model.compartments:
        raise NeurosimError(f"{model.name} has no voltage; settle it by a long run.")
    for value in (start, stop):
        start_at(model, name, value)
    if start == stop or points < 1:
        raise NeurosimError(
            f"follow: {name} from {start:g} to {stop:g} in {points} steps; give two "
            "different ends and 1 step or more."
        )
    _, x = start_at(model, name, start)
    find_rest(model, x)
    if not np.isfinite(x).all():
        raise NeurosimError(
            f"follow: {model.name} has no equilibrium at {name} = {start:g}."
        )
    factor = density(model) if name == "amplitude" else 1.0
    curve = Curve(model, row_of(model, name), x, factor * (stop - start) / points)
    ended = curve.walk(factor * stop, limit=20 * points)
    points_, leading = np.array(curve.points), np.array(curve.leading)
    changes = [curve.change(k) for k in curve.crossings()]
    return Branch(
        name=name,
        values=points_[:, -1] / factor,
        v=points_[:, 0],
        leading=leading,
        lost=tuple(c[0] / factor for c in changes if c[1]),
        regained=tuple(c[0] / factor for c in changes if not c[1]),
        kind=tuple(c[2] for c in changes),
        ended=ended,
    )


def loss_of_rest(model: Model, name: str, start: float, stop: float, points: int = 200):
    """Return the value of a parameter at which the resting state is first lost.

    The parameter moves from start to stop; NaN if rest survives the whole way.

    Raises
    ------
    NeurosimError : as ``follow``, and if rest could not be followed to the end.
    """
    branch = follow(model, name, start, stop, points)
    if branch.lost:
        return branch.lost[0]
    if branch.ended != "stop":
        raise NeurosimError(
            f"loss_of_rest: the rest of {model.name} was followed to {name} = "
            f"{branch.values[-1]:g} only, not to {stop:g} ({ENDS[branch.ended]}); take "
            "more points, or an end nearer to there."
        )
    return float("nan")
