"""What an order list is asked with: the same words again and again, once for each leg.

A leg's parameters begin with its name (``aboveType``, ``pendingBelowPrice``), so their structs are
put together here instead of being spelled out; ``LegOf`` reads one leg of any of them.
"""

from typing import Annotated, Any, ClassVar, Final, NamedTuple

import msgspec

from flowex.messages.enums import OrderType, Side, TimeInForce
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.orders import (
    ForceWord,
    ResponseWord,
    SelfTradeWord,
    SideWord,
    StrategyNumber,
    StrategyType,
    TrailingDelta,
)
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    Decimal8,
    Kind,
    Parameters,
    SymbolText,
    choice,
)
from flowex.services.gateway.binance.rules import ByWord, Case, OneOf, Rule, Together

_OCO_TYPES: Final = {
    word: kind
    for word, kind in words.ORDER_TYPES.items()
    if kind == OrderType.LIMIT_MAKER or kind in words.ALGOS
}
_WORKING_TYPES: Final = {word: words.ORDER_TYPES[word] for word in ("LIMIT", "LIMIT_MAKER")}

_ANY_TYPE: Final = choice(words.ORDER_TYPES, errors.BAD_TYPE)


def _read_oco_type(name: str, text: str) -> OrderType:
    kind: OrderType = _ANY_TYPE.read(name, text)
    if text not in _OCO_TYPES:
        raise Refusal(errors.NOT_IN_OCO)
    return kind


OcoType = Annotated[
    OrderType,
    Kind(
        _read_oco_type,
        {"type": "string", "enum": list(_OCO_TYPES)},
        lambda _: (errors.BAD_TYPE, errors.NOT_IN_OCO),
    ),
]
WorkingType = Annotated[OrderType, choice(_WORKING_TYPES, errors.BAD_TYPE)]
PendingType = Annotated[OrderType, _ANY_TYPE]

Fields = list[tuple[str, Any] | tuple[str, Any, Any]]

_SHARED: Final[Fields] = [
    ("list_client_order_id", ClientIdText | None, None),
    ("new_order_resp_type", ResponseWord | None, None),
    ("self_trade_prevention_mode", SelfTradeWord | None, None),
]


class WantedLeg(NamedTuple):
    """One leg as the client asked for it; amounts are counts of 10 ** -8."""

    side: Side
    quantity: int
    order_type: OrderType
    client_id: str | None = None
    price: int | None = None
    stop_price: int | None = None
    trailing_delta: int | None = None
    iceberg_qty: int | None = None
    time_in_force: TimeInForce | None = None
    strategy_id: int | None = None
    strategy_type: int | None = None


_OPTIONAL: Final = WantedLeg._fields[4:]
"""What a leg's parameters are called without its prefix, where the names here are the same."""


class LegOf(NamedTuple):
    """Which parameters a leg has: their prefix, and what its type may be."""

    prefix: str
    types: Any

    def fields(self, *, waits: bool) -> Fields:
        """Return the declarations of the leg's own parameters."""
        optional: Fields = [
            (f"{self.prefix}_client_order_id", ClientIdText | None, None),
            (f"{self.prefix}_price", Decimal8 | None, None),
            (f"{self.prefix}_iceberg_qty", Decimal8 | None, None),
            (f"{self.prefix}_time_in_force", ForceWord | None, None),
            (f"{self.prefix}_strategy_id", StrategyNumber | None, None),
            (f"{self.prefix}_strategy_type", StrategyType | None, None),
        ]
        if waits:
            optional += [
                (f"{self.prefix}_stop_price", Decimal8 | None, None),
                (f"{self.prefix}_trailing_delta", TrailingDelta | None, None),
            ]
        return optional

    def rule(self) -> Rule:
        """Return what the leg's type asks of its other parameters."""
        name = f"{_camel(self.prefix)}{{}}".format
        price, stop = name("Price"), name("StopPrice")
        delta, force = name("TrailingDelta"), name("TimeInForce")
        trigger = (stop, delta)
        waits = Case(refuses=(price, name("IcebergQty"), force), one_of=trigger)
        waits_limit = Case(needs=(price, force), one_of=trigger)
        cases = {
            "LIMIT": Case(needs=(price, force), refuses=trigger),
            "LIMIT_MAKER": Case(needs=(price,), refuses=trigger),
            "MARKET": Case(refuses=(price, *trigger, name("IcebergQty"), force)),
            "STOP_LOSS": waits,
            "TAKE_PROFIT": waits,
            "STOP_LOSS_LIMIT": waits_limit,
            "TAKE_PROFIT_LIMIT": waits_limit,
        }
        return ByWord(name("Type"), cases)

    def read(self, wanted: Parameters, side: Side, quantity: int) -> WantedLeg:
        """Return the leg of a request; side and quantity may be those of several legs."""
        prefix = self.prefix
        return WantedLeg(
            side,
            quantity,
            getattr(wanted, f"{prefix}_type"),
            getattr(wanted, f"{prefix}_client_order_id"),
            *(getattr(wanted, f"{prefix}_{name}", None) for name in _OPTIONAL),
        )


