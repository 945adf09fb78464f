"""The dialect's words for the wire's small sets, both ways."""

from typing import Final

from flowex.messages.enums import (
    CancelReplaceMode,
    CancelRestriction,
    EndReason,
    InstrumentState,
    OrderType,
    SelfTrade,
    Side,
    TimeInForce,
)

SIDES: Final = {"BUY": Side.BUY, "SELL": Side.SELL}
ORDER_TYPES: Final = {
    "LIMIT": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "LIMIT_MAKER": OrderType.LIMIT_MAKER,
    "STOP_LOSS": OrderType.STOP_LOSS,
    "STOP_LOSS_LIMIT": OrderType.STOP_LOSS_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
}
TIMES_IN_FORCE: Final = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
}
SELF_TRADES: Final = {mode.name: mode for mode in SelfTrade}
CANCEL_REPLACE_MODES: Final = {mode.name: mode for mode in CancelReplaceMode}
EXCEEDED_MODES: Final = {"DO_NOTHING": False, "CANCEL_ONLY": True}
"""Whether a cancel-replace above the account's orders still cancels."""
CONTINGENCIES: Final = ("OCO", "OTO", "OTO")
"""By shape; an OTOCO is an OTO whose pending order is an OCO."""
RESPONSE_TYPES: Final = {"ACK": "ACK", "RESULT": "RESULT", "FULL": "FULL"}
RESTRICTIONS: Final = {
    mode.name: mode for mode in CancelRestriction if mode != CancelRestriction.NONE
}
DEFAULT_SELF_TRADE: Final = SelfTrade.EXPIRE_MAKER

REJECTIONS: Final = {
    EndReason.INSUFFICIENT_FUNDS: "INSUFFICIENT_BALANCES",
    EndReason.WOULD_TAKE: "WOULD_MATCH_IMMEDIATELY",
    EndReason.WOULD_TRIGGER: "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY",
    EndReason.BAD_PRICES: "OCO_BAD_PRICES",
}
"""Why an order that had waited could not enter the market."""
EXPIRY_REASONS: Final = REJECTIONS | {
    EndReason.NO_LIQUIDITY: "INSUFFICIENT_LIQUIDITY",
    EndReason.NOT_FILLABLE: "INSUFFICIENT_LIQUIDITY",
    EndReason.TIME: "EXPIRE_TIME",
    EndReason.SELF_TRADE: "SELF_TRADE_PREVENTION",
    EndReason.FILL_LIMIT: "FILL_LIMIT",
    EndReason.LIST: "ORDER_LIST",
}
"""Why an order expired."""

MARKETS: Final = (OrderType.MARKET, OrderType.STOP_LOSS, OrderType.TAKE_PROFIT)
"""The types without a price of their own."""
ALGOS: Final = (
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)
"""The types that wait for a price."""

SIDE_WORDS: Final = ("BUY", "SELL")
ORDER_TYPE_WORDS: Final = tuple(kind.name for kind in OrderType)
TIME_IN_FORCE_WORDS: Final = ("GTC", "IOC", "FOK", "GTD")
SELF_TRADE_WORDS: Final = tuple(mode.name for mode in SelfTrade)

NO_LIST: Final = -1
"""The list of an order that is in none."""

SYMBOL_STATUS: Final = {
    InstrumentState.PRE_OPEN: "BREAK",
    InstrumentState.TRADING: "TRADING",
    InstrumentState.REDUCE_ONLY: "CANCEL_ONLY",
    InstrumentState.CANCEL_ONLY: "CANCEL_ONLY",
    InstrumentState.HALT: "HALT",
    InstrumentState.SETTLING: "END_OF_DAY",
    InstrumentState.CLOSED: "END_OF_DAY",
}


def time_in_force_word(order_type: int, time_in_force: int) -> str:
    """Return what the dialect calls it: orders without a price are said to be GTC."""
    return "GTC" if order_type in MARKETS else TIME_IN_FORCE_WORDS[time_in_force]
