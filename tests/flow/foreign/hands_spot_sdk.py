"""The vendor's spot SDK as a hand, with what its typed models make of every answer."""

import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from binance_common import errors, utils
from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_spot.rest_api.rest_api import SpotRestAPI
from flow.foreign.contract import ROWS
from flow.foreign.stage import Hand, Refused

from flowex import compat

_TIMEOUT_MILLISECONDS = 20_000
_CODES = {"Order cancel-replace partially failed.": -2021}
_ONE_WORD = {"ticker/24hr": "ticker24hr"}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _functions() -> dict[str, str]:
    """Return its function for each row: named by the path, with the method where that is shared."""
    found = {"POST /api/v3/order": "new_order"}
    for row in ROWS.values():
        path = row.path.removeprefix("/api/v3/")
        name = _ONE_WORD.get(path) or "_".join(_snake(word) for word in path.split("/"))
        for candidate in (f"{row.method.lower()}_{name}", name):
            if row.path != path and hasattr(SpotRestAPI, candidate):
                found.setdefault(row.label, candidate)
                break
    return found


class SpotSdkHand(Hand):
    """binance_sdk_spot."""

    name: ClassVar[str] = "spot-sdk"
    functions: ClassVar[Mapping[str, str]] = _functions()

    @classmethod
    def make(cls, url: str, key: str, secret: str) -> Any:
        """Return its REST side; a slow machine is no error of the wire."""
        private = "PRIVATE KEY" in secret
        client = compat.vendor_spot(url, key, "" if private else secret).rest_api
        if private:
            settings = ConfigurationRestAPI(key, private_key=secret, base_path=url)
            client = SpotRestAPI(settings)
        client.configuration.timeout = _TIMEOUT_MILLISECONDS
        client.configuration.retries = 0
        return client

    def ask(self, label: str, /, **parameters: Any) -> Any:
        """Call the typed function, and let its model read the answer."""
        typed = {_snake(name): value for name, value in parameters.items()}
        return getattr(self.client, self.functions[label])(**typed).data()

    def can_send(self, label: str, parameters: Mapping[str, Any]) -> bool:
        """Whether its function has these parameters, and misses none.

        Its functions for other parameters, send_request and send_signed_request, do not work.
        """
        typed = {_snake(name): value for name, value in parameters.items()}
        try:
            inspect.signature(getattr(self.raw, self.functions[label])).bind(**typed)
        except TypeError:
            return False
        return True

    def read_refusal(self, error: Exception) -> Refused:
        """Return code and text."""
        if not isinstance(error, errors.Error):
            raise error
        text = str(getattr(error, "error_message", error))
        # A 409 is a ClientError to it, which drops the code.
        code = getattr(error, "status_code", None) or _CODES[text]
        return Refused(int(code), text, type(error).__name__)

    @contextmanager
    def shifted(self, milliseconds: int) -> Iterator[None]:
        """Shift the clock that it signs by."""
        clock = utils.get_timestamp
        utils.get_timestamp = lambda: clock() + milliseconds
        yield
        utils.get_timestamp = clock
