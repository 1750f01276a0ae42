"""Claims on sensory axons: judges on made-up pools, and the real axon and fibre."""

from types import SimpleNamespace

import numpy as np
import pytest

from neurosim import plot
from neurosim.claims import sensory, tingling
from neurosim.claims.draws import MIN_DRAWS
from neurosim.claims.judge import doses_of
from neurosim.claims.ledger import find
from neurosim.claims.population import Bench, draw
from neurosim.claims.sensory import SUDDEN, each_axon, sensory_cable, some_of
from neurosim.claims.tingling import INTERNODES, MIDDLE, losing
from neurosim.claims.verdict import (
    BY_ASSUMPTION,
    CONTRADICTED,
    NOT_SUPPORTED,
    PARTLY_SMALL,
    REPORTED,
    REPRODUCED,
    row_verdict,
)
from neurosim.models import MOTOR_AXON, SENSORY_AXON
from neurosim.myelin import sheathed, sheaths
from neurosim.pool import AXONS, Pools
from neurosim.spontaneous import SIGMA, rate_law, threshold_current

HEALTHY = np.geomspace(10.0, 1e4, MIN_DRAWS)  # 1/min
BENCH = SimpleNamespace(population=SimpleNamespace(seed=1, size=MIN_DRAWS))
PUMP, CA, MG = "pump", "ca_o", "mg_o"


def judge(monkeypatch, claim, factors, conducts=1.0, sheath=None):
    """Judge pools whose rate changes by a factor for each thing that is moved."""

    def rates(_, doses):
        return np.stack([
            HEALTHY * np.prod([factors.get(name, 1.0) for name in dose])
            for dose in doses
        ])  # fmt: skip

    share = np.broadcast_to(conducts, HEALTHY.shape)
    fibre = {"sensory_share": share, "sensory_cv": 50.0 + 0.0 * HEALTHY}
    monkeypatch.setattr(tingling, "sensory_rates", rates)
    monkeypatch.setattr(tingling, "rates_at", rates)
    monkeypatch.setattr(
        tingling, "sensory_firing", lambda *_: {"sensory_i_th": 0.03 + 0.0 * HEALTHY}
    )
    monkeypatch.setattr(
        tingling, "sensory_conducting", lambda _, dose: fibre if dose else whole(1.0)
    )
    monkeypatch.setattr(tingling, "felt", lambda *_: {MG: np.full(MIN_DRAWS, 0.2)})
    monkeypatch.setattr(tingling, "in_sheath", sheath)
    (row,) = find([claim])
    parts, pictures = tingling.EVALUATED[claim](BENCH)
    for picture in pictures:
        getattr(plot, picture.kind)(**picture.shown)
        assert claim in getattr(plot, f"{picture.kind}_alt")(**picture.shown)
    return {f"{p.arm}.{p.name}".strip("."): p for p in parts}, row_verdict(row, parts)


def whole(share, cv=50.0):
    """Return fibres of which a share conducts."""
    return {
        "sensory_share": np.broadcast_to(share, HEALTHY.shape),
        "sensory_cv": cv + 0.0 * HEALTHY,
    }


@pytest.mark.parametrize(
    ("claim", "ion", "factor", "verdict"),
    [
        ("C35", CA, 1e3, REPRODUCED),
        ("C35", CA, 3.0, PARTLY_SMALL),
        ("C35", CA, 0.5, CONTRADICTED),
        ("C17", MG, 3.0, PARTLY_SMALL),
        ("C17", MG, 1e3, REPRODUCED),
    ],
)
def test_tingling_follows_the_standard_rule(monkeypatch, claim, ion, factor, verdict):
    assert judge(monkeypatch, claim, {ion: factor})[1] == verdict


def test_numbness_alone_passes_low_magnesium(monkeypatch):
    parts, verdict = judge(monkeypatch, "C17", {}, conducts=0.0)
    assert verdict == REPRODUCED
    assert parts["linked.sensory_rate"].verdict == NOT_SUPPORTED
    assert parts["linked.sensory_conducting"].mode == "linked"
    parts, verdict = judge(monkeypatch, "C17", {MG: 3.0}, conducts=1.0)
    assert parts["direct.sensory_conducting"].verdict == NOT_SUPPORTED
    assert verdict == PARTLY_SMALL


def test_the_sensory_rate_decides_on_the_pump(monkeypatch):
    monkeypatch.setattr(
        tingling, "standard",
        lambda *_: tingling.standard_rule(HEALTHY, HEALTHY, "up"),
    )  # fmt: skip
    parts, verdict = judge(monkeypatch, "C94", {PUMP: 1e3})
    assert verdict == REPRODUCED
    assert parts["motor_rate"].verdict == REPORTED
    assert "not calibrated" in parts["sensory_rate"].reason


