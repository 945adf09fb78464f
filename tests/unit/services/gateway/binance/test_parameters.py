"""Parameter types: exact values, exact refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowex.services.gateway.binance import parameters
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.form import read_form
from flowex.services.gateway.binance.orders import NewOrder
from flowex.services.gateway.binance.parameters import Parameters, Reader


def code_of(read: object, text: str) -> int:
    assert callable(read)
    try:
        read("quantity", text)
    except Refusal as refusal:
        return refusal.fault.code
    return 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 100_000_000),
        ("0.00000001", 1),
        ("25000.00", 2_500_000_000_000),
        ("007", 700_000_000),
        ("1.", 100_000_000),
        ("1.100000000000", 110_000_000),
    ],
)
def test_decimals_are_exact(text: str, value: int) -> None:
    assert parameters.read_decimal("quantity", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "1e30",
        "1E3",
        "-1",
        "-0",
        "+1",
        "1,5",
        "0x10",
        " 1",
        "1 ",
        "\uff11",
        "٣",
        ".",
        "",
    ],
)
def test_what_is_no_plain_decimal_is_illegal(text: str) -> None:
    assert code_of(parameters.read_decimal, text) == -1100


def test_too_precise_and_too_long() -> None:
    assert code_of(parameters.read_decimal, "0.123456789") == -1111
    assert code_of(parameters.read_decimal, "1" * 21) == -1100
    assert code_of(parameters.read_decimal, "0." + "1" * 40) == -1100


@given(st.text(max_size=50))
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    for read in (
        parameters.read_decimal,
        parameters.read_integer,
        parameters.read_instant,
        parameters.read_end,
        parameters.read_window,
        parameters.read_boolean,
        parameters.read_client_id,
        parameters.read_symbol,
        parameters.read_symbols,
    ):
        assert code_of(read, text) in (0, -1100, -1111, -1130, -1151)


def test_instants_come_in_milliseconds_or_microseconds() -> None:
    assert parameters.read_instant("t", "1700000000000") == 1_700_000_000_000_000
    assert parameters.read_instant("t", "1700000000000001") == 1_700_000_000_000_001


def test_an_end_in_milliseconds_holds_the_whole_of_its_millisecond() -> None:
    assert parameters.read_end("t", "1700000000000") == 1_700_000_000_000_999
    assert parameters.read_end("t", "1700000000000001") == 1_700_000_000_000_001


@pytest.mark.parametrize("text", ["true", "TRUE", "True"])
def test_booleans(text: str) -> None:
    assert parameters.read_boolean("b", text)
    assert not parameters.read_boolean("b", {"true": "false"}.get(text, "False"))


def test_symbols_are_json_text() -> None:
    read = parameters.read_symbols
    assert read("symbols", '["BTCUSDT","ETHUSDT"]') == ("BTCUSDT", "ETHUSDT")
    assert code_of(read, '["BTCUSDT","BTCUSDT"]') == -1151
    assert code_of(read, "[]") == -1130
    assert code_of(read, '["btc') == -1100
    assert code_of(read, "[" * 10_000) == -1100


def test_a_reader_names_what_is_missing_empty_or_wrong() -> None:
    reader = Reader(NewOrder)
    with pytest.raises(Refusal, match="Mandatory parameter 'side' was not sent"):
        reader.read({"symbol": "BTCUSDT"})
    fine = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
    assert reader.read(fine).symbol == "BTCUSDT"
    for extra, code in (
        ({"price": ""}, -1105),
        ({"side": "HOLD"}, -1117),
        ({"type": "limit"}, -1116),
        ({"timeInForce": "DAY"}, -1115),
        ({"newOrderRespType": "ALL"}, -1136),
        ({"newClientOrderId": "a b"}, -1100),
        ({"newClientOrderId": "x" * 37}, -1100),
        ({"selfTradePreventionMode": "MAYBE"}, -1130),
    ):
        with pytest.raises(Refusal) as refused:
            reader.read(fine | extra)
        assert refused.value.fault.code == code, extra
    assert reader.read(fine | {"unknown": "ignored"})


def test_a_declaration_without_kind_is_refused_at_import() -> None:
    class Bad(Parameters, frozen=True, kw_only=True):
        name: str

    with pytest.raises(TypeError, match="no Kind"):
        Reader(Bad)


def test_forms_are_decoded_once_and_bounded() -> None:
    assert read_form(b"a=1&b=%5B%22x%22%5D&c=x+y&d&&=e") == {
        "a": "1",
        "b": '["x"]',
        "c": "x y",
        "d": "",
    }
    for raw, code in (
        (b"a=1&a=1", -1101),
        (b"a=%ff", -1100),
        (b"\xff=1", -1100),
        (b"&".join(b"p%d=1" % n for n in range(65)), -1101),
        (b"&" * 1_000_000, -1101),
    ):
        with pytest.raises(Refusal) as refused:
            read_form(raw)
        assert refused.value.fault.code == code, raw[:20]
