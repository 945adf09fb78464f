"""Scenes of filters: whichever the symbol announces refuses what it is there to refuse."""

import time
from typing import Any

from flow.foreign.scenes_lists import OTO, PENDING, WORKING
from flow.foreign.scenes_market import BTC
from flow.foreign.scenes_orders import AMEND, OPEN, PLACE, limit, number, sweep
from flow.foreign.stage import Scenes, Stage
from waiting import eventually_blocking

FILTERS = Scenes()

FILLER = "spot-sdk"
"""The client that fills up what a filter counts: once is enough, and orders are limited."""
TEN_SECONDS = 10

CANCEL_ALL = "DELETE /api/v3/openOrders"
COUNT_MAX = 30
"""A filter that allows more is not filled up here: the limit of orders in ten seconds is near."""
STOP: dict[str, Any] = {"symbol": BTC, "side": "SELL", "quantity": "0.001"}


def _fails(stage: Stage, name: str, label: str = PLACE, /, **order: Any) -> None:
    """See a filter refuse, if the symbol has it."""
    if name in stage.filters:
        refused = stage.alice.refused(-1013, label, **order)
        assert refused.text.endswith(f"Filter failure: {name}"), refused


def _last_price(stage: Stage) -> None:
    stage.alice.ask(PLACE, **limit("BUY", "50000.00", "0.001"))
    stage.bob.ask(PLACE, **limit("SELL", "50000.00", "0.001"))


def _limit_of(stage: Stage, name: str, field: str) -> int:
    """Return how many a filter allows, 0 if that is not for this client to fill up."""
    if stage.kind.name != FILLER:
        return 0
    count = int(stage.filters.get(name, {}).get(field, 0))
    return count if count <= COUNT_MAX else 0


@FILTERS(PLACE, AMEND)
def ten_new_seconds_begin(stage: Stage) -> None:
    """Wait until the count of orders begins anew: what follows places many."""
    if stage.kind.name == FILLER:
        now = int(time.time()) // TEN_SECONDS
        eventually_blocking(lambda: int(time.time()) // TEN_SECONDS != now, "a new window")


@FILTERS(PLACE)
def prices_far_from_the_average(stage: Stage) -> None:
    _last_price(stage)
    for name in ("PERCENT_PRICE", "PERCENT_PRICE_BY_SIDE"):
        _fails(stage, name, **limit("BUY", "1.00", "10"))
        _fails(stage, name, **limit("SELL", "400000.00", "0.001"))


@FILTERS(PLACE, needs=("icebergAllowed",))
def icebergs_of_too_many_parts(stage: Stage) -> None:
    _fails(stage, "ICEBERG_PARTS", **limit("BUY", "49000.00", "0.1", icebergQty="0.00001"))


@FILTERS(PLACE, needs=("allowTrailingStop", "STOP_LOSS"))
def trails_too_near_and_too_far(stage: Stage) -> None:
    _last_price(stage)
    for delta in (1, 90_000):
        _fails(stage, "TRAILING_DELTA", **STOP, type="STOP_LOSS", trailingDelta=delta)


@FILTERS(PLACE, OPEN, CANCEL_ALL, needs=("STOP_LOSS",))
def too_many_stops(stage: Stage) -> None:
    _last_price(stage)
    sweep(stage.alice)
    if count := _limit_of(stage, "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders"):
        stop = STOP | {"type": "STOP_LOSS", "stopPrice": "45000.00"}
        for _ in range(count):
            stage.alice.ask(PLACE, **stop)
        _fails(stage, "MAX_NUM_ALGO_ORDERS", **stop)
        sweep(stage.alice)


@FILTERS(PLACE, OPEN, CANCEL_ALL, needs=("icebergAllowed",))
def too_many_icebergs(stage: Stage) -> None:
    sweep(stage.alice)
    if count := _limit_of(stage, "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders"):
        iceberg = limit("BUY", "49000.00", "0.01", icebergQty="0.005")
        for _ in range(count):
            stage.alice.ask(PLACE, **iceberg)
        _fails(stage, "MAX_NUM_ICEBERG_ORDERS", **iceberg)
        sweep(stage.alice)


@FILTERS(OTO, OPEN, CANCEL_ALL, needs=("otoAllowed",))
def too_many_lists(stage: Stage) -> None:
    sweep(stage.bob)
    name = "MAX_NUM_ORDER_LISTS"
    if count := _limit_of(stage, name, "maxNumOrderLists"):
        for _ in range(count):
            stage.bob.ask(OTO, **WORKING, **PENDING)
        refused = stage.bob.refused(-1013, OTO, **WORKING, **PENDING)
        assert refused.text == f"Filter failure: {name}"
        sweep(stage.bob)


@FILTERS(PLACE, AMEND, OPEN, CANCEL_ALL, needs=("amendAllowed",))
def too_many_amendments(stage: Stage) -> None:
    alice = stage.alice
    if count := _limit_of(stage, "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends"):
        placed = number(alice.ask(PLACE, **limit("BUY", "49000.00", "1")))
        for turn in range(1, count + 2):
            amendment = {"symbol": BTC, "orderId": placed, "newQty": f"{1 - turn / 100:.2f}"}
            if turn <= count:
                alice.ask(AMEND, **amendment)
        refused = alice.refused(-2038, AMEND, **amendment)
        assert refused.text.endswith("Filter failure: MAX_NUM_ORDER_AMENDS"), refused
        sweep(alice)
