"""What may differ from the contract and from the original exchange, by its id on the page.

``docs/reference/differences.md`` says each of them in words; tests/flow/foreign/test_differences.py
sees that the page and this table name the same ones, and that none of them is told in vain.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from flow.foreign.checker import Complaint


class Difference(NamedTuple):
    """Where something may differ: patterns of a row's label and of a complaint."""

    label: str
    text: str


WIRE: Mapping[str, Difference] = {}
"""Answers that may differ from the contract."""

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "no-smart-order-routing": (
        "sor_order",
        "sor_order_test",
        "privatePostSorOrder",
        "privatePostSorOrderTest",
    ),
    "no-one-pays-other": (
        "order_list_opo",
        "order_list_opoco",
        "privatePostOrderListOpo",
        "privatePostOrderListOpoco",
    ),
    "no-execution-rules": ("execution_rules",),
    "no-reference-price": ("reference_price", "reference_price_calculation"),
    "no-block-trades": ("historical_block_trades",),
}
"""Functions of clients for what is not served here: each ends in a 404."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "no-smart-order-routing": ("usedSor", "workingFloor", "sors"),
    "no-pegged-orders": ("pegPriceType", "pegOffsetType", "pegOffsetValue", "peggedPrice"),
    "no-exponents-in-filters": ("priceExponent", "qtyExponent", "multiplierExponent"),
    "filters-without-rate-limits": ("rateLimits",),
    "prevented-matches-of-makers": ("takerPreventedQuantity",),
}
"""Fields that the vendor's models know and that are never told here."""

EXTRA_FIELDS: Mapping[str, tuple[str, ...]] = {
    "cancels-tell-working-time": ("workingTime",),
}
"""Fields that are told here and that the vendor's models do not know."""

VALUES: Mapping[str, str] = {
    "no-transfer-mode": "selfTradePreventionMode=TRANSFER",
    "no-futures-wallet": "type=MAIN_UMFUTURE",
}
"""Parameters that the original takes and that are refused here."""

MODEL_GAPS = frozenset({"count"})
"""Fields that a model knows and no answer has: one model serves two kinds of rate limits."""

MODELS_FORGOT = frozenset({"fills", "selfTradePreventionMode"})
"""Fields that the original tells of orders in lists, too, and that its models know elsewhere."""

CONDITIONAL = frozenset(
    {
        *("stopPrice", "trailingDelta", "trailingTime", "icebergQty", "strategyId"),
        *("strategyType", "preventedMatchId", "preventedQuantity", "expiryReason"),
    }
)
"""Fields that an order has on a condition; the models know them for some answers only."""


def _fits(difference: Difference, complaint: Complaint) -> bool:
    return bool(
        re.fullmatch(difference.label, complaint.label)
        and re.fullmatch(difference.text, complaint.text, re.DOTALL)
    )


def allowed(complaint: Complaint, name: str | None = None) -> bool:
    """Whether a complaint is of a difference that the page names: of that one, if it is given."""
    known = WIRE.values() if name is None else [WIRE[name]]
    return any(_fits(difference, complaint) for difference in known)
