"""The oracle and the machines trade alike on random orders of every kind.

Funds are ample and no limit is near, so that nothing but the matching rules is compared.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from engines import both, make
from oracle import Oracle, Trade

from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderAmend,
    OrderCancel,
    OrderPlace,
    OrderReplace,
    SetInstrumentState,
)
from flowex.messages.enums import (
    AmendFlag,
    InstrumentState,
    OrderType,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.events import Result, Traded, decode_events
from flowex.messages.results import ResultCode
from flowex.messages.state import StateOrder, decode_state
from flowex.units.integers import SUPPLY_MAX

ACCOUNTS = range(2, 6)
COMMANDS = 4_000
PRICES, QUANTITIES, LOT = (95, 105), (1, 12), 2


class Duel:
    """Gives the same orders to a machine and to the oracle."""

    def __init__(self, engine: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.machine = make(engine)
        self.oracle = Oracle(lot=LOT)
        self.owners: dict[int, int] = {}
        for command in opening():
            assert self.send(command)[0].code == ResultCode.OK

    def send(self, command: Command) -> tuple[Result, list[Trade]]:
        events = decode_events(self.machine.apply(1, command.pack()))
        result = events[-1]
        assert isinstance(result, Result)
        trades = [
            Trade(e.taker_order, e.maker_order, e.price, e.quantity)
            for e in events
            if isinstance(e, Traded)
        ]
        return result, trades

    def step(self) -> None:
        """Draw a command; whatever the machine did with it, the oracle must have done too."""
        act = self.chance.choices(
            [self.limit, self.market, self.cancel, self.amend, self.reduce, self.replace],
            weights=[50, 10, 12, 5, 5, 10],
        )[0]
        before = len(self.oracle.trades)
        assert act() == self.oracle.trades[before:]

    def limit(self) -> list[Trade]:
        maker_only = self.chance.random() < 0.1
        tif = TimeInForce.GTC if maker_only else self.chance.choice(list(TimeInForce)[:3])
        fields = self.order() | {"price": self.price(), "quantity": self.quantity()}
        kind = OrderType.LIMIT_MAKER if maker_only else OrderType.LIMIT
        result, trades = self.send(
            OrderPlace(order_type=kind, time_in_force=tif, instrument=1, **fields)
        )
        would_take = result.code == ResultCode.WOULD_TAKE
        assert would_take or result.code == ResultCode.OK
        account, side, mode = fields["account"], Side(fields["side"]), fields["self_trade"]
        entered = self.oracle.limit(
            result.id,
            side,
            fields["price"],
            fields["quantity"],
            time_in_force=tif,
            maker_only=maker_only,
            owner=account,
            self_trade=SelfTrade(mode),
        )
        assert entered or tif is TimeInForce.FOK or would_take
        self.owners[result.id] = account
        return trades

    def market(self) -> list[Trade]:
        fields, by_quote = self.order(), self.chance.random() < 0.5
        size = {"quote_amount": self.chance.randint(1, 4_000)} if by_quote else {}
        size = size or {"quantity": self.quantity()}
        result, trades = self.send(
            OrderPlace(
                order_type=OrderType.MARKET,
                time_in_force=TimeInForce.IOC,
                instrument=1,
                **fields,
                **size,
            )
        )
        if result.code == ResultCode.QUOTE_AMOUNT_TOO_SMALL:
            return trades
        assert result.code == ResultCode.OK
        side, rest = Side(fields["side"]), {"owner": fields["account"]}
        mode = SelfTrade(fields["self_trade"])
        if by_quote:
            self.oracle.market_quote(result.id, side, size["quote_amount"], self_trade=mode, **rest)
        else:
            self.oracle.limit(
                result.id,
                side,
                None,
                size["quantity"],
                time_in_force=TimeInForce.IOC,
                self_trade=mode,
                **rest,
            )
        return trades

    def cancel(self) -> list[Trade]:
        return self.change(OrderCancel, self.oracle.cancel)

    def amend(self) -> list[Trade]:
        return self.change(OrderAmend, self.oracle.amend, quantity=self.quantity())

    def reduce(self) -> list[Trade]:
        return self.change(
            OrderAmend, self.oracle.reduce, quantity=self.quantity(), flags=AmendFlag.REDUCE_BY
        )

    def replace(self) -> list[Trade]:
        price = self.price() if self.chance.random() < 0.8 else 0
        quantity = self.quantity() if self.chance.random() < 0.3 else 0
        return self.change(OrderReplace, self.oracle.replace, price=price, quantity=quantity)

    def change(
        self, kind: Callable[..., Command], same: Callable[..., bool], **fields: int
    ) -> list[Trade]:
        """Change an order, open or not, in both; they must agree whether it could be done."""
        number = self.chance.choice(list(self.oracle.orders) or [1])
        if self.chance.random() < 0.1:
            number = self.chance.choice(list(self.owners) or [1])
        result, trades = self.send(kind(account=self.owners.get(number, 2), order=number, **fields))
        fields.pop("flags", None)
        assert same(number, **rename(same, fields)) == (result.code == ResultCode.OK)
        return trades

    def order(self) -> dict[str, Any]:
        return {
            "account": self.chance.choice(ACCOUNTS),
            "side": self.chance.choice(list(Side)),
            "self_trade": self.chance.choice(list(SelfTrade)),
        }

    def price(self) -> int:
        return self.chance.randint(*PRICES)

    def quantity(self) -> int:
        return LOT * self.chance.randint(*QUANTITIES)

    def open_orders(self) -> list[tuple[int, int, int]]:
        """Return the machine's open orders as they stand in the book."""
        return [
            (order.id, order.price, order.quantity - order.filled - order.prevented)
            for order in decode_state(self.machine.snapshot())
            if isinstance(order, StateOrder)
        ]

    def oracle_orders(self) -> list[tuple[int, int, int]]:
        """Return the oracle's, in the same order: bids, then asks, each as they would trade."""
        bids, asks = self.oracle.halves[Side.BUY], self.oracle.halves[Side.SELL]
        queues = [bids.queues[price] for price in reversed(bids.prices)]
        queues += [asks.queues[price] for price in asks.prices]
        return [(o.id, o.price or 0, o.remaining) for queue in queues for o in queue]


def rename(same: Callable[..., bool], fields: dict[str, int]) -> dict[str, int]:
    """Say `less` to the oracle's reduce, which the wire calls a quantity."""
    return {"less": fields["quantity"]} if same.__name__ == "reduce" else fields


def opening() -> list[Command]:
    amount = SUPPLY_MAX // len(ACCOUNTS)
    holders = [(account, asset) for account in ACCOUNTS for asset in (1, 2)]
    return [
        Genesis(),
        AssetDefine(code="BASE", decimals=0),
        AssetDefine(code="QUOTE", decimals=0),
        InstrumentDefine(base_asset=1, quote_asset=2, quantity_lot=LOT, symbol="DUEL"),
        SetInstrumentState(instrument=1, state=InstrumentState.TRADING),
        *(AccountOpen() for _ in ACCOUNTS),
        *(
            Credit(account=account, asset=asset, amount=amount, source_sequence=index)
            for index, (account, asset) in enumerate(holders, 1)
        ),
    ]


@both
@pytest.mark.parametrize("seed", range(4))
def test_same_trades_and_same_book(engine: str, seed: int) -> None:
    duel = Duel(engine, seed)
    for index in range(COMMANDS):
        duel.step()
        if index % 100 == 0:
            assert duel.open_orders() == duel.oracle_orders()
    assert duel.open_orders() == duel.oracle_orders()
    assert len(duel.oracle.trades) > COMMANDS // 10
