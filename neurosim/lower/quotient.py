"""Rates of gates as quotients of polynomials in a few exponentials.

A gate's rates are asked once, with a symbol in place of v, and written down again so
that a step needs fewer exponentials and one division: exponentials whose slopes are
whole multiples of one another become powers of one, and rise and fall get one common
denominator. Functions that decide by the value of v cannot be asked like that; the
kernel calls them as they are.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, log
from types import FunctionType
from typing import Any

from neurosim.core import maths
from neurosim.core.jit import python_of
from neurosim.declare import arguments

MOST = 10  # highest power that takes the place of an exponential of its own
LARGEST = 650.0  # logarithm of what may occur on the way to a quotient
PARAMETER = 10.0  # the same of a parameter in a rate


class NotRational(Exception):
    """A function that cannot be written as such a quotient."""


Node = tuple  # ("number", x), ("name", text), ("line", slope, offset), ("*", a, b) ...
ONE: Node = ("number", 1.0)


def times(a: Node, b: Node) -> Node:
    """Return a product, numbers folded and first."""
    if a[0] != "number" and b[0] == "number":
        a, b = b, a
    if a[0] == "number":
        if b[0] == "number":
            return "number", a[1] * b[1]
        if b[0] == "*" and b[1][0] == "number":
            return times(("number", a[1] * b[1][1]), b[2])
        if a[1] == 1.0:
            return b
    return "*", a, b


def plus(a: Node, b: Node) -> Node:
    """Return a sum, numbers folded and last."""
    if a[0] == "number":
        a, b = b, a
    if b[0] == "+":
        return plus(plus(a, b[1]), b[2])
    if b[0] != "number":
        return "+", a, b
    if a[0] == "number":
        return "number", a[1] + b[1]
    if a[0] == "+" and a[2][0] == "number":
        return plus(a[1], ("number", a[2][1] + b[1]))
    return a if b[1] == 0.0 else ("+", a, b)


def power_of(base: float, power: int) -> Node:
    """Return e^(base u) to a power."""
    e: Node = ("exp", base, 0.0)
    return e if power == 1 else ("power", e, power)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A node over a product of nodes."""

    top: Node
    bottom: tuple[Node, ...] = ()

    def over(self, factors: Counter) -> Node:
        """Return the top once the bottom is made of these factors."""
        missing = factors - Counter(self.bottom)
        top = self.top
        for node in missing.elements():
            top = times(top, node)
        return top

    def __add__(self, other):
        """Sum over the smallest common denominator."""
        other = quotient(other)
        both = Counter(self.bottom) | Counter(other.bottom)
        top = plus(self.over(both), other.over(both))
        return Quotient(top, tuple(both.elements()))

    def __mul__(self, other):
        """Product."""
        other = quotient(other)
        return Quotient(times(self.top, other.top), self.bottom + other.bottom)

    def __truediv__(self, other):
        """Quotient of two; a sum below the line becomes a factor of the bottom."""
        other = quotient(other)
        if other.top[0] == "number":
            return self * Quotient(("number", 1.0 / other.top[1]), ()) * below(other)
        return Quotient(self.top, (*self.bottom, other.top)) * below(other)

    def __pow__(self, power):
        """Product with itself."""
        if not isinstance(power, int) or power < 1:
            raise NotRational
        return self if power == 1 else self * self ** (power - 1)

    def __neg__(self):
        """Negative."""
        return self * -1.0

    def __sub__(self, other):
        """Difference."""
        return self + quotient(other) * -1.0

    def __rsub__(self, other):
        """Difference from a number."""
        return quotient(other) + self * -1.0

    def __rtruediv__(self, other):
        """Quotient of a number and this."""
        return quotient(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def undecided(self, *_):
        """Refuse: its value is not known here."""
        raise NotRational

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __abs__ = undecided
    __float__ = __index__ = undecided


def below(q: Quotient) -> Quotient:
    """Return what stands below the line of a quotient."""
    node = ONE
    for factor in q.bottom:
        node = times(node, factor)
    return Quotient(node)


@dataclass(frozen=True, slots=True)
class Line(Quotient):
    """A straight line in the potential that a gate feels."""

    slope: float = 1.0
    offset: float = 0.0

    def __add__(self, other):
        """Shift it."""
        if isinstance(other, int | float):
            return line(self.slope, self.offset + other)
        return Quotient.__add__(self, other)

    def __mul__(self, other):
        """Scale it."""
        if isinstance(other, int | float):
            return line(self.slope * other, self.offset * other)
        return Quotient.__mul__(self, other)

    def __truediv__(self, other):
        """Scale it."""
        if isinstance(other, int | float):
            return line(self.slope / other, self.offset / other)
        return Quotient.__truediv__(self, other)

    __radd__, __rmul__ = __add__, __mul__


def line(slope: float, offset: float) -> Line:
    """Return slope * u + offset."""
    return Line(("line", slope, offset), (), slope, offset)


def quotient(value: Any) -> Quotient:
    """Return a number as a quotient; a quotient as it is."""
    if isinstance(value, Quotient):
        return value
    if isinstance(value, int | float):
        return Quotient(("number", float(value)))
    raise NotRational


@dataclass(slots=True)
class Exponentials:
    """Which exponentials of the felt potential are asked for, and their bases."""

    slopes: list[float]
    bases: dict[float, tuple[float, int]]  # slope -> slope of its base, power

    def exp(self, x: Any) -> Any:
        """e^x of a number or a line; anything else cannot be shared."""
        if isinstance(x, int | float):
            return exp(x)
        if not isinstance(x, Line):
            raise NotRational
        base, power = self.bases.get(x.slope, (x.slope, 1))
        self.slopes.append(x.slope)
        node = power_of(base, abs(power))
        factor: Node = ("number", exp(x.offset))
        if power < 0:
            return Quotient(factor, (node,))
        return Quotient(times(factor, node))

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e^-x)."""
        return 1.0 / (1.0 + self.exp(-x))

    def linexp(self, x: Any) -> Any:
        """Quotient x / (1 - e^-x) of a line."""
        if not isinstance(x, Line):
            raise NotRational
        e = self.exp(-x)
        if e.bottom:  # e^x is the one at hand
            return x + self.linexp(-x)
        node: Node = ("linexp", x.top, e.top)
        return Quotient(("top", node), (("under", node),))

    def cube_root_of_sigmoid(self, x: Any) -> Any:
        """(1 + e^-x)^(-1/3) of a line, a factor with an exponential of its own."""
        if not isinstance(x, Line):
            raise NotRational
        return Quotient(("root", x.top))


def asked(function: Callable, symbols: Mapping[str, Any], known: Exponentials) -> Any:
    """Return what a physics function answers when its arguments are symbols."""
    return traced(function, known)(**symbols)


def traced(function: Callable, known: Exponentials) -> Callable:
    """Return a function with all that it calls exchanged for what takes symbols."""
    ours: dict[Any, Callable] = {
        maths.exp: known.exp, maths.sigmoid: known.sigmoid, maths.linexp: known.linexp,
        maths.cube_root_of_sigmoid: known.cube_root_of_sigmoid,
    }  # fmt: skip
    python = python_of(function)
    if not isinstance(python, FunctionType) or python.__closure__:
        raise NotRational
    scope = dict(python.__globals__)
    for name in python.__code__.co_names:
        value = scope.get(name)
        if not callable(value):
            continue
        if value in ours:
            scope[name] = ours[value]
        elif python_of(value) is not value:
            scope[name] = traced(value, known)
    return FunctionType(python.__code__, scope, python.__name__, python.__defaults__)


@dataclass(frozen=True, slots=True)
class Rates:
    """Rise and fall of a gate over one denominator."""

    rise: Node
    fall: Node
    under: Node

    @property
    def size(self) -> float:
        """Return the logarithm of what none of its parts exceeds."""
        return max(size_of(n) for n in (self.rise, self.fall, self.under))


def size_of(node: Node) -> float:
    """Return a bound of the logarithm of a node's modulus, u within +-CLIP."""
    kind, *parts = node
    if kind == "number":
        return log(max(abs(parts[0]), 1e-300))
    if kind == "line":
        return log(abs(parts[0]) * maths.CLIP + abs(parts[1]) + 1.0)
    if kind == "exp":
        return abs(parts[0]) * maths.CLIP + parts[1]
    if kind == "power":
        return parts[1] * size_of(parts[0])
    if kind == "name":
        return PARAMETER
    sizes = [size_of(n) for n in parts if isinstance(n, tuple)]
    return sum(sizes) if kind == "*" else max(0.0, *sizes) + log(2.0)


