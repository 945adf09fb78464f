"""python-binance as a hand."""

import asyncio
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from flow.foreign.stage import Hand, Refused

from flowex import compat

with warnings.catch_warnings():
    # It imports what its own dependency has deprecated.
    warnings.simplefilter("ignore")
    from binance.exceptions import BinanceAPIException

__all__ = ["BinanceAPIException", "PythonBinanceHand"]


class PythonBinanceHand(Hand):
    """binance.Client."""

    name: ClassVar[str] = "python-binance"
    functions: ClassVar[Mapping[str, str]] = {
        "GET /api/v3/ping": "ping",
        "GET /api/v3/time": "get_server_time",
        "GET /api/v3/exchangeInfo": "get_exchange_info",
        "GET /api/v3/depth": "get_order_book",
        "GET /api/v3/trades": "get_recent_trades",
        "GET /api/v3/historicalTrades": "get_historical_trades",
        "GET /api/v3/aggTrades": "get_aggregate_trades",
        "GET /api/v3/klines": "get_klines",
        "GET /api/v3/uiKlines": "get_ui_klines",
        "GET /api/v3/avgPrice": "get_avg_price",
        "GET /api/v3/ticker/24hr": "get_ticker",
        "GET /api/v3/ticker/price": "get_symbol_ticker",
        "GET /api/v3/ticker/bookTicker": "get_orderbook_ticker",
        "GET /api/v3/ticker": "get_symbol_ticker_window",
        "POST /api/v3/order": "create_order",
        "POST /api/v3/order/test": "create_test_order",
        "GET /api/v3/order": "get_order",
        "DELETE /api/v3/order": "cancel_order",
        "DELETE /api/v3/openOrders": "cancel_all_open_orders",
        "GET /api/v3/openOrders": "get_open_orders",
        "GET /api/v3/allOrders": "get_all_orders",
        "GET /api/v3/myTrades": "get_my_trades",
        "POST /api/v3/order/cancelReplace": "cancel_replace_order",
        "POST /api/v3/orderList/oco": "create_oco_order",
        "GET /api/v3/openOrderList": "get_open_oco_orders",
        "GET /api/v3/account": "get_account",
        "GET /api/v3/rateLimit/order": "get_current_order_count",
        "GET /api/v3/myPreventedMatches": "get_prevented_matches",
        "GET /api/v3/myAllocations": "get_allocations",
        "POST /api/v3/userDataStream": "stream_get_listen_key",
        "PUT /api/v3/userDataStream": "stream_keepalive",
        "DELETE /api/v3/userDataStream": "stream_close",
        "GET /sapi/v1/system/status": "get_system_status",
        "GET /sapi/v1/capital/config/getall": "get_all_coins_info",
        "GET /sapi/v1/margin/allPairs": "get_margin_all_pairs",
        "GET /sapi/v1/margin/isolated/allPairs": "get_all_isolated_margin_symbols",
        "POST /sapi/v1/asset/transfer": "make_universal_transfer",
        "GET /sapi/v1/asset/transfer": "query_universal_transfer_history",
        "GET /sapi/v1/asset/tradeFee": "get_trade_fee",
    }

    @classmethod
    def make(cls, url: str, key: str, secret: str) -> Any:
        """Return the client, with the loop it would otherwise make and never close."""
        if not _loops:
            _loops.append(asyncio.new_event_loop())
            asyncio.set_event_loop(_loops[0])
        private = "PRIVATE KEY" in secret
        settings = {"private_key": secret} if private else {}
        client = compat.python_binance(url, key, "" if private else secret, **settings)
        # A socket of this client ends only when a read of it does: not after the usual 10 s.
        client.ws_api.TIMEOUT = 0.1
        return client

    def ask(self, label: str, /, **parameters: Any) -> Any:
        """Call the function."""
        return getattr(self.client, self.functions[label])(**parameters)

    def read_refusal(self, error: Exception) -> Refused:
        """Return code and text."""
        if not isinstance(error, BinanceAPIException):
            raise error
        return Refused(error.code, error.message, type(error).__name__)

    def can_send(self, label: str, parameters: Mapping[str, Any]) -> bool:
        """Whether it does: the window is always its own."""
        return "recvWindow" not in parameters

    @contextmanager
    def shifted(self, milliseconds: int) -> Iterator[None]:
        """Shift its clock."""
        self.raw.timestamp_offset = milliseconds
        yield
        self.raw.timestamp_offset = 0

    def close(self) -> None:
        """Close the session, and the socket if there is one."""
        self.raw.close_connection()
        socket = self.raw.ws_api
        if socket.ws is not None:
            self.raw.loop.run_until_complete(socket.__aexit__(None, None, None))

    @classmethod
    def finish(cls) -> None:
        """End what its sockets left running, and the loop."""
        while _loops:
            loop = _loops.pop()
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            loop.close()


_loops: list[asyncio.AbstractEventLoop] = []
