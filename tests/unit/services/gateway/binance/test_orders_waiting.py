"""Orders that wait for a price: stops, profits, trailing stops, and what triggers them."""

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

ORDER = "/api/v3/order"
MILLISECONDS = NOW // 1_000
STOP = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "quantity": "1"}
PRICED = {"timeInForce": "GTC", "price": "24000"}
AT_ONCE = (400, -2010, "Order would trigger immediately.")


async def trade(rest: Rest, price: str, quantity: str = "0.01") -> None:
    """Make the last price: Bob's offer is taken by himself no more than by Alice."""
    await rest.limit("SELL", quantity, price, "bob")
    await rest.limit("BUY", quantity, price, "bob", selfTradePreventionMode="NONE")


async def the_order(rest: Rest, number: int, person: str = "alice") -> dict[str, object]:
    answer: dict[str, object] = await rest.ok(
        "GET", ORDER, person, symbol="BTCUSDT", orderId=number
    )
    return answer


@pytest.mark.parametrize(
    ("side", "order_type", "stop", "on_the_way", "reached"),
    [
        ("SELL", "STOP_LOSS", "24000", "24000.01", "24000"),
        ("SELL", "STOP_LOSS", "24000", "24000.01", "23000"),
        ("BUY", "TAKE_PROFIT", "24000", "24000.01", "24000"),
        ("BUY", "STOP_LOSS", "26000", "25999.99", "26000"),
        ("SELL", "TAKE_PROFIT", "26000", "25999.99", "27000"),
    ],
)
async def test_a_stop_waits_until_somebodys_trade_reaches_it(
    rest: Rest, side: str, order_type: str, stop: str, on_the_way: str, reached: str
) -> None:
    await trade(rest, "25000")
    order = {**STOP, "side": side, "type": order_type, "stopPrice": stop}
    placed = await rest.ok("POST", ORDER, **order, newOrderRespType="RESULT")
    assert (placed["status"], placed["workingTime"]) == ("NEW", -1)
    assert placed["stopPrice"] == f"{stop}.00000000"
    assert (placed["price"], placed["timeInForce"]) == ("0.00000000", "GTC")
    assert not {"trailingDelta", "trailingTime", "icebergQty", "strategyId"} & set(placed)
    waiting = await the_order(rest, placed["orderId"])
    assert (waiting["isWorking"], waiting["workingTime"]) == (False, -1)
    await trade(rest, on_the_way)
    assert await rest.ok("GET", "/api/v3/openOrders") == [waiting]
    other = "BUY" if side == "SELL" else "SELL"
    price = "22000" if side == "SELL" else "28000"
    await rest.limit(other, "1", price, "bob")
    await trade(rest, reached)
    done = await the_order(rest, placed["orderId"])
    assert (done["status"], done["workingTime"]) == ("FILLED", MILLISECONDS)
    assert done["cummulativeQuoteQty"] == f"{price}.00000000"


async def test_a_stop_limit_rests_where_it_said(rest: Rest) -> None:
    await trade(rest, "25000")
    order = {**STOP, **PRICED, "type": "STOP_LOSS_LIMIT", "stopPrice": "24500"}
    placed = await rest.ok("POST", ORDER, **order, newOrderRespType="FULL")
    assert (placed["price"], placed["fills"]) == ("24000.00000000", [])
    depth = await rest.public("/api/v3/depth", symbol="BTCUSDT")
    assert (depth["bids"], depth["asks"]) == ([], [])
    await trade(rest, "24500")
    depth = await rest.public("/api/v3/depth", symbol="BTCUSDT")
    assert depth["asks"] == [["24000.00000000", "1.00000000"]]
    working = await the_order(rest, placed["orderId"])
    assert (working["isWorking"], working["status"]) == (True, "NEW")
    assert working["stopPrice"] == "24500.00000000"


@pytest.mark.parametrize(
    ("side", "order_type", "stop"),
    [
        ("SELL", "STOP_LOSS", "25000"),
        ("BUY", "STOP_LOSS", "24999"),
        ("SELL", "TAKE_PROFIT", "25000"),
        ("BUY", "TAKE_PROFIT", "25001"),
    ],
)
async def test_a_stop_that_is_reached_already_is_refused(
    rest: Rest, side: str, order_type: str, stop: str
) -> None:
    await trade(rest, "25000")
    order = {**STOP, "side": side, "type": order_type, "stopPrice": stop}
    assert await rest.refused("POST", ORDER, **order) == AT_ONCE
    limited = {**order, **PRICED, "type": f"{order_type}_LIMIT"}
    assert await rest.refused("POST", ORDER, **limited) == AT_ONCE


async def test_a_trailing_stop_follows_the_highest_price(rest: Rest) -> None:
    await trade(rest, "25000")
    placed = await rest.ok("POST", ORDER, **STOP, trailingDelta=100, newOrderRespType="RESULT")
    assert (placed["trailingDelta"], placed["trailingTime"]) == (100, MILLISECONDS)
    assert "stopPrice" not in placed
    told = await the_order(rest, placed["orderId"])
    assert (told["trailingDelta"], told["trailingTime"]) == (100, MILLISECONDS)
    assert told["stopPrice"] == "0.00000000"
    await rest.limit("BUY", "1", "20000", "bob")
    for price in ("30000", "29700.01"):
        await trade(rest, price)
        assert (await the_order(rest, placed["orderId"]))["status"] == "NEW"
    await trade(rest, "29700")
    assert (await the_order(rest, placed["orderId"]))["status"] == "FILLED"


