"""Runs at steps of adaptive length: tasks of many runs over threads."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from neurosim.core.adaptive import AT_LEAST, ATTEMPTS, Course, Sampling
from neurosim.core.block import ROW
from neurosim.core.march import OK, Output
from neurosim.engine import Outcome, Wanted, density, plan_of, room_for, workers_of
from neurosim.ensemble import Ensemble, aligned
from neurosim.errors import NeurosimError
from neurosim.lower import adaptive_of, rows_of
from neurosim.lower.flow import explicit, work_rows
from neurosim.model import Model
from neurosim.protocol import Fluctuation, Pace, clamped
from neurosim.timetable import Timetable
from neurosim.units import one_number

# of a step; squid axon, 1000 currents: the last spike of a second is 0.001 ms off in
# the median and 0.03 ms at most, next to the threshold (measured)
TOLERANCE = 3e-5
TOLERANCES = (1e-10, 1e-1)
MOST_RUNS = 2048  # of a task: what is lost to Ctrl-C
MOST_SAMPLES = 1 << 22  # of a task
TABLE = ("stimulus", "ramp", "change_value")  # arrays (segments, runs) of a course


def unable(
    model: Model, pieces: tuple, record: Iterable[str], channel_noise: bool
) -> str:
    """Return why runs cannot take steps of adaptive length, or nothing if they can."""
    if not explicit(model):
        return f"{model.name} is not one membrane without states of its own"
    noise = [p for p in pieces if isinstance(p, Fluctuation) and np.any(p.sigma)]
    if channel_noise or noise:
        return "noise needs steps of one length"
    if clamped(pieces):
        return "a clamped voltage has no equation"
    if any(isinstance(p, Pace) for p in pieces):
        return "a Pace asks for steps of one length"
    if currents := sorted(set(record) - set(rows_of(model).states)):
        return f"it records states, and {currents[0]} is none"
    return ""


def checked_tolerance(tolerance: float | None) -> float:
    """Return the tolerance to use, or explain why the one asked for cannot be."""
    value = TOLERANCE if tolerance is None else one_number(tolerance, "tolerance", "")
    low, high = TOLERANCES
    if not low <= value <= high:
        raise NeurosimError(
            f"tolerance = {value:g}: give the error of a step as a share of an action "
            f"potential, from {low:g} to {high:g} (the default is {TOLERANCE:g})."
        )
    return value


def run_adaptive(
    ensemble: Ensemble,
    x: np.ndarray,
    table: Timetable,
    wanted: Wanted,
    *,
    tolerance: float = TOLERANCE,
    threads: int | None = None,
    tick=None,
) -> Outcome:
    """Follow all runs of ``x`` through a timetable.

    Parameters
    ----------
    x : buffer (rows, runs) with parameters and states; not changed.
    tolerance : error of a step, as a share of an action potential or of a gate.
    threads : default one per core; the results do not depend on it.
    tick : called with the number of runs whenever a task is done.
    """
    model, runs = ensemble.model, ensemble.size
    workers = workers_of(threads)
    module, rows = adaptive_of(model), rows_of(model)
    times = sample_times(table, wanted)
    places = list(rows.states)
    states = np.array([places.index(name) for name in wanted.record], np.int64)
    watched = Sampling(states, np.append(times, np.inf))
    course = course_of(ensemble, table, tolerance)
    most = max(MOST_SAMPLES // max(states.size * times.size, 1), 1)
    size = max(min(-(-runs // workers), MOST_RUNS, most), 1)
    tasks = [np.arange(k, runs, -(-runs // size)) for k in range(-(-runs // size))]

    def follow(own: np.ndarray):
        part = course._replace(
            **{n: np.ascontiguousarray(getattr(course, n)[:, own]) for n in TABLE}
        )
        room = room_for(table, wanted)
        while True:
            columns = np.ascontiguousarray(x[:, own])
            out = Output(
                samples=np.full((own.size, states.size, times.size), np.nan),
                spikes=np.full((own.size, room), np.nan),
                counts=np.zeros(own.size, np.int64),
                status=np.zeros(own.size, np.int64),
                failed=np.full(own.size, np.nan),
            )
            buffer = aligned(rows.size + work_rows(model) * ROW)
            buffer[:] = 0.0
            module.run(buffer, part, columns, watched, out)
            most = int(out.counts.max(initial=0))
            if not wanted.spikes or most <= room:
                break
            room = most
        if tick is not None:
            tick(own.size)
        return columns, out

    ready = bool(getattr(module.run, "signatures", True))
    found = [] if ready else [follow(tasks[0])]  # compiles before the others start
    with ThreadPoolExecutor(workers) as pool:
        found += pool.map(follow, tasks[len(found) :])
    return gathered(ensemble, times, tasks, found, tolerance)


def sample_times(table: Timetable, wanted: Wanted) -> np.ndarray:
    """Return the times of the samples: evenly spaced from edge to edge, and the end."""
    stop = stops(table)
    if not wanted.record:
        return np.array([0.0, stop[-1]])
    counts = np.maximum(np.ceil((stop - table.start) / wanted.every - 1e-9), 1)
    begins = zip(table.start, counts, strict=True)
    inner = [start + wanted.every * np.arange(count) for start, count in begins]
    return np.append(np.concatenate(inner), stop[-1])


def stops(table: Timetable) -> np.ndarray:
    """Return the end of every segment."""
    return np.append(table.start[1:], table.start[-1] + table.steps[-1] * table.dt[-1])


def course_of(ensemble: Ensemble, table: Timetable, tolerance: float) -> Course:
    """Return what happens in all runs; the table's amplitudes in stimulus units."""
    plan = plan_of(ensemble, table, 0)
    stop = stops(table)
    chosen = [
        v if v.shape[1] == 1 else v[:, ensemble.amplitude]
        for v in (table.amplitude, table.slope)
    ]
    wide = (table.start.size, ensemble.size)
    stimulus, ramp = (
        np.broadcast_to(density(ensemble.model) * v, wide) for v in chosen
    )
    return Course(
        stop=stop, stimulus=stimulus, ramp=ramp, change_segment=plan.change_segment,
        change_row=plan.change_row, change_value=plan.change_value, level=plan.level,
        tolerance=tolerance,
        most=AT_LEAST + ATTEMPTS * float(stop[-1]),
    )  # fmt: skip


def gathered(ensemble, times, tasks, found, tolerance) -> Outcome:
    """Put the tasks' results in the order of the runs; mark what diverged."""
    runs, (columns, first) = ensemble.size, found[0]
    names = ("samples", "counts", "status", "failed")
    join = {
        name: np.empty((runs, *a.shape[1:]), a.dtype)
        for name, a in ((name, getattr(first, name)) for name in names)
    }
    most = max(out.spikes.shape[1] for _, out in found)
    spikes = np.full((runs, most), np.nan)
    final = np.empty((len(columns), runs))
    for own, (columns, out) in zip(tasks, found, strict=True):
        final[:, own] = columns
        spikes[own, : out.spikes.shape[1]] = out.spikes
        for name, whole in join.items():
            whole[own] = getattr(out, name)
    kept = max(min(int(join["counts"].max(initial=0)), most), 1)
    bad = join["status"] != OK
    join["samples"][bad] = np.nan
    final[:, bad] = np.nan
    return Outcome(
        ensemble=ensemble, x=final, duration=float(times[-1]), dt=float("nan"),
        time=times, spikes=spikes[:, :kept], tolerance=tolerance, **join,
    )  # fmt: skip
