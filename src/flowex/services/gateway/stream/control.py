"""Control messages of a stream connection, and the errors a bad one gets."""

from typing import Any, Final, NamedTuple

import msgspec

PARAMETERS_MAX: Final = 1_024
_ID_MAX: Final = 36
_METHODS: Final = (
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST_SUBSCRIPTIONS",
    "SET_PROPERTY",
    "GET_PROPERTY",
)
_ENCODE: Final = msgspec.json.Encoder().encode


class Control(NamedTuple):
    """A well-formed control message."""

    method: str
    parameters: list[Any]
    id: int | str | None


class ControlError(Exception):
    """A control message that cannot be followed; it ends that message only."""

    def __init__(self, code: int, text: str, number: int | str | None = None) -> None:
        """Carry the contract's code and a text."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.id = number

    def body(self) -> bytes:
        """Return the JSON answer."""
        return _ENCODE({"code": self.code, "msg": self.text, "id": self.id})


def unknown_property(number: int | str | None) -> ControlError:
    """Return the error of a property that no connection has."""
    return ControlError(0, "Unknown property", number)


def not_boolean(number: int | str | None) -> ControlError:
    """Return the error of a value that is not true or false."""
    return ControlError(1, "Invalid value type: expected Boolean", number)


def invalid(reason: str, number: int | str | None = None) -> ControlError:
    """Return the error of a message of the wrong shape."""
    return ControlError(2, f"Invalid request: {reason}", number)


def read_control(message: bytes) -> Control:
    """Return the control message. Raises ControlError 2 or 3."""
    try:
        content = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise ControlError(3, f"Invalid JSON: {fault}") from None
    if not isinstance(content, dict):
        raise invalid("request must be a JSON object")
    number = content.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str | None):
        raise invalid("request ID must be an integer, a string or null")
    if isinstance(number, str) and len(number) > _ID_MAX:
        raise invalid(f"request ID must be at most {_ID_MAX} characters")
    method = content.get("method")
    if method not in _METHODS:
        expected = ", ".join(f"`{name}`" for name in _METHODS)
        raise invalid(f"unknown variant `{method!s:.32}`, expected one of {expected}", number)
    parameters = content.get("params", [])
    if not isinstance(parameters, list):
        raise invalid("params must be an array", number)
    if len(parameters) > PARAMETERS_MAX:
        raise invalid("Too many parameters", number)
    return Control(method, parameters, number)


def answer(result: Any, number: int | str | None) -> bytes:
    """Return the JSON answer to a message that was followed."""
    return _ENCODE({"result": result, "id": number})
