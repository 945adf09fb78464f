"""Every filter: told by exchangeInfo and myFilters, and what an order that fails it is told."""

from typing import Any

import pytest
from gateway_clients import Rest
from gateway_exchange import Stand

from flowex.messages.commands import FiltersSet, LimitSet
from flowex.messages.enums import BIPS, Limit, MarketNotional

ORDER = "/api/v3/order"
LIMIT = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "1000"}
MARKET = {"type": "MARKET", "quantity": "1"}
STOP = {"type": "STOP_LOSS", "side": "SELL", "quantity": "1", "stopPrice": "900"}
TRAILING = {"type": "STOP_LOSS", "side": "SELL", "quantity": "1"}
ICEBERG = {**LIMIT, "icebergQty": "0.5"}
EVERYTHING = FiltersSet(
    instrument=1,
    bid_up=5 * BIPS,
    bid_down=BIPS // 5,
    ask_up=4 * BIPS,
    ask_down=BIPS // 4,
    average_minutes=5,
    iceberg_parts_max=10,
    market_lot=10,
    market_quantity_min=100,
    market_quantity_max=50_000_000,
    position_max=20_000_000,
    orders_max=2,
    algo_orders_max=1,
    iceberg_orders_max=1,
    order_lists_max=1,
    amends_max=3,
    trailing_above_min=10,
    trailing_above_max=2_000,
    trailing_below_min=20,
    trailing_below_max=1_000,
    market_notional=MarketNotional.MIN | MarketNotional.MAX,
)


async def trade(rest: Rest, price: str) -> None:
    await rest.limit("SELL", "0.01", price, "bob")
    await rest.limit("BUY", "0.01", price, "bob", selfTradePreventionMode="NONE")


async def told(rest: Rest) -> dict[str, dict[str, Any]]:
    """Return BTCUSDT's filters by name."""
    info = await rest.public("/api/v3/exchangeInfo", symbol="BTCUSDT")
    filters = info["symbols"][0]["filters"]
    assert [row["filterType"] for row in filters[:2]] == ["PRICE_FILTER", "LOT_SIZE"]
    mine = await rest.ok("GET", "/api/v3/myFilters", symbol="BTCUSDT")
    assert mine["symbolFilters"] == filters
    assert mine["exchangeFilters"] == info["exchangeFilters"]
    assert mine["assetFilters"] == []
    return {row.pop("filterType"): row for row in filters}


async def test_every_filter_is_told(rest: Rest, stand: Stand) -> None:
    stand.apply(EVERYTHING)
    assert await told(rest) == {
        "PRICE_FILTER": {
            "minPrice": "0.01000000",
            "maxPrice": "1000000.00000000",
            "tickSize": "0.01000000",
        },
        "LOT_SIZE": {
            "minQty": "0.00001000",
            "maxQty": "9000.00000000",
            "stepSize": "0.00001000",
        },
        "MARKET_LOT_SIZE": {
            "minQty": "0.00100000",
            "maxQty": "500.00000000",
            "stepSize": "0.00010000",
        },
        "ICEBERG_PARTS": {"limit": 10},
        "TRAILING_DELTA": {
            "minTrailingAboveDelta": 10,
            "maxTrailingAboveDelta": 2_000,
            "minTrailingBelowDelta": 20,
            "maxTrailingBelowDelta": 1_000,
        },
        "PERCENT_PRICE_BY_SIDE": {
            "bidMultiplierUp": "5.00000000",
            "bidMultiplierDown": "0.20000000",
            "askMultiplierUp": "4.00000000",
            "askMultiplierDown": "0.25000000",
            "avgPriceMins": 5,
        },
        "NOTIONAL": {
            "minNotional": "5.00000000",
            "maxNotional": "46116860184.27387904",
            "applyMinToMarket": True,
            "applyMaxToMarket": True,
            "avgPriceMins": 5,
        },
        "MAX_POSITION": {"maxPosition": "200.00000000"},
        "MAX_NUM_ORDERS": {"maxNumOrders": 2},
        "MAX_NUM_ORDER_LISTS": {"maxNumOrderLists": 1},
        "MAX_NUM_ALGO_ORDERS": {"maxNumAlgoOrders": 1},
        "MAX_NUM_ICEBERG_ORDERS": {"maxNumIcebergOrders": 1},
        "MAX_NUM_ORDER_AMENDS": {"maxNumOrderAmends": 3},
    }


async def test_what_is_not_set_is_told_as_widest_or_not_at_all(rest: Rest) -> None:
    filters = await told(rest)
    assert set(filters) == {
        "PRICE_FILTER",
        "LOT_SIZE",
        "MARKET_LOT_SIZE",
        "TRAILING_DELTA",
        "NOTIONAL",
    }
    assert filters["MARKET_LOT_SIZE"] == filters["LOT_SIZE"]
    assert (filters["NOTIONAL"]["applyMinToMarket"], filters["NOTIONAL"]["avgPriceMins"]) == (
        False,
        0,
    )
    assert set(filters["TRAILING_DELTA"].values()) == {1, 9_999}


