"""The verdicts as text, CSV, JSON and a page."""

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from neurosim.errors import NeurosimError
from neurosim.report.page import page
from neurosim.report.rows import Rows, counts, headline, row_reason, verdict_table

__all__ = ["verdict_table", "write_report"]

COLUMNS = (
    "id", "part", "arm", "verdict", "effect", "low", "high", "unit",
    "sign_probability", "smallest_dose", "mode", "seed", "reason",
)  # fmt: skip
MEASURED = ("effect", "low", "high", "unit", "sign_probability", "smallest_dose")


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    failed = isinstance(value, float) and not math.isfinite(value)
    return None if failed else value


def _records(rows: Rows, seed: Any) -> list[dict[str, Any]]:
    """Return one record per row with those of its parts under ``parts``."""
    records = []
    for claim, verdict, parts in rows:
        chief = headline(verdict, parts)
        record = {"id": claim.id, "part": "", "arm": "", "verdict": verdict}
        record |= {key: _plain(getattr(chief, key, None)) for key in MEASURED}
        own_seed = getattr(chief, "seed", None)
        record |= {"mode": claim.mode, "seed": seed if own_seed is None else own_seed}
        record |= {"reason": row_reason(claim, parts), "claim": claim.statement}
        record["parts"] = [
            {"id": claim.id, "part": part.name or part.arm or "result", "arm": part.arm}
            | {key: _plain(getattr(part, key)) for key in COLUMNS[3:]}
            for part in parts
        ]
        records.append(record)
    return records


def _csv(records: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        for line in (record, *record["parts"]):
            writer.writerow([line[column] for column in COLUMNS])
    return text.getvalue()


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

    Parameters
    ----------
    folder : made if missing; figures are read from its folder ``figures``.
    rows : (claim, verdict, parts) each, in the order to show.
    settings : provenance, such as version, seed, draws, quick.
    documents : what the labels in the claims stand for (label, title, about).

    Returns
    -------
    Path of the page.

    Raises
    ------
    NeurosimError : if ``folder`` is a file.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NeurosimError(f"{folder} is a file; give a folder for the report.")
    folder.mkdir(parents=True, exist_ok=True)
    records = _records(rows, _plain(settings.get("seed")))
    head = {key: _plain(value) for key, value in settings.items()}
    whole = {"settings": head, "counts": counts(rows), "rows": records}
    text = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)
    _write(folder / "verdicts.csv", _csv(records))
    _write(folder / "verdicts.json", text + "\n")
    _write(folder / "report.html", page(folder, rows, settings, documents))
    return folder / "report.html"
