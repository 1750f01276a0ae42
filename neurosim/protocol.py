"""What is done to a model over time: pieces that add up.

Amplitudes are uA/cm2 for a patch and nA per whole node for an axon unit, as the model's
page says. Times are in the model's unit (ms). Edges fall between two steps of the
solver, so no pulse is too short to be seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.units import one_number


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is done."""


@dataclass(frozen=True, slots=True)
class Step:
    """A constant current from ``start`` to ``stop``.

    amplitude : number, or 1-D array, which becomes the axis ``amplitude``.
    """

    amplitude: Any
    start: float = 0.0
    stop: float = inf

    def __post_init__(self):
        """Check the numbers."""
        check_times("Step", self.start, self.stop)
        check_amplitude("Step", self.amplitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Equal pulses: ``count`` of them, ``width`` long, one every ``period``."""

    amplitude: Any
    width: float
    period: float
    count: int
    start: float = 0.0

    def __post_init__(self):
        """Check the numbers."""
        check_times("Train", self.start, inf)
        check_amplitude("Train", self.amplitude)
        if not 0 < self.width <= self.period or self.count < 1:
            raise NeurosimError(
                f"Train: needs 0 < width <= period and count >= 1, not width "
                f"{self.width:g}, period {self.period:g}, count {self.count}."
            )


@dataclass(frozen=True, slots=True)
class Ramp:
    """A current that changes linearly from ``begin`` to ``end``, then stops."""

    begin: Any
    end: Any
    start: float = 0.0
    stop: float = inf

    def __post_init__(self):
        """Check the numbers."""
        check_times("Ramp", self.start, self.stop)
        check_amplitude("Ramp", self.begin)
        check_amplitude("Ramp", self.end)
        if self.stop == inf:
            raise NeurosimError(
                "Ramp: give stop=, the time at which the end is reached."
            )


@dataclass(frozen=True, slots=True)
class VoltageClamp:
    """Hold v at ``holding`` and, from ``start`` to ``stop``, at ``potential`` (mV)."""

    potential: Any
    start: float = 0.0
    stop: float = inf
    holding: float = -65.0

    def __post_init__(self):
        """Check the numbers."""
        check_times("VoltageClamp", self.start, self.stop)
        check_amplitude("VoltageClamp", self.potential)


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """A current that wanders like an Ornstein-Uhlenbeck process.

    sigma : standard deviation, in the unit of the amplitude. tau : correlation time,
    ms. It starts from its stationary distribution.
    """

    sigma: Any
    tau: float = 20.0

    def __post_init__(self):
        """Check the numbers."""
        check_amplitude("Fluctuation", self.sigma)
        if np.any(np.asarray(self.sigma) < 0) or not 0 < self.tau < inf:
            raise NeurosimError(
                f"Fluctuation: needs sigma >= 0 and tau > 0 ms, not sigma "
                f"{self.sigma!r}, tau {self.tau!r}."
            )


@dataclass(frozen=True, slots=True)
class Change:
    """Parameters that take new values at a time: ``Change(100.0, {"k_o": 6.0})``."""

    time: float
    values: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        """Check the numbers."""
        check_times("Change", self.time, inf)


DIGITS = 9  # decimals of a time: edges that differ by rounding only are one edge
PIECES = (Rest, Step, Train, Ramp, VoltageClamp, Fluctuation, Change)


def check_times(what: str, start: float, stop: float) -> None:
    """Refuse times that are not ordered numbers."""
    one_number(start, f"{what}: start", "ms")
    one_number(stop, f"{what}: stop", "ms")
    if not (0 <= start < stop):
        raise NeurosimError(
            f"{what}: needs 0 <= start < stop in ms, not start {start}, stop {stop}."
        )


def check_amplitude(what: str, amplitude: Any) -> None:
    """Refuse amplitudes that are not finite numbers."""
    try:
        array = np.asarray(amplitude, dtype=float)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if array.ndim > 1 or array.size == 0 or not np.isfinite(array).all():
        raise NeurosimError(
            f"{what}: the amplitude needs to be a finite number or a 1-D array of "
            f"them, not {amplitude!r}."
        )


def pieces_of(protocol: Any) -> tuple:
    """Return a protocol as a tuple of pieces."""
    if protocol is None:
        return ()
    many = isinstance(protocol, Iterable) and not isinstance(protocol, str)
    pieces = tuple(protocol) if many else (protocol,)
    for piece in pieces:
        if not isinstance(piece, PIECES):
            names = ", ".join(p.__name__ for p in PIECES)
            raise NeurosimError(
                f"protocol: {piece!r} is not one of {names}; give one or a list."
            )
    return pieces


def clamped(pieces: tuple) -> bool:
    """Tell whether v is commanded; nothing else may act on it then."""
    commands = [p for p in pieces if isinstance(p, VoltageClamp)]
    others = [p for p in pieces if isinstance(p, Step | Train | Ramp | Fluctuation)]
    if len(commands) > 1 or (commands and others):
        raise NeurosimError(
            "VoltageClamp: a clamped membrane takes one command and no current; give "
            "the clamp alone (Change may go with it)."
        )
    return bool(commands)


def amplitudes(pieces: tuple) -> np.ndarray | None:
    """Return the values of the axis ``amplitude``, if a piece varies."""
    found = None
    for piece in pieces:
        for name in ("amplitude", "begin", "end", "potential", "sigma"):
            value = getattr(piece, name, None)
            if value is not None and np.ndim(value) == 1:
                if found is not None and np.size(value) != found.size:
                    raise NeurosimError(
                        "protocol: arrays of amplitudes need one length, but have "
                        f"{found.size} and {np.size(value)}."
                    )
                found = np.asarray(value, float) if found is None else found
    return found


def current_pieces(piece: Any) -> list[tuple[float, float, Any, Any]]:
    """Return (start, stop, amplitude at start, amplitude at stop) of a piece."""
    if isinstance(piece, Step):
        return [(piece.start, piece.stop, piece.amplitude, piece.amplitude)]
    if isinstance(piece, Ramp):
        return [(piece.start, piece.stop, piece.begin, piece.end)]
    if isinstance(piece, Train):
        begins = [piece.start + n * piece.period for n in range(piece.count)]
        a = piece.amplitude
        return [(t, t + piece.width, a, a) for t in begins]
    if isinstance(piece, VoltageClamp):
        rise = np.asarray(piece.potential, float) - piece.holding
        return [
            (0.0, inf, piece.holding, piece.holding),
            (piece.start, piece.stop, rise, rise),
        ]
    return []


@dataclass(frozen=True, slots=True)
class Timetable:
    """A protocol cut at its edges; amplitudes have shape (segment,) or (segment, n)."""

    start: np.ndarray  # begin of each segment, ms
    dt: np.ndarray  # step in it, ms
    steps: np.ndarray  # number of steps
    amplitude: np.ndarray  # at the begin of the segment
    slope: np.ndarray  # change per ms
    sigma: Any  # of the fluctuation
    tau: float  # of the fluctuation, ms
    changes: tuple[tuple[int, str, float], ...]  # segment, parameter, value
    clamp: bool


def timetable(protocol: Any, duration: float, dt: float) -> Timetable:
    """Cut a protocol into segments of equal steps, none longer than ``dt``."""
    pieces = pieces_of(protocol)
    parts = [
        (round(start, DIGITS), round(stop, DIGITS), *rest)
        for piece in pieces
        for start, stop, *rest in current_pieces(piece)
    ]
    duration = round(duration, DIGITS)
    moments = {0.0, duration}
    moments |= {t for part in parts for t in part[:2] if 0 < t < duration}
    changes = [(round(p.time, DIGITS), p) for p in pieces if isinstance(p, Change)]
    moments |= {time for time, _ in changes if time < duration}
    edges = np.array(sorted(moments))
    length = np.diff(edges)
    steps = np.maximum(np.ceil(length / dt - 1e-9), 1).astype(np.int64)
    varying = amplitudes(pieces)
    width = 1 if varying is None else varying.size
    begin, slope = np.zeros((2, edges.size - 1, width))
    for start, stop, first, last in parts:
        here = (edges[:-1] >= start) & (edges[:-1] < stop)
        gradient = (np.asarray(last) - np.asarray(first)) / (stop - start)
        elapsed = np.where(here, edges[:-1] - start, 0.0)[:, None]
        begin += here[:, None] * (first + gradient * elapsed)
        slope += here[:, None] * gradient
    noise = [p for p in pieces if isinstance(p, Fluctuation)]
    if len(noise) > 1:
        raise NeurosimError("protocol: give one Fluctuation, not several.")
    at = {float(t): k for k, t in enumerate(edges[:-1])}
    return Timetable(
        start=edges[:-1],
        dt=length / steps,
        steps=steps,
        amplitude=begin,
        slope=slope,
        sigma=noise[0].sigma if noise else 0.0,
        tau=noise[0].tau if noise else 1.0,
        changes=tuple(
            (at[time], name, float(value))
            for time, change in changes
            if time in at
            for name, value in change.values.items()
        ),
        clamp=clamped(pieces),
    )
