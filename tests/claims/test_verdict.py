import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.claims import criteria, verdict
from neurosim.claims.criteria import (
    change_rule,
    inside_rule,
    provided,
    ratio_rule,
    share_rule,
    standard_rule,
    via_rule,
)
from neurosim.claims.draws import (
    bootstrap_interval,
    monotone,
    share_removed,
    smallest_dose,
    symptomatic,
)
from neurosim.claims.ledger import find, load_ledger
from neurosim.claims.rule import parse_rule
from neurosim.claims.verdict import (
    Outcome,
    Part,
    as_part,
    judged_row,
    missing,
    rank,
    row_verdict,
)
from neurosim.errors import NeurosimError, UnknownName

REFERENCE = np.linspace(4.0, 6.0, 100)  # control interval 4.1 to 5.9, median 5
WORDS = (
    "reproduced",
    "via nerve",
    "by assumption",
    "partly",
    "partly (small)",
    "not supported",
    "contradicted",
)


def signs(right, size, *, total=100):
    """Paired differences of one size, ``right`` of them up and the others down."""
    return np.where(np.arange(total) < right, size, -size)


# the standard rule


@pytest.mark.parametrize(
    ("right", "size", "expected"),
    [
        (100, 2.0, "reproduced"),
        (90, 2.0, "reproduced"),
        (89, 2.0, "not supported"),
        (100, 0.5, "partly (small)"),
        (50, 2.0, "not supported"),
        (11, 2.0, "not supported"),
        (10, 2.0, "contradicted"),
        (0, 0.5, "contradicted"),
    ],
)
def test_standard_rule(right, size, expected):
    outcome = standard_rule(signs(right, size), REFERENCE, "up")
    assert outcome.verdict == expected
    assert outcome.sign_probability == right / 100
    assert standard_rule(-signs(right, size), -REFERENCE, "down").verdict == expected


def test_standard_rule_reports_median_and_interval_of_the_paired_effect():
    effect = np.arange(1.0, 102.0)
    outcome = standard_rule(effect, np.zeros(101), "up")
    assert (outcome.effect, outcome.low, outcome.high) == (51.0, 6.0, 96.0)
    assert "101 of 101 draws" in outcome.reason


def test_the_median_at_the_dose_has_to_leave_the_interval_of_a_given_population():
    wide = np.linspace(0.0, 10.0, 3000)
    effect = signs(100, 2.0)
    assert standard_rule(effect, REFERENCE, "up").verdict == "reproduced"
    outcome = standard_rule(effect, REFERENCE, "up", population=wide)
    assert outcome.verdict == "partly (small)"


def test_without_an_effect_nothing_is_said():
    outcome = standard_rule(np.zeros(100), REFERENCE, "up")
    assert (outcome.verdict, outcome.sign_probability) == ("not supported", 0.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_present_takes_either_sign_but_one(sign):
    outcome = standard_rule(sign * signs(95, 2.0), REFERENCE, "present")
    assert outcome.verdict == "reproduced"
    mixed = standard_rule(sign * signs(60, 2.0), REFERENCE, "present")
    assert mixed.verdict == "not supported"


EFFECTS = st.lists(st.floats(-9, 9).map(lambda x: round(x, 3)), min_size=100)


@settings(max_examples=50, deadline=None)
@given(EFFECTS, st.integers(-100, 100))
def test_a_shift_of_the_control_changes_nothing(effect, shift):
    effect = np.array(effect)
    control = np.linspace(4, 6, effect.size)
    moved = standard_rule(effect, control + shift, "up")
    assert moved.verdict == standard_rule(effect, control, "up").verdict


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 100), st.integers(1, 5))
def test_failed_draws_never_help_and_are_counted(right, failed):
    effect = signs(right, 2.0)
    spoiled = effect.copy()
    spoiled[-failed:] = np.nan
    outcome = standard_rule(spoiled, REFERENCE, "up")
    assert f"{failed} of 100 draws failed" in outcome.reason
    assert outcome.sign_probability <= right / 100


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(
    "judge",
    [
        lambda x: standard_rule(x, REFERENCE, "up"),
        lambda x: standard_rule(np.ones(100), x, "up"),
        lambda x: ratio_rule(x, 1.1, "up"),
        lambda x: change_rule(x, 0.1, "up"),
        share_rule,
        lambda x: inside_rule(x, 0, 9),
    ],
)
def test_more_than_five_per_cent_failed_draws_are_refused(judge, bad):
    draws = np.full(100, 5.0)
    draws[:5] = bad
    assert judge(draws).verdict != "not evaluated yet"
    draws[:6] = bad
    outcome = judge(draws)
    assert (outcome.verdict, outcome.effect) == ("not evaluated yet", None)
    assert outcome.reason.startswith("6 of 100 draws failed, refused")


