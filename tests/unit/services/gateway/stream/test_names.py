"""Stream names, request paths and control messages."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowex.services.gateway.stream.connection import opening
from flowex.services.gateway.stream.control import ControlError, read_control
from flowex.services.gateway.stream.names import StreamName, is_well_formed, parse


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("btcusdt@trade", StreamName("trade", "BTCUSDT")),
        ("btcusdt@aggTrade", StreamName("aggTrade", "BTCUSDT")),
        ("btcusdt@depth", StreamName("depth", "BTCUSDT", 10)),
        ("btcusdt@depth@100ms", StreamName("depth", "BTCUSDT", 1)),
        ("btcusdt@depth@1000ms", StreamName("depth", "BTCUSDT", 10)),
        ("btcusdt@depth5", StreamName("partial", "BTCUSDT", 10, 5)),
        ("btcusdt@depth20@100ms", StreamName("partial", "BTCUSDT", 1, 20)),
        ("btcusdt@bookTicker", StreamName("bookTicker", "BTCUSDT")),
        ("btcusdt@kline_1m", StreamName("kline", "BTCUSDT", interval="1m")),
        ("btcusdt@kline_1M", StreamName("kline", "BTCUSDT", interval="1M")),
        ("btcusdt@kline_1s", StreamName("kline", "BTCUSDT", interval="1s")),
        ("btcusdt@kline_1w", StreamName("kline", "BTCUSDT", interval="1w")),
        ("btcusdt@ticker", StreamName("ticker", "BTCUSDT")),
        ("!miniTicker@arr", StreamName("miniTickers")),
        ("!ticker@arr", StreamName("tickers")),
        ("BTCUSDT@trade", None),
        ("btcusdt@depth7", None),
        ("btcusdt@kline_7m", None),
        ("btcusdt@trade@100ms", None),
        ("btcusdt", None),
        ("@trade", None),
        ("0", None),
    ],
)
def test_names(name: str, meaning: StreamName | None) -> None:
    assert parse(name) == meaning


def test_well_formed_names() -> None:
    assert is_well_formed("nobody@knows_me")
    assert not is_well_formed("with space")
    assert not is_well_formed("")
    assert not is_well_formed("x" * 129)


@pytest.mark.parametrize(
    ("target", "streams", "combined"),
    [
        ("/ws", [], False),
        ("/ws/", [], False),
        ("/ws/0", ["0"], False),
        ("/ws/btcusdt@trade", ["btcusdt@trade"], False),
        ("/ws/btcusdt%40trade", ["btcusdt@trade"], False),
        ("/ws/a@trade/b@trade", ["a@trade", "b@trade"], False),
        ("/stream/ws", [], False),
        ("/stream/ws/x", ["x"], False),
        ("/stream", [], True),
        ("/stream?streams=a@trade/b@trade", ["a@trade", "b@trade"], True),
        ("/stream?streams=a%40trade&timeUnit=MICROSECOND", ["a@trade"], True),
    ],
)
def test_paths(target: str, streams: list[str], combined: bool) -> None:
    wanted = opening(target)
    assert wanted is not None
    assert (wanted.streams, wanted.is_combined) == (streams, combined)


@pytest.mark.parametrize("target", ["/", "/wsx", "/streams", "/api/v3/ping", ""])
def test_no_stream_lives_elsewhere(target: str) -> None:
    assert opening(target) is None


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", 3),
        (b"{", 3),
        (b"\xff", 3),
        (b"[" * 100_000, 3),
        (b"[]", 2),
        (b"{}", 2),
        (b'{"method":"NOPE","id":1}', 2),
        (b'{"method":"SUBSCRIBE","params":{},"id":1}', 2),
        (b'{"method":"SUBSCRIBE","params":[],"id":1.5}', 2),
        (b'{"method":"SUBSCRIBE","params":[],"id":true}', 2),
        (b'{"method":"SUBSCRIBE","params":[],"id":"%s"}' % (b"x" * 37), 2),
        (b'{"method":"SUBSCRIBE","params":[%s""],"id":1}' % (b'"a",' * 1_024), 2),
    ],
)
def test_bad_control_messages(message: bytes, code: int) -> None:
    with pytest.raises(ControlError) as refused:
        read_control(message)
    assert refused.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_are_a_control_message_or_an_error(message: bytes) -> None:
    with contextlib.suppress(ControlError):
        read_control(message)
