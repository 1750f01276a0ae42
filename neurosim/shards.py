"""A sweep cut into shards, and shards joined to a result; no files here.

Runs are numbered along the flattened axes of the model, the protocol's amplitudes
fastest. A shard is a contiguous range of them. What it holds depends on the request
and on the numbers of its runs only.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.engine import Outcome, checked_dt
from neurosim.ensemble import Ensemble, part, spread
from neurosim.errors import NeurosimError, unknown
from neurosim.measure import MEASURES, find_measure, labelled
from neurosim.protocol import amplitudes, clamped, of_some_runs, pieces_of
from neurosim.simulation import (
    carry_out,
    check_axes,
    check_request,
    check_times,
    chosen_solver,
    described,
    digest,
    one_or_many,
    wanted_of,
)
from neurosim.store import canonical

OPTIONS = {
    "dt": None, "solver": "auto", "tolerance": None, "initial": "reference",
    "initial_v": None, "channel_noise": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Runs and what to do with them: a whole sweep, or the part that a worker gets."""

    runs: Ensemble
    baths: Ensemble  # runs of the model alone, without the axis of amplitudes
    first: int = 0  # number of the first run
    pieces: tuple
    measures: tuple
    duration: float
    step: float
    seed: int
    options: dict[str, Any]  # of ``simulate``, besides the step


def task_of(model, protocol, duration, measure, seed, options) -> Task:
    """Check a request and spread its runs."""
    if "record" in options or "record_every" in options:
        raise NeurosimError(
            "record: a sweep keeps measures, not traces; name measures, or use "
            "simulate for a few runs."
        )
    for name in options:
        if name not in OPTIONS:
            raise unknown(name, "the list of options of a sweep", OPTIONS)
    chosen = OPTIONS | options
    measures = tuple(dict.fromkeys(find_measure(m) for m in one_or_many(measure)))
    if not measures:
        raise NeurosimError(
            "measure is empty: name what to keep of each run, e.g. spike_count (on the "
            "command line --measure spike_count)."
        )
    pieces = pieces_of(protocol)
    dt = chosen.pop("dt")
    step = checked_dt(model, duration, dt)
    check_request(model, pieces, chosen["initial"], chosen["solver"], seed)
    check_times(pieces, duration, model.time_unit)
    given = (chosen[name] for name in ("tolerance", "channel_noise"))
    chosen["solver"], chosen["tolerance"] = chosen_solver(
        model, pieces, chosen["solver"], dt, *given
    )
    runs = spread(model, amplitudes(pieces), "mV" * clamped(pieces))
    check_axes(runs, measures, ())
    return Task(
        runs=runs, baths=spread(model),
        pieces=pieces,
        measures=measures, duration=float(duration), step=step, seed=int(seed),
        options=chosen,
    )  # fmt: skip


def config_of(task: Task, shard: int) -> dict[str, Any]:
    """Return all that decides about the numbers, in canonical form."""
    model = task.runs.model
    bare = replace(model, values=MappingProxyType({}), axes=MappingProxyType({}))
    varied = [n for names in model.axes.values() for n in names]
    config = {
        "neurosim": __version__,
        "model": model.name,
        "equations": digest(bare),
        "detect": model.detect,
        "start": model.start,
        "set": {n: v for n, v in sorted(model.values.items()) if n not in varied},
        "axes": [[d, *names] for d, names in model.axes.items()],
        "over": {n: np.asarray(model.values[n], float) for n in varied},
        "protocol": task.pieces,
        "duration": task.duration,
        "dt": task.step,
        "measure": [name_of(m) for m in task.measures],
        "seed": task.seed,
        **task.options,
        "shard": shard,
    }
    return canonical(config)


def name_of(measure: Any) -> str:
    """Return the name of a measure, with its module if it is not one of ours."""
    name = measure.__name__
    return name if MEASURES.get(name) is measure else f"{measure.__module__}:{name}"


