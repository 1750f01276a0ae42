"""Sheaths: fewer lamellae, none at all, and what the mover makes of them."""

from dataclasses import replace

import numpy as np
import pytest
from numba import config

from neurosim.core.block import CABLE_HEAD, CURRENT, LANES, ROW, SLOPE, V
from neurosim.core.cable import COVERED, MYELIN_C, MYELIN_G, cable
from neurosim.core.jit import kernel
from neurosim.errors import NeurosimError, UnknownName
from neurosim.lower.step import kernel_source
from neurosim.models import MOTOR_AXON, MOTOR_CABLE, SENSORY_AXON, SQUID_AXON
from neurosim.models.axon_unit import unit_geometry
from neurosim.myelin import (
    HEALTHY_G,
    NONE,
    draw_lost,
    internodes_of,
    lamellae_left,
    sheathed,
    sheaths,
)

STRIDE = CABLE_HEAD * ROW
TABLE = np.array([(0.0,) * 7, *unit_geometry().table])
COUNT = len(TABLE)
SHEATH = (COUNT + 1) * STRIDE  # row behind the records
ROWS = np.array([0] + (COUNT - 1) * [SHEATH])
E, G = -85.0, 1.0  # mV and mS/cm2 of every membrane here


@kernel
def advance(x, table, rows, steps):
    """March a passive unit, its sheaths multiplied by a row of the buffer."""
    for _ in range(steps):
        for k in range(1, table.shape[0]):
            for i in range(k * STRIDE, k * STRIDE + LANES):
                x[CURRENT + i] = G * (x[V + i] - E)
                x[SLOPE + i] = G
        n = COUNT - 1
        cable(x, LANES, STRIDE, n, table, 0.005, 2.0, 1e9, STRIDE, n, rows)


def buffer(share):
    x = np.zeros(SHEATH + LANES)
    for k in range(1, COUNT):
        x[V + k * STRIDE : V + k * STRIDE + LANES] = E
    x[V + STRIDE : V + STRIDE + LANES] = 0.0  # the node has just fired
    x[SHEATH:] = share
    return x


def potentials(x):
    return x[: SHEATH - STRIDE].reshape(-1, CABLE_HEAD, ROW)[1:, 0]


@pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
def test_a_row_of_the_buffer_scales_the_sheath_of_its_lane():
    share = np.where(np.arange(LANES) % 2, 2.5, 1.0)
    mixed = buffer(share)
    advance(mixed, TABLE, ROWS, 40)
    thin = TABLE.copy()
    thin[:, [MYELIN_G, MYELIN_C]] *= 2.5
    healthy, scaled = buffer(1.0), buffer(1.0)
    advance(healthy, TABLE, ROWS, 40)
    advance(scaled, thin, ROWS, 40)
    found = potentials(mixed)
    assert np.allclose(found[:, ::2], potentials(healthy)[:, ::2], rtol=1e-12)
    assert np.allclose(found[:, 1::2], potentials(scaled)[:, 1::2], rtol=1e-9)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 0.1  # mV


@pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
def test_no_sheath_is_a_grounded_outer_layer():
    bare = TABLE.copy()
    bare[:, COVERED] = 0.0
    found, expected = buffer(NONE), buffer(1.0)
    advance(found, TABLE, ROWS, 40)
    advance(expected, bare, ROWS, 40)
    assert np.allclose(potentials(found), potentials(expected), atol=0.05)  # mV


def test_lamellae_go_with_the_thickness_of_the_sheath():
    assert lamellae_left(HEALTHY_G) == pytest.approx(1.0)
    assert lamellae_left(0.76) == pytest.approx(0.737, abs=1e-3)
    # capacitance: fewer membranes in series, on a thinner fibre
    area = HEALTHY_G / 0.76
    assert sheaths(MOTOR_AXON, 0.76)["sheath0"] == pytest.approx(
        area / lamellae_left(0.76)
    )
    assert sheaths(MOTOR_AXON) == {"sheath0": 1.0}


def test_internodes_are_counted_from_the_first_node():
    assert internodes_of(MOTOR_AXON) == (-1, 0, 0, 0, 0, 0)
    homes = np.array(internodes_of(MOTOR_CABLE))
    assert (homes == -1).sum() == 21
    assert np.unique(homes, return_counts=True)[1][1:].tolist() == 20 * [10]


def test_only_a_sheathed_model_has_sheaths():
    model = sheathed(MOTOR_CABLE)
    assert [n for n in model.parameters if n not in MOTOR_CABLE.parameters] == [
        f"sheath{k}" for k in range(20)
    ]
    assert "SHEATHS" in kernel_source(model)
    assert "SHEATHS" not in kernel_source(MOTOR_CABLE)
    assert sheathed(SENSORY_AXON).at(**sheaths(SENSORY_AXON, 0.8))


def test_runs_may_lose_different_internodes():
    lost = np.zeros((3, 20), bool)
    lost[1, 4] = True
    values = sheaths(MOTOR_CABLE, np.array([0.70, 0.70, 0.85]), lost)
    assert values["sheath4"] == pytest.approx([1.0, NONE, 2.0])
    assert values["sheath5"] == pytest.approx([1.0, 1.0, 2.0])
    assert sheaths(MOTOR_CABLE, np.array([0.7, 0.85]), (0,))["sheath0"].tolist() == [
        NONE, NONE,
    ]  # fmt: skip


def test_losses_are_drawn_one_by_one_and_nested():
    few, many = (draw_lost(share, 500, 20, 1) for share in (0.05, 0.15))
    assert few.mean() == pytest.approx(0.05, abs=0.01)
    assert many.mean() == pytest.approx(0.15, abs=0.015)
    assert not (few & ~many).any()
    assert (draw_lost(0.05, 50, 20, 1) == few[:50]).all()
    assert few.any(axis=1).mean() == pytest.approx(1.0 - 0.95**20, abs=0.06)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sheathed(SQUID_AXON), "no myelin"),
        (lambda: sheaths(MOTOR_CABLE, 1.0), "thinner than its fibre"),
        (lambda: sheaths(MOTOR_CABLE, 0.7, (20,)), "no internode 20.*0 to 19"),
        (lambda: sheaths(MOTOR_AXON, 0.7, np.zeros((2, 20), bool)), "motor_axon has 1"),
        (lambda: draw_lost(1.5, 1, 1, 1), "0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(NeurosimError, match=words):
        call()


def test_a_cable_names_one_sheath_for_each_row():
    cable_ = MOTOR_AXON.geometry
    with pytest.raises(NeurosimError, match="2 sheaths for 6 rows"):
        replace(MOTOR_AXON, geometry=replace(cable_, sheaths=("k_o", "k_o")))
    with pytest.raises(UnknownName, match="sheeth"):
        replace(MOTOR_AXON, geometry=replace(cable_, sheaths=6 * ("sheeth",)))
