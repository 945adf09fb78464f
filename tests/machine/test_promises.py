"""What a taker was promised before it met anybody is what it gets: or it might pay with nothing."""

from conditional import LOTS, iceberg, leg, oco, stop, trade
from engines import both
from market import ALICE, BOB, CAROL, LOT, Market

from flowex.messages.commands import Genesis, SetInstrumentState
from flowex.messages.enums import InstrumentState, OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.events import OrderTriggered, SelfTradePrevented
from flowex.messages.results import ResultCode


@both
def test_a_price_calls_orders_when_its_taker_is_done(engine: str) -> None:
    """The first price reaches the stop of an OCO whose other leg the taker meets next."""
    market = Market(engine)
    trade(market, 11_000)
    profit = leg(Side.SELL, OrderType.LIMIT_MAKER, ticks=12_000)
    assert not oco(
        market, ALICE, profit, leg(Side.SELL, OrderType.STOP_LOSS, stop_ticks=10_500)
    ).code
    market.sell(BOB, 10_000, LOTS)
    market.sell(BOB, 13_000, LOTS)
    market.market(CAROL, Side.BUY, quantity=2 * LOTS * LOT)
    assert [price for price, _ in market.trades()] == [10_000, 12_000]
    assert not market.happened(OrderTriggered)


@both
def test_an_iceberg_of_ones_own_ends_at_once(engine: str) -> None:
    """All of it, in thought as in deed: what it hides uses up no steps of the taker."""
    market = Market(engine, Genesis(exchange="story", fills_per_command=3))
    iceberg(market, CAROL, Side.SELL, 10_000, 5 * LOTS, LOTS)
    market.sell(BOB, 10_001, LOTS)
    taker = {"time_in_force": TimeInForce.FOK, "self_trade": SelfTrade.EXPIRE_MAKER}
    market.buy(CAROL, 10_001, LOTS, **taker)
    assert len(market.happened(SelfTradePrevented)) == 1
    assert market.trades() == [(10_001, LOTS)]


@both
def test_an_instrument_with_waiting_orders_does_not_close(engine: str) -> None:
    """They would wait for ever."""
    market = Market(engine)
    trade(market, 10_000)
    stop(market, ALICE, Side.SELL, OrderType.STOP_LOSS, stop_ticks=9_000)
    closing = SetInstrumentState(instrument=1, state=InstrumentState.CLOSED)
    assert market.send(closing).code == ResultCode.INSTRUMENT_HAS_ORDERS
