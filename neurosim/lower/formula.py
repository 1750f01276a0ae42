"""A physics function as formulas to read, taken from its Python source.

What is not plain arithmetic is refused rather than guessed: the caller then shows the
source itself. The text is Python's with ``·`` for a product and ``^`` for a power.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from neurosim.core.jit import python_of

# how tightly each form binds, loosest first
CHOICE, LOGIC, COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(8)
BINARY = {
    ast.Add: (" + ", SUM),
    ast.Sub: (" - ", SUM),
    ast.Mult: ("·", PRODUCT),
    ast.Div: ("/", PRODUCT),
}
COMPARISONS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==",
    ast.NotEq: "!=",
}  # fmt: skip
BUILTINS = frozenset({"abs", "min", "max"})


class NotAFormula(Exception):
    """The source holds something other than arithmetic."""


@dataclass(frozen=True, slots=True)
class Formula:
    """Lines such as ``rise = 0.1·linexp((v + 55)/10)`` and what they refer to."""

    lines: tuple[str, ...]
    constants: Mapping[str, float] = field(default_factory=dict)
    functions: Mapping[str, Callable] = field(default_factory=dict)


def formula_of(
    rule: Callable, labels: tuple[str, ...], shown: Mapping[str, str] | None = None
) -> Formula | None:
    """Return the formulas of a function, or None where it is not plain arithmetic.

    Parameters
    ----------
    labels : what the returned values are called.
    shown : other names to show for arguments, e.g. ``{"v": "u"}``.
    """
    function = python_of(rule)
    shown = {old: new for old, new in (shown or {}).items() if old != new}
    try:
        tree = tree_of(function)
        reader = Reader(shown)
        lines = reader.body(tree, labels)
        check_names(tree, labels, shown)
        constants, functions = meanings(function, tree)
    except NotAFormula:
        return None
    return Formula(tuple(lines), constants, functions)


def source_of(rule: Callable) -> str:
    """Return the source text of a function, or its name where there is none."""
    try:
        return textwrap.dedent(inspect.getsource(python_of(rule))).rstrip()
    except (OSError, TypeError):
        return f"{python_of(rule).__name__}: its source is not available"


def tree_of(function: Callable) -> ast.FunctionDef:
    """Return the syntax tree of a function."""
    if hasattr(function, "__wrapped__"):  # the source would be of what is wrapped
        raise NotAFormula
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError) as error:
        raise NotAFormula from error
    if not isinstance(tree, ast.FunctionDef):
        raise NotAFormula
    return tree


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns syntax into text; ``shown`` renames arguments."""

    shown: Mapping[str, str]

    def body(self, tree: ast.FunctionDef, labels: tuple[str, ...]) -> list[str]:
        """Return the lines of a function: its assignments, then what it returns."""
        statements = tree.body
        if ast.get_docstring(tree) is not None:
            statements = statements[1:]
        lines = [self.statement(s) for s in statements[:-1]]
        for label, part in zip(labels, returned(tree, len(labels)), strict=True):
            if not is_named(part, label):
                lines.append(f"{label} = {self.several(part)}")
        return lines

    def statement(self, node: ast.stmt) -> str:
        """Return the line of an assignment."""
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return f"{self.target(node.targets[0])} = {self.several(node.value)}"
        if isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
            sign = BINARY[type(node.op)][0].strip()
            return f"{self.target(node.target)} {sign}= {self.expression(node.value)}"
        raise NotAFormula

    def target(self, node: ast.expr) -> str:
        """Return the names that an assignment sets; never an argument's."""
        names = node.elts if isinstance(node, ast.Tuple) else [node]
        texts = [n.id for n in names if isinstance(n, ast.Name)]
        if len(texts) != len(names) or set(texts) & set(self.shown):
            raise NotAFormula
        return ", ".join(texts)

    def several(self, node: ast.expr) -> str:
        """Return an expression, or several separated by commas."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return ", ".join(self.expression(p) for p in parts)

    def expression(self, node: ast.expr, least: int = CHOICE) -> str:
        """Return an expression, in brackets if it binds less tightly than ``least``."""
        text, level = self.form(node)
        return text if level >= least else f"({text})"

    def form(self, node: ast.expr) -> tuple[str, int]:
        """Return the text of an expression and how tightly it binds."""
        see = self.expression
        match node:
            case ast.Constant(value) if type(value) in (int, float):
                return repr(value).removesuffix(".0"), ATOM
            case ast.Name(id=name):
                return self.shown.get(name, name), ATOM
            case ast.BinOp(left, ast.Pow(), right):
                return f"{see(left, ATOM)}^{see(right, ATOM)}", POWER
            case ast.BinOp(left, op, right) if type(op) in BINARY:
                sign, level = BINARY[type(op)]
                second = see(right, level + 1)
                second = f"({second})" if second.startswith("-") else second
                return f"{see(left, level)}{sign}{second}", level
            case ast.UnaryOp(ast.USub(), operand):
                return f"-{see(operand, POWER)}", SIGN
            case ast.Call(ast.Name(id=name), args, []):
                return f"{name}({', '.join(see(a) for a in args)})", ATOM
            case ast.IfExp(test, body, orelse):
                return f"{see(body, LOGIC)} if {see(test, LOGIC)} else {see(orelse)}", 0
            case ast.BoolOp(op, values):
                word = " and " if isinstance(op, ast.And) else " or "
                return word.join(see(v, COMPARE) for v in values), LOGIC
            case ast.Compare(left, [op], [right]) if type(op) in COMPARISONS:
                sign = COMPARISONS[type(op)]
                return f"{see(left, SUM)} {sign} {see(right, SUM)}", COMPARE
        raise NotAFormula


def names_in(tree: ast.FunctionDef) -> tuple[set[str], set[str]]:
    """Return the names that a function's body reads and those that it sets."""
    nodes = [n for s in tree.body for n in ast.walk(s) if isinstance(n, ast.Name)]
    read = {n.id for n in nodes if isinstance(n.ctx, ast.Load)}
    return read, {n.id for n in nodes if isinstance(n.ctx, ast.Store)}


