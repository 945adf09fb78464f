"""Section 9's forms of orders: answers to new orders, cancels, lists, and what queries tell."""

from collections.abc import Mapping

# What an order has only when it was sent, or came to be, so; see checker.CONDITIONS.
_CONDITIONAL = (
    "stopPrice? trailingDelta?:I trailingTime?:ms|-1 icebergQty? strategyId?:I strategyType?:I"
    " preventedMatchId?:I preventedQuantity? expiryReason?:T"
)
_OF_ITEM = _CONDITIONAL.replace("stopPrice? ", "").replace("icebergQty? ", "")

_ACK = "symbol:T orderId:I orderListId:I clientOrderId:T transactTime:ms"
_OUTCOME = """
    price origQty executedQty origQuoteOrderQty cummulativeQuoteQty status:STATUS timeInForce:FORCE
    type:TYPE side:SIDE workingTime:ms|-1 selfTradePreventionMode:SELF_TRADE
"""
_RESULT = f"{_ACK} {_OUTCOME} {_CONDITIONAL}"
_FULL = f"{_RESULT} fills:[{{price qty commission commissionAsset:T tradeId:I}}]"
_FORMS = {"ACK": _ACK, "RESULT": _RESULT, "FULL": _FULL}

ITEM = f"""
    symbol:T orderId:I orderListId:I clientOrderId:T price origQty executedQty cummulativeQuoteQty
    status:STATUS timeInForce:FORCE type:TYPE side:SIDE stopPrice icebergQty time:ms updateTime:ms
    isWorking:B workingTime:ms|-1 origQuoteOrderQty selfTradePreventionMode:SELF_TRADE {_OF_ITEM}
"""
TRADE = """
    symbol:T id:I orderId:I orderListId:I price qty quoteQty commission commissionAsset:T time:ms
    isBuyer:B isMaker:B isBestMatch:B
"""
CANCELED = f"{_RESULT} origClientOrderId~:T"
_AMENDED_ORDER = f"""
    symbol:T orderId:I orderListId:I origClientOrderId:T clientOrderId:T price qty executedQty
    preventedQty quoteOrderQty cumulativeQuoteQty status:STATUS timeInForce:FORCE type:TYPE
    side:SIDE workingTime:ms|-1 selfTradePreventionMode:SELF_TRADE {_CONDITIONAL}
"""
_LIST_STATUS = """
    orderListId:I contingencyType:CONTINGENCY listOrderStatus:LIST_ORDER_STATUS listClientOrderId:T
    symbol:T orders:[{symbol:T orderId:I clientOrderId:T}]
"""
AMENDED = f"""
    transactTime:ms executionId:I amendedOrder:{{{_AMENDED_ORDER}}} listStatus?:{{{_LIST_STATUS}}}
"""
# The contract gives the amendments no form; the vendor's model does.
AMENDMENT = """
    symbol:T orderId:I executionId:I origClientOrderId:T newClientOrderId:T origQty newQty time:ms
"""
LIST = """
    orderListId:I contingencyType:CONTINGENCY listStatusType:LIST_STATUS_TYPE
    listOrderStatus:LIST_ORDER_STATUS listClientOrderId:T transactionTime:ms symbol:T
    orders:[{symbol:T orderId:I clientOrderId:T}]
"""
_NEW_LIST = LIST.replace("LIST_STATUS_TYPE", '"EXEC_STARTED"').replace(
    "LIST_ORDER_STATUS", '"EXECUTING"'
)
_ENDED_LIST = LIST.replace("LIST_STATUS_TYPE", '"ALL_DONE"').replace(
    "LIST_ORDER_STATUS", '"ALL_DONE"'
)
CANCELED_LIST = f"{_ENDED_LIST} orderReports:[{{{CANCELED}}}]"
_BY_TYPE = {"LIMIT": "FULL", "MARKET": "FULL"}

_TESTED_RATES = "{maker taker}"
_TESTED = f"""
    standardCommissionForOrder:{_TESTED_RATES} specialCommissionForOrder:{_TESTED_RATES}
    taxCommissionForOrder:{_TESTED_RATES}
    discount:{{enabledForAccount:B enabledForSymbol:B discountAsset:T discount}}
"""
"""The contract names computeCommissionRates without an answer; this is the vendor's model's."""


def placed(parameters: Mapping[str, str]) -> str:
    """Return the form of the answer to a new order."""
    default = _BY_TYPE.get(parameters.get("type", ""), "ACK")
    return _FORMS[parameters.get("newOrderRespType", default)]


def tested(parameters: Mapping[str, str]) -> str:
    """Return the form of the answer to a tried order."""
    computes = parameters.get("computeCommissionRates", "").lower() == "true"
    return _TESTED if computes else "{}"


def replaced(parameters: Mapping[str, str]) -> str:
    """Return the form of a cancel-replace of which both halves went well."""
    return f"""
        cancelResult:"SUCCESS" newOrderResult:"SUCCESS" cancelResponse:{{{CANCELED}}}
        newOrderResponse:{{{placed(parameters)}}}
    """


_REFUSED = "{code:I msg:T}"


def half_replaced(parameters: Mapping[str, str]) -> str:
    """Return the form of the ``data`` of a cancel-replace that did not go well."""
    results = '"SUCCESS"|"FAILURE"'
    return f"""
        cancelResult:{results} newOrderResult:{results}|"NOT_ATTEMPTED"
        cancelResponse:{{{CANCELED}}}|{_REFUSED}
        newOrderResponse:{{{placed(parameters)}}}|{_REFUSED}|null
    """


def listed(parameters: Mapping[str, str]) -> str:
    """Return the form of the answer to a new order list."""
    form = parameters.get("newOrderRespType")
    reports = [_FORMS[form]] if form else [_ACK, _RESULT, _FULL]
    return f"{_NEW_LIST} orderReports:[{'|'.join(f'{{{report}}}' for report in reports)}]"
