"""uvicorn's HTTP protocol with every quantity bounded, and the hand-over of upgrades to picows."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec
from httptools import parse_url
from picows import (
    WSAutoPingStrategy,
    WSListener,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in picows' stubs
from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

ListenerFactory = Callable[[WSUpgradeRequest, str], WSListener | None]
"""Picks the listener by request and client address; None where no WebSocket lives."""

_LOG = logging.getLogger("flowex.gateway.http")
_LOG.setLevel(logging.ERROR)  # What strangers send is not worth a warning each time.
_WEBSOCKET_LOG = logging.getLogger("flowex.gateway.websocket")
# Nor is each frame that is none; what fails on our side is still told.
_WEBSOCKET_LOG.addFilter(lambda record: not str(record.msg).startswith("WS parser error"))
_HANDSHAKE_SECONDS_MAX = 5
_FRAME_BYTES_MAX = 64 * 1024
_READ_BUFFER_BYTES = 4 * 1024
_TIMEOUT = 408
_HEADERS_TOO_LARGE = 431


class HttpLimits(msgspec.Struct, frozen=True):
    """What one listening port grants to strangers."""

    connections_max: int = 12_000
    """Open connections, HTTP and WebSocket together; more are answered 503 and closed."""
    header_bytes_max: int = 16 * 1024
    """Request line and headers of one request; more is answered 431."""
    body_bytes_max: int = 1024 * 1024
    """Body of one request; the application answers 413 above it."""
    request_seconds_max: float = 15.0
    """From a connection's or request's first byte to its last: the slowloris bound."""
    keep_alive_seconds_max: int = 75
    """Idle time of a kept connection."""


class Counters:
    """How many connections are open; shared by all protocols of one port."""

    def __init__(self) -> None:
        """Start with nothing open."""
        self.http: set[BoundedHttp] = set()
        self.websockets = 0
        self.refused = 0

    @property
    def open(self) -> int:
        """All open connections."""
        return len(self.http) + self.websockets


class Cycle(RequestResponseCycle):
    """One request and its answer; a whole answer leaves in one write instead of two."""

    _start: HTTPResponseStartEvent | None = None

    async def send(self, message: ASGISendEvent) -> None:
        """Take the answer's head and body; uvicorn serves what is streamed or disconnected."""
        if message["type"] == "http.response.start" and not self.response_started:
            self._start = message
            return
        start, self._start = self._start, None
        if start is None or message["type"] != "http.response.body":
            await super().send(message)
        elif message.get("more_body") or self.scope["method"] == "HEAD" or self.flow.write_paused:
            await super().send(start)
            await super().send(message)
        elif not self.disconnected:
            self._write(start, message.get("body", b""))

    def _write(self, start: HTTPResponseStartEvent, body: bytes) -> None:
        headers = start.get("headers", ())
        lines = [STATUS_LINE[start["status"]]]
        for name, value in headers:
            lines += (name, b": ", value, b"\r\n")
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        # As many line ends as lines: nobody's value has smuggled a header in.
        expected = 1 + len(tuple(headers)) + (not self.keep_alive)
        assert head.count(b"\n") == expected, "a header contains a line end"
        self.transport.write(head + b"\r\n" + body)
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class BoundedHttp(HttpToolsProtocol):
    """One HTTP connection: uvicorn's, with its size, its duration and its number bounded."""

    def __init__(self, *, counters: Counters, limits: HttpLimits, **rest: Any) -> None:
        """Build the protocol; ``rest`` goes to uvicorn."""
        super().__init__(**rest)
        self.access_log = False
        self.logger = _LOG
        self.counters = counters
        self.limits = limits
        self._header_bytes = 0
        self._in_headers = True
        self.reading_since = 0.0
        """Loop time at which the unfinished request began; 0 between requests."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Count the connection, or turn it away when the house is full."""
        super().connection_made(transport)
        if self.counters.open >= self.limits.connections_max:
            self.counters.refused += 1
            self._refuse(
                503,
                -1008,
                "Server is currently overloaded with other requests. "
                "Please try again in a few minutes.",
            )
            return
        self.counters.http.add(self)
        self.reading_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.counters.http.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, refusing a header block that never ends."""
        if self.transport.is_closing():
            return
        if self._in_headers:
            if not self.reading_since:
                self.reading_since = self.loop.time()
            self._header_bytes += len(data)
        super().data_received(data)
        if self._in_headers and self._header_bytes > self.limits.header_bytes_max:
            self._refuse(_HEADERS_TOO_LARGE, -1100, "Request headers are too large.")

    def on_headers_complete(self) -> None:
        """Start the application, unless the headers alone are too large.

        What uvicorn does here, without what this server has no use for, and with `Cycle`.
        """
        self._in_headers = False
        self._check_header_size()
        self.scope["method"] = self.parser.get_method().decode("ascii")
        if self.parser.should_upgrade() and self._should_upgrade():
            return
        url = parse_url(self.url)
        self.scope["raw_path"] = url.path
        self.scope["path"] = unquote(url.path.decode("ascii"))
        self.scope["query_string"] = url.query or b""
        before: RequestResponseCycle | None = self.cycle
        self.cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            # A pipelined request waits for the answer to the one before it.
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _check_header_size(self) -> None:
        if self._header_bytes <= self.limits.header_bytes_max:
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.header_bytes_max:
            self._refuse(_HEADERS_TOO_LARGE, -1100, "Request headers are too large.")
            # The parser turns this into its own error; the answer is on its way already.
            raise ValueError("headers too large")

    def on_message_complete(self) -> None:
        """Note that the request has arrived whole."""
        self._in_headers = True
        self._header_bytes = 0
        self.reading_since = 0.0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with the contract's JSON instead of plain text."""
        if not self.transport.is_closing():
            self._refuse(400, -1100, msg)

    def expire(self, now: float) -> None:
        """Close the connection when its request has taken too long to arrive."""
        if self.reading_since and now - self.reading_since > self.limits.request_seconds_max:
            cycle: RequestResponseCycle | None = self.cycle
            is_idle = self._in_headers and not self._header_bytes
            if is_idle or (cycle is not None and cycle.response_started):
                self.transport.abort()
            else:
                self._refuse(_TIMEOUT, -1007, "The request took too long to arrive.")

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; from here on it is a WebSocket."""
        self.counters.http.discard(self)
        self._unset_keepalive_if_required()
        super().handle_websocket_upgrade()

    def _refuse(self, status: int, code: int, message: str) -> None:
        body = msgspec.json.encode({"code": code, "msg": message})
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/json\r\nconnection: close\r\ncontent-length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )
        self.transport.close()


class Upgraded(WSProtocol):  # type: ignore[misc]  # not in picows' stubs
    """picows' protocol, able to be fed the bytes that uvicorn has already read."""

    def __init__(self, factory: ListenerFactory, counters: Counters, limits: HttpLimits) -> None:
        """Build the protocol; ``factory`` picks the listener by the request's path."""
        # picows takes these by position only; the names are those of its source.
        is_client_side = False
        disconnect_on_exception = enable_auto_pong = True
        # `Connection` pings: picows allows no pong to be later than the next ping.
        enable_auto_ping, ping_seconds, pong_seconds_max = False, 20.0, 20.0
        super().__init__(
            None,
            None,
            is_client_side,
            self._pick,
            _WEBSOCKET_LOG,
            disconnect_on_exception,
            _HANDSHAKE_SECONDS_MAX,
            enable_auto_ping,
            ping_seconds,
            pong_seconds_max,
            WSAutoPingStrategy.PING_PERIODICALLY,
            enable_auto_pong,
            _FRAME_BYTES_MAX,
            None,
            _READ_BUFFER_BYTES,
        )
        self._factory = factory
        self._counters = counters
        self._address = ""

    def _pick(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
        listener = self._factory(request, self._address)
        if listener is not None:
            return listener
        body = msgspec.json.encode({"code": -1020, "msg": "This path is not served."})
        headers = {"content-type": "application/json"}
        refusal = WSUpgradeResponse.create_error_response(404, body, headers)
        return WSUpgradeResponseWithListener(refusal, None)

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Count the connection."""
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._counters.websockets += 1
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._counters.websockets -= 1
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes that arrived before the transport knew this protocol."""
        left = memoryview(data)
        while left:
            room = self.get_buffer(len(left))
            size = min(len(room), len(left))
            room[:size] = left[:size]
            self.buffer_updated(size)
            left = left[size:]


def protocol_factory(
    config: Config, state: ServerState, counters: Counters, limits: HttpLimits
) -> Callable[[], BoundedHttp]:
    """Return what the loop calls for each new connection."""

    def build() -> BoundedHttp:
        return BoundedHttp(
            config=config, server_state=state, app_state={}, counters=counters, limits=limits
        )

    return build
