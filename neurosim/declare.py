"""The nouns of a model: frozen data that point at plain functions.

A function that needs ``ca_o`` lists it as an argument, and that is all the wiring there
is: names are looked up in the compartment first, then in the model. What is missing
fails here, when the model is declared, with a suggestion.

Names of the first compartment are plain (``v``, ``m``, ``g_na``); those of another one
carry its name (``v_mysa``, ``g_kf_mysa``).
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from keyword import iskeyword
from math import inf

from neurosim.core.jit import python_of
from neurosim.errors import NeurosimError, unknown
from neurosim.sources import Source
from neurosim.units import UNITS

RESERVED = frozenset({
    "v", "u", "x", "d", "t", "dt", "i", "j", "at", "to", "out", "before", "current",
    "slope", "phi", "rise", "fall", "half", "is_open", "clock", "seed", "run", "runs",
    "step", "row", "record", "kinds", "geometry", "layout", "shape", "stimulus", "np",
    "range", "max", "whole", "dv", "dv_over", "jitter", "normals", "count", "variance",
    "clipped", "two_to", "linexp_parts", "cube_root_of_sigmoid", "relaxed",
    "two_quotients", "three_quotients", "four_quotients", "time", "status",
})  # words of generated kernels and of results  # fmt: skip
FUNCTIONS = frozenset({
    "memory_of", "bind", "entry", "kernel", "inlined", "buffer", "advance", "move",
    "prepare", "prepared", "derivative", "rates", "pool_rates", "march", "follow",
    "patch", "clamp", "cable", "cable_rates", "drive", "explicit", "forget",
    "rosenbrock", "slow",
})  # and of their functions, which compartments become  # fmt: skip
MADE = re.compile(r"[ez]\d+|(moved|handed)_\w+")  # words that kernels count or compose


@cache
def arguments(rule: Callable) -> tuple[str, ...]:
    """Return the names a physics function asks for."""
    return tuple(inspect.signature(python_of(rule)).parameters)


@dataclass(frozen=True, slots=True)
class Param:
    """A number one may set or sweep."""

    name: str
    value: float
    unit: str
    doc: str
    source: Source | str = ""
    low: float = -inf
    high: float = inf
    bath: bool = False  # part of the bath, which a run may start from the reference of

    def __post_init__(self):
        """Check the name and the unit."""
        check_name(self.name)
        check_unit(self.unit, self.name)


@dataclass(frozen=True, slots=True)
class Derived:
    """A quantity computed from others by ``rule``."""

    name: str
    rule: Callable
    unit: str
    doc: str

    def __post_init__(self):
        """Check the name and the unit."""
        check_name(self.name)
        check_unit(self.unit, self.name)


@dataclass(frozen=True, slots=True)
class Gate:
    """A state in [0, 1] whose ``rates`` return (opening, closing) in 1/ms.

    ``rates`` sees as ``v`` the potential the channel's gates feel (v plus the channel's
    ``shift``); ``speed`` multiplies both rates (temperature).
    """

    name: str
    rates: Callable
    power: int = 1
    speed: Derived | None = None
    doc: str = ""

    def __post_init__(self):
        """Refuse a name that a kernel could not carry."""
        check_name(self.name)


@dataclass(frozen=True, slots=True)
class State:
    """Any other state; ``rule`` returns its rate of change per unit of time.

    It belongs to the whole model: its rule may ask for the potential, the currents
    (``i_na``, ``i_na_tubule``) and the other states of every compartment.
    """

    name: str
    initial: float
    unit: str
    doc: str
    rule: Callable

    def __post_init__(self):
        """Check the name and the unit."""
        check_name(self.name)
        check_unit(self.unit, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Gates and a current.

    Ohmic by default: ``conductance`` x gates x (v - ``reversal``). Otherwise
    ``current`` is a function that returns (current, slope) for all gates open, in
    uA/cm2 and mS/cm2; the open fraction multiplies both. It may ask for any state,
    parameter or derived quantity. Names of currents: ``i_<name>``.
    """

    name: str
    source: Source | str
    doc: str = ""
    ion: str = ""
    gates: tuple[Gate, ...] = ()
    params: tuple[Param, ...] = ()
    conductance: Param | Derived | None = None
    reversal: Param | Derived | None = None
    current: Callable | None = None
    shift: Derived | None = None
    unitary: Param | None = None  # conductance of one channel, pS; for channel noise

    def __post_init__(self):
        """Check that there is one law of the current."""
        if not self.name.isidentifier():
            raise NeurosimError(f"{self.name!r} cannot name a channel; use one word.")
        if (self.current is None) == (self.conductance is None):
            raise NeurosimError(
                f"channel {self.name!r}: give either conductance and reversal, "
                "or a current function."
            )
        if (self.conductance is None) != (self.reversal is None):
            raise NeurosimError(
                f"channel {self.name!r}: conductance and reversal go together; one is "
                "missing."
            )

    def at(self, **values: float) -> "Channel":
        """Return the channel with new default values of its parameters."""
        known = {p.name: p for p in self.own_params()}
        for name in values:
            if name not in known:
                raise unknown(name, f"channel {self.name!r}", known)

        def renew(p):
            return (
                replace(p, value=values[p.name])
                if isinstance(p, Param) and p.name in values
                else p
            )

        return replace(
            self,
            params=tuple(renew(p) for p in self.params),
            conductance=renew(self.conductance),
            reversal=renew(self.reversal),
            unitary=renew(self.unitary),
        )

    def own_params(self) -> tuple[Param, ...]:
        """Return every parameter the channel brings along."""
        single = (self.conductance, self.reversal, self.unitary)
        return self.params + tuple(p for p in single if isinstance(p, Param))

    def own_derived(self) -> tuple[Derived, ...]:
        """Return every derived quantity the channel points at."""
        single = (self.shift, self.conductance, self.reversal)
        speeds = tuple(g.speed for g in self.gates)
        return tuple(d for d in (*single, *speeds) if isinstance(d, Derived))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """A piece of membrane with one potential.

    ``copies`` names several equal pieces (``("flut", "stin1")``) that share parameters
    but have states of their own; by default there is one, called like the compartment.
    """

    name: str
    channels: tuple[Channel, ...] = ()
    params: tuple[Param, ...] = ()
    derived: tuple[Derived, ...] = ()
    copies: tuple[str, ...] = ()

    def __post_init__(self):
        """Refuse names that a kernel could not carry."""
        for name in (self.name, *self.copies):
            check_name(name, "compartment", RESERVED | FUNCTIONS)

    @property
    def instances(self) -> tuple[str, ...]:
        """Return the names of the pieces."""
        return self.copies or (self.name,)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Return the gates of all channels, in order."""
        return tuple(g for c in self.channels for g in c.gates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One compartment, everything per cm2 of membrane."""

    capacitance: Param
    area: Param | None = None  # um2; needed only to count channels for their noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A chain of compartments with two layers; see ``core.cable``.

    ``table`` has a row per piece along the chain, with the columns of ``core.cable``.
    ``pieces`` names them in that order, if it is not that of the compartments. A
    stimulus enters the first piece; if that is not of the first compartment,
    ``stimulated`` names it; ``stimulus_unit`` may be uA/cm2 where 1 nA is just that.
    ``stimulus_share``: how much of a current per whole node enters the first piece (a
    half node takes half). ``spacing``: um from one copy of the first compartment to
    the next. ``sheaths``: for each row of the table a parameter that multiplies its
    myelin, if that is to differ between runs. Pieces under myelin hold their gates for
    four steps (``core.march``): fast gates there want a short ``dt``.
    """

    table: tuple[tuple[float, ...], ...]
    pieces: tuple[str, ...] = ()
    stimulated: str = ""
    stimulus_unit: str = "nA"
    stimulus_share: float = 1.0
    spacing: float = 0.0
    sheaths: tuple[str, ...] = ()
    doc: str = ""


def is_reserved(name: str, words: frozenset[str] = RESERVED) -> bool:
    """Tell whether generated kernels use a word themselves, in capitals or not."""
    return name.lower() in words or bool(MADE.fullmatch(name.lower()))


def check_name(
    name: str, what: str = "quantity", words: frozenset[str] = RESERVED
) -> None:
    """Refuse names that a kernel could not carry."""
    if not name.isidentifier() or is_reserved(name, words) or iskeyword(name):
        raise NeurosimError(f"{name!r} cannot name a {what}; choose another word.")


def check_unit(unit: str, name: str) -> None:
    """Refuse units outside the coherent set."""
    if unit not in UNITS:
        raise unknown(unit, f"the unit table (asked for by {name!r})", UNITS)
