"""What a person writes: axes, stimuli and whole sweeps as text."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.errors import NeurosimError, unknown
from neurosim.protocol import Fluctuation, Ramp, Step, Train, VoltageClamp
from neurosim.units import NUMBER, read_quantity

MOST = 1_000_000  # values on an axis
LARGEST = 1 << 22  # bytes of a file that describes a sweep
COMMA = re.compile(r"[+-]?\d+,\d+(?![\d.])[^,]*")  # 0,6: one number or two?

# kind -> piece, its arguments in order, how many are needed, how to write it
FORMS: dict[str, tuple[Callable, tuple[str, ...], int, str]] = {
    "step": (Step, ("amplitude", "start", "stop"), 1, "step:AMP[:START[:STOP]]"),
    "train": (Train, ("amplitude", "width", "period", "count", "start"), 4,
              "train:AMP:WIDTH:PERIOD:COUNT[:START]"),
    "ramp": (Ramp, ("begin", "end", "start", "stop"), 4, "ramp:BEGIN:END:START:STOP"),
    "noise": (Fluctuation, ("sigma", "tau"), 1, "noise:SIGMA[:TAU]"),
    "clamp": (VoltageClamp, ("potential", "start", "stop"), 1,
              "clamp:POTENTIAL[:START[:STOP]]"),
}  # fmt: skip

# key of a request -> what may stand there
KEYS = {
    "model": "the name of a model, e.g. 'motor_axon'",
    "over": "a table of axes, e.g. ca_o = '0.4:1.4:41' or [0.2, 0.55]",
    "set": "a table of numbers, e.g. k_o = 4.0 or '4 mM'",
    "stimulus": "a list of texts, e.g. ['step:10:5:45']",
    "duration": "a time, e.g. 2000.0 or '2 s'",
    "measure": "a list of measures, e.g. ['spike_count']",
    "seed": "a whole number from 0",
    "initial": "'reference' or 'rest'",
    "dt": "a time, e.g. 0.01",
    "solver": "'auto', 'staggered', 'adaptive' or 'reference'",
    "tolerance": "a number, e.g. 1e-5",
}


def read_axis(text: str, unit: str, name: str) -> np.ndarray:
    """Read the values of an axis.

    Parameters
    ----------
    text : ``start:stop:count`` (both ends included), ``a,b,c`` or a single number.
    unit : in which the values are returned; a number may carry another of its kind.
    name : what the axis is called in messages.

    Returns a 1-D array.

    Raises
    ------
    NeurosimError : also for ``0,6``, which may be a decimal comma or a list: a list of
        two whole numbers is written ``0.0,6.0``.
    """
    text = text.strip()
    if not text:
        raise NeurosimError(f"{name}: the axis is empty; write e.g. 0.4:1.4:41.")
    if COMMA.fullmatch(text):
        first, second = text.split(",")
        raise NeurosimError(
            f"{name}: {text!r} may be the number {first}.{second} or a list of two; "
            f"write {first}.{second} or {first}.0,{second.split()[0]}.0."
        )
    if ":" in text:
        return read_range(text, unit, name)
    parts = text.split(",")
    check_units(parts, text, name)
    return np.array([read_quantity(part, unit, name) for part in parts])


def read_range(text: str, unit: str, name: str) -> np.ndarray:
    """Read ``start:stop:count``."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3 or not all(parts):
        raise NeurosimError(
            f"{name}: {text!r} is not a whole range; write start:stop:count, "
            "e.g. 0.4:1.4:41."
        )
    check_units(parts[:2], text, name)
    start, stop = (read_quantity(part, unit, name) for part in parts[:2])
    count = read_count(parts[2], name)
    if not 2 <= count <= MOST or start == stop:
        raise NeurosimError(
            f"{name}: {text!r} needs two different ends and a count from 2 to {MOST}; "
            "write a single value as a single number."
        )
    return np.array([float(f"{x:.12g}") for x in np.linspace(start, stop, count)])


def read_count(text: str, name: str) -> int:
    """Read a whole number, 0 or more."""
    if not re.fullmatch(r"\d{1,9}", text.strip()):
        raise NeurosimError(f"{name}: count {text!r} is not a whole number, e.g. 41.")
    return int(text)


