"""Read the records of a run: medians, who is accurate enough, ratios."""

from statistics import median

from cases import ACCURACY

US = "neurosim"
MISCOUNTED = 0.05  # share of runs that may have another number of spikes


def cost(record: dict, kind: str = "cpu", per: int = 1000) -> float | None:
    """Return the median seconds for ``per`` runs, or None if it did not run."""
    if record["error"] or not record["runs"]:
        return None
    return median(run[kind] for run in record["runs"]) * per / record["n"]


def equal(record: dict) -> bool:
    """Tell whether the spikes are those of the reference."""
    found = record.get("accuracy")
    if record["error"] or not found:
        return False
    return found["miscounts"] <= MISCOUNTED * found["compared"]


def accurate(record: dict) -> bool:
    """Tell whether the last spike is as accurate as the comparison asks for."""
    error = (record.get("accuracy") or {}).get("median_ms")
    return equal(record) and error is not None and error <= ACCURACY


def cheapest(records: list[dict], label: str) -> dict | None:
    """Return the cheapest accurate record of a label."""
    able = [r for r in records if r["label"] == label and accurate(r) and cost(r)]
    return min(able, key=cost, default=None)


def labels(records: list[dict]) -> list[str]:
    """Return the labels in order."""
    return list(dict.fromkeys(r["label"] for r in records))


def at_one_step(records: list[dict]) -> list[dict]:
    """Return the records that belong to the comparison at one time step."""
    return [r for r in records if r["step"]]


def at_one_accuracy(records: list[dict]) -> list[dict]:
    """Return the cheapest accurate record of each label that has one."""
    found = [cheapest(records, label) for label in labels(records)]
    return [r for r in found if r]


def chosen_for_all_cores(records: list[dict]) -> list[int]:
    """Return the numbers of the cases to run on all cores.

    Those of the comparisons; where spikes are random, all that ran.
    """
    if not any(r.get("accuracy", {}).get("compared") for r in records):
        return [k for k, r in enumerate(records) if not r["error"]]
    wanted = at_one_accuracy(records) + at_one_step(records)
    return [
        k
        for k, r in enumerate(records)
        if not r["error"] and any(r is w for w in wanted)
    ]


def ours_on_all_cores(records: list[dict]) -> list[int]:
    """Return of these only the cases of neurosim, for quick runs."""
    return [k for k in chosen_for_all_cores(records) if records[k]["label"] == US]


def ratio(record: dict, ours: dict | None, kind: str = "cpu") -> float | None:
    """Return how many times the cost of ours a record costs."""
    theirs, mine = cost(record, kind), cost(ours, kind) if ours else None
    return theirs / mine if theirs and mine else None


def same(records: list[dict], record: dict) -> dict | None:
    """Return the record of the same case among others."""
    key = (record["label"], record["settings"])
    return next((r for r in records if (r["label"], r["settings"]) == key), None)
