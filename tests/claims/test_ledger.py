import csv
import hashlib
import json
import re
import subprocess
import sys
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.claims.ledger import (
    COLUMNS,
    Arm,
    find,
    load_documents,
    load_ledger,
    parse_arms,
    parse_ledger,
)
from neurosim.claims.rule import parse_rule
from neurosim.claims.verdict import rank
from neurosim.errors import NeurosimError, UnknownName

LEDGER = load_ledger()
TEXT = resources.files("neurosim.claims").joinpath("ledger.csv").read_text("utf-8")
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def by_id(name):
    return find([name])[0]


def test_every_claim_is_there_in_order():
    assert [claim.id for claim in LEDGER] == [f"C{n:02d}" for n in range(1, 116)]
    assert all(claim.statement and claim.criterion for claim in LEDGER)


def test_criteria_and_doses_stand_as_fixed_before_the_first_run():
    fixed = ("id", "criterion", "dose", "direction", "mode", "expected", "circular")
    rows = [[row[c] for c in fixed] for row in csv.DictReader(TEXT.splitlines())]
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    assert digest.startswith("8694dcfb3cdf4faa5bed76907f373f03")


def test_standard_rule_is_worded_in_the_first_row():
    assert "Standard rule = sign in >=90% of >=100 paired draws AND" in LEDGER[0].notes


def test_documents_are_cited_by_label_only():
    labels = [document.label for document in load_documents()]
    assert labels == ["D1", "D2", "D3", "D4", "D5"]
    assert {label for claim in LEDGER for label in claim.documents} == set(labels)
    assert not re.search(r"\.txt|\b00[0-4]\b", TEXT)


def test_what_is_not_judged_has_no_arm():
    not_judged = [claim for claim in LEDGER if claim.mode == "none"]
    assert len(not_judged) == 17
    assert all(not claim.arms and "outside" in claim.expected for claim in not_judged)


def test_a_row_of_several_arms_has_a_rule():
    assert all(claim.rule.text for claim in LEDGER if len(claim.arms) > 1)


def test_rules_use_known_verdicts_and_existing_arms():
    for claim in LEDGER:
        arms = {arm.name for arm in claim.arms}
        for verdict, _ in claim.rule.clauses:
            rank(verdict)
        for name in claim.rule.names:
            assert "." not in name or name.split(".")[0] in arms, (claim.id, name)
        if claim.rule.otherwise.startswith("as "):
            assert claim.rule.otherwise.removeprefix("as ") in claim.rule.names
        elif claim.rule.otherwise not in ("worst", "best"):
            rank(claim.rule.otherwise)


def test_doses_are_read_as_values():
    mg, linked = by_id("C07").arms
    assert mg == Arm("direct", {"mg_o": 0.226})
    assert linked.settings["cause"] == "gut_loss"
    assert by_id("C05").arms[0].settings["reset"] == ("axon", "fibre")
    assert by_id("C13").arms[0].settings == {"i_mg": 12.0, "days": (21.0, 150.0)}
    assert by_id("C11").arms == (Arm("", {"mg_o": 0.226}),)
    assert by_id("C34").direction == {
        "r_sp": "up",
        "i_th": "down",
        "multiplets": "up",
    }
    assert by_id("C09").circular
    assert not by_id("C07").circular


@given(st.dictionaries(WORDS, st.one_of(NUMBERS, WORDS), min_size=1), WORDS)
def test_any_arm_written_out_is_read_back(settings, name):
    text = ";".join(f"{key}={value}" for key, value in settings.items())
    assert parse_arms(text) == (Arm("", settings),)
    assert parse_arms(f"{name}: {text}")[0] == Arm(name, settings)


