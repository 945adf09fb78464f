"""The served description, tried by a stranger: schemathesis asks by it, and reads what is answered.

No request may end in a 5xx, no answer may be another than is described there. What is tried is the
same every time, and little: `test_bad_input_generated` is thorough, this one is independent.
"""

import hmac
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from flow.child_exchange import Child
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from flowex.adapters.clock.system import SystemClock
from flowex.app.flow_entry import Keys
from flowex.services.gateway.binance.endpoint import Endpoint
from flowex.services.gateway.binance.table import ENDPOINTS

EXAMPLES_MAX = 12
"""Requests to each endpoint, beside those that cover its schema."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    flags = ("--demo", "--no-bots", "--no-rate-limits")
    child = Child(tmp_path_factory.mktemp("exchange"), *flags).start()
    try:
        child.order("alice", "BUY", "0.5", price="50000")
        child.order("bob", "SELL", "0.2")
        yield child
    finally:
        child.finish()


@pytest.fixture(scope="module")
def described(child: Child) -> Any:
    return schemathesis.openapi.from_url(f"{child.url}/openapi.json")


def prepare(case: schemathesis.Case, keys: Keys) -> None:
    """Let most symbols exist; give the key, a time that is now, and a signature that fits."""
    if len(str(case.query.get("symbol", ""))) % 3:
        case.query["symbol"] = "BTCUSDT"
    case.headers["X-MBX-APIKEY"] = keys.api_key
    if "signature" in case.query:
        del case.query["signature"]
        case.query["timestamp"] = str(SystemClock().now() // 1_000)
        case.query.pop("recvWindow", None)
        text = urlencode(case.query, doseq=True)
        digest = hmac.digest(keys.api_secret.encode(), text.encode(), "sha256")
        case.query["signature"] = digest.hex()


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.label)
def test_answers_are_as_described(child: Child, described: Any, row: Endpoint) -> None:
    operation, keys = described[row.path][row.method], child.keys("alice")
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES_MAX,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answers_are_as_described(case: schemathesis.Case) -> None:
        prepare(case, keys)
        response = case.call()
        case.validate_response(response, checks=CHECKS)
        statuses[response.status_code] += 1

    answers_are_as_described()
    print(row.label, dict(statuses))


SELL = {"symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC"}
RESTING = SELL | {"quantity": "0.1", "price": "60000"}
STORY = [
    *(
        ("POST", "/api/v3/order", RESTING | {"newOrderRespType": form, "newClientOrderId": form})
        for form in ("ACK", "RESULT", "FULL")
    ),
    ("POST", "/api/v3/order", SELL | {"quantity": "0.1", "price": "50000"}),
    ("POST", "/api/v3/order/test", RESTING),
    ("GET", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "ACK"}),
    ("GET", "/api/v3/openOrders", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/allOrders", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/myTrades", {"symbol": "BTCUSDT"}),
    ("DELETE", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "ACK"}),
    (
        "POST",
        "/api/v3/order/cancelReplace",
        RESTING | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrigClientOrderId": "RESULT"},
    ),
    ("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"}),
]


def test_what_goes_well_is_as_described_too(child: Child, described: Any) -> None:
    for method, path, query in STORY:
        signed = {"timestamp": "0", "signature": "0"}
        case = described[path][method].Case(query=query | signed)
        prepare(case, child.keys("alice"))
        response = case.call()
        assert response.status_code == 200, (method, path, response.text)
        case.validate_response(response, checks=CHECKS)