def test_a_share_that_was_put_in_reads_by_assumption(monkeypatch):
    def blocked(_, g_ratio, lost=()):
        return whole(0.0 if lost else 1.0, cv=45.0)

    parts, verdict = judge(monkeypatch, "C55", {}, sheath=blocked)
    loss = doses_of("C55")[""]["internode_loss"]
    share = (1.0 - loss) ** INTERNODES
    assert verdict == parts["sensory_conducting"].verdict == BY_ASSUMPTION
    assert parts["sensory_conducting"].effect == pytest.approx(share, abs=0.03)
    assert parts["cv"].effect == pytest.approx(0.9)
    assert parts["thin_alone"].verdict == REPORTED


def test_a_share_that_the_fibre_decides_does_not(monkeypatch):
    odd = np.arange(MIN_DRAWS) % 10 > 0  # one draw in ten conducts across a loss

    def some(_, g_ratio, lost=()):
        return whole(np.where(odd, 0.0, 1.0) if lost else 1.0)

    parts, verdict = judge(monkeypatch, "C55", {}, sheath=some)
    assert verdict == parts["sensory_conducting"].verdict == REPRODUCED
    assert "put in" not in parts["sensory_conducting"].reason
    verdict = judge(monkeypatch, "C55", {}, sheath=lambda *_: whole(1.0))[1]
    assert verdict == NOT_SUPPORTED


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.5, CONTRADICTED), (2.0, PARTLY_SMALL)]
)
def test_myelin_moves_the_rate(monkeypatch, factor, verdict):
    found = {
        "sensory_sheath_rate": factor * HEALTHY, "sensory_thin_rate": HEALTHY,
        "sensory_thin_i_th": np.full(MIN_DRAWS, 0.028),
        "sensory_bare_i_th": np.full(MIN_DRAWS, np.nan),
    }  # fmt: skip
    monkeypatch.setattr(tingling, "sheathed_rates", lambda *_: found)
    parts, row = judge(monkeypatch, "C92", {})
    assert row == verdict
    assert "cannot be excited in any draw" in parts["sensory_rate"].reason


def test_some_axons_of_each_pool_are_picked_evenly():
    rates = np.array([[3.0, 1.0, 2.0, 9.0, 8.0, 7.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    often = np.array([[True] * 6, [False, False, False, False, True, False]])
    picked = some_of(rates, often, most=3)
    assert picked.sum(axis=1).tolist() == [3, 1]
    assert sorted(rates[0][picked[0]]) == [2.0, 7.0, 9.0]
    assert not (picked & ~often).any()


def test_busy_axons_take_the_rate_that_some_of_them_show():
    """Ten equal axons near threshold, four of which are seen to fire half as often."""
    i_th = np.tile([1e-3, 1e-3], (2, 1))
    i_th[1] = 0.05  # the second pool is calm

    def fire(bath, picked, sigma, seconds):
        assert sigma == pytest.approx(1.2 * SIGMA)
        assert bath == {CA: 0.9}
        return SimpleNamespace(rate=np.full(picked.sum(), 0.5 * law))

    axons = SimpleNamespace(
        once=lambda kind, bath, make: i_th, thresholds=None, fire=fire,
        pools=Pools(np.zeros((2, 10)), np.ones((2, 10))),
    )  # fmt: skip
    law = rate_law(SUDDEN * 1e-3, 1.2 * SIGMA)
    rates, often, _ = each_axon(axons, {CA: 0.9, "drive": 1.2})
    assert often.sum(axis=1).tolist() == [10, 0]
    np.testing.assert_allclose(rates[0], 0.5 * law)
    np.testing.assert_allclose(rates[1], rate_law(SUDDEN * 0.05, 1.2 * SIGMA))


def test_more_axons_lose_an_internode_than_one_in_twenty():
    lost = losing(BENCH, 0.05, INTERNODES)
    assert lost.shape == (MIN_DRAWS, AXONS)
    assert lost.mean() == pytest.approx(1.0 - 0.95**INTERNODES, abs=0.02)
    assert not losing(BENCH, 0.0, 1).any()


def test_the_real_sensory_axon_needs_less_and_thin_myelin_takes_more():
    motor, here = (float(threshold_current(m)[0]) for m in (MOTOR_AXON, SENSORY_AXON))
    assert here < 0.4 * motor
    model = sheathed(SENSORY_AXON)
    thin, bare = (
        threshold_current(model.at(**sheaths(model, 0.76, lost)))[0]
        for lost in ((), (0,))
    )
    assert here < thin < 1.3 * here
    assert np.isnan(bare)


def test_real_fibres_conduct_in_thin_sheaths_and_stop_at_a_lost_one():
    population = draw(SENSORY_AXON, MIN_DRAWS, 1)
    few = {name: values[:4] for name, values in population.values.items()}
    axons = Bench(SENSORY_AXON, type(population)(few, 1))
    cable = sheathed(sensory_cable())
    thin, lost = (
        sensory.conducting(cable, axons, sheaths(cable, 0.76, internodes))
        for internodes in ((), (MIDDLE,))
    )
    assert (thin["sensory_share"] == 1.0).all()
    assert ((thin["sensory_cv"] > 40.0) & (thin["sensory_cv"] < 65.0)).all()
    assert (lost["sensory_share"] == 0.0).all()
    assert np.isnan(lost["sensory_cv"]).all()
