"""Experiments: one question per file, each answered with one figure.

They lie in the folder ``experiments`` of a checkout, and in the package where that was
installed. The first line of each asks its question; its ``run(quick, out)`` writes into
the folder ``out`` and returns a short answer.
"""

import ast
import importlib.util
import sys
from pathlib import Path
from typing import Any

from neurosim.errors import NeurosimError, unknown


def folder() -> Path:
    """Return where the experiments lie."""
    inside = Path(__file__).with_name("_experiments")
    return inside if inside.is_dir() else Path(__file__).parents[1] / "experiments"


def questions() -> dict[str, str]:
    """Return every experiment's name and question, without running any."""
    found = {}
    for file in sorted(folder().glob("*.py")):
        if not file.stem.startswith("_"):
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            found[file.stem] = said.partition("\n")[0]
    return found


def run(name: str, *, quick: bool = False, out: str | Path) -> str:
    """Carry out an experiment and return its answer.

    Parameters
    ----------
    name : of its file; a hyphen stands for an underscore. quick : a smaller version.
    out : folder for what it writes; made if missing.

    Raises
    ------
    NeurosimError : for a name there is no experiment of, or a folder that cannot be.
    """
    known = questions()
    stem = name.replace("-", "_")
    if stem not in known:
        raise unknown(name, "the list of experiments", known)
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeurosimError(
            f"{out}: the folder cannot be made ({error.strerror}); choose another."
        ) from error
    return load(folder() / f"{stem}.py").run(quick, Path(out))


def load(path: Path) -> Any:
    """Import a file as a module of its own."""
    name = f"neurosim_experiment_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise NeurosimError(f"{path} cannot be imported; it should be a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # so that what it defines can be pickled
    spec.loader.exec_module(module)
    return module
