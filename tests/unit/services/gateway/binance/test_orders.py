"""Orders over REST: placed, filled, cancelled, replaced, refused; as the contract has it."""

import asyncio

import pytest
from gateway_clients import Rest
from gateway_exchange import NOW, Stand

from flowex.messages.commands import OrderPlace
from flowex.messages.results import ResultCode

ORDER = "/api/v3/order"
LACKING = "Mandatory parameter '%s' was not sent, was empty/null, or malformed."
EITHER = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "25000.00",
}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET"}
INSUFFICIENT = "Account has insufficient balance for requested action."


async def test_a_limit_order_is_told_in_full(rest: Rest) -> None:
    answer = await rest.ok("POST", ORDER, **LIMIT, newClientOrderId="mine-1")
    assert answer == {
        "symbol": "BTCUSDT",
        "orderId": 1,
        "orderListId": -1,
        "clientOrderId": "mine-1",
        "transactTime": NOW // 1_000,
        "price": "25000.00000000",
        "origQty": "1.00000000",
        "executedQty": "0.00000000",
        "origQuoteOrderQty": "0.00000000",
        "cummulativeQuoteQty": "0.00000000",
        "status": "NEW",
        "timeInForce": "GTC",
        "type": "LIMIT",
        "side": "BUY",
        "workingTime": NOW // 1_000,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "fills": [],
    }


@pytest.mark.parametrize(
    ("form", "has"), [("ACK", set()), ("RESULT", {"status"}), ("FULL", {"fills"})]
)
async def test_the_answer_has_the_wanted_form(rest: Rest, form: str, has: set[str]) -> None:
    answer = await rest.ok("POST", ORDER, **LIMIT, newOrderRespType=form)
    assert has <= set(answer)
    assert ("fills" in answer) == (form == "FULL")
    assert ("status" in answer) == (form != "ACK")


async def test_an_order_that_lost_a_part_to_itself_and_traded_the_rest_is_told_as_ended(
    rest: Rest,
) -> None:
    await rest.limit("SELL", "0.4", "25000")
    await rest.limit("SELL", "0.6", "25000", "bob")
    answer = await rest.limit("BUY", "1", "25000", selfTradePreventionMode="DECREMENT")
    assert (answer["executedQty"], answer["status"]) == ("0.60000000", "FILLED")
    wanted = {"symbol": "BTCUSDT", "orderId": answer["orderId"]}
    assert (await rest.ok("GET", ORDER, **wanted))["status"] == answer["status"]


async def test_a_maker_only_order_is_acknowledged_shortly(rest: Rest) -> None:
    maker = LIMIT | {"type": "LIMIT_MAKER"}
    assert "status" not in await rest.ok("POST", ORDER, **maker)
    taker = maker | {"side": "SELL"}
    refused = await rest.refused("POST", ORDER, "bob", **taker)
    assert refused == (400, -2010, "Order would immediately match and take.")


async def test_fills_carry_price_fee_and_trade(rest: Rest) -> None:
    await rest.limit("SELL", "0.3", "25000", "bob")
    await rest.limit("SELL", "1", "25010", "bob")
    answer = await rest.ok("POST", ORDER, **(LIMIT | {"quantity": "0.5", "price": "25010"}))
    assert answer["status"] == "FILLED"
    assert answer["cummulativeQuoteQty"] == "12502.00000000"
    assert answer["fills"] == [
        {
            "price": "25000.00000000",
            "qty": "0.30000000",
            "commission": "0.00030000",
            "commissionAsset": "BTC",
            "tradeId": 1,
        },
        {
            "price": "25010.00000000",
            "qty": "0.20000000",
            "commission": "0.00020000",
            "commissionAsset": "BTC",
            "tradeId": 2,
        },
    ]


async def test_market_orders_by_quantity_and_by_quote(rest: Rest) -> None:
    await rest.limit("SELL", "1", "25000", "bob")
    answer = await rest.ok("POST", ORDER, **MARKET, quoteOrderQty="10000")
    assert (answer["status"], answer["executedQty"]) == ("FILLED", "0.40000000")
    assert (answer["price"], answer["timeInForce"]) == ("0.00000000", "GTC")
    assert answer["origQuoteOrderQty"] == "10000.00000000"
    answer = await rest.ok("POST", ORDER, **MARKET, quantity="2")
    assert (answer["status"], answer["executedQty"]) == ("EXPIRED", "0.60000000")


async def test_fill_or_kill_expires_whole(rest: Rest) -> None:
    await rest.limit("SELL", "0.5", "25000", "bob")
    answer = await rest.ok("POST", ORDER, **(LIMIT | {"timeInForce": "FOK"}))
    assert (answer["status"], answer["executedQty"], answer["fills"]) == (
        "EXPIRED",
        "0.00000000",
        [],
    )


