"""The same checks for the WebSocket API: section 16 says that its answers are those of REST."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flow.foreign.checker import Checker, Complaint, read_json
from flow.foreign.contract import RATE_LIMIT, ROWS, Row
from flow.foreign.notation import Sight, parse
from flow.foreign.recorder import Said

_OK = 200
_MARKET = {
    "ping": "ping",
    "time": "time",
    "exchangeInfo": "exchangeInfo",
    "depth": "depth",
    "trades.recent": "trades",
    "trades.historical": "historicalTrades",
    "trades.aggregate": "aggTrades",
    "klines": "klines",
    "uiKlines": "uiKlines",
    "avgPrice": "avgPrice",
    "ticker.24hr": "ticker/24hr",
    "ticker.tradingDay": "ticker/tradingDay",
    "ticker.price": "ticker/price",
    "ticker.book": "ticker/bookTicker",
    "ticker": "ticker",
    "order.status": "order",
    "openOrders.status": "openOrders",
    "allOrders": "allOrders",
    "myTrades": "myTrades",
    "orderList.status": "orderList",
    "openOrderLists.status": "openOrderList",
    "allOrderLists": "allOrderList",
    "account.status": "account",
    "account.commission": "account/commission",
    "account.rateLimits.orders": "rateLimit/order",
    "myPreventedMatches": "myPreventedMatches",
    "myAllocations": "myAllocations",
}
_CHANGING = {
    "order.place": "POST /api/v3/order",
    "order.test": "POST /api/v3/order/test",
    "order.cancel": "DELETE /api/v3/order",
    "order.cancelReplace": "POST /api/v3/order/cancelReplace",
    "openOrders.cancelAll": "DELETE /api/v3/openOrders",
    "orderList.place.oco": "POST /api/v3/orderList/oco",
    "orderList.place.oto": "POST /api/v3/orderList/oto",
    "orderList.place.otoco": "POST /api/v3/orderList/otoco",
    "orderList.cancel": "DELETE /api/v3/orderList",
    "order.amend.keepPriority": "PUT /api/v3/order/amend/keepPriority",
}
METHODS: Mapping[str, Row] = {
    **{name: ROWS[f"GET /api/v3/{path}"] for name, path in _MARKET.items()},
    **{name: ROWS[label] for name, label in _CHANGING.items()},
}
"""The rows by their names in the WebSocket API."""

_LIMITS = parse(f"[{{{RATE_LIMIT} count:I}}]")


def pairs(said: Iterable[Said]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield requests with their answers; events of streams have no id that was asked with."""
    asked: dict[str, dict[str, Any]] = {}
    for one in said:
        content = read_json(one.text)
        if not one.path.startswith("/ws-api"):
            continue
        if one.is_from_client:
            asked[content["id"]] = content
        elif content.get("id") in asked:
            yield asked.pop(content["id"]), content


def check(said: Iterable[Said]) -> Iterator[Complaint]:
    """Yield what differs in the answers of the WebSocket API."""
    checker = Checker()
    for request, answer in pairs(said):
        method = request["method"].removeprefix("v3/")
        for text in _one(checker, method, request, answer):
            yield Complaint(method, text)


def _one(
    checker: Checker, method: str, request: Mapping[str, Any], answer: Mapping[str, Any]
) -> Iterator[str]:
    parameters = {name: _plain(value) for name, value in request.get("params", {}).items()}
    part = "result" if answer["status"] == _OK else "error"
    due = ["id", "status", part, "rateLimits"]
    if list(answer) != due:
        yield f"$: fields come as {' '.join(answer)}; the contract: {' '.join(due)}"
        return
    yield from _LIMITS(answer["rateLimits"], "$.rateLimits", Sight())
    if part == "error":
        yield from checker.refusal(answer["status"], answer["error"], parameters)
    elif method not in METHODS:
        yield "is answered, though no method of the contract is it"
    else:
        yield from checker.answer(METHODS[method], answer["result"], parameters)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
