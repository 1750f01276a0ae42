"""Amounts that are added to a state at given times, and the explicit step of states."""

from dataclasses import replace

import numpy as np
import pytest

from neurosim import Kicks, Pace, Step, simulate
from neurosim.core.block import LANES, ROW
from neurosim.core.jit import equation
from neurosim.declare import Param, State
from neurosim.errors import NeurosimError, UnknownName
from neurosim.lower import rows_of
from neurosim.measure import of_run
from neurosim.model import Model
from neurosim.sweep import sweep


@equation
def gone(drug, k):
    """Return the loss of a drug, mmol/d."""
    return -k * drug


@equation
def excreted(drug, k):
    """Return what appears of it in urine, mmol/d."""
    return k * drug


def drug(stiff=True):
    return Model(
        name="drug", title="a drug and its loss", source="made for this test",
        doc="One pool.", time_unit="d", dt=0.02, stiff=stiff,
        states=(State("drug", 0.0, "mmol", "drug in the body", gone),
                State("urine", 0.0, "mmol", "drug in urine", excreted)),
        params=(Param("k", 0.3, "1/d", "rate of loss", low=0.0),),
    )  # fmt: skip


def course(model, kicks, **how):
    run = simulate(
        model, kicks, duration=10.0, record=["drug", "urine"], record_every=1.0, **how
    )
    return run.drug.values, run.urine.values


@pytest.mark.parametrize("stiff", [True, False])
def test_doses_decay_as_they_must(stiff):
    left, urine = course(drug(stiff), Kicks("drug", [0.5, 2.5], [1.0, 3.0]))
    exact = np.exp(-0.3 * 9.5) + 3.0 * np.exp(-0.3 * 7.5)
    assert left[-1] == pytest.approx(exact, rel=0.02)  # on the nearest step
    assert left[-1] + urine[-1] == pytest.approx(4.0, abs=1e-12)  # nothing is lost


@pytest.mark.parametrize("stiff", [True, False])
def test_a_dose_at_the_beginning_acts_from_there(stiff):
    left, _ = course(drug(stiff), Kicks("drug", [0.0]))
    assert left[-1] == pytest.approx(np.exp(-0.3 * 10.0), rel=1e-4)


def test_the_explicit_step_is_of_second_order():
    model = replace(drug(False), dt=0.5)
    errors = []
    for dt in (0.5, 0.25, 0.125):
        start = Kicks("drug", [0.0])
        left, _ = course(model, start, dt=dt)
        errors.append(abs(left[-1] / left[1] - np.exp(-0.3 * 9.0)))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.8).all(), errors


def test_the_longest_steps_follow_rates_as_fast_as_the_step_allows():
    """The fastest time constant is five default steps (0.1 d); 1.4 d are 70."""
    model = drug(False).at(k=[0.3, 2.0, 9.0])
    left, urine = course(model, [Kicks("drug", [0.0]), Pace(1.4)])
    assert left[0, -1] == pytest.approx(np.exp(-0.3 * 10.0), rel=0.05)
    assert np.abs(left[1:, -1]).max() < 0.01
    assert np.abs(left).max() <= 1.0 + 1e-9
    np.testing.assert_allclose(left[:, -1] + urine[:, -1], 1.0, atol=1e-12)


def test_long_steps_are_of_second_order():
    model = replace(drug(False), dt=0.02)
    errors = []
    for dt in (0.8, 0.4, 0.2):
        left, _ = course(model, [Kicks("drug", [0.0]), Pace(dt)])
        errors.append(abs(left[-1] - np.exp(-0.3 * 10.0)))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.7).all(), errors


def test_a_kick_at_an_edge_leaves_the_step_before_it_alone():
    at = 1e3 / 300.0  # no binary number is equal to it
    left, _ = course(drug(False), [Kicks("drug", [at]), Pace(0.5, 0.0, at)], dt=0.001)
    assert left[-1] == pytest.approx(np.exp(-0.3 * (10.0 - at)), rel=1e-3)


def test_the_reference_solver_meets_every_kick_at_its_time():
    left, _ = course(drug(), Kicks("drug", [0.513, 2.5]), solver="reference")
    exact = np.exp(-0.3 * (10.0 - 0.513)) + np.exp(-0.3 * 7.5)
    assert left[-1] == pytest.approx(exact, rel=1e-8)


def test_each_run_has_kicks_of_its_own_and_several_trains_add_up():
    model = drug().at(k=[0.3, 0.3, 0.6])
    times = np.array([[1.0, 2.0], [3.0, np.nan], [np.nan, np.nan]])
    left, urine = course(model, [Kicks("drug", times), Kicks("urine", [5.0], -0.25)])
    np.testing.assert_allclose((left + urine)[:, -1], [1.75, 0.75, -0.25], atol=1e-12)


@of_run("mmol", "drug at the end")
def drug_left(outcome):
    row = rows_of(outcome.ensemble.model).states["drug"] // ROW
    return outcome.x[row]


def test_a_sweep_in_shards_gives_each_run_its_own_kicks(tmp_path):
    model = drug().at(k=np.linspace(0.1, 0.5, LANES + 6))
    times = np.linspace(0.0, 9.0, LANES + 6)[:, None]
    asked = {"duration": 10.0, "measure": [drug_left]}
    whole = simulate(model, Kicks("drug", times), **asked)
    cut = sweep(
        model, Kicks("drug", times), out=tmp_path / "s", shard=LANES, progress=False,
        **asked,
    )  # fmt: skip
    assert (cut.drug_left.values == whole.drug_left.values).all()
    assert np.ptp(cut.drug_left.values) > 0.3


def test_mistakes_are_explained():
    with pytest.raises(UnknownName, match="Kicks: the states of 'drug'"):
        course(drug(), Kicks("dru", [1.0]))
    with pytest.raises(NeurosimError, match="2 rows, but there are 1 runs"):
        course(drug(), Kicks("drug", [[1.0], [2.0]]))
    with pytest.raises(NeurosimError, match="times and amounts"):
        Kicks("drug", [1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(NeurosimError, match="0 ms or more"):
        Kicks("drug", [-1.0])
    with pytest.raises(NeurosimError, match="one of"):
        simulate(drug(), "kick", duration=1.0)


def test_kicks_and_currents_go_together():
    from neurosim.models import SQUID_AXON

    with pytest.raises(UnknownName, match="Kicks"):
        simulate(SQUID_AXON, [Step(5.0), Kicks("m", [1.0])], duration=5.0)
