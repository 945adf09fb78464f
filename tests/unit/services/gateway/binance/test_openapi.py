"""The document that is made from the table: valid, fresh, complete, and served."""

import json
from pathlib import Path

import msgspec
from gateway_clients import Rest
from openapi_spec_validator import OpenAPIV31SpecValidator

from flowex.services.gateway.binance import openapi
from flowex.services.gateway.binance.table import ENDPOINTS

CHECKED_IN = Path(__file__).parents[5] / "sdk" / "openapi" / "binance.json"


def test_the_document_is_valid() -> None:
    faults = [fault.message for fault in OpenAPIV31SpecValidator(openapi.document()).iter_errors()]
    assert not faults


def test_the_copy_that_is_checked_in_is_fresh() -> None:
    assert CHECKED_IN.read_bytes() == openapi.encoded(), f"{CHECKED_IN.name} is stale: make docs"


def test_every_row_is_an_operation_with_every_parameter() -> None:
    paths = openapi.document()["paths"]
    told = {
        (method.upper(), path): [parameter["name"] for parameter in operation["parameters"]]
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert told == {
        (row.method, row.path): [field.wire_name for field in row.fields] for row in ENDPOINTS
    }


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [
        operation["operationId"]
        for operations in openapi.document()["paths"].values()
        for operation in operations.values()
    ]
    assert len(set(names)) == len(ENDPOINTS)


def test_every_parameter_type_says_its_schema_and_what_it_refuses() -> None:
    for row in ENDPOINTS:
        for field in row.fields:
            assert field.kind.schema, (row.label, field.wire_name)
            assert field.kind.faults(field.wire_name), (row.label, field.wire_name)


def test_defaults_are_told_as_a_client_writes_them() -> None:
    told = {
        (row.label, field.wire_name): openapi.wire_default(field)
        for row in ENDPOINTS
        for field in row.fields
    }
    assert told["GET /api/v3/depth", "limit"] == 100
    assert told["GET /api/v3/ticker/24hr", "type"] == "FULL"
    assert told["POST /api/v3/order/cancelReplace", "orderRateLimitExceededMode"] == "DO_NOTHING"
    assert told["GET /api/v3/account", "omitZeroBalances"] is False
    assert told["POST /api/v3/order", "price"] is None


async def test_it_is_served(rest: Rest) -> None:
    response = await rest.raw("GET", "/openapi.json")
    assert response.headers["content-type"].startswith("application/json")
    assert json.loads(response.content) == msgspec.to_builtins(openapi.document())
