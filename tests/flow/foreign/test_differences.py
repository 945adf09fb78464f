"""The page of differences and the allowances of these tests name the same things."""

import re
from pathlib import Path

from flow.foreign.cast import HANDS
from flow.foreign.checker import Checker
from flow.foreign.conftest import Stories
from flow.foreign.differences import EXTRA_FIELDS, FIELDS, FUNCTIONS, VALUES, WIRE, allowed
from flow.foreign.refusals import UNPROVOKED

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "differences.md"
ROW = re.compile(r"^\| ([a-z-]+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
CODE = re.compile(r"^\| (-\d{4}) \| (.+) \|$", re.MULTILINE)


def test_the_page_names_what_these_tests_allow() -> None:
    named = [match[1] for match in ROW.finditer(PAGE.read_text()) if match[1] != "id"]
    assert len(named) == len(set(named))
    assert set(named) == {*WIRE, *FIELDS, *EXTRA_FIELDS, *FUNCTIONS, *VALUES}


def test_the_page_names_the_codes_that_are_never_told() -> None:
    assert {int(code): why for code, why in CODE.findall(PAGE.read_text())} == UNPROVOKED


def test_every_field_of_an_allowance_is_on_the_page() -> None:
    page = PAGE.read_text()
    fields = {name for names in (*FIELDS.values(), *EXTRA_FIELDS.values()) for name in names}
    assert sorted(name for name in fields if f"`{name}`" not in page) == []


def test_every_allowance_is_met(stories: Stories) -> None:
    told = [stories(client) for client in HANDS]
    found = [one for story in told for one in Checker().all(story.exchanged, story.said)]
    met = {name for name in WIRE if any(allowed(one, name) for one in found)}
    assert met == set(WIRE)
    driven = {name for client in HANDS for name in stories(client).driven}
    for name, functions in FUNCTIONS.items():
        assert set(functions) <= driven, name
    asked = [(one.query + "&" + one.body, one.status) for story in told for one in story.exchanged]
    for name, value in VALUES.items():
        assert {status for text, status in asked if value in text} == {400}, name
