"""Section 4: every code with its HTTP status and its texts, and the codes nobody can provoke here.

A text that the contract quotes is exact; ``None`` stands for a text of one's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flow.foreign.contract import FILTER_NAMES

_REASONS = (
    "Account has insufficient balance for requested action.",
    "Unknown order sent.",
    "Duplicate order sent.",
    "Market is closed.",
    "Price * QTY is zero or less.",
    "IcebergQty exceeds QTY.",
    "This action is disabled on this account.",
    "This account may not place or cancel orders.",
    "Unsupported order combination",
    "Order would trigger immediately.",
    "Cancel order is invalid. Check origClOrdId and orderId.",
    "Order would immediately match and take.",
    "The relationship of the prices for the orders is not correct.",
    "OCO orders are not supported for this symbol",
    "Trailing stop orders are not supported for this symbol.",
    "Order was not canceled due to cancel restrictions.",
    "Order amend (quantity increase) is not supported.",
    "The requested action would change no state; rejecting",
    "This symbol is not permitted for this account.",
    "Order book liquidity is less than symbol minimum quantity.",
)
_NAME = "[A-Za-z]+"


@dataclass(frozen=True)
class Refusal:
    """A code's HTTP statuses, and what its text may be (None: anything)."""

    statuses: tuple[int, ...] = (400,)
    texts: tuple[str, ...] | None = None

    def allows(self, text: str) -> bool:
        """Whether a text is one of this code's."""
        return self.texts is None or any(re.fullmatch(known, text) for known in self.texts)


def _exactly(*texts: str) -> Refusal:
    return Refusal(texts=tuple(re.escape(text) for text in texts))


def _unauthorized(*texts: str) -> Refusal:
    return Refusal((401,), tuple(re.escape(text) for text in texts) or None)


_OUTCOME_UNKNOWN = Refusal((500, 504))
_MANDATORY = (
    rf"Mandatory parameter '{_NAME}' was not sent, was empty/null, or malformed\.",
    rf"Param '{_NAME}' or '{_NAME}' must be sent, but both were empty/null!",
)
# Of these bands the original uses the codes below; the contract names the bands.
_LIST_RULES = {
    code: Refusal() for code in (-1158, -1160, -1165, -1166, -1168, -1196, -1197, -1198, -1199)
}

REFUSALS: Mapping[int, Refusal] = {
    -1000: _OUTCOME_UNKNOWN,
    -1002: _unauthorized(),
    -1003: Refusal((429, 418)),
    -1006: _OUTCOME_UNKNOWN,
    -1007: _OUTCOME_UNKNOWN,
    -1008: Refusal((503,)),
    -1013: Refusal(texts=tuple(f"Filter failure: {name}" for name in FILTER_NAMES)),
    -1014: Refusal(),
    -1015: Refusal((429,)),
    -1020: Refusal((400, 404)),
    -1021: _exactly(
        "Timestamp for this request is outside of the recvWindow.",
        "Timestamp for this request was 1000ms ahead of the server's time.",
    ),
    -1022: _exactly("Signature for this request is not valid."),
    -1100: Refusal(),
    -1101: Refusal(),
    -1102: Refusal(texts=_MANDATORY),
    -1104: Refusal(),
    -1105: Refusal(),
    -1106: Refusal(texts=(rf"Parameter '{_NAME}' sent when not required\.",)),
    -1111: Refusal(texts=(rf"Parameter '{_NAME}' has too much precision\.",)),
    -1112: Refusal(),
    -1114: Refusal(),
    -1115: _exactly("Invalid timeInForce."),
    -1116: _exactly("Invalid orderType."),
    -1117: _exactly("Invalid side."),
    -1118: Refusal(),
    -1119: Refusal(),
    -1120: _exactly("Invalid interval."),
    -1121: _exactly("Invalid symbol."),
    -1122: Refusal(),
    -1125: _exactly("This listenKey does not exist."),
    -1127: Refusal(),
    -1128: Refusal(),
    -1130: Refusal(),
    -1131: Refusal(),
    -1134: Refusal(),
    -1135: Refusal(),
    -1136: Refusal(),
    -1145: _exactly("Invalid cancelRestrictions"),
    -1151: Refusal(),
    -1220: Refusal(),
    **_LIST_RULES,
    -2008: _unauthorized(),
    -2014: _unauthorized("API-key format invalid."),
    -2015: _unauthorized("Invalid API-key, IP, or permissions for action."),
    -2010: _exactly(*_REASONS),
    -2011: _exactly(*_REASONS),
    -2013: _exactly("Order does not exist."),
    -2016: Refusal(),
    -2021: Refusal((409,), (re.escape("Order cancel-replace partially failed."),)),
    -2022: _exactly("Order cancel-replace failed."),
    -2026: Refusal(),
    -2035: Refusal(),
    -2036: Refusal(),
    # MAX_NUM_ORDER_AMENDS fails with this code (section 6).
    -2038: Refusal(
        texts=(*(re.escape(reason) for reason in _REASONS), "Filter failure: MAX_NUM_ORDER_AMENDS")
    ),
    -2039: Refusal(),
}

UNPROVOKED: Mapping[int, str] = {
    -1000: "nothing that a client sends makes a sound exchange fail",
    -1002: "a key that lacks a right is told -2015",
    -1006: "the outcome of a command is always known",
    -1007: "the outcome of a command is always known",
    -1008: "needs more load than a test may make",
    -1104: "parameters that a request does not know are ignored",
    -1112: "a market order on an empty book expires",
    -1135: "JSON is read in the WebSocket API only",
    -2008: "an unknown key is told -2015",
    -2016: "trading has no windows",
    -2026: "orders are never archived",
    -2035: "told in the WebSocket API only",
    -2036: "told in the WebSocket API only",
}
"""Codes of the contract that no request here provokes, and why; the page has them too."""
