"""Money in, out and between accounts: once per source number, to the atom, never below zero."""

from engines import both, make
from market import ALICE, BOB, BTC, FUNDS_ATOMS, USDT, Market, definition, refused

from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    ClockTick,
    Command,
    Credit,
    FeeSet,
    Genesis,
    Hold,
    LimitSet,
    Release,
    RulesVersion,
    SetAccountState,
    Settle,
    Transfer,
)
from flowex.messages.enums import AccountState, Limit
from flowex.messages.events import FundsMoved, HoldChanged, Result, Traded, decode_events
from flowex.messages.results import ResultCode
from flowex.units.integers import SUPPLY_MAX

pytestmark = both
SOURCE = 9


class _Numbers:
    """Numbers the money commands of one source."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> dict[str, int]:
        self.last += 1
        return {"source": SOURCE, "source_sequence": self.last}


def test_a_retried_credit_is_refused_for_ever(engine: str) -> None:
    market = Market(engine)
    credit = Credit(account=ALICE, asset=BTC, amount=5, source=SOURCE, source_sequence=1)
    assert market.send(credit).code == ResultCode.OK
    assert market.happened(FundsMoved)[0].to_account == ALICE
    assert refused(market.send(credit)) == ResultCode.SOURCE_REPEATED
    gap = Credit(account=ALICE, asset=BTC, amount=5, source=SOURCE, source_sequence=3)
    assert refused(market.send(gap)) == ResultCode.SOURCE_GAP
    assert market.balance(ALICE, BTC) == (FUNDS_ATOMS + 5, 0)


def test_a_refused_credit_uses_no_number(engine: str) -> None:
    market = Market(engine)
    numbers = {"source": SOURCE, "source_sequence": 1}
    too_much = Credit(account=ALICE, asset=BTC, amount=SUPPLY_MAX, **numbers)
    assert refused(market.send(too_much)) == ResultCode.SUPPLY_EXCEEDED
    nothing = Credit(account=ALICE, asset=BTC, amount=0, **numbers)
    assert refused(market.send(nothing)) == ResultCode.INVALID_AMOUNT
    assert market.send(Credit(account=ALICE, asset=BTC, amount=1, **numbers)).code == ResultCode.OK


def test_a_withdrawal_holds_then_settles_and_releases(engine: str) -> None:
    market, numbers = Market(engine), _Numbers()
    hold = market.send(Hold(account=ALICE, asset=BTC, amount=100, **numbers.next())).id
    assert market.balance(ALICE, BTC) == (FUNDS_ATOMS - 100, 100)
    of_bob = Settle(account=BOB, hold=hold, amount=1, source=SOURCE, source_sequence=2)
    assert refused(market.send(of_bob)) == ResultCode.UNKNOWN_HOLD
    market.send(Settle(account=ALICE, hold=hold, amount=70, **numbers.next()))
    assert market.balance(ALICE, BTC) == (FUNDS_ATOMS - 100, 30)
    more = Release(account=ALICE, hold=hold, amount=31, source=SOURCE, source_sequence=3)
    assert refused(market.send(more)) == ResultCode.HOLD_EXCEEDED
    market.send(Release(account=ALICE, hold=hold, amount=30, **numbers.next()))
    assert market.happened(HoldChanged)[0].remaining == 0
    assert market.balance(ALICE, BTC) == (FUNDS_ATOMS - 70, 0)


def test_a_transfer_moves_and_never_overdraws(engine: str) -> None:
    market, numbers = Market(engine), _Numbers()
    transfer = {"account": ALICE, "to_account": BOB, "asset": USDT}
    market.send(Transfer(**transfer, amount=7, **numbers.next()))
    assert market.balance(BOB, USDT) == (FUNDS_ATOMS + 7, 0)
    too_much = Transfer(**transfer, amount=FUNDS_ATOMS, source=SOURCE, source_sequence=2)
    assert refused(market.send(too_much)) == ResultCode.INSUFFICIENT_FUNDS
    to_self = Transfer(account=ALICE, to_account=ALICE, asset=USDT, amount=1)
    assert refused(market.send(to_self)) == ResultCode.INVALID_AMOUNT


def test_a_frozen_account_lets_no_money_out_but_in(engine: str) -> None:
    market, numbers = Market(engine), _Numbers()
    market.send(SetAccountState(account=ALICE, state=AccountState.FROZEN))
    refusals: list[Command] = [
        Hold(account=ALICE, asset=BTC, amount=1),
        Transfer(account=ALICE, to_account=BOB, asset=BTC, amount=1),
    ]
    for command in refusals:
        assert refused(market.send(command)) == ResultCode.ACCOUNT_RESTRICTED
    credit = Credit(account=ALICE, asset=BTC, amount=1, **numbers.next())
    assert market.send(credit).code == ResultCode.OK


def test_an_account_may_have_its_own_fees(engine: str) -> None:
    market = Market(engine)
    market.send(FeeSet(account=BOB, maker_rate=0, taker_rate=0))
    market.sell(ALICE, 1_000_000, 1)
    market.buy(BOB, 1_000_000, 1)
    assert market.happened(Traded)[0].taker_fee == 0
    market.send(FeeSet(account=BOB, maker_rate=-1, taker_rate=-1))
    market.sell(ALICE, 1_000_000, 1)
    market.buy(BOB, 1_000_000, 1)
    assert market.happened(Traded)[0].taker_fee == 100
    high = FeeSet(account=BOB, maker_rate=0, taker_rate=10_000_001)
    assert refused(market.send(high)) == ResultCode.INVALID_RATE


def test_genesis_comes_first_and_once(engine: str) -> None:
    market = Market(engine)
    assert refused(market.send(Genesis())) == ResultCode.GENESIS_REPEATED
    assert refused(market.send(RulesVersion(rules_version=9))) == ResultCode.RULES_UNSUPPORTED
    other = make(engine)
    strange = Genesis(wire_version=9).pack() + Genesis(exchange="a b").pack()
    strange += Genesis(timers=0).pack() + Genesis(open_orders=4_000_000_001).pack()
    events = decode_events(other.apply(1, strange))
    assert [event.code for event in events if isinstance(event, Result)] == [
        ResultCode.RULES_UNSUPPORTED,
        ResultCode.INVALID_NAME,
        ResultCode.LIMIT_OUT_OF_RANGE,
        ResultCode.LIMIT_OUT_OF_RANGE,
    ]


def test_limits_refuse_and_change_by_command(engine: str) -> None:
    market = Market(engine, Genesis(accounts=4, assets=2, instruments=1, account_open_orders=2))
    assert refused(market.send(AccountOpen())) == ResultCode.ACCOUNTS
    assert refused(market.send(AssetDefine(code="ETH"))) == ResultCode.ASSETS
    assert refused(market.send(definition(symbol="OTHER"))) == ResultCode.INSTRUMENTS
    market.send(LimitSet(limit=Limit.ACCOUNTS, value=5))
    assert market.send(AccountOpen()).id == 5
    below = LimitSet(limit=Limit.ACCOUNTS, value=4)
    assert refused(market.send(below)) == ResultCode.LIMIT_OUT_OF_RANGE
    assert refused(market.send(LimitSet(limit=len(Limit), value=4))) == ResultCode.UNKNOWN_LIMIT
    for _ in range(2):
        market.sell(ALICE, 1_000_000, 1)
    assert refused(market.sell(ALICE, 1_000_000, 1)) == ResultCode.ACCOUNT_OPEN_ORDERS
    assert market.send(ClockTick()).code == ResultCode.OK


def test_definitions_are_checked(engine: str) -> None:
    market = Market(engine)
    faults: list[tuple[Command, ResultCode]] = [
        (AssetDefine(code="btc"), ResultCode.INVALID_NAME),
        (AssetDefine(code="BTC"), ResultCode.DUPLICATE_NAME),
        (AssetDefine(code="X", decimals=13), ResultCode.INVALID_DECIMALS),
        (definition(), ResultCode.DUPLICATE_NAME),
        (definition(symbol="A B"), ResultCode.INVALID_NAME),
        (definition(symbol="X", quote_asset=1), ResultCode.UNKNOWN_ASSET),
        (definition(symbol="X", instrument_kind=1), ResultCode.INVALID_KIND),
        (definition(symbol="X", quantity_decimals=9), ResultCode.INVALID_DECIMALS),
        (definition(symbol="X", taker_rate=-1), ResultCode.INVALID_RATE),
        (definition(symbol="X", price_tick=0), ResultCode.INVALID_FILTER),
        (definition(symbol="X", price_min=5, price_max=4), ResultCode.INVALID_FILTER),
    ]
    for command, code in faults:
        assert refused(market.send(command)) == code