def returned(tree: ast.FunctionDef, count: int) -> list[ast.expr]:
    """Return the expressions that a function ends with, one or ``count`` of them."""
    last = tree.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        raise NotAFormula
    parts = [last.value]
    if count > 1 and isinstance(last.value, ast.Tuple):
        parts = last.value.elts
    if len(parts) != count:
        raise NotAFormula
    return parts


def is_named(node: ast.expr, name: str) -> bool:
    """Tell whether an expression is nothing but a name."""
    return isinstance(node, ast.Name) and node.id == name


def check_names(tree: ast.FunctionDef, labels, shown: Mapping[str, str]) -> None:
    """Refuse a text in which one name would stand for two things."""
    read, written = names_in(tree)
    parts = returned(tree, len(labels))
    pairs = zip(parts, labels, strict=True)
    fresh = {label for part, label in pairs if not is_named(part, label)}
    others = (read | written) - set(shown)
    if fresh & (read | written) or {*shown.values()} & (others | set(labels)):
        raise NotAFormula


def meanings(function: Any, tree: ast.FunctionDef) -> tuple[dict, dict]:
    """Return the constants and the functions that a function's names stand for."""
    read, written = names_in(tree)
    known = outside(function)
    free = read - written - set(inspect.signature(function).parameters)
    free -= BUILTINS - set(known)
    constants = {n: known.get(n) for n in sorted(free) if not callable(known.get(n))}
    if not all(isinstance(v, int | float) for v in constants.values()):
        raise NotAFormula
    return constants, {n: known[n] for n in sorted(free) if n not in constants}


def outside(rule: Callable) -> dict[str, Any]:
    """Return what the names mean that a function takes from around it."""
    try:
        found = inspect.getclosurevars(python_of(rule))
    except TypeError:
        return {}
    return {**found.globals, **found.nonlocals}