ABOVE: Final = LegOf("above", OcoType)
BELOW: Final = LegOf("below", OcoType)
WORKING: Final = LegOf("working", WorkingType)
PENDING: Final = LegOf("pending", PendingType)
PENDING_ABOVE: Final = LegOf("pending_above", OcoType)
PENDING_BELOW: Final = LegOf("pending_below", OcoType)


def _camel(prefix: str) -> str:
    head, *tail = prefix.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _declared(name: str, doc: str, required: Fields, *legs: LegOf) -> type[Parameters]:
    """Return the parameters of an order list with these legs."""
    fields: Fields = [("symbol", SymbolText), *required]
    fields += [(f"{leg.prefix}_type", leg.types) for leg in legs]
    for leg in legs:
        fields += leg.fields(waits=leg is not WORKING)
    declared: type[Any] = msgspec.defstruct(
        name,
        [*fields, *_SHARED],
        bases=(Parameters,),
        module=__name__,
        namespace={"__doc__": doc, "RULES": tuple(leg.rule() for leg in legs)},
        frozen=True,
        kw_only=True,
        rename="camel",
    )
    return declared


_WORKING_FIELDS: Final[Fields] = [("working_side", SideWord), ("working_quantity", Decimal8)]
_PENDING_FIELDS: Final[Fields] = [("pending_side", SideWord), ("pending_quantity", Decimal8)]

NewOco: Final = _declared(
    "NewOco",
    "POST orderList/oco.",
    [("side", SideWord), ("quantity", Decimal8)],
    ABOVE,
    BELOW,
)
NewOto: Final = _declared(
    "NewOto", "POST orderList/oto.", [*_WORKING_FIELDS, *_PENDING_FIELDS], WORKING, PENDING
)
NewOtoco: Final = _declared(
    "NewOtoco",
    "POST orderList/otoco.",
    [*_WORKING_FIELDS, *_PENDING_FIELDS],
    WORKING,
    PENDING_ABOVE,
    PENDING_BELOW,
)


class OldOco(Parameters, frozen=True, kw_only=True):
    """POST order/oco: the older form, a LIMIT_MAKER with a STOP_LOSS or STOP_LOSS_LIMIT."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        OneOf("stopPrice", "trailingDelta"),
        Together("stopLimitPrice", "stopLimitTimeInForce"),
    )

    symbol: SymbolText
    side: SideWord
    quantity: Decimal8
    price: Decimal8
    stop_price: Decimal8 | None = None
    trailing_delta: TrailingDelta | None = None
    stop_limit_price: Decimal8 | None = None
    stop_limit_time_in_force: ForceWord | None = None
    list_client_order_id: ClientIdText | None = None
    limit_client_order_id: ClientIdText | None = None
    limit_iceberg_qty: Decimal8 | None = None
    limit_strategy_id: StrategyNumber | None = None
    limit_strategy_type: StrategyType | None = None
    stop_client_order_id: ClientIdText | None = None
    stop_iceberg_qty: Decimal8 | None = None
    stop_strategy_id: StrategyNumber | None = None
    stop_strategy_type: StrategyType | None = None
    new_order_resp_type: ResponseWord | None = None
    self_trade_prevention_mode: SelfTradeWord | None = None

    def legs(self) -> tuple[WantedLeg, WantedLeg]:
        """Return (above, below): a sell takes its profit above the market, a buy below."""
        limit = WantedLeg(
            self.side,
            self.quantity,
            OrderType.LIMIT_MAKER,
            client_id=self.limit_client_order_id,
            price=self.price,
            iceberg_qty=self.limit_iceberg_qty,
            strategy_id=self.limit_strategy_id,
            strategy_type=self.limit_strategy_type,
        )
        has_price = self.stop_limit_price is not None
        stop = WantedLeg(
            self.side,
            self.quantity,
            OrderType.STOP_LOSS_LIMIT if has_price else OrderType.STOP_LOSS,
            client_id=self.stop_client_order_id,
            price=self.stop_limit_price,
            stop_price=self.stop_price,
            trailing_delta=self.trailing_delta,
            iceberg_qty=self.stop_iceberg_qty,
            time_in_force=self.stop_limit_time_in_force,
            strategy_id=self.stop_strategy_id,
            strategy_type=self.stop_strategy_type,
        )
        return (limit, stop) if self.side == Side.SELL else (stop, limit)
