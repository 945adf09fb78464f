"""The wire contract's rows, sections 8 to 11 for spot, as data: what a request costs and answers.

Taken from the contract word by word and from nothing else: the exchange's own declarations are
checked by it, so they cannot be its source. Where the contract leaves a form to the original
exchange, the vendor's typed models say what it is; such shapes say so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flow.foreign import orders
from flow.foreign.notation import Check, parse

Parameters = Mapping[str, str]
Weight = int | Callable[[Parameters], int] | None


@dataclass(frozen=True)
class Row:
    """One endpoint: its weight (None: the contract gives none), its answer, its list's order."""

    method: str
    path: str
    weight: Weight
    shape: str | Callable[[Parameters], str]
    oldest_first: str | int | None = None
    """The field by which a list ascends."""
    counts_orders: bool = False
    """Whether an accepted request tells the account's order counts."""

    @property
    def label(self) -> str:
        """Its name everywhere here."""
        return f"{self.method} {self.path}"

    def check(self, parameters: Parameters) -> Check:
        """Return the check of an answer to a request with these parameters."""
        return parse(self.shape if isinstance(self.shape, str) else self.shape(parameters))

    def cost(self, parameters: Parameters) -> int | None:
        """Return the weight of a request with these parameters."""
        return self.weight(parameters) if callable(self.weight) else self.weight


# --- exchangeInfo (section 6) ---------------------------------------------------------------------

RATE_LIMIT = "rateLimitType:T interval:T intervalNum:I limit:I"

_FILTERS = {
    "PRICE_FILTER": "minPrice maxPrice tickSize",
    "LOT_SIZE": "minQty maxQty stepSize",
    "MARKET_LOT_SIZE": "minQty maxQty stepSize",
    "NOTIONAL": "minNotional maxNotional applyMinToMarket:B applyMaxToMarket:B avgPriceMins:I",
    "MIN_NOTIONAL": "minNotional applyToMarket:B avgPriceMins:I",
    "PERCENT_PRICE": "multiplierUp:R multiplierDown:R avgPriceMins:I",
    "PERCENT_PRICE_BY_SIDE": "bidMultiplierUp:R bidMultiplierDown:R"
    " askMultiplierUp:R askMultiplierDown:R avgPriceMins:I",
    "ICEBERG_PARTS": "limit:I",
    "MAX_NUM_ORDERS": "maxNumOrders:I",
    "MAX_NUM_ALGO_ORDERS": "maxNumAlgoOrders:I",
    "MAX_NUM_ICEBERG_ORDERS": "maxNumIcebergOrders:I",
    "MAX_NUM_ORDER_LISTS": "maxNumOrderLists:I",
    "MAX_NUM_ORDER_AMENDS": "maxNumOrderAmends:I",
    "MAX_POSITION": "maxPosition",
    "TRAILING_DELTA": "minTrailingAboveDelta:I maxTrailingAboveDelta:I"
    " minTrailingBelowDelta:I maxTrailingBelowDelta:I",
}
_EXCHANGE_FILTERS = {
    "EXCHANGE_MAX_NUM_ORDERS": "maxNumOrders:I",
    "EXCHANGE_MAX_NUM_ALGO_ORDERS": "maxNumAlgoOrders:I",
    "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": "maxNumIcebergOrders:I",
    "EXCHANGE_MAX_NUM_ORDER_LISTS": "maxNumOrderLists:I",
}
FILTER_NAMES = (*_FILTERS, *_EXCHANGE_FILTERS)


def _filters(known: Mapping[str, str]) -> str:
    shapes = (f'{{filterType:"{name}" {fields}}}' for name, fields in known.items())
    return f"[{'|'.join(shapes)}]"


_SYMBOL = f"""
    symbol:T status:SYMBOL_STATUS baseAsset:T baseAssetPrecision:I quoteAsset:T quotePrecision:I
    quoteAssetPrecision:I baseCommissionPrecision:I quoteCommissionPrecision:I orderTypes:[TYPE]
    icebergAllowed:B ocoAllowed:B otoAllowed:B opoAllowed:B quoteOrderQtyMarketAllowed:B
    allowTrailingStop:B cancelReplaceAllowed:B amendAllowed:B pegInstructionsAllowed:B
    isSpotTradingAllowed:B isMarginTradingAllowed:B filters:{_filters(_FILTERS)} permissions:[]
    permissionSets:%s defaultSelfTradePreventionMode:SELF_TRADE
    allowedSelfTradePreventionModes:[SELF_TRADE]
"""


