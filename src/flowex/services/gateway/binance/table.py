"""Every endpoint of this door: the rows that stand beside their handlers, put together."""

from typing import Final

from flowex.services.gateway.binance import (
    account,
    information,
    market,
    orders,
    queries,
    tickers,
    wallet,
)

ENDPOINTS: Final = (
    *information.ENDPOINTS,
    *market.ENDPOINTS,
    *tickers.ENDPOINTS,
    *orders.ENDPOINTS,
    *queries.ENDPOINTS,
    *account.ENDPOINTS,
    *wallet.ENDPOINTS,
)
