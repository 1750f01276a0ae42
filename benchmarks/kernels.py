"""Cost of a lane-step of each model, beside the peak of the core it ran on.

    python benchmarks/kernels.py [--repeats 7] [--json benchmarks/results/kernels.json]

Everything runs on one pinned core, models and peak in turn; medians are compared. The
peak is that of the faster of two loops of fused multiply-adds (2 flops each): one suits
cores with 32 vector registers, one those with 16. A cost in "peak-flop times" is the
time of a lane-step over that of one flop at peak.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from numba import njit

import neurosim
from neurosim import Step, simulate
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

LANES = 1024  # runs of each model
WIDE, NARROW = (128, 1), (64, 4)  # numbers and operations on each in turn
WORK = 50_000_000  # multiply-adds of a peak loop
CASES = {  # model, largest current (unit of its stimulus), durations in ms
    "squid_axon": (SQUID_AXON, 20.0, (20.0, 220.0)),
    "mrg_axon": (MRG_AXON, 0.3, (2.0, 17.0)),
    "motor_axon": (MOTOR_AXON, 0.3, (2.0, 17.0)),
}


def fused(width: int, chain: int):
    """Return a loop that multiplies and adds ``chain`` times to each of its numbers."""

    @njit(fastmath={"contract"})
    def loop(rounds):
        x = np.zeros(width)
        for _ in range(rounds):
            for i in range(width):
                for _ in range(chain):
                    x[i] = x[i] * 0.999 + 0.5
        return x

    loop(1)
    return loop


def peak(loops: dict) -> float:
    """Return the FMA peak of the core, GFLOP/s; loops by numbers and operations."""
    best = 0.0
    for (width, chain), loop in loops.items():
        begin = time.perf_counter()
        loop(WORK // (width * chain))
        best = max(best, 2e-9 * WORK / (time.perf_counter() - begin))
    return best


def lane_step(model, largest: float, durations: tuple[float, float]) -> float:
    """Return ns per lane-step: the difference of a long and a short run."""
    protocol = Step(np.linspace(0.0, largest, LANES))
    seconds = []
    for duration in durations:
        begin = time.perf_counter()
        simulate(
            model, protocol, duration=duration, measure="spike_count", threads=1,
            solver="staggered",
        )  # fmt: skip
        seconds.append(time.perf_counter() - begin)
    steps = (durations[1] - durations[0]) / model.dt
    return (seconds[1] - seconds[0]) / (LANES * steps) * 1e9


def measure(repeats: int) -> dict:
    """Measure everything ``repeats`` times in turn and return the medians."""
    loops = {form: fused(*form) for form in (WIDE, NARROW)}
    for model, largest, durations in CASES.values():
        lane_step(model, largest, durations)  # compiles, if it must
    peaks, costs = [], {name: [] for name in CASES}
    for _ in range(repeats):
        peaks.append(peak(loops))
        for name, case in CASES.items():
            costs[name].append(lane_step(*case))
    best = statistics.median(peaks)
    return {
        "neurosim": neurosim.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processor": processor(),
        "repeats": repeats,
        "peak_gflops": best,
        "models": {
            name: {
                "dt_ms": CASES[name][0].dt,
                "ns_per_lane_step": statistics.median(found),
                "least_ns": min(found),
                "peak_flop_times": statistics.median(found) * best,
            }
            for name, found in costs.items()
        },
    }


def processor() -> str:
    """Return the name of the processor, where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def main() -> None:
    """Print the table; write it as JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = measure(asked.repeats)
    out = sys.stdout.write
    out(f"{found['processor']}, FMA peak {found['peak_gflops']:.1f} GFLOP/s\n")
    out(f"{'model':12} {'dt ms':>7} {'ns/lane-step':>13} {'peak-flop times':>16}\n")
    for name, row in found["models"].items():
        out(
            f"{name:12} {row['dt_ms']:7.4g} {row['ns_per_lane_step']:13.2f} "
            f"{row['peak_flop_times']:16.0f}\n"
        )
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
