"""The page of a model says what is run, and no formula on it is a guess."""

import re
from importlib import import_module
from itertools import pairwise
from math import cos, exp
from types import FunctionType

import numpy as np
import pytest

from neurosim import Step, simulate
from neurosim.core.jit import python_of
from neurosim.declare import (
    Channel,
    Compartment,
    Derived,
    Gate,
    Param,
    Patch,
    State,
    arguments,
)
from neurosim.describe import describe, in_words, summary
from neurosim.lower.formula import formula_of, source_of
from neurosim.model import Model
from neurosim.models import TITLES, find
from neurosim.sources import Source

MODULES = ("sodium", "potassium", "ions", "surface_charge", "leak")
SIXTH = 1.0 / 6.0
OTHER = {"not": "a number"}


def equations():
    """Every function of the physics, once."""
    modules = [import_module(f"neurosim.physics.{name}") for name in MODULES]
    return [
        function
        for module in modules
        for function in vars(module).values()
        if isinstance(python_of(function), FunctionType)
        and function.__module__ == module.__name__
    ]


def evaluate(formula, labels, values):
    """Compute what a formula's text says, with Python's signs put back."""
    scope = {**formula.constants, **formula.functions, **values}
    for line in formula.lines:
        text = line.replace("·", "*").replace("^", "**")
        exec(text, {"abs": abs, "min": min, "max": max}, scope)
    return [scope[label] for label in labels]


@pytest.mark.parametrize("rule", equations(), ids=lambda f: python_of(f).__name__)
def test_a_formula_computes_what_the_function_computes(rule):
    rng = np.random.default_rng(1)
    values = dict.fromkeys(arguments(rule))
    first = python_of(rule)(*[1.5] * len(values))
    several = isinstance(first, tuple)
    labels = tuple(f"part_{k}" for k in range(len(first))) if several else ("whole",)
    formula = formula_of(rule, labels)
    if formula is None:
        body = source_of(rule)
        assert re.search(r"\bfor\b", body), "only a loop should need its source"
        return
    for _ in range(20):
        given = {name: rng.uniform(0.5, 40.0) for name in values}
        expected = np.atleast_1d(python_of(rule)(**given))
        assert evaluate(formula, labels, given) == pytest.approx(expected, rel=1e-12)


def nested(v, k):
    """Every sign, in an order that a careless printer would change."""
    a, b = v - (k - 2.0), -((v + k) ** 2)
    a -= b / (v * k) / (v / k)
    c = 2.0 ** -(k**0.5) if (v > 1.0 and k < 30.0) or v < -1.0 else -v / -k
    return (a - -c) * (b + 1.0) ** 2.0, (v if k > 2.0 else k) * (3.0 - (c - 1.0))


def test_precedence_survives():
    formula = formula_of(nested, ("x", "y"))
    for v, k in ((0.5, 3.0), (2.0, 3.0), (-2.0, 1.5), (4.0, 35.0)):
        expected = nested(v, k)
        assert evaluate(formula, ("x", "y"), {"v": v, "k": k}) == pytest.approx(
            expected
        )


def loop(v):
    for _ in range(3):
        v = v * 2.0
    return v, v


def branch(v):
    if v > 0.0:
        return v, 1.0
    return -v, 1.0


def attribute(v):
    return np.exp(v), v


def unknown_constant(v):
    return OTHER * v, v


def swapped(v):
    rise, fall = v, 2.0 * v
    return fall, rise


def overwritten(v):
    fall = 2.0 * v
    return fall + 1.0, v


def three(v):
    return v, v, v


def keyword(v):
    return max(v, 1.0, key=abs), v


def empty(v):
    """Nothing."""


def bare(v):
    return


def single(v):
    return v


def taken(v):
    u = 2.0 * v
    return u, v


def wrapper(function):
    def doubled(v):
        return 2.0 * function(v)[0], 0.0

    doubled.__wrapped__ = function
    return doubled


