"""Runs of a model on the compiled kernel: blocks of lanes over threads."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neurosim.core.block import GROUP, LANES, NOISE, ROW, V, whole
from neurosim.core.cable import AREA
from neurosim.core.jit import python_of
from neurosim.core.march import HOLD, OK, Output, Plan, Watch
from neurosim.core.random import normals
from neurosim.declare import Cable
from neurosim.ensemble import Ensemble, from_blocks, to_blocks
from neurosim.errors import NeurosimError, unknown
from neurosim.lower import held_rows, rows_of, step_of
from neurosim.model import Model
from neurosim.protocol import kicks_for
from neurosim.timetable import Timetable
from neurosim.units import one_number

LARGEST = 8.0  # times the default step: beyond it no model was tried
MOST_STEPS = 2e9  # of one run: more would take hours per block
SMOOTH, LONGEST_HELD = 200.0, 8  # moves of a fluctuation per tau; steps between them
NO_REST = 2  # status: started from an equilibrium that is not stable
FASTEST = 1.0  # spikes per ms for which there is room at first; no axon fires faster
FEWEST = 16  # runs for which a thread of its own pays
LARGEST_ROOM = 1 << 16  # spikes per run (34 MB a block); a block with more runs again
THREADS = ContextVar("THREADS", default=os.cpu_count() or 1)  # where none are asked for
STATUS = {0: "ok", 1: "diverged", 2: "no stable rest"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to keep of a run."""

    record: tuple[str, ...] = ()
    every: float = 0.1  # between samples, in the model's time
    spikes: bool = False  # the times of all spikes; otherwise that of the first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of all runs.

    x : buffer (rows, runs) at the end, every state at that time. samples : (runs,
    names, times). spikes : (runs, n), NaN after the last; only the first of each run
    where the times were not wanted. counts, status, failed : per run; ``failed`` is
    the time of divergence or NaN. dt : the longest step, NaN where it is adaptive.
    """

    ensemble: Ensemble
    x: np.ndarray
    duration: float
    dt: float
    time: np.ndarray
    samples: np.ndarray
    spikes: np.ndarray
    counts: np.ndarray
    status: np.ndarray
    failed: np.ndarray
    tolerance: float = float("nan")  # of a step, where its length is adaptive


def checked_dt(model: Model, duration: float, dt: float | None) -> float:
    """Return the step to use, or explain why the one asked for cannot be."""
    duration = one_number(duration, "duration", model.time_unit)
    if not np.isfinite(duration) or duration <= 0:
        raise NeurosimError(
            f"duration = {duration:g}: a run needs a positive time in "
            f"{model.time_unit}."
        )
    step = model.dt if dt is None else one_number(dt, "dt", model.time_unit)
    if not 0 < step <= LARGEST * model.dt:
        raise NeurosimError(
            f"dt = {step:g} {model.time_unit} does not suit {model.name}: its default "
            f"is {model.dt:g}, allowed is up to {LARGEST * model.dt:g}."
        )
    if duration / step > MOST_STEPS:
        raise NeurosimError(
            f"duration = {duration:g} {model.time_unit} at dt = {step:g} is more than "
            f"{MOST_STEPS:g} steps; take a shorter run."
        )
    return step


def density(model: Model) -> float:
    """Return uA/cm2 of the first compartment per unit of stimulus."""
    if isinstance(model.geometry, Cable):
        return model.geometry.stimulus_share / model.geometry.table[0][AREA]
    return 1.0


def plan_of(ensemble: Ensemble, table: Timetable, seed: int) -> Plan:
    """Return the plan of all runs; arrays (segments, runs), kicks (runs, events)."""
    model = ensemble.model
    rows = rows_of(model)
    scale = 1.0 if table.clamp else density(model)

    def spread_out(values):
        chosen = values if values.shape[1] == 1 else values[:, ensemble.amplitude]
        return np.broadcast_to(chosen, (chosen.shape[0], ensemble.size))

    dt, held = table.dt[:, None], noise_steps(table)
    decay = np.exp(-held[:, None] * dt / table.tau)
    sigma = np.atleast_1d(np.asarray(table.sigma, float))
    stimulus = table.amplitude + 0.5 * dt * table.slope
    if table.clamp:
        stimulus = table.amplitude
    changes = [
        (segment, rows.shared_rows[name], value)
        for segment, name, value in table.changes
        if checked_change(model, name, value)
    ]
    values = np.array([c[2] for c in changes], float)[:, None]
    if not changes:
        values = np.zeros((0, 1))
    return Plan(
        start=table.start,
        dt=table.dt,
        steps=table.steps,
        noise_steps=held,
        stimulus=spread_out(scale * stimulus),
        ramp=spread_out(scale * dt * table.slope),
        noise_sd=spread_out(scale * sigma * np.sqrt(1.0 - decay**2)),
        noise_decay=spread_out(decay),
        change_segment=np.array([c[0] for c in changes], np.int64),
        change_row=np.array([c[1] for c in changes], np.int64),
        change_value=np.broadcast_to(values, (len(changes), ensemble.size)),
        **kicks_of(ensemble, table),
        level=model.detect,
        watched=rows.states.get(model.watched, V) - V,
        seed=np.uint64(seed),
    )


def noise_steps(table: Timetable) -> np.ndarray:
    """Return the number of steps for which each segment holds its fluctuating current.

    A small part of its correlation time, and one of the segment's steps without rest:
    where it moves the process is exact.
    """
    most = np.clip(table.tau / (SMOOTH * table.dt), 1, LONGEST_HELD).astype(np.int64)
    counts = np.arange(1, LONGEST_HELD + 1)
    fit = (table.steps[:, None] % counts == 0) & (counts <= most[:, None])
    return np.where(fit, counts, 1).max(axis=1)


def kicks_of(ensemble: Ensemble, table: Timetable) -> dict:
    """Return time, row and amount of the kicks of every run, in order of time."""
    model, runs = ensemble.model, ensemble.size
    rows, states = rows_of(model), [s.name for s in model.states]
    never = np.full((runs, 1), np.inf)  # closes the list of every run
    found = [(never, np.zeros((runs, 1), np.int64), np.zeros((runs, 1)))]
    for piece in table.kicks:
        if piece.state not in states:
            raise unknown(piece.state, f"Kicks: the states of {model.name!r}", states)
        times, amounts = kicks_for(piece, runs)
        wide = (runs, times.shape[-1])
        when = np.broadcast_to(np.where(np.isnan(times), np.inf, times), wide)
        row = np.full(wide, rows.shared_rows[piece.state])
        found.append((when, row, np.broadcast_to(amounts, wide)))
    time, row, amount = (
        np.concatenate(parts, axis=1) for parts in zip(*found, strict=True)
    )
    order = np.argsort(time, axis=1, kind="stable")
    time, row, amount = (
        np.take_along_axis(a, order, axis=1) for a in (time, row, amount)
    )
    return {"kick_time": time, "kick_row": row, "kick_amount": amount}


def checked_change(model: Model, name: str, value: float) -> bool:
    """Check a parameter that changes during a run, as ``at`` would."""
    model.at(**{name: value})
    return True


def start_noise(
    x: np.ndarray, ensemble: Ensemble, table: Timetable, seed: int, run: int
) -> None:
    """Draw the fluctuating current of every run from its stationary distribution."""
    sigma = np.atleast_1d(np.asarray(table.sigma, float))
    sigma = sigma[ensemble.amplitude] if sigma.size > 1 else sigma
    row = rows_of(ensemble.model).shared // ROW + NOISE // ROW
    if sigma.any():
        runs = range(run, run + x.shape[1])
        z = [normals(np.uint64(seed), k, 0, 1 << 32)[0] for k in runs]
        x[row] = density(ensemble.model) * sigma * np.array(z)
    else:
        x[row] = 0.0


def watch_of(
    model: Model, table: Timetable, wanted: Wanted
) -> tuple[Watch, np.ndarray]:
    """Return what the kernel samples, and the times of the samples."""
    rows = rows_of(model)
    known = {**rows.states, **current_rows(model)}
    states = [known[name] for name in wanted.record]
    potentials = set(rows.records.values()) | {
        at for n, at in rows.states.items() if n.startswith("phi")
    }
    currents = set(current_rows(model).values())
    before = [1.0 if r in potentials else 0.0 if r in currents else 0.5 for r in states]
    if not rows.records:
        before = [1.0] * len(states)
    every = np.clip(np.round(wanted.every / table.dt), 1, table.steps).astype(np.int64)
    if held_rows(model).intersection(states):  # they lie at t in every HOLD-th step
        every = np.minimum(-(-every // HOLD) * HOLD, table.steps)
    if not wanted.record:
        every = np.maximum(table.steps, 1)
    segments = zip(table.start, table.dt, table.steps, every, strict=True)
    times = [start + dt * np.arange(0, n, k) for start, dt, n, k in segments]
    end = table.start[-1] + table.steps[-1] * table.dt[-1]
    half = np.array(before, float)
    whole = np.ceil(half)
    at = np.array(states, np.int64)
    watch = Watch(at, half, 1.0 - half, whole, 1.0 - whole, every)
    return watch, np.append(np.concatenate(times), end)


def current_rows(model: Model) -> dict[str, int]:
    """Return the rows of the total membrane current of every piece."""
    from neurosim.core.block import CURRENT
    from neurosim.wiring import full

    first = model.compartments[0].name if model.compartments else ""
    return {
        full("i_membrane", p, first): at + CURRENT
        for p, at in rows_of(model).records.items()
    }


def run(
    ensemble: Ensemble,
    x: np.ndarray,
    table: Timetable,
    wanted: Wanted,
    *,
    seed: int = 0,
    first_run: int = 0,
    channel_noise: bool = False,
    threads: int | None = None,
    tick=None,
) -> Outcome:
    """March all runs of ``x`` through a timetable.

    Parameters
    ----------
    x : buffer (rows, runs) with parameters and states; not changed.
    seed, first_run : the stream of run k depends on (seed, first_run + k) only.
    threads : default one per core; the results do not depend on it.
    tick : called with the number of runs whenever a block is done.
    """
    model, runs = ensemble.model, ensemble.size
    workers = workers_of(threads)
    module = step_of(model, channel_noise=channel_noise, clamp=table.clamp)
    x = x.copy()
    start_noise(x, ensemble, table, seed, first_run)
    width = width_of(runs, workers)
    count = -(-runs // width)
    plan = plan_of(ensemble, table, seed)
    lanes = {
        name: lane_blocks(getattr(plan, name), width)
        for name in ("stimulus", "ramp", "noise_sd", "noise_decay", "change_value")
    }
    kicks = ("kick_time", "kick_row", "kick_amount")
    watch, times = watch_of(model, table, wanted)
    out: list[Any] = [None] * count

    def march(b: int) -> None:
        own = {name: values[b] for name, values in lanes.items()}
        here = slice(b * width, min((b + 1) * width, runs))
        mine = here.stop - here.start
        pad = lanes_in(here)
        own |= {name: getattr(plan, name)[pad] for name in kicks}
        part = plan._replace(**own)
        room = room_for(table, wanted)
        while True:
            blocks = to_blocks(x[:, here])
            result = empty_output(mine, watch.rows.size, times.size, room)
            module.run(blocks[0], mine, part, first_run + here.start, watch, result)
            most = int(result.counts.max())
            if not wanted.spikes or most <= room:
                break
            room = most
        x[:, here] = from_blocks(blocks, mine)
        kept = result.spikes[:, : max(min(most, room), 1)].copy()
        out[b] = Output(*(a[:mine] for a in result._replace(spikes=kept)))
        if tick is not None:
            tick(mine)

    if count == 1 or workers == 1:
        for b in range(count):
            march(b)
    else:
        ready = bool(getattr(module.run, "signatures", True))
        if not ready:
            march(0)  # compiles before the others start
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(march, range(0 if ready else 1, count)))
    return gather(ensemble, x, table, times, out)


def workers_of(threads: int | None) -> int:
    """Return how many threads to use."""
    if threads is not None and not threads >= 1:
        raise NeurosimError(f"threads = {threads}: give 1 or more, or None for all.")
    return threads or THREADS.get()


@contextmanager
def with_threads(count: int) -> Iterator[None]:
    """Use so many threads where none are asked for."""
    token = THREADS.set(count)
    try:
        yield
    finally:
        THREADS.reset(token)


def room_for(table: Timetable, wanted: Wanted) -> int:
    """Return how many spike times of each run there is room for at first."""
    duration = table.start[-1] + table.steps[-1] * table.dt[-1]
    return min(int(FASTEST * duration) + 1, LARGEST_ROOM) if wanted.spikes else 1


def width_of(runs: int, workers: int) -> int:
    """Return how many runs share a block: whole vectors, and work for every thread."""
    count = max(-(-runs // LANES), min(workers, runs // FEWEST))
    return GROUP * -(-runs // (count * GROUP))


def lanes_in(here: slice) -> np.ndarray:
    """Return the runs in the lanes of a block, padded like the buffer."""
    return np.minimum(np.arange(here.start, here.start + LANES), here.stop - 1)


def lane_blocks(values: np.ndarray, width: int) -> np.ndarray:
    """Cut (segments, runs) into (blocks, segments, LANES), padded like the buffer."""
    runs = values.shape[1]
    begins = range(0, runs, width)
    cut = [values[:, lanes_in(slice(k, min(k + width, runs)))] for k in begins]
    return np.ascontiguousarray(cut, dtype=float)


def empty_output(runs: int, rows: int, samples: int, spikes: int) -> Output:
    """Return room for the results of a block."""
    lanes = python_of(whole)(runs)  # not worth compiling for one number
    return Output(
        samples=np.zeros((lanes, rows, samples if rows else 1)),
        spikes=np.full((lanes, spikes), np.nan),
        counts=np.zeros(lanes, np.int64),
        status=np.zeros(lanes, np.int64),
        failed=np.full(lanes, np.nan),
    )


def gather(ensemble, x, table, times, out) -> Outcome:
    """Join what came of the blocks; mark what diverged, in ``x`` too."""
    runs = ensemble.size
    most = max(o.spikes.shape[1] for o in out)
    spikes, done = np.full((runs, most), np.nan), 0
    for o in out:
        spikes[done : done + len(o.spikes), : o.spikes.shape[1]] = o.spikes
        done += len(o.spikes)
    join = {
        name: np.concatenate([getattr(o, name) for o in out])
        for name in ("samples", "counts", "status", "failed")
    }
    bad = join["status"] != OK
    join["samples"][bad] = np.nan
    x[:, bad] = np.nan
    return Outcome(
        ensemble=ensemble,
        x=x,
        duration=float(table.start[-1] + table.steps[-1] * table.dt[-1]),
        dt=float(table.dt.max()),
        time=times,
        spikes=spikes,
        tolerance=float("nan"),
        **join,
    )


def with_status(outcome: Outcome, stable: np.ndarray) -> Outcome:
    """Mark runs that began without a stable rest."""
    status = np.where((outcome.status == OK) & ~stable, NO_REST, outcome.status)
    return replace(outcome, status=status)
