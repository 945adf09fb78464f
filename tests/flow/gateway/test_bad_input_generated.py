"""Every parameter of every endpoint, wrong in every way: the contract's code and text each time.

No sample is drawn: the requests are made from the declarations that a running exchange serves, are
sent to it over HTTP (in the query, and in the body where there can be one) and over its WebSocket
API, and afterwards nothing has happened there.
"""

import hmac
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from flow.child_exchange import Child
from flow.gateway.bad_input import (
    SAMPLES,
    Bad,
    Parameter,
    Told,
    missing,
    neither,
    not_required,
    ways,
)
from websockets.sync.client import ClientConnection, connect

from flowex.adapters.clock.system import SystemClock
from flowex.app.flow_entry import Keys

OCO_LEGS = {"abovePrice": "1", "belowType": "STOP_LOSS", "belowStopPrice": "1"}
WORKING = {"workingTimeInForce": "GTC", "workingPrice": "1"}
ALONE = {
    "GET /api/v3/order": {"orderId": "1"},
    "DELETE /api/v3/order": {"orderId": "1"},
    "POST /api/v3/order": {"timeInForce": "GTC", "quantity": "1", "price": "1"},
    "POST /api/v3/order/test": {"timeInForce": "GTC", "quantity": "1", "price": "1"},
    "POST /api/v3/order/cancelReplace": {
        "timeInForce": "GTC",
        "quantity": "1",
        "price": "1",
        "cancelOrderId": "1",
    },
    "PUT /api/v3/order/amend/keepPriority": {"orderId": "1"},
    "POST /api/v3/order/oco": {"stopPrice": "1"},
    "POST /api/v3/orderList/oco": OCO_LEGS,
    "POST /api/v3/orderList/oto": {
        **WORKING,
        "pendingTimeInForce": "GTC",
        "pendingPrice": "1",
    },
    "POST /api/v3/orderList/otoco": {
        **WORKING,
        "pendingAbovePrice": "1",
        "pendingBelowType": "STOP_LOSS",
        "pendingBelowStopPrice": "1",
    },
    "GET /api/v3/orderList": {"orderListId": "1"},
    "DELETE /api/v3/orderList": {"orderListId": "1"},
    "GET /api/v3/myPreventedMatches": {"preventedMatchId": "1"},
}
"""What a request needs beside what is required, so that one fault is the only one."""

Pairs = list[tuple[str, str]]

UNSIGNED = ("signature", SAMPLES["signature"])
"""Stands for the signature that the request would need."""

ORDER = {"symbol": "BTCUSDT", "side": "BUY"}
STOP = {"quantity": "1", "stopPrice": "1"}
OCO = ORDER | {"quantity": "1", "belowType": "STOP_LOSS", "belowStopPrice": "1"}
TOGETHER = (
    [
        ("POST /api/v3/order", ORDER | {"type": kind} | texts, told)
        for kind, texts, told in (
            ("LIMIT", {"quantity": "1", "price": "1"}, missing("timeInForce")),
            ("LIMIT", {"timeInForce": "GTC", "price": "1"}, missing("quantity")),
            ("LIMIT", {"timeInForce": "GTC", "quantity": "1"}, missing("price")),
            ("LIMIT_MAKER", {"price": "1"}, missing("quantity")),
            ("LIMIT_MAKER", {"quantity": "1"}, missing("price")),
            ("MARKET", {}, neither("quantity", "quoteOrderQty")),
            ("MARKET", {"quantity": "1", "price": "1"}, not_required("price")),
            ("MARKET", {"quantity": "1", "timeInForce": "GTC"}, not_required("timeInForce")),
            ("STOP_LOSS", {"stopPrice": "1"}, missing("quantity")),
            ("STOP_LOSS", {"quantity": "1"}, neither("stopPrice", "trailingDelta")),
            ("TAKE_PROFIT", {**STOP, "price": "1"}, not_required("price")),
            ("STOP_LOSS_LIMIT", {**STOP, "price": "1"}, missing("timeInForce")),
            ("STOP_LOSS_LIMIT", {**STOP, "timeInForce": "GTC"}, missing("price")),
            (
                "TAKE_PROFIT_LIMIT",
                {"quantity": "1", "price": "1", "timeInForce": "GTC"},
                neither("stopPrice", "trailingDelta"),
            ),
        )
    ]
    + [
        ("POST /api/v3/orderList/oco", OCO | texts, told)
        for texts, told in (
            ({"aboveType": "LIMIT_MAKER"}, missing("abovePrice")),
            ({"aboveType": "TAKE_PROFIT"}, neither("aboveStopPrice", "aboveTrailingDelta")),
            (
                {"aboveType": "LIMIT_MAKER", "abovePrice": "1", "belowPrice": "1"},
                not_required("belowPrice"),
            ),
            ({"aboveType": "LIMIT"}, Told(-1158, "Order type not supported in OCO.")),
        )
    ]
    + [
        ("GET /api/v3/order", {"symbol": "BTCUSDT"}, neither("origClientOrderId", "orderId")),
        ("DELETE /api/v3/order", {"symbol": "BTCUSDT"}, neither("origClientOrderId", "orderId")),
        (
            "PUT /api/v3/order/amend/keepPriority",
            {"symbol": "BTCUSDT", "newQty": "1"},
            neither("origClientOrderId", "orderId"),
        ),
        (
            "POST /api/v3/order/cancelReplace",
            ORDER | {"type": "MARKET", "quantity": "1", "cancelReplaceMode": "STOP_ON_FAILURE"},
            neither("cancelOrigClientOrderId", "cancelOrderId"),
        ),
    ]
)
"""What the contract's tables say that parameters owe each other."""