def check_units(parts: list[str], text: str, name: str) -> None:
    """Refuse a unit that stands at some of the numbers only."""
    bare = [bool(NUMBER.fullmatch(part.strip())) for part in parts]
    if any(bare) and not all(bare) and all(NUMBER.match(p.strip()) for p in parts):
        raise NeurosimError(
            f"{name}: {text!r} is not clear; write the same unit at every number, "
            "or none, and a decimal point."
        )


def read_stimulus(text: str, unit: str = "uA/cm2") -> Any:
    """Read a piece of a protocol.

    Parameters
    ----------
    text : ``step:AMP[:START[:STOP]]``, ``train:AMP:WIDTH:PERIOD:COUNT[:START]``,
        ``ramp:BEGIN:END:START:STOP``, ``noise:SIGMA[:TAU]`` or
        ``clamp:POTENTIAL[:START[:STOP]]``; times in ms, potentials in mV.
    unit : of the amplitudes, uA/cm2 for a patch and nA for an axon.
    """
    kind, *given = text.split(":")
    if kind.strip() not in FORMS:
        raise unknown(kind.strip(), "the list of stimuli", FORMS)
    piece, names, needed, usage = FORMS[kind.strip()]
    if not needed <= len(given) <= len(names):
        raise NeurosimError(f"stimulus {text!r} is not complete; write {usage}.")
    units: dict[str, str] = dict.fromkeys(("amplitude", "begin", "end", "sigma"), unit)
    values = {}
    for name, part in zip(names, given, strict=False):
        what = f"stimulus {text!r}, {name}"
        if name == "count":
            values[name] = read_count(part, what)
        else:
            own = "mV" if name == "potential" else units.get(name, "ms")
            values[name] = read_quantity(part, own, what)
    return piece(**values)


def sweep_from_toml(path: str | Path) -> dict[str, Any]:
    """Read a file that describes a sweep; returns keyword arguments of ``sweep``.

    NeurosimError says in a sentence, or in a list, all that is wrong in the file.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST >> 20} MB")
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NeurosimError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise NeurosimError(f"{path} is not a file in TOML: {error}.") from error
    return read_request(document, str(path))


def read_request(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Check a request and return it as keyword arguments of ``sweep``.

    Parameters
    ----------
    document : ``model``, ``duration`` and ``measure``, and if wanted ``over``, ``set``,
        ``stimulus``, ``seed``, ``initial``, ``dt``, ``solver``, ``tolerance``; numbers
        or texts with a unit. The axis ``amplitude`` in ``over`` is that of the step or
        train in ``stimulus``.
    where : a file or the command line, for messages.
    """
    troubles: list[str] = []
    given = check_form(document, troubles)
    found = check_meaning(given, troubles)
    if len(troubles) == 1:
        raise NeurosimError(f"{where}: {troubles[0]}")
    if troubles:
        lines = "".join(f"\n  - {t}" for t in troubles)
        raise NeurosimError(f"{where}: {len(troubles)} things to mend:{lines}")
    return found


@lru_cache(maxsize=1)
def form() -> Any:
    """Return the pydantic model of a request; None stands for what is not given."""
    from pydantic import ConfigDict, NonNegativeInt, create_model

    return create_model(
        "Request",
        __config__=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False),
        model=(str, None),
        over=(dict[str, float | str | list[float | str]], {}),
        set=(dict[str, float | str], {}),
        stimulus=(str | list[str], []),
        duration=(float | str, None),
        measure=(str | list[str], []),
        seed=(NonNegativeInt, 0),
        initial=(str, "reference"),
        dt=(float | str, None),
        solver=(str, "auto"),
        tolerance=(float, None),
    )


