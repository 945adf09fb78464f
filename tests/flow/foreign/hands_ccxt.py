"""ccxt as a hand: the functions it makes for every endpoint, and its exceptions."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import ccxt
from flow.foreign.contract import ROWS
from flow.foreign.stage import Hand, Refused

from flowex import compat

_BODY = re.compile(r"\{.*\}", re.DOTALL)
_PREFIXES = {"/api/v3/": ("public", "private"), "/sapi/v1/": ("sapi",)}


def function_of(group: str, method: str, path: str) -> str:
    """Return the name of the function that ccxt makes for an endpoint."""
    words = re.split(r"[^A-Za-z0-9]+", path)
    return group + method.capitalize() + "".join(word[0].upper() + word[1:] for word in words)


def _functions() -> dict[str, str]:
    groups = ccxt.binance().api
    found = {}
    for row in ROWS.values():
        for prefix, names in _PREFIXES.items():
            path = row.path.removeprefix(prefix)
            for name in names:
                if path != row.path and path in groups[name].get(row.method.lower(), ()):
                    found[row.label] = function_of(name, row.method, path)
    found["GET /dapi/v1/exchangeInfo"] = "dapiPublicGetExchangeInfo"
    found["GET /fapi/v1/exchangeInfo"] = "fapiPublicGetExchangeInfo"
    return found


class CcxtHand(Hand):
    """ccxt.binance."""

    name: ClassVar[str] = "ccxt"
    functions: ClassVar[Mapping[str, str]] = _functions()

    @classmethod
    def make(cls, url: str, key: str, secret: str) -> Any:
        """Return the client, not held back by its own rate limiter."""
        options = {"warnOnFetchOpenOrdersWithoutSymbol": False}
        return compat.ccxt(url, key, secret, enableRateLimit=False, options=options)

    def ask(self, label: str, /, **parameters: Any) -> Any:
        """Call what ccxt calls an implicit method."""
        return getattr(self.client, self.functions[label])(parameters)

    def read_refusal(self, error: Exception) -> Refused:
        """Return code and text: the exception carries the body."""
        if not isinstance(error, ccxt.BaseError):
            raise error
        text = str(error)
        body = _BODY.search(text)
        # Texts that it knows are told without the body, so the last answer is asked for its code.
        answer = json.loads(body[0] if body else self.raw.last_http_response)
        return Refused(answer["code"], answer["msg"], type(error).__name__)

    def can_send(self, label: str, parameters: Mapping[str, Any]) -> bool:
        """Whether it does: for an empty client id it puts one of its own."""
        return parameters.get("newClientOrderId") != ""

    @contextmanager
    def shifted(self, milliseconds: int) -> Iterator[None]:
        """Shift its clock."""
        self.raw.options["timeDifference"] = -milliseconds
        yield
        self.raw.options["timeDifference"] = 0

    def close(self) -> None:
        """Close the session."""
        self.raw.session.close()
