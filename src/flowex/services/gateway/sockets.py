"""WebSocket connections that never make anybody wait: bounded outboxes, one write per turn.

A frame is built once and shared by all who get it. What a turn of the loop queues for a connection
leaves in one write. A connection that does not read is closed after a few seconds, or at once when
its outbox is full; nobody ever awaits a send.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

OUTBOX_BYTES_MAX: Final = 1024 * 1024
"""Bytes waiting for a connection whose transport is full."""
UNREAD_SECONDS_MAX: Final = 3.0
"""How long a client may leave a full transport unread."""
LIFE_SECONDS_MAX: Final = 24 * 3600.0
PING_SECONDS: Final = 20.0
"""Time between two pings of the server."""
PONG_SECONDS_MAX: Final = 60.0
"""How long a client may leave pings unanswered."""
MESSAGE_BYTES_MAX: Final = 64 * 1024
FLUSHED_PER_TURN_MAX: Final = 512
"""Connections written to in one turn of the loop; the rest wait for the next turn."""
SWEEP_SECONDS: Final = 1.0

_TEXT: Final = WSMsgType.TEXT
_SHORT: Final = 126
_LONG: Final = 1 << 16


def frame_of(payload: bytes) -> bytes:
    """Return the server's WebSocket text frame of a payload."""
    size = len(payload)
    if size < _SHORT:
        return bytes((0x81, size)) + payload
    if size < _LONG:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload


class Connection(WSListener):
    """One WebSocket client; a door subclasses it and reads `receive`."""

    def __init__(self, sockets: "Sockets", address: str) -> None:
        """Prepare for the client at an address; picows calls the rest."""
        self.sockets = sockets
        self.address = address
        self.is_open = False
        self.connected_at = 0.0
        self._transport: WSTransport
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._unread_since = 0.0
        self._pinged_at = 0.0
        self._unanswered_since = 0.0
        """When the first ping went out that no pong has answered; 0 where none waits."""
        self._is_closing = False
        self._message: bytearray | None = None
        """The fragments so far of a message that comes in several."""

    def opened(self) -> None:
        """Do what the door does with a new client."""

    def receive(self, message: bytes) -> None:
        """Take a client's message."""

    def closed(self) -> None:
        """Do what the door does when the client is gone."""

    def post(self, frame: bytes) -> None:
        """Queue a ready frame; it leaves in this turn of the loop or the next."""
        if not self.is_open or self._is_closing:
            return
        if not self._outbox:
            self.sockets.wants_flush(self)
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if self._unread_since and self._outbox_bytes > OUTBOX_BYTES_MAX:
            # Not at once: whoever posts may be walking through the clients of a stream.
            self._outbox.clear()
            self._outbox_bytes = 0
            self.sockets.soon(self.evict)

    def send(self, payload: bytes) -> None:
        """Queue a text message."""
        self.post(frame_of(payload))

    def close(self, code: WSCloseCode = WSCloseCode.OK, reason: str = "") -> None:
        """Send what is queued, say goodbye, and close."""
        if self.is_open and not self._is_closing:
            self._is_closing = True
            self.flush()
            self._transport.send_close(code, reason.encode())
            self._transport.disconnect()

    def evict(self) -> None:
        """Drop a client that does not read."""
        if self.is_open:
            self.sockets.evicted += 1
            self._drop()
            self._transport.disconnect(graceful=False)

    def flush(self) -> None:
        """Write the outbox, unless the transport is full."""
        if self._outbox and not self._unread_since and self.is_open:
            data = self._outbox[0] if len(self._outbox) == 1 else b"".join(self._outbox)
            self._outbox.clear()
            self._outbox_bytes = 0
            self._transport.underlying_transport.write(data)

    def expire(self, now: float) -> None:
        """Close the connection when it is silent for too long, or has lived a day; else ping it."""
        if self._unread_since and now - self._unread_since > UNREAD_SECONDS_MAX:
            self.evict()
        elif self._unanswered_since and now - self._unanswered_since > PONG_SECONDS_MAX:
            self.close(WSCloseCode.GOING_AWAY, "no pong in a minute")
        elif now - self.connected_at > LIFE_SECONDS_MAX:
            self.close(WSCloseCode.GOING_AWAY, "24 hours are over")
        elif now - self._pinged_at >= PING_SECONDS and not self._is_closing:
            self._pinged_at = now
            self._unanswered_since = self._unanswered_since or now
            self._transport.send_ping()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Join the sockets."""
        self._transport = transport
        self.is_open = True
        self.connected_at = self._pinged_at = self.sockets.now()
        self.sockets.members.add(self)
        self.opened()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer a goodbye, note a pong, and take a message or a fragment of one."""
        kind = frame.msg_type
        if kind == _TEXT and frame.fin and self._message is None and not self._is_closing:
            self.receive(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            if not transport.is_close_frame_sent:
                transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif kind == WSMsgType.PONG:
            self._unanswered_since = 0.0
        elif not self._is_closing:
            self._take(kind, frame)

    def _take(self, kind: WSMsgType, frame: WSFrame) -> None:
        """Hand a message to the door, joined from its fragments where it came in several."""
        message = self._message
        if (kind == WSMsgType.CONTINUATION) != (message is not None):
            self.close(WSCloseCode.PROTOCOL_ERROR, "fragments out of order")
        elif message is None:
            if frame.fin:
                self.receive(frame.get_payload_as_bytes())
            else:
                self._message = bytearray(frame.get_payload_as_bytes())
        else:
            message += frame.get_payload_as_bytes()
            if len(message) > MESSAGE_BYTES_MAX:
                self.close(WSCloseCode.MESSAGE_TOO_BIG)
            elif frame.fin:
                self._message = None
                self.receive(bytes(message))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leave the sockets."""
        self._drop()

    def pause_writing(self) -> None:
        """Note that the client does not keep up."""
        self._unread_since = self.sockets.now()

    def resume_writing(self) -> None:
        """Go on where the client stopped reading."""
        self._unread_since = 0.0
        self.flush()

    def _drop(self) -> None:
        if self.is_open:
            self.is_open = False
            self._outbox.clear()
            self.sockets.members.discard(self)
            self.closed()


class Sockets:
    """All WebSocket connections of a gateway."""

    def __init__(self) -> None:
        """Start with none; must be made inside a running loop."""
        self.members: set[Connection] = set()
        self.evicted = 0
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Connection] = []
        self._flush_scheduled = False
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def now(self) -> float:
        """Return the loop's time in seconds: for patience, never for data."""
        return self._loop.time()

    def wants_flush(self, connection: Connection) -> None:
        """Note that a connection has something to write at the end of this turn."""
        self._waiting.append(connection)
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)

    def soon(self, action: Callable[[], None]) -> None:
        """Do something in the next turn of the loop."""
        self._loop.call_soon(action)

    def stop(self) -> None:
        """Close every connection, saying that the server goes away."""
        self._sweeper.cancel()
        for connection in tuple(self.members):
            connection.close(WSCloseCode.GOING_AWAY, "server shutdown")

    def _flush(self) -> None:
        batch = self._waiting[:FLUSHED_PER_TURN_MAX]
        del self._waiting[:FLUSHED_PER_TURN_MAX]
        for connection in batch:
            connection.flush()
        self._flush_scheduled = bool(self._waiting)
        if self._flush_scheduled:
            self._loop.call_soon(self._flush)

    def _sweep(self) -> None:
        now = self.now()
        for connection in tuple(self.members):
            connection.expire(now)
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)
