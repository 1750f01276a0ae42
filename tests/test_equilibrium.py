"""Rest, its eigenvalues, and curves of equilibria round their folds."""

import numpy as np
import pytest
from numba import config

from neurosim import equilibrium, simulate
from neurosim.continuation import follow, loss_of_rest
from neurosim.core.block import LANES, ROW
from neurosim.core.jit import equation
from neurosim.declare import Channel, Compartment, Gate, Param, Patch
from neurosim.ensemble import LINE, from_blocks, spread, to_blocks
from neurosim.equilibrium import derivative, jacobian, rest_buffer, stability
from neurosim.errors import NeurosimError
from neurosim.measure import rest
from neurosim.model import Model
from neurosim.models import MOTOR_AXON, MRG_AXON, SQUID_AXON

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="too slow interpreted")


def eigenvalues(model):
    x, stable = rest_buffer(spread(model))
    leading, values = stability(model, x)
    return leading[0], values[0], bool(stable[0])


# --- rest


@pytest.mark.parametrize(
    ("model", "time"),
    [
        (SQUID_AXON.at(ca_o=36.0, temperature=10.0), 600.0),
        (SQUID_AXON.at(k_o=[15.0, 25.0, 100.0, 400.0]), 600.0),
        (MRG_AXON.at(shift=[-5.0, 1.0]), 600.0),
        (MOTOR_AXON.at(shift=[0.0, 3.0, 6.0]), 800.0),
        (MOTOR_AXON.at(k_o=[3.5, 5.0, 6.0]), 800.0),
    ],
    ids=["squid", "squid over K", "mrg", "motor", "motor over K"],
)
def test_rest_is_where_a_long_run_ends(model, time):
    run = simulate(model, duration=time, record="v", record_every=time)
    np.testing.assert_allclose(rest(model), run.v[..., -1], atol=1e-3)


def test_a_stable_equilibrium_is_found_wherever_there_is_one():
    """With little potassium conductance the squid axon rests depolarised."""
    model = SQUID_AXON.at(g_k=[0.5, 1.0, 2.0, 25.0])
    run = simulate(
        model, duration=600.0, record="v", initial_v=-65.0, record_every=300.0,
        solver="staggered",
    )  # fmt: skip
    assert float(np.ptp(run.v.values[:, 1:], axis=1).max()) < 1e-6  # it is at rest
    np.testing.assert_allclose(rest(model), run.v[:, -1], atol=1e-3)


def test_nothing_moves_at_an_equilibrium():
    for model in (SQUID_AXON, MRG_AXON, MOTOR_AXON):
        x, stable = rest_buffer(spread(model))
        assert stable.all()
        rates = derivative(model, x)
        volts = 1e-16 * 100.0 * np.abs(jacobian(model, x)).max()  # of rounding
        assert np.abs(rates).max() < max(1e-9, 10.0 * volts)


def test_pseudo_steps_grow_as_fast_as_nothing_moves():
    volts, values = np.array([True, False]), np.array([[-80.0, 0.5]] * 4)
    moves = np.array([[5.0, 0.0], [0.1, 0.0], [0.0, 0.005], [0.0, 0.0]])
    found = equilibrium.longer(np.full(4, 2.0), moves, values, volts)
    fastest = equilibrium.FASTEST
    assert found == pytest.approx([2.0 * equilibrium.GROWTH, 20.0, 40.0, 2 * fastest])
    last = np.array([equilibrium.LAST_DT])
    assert equilibrium.longer(last, moves[-1:], values[:1], volts) == last


def test_a_rest_is_found_in_few_iterations(monkeypatch):
    asked = []

    def counted(*given):
        asked.append(given)
        return jacobian(*given)

    monkeypatch.setattr(equilibrium, "jacobian", counted)
    ensemble = spread(MOTOR_AXON.at(ca_o=1.2345))
    assert rest_buffer(ensemble)[1].all()
    assert len(asked) <= 20  # 38 while steps grew by 1.6 whatever moved


def test_there_is_no_rest_where_it_is_lost():
    found = rest(SQUID_AXON.at(shift=[0.0, 6.5, 7.0, 20.0, 27.0])).values
    assert np.isnan(found).tolist() == [False, False, True, True, False]
    found = rest(MRG_AXON.at(kappa=1.0, shift=[3.8, 3.95])).values
    assert np.isnan(found).tolist() == [False, True]


