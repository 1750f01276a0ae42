"""Conversions of clinical units, totals against ionised, reference ranges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.clinical import (
    CA_PH_METABOLIC,
    IONS,
    LITRE,
    RANGES,
    convert,
    grade,
    ionised_calcium,
    ionised_magnesium,
    possible,
    total_calcium,
    total_magnesium,
)
from neurosim.errors import NeurosimError, UnknownName

ALBUMIN, PH = st.floats(31.0, 49.0), st.floats(7.0, 7.8)


def test_known_conversions():
    assert convert(1.2, "mg", "mg/dL") == pytest.approx(0.494, abs=5e-4)
    assert convert(2.0, "mg", "mEq/L") == 1.0
    assert convert(10.0, "ca", "mg/dL") == pytest.approx(2.495, abs=5e-4)
    assert convert(4.0, "k", "mM", "mg/dL") == pytest.approx(15.64, abs=5e-3)
    assert convert(140.0, "na", "mEq/L") == 140.0


@given(st.sampled_from(sorted(IONS)), st.sampled_from(LITRE), st.floats(0.0, 500.0))
def test_conversions_go_there_and_back(ion, unit, value):
    back = convert(convert(value, ion, "mM", unit), ion, unit)
    assert back == pytest.approx(value, rel=1e-12)


def test_healthy_totals_are_the_healthy_bath():
    assert ionised_calcium(2.40, albumin=40, ph=7.4) == pytest.approx(1.25, abs=1e-12)
    assert ionised_magnesium(0.85, albumin=40, ph=7.4) == pytest.approx(0.55, abs=1e-12)


@given(st.floats(1.0, 3.0), ALBUMIN, PH)
def test_total_and_ionised_calcium_go_there_and_back(total, albumin, ph):
    ionised = ionised_calcium(total, albumin=albumin, ph=ph)
    assert total_calcium(ionised, albumin=albumin, ph=ph) == pytest.approx(total)


@given(st.floats(0.1, 3.0), ALBUMIN, PH)
def test_total_and_ionised_magnesium_go_there_and_back(total, albumin, ph):
    ionised = ionised_magnesium(total, albumin=albumin, ph=ph)
    assert total_magnesium(ionised, albumin=albumin, ph=ph) == pytest.approx(total)


def test_alkalosis_lowers_ionised_calcium_and_metabolic_more():
    healthy = ionised_calcium(2.40, albumin=40, ph=7.4)
    breathing = ionised_calcium(2.40, albumin=40, ph=7.5)
    metabolic = ionised_calcium(2.40, albumin=40, ph=7.5, slope=CA_PH_METABOLIC)
    assert -0.07 <= breathing - healthy <= -0.03  # measured in people, systemic.md 2.1
    assert metabolic < breathing


def test_low_albumin_alone_is_not_low_ionised_calcium():
    assert ionised_calcium(2.20, albumin=30, ph=7.4) == pytest.approx(1.25, abs=1e-9)


def test_arrays_broadcast():
    found = ionised_calcium(
        np.array([2.0, 2.4]), albumin=40, ph=np.array([[7.3], [7.5]])
    )
    assert found.shape == (2, 2)
    assert (np.diff(found, axis=0) < 0).all()


def test_it_agrees_with_the_body():
    from neurosim.body import healthy

    for albumin, hco3_shift in ((40.0, 0.0), (32.0, 0.0), (45.0, 6.0)):
        level = healthy(albumin=albumin, hco3_shift=hco3_shift)
        ca = ionised_calcium(
            level["ca_total"], albumin=albumin, ph=level["ph"], slope=CA_PH_METABOLIC
        )
        mg = ionised_magnesium(level["mg_total"], albumin=albumin, ph=level["ph"])
        assert ca == pytest.approx(level["ca_ionised"], rel=1e-9)
        assert mg == pytest.approx(level["mg_ionised"], rel=1e-9)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: ionised_calcium(2.0), "only with albumin and ph"),
        (lambda: ionised_calcium(2.0, albumin=40), "only with ph;"),
        (lambda: ionised_magnesium(0.8, ph=7.4), "only with albumin;"),
        (lambda: ionised_calcium(9.5, albumin=40, ph=7.4), "mg/dL: 9.5 mg/dL is 2.37"),
        (lambda: ionised_calcium(4.8, albumin=40, ph=7.4), "mEq/L: 4.8 mEq/L is 2.4"),
        (lambda: ionised_calcium(2.4, albumin=4, ph=7.4), "g/dL: write 40"),
        (lambda: ionised_calcium(2.4, albumin=40, ph=74), "pH = |ph = 74"),
        (lambda: ionised_magnesium(0.85, albumin=20, ph=7.4), "30 to 50 g/L"),
        (lambda: grade("ca_ionised", 2.4), "looks like a total"),
        (lambda: grade("k", float("nan")), "k = nan"),
        (lambda: grade("mg_total", "low"), "give a number"),
        (lambda: convert(-1.0, "k", "mM"), "0 or more"),
    ],
)
def test_bad_input_gets_one_sentence(ask, said):
    with pytest.raises(NeurosimError, match=said) as refused:
        ask()
    assert "\n" not in str(refused.value)


def test_unknown_names_come_with_a_suggestion():
    with pytest.raises(UnknownName, match="mean 'mg_total'"):
        grade("mg_totl", 0.8)
    with pytest.raises(UnknownName, match="mean 'mg/dL'"):
        convert(2.0, "mg", "mg/dl")


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("ca_ionised", {1.25: "normal", 1.1: "mild low", 0.95: "moderate low",
                        0.8: "severe low", 1.4: "mild high"}),
        ("mg_total", {0.85: "normal", 0.6: "mild low", 0.45: "moderate low",
                      0.35: "severe low", 2.5: "moderate high"}),
        ("k", {4.0: "normal", 3.2: "mild low", 2.7: "moderate low", 2.2: "severe low",
               7.0: "severe high"}),
        ("na", {140: "normal", 132: "mild low", 126: "moderate low",
                115: "severe low"}),
    ],
)  # fmt: skip
def test_grades_are_those_of_the_table(name, levels):
    assert {value: grade(name, value) for value in levels} == levels


def test_ranges_are_ordered_and_hold_the_healthy_bath():
    for name, one in RANGES.items():
        assert one.limits[0] <= one.low[2] < one.low[1] < one.low[0], name
        assert one.low[0] < one.high[0] < one.high[1] < one.high[2], name
        assert one.high[2] <= one.limits[1], name
        assert one.source, name
    bath = {"ca_ionised": 1.25, "mg_ionised": 0.55, "k": 4.0, "na": 140.0, "ph": 7.4,
            "ca_total": 2.4, "mg_total": 0.85}  # fmt: skip
    assert {grade(name, value) for name, value in bath.items()} == {"normal"}
    assert possible("k", [3.0, 4.0]).tolist() == [3.0, 4.0]
