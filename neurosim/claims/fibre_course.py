"""Trains that muscle fibres are given, and what is read off the force that follows.

The course: a twitch, a second at 30 Hz, one at 10 Hz. The work: a minute of 30 Hz, one
second on and one off, with a twitch before and after.
"""

from typing import Any

import numpy as np

from neurosim.protocol import Pace
from neurosim.trains import padded

TWITCH = 50.0  # ms, one impulse
BEGIN, TRAIN_RATE = 600.0, 30.0  # ms and Hz: one second of impulses
SLOW_BEGIN, SLOW_RATE = 2200.0, 10.0  # ms and Hz: another second
END = 3500.0  # ms
STEP = 0.02  # ms, right after an impulse: a twitch within 1.1 %, force at 30 Hz 0.7 %
# ms since the last impulse -> step [ms] from then on; fibres fire within 1.8 ms of it,
# at low calcium or high magnesium within 5
LONGER = ((2.5, 0.05), (5.0, 0.2), (8.0, 0.5), (15.0, 1.0), (60.0, 1.25))
LATE = 5.0  # ms: a fibre that fires later than that is run again in short steps
WORK_BEGIN, WORK_SECONDS = 1000.0, 60  # ms; s of 30 Hz, 1 s on and 1 s off
PULSE = (600.0, 0.5)  # uA/cm2 and ms of direct stimulation: twice threshold in health


def impulses(rate: float, begin: float, seconds: float = 1.0) -> np.ndarray:
    """Return the times [ms] of a train at ``rate`` Hz."""
    return begin + 1e3 / rate * np.arange(round(rate * seconds))


def course_times() -> np.ndarray:
    """Return all impulses of the course: one, a second at 30 Hz, one at 10 Hz."""
    fast, slow = impulses(TRAIN_RATE, BEGIN), impulses(SLOW_RATE, SLOW_BEGIN)
    return np.concatenate([[TWITCH], fast, slow])


def work_times() -> np.ndarray:
    """Return all impulses of a minute of work, a twitch before and after it."""
    on = [impulses(TRAIN_RATE, WORK_BEGIN + 2e3 * k) for k in range(WORK_SECONDS // 2)]
    after = WORK_BEGIN + 1e3 * WORK_SECONDS
    return np.concatenate([[TWITCH], *on, [after]])


def paces(times: np.ndarray, until: float) -> list[Pace]:
    """Return longer steps for the time in which no impulse is under way.

    times : of all impulses, ms, rising. The fibre rests before the first.
    """
    found = [Pace(LONGER[-1][1], 0.0, min([*times[:1], until]))]
    befores = [after for after, _ in LONGER[1:]] + [until]
    for begin, end in zip(times, [*times[1:], until], strict=False):
        for (after, step), before in zip(LONGER, befores, strict=True):
            stop = min(begin + before, end)
            if stop > begin + after:
                found.append(Pace(step, begin + after, stop))
    return found


def fires_late(spikes: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Tell which fibres fire where steps are too long to show it well, (draws,).

    spikes : (draws, spikes), ms, NaN-padded. times : of all impulses, ms, rising.
    """
    begins = np.array([-np.inf, *times])
    since = spikes - begins[np.searchsorted(times, spikes)]  # NaN stays NaN
    return np.any(since > LATE, axis=1)


def with_rows(spikes: np.ndarray, rows: np.ndarray, anew: np.ndarray) -> np.ndarray:
    """Return spikes, (draws, spikes), NaN-padded, with those of some draws replaced."""
    found = list(spikes)
    for row, train in zip(rows, anew, strict=True):
        found[row] = train
    return padded(found)


def window(found: Any, name: str, begin: float, end: float):
    """Return times and samples, (runs, times), of a stretch of a run."""
    time = found["time"]
    here = (time >= begin) & (time < end)
    return time[here], found[name][:, here]


def falls_to_half(time: np.ndarray, values: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return ms from each row's peak to half of its height above rest, NaN if never."""
    height = values - rest[:, None]
    at = height.argmax(axis=1)
    later = np.arange(time.size) > at[:, None]
    below = later & (height <= 0.5 * height.max(axis=1, keepdims=True))
    k = below.argmax(axis=1)
    rows = np.arange(len(values))
    a, b = height[rows, k - 1], height[rows, k]
    half = 0.5 * height.max(axis=1)
    step = (a - half) / np.where(a > b, a - b, 1.0)
    when = time[k - 1] + step * (time[k] - time[k - 1])
    return np.where(below.any(axis=1), when - time[at], np.nan)


def course_features(found: Any, times: np.ndarray) -> dict[str, np.ndarray]:
    """Return the features of ``FibreBench.course``."""
    rest = found["force"][:, 0]
    t, twitch = window(found, "force", TWITCH, BEGIN)
    last = BEGIN + 1e3 * (1.0 - 1.0 / TRAIN_RATE)
    t30, train = window(found, "force", BEGIN, SLOW_BEGIN)
    _, slow = window(found, "force", SLOW_BEGIN, END)
    peak = train.max(axis=1)
    after_last, relaxing = t30[t30 >= last], train[:, t30 >= last]
    residual = relaxing[:, np.searchsorted(after_last, BEGIN + 1e3 + 200.0)]
    spikes = found["spike_time"]
    fired, alive = np.isfinite(spikes).sum(axis=1), np.isfinite(rest)
    late = (spikes > last + 50.0) & (spikes < SLOW_BEGIN)
    return {
        "twitch": twitch.max(axis=1) - rest,
        "time_to_peak": t[twitch.argmax(axis=1)] - TWITCH,
        "rt50": falls_to_half(t, twitch, rest),
        "force30": peak,
        "force10": slow.max(axis=1),
        "half30": falls_to_half(after_last, relaxing, rest),
        "residual": 100.0 * residual / peak,
        "rest_force": rest,
        "transmission": np.where(alive, fired / times.size, np.nan),
        "after": np.where(alive, late.sum(axis=1), np.nan),
    }


def work_features(found: Any, times: np.ndarray) -> dict[str, np.ndarray]:
    """Return the features of ``FibreBench.work``."""
    rest = found["force"][:, 0]
    _, first = window(found, "force", WORK_BEGIN, WORK_BEGIN + 1500.0)
    done = times[-1]
    _, last = window(found, "force", done - 2e3, done - 500.0)
    t0, before = window(found, "force", TWITCH, WORK_BEGIN)
    t1, after = window(found, "force", done, done + 700.0)
    ends = {n: window(found, n, done - 1100.0, done - 1000.0)[1][:, -1]
            for n in ("pcr", "atp", "pi")}  # fmt: skip
    return {
        "fresh": first.max(axis=1),
        "end": last.max(axis=1),
        "rt50_fresh": falls_to_half(t0, before, rest),
        "rt50_end": falls_to_half(t1, after, after[:, 0]),
        "rest_force": after[:, 0],
        **ends,
    }