def rates_of(function: Callable, known: Exponentials) -> Rates | None:
    """Return the rates of a gate in terms of u, or None if they are no quotient."""
    symbols = {
        name: line(1.0, 0.0) if name == "v" else Quotient(("name", name))
        for name in arguments(function)
    }
    try:
        rise, fall = (quotient(q) for q in asked(function, symbols, known))
    except (NotRational, TypeError, AttributeError):
        return None
    both = Counter(rise.bottom) | Counter(fall.bottom)
    under = below(Quotient(ONE, tuple(both.elements()))).top
    found = Rates(rise.over(both), fall.over(both), under)
    return found if found.size < LARGEST else None


def shared(functions: list[Callable]) -> list[Rates | None]:
    """Return the rates of gates that feel one potential, None where not rational."""
    free = Exponentials([], {})
    able = [rates_of(f, free) is not None for f in functions]
    bases = Exponentials([], bases_of(free.slopes))
    pairs = zip(functions, able, strict=True)
    found = [rates_of(f, bases) if rational else None for f, rational in pairs]
    for base in dict.fromkeys(base for base, _ in bases.bases.values()):
        e: Node = ("exp", base, 0.0)
        nodes = [n for r in found if r is not None for n in (r.rise, r.fall, r.under)]
        factors = [c for node in nodes for c in factors_of(e, node)]
        if factors:
            own: Node = ("exp", base, log(factors[0]))
            found = [r and Rates(*(
                with_factor(n, e, own, factors[0]) for n in (r.rise, r.fall, r.under)
            )) for r in found]  # fmt: skip
    return found


