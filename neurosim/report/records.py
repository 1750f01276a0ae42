"""The verdicts as records: what ``verdicts.json`` and ``verdicts.csv`` hold."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from neurosim.report.rows import Rows, counts, dose_text, headline, row_reason
from neurosim.report.summary import bottom_line, differs, literature_word, why

FORMAT = 1  # of verdicts.json; a field that changes its meaning raises it

# every field of a row or a part, and what stands there; null where there is nothing
FIELDS = {
    "id": "claim of the ledger",
    "part": "part of the claim; empty in the row itself",
    "arm": "arm of the dose that the part belongs to",
    "verdict": "one of the vocabulary; 'via …' names the pathway",
    "effect": "median of the draws, in 'unit'",
    "low": "5th percentile of the draws, in 'unit'",
    "high": "95th percentile of the draws, in 'unit'",
    "unit": "unit of effect, low and high; empty for a plain number",
    "sign_probability": "share of all draws with the sign asked for, 0 to 1",
    "smallest_dose": "mildest dose of the ladder that passes, as number or words",
    "mode": "direct: one ion at a time; linked: through the body; both; none",
    "seed": "of all random numbers of this result",
    "reason": "why it reads so, in one sentence",
    "literature": "what the ledger notes: agree, partly, disagree, untraced, outside",
    "why": "where the verdict differs from the literature: what made it",
    "claim": "statement that was put to the test",
    "documents": "labels of the documents that make it",
    "stage": "stages of the chain that it rests on",
    "observable": "what is looked at",
    "direction": "what each observable should do",
    "dose": "settings of each arm",
    "criterion": "what has to come out, fixed before the run",
    "rule": "how the verdict of the row follows from its parts",
    "circular": "true where the result follows from what was put in",
    "differs": "true where verdict and literature can be compared and are not alike",
    "literature_text": "all that the ledger notes from the literature",
    "notes": "notes of the ledger",
    "parts": "judged parts, with the first fields of this list",
    "figure": "file in the folder 'figures'",
    "alt": "what the figure shows, in words",
}
COLUMNS = tuple(FIELDS)[: tuple(FIELDS).index("why") + 1]
MEASURED = ("effect", "low", "high", "unit", "sign_probability", "smallest_dose")


def plain(value: Any) -> Any:
    """Return a value that JSON knows; a number that is not finite is None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)


def records(rows: Rows, seed: Any) -> list[dict[str, Any]]:
    """Return one record per row with those of its parts under ``parts``.

    Parameters
    ----------
    rows : (claim, verdict, parts) each. seed : of rows whose parts name none.
    """
    return [_record(*row, seed) for row in rows]


def _record(claim: Any, verdict: str, parts: Sequence[Any], seed: Any) -> dict:
    chief = headline(verdict, parts)
    record = {"id": claim.id, "part": "", "arm": "", "verdict": verdict}
    record |= {key: plain(getattr(chief, key, None)) for key in MEASURED}
    own_seed = getattr(chief, "seed", None)
    record |= {"mode": claim.mode, "seed": seed if own_seed is None else own_seed}
    other = differs(claim, verdict)
    record |= {
        "reason": row_reason(claim, parts), "literature": literature_word(claim),
        "why": why(parts) if other else "", "claim": claim.statement,
        "documents": list(claim.documents), "stage": claim.stage,
        "observable": claim.observable, "direction": dict(claim.direction),
        "dose": dose_text(claim), "criterion": claim.criterion,
        "rule": claim.rule.text, "circular": claim.circular, "differs": other,
        "literature_text": claim.literature, "notes": claim.notes,
        "parts": [_part(claim, part) for part in parts],
    }  # fmt: skip
    return record


def _part(claim: Any, part: Any) -> dict[str, Any]:
    named = {"id": claim.id, "part": part.name or part.arm or "result", "arm": part.arm}
    values = {key: plain(getattr(part, key, "")) for key in COLUMNS[3:]}
    return named | values | {"figure": part.figure, "alt": part.alt}


def as_csv(found: Sequence[Mapping[str, Any]]) -> str:
    """Return a line per record, each followed by its parts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in found:
        for line in (record, *record["parts"]):
            writer.writerow([line[column] for column in COLUMNS])
    return text.getvalue()


def as_json(
    found: Sequence[Mapping[str, Any]], rows: Rows, settings: Mapping[str, Any],
    documents: Iterable[Any],
) -> str:  # fmt: skip
    """Return everything, with what its fields mean; no NaN anywhere."""
    whole = {
        "format": FORMAT,
        "not_medical_advice": True,
        "fields": FIELDS,
        "settings": plain(settings),
        "counts": counts(rows),
        "summary": bottom_line(rows),
        "documents": {d.label: d.title for d in documents},
        "rows": list(found),
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
