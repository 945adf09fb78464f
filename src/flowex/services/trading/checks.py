"""Cheap refusals: what the machine would refuse, found without asking it.

The same checks in the same order as the machine's, up to the first that needs the book, money,
time or counts; what passes here may still be refused there.
"""

from typing import Final

from flowex.messages.commands import OrderCancelReplace, OrderPlace
from flowex.messages.enums import (
    CLIENT_ID_MAX,
    AccountState,
    InstrumentState,
    OrderType,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.results import ResultCode
from flowex.ports.trading import Instrument
from flowex.services.trading.accounts import Account
from flowex.units.integers import SUPPLY_MAX

Placement = OrderPlace | OrderCancelReplace

_MARKET: Final = int(OrderType.MARKET)
_MAKER: Final = int(OrderType.LIMIT_MAKER)
_IOC: Final = int(TimeInForce.IOC)
_GTD: Final = int(TimeInForce.GTD)
_RESTING: Final = (int(TimeInForce.GTC), _GTD)
_SIDES: Final = len(Side)
_TYPES: Final = len(OrderType)
_TIMES: Final = len(TimeInForce)
_SELF_TRADES: Final = len(SelfTrade)


def placement_fault(
    command: Placement, account: Account | None, instrument: Instrument | None, *, is_halted: bool
) -> ResultCode:
    """Return OK or the refusal.

    First that applies: UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT, INVALID_ORDER, INVALID_CLIENT_ID,
    HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED, and those of `filter_fault`.
    """
    if account is None:
        return ResultCode.UNKNOWN_ACCOUNT
    if instrument is None:
        return ResultCode.UNKNOWN_INSTRUMENT
    if not _is_well_formed(command):
        return ResultCode.INVALID_ORDER
    if not _is_client_id(command.client_id):
        return ResultCode.INVALID_CLIENT_ID
    if is_halted:
        return ResultCode.HALTED
    if instrument.state != InstrumentState.TRADING:
        return ResultCode.INSTRUMENT_NOT_TRADING
    if account.state != AccountState.ACTIVE:
        return ResultCode.ACCOUNT_RESTRICTED
    return filter_fault(command, instrument)


def filter_fault(command: Placement, instrument: Instrument) -> ResultCode:
    """Hold an order against its instrument's filters.

    First that applies: PRICE_OUT_OF_RANGE, PRICE_OFF_TICK (not MARKET), QUANTITY_OUT_OF_RANGE,
    QUANTITY_OFF_LOT (not by quote amount), NOTIONAL_OUT_OF_RANGE (not MARKET by quantity).
    """
    is_market = command.order_type == _MARKET
    price, quantity = command.price, command.quantity
    if not is_market:
        if not instrument.price_min <= price <= (instrument.price_max or SUPPLY_MAX):
            return ResultCode.PRICE_OUT_OF_RANGE
        if price % instrument.price_tick:
            return ResultCode.PRICE_OFF_TICK
    if quantity:
        if not instrument.quantity_min <= quantity <= (instrument.quantity_max or SUPPLY_MAX):
            return ResultCode.QUANTITY_OUT_OF_RANGE
        if quantity * 10 ** (instrument.base.decimals - instrument.quantity_decimals) > SUPPLY_MAX:
            return ResultCode.QUANTITY_OUT_OF_RANGE
        if quantity % instrument.quantity_lot:
            return ResultCode.QUANTITY_OFF_LOT
        if is_market:
            return ResultCode.OK
    notional = command.quote_amount or price * quantity
    if not instrument.notional_min <= notional <= (instrument.notional_max or SUPPLY_MAX):
        return ResultCode.NOTIONAL_OUT_OF_RANGE
    return ResultCode.OK


def _is_well_formed(command: Placement) -> bool:
    if (
        command.side >= _SIDES
        or command.order_type >= _TYPES
        or command.time_in_force >= _TIMES
        or command.self_trade >= _SELF_TRADES
        or command.position_side
        or min(command.price, command.quantity, command.quote_amount, command.expire_time) < 0
        or (command.time_in_force == _GTD) != (command.expire_time > 0)
    ):
        return False
    if command.order_type == _MARKET:
        return (
            command.time_in_force == _IOC
            and command.price == 0
            and (command.quantity > 0) != (command.quote_amount > 0)
        )
    if command.order_type == _MAKER and command.time_in_force not in _RESTING:
        return False
    return command.price > 0 and command.quantity > 0 and command.quote_amount == 0


def _is_client_id(text: str) -> bool:
    return not text or (
        len(text) <= CLIENT_ID_MAX and text.isascii() and text.isprintable() and " " not in text
    )
