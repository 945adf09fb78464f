"""Rounding to an instrument and reading keys; the playing itself is tried in tests/flow."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from flowex.app.flow_entry import Entry, EntryError, Keys, Market, World, read_keys
from flowex.messages.enums import Side

WHOLE = 10**8
MARKET = Market("BTCUSDT", tick=WHOLE // 20, lot=1_000, quantity_min=2_000, notional_min=5 * WHOLE)
WORLD = World(now_ms=lambda: 0, pause_seconds=lambda _: None)


@pytest.mark.parametrize(
    ("price", "side", "rounded"),
    [
        (23_647, Side.BUY, 23_645),
        (23_647, Side.SELL, 23_650),
        (23_645, Side.BUY, 23_645),
        (23_645, Side.SELL, 23_645),
    ],
)
def test_bids_round_down_and_asks_up(price: int, side: Side, rounded: int) -> None:
    assert MARKET.price(price, 2, side) == rounded * WHOLE // 100


def test_quantities_round_down_to_the_lot() -> None:
    assert MARKET.quantity(123_456_789, 8) == 123_456_000
    assert MARKET.quantity(3, 0) == 3 * WHOLE
    assert MARKET.quantity(999, 8) == 0


@pytest.mark.parametrize(
    ("price", "quantity", "is_too_small"),
    [
        (100 * WHOLE, WHOLE // 20, False),
        (100 * WHOLE, WHOLE // 20 - 1_000, True),
        (10**9 * WHOLE, 1_000, True),
        (None, 2_000, False),
        (None, 0, True),
    ],
)
def test_what_is_too_small_is_told(price: int | None, quantity: int, is_too_small: bool) -> None:
    assert MARKET.is_too_small(price, quantity) is is_too_small


def test_the_first_account_bids_and_the_second_asks(tmp_path: Path) -> None:
    accounts = [{"name": n, "api_key": f"{n}-key", "api_secret": f"{n}-secret"} for n in "ab"]
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"accounts": accounts}))
    assert read_keys(path) == {
        Side.BUY: Keys("a-key", "a-secret"),
        Side.SELL: Keys("b-key", "b-secret"),
    }


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"accounts": [{}]}', '{"accounts": []}'])
def test_other_files_are_no_key_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demo.json"
    path.write_text(text)
    with pytest.raises(EntryError, match=r"demo\.json"):
        read_keys(path)


def test_an_address_must_be_one_and_be_answered() -> None:
    with pytest.raises(EntryError, match="an address is like"):
        Entry("127.0.0.1:8080", WORLD)
    with (
        closing(Entry("http://127.0.0.1:1", WORLD)) as entry,
        pytest.raises(EntryError, match="refused"),
    ):
        entry.ask("GET", "/api/v3/time")
