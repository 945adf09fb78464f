"""The page ``docs/reference/binance.md``: every endpoint and every refusal, from the declarations.

``python -m flowex.services.gateway.binance.reference`` writes it (``make docs``); a test fails when
the copy that is checked in is stale.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.contract import ROWS, SECTIONS, Row
from flowex.services.gateway.binance.endpoint import SIGNED, Endpoint, weight_words
from flowex.services.gateway.binance.errors import Fault
from flowex.services.gateway.binance.openapi import document, wire_default
from flowex.services.gateway.binance.parameters import Field
from flowex.services.gateway.binance.table import ENDPOINTS
from flowex.services.gateway.limits import BANNED, TOO_MANY, Pools

_DEPTH_MAX: Final = 2
"""Answers are told so many levels deep; the OpenAPI document tells all of them."""

_TOP: Final = """\
# The Binance interface

<!-- Made from the declarations by `make docs`. Do not edit. -->

Every endpoint that this exchange serves to clients of Binance. A running exchange shows the same
declarations at `/docs` and gives them to programs at `/openapi.json`.

- ✓ the row of the contract is served in full; level **M** is what a client needs to start, show
  data and trade, **C** makes it complete.
- **Bold** parameters are required, `=` gives the default. Signed requests (USER_DATA,
  TRADE and TRANSFER) also carry {signature}.
- Answers: `{{}}` is an object, `[]` a list, `?` a field that is there under conditions only.
"""
_HEAD: Final = """
| | endpoint | level | security | weight | parameters | answer | WebSocket API |
|---|---|---|---|---|---|---|---|
"""


def page(endpoints: Iterable[Endpoint] = ENDPOINTS) -> str:
    """Return the page."""
    served = {(row.method, row.path): row for row in endpoints}
    schemas = document(served.values())
    signature = ", ".join(_parameter(field) for field in SIGNED.fields)
    parts = [_TOP.format(signature=signature)]
    for number, title in SECTIONS.items():
        rows = [row for row in ROWS if row.section == number]
        lines = (_line(row, served.pop((row.method, row.path), None), schemas) for row in rows)
        parts.append(f"\n## {title}\n{_HEAD}{''.join(lines)}")
    beside = "".join(_line(None, endpoint, schemas) for endpoint in served.values())
    if beside:
        parts.append(f"\n## Beside the contract's rows\n{_HEAD}{beside}")
    parts.append(_limits(Pools()))
    parts.append(_errors())
    return "".join(parts)


def _line(row: Row | None, endpoint: Endpoint | None, schemas: Mapping[str, Any]) -> str:
    level = row.level if row else ""
    if endpoint is None:
        assert row is not None, "a line has a row or an endpoint"
        return f"| | {row.method} {row.path} | {level} | | | | not served | |\n"
    operation = schemas["paths"][endpoint.path][endpoint.method.lower()]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    cells = (
        "✓" if row and row.is_promised else "",
        f"{endpoint.method} {endpoint.path}<br>{endpoint.summary}",
        level,
        endpoint.security.name,
        weight_words(endpoint.weight),
        _parameters(endpoint),
        f"`{_shape(answer, schemas['components']['schemas'])}`",
        f"`{endpoint.socket_method}`" if endpoint.socket_method else "",
    )
    return f"| {' | '.join(_cell(text) for text in cells)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _parameters(endpoint: Endpoint) -> str:
    told = ", ".join(_parameter(field) for field in endpoint.reader.fields)
    return "<br>".join([told, *(f"{rule.words}" for rule in endpoint.reader.rules)]).strip()


def _parameter(field: Field) -> str:
    schema = field.kind.schema
    default = wire_default(field)
    default = schema.get("default") if default is None else default
    name = f"**{field.wire_name}**" if field.required else field.wire_name
    told = (
        ""
        if default is None
        else f"={str(default).lower() if default in (True, False) else default}"
    )
    most = schema.get("maximum") if "limit" in field.wire_name else None
    return f"{name}{told}{f'≤{most}' if most else ''}"


def _shape(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int = 0) -> str:
    """Return a schema in a few characters."""
    if "$ref" in schema:
        return _shape(components[schema["$ref"].rpartition("/")[2]], components, depth)
    if "anyOf" in schema:
        shapes = dict.fromkeys(_shape(one, components, depth) for one in schema["anyOf"])
        return " or ".join(shapes)
    if schema.get("type") == "array":
        if "prefixItems" in schema:
            return f"[{len(schema['prefixItems'])} items]"
        inner = schema.get("items") or {}
        return f"[{_shape(inner, components, depth) if inner else ''}]"
    if schema.get("type") == "object":
        return "{" + " ".join(_names(schema, components, depth)) + "}"
    return ""


def _names(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> Iterator[str]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        shape = _shape(inner, components, depth + 1) if depth + 1 < _DEPTH_MAX else ""
        is_always = name in required or "default" in inner
        yield f"{name}{'' if is_always else '?'}{f':{shape}' if shape else ''}"


def _limits(pools: Pools) -> str:
    rows = (
        ("REQUEST_WEIGHT", "address", pools.weight_per_minute, "1 MINUTE"),
        ("RAW_REQUESTS", "address", pools.raw_per_five_minutes, "5 MINUTE"),
        ("ORDERS", "account", pools.orders_per_ten_seconds, "10 SECOND"),
        ("ORDERS", "account", pools.orders_per_day, "1 DAY"),
    )
    lines = "".join(f"| {kind} | {who} | {most:,} | {per} |\n" for kind, who, most, per in rows)
    return f"""
## Rate limits

| pool | of an | limit | per |
|---|---|---|---|
{lines}
ORDERS counts orders that have not traded: the first fill of an order gives its place back. Above a
limit: {TOO_MANY} with `Retry-After`. Whoever goes on is banned: {BANNED}, for 2 minutes at first,
twice as long each time, at most 3 days.
"""


def _errors() -> str:
    lines = "".join(
        f"| {fault.code} | {fault.status} | {_cell(fault.text)} |\n"
        for fault in sorted(every_fault(), key=lambda fault: (-fault.code, fault.text))
    )
    return f"""
## Errors

`{{"code": -1121, "msg": "Invalid symbol."}}`, with `data` where a cancel-replace has more to say.

| code | status | msg |
|---|---|---|
{lines}"""


def every_fault() -> frozenset[Fault]:
    """Return every refusal of this door; what depends on the request has its name in brackets."""
    single = {value for value in vars(errors).values() if isinstance(value, Fault)}
    return frozenset(
        {
            *single,
            *errors.PLACES,
            *errors.CANCELS,
            *errors.AMENDS,
            *errors.TRANSFERS,
            *errors.OCO_SIDES.values(),
            *(fault for fault in errors.ANYWHERE if fault.status in (TOO_MANY, BANNED)),
            errors.illegal("<p>", "<range>"),
            errors.too_many(64, 65),
            errors.missing("<p>"),
            errors.missing_both("<a>", "<b>"),
            errors.empty("<p>"),
            errors.not_required("<p>"),
            errors.too_precise("<p>"),
            errors.bad_value("<p>"),
            errors.too_many_orders(Pools().orders_per_ten_seconds, "10 SECOND"),
        }
    )


if __name__ == "__main__":
    sys.stdout.write(page())
