import base64
import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from neurosim import report
from neurosim.claims.ledger import find, load_documents, load_ledger
from neurosim.claims.verdict import REPORTED, VERDICTS, VIA, Part, judged_row
from neurosim.errors import NeurosimError, UnknownName
from neurosim.report import verdict_table, write_report
from neurosim.report.rows import LOOK, headline

SETTINGS = {"version": "0.1", "seed": 1, "draws": 150, "quick": True}
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>I_th</text></svg>'


def part(claim, verdict, effect=1.5, **more):
    values = {"low": 1.0, "high": 2.0, "unit": "1/min", "mode": "direct"}
    return Part(claim=claim, verdict=verdict, effect=effect, **(values | more))


def rows(*ids, **parts):
    return [judged_row(c, parts.get(c.id, ())) for c in find([*parts, *ids])]


FOUR = rows(
    "C26",
    C11=[part("C11", "reproduced", 0.91, name="i_th", unit="", seed=7, reason="why")],
    C44=[
        part("C44", "contradicted", -4.0, arm="alone"),
        part("C44", "reproduced", 3.0, arm="joint", smallest_dose=2.5),
    ],
    C01=[part("C01", "reproduced", arm="ca")],
)


@pytest.fixture
def folder(tmp_path):
    write_report(tmp_path / "out", FOUR, settings=SETTINGS)
    return tmp_path / "out"


