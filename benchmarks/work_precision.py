"""Work and precision of neurosim alone: no peers need to be installed.

    python benchmarks/work_precision.py [--only W1 W2] [--quick]

The same workloads, settings, reference and figure as ``peers/run.py``, whose options it
takes; results go to ``benchmarks/results/work_precision``.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

import run  # noqa: E402 (found only once the folder of the peers is on the path)

if __name__ == "__main__":
    folder = str(HERE / "results" / "work_precision")
    run.main(["--tools", "neurosim", "--out", folder, *sys.argv[1:]])