async def test_self_trades_are_prevented_by_default(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **LIMIT)
    answer = await rest.ok("POST", ORDER, **(LIMIT | {"side": "SELL"}))
    assert (answer["status"], answer["fills"]) == ("NEW", [])
    first = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=1)
    assert first["status"] == "EXPIRED_IN_MATCH"


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"price": None}, -1102, LACKING % "price"),
        ({"timeInForce": None}, -1102, LACKING % "timeInForce"),
        ({"symbol": None}, -1102, LACKING % "symbol"),
        ({"price": ""}, -1105, "Parameter 'price' was empty."),
        ({"stopPrice": "1"}, -1106, "Parameter 'stopPrice' sent when not required."),
        ({"quoteOrderQty": "1"}, -1106, "Parameter 'quoteOrderQty' sent when not required."),
        ({"quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        ({"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
        ({"type": "TRAILING"}, -1116, "Invalid orderType."),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"symbol": "NOPE"}, -1121, "Invalid symbol."),
        ({"strategyType": "5"}, -1134, "strategyType was less than 1000000."),
        ({"newOrderRespType": "x"}, -1136, "Invalid newOrderRespType."),
        ({"price": "25000.005"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "0"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "99999999999999999999"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "99999999999999999999"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "9000.00001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0.0001", "price": "100"}, -1013, "Filter failure: NOTIONAL"),
        ({"quantity": "8999", "price": "25000"}, -2010, INSUFFICIENT),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_in_the_contracts_words(
    rest: Rest, stand: Stand, change: dict[str, str | None], code: int, text: str
) -> None:
    order = {name: value for name, value in (LIMIT | change).items() if value is not None}
    before = stand.machine.state.last_order
    assert await rest.refused("POST", ORDER, **order) == (400, code, text)
    assert stand.machine.state.last_order == before


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, -1102),
        ({"quantity": "1", "quoteOrderQty": "1"}, -1106),
        ({"quantity": "1", "price": "1"}, -1106),
        ({"quantity": "1", "timeInForce": "GTC"}, -1106),
        ({"quantity": "0"}, -1013),
        ({"quoteOrderQty": "1"}, -1013),
    ],
)
async def test_market_orders_take_one_size_and_no_price(
    rest: Rest, more: dict[str, str], code: int
) -> None:
    assert (await rest.refused("POST", ORDER, **(MARKET | more)))[:2] == (400, code)


async def test_a_client_id_is_unique_among_open_orders(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **LIMIT, newClientOrderId="one")
    again = await rest.refused("POST", ORDER, **LIMIT, newClientOrderId="one")
    assert again == (400, -2010, "Duplicate order sent.")


async def test_a_cancel_has_its_own_id(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **LIMIT, newClientOrderId="mine")
    answer = await rest.ok(
        "DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="mine", newClientOrderId="bye"
    )
    assert (answer["status"], answer["origClientOrderId"]) == ("CANCELED", "mine")
    assert (answer["clientOrderId"], answer["workingTime"]) == ("bye", NOW // 1_000)
    gone = await rest.refused("DELETE", ORDER, symbol="BTCUSDT", orderId=1)
    assert gone == (400, -2011, "Unknown order sent.")


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({}, -1102, EITHER),
        ({"orderId": 99}, -2011, "Unknown order sent."),
        (
            {"orderId": 1, "origClientOrderId": "other"},
            -2011,
            "Cancel order is invalid. Check origClOrdId and orderId.",
        ),
        ({"orderId": 1, "cancelRestrictions": "SOME"}, -1145, "Invalid cancelRestrictions"),
        (
            {"orderId": 1, "cancelRestrictions": "ONLY_PARTIALLY_FILLED"},
            -2011,
            "Order was not canceled due to cancel restrictions.",
        ),
    ],
)  # fmt: skip
async def test_cancels_refused(rest: Rest, params: dict[str, object], code: int, text: str) -> None:
    await rest.ok("POST", ORDER, **LIMIT, newClientOrderId="mine")
    assert await rest.refused("DELETE", ORDER, symbol="BTCUSDT", **params) == (400, code, text)
    assert await rest.refused("DELETE", ORDER, "bob", symbol="BTCUSDT", orderId=1) == (
        400,
        -2011,
        "Unknown order sent.",
    )