def test_bad_draws_are_refused_in_words():
    with pytest.raises(NeurosimError, match=r"^99 draws were given; .* at least 100"):
        standard_rule(np.ones(99), np.ones(99), "up")
    with pytest.raises(NeurosimError, match="one value per draw"):
        standard_rule(np.ones(100), np.ones(101), "up")
    with pytest.raises(NeurosimError, match="one value per draw"):
        ratio_rule(np.ones((100, 2)), 1.1, "up")
    with pytest.raises(UnknownName, match="It has: down, present, up"):
        standard_rule(np.ones(100), np.ones(100), "upward")


# bounds on ratios and differences


def ratios(right, value, *, other):
    return np.where(np.arange(100) < right, value, other)


@pytest.mark.parametrize(
    ("draws", "expected"),
    [
        (ratios(100, 0.95, other=1.0), "reproduced"),
        (ratios(90, 0.90, other=1.1), "reproduced"),
        (ratios(89, 0.90, other=1.1), "not supported"),
        (ratios(100, 0.96, other=1.0), "partly (small)"),
        (ratios(5, 0.90, other=1.04), "not supported"),
        (ratios(5, 0.90, other=1.05), "contradicted"),
        (ratios(11, 0.90, other=1.2), "not supported"),
    ],
)
def test_ratio_rule(draws, expected):
    assert ratio_rule(draws, 0.95, "down").verdict == expected
    assert change_rule(draws - 1.0, -0.0499999, "down").verdict == expected
    assert ratio_rule(2.0 - draws, 1.05, "up").verdict in (expected, "partly (small)")


def test_the_opposite_bound_can_be_given():
    draws = np.full(100, 1.06)
    assert ratio_rule(draws, 0.95, "down").verdict == "contradicted"
    kinder = ratio_rule(draws, 0.95, "down", opposite=1.1)
    assert kinder.verdict == "not supported"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.06, "reproduced"),
        (0.94, "reproduced"),
        (1.04, "partly (small)"),
        (0.96, "partly (small)"),
    ],
)
def test_present_bounds_both_sides(value, expected):
    assert ratio_rule(np.full(100, value), 1.05, "present").verdict == expected


def test_a_bound_of_zero_asks_for_an_order():
    assert change_rule(np.full(100, 1e-9), 0, "up").verdict == "reproduced"
    assert change_rule(np.full(100, -1e-9), 0, "up").verdict == "contradicted"
    assert change_rule(np.zeros(100), 0, "up").verdict == "not supported"


def test_a_bound_on_the_wrong_side_is_refused():
    with pytest.raises(NeurosimError, match=re.escape("two sides of 1 that")):
        ratio_rule(np.ones(100), 0.95, "up")
    with pytest.raises(NeurosimError, match="give `opposite`"):
        ratio_rule(np.ones(100), 3.0, "up")
    assert ratio_rule(np.full(100, 3.0), 3.0, "up", opposite=1 / 3).verdict == (
        "reproduced"
    )


# shares, ranges, pathways, further conditions


def test_share_rule():
    met = np.arange(100) < 50
    assert share_rule(met).verdict == "not supported"
    outcome = share_rule(met, needed=0.5)
    assert outcome.verdict == "reproduced"
    assert outcome.effect == 0.5
    assert 0.38 < outcome.low < 0.47 < 0.53 < outcome.high < 0.62


