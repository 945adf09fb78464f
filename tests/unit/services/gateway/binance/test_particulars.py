"""Prevented matches, allocations; the rates of an account and of an order."""

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

from flowex.messages.commands import FeeSet, FeeTierSet

ORDER = "/api/v3/order"
PREVENTED = "/api/v3/myPreventedMatches"
MILLISECONDS = NOW // 1_000
BTCUSDT = {"symbol": "BTCUSDT"}


async def meet(rest: Rest, mode: str) -> None:
    """Let Alice meet herself: 2 offered, 1 bid."""
    offered = await rest.limit("SELL", "2", "25000")
    await rest.limit("BUY", "1", "25000", selfTradePreventionMode=mode)
    assert offered["status"] == "NEW"


@pytest.mark.parametrize(
    ("mode", "maker", "taker", "statuses"),
    [
        ("EXPIRE_MAKER", "2.00000000", None, ["EXPIRED_IN_MATCH", "NEW"]),
        ("EXPIRE_TAKER", None, "1.00000000", ["NEW", "EXPIRED_IN_MATCH"]),
        ("EXPIRE_BOTH", "2.00000000", "1.00000000", ["EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"]),
        ("DECREMENT", "1.00000000", "1.00000000", ["NEW", "EXPIRED_IN_MATCH"]),
    ],
)
async def test_a_prevented_match_is_told_to_its_owner(
    rest: Rest, mode: str, maker: str | None, taker: str | None, statuses: list[str]
) -> None:
    await meet(rest, mode)
    expected = {
        "symbol": "BTCUSDT",
        "preventedMatchId": 1,
        "takerOrderId": 2,
        "makerSymbol": "BTCUSDT",
        "makerOrderId": 1,
        "tradeGroupId": -1,
        "selfTradePreventionMode": mode,
        "price": "25000.00000000",
        "makerPreventedQuantity": maker or "0.00000000",
        "transactTime": MILLISECONDS,
    }
    assert await rest.ok("GET", PREVENTED, **BTCUSDT, preventedMatchId=1) == [expected]
    orders = await rest.ok("GET", "/api/v3/allOrders", **BTCUSDT)
    assert [row["status"] for row in orders] == statuses
    for order, prevented in zip(orders, (maker, taker), strict=True):
        assert order.get("preventedQuantity") == prevented
        assert order.get("preventedMatchId") == (1 if prevented else None)
        expired = order["status"] == "EXPIRED_IN_MATCH"
        assert order.get("expiryReason") == ("SELF_TRADE_PREVENTION" if expired else None)


async def test_prevented_matches_are_found_by_order_and_from_one_on(rest: Rest) -> None:
    await rest.limit("SELL", "1", "25000")
    await rest.limit("SELL", "1", "25000")
    await rest.limit("BUY", "5", "25000", selfTradePreventionMode="EXPIRE_MAKER")
    both = await rest.ok("GET", PREVENTED, **BTCUSDT, orderId=3)
    assert [row["preventedMatchId"] for row in both] == [1, 2]
    assert await rest.ok("GET", PREVENTED, **BTCUSDT, orderId=2) == both[1:]
    later = await rest.ok("GET", PREVENTED, **BTCUSDT, orderId=3, fromPreventedMatchId=2)
    assert later == both[1:]
    newest = await rest.ok("GET", PREVENTED, **BTCUSDT, orderId=3, limit=1)
    assert newest == both[1:]
    assert await rest.ok("GET", PREVENTED, "bob", **BTCUSDT, orderId=3) == []
    assert await rest.ok("GET", PREVENTED, **BTCUSDT, preventedMatchId=9) == []
    neither = await rest.refused("GET", PREVENTED, **BTCUSDT)
    assert neither[1] == -1102
    mixed = await rest.refused("GET", PREVENTED, **BTCUSDT, preventedMatchId=1, orderId=1)
    assert mixed[1] == -1128


