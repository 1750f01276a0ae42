"""The one verb: a model, a protocol, a time; out comes a labelled Dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import numpy as np

from neurosim import __version__
from neurosim.core.voltage import TOO_FAR
from neurosim.declare import Patch
from neurosim.derived import along_runs, check_changes, derived_of, recorded
from neurosim.engine import (
    STATUS,
    Outcome,
    Wanted,
    checked_dt,
    current_rows,
    run,
    with_status,
)
from neurosim.ensemble import Ensemble, spread
from neurosim.equilibrium import applied, at_reference, rest_buffer, set_start
from neurosim.errors import NeurosimError, unknown
from neurosim.feature import Variable, labelling, of_baths
from neurosim.lower import rows_of
from neurosim.measure import (
    VARIABLES,
    Measure,
    axis_attrs,
    find_measure,
    labelled,
    stimulus_unit,
    unit_of,
)
from neurosim.model import Model
from neurosim.protocol import amplitudes, clamped, pieces_of
from neurosim.timetable import timetable
from neurosim.units import one_number

INITIALS = ("reference", "rest")
SOLVERS = ("auto", "staggered", "adaptive", "reference")


@labelling
def simulate(
    model: Model,
    protocol: Any = None,
    *,
    duration: float,
    measure: Iterable[Any] = (),
    record: Iterable[str] = (),
    record_every: float = 0.1,
    dt: float | None = None,
    solver: str = "auto",
    tolerance: float | None = None,
    seed: int = 0,
    initial: str | Mapping[str, float] = "reference",
    initial_v: float | None = None,
    channel_noise: bool = False,
    threads: int | None = None,
    first_run: int = 0,
    tick: Any = None,
) -> Any:
    """Run a model and return what was asked for, labelled.

    Parameters
    ----------
    model : a model; arrays given to ``at`` and ``along`` become axes of the result.
    protocol : a piece of ``neurosim.protocol`` or a list of them; they add up.
    duration : ms (the model's time unit).
    measure : measures or their names. record : states and derived quantities to sample
        (``"v"``, ``"m"``, ``"i_membrane"``, ``"force"``), every ``record_every`` ms;
        gates under myelin every fourth step at most.
    dt : step, ms; by default the model's own. solver : ``"staggered"`` takes steps of
        that length; ``"adaptive"`` chooses them for every run (one membrane without
        states of its own, no noise); ``"reference"`` is SciPy (slow, no noise).
        ``"auto"`` is adaptive where that is possible and no ``dt`` is given; the
        attribute ``solver`` says which it was.
    tolerance : of an adaptive step, as a share of an action potential; at 3e-5 the
        last spike of a second is some 0.001 ms off, 0.03 ms next to the threshold.
    seed : of all random numbers; run k uses the stream (seed, first_run + k).
    initial : ``"reference"`` starts at the rest of the reference bath and applies the
        requested bath at t = 0; ``"rest"`` starts at the rest of the requested bath;
        ``{"v": -80.0, "m": 0.04}`` starts from no rest but there, other states at
        their declared values and gates at their steady state.
    initial_v : mV; start there instead, with every gate at its steady state.
    channel_noise : let the channels that declare a unitary conductance open at random.

    Returns
    -------
    xarray.Dataset over the model's axes, with ``status`` per run (0 ok, 1 diverged,
    2 no stable rest to start from) and the provenance in its attributes.

    Raises
    ------
    NeurosimError : one sentence about what was wrong with the request.
    """
    measures = [find_measure(m) for m in one_or_many(measure)]
    pieces = pieces_of(protocol)
    step = checked_dt(model, duration, dt)
    check_request(model, pieces, initial, solver, seed)
    check_times(pieces, duration, model.time_unit)
    names = tuple(one_or_many(record))
    ensemble = spread(model, amplitudes(pieces), "mV" * clamped(pieces))
    rows = recorded(model, names, {**rows_of(model).states, **current_rows(model)})
    check_changes(model, pieces, names)
    solver, tolerance = chosen_solver(
        model, pieces, solver, dt, tolerance, channel_noise, rows
    )
    check_axes(ensemble, measures, names)
    wanted = wanted_of(measures, rows, record_every)
    outcome = carry_out(
        ensemble, pieces, wanted, duration=float(duration), step=step, solver=solver,
        tolerance=tolerance, seed=seed, initial=initial, initial_v=initial_v,
        channel_noise=channel_noise, threads=threads, first_run=first_run, tick=tick,
    )  # fmt: skip
    found = {m: m(outcome) if m.kind == "run" else of_baths(m, model) for m in measures}
    if names:
        outcome = replace(
            outcome, samples=along_runs(ensemble, rows, outcome.samples, names)
        )
    return described(outcome, found, names, solver, seed, initial, initial_v)


def wanted_of(
    measures: Iterable[Measure], names: tuple[str, ...] = (), every: float = 0.1
) -> Wanted:
    """Return what the kernel has to keep for some measures and recorded states."""
    if not 0 < one_number(every, "record_every", "ms") < inf:
        raise NeurosimError(f"record_every = {every:g}: give a positive time in ms.")
    return Wanted(names, every, any(m.times for m in measures))


def carry_out(
    ensemble: Ensemble, pieces: tuple, wanted: Wanted, *, duration: float, step: float,
    solver: str, tolerance: float | None, seed: int, initial: Any,
    initial_v: float | None, **how: Any,
) -> Outcome:  # fmt: skip
    """Start the runs of an ensemble and carry them to the end.

    ``how`` goes to ``neurosim.engine.run``: channel_noise, threads, first_run, tick.
    """
    x, stable = starting_point(ensemble, initial, initial_v)
    table = timetable(pieces, duration, step)
    if solver == "reference":
        if how["channel_noise"]:
            raise NeurosimError(
                "solver='reference' knows no noise; use solver='auto' for "
                "channel_noise."
            )
        from neurosim.reference import run_reference

        outcome = run_reference(ensemble, x, table, wanted)
    elif tolerance is not None:
        from neurosim.adaptive import run_adaptive

        given = {"threads": how["threads"], "tick": how["tick"]}
        outcome = run_adaptive(ensemble, x, table, wanted, tolerance=tolerance, **given)
    else:
        outcome = run(ensemble, x, table, wanted, seed=seed, **how)
    return with_status(outcome, stable)


def one_or_many(value: Any) -> tuple:
    """Return a tuple of what may be a single thing."""
    many = isinstance(value, Iterable) and not isinstance(value, str)
    return tuple(value) if many else (value,)


def check_request(model, pieces, initial, solver, seed) -> None:
    """Explain requests that cannot be."""
    if not isinstance(initial, Mapping) and initial not in INITIALS:
        raise unknown(str(initial), "initial", INITIALS)
    if solver not in SOLVERS:
        raise unknown(str(solver), "solver", SOLVERS)
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 1 << 63:
        raise NeurosimError(
            f"seed = {seed!r:.60}: give a whole number from 0 to 2^63 - 1."
        )
    if clamped(pieces) and not isinstance(model.geometry, Patch):
        raise NeurosimError(
            f"VoltageClamp: {model.name} is no single patch of membrane; clamp a patch "
            "model."
        )


def check_times(pieces: tuple, duration: float, unit: str) -> None:
    """Refuse what would begin after the run: it would look as if it did nothing."""
    for piece in pieces:
        start = getattr(piece, "start", getattr(piece, "time", 0.0))
        if start >= duration:
            raise NeurosimError(
                f"{type(piece).__name__} begins at {start:g} {unit}, when a run of "
                f"{duration:g} {unit} is over; begin earlier or run longer."
            )


def check_axes(
    ensemble: Ensemble, measures: Iterable[Measure], names: Iterable[str]
) -> None:
    """Refuse an axis that is called like something in the result."""
    taken = {VARIABLES.get(m.__name__, m.__name__) for m in measures} | set(names)
    taken |= {"status", "failed_at", "spike"} | ({"time"} if names else set())
    for axis in taken.intersection(ensemble.dims):
        raise NeurosimError(
            f"axis {axis!r}: the result has something else of that name; call the axis "
            "another, e.g. 'run'."
        )


def chosen_solver(
    model: Model, pieces: tuple, solver: str, dt: float | None,
    tolerance: float | None, channel_noise: bool, record: Iterable[str] = (),
) -> tuple[str, float | None]:  # fmt: skip
    """Return the solver that is meant, and its tolerance if it has one."""
    from neurosim.adaptive import checked_tolerance, unable

    reason = unable(model, pieces, record, channel_noise)
    if dt is not None:
        reason = "a step of one length is asked for by dt"
    adaptive = solver == "adaptive" or (solver == "auto" and not reason)
    if solver == "adaptive" and reason:
        raise NeurosimError(f"solver='adaptive': {reason}; use solver='auto'.")
    if tolerance is not None and not adaptive:
        why = reason if solver == "auto" else f"solver={solver!r} has none"
        raise NeurosimError(
            f"tolerance = {tolerance!r:.20} is of adaptive steps, but {why}; leave it "
            "out."
        )
    if adaptive:
        return "adaptive", checked_tolerance(tolerance)
    return ("staggered" if solver == "auto" else solver), None


def starting_point(ensemble: Ensemble, initial: Any, initial_v: float | None):
    """Return the buffer at t = 0 and whether each run starts from a stable rest."""
    model = ensemble.model
    own = model.begin if initial == "reference" and initial_v is None else {}
    given = initial if isinstance(initial, Mapping) else own
    if given or initial_v is not None or not model.compartments:
        if initial_v is not None and not (
            -200.0 <= one_number(initial_v, "initial_v", "mV") <= 200.0
        ):
            raise NeurosimError(f"initial_v = {initial_v}: give mV from -200 to 200.")
        x = ensemble.matrix()
        set_start(model, x, model.start if initial_v is None else initial_v, given)
        return x, np.ones(ensemble.size, bool)
    if initial == "rest":
        x, stable = rest_buffer(ensemble)
        lost = ~np.isfinite(x).all(0)
        if lost.any():  # no equilibrium was found: begin at the reference's
            begin = applied(ensemble, rest_buffer(at_reference(ensemble))[0])
            x[:, lost] = begin[:, lost]
        return x, stable
    x, stable = rest_buffer(at_reference(ensemble))
    return applied(ensemble, x), stable


@dataclass(frozen=True, slots=True)
class Found:
    """A result of ``simulate`` as plain data: what a Dataset would hold."""

    data: dict[str, Any]  # name -> Variable, or what a measure of a model returned
    coords: dict[str, Variable]
    attrs: dict[str, Any]

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return names and variables."""
        return self.data.items()

    def labelled(self) -> Any:
        """Return it as a Dataset."""
        import xarray as xr

        data = {
            n: v.labelled() if isinstance(v, Variable) else v
            for n, v in self.data.items()
        }
        coords = {n: (v.dims, v.values, v.attrs) for n, v in self.coords.items()}
        return xr.Dataset(data, coords, self.attrs)


