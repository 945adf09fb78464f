"""Questions to a running exchange: one GET, one answer, no thread that a person has to wait for.

The standard library asks over HTTP with threads only, and a client library would be a dependency
for two dozen lines.

    Unreachable   nobody answers there, or not as an exchange does; the message says what
"""

import asyncio
import os
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import httptools
import msgspec

TIMEOUT_SECONDS: Final = 5
ANSWER_BYTES_MAX: Final = 64 << 20
_READ_BYTES: Final = 1 << 16
_OK: Final = 200

Answer = TypeVar("Answer")


class Unreachable(Exception):
    """Nobody answers there, or not as an exchange does."""


class Door:
    """The public REST interface of an exchange."""

    def __init__(self, url: str) -> None:
        """Name the address, such as http://127.0.0.1:8080. Raises Unreachable if it is none."""
        try:
            parts = urlsplit(url)
            self._port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise Unreachable(str(error)) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreachable("an address is like http://127.0.0.1:8080")
        self._host, self._netloc = parts.hostname, parts.netloc
        self._is_secret = parts.scheme == "https"
        self._path = parts.path.rstrip("/")

    @property
    def sockets(self) -> str:
        """The same address for WebSockets."""
        return f"{'wss' if self._is_secret else 'ws'}://{self._netloc}{self._path}"

    async def ask(self, kind: type[Answer], path: str, **fields: str | int) -> Answer:
        """Return an answer of that form. Raises Unreachable."""
        body = await self.get(path, **fields)
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.MsgspecError as error:
            raise Unreachable(f"{path} is not what an exchange answers: {error}") from error

    async def get(self, path: str, **fields: str | int) -> bytes:
        """Return the body of an answer. Raises Unreachable."""
        query = f"?{urlencode(fields)}" if fields else ""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status, body = await self._exchange(f"{self._path}{path}{query}")
        except OSError as error:
            raise Unreachable(words_of(error)) from error
        except httptools.HttpParserError as error:
            raise Unreachable(f"no HTTP: {error}") from error
        if status != _OK:
            raise Unreachable(f"{path} answers {status}: {_said(body)}")
        return body

    async def _exchange(self, target: str) -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection(
            self._host, self._port, ssl=self._is_secret or None
        )
        try:
            head = f"GET {target} HTTP/1.1", f"Host: {self._netloc}", "Connection: close", "", ""
            writer.write("\r\n".join(head).encode())
            answer = _Body()
            parser = httptools.HttpResponseParser(answer)
            while not answer.is_complete:
                data = await reader.read(_READ_BYTES)
                if not data:
                    raise Unreachable("the answer broke off")
                parser.feed_data(data)
                if len(answer.body) > ANSWER_BYTES_MAX:
                    raise Unreachable(f"an answer of more than {ANSWER_BYTES_MAX} bytes")
            return parser.get_status_code(), bytes(answer.body)
        finally:
            writer.close()


class _Body:
    """Gathers what the parser finds."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.is_complete = False

    def on_body(self, part: bytes) -> None:
        """Take a part."""
        self.body += part

    def on_message_complete(self) -> None:
        """Note the end."""
        self.is_complete = True


def words_of(error: OSError) -> str:
    """Say what went wrong, without the addresses that asyncio adds."""
    if isinstance(error, TimeoutError):
        return f"no answer in {TIMEOUT_SECONDS} s"
    return os.strerror(error.errno) if error.errno else str(error)


def _said(body: bytes) -> str:
    """Return the exchange's own words of a refusal."""
    try:
        said: Any = msgspec.json.decode(body)
        return str(said["msg"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return body[:80].decode("utf-8", "replace")
