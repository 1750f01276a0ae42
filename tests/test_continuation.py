"""All equilibria of a bath, and curves of them."""

import numpy as np
import pytest

from neurosim.continuation import equilibria, follow, loss_of_rest
from neurosim.errors import NeurosimError
from neurosim.measure import rest
from neurosim.models import MOTOR_AXON, SQUID_AXON


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


def test_rest_that_is_not_lost_gives_nan():
    assert np.isnan(loss_of_rest(SQUID_AXON, "shift", 0.0, 5.0, points=20))


def test_a_model_with_an_axis_is_refused():
    with pytest.raises(NeurosimError, match="give one value"):
        follow(SQUID_AXON.at(k_o=[10.0, 20.0]), "shift", 0.0, 5.0)
