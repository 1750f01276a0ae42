"""The membrane of the muscle fibre: rest, spike, ions kept, resting states."""

import numpy as np
import pytest
from numba import config

from neurosim import Step, Train, simulate
from neurosim.ensemble import spread, state_rows
from neurosim.equilibrium import derivative, rest_buffer
from neurosim.errors import NeurosimError
from neurosim.lower import rows_of
from neurosim.measure import rest, threshold
from neurosim.models.fibre_membrane import FIBRE_MEMBRANE, STATES
from neurosim.physics import chloride, fibre_ions, fibre_potassium, fibre_pump
from neurosim.physics.fibre_rest import resting_states, wallinga_current
from neurosim.units import FARADAY

slow_interpreted = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")
PULSE = {"amplitude": 500.0, "width": 0.5}  # uA/cm2 and ms: 1.7 times threshold
PLACES = ("e", "t", "i")

# muscle.md 2.5: leak mS/cm2, K mM, potentials (the middle one of three is unstable)
WALLINGA = [
    (0.01, 1.0, (-107, -72, -64)), (0.01, 2.0, (-103,)), (0.01, 3.0, (-96,)),
    (0.01, 3.5, (-93,)), (0.01, 4.0, (-90,)), (0.01, 6.0, (-80,)),
    (0.01, 10.0, (-67,)),
    (0.02, 1.0, (-87, -83, -59)), (0.02, 2.0, (-97,)), (0.02, 3.0, (-93,)),
    (0.02, 3.5, (-90,)), (0.02, 4.0, (-88,)), (0.02, 6.0, (-79,)),
    (0.02, 10.0, (-66,)),
]  # fmt: skip
CANNON = [
    (0.0, 1.0, (-128, -80, -52)), (0.0, 2.0, (-111, -66, -56)), (0.0, 3.0, (-101,)),
    (0.0, 3.5, (-97,)), (0.0, 4.0, (-94,)), (0.0, 6.0, (-83,)), (0.0, 10.0, (-69,)),
    (0.01, 1.0, (-48,)), (0.01, 2.0, (-48,)), (0.01, 3.0, (-50,)),
    (0.01, 3.5, (-85, -74, -51)), (0.01, 4.0, (-84, -63, -55)),
    (0.01, 6.0, (-77,)), (0.01, 10.0, (-66,)),
]  # fmt: skip


@pytest.fixture(scope="module")
def at_rest():
    x, stable = rest_buffer(spread(FIBRE_MEMBRANE))
    rows = rows_of(FIBRE_MEMBRANE)
    return x, stable, dict(zip(rows.states, x[state_rows(rows), 0], strict=True))


@pytest.mark.parametrize(("leak", "k_o", "expected"), WALLINGA)
def test_resting_states_of_the_wallinga_membrane(leak, k_o, expected):
    found = resting_states(k_o, leak, membrane=wallinga_current)
    assert [stable for _, stable in found] == [True, False, True][: len(expected)]
    np.testing.assert_allclose([v for v, _ in found], expected, atol=1.0)


@pytest.mark.parametrize(("leak", "k_o", "expected"), CANNON)
def test_resting_states_of_the_cannon_membrane(leak, k_o, expected):
    """The table does not state its pump; 0.45 of the published one is found from it."""
    found = resting_states(k_o, leak, pump=0.45, alpha_2=1.0)
    assert [stable for _, stable in found] == [True, False, True][: len(expected)]
    np.testing.assert_allclose([v for v, _ in found], expected, atol=1.0)


def test_the_published_pump_holds_the_polarised_state_with_a_leak():
    low, middle, high = resting_states(3.0, 0.01)
    assert low[0] == pytest.approx(-90.9, abs=0.2)
    assert middle[0] == pytest.approx(-67.6, abs=0.2)
    assert high[0] == pytest.approx(-57.7, abs=0.2)
    assert [len(resting_states(k, 0.01)) for k in (2.0, 4.0)] == [1, 1]


def test_resting_states_need_positive_concentrations():
    with pytest.raises(NeurosimError, match=r"k_o = 0: give a positive number of mM"):
        resting_states(0.0)


def test_the_pump_in_use_is_045_of_the_published_one():
    """2.07e-4 x 1.3 of the published numbers is 25.96 uA/cm2; NKCC1 0.135."""
    given = FIBRE_MEMBRANE.parameters
    assert given["i_pump_max"].value / 25.96 == pytest.approx(0.45, abs=0.002)
    assert given["j_nkcc"].value / 0.135 == pytest.approx(0.063, abs=0.001)


def test_rest_is_an_equilibrium_of_everything(at_rest):
    x, stable, states = at_rest
    assert stable.all()
    assert states["v"] == pytest.approx(-91.39, abs=0.02)
    moved = 6e5 * derivative(FIBRE_MEMBRANE, x)[:, 0]  # in ten minutes
    assert (np.abs(moved) < 1e-4 * np.abs(list(states.values()))).all()


