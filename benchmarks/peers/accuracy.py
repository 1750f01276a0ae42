"""Spikes against a reference: counts that have to agree, and the last spike's error."""

import hashlib
import json
from pathlib import Path

import numpy as np

REPEATED = 2  # spikes from which a run says how errors add up
SLACK = 0.2  # ms: a spike this close to the end may be in one train and not the other


def compare(found: np.ndarray, reference: np.ndarray, duration: float) -> dict:
    """Compare spike trains (runs, spikes), NaN-padded, run by run.

    Returns
    -------
    dict : how many runs were compared, fire repeatedly, have another number of spikes
        than the reference (unless that spike lies within the error of the end);
        median, largest and every error [ms] of the last spike that both have.
    """
    runs = min(len(found), len(reference))
    errors, miscounts = [], 0
    for ours, theirs in zip(found[:runs], reference[:runs], strict=True):
        ours, theirs = ours[ours == ours], theirs[theirs == theirs]
        both = min(ours.size, theirs.size)
        error = abs(ours[both - 1] - theirs[both - 1]) if both else 0.0
        if theirs.size >= REPEATED and both:
            errors.append(error)
        more = max(ours, theirs, key=len)
        late = duration - 3.0 * error - SLACK
        if more.size > both and (more.size > both + 1 or more[both] < late):
            miscounts += 1
    return {
        "compared": runs,
        "repeating": len(errors),
        "miscounts": miscounts,
        "median_ms": float(np.median(errors)) if errors else None,
        "largest_ms": float(max(errors)) if errors else None,
        "errors_ms": [float(e) for e in errors],
    }


def reference_jobs(job: dict) -> tuple[str, dict, str]:
    """Return the tool, settings and name of a workload's reference."""
    if job["model"] == "squid_axon":
        lsoda = {"method": "LSODA", "rtol": 1e-11, "atol": 1e-12}
        return "scipy", lsoda, "SciPy LSODA at 1e-11, equations written apart"
    if job["model"] == "motor_axon":
        words = "SciPy LSODA at 1e-11, derivative generated from the declaration"
        return "neurosim", {"reference": True}, words
    fine = {"solver": "staggered", "dt": 0.0003125}
    return "neurosim", fine, "neurosim at dt 0.0003125 ms (LSODA would need an hour)"


def kept(folder: Path, tool: Path, job: dict, inputs: dict, make) -> np.ndarray:
    """Return a reference from a folder, or make it and keep it there."""
    stuff = hashlib.sha256(tool.read_bytes())
    stuff.update(json.dumps(job, sort_keys=True).encode())
    for name in sorted(inputs):
        stuff.update(np.ascontiguousarray(inputs[name]).tobytes())
    path = folder / f"reference-{job['workload']}-{stuff.hexdigest()[:16]}.npy"
    if path.exists():
        return np.load(path, allow_pickle=False)
    found = make()
    folder.mkdir(parents=True, exist_ok=True)
    np.save(path, found)
    return found
