"""Start the peers, see that their spikes agree, time them in turn."""

import json
import os
import selectors
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import accuracy
import numpy as np
import problems
from cases import Case
from setup import python_of, state_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 900.0  # s for any one answer


class Failed(Exception):
    """A peer gave an error, or no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a workload is to be run."""

    environments: Path
    scratch: Path
    repeats: int
    quick: bool = False
    tools: tuple[str, ...] = ()
    most: int | None = None  # runs of any case
    duration: float | None = None  # ms, instead of the workload's own
    say: object = print


class Peer:
    """A process that runs one case whenever it is told to."""

    def __init__(self, plan: Plan, job: dict, tool: str, environment: str, name: str):
        self.spikes = plan.scratch / f"{name}.npy"
        folder = plan.scratch / name
        self.log = plan.scratch / f"{name}.log"
        threads = str(len(job["cores"]))
        path = os.pathsep.join((str(HERE), str(ROOT)))
        variables = {**os.environ, "PYTHONPATH": path}
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            variables[variable] = threads
        python = sys.executable
        if environment != "neurosim":
            variables["PYTHONPATH"] = str(HERE)
            variables["MPLBACKEND"] = "agg"
            python = python_of(plan.environments, environment)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [python, str(HERE / f"tool_{tool}.py")], text=True, env=variables,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=plan.scratch,
            )  # fmt: skip
        places = {"spikes": str(self.spikes), "scratch": str(folder)}
        self.tell(json.dumps({**job, **places}))

    def tell(self, line: str) -> None:
        """Send a line."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Failed(self.last_words()) from error

    def answer(self) -> dict:
        """Wait for an answer; raise what went wrong."""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            if not ready.select(PATIENCE):
                raise Failed(f"no answer within {PATIENCE:g} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(self.last_words())
        found = json.loads(line)
        if "error" in found:
            raise Failed(found["error"])
        return found

    def go(self) -> dict:
        """Run once; return seconds."""
        self.tell("go")
        return self.answer()

    def trains(self) -> np.ndarray:
        """Return the spikes of the last run."""
        return np.load(self.spikes, allow_pickle=False)

    def last_words(self) -> str:
        """Return the end of what the process wrote."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "ended without a word"

    def end(self) -> None:
        """End the process."""
        try:
            self.tell("quit")
            self.process.wait(10.0)
        except (Failed, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def cores_of() -> list[int]:
    """Return the cores that may be used."""
    return sorted(os.sched_getaffinity(0))


def reference(plan: Plan, name: str, inputs: dict, stored: Path):
    """Return the reference spikes of a workload's first runs and what made them."""
    problem, job = problems.PROBLEMS[name], problems.job_of(name, plan.duration)
    checked = min(problem.checked, plan.most or problem.checked)
    if not checked:
        return np.empty((0, 1)), "none: random"
    tool, settings, words = accuracy.reference_jobs(job)
    job |= {"settings": settings, "inputs": str(stored)}

    def make():
        cores, peers = cores_of(), []
        edges = np.linspace(0, checked, min(len(cores), checked) + 1).astype(int)
        for k, (low, high) in enumerate(pairwise(edges)):
            part = {"cores": [cores[k]], "first": int(low), "n": int(high - low)}
            label = f"reference-{name}-{k}"
            peers.append(Peer(plan, {**job, **part}, tool, "neurosim", label))
        try:
            for peer in peers:
                peer.answer()
                peer.tell("go")
            for peer in peers:
                peer.answer()
            found = [peer.trains() for peer in peers]
        finally:
            for peer in peers:
                peer.end()
        width = max(t.shape[1] for t in found)
        padded = [
            np.pad(t, ((0, 0), (0, width - t.shape[1])), constant_values=np.nan)
            for t in found
        ]
        return np.concatenate(padded)

    script = HERE / f"tool_{tool}.py"
    key = {k: v for k, v in job.items() if k != "inputs"} | {"checked": checked}
    first = {n: v[:checked] for n, v in inputs.items()}
    return accuracy.kept(plan.environments, script, key, first, make), words


def start(plan: Plan, name: str, case: Case, k: int, cores: list[int], stored: Path):
    """Set up a case; return the record of it and its process, or None if it failed."""
    problem = problems.PROBLEMS[name]
    n = min(case.n, problem.size, plan.most or case.n)
    record = {
        "label": case.label, "tool": case.tool, "settings": case.settings, "n": n,
        "step": case.step, "cores": len(cores), "runs": [], "error": "",
    }  # fmt: skip
    if case.environment != "neurosim" and (
        reason := state_of(plan.environments, case.environment)
    ):
        record["error"] = reason
        return record, None
    job = problems.job_of(name, plan.duration)
    job |= {"cores": cores, "n": n, "inputs": str(stored), "settings": case.settings}
    if len(cores) == 1:  # several set up at a time
        everywhere = cores_of()
        job["setup_cores"] = [everywhere[k % len(everywhere)]]
    label = f"{name}-{k}-{case.tool}-{len(cores)}"
    peer = None
    try:
        peer = Peer(plan, job, case.tool, case.environment, label)
        ready = peer.answer()
        record["setup"] = {"wall": ready["wall"], "cpu": ready["cpu"]}
        record["versions"] = ready["versions"]
    except Failed as error:
        record["error"] = str(error)
        if peer:
            peer.end()
        return record, None
    return record, peer


def time_all(plan: Plan, pairs: list) -> None:
    """Run all cases in turn, beginning with another one in every round."""
    for r in range(plan.repeats):
        turn = r * max(1, len(pairs) // plan.repeats)
        for record, peer in pairs[turn:] + pairs[:turn]:
            if not record["error"]:
                try:
                    record["runs"].append(peer.go())
                except Failed as error:
                    record["error"] = str(error)
        plan.say(f"  round {r + 1} of {plan.repeats}")


def run_cases(plan: Plan, name: str, cases: list, cores: list, truth, stored) -> list:
    """Set up all cases, check their spikes, time them; return the records."""
    duration = plan.duration or problems.PROBLEMS[name].duration
    with ThreadPoolExecutor(len(cores_of())) as pool:
        several = [
            pool.submit(start, plan, name, case, k, cores, stored)
            for k, case in enumerate(cases)
        ]
    started = [s.result() for s in several]
    pairs = [(record, peer) for record, peer in started if peer]
    try:
        for record, peer in started:
            if peer:
                first_run(record, peer, truth, duration)
            plan.say(f"  {words(record)}")
        time_all(plan, pairs)
    finally:
        for _, peer in pairs:
            peer.end()
    return [record for record, _ in started]


def first_run(record: dict, peer: Peer, truth: np.ndarray, duration: float) -> None:
    """Run a case for the first time, which is not timed, and look at its spikes."""
    try:
        record["first"] = peer.go()
    except Failed as error:
        record["error"] = str(error)
        return
    trains = peer.trains()
    record["spikes_per_run"] = float(np.isfinite(trains).sum(1).mean())
    record["accuracy"] = accuracy.compare(trains, truth, duration)


def words(record: dict) -> str:
    """Return a line about a case that has been set up."""
    settings = ", ".join(f"{n} {v}" for n, v in record["settings"].items())
    text = f"{record['label']:26} {settings}: "
    if record["error"]:
        return text + record["error"]
    found = record["accuracy"]
    median = found["median_ms"]
    error = "" if median is None else f"last spike off by {median:.2g} ms, "
    return text + error + f"{found['miscounts']} of {found['compared']} miscounted"


def workload(plan: Plan, name: str, cases: list[Case], again) -> dict:
    """Run a workload.

    Parameters
    ----------
    again : takes the records of one core and returns the numbers of the cases to be
        run on all cores.
    """
    inputs = problems.inputs_of(name)
    stored = plan.scratch / f"{name}.npz"
    np.savez(stored, **inputs)
    plan.say(f"{name}: {problems.PROBLEMS[name].title}")
    truth, made = reference(plan, name, inputs, stored)
    cores = cores_of()
    one = run_cases(plan, name, cases, cores[-1:], truth, stored)
    chosen = again(one) if len(cores) > 1 else []
    plan.say(f"{name} on {len(cores)} cores")
    more = run_cases(plan, name, [cases[k] for k in chosen], cores, truth, stored)
    return {
        "workload": name, "title": problems.PROBLEMS[name].title, "reference": made,
        "duration_ms": plan.duration or problems.PROBLEMS[name].duration,
        "ranges": problems.PROBLEMS[name].ranges, "one_core": one, "all_cores": more,
    }  # fmt: skip
