"""One listening port for HTTP and WebSocket: uvicorn's protocol, picows' frames, our life cycle.

uvicorn's ``Server`` is left out on purpose: the application owns signals and the order in which
rooms stop, and a port that is busy is answered with the next one instead of an exit.
"""

import asyncio
import errno
import socket
from contextlib import suppress
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.server import ServerState

from flowex.services.gateway.http import (
    Counters,
    HttpLimits,
    ListenerFactory,
    Upgraded,
    protocol_factory,
)

PORTS_TRIED_MAX: Final = 100
"""How many ports after the wanted one are tried when it is busy."""
BACKLOG: Final = 2048
SWEEP_SECONDS: Final = 1.0
STOP_SECONDS_MAX: Final = 3.0
"""How long running requests may take to finish once the server stops."""


class ServerError(Exception):
    """The server cannot run.

    ServerError
    └── NoFreePortError   every port tried is taken
    """


class NoFreePortError(ServerError):
    """Every port from the wanted one on is taken."""


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket at the first free port from ``port`` on (0: any).

    Raises NoFreePortError when PORTS_TRIED_MAX ports in a row are busy, OSError for a bad host.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED_MAX, 65_536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(BACKLOG)
        except OSError as fault:
            listener.close()
            if fault.errno != errno.EADDRINUSE:
                raise
            continue
        listener.settimeout(0)
        return listener
    raise NoFreePortError(f"no free port from {port} on, {PORTS_TRIED_MAX} tried")


class Server:
    """Accepts connections for an ASGI application and a WebSocket listener factory."""

    def __init__(
        self, app: Any, websockets: ListenerFactory, limits: HttpLimits | None = None
    ) -> None:
        """Prepare; nothing listens before `start`."""
        self.limits = limits or HttpLimits()
        self.counters = Counters()
        self._websockets = websockets
        self._config = Config(
            app,
            http="httptools",
            ws=self._upgrade,  # type: ignore[arg-type]  # uvicorn only calls it
            loop="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=self.limits.keep_alive_seconds_max,
        )
        self._state = ServerState()
        self._listening: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self.port = 0

    def _upgrade(self, **_: object) -> Upgraded:
        return Upgraded(self._websockets, self.counters, self.limits)

    async def start(self, host: str = "127.0.0.1", port: int = 8080) -> int:
        """Listen, and return the port, which is a later one when ``port`` is busy."""
        self._config.load()
        listener = bind(host, port)
        self.port = int(listener.getsockname()[1])
        loop = asyncio.get_running_loop()
        factory = protocol_factory(self._config, self._state, self.counters, self.limits)
        self._listening = await loop.create_server(factory, sock=listener)
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)
        return self.port

    def close(self) -> None:
        """Accept no more connections."""
        if self._listening is not None:
            self._listening.close()

    async def stop(self) -> None:
        """Accept nothing new, let running requests finish, and close; at most a few seconds."""
        if self._listening is None:
            return
        self.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in tuple(self.counters.http):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(tuple(self._state.tasks), timeout=STOP_SECONDS_MAX)
        for task in tuple(self._state.tasks):
            task.cancel()
        for connection in tuple(self.counters.http):
            connection.transport.abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait_closed(), timeout=1.0)
        self._listening = None

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self.counters.http):
            connection.expire(now)
        self._sweeper = loop.call_later(SWEEP_SECONDS, self._sweep)
