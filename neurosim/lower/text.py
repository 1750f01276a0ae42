"""Lines of generated code that the step and the derivative have in common."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from neurosim.core.block import ROW
from neurosim.core.jit import python_of
from neurosim.declare import (
    FUNCTIONS,
    RESERVED,
    Channel,
    Compartment,
    Derived,
    arguments,
    is_reserved,
)
from neurosim.errors import NeurosimError
from neurosim.lower.layout import WIDTH
from neurosim.lower.rows import Rows, rows_of
from neurosim.model import Model
from neurosim.wiring import words_made

IN_LOOP = " " * 8


@dataclass(frozen=True, slots=True)
class Names:
    """What functions are called in the generated module."""

    functions: dict[str, Callable]  # name in the module -> function
    of: dict[int, str]  # id of the function -> name in the module


def functions_of(model: Model) -> list[Callable]:
    """Return every physics function a model points at, each once, in order."""
    found: dict[int, Callable] = {}
    wiring = model.wiring
    derived = [*wiring.static.values()]
    for moving in wiring.dynamic.values():
        derived += moving.values()
    rules = [d.rule for d in derived]
    for c in model.compartments:
        for channel in c.channels:
            rules += [g.rates for g in channel.gates]
            rules += [channel.current] if channel.current is not None else []
    rules += [s.rule for s in model.states]
    for rule in rules:
        found.setdefault(id(rule), rule)
    return list(found.values())


def name_functions(model: Model) -> Names:
    """Give each function its own name, or that of its module before it if taken."""
    rules = functions_of(model)
    taken = Counter(python_of(r).__name__ for r in rules)
    variables = {n for scope in model.wiring.scopes.values() for n in scope}
    variables |= {c.name for c in model.compartments}
    made = words_made(model.compartments)
    names: dict[str, Callable] = {}
    for rule in rules:
        plain = python_of(rule).__name__
        ours = is_reserved(plain, RESERVED | FUNCTIONS) or made.fullmatch(plain)
        if taken[plain] > 1 or plain in variables or ours:
            plain = f"{python_of(rule).__module__.rpartition('.')[2]}_{plain}"
        while plain in names:
            plain += "_"
        names[plain] = rule
    return Names(names, {id(f): n for n, f in names.items()})


def constants(offsets: dict[str, int]) -> list[str]:
    """Return lines that name rows: runs of neighbours share a line."""
    runs: list[list[tuple[str, int]]] = []
    for name, at in offsets.items():
        near = runs and runs[-1][-1][1] + ROW == at
        if near and len(", ".join(n for n, _ in runs[-1])) + len(name) < 40:
            runs[-1].append((name, at))
        else:
            runs.append([(name, at)])
    lines = []
    for run in runs:
        begin = run[0][1] // ROW
        if len(run) == 1:
            lines.append(f"{run[0][0].upper()} = {begin} * ROW")
        else:
            left = ", ".join(name.upper() for name, _ in run)
            stop = begin + len(run)
            lines.append(f"{left} = range({begin} * ROW, {stop} * ROW, ROW)")
    return lines


@dataclass(slots=True)
class Piece:
    """Writes the loop body of one compartment; remembers what is loaded."""

    model: Model
    compartment: Compartment | None
    names: Names
    indexed: bool  # records lie at ``at + i`` (a cable) rather than at ``i``
    pools_at: str | None = None  # base of the model's states, if not the buffer
    rows: Rows = field(init=False)
    loaded: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self):
        """Look up where everything lies."""
        self.rows = rows_of(self.model)

    @property
    def scope(self) -> dict[str, str]:
        """Return the names that functions of this compartment may ask for."""
        home = self.compartment.name if self.compartment else ""
        return self.model.wiring.scopes[home]

    @property
    def own(self) -> set[str]:
        """Return the names of the gates in the compartment's record."""
        return {g.name for g in self.compartment.gates} if self.compartment else set()

    def place(self, name: str) -> str:
        """Return the buffer element that holds a name."""
        here = "j" if self.indexed else "i"
        if name == "v" or name in self.own:
            return f"x[{name.upper()} + {here}]"
        key = self.scope[name]
        if self.pools_at and key in {s.name for s in self.model.states}:
            offset = self.rows.shared_rows[key] - self.rows.pools
            return f"x[{self.pools_at} + {offset // ROW} * ROW + i]"
        return f"x[{key.upper()} + i]"

    def write(self, line: str) -> None:
        """Add a line to the loop body."""
        self.lines.append(IN_LOOP + line)

    def load(self, wanted: list[str]) -> None:
        """Load names that are not yet local variables, a few to a line."""
        fresh = [n for n in dict.fromkeys(wanted) if n not in self.loaded]
        # rules of the model find what moves with its states in the first compartment
        pieces = (self.compartment,) if self.compartment else self.model.compartments
        moving = self.model.wiring.dynamic.get(pieces[0].name if pieces else "", {})
        for name in [n for n in fresh if self.scope.get(n) in moving]:
            fresh.remove(name)
            self.derive(moving[self.scope[name]])
        for few in batched(fresh, self.place):
            right = ", ".join(self.place(n) for n in few)
            self.write(f"{', '.join(few)} = {right}")
        self.loaded |= set(fresh)

    def lookup(self, name: str) -> str:
        """Return where to read a name that is needed once."""
        if self.scope.get(name) in self.model.wiring.static:
            return name if name in self.loaded else self.place(name)
        self.load([name])
        return name

    def derive(self, d: Derived) -> None:
        """Compute a derived quantity that moves with the states."""
        self.load(list(arguments(d.rule)))
        self.write(f"{d.name} = {self.call(d.rule)}")
        self.loaded.add(d.name)

    def call(self, rule: Callable, felt: str = "v") -> str:
        """Return the call of a function with its arguments by name."""
        given = [felt if a == "v" else a for a in arguments(rule)]
        return f"{self.names.of[id(rule)]}({', '.join(given)})"

    def feel(self, channel: Channel) -> str:
        """Write and return the potential that the channel's gates feel."""
        if channel.shift is None or not channel.gates:
            return "v"
        self.load([channel.shift.name])
        self.write(f"u = v + {channel.shift.name}")
        return "u"

    def current(self, channel: Channel, extra: str = "") -> None:
        """Write the current of a channel and its slope with respect to v."""
        open_fraction = " * ".join(
            g.name if g.power == 1 else f"{g.name}**{g.power}" for g in channel.gates
        )
        if extra:
            open_fraction = f"({open_fraction or '1.0'} + {extra})"
        c, i = f"c_{channel.name}", f"i_{channel.name}"
        if channel.current is None:
            if channel.conductance is None or channel.reversal is None:
                raise NeurosimError(
                    f"channel {channel.name!r}: give both conductance and reversal."
                )
            g, e = channel.conductance.name, channel.reversal.name
            self.load([g, e])
            self.write(f"{c} = {g}" + (f" * {open_fraction}" if open_fraction else ""))
            self.write(f"{i} = {c} * (v - {e})")
        else:
            self.load(list(arguments(channel.current)))
            self.write(f"{i}, {c} = {self.call(channel.current)}")
            if open_fraction:
                self.write(f"is_open = {open_fraction}")
                self.write(f"{i}, {c} = is_open * {i}, is_open * {c}")


