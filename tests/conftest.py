"""What all tests share: reproducible examples, a second Python, the package's files."""

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

import neurosim

# Fixed examples: a run that passed passes again. A first call may compile.
hypothesis.settings.register_profile(
    "neurosim", derandomize=True, database=None, deadline=None
)
hypothesis.settings.load_profile("neurosim")


@pytest.fixture(scope="session")
def package():
    """Folder of the package under test."""
    return Path(neurosim.__file__).parent


@pytest.fixture(scope="session")
def in_python(package):
    """Return a function: code for a second Python in, what that prints out."""

    def run(code, *, home=package.parent, **environment):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(home), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