async def test_cancel_all_reports_each(rest: Rest) -> None:
    for price in ("25000", "25001"):
        await rest.limit("BUY", "1", price)
    answer = await rest.ok("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert [(row["orderId"], row["status"]) for row in answer] == [(1, "CANCELED"), (2, "CANCELED")]
    assert all(row["clientOrderId"] == row["origClientOrderId"] for row in answer)
    nothing = await rest.refused("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert nothing == (400, -2011, "Unknown order sent.")


async def test_cancel_replace_has_five_outcomes(rest: Rest) -> None:
    path = "/api/v3/order/cancelReplace"
    replace = LIMIT | {"cancelReplaceMode": "STOP_ON_FAILURE"}
    await rest.ok("POST", ORDER, **LIMIT)
    both = await rest.ok("POST", path, **replace, cancelOrderId=1)
    assert (both["cancelResult"], both["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert both["cancelResponse"]["status"] == "CANCELED"
    assert both["newOrderResponse"]["orderId"] == 2

    async def outcome(**more: object) -> tuple[int, int, str, str]:
        response = await rest.send("POST", path, **(replace | more))
        content = response.json()
        data = content["data"]
        return (
            response.status_code,
            content["code"],
            data["cancelResult"],
            data["newOrderResult"],
        )

    assert await outcome(cancelOrderId=99) == (400, -2022, "FAILURE", "NOT_ATTEMPTED")
    allowed = {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": 99}
    assert await outcome(**allowed) == (409, -2021, "FAILURE", "SUCCESS")
    too_much = {"quantity": "8999"}
    assert await outcome(**allowed, **too_much) == (400, -2022, "FAILURE", "FAILURE")
    assert await outcome(cancelOrderId=2, **too_much) == (409, -2021, "SUCCESS", "FAILURE")


@pytest.mark.parametrize(
    ("mode", "status", "code", "new"),
    [("STOP_ON_FAILURE", 400, -2022, "NOT_ATTEMPTED"), ("ALLOW_FAILURE", 409, -2021, "SUCCESS")],
)
async def test_cancel_replace_heeds_the_cancels_restriction(
    rest: Rest, mode: str, status: int, code: int, new: str
) -> None:
    await rest.ok("POST", ORDER, **LIMIT)
    wanted = LIMIT | {"cancelReplaceMode": mode, "cancelOrderId": 1}
    path = "/api/v3/order/cancelReplace"
    only = {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"}
    response = await rest.send("POST", path, **wanted, **only)
    assert (response.status_code, response.json()["code"]) == (status, code)
    data = response.json()["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == ("FAILURE", new)
    assert data["cancelResponse"] == {
        "code": -2011,
        "msg": "Order was not canceled due to cancel restrictions.",
    }
    opened = await rest.ok("GET", "/api/v3/openOrders", symbol="BTCUSDT")
    assert [row["orderId"] for row in opened] == ([1] if new == "NOT_ATTEMPTED" else [1, 2])
    if new == "SUCCESS":
        both = await rest.send("POST", path, **(wanted | {"quantity": "8999"}), **only)
        assert (both.status_code, both.json()["data"]["newOrderResult"]) == (400, "FAILURE")


@pytest.mark.parametrize(
    ("method", "path", "name", "code"),
    [
        ("POST", ORDER, "newClientOrderId", -1118),
        ("GET", ORDER, "origClientOrderId", -1119),
        ("DELETE", ORDER, "origClientOrderId", -1119),
        ("POST", "/api/v3/order/cancelReplace", "cancelNewClientOrderId", -1118),
    ],
)
async def test_an_empty_client_id_has_its_own_code(
    rest: Rest, method: str, path: str, name: str, code: int
) -> None:
    order = LIMIT | {"cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": 1}
    assert (await rest.refused(method, path, **order, **{name: ""}))[1] == code


async def test_queries_tell_the_order(rest: Rest) -> None:
    await rest.ok("POST", ORDER, **LIMIT, newClientOrderId="mine")
    by_number = await rest.ok("GET", ORDER, symbol="BTCUSDT", orderId=1)
    by_client_id = await rest.ok("GET", ORDER, symbol="BTCUSDT", origClientOrderId="mine")
    assert by_number == by_client_id
    assert by_number["isWorking"] is True
    assert await rest.ok("GET", "/api/v3/openOrders") == [by_number]
    assert await rest.ok("GET", "/api/v3/openOrders", "bob") == []
    assert await rest.ok("GET", "/api/v3/allOrders", symbol="BTCUSDT") == [by_number]
    missing = await rest.refused("GET", ORDER, symbol="BTCUSDT", orderId=9)
    assert missing == (400, -2013, "Order does not exist.")
    other = await rest.refused("GET", ORDER, symbol="BTCUSDT", orderId=1, origClientOrderId="x")
    assert other[:2] == (400, -2039)
    assert (await rest.refused("GET", ORDER, "bob", symbol="BTCUSDT", orderId=1))[1] == -2013


async def test_fills_and_balances_follow(rest: Rest) -> None:
    await rest.limit("SELL", "1", "25000", "bob")
    await rest.limit("BUY", "0.4", "25000")
    (mine,) = await rest.ok("GET", "/api/v3/myTrades", symbol="BTCUSDT")
    assert (mine["isBuyer"], mine["isMaker"], mine["commissionAsset"]) == (True, False, "BTC")
    (theirs,) = await rest.ok("GET", "/api/v3/myTrades", "bob", symbol="BTCUSDT")
    assert (theirs["isBuyer"], theirs["isMaker"], theirs["commission"]) == (
        False,
        True,
        "10.00000000",
    )
    account = await rest.ok("GET", "/api/v3/account", omitZeroBalances="true")
    balances = {row["asset"]: (row["free"], row["locked"]) for row in account["balances"]}
    assert balances["BTC"] == ("100.39960000", "0.00000000")
    assert balances["USDT"] == ("4990000.00000000", "0.00000000")
    span = await rest.refused(
        "GET", "/api/v3/myTrades", symbol="BTCUSDT", startTime=0, endTime=86_400_001
    )
    assert span[1] == -1127


@pytest.mark.parametrize("path", ["/api/v3/myTrades", "/api/v3/allOrders"])
async def test_a_whole_day_is_not_too_long(rest: Rest, path: str) -> None:
    await rest.ok("GET", path, symbol="BTCUSDT", startTime=0, endTime=86_400_000)


async def test_the_test_endpoint_places_nothing(rest: Rest, stand: Stand) -> None:
    assert await rest.ok("POST", "/api/v3/order/test", **LIMIT) == {}
    assert stand.machine.state.last_order == 0
    assert (await rest.refused("POST", "/api/v3/order/test", **(LIMIT | {"side": "x"})))[1] == -1117


async def test_the_engine_is_told_the_deadline(rest: Rest, stand: Stand) -> None:
    await rest.ok("POST", ORDER, **LIMIT, recvWindow=2000)
    command, deadline = stand.sequencer.submitted[-1]
    assert isinstance(command, OrderPlace)
    assert deadline == NOW + 2_000_000


@pytest.mark.parametrize(
    ("code", "status", "dialect"),
    [
        (ResultCode.BUSY, 503, -1008),
        (ResultCode.ACCOUNT_BUSY, 503, -1008),
        (ResultCode.READ_ONLY, 503, -1008),
        (ResultCode.DEADLINE_PASSED, 400, -1021),
        (ResultCode.HALTED, 400, -2010),
        (ResultCode.ACCOUNT_RESTRICTED, 400, -2010),
    ],
)
async def test_refusals_before_the_machine(
    rest: Rest, stand: Stand, code: ResultCode, status: int, dialect: int
) -> None:
    stand.sequencer.next_code = code
    assert (await rest.refused("POST", ORDER, **LIMIT))[:2] == (status, dialect)


async def test_orders_are_counted_and_limited(rest: Rest) -> None:
    for number in range(100):
        response = await rest.send("POST", ORDER, **(LIMIT | {"quantity": "0.001"}))
        assert response.headers["x-mbx-order-count-10s"] == str(number + 1)
    response = await rest.send("POST", ORDER, **LIMIT)
    assert (response.status_code, response.json()["code"]) == (429, -1015)
    assert 1 <= int(response.headers["retry-after"]) <= 10
    path, replace = "/api/v3/order/cancelReplace", LIMIT | {"cancelReplaceMode": "STOP_ON_FAILURE"}
    assert (await rest.refused("POST", path, **replace, cancelOrderId=1))[:2] == (429, -1015)
    only = replace | {"orderRateLimitExceededMode": "CANCEL_ONLY", "cancelOrderId": 1}
    for status, code, canceled in ((409, -2021, "SUCCESS"), (400, -2022, "FAILURE")):
        response = await rest.send("POST", path, **only)
        content = response.json()
        assert (response.status_code, content["code"]) == (status, code)
        assert content["data"]["cancelResult"] == canceled
        assert content["data"]["newOrderResponse"]["code"] == -1015


async def test_many_orders_at_once_are_all_answered(rest: Rest) -> None:
    orders = [rest.limit("BUY", "0.001", str(20_000 + n)) for n in range(50)]
    answers = await asyncio.gather(*orders)
    assert sorted(answer["orderId"] for answer in answers) == list(range(1, 51))
