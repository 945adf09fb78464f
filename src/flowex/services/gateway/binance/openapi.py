"""The OpenAPI 3.1 document of this door, made from the table and from nothing else.

``python -m flowex.services.gateway.binance.openapi`` writes it; the copy that is checked in is
``sdk/openapi/binance.json``, and a test fails when that is stale (``make docs`` writes it).
"""

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec

from flowex.services.gateway.binance.endpoint import Endpoint, Security, weight_words
from flowex.services.gateway.binance.errors import UNKNOWN, Fault
from flowex.services.gateway.binance.parameters import Field
from flowex.services.gateway.binance.table import ENDPOINTS
from flowex.services.gateway.limits import BANNED, TOO_MANY

_REFERENCE: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_TOO_MANY_ORDERS: Final = -1015
_ABOUT: Final = """\
The wire interface that clients of Binance speak, served by FlowEx. Prices, quantities and balances
are decimal strings, instants integers in ms (in µs with `X-MBX-TIME-UNIT: MICROSECOND`). POST, PUT
and DELETE take their parameters in the query, in a form-encoded body, or in both; the query wins.

What is signed is the raw query followed directly by the raw body, without the `signature` pair:
HMAC-SHA256 in hex, Ed25519 or RSA (PKCS#1 v1.5, SHA-256) in base64.
"""
_HEADERS: Final = {
    "X-MBX-USED-WEIGHT-1M": "Request weight this address has used in the running minute.",
    "X-MBX-ORDER-COUNT-10S": "Unfilled orders of the account in 10 s; on accepted orders.",
    "X-MBX-ORDER-COUNT-1D": "Unfilled orders of the account today; on accepted orders.",
    "Retry-After": "Seconds until the next request is served.",
}


def document(endpoints: Iterable[Endpoint] = ENDPOINTS) -> dict[str, Any]:
    """Return the document as plain JSON values, in the table's order."""
    rows = tuple(endpoints)
    answers = tuple(form for row in rows for form in _forms(row.answer_type))
    schemas, components = msgspec.json.schema_components(answers, ref_template=_REFERENCE)
    schema_of = dict(zip(map(_identity, answers), _simpler(schemas), strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        forms = [schema_of[_identity(form)] for form in _forms(row.answer_type)]
        answer = forms[0] if len(forms) == 1 else {"anyOf": forms}
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, answer)
    return {
        "openapi": "3.1.0",
        "info": {"title": "FlowEx, Binance interface", "version": "3", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _simpler(components),
            "headers": {name: _header(text) for name, text in _HEADERS.items()},
            "responses": _shared_responses(rows),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-MBX-APIKEY"},
            },
        },
    }


@cache
def encoded() -> bytes:
    """Return the document of the whole table as indented JSON; made when it is first wanted."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"


def _forms(answer_type: Any) -> tuple[Any, ...]:
    """Return the alternatives of an answer: msgspec describes one struct at a time."""
    if answer_type is bytes:
        return (dict[str, Any],)
    is_union = get_origin(answer_type) in (UnionType, Union)
    return get_args(answer_type) if is_union else (answer_type,)


def _identity(form: Any) -> str:
    """Return a name for a type: not all of them can be hashed."""
    return repr(form)


def _simpler(schema: Any) -> Any:
    """Return a schema whose tuples of equal items are lists: more tools know those."""
    if isinstance(schema, Mapping):
        schema = {key: _simpler(value) for key, value in schema.items()}
        items = schema.get("prefixItems")
        if items and all(item == items[0] for item in items):
            del schema["prefixItems"]
            schema["items"] = items[0]
        return schema
    return [_simpler(value) for value in schema] if isinstance(schema, list | tuple) else schema


def _operation(row: Endpoint, answer: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(row),
        "summary": row.summary,
        "description": "\n\n".join(_sentences(row)),
        "tags": [row.handler.__module__.rpartition(".")[2]],
        "parameters": [_parameter(field) for field in row.fields],
        "responses": _responses(row, answer),
        "x-security": row.security.name,
        "x-weight": weight_words(row.weight),
    }
    if row.socket_method:
        operation["x-socket-method"] = row.socket_method
    if row.security is not Security.NONE:
        operation["security"] = [{"key": []}]
    return operation


def _operation_id(row: Endpoint) -> str:
    words = row.path.strip("/").split("/")
    return row.method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def _sentences(row: Endpoint) -> list[str]:
    told = (row.handler.__doc__ or row.summary).strip().splitlines()[0]
    return [told, *(f"{rule.words}." for rule in row.reader.rules)]


def _parameter(field: Field) -> dict[str, Any]:
    schema = dict(field.kind.schema)
    default = wire_default(field)
    if default is not None:
        schema["default"] = default
    parameter: dict[str, Any] = {"name": field.wire_name, "in": "query", "required": field.required}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    if schema.get("type") == "array":
        return parameter | {"content": {_JSON: {"schema": schema}}}
    return parameter | {"schema": schema}


def wire_default(field: Field) -> Any:
    """Return a field's default as a client would write it; None where there is none to tell."""
    if field.default is None:
        return None
    for word in field.kind.schema.get("enum", ()):
        if field.kind.read(field.wire_name, word) == field.default:
            return word
    is_text = field.kind.schema.get("type") == "string"
    return field.default if isinstance(field.default, str) or not is_text else None


def _responses(row: Endpoint, answer: Mapping[str, Any]) -> dict[str, Any]:
    names = ["X-MBX-USED-WEIGHT-1M"]
    if any(fault.code == _TOO_MANY_ORDERS for fault in row.faults):
        names += ["X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1D"]
    fine = {
        "description": "The answer.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {_JSON: {"schema": answer}},
    }
    responses: dict[str, Any] = {"200": fine}
    for status in sorted({fault.status for fault in row.faults}):
        if _is_shared(status):
            responses[str(status)] = {"$ref": f"#/components/responses/{_shared_name(status)}"}
        else:
            responses[str(status)] = _refusal(f for f in row.faults if f.status == status)
    return responses


def _refusal(faults: Iterable[Fault]) -> dict[str, Any]:
    told = sorted(faults, key=lambda fault: (-fault.code, fault.text))
    lines = "\n".join(f"- `{fault.code}` {fault.text}" for fault in told)
    properties = {
        "code": {"type": "integer", "enum": list(dict.fromkeys(fault.code for fault in told))},
        "msg": {"type": "string"},
    }
    schema = {"type": "object", "required": ["code", "msg"], "properties": properties}
    return {"description": lines, "content": {_JSON: {"schema": schema}}}


def _shared_responses(rows: Iterable[Endpoint]) -> dict[str, Any]:
    by_status: dict[int, set[Fault]] = {}
    for row in rows:
        for fault in row.faults:
            if _is_shared(fault.status):
                by_status.setdefault(fault.status, set()).add(fault)
    shared = {}
    for status, faults in sorted(by_status.items()):
        shared[_shared_name(status)] = _refusal(faults)
        if status in (TOO_MANY, BANNED):
            reference = {"$ref": "#/components/headers/Retry-After"}
            shared[_shared_name(status)]["headers"] = {"Retry-After": reference}
    return shared


def _is_shared(status: int) -> bool:
    """Whether refusals of this status read the same at every endpoint."""
    return status in (BANNED, TOO_MANY) or status >= UNKNOWN.status


def _shared_name(status: int) -> str:
    return f"Refused{status}"


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "integer"}}


if __name__ == "__main__":
    sys.stdout.buffer.write(encoded())