def test_declared_start_values_are_those_of_rest(at_rest):
    for state in STATES[:-1]:
        assert at_rest[2][state.name] == pytest.approx(state.initial, rel=1e-3)


@slow_interpreted
def test_a_spike_at_35_degrees():
    run = simulate(
        FIBRE_MEMBRANE, Step(500.0, 1.0, 1.5), duration=30.0,
        record=["v", "k_t", "clc_closed"], record_every=0.02, measure=["spike_count"],
    )  # fmt: skip
    v, time = run.v.values, run.time.values
    above = time[v > 0.5 * (v.max() + v[0])]
    assert run.spike_count == 1
    assert 35.0 < v.max() < 50.0  # higher than the 20-35 mV of fibres (decision 0011)
    assert 0.5 < np.ptp(above) < 1.5
    assert float(run.k_t[-1] - run.k_t[0]) == pytest.approx(0.84, abs=0.1)
    assert 200.0 * float(run.clc_closed[-1]) == pytest.approx(1.0, rel=0.1)


@slow_interpreted
def test_threshold_of_half_a_millisecond():
    found = float(threshold(FIBRE_MEMBRANE, width=0.5, after=10.0))
    assert found == pytest.approx(298.0, rel=0.02)


@slow_interpreted
def test_chloride_carries_most_of_the_conductance_of_rest(at_rest):
    """Rat at 37 degC: 2.11 of Cl, 0.34 mS/cm2 of K (Palade & Barchi 1977), 82-86 %."""
    states, given = at_rest[2], FIBRE_MEMBRANE.parameters
    warm, e_k = 1.5**1.3, 26.5536 * np.log(4.0 / states["k_i"])
    value = {n: given[n].value for n in ("p_cl", "p_cl_tubule", "p_kir")}
    chloride_part = sum(
        area * states["c"]
        * chloride.chloride_current(
            states["v"], 104.0, states["cl_i"], p * warm, 0.0, 35.0
        )[1]
        for area, p in (
            (1.0, value["p_cl"]), (fibre_ions.TUBULES, value["p_cl_tubule"])
        )
    )  # fmt: skip
    potassium_part = (1.0 + fibre_ions.TUBULES) * fibre_potassium.inward_rectifier(
        states["v"], 4.0, states["k_i"], e_k, value["p_kir"], warm, 35.0
    )[1]
    assert chloride_part == pytest.approx(1.8, rel=0.05)
    assert potassium_part == pytest.approx(0.35, rel=0.15)
    assert 0.80 < chloride_part / (chloride_part + potassium_part) < 0.88


def test_the_chloride_gate_opens_with_depolarisation():
    for v, share in ((-61.0, 0.5), (-81.5, 0.269), (-40.5, 0.731)):
        opening, closing = chloride.clc_c(v)
        assert opening / (opening + closing) == pytest.approx(share, abs=1e-3)


@slow_interpreted
def test_the_default_step_places_the_last_spike_of_a_train_within_20_us():
    train = Train(**PULSE, period=33.3, count=6, start=5.0)
    asked = {"duration": 200.0, "measure": ["spike_times"]}
    kernel = simulate(FIBRE_MEMBRANE, train, **asked)
    exact = simulate(FIBRE_MEMBRANE, train, solver="reference", **asked)
    assert kernel.spike_time.size == exact.spike_time.size == 6
    np.testing.assert_allclose(kernel.spike_time, exact.spike_time, atol=0.02)


def charge_of(run):
    """Return what the membranes hold less what the cell does, and that, nC/cm2."""
    inside = FARADAY * fibre_ions.CELL * (run.k_i + run.na_i - run.cl_i).values
    held = run.v.values + fibre_ions.TUBULES * run.v_tubule.values
    return held - inside, inside[0]


@slow_interpreted
def test_a_closed_fibre_keeps_its_ions_and_its_charge():
    names = [f"{ion}_{place}" for ion in ("k", "na", "cl") for place in PLACES]
    asked = {"duration": 2000.0, "record": ["v", "v_tubule", *names],
             "record_every": 100.0}  # fmt: skip
    closed = FIBRE_MEMBRANE.at(tau_blood=1e15)
    train = Train(**PULSE, period=50.0, count=20, start=100.0)
    volumes = (
        fibre_ions.OUTSIDE, fibre_ions.LUMEN * fibre_ions.TUBULES, fibre_ions.CELL,
    )  # fmt: skip
    for protocol in (None, train):
        run = simulate(closed, protocol, **asked)
        for ion in ("k", "na", "cl"):
            amount = sum(
                w * run[f"{ion}_{p}"].values
                for w, p in zip(volumes, PLACES, strict=True)
            )
            assert np.abs(amount / amount[0] - 1.0).max() < 1e-12
        charge, inside = charge_of(run)
        given = 0.0 if protocol is None else 20 * 500.0 * 0.5  # nC/cm2
        drift = abs(charge[-1] - charge[0] - given)
        # steps of different length meet at the edges of a pulse: 19 nC/cm2 per spike
        assert drift < 1e-9 * inside + 0.1 * given


