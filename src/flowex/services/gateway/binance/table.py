"""Every endpoint of this door: the rows that stand beside their handlers, put together."""

from typing import Final

from flowex.services.gateway.binance import (
    account,
    cancel_replace,
    cancels,
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
    *cancels.ENDPOINTS,
    *cancel_replace.ENDPOINTS,
    *queries.ENDPOINTS,
    *account.ENDPOINTS,
    *wallet.ENDPOINTS,
)
