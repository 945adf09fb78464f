"""Every recorded answer is what the contract declares: fields, types, order, headers, texts."""

from collections import Counter

import pytest
from flow.foreign.cast import HANDS
from flow.foreign.checker import Checker, Complaint
from flow.foreign.conftest import Stories
from flow.foreign.contract import ROWS
from flow.foreign.differences import allowed
from flow.foreign.socket_checker import check

SHOWN_MAX = 20


@pytest.fixture(scope="module")
def complaints(stories: Stories) -> list[Complaint]:
    """All that differs and may not, of all clients."""
    told = [stories(client) for client in HANDS]
    found = [one for story in told for one in Checker().all(story.exchanged, story.said)]
    return [one for one in found if not allowed(one)]


@pytest.mark.parametrize("label", ROWS)
def test_answers_are_as_the_contract_declares(complaints: list[Complaint], label: str) -> None:
    _complain([one for one in complaints if one.label == label])


def test_nothing_is_answered_that_the_contract_does_not_have(complaints: list[Complaint]) -> None:
    _complain([one for one in complaints if one.label not in ROWS])


@pytest.mark.parametrize("client", HANDS)
def test_the_socket_answers_as_rest_does(stories: Stories, client: str) -> None:
    found = [one for one in check(stories(client).said) if not allowed(one)]
    _complain(found)


def _complain(found: list[Complaint]) -> None:
    counted = Counter(found)
    text = "\n".join(
        f"{count} times: {label}: {what}" for (label, what), count in counted.most_common(SHOWN_MAX)
    )
    assert not found, text