def described(
    outcome: Outcome, found: dict[Measure, Any], names: tuple[str, ...], solver: str,
    seed: int, initial: Any, initial_v: float | None,
) -> Found:  # fmt: skip
    """Label everything; ``found`` maps each measure to what it found."""
    ensemble = outcome.ensemble
    model = ensemble.model
    data: dict[str, Any] = {}
    for m, values in found.items():
        name = VARIABLES.get(m.__name__, m.__name__)
        if m.kind == "run":
            values = np.asarray(values, float)
            more = ("spike",) if values.ndim > 1 else ()
            values = labelled.plain(
                ensemble, name, values, more, unit_of(m, model), m.doc
            )
        data[name] = values
    for k, name in enumerate(names):
        values = outcome.samples[:, k, :]
        unit = "mV" if name.startswith(("v", "phi")) else state_unit(model, name)
        data[name] = labelled.plain(ensemble, name, values, ("time",), unit or "1")
    status = labelled.plain(ensemble, "status", outcome.status, unit="1")
    status.attrs.update(
        flag_values=list(STATUS), flag_meanings=" ".join(
            s.replace(" ", "_") for s in STATUS.values()
        ), long_name="how the run ended",
    )  # fmt: skip
    data["status"] = status
    if (outcome.status == 1).any():
        failed = labelled.plain(ensemble, "failed_at", outcome.failed, unit="ms")
        data["failed_at"] = failed
    coords = coordinates(ensemble)
    if names:
        about = {"units": model.time_unit, "long_name": "time"}
        coords["time"] = Variable(ensemble, "time", ("time",), outcome.time, about)
    fixed = {n: float(v) for n, v in model.values.items() if np.ndim(v) == 0}
    unset = {n: p for n, p in model.parameters.items() if n not in model.values}
    defaults = {n: p.value for n, p in unset.items()}
    attrs = {
        "model": model.name,
        "title": model.title,
        "duration": outcome.duration,
        **({"dt": outcome.dt} if isfinite(outcome.dt) else {}),
        **({"tolerance": outcome.tolerance} if isfinite(outcome.tolerance) else {}),
        "solver": solver,
        "seed": int(seed),
        "initial": start_text(initial, initial_v),
        "version": __version__,
        "digest": digest(model),
        "diverged": int((outcome.status == 1).sum()),
        "no_stable_rest": int((outcome.status == 2).sum()),
        "stimulus_unit": stimulus_unit(model),
        "parameters": ", ".join(f"{n}={v:g}" for n, v in {**defaults, **fixed}.items()),
        **failures(outcome),
    }
    return Found(data, coords, attrs)