@slow_interpreted
def test_ions_take_the_charge_that_moved_v_to_second_order():
    closed = FIBRE_MEMBRANE.at(tau_blood=1e15)
    train = Train(**PULSE, period=50.0, count=4, start=10.0)
    lost = []
    for dt in (0.01, 0.005, 0.0025):
        run = simulate(
            closed, train, duration=250.0, dt=dt, record_every=250.0,
            record=["v", "v_tubule", "k_i", "na_i", "cl_i"],
        )  # fmt: skip
        charge, _ = charge_of(run)
        lost.append(charge[-1] - charge[0] - 4 * 500.0 * 0.5)
    orders = np.log2(np.divide(lost[:-1], lost[1:]))
    assert orders[-1] > 1.9


@slow_interpreted
def test_five_millivolts_of_gate_shift_start_nothing():
    run = simulate(
        FIBRE_MEMBRANE.at(shift_m=[0.0, 5.0]), duration=500.0, record=["v"],
        record_every=100.0, measure=["spike_count"],
    )  # fmt: skip
    assert (run.spike_count == 0).all()
    assert abs(float(run.v[1, -1] - run.v[0, -1])) < 1.5


@slow_interpreted
def test_calcium_acts_on_the_threshold():
    found = threshold(FIBRE_MEMBRANE.at(ca_o=[0.6, 1.25]), width=0.5, after=10.0)
    assert float(found[0]) < 0.85 * float(found[1])


@slow_interpreted
def test_atp_opens_potassium_channels_only_below_two_millimolar():
    found = rest(FIBRE_MEMBRANE.at(atp=[8.0, 2.5, 0.5])).values
    assert found[1] == pytest.approx(found[0], abs=0.5)
    assert found[2] < found[0] - 3.0


def test_the_parts_of_the_leak_add_up_to_one_that_reverses_at_zero():
    for v in (-90.0, -40.0, 0.0, 30.0):
        i_na, g_na = fibre_ions.leak_sodium(v, 0.01, 75.0, -96.0)
        i_k, g_k = fibre_ions.leak_potassium(v, 0.01, 75.0, -96.0)
        assert i_na + i_k == pytest.approx(0.01 * v, abs=1e-14)
        assert g_na + g_k == pytest.approx(0.01)


CURRENTS = {
    "inward": lambda v: fibre_potassium.inward_rectifier(
        v, 4.0, 150.0, -96.0, 4e-9, 1.0, 35.0
    ),
    "atp": lambda v: fibre_potassium.atp_potassium(v, 4.0, 150.0, 2e-8, 0.5, 1.0, 35.0),
    "chloride": lambda v: chloride.chloride_current(v, 104.0, 5.1, 1.6e-7, 0.2, 35.0),
    "pump": lambda v: fibre_pump.pump_current(v, 4.0, 140.0, 8.0, 8.0, 26.0, 0.6, 35.0),
    "pore": lambda v: fibre_ions.pore_sodium(v, 140.0, 8.0, 1e-11, 1.0, 1.0, 35.0),
}


@pytest.mark.parametrize("name", CURRENTS)
def test_slopes_are_those_of_the_currents(name):
    current = CURRENTS[name]
    for v in (-110.0, -87.0, -50.0, 0.0, 35.0):
        exact = (current(v + 1e-4)[0] - current(v - 1e-4)[0]) / 2e-4
        assert current(v)[1] == pytest.approx(exact, rel=1e-6, abs=1e-10)


def test_chloride_is_at_rest_at_its_nernst_potential():
    e_cl = 26.5536 * np.log(5.12 / 104.0)  # RT/F at 35 degC
    at, above = (
        chloride.chloride_current(e_cl + d, 104.0, 5.12, 1.6e-7, 0.0, 35.0)[0]
        for d in (0.0, 5.0)
    )
    assert abs(at) < 1e-3 * above


def test_transport_carries_three_sodium_two_potassium_and_two_chloride(at_rest):
    """At rest what leaks balances what is carried, in the cell as a whole."""
    states, given = at_rest[2], FIBRE_MEMBRANE.parameters
    j_nkcc, capacity = (given[n].value for n in ("j_nkcc", "i_pump_max"))
    bath = [states[f"{ion}_e"] for ion in ("na", "k", "cl")]
    inside = [states[f"{ion}_i"] for ion in ("na", "k", "cl")]
    taken = fibre_pump.cotransport(j_nkcc, 1.0, *bath, *inside)
    energy = np.log(np.prod(bath) * bath[2] / (np.prod(inside) * inside[2]))
    assert taken == pytest.approx(j_nkcc * energy)
    pumped = fibre_pump.pump_current(
        states["v"], bath[1], bath[0], inside[0], 8.0, capacity, 0.62, 35.0
    )[0]
    assert 0.2 < pumped < 0.4  # uA/cm2
    assert 3.0 * pumped > taken  # the rest of it meets the leak of Na channels