def test_one_run_without_a_next_step_does_not_stop_the_others(monkeypatch):
    """The first step of the second run has a matrix of zeros."""
    calls = []

    def sometimes_singular(model, x, f):
        j = jacobian(model, x, f)
        if not calls:
            j[1] = np.eye(len(j[1])) / equilibrium.FIRST_DT
        calls.append(j)
        return j

    monkeypatch.setattr(equilibrium, "jacobian", sometimes_singular)
    x = spread(SQUID_AXON.at(k_o=[10.0, 15.0, 25.0])).matrix()
    equilibrium.set_start(SQUID_AXON, x, SQUID_AXON.start)
    assert equilibrium.settle(SQUID_AXON, x).tolist() == [True, False, True]


def test_equal_baths_have_equal_rests_and_order_does_not_matter():
    shifts = np.array([2.0, 0.0, 2.0, 1.0])
    found = rest(MRG_AXON.along("bath", shift=shifts)).values
    assert found[0] == found[2]
    np.testing.assert_array_equal(
        rest(MRG_AXON.along("bath", shift=shifts[::-1])).values, found[::-1]
    )


# --- eigenvalues


def test_eigenvalues_of_a_membrane_are_those_of_its_equations():
    """Without gates: -g/C, and a zero or a rate per gate that moves nothing."""
    passive = SQUID_AXON.at(g_na=0.0, g_k=0.0, g_l=0.5, c_m=2.0)
    _, values, stable = eigenvalues(passive)
    assert stable
    assert np.abs(values + 0.25).min() < 1e-6
    assert np.abs(values.imag).max() < 1e-9


def test_the_fastest_mode_of_an_axon_unit_is_of_the_myelin():
    """About -2e7 /ms: an explicit method would need a step below 0.1 ns."""
    for model in (MRG_AXON, MOTOR_AXON):
        leading, values, stable = eigenvalues(model)
        assert stable
        assert values.real.min() == pytest.approx(-2.3e7, rel=0.15)
        assert -1.0 < leading.real < 0.0


def test_the_leading_pair_crosses_with_the_frequency_of_the_oscillation():
    leading, _, stable = eigenvalues(SQUID_AXON.at(shift=6.74))
    assert stable
    assert -1e-3 < leading.real < 0.0
    period = 2.0 * np.pi / abs(leading.imag)
    below = SQUID_AXON.at(shift=6.0)
    asked = {"record": "v", "record_every": 0.05, "solver": "staggered"}
    run = simulate(below, duration=100.0, initial="rest", **asked)
    assert float(np.ptp(run.v.values)) < 1e-6  # starts at rest, so stays
    ringing = simulate(below, duration=120.0, initial_v=-64.0, **asked)
    late = ringing.v.sel(time=slice(60.0, None)).values
    turns = np.flatnonzero(np.diff(np.sign(np.diff(late))) < 0) * 0.05
    assert np.diff(turns).mean() == pytest.approx(period, rel=0.1)


def test_the_jacobian_is_the_derivative_of_the_rates():
    x, _ = rest_buffer(spread(SQUID_AXON))
    found = jacobian(SQUID_AXON, x)[0]
    assert found.shape == (4, 4)
    m, h, n = (x[k, 0] for k in (4, 5, 6))
    slope = 120.0 * m**3 * h + 36.0 * n**4 + 0.3
    assert found[0, 0] == pytest.approx(-slope, rel=1e-6)
    v = x[0, 0]
    assert found[0, 3] == pytest.approx(-4 * 36.0 * n**3 * (v + 77.0), rel=1e-6)
    assert found[1, 2] == 0.0


# --- continuation

SCALE = 4.0  # uA/cm2