def _exchange_info(parameters: Parameters) -> str:
    hidden = parameters.get("showPermissionSets", "").lower() == "false"
    symbol = _SYMBOL % ("[]" if hidden else '[["SPOT"]]')
    return f"""
        timezone:"UTC" serverTime:ms rateLimits:[{{{RATE_LIMIT}}}]
        exchangeFilters:{_filters(_EXCHANGE_FILTERS)} symbols:[{{{symbol}}}] sors?:[{{..}}]
    """


# --- market data (section 8) ----------------------------------------------------------------------

_TRADES = "[{id:I price qty quoteQty time:ms isBuyerMaker:B isBestMatch:B}]"
_KLINES = '[(ms S S S S S ms S I S S "0")]'
_CHANGE = "symbol:T priceChange priceChangePercent:R weightedAvgPrice"
_RANGE = "openPrice highPrice lowPrice"
_VOLUMES = "volume quoteVolume openTime:ms closeTime:ms firstId:I lastId:I count:I"
_DAY_FULL = (
    f"{_CHANGE} prevClosePrice lastPrice lastQty bidPrice bidQty askPrice askQty"
    f" {_RANGE} {_VOLUMES}"
)
# "as 24hr minus bid/ask/prevClose/lastQty"; the vendor's model tells lastPrice after the range.
_WINDOW_FULL = (
    f"{{{_CHANGE} lastPrice {_RANGE} {_VOLUMES}}}|{{{_CHANGE} {_RANGE} lastPrice {_VOLUMES}}}"
)
# The contract names MINI without its fields; these are the vendor's model's.
_MINI = f"{{symbol:T {_RANGE} lastPrice {_VOLUMES}}}"


def _one_or_many(shape: str, parameters: Parameters) -> str:
    """Return the shape for a symbol, or the list of it."""
    return shape if "symbol" in parameters else f"[{shape}]"


def _ticker(full: str) -> Callable[[Parameters], str]:
    def shape(parameters: Parameters) -> str:
        row = _MINI if parameters.get("type") == "MINI" else full
        return _one_or_many(f"{row}", parameters)

    return shape


def _per_symbol(fields: str) -> Callable[[Parameters], str]:
    return lambda parameters: _one_or_many(f"{{{fields}}}", parameters)


def _symbols(parameters: Parameters) -> int:
    return parameters["symbols"].count(",") + 1 if "symbols" in parameters else 1


def _depth_weight(parameters: Parameters) -> int:
    limit = int(parameters.get("limit", "100"))
    return next(
        (weight for most, weight in ((100, 5), (500, 25), (1_000, 50)) if limit <= most), 250
    )


def _day_weight(parameters: Parameters) -> int:
    if "symbol" not in parameters and "symbols" not in parameters:
        return 80
    count = _symbols(parameters)
    return 2 if count <= 20 else 40 if count <= 100 else 80


def _window_weight(parameters: Parameters) -> int:
    return min(4 * _symbols(parameters), 200)


def _price_weight(parameters: Parameters) -> int:
    return 2 if "symbol" in parameters else 4


