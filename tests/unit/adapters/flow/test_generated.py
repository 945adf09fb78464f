"""The maker of synthetic streams; its known answers are in tests/machine/test_oracle_flow.py."""

from collections import Counter

import pytest

from flowex.adapters.flow.generated import CHARACTERS, GeneratedFlow, generate
from flowex.ports.flow import FlowError, Kind


@pytest.mark.parametrize("kind", CHARACTERS)
def test_a_stream_has_its_character(kind: str) -> None:
    character = CHARACTERS[kind]
    actions = list(GeneratedFlow.parse(f"{kind}:1:22000").actions())[character.resting :]
    counts = Counter(action.kind for action in actions)
    for each, share in zip(Kind, character, strict=False):
        assert abs(counts[each] / len(actions) - share / 1_000) < 0.03


def test_a_longer_stream_begins_with_the_shorter() -> None:
    short = GeneratedFlow.parse("mix:3:2500").content
    assert GeneratedFlow.parse("mix:3:3000").content.startswith(short)
    assert not GeneratedFlow.parse("mix:4:3000").content.startswith(short)


@pytest.mark.parametrize("name", ["", "mux", "mix:x", "mix:-1", "mix:1:2:3", "mix:1:99999999999"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(FlowError):
        GeneratedFlow.parse(name)


def test_no_commands_make_an_empty_stream() -> None:
    assert list(generate("mix", 42, 0)) == []
