"""Icebergs: the book shows only their tip."""

import pytest
from gateway_clients import Rest
from gateway_exchange import Stand

from flowex.messages.commands import FiltersSet

ORDER = "/api/v3/order"
ICEBERG = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "10",
    "price": "25000",
    "icebergQty": "2",
}


async def asks(rest: Rest) -> list[list[str]]:
    """Return the best offers."""
    depth: dict[str, list[list[str]]] = await rest.public("/api/v3/depth", symbol="BTCUSDT")
    return depth["asks"]


async def test_depth_shows_the_displayed_part_alone(rest: Rest) -> None:
    placed = await rest.ok("POST", ORDER, **ICEBERG)
    assert (placed["icebergQty"], placed["origQty"]) == ("2.00000000", "10.00000000")
    assert await asks(rest) == [["25000.00000000", "2.00000000"]]
    await rest.limit("BUY", "1.5", "25000", "bob")
    assert await asks(rest) == [["25000.00000000", "0.50000000"]]
    taken = await rest.limit("BUY", "5", "25000", "bob")
    assert [fill["qty"] for fill in taken["fills"]] == ["0.50000000", "2.00000000", "2.00000000",
                                                       "0.50000000"]  # fmt: skip
    assert await asks(rest) == [["25000.00000000", "1.50000000"]]
    told = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=placed["orderId"])
    assert (told["icebergQty"], told["executedQty"]) == ("2.00000000", "6.50000000")


async def test_a_refreshed_part_goes_behind_the_others(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **ICEBERG)
    other = await rest.limit("SELL", "1", "25000")
    await rest.limit("BUY", "2.5", "25000", "bob")
    told = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=other["orderId"])
    assert told["executedQty"] == "0.50000000"


async def test_a_limit_maker_may_be_an_iceberg(rest: Rest) -> None:
    maker = {name: ICEBERG[name] for name in ICEBERG if name != "timeInForce"}
    placed = await rest.ok("POST", ORDER, **maker | {"type": "LIMIT_MAKER"})
    assert set(placed) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    assert await asks(rest) == [["25000.00000000", "2.00000000"]]


async def test_a_stop_becomes_an_iceberg(rest: Rest) -> None:
    stop = ICEBERG | {"type": "TAKE_PROFIT_LIMIT", "stopPrice": "24000"}
    await rest.ok("POST", ORDER, **stop)
    await rest.limit("BUY", "1", "24000", "bob")
    await rest.limit("SELL", "1", "24000", "bob", selfTradePreventionMode="NONE")
    assert await asks(rest) == [["25000.00000000", "2.00000000"]]


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"timeInForce": "IOC"}, -1014, "Unsupported order combination."),
        ({"timeInForce": "FOK"}, -1014, "Unsupported order combination."),
        ({"icebergQty": "11"}, -2010, "IcebergQty exceeds QTY."),
        ({"icebergQty": "0.9"}, -1013, "Filter failure: ICEBERG_PARTS"),
        ({"icebergQty": "1.000001"}, -1013, "Filter failure: LOT_SIZE"),
    ],
)
async def test_what_no_iceberg_is(
    rest: Rest, stand: Stand, change: dict[str, str], code: int, text: str
) -> None:
    stand.apply(FiltersSet(instrument=1, iceberg_parts_max=10))
    assert await rest.refused("POST", ORDER, **ICEBERG | change) == (400, code, text)
    assert stand.machine.state.last_order == 0
