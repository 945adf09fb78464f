"""The demo's world: three assets, three markets, two accounts to try things with, five traders.

Numbers are the machine's own counters, which begin anew in every exchange: assets and instruments
with 1, accounts after the fee account.
"""

from collections.abc import Iterator
from typing import Final

from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    FeeSet,
    FiltersSet,
    InstrumentDefine,
    SetInstrumentState,
)
from flowex.messages.enums import BIPS, FEE_ACCOUNT, InstrumentState, MarketNotional
from flowex.services.simulation.crowd import Cast, Stall

BTC, ETH, USDT = 1, 2, 3
BTCUSDT, ETHUSDT, ETHBTC = 1, 2, 3

SYMBOL: Final = "BTCUSDT"
"""A market that every demo has."""

COIN: Final = 10**8
"""Atoms of one whole BTC, ETH or USDT."""

FEE_RATE: Final = 100_000
"""0.1 %, in 10^-8."""

PEOPLE: Final = {"alice": FEE_ACCOUNT + 1, "bob": FEE_ACCOUNT + 2}
"""The demo accounts, which get API keys."""

MAKERS: Final = {
    BTCUSDT: FEE_ACCOUNT + 3,
    ETHUSDT: FEE_ACCOUNT + 4,
    ETHBTC: FEE_ACCOUNT + 5,
}
"""The simulated market makers, by instrument."""

NOISE: Final = FEE_ACCOUNT + 6
MOMENTUM: Final = FEE_ACCOUNT + 7

SOURCE: Final = 1
"""Where the demo's money comes from."""

_PERSON_FUNDS: Final = {BTC: 100, ETH: 1_000, USDT: 5_000_000}
_TRADER_FUNDS: Final = {BTC: 10_000, ETH: 200_000, USDT: 600_000_000}

_ASSETS: Final = ("BTC", "ETH", "USDT")

CAST: Final = Cast(
    stalls=(
        # Rungs of 2 basis points; quantities in the instrument's units.
        Stall("BTCUSDT", MAKERS[BTCUSDT], 12_000, 15_000, 1_000, orders_a_minute=120),
        Stall("ETHUSDT", MAKERS[ETHUSDT], 6_000, 25_000, 1_500, orders_a_minute=100),
        Stall("ETHBTC", MAKERS[ETHBTC], 1, 2_000, 100, orders_a_minute=60),
    ),
    noise=NOISE,
    momentum=MOMENTUM,
    anchors={BTC: 60_000 * COIN, ETH: 3_000 * COIN},
    funds={asset: whole * COIN for asset, whole in _TRADER_FUNDS.items()},
)
"""The simulated traders."""

_MARKETS: Final = (
    # Price unit 0.001 USDT, quantity unit 0.00001 BTC.
    InstrumentDefine(
        symbol="BTCUSDT",
        base_asset=BTC,
        quote_asset=USDT,
        quantity_decimals=5,
        maker_rate=FEE_RATE,
        taker_rate=FEE_RATE,
        price_tick=10,
        price_min=10,
        price_max=1_000_000_000,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=900_000_000,
        notional_min=5 * COIN,
        notional_max=9_000_000 * COIN,
    ),
    # Price unit 0.0001 USDT, quantity unit 0.0001 ETH.
    InstrumentDefine(
        symbol="ETHUSDT",
        base_asset=ETH,
        quote_asset=USDT,
        quantity_decimals=4,
        maker_rate=FEE_RATE,
        taker_rate=FEE_RATE,
        price_tick=100,
        price_min=100,
        price_max=10_000_000_000,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=90_000_000,
        notional_min=5 * COIN,
        notional_max=9_000_000 * COIN,
    ),
    # Price unit 0.00001 BTC, quantity unit 0.001 ETH.
    InstrumentDefine(
        symbol="ETHBTC",
        base_asset=ETH,
        quote_asset=BTC,
        quantity_decimals=3,
        maker_rate=FEE_RATE,
        taker_rate=FEE_RATE,
        price_tick=1,
        price_min=1,
        price_max=922_327,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=100_000_000,
        notional_min=COIN // 10_000,
        notional_max=9_000_000 * COIN,
    ),
)


def opening() -> Iterator[Command]:
    """Yield what makes the demo's world, in order; it follows Genesis."""
    for code in _ASSETS:
        yield AssetDefine(code=code, decimals=8)
    yield from _MARKETS
    traders = (*MAKERS.values(), NOISE, MOMENTUM)
    for _ in (*PEOPLE, *traders):
        yield AccountOpen()
    for account in traders:
        # Market makers trade without fees, so that the simulation does not bleed dry in a year.
        yield FeeSet(account=account, maker_rate=0, taker_rate=0)
    yield from _credits((*PEOPLE.values(), *traders))
    for number in range(1, len(_MARKETS) + 1):
        yield further(number)
        yield SetInstrumentState(instrument=number, state=InstrumentState.TRADING)


def further(instrument: int) -> FiltersSet:
    """Return what the demo asks of orders beyond price, quantity and notional."""
    return FiltersSet(
        instrument=instrument,
        bid_up=5 * BIPS,
        bid_down=BIPS // 5,
        ask_up=5 * BIPS,
        ask_down=BIPS // 5,
        average_minutes=5,
        market_notional=MarketNotional.MIN,
        iceberg_parts_max=100,
        trailing_above_min=10,
        trailing_above_max=2_000,
        trailing_below_min=10,
        trailing_below_max=2_000,
        orders_max=5_000,
        algo_orders_max=20,
        iceberg_orders_max=20,
        order_lists_max=20,
        amends_max=10,
    )


def _credits(accounts: tuple[int, ...]) -> Iterator[Credit]:
    number = 0
    for account in accounts:
        funds = _PERSON_FUNDS if account in PEOPLE.values() else _TRADER_FUNDS
        for asset, whole in funds.items():
            number += 1
            yield Credit(
                account=account,
                asset=asset,
                amount=whole * COIN,
                source=SOURCE,
                source_sequence=number,
            )
