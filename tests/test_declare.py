"""Declarations: what is wrong with a model is said when it is made, in words."""

import dataclasses
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from neurosim.core.jit import equation
from neurosim.declare import (
    Cable,
    Channel,
    Compartment,
    Derived,
    Gate,
    Param,
    Patch,
    State,
)
from neurosim.errors import NeurosimError, UnknownName
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON, TITLES, find
from neurosim.models.squid_axon import LEAK
from neurosim.physics.sodium import squid_m
from neurosim.units import UNITS


@equation
def needs_typo(v, temprature):
    return v, temprature


@equation
def from_first(first):
    return first


@equation
def from_second(second):
    return second


@equation
def from_nothing(nonexistent):
    return nonexistent


@equation
def constant():
    return 2.0


@equation
def other_constant():
    return 3.0


@equation
def any_current(v):
    return v, 1.0


MEMBRANE = Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance"))
WIDTH = 7  # columns of a cable's table


def leak(name="l", g="g_l", e="e_l"):
    return Channel(
        name=name, source="made up",
        conductance=Param(g, 0.3, "mS/cm2", "leak"),
        reversal=Param(e, -60.0, "mV", "reversal"),
    )  # fmt: skip


def gated(*gates, name="a_channel"):
    return Channel(name=name, source="made up", gates=gates, current=any_current)


def model(*channels, compartments=None, geometry=MEMBRANE, **more):
    return Model(
        name="small", title="a small one", source="made up", doc="",
        compartments=compartments or (Compartment(name="soma", channels=channels),),
        geometry=geometry, **more,
    )  # fmt: skip


def twice(name, rules=(constant, other_constant)):
    return tuple(Derived(name, rule, "", "") for rule in rules)


