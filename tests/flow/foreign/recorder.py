"""A wire tap between a client and an exchange: every byte passes unchanged, every exchange is kept.

It listens on a port of its own, so a client is recorded by being pointed there. HTTP is read
alongside as it passes; when a connection becomes a WebSocket, its text messages are kept instead.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httptools
import msgspec

_CHUNK = 1 << 16
_START_SECONDS_MAX = 10
_TEXT, _CLOSE = 0x1, 0x8
_LENGTH_16, _LENGTH_64 = 126, 127


class Exchanged(msgspec.Struct, frozen=True):
    """One request and its answer, as they were on the wire."""

    client: str
    began: int
    """How many requests and answers had begun or ended before it: an order of all that was."""
    ended: int
    method: str
    path: str
    query: str
    body: str
    request_headers: dict[str, str]
    status: int
    headers: list[tuple[str, str]]
    """Names in lower case, as often as they came."""
    answer: str


class Said(msgspec.Struct, frozen=True):
    """One text message of a WebSocket."""

    client: str
    at: int
    path: str
    is_from_client: bool
    text: str


class _Side:
    """One HTTP message at a time, read along; subclasses say what becomes of it."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.on_message_begin()

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers: list[tuple[str, str]] = []
        self.body = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self.body += body


class _Asked:
    """A request on its way: an answer may overtake its body."""

    def __init__(self, began: int, method: str, url: bytes, headers: dict[str, str]) -> None:
        parsed = httptools.parse_url(url)
        self.began = began
        self.method = method
        self.path = parsed.path.decode()
        self.query = (parsed.query or b"").decode()
        self.headers = headers
        self.body: str | None = None
        self.answer: tuple[int, int, list[tuple[str, str]], str] | None = None


class _Requests(_Side):
    """The client's side."""

    def __init__(self, talk: "_Talk") -> None:
        super().__init__()
        self.parser = httptools.HttpRequestParser(self)
        self._talk = talk

    def on_headers_complete(self) -> None:
        self._talk.ask(self.parser.get_method().decode(), self.url, dict(self.headers))

    def on_message_complete(self) -> None:
        self._talk.end_request(self.body.decode())


class _Answers(_Side):
    """The exchange's side."""

    def __init__(self, talk: "_Talk") -> None:
        super().__init__()
        self.parser = httptools.HttpResponseParser(self)
        self._talk = talk

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        self._talk.end_answer(status, self.headers, self.body.decode())


class _Frames:
    """WebSocket frames read along; fragments and compression do not occur and would be seen."""

    def __init__(self, said: Callable[[str], None]) -> None:
        self._said = said
        self._held = b""

    def feed(self, data: bytes) -> None:
        self._held += data
        while (size := self._frame()) > 0:
            self._held = self._held[size:]

    def _frame(self) -> int:
        held = self._held
        if len(held) < 2:
            return 0
        code, is_masked, length, at = held[0] & 0x0F, held[1] & 0x80, held[1] & 0x7F, 2
        if length == _LENGTH_16:
            length, at = int.from_bytes(held[2:4], "big"), 4
        elif length == _LENGTH_64:
            length, at = int.from_bytes(held[2:10], "big"), 10
        mask = held[at : at + 4] if is_masked else b""
        at += len(mask)
        if len(held) < at + length or (is_masked and len(mask) < 4):
            return 0
        payload = held[at : at + length]
        if mask:
            payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        if code == _TEXT:
            self._said(payload.decode())
        return at + length


class Recorder:
    """Forwards connections to an exchange and keeps what they say."""

    def __init__(self, client: str, upstream: str) -> None:
        """Record that client's talk with the exchange at an address such as http://host:port."""
        self.client = client
        self.exchanged: list[Exchanged] = []
        self.said: list[Said] = []
        self.url = ""
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname, parts.port)
        self._count = 0
        self._connections: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"recorder {client}")
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self.url = f"http://127.0.0.1:{starting.result(_START_SECONDS_MAX)}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(_START_SECONDS_MAX)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS_MAX)
        self._loop.close()

    async def _start(self) -> int:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accepted(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        far, forth = await asyncio.open_connection(*self._upstream)
        talk = _Talk(self)
        try:
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(_pump(near, forth, talk.from_client))
                pumps.create_task(_pump(far, back, talk.from_exchange))
        except* (ConnectionError, asyncio.CancelledError):
            pass  # Somebody hung up, or the test is over.
        finally:
            for writer in (forth, back):
                writer.close()
                with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                    await writer.wait_closed()
            self._connections.discard(task)

    def tick(self) -> int:
        """Return the next number in the order of all that happens here."""
        self._count += 1
        return self._count


class _Talk:
    """One connection."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._asked: list[_Asked] = []
        self._path = ""
        self._request = _Requests(self)
        self._answer = _Answers(self)
        self._frames: tuple[_Frames, _Frames] | None = None

    def from_client(self, data: bytes) -> None:
        """Read along what the client sends; before it reaches the exchange."""
        if self._frames:
            self._frames[0].feed(data)
            return
        with contextlib.suppress(httptools.HttpParserUpgrade):
            self._request.parser.feed_data(data)

    def from_exchange(self, data: bytes) -> None:
        """Read along what the exchange answers; before it reaches the client."""
        if self._frames:
            self._frames[1].feed(data)
            return
        try:
            self._answer.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._frames = (_Frames(self._heard(True)), _Frames(self._heard(False)))
            self._frames[1].feed(data[upgrade.args[0] :])

    def ask(self, method: str, url: bytes, headers: dict[str, str]) -> None:
        """Note the head of a request."""
        asked = _Asked(self._recorder.tick(), method, url, headers)
        self._path = asked.path
        self._asked.append(asked)

    def end_request(self, body: str) -> None:
        """Note a request's end."""
        next(one for one in self._asked if one.body is None).body = body
        self._keep()

    def end_answer(self, status: int, headers: list[tuple[str, str]], text: str) -> None:
        """Note an answer; answers come in the order of the requests."""
        ended = self._recorder.tick()
        asked = next(one for one in self._asked if one.answer is None)
        asked.answer = (ended, status, headers, text)
        self._keep()

    def _keep(self) -> None:
        while self._asked and self._asked[0].body is not None and self._asked[0].answer:
            asked = self._asked.pop(0)
            assert asked.answer is not None
            assert asked.body is not None
            ended, status, headers, text = asked.answer
            self._recorder.exchanged.append(
                Exchanged(
                    client=self._recorder.client,
                    began=asked.began,
                    ended=ended,
                    method=asked.method,
                    path=asked.path,
                    query=asked.query,
                    body=asked.body,
                    request_headers=asked.headers,
                    status=status,
                    headers=headers,
                    answer=text,
                )
            )

    def _heard(self, is_from_client: bool) -> Callable[[str], None]:
        def said(text: str) -> None:
            recorder = self._recorder
            recorder.said.append(
                Said(recorder.client, recorder.tick(), self._path, is_from_client, text)
            )

        return said


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read_along: Callable[[bytes], None]
) -> None:
    while data := await reader.read(_CHUNK):
        read_along(data)
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
