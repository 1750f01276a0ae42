"""All equilibria of a bath, and curves of them."""

import numpy as np
import pytest

import neurosim.continuation as continuation
import neurosim.curve as curve
from neurosim.continuation import equilibria, follow, loss_of_rest
from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Gate, Param, Patch
from neurosim.errors import NeurosimError
from neurosim.measure import rest
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

FOLD = 2.0 / 3.0  # of the cubic x^3/3 - x at x = -1


@equation
def cubic_current(v, scale):
    """uA/cm2 and mS/cm2: scale (x^3/3 - x) with x = (v + 60)/10."""
    x = (v + 60.0) / 10.0
    return scale * (x**3 / 3.0 - x), scale * (x**2 - 1.0) / 10.0


@equation
def idle(v):
    """Return the rates of a gate that does nothing."""
    return 0.2, 0.2 + 0.0 * v


@equation
def nothing(v):
    """Return no current."""
    return 0.0 * v, 0.0


@pytest.fixture(scope="module")
def cubic():
    """Return a membrane whose rest has folds at currents of -+2/3 of its scale."""
    scale = Param("scale", 3.0, "uA/cm2", "size of the current")
    flow = Channel(name="a", source="", current=cubic_current, params=(scale,))
    gated = Channel(name="b", source="", current=nothing, gates=(Gate("z", idle),))
    return Model(
        name="cubic_membrane", title="", source="made up", doc="", start=-80.0,
        compartments=(Compartment(name="soma", channels=(flow, gated)),),
        geometry=Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance")),
    )  # fmt: skip


def test_the_squid_axon_has_one_equilibrium_and_rings_where_it_is_lost():
    found = equilibria(SQUID_AXON.at(shift=[0.0, 10.0]))
    assert found.sizes == {"shift": 2, "equilibrium": 1}
    healthy, shifted = found.v.values[:, 0]
    assert healthy == pytest.approx(float(rest(SQUID_AXON)), abs=1e-6)
    assert abs(shifted - healthy) < 5.0
    assert found.stable.values.ravel().tolist() == [1.0, 0.0]
    assert 40 < float(found.frequency[1, 0]) < 150  # Hz at 6.3 degC
    assert found.growth.attrs["units"] == "1/ms"


def test_low_potassium_gives_the_motor_axon_several_resting_states():
    # the slow K gate of the published model opens again below about -95 mV
    found = equilibria(MOTOR_AXON.at(k_o=[2.3, 4.0]))
    low, healthy = found.sel(k_o=2.3), found.sel(k_o=4.0)
    assert np.isfinite(healthy.v).sum() == 1
    assert np.nansum(low.stable) >= 2
    assert np.nanmin(low.v) < -100 < -94 < np.nanmax(low.v)


def test_a_curve_goes_round_its_folds():
    branch = follow(MOTOR_AXON, "k_o", 4.0, 1.8, points=60)
    assert branch.kind[:2] == ("fold", "fold")
    lost, regained = branch.lost[0], branch.regained[0]
    assert lost < regained  # the two resting states overlap between the folds
    assert 2.0 < lost < 2.5
    assert branch.v[-1] < -100.0
    assert (np.diff(branch.values) > 0).any()  # it turned back on the way


@pytest.mark.parametrize("points", [7, 60])
def test_a_fold_is_found_where_it_is(cubic, points):
    """However far apart the points are."""
    branch = follow(cubic, "amplitude", -6.0, 6.0, points)
    assert branch.kind == ("fold", "fold")
    assert branch.lost == pytest.approx([3.0 * FOLD], rel=1e-6)
    assert branch.regained == pytest.approx([-3.0 * FOLD], rel=1e-6)
    assert branch.complete
    assert branch.values[0] == -6.0
    assert branch.values[-1] == 6.0
    x = (branch.v + 60.0) / 10.0
    np.testing.assert_allclose(3.0 * (x**3 / 3.0 - x), branch.values, atol=1e-7)


def test_a_hopf_point_is_found_where_it_is():
    found = [follow(MRG_AXON, "shift", 0.0, 5.0, n).lost[0] for n in (8, 150)]
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    by = 1e-4 * found[1]
    before, after = rest(MRG_AXON.at(shift=[found[1] - by, found[1] + by])).values
    assert np.isfinite(before)
    assert np.isnan(after)


def test_current_takes_the_squid_axon_through_two_hopf_points():
    """At 6.3 degC near 9.78 and 154.5 uA/cm2 (Rinzel & Miller 1980)."""
    branch = follow(SQUID_AXON, "amplitude", 0.0, 180.0, 100)
    assert branch.kind == ("hopf", "hopf")
    assert branch.lost == pytest.approx([9.78], abs=0.02)
    assert branch.regained == pytest.approx([154.5], abs=0.5)


def test_a_branch_says_where_it_ends(cubic, monkeypatch):
    turned = follow(cubic, "amplitude", -1.0, 6.0, 30)  # back before the other fold
    assert (turned.ended, turned.complete) == ("start", True)
    assert turned.values[-1] == -1.0
    assert turned.values.max() == pytest.approx(3.0 * FOLD, abs=0.02)
    straight = follow(cubic, "scale", 3.0, 1.0, 30)
    assert (straight.ended, straight.values[-1]) == ("stop", 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(curve.Curve, "correct", lambda self, z, way: None)
        lost = follow(cubic, "amplitude", -6.0, 6.0, 30)
        assert (lost.ended, lost.complete) == ("lost", False)
        with pytest.raises(NeurosimError, match=r"amplitude = -6 only.*no step"):
            loss_of_rest(cubic, "amplitude", -6.0, 6.0, 30)


def test_a_branch_that_takes_too_long_is_not_complete(cubic, monkeypatch):
    walk = curve.Curve.walk
    monkeypatch.setattr(
        curve.Curve, "walk", lambda self, stop, limit: walk(self, stop, 5)
    )
    branch = follow(cubic, "amplitude", -6.0, 6.0, 100)
    assert (branch.ended, branch.complete) == ("limit", False)
    with pytest.raises(NeurosimError, match=r"not to 6 \(it took too many steps\)"):
        loss_of_rest(cubic, "amplitude", -6.0, 6.0, 100)
    assert set(continuation.ENDS) == {"stop", "start", "lost", "limit"}


def test_a_value_that_cannot_be_is_no_way_out():
    """The curve ends at the last possible value, not before it."""
    branch = follow(MOTOR_AXON, "ca_o", 1.25, 0.0, 20)
    assert branch.ended == "stop"
    assert branch.values[-1] == 0.0


def test_rest_that_is_not_lost_gives_nan():
    assert np.isnan(loss_of_rest(SQUID_AXON, "shift", 0.0, 5.0, points=20))


def test_a_model_with_an_axis_is_refused():
    with pytest.raises(NeurosimError, match="give one value"):
        follow(SQUID_AXON.at(k_o=[10.0, 20.0]), "shift", 0.0, 5.0)


def test_ends_that_make_no_interval_are_refused():
    with pytest.raises(NeurosimError, match="two different ends"):
        follow(SQUID_AXON, "shift", 1.0, 1.0)
    with pytest.raises(NeurosimError, match="1 step or more"):
        follow(SQUID_AXON, "shift", 0.0, 1.0, 0)
