"""Decimal text and integers: exact both ways, and nothing else gets in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowex.units.decimals import TEXT_MAX, DecimalTextError, PrecisionError, parse, render


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("0", 8, 0),
        ("1", 0, 1),
        ("0.01", 8, 1_000_000),
        ("25000.00", 3, 25_000_000),
        ("1.", 2, 100),
        (".5", 1, 5),
        ("-.5", 1, -5),
        ("-0", 8, 0),
        ("007.10", 1, 71),
        ("0.10000000000000", 1, 1),
        ("3000", -3, 3),
    ],
)
def test_parses_plain_decimals(text: str, decimals: int, value: int) -> None:
    assert parse(text, decimals) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+1", "1e3", "1E-9", "NaN", "Infinity", "-", ".", "1,000", "0x10", "1_000",
        " 1", "1 ", "1\n", "--1", "1.2.3", "\uff11\uff12", "\u0661", "1" * (TEXT_MAX + 1),
    ],
)  # fmt: skip
def test_refuses_what_is_no_plain_decimal(text: str) -> None:
    with pytest.raises(DecimalTextError):
        parse(text, 8)


@pytest.mark.parametrize(("text", "decimals"), [("0.001", 2), ("1.5", 0), ("1001", -3)])
def test_refuses_to_lose_digits(text: str, decimals: int) -> None:
    with pytest.raises(PrecisionError):
        parse(text, decimals)


@given(st.integers(-(2**62), 2**62), st.integers(-6, 12))
def test_render_and_parse_are_inverse(value: int, decimals: int) -> None:
    text = render(value, decimals)
    assert parse(text, decimals) == value
    assert Decimal(text) == Decimal(value).scaleb(-decimals)


def test_render_pads_and_cuts_zeros_but_never_digits() -> None:
    assert render(25_000_010, 3, 8) == "25000.01000000"
    assert render(25_000_010, 3, 2) == "25000.01"
    assert render(-5, 1, 8) == "-0.50000000"
    with pytest.raises(AssertionError):
        render(25_000_011, 3, 2)
