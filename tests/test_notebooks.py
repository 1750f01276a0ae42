import ast
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

PATHS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LIMIT = 120  # s
MOST_CELLS, LONGEST, LARGEST = 25, 6, 300_000  # cells, lines of a def, bytes

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)


def cells(path, kind):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def python(cell):
    """Return the Python of a cell, without its magics."""
    return "\n".join(re.sub(r"^%.*", "", line) for line in cell.source.splitlines())


def images(cell):
    return [o for o in cell.outputs if "image/png" in o.get("data", {})]


def test_it_runs_anywhere(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(
        notebook, timeout=LIMIT, kernel_name="python3", resources=where
    ).execute()
    stored = [len(images(c)) for c in cells(path, "code")]
    now = [len(images(c)) for c in notebook.cells if c.cell_type == "code"]
    assert now == stored
    assert not list(tmp_path.iterdir())


def test_it_is_stored_with_its_outputs(path):
    counts = [c.execution_count for c in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    kinds = {o.output_type for c in cells(path, "code") for o in c.outputs}
    assert "error" not in kinds
    assert kinds & {"display_data", "execute_result"}
    streams = [o for c in cells(path, "code") for o in c.outputs if "name" in o]
    assert {o.name for o in streams} <= {"stdout"}


def test_it_is_small_and_knows_no_machine(path):
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < LARGEST
    assert len(notebook.cells) <= MOST_CELLS
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(c.metadata for c in notebook.cells)
    assert not re.search(r"(/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\)", text)


def test_it_keeps_logic_in_the_library(path):
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(python(cell))):
            assert not isinstance(node, ast.ClassDef)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < LONGEST


def test_every_figure_follows_a_prediction_and_has_a_text(path):
    every = nbformat.read(path, as_version=4).cells
    figures = [k for k, c in enumerate(every) if c.cell_type == "code" and images(c)]
    assert figures
    for number, k in enumerate(figures, 1):
        assert every[k - 1].source.startswith(f"# Predict {number}.")
        assert every[k + 1].source.startswith(f"*Alt text, figure {number}: ")


def test_it_has_the_parts_of_a_lesson(path):
    text = "\n".join(c.source for c in cells(path, "markdown"))
    for part in ("**Level**", "**Time**", "**You will**", "not medical advice",
                 "Misconception", "## Exercises", "## What the model leaves out",
                 "## References"):  # fmt: skip
        assert part in text
    exercises = text.partition("## Exercises")[2].partition("\n## ")[0]
    assert exercises.count("<details>") == exercises.count("</details>") == 3
    levels = [len(h) for h in re.findall(r"^(#+) ", text, flags=re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
