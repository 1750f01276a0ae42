"""Bifurcation diagrams: equilibria and firing over one parameter, from both sides."""

import numpy as np
import pytest
import xarray as xr
from numba import config

from neurosim import Step, simulate
from neurosim.continuation import follow
from neurosim.diagram import bifurcation_diagram
from neurosim.errors import NeurosimError
from neurosim.models import MRG_AXON, SQUID_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")


@pytest.fixture(scope="module")
def squid():
    """Return the diagram of the squid axon over a constant current."""
    return bifurcation_diagram(SQUID_AXON, "amplitude", 4.0, 12.0, count=17,
                               duration=400.0)  # fmt: skip


def test_rest_and_firing_overlap_in_the_squid_axon(squid):
    """Bistable from 6.3 to 9.78 uA/cm2."""
    current = squid.amplitude.values
    rests, fires = (squid.rate.sel(start=s).values for s in ("rest", "firing"))
    np.testing.assert_array_equal(fires > 0, current > 6.27)
    np.testing.assert_array_equal(rests > 0, current > 9.78)
    both = current > 9.78
    np.testing.assert_array_equal(rests[both], fires[both])
    assert float(squid.change_at[0]) == pytest.approx(9.78, abs=0.02)
    assert squid.change_kind.values.tolist() == ["hopf"]
    assert squid.stability.values.tolist() == ["lost"]


def test_rates_and_extremes_are_those_of_a_run(squid):
    run = simulate(SQUID_AXON, Step(10.0), duration=600.0, initial="rest", record="v",
                   record_every=0.02, measure="spike_times")  # fmt: skip
    times = run.spike_time.values
    rate = 1e3 / np.diff(times[times > 300.0]).mean()
    here = squid.sel(amplitude=10.0, start="firing")
    assert float(here.rate) == pytest.approx(rate, rel=1e-3)
    late = run.v.values[run.time.values > 400.0]
    assert float(here.v_max) == pytest.approx(late.max(), abs=0.2)
    assert float(here.v_min) == pytest.approx(late.min(), abs=0.1)
    quiet = squid.sel(amplitude=6.5, start="rest")
    at = np.interp(6.5, squid.equilibrium_at, squid.equilibrium_v)
    assert float(quiet.v_max) == pytest.approx(float(quiet.v_min), abs=1e-3)
    assert float(quiet.v_max) == pytest.approx(at, abs=1e-2)


def test_the_curve_is_that_of_follow(squid):
    branch = follow(SQUID_AXON, "amplitude", 4.0, 12.0)
    np.testing.assert_array_equal(squid.equilibrium_at, branch.values)
    np.testing.assert_array_equal(squid.stable == 1.0, branch.stable)
    assert (squid.attrs["ended"], squid.attrs["complete"]) == ("stop", 1)


def test_everything_has_a_unit_and_can_be_kept(squid, tmp_path):
    units = {n: squid[n].attrs.get("units") for n in squid.variables}
    assert units["v_max"] == units["v_min"] == units["equilibrium_v"] == "mV"
    assert units["rate"] == units["frequency"] == "1/s"
    assert units["amplitude"] == units["change_at"] == "uA/cm2"
    assert units["equilibrium_at"] == "uA/cm2"
    squid.to_netcdf(tmp_path / "d.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "d.nc", engine="h5netcdf") as again:
        xr.testing.assert_equal(again.load(), squid)


def test_the_order_of_the_ends_does_not_matter_to_firing(squid):
    back = bifurcation_diagram(SQUID_AXON, "amplitude", 12.0, 4.0, count=17,
                               duration=400.0)  # fmt: skip
    assert back.stability.values.tolist() == ["regained"]
    same = back.sortby("amplitude")
    np.testing.assert_array_equal(same.rate > 0, squid.rate > 0)


def test_shift_makes_the_mrg_axon_fire_below_the_loss_of_its_rest():
    """Bistable between 3.55 and 3.87 mV (nerve.md, corrections)."""
    found = bifurcation_diagram(MRG_AXON.at(kappa=1.0), "shift", 3.0, 4.2, count=13,
                                duration=150.0, window=100.0, points=40)  # fmt: skip
    fires = found["shift"].values[found.rate.sel(start="firing") > 0]
    unrested = found["shift"].values[found.rate.sel(start="rest") > 0]
    assert fires.min() == pytest.approx(3.6, abs=0.11)
    assert unrested.min() == pytest.approx(3.9, abs=0.01)
    assert float(found.change_at[0]) == pytest.approx(3.87, abs=0.01)
    assert found["shift"].attrs["units"] == "mV"


def test_a_bath_that_never_fires_has_a_flat_diagram():
    found = bifurcation_diagram(SQUID_AXON, "ca_o", 40.0, 50.0, count=3,
                                duration=100.0, window=20.0, points=5)  # fmt: skip
    assert (found.rate == 0.0).all()
    np.testing.assert_allclose(found.v_max, found.v_min, atol=0.05)
    assert found.sizes["change"] == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"count": 1}, "whole number of 2 or more"),
        ({"window": 0.0}, "positive time"),
        ({"duration": -1.0}, "positive time"),
    ],
    ids=["count", "window", "duration"],
)
def test_what_cannot_be_drawn_is_refused(settings, said):
    with pytest.raises(NeurosimError, match=said):
        bifurcation_diagram(SQUID_AXON, "ca_o", 44.0, 20.0, **settings)
