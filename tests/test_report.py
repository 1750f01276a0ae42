import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from neurosim import plot, report
from neurosim.claims.ledger import find, load_documents, load_ledger
from neurosim.claims.verdict import REPORTED, VERDICTS, VIA, Part, judged_row
from neurosim.errors import NeurosimError, UnknownName
from neurosim.report import verdict_table, write_report
from neurosim.report.cards import DARK, SIGNS
from neurosim.report.drawing import inline
from neurosim.report.page import MEANING
from neurosim.report.records import FIELDS
from neurosim.report.rows import LOOK, headline
from neurosim.report.summary import (
    EXPECTED,
    STAGES,
    bottom_line,
    differs,
    waits_for,
)

SETTINGS = {"version": "0.1", "seed": 1, "draws": 150, "quick": True}
SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" viewBox="0 0 9 8"
 xmlns="http://www.w3.org/2000/svg"><metadata>made by</metadata>
 <style>* {stroke: red}</style><script>alert(1)</script>
 <defs><clipPath id="box"><rect x="1.23456" y="0"/></clipPath></defs>
 <g id="axes" clip-path="url(#box)" onclick="alert(2)">
  <path id="dot" d="M 10.123456 20.987654 L 3 4"/>
  <use xlink:href="#dot"/><use href="http://elsewhere/#a"/>
  <image xlink:href="data:image/png;base64,AAAA"/>
  <path style="fill: url(http://elsewhere/#p)"/>
  <text style="font: 10px 'DejaVu Sans', 'Lucida Grande', sans-serif; fill: #000"
   >I_th <tspan>of</tspan> all</text></g></svg>"""


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

    VOID = ("meta", "br", "input")

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
    assert whole["summary"] == bottom_line(FOUR)
    assert whole["counts"] == {
        "reproduced": 1,
        "via …": 1,
        "outside the model": 1,
        "not evaluated yet": 1,
    }
    lines = [line for row in whole["rows"] for line in (row, *row["parts"])]
    assert all(set(line) <= set(whole["fields"]) for line in lines)
    assert set().union(*lines) == set(FIELDS)
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
    assert not re.search(r"<script|<link|<iframe|<img|https?:|\son\w+=|url\(", text)
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
    for kind in ("reproduced", "via …", "outside the model", "not evaluated yet"):
        assert f"{kind} 1 {MEANING[kind]}" in summary
    (bar,) = [tag for tag in summary.all("div") if tag.get("role") == "img"]
    assert bar["aria-label"] == (
        "1 reproduced, 1 via …, 1 outside the model, 1 not evaluated yet"
    )


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
    assert ".wide { overflow-x: auto; }" in (folder / "report.html").read_text("utf-8")
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
    page = page_of(tmp_path, rows(C11=parts))
    (svg,) = page.all("svg")
    assert svg["role"] == "img"
    assert svg["viewbox"] == "0 0 9 8"
    texts = dict(zip(("title", "desc"), svg["aria-labelledby"].split(), strict=True))
    for tag, name in texts.items():
        assert {"id": name} in page.all(tag)
    assert page.text.count('I_th falls with "Mg" <0.5') == 2  # desc and below it
    assert "I_th of all" in page


def test_a_drawing_brings_nothing_but_what_draws(tmp_path):
    (tmp_path / "a b.svg").write_text(SVG)
    text = inline(tmp_path / "a b.svg", "C11", "title", "words")
    assert not re.search("script|onclick|elsewhere|metadata|style>|xmlns|alert", text)
    assert 'clip-path="url(#C11-a-b-box)"' in text
    assert 'href="#C11-a-b-dot"' in text
    assert "data:image/png;base64,AAAA" in text
    assert 'd="M 10.12 20.99 L 3 4"' in text
    assert "font: 10px 'DejaVu Sans', Verdana, sans-serif; fill: #000" in text


def test_two_claims_may_show_one_drawing(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "both.svg").write_text(SVG)
    shared = {"figure": "both.svg", "alt": "words"}
    given = rows(
        C11=[part("C11", "reproduced", **shared)],
        C15=[part("C15", "reproduced", **shared)],
    )
    page = page_of(tmp_path, given)
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(page.all("svg")) == 2
    assert len(set(ids)) == len(ids)


def test_a_figure_without_words_is_named_and_a_missing_one_reported(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "C11.svg").write_text(SVG)
    (tmp_path / "figures" / "broken.svg").write_text("<svg><g></svg>")
    parts = [part("C11", "reproduced", name="a", figure="C11.svg")]
    parts += [part("C11", "reproduced", name="b", figure="gone.svg")]
    parts += [part("C11", "reproduced", name="c", figure="broken.svg")]
    page = page_of(tmp_path, rows(C11=parts))
    assert "Figure of C11 a: 1.5 [1, 2] 1/min." in page
    assert "The figure gone.svg was not drawn." in page
    assert "The figure broken.svg cannot be read." in page


def test_forty_figures_make_a_page_that_loads_quickly(tmp_path):
    (tmp_path / "figures").mkdir()
    draws = np.random.default_rng(1).normal(size=(7, 100))
    x = np.arange(7.0)
    arms = [plot.Doses(name=n, x=x, draws=draws, xlabel=n) for n in "abcd"]
    figure = plot.ladder(arms, ylabel="events (1/min)", control=(0.0, 1.0))
    plot.save(figure, tmp_path / "figures" / "one.svg")
    claims = [claim for claim in load_ledger() if claim.mode != "none"][:40]
    parts = {c.id: [part(c.id, "reproduced", figure="one.svg")] for c in claims}
    given = [(c, "reproduced", parts[c.id]) for c in claims]
    made = write_report(tmp_path, given, settings=SETTINGS)
    assert made.read_text("utf-8").count("<svg") == 40
    assert made.stat().st_size < 3e6


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
    assert "what they wait for. None." in page


# words and colours


def test_every_verdict_has_a_look_of_its_own():
    words = [VIA + " …" if word == VIA else word for word in VERDICTS]
    assert [word for word in words if word != REPORTED] == list(LOOK)
    assert len(set(LOOK.values())) == len(LOOK)


def test_every_verdict_has_a_sign_and_a_meaning():
    assert list(SIGNS) == list(LOOK) == list(MEANING)
    assert len(set(SIGNS.values())) == len(SIGNS)


@pytest.mark.parametrize("colour", LOOK.values())
def test_signs_stand_out_from_their_colour(colour):
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    linear = np.where(
        channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    )
    light = float(linear @ [0.2126, 0.7152, 0.0722])
    ink = 1.0 if colour in DARK else 0.0
    ratio = (max(light, ink) + 0.05) / (min(light, ink) + 0.05)
    assert ratio >= 3.0


# beside the literature


def test_a_verdict_is_held_against_the_literature():
    agree, disagree, partly = find(["C11", "C44", "C01"])
    assert not differs(agree, "reproduced")
    assert not differs(agree, "via low Mg")
    assert differs(agree, "partly (small)")
    assert differs(disagree, "reproduced")
    assert not differs(disagree, "contradicted")
    assert not differs(partly, "partly (small)")
    for word in ("by assumption", "not evaluable", "not evaluated yet"):
        assert not differs(disagree, word)


def test_the_ledger_uses_words_that_are_known():
    words = {claim.literature.partition(":")[0] for claim in load_ledger()}
    assert words <= {*EXPECTED, "untraced", "outside"}
    stages = {s for c in load_ledger() for s in c.stage.split("; ") if c.mode != "none"}
    assert stages <= set(STAGES)


def test_where_they_differ_the_card_shows_both_and_why(tmp_path):
    given = rows(C11=[part("C11", "contradicted", name="i_th", reason="it rose")])
    page = page_of(tmp_path, given)
    claim = given[0][0]
    assert "Model and literature differ." in page
    assert "The literature: agree. The model: contradicted." in page
    assert claim.literature in page
    assert "Why : i_th: it rose" in page
    line = read_csv(tmp_path)[0]
    assert (line["literature"], line["why"]) == ("agree", "i_th: it rose")
    assert "Model and literature differ." not in page_of(tmp_path, FOUR[:1])
    assert read_csv(tmp_path)[0]["why"] == ""


def test_the_bottom_line_follows_from_the_rows(tmp_path):
    assert bottom_line(FOUR) == (
        "Of 4 claims, 2 are judged here, 1 waits for later stages of the chain, and "
        "1 lies outside what the model can say. In the model, 1 is reproduced (C11), "
        "1 holds by way of a named pathway (C44). Its word is the one that the "
        "ledger's note on the literature begins with on 1 of 2 claims where the two "
        "can be compared; it differs on C44. Judged in part so far: C01."
    )
    page = page_of(tmp_path, FOUR)
    assert "2 are judged here" in page
    assert {"href": "#C44"} in page.all("a")
    none = bottom_line(rows("C26"))
    assert none.startswith("Of 1 claim, 0 are judged here, 0 wait for")
    assert "In the model" not in none


def test_a_row_says_what_it_waits_for(tmp_path):
    direct, linked = find(["C33", "C34"])
    assert waits_for(direct, ()) == ", ".join(
        STAGES[name] for name in direct.stage.split("; ")
    )
    assert (linked.mode, "systemic" in linked.stage) == ("both", False)
    assert waits_for(linked, ()).endswith(f", {STAGES['systemic']}")
    half = Part(claim="C33", verdict="not evaluated yet", reason="needs the body")
    assert waits_for(direct, [half, half]) == "the body"
    page = page_of(tmp_path, rows("C33"))
    assert "waits for" in {cell["data-head"] for cell in page.all("td")}
    assert waits_for(direct, ()) in page


# ways through the page


def test_links_lead_somewhere_and_names_are_given_once(tmp_path):
    page = page_of(tmp_path, FOUR, documents=load_documents())
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(set(ids)) == len(ids)
    targets = {link["href"] for link in page.all("a")}
    assert targets <= {f"#{name}" for name in ids}
    assert {"#C11", "#C44", "#C01", "#method", "#summary"} <= targets


def test_cards_can_be_chosen_by_verdict_without_scripts(tmp_path):
    given = [*FOUR, *rows(C15=[part("C15", "partly")])]
    text = write_report(tmp_path, given, settings=SETTINGS).read_text("utf-8")
    page = Page(text)
    offered = {choice["id"].removeprefix("show-") for choice in page.all("input")}
    assert offered == {"all", "reproduced", "via", "partly", "part"}
    cards = {card["id"]: card["data-kind"] for card in page.all("article")}
    assert cards == {"C11": "reproduced", "C44": "via", "C15": "partly", "C01": "part"}
    for kind in offered - {"all"}:
        rule = f'body:has(#show-{kind}:checked) [data-kind]:not([data-kind="{kind}"])'
        assert rule in text
    assert text.index("@supports selector(:has(*))") < text.index("@media screen")
    assert page_of(tmp_path, FOUR[:1]).all("input") == []


def test_the_page_tells_its_method_and_its_limits_twice(tmp_path):
    page = page_of(tmp_path, FOUR)
    assert "".join(page.text).count("Not medical advice") == 2
    assert "σ of the fluctuating drive is the one free calibration" in page
    assert "(benign baseline)" in page
    assert "drawn 150 times" in page
    assert "seed 1" in page


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
