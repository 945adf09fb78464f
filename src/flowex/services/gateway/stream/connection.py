"""One stream client: its subscriptions, its control messages, its listen keys."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, unquote

import msgspec
from picows import WSCloseCode

from flowex.services.gateway.sockets import Connection, Sockets
from flowex.services.gateway.stream import control, names
from flowex.services.gateway.stream.control import ControlError
from flowex.services.gateway.stream.hub import Hub

STREAMS_MAX: Final = 1_024
MESSAGES_PER_SECOND_MAX: Final = 5
COMBINED_PATH: Final = "/stream"
RAW_PATHS: Final = ("/ws", "/stream/ws")


class Opening:
    """What a request's path asks for: names to subscribe to, and whether messages are wrapped."""

    def __init__(self, streams: list[str], *, is_combined: bool) -> None:
        """Hold both."""
        self.streams = streams
        self.is_combined = is_combined


def opening(target: str) -> Opening | None:
    """Return what a request target asks for, or None where no stream lives."""
    path, _, query = target.partition("?")
    path = path.rstrip("/") or path
    if path == COMBINED_PATH:
        joined = "/".join(parse_qs(query).get("streams", []))
        return Opening([name for name in joined.split("/") if name], is_combined=True)
    for raw in RAW_PATHS:
        if path == raw:
            return Opening([], is_combined=False)
        if path.startswith(raw + "/"):
            wanted = unquote(path[len(raw) + 1 :]).split("/")
            return Opening([name for name in wanted if name], is_combined=False)
    return None


class StreamConnection(Connection):
    """A subscriber of the hub."""

    def __init__(self, sockets: Sockets, address: str, hub: Hub, wanted: Opening) -> None:
        """Prepare; subscriptions of the path begin with the connection."""
        super().__init__(sockets, address)
        self.is_combined = wanted.is_combined
        self._hub = hub
        self._wanted = wanted.streams
        self._leave: dict[str, Callable[[], None]] = {}
        self._second = 0
        self._messages = 0
        self._listen_keys: set[str] = set()

    def opened(self) -> None:
        """Subscribe to what the path named; what is nobody's is accepted and silent."""
        limits, now = self._hub.limits, self._hub.exchange.clock.now()
        if not limits.connect(limits.address(self.address), now):
            self.close(WSCloseCode.POLICY_VIOLATION, "too many connections")
        elif len(self._wanted) > STREAMS_MAX:
            self.close(WSCloseCode.POLICY_VIOLATION, "too many streams")
        else:
            for name in self._wanted:
                self._subscribe(name)

    def closed(self) -> None:
        """Leave every topic."""
        self._hub.expiring.discard(self._expire_keys)
        for leave in self._leave.values():
            leave()
        self._leave.clear()

    def receive(self, message: bytes) -> None:
        """Follow a control message; more than five in a second end the connection."""
        second = int(self.sockets.now())
        if second != self._second:
            self._second, self._messages = second, 0
        self._messages += 1
        if self._messages > MESSAGES_PER_SECOND_MAX:
            self.close(WSCloseCode.POLICY_VIOLATION, "Too many requests")
            return
        try:
            wanted = control.read_control(message)
            self.send(control.answer(self._follow(wanted), wanted.id))
        except ControlError as fault:
            self.send(fault.body())

    def _follow(self, wanted: control.Control) -> object:
        match wanted.method:
            case "SUBSCRIBE":
                self._change(wanted, self._subscribe)
            case "UNSUBSCRIBE":
                self._change(wanted, self._unsubscribe)
            case "SET_PROPERTY":
                self._set_property(wanted)
            case "GET_PROPERTY":
                return self._property(wanted)
            case "LIST_SUBSCRIPTIONS":
                return list(self._leave)
        return None

    def _change(self, wanted: control.Control, change: Callable[[str], None]) -> None:
        for name in wanted.parameters:
            if not isinstance(name, str) or not names.is_well_formed(name):
                raise control.invalid("params must be stream names", wanted.id)
        fresh = [name for name in wanted.parameters if name not in self._leave]
        if wanted.method == "SUBSCRIBE" and len(self._leave) + len(fresh) > STREAMS_MAX:
            self.close(WSCloseCode.POLICY_VIOLATION, "too many streams")
        for name in wanted.parameters:
            change(name)

    def _set_property(self, wanted: control.Control) -> None:
        try:
            name, value = wanted.parameters
        except ValueError:
            raise control.invalid("params must be a name and a value", wanted.id) from None
        if name != "combined":
            raise control.unknown_property(wanted.id)
        if not isinstance(value, bool):
            raise control.not_boolean(wanted.id)
        self.is_combined = value

    def _property(self, wanted: control.Control) -> bool:
        if wanted.parameters != ["combined"]:
            raise control.unknown_property(wanted.id)
        return self.is_combined

    def _subscribe(self, name: str) -> None:
        if name in self._leave or not self.is_open:
            return
        account = self._hub.listen_keys.account(name, self._hub.exchange.clock.now())
        if account:
            self._listen_keys.add(name)
            self._hub.expiring.add(self._expire_keys)
            self._leave[name] = self._hub.user_streams.listen(
                account, lambda event: self._deliver(name, event)
            )
            return
        topic = self._hub.join(name, self)
        self._leave[name] = (
            (lambda: None) if topic is None else lambda: self._hub.leave(topic, self)
        )

    def _unsubscribe(self, name: str) -> None:
        leave = self._leave.pop(name, None)
        self._listen_keys.discard(name)
        if leave is not None:
            leave()

    def _deliver(self, name: str, event: bytes) -> None:
        if self.is_combined:
            event = b'{"stream":' + msgspec.json.encode(name) + b',"data":' + event + b"}"
        self.send(event)

    def _expire_keys(self, now: int) -> None:
        for key in tuple(self._listen_keys):
            if not self._hub.listen_keys.account(key, now):
                expired = {"e": "listenKeyExpired", "E": now // 1_000, "listenKey": key}
                self._deliver(key, msgspec.json.encode(expired))
                self.close(WSCloseCode.OK, "listenKey expired")
