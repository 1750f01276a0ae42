"""The measurement of scaling: its cases and records; no timing is asserted."""

import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def scaling(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import scaling

    return scaling


def test_one_command_writes_raw_numbers_a_page_and_a_figure(scaling, tmp_path):
    command = ["--quick", "--runs", "4", "--only", "runs", "duration"]
    scaling.main([*command, "--out", str(tmp_path)])
    result = json.loads((tmp_path / "scaling.json").read_text())
    for name in ("processor", "date", "commit", "neurosim", "load_before", "packages"):
        assert result[name], name
    assert [c["solver"] for c in result["cases"]] == [
        "staggered", "staggered", "adaptive",
    ]  # fmt: skip
    for case in result["cases"]:
        assert "error" not in case, case["error"]
        assert (case["runs"], case["states"], case["pieces"]) == (4, 4, 1)
        assert case["memory_peak_mb"] >= case["memory_before_mb"] > 10.0
        for turn in case["rounds"]:
            assert [t["duration"] for t in turn] == case["durations"]
            assert all(t["wall"] > 0.0 and t["diverged"] == 0 for t in turn)
    page = (tmp_path / "scaling.md").read_text()
    assert "its times mean nothing" in page
    assert page.count("| squid_axon |") == sum(
        len(c["durations"]) for c in result["cases"]
    )
    assert "</svg>" in (tmp_path / "scaling.svg").read_text()


def test_a_case_that_fails_is_a_record_with_its_reason(scaling):
    case = scaling.Case(panel="runs", solver="adaptive", model="motor_axon",
                        runs=1, durations=(1.0,))  # fmt: skip
    record = scaling.in_child(case)
    assert "motor_axon is not one membrane" in record["error"]
    assert record["error"] in "\n".join(scaling.scaling_page.table([record]))


def test_every_panel_has_cases_that_differ(scaling):
    for quick in (True, False):
        found = scaling.cases(quick)
        assert len(set(found)) == len(found)
        assert {c.panel for c in found} == set(scaling.scaling_page.PANELS)
    runs = {c.runs for c in found if c.panel == "runs"}
    assert runs == {10**k for k in range(2, 7)}
    states = [c.model for c in found if c.panel == "states"]
    assert len(states) == len(scaling.LARGEST)
    assert all(len(c.durations) == 2 for c in found if c.panel == "compartments")


def test_a_lane_step_is_the_difference_of_two_durations(scaling):
    rounds = [
        [{"wall": 0.5 + late}, {"wall": 0.5 + late + 2e-3}] for late in (0.0, 0.1, 3.0)
    ]
    record = {
        "durations": [1.0, 11.0], "solver": "staggered", "dt_ms": 0.01, "runs": 100,
        "rounds": rounds,
    }  # fmt: skip
    assert scaling.scaling_page.lane_step(record) == pytest.approx(20.0)
    assert scaling.scaling_page.lane_step({**record, "solver": "adaptive"}) is None