def test_a_failed_draw_does_not_meet_a_condition():
    met = np.ones(100)
    met[:3] = np.nan
    assert share_rule(met).effect == 0.97
    assert share_rule(met, needed=1.0).verdict == "not supported"


def test_inside_rule():
    values = np.arange(100.0)
    assert inside_rule(values, 0, 89).verdict == "reproduced"
    assert inside_rule(values, 0, 88).verdict == "not supported"
    assert inside_rule(values, 0, 89, needed=1.0).verdict == "not supported"
    assert inside_rule(values, 0, 9).verdict == "contradicted"
    assert inside_rule(values, 0, 89).effect == 49.5


def test_via_needs_half_of_an_effect_that_passed():
    passed, failed = Outcome("reproduced", reason="x"), Outcome("not supported")
    half, less = np.full(100, 0.5), np.full(100, 0.49)
    assert via_rule(passed, half, "nerve").verdict == "via nerve"
    assert "removes 50% of it" in via_rule(passed, half, "nerve").reason
    assert via_rule(passed, less, "nerve").verdict == "reproduced"
    assert via_rule(failed, half, "nerve") == failed
    unknown = via_rule(passed, np.full(100, np.nan), "nerve")
    assert unknown.verdict == "reproduced"
    assert "share not known" in unknown.reason


def test_share_removed_is_none_where_there_is_no_effect():
    shares = share_removed([2.0, 2.0, 0.0, -2.0, np.nan], [1.0, 0.0, 0.0, -2.0, 1.0])
    np.testing.assert_array_equal(shares, [0.5, 1.0, 0.0, 0.0, np.nan])


def test_a_further_condition_makes_a_pass_partly():
    passed, small = Outcome("reproduced"), Outcome("partly (small)")
    held = provided(passed, {"monotone": True})
    assert held == passed
    broken = provided(passed, {"monotone": False, "ratio 3": True})
    assert broken.verdict == "partly"
    assert broken.reason.endswith("not met: monotone")
    assert provided(small, {"monotone": False}) == small


# ladders and populations


def test_monotone():
    assert monotone([1, 1, 2], "up")
    assert not monotone([1, 1, 2], "up", strict=True)
    assert not monotone([1, 2, 1.9], "up")
    assert monotone([1, 2, 1.9], "up", 0.06)
    assert not monotone([1, 2, 1.9], "up", 0.04)
    assert monotone([3, 2, 2], "down")
    assert not monotone([1, np.nan, 2], "up")
    assert not monotone([1, np.inf, np.inf], "up")


@given(st.lists(st.integers(-50, 50), min_size=2))
def test_a_ladder_and_its_mirror_agree(medians):
    assert monotone(medians, "up") == (sorted(medians) == medians)
    assert monotone(medians, "up") == monotone([-m for m in medians], "down")


def test_a_ladder_that_is_none_is_refused():
    with pytest.raises(NeurosimError, match="two steps or more"):
        monotone([1], "up")
    with pytest.raises(UnknownName, match="down, up"):
        monotone([1, 2], "present")


def test_smallest_dose_is_the_first_that_passes():
    assert smallest_dose([0.45, 0.35, 0.226], [False, True, True]) == 0.35
    assert smallest_dose(["mild", "severe"], [False, False]) is None
    with pytest.raises(ValueError, match="zip"):
        smallest_dose([1, 2], [True])


def test_symptomatic_is_one_in_a_hundred_controls():
    controls = np.arange(2000.0)
    assert symptomatic(controls, controls).mean() == 0.01
    assert np.isnan(symptomatic([np.nan], controls)[0])
    with pytest.raises(NeurosimError, match="at least 2000, all finite"):
        symptomatic(controls, controls[1:])
    with pytest.raises(NeurosimError, match="1999 finite control draws out of 2000"):
        symptomatic(controls, np.append(controls[1:], np.nan))


