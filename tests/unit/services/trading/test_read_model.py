from feeds import (
    ACCOUNTS,
    BTC,
    BTCUSDT,
    ETHBTC,
    FRAMES,
    USDT,
    Exchange,
    market,
    place,
    run,
)
from hypothesis import given, settings
from msgspec.structs import asdict

from flowex.messages.commands import (
    Credit,
    Halt,
    OrderAmend,
    OrderCancel,
    OrderReplace,
)
from flowex.messages.enums import AmendFlag, EndReason, SelfTrade, Side, TimeInForce
from flowex.messages.events import BalanceChanged, FundsMoved, OrderAccepted, Traded
from flowex.messages.state import StateBalance, StateOrder
from flowex.ports.trading import AccountEvent, OrderStatus, OrderView
from flowex.services.trading.read_model import ReadModel

ALICE, BOB, CAROL, DAVE = ACCOUNTS


def told(exchange: Exchange) -> ReadModel:
    model = ReadModel()
    for batch in exchange.batches:
        model.apply(batch)
    return model


def follow(exchange: Exchange, account: int) -> list[AccountEvent]:
    model, heard = ReadModel(), list[AccountEvent]()
    model.follow(account, heard.append)
    for batch in exchange.batches:
        model.apply(batch)
    return heard


def view(model: ReadModel, order: int) -> OrderView:
    return model.orders.views[order]


def test_an_order_rests_fills_partly_and_then_completely() -> None:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.BUY, 0, 5, client_id="mine")])
    assert view(told(exchange), 1).status is OrderStatus.NEW
    exchange.frame([place(CAROL, Side.SELL, 0, 2)])
    partly = view(told(exchange), 1)
    assert (partly.status, partly.filled) == (OrderStatus.PARTIALLY_FILLED, 20)
    assert partly.quote_filled == 20 * partly.price
    assert partly.update_time > partly.time
    exchange.frame([place(DAVE, Side.SELL, -1, 3)])
    model = told(exchange)
    assert view(model, 1).status is OrderStatus.FILLED
    assert not model.accounts[ALICE].open
    assert model.accounts[ALICE].by_client_id[BTCUSDT, "mine"] is view(model, 1)


def test_orders_end_as_their_events_say() -> None:
    exchange = Exchange()
    exchange.frame(
        [
            place(ALICE, Side.BUY, 0, 1),
            OrderCancel(account=ALICE, order=1),
            place(ALICE, Side.BUY, 0, 1, time_in_force=TimeInForce.IOC),
            place(ALICE, Side.SELL, 0, 4),
            place(ALICE, Side.BUY, 0, 1, self_trade=SelfTrade.EXPIRE_TAKER),
            market(CAROL, Side.BUY, quote_amount=60_000_000 * 25),
        ]
    )
    model = told(exchange)
    stands = {number: (known.status, known.end_reason) for number, known in _views(model)}
    assert stands == {
        1: (OrderStatus.CANCELED, EndReason.REQUESTED),
        2: (OrderStatus.EXPIRED, EndReason.NO_LIQUIDITY),
        3: (OrderStatus.PARTIALLY_FILLED, 0),
        4: (OrderStatus.EXPIRED_IN_MATCH, EndReason.SELF_TRADE),
        5: (OrderStatus.FILLED, EndReason.QUOTE_SPENT),
    }
    assert view(model, 4).prevented == 10
    assert view(model, 5).filled == 20


def _views(model: ReadModel) -> list[tuple[int, OrderView]]:
    return sorted(model.orders.views.items())


def test_amend_and_replace_change_the_order() -> None:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.BUY, 0, 5)])
    exchange.frame(
        [
            OrderAmend(account=ALICE, order=1, quantity=10, flags=AmendFlag.REDUCE_BY),
            OrderReplace(account=ALICE, order=1, price=60_000_010),
        ]
    )
    known = view(told(exchange), 1)
    assert (known.quantity, known.price, known.status) == (40, 60_000_010, OrderStatus.NEW)


def test_a_listener_hears_its_account_in_engine_order() -> None:
    exchange = Exchange()
    exchange.batches.clear()
    exchange.frame([place(ALICE, Side.BUY, 0, 5)])
    exchange.frame([place(CAROL, Side.SELL, 0, 2)])
    model = ReadModel()
    model.seed(Exchange().state())
    heard = list[AccountEvent]()
    stop = model.follow(ALICE, heard.append)
    for batch in exchange.batches:
        model.apply(batch)
    kinds = [type(known.event) for known in heard]
    assert kinds == [OrderAccepted, BalanceChanged, Traded, BalanceChanged, BalanceChanged]
    fill = heard[2].fill
    assert fill is not None
    assert (fill.order, fill.side, fill.is_maker, fill.quantity) == (1, Side.BUY, True, 20)
    assert fill.fee == 20 * 1_000 * 50_000 // 100_000_000
    assert fill.fee_asset == BTC
    stop()
    model.apply(exchange.frame([OrderCancel(account=ALICE, order=1)]))
    assert len(heard) == 5


