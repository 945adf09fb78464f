"""The checker itself: what it would not see, it could not prove."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from flow.foreign.checker import Checker
from flow.foreign.notation import Sight, parse
from flow.foreign.recorder import Exchanged

HEADERS = [
    ("content-type", "application/json;charset=UTF-8"),
    ("x-mbx-used-weight", "25"),
    ("x-mbx-used-weight-1m", "25"),
]
TRADE = {
    "id": 1,
    "price": "50000.00000000",
    "qty": "0.01000000",
    "quoteQty": "500.00000000",
    "time": 1_795_244_964_314,
    "isBuyerMaker": True,
    "isBestMatch": True,
}
FORBIDDEN = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}


def exchanged(
    answer: Any,
    path: str = "/api/v3/trades",
    *,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = HEADERS,
    began: int = 1,
) -> Exchanged:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return Exchanged(
        *("anybody", began, began + 1, "GET", path, "symbol=BTCUSDT", "", {}, status),
        list(headers),
        text,
    )


def complaints(*exchanges: Exchanged) -> list[str]:
    return [one.text for one in Checker().all(exchanges)]


def test_what_is_as_declared_passes() -> None:
    assert complaints(exchanged([TRADE])) == []
    assert complaints(exchanged(FORBIDDEN, status=401)) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"more": 1}, "$[0].more: the contract knows no such field"),
        ({"id": "1"}, "$[0].id: an integer is due"),
        ({"id": 1.0}, "$[0].id: an integer is due"),
        ({"id": True}, "$[0].id: an integer is due"),
        ({"price": "50000.0"}, "$[0].price: a decimal string with 8 decimals is due"),
        ({"price": "5e4"}, "$[0].price: a decimal string with 8 decimals is due"),
        ({"price": 50_000}, "$[0].price: a decimal string with 8 decimals is due"),
        ({"time": 1_795_244_964}, "$[0].time: an instant of 13 digits is due"),
        ({"isBuyerMaker": 1}, "$[0].isBuyerMaker: a boolean is due"),
        ({"isBuyerMaker": None}, "$[0].isBuyerMaker: a boolean is due"),
    ],
)
def test_a_field_that_differs_is_seen(changes: dict[str, Any], complaint: str) -> None:
    (found,) = complaints(exchanged([TRADE | changes]))
    assert found.startswith(complaint)


def test_missing_fields_and_their_order_are_seen() -> None:
    short = {name: value for name, value in TRADE.items() if name != "qty"}
    assert complaints(exchanged([short])) == ["$[0].qty: is missing"]
    (found,) = complaints(exchanged([dict(reversed(TRADE.items()))]))
    assert found.startswith("$[0]: fields come as isBestMatch")


def test_the_order_of_a_list_is_seen() -> None:
    (found,) = complaints(exchanged([TRADE | {"id": 2}, TRADE]))
    assert found.startswith("id does not ascend")


@pytest.mark.parametrize(
    "text", ['[{"id":1,"id":1}]', "[NaN]", "[Infinity]", "", "{", "<html></html>"]
)
def test_what_is_no_json_is_seen(text: str) -> None:
    (found,) = complaints(exchanged(text))
    assert found.startswith("$: ")


@pytest.mark.parametrize(
    ("answer", "status", "complaint"),
    [
        (FORBIDDEN, 400, "-2015 comes with status 400"),
        (FORBIDDEN | {"msg": "No."}, 401, "-2015 comes with 'No.'"),
        ({"code": -9, "msg": "No."}, 400, "$.code: the contract knows no -9"),
        (FORBIDDEN | {"data": {}}, 401, "$.data: the contract knows no such field"),
        ({"code": -1020, "msg": "No."}, 404, "is not found, though a row of the contract"),
        ({"code": -1003, "msg": "No."}, 429, "Retry-After is None with status 429"),
    ],
)
def test_a_refusal_that_differs_is_seen(
    answer: dict[str, Any], status: int, complaint: str
) -> None:
    (found,) = complaints(exchanged(answer, status=status))
    assert found.startswith(complaint)


def test_headers_that_differ_are_seen() -> None:
    (found,) = complaints(exchanged([TRADE], headers=[("content-type", "text/html"), *HEADERS[1:]]))
    assert found == "Content-Type is 'text/html'"
    (found,) = complaints(exchanged([TRADE], headers=HEADERS[:1]))
    assert found.startswith("headers x-mbx-used-weight and -1M are ''")
    (found,) = complaints(exchanged([TRADE], headers=[*HEADERS, HEADERS[0]]))
    assert found == "header content-type comes 2 times"


def test_a_weight_that_differs_is_seen() -> None:
    heavier = [HEADERS[0], ("x-mbx-used-weight", "51"), ("x-mbx-used-weight-1m", "51")]
    first, second = exchanged([TRADE]), exchanged([TRADE], headers=heavier, began=3)
    assert complaints(first, second) == ["weighs 26, not 25"]


def test_an_answer_that_no_row_is_of_is_seen() -> None:
    assert complaints(exchanged({}, "/api/v3/secret")) == [
        "is answered, though no row of the contract is it"
    ]


def test_a_conditional_field_is_due_on_its_condition() -> None:
    check = parse("a:I b?:I")
    for is_due, answer, complaint in (
        (True, {"a": 1}, ["$.b: is missing against its condition"]),
        (False, {"a": 1, "b": 2}, ["$.b: is there against its condition"]),
        (None, {"a": 1}, []),
        (True, {"b": 2, "a": 1}, []),
    ):
        sight = Sight(conditions={"b": lambda _, is_due=is_due: is_due})  # type: ignore[misc] # bound early
        assert list(check(answer, "$", sight)) == complaint
