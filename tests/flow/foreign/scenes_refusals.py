"""Scenes of refusals: every code of the contract that a client can provoke; the limits at last."""

from typing import Any

from flow.foreign.scenes_account import STREAM
from flow.foreign.scenes_market import BTC, ETH, server_time
from flow.foreign.scenes_orders import (
    CANCEL,
    CANCEL_ALL,
    ONE,
    OPEN,
    PLACE,
    TRADES,
    limit,
    market,
    number,
    sweep,
)
from flow.foreign.stage import Scenes, Stage

REFUSALS = Scenes()
LIMITS = Scenes()

ACCOUNT, INFO = "GET /api/v3/account", "GET /api/v3/exchangeInfo"
DAY_MILLISECONDS = 24 * 60 * 60 * 1_000
ORDERS_TRIED_MAX = 300
REQUESTS_TRIED_MAX = 160


@REFUSALS(ACCOUNT)
def keys_that_are_none(stage: Stage) -> None:
    stage.bungler.refused(-2014, ACCOUNT)
    stage.stranger.refused(-2015, ACCOUNT)
    stage.forger.refused(-1022, ACCOUNT)


@REFUSALS(ACCOUNT)
def clocks_that_are_wrong(stage: Stage) -> None:
    late = "Timestamp for this request is outside of the recvWindow."
    ahead = "Timestamp for this request was 1000ms ahead of the server's time."
    for milliseconds, text in ((-10_000, late), (10_000, ahead)):
        with stage.alice.shifted(milliseconds):
            refused = stage.alice.refused(-1021, ACCOUNT)
        assert refused.text.endswith(text), refused


@REFUSALS(PLACE)
def filters_refuse_orders(stage: Stage) -> None:
    def fails(name: str, **order: Any) -> None:
        refused = stage.alice.refused(-1013, PLACE, **order)
        assert refused.text.endswith(name), refused

    fails("PRICE_FILTER", **limit("BUY", "50000.001"))
    fails("LOT_SIZE", **limit("BUY", "50000.00", "0.0100001"))
    fails("LOT_SIZE", **limit("BUY", "50000.00", "100000"))
    fails("NOTIONAL", **limit("BUY", "50000.00", "0.00001"))


@REFUSALS(PLACE)
def parameters_of_orders(stage: Stage) -> None:
    refused = stage.alice.refused
    good = limit("BUY", "50000.00")
    for code, changes in (
        (-1100, {"quantity": "much"}),
        (-1100, {"newClientOrderId": "x" * 37}),
        (-1102, {"quantity": None}),
        (-1105, {"price": ""}),
        (-1106, {"type": "MARKET", "timeInForce": None}),
        (-1111, {"price": "50000.000000001"}),
        (-1114, {"type": "LIMIT_MAKER", "timeInForce": "IOC"}),
        (-1115, {"timeInForce": "LATER"}),
        (-1116, {"type": "WISH"}),
        (-1117, {"side": "HOLD"}),
        (-1118, {"newClientOrderId": ""}),
        (-1121, {"symbol": "GOLDUSDT"}),
        (-1130, {"selfTradePreventionMode": "NEVER"}),
        (-1130, {"selfTradePreventionMode": "TRANSFER"}),
        (-1131, {"recvWindow": 60_001}),
        (-1134, {"strategyType": 1}),
        (-1136, {"newOrderRespType": "SHORT"}),
    ):
        order = {name: value for name, value in (good | changes).items() if value is not None}
        refused(code, PLACE, **order)
    refused(-1101, PLACE, **good, **{f"p{n}": n for n in range(70)})
    refused(-1102, PLACE, **market("BUY"))


@REFUSALS(ONE, CANCEL)
def orders_that_nobody_named(stage: Stage) -> None:
    for label in (ONE, CANCEL):
        stage.alice.refused(-1102, label, symbol=BTC)
        stage.alice.refused(-1119, label, symbol=BTC, origClientOrderId="")
    stage.alice.refused(-2013, ONE, symbol=BTC, orderId=999_999_999)
    stage.alice.refused(-2011, CANCEL, symbol=BTC, orderId=999_999_999)


