"""Random commands, most of them sensible, some hostile, all from a seed.

A ``World`` is one exchange with strange numbers in it: decimals, ticks, lots, limits and fees
differ from seed to seed. It makes buffers of commands and learns from the events which orders are
open, so that about seven commands in ten succeed: a stream of refusals would test nothing.
"""

import struct
from collections.abc import Callable
from random import Random
from typing import Any, Final, NamedTuple

import random_conditions
from random_conditions import Pair

from flowex.messages.commands import (
    COMMANDS,
    AccountOpen,
    AssetDefine,
    ClockTick,
    Command,
    CommandKind,
    Credit,
    FeeSet,
    FeeTierSet,
    FiltersSet,
    Genesis,
    Halt,
    Hold,
    InstrumentDefine,
    InstrumentUpdate,
    LimitSet,
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderListCancel,
    OrderListPlace,
    OrderPlace,
    OrderReplace,
    Release,
    RulesVersion,
    SetAccountState,
    SetInstrumentState,
    Settle,
    Transfer,
)
from flowex.messages.enums import (
    AccountState,
    AmendFlag,
    CancelRestriction,
    InstrumentState,
    Limit,
    ListStatus,
    OrderType,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.events import EventKind
from flowex.messages.layout import BLOCK, BLOCKS_MAX, HEADER
from flowex.messages.results import ResultCode

ACCOUNTS: Final = 12
OPEN_KNOWN_MAX: Final = 400
SUPPLY_SHARE_ATOMS: Final = 1 << 57
"""Twelve accounts with this much each, twice over, stay below the supply's bound of 2 ** 62."""

_EXTREMES: Final = (
    0, 1, 2, 127, 255, 1 << 31, (1 << 32) - 1, (1 << 62) - 1, 1 << 62, (1 << 62) + 1, (1 << 63) - 1,
    1 << 63, (1 << 64) - 1, (1 << 64) - (1 << 62),
)  # fmt: skip
_TAGS: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 255)
_HEADER_AND_TWO: Final = struct.Struct("<BBHIQIxxxxQ")


class _Open(NamedTuple):
    """An order that may still be open."""

    number: int
    account: int
    instrument: int
    side: int
    quantity: int
    client_id: str


