"""The REST side of the Binance door: a plain ASGI application driven by the endpoint table.

No framework stands between the socket and a handler: an order is parsed, checked, placed and
answered by what is visible here.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

import msgspec

from flowex.ports.keys import ApiKey
from flowex.services.gateway.binance import authentication, errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.failures import as_refusal
from flowex.services.gateway.binance.form import read_form
from flowex.services.gateway.binance.security import Signatures, signed_request
from flowex.services.gateway.limits import Address

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]
Counted = Callable[[Endpoint | None, int], None]

BODY_BYTES_MAX: Final = 1024 * 1024
_JSON: Final = (b"content-type", b"application/json;charset=UTF-8")
_OK: Final = 200


def _ignore(endpoint: Endpoint | None, code: int) -> None:
    """Count nothing."""


class BinanceDoor:
    """Answers everything under /api, /sapi and /dapi."""

    def __init__(
        self, desk: Desk, endpoints: Iterable[Endpoint], counted: Counted = _ignore
    ) -> None:
        """Route by the table; ``counted`` is told each request's endpoint and code (0: fine)."""
        self._desk = desk
        self._routes = {(row.method, row.path): row for row in endpoints}
        self._signatures = Signatures()
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        endpoint = self._routes.get((scope["method"], scope["path"]))
        client = scope["client"]
        address = client[0] if client else ""
        record = self._desk.limits.address(address)
        call = Call(self._desk.exchange.clock.now())
        headers: list[Header] = [_JSON]
        status, code = _OK, 0
        try:
            content = await self._serve(endpoint, call, address, record, scope, receive)
        except Exception as failure:  # noqa: BLE001 - no client sees a stack trace
            refusal = as_refusal(failure, f"{scope['method']} {scope['path']}")
            status, code, content = refusal.fault.status, refusal.fault.code, refusal.body()
            if refusal.retry_after:
                headers.append((b"retry-after", str(refusal.retry_after).encode()))
        self._counted(endpoint, code)
        self._add_counts(headers, record, call)
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _serve(
        self,
        endpoint: Endpoint | None,
        call: Call,
        address: str,
        record: Address,
        scope: Scope,
        receive: Receive,
    ) -> bytes:
        query: bytes = scope["query_string"]
        if endpoint is None:
            authentication.charge(self._desk, record, 1, call.now)
            raise Refusal(errors.NOT_SERVED)
        key_text, length = _headers(scope, call)
        body = b"" if scope["method"] == "GET" or not length else await read_body(receive, length)
        texts: dict[str, str] = {}
        fault: Refusal | None = None
        try:
            texts = read_form(query)
            if body:
                texts = read_form(body) | texts
        except Refusal as refusal:
            fault = refusal  # Told in its turn: it costs weight, and a stranger is told he is one.
        authentication.charge(self._desk, record, endpoint.weight_of(texts), call.now)
        needs = endpoint.security
        if needs is not Security.NONE:
            key = authentication.identify_key(self._desk, needs.permission, key_text, address)
            if needs.needs_signature and fault is None:
                authentication.admit(call, key, texts, self._signed_by(query, body))
            call.account = key.account
        if fault is not None:
            raise fault
        answer = endpoint.answer(self._desk, call, texts)
        if endpoint.is_async:
            answer = await answer
        return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)

    def _signed_by(self, query: bytes, body: bytes) -> Callable[[ApiKey], bool]:
        def is_signed(key: ApiKey) -> bool:
            payload, signature = signed_request(query, body)
            if not signature:
                raise Refusal(errors.missing("signature"))
            return self._signatures.valid(key, payload, signature)

        return is_signed

    def _add_counts(self, headers: list[Header], record: Address, call: Call) -> None:
        weight = str(record.weight).encode()
        headers.append((b"x-mbx-used-weight", weight))
        headers.append((b"x-mbx-used-weight-1m", weight))
        count = call.order_count
        if count is not None:
            headers.append((b"x-mbx-order-count-10s", str(count.ten_seconds).encode()))
            headers.append((b"x-mbx-order-count-1d", str(count.day).encode()))


def _headers(scope: Scope, call: Call) -> tuple[str, int]:
    """Return the API key and the body's stated length (-1: chunked); note the time unit."""
    key_text, length = "", 0
    for name, value in scope["headers"]:
        if name == b"x-mbx-apikey":
            key_text = value.decode("latin-1")
        elif name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            length = -1
        elif name == b"x-mbx-time-unit":
            call.in_microseconds = value.upper() == b"MICROSECOND"
    return key_text, length


async def read_body(receive: Receive, length: int) -> bytes:
    """Return the whole body, at most BODY_BYTES_MAX. Raises Refusal (413) above it."""
    if length > BODY_BYTES_MAX:
        raise Refusal(errors.BODY_TOO_LARGE)
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise Refusal(errors.BODY_TOO_LARGE)
    return body
