"""The gateway as a whole: three doors behind one port."""

from collections.abc import Callable
from typing import Any

import msgspec
from picows import WSListener, WSUpgradeRequest
from prometheus_client import CollectorRegistry

from flowex.ports.market_data import MarketUpdate
from flowex.services.gateway.binance import openapi
from flowex.services.gateway.binance.door import BinanceDoor, Receive, Scope, Send
from flowex.services.gateway.binance.endpoint import Desk, Endpoint
from flowex.services.gateway.binance.socket_api import SocketApi
from flowex.services.gateway.binance.table import ENDPOINTS
from flowex.services.gateway.binance.user_events import UserEvents
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.http import HttpLimits
from flowex.services.gateway.identifiers import Identifiers
from flowex.services.gateway.limits import Limits, Pools
from flowex.services.gateway.listen_keys import ListenKeys
from flowex.services.gateway.metrics import Metrics, StatusCollector
from flowex.services.gateway.rest import pages
from flowex.services.gateway.server import Server
from flowex.services.gateway.sockets import Sockets
from flowex.services.gateway.stream.connection import StreamConnection, opening
from flowex.services.gateway.stream.hub import Hub
from flowex.services.gateway.user_streams import UserStreams

SOCKET_API_PATHS = ("/ws-api/v3", "/ws-api/v3/")


class GatewayOptions(msgspec.Struct, frozen=True):
    """What an operator may change."""

    http: HttpLimits = HttpLimits()
    pools: Pools = Pools()


class Gateway:
    """Serves an exchange to the world."""

    def __init__(
        self,
        exchange: Exchange,
        registry: CollectorRegistry | None = None,
        options: GatewayOptions | None = None,
    ) -> None:
        """Prepare; ``registry`` is where `/metrics` reads, other rooms may share it."""
        self._exchange = exchange
        self._options = options or GatewayOptions()
        self._metrics = Metrics(registry or CollectorRegistry())
        self._limits = Limits(self._options.pools)
        self._desk = Desk(
            exchange, self._limits, ListenKeys(exchange.entropy), Identifiers(exchange.entropy)
        )
        self._door = BinanceDoor(self._desk, ENDPOINTS, self._counted)
        self._pages: Any = pages.build(exchange, self._metrics.registry, openapi.encoded)
        self._server = Server(self._serve, self._listener, self._options.http)
        self._renderer = UserEvents(exchange.trading, exchange.clock)
        self._users = UserStreams(exchange.trading, self._renderer)
        self._sockets: Sockets
        self.hub: Hub
        self._api: SocketApi
        self._stop_counting: Callable[[], None]

    async def start(self, host: str = "127.0.0.1", port: int = 8080) -> int:
        """Listen; return the port, a later one than ``port`` when that is busy."""
        self._sockets = Sockets()
        self.hub = Hub(self._exchange, self._limits, self._desk.listen_keys, self._users)
        self._api = SocketApi(self._desk, ENDPOINTS, self._users, self._counted)
        self._metrics.registry.register(StatusCollector(self._exchange.status, self._connections))
        self._stop_counting = self._exchange.market.follow(self._traded)
        return await self._server.start(host, port)

    async def stop(self) -> None:
        """Finish what is under way, say goodbye to WebSocket clients, and close; within 5 s."""
        self._server.close()
        await self._api.finish()
        self._users.tell_all(self._renderer.shutdown())
        self._stop_counting()
        self.hub.stop()
        self._sockets.stop()
        await self._server.stop()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in pages.PATHS and scope["method"] in ("GET", "HEAD"):
            await self._pages(scope, receive, send)
        else:
            await self._door(scope, receive, send)

    def _listener(self, request: WSUpgradeRequest, address: str) -> WSListener | None:
        target = request.path.decode("latin-1")
        path, _, query = target.partition("?")
        if path in SOCKET_API_PATHS:
            return self._api.connection(self._sockets, address, query)
        wanted = opening(target)
        if wanted is None:
            return None
        return StreamConnection(self._sockets, address, self.hub, wanted)

    def _traded(self, update: MarketUpdate) -> None:
        for trade in update.trades:
            self._limits.traded(trade.buyer_order)
            self._limits.traded(trade.seller_order)

    def _counted(self, endpoint: Endpoint | None, code: int) -> None:
        self._metrics.count(endpoint.label if endpoint else None, code)

    def _connections(self) -> tuple[int, int, int]:
        counters = self._server.counters
        return len(counters.http), counters.websockets, self._sockets.evicted
