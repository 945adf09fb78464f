"""The integer types of money and order, and the rules that tie them together.

An asset counts *atoms*: 10 ** -decimals of itself. An instrument counts quantity in
10 ** -quantity_decimals of its base and price in 10 ** (quantity_decimals - quote_decimals) of its
quote, so that::

    price_units * quantity_units = quote atoms          exactly, always

    BTCUSDT   quantity_decimals 5, quote decimals 8  ->  price unit 0.001 USDT
    ETHBTC    quantity_decimals 3, quote decimals 8  ->  price unit 0.00001 BTC

Rates are counted in 10 ** -8.
"""

from typing import Final, NewType

Atoms = NewType("Atoms", int)
"""Signed count of an asset's atoms."""

PriceUnits = NewType("PriceUnits", int)
"""Price of an instrument in its price units."""

QuantityUnits = NewType("QuantityUnits", int)
"""Quantity of an instrument in its quantity units."""

Rate = NewType("Rate", int)
"""A fraction in 10 ** -8: 0.1 % is 100_000."""

AccountId = NewType("AccountId", int)
AssetId = NewType("AssetId", int)
InstrumentId = NewType("InstrumentId", int)
OrderId = NewType("OrderId", int)
TradeId = NewType("TradeId", int)
Sequence = NewType("Sequence", int)
"""Position of a command in the journal, from 1."""

RATE_ONE: Final = 100_000_000
"""The rate 1.0."""

RATE_MAX: Final = 10_000_000
"""The highest fee rate an instrument or account may carry: 10 %."""

SUPPLY_MAX: Final = 1 << 62
"""Issued supply of one asset, and every notional, is at most this many atoms."""

DECIMALS_MAX: Final = 12
"""Most decimals an asset may have."""


def ceil_div(dividend: int, divisor: int) -> int:
    """Return dividend / divisor rounded up; the divisor is positive."""
    return -(-dividend // divisor)
