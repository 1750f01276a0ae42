"""Steps of a fibre between impulses, and where they do not suffice."""

import numpy as np
import pytest

from neurosim.claims.fibre_course import LATE, LONGER, STEP, fires_late, paces
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
    assert fires_late(spikes, TIMES) == late
    assert fires_late(spikes, np.array([]))