async def test_the_exchange_has_filters_too(rest: Rest, stand: Stand) -> None:
    stand.apply(LimitSet(limit=Limit.ACCOUNT_ALGO_ORDERS, value=7))
    info = await rest.public("/api/v3/exchangeInfo")
    assert info["exchangeFilters"] == [
        {"filterType": "EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders": 10_000},
        {"filterType": "EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 7},
        {"filterType": "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": 10_000},
        {"filterType": "EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 1_000},
    ]


@pytest.mark.parametrize(
    ("name", "before", "order"),
    [
        ("PRICE_FILTER", (), {**LIMIT, "price": "1000.001"}),
        ("LOT_SIZE", (), {**LIMIT, "quantity": "0.000001"}),
        ("LOT_SIZE", (), {**ICEBERG, "icebergQty": "0.500001"}),
        ("MARKET_LOT_SIZE", (), {**MARKET, "quantity": "0.0009"}),
        ("MARKET_LOT_SIZE", (), {**MARKET, "quantity": "500.0001"}),
        ("MARKET_LOT_SIZE", (), {**MARKET, "quantity": "0.01001"}),
        ("MARKET_LOT_SIZE", (), {**STOP, "quantity": "0.01001"}),
        ("NOTIONAL", (), {**LIMIT, "quantity": "0.004"}),
        ("NOTIONAL", (), {**MARKET, "quantity": "0.004", "side": "SELL"}),
        ("NOTIONAL", (), {"type": "MARKET", "quoteOrderQty": "4.99"}),
        ("ICEBERG_PARTS", (), {**ICEBERG, "icebergQty": "0.05"}),
        ("TRAILING_DELTA", (), {**TRAILING, "trailingDelta": "19"}),
        ("TRAILING_DELTA", (), {**TRAILING, "trailingDelta": "1001"}),
        ("TRAILING_DELTA", (), {**TRAILING, "side": "BUY", "trailingDelta": "9"}),
        ("TRAILING_DELTA", (), {**TRAILING, "side": "BUY", "trailingDelta": "2001"}),
        ("PERCENT_PRICE_BY_SIDE", (), {**LIMIT, "price": "5000.01"}),
        ("PERCENT_PRICE_BY_SIDE", (), {**LIMIT, "side": "SELL", "price": "4000.01"}),
        ("PERCENT_PRICE_BY_SIDE", (), {**LIMIT, "price": "199"}),
        ("PERCENT_PRICE_BY_SIDE", (), {**LIMIT, "side": "SELL", "price": "249"}),
        ("MAX_POSITION", (), {**LIMIT, "quantity": "100.001"}),
        ("MAX_NUM_ORDERS", (LIMIT, LIMIT), LIMIT),
        ("MAX_NUM_ALGO_ORDERS", (STOP,), {**TRAILING, "trailingDelta": "100"}),
        ("MAX_NUM_ICEBERG_ORDERS", (ICEBERG,), ICEBERG),
    ],
)
async def test_what_fails_a_filter_is_told_its_name(
    rest: Rest,
    stand: Stand,
    name: str,
    before: tuple[dict[str, str], ...],
    order: dict[str, str],
) -> None:
    await trade(rest, "1000")
    stand.apply(EVERYTHING)
    common = {"symbol": "BTCUSDT", "side": "BUY"}
    for one in before:
        await rest.ok("POST", ORDER, **common | one)
    last = stand.machine.state.last_order
    refused = await rest.refused("POST", ORDER, **common | order)
    assert refused == (400, -1013, f"Filter failure: {name}")
    assert stand.machine.state.last_order == last


@pytest.mark.parametrize(
    ("name", "limit", "order"),
    [
        ("EXCHANGE_MAX_NUM_ORDERS", Limit.ACCOUNT_OPEN_ORDERS, LIMIT),
        ("EXCHANGE_MAX_NUM_ALGO_ORDERS", Limit.ACCOUNT_ALGO_ORDERS, STOP),
        ("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", Limit.ACCOUNT_ICEBERG_ORDERS, ICEBERG),
    ],
)
async def test_what_fails_a_filter_of_the_exchange_is_told_its_name(
    rest: Rest, stand: Stand, name: str, limit: Limit, order: dict[str, str]
) -> None:
    stand.apply(LimitSet(limit=limit, value=1))
    wanted = {"symbol": "BTCUSDT", "side": "BUY"} | order
    await rest.ok("POST", ORDER, **wanted)
    assert await rest.refused("POST", ORDER, **wanted) == (400, -1013, f"Filter failure: {name}")


async def test_average_prices_hold_bands_of_their_minutes(rest: Rest, stand: Stand) -> None:
    stand.apply(EVERYTHING)
    far = {"symbol": "BTCUSDT", "side": "BUY", **LIMIT, "price": "900000"}
    placed = await rest.ok("POST", ORDER, **far)
    assert placed["status"] == "NEW", "nobody has traded: there is no average to hold it against"
