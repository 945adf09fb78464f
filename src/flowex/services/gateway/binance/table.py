"""Every endpoint of this door: the rows that stand beside their handlers, put together."""

from typing import Final

from flowex.services.gateway.binance import (
    account,
    amends,
    cancel_replace,
    cancels,
    information,
    list_queries,
    lists,
    market,
    orders,
    particulars,
    queries,
    tickers,
    transfers,
    wallet,
)

ENDPOINTS: Final = (
    *information.ENDPOINTS,
    *market.ENDPOINTS,
    *tickers.ENDPOINTS,
    *orders.ENDPOINTS,
    *cancels.ENDPOINTS,
    *cancel_replace.ENDPOINTS,
    *amends.ENDPOINTS,
    *lists.ENDPOINTS,
    *list_queries.ENDPOINTS,
    *queries.ENDPOINTS,
    *account.ENDPOINTS,
    *particulars.ENDPOINTS,
    *wallet.ENDPOINTS,
    *transfers.ENDPOINTS,
)
