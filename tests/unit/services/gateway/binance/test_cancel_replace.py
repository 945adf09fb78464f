"""Cancel-replace: the contract's table row by row, with every type of order."""

from typing import Any

import httpx
import pytest
from gateway_clients import Rest

ORDER = "/api/v3/order"
PATH = "/api/v3/order/cancelReplace"
OLD = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
NEW = {**OLD, "quantity": "1", "price": "25000"}
STOP, ALLOW = "STOP_ON_FAILURE", "ALLOW_FAILURE"
UNKNOWN = {"code": -2011, "msg": "Unknown order sent."}
RESTRICTED = {"code": -2011, "msg": "Order was not canceled due to cancel restrictions."}
POOR = {"code": -2010, "msg": "Account has insufficient balance for requested action."}
PARTLY = (409, -2021, "Order cancel-replace partially failed.")
FAILED = (400, -2022, "Order cancel-replace failed.")
ONLY_NEW = {"cancelRestrictions": "ONLY_NEW"}
ONLY_PARTLY = {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"}


async def send(rest: Rest, **more: object) -> httpx.Response:
    return await rest.send("POST", PATH, **(NEW | more))


def refusal(response: httpx.Response) -> tuple[tuple[int, int, str], dict[str, Any]]:
    """Return (status, code, text) and the data of a refused cancel-replace."""
    content = response.json()
    return (response.status_code, content["code"], content["msg"]), content["data"]


async def test_both_go_well(rest: Rest) -> None:
    await rest.limit("BUY", "2", "24000", newClientOrderId="old")
    response = await send(
        rest,
        cancelReplaceMode=STOP,
        cancelOrigClientOrderId="old",
        cancelNewClientOrderId="bye",
        newClientOrderId="new",
    )
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["x-mbx-order-count-10s"] == "2"
    assert list(answer) == [
        "cancelResult",
        "newOrderResult",
        "cancelResponse",
        "newOrderResponse",
    ]
    assert (answer["cancelResult"], answer["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    gone, new = answer["cancelResponse"], answer["newOrderResponse"]
    assert (gone["origClientOrderId"], gone["clientOrderId"]) == ("old", "bye")
    assert (gone["status"], gone["price"]) == ("CANCELED", "24000.00000000")
    assert (new["clientOrderId"], new["status"], new["fills"]) == ("new", "NEW", [])


async def test_the_new_order_may_be_of_any_type_and_form(rest: Rest) -> None:
    await rest.limit("BUY", "0.01", "25000", "bob")
    await rest.limit("SELL", "0.01", "25000")
    old = await rest.limit("BUY", "2", "24000")
    stop = {"type": "STOP_LOSS_LIMIT", "stopPrice": "26000", "strategyId": 7}
    response = await send(
        rest,
        **stop,
        cancelReplaceMode=STOP,
        cancelOrderId=old["orderId"],
        newOrderRespType="RESULT",
    )
    new = response.json()["newOrderResponse"]
    assert (new["stopPrice"], new["strategyId"], new["workingTime"]) == ("26000.00000000", 7, -1)
    assert "fills" not in new
    ack = (await send(rest, cancelReplaceMode=STOP, cancelOrderId=new["orderId"],
                      newOrderRespType="ACK")).json()  # fmt: skip
    assert set(ack["newOrderResponse"]) == {
        "symbol",
        "orderId",
        "orderListId",
        "clientOrderId",
        "transactTime",
    }
    assert ack["cancelResponse"]["stopPrice"] == "26000.00000000"


@pytest.mark.parametrize(
    ("more", "faults", "cancel", "new"),
    [
        # The cancel fails and the new order is not tried.
        ({"cancelReplaceMode": STOP, "cancelOrderId": 99}, FAILED, UNKNOWN, "NOT_ATTEMPTED"),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, **ONLY_PARTLY}, FAILED, RESTRICTED,
         "NOT_ATTEMPTED"),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 2, **ONLY_NEW}, FAILED, RESTRICTED,
         "NOT_ATTEMPTED"),
        # The cancel goes well and the new order does not.
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, "quantity": "8999"}, PARTLY, None, POOR),
        ({"cancelReplaceMode": ALLOW, "cancelOrderId": 2, **ONLY_PARTLY, "quantity": "8999"},
         PARTLY, None, POOR),
        # The cancel fails and the new order goes well all the same.
        ({"cancelReplaceMode": ALLOW, "cancelOrderId": 99}, PARTLY, UNKNOWN, "SUCCESS"),
        ({"cancelReplaceMode": ALLOW, "cancelOrderId": 2, **ONLY_NEW}, PARTLY, RESTRICTED,
         "SUCCESS"),
        # Both fail.
        ({"cancelReplaceMode": ALLOW, "cancelOrderId": 99, "quantity": "8999"}, FAILED, UNKNOWN,
         POOR),
    ],
)  # fmt: skip
async def test_a_failure_tells_both_halves(
    rest: Rest,
    more: dict[str, object],
    faults: tuple[int, int, str],
    cancel: dict[str, object] | None,
    new: dict[str, object] | str,
) -> None:
    await rest.limit("BUY", "1", "24000")
    await rest.limit("BUY", "1", "24500")
    await rest.limit("SELL", "0.5", "24500", "bob")
    told, data = refusal(await send(rest, **more))
    assert told == faults
    assert data["cancelResult"] == ("FAILURE" if cancel else "SUCCESS")
    if cancel:
        assert data["cancelResponse"] == cancel
    else:
        assert data["cancelResponse"]["status"] == "CANCELED"
    if isinstance(new, dict):
        assert (data["newOrderResult"], data["newOrderResponse"]) == ("FAILURE", new)
    elif new == "SUCCESS":
        assert data["newOrderResult"] == "SUCCESS"
        assert data["newOrderResponse"]["price"] == "25000.00000000"
    else:
        assert (data["newOrderResult"], data["newOrderResponse"]) == (new, None)
    opened = {row["orderId"] for row in await rest.ok("GET", "/api/v3/openOrders")}
    canceled = set() if cancel else {more["cancelOrderId"]}
    placed = {4} if new == "SUCCESS" else set()
    assert opened == {1, 2} - canceled | placed


