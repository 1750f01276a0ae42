"""Many runs in a folder that survives interruptions.

The runs are cut into shards, and each finished shard is a file. It does not matter who
computes a shard, when, or in which order. Only what measures return is kept: memory and
disk are bounded by the answer.
"""

import json
import platform
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.core.block import LANES
from neurosim.errors import NeurosimError
from neurosim.model import Model
from neurosim.request import sweep_from_toml
from neurosim.shards import (
    Task,
    config_of,
    joined,
    lengths_of,
    part_of,
    run_task,
    task_of,
)
from neurosim.store import (
    LOCK,
    MANIFEST,
    contents,
    digest_of,
    first_difference,
    locked,
    read_json,
    read_shard,
    shard_paths,
    write_json,
    write_result,
    write_shard,
)
from neurosim.workers import bar, carry, check_executor, stoppable

__all__ = ["sweep", "sweep_from_toml"]

SHARD = 32 * LANES  # runs in a file: minutes of work for an axon, seconds for a patch
COUNTED = ("ok", "diverged", "no_stable_rest")  # by the number of the status
OTHER_FILES = (".csv", ".txt", ".json", ".npz", ".h5", ".hdf5", ".zarr", ".parquet")
LIBRARIES = ("numpy", "scipy", "numba", "xarray", "h5netcdf")


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
    executor : ``"threads"`` runs one shard at a time, on all cores; ``"processes"`` and
        ``"dask"`` run several, each on one core; so does any executor of
        ``concurrent.futures``. With processes, a script needs
        ``if __name__ == "__main__":``.
    scheduler : address of a dask scheduler; without one a local cluster is started.
    shard : runs in a file, rounded up to whole blocks; what can be lost at once.
    progress : show a bar; by default if stderr is a terminal.
    threads : threads or processes at work, by default one per core.
    options : ``dt``, ``solver``, ``tolerance``, ``initial``, ``initial_v``,
        ``channel_noise``, as in ``simulate``.

    Returns
    -------
    xarray.Dataset, the one ``simulate`` returns; ``result.nc`` holds the same and, in
    the group ``sweep``, the request. Neither depends on executor, threads, shards done
    earlier or interruptions.

    Raises
    ------
    NeurosimError : one sentence about the request, the folder or the disk.
    KeyboardInterrupt : after Ctrl-C or SIGTERM; what is finished can be resumed.
    """
    check_executor(executor, scheduler)
    task = task_of(model, protocol, duration, measure, seed, options)
    order = order_of(task, Path(out), shard)
    if not order.inside and order.result.exists() and not order.folder.exists():
        return earlier_result(order, resume)
    if not (order.folder / LOCK).exists():
        check_folder(order.folder, resume)  # before a lock is put into it
    with stoppable(), locked(order.folder):
        check_folder(order.folder, resume)
        parts, damaged = kept_shards(order)
        how = {"executor": executor, "scheduler": scheduler, "threads": threads}
        found = complete(order, parts, damaged, progress, how)
    if not order.inside:
        rmtree(order.folder, ignore_errors=True)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run and where its files go."""

    task: Task
    shard: int  # runs in a shard
    folder: Path
    result: Path
    config: dict[str, Any]
    key: str  # SHA-256 of the config

    @property
    def inside(self) -> bool:
        """Return whether the result lies in the folder."""
        return self.result.parent == self.folder

    @property
    def shards(self) -> int:
        """Return the number of shards."""
        return -(-self.task.runs.size // self.shard)


def order_of(task: Task, out: Path, shard: int) -> Order:
    """Settle the size of shards and the places of files."""
    if not isinstance(shard, int) or shard < 1:
        raise NeurosimError(f"shard = {shard!r}: give a number of runs, e.g. {SHARD}.")
    shard = -(-shard // LANES) * LANES
    folder, result = out, out / "result.nc"
    if out.suffix.lower() in OTHER_FILES and not out.exists():
        raise NeurosimError(
            f"out = {str(out)!r}: a sweep is written as netCDF; end the name with .nc, "
            "or name a folder."
        )
    if out.suffix == ".nc":
        folder, result = out.with_name(out.name + ".parts"), out
    config = config_of(task, shard)
    return Order(
        task=task, shard=shard, folder=folder, result=result, config=config,
        key=digest_of(config),
    )  # fmt: skip


def check_folder(folder: Path, resume: bool) -> None:
    """Refuse a folder with other things in it, or with a sweep not to be resumed."""
    if contents(folder) and not resume:
        raise taken(folder)
    if contents(folder) and not (folder / MANIFEST).exists():
        raise NeurosimError(
            f"{folder} holds no {MANIFEST}, so it is not a sweep; give another folder."
        )


def taken(path: Path) -> NeurosimError:
    """Return the error for a place that is not free."""
    return NeurosimError(
        f"{path} is there already: finish the sweep in it (resume=True, --resume), or "
        "give another folder."
    )


def compare(where: Path, config: Any, order: Order) -> None:
    """Refuse to go on with another request than the one that was begun."""
    difference = first_difference(config, order.config)
    if difference:
        name, old, new = difference
        raise NeurosimError(
            f"{where} was begun with {name} = {json.dumps(old):.80}, not "
            f"{json.dumps(new):.80}; ask for the same to resume it, or give another "
            "folder."
        )


def earlier_result(order: Order, resume: bool) -> Any:
    """Return a result that is complete already, if it is what was asked for."""
    import xarray as xr

    if not resume:
        raise taken(order.result)
    try:
        with xr.open_dataset(order.result, group="sweep", engine="h5netcdf") as about:
            config = json.loads(str(about["config"].values))
        found = xr.load_dataset(order.result, engine="h5netcdf")
    except (OSError, KeyError, ValueError) as error:
        raise NeurosimError(
            f"{order.result} is not the result of a sweep; give another file."
        ) from error
    compare(order.result, config, order)
    return found


def kept_shards(order: Order) -> tuple[dict[int, dict], list[int]]:
    """Return the shards that are done, and the numbers of damaged ones."""
    folder, parts, damaged = order.folder, {}, []
    if not contents(folder):
        return parts, damaged
    compare(folder, read_json(folder / MANIFEST).get("config"), order)
    for left in [*folder.glob("*.tmp"), *folder.glob("shards/*.tmp")]:
        left.unlink(missing_ok=True)
    for number in range(order.shards):
        lengths = {"key": 32} | lengths_of(order.task, order.shard, number)
        arrays = read_shard(folder, number, lengths)
        if arrays is not None and arrays["key"].tobytes().hex() == order.key:
            parts[number] = arrays
        elif shard_paths(folder, number)[0].exists():
            damaged.append(number)
    return parts, damaged


def complete(order: Order, parts: dict, damaged: list[int], progress, how: dict) -> Any:
    """Run what is missing, write the result and return it."""
    log = {"shards_found": len(parts), "shards_damaged": damaged}
    begin, counts = (
        time.monotonic(),
        sum((status_counts(p) for p in parts.values()), np.zeros(3, int)),
    )
    try:
        write_manifest(order, counts, "running")
        missing = [k for k in range(order.shards) if k not in parts]
        jobs = ((k, part_of(order.task, order.shard, k)) for k in missing)
        with (
            bar(order.task.runs.size, int(counts.sum()), progress) as tick,
            closing(carry(run_task, jobs, tick, **how)) as new,
        ):
            for number, arrays in new:
                write_shard(order.folder, number, arrays | {"key": key_array(order)})
                parts[number] = arrays
                counts = counts + status_counts(arrays)
                write_manifest(order, counts, "running")
        found = joined(order.task, [parts[k] for k in range(order.shards)])
        about = {"sha256": order.key, "config": json.dumps(order.config)}
        write_result(order.result, found, about)
        write_manifest(order, counts, "finished")
    except BaseException:
        with suppress(NeurosimError):
            write_manifest(order, counts, "interrupted")
        raise
    finally:
        log["shards_run"] = len(parts) - log["shards_found"]
        log["seconds"] = round(time.monotonic() - begin, 3)
        with suppress(NeurosimError):
            write_json(order.folder / "log.json", log)
    return found


def status_counts(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return how many runs ended in each way."""
    return np.bincount(arrays["status"], minlength=len(COUNTED))


def key_array(order: Order) -> np.ndarray:
    """Return the key as an array, which ties a shard to its sweep."""
    return np.frombuffer(bytes.fromhex(order.key), np.uint8)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return the versions of all that has a part in the numbers."""
    ours = {"neurosim": __version__, "python": platform.python_version()}
    return ours | {name: version(name) for name in LIBRARIES}


def write_manifest(order: Order, counts: np.ndarray, state: str) -> None:
    """Write what was asked and how far it is; the same words wherever it runs."""
    missing = order.task.runs.size - int(counts.sum())
    manifest = {
        "state": state,
        "counts": dict(zip(COUNTED, counts.tolist(), strict=True))
        | {"missing": missing},
        "seed": order.task.seed,
        "versions": versions(),
        "sha256": order.key,
        "config": order.config,
    }
    write_json(order.folder / MANIFEST, manifest)
