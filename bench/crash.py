"""``make crash``: kill a running exchange 20 times under load, and count what was lost.

The exchange is ``flowex run``, a process of its own, killed with SIGKILL while clients trade on it
over the WebSocket API. The clients write down every acknowledgement as they get it. After each
restart they ask for every order they were told of: it has to be there, with its number, and an
order that was cancelled has to be cancelled. At the end journal and ledger are verified.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.flow import QUANTITY, SYMBOL, hmac_hex, now_ms
from bench.running import SCRIPT, Exchange, Key

KILLS: Final = 20
ACKNOWLEDGED_MIN: Final = 1_000
ACKNOWLEDGED_MAX: Final = 4_000
CONNECTIONS: Final = 4
IN_FLIGHT: Final = 16
SEED: Final = 1


@dataclass
class Told:
    """What the clients know of one order."""

    order: int
    key: Key
    is_canceled: bool = False


@dataclass
class Log:
    """Everything the clients were told, over all lives of the exchange."""

    orders: dict[str, Told] = field(default_factory=dict)
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    numbers: int = 0
    _wanted: int = 0
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def have(self, acknowledged: int) -> None:
        """Return when so many commands are acknowledged."""
        self._wanted, self._reached = acknowledged, asyncio.Event()
        await self._reached.wait()

    def note(self) -> None:
        """Count an acknowledgement."""
        self.acknowledged += 1
        if self.acknowledged >= self._wanted:
            self._reached.set()


class Client:
    """One connection, logged on."""

    def __init__(self, socket: ClientConnection, log: Log, key: Key) -> None:
        """Speak on that connection and write down what is heard."""
        self.key = key
        self._socket = socket
        self._log = log
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last = 0

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()

    async def log_on(self) -> None:
        """Say who is asking; orders need no signature after that."""
        params = {"apiKey": self.key.api_key, "timestamp": now_ms()}
        payload = "&".join(f"{name}={value}" for name, value in params.items())
        signature = hmac_hex(self.key.api_secret.encode(), payload.encode())
        answer = await self.call("session.logon", params | {"signature": signature})
        assert answer["status"] == 200, answer

    async def listen(self) -> None:
        """Hand answers to those who wait, until the connection breaks."""
        try:
            async for text in self._socket:
                answer = json.loads(text)
                self._waiting.pop(answer["id"]).set_result(answer)
        except ConnectionClosed:
            pass
        for waiting in self._waiting.values():
            waiting.cancel()

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request."""
        self._last += 1
        answer = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = answer
        request = {"id": self._last, "method": method, "params": params}
        await self._socket.send(json.dumps(request))
        result: dict[str, Any] = await answer
        return result

    async def trade_for_ever(self) -> None:
        """Place orders, cancel every other one, until the connection breaks."""
        log = self._log
        with suppress(ConnectionClosed, asyncio.CancelledError):
            while True:
                log.numbers += 1
                name = f"crash-{log.numbers}"
                placed = await self.call("order.place", _order(name, log.numbers))
                if placed["status"] == 200:
                    log.orders[name] = Told(placed["result"]["orderId"], self.key)
                    log.note()
                canceled = await self.call("order.cancel", _name(name))
                if canceled["status"] == 200:
                    log.orders[name].is_canceled = True
                    log.note()

    async def check(self, unchecked: dict[str, Told]) -> None:
        """Ask for every order that was acknowledged to this account."""
        own = [(name, told) for name, told in unchecked.items() if told.key == self.key]
        for start in range(0, len(own), IN_FLIGHT):
            some = own[start : start + IN_FLIGHT]
            await asyncio.gather(*(self._check_one(name, told) for name, told in some))

    async def _check_one(self, name: str, told: Told) -> None:
        answer = await self.call("order.status", _name(name))
        found = answer.get("result", {})
        is_right = found.get("orderId") == told.order
        if told.is_canceled:
            is_right = is_right and found.get("status") == "CANCELED"
        if not is_right:
            self._log.lost.append(f"{name}: told {told}, found {answer}")


def _order(name: str, number: int) -> dict[str, Any]:
    side, price = ("BUY", 49_000) if number % 2 else ("SELL", 51_000)
    return _name(name, "newClientOrderId") | {
        "side": side,
        "type": "LIMIT",
        "timeInForce": "GTC",
        "price": f"{price + number % 100}.00",
        "quantity": QUANTITY,
    }


def _name(name: str, parameter: str = "origClientOrderId") -> dict[str, Any]:
    return {"symbol": SYMBOL, parameter: name, "timestamp": now_ms()}


async def life(exchange: Exchange, log: Log, unchecked: dict[str, Told], enough: int) -> None:
    """Check what the last life had acknowledged, then trade and be killed."""
    async with asyncio.TaskGroup() as tasks:
        clients = [await _connect(exchange, log, tasks, number) for number in range(CONNECTIONS)]
        await _check(clients, unchecked)
        for client in clients:
            for _ in range(IN_FLIGHT):
                tasks.create_task(client.trade_for_ever())
        await log.have(log.acknowledged + enough)
        exchange.process.kill()
    exchange.process.wait()


async def _connect(exchange: Exchange, log: Log, tasks: asyncio.TaskGroup, number: int) -> Client:
    url, keys = exchange.url.replace("http", "ws") + "/ws-api/v3", exchange.keys()
    client = Client(await connect(url, compression=None), log, keys[number % len(keys)])
    tasks.create_task(client.listen())
    await client.log_on()
    return client


async def _check(clients: list[Client], unchecked: dict[str, Told]) -> None:
    by_key = {client.key: client for client in clients}
    await asyncio.gather(*(client.check(unchecked) for client in by_key.values()))


def main() -> None:
    """Kill, count, and end with 1 when anything was lost."""
    chance, log = random.Random(SEED), Log()
    unchecked: dict[str, Told] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flowex-crash-") as folder:
        home = Path(folder) / "home"
        for kill in range(1, KILLS + 1):
            exchange = Exchange(home)
            known = set(log.orders)
            enough = chance.randint(ACKNOWLEDGED_MIN, ACKNOWLEDGED_MAX)
            asyncio.run(life(exchange, log, unchecked, enough))
            unchecked = {name: told for name, told in log.orders.items() if name not in known}
            print(
                f"kill {kill:2}: acknowledged {log.acknowledged:6,}, lost {len(log.lost)}, "
                f"back in {exchange.start_seconds:.1f} s",
                flush=True,
            )
        verified = _last_words(home, log, unchecked)
    print("\n".join(log.lost[:10]))
    print(
        f"acknowledged {log.acknowledged:,}, lost {len(log.lost)} "
        f"({KILLS} kills, {time.monotonic() - began:.0f} s)"
    )
    sys.exit(bool(log.lost) or not verified)


def _last_words(home: Path, log: Log, unchecked: dict[str, Told]) -> bool:
    """Check the last life too, stop in good order, verify journal and ledger."""
    with Exchange(home) as exchange:
        asyncio.run(life_without_trading(exchange, log, unchecked))
    verified = True
    for words in (["journal", "verify"], ["ledger", "verify"]):
        done = subprocess.run([SCRIPT, *words, "--home", home], check=False)
        verified = verified and not done.returncode
    return verified


async def life_without_trading(exchange: Exchange, log: Log, unchecked: dict[str, Told]) -> None:
    """Only check."""
    async with asyncio.TaskGroup() as tasks:
        clients = [await _connect(exchange, log, tasks, number) for number in range(CONNECTIONS)]
        await _check(clients, unchecked)
        for client in clients:
            await client.close()


if __name__ == "__main__":
    main()
