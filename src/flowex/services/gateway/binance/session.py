"""What a WebSocket API connection remembers: who logged on, and which user streams it hears."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flowex.ports.keys import ApiKey
from flowex.services.gateway.binance import errors, parameters
from flowex.services.gateway.binance.endpoint import Call, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.user_streams import UserStreams

SUBSCRIPTIONS_MAX: Final = 100
"""User streams one connection may hear; each is another account's."""

Texts = Mapping[str, str]


class Method(NamedTuple):
    """A method that speaks of the connection itself."""

    security: Security
    answer: Callable[[Call, ApiKey | None, Texts], Any]


class Session:
    """The state of one connection."""

    def __init__(
        self, user_streams: UserStreams, send: Callable[[bytes], None], connected_at: int
    ) -> None:
        """Start logged off; ``send`` takes a message for the client, instants are µs."""
        self.key: ApiKey | None = None
        self.returns_limits = True
        self._user_streams = user_streams
        self._send = send
        self._connected_at = connected_at
        self._authorized_at = 0
        self._subscriptions: dict[int, tuple[int, Callable[[], None]]] = {}
        self._last = -1
        none, signed = Security.NONE, Security.USER_DATA
        self.methods: dict[str, Method] = {
            "session.logon": Method(signed, self._logon),
            "session.status": Method(none, self._status),
            "session.logout": Method(none, self._logout),
            "session.subscriptions": Method(none, self._listed),
            "userDataStream.subscribe": Method(none, self._subscribe_session),
            "userDataStream.subscribe.signature": Method(signed, self._subscribe),
            "userDataStream.unsubscribe": Method(none, self._unsubscribe),
        }

    def end(self) -> None:
        """Stop every subscription."""
        for _, stop in self._subscriptions.values():
            stop()
        self._subscriptions.clear()

    def _logon(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, Any]:
        self.key = key
        self._authorized_at = call.now
        return self._status(call, key, texts)

    def _logout(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, Any]:
        self.key = None
        return self._status(call, key, texts)

    def _status(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, Any]:
        is_on = self.key is not None
        return {
            "apiKey": self.key.key if self.key else None,
            "authorizedSince": call.instant(self._authorized_at) if is_on else None,
            "connectedSince": call.instant(self._connected_at),
            "returnRateLimits": self.returns_limits,
            "serverTime": call.instant(call.now),
            "userDataStream": bool(self._subscriptions),
        }

    def _listed(self, call: Call, key: ApiKey | None, texts: Texts) -> list[dict[str, int]]:
        return [{"subscriptionId": number} for number in self._subscriptions]

    def _subscribe_session(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, int]:
        if self.key is None:
            raise Refusal(errors.NOT_AUTHORIZED)
        return self._subscribe(call, self.key, texts)

    def _subscribe(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, int]:
        assert key is not None, "signed methods have a key"
        heard = {account for account, _ in self._subscriptions.values()}
        if key.account in heard or len(heard) >= SUBSCRIPTIONS_MAX:
            raise Refusal(errors.ALREADY_SUBSCRIBED)
        self._last += 1
        prefix = b'{"subscriptionId":%d,"event":' % self._last

        def forward(event: bytes) -> None:
            self._send(prefix + event + b"}")

        stop = self._user_streams.listen(key.account, forward)
        self._subscriptions[self._last] = (key.account, stop)
        return {"subscriptionId": self._last}

    def _unsubscribe(self, call: Call, key: ApiKey | None, texts: Texts) -> dict[str, int]:
        wanted = texts.get("subscriptionId", "")
        if not self._subscriptions:
            raise Refusal(errors.NOT_SUBSCRIBED)
        if not wanted:
            self.end()
            return {}
        number = parameters.read_integer("subscriptionId", wanted)
        if number not in self._subscriptions:
            raise Refusal(errors.NOT_SUBSCRIBED)
        self._subscriptions.pop(number)[1]()
        return {}
