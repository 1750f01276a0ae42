"""Where jobs run: in this process, in several, or on a cluster; how they stop."""

import io
import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    ProcessPoolExecutor,
    as_completed,
)
from contextlib import contextmanager, nullcontext
from ctypes import c_bool
from importlib import import_module
from threading import Lock, Thread, current_thread, main_thread
from time import sleep
from types import MappingProxyType
from typing import Any

from neurosim.core.jit import python_of
from neurosim.errors import NeurosimError, unknown

EXECUTORS = ("threads", "processes", "dask")
MOST_WORKERS = 61  # Windows waits for no more processes at once
LOOK = 0.5  # s between a worker's looks at whether it is still wanted
ANSWER = 15  # s within which a scheduler has to answer


def carry(
    function: Callable,
    jobs: Iterable[tuple[int, Any]],
    tick: Callable[[int], Any],
    *,
    executor: str | Executor,
    scheduler: str | None,
    threads: int | None,
) -> Generator[tuple[int, Any], None, None]:
    """Run numbered jobs and yield (number, result) as they finish.

    Parameters
    ----------
    function : called as ``function(job, threads, tick)``; a module's own function.
    tick : called with the number of runs that were done.
    """
    if executor == "threads":
        for number, job in jobs:
            yield number, function(job, threads, tick)
        return
    with pool_of(executor, scheduler, threads) as pool:
        futures = {
            pool.submit(unpack_and_run, function, pack(job)): (number, job.runs.size)
            for number, job in jobs
        }
        try:
            for future in as_completed(list(futures)):
                number, size = futures.pop(future)
                result = future.result()
                tick(size)
                yield number, result
        except BrokenExecutor:
            raise NeurosimError(
                "a worker process ended early: out of memory, or started by a script "
                "that lacks `if __name__ == '__main__':`; mend that and resume."
            ) from None
        finally:
            for future in futures:
                future.cancel()


def check_executor(executor: Any, scheduler: str | None) -> None:
    """Explain an executor that does not exist, or a scheduler nobody asks."""
    if not isinstance(executor, Executor) and executor not in EXECUTORS:
        raise unknown(str(executor), "executor", EXECUTORS)
    if scheduler is not None and executor != "dask":
        raise NeurosimError(
            f"scheduler = {scheduler!r} goes with executor='dask' only; "
            "add that, or leave the scheduler out."
        )


def pool_of(
    executor: str | Executor, scheduler: str | None, threads: int | None
) -> Any:
    """Return the executor as a context."""
    if isinstance(executor, Executor):
        return nullcontext(executor)
    return processes(threads) if executor == "processes" else cluster(scheduler)


@contextmanager
def processes(workers: int | None) -> Iterator[Executor]:
    """Give a pool of fresh processes; they end at once if this one stops or dies.

    They look at a bare flag: to set an event waits for all who wait for it, and for a
    process that was killed for ever.
    """
    context = multiprocessing.get_context("spawn")
    stop = context.RawValue(c_bool, False)
    count = min(workers or os.cpu_count() or 1, MOST_WORKERS)
    pool = ProcessPoolExecutor(count, context, initializer=attend, initargs=(stop,))
    try:
        yield pool
    except BaseException:
        stop.value = True
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def attend(stop: Any) -> None:
    """Make a worker end with the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        while parent is not None and parent.is_alive() and not stop.value:
            sleep(LOOK)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def cluster(scheduler: str | None) -> Iterator[Executor]:
    """Give the executor of a dask cluster; without an address, of a local one."""
    try:
        client_of = import_module("distributed").Client
    except ImportError:
        raise NeurosimError(
            "executor='dask' needs the extra 'cluster': python -m pip install "
            "'.[cluster]', or use executor='processes'."
        ) from None
    try:
        client = client_of(scheduler, timeout=ANSWER)
    except (OSError, TimeoutError, ValueError) as error:
        raise NeurosimError(
            f"no dask scheduler answers at {scheduler!r} ({error}); start one with "
            "`dask scheduler` and give its address."
        ) from error
    with client:
        yield client.get_executor(pure=False)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM stop the work as Ctrl-C does (only the main thread can)."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextmanager
def bar(total: int, done: int, progress: bool | None) -> Iterator[Callable]:
    """Show a progress bar over runs; gives the function that moves it."""
    from tqdm import tqdm

    disable = None if progress is None else not progress  # None: if no terminal
    lock = Lock()
    with tqdm(total=total, initial=done, unit="run", disable=disable) as shown:

        def tick(runs: int) -> None:
            with lock:
                shown.update(runs)

        yield tick


class Packer(pickle.Pickler):
    """Pickles models: read-only mappings, and equations by their name.

    An equation that arrives as the very function the other side imports is found in
    its cache of compiled kernels.
    """

    def reducer_override(self, obj: Any) -> Any:
        """Return how to rebuild what the ordinary pickler cannot, or not well."""
        if isinstance(obj, MappingProxyType):
            return frozen, (dict(obj),)
        if python_of(obj) is not obj:
            home = sys.modules.get(obj.__module__)
            if (
                getattr(home, obj.__name__, None) is obj
                and obj.__module__ != "__main__"
            ):
                return named, (obj.__module__, obj.__name__)
        return NotImplemented


def frozen(values: dict) -> MappingProxyType:
    """Return a read-only mapping."""
    return MappingProxyType(values)


def named(module: str, name: str) -> Any:
    """Return what a module calls by a name."""
    return getattr(import_module(module), name)


def pack(job: Any) -> bytes:
    """Return a job as bytes for a worker of this sweep."""
    buffer = io.BytesIO()
    Packer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(job)
    return buffer.getvalue()


def unpack_and_run(function: Callable, packed: bytes) -> Any:
    """Run a job in a worker, one thread each."""
    return function(pickle.loads(packed), 1, None)