_MARKET = (
    Row("GET", "/api/v3/ping", 1, "{}"),
    Row("GET", "/api/v3/time", 1, "serverTime:ms"),
    Row("GET", "/api/v3/exchangeInfo", 20, _exchange_info),
    Row("GET", "/api/v3/depth", _depth_weight, "lastUpdateId:I bids:[(S S)] asks:[(S S)]"),
    Row("GET", "/api/v3/trades", 25, _TRADES, "id"),
    Row("GET", "/api/v3/historicalTrades", 25, _TRADES, "id"),
    Row("GET", "/api/v3/aggTrades", 4, "[{a:I p:S q:S f:I l:I T:ms m:B M:B}]", "a"),
    Row("GET", "/api/v3/klines", 2, _KLINES, 0),
    Row("GET", "/api/v3/uiKlines", 2, _KLINES, 0),
    Row("GET", "/api/v3/avgPrice", 2, "mins:I price closeTime:ms"),
    Row("GET", "/api/v3/ticker/24hr", _day_weight, _ticker(f"{{{_DAY_FULL}}}")),
    Row("GET", "/api/v3/ticker/tradingDay", _window_weight, _ticker(_WINDOW_FULL)),
    Row("GET", "/api/v3/ticker/price", _price_weight, _per_symbol("symbol:T price")),
    Row(
        "GET",
        "/api/v3/ticker/bookTicker",
        _price_weight,
        _per_symbol("symbol:T bidPrice bidQty askPrice askQty"),
    ),
    Row("GET", "/api/v3/ticker", _window_weight, _ticker(_WINDOW_FULL)),
)

# --- trading (section 9) --------------------------------------------------------------------------


def _test_weight(parameters: Parameters) -> int:
    return 20 if parameters.get("computeCommissionRates", "").lower() == "true" else 1


def _open_weight(parameters: Parameters) -> int:
    return 6 if "symbol" in parameters else 80


def _fills_weight(parameters: Parameters) -> int:
    return 5 if "orderId" in parameters else 20


def _prevented_weight(parameters: Parameters) -> int:
    return 2 if "preventedMatchId" in parameters else 20


_API = "/api/v3"
_TRADING = (
    Row("POST", f"{_API}/order", 1, orders.placed, counts_orders=True),
    Row("POST", f"{_API}/order/test", _test_weight, orders.tested),
    Row("GET", f"{_API}/order", 4, orders.ITEM),
    Row("DELETE", f"{_API}/order", 1, orders.CANCELED),
    Row("DELETE", f"{_API}/openOrders", 1, f"[{{{orders.CANCELED}}}|{{{orders.CANCELED_LIST}}}]"),
    Row("GET", f"{_API}/openOrders", _open_weight, f"[{{{orders.ITEM}}}]", "time"),
    Row("GET", f"{_API}/allOrders", 20, f"[{{{orders.ITEM}}}]", "orderId"),
    Row("GET", f"{_API}/myTrades", _fills_weight, f"[{{{orders.TRADE}}}]", "id"),
    Row("POST", f"{_API}/order/cancelReplace", 1, orders.replaced, counts_orders=True),
    Row("PUT", f"{_API}/order/amend/keepPriority", 4, orders.AMENDED),
    Row("GET", f"{_API}/order/amendments", 4, f"[{{{orders.AMENDMENT}}}]", "executionId"),
    Row("POST", f"{_API}/orderList/oco", 1, orders.listed, counts_orders=True),
    Row("POST", f"{_API}/orderList/oto", 1, orders.listed, counts_orders=True),
    Row("POST", f"{_API}/orderList/otoco", 1, orders.listed, counts_orders=True),
    Row("POST", f"{_API}/order/oco", 1, orders.listed, counts_orders=True),
    Row("GET", f"{_API}/orderList", 4, orders.LIST),
    Row("GET", f"{_API}/allOrderList", 20, f"[{{{orders.LIST}}}]", "orderListId"),
    Row("GET", f"{_API}/openOrderList", 6, f"[{{{orders.LIST}}}]", "orderListId"),
    Row("DELETE", f"{_API}/orderList", 1, orders.CANCELED_LIST),
)

# --- account (section 10) -------------------------------------------------------------------------

