"""What every peer's script shares: the protocol by which the runner drives it.

The first line of the standard input is a job (JSON). The script pins itself to the
job's cores for setting up, does so, and answers {"ready": ...}. Then it moves to the
cores on which it is timed. For each line "go" it runs once, saves the spikes and
answers with wall and CPU seconds; anything else ends it. All answers are single lines
of JSON. Needs numpy alone, and so runs in any of the environments.
"""

import json
import os
import resource
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np


def clock():
    """Return wall seconds and CPU seconds of this process and its children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = time.process_time() + children.ru_utime + children.ru_stime
    return np.array([time.perf_counter(), cpu])


def largest_memory():
    """Return the most memory that this process has held, MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return None


def pin(cores):
    """Move every thread of this process to some cores."""
    tasks = [int(p.name) for p in Path("/proc/self/task").iterdir()]
    for task in tasks:
        os.sched_setaffinity(task, cores)


def serve(prepare, packages):
    """Answer the runner.

    Parameters
    ----------
    prepare : takes the job and a dictionary of inputs (one value per run); returns a
        function that runs everything once and returns a function that reads off the
        spikes. Reading off is not timed.
    packages : distributions whose versions are reported.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not look like an answer

    def answer(**values):
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    job = json.loads(sys.stdin.readline())
    pin(job.get("setup_cores", job["cores"]))
    try:
        begin = clock()
        with np.load(job["inputs"]) as stored:
            first = job.get("first", 0)
            runs = slice(first, first + job["n"])
            inputs = {name: stored[name][runs] for name in stored.files}
        run = prepare(job, inputs)
        wall, cpu = clock() - begin
        pin(job["cores"])
        answer(ready=True, wall=wall, cpu=cpu, versions=versions(packages))
        for line in sys.stdin:
            if line.strip() != "go":
                break
            begin = clock()
            read = run()
            wall, cpu = clock() - begin
            peak = largest_memory()
            np.save(job["spikes"], padded(read()))
            answer(wall=wall, cpu=cpu, memory_mb=peak)
    except Exception as error:  # the runner reports it; nothing here can go on
        answer(error=f"{type(error).__name__}: {error}".splitlines()[0])
        raise


def versions(packages):
    """Return the versions of some distributions."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "from source"
    return found


def padded(trains):
    """Return spike trains as an array (runs, spikes), filled up with NaN."""
    most = max((len(train) for train in trains), default=0)
    spikes = np.full((len(trains), max(most, 1)), np.nan)
    for k, train in enumerate(trains):
        spikes[k, : len(train)] = np.asarray(train)[: spikes.shape[1]]
    return spikes


def crossings(v, dt, level):
    """Return the times at which a trace sampled every dt rises to a level."""
    v = np.asarray(v)
    k = np.flatnonzero((v[:-1] < level) & (v[1:] >= level))
    return dt * (k + (level - v[k]) / (v[k + 1] - v[k]))


def sorted_trains(times, runs, size):
    """Return the spike train of each run from times and run numbers."""
    times, runs = np.asarray(times), np.asarray(runs, int)
    order = np.lexsort((times, runs))
    times, runs = times[order], runs[order]
    edges = np.searchsorted(runs, np.arange(size + 1))
    return [times[edges[k] : edges[k + 1]] for k in range(size)]
