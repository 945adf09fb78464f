"""Outboxes: one write per turn, bounded, and never in anybody's way."""

import asyncio
from typing import Any

import pytest
from picows import WSMsgType
from waiting import eventually

from flowex.services.gateway.sockets import (
    LIFE_SECONDS_MAX,
    MESSAGE_BYTES_MAX,
    OUTBOX_BYTES_MAX,
    PING_SECONDS,
    PONG_SECONDS_MAX,
    UNREAD_SECONDS_MAX,
    Connection,
    Sockets,
    frame_of,
)


class Transport:
    """The part of a picows transport that an outbox touches."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.underlying_transport = self
        self.closed_gracefully: bool | None = None
        self.request = None

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def disconnect(self, *, graceful: bool = True) -> None:
        self.closed_gracefully = graceful

    def send_close(self, code: Any, reason: bytes) -> None:
        self.written.append(reason)

    def send_ping(self) -> None:
        self.written.append(b"ping")


class Frame:
    """The part of a picows frame that a connection reads."""

    def __init__(self, msg_type: WSMsgType, payload: bytes = b"", *, fin: bool = True) -> None:
        self.msg_type = msg_type
        self.fin = fin
        self._payload = payload

    def get_payload_as_bytes(self) -> bytes:
        return self._payload


class Listener(Connection):
    """Keeps what it receives."""

    def __init__(self) -> None:
        super().__init__(Sockets(), "127.0.0.1")
        self.received: list[bytes] = []

    def receive(self, message: bytes) -> None:
        self.received.append(message)

    def feed(self, *frames: Frame) -> None:
        for frame in frames:
            self.on_ws_frame(self._transport, frame)  # type: ignore[arg-type] # a part


@pytest.fixture
async def connection() -> Connection:
    connection = Connection(Sockets(), "127.0.0.1")
    connection.on_ws_connected(Transport())  # type: ignore[arg-type] # a part stands for the whole
    return connection


@pytest.fixture
async def listener() -> Listener:
    listener = Listener()
    listener.on_ws_connected(Transport())  # type: ignore[arg-type] # a part stands for the whole
    return listener


def transport_of(connection: Connection) -> Transport:
    return connection._transport  # type: ignore[return-value] # the part put there


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frames_are_server_text_frames(size: int) -> None:
    frame = frame_of(b"x" * size)
    assert frame[0] == 0x81
    assert frame.endswith(b"x" * size)
    assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


async def test_a_turns_messages_leave_in_one_write(connection: Connection) -> None:
    for _ in range(3):
        connection.send(b"hi")
    assert transport_of(connection).written == []
    await asyncio.sleep(0)
    assert transport_of(connection).written == [frame_of(b"hi") * 3]


async def test_a_full_transport_is_waited_for(connection: Connection) -> None:
    connection.pause_writing()
    connection.send(b"later")
    await asyncio.sleep(0)
    assert transport_of(connection).written == []
    connection.resume_writing()
    assert transport_of(connection).written == [frame_of(b"later")]


async def test_an_overfull_outbox_is_dropped(connection: Connection) -> None:
    connection.pause_writing()
    for _ in range(OUTBOX_BYTES_MAX // 1_000 + 1):
        connection.send(b"x" * 1_000)
    assert connection.is_open
    await asyncio.sleep(0)
    assert transport_of(connection).closed_gracefully is False
    assert not connection.is_open
    assert connection.sockets.evicted == 1


async def test_a_client_that_does_not_read_is_dropped_after_a_while(connection: Connection) -> None:
    connection.pause_writing()
    connection.expire(connection.sockets.now() + UNREAD_SECONDS_MAX / 2)
    assert connection.is_open
    connection.expire(connection.sockets.now() + UNREAD_SECONDS_MAX + 1)
    assert not connection.is_open


async def test_stopping_says_goodbye(connection: Connection) -> None:
    connection.send(b"last words")
    connection.sockets.stop()
    await eventually(lambda: transport_of(connection).closed_gracefully, "the goodbye")
    assert transport_of(connection).written == [frame_of(b"last words"), b"server shutdown"]


async def test_a_client_has_a_minute_for_its_pong(listener: Listener) -> None:
    start = listener.sockets.now()
    written = transport_of(listener).written
    listener.expire(start + PING_SECONDS / 2)
    assert written == []
    for number in (1, 2, 3):
        listener.expire(start + number * PING_SECONDS + 1)
    assert written == [b"ping"] * 3
    listener.feed(Frame(WSMsgType.PONG))
    first = start + 4 * PING_SECONDS + 1
    listener.expire(first)
    listener.expire(first + PONG_SECONDS_MAX)
    assert b"no pong in a minute" not in written
    listener.expire(first + PONG_SECONDS_MAX + 1)
    assert written[-1] == b"no pong in a minute"
    assert transport_of(listener).closed_gracefully


async def test_a_day_is_the_longest_life(connection: Connection) -> None:
    connection.expire(connection.connected_at + LIFE_SECONDS_MAX + 1)
    assert transport_of(connection).written == [b"24 hours are over"]


async def test_fragments_are_joined_whatever_their_number(listener: Listener) -> None:
    text, more = WSMsgType.TEXT, WSMsgType.CONTINUATION
    empty = [Frame(more, fin=False)] * 10_000
    listener.feed(Frame(text, b"he", fin=False), *empty, Frame(more, b"llo"), Frame(text, b"you"))
    assert listener.received == [b"hello", b"you"]
    assert transport_of(listener).closed_gracefully is None


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([Frame(WSMsgType.CONTINUATION, b"x")], b"fragments out of order"),
        (
            [Frame(WSMsgType.TEXT, b"x", fin=False), Frame(WSMsgType.TEXT, b"y")],
            b"fragments out of order",
        ),
        (
            [
                Frame(WSMsgType.TEXT, b"x", fin=False),
                Frame(WSMsgType.CONTINUATION, b"y" * MESSAGE_BYTES_MAX),
            ],
            b"",
        ),
    ],
)
async def test_wrong_fragments_end_the_connection_and_nothing_follows(
    listener: Listener, frames: list[Frame], reason: bytes
) -> None:
    listener.feed(*frames, Frame(WSMsgType.TEXT, b"more"))
    listener.send(b"an answer")
    await asyncio.sleep(0)
    assert listener.received == []
    assert transport_of(listener).written == [reason]
    assert transport_of(listener).closed_gracefully
