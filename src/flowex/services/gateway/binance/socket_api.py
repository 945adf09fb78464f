"""The request/response WebSocket API: the same table and checks as REST, over one connection."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from picows import WSCloseCode

from flowex.ports.keys import ApiKey
from flowex.services.gateway.binance import authentication, errors, parameters, security
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Fault, Refusal
from flowex.services.gateway.binance.failures import as_refusal
from flowex.services.gateway.binance.information import rate_limits
from flowex.services.gateway.binance.parameters import PARAMETERS_MAX
from flowex.services.gateway.binance.security import Signatures
from flowex.services.gateway.binance.session import Session
from flowex.services.gateway.sockets import Connection, Sockets, frame_of
from flowex.services.gateway.user_streams import UserStreams

REQUESTS_MAX: Final = 1_000
"""Requests of one connection in work at once; above it the client is asked to slow down."""
FINISH_SECONDS_MAX: Final = 1.0
"""How long requests under way may take to be answered once the gateway stops."""
_OK: Final = 200
_NULL: Final = msgspec.Raw(b"null")


class Envelope(msgspec.Struct):
    """What can be told of a message of the wrong shape: whose answer its refusal is."""

    id: msgspec.Raw = _NULL


class SocketCall(Call, eq=False):
    """A call that knows whether its answer tells the rate limits."""

    returns_limits: bool = True


class Request(msgspec.Struct):
    """A client's message; its id may be anything and is echoed as it came."""

    id: msgspec.Raw = _NULL
    method: str = ""
    params: dict[str, Any] | None = None


# Numbers with a fraction keep their text, so that no amount passes through a float and a
# signature is checked over what was sent.
_DECODE: Final = msgspec.json.Decoder(Request, float_hook=str).decode
_DECODE_ENVELOPE: Final = msgspec.json.Decoder(Envelope).decode
_ENCODE: Final = msgspec.json.Encoder().encode


def texts_of(params: dict[str, Any] | None) -> dict[str, str]:
    """Return JSON parameters as the text a form would carry, in place; null means not sent."""
    if not params:
        return {}
    if len(params) > PARAMETERS_MAX:
        raise Refusal(errors.too_many(PARAMETERS_MAX, len(params)))
    has_null = False
    for name, value in params.items():
        if type(value) is str:  # Most are, and stay where they are.
            continue
        if value is None:
            has_null = True
        elif value is True:
            params[name] = "true"
        elif value is False:
            params[name] = "false"
        else:
            params[name] = str(value) if type(value) is int else _ENCODE(value).decode()
    if has_null:
        return {name: value for name, value in params.items() if value is not None}
    return params


def number_of(identifier: msgspec.Raw) -> bytes:
    """Return a message's id as JSON. Raises UnicodeDecodeError when it is no text."""
    number = bytes(identifier)
    if not number.isascii():
        number.decode()
    return number


