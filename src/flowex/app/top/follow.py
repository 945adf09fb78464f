"""Keeps a state up to date: asks once, then listens, and begins again whenever that ends.

Markets come with every ticker that changes, the chosen market's book and tape by streams of its
own, the exchange's state and counters by asking once a second.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from prometheus_client.parser import text_string_to_metric_families

from flowex.app.top.answers import (
    Book,
    DayTicker,
    Information,
    Message,
    Status,
    StreamTicker,
    StreamTrade,
    Trade,
)
from flowex.app.top.door import TIMEOUT_SECONDS, Door, Unreachable, words_of
from flowex.app.top.state import TAPE_MAX, Counts, State
from flowex.units.instants import milliseconds

ASK_SECONDS: Final = 1.0
SWITCH_SECONDS: Final = 0.6
"""Between two choices of a market: each takes two messages, and five a second are allowed."""

RETRY_SECONDS_MIN: Final = 0.5
RETRY_SECONDS_MAX: Final = 2.0
MESSAGE_BYTES_MAX: Final = 16 << 20
BOOK_LEVELS: Final = 20

_TICKERS: Final = "!ticker@arr"

Now = Callable[[], int]
"""Returns µs since 1970, UTC."""


async def load(door: Door, state: State, now: Now) -> None:
    """Ask for everything but a market's book and tape. Raises Unreachable."""
    await ask_status(door, state, now)
    information = await door.ask(Information, "/api/v3/exchangeInfo")
    state.list_markets(information.symbols)
    for ticker in await door.ask(list[DayTicker], "/api/v3/ticker/24hr"):
        state.day(ticker)


async def load_market(door: Door, state: State) -> None:
    """Ask for the chosen market's book and tape. Raises Unreachable."""
    symbol = state.selected
    if not symbol:
        return
    book = await door.ask(Book, "/api/v3/depth", symbol=symbol, limit=BOOK_LEVELS)
    trades = await door.ask(list[Trade], "/api/v3/trades", symbol=symbol, limit=TAPE_MAX)
    if state.selected == symbol:
        state.book = book
        state.recent(trades)


async def ask_status(door: Door, state: State, now: Now) -> None:
    """Ask how the exchange is and what it has counted. Raises Unreachable."""
    state.status = await door.ask(Status, "/status")
    metrics = await door.get("/metrics")
    state.count(counts_of(metrics.decode("utf-8", "replace"), now()))


def counts_of(metrics: str, time: int) -> Counts:
    """Return what a page for Prometheus tells. Raises Unreachable for one that is none."""
    sums: dict[str, float] = {}
    kinds: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(metrics):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
                if sample.name == "flowex_gateway_connections":
                    kinds[sample.labels["kind"]] = sample.value
    except (ValueError, KeyError) as error:
        raise Unreachable(f"/metrics is not what an exchange answers: {error}") from error
    return Counts(
        time=time,
        commands=sums.get("flowex_commands_total", 0.0),
        events=sums.get("flowex_events_total", 0.0),
        requests=sums.get("flowex_gateway_requests_total", 0.0),
        refused=sums.get("flowex_gateway_refusals_total", 0.0),
        syncs=sums.get("flowex_sync_seconds_count", 0.0),
        sync_seconds=sums.get("flowex_sync_seconds_sum", 0.0),
        http=int(kinds.get("http", 0)),
        websockets=int(kinds.get("websocket", 0)),
    )


def hear(state: State, payload: bytes, now_ms: int) -> None:
    """Take a message of a combined stream. Raises msgspec.MsgspecError."""
    message = msgspec.json.decode(payload, type=Message)
    symbol, _, kind = message.stream.partition("@")
    if message.stream == _TICKERS:
        for told in msgspec.json.decode(message.data, type=list[StreamTicker]):
            state.day(told.day())
            state.stream_ms = now_ms - told.event_time
    elif symbol.upper() != state.selected:
        return  # The last words of a market that is not shown any more.
    elif kind == "trade":
        trade = msgspec.json.decode(message.data, type=StreamTrade)
        state.trade(trade.trade())
        state.stream_ms = now_ms - trade.event_time
    elif kind.startswith("depth"):
        state.book = msgspec.json.decode(message.data, type=Book)


