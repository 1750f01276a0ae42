"""How cost and memory grow: with runs, threads, states, compartments and duration.

    python benchmarks/scaling.py [--quick] [--only runs threads] [--out FOLDER]

Each case is a process of its own, so that its peak memory is its own. Kernels are
compiled before, in other processes. A case runs all of its durations in turn, five
rounds or as many as fit its time. A lane-step, one step of one run, is timed as the
difference of a long and a short duration. Writes ``scaling.json`` with every raw time,
``scaling.svg`` and ``scaling.md`` into ``benchmarks/results`` (a quick run into the
folder ``quick`` there). Leave the machine alone meanwhile: some three minutes on two
cores, one with --quick; the first time a minute or two more, to compile.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))
sys.path.insert(0, str(HERE))

import scaling_page  # noqa: E402 (found only once this folder is on the path)
from run import RESULTS, machine, say  # noqa: E402 (that of the peers; the same)

ROUNDS, ENOUGH = 5, 6.0  # rounds of a case; seconds after which it begins no more
LIMIT = 300.0  # s, of a child
RUNS, FEW = 1024, 256  # of a case, unless it is about runs; of a chain
BRIEF = 8  # steps of the run that loads the kernel
LARGEST = {  # model -> largest stimulus, in its unit; short and long duration, ms
    "squid_axon": (20.0, 5.0, 405.0),
    "frog_node": (500.0, 2.0, 42.0),
    "human_node": (100.0, 2.0, 42.0),
    "mrg_axon": (0.3, 2.0, 22.0),
    "motor_axon": (0.3, 2.0, 22.0),
    "muscle_fibre": (20.0, 10.0, 30.0),
}
LONGER = {  # model -> short and long duration of few runs, ms
    "squid_axon": (10.0, 1010.0),
    "motor_axon": (10.0, 210.0),
    "muscle_fibre": (10.0, 410.0),
}
CHAIN = (1.0, 3.0)  # ms, short and long duration of a chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one process runs; ``nodes`` above 0 asks for a chain of so many."""

    panel: str
    model: str = "squid_axon"
    nodes: int = 0
    solver: str = "staggered"
    runs: int = RUNS
    threads: int = 1
    durations: tuple[float, ...]


def cases(quick: bool) -> list[Case]:
    """Return all cases of all panels."""
    both = ("staggered", "adaptive")
    most = 4 if quick else 6
    found = [
        Case(panel="runs", solver=solver, runs=10**power, durations=(2.0,))
        for power in range(2, most + 1)
        for solver in both[: 1 if quick else 2]
    ]
    found += [
        Case(panel="few", model=model, runs=runs, durations=durations)
        for model, durations in LONGER.items()
        for runs in ((1, 64) if quick else (1, 4, 8, 16, 24, 40, 64))
    ]
    counts = range(1, min(os.cpu_count() or 1, 2) + 1)
    found += [
        Case(panel="threads", model=model, runs=(2 if quick else 4) * RUNS, threads=n,
             durations=LARGEST[model][2:])
        for model in ("squid_axon", "motor_axon")
        for n in counts
    ]  # fmt: skip
    small = ("squid_axon", "human_node", "motor_axon")
    found += [
        Case(panel="states", model=name, durations=LARGEST[name][1:])
        for name in (small if quick else LARGEST)
    ]
    found += [
        Case(panel="compartments", model="motor_axon", nodes=nodes, runs=FEW,
             durations=CHAIN if nodes else LARGEST["motor_axon"][1:])
        for nodes in ((0, 2) if quick else (0, 2, 6, 21))
    ]  # fmt: skip
    lengths = (10.0, 30.0, 100.0, 300.0) + (() if quick else (1000.0,))
    return found + [
        Case(panel="duration", solver=solver, durations=lengths) for solver in both
    ]


def model_of(case: Case):
    """Return the model of a case."""
    from neurosim.models import find
    from neurosim.models.axon_unit import cable_of

    model = find(case.model)
    return cable_of(model, case.nodes) if case.nodes else model


