"""An account's own events, rendered once and handed to everyone of that account who listens."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from flowex.messages.events import BalanceChanged
from flowex.ports.trading import AccountEvent, Trading

Listener = Callable[[bytes], None]


class Renderer(Protocol):
    """Speaks a dialect."""

    def event(self, event: AccountEvent) -> Sequence[bytes]:
        """Return the messages of an event: none where the dialect says nothing, or not yet."""
        ...

    def position(self, changes: list[BalanceChanged], time: int) -> bytes:
        """Return the message of the balances one command touched."""
        ...


class _Stream:
    """The stream of one account."""

    def __init__(self, renderer: Renderer) -> None:
        self.listeners: dict[int, Listener] = {}
        self.stop: Callable[[], None] = lambda: None
        self._renderer = renderer
        self._changes: list[BalanceChanged] = []
        self._time = 0

    def take(self, happened: AccountEvent) -> None:
        """Render an event; balances wait for the others of their command."""
        event = happened.event
        if isinstance(event, BalanceChanged):
            if self._changes and self._changes[-1].sequence != event.sequence:
                self._flush()
            if not self._changes:
                asyncio.get_running_loop().call_soon(self._flush)
            self._changes.append(event)
            self._time = happened.time
            return
        self._flush()
        for message in self._renderer.event(happened):
            self.tell(message)

    def tell(self, message: bytes) -> None:
        """Send a message to every listener."""
        for listener in tuple(self.listeners.values()):
            listener(message)

    def _flush(self) -> None:
        if self._changes:
            changes, self._changes = self._changes, []
            self.tell(self._renderer.position(changes, self._time))


class UserStreams:
    """Follows an account while somebody listens to it."""

    def __init__(self, trading: Trading, renderer: Renderer) -> None:
        """Follow nobody yet."""
        self._trading = trading
        self._renderer = renderer
        self._streams: dict[int, _Stream] = {}
        self._last = 0

    def tell_all(self, message: bytes) -> None:
        """Send a message of the gateway's own to everyone who listens."""
        for stream in tuple(self._streams.values()):
            stream.tell(message)

    def listen(self, account: int, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every message of the account; return the stopper."""
        stream = self._streams.get(account)
        if stream is None:
            stream = self._streams[account] = _Stream(self._renderer)
            stream.stop = self._trading.follow(account, stream.take)
        self._last += 1
        number = self._last
        stream.listeners[number] = listener

        def stop() -> None:
            stream.listeners.pop(number, None)
            if not stream.listeners and self._streams.get(account) is stream:
                del self._streams[account]
                stream.stop()

        return stop
