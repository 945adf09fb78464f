"""What only the vendor's SDK has: microseconds, rate limits read from headers, 404 by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from binance_common.errors import NotFoundError
from flow.foreign.scenes_market import BTC
from flow.foreign.scenes_orders import ALL, CANCEL, ONE, OPEN, PLACE, TRADES, limit, number
from flow.foreign.stage import Hand, Scenes, Stage

OWN = Scenes()


@contextmanager
def in_microseconds(hand: Hand) -> Iterator[None]:
    """Let the client ask for microseconds."""
    hand.raw.configuration.time_unit = "MICROSECOND"
    try:
        yield
    finally:
        hand.raw.configuration.time_unit = None


@OWN()
def times_in_microseconds(stage: Stage) -> None:
    alice = stage.alice
    with in_microseconds(alice):
        for label in ("GET /api/v3/time", "GET /api/v3/exchangeInfo", "GET /api/v3/account", OPEN):
            alice.ask(label)
        for label in (
            *("GET /api/v3/trades", "GET /api/v3/aggTrades", "GET /api/v3/avgPrice"),
            *("GET /api/v3/ticker/24hr", ALL, TRADES),
        ):
            alice.ask(label, symbol=BTC)
        alice.ask("GET /api/v3/klines", symbol=BTC, interval="1m")
        placed = alice.ask(PLACE, **limit("BUY", "49000.00"))
        alice.ask(ONE, symbol=BTC, orderId=number(placed))
        alice.ask(CANCEL, symbol=BTC, orderId=number(placed))


@OWN()
def rate_limits_are_read_from_the_headers(stage: Stage) -> None:
    answer = stage.alice.client.new_order(
        symbol=BTC, side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=49_000.0
    )
    kinds = {(one.rateLimitType, one.interval, one.intervalNum) for one in answer.rate_limits}
    assert kinds == {
        ("REQUEST_WEIGHT", "MINUTE", 1),
        ("ORDERS", "SECOND", 10),
        ("ORDERS", "DAY", 1),
    }
    stage.alice.ask(CANCEL, symbol=BTC, orderId=answer.data().order_id)


@OWN()
def what_is_not_served_is_not_found(stage: Stage) -> None:
    client = stage.alice.client
    order = {"symbol": BTC, "side": "BUY", "type": "LIMIT", "quantity": 0.01}
    working = {"working_type": "LIMIT", "working_side": "BUY", "working_price": 49_000.0}
    opo = {"symbol": BTC, "pending_side": "SELL", "working_quantity": 0.01} | working
    for function, arguments in (
        ("sor_order", order),
        ("sor_order_test", order),
        ("order_list_opo", opo | {"pending_type": "MARKET"}),
        ("order_list_opoco", opo | {"pending_above_type": "LIMIT_MAKER"}),
        ("execution_rules", {}),
        ("reference_price", {"symbol": BTC}),
        ("reference_price_calculation", {"symbol": BTC}),
        ("historical_block_trades", {"symbol": BTC, "from_id": 1}),
    ):
        with pytest.raises(NotFoundError) as raised:
            getattr(client, function)(**arguments)
        assert raised.value.status_code == -1020
        stage.kinds.add(raised.type.__name__)
