"""Make an environment for each peer, apart from everything else.

    python benchmarks/peers/setup.py [NAME ...] [--environments FOLDER]

Versions are pinned in ``requirements/``. Compilers, Fortran (numbalsoda) and the
headers of SUNDIALS (Myokit) are taken from the system. What cannot be made is written
down with its reason in FOLDER/NAME.json, and the report of a run repeats it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".environments"
TOOLS = {  # environment -> programs it needs beside Python
    "scipy": (),
    "neuron": ("gcc", "g++", "make"),
    "brian2": ("g++", "make"),
    "arbor": ("g++", "cmake"),
    "jaxley": (),
    "diffrax": (),
    "myokit": ("gcc",),
    "numbalsoda": ("gfortran", "g++"),
}
COMPILE = {  # what is compiled once, as an expert would before any simulation
    "neuron": ["nrnivmodl", "-coreneuron", str(HERE / "mod_neuron")],
    "arbor": ["arbor-build-catalogue", "peers", str(HERE / "mod_arbor")],
}
PATIENCE = 1800  # s for any one command


def python_of(environments: Path, name: str) -> Path:
    """Return the interpreter of an environment."""
    return environments / name / "bin" / "python"


def state_of(environments: Path, name: str) -> str:
    """Return "" if an environment is ready, or why it is not."""
    note = environments / f"{name}.json"
    if not note.exists():
        return f"not installed; run: python benchmarks/peers/setup.py {name}"
    return json.loads(note.read_text())["reason"]


def command(arguments: list, log, **more) -> str:
    """Run a command; return "" or the last line of what went wrong."""
    log.write(f"$ {' '.join(map(str, arguments))}\n")
    log.flush()
    try:
        done = subprocess.run(
            list(map(str, arguments)), stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, timeout=PATIENCE, check=False, **more,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    log.write(done.stdout)
    if not done.returncode:
        return ""
    lines = [line for line in done.stdout.splitlines() if "rror" in line]
    lines += done.stdout.splitlines()[-1:] or [f"exit code {done.returncode}"]
    return f"{Path(arguments[0]).name}: {lines[0].strip()[:200]}"


def make(name: str, environments: Path) -> str:
    """Make one environment; return "" or why it could not be made."""
    missing = [p for p in TOOLS[name] if shutil.which(p) is None]
    if missing:
        return f"needs {', '.join(missing)}, which this machine does not have"
    home = environments / name
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    python = python_of(environments, name)
    pip = [python, "-m", "pip", "install", "--quiet"]
    build = HERE / "requirements" / f"{name}-build.txt"
    with (environments / f"{name}.log").open("w") as log:
        if build.exists():
            if reason := command([*pip, "-r", build], log):
                return reason
            pip.append("--no-build-isolation")
        reason = command([*pip, "-r", HERE / "requirements" / f"{name}.txt"], log)
        if not reason and name in COMPILE:
            program, *rest = COMPILE[name]
            path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
            reason = command(
                [python.parent / program, *rest], log, cwd=home,
                env={**os.environ, "PATH": path},
            )  # fmt: skip
        if not reason:
            reason = command([python, "-c", f"import {name}"], log)
        if not reason and name == "myokit":
            check = "import myokit; exit(myokit.Sundials.version() is None)"
            if command([python, "-c", check], log):
                reason = "needs the SUNDIALS library and headers (libsundials-dev)"
    return reason


def main() -> None:
    """Make the environments asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TOOLS))
    parser.add_argument("--environments", type=Path, default=FOLDER)
    asked = parser.parse_args()
    unknown = [n for n in asked.names if n not in TOOLS]
    if unknown:
        parser.error(f"{', '.join(unknown)}: choose from {', '.join(TOOLS)}")
    environments = asked.environments.resolve()
    environments.mkdir(parents=True, exist_ok=True)
    failed = False
    for name in asked.names or TOOLS:
        reason = make(name, environments)
        note = {"reason": reason}
        (environments / f"{name}.json").write_text(json.dumps(note) + "\n")
        sys.stdout.write(f"{name:12} {reason or 'ready'}\n")
        sys.stdout.flush()
        failed = failed or bool(reason)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