def batched(names: list[str], place: Callable[[str], str]) -> Iterator[list[str]]:
    """Split names into groups whose loads fit a line."""
    group: list[str] = []
    for name in names:
        width = sum(len(n) + len(place(n)) + 4 for n in [*group, name])
        if group and width > 76:
            yield group
            group = []
        group.append(name)
    if group:
        yield group


def loop_head(indexed: bool) -> list[str]:
    """Return the first lines of a loop over lanes."""
    lines = ["    for i in range(whole(runs)):"]
    return lines + ([f"{IN_LOOP}j = at + i"] if indexed else [])


def gates_title(channel: Channel, names: Names) -> list[str]:
    """Return a comment on a channel's gates and the functions that they point at."""
    asked = ", ".join(names.of[id(g.rates)] for g in channel.gates)
    title = f"{IN_LOOP}# gates of {channel.name}: {channel.doc}"
    if len(title) + len(asked) + 3 <= WIDTH:
        return [f"{title} ({asked})"]
    return [title, f"{IN_LOOP}# ({asked})"]


def total(prefix: str, channels: tuple[Channel, ...]) -> str:
    """Return the sum of a quantity over channels."""
    return " + ".join(f"{prefix}_{c.name}" for c in channels) or "0.0"


def prepare_lines(model: Model, names: Names) -> list[str]:
    """Return the kernel that computes what depends on parameters only."""
    wiring = model.wiring
    lines = ["    for i in range(whole(runs)):"]
    home = {n: s for s, found in wiring.arguments.items() for n in found}
    for name, d in wiring.static.items():
        given = wiring.arguments[home[name]][name]
        loads = ", ".join(f"x[{a.upper()} + i]" for a in given)
        call = f"{names.of[id(d.rule)]}({loads})"
        lines.append(f"{IN_LOOP}x[{name.upper()} + i] = {call}")
    if len(lines) == 1:
        lines = ["    pass"]
    return [
        "@kernel",
        "def prepare(x, runs):",
        '    """Compute what depends on parameters only, once per run."""',
        *lines,
    ]
