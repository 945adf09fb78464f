"""Money moved between wallets: one transfer at a time, numbered as its source demands.

The machine takes the numbers of a source strictly one by one, so that a repeated command never
moves money twice. This room has a source of its own. Its last number is in the machine's state and
in every FundsMoved, so the read model always knows it; while one transfer is on its way the others
wait, because a refused one uses no number up. Who stops waiting for an answer does not stop the
command: the next one is then refused as SOURCE_REPEATED, has moved nothing, and is sent again with
the number the read model has learned meanwhile.
"""

import asyncio
from typing import Final

import msgspec

from flowex.messages.commands import Transfer
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome, Sequencer
from flowex.services.trading.read_model import TRANSFER_SOURCE, ReadModel

WAITING_MAX: Final = 256
"""Transfers that may wait for their turn."""

TRIES_MAX: Final = 8
"""How often a transfer is sent that another one's number was in the way of."""

_NUMBER_TAKEN: Final = (ResultCode.SOURCE_REPEATED, ResultCode.SOURCE_GAP)


class Transfers:
    """Sends transfers, one after the other."""

    def __init__(self, sequencer: Sequencer, read_model: ReadModel) -> None:
        """Go on after the last number that the read model knows."""
        self._sequencer = sequencer
        self._model = read_model
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def send(self, command: Transfer, deadline: int | None) -> Outcome:
        """Send a transfer when it is its turn, which may be after its deadline (µs).

        BUSY when too many wait. Raises SequencerStopped.
        """
        if self._waiting >= WAITING_MAX:
            return Outcome(ResultCode.BUSY, 0, self._model.time, (), None)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._send(command, deadline)
        finally:
            self._waiting -= 1

    async def _send(self, command: Transfer, deadline: int | None) -> Outcome:
        for _ in range(TRIES_MAX):
            numbered = msgspec.structs.replace(
                command, source=TRANSFER_SOURCE, source_sequence=self._model.last_transfer + 1
            )
            outcome = await self._sequencer.submit(numbered, deadline=deadline)
            if outcome.code not in _NUMBER_TAKEN:
                return outcome
        return Outcome(ResultCode.BUSY, 0, self._model.time, (), None)
