"""A maker's ladder, on orders that do what they are told."""

from hypothesis import given
from hypothesis import strategies as st

from flowex.messages.commands import Command, OrderCancel, OrderPlace, OrderReplace
from flowex.messages.enums import OrderType, Side
from flowex.ports.trading import Asset, Instrument, OrderStatus, OrderView
from flowex.services.simulation.maker import FILLS_MAX, RUNGS, WORTH_UNITS, Maker

BTC, USDT, ETH = Asset(1, "BTC", 8), Asset(2, "USDT", 8), Asset(3, "ETH", 8)


def instrument(base: Asset, quote: Asset, quantity_decimals: int, tick: int) -> Instrument:
    return Instrument(
        id=1,
        symbol=base.code + quote.code,
        base=base,
        quote=quote,
        quantity_decimals=quantity_decimals,
        state=1,
        maker_rate=0,
        taker_rate=0,
        price_tick=tick,
        price_min=tick,
        price_max=10**12,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=10**12,
        notional_min=0,
        notional_max=0,
    )


BTCUSDT = Maker(4, instrument(BTC, USDT, 5, 10), rung=12_000, size=15_000)
ETHBTC = Maker(6, instrument(ETH, BTC, 3, 1), rung=1, size=2_000)
WORTHS = {BTCUSDT: 60_000_000, ETHBTC: 5_000}


class Ladder:
    """The maker's open orders; every command is carried out, and none may cross the other side."""

    def __init__(self, maker: Maker, worth: int) -> None:
        self.maker = maker
        self.orders: dict[int, OrderView] = {}
        self.commands: list[Command] = []
        self.follow(worth * WORTH_UNITS)

    def follow(self, worth: int) -> int:
        """Let the maker plan, and return how many commands that took."""
        self.commands = self.maker.plan(list(self.orders.values()), worth)
        for command in self.commands:
            self._carry_out(command)
            assert self.bids[0] < self.asks[0] if self.bids and self.asks else True
        return len(self.commands)

    def fill(self, side: Side, steps: int, percent: int) -> None:
        """Let somebody trade with the order so many rungs from the middle."""
        price = (self.bids if side == Side.BUY else self.asks)[steps]
        order = next(one for one in self.orders.values() if one.price == price)
        order.filled += (order.quantity - order.filled) * percent // 100
        if order.filled == order.quantity:
            del self.orders[order.order]

    @property
    def bids(self) -> list[int]:
        prices = (one.price for one in self.orders.values() if one.side == Side.BUY)
        return sorted(prices, reverse=True)

    @property
    def asks(self) -> list[int]:
        return sorted(one.price for one in self.orders.values() if one.side == Side.SELL)

    def _carry_out(self, command: Command) -> None:
        match command:
            case OrderPlace():
                number = max(self.orders, default=0) + 1
                self.orders[number] = _view(command, number)
            case OrderReplace():
                order = self.orders[command.order]
                assert command.quantity > order.filled
                order.price, order.quantity = command.price, command.quantity
            case OrderCancel():
                del self.orders[command.order]


def _view(command: OrderPlace, number: int) -> OrderView:
    return OrderView(
        order=number,
        account=command.account,
        instrument=command.instrument,
        client_id="",
        side=command.side,
        order_type=OrderType.LIMIT,
        time_in_force=0,
        self_trade=0,
        price=command.price,
        quantity=command.quantity,
        quote_amount=0,
        expire_time=0,
        status=OrderStatus.NEW,
        filled=0,
        quote_filled=0,
        prevented=0,
        time=0,
        update_time=0,
    )


def assert_whole(ladder: Ladder) -> None:
    bids, asks = ladder.bids, ladder.asks
    assert len(set(bids)) == len(set(asks)) == RUNGS
    assert 0 < (asks[0] - bids[0]) * 2_000 <= bids[0]
    assert all(price % ladder.maker.instrument.price_tick == 0 for price in bids + asks)


def test_the_ladder_stands_around_the_worth() -> None:
    for maker, worth in WORTHS.items():
        ladder = Ladder(maker, worth)
        assert_whole(ladder)
        assert ladder.bids[-1] < worth < ladder.asks[-1]
        assert abs(ladder.bids[0] + ladder.asks[0] - 2 * worth) <= 3 * maker.rung


def test_nothing_to_do_costs_nothing() -> None:
    for maker, worth in WORTHS.items():
        ladder = Ladder(maker, worth)
        assert ladder.follow(worth * WORTH_UNITS) == 0


def test_a_rung_up_or_down_is_two_commands() -> None:
    for maker, worth in WORTHS.items():
        rung = maker.rung * WORTH_UNITS
        between_rungs = worth * WORTH_UNITS + rung * 3 // 4
        for rungs in (1, -1):
            ladder = Ladder(maker, worth)
            ladder.follow(between_rungs)
            assert ladder.follow(between_rungs + rungs * rung) == 2
            assert_whole(ladder)


def test_a_little_up_and_down_is_nothing() -> None:
    for maker, worth in WORTHS.items():
        rung = maker.rung * WORTH_UNITS
        ladder = Ladder(maker, worth)
        ladder.follow(worth * WORTH_UNITS + rung * 3 // 4)
        assert ladder.follow(worth * WORTH_UNITS) == 0
        assert ladder.follow(worth * WORTH_UNITS + rung * 3 // 2) == 0


def test_a_filled_order_is_filled_up() -> None:
    for side in Side:
        ladder = Ladder(BTCUSDT, WORTHS[BTCUSDT])
        ladder.fill(side, 3, 50)
        assert ladder.follow(WORTHS[BTCUSDT] * WORTH_UNITS) == 0  # Half is enough for now.
        ladder.fill(side, 3, 50)
        assert ladder.follow(WORTHS[BTCUSDT] * WORTH_UNITS) == 1
        ladder.fill(side, 0, 100)
        assert 1 <= ladder.follow(WORTHS[BTCUSDT] * WORTH_UNITS) <= 2
        assert_whole(ladder)


def test_an_order_filled_up_too_often_makes_room_for_a_new_one() -> None:
    ladder = Ladder(BTCUSDT, WORTHS[BTCUSDT])
    order = next(iter(ladder.orders.values()))
    order.quantity = order.filled = order.quantity * (FILLS_MAX + 1)
    order.quantity += 1
    ladder.follow(WORTHS[BTCUSDT] * WORTH_UNITS)
    assert order.order not in ladder.orders
    ladder.follow(WORTHS[BTCUSDT] * WORTH_UNITS)
    assert_whole(ladder)


_event = st.one_of(
    st.tuples(st.just("worth"), st.integers(-60_000, 60_000)),
    st.tuples(st.just("jump"), st.integers(-3_000_000, 3_000_000)),
    st.tuples(
        st.just("fill"), st.tuples(st.sampled_from(Side), st.integers(0, 5), st.integers(1, 100))
    ),
)


@given(st.lists(_event, max_size=40))
def test_whatever_happens_the_ladder_is_whole_again(happenings: list[tuple[str, object]]) -> None:
    ladder, worth = Ladder(BTCUSDT, WORTHS[BTCUSDT]), WORTHS[BTCUSDT]
    for kind, what in happenings:
        if kind == "fill":
            side, steps, percent = what
            ladder.fill(side, steps, percent)
        else:
            worth += what  # type: ignore[operator]  # the strategy's own integer
        ladder.follow(worth * WORTH_UNITS)
        ladder.follow(worth * WORTH_UNITS)
        assert_whole(ladder)
