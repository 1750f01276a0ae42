"""What is done to a model over time: pieces that add up.

Amplitudes are uA/cm2 for a patch and nA per whole node for an axon unit, as the model's
page says. Times are in the model's unit (ms). Edges fall between two steps of the
solver, so no pulse is too short to be seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    ms. It starts from its stationary distribution and is held for some steps, for
    1/200 of tau at most.
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


@dataclass(frozen=True, slots=True)
class Kicks:
    """Amounts that are added to a state of the model at given times.

    A train of impulses, quanta that reach an end-plate, doses that are swallowed. A
    state moves in whole steps, so a kick falls on the nearest one.

    state : name. times : ms, shape (events,) for all runs or (runs, events), NaN where
    a run has fewer. amounts : number, or an array of the shape of ``times``.
    """

    state: str
    times: Any
    amounts: Any = 1.0

    def __post_init__(self):
        """Check the numbers."""
        try:
            times = np.asarray(self.times, dtype=float)
            amounts = np.broadcast_to(np.asarray(self.amounts, float), times.shape)
        except (TypeError, ValueError):
            raise NeurosimError(
                "Kicks: times and amounts need to be numbers, amounts one or as many "
                f"as times, not {self.times!r:.60} and {self.amounts!r:.60}."
            ) from None
        known = ~np.isnan(times)
        good = np.isfinite(amounts[known]).all() and np.isfinite(times[known]).all()
        if times.ndim not in (1, 2) or not good or (times[known] < 0).any():
            raise NeurosimError(
                "Kicks: needs times of 0 ms or more (NaN: none) in an array of one or "
                "two dimensions, and finite amounts."
            )


@dataclass(frozen=True, slots=True)
class Pace:
    """Longer steps, of at most ``dt``, from ``start`` to ``stop``: nothing fast then.

    A muscle fibre between two impulses moves calcium and force only. What fires there
    all the same is found, but with the error of the long step.
    """

    dt: float
    start: float = 0.0
    stop: float = inf

    def __post_init__(self):
        """Check the numbers."""
        check_times("Pace", self.start, self.stop)
        if not 0 < one_number(self.dt, "Pace: dt", "ms") < inf:
            raise NeurosimError(f"Pace: dt = {self.dt:g} needs to be a positive time.")


PIECES = (
    Rest, Step, Train, Ramp, VoltageClamp, Fluctuation, Change, Kicks, Pace,
)  # fmt: skip


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


def kicks_for(piece: Kicks, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times and amounts, one row for all runs or one for each."""
    times = np.asarray(piece.times, float)
    if times.ndim == 2 and len(times) != runs:
        raise NeurosimError(
            f"Kicks: times have {len(times)} rows, but there are {runs} runs; give one "
            "row for each, or one for all."
        )
    return times, np.broadcast_to(np.asarray(piece.amounts, float), times.shape)


def of_some_runs(pieces: tuple, runs: slice, size: int) -> tuple:
    """Return a protocol for some of ``size`` runs, each with the kicks of its own."""

    def some(piece):
        if not isinstance(piece, Kicks) or np.ndim(piece.times) == 1:
            return piece
        times, amounts = kicks_for(piece, size)
        return replace(piece, times=times[runs], amounts=amounts[runs])

    return tuple(some(piece) for piece in pieces)


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