class Operation(NamedTuple):
    """A declared endpoint."""

    method: str
    path: str
    socket_method: str
    codes: frozenset[int]
    """Those it declares for status 400."""
    parameters: tuple[Parameter, ...]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    def pairs(self, wrong: Parameter, bad: Bad) -> Pairs:
        """Return a request that is right but for one parameter."""
        base = {p.name: p.sample for p in self.parameters if p.required}
        texts: dict[str, str | list[str] | None] = {**base, **ALONE.get(self.label, {})}
        if "timestamp" in texts:
            texts["timestamp"] = now_ms()
        texts[wrong.name] = bad.text
        return [
            (name, one)
            for name, text in texts.items()
            if text is not None
            for one in ([text] if isinstance(text, str) else text)
        ]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    flags = ("--demo", "--no-bots", "--no-rate-limits")
    child = Child(tmp_path_factory.mktemp("exchange"), *flags).start()
    try:
        yield child
    finally:
        child.finish()


@pytest.fixture(scope="module")
def operations(child: Child) -> list[Operation]:
    declared = child.get("/openapi.json")["paths"]
    return [
        Operation(
            method.upper(),
            path,
            operation.get("x-socket-method", ""),
            frozenset(codes_of(operation)),
            tuple(parameter_of(one) for one in operation["parameters"]),
        )
        for path, methods in declared.items()
        for method, operation in methods.items()
    ]


def parameter_of(declared: dict[str, Any]) -> Parameter:
    schema = declared.get("schema") or declared["content"]["application/json"]["schema"]
    return Parameter(declared["name"], declared["required"], schema)


def codes_of(operation: dict[str, Any]) -> list[int]:
    described = operation["responses"]["400"]["content"]["application/json"]["schema"]
    codes: list[int] = described["properties"]["code"]["enum"]
    return codes


