"""Orders of every kind in a running exchange, on both machines; what waits outlives a kill."""

from collections.abc import Iterator
from typing import Any

import pytest
from flow.child_exchange import Child

ORDER = "/api/v3/order"
STOP = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "1", "type": "STOP_LOSS"}
SELL_OCO = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "61000",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "59000",
}
BUY_THEN_GUARD = {
    "symbol": "BTCUSDT",
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "58000",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
    "pendingQuantity": "0.9",
    "pendingAboveType": "TAKE_PROFIT",
    "pendingAboveStopPrice": "62000",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "57000",
}


@pytest.fixture(params=["native", "reference"])
def child(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Child]:
    flags = ("--demo", "--no-bots", "--no-rate-limits", "--engine", request.param)
    child = Child(tmp_path_factory.mktemp("exchange"), *flags).start()
    try:
        yield child
    finally:
        child.finish()


def done(child: Child, method: str, path: str, **fields: str) -> Any:
    answer = child.ask(method, path, "alice", **fields)
    assert answer.status == 200, answer
    return answer.body


def trade(child: Child, price: str) -> None:
    """Make the last price among Bob's own orders."""
    child.order("bob", "SELL", "0.01", price=price)
    child.order("bob", "BUY", "0.01", price=price, selfTradePreventionMode="NONE")


def statuses(child: Child, orders: list[dict[str, Any]]) -> list[str]:
    return [
        done(child, "GET", ORDER, symbol="BTCUSDT", orderId=str(row["orderId"]))["status"]
        for row in orders
    ]


def test_stops_icebergs_lists_and_amends_live_together(child: Child) -> None:
    trade(child, "60000")
    stop = done(child, "POST", ORDER, **STOP, stopPrice="59500")
    trailing = done(child, "POST", ORDER, **STOP, trailingDelta="200")
    iceberg = done(
        child, "POST", ORDER, **STOP | {"type": "LIMIT", "side": "BUY", "quantity": "4"},
        timeInForce="GTC", price="58500", icebergQty="1", newClientOrderId="tip",
    )  # fmt: skip
    depth = child.get("/api/v3/depth", symbol="BTCUSDT")
    assert depth["bids"] == [["58500.00000000", "1.00000000"]]
    pair = done(child, "POST", "/api/v3/orderList/oco", **SELL_OCO)
    amended = done(
        child, "PUT", "/api/v3/order/amend/keepPriority", symbol="BTCUSDT",
        origClientOrderId="tip", newQty="3",
    )  # fmt: skip
    assert amended["amendedOrder"]["qty"] == "3.00000000"
    child.order("bob", "BUY", "3", price="58600")
    trade(child, "59500")
    # The stop sells at 58600, which calls the trailing stop (58800) and the list's stop (59000).
    assert statuses(child, [stop, trailing, iceberg]) == ["FILLED", "FILLED", "NEW"]
    assert statuses(child, pair["orders"]) == ["EXPIRED", "FILLED"]
    amendments = done(
        child, "GET", "/api/v3/order/amendments", symbol="BTCUSDT", orderId=str(iceberg["orderId"])
    )
    assert [row["newQty"] for row in amendments] == ["3.00000000"]


def test_an_otoco_outlives_a_kill(child: Child) -> None:
    trade(child, "60000")
    placed = done(child, "POST", "/api/v3/orderList/otoco", **BUY_THEN_GUARD)
    assert statuses(child, placed["orders"]) == ["NEW", "PENDING_NEW", "PENDING_NEW"]
    child.kill()
    child.start()
    assert statuses(child, placed["orders"]) == ["NEW", "PENDING_NEW", "PENDING_NEW"]
    child.order("bob", "SELL", "1", price="58000")
    assert statuses(child, placed["orders"]) == ["FILLED", "NEW", "NEW"]
    child.kill()
    child.start()
    (opened,) = child.get("/api/v3/openOrderList", "alice")
    assert opened["orders"] == placed["orders"]
    child.order("bob", "BUY", "1", price="56000")
    trade(child, "57000")
    assert statuses(child, placed["orders"]) == ["FILLED", "EXPIRED", "FILLED"]
    (told,) = child.get("/api/v3/allOrderList", "alice")
    assert told["listOrderStatus"] == "ALL_DONE"


def test_money_comes_back_from_the_funding_wallet_after_a_kill(child: Child) -> None:
    path = "/sapi/v1/asset/transfer"
    moved = done(child, "POST", path, type="MAIN_FUNDING", asset="BTC", amount="3")
    child.kill()
    child.start()
    told = done(child, "GET", path, type="MAIN_FUNDING")
    assert [row["tranId"] for row in told["rows"]] == [moved["tranId"]]
    done(child, "POST", path, type="FUNDING_MAIN", asset="BTC", amount="3")
    account = child.get("/api/v3/account", "alice")
    btc = next(row for row in account["balances"] if row["asset"] == "BTC")
    assert (btc["free"], btc["locked"]) == ("100.00000000", "0.00000000")
