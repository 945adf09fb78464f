"""A small whole exchange for the gateway's tests: the real rooms on the reference machine.

No journal, no sequencer's thread: a command is applied as it is submitted. What the rooms would
write into their history stays in their memory.
"""

import asyncio
import atexit
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

from databases import template

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages import commands
from flowex.messages.enums import InstrumentState
from flowex.messages.events import Result, decode_events
from flowex.messages.results import ResultCode
from flowex.ports.feed import FeedBatch
from flowex.ports.keys import ApiKey, Permission
from flowex.ports.sequencer import Outcome, Priority, ProcessState
from flowex.ports.status import Status
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.service import Gateway, GatewayOptions
from flowex.services.market_data.service import MarketDataService
from flowex.services.trading.service import TradingService

NOW = 1_700_000_000_000_000
HMAC_SECRET = b"FlowExTestSecret0123456789abcdefFlowExTestSecret0123456789abcdef"
KEYS = {name: name.ljust(64, "0") for name in ("alice", "bob", "reader", "edward", "faraway")}
ED25519_PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")


class Keys:
    """Alice and Bob sign with HMAC, Edward (Bob's account) with Ed25519.

    Alice may move money between her wallets; the reader only reads.
    """

    def __init__(self) -> None:
        both = Permission.READ | Permission.TRADE
        rows = (
            ApiKey(KEYS["alice"], 2, both | Permission.TRANSFER, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["bob"], 3, both, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["reader"], 2, Permission.READ, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["edward"], 3, both, ed25519_public=ED25519_PUBLIC),
            ApiKey(KEYS["faraway"], 2, both, hmac_secret=HMAC_SECRET, addresses=("10.0.0.0/8",)),
        )
        self._rows = {row.key: row for row in rows}

    def add(self, row: ApiKey) -> None:
        self._rows[row.key] = row

    def find(self, key: str) -> ApiKey | None:
        return self._rows.get(key)


class DirectSequencer:
    """Fulfils the sequencer's port: a command is applied as it is submitted."""

    def __init__(self, stand: "Stand") -> None:
        self.state = ProcessState.TRADING
        self.submitted: list[tuple[commands.Command, int | None]] = []
        self.next_code: ResultCode | None = None
        self.waits: asyncio.Event | None = None
        self._stand = stand

    async def submit(
        self,
        command: commands.Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Outcome:
        self.submitted.append((command, deadline))
        if self.waits is not None:
            await self.waits.wait()
        if self.next_code is not None:
            code, self.next_code = self.next_code, None
            return Outcome(code, 0, 0, (), None)
        return self._stand.apply(command)


@cache
def no_history() -> SqliteDatabase:
    """Return a database with everybody's empty tables, in which no stand ever writes."""
    folder = tempfile.mkdtemp(prefix="flowex-gateway-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "flowex.db")
    path.write_bytes(template())
    return SqliteDatabase(path)


def nowhere() -> Any:
    """Return the history of a market data room that is never opened nor written."""
    return None


class Stand:
    """The exchange, with BTCUSDT and ETHBTC open and accounts 2 and 3 funded."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.machine = ReferenceMachine()
        self.sequencer = DirectSequencer(self)
        self.market = MarketDataService(nowhere(), self.clock)
        self.trading = TradingService(self.sequencer, no_history())
        self.state = ProcessState.TRADING
        self.failed: dict[str, str] = {}
        for command in found():
            outcome = self.apply(command)
            assert outcome.code == ResultCode.OK, (command, outcome.code)
        self.exchange = Exchange(
            self.trading,
            self.market,
            Keys(),
            self.clock,
            SeededEntropy(1),
            self,
        )

    def apply(self, command: commands.Command) -> Outcome:
        first = self.machine.sequence
        now = self.clock.now()
        events = decode_events(self.machine.apply(now, command.pack()))
        batch = FeedBatch(first + 1, self.machine.sequence, now, events)
        self.trading.apply(batch)
        self.market.apply(batch)
        result = next(e for e in events if isinstance(e, Result))
        return Outcome(ResultCode(result.code), self.machine.sequence, now, events, result)

    def status(self) -> Status:
        machine = self.machine
        return Status(
            self.state,
            machine.engine,
            "flowex-test",
            "0",
            machine.sequence,
            self.clock.now(),
            machine.sequence,
            0,
            0,
            {"ledger": 0},
            self.failed,
        )


def found() -> list[commands.Command]:
    """Return the commands that make the stand's world."""
    btcusdt = commands.InstrumentDefine(
        base_asset=1,
        quote_asset=2,
        quantity_decimals=5,
        maker_rate=100_000,
        taker_rate=100_000,
        price_tick=10,
        price_min=10,
        price_max=1_000_000_000,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=900_000_000,
        notional_min=500_000_000,
        symbol="BTCUSDT",
    )
    ethbtc = commands.InstrumentDefine(
        base_asset=3,
        quote_asset=1,
        quantity_decimals=3,
        price_tick=1,
        notional_min=10_000,
        symbol="ETHBTC",
    )
    world: list[commands.Command] = [
        commands.Genesis(),
        *(commands.AssetDefine(code=code, decimals=8) for code in ("BTC", "USDT", "ETH")),
        btcusdt,
        ethbtc,
        *(
            commands.SetInstrumentState(instrument=number, state=InstrumentState.TRADING)
            for number in (1, 2)
        ),
        commands.AccountOpen(),
        commands.AccountOpen(),
    ]
    number = 0
    for account in (2, 3):
        for asset, whole in ((1, 100), (2, 5_000_000), (3, 1_000)):
            number += 1
            credit = commands.Credit(
                account=account,
                asset=asset,
                amount=whole * 10**8,
                source=1,
                source_sequence=number,
            )
            world.append(credit)
    return world


@contextlib.asynccontextmanager
async def serving(
    stand: Stand, options: GatewayOptions | None = None
) -> AsyncIterator[tuple[Gateway, int]]:
    """Run a gateway on a free port; give it and the port."""
    gateway = Gateway(stand.exchange, options=options)
    port = await gateway.start(port=0)
    try:
        yield gateway, port
    finally:
        await gateway.stop()
