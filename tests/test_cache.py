"""A kernel just compiled and the same kernel from the cache give the same bytes."""

import os
import subprocess
import sys

SCRIPT = """
import sys
import numpy as np
from neurosim import Step, simulate
from neurosim.models import MOTOR_AXON
axon = MOTOR_AXON.at(k_o=np.array([3.0, 4.0, 5.0]))
run = simulate(axon, Step(0.1), duration=20.0, record=["v"])
print(run["v"].values.tobytes().hex())
[kernel] = [m for name, m in sys.modules.items() if "motor_axon_step" in name]
print(len(kernel.advance.signatures))  # times that a step was compiled
"""


def test_the_process_that_compiles_computes_what_later_ones_do(tmp_path):
    here = os.environ | {"NEUROSIM_CACHE": str(tmp_path / "cache")}

    def process():
        command = [sys.executable, "-c", SCRIPT]
        done = subprocess.run(
            command, env=here, capture_output=True, text=True, check=True
        )
        values, times = done.stdout.split()
        return values, int(times)

    compiled, times = process()
    assert times == 1
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "cache").rglob("*.nbi")}
    assert kept
    assert process() == (compiled, 0)
    assert {
        p: p.stat().st_mtime_ns for p in (tmp_path / "cache").rglob("*.nbi")
    } == kept
