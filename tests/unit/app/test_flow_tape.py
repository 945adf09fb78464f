"""Comparing trades with a tape."""

from itertools import combinations

import pytest

from flowex.app.flow_tape import common_prints
from flowex.ports.flow import Print


def prints(text: str) -> list[Print]:
    return [Print(ord(letter), 1) for letter in text]


@pytest.mark.parametrize(
    ("trades", "tape", "common"),
    [("", "", 0), ("abc", "", 0), ("abc", "abc", 3), ("abcd", "bdac", 2), ("aab", "aba", 2)],
)
def test_equal_prints_count_in_order_only(trades: str, tape: str, common: int) -> None:
    assert common_prints(prints(trades), prints(tape)) == common


def test_agrees_with_trying_everything() -> None:
    tape = prints("abcabdbca")
    trades = prints("bacbadcab")
    tries = {pick for size in range(len(tape) + 1) for pick in combinations(tape, size)} & {
        pick for size in range(len(trades) + 1) for pick in combinations(trades, size)
    }
    assert common_prints(trades, tape) == max(map(len, tries))