_RATES = "maker taker buyer seller"
_ACCOUNT = f"""
    makerCommission:I takerCommission:I buyerCommission:I sellerCommission:I
    commissionRates:{{{_RATES}}} canTrade:B canWithdraw:B canDeposit:B brokered:B
    requireSelfTradePrevention:B preventSor:B updateTime:ms accountType:"SPOT"
    balances:[{{asset:T free locked}}] permissions:["SPOT"] uid:I
"""
_COMMISSION = f"""
    symbol:T standardCommission:{{{_RATES}}} specialCommission:{{{_RATES}}}
    taxCommission:{{{_RATES}}}
    discount:{{enabledForAccount:B enabledForSymbol:B discountAsset:T discount}}
"""
_PREVENTED = """
    symbol:T preventedMatchId:I takerOrderId:I makerSymbol:T makerOrderId:I tradeGroupId:I
    selfTradePreventionMode:SELF_TRADE price makerPreventedQuantity transactTime:ms
"""
# The contract gives these two no form; the vendor's models do.
_ALLOCATION = """
    symbol:T allocationId:I allocationType:T orderId:I orderListId:I price qty quoteQty commission
    commissionAsset:T time:ms isBuyer:B isMaker:B isAllocator:B
"""
_MY_FILTERS = f"""
    exchangeFilters:{_filters(_EXCHANGE_FILTERS)} symbolFilters:{_filters(_FILTERS)}
    assetFilters:[{{..}}] rateLimits?:[{{{RATE_LIMIT}}}]
"""
_ACCOUNTS = (
    Row("GET", f"{_API}/account", 20, _ACCOUNT),
    Row("GET", f"{_API}/account/commission", 20, _COMMISSION),
    Row("GET", f"{_API}/rateLimit/order", 40, f"[{{{RATE_LIMIT} count:I}}]"),
    Row(
        "GET",
        f"{_API}/myPreventedMatches",
        _prevented_weight,
        f"[{{{_PREVENTED}}}]",
        "preventedMatchId",
    ),
    Row("GET", f"{_API}/myAllocations", 20, f"[{{{_ALLOCATION}}}]", "allocationId"),
    Row("GET", f"{_API}/myFilters", 40, _MY_FILTERS),
    Row("POST", f"{_API}/userDataStream", 2, "listenKey:T"),
    Row("PUT", f"{_API}/userDataStream", 2, "{}"),
    Row("DELETE", f"{_API}/userDataStream", 2, "{}"),
)

# --- wallet (section 11), and what a default client asks for besides (sections 1 and 6) -----------

_NETWORK = """
    network:T coin:T name:T isDefault:B depositEnable:B withdrawEnable:B busy:B withdrawFee
    withdrawMin withdrawMax withdrawIntegerMultiple minConfirm:I unLockConfirm:I addressRegex:T
    memoRegex:T sameAddress:B ..
"""
_COIN = f"""
    coin:T name:T depositAllEnable:B withdrawAllEnable:B trading:B isLegalMoney:B free locked freeze
    withdrawing ipoing ipoable storage networkList:[{{{_NETWORK}}}]
"""
_TRANSFER = 'asset:T amount type:T status:"CONFIRMED" tranId:I timestamp:ms'
_NO_MARKETS = 'timezone:"UTC" serverTime:ms rateLimits:[] exchangeFilters:[] symbols:[]'
_NO_CONTRACTS = (
    'timezone:"UTC" serverTime:ms futuresType:"U_MARGINED" rateLimits:[] exchangeFilters:[]'
    " assets:[] symbols:[]"
)
_SAPI = "/sapi/v1"
_WALLET = (
    Row("GET", f"{_SAPI}/system/status", None, 'status:0|1 msg:"normal"'),
    Row("GET", f"{_SAPI}/capital/config/getall", None, f"[{{{_COIN}}}]"),
    Row("GET", f"{_SAPI}/margin/allPairs", None, "[]"),
    Row("GET", f"{_SAPI}/margin/isolated/allPairs", None, "[]"),
    Row(
        "GET",
        f"{_SAPI}/asset/tradeFee",
        None,
        "[{symbol:T makerCommission takerCommission}]",
    ),
    Row("POST", f"{_SAPI}/asset/transfer", None, "tranId:I"),
    Row("GET", f"{_SAPI}/asset/transfer", None, f"total:I rows:[{{{_TRANSFER}}}]"),
    Row("GET", "/dapi/v1/exchangeInfo", None, _NO_MARKETS),
    Row("GET", "/fapi/v1/exchangeInfo", 1, _NO_CONTRACTS),
)

ROWS: Mapping[str, Row] = {row.label: row for row in (*_MARKET, *_TRADING, *_ACCOUNTS, *_WALLET)}
