"""Foods, supplements and recommended intakes."""

import pytest

from neurosim.body.diet import (
    form_factor,
    intake,
    load_foods,
    load_forms,
    mmol,
    recommended,
    supplement,
    supplement_limit,
)
from neurosim.errors import NeurosimError, UnknownName

# mg of magnesium per serving, the food table of document D4
DOCUMENT = {"spinach_cooked": 157, "pumpkin_seeds": 168, "almonds": 80,
            "black_beans_cooked": 120, "dark_chocolate": 64}  # fmt: skip


def test_the_documents_food_table_is_there():
    for name, mg in DOCUMENT.items():
        assert load_foods()[name].content["magnesium"] == mg
        assert "D4" in load_foods()[name].source


def test_foods_add_up_in_mmol():
    found = intake({"almonds": 1.0, "milk": 2.0})
    assert found["mg_intake"] == pytest.approx((80 + 2 * 27) / 24.305)
    assert found["ca_intake"] == pytest.approx((75 + 2 * 300) / 40.078)
    assert found["k_intake"] == pytest.approx((208 + 2 * 366) / 39.0983)
    assert intake({})["mg_intake"] == 0.0


def test_a_sound_day_of_food_reaches_the_bodys_usual_intake():
    day = {"wholemeal_bread": 4, "milk": 2, "lentils_cooked": 1, "banana": 2,
           "potato_baked": 1, "salmon_cooked": 1}  # fmt: skip
    assert 10.0 < intake(day)["mg_intake"] < 20.0


def test_supplements_count_by_their_salt():
    assert supplement(300.0) == pytest.approx(12.34, abs=5e-3)
    assert supplement(300.0, "oxide") == pytest.approx(0.15 * supplement(300.0))
    assert 0.1 <= form_factor("oxide") <= 0.2
    assert all(0.0 < factor <= 1.0 for factor in load_forms().values())


@pytest.mark.parametrize(
    ("mineral", "sex", "age", "state", "amount"),
    [
        ("magnesium", "male", 25, "", 400),
        ("magnesium", "female", 25, "", 310),
        ("magnesium", "male", 60, "", 420),
        ("magnesium", "female", 30.9, "", 310),
        ("magnesium", "female", 25, "pregnant", 350),
        ("magnesium", "female", 6, "", 130),
        ("calcium", "female", 60, "", 1200),
        ("calcium", "male", 60, "", 1000),
        ("calcium", "male", 75, "", 1200),
        ("potassium", "female", 40, "", 2600),
        ("potassium", "male", 40, "", 3400),
        ("sodium", "male", 40, "", 1500),
    ],
)
def test_recommended_intakes(mineral, sex, age, state, amount):
    assert recommended(mineral, sex=sex, age=age, state=state)[0] == amount


@pytest.mark.parametrize("mineral", ["magnesium", "calcium", "potassium", "sodium"])
@pytest.mark.parametrize("sex", ["female", "male"])
def test_every_age_has_one_recommendation(mineral, sex):
    for age in range(1, 121):
        assert recommended(mineral, sex=sex, age=age)[0] > 0.0


def test_the_upper_level_is_for_supplements():
    assert supplement_limit(40) == 350.0
    assert supplement_limit(3) == 65.0
    assert supplement_limit(40) < recommended("magnesium", sex="male", age=40)[0]


def test_bad_input_gets_one_sentence():
    with pytest.raises(UnknownName, match="mean 'almonds'"):
        intake({"almond": 1})
    with pytest.raises(NeurosimError, match="0 or more"):
        intake({"almonds": -1})
    with pytest.raises(UnknownName, match="mean 'citrate'"):
        supplement(300.0, "citrat")
    with pytest.raises(NeurosimError, match="elemental magnesium"):
        supplement(float("nan"))
    with pytest.raises(UnknownName, match="mean 'magnesium'"):
        mmol(1.0, "magnesum")
    with pytest.raises(NeurosimError, match="ages 1 to 120"):
        recommended("calcium", sex="male", age=0.5)
    with pytest.raises(NeurosimError, match="14 to 50"):
        recommended("magnesium", sex="male", age=30, state="pregnant")
    with pytest.raises(NeurosimError, match="below 1 year"):
        supplement_limit(0.4)
