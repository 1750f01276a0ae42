"""Bifurcation diagrams: equilibria and firing over one parameter, from both sides."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.continuation import Branch, follow, start_at, unit_over
from neurosim.engine import Wanted, checked_dt, run
from neurosim.ensemble import Ensemble, part
from neurosim.equilibrium import applied, find_rest, potential_rows
from neurosim.errors import NeurosimError
from neurosim.feature import labelled
from neurosim.model import Model
from neurosim.protocol import Rest, Step
from neurosim.timetable import timetable
from neurosim.trains import PER_SECOND, interval_statistics
from neurosim.units import one_number

KICK = 20.0  # mV above the detection level: where v is put to make every piece fire
NUDGE = 0.1  # mV: leaves an equilibrium that is not stable
SAMPLE = 0.02  # ms between the samples among which the extremes of v are looked for
STARTS = ("rest", "firing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """What runs do in the end: state (rows, runs), v mV and rate 1/s, each (runs,)."""

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rate: np.ndarray  # 0 below two spikes

    def put(self, runs: np.ndarray, other: "Final") -> None:
        """Take over the results of some runs (in place)."""
        self.x[:, runs] = other.x
        for name in ("low", "high", "rate"):
            getattr(self, name)[runs] = getattr(other, name)


def bifurcation_diagram(
    model: Model,
    name: str,
    start: float,
    stop: float,
    *,
    count: int = 41,
    duration: float = 1000.0,
    window: float = 200.0,
    points: int = 200,
    dt: float | None = None,
) -> Any:
    """Find equilibria and firing of a model over one parameter.

    Equilibria are followed from ``start`` (``neurosim.continuation.follow``). Firing is
    simulated at ``count`` values from two sides: ``rest`` begins at the stable
    equilibrium (where there is none, at that of the nearest value which has one);
    ``firing`` begins with a kick to all potentials and, where that dies out, with the
    state of the nearest value that fires, again and again until no more values join.
    Where the two differ, the axon can do both.

    Parameters
    ----------
    name : any parameter, or ``"amplitude"`` for a constant current in the unit of the
        model's stimulus. start, stop : its values. duration : ms before ``window``, the
        time over which the outcome is read. points : steps of the continuation.

    Returns
    -------
    Dataset. Over the parameter and ``start`` ("rest", "firing"): ``v_min`` and
    ``v_max`` in the window, mV, and ``rate``, 1/s, 0 below two spikes there. Over
    ``point`` along the curve: ``equilibrium_at`` (the parameter), ``equilibrium_v`` mV,
    ``stable`` 1 or 0, ``growth`` 1/ms and ``frequency`` 1/s of the leading eigenvalue.
    Over ``change``: ``change_at`` (the parameter), ``change_kind`` ("hopf" or "fold")
    and ``stability`` ("lost" or "regained"). The attribute ``ended`` says why the curve
    ends, ``complete`` whether it left the interval.

    Raises
    ------
    NeurosimError : as ``follow``, and for a count below 2.
    """
    import xarray as xr

    if not isinstance(count, int) or count < 2:
        raise NeurosimError(f"count = {count!r}: give a whole number of 2 or more.")
    if not 0.0 < one_number(window, "window", "ms") < np.inf:
        raise NeurosimError(f"window = {window:g}: give a positive time in ms.")
    step = checked_dt(model, duration, dt)
    branch = follow(model, name, start, stop, points)
    values = np.linspace(start, stop, count)
    finals = firing(model, name, values, (duration, window, step))
    ensemble, _ = start_at(model, name, values)
    data = {}
    for variable, unit, doc in (
        ("v_min", "mV", "least v in the end"),
        ("v_max", "mV", "largest v in the end"),
        ("rate", "1/s", "rate of sustained firing"),
    ):
        field = {"v_min": "low", "v_max": "high"}.get(variable, variable)
        both = np.stack([getattr(f, field) for f in finals], axis=1)
        data[variable] = labelled(ensemble, variable, both, ("start",), unit, doc)
    result = xr.Dataset(data).assign_coords(start=list(STARTS))
    result = result.assign(curve_of(branch, unit_over(model, name)))
    result.attrs.update(
        model=model.name, parameter=name, duration=float(duration),
        window=float(window), dt=step, ended=branch.ended,
        complete=int(branch.complete),
    )  # fmt: skip
    return result


def curve_of(branch: Branch, unit: str) -> dict[str, Any]:
    """Return the equilibria and their changes of stability as variables."""
    lost, regained = list(branch.lost), list(branch.regained)
    first = bool(branch.stable[0])  # changes alternate along the curve
    kinds = list(branch.kind)
    losses = [(k % 2 == 0) == first for k in range(len(kinds))]
    at = [lost.pop(0) if loss else regained.pop(0) for loss in losses]
    frequency = np.abs(np.imag(branch.leading)) / (2 * np.pi) * PER_SECOND
    return {
        "equilibrium_at": ("point", branch.values, {"units": unit}),
        "equilibrium_v": ("point", branch.v, {"units": "mV"}),
        "stable": ("point", branch.stable.astype(float), {"units": "1"}),
        "growth": ("point", np.real(branch.leading), {"units": "1/ms"}),
        "frequency": ("point", frequency, {"units": "1/s"}),
        "change_at": ("change", np.array(at, float), {"units": unit}),
        "change_kind": ("change", np.array(kinds, dtype=str)),
        "stability": (
            "change",
            np.array(["lost" if loss else "regained" for loss in losses], dtype=str),
        ),
    }


def firing(
    model: Model, name: str, values: np.ndarray, how: tuple[float, float, float]
) -> tuple[Final, Final]:
    """Return how runs end that start at rest, and how those do that start firing.

    ``how`` : time before the window, window and step, ms.
    """
    ensemble, x = start_at(model, name, values)
    resting = resting_states(model, x, values)
    begin = applied(ensemble, resting)
    quiet = final(ensemble, begin, name, values, how)
    kicked = begin.copy()
    kicked[potential_rows(model)] = model.detect + KICK
    active = final(ensemble, kicked, name, values, how)
    fires = quiet.rate > 0
    active.put(np.flatnonzero(fires), chosen(quiet, fires))
    while True:
        fires = active.rate > 0
        todo, sources = np.flatnonzero(~fires), np.flatnonzero(fires)
        if not (todo.size and sources.size):
            return quiet, active
        near = sources[np.abs(todo[:, None] - sources).argmin(1)]
        runs = part(ensemble, todo)
        new = final(runs, applied(runs, active.x[:, near]), name, values, how)
        joined = new.rate > 0
        if not joined.any():
            return quiet, active
        active.put(todo[joined], chosen(new, joined))


def resting_states(model: Model, x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the stable equilibrium of each value, or else that of the nearest."""
    stable = find_rest(model, x)
    if not stable.any():
        x[potential_rows(model)] += NUDGE
        return x
    sources = np.flatnonzero(stable)
    near = np.abs(np.arange(values.size)[:, None] - sources).argmin(1)
    return x[:, sources[near]]


def final(
    ensemble: Ensemble,
    x: np.ndarray,
    name: str,
    values: np.ndarray,
    how: tuple[float, float, float],
) -> Final:
    """Run for a while and read off what is left of it at the end."""
    duration, window, step = how
    pieces = Step(values) if name == "amplitude" else Rest()
    settled = run(ensemble, x, timetable(pieces, duration, step), Wanted())
    wanted = Wanted(("v",), SAMPLE, spikes=True)
    end = run(ensemble, settled.x, timetable(pieces, window, step), wanted)
    v = end.samples[:, 0]
    mean = interval_statistics(end.spikes).mean
    bad = (settled.status != 0) | (end.status != 0)
    rate = np.where(np.isfinite(mean), PER_SECOND / mean, 0.0)
    low, high = v.min(axis=1), v.max(axis=1)
    return Final(
        x=end.x,
        low=np.where(bad, np.nan, low),
        high=np.where(bad, np.nan, high),
        rate=np.where(bad, np.nan, rate),
    )


def chosen(found: Final, which: np.ndarray) -> Final:
    """Return some of the runs."""
    return Final(
        x=found.x[:, which],
        low=found.low[which],
        high=found.high[which],
        rate=found.rate[which],
    )
