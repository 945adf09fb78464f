"""Orders over the WebSocket API: many connections, several requests in flight on each.

A connection logs on once with a signed ``session.logon``; its orders then need no signature, or
carry one each with ``--signed``. Run: ``python -m bench.load_ws URL --pid PID --keys DEMO_JSON``.
"""

import asyncio
import time
from functools import partial
from urllib.parse import urlsplit

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.flow import QUANTITY, SYMBOL, Flow, Wanted, hmac_hex, now_ms
from bench.load import Load, Measured, Options, measure, run

LOGON_SECONDS_MAX = 30.0
_LOGON = 0


class Client(WSListener):
    """One connection."""

    def __init__(self, load: Load, number: int) -> None:
        """Prepare the connection with that number."""
        self.is_logged_on: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        key = load.options.keys[number % len(load.options.keys)]
        self._api_key, self._secret = key.api_key, key.api_secret.encode()
        self._flow = Flow(f"w{number:x}-{now_ms():x}-", number, load.tally)
        self._pending: dict[int, tuple[Wanted, int]] = {}
        self._last = _LOGON
        self._transport: WSTransport

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Log on."""
        self._transport = transport
        self._call(_LOGON, "session.logon", self._signed({"timestamp": str(now_ms())}))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take an answer and, while the load is on, ask for the next thing."""
        if frame.msg_type != WSMsgType.TEXT:
            return
        content = frame.get_payload_as_bytes()
        # {"id":7,"status":200,...
        comma = content.index(b",")
        number, status = int(content[6:comma]), int(content[comma + 10 : comma + 13])
        if number == _LOGON:
            assert status == 200, content
            self.is_logged_on.set_result(None)
            return
        wanted, began_ns = self._pending.pop(number)
        self._load.in_flight -= 1
        self._flow.answered(wanted, status, content, began_ns)
        if self._load.is_running:
            self.ask()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Count requests that will not be answered any more."""
        if self._pending:
            self._load.tally.counts["unexpected"] += len(self._pending)
            self._load.tally.first_unexpected = "the server closed a connection"
            self._load.in_flight -= len(self._pending)
            self._pending.clear()

    def ask(self) -> None:
        """Send the next request."""
        wanted = self._flow.next()
        self._last += 1
        if wanted.price:
            method, params = (
                "order.place",
                {
                    "newClientOrderId": wanted.client_id,
                    "price": wanted.price,
                    "quantity": QUANTITY,
                    "selfTradePreventionMode": "NONE",
                    "side": wanted.side,
                    "symbol": SYMBOL,
                    "timeInForce": "GTC",
                    "timestamp": str(now_ms()),
                    "type": "LIMIT",
                },
            )
        else:
            method, params = (
                "order.cancel",
                {
                    "origClientOrderId": wanted.client_id,
                    "symbol": SYMBOL,
                    "timestamp": str(now_ms()),
                },
            )
        if self._load.options.is_signed:
            params = self._signed(params)
        self._load.in_flight += 1
        self._pending[self._last] = (wanted, time.perf_counter_ns())
        self._call(self._last, method, params)

    def close(self) -> None:
        """Leave."""
        self._transport.disconnect()

    def _signed(self, params: dict[str, str]) -> dict[str, str]:
        """Return the parameters, which are in the order of their names, with key and signature."""
        keyed = {"apiKey": self._api_key} | params
        payload = "&".join(f"{name}={text}" for name, text in keyed.items())
        return keyed | {"signature": hmac_hex(self._secret, payload.encode())}

    def _call(self, number: int, method: str, params: dict[str, str]) -> None:
        # No text of ours needs escaping, and numbers are sent as numbers where clients do so.
        pairs = ",".join(
            f'"{name}":{text}' if name == "timestamp" else f'"{name}":"{text}"'
            for name, text in params.items()
        )
        text = f'{{"id":{number},"method":"{method}","params":{{{pairs}}}}}'
        self._transport.send(WSMsgType.TEXT, text.encode())


def _same(client: Client) -> Client:
    return client


async def main(options: Options) -> Measured:
    """Connect, log on, and press."""
    load = Load(options)
    url = f"ws://{urlsplit(options.url).netloc}/ws-api/v3"
    clients: list[Client] = []
    for number in range(options.connections):
        client = Client(load, number)
        await ws_connect(partial(_same, client), url)
        clients.append(client)
    async with asyncio.timeout(LOGON_SECONDS_MAX):
        await asyncio.gather(*(client.is_logged_on for client in clients))

    async def press() -> None:
        for client in clients:
            for _ in range(options.in_flight):
                client.ask()

    measured = await measure(load, press)
    for client in clients:
        client.close()
    return measured


if __name__ == "__main__":
    run(__doc__ or "", connections=100, in_flight=8, main=main)
