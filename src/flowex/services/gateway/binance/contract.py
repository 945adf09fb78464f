"""The rows of the wire contract (sections 1, 8 to 11, spot), and which of them are promised.

A cross says that the row is served, level C; a test fails when it is not, and when a row that is
served has no cross. Deposits and withdrawals are still to come.
"""

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One endpoint of the contract; level M is the minimal set, C is complete."""

    section: int
    level: str
    is_promised: bool
    method: str
    path: str


SECTIONS: Final = {
    1: "Layout",
    8: "Spot market data",
    9: "Spot trading",
    10: "Spot account",
    11: "Wallet",
}

_ROWS: Final = """\
1  M x GET    /dapi/v1/exchangeInfo
8  M x GET    /api/v3/ping
8  M x GET    /api/v3/time
8  M x GET    /api/v3/exchangeInfo
8  M x GET    /api/v3/depth
8  M x GET    /api/v3/trades
8  C x GET    /api/v3/historicalTrades
8  M x GET    /api/v3/aggTrades
8  M x GET    /api/v3/klines
8  M x GET    /api/v3/uiKlines
8  C x GET    /api/v3/avgPrice
8  M x GET    /api/v3/ticker/24hr
8  C x GET    /api/v3/ticker/tradingDay
8  M x GET    /api/v3/ticker/price
8  M x GET    /api/v3/ticker/bookTicker
8  C x GET    /api/v3/ticker
9  M x POST   /api/v3/order
9  M x POST   /api/v3/order/test
9  M x GET    /api/v3/order
9  M x DELETE /api/v3/order
9  M x DELETE /api/v3/openOrders
9  M x GET    /api/v3/openOrders
9  M x GET    /api/v3/allOrders
9  M x GET    /api/v3/myTrades
9  M x POST   /api/v3/order/cancelReplace
9  C x PUT    /api/v3/order/amend/keepPriority
9  C x GET    /api/v3/order/amendments
9  C x POST   /api/v3/orderList/oco
9  C x POST   /api/v3/orderList/oto
9  C x POST   /api/v3/orderList/otoco
9  C x POST   /api/v3/order/oco
9  C x GET    /api/v3/orderList
9  C x GET    /api/v3/allOrderList
9  C x GET    /api/v3/openOrderList
9  C x DELETE /api/v3/orderList
10 M x GET    /api/v3/account
10 C x GET    /api/v3/account/commission
10 C x GET    /api/v3/rateLimit/order
10 C x GET    /api/v3/myPreventedMatches
10 C x GET    /api/v3/myAllocations
10 C x GET    /api/v3/myFilters
10 M x POST   /api/v3/userDataStream
10 M x PUT    /api/v3/userDataStream
10 M x DELETE /api/v3/userDataStream
11 M x GET    /sapi/v1/system/status
11 M x GET    /sapi/v1/capital/config/getall
11 M x GET    /sapi/v1/margin/allPairs
11 M x GET    /sapi/v1/margin/isolated/allPairs
11 M x GET    /sapi/v1/asset/tradeFee
11 C - GET    /sapi/v1/capital/deposit/address
11 C - GET    /sapi/v1/capital/deposit/hisrec
11 C - GET    /sapi/v1/capital/withdraw/history
11 C - POST   /sapi/v1/capital/withdraw/apply
11 C x POST   /sapi/v1/asset/transfer
11 C x GET    /sapi/v1/asset/transfer
"""


def _rows() -> tuple[Row, ...]:
    rows = []
    for line in _ROWS.splitlines():
        section, level, mark, method, path = line.split()
        rows.append(Row(int(section), level, mark == "x", method, path))
    return tuple(rows)


ROWS: Final = _rows()
