"""One GET, one answer, or a sentence that says why not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flowex.app.top import door as subject
from flowex.app.top.door import Door, Unreachable


@asynccontextmanager
async def server(answer: bytes, heard: list[bytes] | None = None) -> AsyncIterator[str]:
    """Serve the same bytes to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(head)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def whole(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_question_and_its_answer() -> None:
    heard: list[bytes] = []
    async with server(whole(b'{"a":1}'), heard) as url:
        door = Door(f"{url}/under/")
        assert await door.ask(dict[str, int], "/status", symbol="A B", limit=5) == {"a": 1}
        assert door.sockets == url.replace("http", "ws") + "/under"
    assert heard[0].startswith(b"GET /under/status?symbol=A+B&limit=5 HTTP/1.1\r\nHost: 127.0.0.1:")


async def test_an_answer_in_pieces() -> None:
    pieces = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    async with server(pieces) as url:
        assert await Door(url).get("/") == b"abc"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            whole(b'{"code":-1121,"msg":"Invalid symbol."}', "400 Bad"),
            "answers 400: Invalid symbol",
        ),
        (whole(b"<html>", "502 Bad"), "answers 502: <html>"),
        (whole(b"[]", "500 Bad"), r"answers 500: \[\]"),
        (whole(b"<html>"), "is not what an exchange answers"),
        (whole(b'{"a":"1"}'), "is not what an exchange answers"),
        (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "the answer broke off"),
        (b"", "the answer broke off"),
    ],
)
async def test_strangers_are_told_from_an_exchange(answer: bytes, why: str) -> None:
    async with server(answer) as url:
        with pytest.raises(Unreachable, match=why):
            await Door(url).ask(dict[str, int], "/status")


async def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "ANSWER_BYTES_MAX", 10)
    async with server(whole(b"x" * 11)) as url:
        with pytest.raises(Unreachable, match="more than 10 bytes"):
            await Door(url).get("/")


async def test_silence_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "TIMEOUT_SECONDS", 0.01)
    over = asyncio.Event()

    async def say_nothing(reader: Any, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    listen: Callable[..., Awaitable[asyncio.Server]] = asyncio.start_server
    async with await listen(say_nothing, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="no answer in"):
            await Door(f"http://127.0.0.1:{port}").get("/")
        over.set()


async def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match=r"^Connection refused$"):
        await Door("http://127.0.0.1:9").get("/")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1", "ftp://a", "http://", "http://a:b", "http://a:99999"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Unreachable):
        Door(url)
