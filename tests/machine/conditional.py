"""Short words for stories about orders that wait, hide or depend on each other."""

from typing import Any

from market import BOB, CAROL, TICK, Market, order

from flowex.messages.commands import Conditions, FiltersSet, Leg, OrderListPlace
from flowex.messages.enums import EndReason, ListShape, OrderType, Side, TimeInForce, TriggerCause
from flowex.messages.events import (
    OrderAccepted,
    OrderExpired,
    OrderListChanged,
    OrderTriggered,
    Result,
)

LOTS = 100
"""Lots of a usual order: enough for the least notional at every price of the stories."""


def trade(market: Market, ticks: int, lots: int = LOTS) -> None:
    """Make BOB and CAROL trade at a price, in ticks; nobody else must be in the way."""
    market.sell(BOB, ticks, lots)
    sold = market.happened(OrderAccepted)[0].order
    market.buy(CAROL, ticks, lots)
    assert [trade[0] for trade in market.trades()][:1] == [ticks], f"order {sold} met somebody else"


def stop(
    market: Market,
    account: int,
    side: Side,
    kind: OrderType,
    *,
    ticks: int = 0,
    stop_ticks: int = 0,
    delta: int = 0,
    lots: int = LOTS,
    **more: Any,
) -> Result:
    """Place an order that waits; prices in ticks, IOC where it has no price of its own."""
    fields: dict[str, Any] = {
        "order_type": kind,
        "price": ticks * TICK,
        "quantity": lots * 100,
        "time_in_force": TimeInForce.GTC if ticks else TimeInForce.IOC,
        "conditions": Conditions(stop_price=stop_ticks * TICK, trailing_delta=delta),
    }
    return market.send(order(account, side, **(fields | more)))


def iceberg(market: Market, account: int, side: Side, ticks: int, lots: int, shown: int) -> Result:
    """Place a LIMIT order that shows so many lots at a time."""
    hidden = Conditions(display_quantity=shown * 100)
    return market.limit(account, side, ticks, lots, conditions=hidden)


def leg(side: Side, kind: OrderType, *, lots: int = LOTS, **ticks: int) -> Leg:
    """Return a leg: ``ticks`` is its price, ``stop_ticks`` its stop price, ``delta`` in 10^-4."""
    price = ticks.get("ticks", 0)
    return Leg(
        side=side,
        order_type=kind,
        price=price * TICK,
        quantity=lots * 100,
        stop_price=ticks.get("stop_ticks", 0) * TICK,
        trailing_delta=ticks.get("delta", 0),
        time_in_force=TimeInForce.GTC if price else TimeInForce.IOC,
    )


def oco(market: Market, account: int, above: Leg, below: Leg, **more: Any) -> Result:
    """Place an OCO."""
    return market.send(
        OrderListPlace(
            account=account, instrument=1, shape=ListShape.OCO, first=above, second=below, **more
        )
    )


def filters(market: Market, **fields: int) -> Result:
    """Give BTCUSDT further filters."""
    return market.send(FiltersSet(instrument=1, **fields))


def triggered(market: Market) -> list[tuple[int, TriggerCause]]:
    """Return which orders the last command moved on, and why."""
    return [(event.order, TriggerCause(event.cause)) for event in market.happened(OrderTriggered)]


def expired(market: Market) -> list[tuple[int, EndReason]]:
    """Return which orders the last command ended, and why."""
    return [(event.order, EndReason(event.reason)) for event in market.happened(OrderExpired)]


def lists(market: Market) -> list[tuple[int, int]]:
    """Return which lists the last command changed: (number, status)."""
    return [(event.order_list, event.status) for event in market.happened(OrderListChanged)]
