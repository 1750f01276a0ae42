"""The keys of a dose, as the claims write them, and what they ask of the body.

``cause=gut_loss;severity=severe;until_mg_total=0.35`` or ``i_mg=200;days=365``: a key
is a parameter of the body under a clinical name, says how to run it, or is none of the
body's business and passed on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from neurosim.body.causes import Cause, Effect, find, given
from neurosim.body.diet import mmol, supplement
from neurosim.body.inputs import ML_MIN, inputs
from neurosim.clinical import SEVERITIES
from neurosim.errors import NeurosimError, unknown

# key -> parameters of the body, and the factor to their unit
MEANING: Mapping[str, tuple[tuple[str, ...], float]] = {
    "i_mg": (("mg_intake",), mmol(1.0, "magnesium")),  # mg/d
    "i_ca": (("ca_intake",), mmol(1.0, "calcium")),  # mg/d
    "i_k_mmol": (("k_intake",), 1.0),  # mmol/d
    "absorption": (("mg_absorption",), 1.0),  # times normal
    "d25": (("vitamin_d",), 1.0),  # nmol/L
    "hb": (("haemoglobin",), 1.0),  # g/dL
    "gfr": (("gfr",), ML_MIN),  # mL/min
    "eta": (("uptake",), 1.0),  # times normal
    "pi": (("phosphate",), 1.0),  # mM
    "temperature_m": (("temperature_muscle",), 1.0),  # degC
    "axon_loss": (("axon_loss_motor", "axon_loss_sensory"), 1.0),  # share
}
# How to run, in the fields of ``Dose``
RUN = (
    "cause", "severity", "days", "until_mg_total", "start", "start_mg_total",
    "start_ca_total", "start_d25", "start_i_mg", "start_days", "treat", "reset",
    "persons", "work", "supplement_mg", "form", "sweat_l", "drink", "body_mass_loss",
)  # fmt: skip
# For nerve, junction and muscle, or for the claim itself
PASSED = frozenset({
    "ca_o", "mg_o", "k_o", "na_o", "ph_o", "mg_i", "serca", "release", "g_na",
    "g_k_total", "g_na_axon", "caffeine_um", "recovery_min", "gallery", "reference",
})  # fmt: skip
TOGETHER = ("reset", "start", "treat")  # keys whose words hold at the same time
SWEATING = 0.25  # d, six hours for 4 L (chosen; systemic.md 4 has 0.9-1.0 L/h)
MASS = 70.0  # kg of the person a loss of body mass refers to
DRINKS = ("none", "water", "ors")
# ATP supply above half-maximal work against haemoglobin, g/dL (systemic.md 5)
SUPPLY = ((7.0, 0.90), (9.0, 0.97), (11.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What a dose asks of the body.

    Parameters
    ----------
    causes, severity, days, treat : as ``timeline.course`` takes them; days may be None.
        Treatments begin at once.
    before : causes that have acted for long when the run begins.
    levels : start levels to be reached before it, e.g. ``{"mg_total": 0.35}``; the
        causes in ``before`` lead there and are over when the run begins, if any.
    before_days : how long they have acted; None is long.
    until_mg_total : mM, where the run ends. reset : pathways. persons : how many.
    passed : what goes to nerve and muscle as it is.
    """

    causes: tuple[Cause, ...] = ()
    severity: str = "moderate"
    days: float | None = None
    treat: tuple[str, ...] = ()
    before: tuple[Cause, ...] = ()
    levels: Mapping[str, float] = field(default_factory=dict, hash=False)
    before_days: float | None = None
    until_mg_total: float | None = None
    reset: tuple[str, ...] = ()
    persons: int = 1
    passed: Mapping[str, Any] = field(default_factory=dict, hash=False)


