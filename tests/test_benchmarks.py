"""The comparison with peers: its protocol and its records; no timing is asserted."""

import json
from pathlib import Path

import numpy as np
import pytest

PEERS = Path(__file__).resolve().parents[1] / "benchmarks" / "peers"


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(PEERS))
    import page
    import run
    import runner
    import tables
    from cases import CASES

    return {"page": page, "run": run, "runner": runner, "tables": tables, "all": CASES}


@pytest.fixture
def result(peers, tmp_path):
    """One round of W1 with neurosim, and a peer that is not installed."""
    cases = peers["all"]["W1"]
    ours = next(c for c in cases if c.label == "neurosim" and c.step)
    absent = next(c for c in cases if c.label == "Arbor")
    plan = peers["runner"].Plan(
        environments=tmp_path / "none", scratch=tmp_path, repeats=2, most=4,
        duration=40.0, say=lambda text: None,
    )  # fmt: skip
    found = peers["runner"].workload(plan, "W1", [ours, absent], lambda records: [0])
    found |= {"repeats": 2, "quick": False, "trial": True, "unable": {}}
    return {**peers["run"].machine(), **found}


def test_neurosim_and_scipy_agree_and_a_missing_peer_is_reported(
    peers, result, tmp_path
):
    ours, absent = result["one_core"]
    assert ours["error"] == ""
    assert ours["accuracy"]["compared"] == 4
    assert ours["accuracy"]["repeating"] >= 2
    assert ours["accuracy"]["miscounts"] == 0
    assert 0.0 < ours["accuracy"]["median_ms"] < 0.02
    assert ours["spikes_per_run"] > 1.0
    assert "setup.py arbor" in absent["error"]
    assert absent["runs"] == []
    for record in (ours, result["all_cores"][0]):
        assert len(record["runs"]) == 2
        assert all(run["wall"] > 0.0 and run["cpu"] >= 0.0 for run in record["runs"])
    for name in ("processor", "machine", "date", "commit", "neurosim", "load_before"):
        assert name in result
    text = json.dumps(result, allow_nan=False)
    (tmp_path / "peers_W1.json").write_text(text)
    peers["page"].write(tmp_path)
    page = (tmp_path / "peers.md").read_text()
    assert "its times mean nothing" in page
    assert absent["error"] in page
    assert (tmp_path / "work_precision_W1.svg").exists()


def test_a_figure_has_a_line_per_method_from_loose_to_tight(peers):
    def record(label, error, seconds, **settings):
        return {
            "label": label, "settings": settings, "error": "", "n": 1000,
            "runs": [{"cpu": seconds}], "accuracy": {"median_ms": error},
        }  # fmt: skip

    records = [
        record("neurosim", 0.02, 2.0, dt=0.0125, solver="staggered"),
        record("neurosim", 0.08, 3.0, dt=0.025, solver="staggered"),
        record("neurosim", 0.001, 1.0, solver="auto"),
        record("neurosim", 0.001, 1.0, tolerance=1e-5, solver="adaptive"),
        record("other", 0.5, 9.0, rtol=1e-4),
        record("absent", 0.5, 9.0, rtol=1e-4) | {"error": "not installed"},
    ]
    assert peers["page"].lines(records) == {
        "neurosim staggered": [(3.0, 0.08), (2.0, 0.02)],
        "neurosim adaptive": [(1.0, 0.001)],
        "other": [(9.0, 0.5)],
    }


def test_the_peers_are_told_the_equations_of_the_models(peers):
    problems = peers["runner"].problems
    squid = problems.inputs_of("W1")
    np.testing.assert_allclose(squid["e_na"], 50.0, rtol=1e-12)
    np.testing.assert_allclose(squid["e_k"], -77.0, rtol=1e-12)
    assert not squid["shift"].any()
    currents = np.linspace(0.0, 20.0, 1000)
    np.testing.assert_allclose(np.sort(squid["current"]), currents, atol=1e-12)
    half = np.sort(squid["current"][:500])
    assert np.diff(half).max() < 0.09  # any first part covers the whole range
    job = problems.job_of("W3")
    table = problems.MODELS["motor_axon"].geometry.table
    for piece, row in zip(job["sections"], table, strict=True):
        area = np.pi * piece["diameter"] * piece["length"] * 1e-8
        assert 1e3 * area == pytest.approx(row[0])
        assert 1e6 * area * piece["xg"] == pytest.approx(row[4])
    first, second = job["sections"][:2]
    outer = [1e6 * p["xraxial"] * 0.5e-4 * p["length"] for p in (first, second)]
    assert 1e6 / sum(outer) == pytest.approx(table[0][3])


def test_spikes_that_differ_are_miscounted_unless_they_lie_at_the_end(peers):
    compare = peers["runner"].accuracy.compare
    nan = np.nan
    truth = np.array([[1.0, 20.0, 99.9], [1.0, 20.0, 40.0]])
    found = np.array([[1.0, 20.01, nan], [1.0, 20.02, nan]])
    says = compare(found, truth, 100.0)
    assert says["miscounts"] == 1
    assert says["median_ms"] == pytest.approx(0.015)


def test_a_failing_peer_is_a_record_with_its_reason(peers, tmp_path):
    cases = peers["all"]["W1"]
    ours = next(c for c in cases if c.label == "neurosim" and c.step)
    wrong = type(ours)("neurosim", "neurosim", "neurosim", {"dt": -1.0}, 2)
    plan = peers["runner"].Plan(
        environments=tmp_path, scratch=tmp_path, repeats=1, most=2, duration=1.0,
        say=lambda text: None,
    )  # fmt: skip
    found = peers["runner"].workload(plan, "W5", [wrong], lambda records: [])
    assert "NeurosimError" in found["one_core"][0]["error"]
    assert found["one_core"][0]["runs"] == []
    assert peers["tables"].cost(found["one_core"][0]) is None
