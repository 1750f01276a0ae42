"""Every dose that the ledger writes is understood."""

import pytest

from neurosim.body.causes import find
from neurosim.body.doses import MEANING, PASSED, RUN, each, read_dose, supply_at_work
from neurosim.body.homeostasis import BODY
from neurosim.body.pathways import PATHWAYS
from neurosim.body.timeline import course
from neurosim.claims.ledger import load_ledger
from neurosim.errors import NeurosimError, UnknownName

ARMS = [
    pytest.param(claim, settings, id=f"{claim.id}-{arm.name}-{number}")
    for claim in load_ledger()
    for arm in claim.arms
    for number, settings in enumerate(each(arm.settings))
]
LINKED = [p for p in ARMS if p.values[0].mode in ("linked", "both")]
STAGES = {"axon", "fibre"}  # what a reset may name besides pathways of the body
PARTS = {"ca", "k", "mg", "ph", "pi", "ph_m"}


@pytest.mark.parametrize(("claim", "settings"), ARMS)
def test_every_dose_is_understood(claim, settings):
    dose = read_dose(settings)
    for cause in (*dose.causes, *dose.before):
        assert dose.severity in cause.effects
    for day, values in course(
        dose.causes, dose.severity, treat=dose.treat, days=dose.days or 30.0
    ):
        assert day >= 0.0
        assert set(values) <= set(BODY.parameters)
    known = {p.name for p in PATHWAYS} | STAGES | PARTS
    assert set(dose.reset) <= known


@pytest.mark.parametrize(("claim", "settings"), LINKED)
def test_every_linked_dose_moves_the_body_or_passes_something_on(claim, settings):
    dose = read_dose(settings)
    asked = dose.causes or dose.before or dose.levels or dose.treat or dose.passed
    assert asked
    for key in settings:
        assert key in MEANING or key in RUN or key in PASSED or key in BODY.parameters


def test_no_key_means_two_things():
    assert not set(RUN) & PASSED
    assert not set(MEANING) & PASSED
    assert not set(MEANING) & (set(BODY.parameters) - {"gfr"})


def test_clinical_names_become_parameters():
    (cause,) = read_dose({"i_mg": 243.05, "hb": 7.0, "gfr": 15.0, "d25": 12.0}).causes
    values = {effect.name: effect.amount for effect in cause.effects["mild"]}
    assert values == pytest.approx(
        {"mg_intake": 10.0, "haemoglobin": 7.0, "gfr": 21.6, "vitamin_d": 12.0}
    )


def test_a_supplement_is_added_to_food_by_its_form():
    for form, factor in (("citrate", 1.0), ("oxide", 0.15)):
        dose = read_dose({"supplement_mg": 300.0, "form": form, "days": 28.0})
        ((_, values),) = course(dose.causes, days=28.0)
        added = values["mg_intake"] - BODY.parameters["mg_intake"].value
        assert added == pytest.approx(factor * 300.0 / 24.305)


def test_sweat_and_drink_balance_in_volume():
    dose = read_dose({"sweat_l": 4.0, "drink": "water", "days": 1.0})
    changes = course(dose.causes, treat=dose.treat, days=1.0)
    days = [day for day, _ in changes] + [1.0]
    now, lost, drunk = {}, 0.0, 0.0
    for (day, values), after in zip(changes, days[1:], strict=True):
        now |= values
        lost += now.get("sweat", 0.0) * (after - day)
        drunk += now.get("water_intake", 0.0) * (after - day)
    assert lost == pytest.approx(4.0)
    assert drunk == pytest.approx(4.0)


def test_a_start_is_kept_apart_from_what_follows():
    dose = read_dose({"start": "gut_loss", "start_mg_total": 0.35,
                      "supplement_mg": 300.0, "days": 28.0})  # fmt: skip
    assert dose.before == (find("gut_loss"),)
    assert dose.levels == {"mg_total": 0.35}
    assert [cause.name for cause in dose.causes] == ["supplement"]


def test_oxygen_matters_only_above_half_of_the_maximal_work():
    assert supply_at_work(7.0, 0.0) == supply_at_work(7.0, 0.5) == 1.0
    assert supply_at_work(7.0, 0.7) == pytest.approx(0.90)
    assert supply_at_work(8.0, 0.7) == pytest.approx(0.935)
    assert supply_at_work(14.0, 1.0) == 1.0


def test_words_that_hold_together_are_not_taken_in_turn():
    settings = {"start": ("b1", "b6"), "days": (7.0, 30.0)}
    assert [one["days"] for one in each(settings)] == [7.0, 30.0]
    assert {one["start"] for one in each(settings)} == {("b1", "b6")}


def test_unknown_keys_and_lists_are_refused():
    with pytest.raises(UnknownName, match="mean 'severity'"):
        read_dose({"severty": "mild"})
    with pytest.raises(UnknownName, match="mean 'water'"):
        read_dose({"sweat_l": 2.0, "drink": "watr"})
    with pytest.raises(NeurosimError, match="one by one"):
        read_dose({"days": (7.0, 30.0)})
