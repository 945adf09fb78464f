"""Rooms on a small running exchange, behind their ports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from databases import opened
from feeds import DirectSequencer, Exchange

from flowex.messages.commands import Command
from flowex.ports.sequencer import Outcome, Priority
from flowex.services.trading.service import TradingService


class TradingRoom:
    """A trading room on a running exchange."""

    def __init__(self, exchange: Exchange, service: TradingService) -> None:
        self.exchange = exchange
        self.service = service

    def do(self, *commands: Command) -> None:
        self.service.apply(self.exchange.frame(commands))


class Busy(DirectSequencer):
    """Lets others have a turn before it answers."""

    async def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Outcome:
        """Apply the command a turn later."""
        await asyncio.sleep(0)
        return await super().submit(command, priority=priority, deadline=deadline)


@asynccontextmanager
async def trading_room(folder: Path) -> AsyncIterator[TradingRoom]:
    """Open a trading room that was there from the beginning."""
    exchange = Exchange()
    sequencer = Busy(exchange)
    async with opened(folder) as database:
        service = TradingService(sequencer, database)
        sequencer.consumers.append(service)
        await service.open()
        for batch in exchange.batches:
            service.apply(batch)
        await service.start()
        yield TradingRoom(exchange, service)
        await service.stop()