class Follower:
    """Follows the exchange at an address until it is cancelled."""

    def __init__(self, state: State, address: Callable[[], str], now: Now) -> None:
        """Fill a state from the exchange at the address, which is asked for anew at every start.

        ``address`` may raise Unreachable.
        """
        self.changed = asyncio.Event()
        """Set whenever there is something new to show."""
        self._state = state
        self._address = address
        self._now = now
        self._chosen = asyncio.Event()
        self._retry_seconds = RETRY_SECONDS_MIN

    def choose(self) -> None:
        """Listen to the market that is chosen now."""
        self._chosen.set()

    async def run(self) -> None:
        """Follow, for ever."""
        while True:
            try:
                await self._session()
            except Unreachable as error:
                self._state.lost(str(error), self._retry_seconds)
            self.changed.set()
            await asyncio.sleep(self._retry_seconds)
            self._retry_seconds = min(2 * self._retry_seconds, RETRY_SECONDS_MAX)

    async def _session(self) -> None:
        """Follow until something fails. Raises Unreachable."""
        state, url = self._state, self._address()
        state.connecting(url)
        self.changed.set()
        door = Door(url)
        await load(door, state, self._now)
        transport = await self._listen(door)
        try:
            state.live()
            self._retry_seconds = RETRY_SECONDS_MIN
            self.changed.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_end(transport))
                tasks.create_task(self._ask_on(door))
                tasks.create_task(self._switch_on(door, transport))
        except ExceptionGroup as group:
            if not all(isinstance(error, Unreachable) for error in group.exceptions):
                raise
            raise group.exceptions[0] from group
        finally:
            transport.disconnect(graceful=False)

    async def _listen(self, door: Door) -> WSTransport:
        try:
            transport, _ = await ws_connect(
                lambda: _Listener(self._state, self._now, self.changed),
                f"{door.sockets}/stream?streams={_TICKERS}",
                websocket_handshake_timeout=TIMEOUT_SECONDS,
                enable_auto_ping=True,
                max_frame_size=MESSAGE_BYTES_MAX,
            )
        except OSError as error:
            raise Unreachable(words_of(error)) from error
        except WSError as error:
            raise Unreachable(f"no stream: {error}") from error
        return transport

    async def _watch_end(self, transport: WSTransport) -> None:
        try:
            await transport.wait_disconnected()
        except (msgspec.MsgspecError, WSError, OSError) as error:
            raise Unreachable(f"the stream broke: {error}") from error
        raise Unreachable("the stream ended")

    async def _ask_on(self, door: Door) -> None:
        while True:
            await asyncio.sleep(ASK_SECONDS)
            await ask_status(door, self._state, self._now)
            self.changed.set()

    async def _switch_on(self, door: Door, transport: WSTransport) -> None:
        heard = ""
        while True:
            self._chosen.clear()
            wanted = self._state.selected
            if wanted != heard:
                if heard:
                    _control(transport, "UNSUBSCRIBE", heard)
                # Listen first, then ask for what came before: so no trade falls in between.
                _control(transport, "SUBSCRIBE", wanted)
                await load_market(door, self._state)
                heard = wanted
                self.changed.set()
                await asyncio.sleep(SWITCH_SECONDS)
            else:
                await self._chosen.wait()


class _Listener(WSListener):
    """Hands every message to the state."""

    def __init__(self, state: State, now: Now, changed: asyncio.Event) -> None:
        self._state = state
        self._now = now
        self._changed = changed

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a message; what is none ends the connection."""
        if frame.msg_type is WSMsgType.TEXT:
            hear(self._state, frame.get_payload_as_bytes(), milliseconds(self._now()))
            self._changed.set()


def _control(transport: WSTransport, method: str, symbol: str) -> None:
    name = symbol.lower()
    streams = [f"{name}@depth{BOOK_LEVELS}@100ms", f"{name}@trade"]
    request = {"method": method, "params": streams, "id": 1}
    transport.send(WSMsgType.TEXT, msgspec.json.encode(request))