def read_csv(folder):
    with (folder / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Page(HTMLParser):
    """Collects tags and text, and refuses tags that do not nest."""

    VOID = ("meta", "br", "img")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.cards = [], [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def __contains__(self, words):
        return " ".join(words.split()) in " ".join(" ".join(self.text).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(folder, given, **more):
    made = write_report(folder, given, settings=SETTINGS, **more)
    return Page(made.read_text("utf-8"))


# the table in files


def test_every_row_is_followed_by_its_parts(folder):
    lines = read_csv(folder)
    assert [(x["id"], x["part"], x["arm"], x["verdict"]) for x in lines] == [
        ("C11", "", "", "reproduced"),
        ("C11", "i_th", "", "reproduced"),
        ("C44", "", "", "via low Mg and alkalosis"),
        ("C44", "alone", "alone", "contradicted"),
        ("C44", "joint", "joint", "reproduced"),
        ("C01", "", "", "not evaluated yet"),
        ("C01", "ca", "ca", "reproduced"),
        *(("C01", x, x, "not evaluated yet") for x in ("mg", "k", "na")),
        ("C26", "", "", "outside the model"),
    ]


def test_a_row_bears_the_number_that_decides_it(folder):
    by_id = {line["id"]: line for line in read_csv(folder) if not line["part"]}
    assert {"effect": "0.91", "low": "1.0", "high": "2.0", "seed": "7"}.items() <= (
        by_id["C11"].items()
    )
    assert by_id["C44"]["effect"] == "3.0"
    assert by_id["C44"]["smallest_dose"] == "2.5"
    assert by_id["C01"]["effect"] == ""
    assert by_id["C26"]["mode"] == "none"


def test_a_row_names_its_mode_seed_and_reason(folder):
    by_id = {line["id"]: line for line in read_csv(folder) if not line["part"]}
    assert by_id["C44"]["seed"] == "1"
    assert by_id["C44"]["reason"] == "alone: contradicted; joint: reproduced"
    assert by_id["C11"]["reason"] == "why"
    assert by_id["C26"]["reason"] == "Not judged: trial outcome"


def test_json_says_the_same_as_csv(folder):
    whole = json.loads((folder / "verdicts.json").read_text("utf-8"))
    assert whole["settings"] == SETTINGS
    assert whole["counts"] == {
        "reproduced": 1,
        "via …": 1,
        "outside the model": 1,
        "not evaluated yet": 1,
    }
    lines = [line for row in whole["rows"] for line in (row, *row["parts"])]
    shown = [
        {k: "" if line[k] is None else str(line[k]) for k in report.COLUMNS}
        for line in lines
    ]
    assert shown == read_csv(folder)


def test_what_is_not_finite_is_left_empty_in_the_files(tmp_path):
    bad = rows(C11=[part("C11", "not supported", float("nan"), low=float("-inf"))])
    page = page_of(tmp_path, bad)
    (row, _) = read_csv(tmp_path)
    assert (row["effect"], row["low"], row["high"]) == ("", "", "2.0")
    whole = json.loads((tmp_path / "verdicts.json").read_text("utf-8"))
    assert whole["rows"][0]["effect"] is None
    assert "not finite [not finite, 2]" in page


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_report(tmp_path / name, FOUR, settings=SETTINGS)
    for name in ("verdicts.csv", "verdicts.json", "report.html"):
        one, two = (tmp_path / x / name for x in ("a", "b"))
        assert one.read_bytes() == two.read_bytes()


def test_a_write_that_fails_keeps_what_stood_there(folder, monkeypatch):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["report.html", "verdicts.csv", "verdicts.json"]

    def full(path, target):
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_report(folder, FOUR[:1], settings=SETTINGS)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_bad_input_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NeurosimError, match="is a file; give a folder"):
        write_report(tmp_path / "file", FOUR, settings=SETTINGS)
    claim, _, parts = FOUR[0]
    with pytest.raises(UnknownName, match="no 'proven'"):
        write_report(tmp_path, [(claim, "proven", parts)], settings=SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# the page


def test_the_page_is_one_file_without_scripts(folder):
    text = (folder / "report.html").read_text("utf-8")
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert not re.search(r"<script|<link|<iframe|https?:|\son\w+=|url\(", text)
    assert page.all("html") == [{"lang": "en-GB"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in (
        page.all("meta")
    )
    assert "@media print" in text


def test_the_summary_comes_first_with_a_count_per_verdict(folder):
    text = (folder / "report.html").read_text("utf-8")
    assert text.index("Not medical advice") < text.index("Summary")
    assert text.index("Summary") < text.index("<article")
    summary = Page(text[text.index("<main>") + 6 : text.index("</section>") + 10])
    assert "reproduced 1 via … 1 outside the model 1 not evaluated yet 1" in summary


def test_claims_with_a_judged_part_have_a_card(folder):
    page = Page((folder / "report.html").read_text("utf-8"))
    assert [card["id"] for card in page.all("article")] == ["C11", "C44", "C01"]
    assert "C01 A disturbed electrolyte balance" in page
    assert "Evaluated in part" in page
    assert "C26 Oral magnesium lessened cramps" in page


def test_a_card_says_what_the_model_and_the_literature_say(folder):
    page = Page((folder / "report.html").read_text("utf-8"))
    claim = find(["C44"])[0]
    assert "via low Mg and alkalosis 3 [1, 2] 1/min" in page
    for words in (claim.literature, claim.criterion, claim.rule.text, claim.notes):
        assert words in page
    assert "alone: k_o = 2.5 | joint: k_o = 2.5; mg_o = 0.35; ph_o = 7.5" in page
    assert "alone contradicted -4 [1, 2] 1/min" in page


def test_a_result_that_was_put_in_is_called_so(tmp_path):
    page = page_of(tmp_path, rows(C77=[part("C77", "reproduced")]))
    assert "by assumption" in page
    assert "follows from what was put in" in page
    assert "follows from what was put in" not in page_of(tmp_path, FOUR)


def test_ladders_and_sets_are_written_out(tmp_path):
    given = rows(
        C05=[part("C05", "reproduced", name=x) for x in ("generator", "amplifier")],
        C13=[part("C13", "reproduced", arm=x) for x in ("depth", "duration")],
    )
    page = page_of(tmp_path, given)
    assert "reset = axon, fibre" in page
    assert "days = 21/150" in page


def test_every_cell_names_its_column_for_a_narrow_screen(folder):
    page = Page((folder / "report.html").read_text("utf-8"))
    heads = {cell["data-head"] for cell in page.all("td")}
    assert {"verdict", "claims", "reason", "the literature", "why"} <= heads
    assert "attr(data-head)" in (folder / "report.html").read_text("utf-8")


def test_provenance_and_documents_stand_at_the_end(tmp_path):
    page = page_of(tmp_path, FOUR, documents=load_documents())
    assert "version 0.1 seed 1 draws 150 quick yes" in page
    assert "D4 Can low magnesium cause muscle twitching?" in page


def test_a_figure_is_drawn_into_the_page_with_its_words(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "C11.svg").write_text(SVG)
    drawn = {"figure": "C11.svg", "alt": 'I_th falls with "Mg" <0.5'}
    parts = [part("C11", "reproduced", name=name, **drawn) for name in ("a", "b")]
    (image,) = page_of(tmp_path, rows(C11=parts)).all("img")
    assert image["alt"] == 'I_th falls with "Mg" <0.5'
    kind, data = image["src"].split(",", 1)
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode() == SVG


def test_a_figure_without_words_is_named_and_a_missing_one_reported(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "C11.svg").write_text(SVG)
    parts = [part("C11", "reproduced", name="a", figure="C11.svg")]
    parts += [part("C11", "reproduced", name="b", figure="gone.svg")]
    page = page_of(tmp_path, rows(C11=parts))
    assert page.all("img")[0]["alt"] == "Figure of C11 a: 1.5 [1, 2] 1/min."
    assert "The figure gone.svg was not drawn." in page


def test_whatever_is_shown_is_escaped(tmp_path):
    evil = '<script>"&'
    shown = dict.fromkeys(("name", "reason", "unit", "smallest_dose"), evil)
    parts = [part("C11", "via " + evil, **shown)]
    given = rows(C11=parts)
    made = write_report(tmp_path, given, settings={"version": evil, evil: 1})
    text = made.read_text("utf-8")
    assert "<script" not in text
    assert Page(text).text.count(evil) >= 4


def test_a_page_without_results_says_so(tmp_path):
    page = page_of(tmp_path, rows("C26"))
    assert "None yet." in page
    assert "Not evaluated yet None." in page


# words and colours


def test_every_verdict_has_a_look_of_its_own():
    words = [VIA + " …" if word == VIA else word for word in VERDICTS]
    assert [word for word in words if word != REPORTED] == list(LOOK)
    assert len(set(LOOK.values())) == len(LOOK)


def test_the_headline_is_the_part_that_decided():
    small = part("C01", "partly (small)", arm="ca")
    good = part("C01", "reproduced", arm="mg")
    ladder = part("C01", "reported only", arm="mg")
    empty = part("C01", "reproduced", None)
    assert headline("partly", [ladder, empty, small, good]) is good
    assert headline("partly (small)", [good, small]) is small
    assert headline("not supported", [ladder, small]) is small
    assert headline("not evaluated yet", [good]) is None
    assert headline("contradicted", [ladder, empty]) is None


# the table in the terminal


@pytest.mark.parametrize("width", [60, 100, 160])
def test_the_table_is_aligned_and_as_wide_as_asked(width):
    head, *lines, tally = verdict_table(FOUR, width=width).splitlines()
    column = head.index("claim")
    assert all(line[column - 2 : column] == "  " for line in lines)
    assert all(line[column] != " " for line in lines)
    assert all(len(line) <= max(width, column + 24) for line in lines)
    assert [line.split()[0] for line in lines] == ["C11", "C44", "C01", "-", "C26"]
    assert "- reproduced" in lines[3]  # the part of C01 that was judged
    assert tally == (
        "4 claims: 1 reproduced, 1 via …, 1 outside the model, 1 not evaluated yet"
    )


def test_the_table_shows_effect_interval_and_unit():
    table = verdict_table(FOUR, width=120)
    assert re.search(r"C11 +reproduced +0\.91 \[1, 2\] +Low magnesium raises", table)
    assert re.search(r"C44 +via low Mg and alkalosis +3 \[1, 2\] 1/min +Low pot", table)
    assert re.search(
        r"C01 +not evaluated yet +A disturbed electrolyte .*…$", table, re.M
    )


def test_an_empty_table_says_so():
    assert verdict_table([], width=80).splitlines()[-1] == "0 claims: none"


def test_the_whole_ledger_can_be_reported(tmp_path):
    given = [judged_row(claim, ()) for claim in load_ledger()]
    page = page_of(tmp_path, given)
    assert page.all("article") == []
    assert len(read_csv(tmp_path)) == 115
    assert "115 claims: 17 outside the model, 98 not evaluated yet" in (
        verdict_table(given, width=100)
    )
