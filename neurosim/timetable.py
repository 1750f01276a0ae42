"""A protocol cut at its edges into segments of equal steps."""

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError
from neurosim.protocol import (
    Change,
    Fluctuation,
    Kicks,
    Pace,
    Ramp,
    Step,
    Train,
    VoltageClamp,
    amplitudes,
    clamped,
    pieces_of,
)

DIGITS = 9  # decimals of a time: edges that differ by rounding only are one edge


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
    kicks: tuple[Kicks, ...]
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
    paces = [
        (round(p.start, DIGITS), round(p.stop, DIGITS), p.dt)
        for p in pieces if isinstance(p, Pace)
    ]  # fmt: skip
    moments |= {t for pace in paces for t in pace[:2] if 0 < t < duration}
    edges = np.array(sorted(moments))
    length = np.diff(edges)
    longest = np.full(length.size, dt)
    for start, stop, pace in paces:
        longest[(edges[:-1] >= start) & (edges[:-1] < stop)] = max(pace, dt)
    steps = np.maximum(np.ceil(length / longest - 1e-9), 1).astype(np.int64)
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
        kicks=tuple(p for p in pieces if isinstance(p, Kicks)),
        clamp=clamped(pieces),
    )
