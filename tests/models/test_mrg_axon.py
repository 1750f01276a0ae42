"""The MRG unit, a vulnerable site: where rest is lost, and firing before that."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config

from neurosim import simulate
from neurosim.continuation import follow, loss_of_rest
from neurosim.errors import NeurosimError
from neurosim.measure import rest
from neurosim.models import MRG_AXON
from neurosim.models.axon_unit import FIBRES, unit_geometry
from neurosim.physics.surface_charge import gate_shift

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")

WHOLE = MRG_AXON.at(kappa=1.0)  # all gates shift alike


def test_rest():
    assert float(rest(MRG_AXON)) == pytest.approx(-80.0, abs=0.3)


@pytest.mark.parametrize(("kappa", "lost"), [(1.0, 3.87), (0.5, 2.82), (0.0, 2.33)])
def test_rest_is_lost_to_a_hopf_bifurcation(kappa, lost):
    branch = follow(MRG_AXON.at(kappa=kappa), "shift", 0.0, 5.0, points=50)
    assert branch.lost == pytest.approx([lost], abs=0.05)
    assert branch.kind == ("hopf",)


def test_low_calcium_loses_it_in_the_range_of_tetany():
    """Ionised calcium, mM, with Mg 0.55 and 0.20 (nerve.md 8.1)."""
    assert loss_of_rest(WHOLE, "ca_o", 1.25, 0.5, 60) == pytest.approx(0.61, abs=0.01)
    low = WHOLE.at(mg_o=0.2)
    assert loss_of_rest(low, "ca_o", 1.25, 0.5, 60) == pytest.approx(0.85, abs=0.01)


def test_low_magnesium_alone_does_not():
    assert np.isnan(loss_of_rest(WHOLE, "mg_o", 0.55, 0.05, 30))


@pytest.fixture(scope="module")
def sudden():
    """600 ms after a sudden shift, from the rest of the healthy bath."""
    return simulate(
        WHOLE.at(shift=[0.0, 3.40, 3.65, 3.70]), duration=600.0,
        measure=["spike_count", "last_spike"],
    )  # fmt: skip


def test_a_sudden_shift_fires_it_before_rest_is_lost(sudden):
    count, last = sudden.spike_count.values, sudden.last_spike.values
    assert count[0] == 0
    assert 3 <= count[1] <= 15
    assert last[1] < 60.0  # one burst
    assert (last[2:] > 560.0).all()
    assert (count[2:] > 30).all()


def test_started_at_its_own_rest_it_stays_silent():
    run = simulate(
        WHOLE.at(shift=3.70), duration=600.0, measure="spike_count", initial="rest"
    )
    assert int(run.spike_count) == 0
    assert int(run.status) == 0


def test_where_no_rest_is_stable_the_run_says_so(sudden):
    run = simulate(
        WHOLE.at(shift=[0.0, 4.2]), duration=50.0, measure="spike_count", initial="rest"
    )
    assert run.status.values.tolist() == [0, 2]
    assert run.attrs["no_stable_rest"] == 1
    assert (sudden.status == 0).all()  # the reference bath has one


def test_far_beyond_it_falls_silent_again():
    """Depolarisation block beyond about 6.5 mV: the rate is not monotone."""
    run = simulate(WHOLE.at(shift=[5.0, 8.0]), duration=300.0, measure="last_spike")
    firing, blocked = run.last_spike.values
    assert firing > 280.0
    assert not blocked > 100.0


def test_a_bath_and_the_shift_it_stands_for_are_the_same():
    shift = gate_shift(0.6, 0.2)
    asked = {"duration": 40.0, "measure": "spike_times"}
    bath = simulate(WHOLE.at(ca_o=0.6, mg_o=0.2), **asked).spike_time.values
    by_hand = simulate(WHOLE.at(shift=shift), **asked).spike_time.values
    assert bath.size > 3
    np.testing.assert_allclose(bath, by_hand, atol=1e-9)


def test_without_its_internode_the_node_rests_lower_and_on_a_hair_trigger():
    """Rest -87.9, saddle -80.2; a shift of 1.0 mV joins them (nerve.md 1.4)."""
    silent = {"g_l_mysa": 0.0, "g_l_internode": 0.0}  # no current through the axolemma
    node = replace(WHOLE.at(**silent), start=-88.0)
    assert float(rest(node)) == pytest.approx(-87.9, abs=0.05)
    branch = follow(node, "shift", 0.0, 4.0, points=80)
    assert branch.lost == pytest.approx([1.0], abs=0.02)
    assert branch.kind == ("fold",)
    assert branch.ended == "start"  # round the fold and all the way back
    assert branch.v[-1] == pytest.approx(-80.2, abs=0.1)


def test_the_unit_has_the_dimensions_of_the_published_fibre():
    table = np.array(unit_geometry().table)
    node, mysa, flut = table[:3, 0] * 1e-3 * 1e8  # um2
    assert node == pytest.approx(np.pi * 3.3 * 0.5)
    assert mysa == pytest.approx(np.pi * 3.3 * 3.0)
    assert flut == pytest.approx(np.pi * 6.9 * 46.0)
    assert table[3:, 0].sum() * 1e5 == pytest.approx(np.pi * 6.9 * (1150 - 99) / 2)
    lamellae = 0.1 / (2 * 120) * np.pi * 10.0 * 46.0 * 1e-8 * 1e3  # nF of FLUT's myelin
    assert table[2, 5] == pytest.approx(lamellae)
    assert (table[:, 1] == 2.0 * table[:, 0]).all()


@pytest.mark.parametrize("diameter", FIBRES)
def test_every_fibre_of_the_table_makes_a_unit(diameter):
    table = np.array(unit_geometry(diameter).table)
    assert table.shape == (6, 7)
    assert (table[:-1, 2:4] > 0.0).all()
    assert table[-1, 2:4].tolist() == [0.0, 0.0]  # sealed


def test_other_diameters_are_refused():
    with pytest.raises(NeurosimError, match=r"11 um.*5\.7.*16"):
        unit_geometry(11.0)