def check_form(document: Mapping[str, Any], troubles: list[str]) -> dict[str, Any]:
    """Return every key of a request, without what has the wrong form; note that."""
    from pydantic import ValidationError

    for key in ("model", "duration", "measure"):
        if document.get(key) in (None, [], ""):
            troubles.append(f"{key} is missing: give {KEYS[key]}.")
    try:
        return form().model_validate(dict(document)).model_dump()
    except ValidationError as error:
        wrong = [tuple(map(str, e["loc"])) for e in error.errors()]
    places = {loc[: 1 + (loc[0] in ("over", "set"))] for loc in wrong}
    for key, *inner in sorted(places):
        if key not in KEYS:
            troubles.append(str(unknown(key, "the request", KEYS)))
            continue
        value = document[key][inner[0]] if inner else document[key]
        said = f"{'.'.join((key, *inner))}: {value!r:.60} does not fit"
        troubles.append(f"{said}; give {KEYS[key]}.")
    sound = {k: v for k, v in document.items() if (k,) not in places}
    for key in ("over", "set"):
        table = sound.get(key, {})
        sound[key] = {n: table[n] for n in table if (key, n) not in places}
    return form().model_validate(sound).model_dump()


def check_meaning(given: dict[str, Any], troubles: list[str]) -> dict[str, Any]:
    """Return keyword arguments of ``sweep``; note what cannot be."""
    from neurosim.engine import checked_dt
    from neurosim.measure import find_measure, stimulus_unit
    from neurosim.models import find
    from neurosim.simulation import INITIALS, SOLVERS, chosen_solver, one_or_many

    def attempt(function, *arguments):
        try:
            return function(*arguments)
        except NeurosimError as error:
            troubles.append(str(error))
            return None

    for name in one_or_many(given["measure"]):
        attempt(find_measure, name)
    if given["initial"] not in INITIALS:
        troubles.append(str(unknown(given["initial"], "initial", INITIALS)))
    if given["solver"] not in SOLVERS:
        troubles.append(str(unknown(given["solver"], "solver", SOLVERS)))
    model = attempt(find, given["model"]) if given["model"] is not None else None
    if model is None:
        return {}
    over, fixed = given["over"], given["set"]
    troubles += [f"{n} stands in over and set; keep one." for n in over if n in fixed]
    pieces = [attempt(read_stimulus, s, stimulus_unit(model))
              for s in one_or_many(given["stimulus"])]  # fmt: skip
    for name, value in {**fixed, **over}.items():
        if name == "amplitude" and name in over:
            values = attempt(axis_of, value, stimulus_unit(model), name)
            pieces = attempt(with_amplitude, pieces, values) or []
        else:
            model = attempt(with_value, model, name, value, name in over) or model
    times = [attempt(number_of, given[key], model.time_unit, key)
             for key in ("duration", "dt")]  # fmt: skip
    if times[0] is not None:
        attempt(checked_dt, model, *times)
    if not troubles:
        how = (given["solver"], times[1], given["tolerance"])
        attempt(chosen_solver, model, tuple(pieces), *how, False)
    return {
        "model": model, "protocol": pieces or None, "duration": times[0],
        "measure": list(one_or_many(given["measure"])), "seed": given["seed"],
        "initial": given["initial"], "dt": times[1], "solver": given["solver"],
        "tolerance": given["tolerance"],
    }  # fmt: skip


def number_of(value: Any, unit: str, name: str) -> float | None:
    """Return a number given as such or as text with a unit."""
    return read_quantity(value, unit, name) if isinstance(value, str) else value


def axis_of(value: Any, unit: str, name: str) -> np.ndarray:
    """Return the values of an axis given as text, list or number."""
    if isinstance(value, str):
        return read_axis(value, unit, name)
    values = value if isinstance(value, list) else [value]
    return np.array([number_of(v, unit, name) for v in values], float)


def with_value(model: Any, name: str, value: Any, axis: bool) -> Any:
    """Return the model with a parameter set, or varied."""
    if name not in model.parameters:
        return model.at(**{name: 0.0})  # which explains why there is none
    read, unit = axis_of if axis else number_of, model.parameters[name].unit
    return model.at(**{name: read(value, unit, name)})


def with_amplitude(pieces: list, values: Any) -> list:
    """Return the protocol with an axis of amplitudes in its one step or train."""
    varied = [p for p in pieces if isinstance(p, Step | Train)]
    if None in pieces or values is None:
        return pieces  # which is noted already
    if len(varied) != 1:
        raise NeurosimError(
            "over.amplitude: needs one step or train among the stimuli, "
            f"not {len(varied)}."
        )
    return [replace(p, amplitude=values) if p is varied[0] else p for p in pieces]
