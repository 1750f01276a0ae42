"""Follow a cause through the body, day by day.

Changes of parameters cut the time into stretches; each stretch is a run of the kernel
that begins where the one before it ended, for all persons at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from neurosim.body.changes import (
    Changes,
    all_changes,
    changes_of,
    checked_names,
    lanes,
    model_size,
    named,
    parameters_of,
    with_values,
)
from neurosim.body.homeostasis import BODY
from neurosim.body.levels import levels_of
from neurosim.body.pathways import switched_off
from neurosim.body.result import OUTPUTS, STATES, Followed, dataset, repr_of
from neurosim.body.steady import steady_state
from neurosim.core.block import ROW
from neurosim.engine import Wanted, checked_dt
from neurosim.engine import run as march
from neurosim.ensemble import spread
from neurosim.equilibrium import prepare
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.model import Model
from neurosim.timetable import timetable
from neurosim.units import one_number

EVERY, SAMPLES = 0.1, 100  # d between samples; so many in less than a day


def run(
    cause: Any,
    *,
    severity: str = "moderate",
    days: float = 30.0,
    person: Any = None,
    parameters: Mapping[str, Any] | None = None,
    treat: Any = (),
    onset: float | None = None,
    since: float = 0.0,
    reset: str | tuple[str, ...] = (),
    until_mg_total: float | None = None,
    start: Any = None,
    every: float | None = None,
    record: Iterable[str] = OUTPUTS,
    dt: float | None = None,
    threads: int | None = None,
) -> Any:
    """Return the levels of a person, or of many, while a cause acts.

    Parameters
    ----------
    cause : name of a cause or of several joined by ``+``; or a mapping of parameters of
        ``BODY`` to new values, or a list of ``(day, mapping)``; None for health. A
        value may be an array with one number per person.
    severity : mild, moderate or severe. days : how long.
    person : mapping of parameters in which the person differs, or something with such
        ``parameters``; arrays are many persons, along the axis ``person``. Everybody
        begins in the steady state of these.
    parameters : parameters of ``BODY`` for everybody, e.g. ``REFINED``.
    treat : names of treatments as ``treatments.read_treatments`` takes them, or what
        is changed, as a list of ``(day, mapping)``.
    onset, since : time constant of the cause and days that it has acted, as
        ``timeline.course`` takes them.
    reset : names of ``PATHWAYS`` to hold at their healthy value throughout.
    until_mg_total : mM; each person's course ends when total Mg first falls to it, and
        later times repeat that moment. ``stopped`` is the day, NaN where it never
        comes, and the attribute ``until`` says so.
    start : an earlier result; begin where it ended instead of in the steady state.
    every : days between samples; 0.1, or less in a short run. record : which levels.
    dt : step of the kernel, d.

    Returns
    -------
    xarray.Dataset over ``time`` (d), and ``person`` if there are many; ``end_state``
    holds the states at the end, ``status`` is 0 where a run went well.

    Raises
    ------
    NeurosimError : one sentence about what was wrong with the request.
    """
    days = one_number(days, "days", "d")
    checked_dt(BODY, days, dt)
    base = {**(parameters or {}), **parameters_of(person)}
    resets = switched_off(reset)
    changes = all_changes(cause, severity, treat, days, base, onset=onset, since=since)
    names = checked_names(record)
    model = lanes({**base, **resets}, changes)
    states = steady_state(model) if start is None else states_of(start, model)
    usual = EVERY if days >= 1.0 else days / SAMPLES
    every = usual if every is None else every
    if not one_number(every, "every", "d") > 0.0:
        raise NeurosimError(f"every = {every:g}: give a positive time in days.")
    keep = names if until_mg_total is None else (*names, *STATES, "mg_total")
    followed = follow(model, states, changes, days, every, keep, dt, threads)
    if until_mg_total is None:
        result = dataset(model, followed, names)
    else:
        followed, stopped = stop_at(followed, until_mg_total)
        result = dataset(model, followed, names)
        dims = result["status"].dims
        about = {"units": "d", "long_name": "total Mg first at the level asked for"}
        result["stopped"] = (dims, stopped if dims else float(stopped[0]), about)
        result.attrs["until"] = how_it_stopped(until_mg_total, stopped, days)
    result.attrs.update(
        cause=text_of(cause), severity=severity if named(cause) else "",
        person=repr_of([(0.0, base)]) if base else "healthy adult",
        treatment=text_of(treat) or "none",
        reset=reset if isinstance(reset, str) else ", ".join(reset),
    )  # fmt: skip
    return result


def text_of(what: Any) -> str:
    """Return a cause or treatment as it was asked for."""
    if what is None:
        return "none"
    if isinstance(what, str):
        return what
    if named(what):
        listed = what if isinstance(what, tuple | list) else (what,)
        return " + ".join(getattr(one, "name", one) for one in listed)
    return repr_of(changes_of(what))


def states_of(start: Any, model: Model) -> dict[str, np.ndarray]:
    """Return the states at which an earlier result ended."""
    if "end_state" not in getattr(start, "variables", ()):
        raise NeurosimError(
            f"start: {type(start).__name__} is not a result of neurosim.body.run; give "
            "one."
        )
    end = np.atleast_2d(start["end_state"].transpose(..., "state").values)
    size = model_size(model)
    if end.shape[0] not in (1, size):
        raise NeurosimError(
            f"start: it has {end.shape[0]} persons, this run {size}; take the same."
        )
    names = [str(n) for n in start["state"].values]
    wide = np.broadcast_to(end, (size, end.shape[1]))
    return {name: wide[:, k].copy() for k, name in enumerate(names)}


def follow(
    model: Model, states: dict[str, np.ndarray], changes: Changes, days: float,
    every: float, names: tuple[str, ...], dt: float | None, threads: int | None,
) -> Followed:  # fmt: skip
    """March all persons through all stretches."""
    checked_dt(model, days, dt)
    moments = sorted({0.0, *(day for day, _ in changes if day < days)})
    times, kept = [], []
    status = np.zeros(model_size(model), np.int64)
    for begin, end in zip(moments, [*moments[1:], days], strict=True):
        for day, values in changes:
            if day == begin:
                model = with_values(model, values)
        step = min(checked_dt(model, end - begin, dt), every)
        time, samples, states, bad = stretch(
            model, states, end - begin, step, every, threads
        )
        status = np.maximum(status, bad)
        last = end == days
        shown = slice(None) if last else slice(None, -1)
        found = {n: v[:, shown] for n, v in samples.items()}
        times.append(begin + time[shown])
        kept.append(chosen(model, found, names))
    levels = {n: np.concatenate([k[n] for k in kept], axis=1) for n in names}
    return Followed(np.concatenate(times), levels, states, status)


def stretch(model, states, length, step, every, threads):
    """March with constant parameters; return times, samples, states at the end."""
    ensemble = spread(model)
    rows = rows_of(model)
    x = ensemble.matrix()
    for name, value in states.items():
        x[rows.shared_rows[name] // ROW] = value
    x = prepare(model, x)
    table = timetable((), length, step)
    outcome = march(ensemble, x, table, Wanted(STATES, every), threads=threads)
    samples = {n: outcome.samples[:, k, :] for k, n in enumerate(STATES)}
    end = {n: outcome.x[rows.shared_rows[n] // ROW] for n in STATES}
    return outcome.time, samples, end, outcome.status


def chosen(model: Model, samples: dict, names: tuple[str, ...]) -> dict:
    """Return the named levels, shape (runs, times)."""
    shape = next(iter(samples.values())).shape
    wiring = model.wiring
    derived = tuple(n for n in names if n in {**wiring.static, **wiring.dynamic[""]})
    found = {**samples, **(levels_of(model, samples, derived) if derived else {})}
    for name in names:
        if name not in found:
            value = model.values.get(name, model.parameters[name].value)
            found[name] = np.asarray(value)[:, None] if np.ndim(value) else value
    return {n: np.broadcast_to(found[n], shape) for n in names}


def stop_at(followed: Followed, level: float) -> tuple[Followed, np.ndarray]:
    """Hold every person at the moment at which total Mg first falls to a level."""
    level = one_number(level, "until_mg_total", "mM")
    mg, time = followed.levels["mg_total"], followed.time
    runs, last = np.arange(mg.shape[0]), time.size - 1
    below = mg <= level
    reached = below.any(1)
    first = np.where(reached, below.argmax(1), last)
    before = np.maximum(first - 1, 0)
    high, low = mg[runs, before], mg[runs, first]
    share = np.where(
        high > low, (high - level) / np.where(high > low, high - low, 1), 1
    )
    share = np.where(reached & (first > 0), share, 1.0)
    stopped = time[before] + share * (time[first] - time[before])
    final = int(first.max()) + 1
    past = np.asarray(np.arange(final)[None, :] >= first[:, None])

    def held(values):
        at_stop = (1 - share) * values[runs, before] + share * values[runs, first]
        return np.where(
            past & np.reshape(reached, (-1, 1)), at_stop[:, None], values[:, :final]
        )

    levels = {name: held(values) for name, values in followed.levels.items()}
    cut = time[:final].copy()
    if reached.all():
        cut[-1] = stopped.max()
    end = {n: levels[n][:, -1] for n in STATES if n in levels}
    found = Followed(cut, levels, {**followed.end, **end}, followed.status)
    return found, np.where(reached, stopped, np.nan)


def how_it_stopped(level: float, stopped: np.ndarray, days: float) -> str:
    """Say whether total Mg fell to a level."""
    came = int(np.isfinite(stopped).sum())
    if came == 0:
        return f"total Mg never falls to {level:g} mM within {days:g} d"
    return f"total Mg falls to {level:g} mM in {came} of {stopped.size}"