class World:
    """One random exchange and everybody who uses it."""

    def __init__(self, seed: int, *, limits_are_tiny: bool = False) -> None:
        """Draw the exchange of a seed."""
        self.seed = seed
        self.time = 1_000_000
        self._chance = Random(seed)
        self._limits_are_tiny = limits_are_tiny
        self._is_wide = not limits_are_tiny and self._chance.random() < 0.3
        self._accounts = ACCOUNTS + 1
        self._source_used: dict[int, int] = {}
        self._source_asked: dict[int, int] = {}
        self._client_number = 0
        self._open: dict[int, _Open] = {}
        self._lists: dict[int, tuple[int, int]] = {}
        self._last_prices: dict[int, int] = {}
        self._holds: dict[int, tuple[int, int]] = {}
        self._repairs: list[Command] = []
        self._decimals = [self._chance.choice((0, 2, 8, 8, 12)) for _ in range(4)]
        self._pairs = [self._pair(number) for number in range(1, 5)]
        self._makers = self._weighted()

    def opening(self) -> bytes:
        """Make the commands that found the exchange: Genesis, assets, pairs, accounts, money."""
        chance, credits_made = self._chance, 0
        names = {limit.name.lower(): self._limit(limit) for limit in Limit}
        commands: list[Command] = [Genesis(exchange=f"seed-{self.seed}", **names)]
        for number, decimals in enumerate(self._decimals, start=1):
            commands.append(AssetDefine(code=f"A{number}", decimals=decimals))
        for pair in self._pairs:
            commands.append(pair.command)
            commands.append(
                SetInstrumentState(instrument=pair.number, state=InstrumentState.TRADING)
            )
        for number in range(2, ACCOUNTS + 2):
            group = chance.choice((0, 0, 0, 7, 8))
            commands.append(AccountOpen(parent=chance.choice((0, 1)), trade_group=group))
            for asset in range(1, len(self._decimals) + 1):
                amount = chance.choice((SUPPLY_SHARE_ATOMS, SUPPLY_SHARE_ATOMS >> 5, 10**12))
                credits_made += 1
                commands.append(
                    Credit(
                        account=number,
                        asset=asset,
                        amount=amount,
                        source_sequence=credits_made,
                    )
                )
        return b"".join(command.pack() for command in commands)

    def batch(self, commands: int) -> tuple[int, bytes]:
        """Make a time and a buffer of so many commands for it."""
        chance = self._chance
        self.time += chance.choice((0, 1, 50, 50, 1_000, 20_000))
        time = self.time
        if chance.random() < 0.01:
            time = chance.choice((-(1 << 63), -1, 0, self.time - 10_000, self.time + 300_000))
            self.time = max(self.time, time)
        return time, b"".join(self._bytes() for _ in range(commands))

    def bad_frames(self) -> bytes:
        """Make a buffer whose block counts do not add up, or whose length is no multiple of 64."""
        buffer = bytearray(b"".join(self._command().pack() for _ in range(3)))
        if self._chance.random() < 0.3:
            return bytes(buffer[: -self._chance.randrange(1, BLOCK)])
        offset = 0
        for _ in range(self._chance.randrange(3)):
            offset += buffer[offset + 1] * BLOCK
        left = (len(buffer) - offset) // BLOCK
        buffer[offset + 1] = self._chance.choice((0, max(left, BLOCKS_MAX) + 1, 255))
        return bytes(buffer)

    def learn(self, events: bytes) -> None:
        """Note which orders opened and ended, from the bytes of a buffer's events."""
        offset = 0
        while offset < len(events):
            kind, blocks, _, account, _, _, number = _HEADER_AND_TWO.unpack_from(events, offset)
            if kind == EventKind.ORDER_ACCEPTED:
                self._learn_order(events, offset, blocks)
            elif kind in (EventKind.ORDER_CANCELED, EventKind.ORDER_EXPIRED):
                self._open.pop(number, None)
            elif kind == EventKind.ORDER_AMENDED:
                self._learn_amended(number, events, offset, blocks)
            elif kind == EventKind.TRADED:
                self._learn_trade(events, offset)
            elif kind == EventKind.HOLD_CHANGED:
                (remaining,) = struct.unpack_from("<q", events, offset + 32)
                self._holds[number] = (account, remaining)
                if not remaining:
                    del self._holds[number]
            elif kind == EventKind.ORDER_LIST_CHANGED:
                self._learn_list(number, account, events, offset)
            elif kind == EventKind.RESULT:
                code, command_kind, origin = struct.unpack_from("<HxxB3xQ", events, offset + 16)
                if CommandKind.CREDIT <= command_kind <= CommandKind.TRANSFER:
                    self._learn_source(code, origin)
            offset += blocks * BLOCK
        self._source_asked = dict(self._source_used)

    def _learn_order(self, events: bytes, offset: int, blocks: int) -> None:
        account, _, instrument, side = struct.unpack_from("<IQIB", events, offset + 4)
        number, _, quantity = struct.unpack_from("<QqQ", events, offset + 24)
        text = _client_id(events, offset, blocks)
        self._open[number] = _Open(number, account, instrument, side, quantity, text)
        if len(self._open) > OPEN_KNOWN_MAX:
            del self._open[next(iter(self._open))]

    def _learn_trade(self, events: bytes, offset: int) -> None:
        taker, maker, price = struct.unpack_from("<QQq", events, offset + 32)
        self._last_prices[events[offset + 16]] = price
        remaining = struct.unpack_from("<qq", events, offset + 96)
        for number, left in zip((taker, maker), remaining, strict=True):
            if not left:
                self._open.pop(number, None)

    def _learn_list(self, number: int, account: int, events: bytes, offset: int) -> None:
        self._lists[number] = (account, events[offset + 16])
        if events[offset + 21] == ListStatus.ALL_DONE:
            del self._lists[number]

    def _learn_amended(self, number: int, events: bytes, offset: int, blocks: int) -> None:
        if number in self._open and events[offset + 56]:
            text = _client_id(events, offset, blocks)
            self._open[number] = self._open[number]._replace(client_id=text)

    def _limit(self, limit: Limit) -> int:
        if not self._limits_are_tiny:
            return 100_000
        tiny = {
            Limit.ACCOUNTS: 15, Limit.ASSETS: 5, Limit.INSTRUMENTS: 5, Limit.OPEN_ORDERS: 40,
            Limit.ACCOUNT_OPEN_ORDERS: 6, Limit.FILLS_PER_COMMAND: 3, Limit.CANCELS_PER_COMMAND: 2,
            Limit.TIMERS: 5, Limit.HOLDS: 3, Limit.SOURCES: 4, Limit.ACCOUNT_ALGO_ORDERS: 3,
            Limit.ACCOUNT_ICEBERG_ORDERS: 2, Limit.ACCOUNT_ORDER_LISTS: 1,
            Limit.TRAILING_ORDERS: 3,
        }  # fmt: skip
        return tiny[limit]

    def _pair(self, number: int) -> Pair:
        chance = self._chance
        base, quote = chance.sample(range(1, 5), 2)
        scale = chance.choice((0, 3, 3, 8, 12, 18)) if number > 2 else 3
        tick, lot = chance.choice((1, 10, 7)), chance.choice((1, 5, 100))
        command = InstrumentDefine(
            base_asset=base,
            quote_asset=quote,
            quantity_decimals=self._decimals[base - 1] - scale,
            symbol=f"PAIR_{number}",
            price_tick=tick,
            price_max=chance.choice((0, tick * 100_000)),
            quantity_lot=lot,
            quantity_min=chance.choice((0, lot)),
            quantity_max=chance.choice((0, lot * 1_000_000)),
            notional_min=chance.choice((0, 0, 20)),
            maker_rate=chance.choice((0, 1, 50_000, 10_000_000)),
            taker_rate=chance.choice((0, 1, 100_000, 10_000_000)),
        )
        return Pair(number, command, 20_000 if self._is_wide else chance.choice((40, 1_000, 1_000)))

    def _weighted(self) -> list[Callable[[], Command]]:
        weights: dict[Callable[[], Command], int] = {
            self._place: 50,
            self._list_place: 7,
            self._list_cancel: 1,
            self._cancel: 13,
            self._amend: 6,
            self._replace: 8,
            self._cancel_replace: 6,
            self._cancel_all: 1,
            self._money: 7,
            self._govern: 3,
            ClockTick: 2,
        }
        return [make for make, weight in weights.items() for _ in range(weight)]

    def _bytes(self) -> bytes:
        packed = self._command().pack()
        return self._spoil(packed) if self._chance.random() < 0.04 else packed

    def _command(self) -> Command:
        if self._repairs and self._chance.random() < 0.7:
            return self._repairs.pop()
        return self._chance.choice(self._makers)()

    def _account(self) -> int:
        if self._chance.random() < 0.01:
            return self._chance.choice((0, 1, self._accounts + 1, (1 << 32) - 1))
        return self._chance.randrange(2, ACCOUNTS + 2)

    def _new_client_id(self) -> str:
        chance = self._chance
        if chance.random() < 0.4:
            return ""
        if self._open and chance.random() < 0.04:
            return chance.choice(list(self._open.values())).client_id
        self._client_number += 1
        if chance.random() < 0.05:
            return f"c{max(self._client_number - chance.randrange(200), 0)}"
        return f"c{self._client_number}".ljust(chance.choice((1, 16, 17, 36)), "~")

    def _place(self) -> Command:
        return self._placement(OrderPlace)

    def _placement(self, cls: Callable[..., Command], **more: Any) -> Command:
        chance = self._chance
        pair = chance.choice(self._pairs)
        side = chance.choice(tuple(Side))
        kind = chance.choices(tuple(OrderType), (62, 10, 12, 3, 6, 2, 5))[0]
        lots = chance.choice((1, 1, 2, 3, 10, 50)) * chance.choice((1, 1, 1, 20))
        fields: dict[str, Any] = {
            "account": self._account(),
            "origin": chance.randrange(1 << 64),
            "flags": chance.choice((0, 0, 1)),
            "instrument": pair.number,
            "side": side,
            "order_type": kind,
            "self_trade": chance.choice(tuple(SelfTrade)),
            "client_id": self._new_client_id(),
        }
        quantity = lots * pair.command.quantity_lot
        if kind == OrderType.MARKET:
            fields["time_in_force"] = TimeInForce.IOC
            if chance.random() < 0.5:
                fields["quantity"] = quantity
            else:
                spread = chance.randrange(1, 3 * pair.middle)
                fields["quote_amount"] = pair.price(spread) * quantity + chance.randrange(5)
        elif kind > OrderType.LIMIT_MAKER:
            last = self._last_prices.get(pair.number, 0)
            fields["quantity"] = quantity
            fields |= random_conditions.waiting(chance, pair, kind, side, last)
        else:
            away = chance.choice((-3, -1, 0, 0, 1, 2, 5, 20))
            if self._is_wide and chance.random() < 0.5:
                away = chance.randrange(10_000)
            if kind == OrderType.LIMIT_MAKER:
                away = abs(away) + 2
            ticks = pair.middle - away if side == Side.BUY else pair.middle + away
            fields["price"] = pair.price(ticks)
            fields["quantity"] = quantity
            rests = kind == OrderType.LIMIT_MAKER
            weights = (60, 0, 0, 20) if rests else (55, 15, 10, 20)
            fields["time_in_force"] = chance.choices(tuple(TimeInForce), weights)[0]
            if fields["time_in_force"] == TimeInForce.GTD:
                fields["expire_time"] = self.time + chance.choice(
                    (0, 1, 1_000, 100_000, 10_000_000, 10_000_000)
                )
        if fields["time_in_force"] == TimeInForce.GTC and chance.random() < 0.15:
            fields["display_quantity"] = random_conditions.displayed(chance, pair, quantity)
        fields |= random_conditions.strategy(chance)
        random_conditions.conditions(fields)
        return cls(**(fields | more))

    def _list_place(self) -> Command:
        chance = self._chance
        pair = chance.choice(self._pairs)
        quantity = chance.choice((1, 2, 10, 50)) * pair.command.quantity_lot
        last = self._last_prices.get(pair.number, 0)
        return OrderListPlace(
            account=self._account(),
            instrument=pair.number,
            self_trade=chance.choice(tuple(SelfTrade)),
            first_client_id=self._new_client_id(),
            second_client_id=self._new_client_id(),
            third_client_id=self._new_client_id(),
            client_id=chance.choice(("", f"list{chance.randrange(30)}")),
            **random_conditions.list_fields(chance, pair, last, quantity),
        )

    def _list_cancel(self) -> Command:
        chance = self._chance
        number, (account, instrument) = chance.choice([*self._lists.items()] or [(1, (2, 1))])
        return OrderListCancel(
            account=account,
            instrument=chance.choice((0, instrument, 4)),
            order_list=chance.choice((0, number, number, number)),
            original_client_id=chance.choice(("", "", f"list{chance.randrange(30)}")),
            client_id=self._new_client_id(),
        )

    def _known(self) -> _Open:
        if not self._open:
            return _Open(1, self._account(), 1, 0, 1, "")
        return self._chance.choice(list(self._open.values()))

    def _naming(self, order: _Open) -> dict[str, Any]:
        """Name an order by number, by client id, or by both; now and then wrongly."""
        chance = self._chance
        named: dict[str, Any] = {"account": order.account, "order": order.number}
        if order.client_id and chance.random() < 0.5:
            named["original_client_id"] = order.client_id
            named["order"] = chance.choice((0, order.number))
        named["instrument"] = chance.choice((0, order.instrument))
        if chance.random() < 0.03:
            wrong = chance.choice(("account", "order", "instrument", "original_client_id"))
            named[wrong] = "nobody" if wrong == "original_client_id" else chance.randrange(9)
        return named

    def _cancel(self) -> Command:
        return OrderCancel(
            **self._naming(self._known()),
            restriction=self._restriction(),
            client_id=self._new_client_id(),
        )

    def _restriction(self) -> int:
        return self._chance.choices((*CancelRestriction, 3), (92, 5, 2, 1))[0]

    def _cancel_all(self) -> Command:
        return OrderCancelAll(
            account=self._account(),
            instrument=self._chance.choice((0, 1, 2, 3, 4, 9)),
            sides=self._chance.choice((0, 1, 2, 3, 3, 3, 4)),
        )

    def _amend(self) -> Command:
        order = self._known()
        lot = self._lot(order)
        if self._chance.random() < 0.5:
            flags, lots = 1, self._chance.choice((1, 1, 2, 50))
        else:
            flags, lots = 0, self._chance.randrange(order.quantity // lot + 1)
        return OrderAmend(
            flags=flags | self._chance.choice((0, 0, AmendFlag.RENAME)),
            quantity=lots * lot,
            client_id=self._new_client_id(),
            **self._naming(order),
        )

    def _replace(self) -> Command:
        chance = self._chance
        order = self._known()
        pair = self._pairs[min(order.instrument, len(self._pairs)) - 1]
        away = chance.choice((-2, 0, 1, 3, 10))
        ticks = pair.middle - away if order.side == Side.BUY else pair.middle + away
        price = chance.choice((0, pair.price(ticks), pair.price(ticks)))
        lots = chance.choice((0, 0, order.quantity // self._lot(order) + 1, 1, 30))
        return OrderReplace(price=price, quantity=lots * self._lot(order), **self._naming(order))

    def _cancel_replace(self) -> Command:
        chance = self._chance
        order = self._known()
        named = self._naming(order)
        named["cancel_order"] = named.pop("order")
        if chance.random() < 0.9:
            named["instrument"] = order.instrument
        return self._placement(
            OrderCancelReplace,
            **named,
            mode=chance.choice((0, 1, 1)),
            restriction=self._restriction(),
            cancel_client_id=self._new_client_id(),
        )

    def _lot(self, order: _Open) -> int:
        return self._pairs[min(order.instrument, len(self._pairs)) - 1].command.quantity_lot

    def _source(self) -> dict[str, int]:
        """Draw a source and its next number; the origin tells `learn` whose number was used."""
        chance = self._chance
        source = chance.choice((0, 1, 2, 3, 3, 3))
        if chance.random() < 0.03:
            return {"source": chance.randrange(6), "source_sequence": chance.randrange(4)}
        number = self._source_asked[source] = self._source_asked.get(source, 0) + 1
        return {"source": source, "source_sequence": number, "origin": source}

    def _learn_source(self, code: int, source: int) -> None:
        """Follow a source's number; where hostile bytes led it astray, creep back."""
        step = {ResultCode.OK: 1, ResultCode.SOURCE_REPEATED: 1, ResultCode.SOURCE_GAP: -1}
        used = self._source_used.get(source, 0) + step.get(ResultCode(code), 0)
        self._source_used[source] = max(used, 0)

    def _money(self) -> Command:
        chance = self._chance
        asset, amount = chance.randrange(1, 5), chance.choice((1, 7, 10**6, 10**9))
        kind = chance.randrange(5)
        source = self._source()
        wallets = chance.choices((0, 1, 2), (70, 27, 3), k=2)
        if kind == 0:
            where = {"account": self._account(), "wallet": wallets[0]}
            amount = 1 << 62 if chance.random() < 0.05 else amount
            return Credit(asset=asset, amount=amount, **where, **source)
        if kind == 1:
            where = {"account": self._account(), "wallet": wallets[0]}
            return Hold(asset=asset, amount=amount, **where, **source)
        if kind == 2:
            return Transfer(
                account=self._account(),
                to_account=self._account(),
                asset=asset,
                wallet=wallets[0],
                to_wallet=wallets[1],
                amount=amount,
                **source,
            )
        number, (account, remaining) = chance.choice([*self._holds.items()] or [(1, (2, 1))])
        cls = Settle if kind == 3 else Release
        amount = chance.choice((remaining, remaining // 2 + 1, 1))
        return cls(account=account, hold=number, amount=amount, **source)

    def _govern(self) -> Command:
        chance = self._chance
        pair = chance.choice(self._pairs)
        account = self._account()
        kind = chance.randrange(14)
        if kind > 10:
            return self._rule(pair)
        if kind == 0:
            self._repairs.append(Halt(halted=0))
            return Halt(halted=chance.choice((1, 1, 2)))
        if kind == 1:
            self._repairs.append(SetInstrumentState(instrument=pair.number, state=1))
            state = chance.choice((0, 2, 3, 4, 5, 7))
            return SetInstrumentState(instrument=pair.number, state=state)
        if kind == 2:
            self._repairs.append(SetAccountState(account=account, state=AccountState.ACTIVE))
            return SetAccountState(account=account, state=chance.randrange(4))
        if kind == 3:
            rates = chance.choice(((-1, -1), (0, 0), (3, 10_000_000), (-1, 5), (10_000_001, 0)))
            tier = chance.choice((0, 0, 1, 2, 9))
            return FeeSet(account=account, maker_rate=rates[0], taker_rate=rates[1], tier=tier)
        if kind == 4:
            definition = pair.command
            return InstrumentUpdate(
                instrument=pair.number,
                maker_rate=chance.choice((0, 77, 10_000_000)),
                taker_rate=definition.taker_rate,
                price_tick=chance.choice((0, definition.price_tick, definition.price_tick)),
                quantity_lot=definition.quantity_lot,
                notional_min=chance.choice((0, 20)),
            )
        if kind == 5:
            limit = chance.choice(tuple(Limit))
            usual = self._limit(limit)
            self._repairs.append(LimitSet(limit=limit, value=usual))
            return LimitSet(
                limit=chance.choice((limit, limit, len(Limit))),
                value=chance.choice((usual, usual, usual + 1, 1, 0)),
            )
        if kind == 6:
            self._accounts += 1
            return AccountOpen(
                parent=chance.choice((0, 0, 99_999)), trade_group=chance.randrange(9)
            )
        if kind == 7:
            return AssetDefine(
                code=chance.choice(("A1", "YY", "ZZ", "no")), decimals=chance.randrange(14)
            )
        if kind == 8:
            return _redefined(pair.command, f"P-{chance.randrange(9)}", chance.randrange(6))
        if kind == 9:
            return Genesis()
        return RulesVersion(rules_version=chance.choice((1, 2, 3)))

    def _rule(self, pair: Pair) -> Command:
        chance = self._chance
        if chance.random() < 0.2:
            return FeeTierSet(
                tier=chance.choice((0, 1, 2, 1_001)),
                maker_rate=chance.choice((0, 40_000, -1)),
                taker_rate=80_000,
            )
        if chance.random() < 0.7:
            self._repairs.append(FiltersSet(instrument=pair.number))
        return random_conditions.filters(chance, pair)

    def _spoil(self, packed: bytes) -> bytes:
        """Make a well-framed command hostile: strange values, kinds, flags, texts or blocks."""
        chance = self._chance
        spoiled = bytearray(packed)
        kind = chance.randrange(8)
        if kind == 0:
            unknown = [number for number in range(256) if number not in COMMANDS]
            spoiled[0] = chance.choice(unknown)
        elif kind == 1:
            spoiled[2 + chance.randrange(2)] ^= 1 << chance.randrange(8)
        elif kind == 2:
            spoiled[0] = chance.choice(tuple(COMMANDS))
        elif kind in (3, 4):
            offset = chance.randrange(2, len(spoiled) // 8) * 8
            struct.pack_into("<Q", spoiled, offset, chance.choice(_EXTREMES))
        elif kind == 5:
            spoiled[chance.randrange(4, len(spoiled))] ^= 1 << chance.randrange(8)
        elif kind == 6:
            return self._with_text(spoiled)
        else:
            spoiled[HEADER.size :] = chance.randbytes(len(spoiled) - HEADER.size)
        return bytes(spoiled)

    def _with_text(self, spoiled: bytearray) -> bytes:
        """Add a strange extension block."""
        chance = self._chance
        if spoiled[1] >= BLOCKS_MAX:
            return bytes(spoiled)
        spoiled[1] += 1
        length = chance.choice((0, 1, 36, 37, 60, 61, 255))
        letter = chance.choice((b"x", b"\0", b" ", b"\x7f", b"\xff"))
        text = (b"abc" + letter * 57)[:60]
        return bytes(spoiled) + struct.pack("<BBH60s", chance.choice(_TAGS), length, 0, text)


def _client_id(events: bytes, offset: int, blocks: int) -> str:
    """Return the client id of an event of one fixed block."""
    for at in range(offset + BLOCK, offset + blocks * BLOCK, BLOCK):
        if events[at] == 1:
            return events[at + 4 : at + 4 + events[at + 1]].decode("latin-1")
    return ""


def _redefined(command: InstrumentDefine, symbol: str, fault: int) -> InstrumentDefine:
    """Return a definition under another symbol, with one of some faults or with none."""
    faults: list[dict[str, Any]] = [
        {},
        {"base_asset": 77},
        {"quantity_decimals": -128},
        {"maker_rate": -1},
        {"instrument_kind": 1},
        {"quantity_lot": (1 << 62) + 1},
    ]
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return InstrumentDefine(**(fields | {"symbol": symbol} | faults[fault]))
