"""Every pathway can be switched off alone, and does something."""

import numpy as np
import pytest

from neurosim.body import BODY, PATHWAYS, healthy, run
from neurosim.body.pathways import SWITCHES, switch_name

# A disturbance in which the pathway acts, and a level on which it acts
SHOWS = {
    "mg_pth_secretion": ({"mg_gut_loss": 4.0}, "pth"),
    "mg_pth_set_point": ({"mg_gut_loss": 4.0}, "ca_total"),
    "mg_pth_agonism": ({"mg_infusion": 10.0, "mg_agonism": 0.3}, "pth"),
    "mg_pth_resistance": ({"mg_gut_loss": 4.0}, "ca_total"),
    "mg_calcitriol": ({"mg_gut_loss": 4.0, "hydroxylase_power": 1.0}, "calcitriol"),
    "mg_k_urine": ({"mg_gut_loss": 4.0}, "k"),
    "mg_mg_urine": ({"mg_intake": 1.0, "mg_conservation": 1.0}, "urine_mg"),
    "mg_mg_i": ({"mg_gut_loss": 4.0}, "mg_i"),
    "ca_pth": ({"vitamin_d": 5.0}, "pth"),
    "pth_bone": ({"gland": 0.1}, "ca_total"),
    "pth_kidney": ({"gland": 0.1}, "ca_total"),
    "pth_calcitriol": ({"gland": 0.1}, "calcitriol"),
    "vitamin_d_calcitriol": ({"vitamin_d": 5.0}, "calcitriol"),
    "gfr_calcitriol": ({"gfr": 60.0}, "calcitriol"),
    "calcitriol_absorption": ({"vitamin_d": 5.0}, "absorbed_ca"),
    "calcitriol_bone": ({"vitamin_d": 5.0}, "ca_total"),
    "plasma_k_urine": ({"k_intake": 15.0}, "k"),
    "gfr_k_urine": ({"gfr": 40.0}, "k"),
    "k_k_i": ({"k_intake": 15.0}, "k_i"),
    "k_na": ({"k_intake": 15.0}, "na"),
    "water_levels": ({"water_loss": 0.2}, "mg_tissue"),
    "albumin_ca": ({"albumin": 20.0}, "ca_total"),
    "ph_ca": ({"hco3_shift": 10.0}, "ca_total"),
    "ph_mg": ({"hco3_shift": 10.0}, "mg_ionised"),
    "ca": ({"gland": 0.1}, "ca_o"),
    "mg": ({"mg_gut_loss": 4.0}, "mg_o"),
    "k": ({"k_intake": 15.0}, "k_o"),
    "na": ({"water_intake": 0.2}, "na_o"),
    "ph": ({"pco2": 25.0}, "ph_o"),
}


def test_the_list_is_complete_and_its_switches_are_parameters():
    assert set(SHOWS) == {p.name for p in PATHWAYS}
    assert [s.name for s in SWITCHES] == [switch_name(p.name) for p in PATHWAYS]
    for switch in SWITCHES:
        assert BODY.parameters[switch.name].value == 1.0


@pytest.mark.parametrize("name", SHOWS)
def test_resetting_a_pathway_removes_its_effect(name):
    cause, level = SHOWS[name]
    cause = {n: np.full(2, v) for n, v in cause.items()}
    lanes = {switch_name(name): np.array([1.0, 0.0])}
    found = run(cause, person=lanes, days=20.0, every=5.0)
    with_it, without = found[level].values[:, -1]
    assert abs(with_it - without) > 1e-3 * abs(with_it)


def test_nothing_changes_in_health():
    normal = healthy()
    off = healthy(**{s.name: 0.0 for s in SWITCHES})
    for name in ("mg_total", "ca_ionised", "k", "na", "pth", "calcitriol", "ca_o"):
        assert off[name] == pytest.approx(normal[name], rel=1e-9), name


def test_reset_by_name_equals_the_switch():
    by_name = run({"mg_gut_loss": 4.0}, days=10.0, reset=("mg_pth_secretion", "ca"))
    by_hand = run(
        {"mg_gut_loss": 4.0},
        days=10.0,
        person={"mg_pth_secretion": 0.0, "bath_ca": 0.0},
    )
    np.testing.assert_array_equal(by_name.pth, by_hand.pth)
    assert by_name.attrs["reset"] == "mg_pth_secretion, ca"
    assert float(np.abs(by_name.ca_o - 1.25).max()) < 1e-9
    assert float(by_name.ca_ionised[-1]) < 1.24


def test_low_magnesium_lowers_calcium_and_potassium_only_through_its_pathways():
    severe = {"mg_gut_loss": 4.0, "mg_absorption": 0.5}
    ca = ("mg_pth_secretion", "mg_pth_set_point", "mg_pth_resistance")
    both = run(severe, days=60.0, every=5.0)
    without = run(severe, days=60.0, every=5.0, reset=(*ca, "mg_k_urine"))
    assert float(both.ca_total[-1]) < 1.8
    assert float(both.k[-1]) < 3.4
    assert float(without.ca_total[-1]) == pytest.approx(2.4, abs=1e-6)
    assert float(without.k[-1]) == pytest.approx(4.0, abs=1e-6)