def now_ms() -> str:
    return str(SystemClock().now() // 1_000)


def encoded(pairs: Pairs) -> str:
    return "&".join(f"{name}={quote_from_bytes(text.encode())}" for name, text in pairs)


def signed(pairs: Pairs, secret: str) -> str:
    """Return the pairs as a form, signed as they are unless they bring a signature of their own."""
    text = encoded([pair for pair in pairs if pair[0] != "signature"])
    given = encoded([pair for pair in pairs if pair[0] == "signature"])
    if given == encoded([UNSIGNED]):
        given = f"signature={hmac_hex(secret, text)}"
    return "&".join(part for part in (text, given) if part)


def hmac_hex(secret: str, text: str) -> str:
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def everything(child: Child) -> dict[str, Any]:
    """Return what a request that was refused must not have changed."""
    return {
        "sequence": child.get("/status")["sequence"],
        "account": child.get("/api/v3/account", "alice"),
        "open": child.get("/api/v3/openOrders", "alice"),
    }


def placed_today(child: Child) -> int:
    day = child.get("/api/v3/rateLimit/order", "alice")[1]
    assert day["interval"] == "DAY"
    return int(day["count"])


def rest_faults(
    line: HTTPConnection, keys: Keys, operation: Operation, parameter: Parameter, bad: Bad
) -> Iterator[str]:
    """Send a wrong request; yield what is wrong with the answers."""
    form = signed(operation.pairs(parameter, bad), keys.api_secret)
    places = [(f"{operation.path}?{form}", None)]
    if operation.method != "GET":
        places.append((operation.path, form))
    for target, body in places:
        line.request(operation.method, target, body, {"X-MBX-APIKEY": keys.api_key})
        response = line.getresponse()
        yield from faults_of(operation, parameter, bad, response.status, response.read())


def faults_of(
    operation: Operation, parameter: Parameter, bad: Bad, status: int, content: bytes
) -> Iterator[str]:
    told = json.loads(content)
    found = Told(told.get("code", 0), told.get("msg", "")) if isinstance(told, dict) else told
    if bad.told.code not in operation.codes:
        yield f"{operation.label}: {bad.told} is not declared"
    if status != 400 or found != bad.told:
        text = bad.text if bad.text is None else bad.text[:40]
        where = f"{operation.label} {parameter.name}={text!r} ({bad.how})"
        yield f"{where}: {status} {str(found)[:160]} instead of {bad.told}"


def test_every_wrong_request_is_told_what_is_wrong(
    child: Child, operations: list[Operation]
) -> None:
    child.order("alice", "BUY", "0.5", price="50000")
    before, placed, keys = everything(child), placed_today(child), child.keys("alice")
    host = urlsplit(child.url).netloc
    line = HTTPConnection(host, timeout=10)
    faults: list[str] = []
    count = 0
    for operation in operations:
        for parameter in operation.parameters:
            for bad in ways(operation.label, parameter):
                faults += rest_faults(line, keys, operation, parameter, bad)
                count += 1 if operation.method == "GET" else 2
    line.close()
    print(f"{count} wrong requests to {len(operations)} endpoints over HTTP")
    assert not faults, f"{len(faults)} of {count}:\n" + "\n".join(faults[:40])
    assert everything(child) == before
    assert placed_today(child) <= placed  # Less at midnight.


@pytest.mark.parametrize(("label", "texts", "told"), TOGETHER)
def test_what_parameters_owe_each_other(
    child: Child, label: str, texts: dict[str, str], told: Told
) -> None:
    method, path = label.split()
    answer = child.ask(method, path, "alice", **texts)
    assert (answer.status, answer.body) == (400, {"code": told.code, "msg": told.text})


def socket_faults(
    line: ClientConnection, keys: Keys, operation: Operation, parameter: Parameter, bad: Bad
) -> Iterator[str]:
    params = dict(operation.pairs(parameter, bad))
    if "timestamp" in {p.name for p in operation.parameters}:
        params["apiKey"] = keys.api_key
        if params.get("signature") == "0" * 64:
            del params["signature"]
            text = "&".join(f"{name}={params[name]}" for name in sorted(params))
            params["signature"] = hmac.digest(
                keys.api_secret.encode(), text.encode(), "sha256"
            ).hex()
    request = {"id": 1, "method": operation.socket_method, "params": params}
    line.send(json.dumps(request))
    answer = json.loads(line.recv(10))
    content = json.dumps(answer.get("error", answer)).encode()
    yield from faults_of(operation, parameter, bad, answer["status"], content)


def test_the_socket_api_tells_the_same(child: Child, operations: list[Operation]) -> None:
    before, keys = everything(child), child.keys("alice")
    faults: list[str] = []
    count = 0
    served = [operation for operation in operations if operation.socket_method]
    with connect(child.url.replace("http", "ws", 1) + "/ws-api/v3") as line:
        for operation in served:
            for parameter in operation.parameters:
                for bad in ways(operation.label, parameter):
                    if not isinstance(bad.text, list):  # A JSON object has each name once.
                        faults += socket_faults(line, keys, operation, parameter, bad)
                        count += 1
    print(f"{count} wrong requests to {len(served)} methods over a WebSocket")
    assert not faults, f"{len(faults)} of {count}:\n" + "\n".join(faults[:40])
    assert everything(child) == before