def test_bootstrap_interval_holds_the_mean_and_repeats():
    draws = np.random.default_rng(3).normal(0.0, 1.0, 400)
    low, high = bootstrap_interval(draws, seed=5)
    assert low < draws.mean() < high
    # 1.96 standard errors on each side, 0.05 each
    assert high - low == pytest.approx(2 * 1.96 * 0.05, rel=0.15)
    assert bootstrap_interval(draws, seed=5) == (low, high)
    narrow = bootstrap_interval(draws, level=0.5, seed=5)
    assert low < narrow[0] < narrow[1] < high


def test_bootstrap_resamples_persons_whole():
    pairs = np.column_stack([np.arange(50.0), 2 * np.arange(50.0)])
    slope = bootstrap_interval(pairs, lambda p: p[:, 1].sum() / p[:, 0].sum())
    assert slope == (2.0, 2.0)


# parts and rows


def part(word, name="", arm="", claim="C01"):
    return Part(claim=claim, name=name, arm=arm, verdict=word)


def arms(claim_id, **words):
    claim = find([claim_id])[0]
    return claim, [part(w, arm=arm, claim=claim_id) for arm, w in words.items()]


def named(claim_id, **words):
    claim = find([claim_id])[0]
    return claim, [part(w, name, claim=claim_id) for name, w in words.items()]


def test_a_part_keeps_to_the_vocabulary():
    with pytest.raises(UnknownName, match="Did you mean 'reproduced'"):
        part("reproducd")
    with pytest.raises(UnknownName, match="no 'via'"):
        part("via")
    assert rank("via secondary Ca fall") == rank("via nerve")


def test_an_outcome_becomes_a_part():
    outcome = standard_rule(signs(100, 2.0), REFERENCE, "up")
    made = as_part(outcome, claim="C01", arm="ca", unit="1/min", seed=7)
    assert (made.claim, made.arm, made.unit, made.seed) == ("C01", "ca", "1/min", 7)
    assert (made.verdict, made.effect) == (outcome.verdict, outcome.effect)


GOOD, SMALL, NOT, BAD = "reproduced", "partly (small)", "not supported", "contradicted"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # all arms; one to three is partly; none is the worst of them
        (arms("C01", ca=GOOD, mg=GOOD, k=GOOD, na=GOOD), GOOD),
        (arms("C01", ca=GOOD, mg=GOOD, k=BAD, na=NOT), "partly"),
        (arms("C01", ca=SMALL, mg=NOT, k=BAD, na=NOT), BAD),
        (arms("C01", ca=SMALL, mg=SMALL, k=SMALL, na=SMALL), SMALL),
        # any plasma-ion arm; partly by the energy arm alone
        (arms("C04", ca=NOT, mg=GOOD, k=BAD, atp=NOT), GOOD),
        (arms("C04", ca=NOT, mg=BAD, k=BAD, atp=GOOD), "partly"),
        (arms("C04", ca=NOT, mg=BAD, k=BAD, atp=NOT), NOT),
        (named("C05", generator=BAD, amplifier=BAD), NOT),
        (named("C05", generator=BAD, amplifier=GOOD), GOOD),
        (named("C06", after=GOOD, fresh=GOOD), GOOD),
        (named("C06", after=GOOD, fresh=NOT), "partly"),
        (named("C06", after=NOT, fresh=GOOD), NOT),
        # one ion alone is partly, Ca with either K arm is all
        (arms("C33", ca=GOOD, klow=BAD, khigh=GOOD), GOOD),
        (arms("C33", ca=NOT, klow=BAD, khigh=GOOD), "partly"),
        (arms("C33", ca=NOT, klow=BAD, khigh=NOT), NOT),
        # the arm of K alone decides, the joint one only rescues it
        (arms("C44", alone=GOOD, joint=NOT), GOOD),
        (arms("C44", alone=BAD, joint=GOOD), "via low Mg and alkalosis"),
        (arms("C44", alone=NOT, joint=BAD), NOT),
        # contradicted only if axon and fibre both are
        (named("C46", i_th_axon=GOOD, i_th_fibre=BAD), "partly"),
        (named("C46", i_th_axon=BAD, i_th_fibre=NOT), NOT),
        (named("C46", i_th_axon=BAD, i_th_fibre=BAD), BAD),
        (named("C48", ap_amplitude=NOT, cv=GOOD, force30=GOOD), GOOD),
        (named("C48", ap_amplitude=GOOD, cv=GOOD, force30=NOT), "partly"),
        (named("C49", na=GOOD, k=NOT, ca_ionised=NOT, mg_total=NOT), GOOD),
        (named("C53", mg_total=GOOD, k=GOOD, ca_ionised=NOT, pth=NOT), GOOD),
        (named("C53", mg_total=GOOD, k=NOT, ca_ionised=NOT, pth=NOT), "partly"),
        (named("C53", mg_total=NOT, k=NOT, ca_ionised=NOT, pth=NOT), NOT),
        (named("C66", rise=NOT, **{"return": GOOD}), NOT),
        (named("C82", ratio=GOOD, block=NOT), "partly"),
        (named("C45", rt50=NOT, after_discharge=BAD), NOT),
        # a row that follows from what was put in
        (named("C74", ca_entry=GOOD, sr_uptake=GOOD), "by assumption"),
        (named("C74", ca_entry=BAD, sr_uptake=GOOD), "partly"),
        (named("C74", ca_entry=BAD, sr_uptake=NOT), BAD),
        (named("C10", ca_entry=NOT), NOT),
        # only what can be evaluated counts
        (arms("C103", ca=GOOD, mg="not evaluable", d=GOOD), GOOD),
        (arms("C103", ca=GOOD, mg="not evaluable", d=NOT), "partly"),
        (arms("C103", **dict.fromkeys(("ca", "mg", "d"), "not evaluable")), None),
        (arms("C14", direct="via nerve", linked="via nerve"), "via nerve"),
        (arms("C14", direct="via nerve", linked="via muscle"), GOOD),
        # one part
        (named("C11", i_th="partly (small)"), SMALL),
        (named("C11", i_th="partly"), "partly"),
        (named("C77", rt50=GOOD), "by assumption"),
    ],
)
def test_rows_follow_the_rule_of_the_ledger(case, expected):
    claim, parts = case
    for order in (parts, parts[::-1]):
        assert row_verdict(claim, order) == (expected or "not evaluable")