def coordinates(ensemble: Ensemble) -> dict[str, Variable]:
    """Return all axes; parameters paired along an axis become coordinates of it."""
    values = {d: (d, ensemble.coords[d]) for d in ensemble.dims}
    for dim, paired in ensemble.model.axes.items():
        own = {n: (dim, np.asarray(ensemble.model.values[n])) for n in paired}
        values |= {n: found for n, found in own.items() if n != dim}
    return {
        name: Variable(ensemble, name, (dim,), found, axis_attrs(ensemble, name))
        for name, (dim, found) in values.items()
    }


def start_text(initial: Any, initial_v: float | None) -> str:
    """Return in words where a run started."""
    parts = [] if initial_v is None else [f"v = {initial_v} mV"]
    if isinstance(initial, Mapping):
        parts += [f"{name} = {value:g}" for name, value in initial.items()]
    return ", ".join(parts) or str(initial)


def state_unit(model: Model, name: str) -> str:
    """Return the unit of a recorded state."""
    if name.startswith("i_membrane"):
        return "uA/cm2"
    if name in (found := derived_of(model)):
        return found[name][0].unit or "1"
    return {s.name: s.unit for s in model.states}.get(name, "1")


def failures(outcome: Outcome) -> dict[str, str]:
    """Return when and where runs diverged, and what helps; nothing if none did."""
    bad = outcome.status == 1
    if not bad.any():
        return {}
    first = int(np.flatnonzero(bad)[0])
    unit = outcome.ensemble.model.time_unit
    return {
        "divergence": f"{int(bad.sum())} of {bad.size} runs diverged, the first (run "
        f"{first}) at t = {outcome.failed[first]:g} {unit}, where v passed "
        f"{TOO_FAR:g} mV or a state was no number; try {finer(outcome, unit)} or "
        "milder values."
    }


def finer(outcome: Outcome, unit: str) -> str:
    """Return in words a more careful way to step."""
    if isfinite(outcome.dt):
        return f"dt = {outcome.dt / 4:g} {unit}"
    return f"tolerance = {outcome.tolerance / 100:g}, solver = 'staggered'"


def digest(model: Model) -> str:
    """Return a short digest of a model's equations and values."""
    import hashlib

    from neurosim.lower import kernel_source

    text = kernel_source(model) + repr(sorted(map(str, model.parameters.values())))
    text += repr(sorted((n, np.asarray(v).tolist()) for n, v in model.values.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
