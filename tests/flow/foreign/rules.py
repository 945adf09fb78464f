"""What the contract says of values, not of forms: sentences of sections 8 and 9."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flow.foreign.contract import Row

Parameters = Mapping[str, str]

_WORKS_AT_ONCE = ("LIMIT", "MARKET", "LIMIT_MAKER")
_NOT_YET = -1
_ZERO = "0.00000000"
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_UNITS = {"s": _SECOND, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
_FIRST_FILTERS = ("PRICE_FILTER", "LOT_SIZE")


def broken(row: Row, answer: Any, parameters: Parameters, *, unit: int) -> Iterator[str]:
    """Yield the sentences that an answer breaks; ``unit`` is how many of its times are a ms."""
    if row.oldest_first is not None and isinstance(answer, list):
        yield from _ascends(answer, row.oldest_first)
    if rule := _OF_ROWS.get(row.path.removeprefix("/api/v3/")):
        yield from rule(answer, parameters, unit)
    for thing in _objects(answer):
        yield from _order(thing)
        yield from _ticker(thing)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item)


def _ascends(answer: Sequence[Any], key: str | int) -> Iterator[str]:
    values = [row[key] for row in answer]
    if values != sorted(values):
        yield f"{key} does not ascend: {values[:20]}"


def _order(order: Mapping[str, Any]) -> Iterator[str]:
    if "workingTime" not in order or "type" not in order:
        return
    works = order["workingTime"] != _NOT_YET
    alone = order["orderListId"] == _NOT_YET
    if order["type"] in _WORKS_AT_ONCE and alone and not works:
        yield f"a {order['type']} order works at once: {order}"
    if order["status"] == "PENDING_NEW" and works:
        yield f"a pending order does not work: {order}"
    if order.get("isWorking", works) != works:
        yield f"an order works since workingTime: {order}"
    if order["type"] == "MARKET" and (order["price"], order["timeInForce"]) != (_ZERO, "GTC"):
        yield f"a MARKET order has no price and is GTC: {order}"
    if Decimal(order["executedQty"]) > Decimal(order.get("origQty", order.get("qty"))):
        yield f"an order fills no more than it has: {order}"


def _ticker(ticker: Mapping[str, Any]) -> Iterator[str]:
    if "quoteVolume" not in ticker or "lowPrice" not in ticker:
        return
    volume, quote_volume = Decimal(ticker["volume"]), Decimal(ticker["quoteVolume"])
    low, high = Decimal(ticker["lowPrice"]), Decimal(ticker["highPrice"])
    if not volume * low <= quote_volume <= volume * high:
        yield f"volume * low <= quoteVolume <= volume * high: {ticker}"


def _candles(answer: Sequence[Any], parameters: Parameters, unit: int) -> Iterator[str]:
    interval = parameters["interval"]
    span = int(interval[:-1]) * _UNITS.get(interval[-1], 0) * unit
    for row in answer:
        opened, _, high, low, *_ = row
        if span and row[6] != opened + span - 1:
            yield f"a candle closes 1 before the next opens: {row}"
        prices = [Decimal(price) for price in row[1:5]]
        if not Decimal(low) == min(prices) <= max(prices) == Decimal(high):
            yield f"a candle's high and low bound its prices: {row}"


def _book(answer: Mapping[str, Any], parameters: Parameters, unit: int) -> Iterator[str]:
    limit = min(int(parameters.get("limit", "100")), 5_000)
    for side, sign in (("bids", -1), ("asks", 1)):
        prices = [Decimal(price) * sign for price, _ in answer[side]]
        if prices != sorted(set(prices)) or len(prices) > limit:
            yield f"{side} are at most {limit}, the best first: {answer[side][:20]}"


def _first_filters(answer: Mapping[str, Any], parameters: Parameters, unit: int) -> Iterator[str]:
    for symbol in answer["symbols"]:
        first = tuple(row["filterType"] for row in symbol["filters"][:2])
        if first != _FIRST_FILTERS:
            yield f"filters begin with {first}"


_OF_ROWS: Mapping[str, Callable[[Any, Parameters, int], Iterator[str]]] = {
    "depth": _book,
    "exchangeInfo": _first_filters,
    "klines": _candles,
    "uiKlines": _candles,
}