@pytest.mark.parametrize(
    ("direct", "r_sp", "share", "expected"),
    [
        (GOOD, NOT, NOT, GOOD),
        (NOT, GOOD, GOOD, "via secondary Ca fall"),
        (NOT, GOOD, NOT, "partly"),
        ("partly", NOT, "not evaluable", "partly"),
        (NOT, BAD, "not evaluable", BAD),
    ],
)
def test_the_direct_arm_of_low_magnesium_goes_first(direct, r_sp, share, expected):
    parts = [
        part(direct, "r_sp", "direct", "C07"),
        part(r_sp, "r_sp", "linked", "C07"),
        part(share, "ca_share", "linked", "C07"),
    ]
    assert row_verdict(find(["C07"])[0], parts) == expected


def test_a_row_waits_for_every_part_its_rule_names():
    claim, parts = arms("C01", ca=GOOD, mg=GOOD, k=GOOD)
    assert missing(claim, parts) == ("na",)
    assert row_verdict(claim, parts) == "not evaluated yet"
    _, said, shown = judged_row(claim, parts)
    assert said == "not evaluated yet"
    assert [(p.arm, p.verdict) for p in shown] == [
        ("ca", GOOD),
        ("mg", GOOD),
        ("k", GOOD),
        ("na", "not evaluated yet"),
    ]


def test_absent_parts_bear_the_names_the_rule_asks_for():
    claim, parts = arms("C34", direct=GOOD)
    shown = judged_row(claim, [replace(parts[0], name="r_sp")])[2]
    assert [(p.arm, p.name) for p in shown[1:]] == [("", "ladder"), ("linked", "r_sp")]
    assert missing(claim, shown) == ()


def test_a_row_without_parts_waits_and_one_outside_does_not():
    assert judged_row(find(["C01"])[0], [])[1:] == ("not evaluated yet", ())
    assert row_verdict(find(["C26"])[0], []) == "outside the model"


