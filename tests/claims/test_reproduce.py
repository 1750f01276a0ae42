"""The main job, on the smallest population it allows."""

import csv
import json
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neurosim.claims.ahead import (
    Setting,
    asked_of,
    from_the_end,
    judge_ahead,
    later,
    result_of,
)
from neurosim.claims.axon import half_width
from neurosim.claims.judge import response
from neurosim.claims.judges import JUDGES
from neurosim.claims.population import FACTORS, RANGES, Bench, crossed, draw
from neurosim.claims.reproduce import reproduce
from neurosim.claims.shelf import Shelf
from neurosim.engine import with_threads, workers_of
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON
from neurosim.workers import processes

# some of each kind; the main job of continuous integration runs all
ASKED = (
    "C01", "C11", "C12", "C34", "C37", "C39", "C46", "C48", "C70", "C79", "C82", "C83",
    "C91", "C98", "C110",
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return reproduce(ASKED, level="quick", seed=3, out=folder), folder


def parts_of(rows, claim):
    return {(p.arm, p.name): p for c, _, ps in rows for p in ps if c.id == claim}


def verdict_of(rows, claim):
    return next(verdict for c, verdict, _ in rows if c.id == claim)


def test_what_has_a_judge_gets_a_verdict_and_the_rest_says_why_not(report):
    rows, _ = report
    assert [c.id for c, _, _ in rows] == list(ASKED)
    assert verdict_of(rows, "C11") == "reproduced"
    waiting = {c.id for c, verdict, _ in rows if verdict == "not evaluated yet"}
    assert not waiting
    assert verdict_of(rows, "C110") == "outside the model"


def test_one_ion_at_a_time(report):
    rows, _ = report
    parts = parts_of(rows, "C01")
    for arm in ("ca", "mg", "na"):  # the sign is certain, the size may be small
        assert parts[arm, "r_sp"].sign_probability >= 0.95
        assert parts[arm, "r_sp"].effect > 0
    assert parts["k", "r_sp"].verdict == "contradicted"
    assert parts["ca", "r_sp"].effect > parts["mg", "r_sp"].effect


def test_what_is_built_in_reads_by_assumption(report):
    rows, _ = report
    assert verdict_of(rows, "C70") == "by assumption"
    assert verdict_of(rows, "C98") == "by assumption"


def test_thin_sheaths_calm_an_axon(report):
    rows, _ = report
    part = parts_of(rows, "C91")["", "r_sp"]
    assert part.sign_probability == 0.0
    assert "fires at 0.5 nA in 0 of" in part.reason


def test_one_in_a_hundred_controls_is_symptomatic_by_definition(report):
    rows, _ = report
    part = parts_of(rows, "C12")["", "share"]
    assert 0.01 < part.effect < 0.1
    assert verdict_of(rows, "C12") == "not supported"


def test_low_sodium_depends_on_ionic_strength(report):
    rows, _ = report
    part = parts_of(rows, "C83")["", "r_sp"]
    assert part.verdict == "partly"
    assert "without: contradicted" in part.reason


def test_low_sodium_weakens_the_impulse_a_little(report):
    rows, _ = report
    parts = parts_of(rows, "C48")
    assert 0.93 < parts["", "ap_amplitude"].effect < 0.98
    assert parts["", "cv"].sign_probability == 1.0


def test_low_potassium_does_not_block_conduction(report):
    rows, _ = report
    assert verdict_of(rows, "C82") == "not supported"
    assert parts_of(rows, "C82")["", "block"].effect == 0.0


def test_multiplets_come_with_low_calcium(report):
    rows, _ = report
    part = parts_of(rows, "C34")["direct", "multiplets"]
    assert 0.2 < part.effect < 0.9


def test_low_magnesium_lowers_the_threshold_modestly(report):
    rows, _ = report
    part = parts_of(rows, "C11")["", "i_th"]
    assert part.verdict == "reproduced"
    assert 0.85 < part.effect < 0.95  # 0.88 without spread at iMg 0.2, nerve.md 8.2
    assert part.low < part.effect < part.high
    assert part.sign_probability == 1.0


def test_low_calcium_lowers_it_more(report):
    rows, _ = report
    part = parts_of(rows, "C34")["direct", "i_th"]
    assert part.verdict == "reproduced"
    assert 0.78 < part.effect < 0.88  # 0.83 at iCa 0.9, nerve.md 8.2
    assert parts_of(rows, "C34")["direct", "ladder"].verdict == "reproduced"


def test_low_potassium_raises_it_which_contradicts_the_claim(report):
    rows, _ = report
    part = parts_of(rows, "C46")["", "i_th_axon"]
    assert part.verdict == "contradicted"
    assert part.effect > 1.1


def test_only_potassium_moves_rest_and_threshold(report):
    rows, _ = report
    parts = parts_of(rows, "C79")
    assert parts["k", "axon"].verdict == "reproduced"
    assert parts["ca", "axon"].verdict == "not supported"
    assert parts["mg", "axon"].verdict == "not supported"


def test_the_positive_controls_hold(report):
    rows, _ = report
    parts = parts_of(rows, "C39")
    assert parts["na", "spikes"].verdict == "reproduced"
    assert parts["k", "ap_width"].verdict == "reproduced"
    assert parts["ca", "m"].verdict == "by assumption"
    assert verdict_of(rows, "C37") == "by assumption"


def test_files_are_there_and_the_draws_tell_the_verdict(report):
    rows, folder = report
    with (folder / "verdicts.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    whole = [line for line in lines if not line["part"]]
    assert [line["id"] for line in whole] == [c.id for c, _, _ in rows]
    assert {"id", "verdict", "effect", "low", "high", "unit", "mode", "seed"} <= set(
        lines[0]
    )
    assert json.loads((folder / "verdicts.json").read_text())["settings"]["seed"] == 3
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "ot medical advice" in page
    assert page.count("<svg") >= 15
    with xr.open_dataset(folder / "draws.nc", engine="h5netcdf") as draws:
        healthy = draws.threshold.sel(bath="reference")
        ratio = draws.threshold.sel(bath="mg_o=0.226") / healthy
        effect = parts_of(rows, "C11")["", "i_th"].effect
        assert float(ratio.median()) == pytest.approx(effect, rel=1e-12)
        assert draws.sizes["draw"] == 100
    for name in ("C11_i_th", "C34_i_th", "C46_i_th_axon", "C79_k", "C39_k"):
        assert (folder / "figures" / f"{name}.svg").stat().st_size > 2000


def test_the_population_covers_its_stated_ranges():
    population = draw(MOTOR_AXON, 200, 5)
    assert set(population.values) >= set(RANGES) | {"bind_mg", "g_kf", "g_kf_mysa"}
    for name, (low, high, _) in RANGES.items():
        values = population.values[name]
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < values.max() <= high
    for name, (low, high, _) in FACTORS.items():
        if name in population.values:
            factor = population.values[name] / MOTOR_AXON.parameters[name].value
            assert low <= factor.min() < factor.max() <= high
    assert population.values["bind_mg"].min() >= 28.0
    again = draw(MOTOR_AXON, 200, 5)
    assert all(np.array_equal(v, again.values[n]) for n, v in population.values.items())


def test_conductances_of_one_kind_share_their_factor_along_the_axon():
    values = draw(MOTOR_AXON, 100, 1).values
    node, internode = values["g_ks"] / 80.0, values["g_ks_internode"] / 2.581
    np.testing.assert_allclose(node, internode, rtol=1e-12)


def test_every_draw_meets_every_dose():
    population = draw(MOTOR_AXON, 100, 1)
    model = crossed(MOTOR_AXON, population, [{}, {"ca_o": 0.9}])
    assert model.values["ca_o"].tolist() == [1.25] * 100 + [0.9] * 100
    np.testing.assert_array_equal(
        model.values["kappa"], np.tile(population.values["kappa"], 2)
    )


def test_too_few_draws_are_refused():
    with pytest.raises(NeurosimError, match="at least 100 draws"):
        draw(MOTOR_AXON, 99, 1)


def test_a_bath_is_computed_once(monkeypatch):
    import neurosim.measure as measure

    asked = []

    def counted(model, *, dt):
        size = model.values["kappa"].size
        asked.append(model.values.get("ca_o", np.array([1.25]))[0])
        return {"rest": np.zeros(size), "threshold": np.zeros(size)}

    monkeypatch.setattr(measure, "excitability", counted)
    bench = Bench(MOTOR_AXON, draw(MOTOR_AXON, 100, 1))
    bench.excitability([{"ca_o": 1.25}, {"ca_o": 0.9}])
    bench.excitability([{"ca_o": 0.9}, {"ca_o": 1.1}])
    assert asked == [1.25, 0.9, 1.1]


def test_what_was_computed_survives_an_interruption(tmp_path, monkeypatch):
    def stop(bench):
        bench.excitability([{}])
        raise KeyboardInterrupt

    monkeypatch.setitem(JUDGES, "C11", [stop])
    with pytest.raises(KeyboardInterrupt):
        reproduce(["C11"], level="quick", out=tmp_path)
    with xr.open_dataset(tmp_path / "draws.nc", engine="h5netcdf") as draws:
        assert draws.bath.values.tolist() == ["reference"]


class Dead(Executor):
    """A process that has died."""

    def submit(self, *_):
        raise BrokenExecutor


class Dying(Executor):
    """A process that dies at its work."""

    asked = 0

    def submit(self, *_):
        self.asked += 1
        future = Future()
        future.set_exception(BrokenExecutor())
        return future


@pytest.mark.parametrize("helper", [None, Dead(), Dying()])
def test_what_a_dead_helper_leaves_is_done_here(helper):
    task = partial(max, 1, 2)
    assert result_of(task, asked_of(helper, task)) == 2


class Here(Executor):
    """Does everything at once; ``meets`` is where the report is by then."""

    def __init__(self, begun, meets):
        self.done, self.begun, self.meets = [], begun, meets

    def submit(self, task, *_):
        future = Future()
        self.done.append(task.args[0])
        if task.args[0] == self.meets:
            self.begun |= {"C01", "C02"}
        future.set_result(None)
        return future


@pytest.mark.parametrize(
    ("meets", "done"), [("C03", ["C04", "C03"]), (None, ["C04", "C03", "C02"])]
)
def test_claims_are_run_ahead_from_the_end_until_the_report_is_met(meets, done):
    begun = set()
    helper = Here(begun, meets)
    setting = Setting(Path("runs"), 100, 1, 15.0)
    from_the_end(helper, ["C02", "C03", "C04"], setting, begun)
    assert helper.done == done


def test_what_fails_ahead_is_left_to_the_report():
    helper = Dying()
    from_the_end(helper, ["C02", "C03"], Setting(Path("runs"), 100, 1, 15.0), set())
    assert helper.asked == 1
    from_the_end(Dead(), ["C02", "C03"], Setting(Path("runs"), 100, 1, 15.0), set())


def test_what_is_run_ahead_the_report_finds(tmp_path, monkeypatch):
    runs = Setting(tmp_path / "runs", 100, 3, 15.0)
    Shelf(runs.runs).prepare()
    judge_ahead("C11", runs)

    def never(*_):
        raise AssertionError("run again")

    monkeypatch.setattr(Bench, "measure", never)
    monkeypatch.setattr(Bench, "thresholds", never)
    rows = reproduce(["C11"], level="quick", seed=3, out=tmp_path)
    assert verdict_of(rows, "C11") == "reproduced"


def test_what_is_run_ahead_leaves_half_of_the_cores_to_the_report(monkeypatch):
    seen = []
    monkeypatch.setitem(JUDGES, "C11", [lambda _: seen.append(workers_of(None))])
    with with_threads(6):
        judge_ahead("C11", Setting(Path("runs"), 100, 1, 15.0))
        assert workers_of(None) == 6
        assert workers_of(3) == 3
    with with_threads(1):
        judge_ahead("C11", Setting(Path("runs"), 100, 1, 15.0))
    assert seen == [3, 1]


def test_a_helper_draws_what_is_drawn_without_one(tmp_path, monkeypatch):
    draws = np.outer([1.0, 0.9], np.linspace(0.9, 1.1, 100))
    picture = response(
        "C11_i_th", (0.55, 0.2), draws, (0.9, 1.1), "Mg (mM)", "threshold", 0.95, "C11"
    )
    monkeypatch.setitem(JUDGES, "C11", [lambda bench: ([], [picture])])
    with processes(1) as helper:
        reproduce(["C11"], level="quick", out=tmp_path / "helped", helper=helper)
    reproduce(["C11"], level="quick", out=tmp_path / "alone")
    helped, alone = (
        (tmp_path / name / "figures" / "C11_i_th.svg").read_bytes()
        for name in ("helped", "alone")
    )
    assert helped == alone


def test_what_is_compiled_ahead_differs_from_what_is_compiled_first():
    structures = [make().structure for make in later()]
    assert len(set(structures)) == len(structures)
    assert MOTOR_AXON.structure not in structures


def test_half_width_of_a_triangle():
    time = np.linspace(0.0, 10.0, 1001)
    v = -80.0 + np.maximum(0.0, 100.0 - 50.0 * np.abs(time - 4.0))
    flat = np.full_like(v, -80.0)
    widths = half_width(np.stack([v, flat]), time)
    assert widths[0] == pytest.approx(2.0, abs=1e-9)
    assert np.isnan(widths[1])
