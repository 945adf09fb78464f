"""What the exchange streams and counts, as it is written down."""

import msgspec
import pytest

from flowex.app.top.answers import MarketInfo
from flowex.app.top.door import Unreachable
from flowex.app.top.follow import counts_of, hear
from flowex.app.top.state import State

METRICS = """\
# TYPE flowex_commands counter
flowex_commands_total 6706.0
# TYPE flowex_events counter
flowex_events_total 26166.0
# TYPE flowex_gateway_requests counter
flowex_gateway_requests_total{endpoint="GET /api/v3/account"} 9.0
flowex_gateway_requests_total{endpoint="other"} 2.0
# TYPE flowex_gateway_refusals counter
flowex_gateway_refusals_total{code="-1013"} 1.0
# TYPE flowex_gateway_connections gauge
flowex_gateway_connections{kind="http"} 3.0
flowex_gateway_connections{kind="websocket"} 4.0
# TYPE flowex_sync_seconds histogram
flowex_sync_seconds_bucket{le="0.001"} 2000.0
flowex_sync_seconds_bucket{le="+Inf"} 2244.0
flowex_sync_seconds_count 2244.0
flowex_sync_seconds_sum 2.210525
"""


@pytest.fixture
def state() -> State:
    state = State()
    state.list_markets([MarketInfo("BTCUSDT", []), MarketInfo("ETHUSDT", [])])
    return state


def tell(state: State, stream: str, data: object) -> None:
    hear(state, msgspec.json.encode({"stream": stream, "data": data}), 1_005)


def test_counters_are_summed_over_their_labels() -> None:
    counts = counts_of(METRICS, 7)
    assert counts == (7, 6706, 26166, 11, 1, 2244, 2.210525, 3, 4)
    assert counts_of("", 0) == (0, 0, 0, 0, 0, 0, 0, 0, 0)
    with pytest.raises(Unreachable, match="/metrics"):
        counts_of("<html>", 0)


def test_tickers_of_all_markets_are_heard(state: State) -> None:
    ticker = {
        "E": 1_000,
        "s": "ETHUSDT",
        "c": "2",
        "P": "1.5",
        "h": "3",
        "l": "1",
        "q": "9",
        "n": 4,
    }
    tell(state, "!ticker@arr", [ticker, ticker | {"s": "UNKNOWN"}])
    day = state.markets["ETHUSDT"].ticker
    assert day is not None
    assert (day.last_price, day.quote_volume, day.count) == (2, 9, 4)
    assert state.stream_ms == 5


def test_the_chosen_markets_book_and_trades_are_heard(state: State) -> None:
    trade = {"E": 1_004, "t": 1, "T": 1_003, "p": "2.5", "q": "3", "m": True}
    tell(state, "btcusdt@trade", trade)
    tell(state, "btcusdt@depth20@100ms", {"bids": [["1.5", "2"]], "asks": []})
    assert [(each.price, each.is_buyer_maker) for each in state.tape] == [(2.5, True)]
    assert state.book.bids[0] == (1.5, 2)
    assert state.stream_ms == 1


def test_what_concerns_another_market_is_not(state: State) -> None:
    tell(state, "ethusdt@trade", {"E": 1, "t": 1, "T": 1, "p": "2.5", "q": "3", "m": True})
    tell(state, "ethusdt@depth20@100ms", {"bids": [["1.5", "2"]], "asks": []})
    hear(state, b'{"result":null,"id":1}', 0)
    assert not state.tape
    assert not state.book.bids


def test_a_message_that_is_none_is_an_error(state: State) -> None:
    for payload in (b"<html>", b'{"stream":"btcusdt@trade","data":{}}', b"[]"):
        with pytest.raises(msgspec.MsgspecError):
            hear(state, payload, 0)
