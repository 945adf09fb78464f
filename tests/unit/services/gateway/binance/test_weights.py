"""What a request costs, whatever nonsense it says."""

import pytest

from flowex.services.gateway.binance.table import ENDPOINTS
from flowex.services.gateway.binance.weights import ByLimit, IfSent, IfTrue

STEPS = ByLimit(((100, 5), (500, 25)), above=250, default=100)


def test_by_what_is_sent() -> None:
    weight = IfSent("symbol", 6, 80)
    assert (weight({"symbol": "X"}), weight({})) == (6, 80)
    assert weight.words == "6 with `symbol`, else 80"


@pytest.mark.parametrize(("text", "cost"), [("true", 20), ("TRUE", 20), ("1", 1), ("", 1)])
def test_by_a_flag(text: str, cost: int) -> None:
    weight = IfTrue("all", 20, 1)
    assert weight({"all": text}) == cost
    assert weight({}) == 1
    assert weight.words == "20 with `all=true`, else 1"


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("1", 5),
        ("100", 5),
        ("101", 25),
        ("501", 250),
        ("0000000501", 250),
        ("9" * 40, 250),
        ("0", 5),
        ("x", 5),
        ("", 5),
        ("\uff19\uff19", 5),
    ],
)
def test_by_the_rows_asked_for(text: str, cost: int) -> None:
    assert STEPS({"limit": text}) == cost
    assert STEPS({}) == 5
    assert STEPS.words == "5 for a limit up to 100, 25 up to 500, 250 above"


def test_every_weight_of_the_table_takes_nonsense() -> None:
    names = {field.wire_name for row in ENDPOINTS for field in row.fields}
    for row in ENDPOINTS:
        for text in ("", "-1", "\uff11", "9" * 5_000, "[" * 100, "\0"):
            cost = row.weight_of(dict.fromkeys(names, text))
            assert 1 <= cost <= 6_000, (row.label, text)