def carry_out(case: Case) -> dict:
    """Run a case in this process; return its raw times and what it is."""
    import numpy as np

    from neurosim import Step, simulate
    from neurosim.lower import rows_of

    model = model_of(case)
    short = BRIEF * model.dt

    def seconds(duration: float, runs: int = case.runs) -> dict:
        protocol = Step(np.linspace(0.0, LARGEST[case.model][0], runs))
        begin, cpu = time.perf_counter(), time.process_time()
        result = simulate(
            model, protocol, duration=duration, measure="spike_count",
            solver=case.solver, threads=case.threads,
        )  # fmt: skip
        wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
        failed = int((result.status == 1).sum())
        return {"duration": duration, "wall": wall, "cpu": cpu, "diverged": failed}

    first, before = seconds(short, 1)["wall"], peak_mb()
    rounds, begin = [], time.perf_counter()
    while len(rounds) < ROUNDS and time.perf_counter() - begin < ENOUGH:
        rounds.append([seconds(duration) for duration in case.durations])
    return {
        "states": len(rows_of(model).states),
        "pieces": sum(len(c.instances) for c in model.compartments),
        "dt_ms": model.dt,
        "first_call_s": first,
        "memory_before_mb": before,
        "memory_peak_mb": peak_mb(),
        "rounds": rounds,
    }


def peak_mb() -> float:
    """Return the most memory that this process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def in_child(case: Case) -> dict:
    """Run a case in a new process; return its record, or why there is none.

    On Linux a child's peak begins with what its parent held, so this process imports
    neither the package's numerics nor a plotting library until the end.
    """
    command = [sys.executable, __file__, "--case", json.dumps(asdict(case))]
    begin = time.perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LIMIT
        )
        lines = (done.stderr if done.returncode else done.stdout).strip().splitlines()
        answer = lines[-1] if lines else f"ended with {done.returncode} and no word"
        found = {"error": answer} if done.returncode else json.loads(answer)
    except subprocess.TimeoutExpired:
        found = {"error": f"not done after {LIMIT:g} s"}
    return {**asdict(case), **found, "process_s": time.perf_counter() - begin}


def compiled(wanted: list[Case]) -> None:
    """Compile every kernel once, in processes whose memory nobody looks at."""
    done = set()
    for case in wanted:
        kernel = (case.model, case.nodes, case.solver)
        if kernel not in done:
            done.add(kernel)
            in_child(Case(**{**asdict(case), "runs": 1, "durations": ()}))


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    panels = tuple(scaling_page.PANELS)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer, smaller cases")
    parser.add_argument("--only", nargs="+", choices=panels, default=panels)
    parser.add_argument("--runs", type=int, help="most runs of any case (to try out)")
    parser.add_argument("--out", type=Path, help="folder of the results")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    parser.add_argument("--case", help=argparse.SUPPRESS)  # of a child
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> None:
    """Run what was asked for and write it down."""
    asked = arguments(given)
    if asked.case:
        sys.stdout.write(json.dumps(carry_out(Case(**json.loads(asked.case)))) + "\n")
        return
    folder = asked.out or (RESULTS / "quick" if asked.quick else RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    if asked.page:
        scaling_page.write(folder)
        return
    wanted = [c for c in cases(asked.quick) if c.panel in asked.only]
    if asked.runs:
        trials = [
            Case(**{**asdict(c), "runs": min(c.runs, asked.runs)}) for c in wanted
        ]
        wanted = list(dict.fromkeys(trials))
    header = machine()
    compiled(wanted)
    begin, records = time.monotonic(), []
    for case in wanted:
        records.append(in_child(case))
        what = records[-1].get("error") or f"{records[-1]['process_s']:.1f} s"
        name = scaling_page.named(records[-1])
        say(f"{case.panel}: {name}, {case.solver}, runs {case.runs}: {what}")
    result = {
        **header,
        "packages": {name: version(name) for name in ("numpy", "numba", "scipy")},
        "quick": asked.quick,
        "trial": asked.runs is not None,
        "load_after": os.getloadavg()[0],
        "seconds": time.monotonic() - begin,
        "cases": records,
    }
    text = json.dumps(result, indent=1, allow_nan=False)
    (folder / "scaling.json").write_text(text + "\n")
    scaling_page.write(folder)
    say(f"{result['seconds']:.0f} s; {folder / 'scaling.md'}")


if __name__ == "__main__":
    main()
