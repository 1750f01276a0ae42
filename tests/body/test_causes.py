"""Causes and treatments as data, how they combine, and their course over time."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from neurosim.body import run
from neurosim.body.causes import (
    Effect,
    combine,
    find,
    find_all,
    given,
    load_causes,
    parse_effects,
    settled,
    usual_days,
)
from neurosim.body.homeostasis import BODY
from neurosim.body.timeline import course, steps
from neurosim.body.treatments import load_treatments, read_treatments
from neurosim.clinical import SEVERITIES
from neurosim.errors import NeurosimError, UnknownName

CAUSES = tuple(load_causes())
# What the reference's own model gave (systemic.md 3), for those whose numbers rest on
# nothing that was rescaled since: cause, severity, day -> level
REFERENCE = [
    ("poor_mg_diet", "mild", 365, "mg_total", 0.83),
    ("poor_mg_diet", "moderate", 365, "mg_total", 0.80),
    ("poor_mg_diet", "severe", 365, "mg_total", 0.69),
    ("gut_loss", "mild", 60, "mg_total", 0.81),
    ("gut_loss", "moderate", 60, "mg_total", 0.68),
    ("gut_loss", "severe", 30, "mg_total", 0.32),
    ("gut_loss", "severe", 30, "ca_total", 1.73),
    ("ppi", "moderate", 365, "mg_total", 0.75),
    ("hypoparathyroid", "mild", 60, "ca_total", 2.18),
    ("hypoparathyroid", "moderate", 60, "ca_total", 1.93),
    ("hypoparathyroid", "severe", 60, "ca_total", 1.70),
    ("low_calcium_diet", "moderate", 60, "ca_total", 2.37),
    ("low_vitamin_d", "moderate", 365, "ca_total", 2.25),
    ("kidney", "moderate", 90, "mg_total", 1.03),
]


def at_end(found):
    """Return the inputs at the end of a course."""
    now = {}
    for _, values in found:
        now |= values
    return now


def test_every_cause_has_effects_evidence_and_a_source_mark():
    assert len(CAUSES) >= 25
    for cause in load_causes().values():
        assert cause.effects, cause.name
        assert set(cause.effects) <= set(SEVERITIES)
        assert all(cause.effects.values())
        assert cause.confidence.split(",")[0].split()[0] in (
            "strong", "moderate", "weak", "weak;", "speculative",
        )  # fmt: skip
        assert "systemic.md" in cause.evidence
        assert any(mark in cause.evidence + cause.reference_result
                   for mark in ("[V]", "[S]", "[M]", "[D]")), cause.name  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_effects_are_parameters_of_the_body_within_its_limits(name):
    for severity in find(name).effects:
        for parameter, value in settled(name, severity).items():
            limits = BODY.parameters[parameter]
            assert limits.low <= value <= limits.high
            assert value != limits.value


@pytest.mark.parametrize("name", CAUSES)
def test_worse_is_further_from_healthy(name):
    # pH, not these, tells vomiting apart; and a good deal of the others is one number
    found = [settled(name, s) for s in SEVERITIES if s in find(name).effects]
    for one, worse in pairwise(found):
        off = {p: abs(one[p] - BODY.parameters[p].value) for p in one if p in worse}
        more = {p: abs(worse[p] - BODY.parameters[p].value) for p in off}
        assert all(more[p] >= off[p] - 1e-12 for p in off)


@pytest.mark.parametrize(("cause", "severity", "day", "level", "value"), REFERENCE)
def test_the_reference_is_reproduced(cause, severity, day, level, value):
    found = run(cause, severity=severity, days=day)[level].values[-1]
    assert found == pytest.approx(value, rel=0.03)


def test_sweat_follows_edelmans_relation():
    found = {}
    for name, treat in {
        "none": (),
        "water": "water:4 L@0.25",
        "ors": "ors:4 L@0.25",
    }.items():
        levels = run("sweating", severity="moderate", days=0.5, treat=treat)["na"]
        found[name] = levels.values
    assert found["none"].max() == pytest.approx(151.8, abs=1.0)
    assert found["water"][-1] == pytest.approx(135.1, abs=1.0)
    assert found["ors"][-1] == pytest.approx(142.0, abs=1.0)


def test_multipliers_multiply_losses_add_and_holds_take_the_stronger():
    both = settled("loop_diuretic:mild + thiazide:mild")
    assert both["mg_renal_threshold"] == pytest.approx(0.92 * 0.95)
    assert both["distal_drive"] == pytest.approx(4.0)
    assert both["ca_renal_threshold"] == pytest.approx(-0.01)
    eaten = settled("poor_mg_diet:severe + alcohol:severe")["mg_intake"]
    assert eaten == settled("poor_mg_diet", "severe")["mg_intake"]
    assert eaten < settled("alcohol", "severe")["mg_intake"]
    lost = settled("gut_loss:severe + coeliac")["mg_gut_loss"]
    assert lost == pytest.approx(6.0)


@examples(st.lists(st.sampled_from(CAUSES), min_size=1, max_size=6, unique=True))
def test_the_order_of_causes_does_not_matter(names):
    causes = [f"{n}:{list(find(n).effects)[-1]}" for n in names]
    one, other = settled(causes), settled(causes[::-1])
    assert one.keys() == other.keys()
    assert all(one[name] == pytest.approx(other[name], rel=1e-12) for name in one)
    for name, value in one.items():
        assert BODY.parameters[name].low <= value <= BODY.parameters[name].high


def test_losses_of_axons_never_exceed_all_of_them():
    found = settled("b1:severe + b12:severe + b6_excess:severe")
    assert found["axon_loss_sensory"] == 1.0


def test_a_person_of_other_health_is_the_base():
    assert settled("alcohol", base={"mg_renal_threshold": 0.9})[
        "mg_renal_threshold"
    ] == pytest.approx(0.85 * 0.9)
    many = settled("alcohol", base={"mg_renal_threshold": np.array([0.9, 1.0])})
    assert many["mg_renal_threshold"].tolist() == pytest.approx([0.765, 0.85])


def test_units_in_the_tables_are_converted():
    effects = parse_effects("mg_intake=243.05 mg;gfr=30 mL/min;k_gut_loss-3", "here")
    assert [e.amount for e in effects] == pytest.approx([10.0, 43.2, -3.0])


@pytest.mark.parametrize("text", ["mg_intake", "mg_intake=240 g", "mg_intake=2,5",
                                  "mg_intke=3", "=3"])  # fmt: skip
def test_what_is_no_effect_is_refused(text):
    with pytest.raises(NeurosimError):
        parse_effects(text, "here")


def test_unknown_and_missing_come_with_a_sentence():
    with pytest.raises(UnknownName, match="mean 'gut_loss'"):
        find("gutloss")
    with pytest.raises(UnknownName, match="no 'low diet'"):  # two causes have that
        find("low diet")
    with pytest.raises(UnknownName, match="mean 'severe'"):
        find_all("gut_loss", "sever")
    with pytest.raises(NeurosimError, match="it has moderate"):
        find_all("coeliac", "mild")
    with pytest.raises(NeurosimError, match="named twice"):
        find_all("ppi + ppi")
    with pytest.raises(UnknownName, match="mean 'mg_intake'"):
        given(mg_intak=3.0)


def test_no_cause_changes_nothing():
    assert course("none") == ((0.0, {}),)
    assert usual_days("none") > 0.0
    assert usual_days("ppi + hyperventilation") == find("ppi").days


def test_a_sudden_cause_is_there_at_once():
    assert course("hypoparathyroid", "severe") == ((0.0, {"gland": 0.02}),)


@pytest.mark.parametrize("tau", [0.5, 25.0])
def test_a_gradual_cause_comes_with_its_time_constant(tau):
    found = course("low_vitamin_d", "moderate", onset=tau, days=10 * tau)
    days = np.array([day for day, values in found if values])
    levels = np.array([values["vitamin_d"] for _, values in found if values])
    assert levels[-1] == 12.0
    exact = 75.0 + (12.0 - 75.0) * (1.0 - np.exp(-days / tau))
    assert np.abs(levels - exact).max() <= 0.051 * 63.0  # half a step of ten


def test_steps_take_as_long_on_average_as_the_approach():
    assert np.mean(steps(3.0)) == pytest.approx(3.0, rel=0.05)
    assert steps(0.0) == [0.0]


def test_a_cause_ends_by_itself_or_by_treatment():
    vomiting = course("vomiting", "severe", days=30)
    assert at_end(vomiting)["distal_drive"] == 1.0
    assert at_end(course("alcohol", "severe", days=100))["mg_renal_threshold"] == 0.7
    stopped = course("alcohol", "severe", treat="stop@20", days=100)
    assert at_end(stopped)["mg_renal_threshold"] == 1.0
    assert next(day for day, _ in stopped if day > 0.0) > 20.0


def test_names_may_be_written_as_people_do():
    assert [one.name for one, _ in find_all("loop diuretic + poor diet:severe")] == [
        "loop_diuretic", "poor_mg_diet",
    ]  # fmt: skip
    assert find("Kidney failure").name == "kidney_failure"


def test_adrenaline_moves_potassium_for_minutes_and_magnesium_for_hours():
    """Clin Sci 72:135 (1987): K back within 30 min of stopping, Mg not within 1 h."""
    found = run("adrenaline", severity="severe", days=0.25, dt=5e-4,
                person={"k_set": 4.2})  # fmt: skip
    fallen = {
        name: found[name].interp(time=[2 / 24, 2.5 / 24, 3 / 24]).values
        - float(found[name][0])
        for name in ("k", "mg_total")
    }
    assert -0.84 < fallen["k"][0] < -0.76
    assert abs(fallen["k"][1]) < 0.15
    assert abs(fallen["k"][2]) < 0.02
    assert fallen["mg_total"][0] == pytest.approx(-0.05, abs=0.01)
    assert fallen["mg_total"][2] < 0.6 * fallen["mg_total"][0]


@pytest.mark.parametrize(("severity", "na"), [("mild", 130), ("severe", 115)])
def test_kept_water_lowers_sodium_and_leaves_potassium(severity, na):
    found = run("hyponatraemia", severity=severity, days=10.0)
    assert float(found.na[-1]) == pytest.approx(na, abs=0.5)
    assert float(found.k.min()) == pytest.approx(4.0, abs=0.02)
    assert float(found.k_i[-1]) < 135.0  # swollen cells gave it up
    dilute = run("hyponatraemia", severity=severity, days=2.0,
                 person={"k_volume_release": 0.0})  # fmt: skip
    assert float(dilute.k[-1]) < 3.9
    dry = run("dehydration", severity="severe", days=0.25)
    assert float(dry.k[-1]) > 4.1  # lost water concentrates it


def test_acidosis_is_what_lowers_calcium_below_the_references_kidney():
    for name, value in (("kidney", 2.19), ("kidney_failure", 2.11)):
        both = run(name, severity="severe", days=90.0)
        without = run(name, severity="severe", days=90.0, reset="ph_ca")
        assert float(without.ca_total[-1]) == pytest.approx(value, rel=0.01)
        assert float(both.ca_ionised[-1]) == pytest.approx(
            float(without.ca_ionised[-1]), rel=1e-3
        )


def test_a_treatment_lifts_only_what_it_is_for():
    found = course("b1 + b12", "severe", since=math.inf, treat="b1@0", days=400)
    assert at_end(found)["atp_supply"] == 1.0
    assert at_end(found)["g_ratio"] == 0.82
    kept = at_end(course("low_vitamin_d", "severe", treat="d@100", days=700))
    assert kept["vitamin_d"] == 75.0
    assert kept["ca_intake"] < 11.0  # vitamin D does not change the diet


def test_what_has_long_been_there_does_not_come_again():
    assert course("b12", "severe", since=math.inf) == (
        (0.0, settled("b12", "severe")),
    )  # fmt: skip


def test_axons_heal_more_slowly_than_energy():
    found = course("b1", "severe", since=math.inf, treat="b1@0", days=60)
    now = at_end(found)
    assert now["atp_supply"] == 1.0
    assert now["axon_loss_motor"] > 0.1


def test_doses_and_days_of_treatments():
    usual, more = read_treatments("mg_oral, ca_iv:50 mmol@10-12", days=60)
    assert (usual.dose, usual.begin, usual.end) == (300.0, 30.0, math.inf)
    assert (more.dose, more.begin, more.end) == (50.0, 10.0, 12.0)
    changes = dict(course("none", treat="ca_iv:50 mmol@10-12", days=60))
    assert changes[10.0] == {"ca_infusion": 50.0}
    assert changes[12.0] == {"ca_infusion": 0.0}


def test_a_drink_brings_its_volume_and_salt():
    changes = course("none", treat="ors:4 L@0", days=1)
    (begin, flow), (end, _) = changes
    assert flow["water_intake"] * (end - begin) == pytest.approx(4.0)
    assert flow["na_intake"] * (end - begin) == pytest.approx(200.0)
    assert (flow["k_intake"] - 80.0) * (end - begin) == pytest.approx(80.0)


def test_oxide_counts_less_than_citrate():
    (oral,), (oxide,) = (
        load_treatments()[name].effects for name in ("mg_oral", "mg_oxide")
    )
    assert oxide.amount == pytest.approx(0.15 * oral.amount)


@pytest.mark.parametrize(
    ("treat", "said"),
    [
        ("mg_orl", "mean 'mg_oral'"),
        ("mg_oral:3 mmol", "in mg"),
        ("stop:3", "takes no dose"),
        ("mg_oral@70", "within the 60 days"),
        ("mg_oral@20-10", "end later"),
        ("mg_oral@1.2.3", "is no day"),
        ("mg oral", "write NAME"),
    ],
)
def test_bad_treatments_get_one_sentence(treat, said):
    with pytest.raises(NeurosimError, match=said):
        course("ppi", treat=treat, days=60)


@pytest.mark.parametrize("how", [{"days": 0.0}, {"days": math.nan}, {"onset": -1.0},
                                 {"since": -1.0}])  # fmt: skip
def test_impossible_times_are_refused(how):
    with pytest.raises(NeurosimError, match="give a run of some days"):
        course("ppi", **how)


@pytest.mark.parametrize("name", load_treatments())
def test_every_treatment_works_on_the_body(name):
    changes = course("none", treat=f"{name}@1", days=10)
    for _, values in changes:
        assert set(values) <= set(BODY.parameters)
    lifts = load_treatments()[name].lifts
    known = {*CAUSES, *BODY.parameters, "*"}
    assert set(lifts) <= known
    assert load_treatments()[name].effects or lifts or name == "none"


def test_treatments_bring_levels_back():
    ill = run("gut_loss", severity="severe", days=60)
    better = run("gut_loss", severity="severe", days=60, treat="mg_iv@30-60")
    assert better["mg_total"].values[-1] > ill["mg_total"].values[-1] + 0.2
    assert better["ca_total"].values[-1] > ill["ca_total"].values[-1] + 0.2
    calm = run(
        "hypoparathyroid", severity="severe", days=60, treat="ca@20,calcitriol@20"
    )
    assert calm["ca_ionised"].values[-1] > 1.0 > calm["ca_ionised"].values[50]


@examples(st.floats(0.0, 1.0), st.floats(0.1, 5.0))
def test_a_share_of_an_effect_lies_between_health_and_the_whole(share, amount):
    value = combine([(Effect("uptake", "*", amount), share)])["uptake"]
    low, high = sorted((1.0, min(amount, BODY.parameters["uptake"].high)))
    assert low - 1e-12 <= value <= high + 1e-12