def each(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return every combination of values that are to be taken in turn."""
    turns = {
        key: value if isinstance(value, tuple) and key not in TOGETHER else (value,)
        for key, value in settings.items()
    }
    for values in product(*turns.values()):
        yield dict(zip(turns, values, strict=True))


def parameters_of(key: str, value: float) -> dict[str, float]:
    """Return the parameters of the body behind one key, or nothing.

    >>> parameters_of("d25", 12.0)
    {'vitamin_d': 12.0}
    """
    if key in MEANING:
        names, factor = MEANING[key]
        return dict.fromkeys(names, value * factor)
    return {key: value} if key in inputs() and key not in RUN else {}


def supply_at_work(haemoglobin: float, work: float) -> float:
    """Return the ATP supply that oxygen allows.

    Parameters
    ----------
    haemoglobin : g/dL. work : share of the maximum; up to a half nothing is missing.
    """
    import numpy as np

    if work <= 0.5:
        return 1.0
    levels, supply = np.array(SUPPLY).T
    return float(np.interp(haemoglobin, levels, supply))


def read_dose(settings: Mapping[str, Any]) -> Dose:
    """Return what one dose asks of the body.

    Parameters
    ----------
    settings : key -> a number, a word, or words that hold together, as ``each``
        gives them.

    Raises
    ------
    NeurosimError : for an unknown key, cause, severity or treatment, with the nearest
        one, and for values that are to be taken in turn.
    """
    known = {*MEANING, *RUN, *PASSED, *inputs()}
    for key, value in settings.items():
        if key not in known:
            raise unknown(key, "the vocabulary of doses", known)
        if isinstance(value, tuple) and key not in TOGETHER:
            raise NeurosimError(
                f"{key} has several values to be taken in turn; read them one by one "
                "(doses.each)."
            )
    values = {}
    for key, value in settings.items():
        values |= parameters_of(key, value)
    if "hb" in settings and "work" in settings:
        values["atp_supply"] = supply_at_work(settings["hb"], settings["work"])
    causes = [find(settings["cause"])] if "cause" in settings else []
    causes += [given("dose", **values)] if values else []
    causes += _supplement(settings)
    litres = settings.get("sweat_l", MASS * settings.get("body_mass_loss", 0.0))
    causes += [_sweat(litres)] if litres else []
    severity = settings.get("severity", "moderate")
    if severity not in SEVERITIES:
        raise unknown(severity, "severity", SEVERITIES)
    return Dose(
        causes=tuple(causes), severity=severity, days=settings.get("days"),
        treat=(*_words(settings, "treat", "@0"), *_drink(settings, litres)),
        before=_before(settings), before_days=settings.get("start_days"),
        levels={
            key.removeprefix("start_"): settings[key]
            for key in ("start_mg_total", "start_ca_total") if key in settings
        },
        until_mg_total=settings.get("until_mg_total"),
        reset=_words(settings, "reset"), persons=int(settings.get("persons", 1)),
        passed={key: settings[key] for key in settings if key in PASSED},
    )  # fmt: skip


def _words(settings: Mapping[str, Any], key: str, ending: str = "") -> tuple[str, ...]:
    words = settings.get(key, ())
    words = (words,) if isinstance(words, str) else words
    return tuple(word + ending for word in words)


def _before(settings: Mapping[str, Any]) -> tuple[Cause, ...]:
    values = {}
    for key in ("d25", "i_mg"):
        if f"start_{key}" in settings:
            values |= parameters_of(key, settings[f"start_{key}"])
    held = (given("start", **values),) if values else ()
    return tuple(find(name) for name in _words(settings, "start")) + held


def _supplement(settings: Mapping[str, Any]) -> list[Cause]:
    if "supplement_mg" not in settings:
        return []
    amount = supplement(settings["supplement_mg"], settings.get("form", "citrate"))
    return [_cause("supplement", (Effect("mg_intake", "+", amount),))]


def _sweat(litres: float) -> Cause:
    effect = Effect("sweat", "+", litres / SWEATING)
    return _cause("sweat", (effect,), duration=SWEATING)


def _drink(settings: Mapping[str, Any], litres: float) -> tuple[str, ...]:
    """Return the drink that replaces sweat once the sweating is over."""
    drink = settings.get("drink", "none")
    if drink not in DRINKS:
        raise unknown(drink, "drink", DRINKS)
    return () if drink == "none" else (f"{drink}:{litres:g} L@{SWEATING:g}",)


def _cause(name: str, effects: tuple[Effect, ...], **more: Any) -> Cause:
    return Cause(
        name=name, title=name, effects=dict.fromkeys(SEVERITIES, effects), **more
    )
