"""Outboxes: one write per turn, bounded, and never in anybody's way."""

import asyncio
from typing import Any

import pytest
from waiting import eventually

from flowex.services.gateway.sockets import (
    OUTBOX_BYTES_MAX,
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


@pytest.fixture
async def connection() -> Connection:
    connection = Connection(Sockets(), "127.0.0.1")
    connection.on_ws_connected(Transport())  # type: ignore[arg-type] # a part stands for the whole
    return connection


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
