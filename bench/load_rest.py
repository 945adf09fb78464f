"""Orders over REST: many kept-alive connections, one signed request in flight on each.

The client speaks HTTP itself, because every client library costs more than the server.
Run: ``python -m bench.load_rest URL --pid PID --keys DEMO_JSON``.
"""

import asyncio
import time
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from bench.flow import QUANTITY, SYMBOL, Flow, Wanted, hmac_hex, now_ms
from bench.load import Load, Measured, Options, measure, run

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load, number: int) -> None:
        """Prepare the connection with that number."""
        self._load = load
        key = load.options.keys[number % len(load.options.keys)]
        self._secret = key.api_secret.encode()
        host = urlsplit(load.options.url).netloc
        self._headers = f"Host: {host}\r\nX-MBX-APIKEY: {key.api_key}\r\n"
        self._flow = Flow(f"r{number:x}-{now_ms():x}-", number, load.tally)
        self._buffer = b""
        self._pending: tuple[Wanted, int] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take an answer when it is whole and, while the load is on, ask for the next thing."""
        self._buffer += data
        head = self._buffer.find(_END)
        if head < 0:
            return
        length = self._buffer.index(_LENGTH) + len(_LENGTH)
        size = int(self._buffer[length : self._buffer.index(b"\r", length)])
        if len(self._buffer) < head + len(_END) + size:
            return
        assert self._pending is not None, "an answer nobody asked for"
        wanted, began_ns = self._pending
        content, self._buffer = self._buffer, b""
        self._pending = None
        self._load.in_flight -= 1
        self._flow.answered(wanted, int(content[9:12]), content, began_ns)
        if self._load.is_running:
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a request that will not be answered any more."""
        if self._pending is not None:
            self._load.tally.counts["unexpected"] += 1
            self._load.tally.first_unexpected = f"the server closed a connection: {exc}"
            self._load.in_flight -= 1
            self._pending = None

    def ask(self) -> None:
        """Send the next request: parameters of a POST in its body, of a DELETE in its query."""
        wanted = self._flow.next()
        if wanted.price:
            form = (
                f"symbol={SYMBOL}&side={wanted.side}&type=LIMIT&timeInForce=GTC"
                f"&quantity={QUANTITY}&price={wanted.price}&selfTradePreventionMode=NONE"
                f"&newClientOrderId={wanted.client_id}&timestamp={now_ms()}"
            )
        else:
            form = f"symbol={SYMBOL}&origClientOrderId={wanted.client_id}&timestamp={now_ms()}"
        form += f"&signature={hmac_hex(self._secret, form.encode())}"
        if wanted.price:
            request = (
                f"POST /api/v3/order HTTP/1.1\r\n{self._headers}"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(form)}\r\n\r\n{form}"
            )
        else:
            request = f"DELETE /api/v3/order?{form} HTTP/1.1\r\n{self._headers}\r\n"
        self._load.in_flight += 1
        self._pending = (wanted, time.perf_counter_ns())
        self._transport.write(request.encode())

    def close(self) -> None:
        """Leave."""
        self._transport.close()


def _same(client: Client) -> Client:
    return client


async def main(options: Options) -> Measured:
    """Connect and press."""
    load = Load(options)
    where = urlsplit(options.url)
    loop = asyncio.get_running_loop()
    clients: list[Client] = []
    for number in range(options.connections):
        client = Client(load, number)
        await loop.create_connection(partial(_same, client), where.hostname or "", where.port or 80)
        clients.append(client)

    async def press() -> None:
        for client in clients:
            client.ask()

    measured = await measure(load, press)
    for client in clients:
        client.close()
    return measured


if __name__ == "__main__":
    run(__doc__ or "", connections=64, in_flight=1, main=main)
