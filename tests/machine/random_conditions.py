"""Random triggers, icebergs, order lists and filters, for the worlds of ``random_commands``."""

from random import Random
from typing import Any, Final, NamedTuple

from flowex.messages.commands import Conditions, FiltersSet, InstrumentDefine, Leg
from flowex.messages.enums import ListShape, OrderType, Side, TimeInForce

STOPS: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
MARKETS: Final = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)


class Pair(NamedTuple):
    """An instrument's definition and the middle of its prices, in ticks."""

    number: int
    command: InstrumentDefine
    middle: int

    def price(self, ticks: int) -> int:
        """Return a price of at least a tick."""
        return max(ticks, 1) * self.command.price_tick


def waiting(chance: Random, pair: Pair, kind: OrderType, side: Side, last: int) -> dict[str, Any]:
    """Draw price, time in force and conditions of a stop or take-profit order."""
    above = (kind in STOPS) == (side == Side.BUY)
    ticks = (last // pair.command.price_tick or pair.middle) + chance.choice((1, 1, 2, 3, 8)) * (
        1 if above else -1
    )
    if chance.random() < 0.05:
        ticks = pair.middle
    stop = 0 if chance.random() < 0.3 else pair.price(ticks)
    delta = 0
    if not stop or chance.random() < 0.3:
        delta = chance.choice((1, 10, 100, 100, 300, 2_000, 9_999, 10_000))
    if kind in MARKETS:
        force, price = TimeInForce.IOC, 0
    else:
        force = chance.choices(tuple(TimeInForce), (60, 20, 18, 2))[0]
        price = pair.price(ticks + chance.choice((-3, -1, 0, 1, 3)))
    return {
        "price": price,
        "time_in_force": force,
        "stop_price": stop,
        "trailing_delta": delta,
    }


def displayed(chance: Random, pair: Pair, quantity: int) -> int:
    """Draw what an iceberg shows: a few lots, seldom too much or off its lot."""
    lot = pair.command.quantity_lot
    lots = quantity // lot
    if chance.random() < 0.05:
        return chance.choice((quantity + lot, quantity + 1, lot + 1))
    return chance.choice((1, 1, 2, max(lots // 2, 1), lots)) * lot


def strategy(chance: Random) -> dict[str, int]:
    """Draw a strategy, mostly none."""
    if chance.random() < 0.9:
        return {}
    return {"strategy_id": chance.choice((1, 77, -1)), "strategy_type": 1_000_000}


def conditions(fields: dict[str, Any]) -> None:
    """Put what belongs to ``Conditions`` into one."""
    given = {name: fields.pop(name) for name in Conditions.__struct_fields__ if name in fields}
    if any(given.values()):
        fields["conditions"] = Conditions(**given)


def list_fields(chance: Random, pair: Pair, last: int, quantity: int) -> dict[str, Any]:
    """Draw shape and legs of an order list, mostly a sensible one."""
    shape = chance.choices(tuple(ListShape), (50, 25, 25))[0]
    side = chance.choice(tuple(Side))
    legs: list[Leg] = []
    if shape != ListShape.OCO:
        away = chance.choice((-1, 0, 0, 1, 3))
        ticks = pair.middle - away if side == Side.BUY else pair.middle + away
        kind = chance.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER))
        force = chance.choices(tuple(TimeInForce)[:3], (80, 10, 10))[0]
        legs.append(
            Leg(
                price=pair.price(ticks),
                quantity=quantity,
                side=side,
                order_type=kind,
                time_in_force=TimeInForce.GTC if kind == OrderType.LIMIT_MAKER else force,
            )
        )
        side = Side(1 - side)
    if shape == ListShape.OTO:
        legs.append(_pending(chance, pair, side, last, quantity))
    else:
        legs += _pair_of(chance, pair, side, last, quantity)
    if chance.random() < 0.03:
        legs.reverse()
    return {"shape": shape, **dict(zip(("first", "second", "third"), legs, strict=False))}


def _pending(chance: Random, pair: Pair, side: Side, last: int, quantity: int) -> Leg:
    kind = chance.choice(tuple(OrderType))
    if kind in STOPS + PROFITS:
        fields = waiting(chance, pair, kind, side, last)
    else:
        away = chance.choice((-2, 0, 2, 5))
        is_market = kind == OrderType.MARKET
        fields = {
            "price": 0 if is_market else pair.price(pair.middle + away),
            "time_in_force": TimeInForce.IOC if is_market else TimeInForce.GTC,
        }
    return Leg(side=side, order_type=kind, quantity=quantity, **fields)


def _pair_of(chance: Random, pair: Pair, side: Side, last: int, quantity: int) -> list[Leg]:
    profit = chance.choice((OrderType.LIMIT_MAKER, OrderType.LIMIT_MAKER, *PROFITS))
    stop = chance.choice(STOPS)
    sign = 1 if side == Side.SELL else -1
    middle = last // pair.command.price_tick or pair.middle
    if profit == OrderType.LIMIT_MAKER:
        fields: dict[str, Any] = {
            "price": pair.price(middle + sign * chance.choice((1, 2, 4))),
            "display_quantity": displayed(chance, pair, quantity) if chance.random() < 0.1 else 0,
        }
    else:
        fields = waiting(chance, pair, profit, side, last)
    taker = Leg(side=side, order_type=profit, quantity=quantity, **fields)
    loser = Leg(
        side=side,
        order_type=stop,
        quantity=quantity if chance.random() < 0.97 else quantity * 2,
        **waiting(chance, pair, stop, side, last),
    )
    return [taker, loser] if side == Side.SELL else [loser, taker]


def filters(chance: Random, pair: Pair) -> FiltersSet:
    """Draw further filters, seldom unsound ones."""
    lot = pair.command.quantity_lot

    def some(*values: int) -> int:
        return chance.choice((0, 0, *values))

    return FiltersSet(
        instrument=chance.choice((pair.number, pair.number, pair.number, 99)),
        bid_up=some(10_020, 20_000),
        bid_down=some(9_900, 5_000, 30_000),
        ask_up=some(10_100, 50_000),
        ask_down=some(9_980, 8_000),
        average_minutes=some(1, 5, 60, 61),
        iceberg_parts_max=some(2, 10),
        market_lot=some(lot * 2),
        market_quantity_min=some(lot * 2),
        market_quantity_max=some(lot * 10),
        position_max=some(lot * 1_000, 1 << 62),
        orders_max=some(3, 20),
        algo_orders_max=some(1, 5),
        iceberg_orders_max=some(1, 1, 3),
        order_lists_max=some(1, 1, 1, 1, 1, 2),
        amends_max=some(1, 2),
        trailing_above_min=some(10),
        trailing_above_max=some(500),
        trailing_below_min=some(10),
        trailing_below_max=some(500, 5),
        market_notional=some(1, 2, 3, 4),
    )
