"""Lines of a kernel that compute the rates of gates, their exponentials shared."""

from collections import Counter
from dataclasses import dataclass, field
from math import log

from neurosim.declare import Channel, Compartment, Gate
from neurosim.lower.quotient import LARGEST, Node, Rates, shared, times
from neurosim.lower.text import Piece

WAYS = ("", "two_quotients", "three_quotients", "four_quotients")  # in core.maths
PLAIN = 20.0  # logarithm of what a rate called as it is does not exceed, 1/ms
CALLED = (  # of core.maths
    "clipped", "two_to", "linexp_parts", "cube_root_of_sigmoid", "relaxed", *WAYS,
)  # fmt: skip


@dataclass(slots=True)
class Gates:
    """Writes the rates of a compartment's gates; remembers what has been written."""

    piece: Piece
    compartment: Compartment
    rates: dict[str, Rates | None] = field(default_factory=dict)
    names: dict[Node, str] = field(default_factory=dict)  # in the gate at hand
    exps: dict[tuple[str, Node], str] = field(default_factory=dict)  # of each shift
    felt: str | None = None  # shift of the potential at hand

    def __post_init__(self):
        """Find out what the gates that feel one potential have in common."""
        channels = self.compartment.channels
        for shift in dict.fromkeys(shift_of(c) for c in channels):
            gates = [g for c in channels if shift_of(c) == shift for g in c.gates]
            found = shared([g.rates for g in gates])
            self.rates |= {g.name: r for g, r in zip(gates, found, strict=True)}

    def write(
        self, channel: Channel, gate: Gate, plain: bool = False
    ) -> tuple[str, str, str]:
        """Write what a gate needs; return its rise, its fall and what both are over."""
        found = None if plain else self.rates[gate.name]
        self.feel(channel)
        if found is None:
            self.piece.write(f"rise, fall = {self.piece.call(gate.rates, 'u')}")
            return "rise", "fall", "1.0"
        uses: Counter[Node] = Counter()
        for root in (found.rise, found.fall, found.under):
            count(root, uses)
        self.names = {}
        for node in uses:  # inner ones come first
            if node[0] == "exp":
                self.names[node] = self.exponential(shift_of(channel), node)
            elif node[0] == "linexp":
                self.name_parts(gate, node)
            elif node[0] == "root":
                self.names[node] = name = self.fresh(f"{gate.name}_root")
                self.piece.write(f"{name} = cube_root_of_sigmoid({self.text(node[1])})")
            elif uses[node] > 1 and node[0] in "+*":
                kind = "sum" if node[0] == "+" else "product"
                name = self.fresh(f"{gate.name}_{kind}")
                self.piece.write(f"{name} = {self.text(node)}")
                self.names[node] = name
        return self.text(found.rise), self.text(found.fall), self.text(found.under)

    def size(self, gate: Gate) -> float:
        """Return the logarithm of what numerator and denominator do not exceed."""
        found = self.rates[gate.name]
        return found.size if found is not None else PLAIN

    def feel(self, channel: Channel) -> None:
        """Write the potential that a channel's gates feel, where it is another one."""
        shift = shift_of(channel)
        if shift != self.felt:
            self.felt = shift
            felt = f"v + {self.piece.lookup(shift)}" if shift else "v"
            self.piece.write(f"u = clipped({felt})")

    def exponential(self, shift: str, node: Node) -> str:
        """Return the name of an exponential, written down where it is new."""
        if (shift, node) not in self.exps:
            name = self.exps[shift, node] = f"e{len(self.exps) + 1}"
            _, slope, offset = node
            twos = straight(slope / log(2.0), offset / log(2.0))
            self.piece.write(f"{name} = two_to({twos})")
        return self.exps[shift, node]

    def name_parts(self, gate: Gate, node: Node) -> None:
        """Write the line that computes numerator and denominator of a ``linexp``."""
        top, under = self.fresh(f"{gate.name}_top"), self.fresh(f"{gate.name}_under")
        given = ", ".join(self.text(n) for n in node[1:])
        self.piece.write(f"{top}, {under} = linexp_parts({given})")
        self.names |= {("top", node): top, ("under", node): under}

    def fresh(self, name: str) -> str:
        """Return a name that is not taken yet."""
        k = sum(n.rstrip("0123456789") == name for n in self.names.values())
        return f"{name}{k + 1}" if k else name

    def text(self, node: Node) -> str:
        """Return a node as an expression."""
        if node in self.names:
            return self.names[node]
        kind, *parts = node
        if kind == "number":
            return number(parts[0])
        if kind == "name":
            return parts[0]
        if kind == "line":
            return straight(*parts)
        if kind == "power":
            return f"{self.text(parts[0])}**{parts[1]}"
        if kind == "*":
            return " * ".join(self.factor(n) for n in parts)
        left, right = parts
        if left[:2] == ("*", ("number", -1.0)) and right[0] == "number":
            left, right = right, left
        if right[0] == "*" and right[1][0] == "number" and right[1][1] < 0.0:
            less = self.factor(times(("number", -1.0), right))
            return f"{self.text(left)} - {less}"
        if right[0] == "number" and right[1] < 0.0:
            return f"{self.text(left)} - {number(-right[1])}"
        return f"{self.text(left)} + {self.text(right)}"

    def factor(self, node: Node) -> str:
        """Return a node as a factor of a product."""
        text = self.text(node)
        bare = node in self.names or node[0] not in ("+", "line")
        return text if bare else f"({text})"


def divide(piece: Piece, quotients: list[tuple[str, float]]) -> None:
    """Write one division for as many quotients as can share it.

    quotients : name of each, whose numerator it still is (``<name>_over`` is the
    denominator), and the logarithm of what its parts do not exceed.
    """
    group: list[str] = []
    size = 0.0
    for k, (name, own) in enumerate(quotients):
        group.append(name)
        size += own
        last = k + 1 == len(quotients)
        if last or len(group) == len(WAYS) or size + quotients[k + 1][1] > LARGEST:
            given = ", ".join(f"{n}, {n}_over" for n in group)
            way = WAYS[len(group) - 1]
            right = f"{way}({given})" if way else f"{name} / {name}_over"
            piece.write(f"{', '.join(group)} = {right}")
            group, size = [], 0.0


def count(node: Node, uses: Counter[Node]) -> None:
    """Count how often each node is needed, inner ones before outer ones."""
    if node not in uses:
        for part in node[1:]:
            if isinstance(part, tuple):
                count(part, uses)
    uses[node] += 1


def shift_of(channel: Channel) -> str:
    """Return the name of the shift that a channel's gates feel."""
    return channel.shift.name if channel.shift is not None else ""


def number(x: float) -> str:
    """Return a number as text that reads well and is exact to 1e-15."""
    return repr(float(f"{x:.16g}"))


def straight(slope: float, offset: float) -> str:
    """Return a straight line in the felt potential."""
    left = "u" if slope == 1.0 else f"{number(slope)} * u"
    if offset == 0.0:
        return left
    return f"{left} {'-' if offset < 0 else '+'} {number(abs(offset))}"
