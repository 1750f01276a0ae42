"""Results of a report on disk: found again, never trusted blindly."""

from dataclasses import dataclass
from threading import Event, Thread

import numpy as np
import pytest
import xarray as xr

from neurosim.claims import shelf as module
from neurosim.claims.population import Bench, draw
from neurosim.claims.shelf import Shelf
from neurosim.errors import NeurosimError
from neurosim.models import MOTOR_AXON

FOUND = {"rate": np.array([1.0, np.nan]), "sign": np.array(["", "tetany"])}
KEY = (("ca_o", 0.9),)


@pytest.fixture
def shelf(tmp_path):
    found = Shelf(tmp_path / "runs").of("fibre", np.arange(3.0))
    found.prepare()
    return found


LEVELS = xr.Dataset(
    {"mg": (("draw", "time"), [[0.8, 0.7]], {"units": "mM"})},
    {"time": [0.0, 30.0]}, {"cause": "gut_loss"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    rate: np.ndarray
    sign: np.ndarray


@pytest.mark.parametrize(
    "found", [FOUND, FOUND["rate"], LEVELS], ids=["dict", "array", "Dataset"]
)
def test_what_is_put_is_taken_again(shelf, found):
    assert shelf.take("course", KEY) is None
    shelf.put("course", KEY, found)
    again = shelf.take("course", KEY)
    if isinstance(found, xr.Dataset):
        xr.testing.assert_identical(again, found)
    else:
        np.testing.assert_equal(again, found)


def test_another_dose_kind_or_owner_finds_nothing(shelf):
    shelf.put("course", KEY, FOUND)
    assert shelf.take("course", (("ca_o", 0.8),)) is None
    assert shelf.take("work", KEY) is None
    assert shelf.of("fibre", np.arange(4.0)).take("course", KEY) is None


def test_what_other_code_left_is_cleared_away(shelf, monkeypatch):
    shelf.put("course", KEY, FOUND)
    shelf.prepare()
    assert shelf.take("course", KEY) is not None
    shelf.put("levels", KEY, LEVELS)
    (shelf.folder / "mine").mkdir()
    (shelf.folder / "mine.npz").touch()
    monkeypatch.setattr(module, "code", lambda: "other")
    shelf.prepare()
    assert {path.name for path in shelf.folder.iterdir()} == {"mine", "mine.npz"}


@pytest.mark.parametrize("found", [FOUND, LEVELS], ids=["dict", "Dataset"])
def test_a_damaged_file_is_as_good_as_none(shelf, found):
    shelf.put("course", KEY, found)
    (path,) = shelf.folder.iterdir()
    for content in (path.read_bytes()[:-40], b"", b"no archive"):
        path.write_bytes(content)
        assert shelf.take("course", KEY) is None


def test_objects_are_not_kept(shelf):
    shelf.put("bodies", KEY, object())
    shelf.put("bodies", KEY, {"model": np.array([MOTOR_AXON], object)})
    assert not list(shelf.folder.iterdir())


def test_a_full_disk_stops_nothing(shelf, monkeypatch):
    def full(path, fill):
        raise NeurosimError("no space left")

    monkeypatch.setattr(module, "write_whole", full)
    shelf.put("course", KEY, FOUND)
    assert shelf.take("course", KEY) is None


def test_a_second_bench_runs_nothing_again(shelf):
    def bench(seed):
        return Bench(MOTOR_AXON, draw(MOTOR_AXON, 100, seed), shelf=shelf)

    def never(dose):
        raise AssertionError("run again")

    first = bench(1).once("trains", {"ca_o": 0.9}, lambda dose: FOUND)
    again = bench(1).once("trains", {"ca_o": 0.9}, never)
    np.testing.assert_equal(again, first)
    with pytest.raises(AssertionError, match="run again"):
        bench(2).once("trains", {"ca_o": 0.9}, never)
    with pytest.raises(AssertionError, match="run again"):
        bench(1).once("trains", {"ca_o": 1.25}, never)


def test_a_dataclass_comes_back_as_what_it_was(shelf):
    def bench():
        return Bench(MOTOR_AXON, draw(MOTOR_AXON, 100, 1), shelf=shelf)

    bench().once("trains", {}, lambda dose: Pair(**FOUND), Pair)
    again = bench().once("trains", {}, lambda dose: None, Pair)
    assert isinstance(again, Pair)
    np.testing.assert_equal(again.rate, FOUND["rate"])


def test_what_another_is_running_is_waited_for(shelf):
    begun, go_on = Event(), Event()
    given = []

    def bench():
        return Bench(MOTOR_AXON, draw(MOTOR_AXON, 100, 1), shelf=shelf)

    def slow(dose):
        begun.set()
        assert go_on.wait(30.0)
        return FOUND

    def never(dose):
        raise AssertionError("run twice")

    first = Thread(target=lambda: bench().once("work", {}, slow))
    second = Thread(target=lambda: given.append(bench().once("work", {}, never)))
    first.start()
    assert begun.wait(30.0)
    second.start()
    second.join(0.3)
    assert second.is_alive()
    go_on.set()
    second.join(30.0)
    first.join(30.0)
    np.testing.assert_equal(given, [FOUND])
    shelf.tidy()
    assert [p.suffix for p in shelf.folder.iterdir()] == [".npz"]
