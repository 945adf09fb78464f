"""Everything is tried: rows, the clients' functions, codes, exceptions. What is not says why."""

import inspect
import re
from collections.abc import Mapping

import ccxt
import pytest
from binance import Client
from binance_sdk_spot.rest_api.rest_api import SpotRestAPI
from flow.foreign.cast import HANDS
from flow.foreign.checker import read_json
from flow.foreign.conftest import Stories
from flow.foreign.contract import ROWS
from flow.foreign.differences import FUNCTIONS
from flow.foreign.hands_ccxt import CcxtHand, function_of
from flow.foreign.refusals import REFUSALS, UNPROVOKED
from flow.foreign.story import PENDING, Story

OK, REFUSED = 200, 400
UNSERVED = {name for names in FUNCTIONS.values() for name in names}

_FUTURES, _MARGIN, _BANK = "futures", "margin and loans", "deposits and withdrawals"
_CONVERT, _OPTIONS, _SOCKET = "conversions", "options", "the WebSocket API's"
CCXT_ELSEWHERE: Mapping[str, str] = {
    "createConvertTrade": _CONVERT,
    "createMarketOrderWs": _SOCKET,
    "createOrders": _FUTURES,
    "createReduceOnlyOrder": _FUTURES,
    "cancelOrders": _FUTURES,
    "editOrders": _FUTURES,
    "fetchADLRank": _FUTURES,
    "fetchAllGreeks": _OPTIONS,
    "fetchBorrowInterest": _MARGIN,
    "fetchBorrowRateHistory": _MARGIN,
    "fetchConvertCurrencies": _CONVERT,
    "fetchConvertQuote": _CONVERT,
    "fetchConvertTrade": _CONVERT,
    "fetchConvertTradeHistory": _CONVERT,
    "fetchCrossBorrowRate": _MARGIN,
    "fetchDepositAddress": _BANK,
    "fetchDepositWithdrawFees": _BANK,
    "fetchDeposits": _BANK,
    "fetchFundingHistory": _FUTURES,
    "fetchFundingIntervals": _FUTURES,
    "fetchFundingRate": _FUTURES,
    "fetchFundingRateHistory": _FUTURES,
    "fetchFundingRates": _FUTURES,
    "fetchGreeks": _OPTIONS,
    "fetchIndexOHLCV": _FUTURES,
    "fetchIsolatedBorrowRates": _MARGIN,
    "fetchLedger": _FUTURES,
    "fetchLedgerEntry": _OPTIONS,
    "fetchLeverageTiers": _FUTURES,
    "fetchLeverages": _FUTURES,
    "fetchLongShortRatioHistory": _FUTURES,
    "fetchMarginAdjustmentHistory": _FUTURES,
    "fetchMarginMode": _FUTURES,
    "fetchMarginModes": _FUTURES,
    "fetchMarkOHLCV": _FUTURES,
    "fetchMarkPrice": _FUTURES,
    "fetchMarkPrices": _FUTURES,
    "fetchMyLiquidations": _FUTURES,
    "fetchMySettlementHistory": _OPTIONS,
    "fetchOpenInterest": _FUTURES,
    "fetchOpenInterestHistory": _FUTURES,
    "fetchOpenOrder": _FUTURES,
    "fetchOption": _OPTIONS,
    "fetchPosition": _FUTURES,
    "fetchPositionADLRank": _FUTURES,
    "fetchPositionMode": _FUTURES,
    "fetchPositions": _FUTURES,
    "fetchPositionsADLRank": _FUTURES,
    "fetchPositionsRisk": _FUTURES,
    "fetchPremiumIndexOHLCV": _FUTURES,
    "fetchSettlementHistory": _OPTIONS,
    "fetchTransactionFees": _BANK,
    "fetchWithdrawals": _BANK,
}
"""Unified methods of ccxt that are not about spot orders, markets and balances."""

SDK_BROKEN = {
    "send_request": "raises a TypeError of its own before it asks anybody",
    "send_signed_request": "the same",
}

EXCEPTIONS: Mapping[str, frozenset[str]] = {
    "ccxt": frozenset(
        {
            *("AuthenticationError", "BadRequest", "BadResponse", "BadSymbol", "DDoSProtection"),
            *("InsufficientFunds", "InvalidNonce", "InvalidOrder", "OrderImmediatelyFillable"),
            *("OrderNotFound",),
        }
    ),
    "python-binance": frozenset({"BinanceAPIException"}),
    "spot-sdk": frozenset(
        {
            *("BadRequestError", "ClientError", "NotFoundError", "RateLimitBanError"),
            *("TooManyRequestsError", "UnauthorizedError"),
        }
    ),
}
"""The classes that refusals become. Those that they know besides are for faults of servers and
networks (OnMaintenance, RequestTimeout, ServerError, NetworkError ...), for what no row here does
(MarginModeAlreadySet, ForbiddenError ...), or raised before anything is asked (RequiredError)."""