REFUSED = [
    loop, branch, attribute, unknown_constant, swapped, overwritten, three, keyword,
    empty, bare, single, taken, wrapper(nested), lambda v: (v, 2.0 * v), exp,
]  # fmt: skip


@pytest.mark.parametrize("rule", REFUSED, ids=lambda f: f.__name__)
def test_what_is_not_plain_arithmetic_is_refused(rule):
    assert formula_of(rule, ("rise", "fall"), {"v": "u"}) is None


def test_constants_are_named_with_their_value():
    slope = 0.25

    def rates(v):
        x = SIXTH * v
        return slope * x, cos(x)

    formula = formula_of(rates, ("rise", "fall"), {"v": "u"})
    assert formula.lines == ("x = SIXTH·u", "rise = slope·x", "fall = cos(x)")
    assert formula.constants == {"SIXTH": SIXTH, "slope": 0.25}
    assert formula.functions == {"cos": cos}


def rows(text, heading):
    """Return the rows of the Markdown table after a heading."""
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]
    ]


@pytest.mark.parametrize("name", TITLES)
def test_the_page_holds_the_whole_declaration(name):
    model = find(name)
    text = describe(model, markdown=True)
    assert text.startswith(f"# {name}: {model.title}\n")
    named = isinstance(model.source, Source)
    source = f"doi.org/{model.source.doi}" if named else model.source
    for part in (model.validity, model.failures, source):
        assert " ".join(part.split()) in text
    table = {row[0]: row for row in rows(text, "Parameters")}
    assert list(table) == list(model.parameters)
    for parameter, p in model.parameters.items():
        assert float(table[parameter][1]) == pytest.approx(p.value, rel=1e-6)
        assert table[parameter][3] == p.doc
        assert table[parameter][5] == ("yes" if p.bath else "")
        assert table[parameter][6] == str(p.source)
        if isinstance(p.source, Source):
            assert p.source.text in text
    gated = [c for c in model.compartments if c.gates]
    gates = {row[0]: row for row in rows(text, "Gates")} if gated else {}
    for c in gated:
        for gate in c.gates:
            assert model.wiring.scopes[c.name][gate.name] in gates
    assert dict(rows(text, "What it does not have")) == dict(model.unsettable)
    assert f"| {model.dt:g} ms, " in text
    assert text.count("Not medical advice") == 2


@pytest.mark.parametrize("name", TITLES)
def test_markdown_tables_are_whole(name):
    lines = describe(find(name), markdown=True).splitlines()
    for above, line in pairwise(lines):
        if above.startswith("|") and line.startswith("|"):
            assert line.count(" | ") == above.count(" | "), line


def test_the_squid_axon_reads_as_published():
    text = describe(find("squid_axon"))
    for formula in (
        "rise = linexp((u + 40)/10)",
        "fall = 4·exp(-(u + 65)/18)",
        "rise = 0.07·exp(-(u + 65)/20)",
        "fall = 0.125·exp(-(u + 65)/80)",
        "u = v + k_shift",
        "i_na = g_na·m^3·h·(v - e_na)",
        "c_m dv/dt = stimulus - i_membrane",
        "i_membrane = i_na + i_k + i_l",
        "huxley_shift = ca_slope·log(ca_reference/ca_o)",
    ):
        assert formula in text
    assert max(map(len, text.partition("Functions in")[0].splitlines())) <= 100


def test_values_that_were_set_are_shown():
    model = find("motor_axon").at(ca_o=0.6, mg_o=[0.2, 0.4, 0.55])
    table = {
        row[0]: row[1] for row in rows(describe(model, markdown=True), "Parameters")
    }
    assert table["ca_o"] == "0.6"
    assert table["mg_o"] == "0.2 to 0.55 (3 values)"


def test_the_geometry_is_that_of_the_declaration():
    model = find("motor_axon")
    text = describe(model, markdown=True)
    table = rows(text, "Membrane: half node and half internode of a 10 um fibre")
    pieces = [p for c in model.compartments for p in c.instances]
    assert [row[0] for row in table] == pieces
    numbers = np.array([[float(x) for x in row[1:]] for row in table])
    assert numbers == pytest.approx(np.array(model.geometry.table), rel=1e-6)
    assert "first piece + 0.5·stimulus" in text


