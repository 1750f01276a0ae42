"""The same declaration through SciPy: adaptive, slow, for checking the kernel.

Each segment of the protocol is integrated on its own, so no edge is stepped over. No
noise. Non-stiff models use DOP853, models with a cable or with states use LSODA (its
BDF; Radau and SciPy's own BDF agree with it and take up to a hundred times longer).
"""

from itertools import pairwise
from typing import Any

import numpy as np

from neurosim.core.block import CURRENT, RAMP, ROW, STIMULUS
from neurosim.declare import Cable
from neurosim.engine import (
    Outcome,
    Wanted,
    current_rows,
    density,
    kicks_of,
    watch_of,
)
from neurosim.ensemble import Ensemble, state_rows
from neurosim.equilibrium import prepare
from neurosim.errors import NeurosimError
from neurosim.lower import derivative_of, rows_of
from neurosim.model import Model
from neurosim.timetable import Timetable

RTOL, ATOL = 1e-9, 1e-11  # of SciPy; spike times then agree to about 1e-6 ms


def run_reference(
    ensemble: Ensemble,
    x: np.ndarray,
    table: Timetable,
    wanted: Wanted,
    *,
    method: str | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Outcome:
    """Integrate every run with ``scipy.integrate.solve_ivp``, one after another.

    Parameters
    ----------
    x : prepared buffer (rows, runs). method : of SciPy; chosen from the model if None.

    Raises
    ------
    NeurosimError : for noise, a voltage clamp, or parameters that change on the way.
    """
    if np.any(np.asarray(table.sigma) != 0) or table.clamp or table.changes:
        raise NeurosimError(
            "solver='reference' knows currents only; use the kernel (solver='auto') "
            "for noise, voltage clamp and parameters that change during the run."
        )
    model = ensemble.model
    stiff = isinstance(model.geometry, Cable) or bool(model.states)
    method = method or ("LSODA" if stiff else "DOP853")
    _, times = watch_of(model, table, wanted)
    lanes = [
        one_run(ensemble, x[:, k], k, table, wanted, times, method, rtol, atol)
        for k in range(ensemble.size)
    ]
    most = max((len(lane[1]) for lane in lanes), default=0)
    spikes = np.full((ensemble.size, max(most, 1)), np.nan)
    for k, (_, found, _, _) in enumerate(lanes):
        spikes[k, : len(found)] = found
    return Outcome(
        ensemble=ensemble,
        x=np.stack([lane[0] for lane in lanes], axis=1),
        duration=float(times[-1]),
        dt=float("nan"),
        time=times,
        samples=np.stack([lane[2] for lane in lanes]),
        spikes=spikes,
        counts=np.array([len(lane[1]) for lane in lanes]),
        status=np.array([lane[3] for lane in lanes]),
        failed=np.full(ensemble.size, np.nan),
        tolerance=rtol,
    )


def one_run(ensemble, column, k, table, wanted, times, method, rtol, atol):
    """Integrate one run; return its buffer, spike times, samples and status."""
    from scipy.integrate import solve_ivp

    model = ensemble.model
    rows = rows_of(model)
    at, shared = state_rows(rows), rows.shared // ROW
    module = derivative_of(model)
    x = np.repeat(column[:, None], ROW, axis=1)
    d = np.zeros_like(x)
    flat, out = x.reshape(-1), d.reshape(-1)  # views: the kernel takes flat blocks
    y, found, status = column[at].copy(), [], 0
    samples = np.empty((len(wanted.record), times.size))
    names = list(rows.states)
    places = {**rows.states, **current_rows(model)}
    kept = np.array([places[n] for n in wanted.record], int) // ROW
    own = (rows.first + CURRENT) // ROW  # a cable's derivative takes the stimulus off
    given = (kept == own) & isinstance(model.geometry, Cable)
    scale = density(model)
    level = voltage_event(model, names)
    kicks = kicks_of(ensemble, table)
    when = kicks["kick_time"][k]
    for start, stop, s in stretches(table, when):
        amplitude, slope = at_run(table, ensemble, s, k)
        inside = times[(times >= start) & (times <= stop + 1e-12)]
        for event in np.flatnonzero(when == start):
            row = kicks["kick_row"][k, event] // ROW
            y[np.flatnonzero(at == row)[0]] += kicks["kick_amount"][k, event]

        def rates(t, y, begin=table.start[s], amplitude=amplitude, slope=slope):
            x[at, 0] = y
            x[shared + STIMULUS // ROW] = scale * (amplitude + slope * (t - begin))
            x[shared + RAMP // ROW] = 0.0
            module.derivative(flat, 1, out)
            return d[at, 0]

        solution = solve_ivp(
            rates, (start, stop), y, method=method, rtol=rtol, atol=atol,
            events=level, dense_output=kept.size > 0, first_step=1e-7,
        )  # fmt: skip
        y = solution.y[:, -1]
        found += list(solution.t_events[0]) if level else []
        status = status or int(solution.status < 0)
        if kept.size:
            for t in inside:
                rates(t, solution.sol(t))
                sample = x[kept, 0] + given * x[shared + STIMULUS // ROW, 0]
                samples[:, np.searchsorted(times, t)] = sample
    x[at] = y[:, None]
    return prepare(model, x)[:, 0], found, samples, status


def stretches(table: Timetable, kicks: np.ndarray) -> list[tuple[float, float, int]]:
    """Return begin, end and segment of the pieces between edges and kicks."""
    found = []
    for s, start in enumerate(table.start):
        stop = start + table.steps[s] * table.dt[s]
        inner = kicks[(kicks > start) & (kicks < stop)]
        edges = [start, *dict.fromkeys(inner.tolist()), stop]
        found += [(a, b, s) for a, b in pairwise(edges)]
    return found


def at_run(table: Timetable, ensemble: Ensemble, s: int, k: int) -> tuple[float, float]:
    """Return amplitude at the begin of a segment and its slope, for one run."""
    own = ensemble.amplitude
    pick = 0 if table.amplitude.shape[1] == 1 or own is None else int(own[k])
    return float(table.amplitude[s, pick]), float(table.slope[s, pick])


def voltage_event(model: Model, names: list[str]):
    """Return the upward crossing of the detection level as an event for SciPy."""
    if model.watched not in names:
        return None
    index = names.index(model.watched)

    def crossing(t, y):
        return y[index] - model.detect

    event: Any = crossing  # SciPy reads attributes of the function
    event.direction = 1.0
    return [event]
