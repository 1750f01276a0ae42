"""Discharges with a label, as electromyographers describe them (claim C68).

Each is made from a description in words: rates, durations, regularity, number of units
(muscle.md 6.1). The labels were given with the descriptions, before anything classified
them, and nothing here knows of the classifier. Force comes from a motor unit's twitch:
the critically damped response of Fuglevand et al. 1993, summed and saturating, so that
a twitch is 0.14 of tetanus and half force is reached near 12 Hz (Thomas et al. 1991).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Generator = np.random.Generator
Trains = list[np.ndarray]  # spike times of each unit, ms

TWITCH_TIME = (
    60.0,
    90.0,
)  # ms to the peak of a twitch, per unit (chosen in muscle.md 3.7)
HALF_RATE, HILL = 12.0, 2.0  # 1/s at half force (muscle.md 3.7); steepness (chosen)
HALF = np.e * 75e-3 * HALF_RATE  # sum of twitches at half force, for a mean twitch time
DELAY = 4.0  # ms from axon to fibre: distal latency of an arm muscle (chosen)
SAMPLE = 5.0  # ms between samples of force
LASTING = 12.0  # twitch times after which a spike is forgotten (1e-4 of its peak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A discharge in words, its label, and how it is made.

    trains : spike times of every unit, ms. seconds : how long one watches. origin :
    "nerve" or "muscle" (the axons are silent). shape : knots (s, fraction of tetanus)
    of a force without spikes. tested : what a test of the unit found.
    """

    label: str
    story: str
    trains: Callable[[Generator], Trains]
    seconds: float = 10.0
    origin: str = "nerve"
    shape: tuple[tuple[float, float], ...] = ()
    tested: dict[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """A pattern made once: trains (units, spikes) ms, NaN-padded; time ms and force."""

    axon: np.ndarray
    fibre: np.ndarray
    time: np.ndarray
    force: np.ndarray


def padded(trains: Trains) -> np.ndarray:
    """Return trains as one array (units, spikes), NaN after the last spike."""
    found = np.full((len(trains), max(map(len, trains), default=0)), np.nan)
    for row, train in zip(found, trains, strict=True):
        row[: len(train)] = train
    return found


def unit_force(spikes: np.ndarray, time: np.ndarray, twitch_time: float) -> np.ndarray:
    """Return the force of a motor unit as a fraction of its tetanus, as ``time``.

    Parameters
    ----------
    spikes : ms. time : even samples, ms. twitch_time : to the peak, ms.
    """
    step = time[1] - time[0]
    reach = np.arange(int(LASTING * twitch_time / step))
    first = np.ceil((spikes - time[0]) / step).astype(int)
    at = first[:, None] + reach
    late = ((time[0] + first * step - spikes) / twitch_time)[:, None]  # of a sample
    since = reach * step / twitch_time
    heights = (late + since) * np.exp(1.0 - late) * np.exp(-since)
    total = np.bincount(at.ravel(), heights.ravel(), time.size)[: time.size]
    raised = total**HILL
    return raised / (raised + HALF**HILL)


def make(pattern: Pattern, rng: Generator) -> Discharge:
    """Return one discharge of a pattern, drawn from its description."""
    end = pattern.seconds * 1e3
    time = np.arange(0.0, end + SAMPLE / 2, SAMPLE)
    trains = [np.sort(t[(t >= DELAY) & (t < end)]) for t in pattern.trains(rng)]
    force = [unit_force(t, time, rng.uniform(*TWITCH_TIME)) for t in trains]
    pooled = np.mean(force, axis=0) if force else np.zeros(time.size)
    if pattern.shape:
        at, height = np.transpose(pattern.shape)
        pooled = pooled + np.interp(time, at * 1e3, height)
    nerve = pattern.origin == "nerve"
    axon = [train - DELAY for train in trains] if nerve else [t[:0] for t in trains]
    return Discharge(axon=padded(axon), fibre=padded(trains), time=time, force=pooled)


# --- how units fire; rates 1/s, everything else s unless said


def renewal(
    rng: Generator, rate: float, cv: float, begin: float, end: float
) -> np.ndarray:
    """Return spikes [ms] with gamma intervals of that mean rate and CV."""
    count = int(2 * rate * (end - begin)) + 20
    shape = 1.0 / cv**2
    gaps = rng.gamma(shape, 1.0 / (rate * shape), count)
    times = begin + np.cumsum(gaps) - gaps[0]
    return times[times < end] * 1e3


def irregular(rng: Generator, every: float, end: float, begin: float = 1.0) -> Trains:
    """Return one unit that fires single spikes at random, ``every`` s on average."""
    return [renewal(rng, 1.0 / every, 0.9, begin, end)]


def grouped(rng: Generator, at: np.ndarray, spikes: tuple[int, int],
            within: tuple[float, float]) -> np.ndarray:  # fmt: skip
    """Return groups of spikes [ms] that begin at ``at`` [s].

    spikes : fewest and most in a group. within : slowest and fastest rate in it.
    """
    groups = []
    for begin in at:
        count, rate = rng.integers(spikes[0], spikes[1] + 1), rng.uniform(*within)
        gaps = (1e3 / rate) * rng.normal(1.0, 0.08, count - 1).clip(0.7, 1.3)
        groups.append(begin * 1e3 + np.concatenate([[0.0], np.cumsum(gaps)]))
    return np.concatenate(groups)


def rhythm(rng: Generator, every: float, begin: float, end: float, cv: float = 0.1):
    """Return times [s] that recur regularly, ``every`` s with a small spread."""
    return renewal(rng, 1.0 / every, cv, begin, end) / 1e3


def gliding(rng: Generator, begin: float, seconds: float, rates: tuple[float, ...],
            cv: float = 0.04) -> np.ndarray:  # fmt: skip
    """Return spikes [ms] whose rate glides through ``rates``, evenly over time."""
    times, knots = [begin], begin + np.linspace(0.0, seconds, len(rates))
    while times[-1] < begin + seconds:
        gap = rng.normal(1.0, cv) / np.interp(times[-1], knots, rates)
        times.append(times[-1] + gap)
    return np.array(times[:-1]) * 1e3


def cramping(
    rng: Generator, rate: float, seconds: float, *, spread: float = 0.0,
    begin: float = 1.0, units: int = 12, cv: float = 0.45,
) -> Trains:  # fmt: skip
    """Return units in a cramp: rates differ by ``spread`` SD, joining and leaving.

    Units begin and stop within a tenth of its length: it waxes and wanes.
    """
    trains = []
    for own in rng.normal(rate, spread, units).clip(6.0, 40.0):
        late, early = rng.uniform(0.0, 0.1 * seconds, 2)
        trains.append(renewal(rng, own, cv, begin + late, begin + seconds - early))
    return trains


def spasm(rng: Generator, rate: float, seconds: float, *, cv: float = 0.2,
          begins: tuple[float, ...] = (1.0,), units: int = 8) -> Trains:  # fmt: skip
    """Return units that fire together, briefly, once or several times."""
    return [
        np.concatenate([renewal(rng, rate, cv, b, b + seconds) for b in begins])
        for _ in range(units)
    ]


def silent(_: Generator) -> Trains:
    """Return one unit that does not fire."""
    return [np.empty(0)]


# --- the gallery: labels by description, fixed before anything was classified

TWITCHES = (
    Pattern(label="twitch", seconds=60.0,
            story="benign fasciculation: single spikes at random, every 4 s or so",
            trains=lambda rng: irregular(rng, 4.0, 60.0)),
    Pattern(label="twitch", seconds=30.0,
            story="lively fasciculation: single spikes at random, about one a second",
            trains=lambda rng: irregular(rng, 1.0, 30.0)),
    Pattern(label="twitch", story="one fasciculation in ten seconds",
            trains=lambda rng: [rng.uniform(2e3, 8e3, 1)]),
    Pattern(label="twitch", seconds=90.0,
            story="fasciculation of motor neurone disease: one or a few in 90 s",
            trains=lambda rng: irregular(rng, 30.0, 90.0, rng.uniform(1.0, 20.0))),
    Pattern(label="twitch", seconds=40.0,
            story="fasciculations with an F-wave echo 10 to 110 ms later",
            trains=lambda rng: [np.sort(np.ravel(
                irregular(rng, 3.0, 39.0)[0][:, None]
                + np.array([0.0, rng.uniform(10.0, 110.0)])))]),
    Pattern(label="twitch", seconds=30.0,
            story="doublets of 5 to 15 ms at random, every 2.5 s or so",
            trains=lambda rng: [grouped(
                rng, irregular(rng, 2.5, 29.0)[0] / 1e3, (2, 2), (67.0, 200.0))]),
    Pattern(label="twitch", seconds=20.0,
            story="a slow, almost regular jerking of one unit, once a second",
            trains=lambda rng: [renewal(rng, 1.0, 0.15, 1.0, 19.0)]),
    Pattern(label="twitch", seconds=20.0,
            story="fast fasciculation, two a second, irregular",
            trains=lambda rng: [renewal(rng, 2.0, 0.5, 1.0, 19.0)]),
    Pattern(label="twitch", seconds=60.0,
            story="eight units that fasciculate, each on its own, every 5 s or so",
            trains=lambda rng: [irregular(rng, 5.0, 59.0)[0] for _ in range(8)]),
    Pattern(label="twitch", seconds=30.0,
            story="single jerks in clusters: three or four half a second apart",
            trains=lambda rng: [np.concatenate([
                b + 500.0 * np.arange(rng.integers(3, 5))
                for b in (2e3, 11e3, 19e3)])]),
    Pattern(label="twitch", story="one quick jerk: four spikes at 60 /s, once",
            trains=lambda rng: [grouped(rng, np.array([3.0]), (4, 4), (55.0, 65.0))]),
    Pattern(label="twitch", story="three jerks in a row, four a second, once",
            trains=lambda rng: [3e3 + 250.0 * np.arange(3)]),
)  # fmt: skip

CRAMPS = (
    Pattern(label="cramp", seconds=62.0,
            story="cramp as measured in single units: 14.5 SD 5.1 /s, intervals with "
                  "a CV of 45 %, 23.6 SD 16 s (10 to 60)",
            trains=lambda rng: cramping(
                rng, 14.5, np.clip(rng.normal(23.6, 16.0), 10.0, 60.0), spread=5.1)),
    Pattern(label="cramp", seconds=20.0,
            story="cramp set off by stimulation at 20 /s, 15 s long",
            trains=lambda rng: cramping(rng, 20.0, 15.0, spread=3.0)),
    Pattern(label="cramp", story="a short cramp: 18 /s for 5 s",
            trains=lambda rng: cramping(rng, 18.0, 5.0, spread=3.0)),
    Pattern(label="cramp", seconds=50.0, story="a long calf cramp: 13 /s for 45 s",
            trains=lambda rng: cramping(rng, 13.0, 45.0, spread=2.0)),
    Pattern(label="cramp", seconds=15.0,
            story="the fastest cramp seen: 35 /s for 10 s, CV 30 %",
            trains=lambda rng: cramping(rng, 35.0, 10.0, spread=3.0, cv=0.3)),
    Pattern(label="cramp", seconds=25.0,
            story="a slow cramp at the low end of what was measured: 8 /s for 20 s",
            trains=lambda rng: cramping(rng, 8.0, 20.0, spread=1.0)),
    Pattern(label="cramp", seconds=40.0,
            story="a cramp that grows and fades over 30 s, 10 to 22 and back to 8 /s",
            trains=lambda rng: [gliding(rng, 1.0, 30.0, (10.0, 18.0, 22.0, 16.0, 8.0),
                                        0.35) for _ in range(10)]),
    Pattern(label="cramp", seconds=20.0, story="two cramps of 6 s with 5 s of rest",
            trains=lambda rng: [
                np.concatenate(pair) for pair in zip(
                    cramping(rng, 17.0, 6.0, spread=3.0),
                    cramping(rng, 17.0, 6.0, spread=3.0, begin=12.0), strict=True)]),
)  # fmt: skip

SPASMS = (
    Pattern(label="spasm", story="a spasm: 20 /s for 1.5 s",
            trains=lambda rng: spasm(rng, 20.0, 1.5)),
    Pattern(label="spasm", story="a jerking spasm: 30 /s for half a second",
            trains=lambda rng: spasm(rng, 30.0, 0.5)),
    Pattern(label="spasm", story="a spasm that almost became a cramp: 25 /s for 2.5 s",
            trains=lambda rng: spasm(rng, 25.0, 2.5)),
    Pattern(label="spasm", seconds=20.0,
            story="hemifacial kind: three spasms of one second, 18 /s, 6 s apart",
            trains=lambda rng: spasm(rng, 18.0, 1.0, begins=(1.0, 7.0, 13.0))),
    Pattern(label="spasm", story="a very short spasm: 40 /s for 0.35 s",
            trains=lambda rng: spasm(rng, 40.0, 0.35)),
    Pattern(label="spasm", story="a slow, irregular spasm: 13 /s for 2.5 s, CV 35 %",
            trains=lambda rng: spasm(rng, 13.0, 2.5, cv=0.35)),
)  # fmt: skip

OTHERS = (
    Pattern(label="tetany", seconds=20.0,
            story="tetany: four to six spikes at 80 to 200 /s, 7 times a second",
            trains=lambda rng: [grouped(rng, rhythm(rng, 0.14, 2.0, 17.0), (4, 6),
                                        (80.0, 200.0)) for _ in range(6)]),
    Pattern(label="tetany", seconds=12.0,
            story="carpal spasm of overbreathing: five spikes at 200 /s, 12 /s, fused",
            trains=lambda rng: [grouped(rng, rhythm(rng, 1 / 12, 2.0, 10.0, 0.05),
                                        (5, 5), (180.0, 220.0)) for _ in range(6)]),
    Pattern(label="latent tetany", seconds=20.0,
            story="ischaemia test of a normal person: doublets and triplets, 8 /s",
            trains=lambda rng: [grouped(rng, rhythm(rng, 0.125, 2.0, 17.0), (2, 3),
                                        (80.0, 250.0))]),
    Pattern(label="myokymia", seconds=20.0,
            story="myokymia: four to seven spikes at 25 to 40 /s, every second",
            trains=lambda rng: [grouped(rng, rhythm(rng, 1.0, 1.0, 18.0), (4, 7),
                                        (25.0, 40.0))]),
    Pattern(label="myokymia", seconds=40.0,
            story="facial myokymia: triplets at 20 /s, every 4 s",
            trains=lambda rng: [grouped(rng, rhythm(rng, 4.0, 1.0, 38.0), (3, 3),
                                        (18.0, 25.0))]),
    Pattern(label="neuromyotonia",
            story="neuromyotonia: 250 falling to 170 /s within 0.4 s, on and off",
            trains=lambda rng: [np.concatenate([
                gliding(rng, b, 0.4, (250.0, 170.0)) for b in (1.0, 3.3, 7.1)])]),
    Pattern(label="myotonia", origin="muscle",
            story="myotonia: a fibre fires on by itself, 60 falling to 25 /s in 3 s",
            trains=lambda rng: [gliding(rng, 1.0, 3.0, (60.0, 25.0))]),
    Pattern(label="myotonia", origin="muscle",
            story="myotonia that waxes and wanes: 30 to 70 to 22 /s in 2 s",
            trains=lambda rng: [gliding(rng, 1.0, 2.0, (30.0, 70.0, 22.0))]),
    Pattern(label="contracture", trains=silent,
            shape=((0.0, 0.0), (1.0, 0.02), (3.0, 0.4), (10.0, 0.35)),
            story="contracture of McArdle disease: silent and hard for seconds"),
    Pattern(label="slow relaxation", trains=silent,
            tested={"half_relaxation": 2.1},
            story="Brody disease at rest: silent, and a twitch relaxes at half speed"),
    Pattern(label="weak", trains=silent, tested={"transmission": 0.35},
            story="magnesium at 6 mM: a third of the test stimuli get through"),
    Pattern(label="weak", trains=silent, tested={"tetanic_force": 0.4},
            story="periodic paralysis, half way: the test tetanus gives 40 %"),
    Pattern(label="weak", trains=silent, tested={"v_rest": -58.0},
            story="paralysed fibre: rests at -58 mV and does not fire"),
    Pattern(label="quiet", trains=silent, story="a healthy muscle at rest"),
)  # fmt: skip

GALLERY = TWITCHES + CRAMPS + SPASMS + OTHERS