def number_of_faulty(message: bytes) -> bytes:
    """Return the id of a message of the wrong shape, null where there is none to be found."""
    try:
        return number_of(_DECODE_ENVELOPE(message).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return b"null"


class Answering(msgspec.Struct, eq=False):
    """A request whose handler waits: gone on with by whatever it waits for.

    A task for each request would cost more than the rest of its way through this door. It is not
    needed: handlers await futures (of the sequencer, of the database) and nothing that asks for
    the task it runs in, such as a timeout.
    """

    connection: "ApiConnection"
    number: bytes
    endpoint: Endpoint
    call: SocketCall
    handler: Coroutine[Any, None, Any]

    def go_on(self, _done: object = None) -> None:
        """Run the handler until it waits again or is through; then answer."""
        connection, endpoint = self.connection, self.endpoint
        try:
            awaited = self.handler.send(None)
        except StopIteration as end:
            connection.succeed(self.number, endpoint, self.call, end.value)
        except Exception as failure:  # noqa: BLE001 - no client sees a stack trace
            connection.fail(self.number, endpoint.socket_method, endpoint, self.call, failure)
        else:
            awaited.add_done_callback(self.go_on)
            return
        connection.finished()


class SocketApi:
    """What all connections of the API share."""

    def __init__(
        self,
        desk: Desk,
        endpoints: Iterable[Endpoint],
        user_streams: UserStreams,
        counted: Callable[[Endpoint | None, int], None],
    ) -> None:
        """Route by the table's socket methods and the session's own."""
        self.desk = desk
        self.signatures = Signatures()
        self.user_streams = user_streams
        self.counted = counted
        self.is_stopping = False
        self.under_way = 0
        """Requests that wait for their answer, of all connections."""
        self._is_idle = asyncio.Event()
        self.rate_limits = [
            _ENCODE(pool)[:-1] + b',"count":%d}' for pool in rate_limits(desk.pools)
        ]
        """The pools as JSON, each with a place for what is used of it."""
        self.routes = {row.socket_method: row for row in endpoints if row.socket_method}

    async def finish(self) -> None:
        """Take no more requests and let those under way be answered, for a while."""
        self.is_stopping = True
        if self.under_way:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_idle.wait(), FINISH_SECONDS_MAX)

    def finished(self) -> None:
        """Note that a request is answered."""
        self.under_way -= 1
        if not self.under_way:
            self._is_idle.set()

    def connection(self, sockets: Sockets, address: str, query: str = "") -> Connection:
        """Return the listener of a new client; its query may say it wants no rate limits."""
        connection = ApiConnection(sockets, address, self)
        wanted = parse_qs(query).get("returnRateLimits", ["true"])[-1]
        connection.session.returns_limits = wanted.lower() != "false"
        return connection