@REFUSALS(PLACE, ONE, CANCEL)
def orders_named_wrongly(stage: Stage) -> None:
    alice = stage.alice
    placed = number(alice.ask(PLACE, **limit("BUY", "49000.00", newClientOrderId="right")))
    alice.refused(-2039, ONE, symbol=BTC, orderId=placed, origClientOrderId="wrong")
    alice.refused(-1145, CANCEL, symbol=BTC, orderId=placed, cancelRestrictions="NEVER")
    restricted = {"orderId": placed, "cancelRestrictions": "ONLY_PARTIALLY_FILLED"}
    refused = alice.refused(-2011, CANCEL, symbol=BTC, **restricted)
    assert refused.text.endswith("Order was not canceled due to cancel restrictions.")
    stage.bob.refused(-2011, CANCEL, symbol=BTC, orderId=placed)
    alice.ask(CANCEL, symbol=BTC, orderId=placed)


@REFUSALS(PLACE, OPEN, CANCEL_ALL)
def orders_that_are_not_taken(stage: Stage) -> None:
    def reason(hand: Any, text: str, **order: Any) -> None:
        refused = hand.refused(-2010, PLACE, **order)
        assert refused.text.endswith(text), refused

    alice, bob = stage.alice, stage.bob
    poor = "Account has insufficient balance for requested action."
    reason(alice, poor, **limit("BUY", "50000.00", "150"))
    alice.ask(PLACE, **limit("BUY", "50000.00", newClientOrderId="twin"))
    reason(alice, "Duplicate order sent.", **limit("BUY", "49000.00", newClientOrderId="twin"))
    maker = {"symbol": BTC, "side": "SELL", "type": "LIMIT_MAKER", "quantity": "0.01"}
    reason(bob, "Order would immediately match and take.", **maker, price="50000.00")
    sweep(alice)


@REFUSALS("GET /api/v3/klines", "GET /api/v3/aggTrades", "GET /api/v3/ticker/price", TRADES)
def parameters_of_questions(stage: Stage) -> None:
    refused = stage.alice.refused
    refused(-1120, "GET /api/v3/klines", symbol=BTC, interval="1y")
    refused(-1121, "GET /api/v3/klines", symbol="GOLDUSDT", interval="1m")
    now = server_time(stage.alice)
    refused(-1128, "GET /api/v3/aggTrades", symbol=BTC, fromId=1, startTime=now)
    times = {"startTime": now - 2 * DAY_MILLISECONDS, "endTime": now}
    refused(-1127, TRADES, symbol=BTC, **times)
    refused(-1128, TRADES, symbol=BTC, fromId=1, startTime=now)
    refused(-1151, "GET /api/v3/ticker/price", symbols=f'["{BTC}","{ETH}","{BTC}"]')
    refused(-1130, "GET /api/v3/ticker/24hr", symbol=BTC, type="TINY")


@REFUSALS("GET /api/v3/depth", "GET /api/v3/ticker/price")
def symbols_of_another_status(stage: Stage) -> None:
    for label in ("GET /api/v3/depth", "GET /api/v3/ticker/price"):
        stage.alice.refused(-1220, label, symbol=BTC, symbolStatus="HALT")


@REFUSALS(INFO)
def parameters_of_exchange_info(stage: Stage) -> None:
    if stage.kind.name == "python-binance":
        return  # Its function takes no parameters.
    stage.alice.refused(-1122, INFO, symbolStatus="SLEEPING")
    stage.alice.refused(-1121, INFO, symbol="GOLDUSDT")


@REFUSALS(f"PUT {STREAM}", f"DELETE {STREAM}")
def listen_keys_that_are_none(stage: Stage) -> None:
    stage.alice.refused(-1125, f"PUT {STREAM}", listenKey="k" * 64)
    stage.alice.refused(-1125, f"DELETE {STREAM}", listenKey="k" * 64)


@LIMITS(PLACE, OPEN)
def too_many_orders(stage: Stage) -> None:
    """Orders that rest count; the hundredth in ten seconds is the last."""

    def place_many() -> None:
        for _ in range(ORDERS_TRIED_MAX):
            stage.bob.ask(PLACE, **limit("SELL", "60000.00", "0.001"))

    stage.bob.fails(-1015, place_many)


@LIMITS("GET /api/v3/ticker/24hr")
def too_many_requests(stage: Stage) -> None:
    """Who uses up the weight is told to wait; who goes on is banned."""

    def ask_often() -> None:
        for _ in range(REQUESTS_TRIED_MAX):
            stage.alice.ask("GET /api/v3/ticker/24hr")

    kinds = [stage.alice.fails(-1003, ask_often).kind for _ in range(25)]
    stage.notes["limited"] = sorted(set(kinds))