async def test_by_order_costs_more(rest: Rest) -> None:
    response = await rest.send("GET", PREVENTED, **BTCUSDT, preventedMatchId=1)
    assert response.headers["x-mbx-used-weight-1m"] == "2"
    response = await rest.send("GET", PREVENTED, **BTCUSDT, orderId=1)
    assert response.headers["x-mbx-used-weight-1m"] == "22"


async def test_nothing_is_ever_allocated(rest: Rest) -> None:
    await rest.limit("SELL", "2", "25000")
    assert await rest.ok("GET", "/api/v3/myAllocations", **BTCUSDT) == []
    assert (await rest.refused("GET", "/api/v3/myAllocations", symbol="NOPE"))[1] == -1121


async def rates(rest: Rest) -> dict[str, tuple[str, str]]:
    """Return Alice's (maker, taker) rates, as every endpoint that knows them tells them."""
    account = await rest.ok("GET", "/api/v3/account")
    commission = await rest.ok("GET", "/api/v3/account/commission", **BTCUSDT)
    zeros = dict.fromkeys(("maker", "taker", "buyer", "seller"), "0.00000000")
    assert commission["specialCommission"] == commission["taxCommission"] == zeros
    assert commission["discount"]["enabledForAccount"] is False
    tested = await rest.ok(
        "POST",
        "/api/v3/order/test",
        **BTCUSDT,
        side="BUY",
        type="MARKET",
        quantity="1",
        computeCommissionRates="true",
    )
    none = {"maker": "0.00000000", "taker": "0.00000000"}
    assert tested["specialCommissionForOrder"] == tested["taxCommissionForOrder"] == none
    assert tested["discount"] == commission["discount"]
    (fee,) = await rest.ok("GET", "/sapi/v1/asset/tradeFee", **BTCUSDT)
    told = {
        "account": account["commissionRates"],
        "commission": commission["standardCommission"],
        "test": tested["standardCommissionForOrder"],
        "fee": {"maker": fee["makerCommission"], "taker": fee["takerCommission"]},
    }
    return {name: (row["maker"], row["taker"]) for name, row in told.items()}


async def test_rates_are_the_accounts_or_its_tiers_or_the_instruments(
    rest: Rest, stand: Stand
) -> None:
    everywhere = ("account", "commission", "test", "fee")
    usual = ("0.00100000", "0.00100000")
    assert await rates(rest) == dict.fromkeys(everywhere, usual)
    stand.apply(FeeTierSet(tier=3, maker_rate=20_000, taker_rate=40_000))
    stand.apply(FeeSet(account=2, maker_rate=-1, taker_rate=-1, tier=3))
    assert await rates(rest) == dict.fromkeys(everywhere, ("0.00020000", "0.00040000"))
    account = await rest.ok("GET", "/api/v3/account")
    assert (account["makerCommission"], account["takerCommission"]) == (2, 4)
    stand.apply(FeeSet(account=2, maker_rate=0, taker_rate=50_000, tier=3))
    assert await rates(rest) == dict.fromkeys(everywhere, ("0.00000000", "0.00050000"))


async def test_a_test_with_rates_costs_more_and_places_nothing(rest: Rest, stand: Stand) -> None:
    order = {**BTCUSDT, "side": "SELL", "type": "STOP_LOSS", "quantity": "1", "stopPrice": "100"}
    path = "/api/v3/order/test"
    response = await rest.send("POST", path, **order)
    assert (response.json(), response.headers["x-mbx-used-weight-1m"]) == ({}, "1")
    response = await rest.send("POST", path, **order, computeCommissionRates="true")
    assert response.headers["x-mbx-used-weight-1m"] == "21"
    refused = await rest.refused("POST", path, **order | {"stopPrice": "100.001"})
    assert refused == (400, -1013, "Filter failure: PRICE_FILTER")
    assert stand.machine.state.last_order == 0