def test_an_unfinished_part_holds_the_row():
    claim, parts = arms("C01", ca=GOOD, mg=GOOD, k=GOOD, na="not evaluated yet")
    assert row_verdict(claim, parts) == "not evaluated yet"


def test_what_is_only_reported_does_not_count():
    claim, parts = arms("C01", ca=GOOD, mg=GOOD, k=GOOD, na=GOOD)
    extra = part("reported only", "ladder", "ca")
    assert row_verdict(claim, [*parts, extra]) == GOOD
    parts[-1] = replace(parts[-1], verdict="reported only")
    assert row_verdict(claim, parts) == "not evaluated yet"


def test_a_judged_part_outside_the_rule_does_not_decide():
    claim, parts = named("C34", ladder=GOOD, multiplets=NOT)
    parts += [part(GOOD, "r_sp", arm, "C34") for arm in ("direct", "linked")]
    assert row_verdict(claim, parts) == GOOD


def test_parts_of_another_claim_are_refused():
    claim, _ = arms("C01")
    with pytest.raises(NeurosimError, match="Row C01 was given parts of C33"):
        row_verdict(claim, [part(GOOD, arm="ca", claim="C33")])


def test_an_arm_that_must_decide_but_cannot_be_evaluated_leaves_the_row_so():
    claim, parts = arms("C44", alone="not evaluable", joint=NOT)
    assert row_verdict(claim, parts) == "not evaluable"


def complete_parts(claim, words):
    arms = {arm.name for arm in claim.arms}
    made = []
    for name, word in zip(claim.rule.names or ("only",), itertools.cycle(words)):
        arm, _, tail = (name, "", "") if name in arms else name.rpartition(".")
        made.append(part(word, tail, arm, claim.id))
    return made


def tier(word):
    """Rank of a verdict; in which way a row passed is no matter of better or worse."""
    return 0 if verdict.passes(word) else rank(word)


JUDGED = [claim for claim in load_ledger() if claim.mode != "none"]


@given(st.sampled_from(JUDGED), st.lists(st.sampled_from(WORDS), min_size=1))
def test_every_row_can_be_judged_and_a_better_part_never_hurts(claim, words):
    parts = complete_parts(claim, words)
    before = row_verdict(claim, parts)
    assert before != "not evaluated yet"
    if claim.circular:
        assert rank(before) >= rank("by assumption")
    for place, word in itertools.product(range(len(parts)), WORDS):
        if rank(word) < rank(parts[place].verdict):
            better = [*parts]
            better[place] = replace(parts[place], verdict=word)
            assert tier(row_verdict(claim, better)) <= tier(before), (word, place)


@given(st.sampled_from(JUDGED))
def test_a_row_reads_reproduced_exactly_if_everything_passes_and_nothing_is_put_in(
    claim,
):
    said = row_verdict(claim, complete_parts(claim, ["reproduced"]))
    assert said == ("by assumption" if claim.circular else "reproduced")
    for word in ("not supported", "contradicted", "partly (small)"):
        assert not verdict.passes(row_verdict(claim, complete_parts(claim, [word])))


def test_a_count_is_a_minimum():
    claim = replace(find(["C12"])[0], rule=parse_rule("reproduced if 2 of a, b, c"))
    words = {"a": GOOD, "b": GOOD, "c": BAD}
    parts = [part(w, n, claim="C12") for n, w in words.items()]
    assert row_verdict(claim, parts) == GOOD
    parts[0] = replace(parts[0], verdict=NOT)
    assert row_verdict(claim, parts) == BAD


def test_a_row_whose_rule_is_not_met_never_passes_by_its_best_part():
    rule = parse_rule("reproduced if 2 of a, b; otherwise best")
    claim = replace(find(["C12"])[0], rule=rule)
    parts = [part(GOOD, "a", claim="C12"), part(BAD, "b", claim="C12")]
    assert row_verdict(claim, parts) == "partly"


def test_thresholds_are_those_of_the_ledger():
    assert (criteria.SIGN_SHARE, criteria.VIA_SHARE) == (0.9, 0.5)
    assert criteria.INTERVAL == (5.0, 95.0)
