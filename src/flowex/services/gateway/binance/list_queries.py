"""Order lists of an account, asked for."""

from typing import ClassVar, Final

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.list_answers import ListItem, list_item, list_items
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    EndText,
    InstantText,
    Limit1000,
    OrderNumber,
    Parameters,
)
from flowex.services.gateway.binance.queries import BAD_SPANS, check_span
from flowex.services.gateway.binance.rules import Excludes, OneOf, Rule

_ROWS: Final = 500


class OneList(Parameters, frozen=True, kw_only=True):
    """GET orderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("orderListId", "origClientOrderId"),)

    order_list_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None


class AllLists(Parameters, frozen=True, kw_only=True):
    """GET allOrderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (Excludes("fromId", ("startTime", "endTime")),)

    from_id: OrderNumber | None = None
    start_time: InstantText | None = None
    end_time: EndText | None = None
    limit: Limit1000 = _ROWS


class OpenLists(Parameters, frozen=True, kw_only=True):
    """GET openOrderList."""


async def one_list(desk: Desk, call: Call, wanted: OneList) -> ListItem:
    """Return one order list, by number or else by client id."""
    client_id = wanted.orig_client_order_id or ""
    view = await desk.exchange.trading.find_order_list(
        call.account,
        wanted.order_list_id or 0,
        "" if wanted.order_list_id else client_id,
    )
    if view is None:
        raise Refusal(errors.NO_SUCH_LIST)
    if client_id not in ("", view.client_id):
        raise Refusal(errors.WRONG_CLIENT_ID)
    return await list_item(desk, call, view)


async def all_lists(desk: Desk, call: Call, wanted: AllLists) -> list[ListItem]:
    """Return order lists, open or not, oldest first."""
    check_span(wanted.start_time, wanted.end_time)
    views = await desk.exchange.trading.all_order_lists(
        call.account,
        from_list=wanted.from_id,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        limit=wanted.limit,
    )
    return await list_items(desk, call, views)


async def open_lists(desk: Desk, call: Call, wanted: OpenLists) -> list[ListItem]:
    """Return the order lists that have an open order, oldest first."""
    views = desk.exchange.trading.open_order_lists(call.account)
    return await list_items(desk, call, views)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/orderList",
        Security.USER_DATA,
        4,
        OneList,
        one_list,
        "One order list",
        "orderList.status",
        raises=frozenset({errors.NO_SUCH_LIST, errors.WRONG_CLIENT_ID}),
    ),
    Endpoint(
        "GET",
        "/api/v3/allOrderList",
        Security.USER_DATA,
        20,
        AllLists,
        all_lists,
        "Order lists, open or not",
        "allOrderLists",
        raises=BAD_SPANS,
    ),
    Endpoint(
        "GET",
        "/api/v3/openOrderList",
        Security.USER_DATA,
        6,
        OpenLists,
        open_lists,
        "Open order lists",
        "openOrderLists.status",
    ),
)
"""This file's rows of the table."""