@pytest.fixture(scope="module")
def cubic():
    """Return a membrane whose current is a cubic: folds at -+2/3 of its scale.

    i = scale (x^3/3 - x) - drive, x = (v + 60)/10.
    """

    @equation
    def cubic_current(v, scale, drive):
        x = (v + 60.0) / 10.0
        return scale * (x**3 / 3.0 - x) - drive, scale * (x**2 - 1.0) / 10.0

    @equation
    def idle(v):
        return 0.2, 0.2 + 0.0 * v

    @equation
    def nothing(v):
        return 0.0 * v, 0.0

    own = (
        Param("scale", SCALE, "uA/cm2", "size of the current"),
        Param("drive", 0.0, "uA/cm2", "constant current"),
    )
    return Model(
        name="cubic", title="", source="made up", doc="", start=-80.0,
        compartments=(
            Compartment(
                name="soma",
                channels=(
                    Channel(name="a", source="", current=cubic_current, params=own),
                    Channel(
                        name="b", source="", current=nothing, gates=(Gate("z", idle),)
                    ),
                ),
            ),
        ),
        geometry=Patch(capacitance=Param("c_m", 1.0, "uF/cm2", "capacitance")),
    )  # fmt: skip


def test_a_branch_goes_round_its_folds(cubic):
    branch = follow(cubic, "drive", -2.0 * SCALE, 2.0 * SCALE, points=200)
    assert branch.lost == pytest.approx([2.0 / 3.0 * SCALE], rel=5e-3)
    assert branch.regained == pytest.approx([-2.0 / 3.0 * SCALE], rel=5e-3)
    assert branch.kind == ("fold", "fold")
    x = (branch.v + 60.0) / 10.0
    np.testing.assert_allclose(SCALE * (x**3 / 3.0 - x), branch.values, atol=1e-6)
    assert (np.diff(branch.v) > 0.0).all()  # one curve, once
    np.testing.assert_array_equal(branch.stable, branch.leading.real < 0.0)
    middle = np.abs(x) < 0.95
    assert not branch.stable[middle].any()
    assert branch.stable[np.abs(x) > 1.05].all()


def test_and_back_again(cubic):
    x, _ = rest_buffer(spread(cubic.at(drive=2.0 * SCALE)))
    assert x[0, 0] > -50.0
    branch = follow(cubic, "drive", 2.0 * SCALE, -2.0 * SCALE, points=200)
    assert branch.lost == pytest.approx([-2.0 / 3.0 * SCALE], rel=5e-3)
    assert branch.regained == pytest.approx([2.0 / 3.0 * SCALE], rel=5e-3)


def test_a_branch_agrees_with_rests_found_one_by_one():
    branch = follow(MOTOR_AXON, "k_o", 4.0, 8.0, points=40)
    values = np.linspace(4.0, 7.9, 9)
    found = rest(MOTOR_AXON.at(k_o=values))
    order = np.argsort(branch.values)
    along = np.interp(values, branch.values[order], branch.v[order])
    np.testing.assert_allclose(found, along, atol=0.01)


def test_a_branch_may_run_through_any_parameter():
    assert np.isnan(loss_of_rest(MRG_AXON, "temperature", 37.0, 30.0, 30))
    lost = loss_of_rest(SQUID_AXON, "e_l", -54.387, 0.0, 100)
    before, after = rest(SQUID_AXON.at(e_l=[lost - 0.1, lost + 0.1])).values
    assert np.isfinite(before)
    assert np.isnan(after)


def test_the_onset_of_a_hopf_bifurcation_does_not_depend_on_the_points():
    coarse, fine = (
        follow(MRG_AXON, "shift", 0.0, 5.0, points=n).lost[0] for n in (20, 200)
    )
    assert coarse == pytest.approx(fine, abs=2e-3)


def test_a_branch_needs_one_value_of_everything_and_a_possible_range():
    with pytest.raises(NeurosimError, match=r"follow.*k_o"):
        follow(SQUID_AXON.at(k_o=[10.0, 20.0]), "ca_o", 44.0, 20.0)
    with pytest.raises(NeurosimError, match=r"ca_o = -1"):
        follow(SQUID_AXON, "ca_o", 44.0, -1.0)


@pytest.mark.parametrize("runs", [1, LANES, 2 * LANES + 3])
def test_blocks_begin_at_a_cache_line_and_hold_every_run(runs):
    x = np.random.default_rng(3).random((7, runs))
    blocks = to_blocks(x)
    starts = [block.__array_interface__["data"][0] % LINE for block in blocks]
    assert starts == [0] * -(-runs // LANES)
    np.testing.assert_array_equal(from_blocks(blocks, runs), x)
    last = blocks[-1].reshape(7, ROW)
    np.testing.assert_array_equal(last[:, LANES - 1], x[:, -1])
