"""Simulated traders in a running exchange."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from flowex.messages.commands import Command, OrderCancel, OrderPlace, OrderReplace
from flowex.ports.clock import Clock
from flowex.ports.sequencer import SequencerStopped
from flowex.ports.trading import Trading
from flowex.services.simulation.crowd import Crowd
from flowex.units.instants import SECOND

STEP: Final = SECOND // 4
"""How often the traders think, in µs."""

_LOG: Final = logging.getLogger(__name__)


class SimulationService:
    """Lets the crowd think four times a second, and places what it wants."""

    def __init__(self, crowd: Crowd, trading: Trading, clock: Clock) -> None:
        """Trade through that room."""
        self._crowd = crowd
        self._trading = trading
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to trade."""
        self._task = asyncio.create_task(self._run(), name="simulation")

    async def stop(self) -> None:
        """Stop trading; open orders stay."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        before = self._clock.now()
        try:
            while True:
                await asyncio.sleep(STEP / SECOND)
                now = self._clock.now()
                await self.step(max(0, now - before))
                before = now
        except SequencerStopped:
            return
        except Exception:  # noqa: BLE001 - whatever it was, the exchange goes on without them
            _LOG.exception("the simulated traders have stopped")

    async def step(self, duration: int) -> None:
        """Let so many µs go by, and return when the exchange has answered everything wanted."""
        await self._send_all(self._crowd.take(duration))
        await self._send_all(self._crowd.make())

    async def _send_all(self, wanted: list[Command]) -> None:
        await asyncio.gather(*(self._send(command) for command in wanted))

    async def _send(self, command: Command) -> None:
        match command:
            case OrderPlace():
                await self._trading.place(command)
            case OrderReplace():
                await self._trading.replace(command)
            case OrderCancel():
                await self._trading.cancel(command)
