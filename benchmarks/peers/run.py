"""Compare neurosim with its peers: the same equations, the same spikes, in one run.

    python benchmarks/peers/run.py [--quick] [--only W1 W2] [--environments FOLDER]

Runs whatever ``setup.py`` has installed and says what is missing and why. Each case is
a process; all of a workload are set up first (compiled, and run once), their spikes are
compared with a reference, and then they run in turn, once per round. CPU seconds are
those of one pinned core, children included; wall seconds are those of all cores. Writes
``benchmarks/results/peers_<workload>.json`` with all raw times, and the page
``benchmarks/results/peers.md`` with its figures. Leave the machine alone meanwhile.
Some 15 minutes on two cores; with --quick four.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import page
from cases import CASES, UNABLE
from runner import Plan, cores_of, workload
from setup import FOLDER
from tables import chosen_for_all_cores, ours_on_all_cores

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
REPEATS, QUICK_REPEATS, QUICK_RUNS = 5, 3, 500


def machine() -> dict:
    """Return what a timing needs beside it to mean anything."""
    import neurosim

    info, processor = Path("/proc/cpuinfo"), platform.processor()
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    git = ["git", "-C", str(HERE), "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False)
    return {
        "machine": platform.machine(),
        "processor": processor or "unknown",
        "system": platform.platform(),
        "cores": len(cores_of()),
        "python": platform.python_version(),
        "neurosim": neurosim.__version__,
        "commit": commit.stdout.strip() or "unknown",
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "load_before": os.getloadavg()[0],
    }


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer settings, rounds")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--tools", nargs="+", help="labels that begin with these words")
    parser.add_argument("--repeats", type=int, help="timed rounds")
    parser.add_argument("--runs", type=int, help="most runs of any case (to try out)")
    parser.add_argument("--duration", type=float, help="ms of each run (to try out)")
    parser.add_argument("--environments", type=Path, default=FOLDER)
    parser.add_argument("--out", type=Path, help="folder of the results")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    return parser.parse_args(given)


def cases_of(name: str, asked: argparse.Namespace) -> list:
    """Return the cases of a workload that were asked for."""
    words = tuple(w.lower() for w in asked.tools or ("",))
    return [
        case
        for case in CASES[name]
        if case.label.lower().startswith(words)
        and (not asked.quick or case.quick or case.step)
    ]


def main(given: list[str] | None = None) -> None:
    """Run what was asked for and write it down."""
    asked = arguments(given)
    folder = asked.out or (RESULTS / "quick" if asked.quick else RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    if asked.page:
        page.write(folder)
        return
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        plan = Plan(
            environments=asked.environments.resolve(), scratch=Path(scratch),
            repeats=asked.repeats or (QUICK_REPEATS if asked.quick else REPEATS),
            quick=asked.quick, duration=asked.duration, say=say,
            most=asked.runs or (QUICK_RUNS if asked.quick else None),
        )  # fmt: skip
        for name in asked.only:
            header = machine()
            again = ours_on_all_cores if asked.quick else chosen_for_all_cores
            found = workload(plan, name, cases_of(name, asked), again)
            trial = asked.runs is not None or asked.duration is not None
            found |= {
                "unable": UNABLE.get(name, {}),
                "quick": asked.quick,
                "trial": trial,
            }
            found |= {"repeats": plan.repeats, "seconds": time.monotonic() - begin}
            text = json.dumps({**header, **found}, indent=1, allow_nan=False)
            (folder / f"peers_{name}.json").write_text(text + "\n")
            page.write(folder)
    say(f"{time.monotonic() - begin:.0f} s; {folder / 'peers.md'}")


if __name__ == "__main__":
    main()