def snake(name: str) -> str:
    """Return a unified method's name as Python has it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def functions_of_ccxt() -> set[str]:
    """Return its functions for spot endpoints, and its unified methods."""
    client = ccxt.binance()
    found = {
        function_of(group, method, path)
        for group in ("public", "private")
        for method, paths in client.api[group].items()
        for path in paths
    }
    unified = {
        snake(name)
        for name, has in client.has.items()
        if has is True and name.startswith(("fetch", "create", "cancel", "edit"))
        if name not in CCXT_ELSEWHERE
    }
    return found | unified | set(CcxtHand.functions.values())


def functions_of_python_binance() -> set[str]:
    """Return its functions that send a request to the spot API, by their source."""
    found = set()
    # One by one inspect would read the file anew for each of a thousand functions.
    for source in inspect.getsource(Client).split("\n    def ")[1:]:
        name = source.partition("(")[0]
        asks = re.search(r"self\._(get|post|put|delete)\(", source)
        names_order = name.startswith("order_") and "create_" in source
        if not name.startswith(("_", "ws_")) and (asks or names_order):
            found.add(name)
    return found | set(HANDS["python-binance"].functions.values())


def functions_of_the_sdk() -> set[str]:
    """Return all of its functions."""
    return {name for name, _ in inspect.getmembers(SpotRestAPI, inspect.isfunction)} - {"__init__"}


FUNCTIONS_OF = {
    "ccxt": functions_of_ccxt,
    "python-binance": functions_of_python_binance,
    "spot-sdk": functions_of_the_sdk,
}


def answered(story: Story) -> set[str]:
    """Return the rows that the client was answered."""
    return {f"{one.method} {one.path}" for one in story.exchanged if one.status == OK}


def codes(story: Story) -> set[int]:
    """Return the codes that the client was refused with."""
    return {read_json(one.answer)["code"] for one in story.exchanged if one.status >= REFUSED}


def pending(story: Story) -> dict[str, str]:
    """Return the scenes that cannot be played yet, with what is not served."""
    return {end.scene: end.why for end in story.ends if end.how == PENDING}


def test_the_report(stories: Stories, capsys: pytest.CaptureFixture[str]) -> None:
    told = {client: stories(client) for client in HANDS}
    lines = ["", "", "row answered to".ljust(46) + "  ".join(told)]
    for label in ROWS:
        marks = (("x" if label in answered(story) else "-") for story in told.values())
        columns = (mark.ljust(len(client) + 2) for client, mark in zip(told, marks, strict=True))
        lines.append(label.ljust(46) + "".join(columns))
    for client, story in told.items():
        known = FUNCTIONS_OF[client]()
        played = len(story.ends) - len(pending(story))
        lines.append(
            f"{client}: {len(story.exchanged)} requests, {len(codes(story))} codes; of its"
            f" {len(known)} functions for these rows {len(known & set(story.driven))} were called;"
            f" {played} scenes played, {len(pending(story))} pending"
        )
        lines.append(f"    refusals became {', '.join(story.kinds)}")
    waiting = {why for story in told.values() for why in pending(story).values()}
    lines += ["pending: " + ("; ".join(sorted(waiting)) or "nothing")]
    with capsys.disabled():
        print("\n".join(lines))


@pytest.mark.parametrize("label", ROWS)
def test_every_row_is_answered_to_a_client(stories: Stories, label: str) -> None:
    assert any(label in answered(stories(client)) for client in HANDS)


@pytest.mark.parametrize("client", HANDS)
def test_every_function_is_called(stories: Stories, client: str) -> None:
    story = stories(client)
    missing = FUNCTIONS_OF[client]() - set(story.driven) - set(SDK_BROKEN)
    if client != "spot-sdk":
        missing -= UNSERVED
    assert not missing


def test_what_is_not_called_is_still_there() -> None:
    known = {name for name, has in ccxt.binance().has.items() if has is True}
    assert set(CCXT_ELSEWHERE) <= known
    assert set(SDK_BROKEN) <= functions_of_the_sdk()


def test_every_code_is_provoked_or_says_why_not(stories: Stories) -> None:
    seen = set().union(*(codes(stories(client)) for client in HANDS))
    assert not seen & set(UNPROVOKED), "these can be provoked after all"
    assert set(REFUSALS) - set(UNPROVOKED) - seen == set()


@pytest.mark.parametrize("client", HANDS)
def test_refusals_become_the_exceptions_its_users_catch(stories: Stories, client: str) -> None:
    assert EXCEPTIONS[client] <= set(stories(client).kinds)


def test_nothing_is_pending(stories: Stories) -> None:
    """The list for whoever builds: rows and features that a scene needs and that are not there."""
    assert {why for client in HANDS for why in pending(stories(client)).values()} == set()