class ApiConnection(Connection):
    """One client of the API."""

    def __init__(self, sockets: Sockets, address: str, api: SocketApi) -> None:
        """Start without a session."""
        super().__init__(sockets, address)
        self._api = api
        self._desk = api.desk
        self._limits = api.desk.limits.address(address)
        self.session = Session(api.user_streams, self.send, api.desk.exchange.clock.now())
        self._under_way = 0
        self._identified: ApiKey | None = None
        self._identified_for = Security.NONE
        """The session's key when it was last looked into, and for what."""

    def opened(self) -> None:
        """Turn away an address that opens too many connections."""
        if not self._desk.limits.connect(self._limits, self._desk.exchange.clock.now()):
            self.close(WSCloseCode.POLICY_VIOLATION, "too many connections")

    def closed(self) -> None:
        """End the session's subscriptions; requests under way finish unheard."""
        self.session.end()

    def receive(self, message: bytes) -> None:
        """Serve a request; one that need not wait is answered at once, the others in order."""
        now = self._desk.exchange.clock.now()
        call = SocketCall(now, returns_limits=self.session.returns_limits)
        try:
            request = _DECODE(message)
            number = number_of(request.id)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.fail(number_of_faulty(message), "", None, call, self._faulty(now))
            return
        method = request.method.removeprefix("v3/")
        endpoint = self._api.routes.get(method)
        try:
            if self._under_way >= REQUESTS_MAX or self._api.is_stopping:
                raise Refusal(errors.BUSY)  # noqa: TRY301 - one place tells every refusal
            answer = self._start(method, endpoint, call, texts_of(request.params))
        except Exception as failure:  # noqa: BLE001 - no client sees a stack trace
            self.fail(number, method, endpoint, call, failure)
            return
        if endpoint is not None and endpoint.is_async:
            self._under_way += 1
            self._api.under_way += 1
            Answering(self, number, endpoint, call, answer).go_on()
        else:
            self.succeed(number, endpoint, call, answer)

    def _faulty(self, now: int) -> Refusal:
        """Return the refusal of a message of the wrong shape, which costs weight as any other."""
        try:
            authentication.charge(self._desk, self._limits, 1, now)
        except Refusal as refusal:
            return refusal
        return Refusal(errors.BAD_JSON)

    def _start(
        self, method: str, endpoint: Endpoint | None, call: SocketCall, texts: dict[str, str]
    ) -> Any:
        """Check the request and return its answer, or the coroutine that gives it."""
        weight = 2 if endpoint is None else endpoint.weight_of(texts)
        authentication.charge(self._desk, self._limits, weight, call.now)
        if "returnRateLimits" in texts:
            wanted = texts["returnRateLimits"]
            call.returns_limits = parameters.read_boolean("returnRateLimits", wanted)
        if endpoint is not None:
            if endpoint.security is not Security.NONE:
                self._admit(endpoint.security, call, texts)
            return endpoint.answer(self._desk, call, texts)
        own = self.session.methods.get(method)
        if own is None:
            raise Refusal(errors.UNSUPPORTED)
        key = None if own.security is Security.NONE else self._admit(own.security, call, texts)
        return own.answer(call, key, texts)

    def finished(self) -> None:
        """Note that a request which had to wait is answered."""
        self._under_way -= 1
        self._api.finished()

    def succeed(
        self, number: bytes, endpoint: Endpoint | None, call: SocketCall, content: Any
    ) -> None:
        """Send the answer."""
        self._api.counted(endpoint, 0)
        self._respond(number, _OK, b"result", content, call)

    def fail(
        self,
        number: bytes,
        method: str,
        endpoint: Endpoint | None,
        call: SocketCall,
        failure: Exception,
    ) -> None:
        """Send the refusal that a failure is."""
        refusal = as_refusal(failure, method)
        self._api.counted(endpoint, refusal.fault.code)
        self._refuse(number, refusal, call)

    def _admit(self, needs: Security, call: Call, texts: dict[str, str]) -> ApiKey:
        """Return whose request it is: its own signature's, or else the session's."""
        key_text = texts.get("apiKey", "")
        if not key_text and self.session.key is not None and not texts.get("signature"):
            key = self._session_key(needs, self.session.key)
            call.account = key.account
            if "timestamp" in texts:
                call.deadline = security.check_window(texts, call.now)
            return key
        key = authentication.identify_key(self._desk, needs.permission, key_text, self.address)
        authentication.admit(call, key, texts, lambda key: self._is_signed(key, texts))
        return key

    def _session_key(self, needs: Security, key: ApiKey) -> ApiKey:
        """Return the session's key as it is now; looked into again only when it was changed."""
        now = self._desk.exchange.keys.find(key.key)
        if now is None or now is not self._identified or needs is not self._identified_for:
            now = authentication.identify_key(self._desk, needs.permission, key.key, self.address)
            self._identified, self._identified_for = now, needs
        return now

    def _is_signed(self, key: ApiKey, texts: dict[str, str]) -> bool:
        signature = texts.get("signature", "").encode()
        if not signature:
            raise Refusal(errors.missing("signature"))
        plain, encoded = security.signed_parameters(texts)
        valid = self._api.signatures.valid
        return valid(key, plain, signature) or (encoded != plain and valid(key, encoded, signature))

    def _refuse(self, number: bytes, refusal: Refusal, call: SocketCall) -> None:
        fault: Fault = refusal.fault
        content: dict[str, Any] = {"code": fault.code, "msg": fault.text}
        if refusal.data is not None:
            content["data"] = refusal.data
        if refusal.retry_after:
            now = self._desk.exchange.clock.now()
            content["data"] = {
                "serverTime": now // 1_000,
                "retryAfter": now // 1_000 + refusal.retry_after * 1_000,
            }
        self._respond(number, fault.status, b"error", content, call)

    def _respond(
        self, number: bytes, status: int, part: bytes, content: Any, call: SocketCall
    ) -> None:
        body = content if isinstance(content, bytes) else _ENCODE(content)
        limits = b""
        if call.returns_limits:
            limits = b',"rateLimits":[%s]' % self._used(call)
        answer = b'{"id":%s,"status":%d,"%s":%s%s}' % (number, status, part, body, limits)
        self.post(frame_of(answer))

    def _used(self, call: Call) -> bytes:
        """Return the pools this request drew from, with their counts, as JSON."""
        weight, ten_seconds, day, _ = self._api.rate_limits
        used = weight % self._limits.weight
        if call.order_count is None:
            return used
        count = call.order_count
        return b"%s,%s,%s" % (ten_seconds % count.ten_seconds, day % count.day, used)
