"""Every refusal of this door: one table of code, HTTP status and text, and who raises which.

Refusal   carries a Fault to the door; it ends one request and never leaves this room

A request can end at any depth of parsing, so inside the door a refusal travels as an exception;
towards every other room it is a ``ResultCode``.
"""

from typing import Any, Final, NamedTuple

import msgspec

from flowex.messages.results import ResultCode
from flowex.services.gateway.limits import BANNED, TOO_MANY


class Fault(NamedTuple):
    """What a client is told: the dialect's code, a text, and the HTTP status."""

    code: int
    text: str
    status: int = 400


class Refusal(Exception):
    """The request ends here with this fault."""

    def __init__(
        self, fault: Fault, data: Any = None, *, retry_after: int = 0, rate_limit: Any = None
    ) -> None:
        """Carry a fault and, where the contract says so, ``data`` and a time to wait (s)."""
        super().__init__(fault.text)
        self.fault = fault
        self.data = data
        self.retry_after = retry_after
        self.rate_limit = rate_limit

    def body(self) -> bytes:
        """Return the JSON body."""
        return body(self.fault, self.data)


def body(fault: Fault, data: Any = None) -> bytes:
    """Return the JSON body of a fault."""
    content = {"code": fault.code, "msg": fault.text}
    if data is not None:
        content["data"] = data
    return msgspec.json.encode(content)


