"""Every section that a number cites has its row in docs/sources.md."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("neurosim", "experiments", "tests")
NUMBER = r"\d+(?:\.\d+)?"
CITED = re.compile(
    rf"(nerve|muscle|systemic)\.md (?:section )?({NUMBER}(?:(?: and |-){NUMBER})?)"
)
HEADING = re.compile(r"^## `(\w+)\.md`", re.MULTILINE)
SECTION = re.compile(NUMBER)
TARGETS = {"nerve": {"6"}}  # cited by the number of the target


def cited():
    """Return the sections cited, by page, with a file that cites each."""
    found = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".csv"):
                for page, several in CITED.findall(path.read_text("utf-8")):
                    for section in SECTION.findall(several):
                        found.setdefault(page, {})[section] = path.name
    return found


def explained(text):
    """Return the sections that have a row, by page."""
    _, *parts = HEADING.split(text)
    return {
        page: {
            section
            for line in table.splitlines()
            if line.startswith("| ")
            for section in SECTION.findall(line.split("|")[1])
        }
        for page, table in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("page", ["nerve", "muscle", "systemic"])
def test_every_section_cited_is_explained(page):
    rows = explained((ROOT / "docs" / "sources.md").read_text("utf-8"))[page]
    found = cited()[page]
    assert {s: where for s, where in found.items() if s not in rows} == {}
    assert rows - set(found) == TARGETS.get(page, set())  # and no row is idle


def test_what_is_named_there_is_there():
    text = (ROOT / "docs" / "sources.md").read_text("utf-8")
    for name in set(re.findall(r"`((?:neurosim|experiments|tests)/[\w/.]+)`", text)):
        assert (ROOT / name).is_file(), name