async def test_a_trailing_stop_may_begin_at_a_price(rest: Rest) -> None:
    await trade(rest, "25000")
    order = {**STOP, **PRICED, "type": "TAKE_PROFIT_LIMIT", "stopPrice": "26000"}
    placed = await rest.ok("POST", ORDER, **order, trailingDelta=100, newOrderRespType="RESULT")
    assert placed["stopPrice"] == "26000.00000000"
    assert "trailingTime" not in placed
    assert "trailingTime" not in await the_order(rest, placed["orderId"])
    await trade(rest, "26000")
    told = await the_order(rest, placed["orderId"])
    assert (told["trailingTime"], told["isWorking"]) == (MILLISECONDS, False)
    await trade(rest, "25740")
    told = await the_order(rest, placed["orderId"])
    assert (told["status"], told["isWorking"]) == ("NEW", True)


async def test_a_waiting_order_holds_its_funds_and_gives_them_back(rest: Rest) -> None:
    await trade(rest, "25000")
    await rest.ok("POST", ORDER, **STOP, stopPrice="20000", newClientOrderId="guard")
    account = await rest.ok("GET", "/api/v3/account", omitZeroBalances="true")
    assert {"asset": "BTC", "free": "99.00000000", "locked": "1.00000000"} in account["balances"]
    answer = await rest.ok("DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="guard")
    assert (answer["status"], answer["workingTime"]) == ("CANCELED", -1)
    assert (answer["stopPrice"], answer["type"]) == ("20000.00000000", "STOP_LOSS")
    account = await rest.ok("GET", "/api/v3/account", omitZeroBalances="true")
    assert {"asset": "BTC", "free": "100.00000000", "locked": "0.00000000"} in account["balances"]


async def test_one_trade_sets_off_a_cascade(rest: Rest) -> None:
    await trade(rest, "25000")
    numbers = []
    for stop in ("24900", "24800"):
        placed = await rest.ok("POST", ORDER, **STOP, stopPrice=stop)
        numbers.append(placed["orderId"])
    for price in ("24850", "24750"):
        await rest.limit("BUY", "1", price, "bob")
    # The first stop sells at 24850, which does not reach the second; the next buyer does.
    await trade(rest, "24900")
    assert (await the_order(rest, numbers[0]))["status"] == "FILLED"
    assert (await the_order(rest, numbers[1]))["status"] == "NEW"
    await trade(rest, "24800")
    done = await the_order(rest, numbers[1])
    assert (done["status"], done["cummulativeQuoteQty"]) == ("FILLED", "24750.00000000")


async def test_a_strategy_is_handed_through(rest: Rest) -> None:
    order = {"timeInForce": "GTC", "price": "25000"}
    marked = {**STOP, **order, "type": "LIMIT", "strategyId": 7, "strategyType": 1_000_000}
    placed = await rest.ok("POST", ORDER, **marked)
    assert (placed["strategyId"], placed["strategyType"]) == (7, 1_000_000)
    assert "stopPrice" not in placed
    told = await the_order(rest, placed["orderId"])
    assert (told["strategyId"], told["strategyType"]) == (7, 1_000_000)
    plain = await rest.limit("SELL", "1", "25000")
    assert "strategyId" not in await the_order(rest, plain["orderId"])


@pytest.mark.parametrize(
    ("order_type", "change", "code", "text"),
    [
        ("STOP_LOSS", {}, -1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both "),
        ("STOP_LOSS", {"stopPrice": "1", "price": "1"}, -1106, "Parameter 'price' sent"),
        ("TAKE_PROFIT", {"stopPrice": "1", "timeInForce": "GTC"}, -1106, "Parameter 'timeInForce'"),
        ("TAKE_PROFIT", {"stopPrice": "1", "icebergQty": "1"}, -1106, "Parameter 'icebergQty'"),
        ("STOP_LOSS_LIMIT", {"stopPrice": "1", "price": "1"}, -1102, "Mandatory parameter 'timeI"),
        ("TAKE_PROFIT_LIMIT", {"stopPrice": "1", "timeInForce": "GTC"}, -1102, "Mandatory param"),
        ("STOP_LOSS_LIMIT", PRICED, -1102, "Param 'stopPrice' or 'trailingDelta' must be sent"),
        ("STOP_LOSS", {"trailingDelta": "0"}, -1130, "Data sent for parameter 'trailingDelta'"),
        ("STOP_LOSS", {"trailingDelta": "1.5"}, -1100, "Illegal characters found in parameter"),
        ("STOP_LOSS", {"stopPrice": "20000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ("STOP_LOSS", {"stopPrice": "2000000"}, -1013, "Filter failure: PRICE_FILTER"),
    ],
)
async def test_what_a_waiting_order_needs_and_does_not_take(
    rest: Rest, stand: Stand, order_type: str, change: dict[str, str], code: int, text: str
) -> None:
    order = {**STOP, "type": order_type, **change}
    status, told, message = await rest.refused("POST", ORDER, **order)
    assert (status, told) == (400, code), message
    assert message.startswith(text)
    assert stand.machine.state.last_order == 0


async def test_a_self_trade_mode_of_others_is_refused_by_name(rest: Rest) -> None:
    order = {**STOP, "stopPrice": "20000", "selfTradePreventionMode": "TRANSFER"}
    assert await rest.refused("POST", ORDER, **order) == (
        400,
        -1130,
        "Data sent for parameter 'selfTradePreventionMode' is not valid.",
    )