@given(st.lists(NUMBERS, min_size=2, max_size=5))
def test_a_ladder_keeps_its_order(doses):
    (arm,) = parse_arms("ca_o=" + "/".join(map(str, doses)))
    assert arm.settings["ca_o"] == tuple(doses)


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        ("ca_o", "'ca_o' should read 'name=value'"),
        ("ca_o=", "should read 'name=value'"),
        ("ca_o=0,9", "write a decimal point"),
        ("ca_o=0.9 mM", "neither a number"),
        ("ca_o=0.9/low", "mixes numbers and words"),
        ("ca_o=0.9;ca_o=1", "'ca_o' is given twice"),
        ("ca_o=0.9; k_o=2", "without blanks"),
        ("ca_o=0.9 | k_o=2", "each needs a name of its own"),
        ("a: ca_o=0.9 | a: k_o=2", "each needs a name of its own"),
        ("Low Ca: ca_o=0.9", "'Low Ca' is no arm name"),
        ("", "should read"),
    ],
)
def test_a_dose_that_cannot_be_read_says_why(dose, words):
    with pytest.raises(NeurosimError, match=re.escape(words)):
        parse_arms(dose, "ledger, C01, dose")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("every: a, b", "should read 'all: …'"),
        ("all: a b", "separated by ', '"),
        ("reproduced if a", "should read 'all of a, b'"),
        ("reproduced if all of a; partly", "should read 'all: …'"),
    ],
)
def test_a_rule_that_cannot_be_read_says_why(rule, words):
    with pytest.raises(NeurosimError, match=re.escape(words)):
        parse_rule(rule)


def row(**changed):
    cells = dict.fromkeys(COLUMNS, "x") | {
        "id": "C01",
        "documents": "D1;D3",
        "direction": "r_sp:up",
        "mode": "direct",
        "dose": "ca_o=0.9",
        "expected": "up",
        "circular": "no",
        "parts": "",
    }
    return ",".join((cells | changed).values()) + "\n"


HEADER = ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,claim\n", "it needs id, claim, documents"),
        (HEADER + row() + row(), "C01 stands there twice"),
        (HEADER + "C01,two\n", "2 cells instead of 15"),
        (HEADER + row(documents="D1;D7"), "'D7' is not one of D1"),
        (HEADER + row(mode="indirect"), "'indirect' is not one of direct"),
        (HEADER + row(mode="none"), "either both are 'none'"),
        (HEADER + row(dose="none"), "either both are 'none'"),
        (HEADER + row(circular="maybe"), "'maybe' is not one of yes, no"),
        (HEADER + row(direction="r_sp:upward"), "'upward' is not one of up"),
        (HEADER + row(direction="r_sp"), "should read 'name:value'"),
        (HEADER + row(expected="more"), "'more' is not one of up"),
    ],
)
def test_a_ledger_that_cannot_be_read_says_where(text, words):
    with pytest.raises(NeurosimError, match=re.escape(words)):
        parse_ledger(text)


def test_a_short_ledger_is_read():
    (claim,) = parse_ledger(HEADER + row())
    assert claim.documents == ("D1", "D3")


def test_claims_are_found_in_the_order_asked_and_once():
    assert [claim.id for claim in find(["C34", "C07", "C34"])] == ["C34", "C07"]
    assert find([]) == ()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("C7", "C07"), ("c34", "C34"), ("100", "C100"), ("C0011", "C11"), ("X12", "C12")],
)
def test_an_unknown_id_names_the_nearest(asked, meant):
    with pytest.raises(UnknownName, match=f"Did you mean {meant}?.* C01 to C115"):
        find(["C01", asked])


def test_an_id_near_to_none_gets_no_guess():
    with pytest.raises(UnknownName, match=r"no claim 'zebra'\. It has C01 to C115"):
        find(["zebra"])


def test_reading_the_ledger_loads_nothing_but_the_standard_library():
    code = (
        "import sys, neurosim; before = set(sys.modules)\n"
        "from neurosim.claims.ledger import load_ledger; load_ledger()\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names) - {'neurosim'}))"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.check_output(run, text=True).strip() == ""