def factors_of(e: Node, node: Node) -> Iterator[float]:
    """Return the numbers by which an exponential is multiplied in a node."""
    if node[0] == "*" and node[1][0] == "number" and node[2] == e:
        yield node[1][1]
    for part in node[1:]:
        if isinstance(part, tuple):
            yield from factors_of(e, part)


def with_factor(node: Node, e: Node, own: Node, factor: float) -> Node:
    """Return a node in which an exponential has taken its factor into its exponent."""
    kind, *parts = node
    if node == e:
        return times(("number", 1.0 / factor), own)
    if kind == "power" and parts[0] == e:
        return times(("number", factor ** -parts[1]), ("power", own, parts[1]))
    if kind == "*" and parts == [("number", factor), e]:
        return own
    inner = [
        with_factor(n, e, own, factor) if isinstance(n, tuple) else n for n in parts
    ]
    if kind == "*":
        return times(*inner)
    return plus(*inner) if kind == "+" else (kind, *inner)


def bases_of(slopes: list[float]) -> dict[float, tuple[float, int]]:
    """Return for each slope the slope of its base and the power, flattest first."""
    bases: dict[float, tuple[float, int]] = {}
    for slope in sorted(dict.fromkeys(slopes), key=abs):
        bases[slope] = (slope, 1)
        for base in {b for b, _ in bases.values()} - {slope}:
            power = slope / base
            whole = round(power)
            if abs(power - whole) < 1e-9 and 1 <= abs(whole) <= MOST:
                bases[slope] = (base, whole)
    return bases