UNKNOWN: Final = Fault(-1000, "An unknown error occurred while processing the request.", 500)
OUTCOME_UNKNOWN: Final = Fault(
    -1006,
    "An unexpected response was received from the message bus. Execution status unknown.",
    500,
)
BUSY: Final = Fault(
    -1008,
    "Server is currently overloaded with other requests. Please try again in a few minutes.",
    503,
)
NOT_AUTHORIZED: Final = Fault(-1002, "You are not authorized to execute this request.", 401)
UNSUPPORTED_COMBINATION: Final = Fault(-1014, "Unsupported order combination.")
UNSUPPORTED: Final = Fault(-1020, "This operation is not supported.")
NOT_SERVED: Final = Fault(-1020, "This path is not served.", 404)
OUTSIDE_WINDOW: Final = Fault(-1021, "Timestamp for this request is outside of the recvWindow.")
AHEAD: Final = Fault(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
BAD_SIGNATURE: Final = Fault(-1022, "Signature for this request is not valid.")
BODY_TOO_LARGE: Final = Fault(-1101, "The request body is too large.", 413)
DUPLICATE_PARAMETERS: Final = Fault(-1101, "Duplicate values for a parameter detected.")
TIF_NOT_REQUIRED: Final = Fault(-1114, "TimeInForce parameter sent when not required.")
BAD_TIF: Final = Fault(-1115, "Invalid timeInForce.")
BAD_TYPE: Final = Fault(-1116, "Invalid orderType.")
BAD_SIDE: Final = Fault(-1117, "Invalid side.")
EMPTY_NEW_ID: Final = Fault(-1118, "New client order ID was empty.")
EMPTY_ORIGINAL_ID: Final = Fault(-1119, "Original client order ID was empty.")
BAD_INTERVAL: Final = Fault(-1120, "Invalid interval.")
BAD_SYMBOL: Final = Fault(-1121, "Invalid symbol.")
BAD_SYMBOL_STATUS: Final = Fault(-1122, "Invalid symbolStatus.")
NO_LISTEN_KEY: Final = Fault(-1125, "This listenKey does not exist.")
SPAN_TOO_LONG: Final = Fault(-1127, "More than 24 hours between startTime and endTime.")
BAD_COMBINATION: Final = Fault(-1128, "Combination of optional parameters invalid.")
WINDOW_TOO_LARGE: Final = Fault(-1131, "recvWindow must be less than 60000.")
BAD_STRATEGY_TYPE: Final = Fault(-1134, "strategyType was less than 1000000.")
BAD_JSON: Final = Fault(-1135, "Invalid JSON Request")
BAD_RESPONSE_TYPE: Final = Fault(-1136, "Invalid newOrderRespType.")
NOT_IN_OCO: Final = Fault(-1158, "Order type not supported in OCO.")
ICEBERG_FORCE: Final = Fault(
    -1160, "Parameter 'icebergQty' is not supported if 'timeInForce' is not GTC."
)
BOTH_LIMIT: Final = Fault(-1168, "At least one OCO order must be contingent.")
OCO_SIDES: Final = {
    ("buy", "limit"): Fault(-1165, "A limit order in a buy OCO must be below."),
    ("sell", "limit"): Fault(-1166, "A limit order in a sell OCO must be above."),
    ("buy", "stop loss"): Fault(-1196, "A stop loss order in a buy OCO must be above."),
    ("sell", "stop loss"): Fault(-1197, "A stop loss order in a sell OCO must be below."),
    ("buy", "take profit"): Fault(-1198, "A take profit order in a buy OCO must be below."),
    ("sell", "take profit"): Fault(-1199, "A take profit order in a sell OCO must be above."),
}
"""Legs of an OCO on the wrong side of the market."""
BAD_RESTRICTIONS: Final = Fault(-1145, "Invalid cancelRestrictions")
SYMBOL_TWICE: Final = Fault(-1151, "Symbol is present multiple times in the list.")
STATUS_MISMATCH: Final = Fault(
    -1220, "The symbol's status does not match the requested symbolStatus."
)
UNKNOWN_KEY: Final = Fault(-2015, "Invalid API-key, IP, or permissions for action.", 401)
BAD_KEY_FORMAT: Final = Fault(-2014, "API-key format invalid.", 401)
NO_SUCH_LIST: Final = Fault(-2013, "Order list does not exist.")
NO_SUCH_ORDER: Final = Fault(-2013, "Order does not exist.")
PARTIALLY_FAILED: Final = Fault(-2021, "Order cancel-replace partially failed.", 409)
FAILED: Final = Fault(-2022, "Order cancel-replace failed.")
ALREADY_SUBSCRIBED: Final = Fault(-2035, "User Data Stream subscription already active.")
NOT_SUBSCRIBED: Final = Fault(-2036, "User Data Stream subscription not active.")
WRONG_CLIENT_ID: Final = Fault(-2039, "Client order ID is not correct for this order ID.")
RESTRICTED_CANCEL: Final = Fault(-2011, "Order was not canceled due to cancel restrictions.")


def illegal(name: str, legal: str) -> Fault:
    """Return the fault of characters that a parameter may not have."""
    return Fault(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )


def too_many(limit: int, received: int) -> Fault:
    """Return the fault of more parameters than any endpoint has."""
    return Fault(-1101, f"Too many parameters; expected '{limit}' and received '{received}'.")


def missing(name: str) -> Fault:
    """Return the fault of a mandatory parameter that is absent or empty."""
    return Fault(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def missing_both(one: str, other: str) -> Fault:
    """Return the fault of sending neither of two parameters of which one is needed."""
    return Fault(-1102, f"Param '{one}' or '{other}' must be sent, but both were empty/null!")


def empty(name: str) -> Fault:
    """Return the fault of an optional parameter sent without a value."""
    return EMPTY_IDS.get(name) or Fault(-1105, f"Parameter '{name}' was empty.")


def not_required(name: str) -> Fault:
    """Return the fault of a parameter that this kind of request does not take."""
    return Fault(-1106, f"Parameter '{name}' sent when not required.")


def too_precise(name: str) -> Fault:
    """More than 8 decimals."""
    return Fault(-1111, f"Parameter '{name}' has too much precision.")


EMPTY_IDS: Final = {
    "newClientOrderId": EMPTY_NEW_ID,
    "cancelNewClientOrderId": EMPTY_NEW_ID,
    "origClientOrderId": EMPTY_ORIGINAL_ID,
    "cancelOrigClientOrderId": EMPTY_ORIGINAL_ID,
}
"""Parameters with a fault of their own when they are sent without a value."""


def bad_value(name: str) -> Fault:
    """Return the fault of a value outside what the parameter may be."""
    return Fault(-1130, f"Data sent for parameter '{name}' is not valid.")


def filter_failure(name: str) -> Fault:
    """Return the fault of an order that a filter of the symbol refuses."""
    return Fault(-1013, f"Filter failure: {name}")


def too_much_weight(limit: int, status: int, interval: str = "1 MINUTE") -> Fault:
    """Return the fault of an address that has used up its weight, or its plain requests."""
    if status == BANNED:
        banned = "Way too much request weight used; IP banned until the time of Retry-After."
        return Fault(-1003, banned, status)
    used, counted = "request weight used", "request weight"
    if interval != "1 MINUTE":
        used = counted = "requests"
    return Fault(
        -1003, f"Too much {used}; current limit is {limit} {counted} per {interval}.", status
    )


def too_many_orders(limit: int, interval: str) -> Fault:
    """Return the fault of an account that has placed its share of orders."""
    return Fault(
        -1015, f"Too many new orders; current limit is {limit} orders per {interval}.", 429
    )


ANYWHERE: Final = frozenset(
    {
        UNKNOWN,
        BUSY,
        DUPLICATE_PARAMETERS,
        illegal("request", "^[A-Za-z0-9 -~]*$"),
        too_many(64, 65),
        too_much_weight(6_000, TOO_MANY),
        too_much_weight(61_000, TOO_MANY, "5 MINUTE"),
        too_much_weight(6_000, BANNED),
    }
)
"""What any request may be told; the numbers are the usual ones."""
OF_KEYS: Final = frozenset({BAD_KEY_FORMAT, UNKNOWN_KEY})
OF_SIGNATURES: Final = frozenset({OUTSIDE_WINDOW, AHEAD, BAD_SIGNATURE})

_CLIENT_ID = illegal("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$")
_MARKET_CLOSED = "Market is closed."
_MAY_NOT = "This account may not place or cancel orders."
_DISABLED = "This action is disabled on this account."
_INVALID_CANCEL = "Cancel order is invalid. Check origClOrdId and orderId."

_SHARED: Final = {
    ResultCode.BUSY: BUSY,
    ResultCode.ACCOUNT_BUSY: BUSY,
    ResultCode.READ_ONLY: BUSY,
    ResultCode.OPEN_ORDERS: BUSY,
    ResultCode.TIMERS: BUSY,
    ResultCode.DEADLINE_PASSED: OUTSIDE_WINDOW,
    ResultCode.UNKNOWN_INSTRUMENT: BAD_SYMBOL,
}

PLACING: Final = _SHARED | {
    ResultCode.INSTRUMENT_NOT_TRADING: Fault(-2010, _MARKET_CLOSED),
    ResultCode.HALTED: Fault(-2010, _MARKET_CLOSED),
    ResultCode.INVALID_ORDER: Fault(-2010, "Unsupported order combination"),
    ResultCode.INVALID_CLIENT_ID: _CLIENT_ID,
    ResultCode.DUPLICATE_CLIENT_ID: Fault(-2010, "Duplicate order sent."),
    ResultCode.PRICE_OUT_OF_RANGE: filter_failure("PRICE_FILTER"),
    ResultCode.PRICE_OFF_TICK: filter_failure("PRICE_FILTER"),
    ResultCode.QUANTITY_OUT_OF_RANGE: filter_failure("LOT_SIZE"),
    ResultCode.QUANTITY_OFF_LOT: filter_failure("LOT_SIZE"),
    ResultCode.NOTIONAL_OUT_OF_RANGE: filter_failure("NOTIONAL"),
    ResultCode.QUOTE_AMOUNT_TOO_SMALL: filter_failure("NOTIONAL"),
    ResultCode.EXPIRE_TIME_PASSED: BAD_TIF,
    ResultCode.WOULD_TAKE: Fault(-2010, "Order would immediately match and take."),
    ResultCode.ACCOUNT_OPEN_ORDERS: filter_failure("EXCHANGE_MAX_NUM_ORDERS"),
    ResultCode.INSUFFICIENT_FUNDS: Fault(
        -2010, "Account has insufficient balance for requested action."
    ),
    ResultCode.UNKNOWN_ACCOUNT: Fault(-2010, _MAY_NOT),
    ResultCode.ACCOUNT_RESTRICTED: Fault(-2010, _MAY_NOT),
    ResultCode.UNKNOWN_ORDER: Fault(-2010, "Unknown order sent."),
    ResultCode.WOULD_TRIGGER: Fault(-2010, "Order would trigger immediately."),
    ResultCode.BAD_PRICES: Fault(
        -2010, "The relationship of the prices for the orders is not correct."
    ),
    ResultCode.ICEBERG_EXCEEDS_QUANTITY: Fault(-2010, "IcebergQty exceeds QTY."),
    ResultCode.ICEBERG_PARTS: filter_failure("ICEBERG_PARTS"),
    ResultCode.TRAILING_DELTA_OUT_OF_RANGE: filter_failure("TRAILING_DELTA"),
    ResultCode.PRICE_OUT_OF_BAND: filter_failure("PERCENT_PRICE_BY_SIDE"),
    ResultCode.MARKET_QUANTITY_OUT_OF_RANGE: filter_failure("MARKET_LOT_SIZE"),
    ResultCode.POSITION: filter_failure("MAX_POSITION"),
    ResultCode.INSTRUMENT_ORDERS: filter_failure("MAX_NUM_ORDERS"),
    ResultCode.INSTRUMENT_ALGO_ORDERS: filter_failure("MAX_NUM_ALGO_ORDERS"),
    ResultCode.INSTRUMENT_ICEBERG_ORDERS: filter_failure("MAX_NUM_ICEBERG_ORDERS"),
    ResultCode.INSTRUMENT_ORDER_LISTS: filter_failure("MAX_NUM_ORDER_LISTS"),
    ResultCode.ACCOUNT_ALGO_ORDERS: filter_failure("EXCHANGE_MAX_NUM_ALGO_ORDERS"),
    ResultCode.TRAILING_ORDERS: filter_failure("EXCHANGE_MAX_NUM_ALGO_ORDERS"),
    ResultCode.ACCOUNT_ICEBERG_ORDERS: filter_failure("EXCHANGE_MAX_NUM_ICEBERG_ORDERS"),
    ResultCode.ACCOUNT_ORDER_LISTS: filter_failure("EXCHANGE_MAX_NUM_ORDER_LISTS"),
}
"""What became of a new order, or of the order list it is part of."""

CANCELING: Final = _SHARED | {
    ResultCode.INSTRUMENT_NOT_TRADING: Fault(-2011, _MARKET_CLOSED),
    ResultCode.UNKNOWN_ORDER: Fault(-2011, "Unknown order sent."),
    ResultCode.NOTHING_TO_CANCEL: Fault(-2011, "Unknown order sent."),
    ResultCode.CLIENT_ID_MISMATCH: Fault(-2011, _INVALID_CANCEL),
    ResultCode.CANCEL_RESTRICTED: RESTRICTED_CANCEL,
    ResultCode.UNKNOWN_ORDER_LIST: Fault(-2011, "Unknown order sent."),
    ResultCode.INVALID_CLIENT_ID: _CLIENT_ID,
    ResultCode.UNKNOWN_ACCOUNT: Fault(-2011, _MAY_NOT),
    ResultCode.ACCOUNT_RESTRICTED: Fault(-2011, _MAY_NOT),
}
"""What became of a cancel."""

_NOTHING_LEFT = Fault(-2038, "Price * QTY is zero or less.")
_NO_INCREASE = Fault(-2038, "Order amend (quantity increase) is not supported.")

AMENDING: Final = _SHARED | {
    ResultCode.INSTRUMENT_NOT_TRADING: Fault(-2038, _MARKET_CLOSED),
    ResultCode.HALTED: Fault(-2038, _MARKET_CLOSED),
    ResultCode.UNKNOWN_ORDER: Fault(-2038, "Unknown order sent."),
    ResultCode.CLIENT_ID_MISMATCH: WRONG_CLIENT_ID,
    ResultCode.INVALID_CLIENT_ID: _CLIENT_ID,
    ResultCode.DUPLICATE_CLIENT_ID: Fault(-2038, "Duplicate order sent."),
    ResultCode.AMEND_NOT_LOWER: _NO_INCREASE,
    ResultCode.AMEND_BELOW_FILLED: _NOTHING_LEFT,
    ResultCode.INVALID_ORDER: _NOTHING_LEFT,
    ResultCode.QUANTITY_OFF_LOT: filter_failure("LOT_SIZE"),
    ResultCode.QUANTITY_OUT_OF_RANGE: filter_failure("LOT_SIZE"),
    ResultCode.NOTIONAL_OUT_OF_RANGE: filter_failure("NOTIONAL"),
    ResultCode.ORDER_AMENDS: Fault(-2038, "Filter failure: MAX_NUM_ORDER_AMENDS"),
    ResultCode.UNKNOWN_ACCOUNT: Fault(-2038, _MAY_NOT),
    ResultCode.ACCOUNT_RESTRICTED: Fault(-2038, _MAY_NOT),
}
"""What became of an amend."""

TRANSFERRING: Final = _SHARED | {
    ResultCode.UNKNOWN_WALLET: UNSUPPORTED,
    ResultCode.INSUFFICIENT_FUNDS: PLACING[ResultCode.INSUFFICIENT_FUNDS],
    ResultCode.UNKNOWN_ACCOUNT: Fault(-2010, _DISABLED),
    ResultCode.ACCOUNT_RESTRICTED: Fault(-2010, _DISABLED),
    ResultCode.SOURCES: BUSY,
}
"""What became of a transfer between wallets."""

NO_CHANGE: Final = Fault(-2038, "The requested action would change no state; rejecting")

PLACES: Final = frozenset(PLACING.values())
TRANSFERS: Final = frozenset(TRANSFERRING.values())
AMENDS: Final = frozenset(AMENDING.values()) | {NO_CHANGE}
CANCELS: Final = frozenset(CANCELING.values())
"""What handlers that place, amend, cancel or transfer refuse: for their rows."""


def placing(code: ResultCode) -> Fault:
    """Return the fault of a new order refused with ``code``."""
    return PLACING.get(code) or Fault(-2010, f"Order rejected: {code.name}.")


def amending(code: ResultCode) -> Fault:
    """Return the fault of an amend refused with ``code``."""
    return AMENDING.get(code) or Fault(-2038, f"Order amend rejected: {code.name}.")


def canceling(code: ResultCode) -> Fault:
    """Return the fault of a cancel refused with ``code``."""
    return CANCELING.get(code) or Fault(-2011, f"Cancel rejected: {code.name}.")


def transferring(code: ResultCode) -> Fault:
    """Return the fault of a transfer refused with ``code``."""
    return TRANSFERRING.get(code) or Fault(-2010, f"Transfer rejected: {code.name}.")
