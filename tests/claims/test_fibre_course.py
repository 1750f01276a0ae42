"""Steps of a fibre between impulses, and where they do not suffice."""

import numpy as np
import pytest

from neurosim.claims import fibre, fibre_course
from neurosim.claims.fibre import FibreBench
from neurosim.claims.fibre_course import (
    LATE,
    LONGER,
    STEP,
    fires_late,
    paces,
    with_rows,
)
from neurosim.innervate import DELAY
from neurosim.models import MUSCLE_FIBRE
from neurosim.timetable import timetable

TIMES = 10.0 + 1e3 / 30.0 * np.arange(4)  # ms


@pytest.mark.parametrize("after", [0.5, 2.4, 4.0, 6.0, 10.0, 20.0])
def test_steps_lengthen_with_the_time_since_the_last_impulse(after):
    table = timetable(paces(TIMES, 400.0), 400.0, STEP)
    allowed = [step for begin, step in ((0.0, STEP), *LONGER) if begin <= after][-1]
    for time in TIMES:
        found = table.dt[np.searchsorted(table.start, time + after) - 1]
        assert 0.5 * allowed < found <= allowed


def test_without_impulses_all_steps_are_long():
    table = timetable(paces(np.array([]), 400.0), 400.0, STEP)
    assert (table.dt > 1.0).all()


@pytest.mark.parametrize(
    ("spike", "late"),
    [(TIMES[1] + 1.0, False), (TIMES[-1] + LATE + 1.0, True), (5.0, True),
     (np.nan, False)],
)  # fmt: skip
def test_a_spike_in_a_pause_is_noticed(spike, late):
    spikes = np.array([[TIMES[0] + 1.2, spike]])
    spikes = np.vstack([spikes, [TIMES[0] + 1.2, TIMES[1] + 1.2]])
    assert fires_late(spikes, TIMES).tolist() == [late, False]
    assert fires_late(spikes, np.array([])).all()


def test_only_fibres_that_fire_late_are_run_again(monkeypatch):
    """Few quanta fire late: those draws are as in short steps, the others as before."""
    monkeypatch.setattr(fibre_course, "LATE", 1.0)
    fibres = FibreBench(MUSCLE_FIBRE, 100, 1)
    times, until = np.array([20.0, 60.0]), 90.0
    sent = np.full((100, 2), 60.0)
    sent[1::2, 1] = np.linspace(12.0, 40.0, 50)
    how = {"sent": sent, "record": ("v",), "every": 0.5}
    found = fibres.run({}, times, until, **how)
    monkeypatch.setattr(fibre, "fires_late", lambda spikes, _: np.zeros(100, bool))
    rough = fibres.run({}, times, until, **how)
    monkeypatch.setattr(fibre, "paces", lambda *_: [])
    short = fibres.run({}, times, until, **how)
    late = fires_late(rough["spike_time"], times + DELAY)
    assert 10 < late[1::2].sum() < 40
    assert not late[::2].any()
    at_same = [np.interp(found["time"], short["time"], row) for row in short["v"]]
    for name, anew in (("v", at_same), ("spike_time", short["spike_time"])):
        assert not np.array_equal(rough[name], anew, equal_nan=True)
        expected = np.where(late[:, None], anew, rough[name])
        assert np.array_equal(found[name], expected, equal_nan=True)


def test_spikes_of_some_draws_are_replaced_whatever_their_number():
    nan = np.nan
    spikes = np.array([[1.0, 2.0], [3.0, nan], [4.0, 5.0]])
    fewer = with_rows(spikes, np.array([0]), np.array([[7.0]]))
    assert np.array_equal(fewer, [[7.0, nan], [3.0, nan], [4.0, 5.0]], equal_nan=True)
    more = with_rows(spikes, np.array([1, 2]), np.array([[6.0, 7.0, 8.0], [nan] * 3]))
    assert np.array_equal(
        more, [[1.0, 2.0, nan], [6.0, 7.0, 8.0], [nan] * 3], equal_nan=True
    )