def ranges(task: Task, shard: int, number: int) -> tuple[slice, slice]:
    """Return the runs of a shard and its baths, those whose first amplitude it has."""
    each = task.runs.size // task.baths.size
    first, last = number * shard, min((number + 1) * shard, task.runs.size)
    return slice(first, last), slice(-(-first // each), -(-last // each))


def part_of(task: Task, shard: int, number: int) -> Task:
    """Return the part of a task that is a shard."""
    runs, baths = ranges(task, shard, number)
    return replace(
        task,
        runs=part(task.runs, np.arange(runs.start, runs.stop)),
        baths=part(task.baths, np.arange(baths.start, baths.stop)),
        pieces=of_some_runs(task.pieces, runs, task.runs.size),
        first=runs.start,
    )


def lengths_of(task: Task, shard: int, number: int) -> dict[str, int]:
    """Return the length of each array of a shard."""
    runs, baths = (r.stop - r.start for r in ranges(task, shard, number))
    lengths = {"times": 3, "status": runs, "failed": runs}
    for m in task.measures:
        lengths[array_of(m)] = runs if m.kind == "run" else baths
    return lengths


def array_of(measure: Any) -> str:
    """Return what the array of a measure is called in a shard."""
    return f"measure_{measure.__name__}"


def run_task(task: Task, threads: int | None = None, tick: Any = None) -> dict:
    """Run a task and return its arrays, one entry per run (or bath) in each."""
    outcome = carry_out(
        task.runs, task.pieces, wanted_of(task.measures), duration=task.duration,
        step=task.step, seed=task.seed, threads=threads, first_run=task.first,
        tick=tick, **task.options,
    )  # fmt: skip
    found = {
        "times": np.array([outcome.duration, outcome.dt, outcome.tolerance]),
        "status": outcome.status,
        "failed": outcome.failed,
    }
    for m in task.measures:
        size = task.runs.size if m.kind == "run" else task.baths.size
        values = np.zeros(0)
        if size:
            values = np.asarray(m(outcome if m.kind == "run" else task.baths.model))
        values = np.atleast_1d(values.astype(float))
        if values.shape[:1] != (size,) or values.ndim > 1 + (m.kind == "run"):
            raise NeurosimError(
                f"measure {m.__name__!r} returned shape {values.shape} for {size} "
                "runs; a sweep takes a value per run, or a row from a measure of a run."
            )
        found[array_of(m)] = values
    return found


def joined(task: Task, parts: list[dict[str, np.ndarray]]) -> Any:
    """Return the Dataset of a whole sweep from the arrays of its shards, in order."""
    duration, dt, tolerance = parts[0]["times"]
    nothing = np.empty((0, 0))
    outcome = Outcome(
        ensemble=task.runs, x=nothing, duration=float(duration), dt=float(dt),
        time=nothing, samples=nothing, spikes=nothing, counts=nothing,
        status=stacked(parts, "status"), failed=stacked(parts, "failed"),
        tolerance=float(tolerance),
    )  # fmt: skip
    found = {}
    for m in task.measures:
        values = stacked(parts, array_of(m))
        if m.kind == "model":
            values = labelled.plain(
                task.baths, m.__name__, values, unit=m.unit or None, doc=m.doc
            )
        found[m] = values
    o = task.options
    return described(
        outcome, found, (), o["solver"], task.seed, o["initial"], o["initial_v"]
    ).labelled()


def stacked(parts: list[dict[str, np.ndarray]], name: str) -> np.ndarray:
    """Put arrays of all shards on top of each other, rows filled up with NaN."""
    arrays = [p[name] for p in parts]
    if arrays[0].ndim == 1:
        return np.concatenate(arrays)
    widest = max(a.shape[1] for a in arrays)
    whole = np.full((sum(a.shape[0] for a in arrays), widest), np.nan)
    at = 0
    for a in arrays:
        whole[at : at + a.shape[0], : a.shape[1]] = a
        at += a.shape[0]
    return whole
