"""Amounts as text, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowex.services.gateway.amounts import padded, units
from flowex.units.decimals import parse


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 8, "0.00000000"),
        (1, 8, "0.00000001"),
        (25_000_000, 3, "25000.00000000"),
        (-5, 2, "-0.05000000"),
        (7, 0, "7.00000000"),
        (3, -3, "3000.00000000"),
        (1, 10, "0.0000000001"),
        (1 << 62, 8, "46116860184.27387904"),
    ],
)
def test_amounts_have_eight_decimals_or_all_of_theirs(value: int, decimals: int, text: str) -> None:
    assert padded(value, decimals) == text


@given(st.integers(-(1 << 62), 1 << 62), st.integers(-3, 12))
def test_no_digit_is_lost(value: int, decimals: int) -> None:
    text = padded(value, decimals)
    assert parse(text[:40], max(decimals, 8)) == value * 10 ** (max(decimals, 8) - decimals)


def test_an_amount_finer_than_the_unit_has_no_count() -> None:
    assert units(1_000, 5) == 1
    assert units(1_001, 5) is None
    assert units(5, 10) == 500
