"""The rules of values see what they are there to see."""

from typing import Any

import pytest
from flow.foreign.contract import ROWS
from flow.foreign.rules import broken

MINUTE = 60_000
OPENED = 1_795_244_940_000
CANDLE = [OPENED, "2", "3", "1", "2", "5", OPENED + MINUTE - 1, "10", 4, "1", "2", "0"]
ORDER = {
    "orderId": 1,
    "orderListId": -1,
    "price": "0.00000000",
    "origQty": "1",
    "executedQty": "1",
    "status": "FILLED",
    "timeInForce": "GTC",
    "type": "MARKET",
    "workingTime": 1,
    "isWorking": True,
}
TICKER = {"volume": "2", "quoteVolume": "20", "lowPrice": "9", "highPrice": "11"}
BOOK = {"bids": [["2", "1"], ["1", "1"]], "asks": [["3", "1"], ["4", "1"]]}


def found(label: str, answer: Any, **parameters: str) -> list[str]:
    return list(broken(ROWS[f"GET /api/v3/{label}"], answer, parameters, unit=1))


def test_sound_answers_break_nothing() -> None:
    assert found("klines", [CANDLE], interval="1m") == []
    assert found("order", ORDER) == []
    assert found("ticker/24hr", TICKER) == []
    assert found("depth", BOOK) == []


@pytest.mark.parametrize(
    ("place", "value"), [(6, OPENED + MINUTE), (2, "1.5"), (3, "2.5"), (1, "4"), (4, "0")]
)
def test_candles(place: int, value: Any) -> None:
    candle = [*CANDLE[:place], value, *CANDLE[place + 1 :]]
    assert found("klines", [candle], interval="1m")


@pytest.mark.parametrize(
    "changes",
    [
        {"workingTime": -1},
        {"isWorking": False},
        {"price": "1.00000000"},
        {"timeInForce": "IOC"},
        {"executedQty": "2"},
        {"status": "PENDING_NEW"},
    ],
)
def test_orders(changes: dict[str, Any]) -> None:
    assert found("order", ORDER | changes)
    assert found("openOrders", [ORDER | changes | {"time": 1}])


@pytest.mark.parametrize("changes", [{"quoteVolume": "17.9"}, {"quoteVolume": "22.1"}])
def test_tickers(changes: dict[str, Any]) -> None:
    assert found("ticker/24hr", TICKER | changes)


@pytest.mark.parametrize(
    "changes",
    [{"bids": [["1", "1"], ["2", "1"]]}, {"asks": [["4", "1"], ["3", "1"]]}],
)
def test_books(changes: dict[str, Any]) -> None:
    assert found("depth", BOOK | changes)
    assert found("depth", BOOK, limit="1")


def test_filters_begin_with_those_that_clients_index() -> None:
    filters = [{"filterType": "LOT_SIZE"}, {"filterType": "PRICE_FILTER"}]
    assert found("exchangeInfo", {"symbols": [{"filters": filters}]})
