"""Many runs in a folder that survives interruptions.

The runs are cut into shards, contiguous ranges of the flattened axes. What a shard
holds depends on what was asked and on the numbers of its runs, so it does not matter
who computes it, when, or in which order. Only what measures return is kept: memory and
disk are bounded by the answer.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np

from neurosim.core.block import LANES
from neurosim.engine import Outcome, checked_dt
from neurosim.ensemble import Ensemble, part, spread
from neurosim.errors import NeurosimError, unknown
from neurosim.measure import find_measure, labelled
from neurosim.model import Model
from neurosim.protocol import amplitudes, pieces_of
from neurosim.request import sweep_from_toml
from neurosim.simulate import (
    carry_out,
    check_request,
    dataset,
    one_or_many,
    wanted_of,
)
from neurosim.store import (
    MANIFEST,
    contents,
    locked,
    read_json,
    read_shard,
    shard_paths,
    write_json,
    write_shard,
    write_whole,
)

SHARD = 32 * LANES  # runs in a file: minutes of work for an axon, seconds for a patch
MOST_RUNS = 10_000_000  # beyond, the axes alone fill the memory of a small machine
OPTIONS = {
    "dt": None, "solver": "auto", "initial": "reference", "initial_v": None,
    "channel_noise": False,
}  # fmt: skip

__all__ = ["sweep", "sweep_from_toml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A checked request, and all of its runs."""

    ensemble: Ensemble  # every run
    baths: Ensemble  # every run of the model alone, without the axis of amplitudes
    pieces: tuple
    measures: tuple
    duration: float
    step: float
    seed: int
    options: dict[str, Any]  # of ``simulate``, besides the step
    shard: int  # runs in a shard
    config: dict[str, Any]
    key: str  # SHA-256 of the config

    @property
    def shards(self) -> int:
        """Return the number of shards."""
        return -(-self.ensemble.size // self.shard)

    def range(self, number: int) -> tuple[int, int]:
        """Return the runs of a shard, from first to behind the last."""
        first = number * self.shard
        return first, min(first + self.shard, self.ensemble.size)

    def bath_range(self, number: int) -> tuple[int, int]:
        """Return the baths of a shard: those whose first amplitude it runs."""
        each = self.ensemble.size // self.baths.size
        first, last = self.range(number)
        return -(-first // each), -(-last // each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker has to know of a shard."""

    number: int
    first: int
    runs: Ensemble
    baths: Model | None  # for the measures of a model; None if the shard has none
    pieces: tuple
    measures: tuple
    duration: float
    step: float
    seed: int
    options: dict[str, Any]

    @property
    def size(self) -> int:
        """Return the number of runs."""
        return self.runs.size


def sweep(
    model: Model,
    protocol: Any = None,
    *,
    duration: float,
    measure: Iterable[Any],
    out: str | Path,
    seed: int = 0,
    resume: bool = False,
    executor: Any = "threads",
    scheduler: str | None = None,
    shard: int = SHARD,
    progress: bool | None = None,
    threads: int | None = None,
    **options: Any,
) -> Any:
    """Do what ``simulate`` does, in a folder, shard by shard.

    Parameters
    ----------
    model, protocol, duration, measure, seed : as in ``simulate``.
    out : folder for ``manifest.json``, ``shards/`` and, at the end, ``result.nc``. A
        name that ends in ``.nc`` is the result itself; the rest then lies in
        ``<out>.parts`` until the sweep is finished.
    resume : finish what lies in the folder; damaged shards are done again.
    executor : ``"threads"`` runs a shard at a time, on all cores; ``"processes"`` and
        ``"dask"`` several at a time, each on one; or any ``concurrent.futures.Executor``
        (a script then needs ``if __name__ == "__main__":``).
    scheduler : address of a dask scheduler; without one a local cluster is started.
    shard : runs in a file, rounded up to whole blocks; what can be lost at once.
    progress : show a bar; by default if stderr is a terminal.
    threads : threads or processes at work, by default one per core.
    options : ``dt``, ``solver``, ``initial``, ``initial_v``, ``channel_noise``, as in
        ``simulate``.

    Returns
    -------
    xarray.Dataset, the one ``simulate`` returns; ``result.nc`` holds the same and, in
    the group ``sweep``, the request. Neither depends on executor, threads, shards done
    earlier or interruptions.

    Raises
    ------
    NeurosimError : one sentence about the request, the folder or the disk.
    KeyboardInterrupt : after Ctrl-C or SIGTERM; finished shards can be resumed.
    """
    from neurosim.workers import check_executor, stoppable

    check_executor(executor, scheduler)
    task = task_of(model, protocol, duration, measure, seed, shard, options)
    folder, result = places(out)
    if result.parent != folder and result.exists() and not folder.exists():
        return finished_result(result, task, resume)
    with stoppable(), locked(folder):
        parts, damaged = kept_shards(folder, task, resume)
        how = {"executor": executor, "scheduler": scheduler, "threads": threads}
        found = complete(folder, result, task, parts, damaged, progress, how)
    if result.parent != folder:
        rmtree(folder, ignore_errors=True)
    return found


def task_of(model, protocol, duration, measure, seed, shard, options) -> Task:
    """Check a request and spread its runs."""
    if "record" in options or "record_every" in options:
        raise NeurosimError(
            "record: a sweep keeps measures, not traces; name measures, or use simulate "
            "for a few runs."
        )
    for name in options:
        if name not in OPTIONS:
            raise unknown(name, "sweep", OPTIONS)
    chosen = OPTIONS | options
    measures = tuple(dict.fromkeys(find_measure(m) for m in one_or_many(measure)))
    pieces = pieces_of(protocol)
    step = checked_dt(model, duration, chosen.pop("dt"))
    check_request(model, pieces, chosen["initial"], chosen["solver"], seed)
    lengths = [np.size(model.values[names[0]]) for names in model.axes.values()]
    varying = amplitudes(pieces)
    lengths += [] if varying is None else [varying.size]
    if np.prod(lengths, dtype=float) > MOST_RUNS:
        raise NeurosimError(
            f"{' x '.join(map(str, lengths))} values are more than {MOST_RUNS:g} runs; "
            "split the sweep."
        )
    if not isinstance(shard, int) or shard < 1:
        raise NeurosimError(f"shard = {shard!r}: give a number of runs, e.g. {SHARD}.")
    shard = -(-shard // LANES) * LANES
    config = config_of(model, pieces, measures, duration, step, seed, shard, chosen)
    return Task(
        ensemble=spread(model, varying), baths=spread(model), pieces=pieces,
        measures=measures, duration=float(duration), step=step, seed=int(seed),
        options=chosen, shard=shard, config=config, key=digest_of(config),
    )  # fmt: skip


def config_of(model, pieces, measures, duration, step, seed, shard, options) -> dict:
    """Return all that decides about the numbers, in canonical form."""
    equations = replace(model, values=MappingProxyType({}), axes=MappingProxyType({}))
    varied = {n for names in model.axes.values() for n in names}
    config = {
        "neurosim": __version__,
        "model": model.name,
        "equations": digest(equations),
        "detect": model.detect,
        "start": model.start,
        "set": {n: v for n, v in sorted(model.values.items()) if n not in varied},
        "axes": list(model.axes),
        "over": {n: np.asarray(model.values[n], float) for n in sorted(varied)},
        "along": model.axes,
        "protocol": pieces,
        "duration": duration,
        "dt": step,
        "measure": [name_of(m) for m in measures],
        "seed": seed,
        **options,
        "solver": "staggered" if options["solver"] == "auto" else options["solver"],
        "shard": shard,
    }
    return canonical(config)


def name_of(measure: Any) -> str:
    """Return the name of a measure; with its module if it is the user's own."""
    name = measure.__name__
    return name if MEASURES.get(name) is measure else f"{measure.__module__}:{name}"


def places(out: str | Path) -> tuple[Path, Path]:
    """Return the folder of a sweep and the file of its result."""
    path = Path(out)
    if path.suffix == ".nc":
        return path.with_name(path.name + ".parts"), path
    return path, path / "result.nc"


def finished_result(result: Path, task: Task, resume: bool) -> Any:
    """Return a result that is complete already, if that is what was asked for."""
    import xarray as xr

    if not resume:
        raise taken(result)
    try:
        with xr.open_dataset(result, group="sweep", engine="h5netcdf") as about:
            config = json.loads(str(about["config"].values))
        compare(result, config, task)
        return xr.load_dataset(result, engine="h5netcdf")
    except (OSError, KeyError, ValueError) as error:
        if isinstance(error, NeurosimError):
            raise
        raise NeurosimError(
            f"{result} is not the result of a sweep; give another file."
        ) from error


def taken(path: Path) -> NeurosimError:
    """Return the error for a place that is not free."""
    return NeurosimError(
        f"{path} is not empty: resume the sweep in it (resume=True, --resume), or give "
        "another folder."
    )


def compare(where: Path, config: dict, task: Task) -> None:
    """Refuse to go on with another request than the one that was begun."""
    difference = first_difference(config, task.config)
    if difference:
        name, old, new = difference
        raise NeurosimError(
            f"{where} was begun with {name} = {json.dumps(old)}, not {json.dumps(new)}; "
            "ask for the same to resume it, or give another folder."
        )


def kept_shards(folder: Path, task: Task, resume: bool) -> tuple[dict, list[int]]:
    """Return the shards that are done, and the numbers of the damaged ones."""
    there = contents(folder)
    if there and not resume:
        raise taken(folder)
    if there and not (folder / MANIFEST).exists():
        raise NeurosimError(
            f"{folder} holds no {MANIFEST}, so it is not a sweep; give another folder."
        )
    if not there:
        return {}, []
    manifest = read_json(folder / MANIFEST)
    compare(folder, manifest.get("config", {}), task)
    for left in [*folder.glob("*.tmp"), *folder.glob("shards/*.tmp")]:
        left.unlink(missing_ok=True)
    parts, damaged = {}, []
    for number in range(task.shards):
        arrays = read_shard(folder, number, lengths_of(task, number))
        if arrays is not None and arrays["key"].tobytes().hex() == task.key:
            parts[number] = arrays
        elif shard_paths(folder, number)[0].exists():
            damaged.append(number)
    return parts, damaged


def lengths_of(task: Task, number: int) -> dict[str, int]:
    """Return the length of each array of a shard."""
    first, last = task.range(number)
    baths = np.diff(task.bath_range(number)).item()
    lengths = {"key": 32, "times": 2, "status": last - first, "failed": last - first}
    for m in task.measures:
        lengths[f"measure_{m.__name__}"] = last - first if m.kind == "run" else baths
    return lengths