# what is declared -> words of the answer
WRONG = {
    "argument": (
        lambda: model(
            leak(), gated(Gate("m", needs_typo)),
            params=(Param("temperature", 6.3, "degC", ""),),
        ),
        r"small.*gate a_channel\.m.*needs_typo.*no 'temprature'.*mean 'temperature'",
    ),
    "argument of a current": (
        lambda: model(Channel(name="x", source="", current=from_nothing)),
        r"current of 'x'.*no 'nonexistent'",
    ),
    "argument of a state": (
        lambda: model(leak(), states=(State("store", 1.0, "mM", "", from_nothing),)),
        r"state 'store'.*no 'nonexistent'",
    ),
    "argument of a derived": (
        lambda: model(leak(), derived=(Derived("first", from_nothing, "", ""),)),
        r"derived 'first'.*no 'nonexistent'",
    ),
    "argument behind another": (
        lambda: model(
            leak(),
            derived=(
                Derived("first", from_second, "", ""),
                Derived("second", from_nothing, "", ""),
            ),
        ),
        r"derived 'second'.*no 'nonexistent'",
    ),
    "circle": (
        lambda: model(
            leak(),
            derived=(
                Derived("first", from_second, "", ""),
                Derived("second", from_first, "", ""),
            ),
        ),
        "first, second need each other in a circle",
    ),
    "circle of one": (
        lambda: model(leak(), derived=(Derived("first", from_first, "", ""),)),
        "first.*circle",
    ),
    "parameter twice": (
        lambda: model(leak(), params=(Param("g_l", 9.0, "mS/cm2", ""),)),
        "'g_l' twice",
    ),
    "gate twice": (
        lambda: model(gated(Gate("m", squid_m), Gate("m", squid_m))), "'m'.*two things"
    ),
    "gate like a parameter": (
        lambda: model(leak(), gated(Gate("g_l", squid_m))), "'g_l'.*two things"
    ),
    "channel twice": (lambda: model(leak(), leak(g="g_2", e="e_2")), "'l'"),
    "derived twice": (lambda: model(leak(), derived=twice("first")), "'first'"),
    "derived like a parameter": (
        lambda: model(leak(), derived=twice("g_l", (constant,))), "'g_l'"
    ),
    "state twice": (
        lambda: model(
            leak(),
            states=(
                State("store", 1.0, "mM", "", constant),
                State("store", 2.0, "mM", "", other_constant),
            ),
        ),
        "'store'",
    ),
    "state like a parameter": (
        lambda: model(leak(), states=(State("g_l", 1.0, "mM", "", constant),)), "'g_l'"
    ),
    "compartment twice": (
        lambda: model(
            compartments=(
                Compartment(name="soma", channels=(leak(),)),
                Compartment(name="soma", channels=(leak(),)),
            ),
            geometry=Cable(table=((1.0,) * WIDTH,) * 2),
        ),
        "'soma'",
    ),
    "unit": (lambda: Param("g", 1.0, "mS/cm", ""), "'g'.*'mS/cm'.*mean 'mS/cm2'"),
    "unit of a state": (lambda: State("s", 1.0, "mg/dL", "", constant), "'s'.*'mg/dL'"),
    "unit of a derived": (lambda: Derived("s", constant, "volt", ""), "'s'.*'volt'"),
    "word with a blank": (lambda: Param("g l", 1.0, "mV", ""), "'g l' cannot name"),
    "word of the kernel": (lambda: Param("dt", 1.0, "ms", ""), "'dt' cannot name"),
    "word of the kernel in capitals": (lambda: Param("Row", 1.0, "", ""), "'Row'"),
    "word that kernels count": (lambda: Param("e1", 1.0, "mV", ""), "'e1' cannot name"),
    "piece called like a kernel's part": (
        lambda: Compartment(name="advance"), "'advance' cannot name a comp",
    ),
    "parameter called like a current": (
        lambda: model(leak(), params=(Param("i_l", 1.0, "uA/cm2", ""),)),
        "small.*'i_l'.*gate or channel; choose another",
    ),
    "parameter of a piece called like a current": (
        lambda: model(compartments=(
            Compartment(name="soma", channels=(leak(),),
                        params=(Param("i_l", 1.0, "uA/cm2", ""),)),
        )),
        "'i_l'.*gate or channel; choose another",
    ),
    "capacitance called like a current": (
        lambda: model(
            leak(), geometry=Patch(capacitance=Param("c_l", 1.0, "uF/cm2", ""))
        ),
        "'c_l'.*gate or channel; choose another",
    ),
    "gate called like a slope": (
        lambda: model(gated(Gate("c_a_channel", squid_m))), "'c_a_channel'.*choose",
    ),
    "derived called like what a gate gains": (
        lambda: model(gated(Gate("m", squid_m)),
                      derived=(Derived("dm", constant, "", ""),)),
        "'dm'.*choose",
    ),
    "parameter called like a part of a rate": (
        lambda: model(gated(Gate("m", squid_m)), params=(Param("m_top", 1.0, "", ""),)),
        "'m_top'.*choose",
    ),
    "names that differ in capitals": (
        lambda: model(leak(g="g_l", e="G_L")), "'g_l' and 'G_L' differ in capitals",
    ),
    "word of Python": (lambda: Param("lambda", 1.0, "", ""), "'lambda' cannot name"),
    "gate with the name of v": (lambda: model(gated(Gate("v", squid_m))), "'v'"),
    "gate with a blank": (lambda: model(gated(Gate("m 1", squid_m))), "'m 1'"),
    "channel with a blank": (lambda: model(gated(name="my channel")), "my channel"),
    "channel without a current": (
        lambda: Channel(name="x", source=""), "'x': give either conductance"
    ),
    "channel with two currents": (
        lambda: Channel(
            name="x", source="", current=any_current,
            conductance=Param("g", 1.0, "mS/cm2", ""),
        ),
        "'x': give either conductance",
    ),
    "conductance without reversal": (
        lambda: model(
            Channel(name="x", source="", conductance=Param("g", 1.0, "mS/cm2", ""))
        ),
        "'x'.*reversal",
    ),
    "two compartments in a patch": (
        lambda: model(
            compartments=(
                Compartment(name="soma", channels=(leak(),)),
                Compartment(name="axon", channels=(leak(),)),
            )
        ),
        "small.*compartment",
    ),
    "table with a row too many": (
        lambda: model(leak(), geometry=Cable(table=((1.0,) * WIDTH,) * 2)),
        "small.*row",
    ),
    "table with a column too few": (
        lambda: model(leak(), geometry=Cable(table=((1.0,) * 5,))), "small.*column"
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_refused_in_words(mistake):
    declare, words = WRONG[mistake]
    with pytest.raises(NeurosimError, match=words) as caught:
        declare()
    assert "\n" not in str(caught.value)


def test_a_name_that_nothing_carries_is_an_error_of_its_own():
    with pytest.raises(UnknownName):
        WRONG["argument"][0]()
    with pytest.raises(UnknownName):
        SQUID_AXON.at(kalium=3.0)


def test_declarations_cannot_be_changed():
    for thing in (SQUID_AXON, SQUID_AXON.compartments[0], LEAK, LEAK.conductance):
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            thing.name = "other"
    with pytest.raises(TypeError):
        SQUID_AXON.at(k_o=5.0).values["k_o"] = 6.0


def test_at_returns_a_new_model_and_leaves_the_old_one():
    new = SQUID_AXON.at(k_o=5.0).at(na_o=[400.0, 440.0])
    assert SQUID_AXON.values == {}
    assert new.values["k_o"] == 5.0
    assert new.axes == {"na_o": ("na_o",)}
    assert new.at(na_o=440.0).axes == {}
    assert new.structure == SQUID_AXON.structure  # so the kernel is the same


def test_along_pairs_parameters_and_at_crosses_them():
    paired = SQUID_AXON.along("bath", k_o=[10.0, 20.0], ca_o=[30.0, 44.0])
    assert paired.axes == {"bath": ("k_o", "ca_o")}
    both = paired.at(temperature=[5.0, 6.0, 7.0])
    assert list(both.axes) == ["bath", "temperature"]


def test_values_an_axis_was_made_of_may_change_afterwards():
    mine = np.array([10.0, 20.0])
    made = SQUID_AXON.at(k_o=mine)
    mine[:] = -1.0
    assert made.values["k_o"].tolist() == [10.0, 20.0]


def test_a_channel_takes_new_defaults_by_name():
    assert LEAK.at(g_l=0.5).conductance.value == 0.5
    assert LEAK.conductance.value == 0.3
    with pytest.raises(UnknownName, match=r"channel 'l'.*mean 'g_l'"):
        LEAK.at(g_ll=1.0)


def test_another_channel_can_be_added_and_is_wired():
    more = SQUID_AXON.with_channel(leak("extra", "g_extra", "e_extra"))
    assert more.parameters["g_extra"].value == 0.3
    assert "g_extra" not in SQUID_AXON.parameters
    with pytest.raises(UnknownName, match=r"squid_axon.*'dendrite'.*axon"):
        SQUID_AXON.with_channel(leak(), "dendrite")


def test_names_of_other_compartments_carry_theirs():
    names = set(MOTOR_AXON.parameters)
    assert {"g_kf", "g_kf_mysa", "g_kf_internode", "g_hcn_mysa"} <= names
    assert "g_hcn" not in names  # the node has none
    assert MOTOR_AXON.parameters["g_kf_mysa"].value == 150.74
    assert MOTOR_AXON.parameters["g_kf"].value == 25.68


@pytest.mark.parametrize("declared", [find(n) for n in TITLES], ids=lambda m: m.name)
def test_every_number_of_a_model_has_a_unit_a_meaning_and_a_source(declared):
    for name, param in declared.parameters.items():
        assert param.unit in UNITS, name
        assert param.doc, name
        assert param.low <= param.value <= param.high, name
        in_words = "assumed" in param.doc or "recalled" in param.doc
        assert str(param.source) or in_words, name
    assert declared.doc
    assert declared.validity
    assert declared.failures


def test_models_are_found_by_the_name_of_the_command_line():
    assert find("motor_axon") is MOTOR_AXON
    assert find("MRG_AXON") is MRG_AXON
    with pytest.raises(UnknownName, match="mean 'squid_axon'"):
        find("squid_axn")


@pytest.mark.parametrize("every", [0, -3, 2.5, None])
def test_a_jacobian_serves_a_whole_number_of_steps(every):
    with pytest.raises(NeurosimError, match=r"jacobian_every = .*1 or more"):
        dataclasses.replace(SQUID_AXON, jacobian_every=every)


def test_a_hash_is_not_carried_into_another_process():
    """Hashes of texts differ between processes, and with them those of structures."""
    known = {SQUID_AXON.structure: "found"}
    assert known[SQUID_AXON.at(k_o=10.0).structure] == "found"
    begun = "from neurosim.models import SQUID_AXON as m; hash(m.structure)"
    begun += "; import pickle, sys; sys.stdout.buffer.write(pickle.dumps(m.structure))"
    other = subprocess.run(
        [sys.executable, "-c", begun], capture_output=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    structure = pickle.loads(other.stdout)
    assert hash(structure) == hash(tuple(structure))
