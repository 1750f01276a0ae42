"""The verdicts as text, CSV, JSON and a page."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from neurosim.errors import NeurosimError
from neurosim.report.page import page
from neurosim.report.records import COLUMNS, as_csv, as_json, plain, records
from neurosim.report.rows import Rows, verdict_table

__all__ = ["COLUMNS", "verdict_table", "write_report"]


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_report(
    folder: str | Path,
    rows: Rows,
    *,
    settings: Mapping[str, Any],
    documents: Iterable[Any] = (),
) -> Path:
    """Write ``verdicts.csv``, ``verdicts.json`` and ``report.html``.

    ``verdicts.json`` says under ``fields`` what its fields mean.

    Parameters
    ----------
    folder : made if missing; figures are read from its folder ``figures``.
    rows : (claim, verdict, parts) each, in the order to show.
    settings : provenance, such as version, seed, draws, level.
    documents : what the labels in the claims stand for (label, title, about).

    Returns
    -------
    Path of the page.

    Raises
    ------
    NeurosimError : if ``folder`` is a file.
    """
    folder, documents = Path(folder), tuple(documents)
    if folder.exists() and not folder.is_dir():
        raise NeurosimError(f"{folder} is a file; give a folder for the report.")
    folder.mkdir(parents=True, exist_ok=True)
    found = records(rows, plain(settings.get("seed")))
    _write(folder / "verdicts.csv", as_csv(found))
    _write(folder / "verdicts.json", as_json(found, rows, settings, documents))
    _write(folder / "report.html", page(folder, rows, settings, documents))
    return folder / "report.html"