def test_a_self_trade_is_told_twice_and_a_deposit_once() -> None:
    exchange = Exchange()
    exchange.batches.clear()
    exchange.frame(
        [
            place(ALICE, Side.BUY, 0, 5),
            place(ALICE, Side.SELL, 0, 5, self_trade=SelfTrade.NONE),
            Credit(account=ALICE, asset=USDT, amount=5, source=9, source_sequence=1),
        ]
    )
    model = ReadModel()
    model.seed(Exchange().state())
    heard = list[AccountEvent]()
    model.follow(ALICE, heard.append)
    model.apply(exchange.batches[0])
    fills = [known.fill for known in heard if known.fill]
    assert [(fill.order, fill.is_maker) for fill in fills] == [(2, False), (1, True)]
    assert [type(known.event) for known in heard].count(FundsMoved) == 1


def test_halt_and_instruments_follow_the_feed() -> None:
    exchange = Exchange()
    exchange.frame([Halt(halted=1)])
    model = told(exchange)
    assert model.directory.is_halted
    assert [one.symbol for one in model.directory.instruments.values()] == ["BTCUSDT", "ETHBTC"]
    assert model.directory.by_symbol["ETHBTC"].id == ETHBTC
    assert model.directory.by_symbol["BTCUSDT"].price_decimals == 3


def test_a_batch_that_is_known_changes_nothing() -> None:
    exchange = Exchange()
    exchange.frame([place(ALICE, Side.BUY, 0, 5), place(CAROL, Side.SELL, 0, 2)])
    model = told(exchange)
    model.apply(exchange.batches[-1])
    assert view(model, 1).filled == 20


@settings(max_examples=60, deadline=None)
@given(FRAMES)
def test_the_read_model_equals_the_machine(frames: list[tuple[list, int]]) -> None:  # type: ignore[type-arg]
    exchange = run(frames)
    model = told(exchange)
    state = exchange.state()
    assert _open(model) == {
        record.id: (
            record.account,
            record.instrument,
            record.side,
            record.price,
            record.quantity,
            record.filled,
            record.prevented,
            record.quote_filled,
            record.client_id,
        )
        for record in state
        if isinstance(record, StateOrder)
    }
    balances = {
        (account.number, asset): balance
        for account in model.accounts.values()
        for asset, balance in account.balances.items()
    }
    assert balances == {
        (record.account, record.id): (record.free, record.held)
        for record in state
        if isinstance(record, StateBalance)
    }
    for known in model.orders.views.values():
        assert known.filled + known.prevented <= known.quantity or known.quote_amount


@settings(max_examples=40, deadline=None)
@given(FRAMES, FRAMES)
def test_a_seeded_model_goes_on_like_one_that_was_there_from_the_beginning(
    before: list[tuple[list, int]],  # type: ignore[type-arg]
    after: list[tuple[list, int]],  # type: ignore[type-arg]
) -> None:
    exchange = run(before)
    whole = told(exchange)
    seeded = ReadModel()
    seeded.load(
        [known for known in whole.orders.views.values() if known.is_open],
        [known for known in whole.lists.views.values() if known.is_open],
    )
    seeded.seed(exchange.state())
    for commands, wait in after:
        batch = exchange.frame(commands, wait)
        whole.apply(batch)
        seeded.apply(batch)
    for number, known in seeded.orders.views.items():
        assert asdict(known) == asdict(whole.orders.views[number])
    assert _open(seeded) == _open(whole)
    for number, account in seeded.accounts.items():
        assert list(account.open) == list(whole.accounts[number].open)
        assert list(account.lists) == list(whole.accounts[number].lists)
    assert {n: a.balances for n, a in seeded.accounts.items()} == {
        n: a.balances for n, a in whole.accounts.items()
    }
    assert seeded.directory.instruments == whole.directory.instruments


def test_a_seeded_model_tells_open_orders_oldest_first() -> None:
    exchange = Exchange()
    exchange.frame(
        [
            place(ALICE, Side.SELL, 9, 1, instrument=ETHBTC),
            place(ALICE, Side.SELL, 9, 1),
            place(ALICE, Side.BUY, -9, 1),
            place(ALICE, Side.BUY, -5, 1),
        ]
    )
    state = list(exchange.state())
    assert [one.id for one in state if isinstance(one, StateOrder)] != [1, 2, 3, 4]
    seeded = ReadModel()
    seeded.seed(state)
    assert list(seeded.accounts[ALICE].open) == [1, 2, 3, 4]


def _open(model: ReadModel) -> dict[int, tuple[int | str, ...]]:
    return {
        known.order: (
            known.account,
            known.instrument,
            known.side,
            known.price,
            known.quantity,
            known.filled,
            known.prevented,
            known.quote_filled,
            known.client_id,
        )
        for account in model.accounts.values()
        for known in account.open.values()
    }