def test_a_function_with_a_loop_is_shown_as_it_is():
    text = describe(find("motor_axon"), markdown=True)
    assert "for _ in range(HALVINGS):" in text
    assert "# HALVINGS = 50" in text
    assert "first = ACID_1·(bound - 1)/(1 + protons·10^PKA_1 + bound)" in text


def leaving(store, out_of, v_store):
    return -out_of * store * v_store


def total_volume(v_store):
    return 2.0 * v_store


def crooked(v, total):
    for _ in range(2):
        v = v + total
    return v, 1.0


def inward(v, g_in):
    return g_in * v, g_in


STORE = Model(
    name="store", title="a store", source="made up", doc="A store that empties.",
    params=(Param("out_of", 0.1, "1/d", "loss", "assumed", low=0.0),
            Param("v_store", 3.0, "L", "volume", "assumed", low=1.0, high=5.0)),
    states=(State("store", 2.0, "mmol", "what is left", leaving),),
    time_unit="d", dt=0.01,
)  # fmt: skip
PATCH = Model(
    name="patch", title="a patch", source="made up", doc="A patch.",
    params=(Param("v_store", 3.0, "L", "volume", "assumed", high=5.0),),
    derived=(Derived("total", total_volume, "L", "twice the volume"),),
    compartments=(Compartment(name="soma", channels=(
        Channel(name="in", source="made up", current=inward,
                params=(Param("g_in", 0.1, "mS/cm2", "inward", "assumed"),),
                gates=(Gate("w", crooked, 2),)),
    )),),
    geometry=Patch(capacitance=Param("c", 1.0, "uF/cm2", "capacitance", "assumed")),
)  # fmt: skip


def test_a_model_without_voltage():
    text = describe(STORE)
    assert "d store/dt = -out_of·store·v_store" in text
    assert "0 or more" in text
    assert "1 to 5" in text
    for absent in ("a spike", "stimulus", "Gates", "Currents", "Membrane"):
        assert absent not in text


def test_currents_and_gates_given_as_functions():
    text = describe(PATCH)
    assert "total = 2·v_store" in text
    assert "current = g_in·v" in text
    assert "i_in = current·w^2" in text
    assert "see the source of crooked" in text
    assert "    for _ in range(2):" in text
    assert "5 or less" in text
    assert "any" in text


def test_the_step_is_as_accurate_as_the_page_says():
    model = find("squid_axon")
    assert "last spike of a one-second run within 0.02 ms" in describe(
        model, markdown=True
    )

    def last(dt):
        ds = simulate(model, Step(10.0), duration=1000.0, measure="last_spike", dt=dt)
        return float(ds["last_spike"])

    exact = last(model.dt / 16)
    errors = [abs(last(model.dt / k) - exact) for k in (1, 2)]
    assert errors[0] < 0.02
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.2)


def test_a_result_in_a_few_lines():
    model = find("squid_axon").at(ca_o=[20.0, 44.0])
    ds = simulate(
        model, Step(10.0), duration=30.0, measure=["spike_count", "rest", "threshold"],
        initial="rest",
    )  # fmt: skip
    text = summary(ds)
    assert "squid_axon: squid giant axon" in text
    assert "30 ms in steps of adaptive length, solver adaptive, seed 0" in text
    assert "from the rest of this bath" in text
    assert "over 20 to 44 mM (2 values)" in text
    assert re.search(r"threshold +[\d.]+ to 6.92\d* µA/cm²", text)
    ds["spike_count"].values[:] = [3.0, np.nan]
    assert in_words(ds["spike_count"]) == "3 to 3 (1 values, 1 missing)"
    ds["spike_count"].values[:] = np.nan
    assert in_words(ds["spike_count"]) == "no value"
    ds["status"].values[:] = [0, 2]
    assert in_words(ds["status"]) == "1 ok, 1 no stable rest"
