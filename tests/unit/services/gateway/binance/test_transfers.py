"""Transfers between an account's own wallets."""

import pytest
from gateway_clients import Api, Rest
from gateway_exchange import NOW, Stand

from flowex.messages.commands import SetAccountState
from flowex.messages.enums import AccountState

PATH = "/sapi/v1/asset/transfer"
OUT = {"type": "MAIN_FUNDING", "asset": "USDT", "amount": "1000.5"}
POOR = "Account has insufficient balance for requested action."


async def free(rest: Rest) -> str:
    account = await rest.ok("GET", "/api/v3/account", omitZeroBalances="true")
    return next(row["free"] for row in account["balances"] if row["asset"] == "USDT")


async def test_money_goes_to_the_funding_wallet_and_back(rest: Rest, stand: Stand) -> None:
    there = await rest.ok("POST", PATH, **OUT)
    assert there == {"tranId": stand.machine.sequence}
    (_, deadline) = stand.sequencer.submitted[-1]
    assert deadline == NOW + 5_000_000
    assert await free(rest) == "4998999.50000000"
    more = OUT | {"type": "FUNDING_MAIN", "amount": "1001"}
    assert await rest.refused("POST", PATH, **more) == (400, -2010, POOR)
    back = await rest.ok("POST", PATH, **OUT | {"type": "FUNDING_MAIN"})
    assert back["tranId"] > there["tranId"]
    assert await free(rest) == "5000000.00000000"


async def test_transfers_are_told_newest_first_page_by_page(rest: Rest, stand: Stand) -> None:
    numbers = []
    for amount in ("1", "2", "3"):
        answer = await rest.ok("POST", PATH, **OUT | {"amount": amount})
        numbers.append(answer["tranId"])
        stand.clock.set(stand.clock.now() + 1_000_000)
    told = await rest.ok("GET", PATH, type="MAIN_FUNDING", size=2)
    assert told["total"] == 3
    assert told["rows"][0] == {
        "asset": "USDT",
        "amount": "3.00000000",
        "type": "MAIN_FUNDING",
        "status": "CONFIRMED",
        "tranId": numbers[2],
        "timestamp": NOW // 1_000 + 2_000,
    }
    rest_of = await rest.ok("GET", PATH, type="MAIN_FUNDING", size=2, current=2)
    assert [row["tranId"] for row in (*told["rows"], *rest_of["rows"])] == numbers[::-1]
    early = await rest.ok("GET", PATH, type="MAIN_FUNDING", endTime=NOW // 1_000)
    assert [row["tranId"] for row in early["rows"]] == numbers[:1]
    late = await rest.ok("GET", PATH, type="MAIN_FUNDING", startTime=NOW // 1_000 + 1)
    assert late["total"] == 2
    assert await rest.ok("GET", PATH, type="FUNDING_MAIN") == {"total": 0, "rows": []}
    assert await rest.ok("GET", PATH, "bob", type="MAIN_FUNDING") == {"total": 0, "rows": []}


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"type": "MAIN_UMFUTURE"}, -1020, "This operation is not supported."),
        ({"type": "UMFUTURE_MAIN"}, -1020, "This operation is not supported."),
        ({"type": "MAIN_MARGIN"}, -1130, "Data sent for parameter 'type' is not valid."),
        ({"asset": "NOPE"}, -1130, "Data sent for parameter 'asset' is not valid."),
        ({"amount": "0"}, -1130, "Data sent for parameter 'amount' is not valid."),
        ({"amount": "99999999999999999999"}, -1130, "Data sent for parameter 'amount' is not va"),
        ({"amount": "0.000000001"}, -1111, "Parameter 'amount' has too much precision."),
        ({"amount": "5000001"}, -2010, POOR),
        ({"amount": ""}, -1102, "Mandatory parameter 'amount' was not sent, was empty/null, or"),
    ],
)
async def test_transfers_refused(
    rest: Rest, stand: Stand, change: dict[str, str], code: int, text: str
) -> None:
    before = await free(rest)
    status, told, message = await rest.refused("POST", PATH, **OUT | change)
    assert (status, told) == (400, code), message
    assert message.startswith(text)
    assert await free(rest) == before


async def test_a_frozen_account_moves_nothing(rest: Rest, stand: Stand) -> None:
    stand.apply(SetAccountState(account=2, state=AccountState.FROZEN))
    disabled = (400, -2010, "This action is disabled on this account.")
    assert await rest.refused("POST", PATH, **OUT) == disabled


async def test_a_key_needs_the_permission(rest: Rest) -> None:
    for person in ("bob", "reader"):
        assert (await rest.refused("POST", PATH, person, **OUT))[:2] == (401, -2015)


async def test_the_user_stream_tells_of_the_spot_wallet(rest: Rest, api: Api) -> None:
    assert (await api.signed("userDataStream.subscribe.signature"))["status"] == 200
    for kind, delta, left in (
        ("MAIN_FUNDING", "-1000.50000000", "4998999.50000000"),
        ("FUNDING_MAIN", "1000.50000000", "5000000.00000000"),
    ):
        await rest.ok("POST", PATH, **OUT | {"type": kind})
        moved = (await api.next_event())["event"]
        assert (moved["e"], moved["a"], moved["d"]) == ("balanceUpdate", "USDT", delta)
        position = (await api.next_event())["event"]
        assert position["e"] == "outboundAccountPosition"
        assert position["B"] == [{"a": "USDT", "f": left, "l": "0.00000000"}]
