"""Scenes of the account and the wallet."""

from flow.foreign.scenes_market import BTC
from flow.foreign.scenes_orders import OPEN, PLACE, limit, number, sweep, told
from flow.foreign.stage import Scenes, Stage

STREAM = "/api/v3/userDataStream"
PREVENTED = "GET /api/v3/myPreventedMatches"

ACCOUNTS = Scenes()


@ACCOUNTS("GET /api/v3/account")
def balances(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/account")
    stage.alice.ask("GET /api/v3/account", omitZeroBalances="true")
    stage.alice.ask("GET /api/v3/account", recvWindow=60_000)


@ACCOUNTS("GET /api/v3/account", PLACE, "DELETE /api/v3/order")
def keys_of_every_kind(stage: Stage) -> None:
    for name in ("alice-ed25519", "alice-rsa"):
        alice = stage.hand(*stage.keys[name])
        alice.ask("GET /api/v3/account")
        placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
        alice.ask("DELETE /api/v3/order", symbol=BTC, orderId=number(placed))


@ACCOUNTS("GET /api/v3/account/commission")
def rates(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/account/commission", symbol=BTC)


@ACCOUNTS("GET /api/v3/rateLimit/order")
def order_limits(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/rateLimit/order")


@ACCOUNTS(PREVENTED, PLACE, OPEN, "DELETE /api/v3/openOrders")
def prevented_matches(stage: Stage) -> None:
    alice = stage.alice
    for mode in ("EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "EXPIRE_TAKER"):
        alice.ask(PLACE, **limit("BUY", "50000.00"))
        more = {"selfTradePreventionMode": mode, "newOrderRespType": "RESULT"}
        met = alice.ask(PLACE, **limit("SELL", "50000.00", **more))
        assert alice.ask(PREVENTED, symbol=BTC, orderId=number(met)), mode
        sweep(alice)
    match = told(met, "preventedMatchId")
    assert len(alice.ask(PREVENTED, symbol=BTC, preventedMatchId=match)) == 1
    from_match = {"orderId": number(met), "fromPreventedMatchId": match, "limit": 1}
    alice.ask(PREVENTED, symbol=BTC, **from_match)


@ACCOUNTS("GET /api/v3/myAllocations")
def allocations(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/myAllocations", symbol=BTC)


@ACCOUNTS("GET /api/v3/myFilters")
def filters_of_the_account(stage: Stage) -> None:
    stage.alice.ask("GET /api/v3/myFilters", symbol=BTC)


@ACCOUNTS(f"POST {STREAM}", f"PUT {STREAM}", f"DELETE {STREAM}")
def a_listen_key_lives_and_ends(stage: Stage) -> None:
    answer = stage.alice.ask(f"POST {STREAM}")
    key = answer if isinstance(answer, str) else answer["listenKey"]
    stage.alice.ask(f"PUT {STREAM}", listenKey=key)
    stage.alice.ask(f"DELETE {STREAM}", listenKey=key)
    stage.alice.refused(-1125, f"PUT {STREAM}", listenKey=key)


@ACCOUNTS("GET /sapi/v1/system/status", "GET /sapi/v1/capital/config/getall")
def the_wallet(stage: Stage) -> None:
    stage.alice.ask("GET /sapi/v1/system/status")
    stage.alice.ask("GET /sapi/v1/capital/config/getall")


@ACCOUNTS("GET /sapi/v1/asset/tradeFee")
def fees(stage: Stage) -> None:
    stage.alice.ask("GET /sapi/v1/asset/tradeFee")
    stage.alice.ask("GET /sapi/v1/asset/tradeFee", symbol=BTC)


@ACCOUNTS("POST /sapi/v1/asset/transfer", "GET /sapi/v1/asset/transfer")
def money_moves_between_wallets(stage: Stage) -> None:
    label = "/sapi/v1/asset/transfer"
    for way in ("MAIN_FUNDING", "FUNDING_MAIN"):
        stage.alice.ask(f"POST {label}", type=way, asset="USDT", amount="10.5")
        page = stage.alice.ask(f"GET {label}", type=way, size=1)
        assert (int(page["total"]), len(page["rows"])) == (1, 1), way
    for way in ("MAIN_UMFUTURE", "UMFUTURE_MAIN"):
        stage.alice.refused(-1020, f"POST {label}", type=way, asset="USDT", amount="10.5")
    stage.alice.refused(-2010, f"POST {label}", type="FUNDING_MAIN", asset="USDT", amount="1000000")


@ACCOUNTS("GET /sapi/v1/margin/allPairs", "GET /sapi/v1/margin/isolated/allPairs")
def no_margin(stage: Stage) -> None:
    assert stage.alice.ask("GET /sapi/v1/margin/allPairs") == []
    assert stage.alice.ask("GET /sapi/v1/margin/isolated/allPairs") == []


@ACCOUNTS("GET /dapi/v1/exchangeInfo", "GET /fapi/v1/exchangeInfo")
def no_contracts(stage: Stage) -> None:
    stage.alice.ask("GET /dapi/v1/exchangeInfo")
    stage.alice.ask("GET /fapi/v1/exchangeInfo")