async def test_one_leg_is_replaced_and_its_list_goes(rest: Rest) -> None:
    await rest.ok(
        "POST",
        "/api/v3/orderList/oco",
        symbol="BTCUSDT",
        side="SELL",
        quantity="2",
        aboveType="LIMIT_MAKER",
        abovePrice="26000",
        belowType="STOP_LOSS",
        belowStopPrice="24000",
    )
    response = await send(rest, cancelReplaceMode=STOP, cancelOrderId=2)
    answer = response.json()
    assert (answer["cancelResponse"]["orderId"], answer["cancelResponse"]["orderListId"]) == (2, 1)
    assert [row["orderId"] for row in await rest.ok("GET", "/api/v3/openOrders")] == [3]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"cancelOrderId": 1}, -1102),
        ({"cancelReplaceMode": STOP}, -1102),
        ({"cancelReplaceMode": "SOME", "cancelOrderId": 1}, -1130),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, "cancelRestrictions": "x"}, -1145),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, "orderRateLimitExceededMode": "x"}, -1130),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, "stopPrice": "1"}, -1106),
        ({"cancelReplaceMode": STOP, "cancelOrderId": 1, "price": "25000.001"}, -1013),
    ],
)
async def test_what_is_wrong_in_itself_cancels_nothing(
    rest: Rest, more: dict[str, object], code: int
) -> None:
    await rest.limit("BUY", "1", "24000")
    response = await send(rest, **more)
    content = response.json()
    assert (response.status_code, content["code"]) == (400, code)
    assert "data" not in content
    assert len(await rest.ok("GET", "/api/v3/openOrders")) == 1
