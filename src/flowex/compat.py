"""Other people's clients, pointed at a FlowEx: one call gives a client that is ready to trade.

::

    from flowex import compat

    exchange = compat.ccxt("http://127.0.0.1:8080", key, secret)
    exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)

A client of the Binance interface moves to FlowEx by its addresses alone; here they are written down
once, with what else a client needs to feel at home. Every address of the original exchange is
replaced, also those of products that FlowEx does not have: such a call ends in a 404, and never
at somebody else's exchange with a key that was meant for this one.

This module stands beside the house, not in it: it is for the programs of those who trade, which
must not load an exchange to reach one. So it imports no floor, and no floor imports it. The clients
are optional: each is loaded by its name when it is asked for, in one place (``_library``), because
an import statement, at the top or in a function, would make it a dependency.

::

    LibraryMissing (ImportError)          the client is not installed; the message says how
    DemoMissing (FileNotFoundError)       no exchange with demo accounts runs in that folder
"""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

CCXT_REST: Final[Mapping[str, str]] = MappingProxyType(
    {
        "public": "/api/v3",
        "private": "/api/v3",
        "v1": "/api/v1",
        "sapi": "/sapi/v1",
        "sapiV2": "/sapi/v2",
        "sapiV3": "/sapi/v3",
        "sapiV4": "/sapi/v4",
        "fapiPublic": "/fapi/v1",
        "fapiPublicV2": "/fapi/v2",
        "fapiPublicV3": "/fapi/v3",
        "fapiPrivate": "/fapi/v1",
        "fapiPrivateV2": "/fapi/v2",
        "fapiPrivateV3": "/fapi/v3",
        "fapiData": "/futures/data",
        "dapiPublic": "/dapi/v1",
        "dapiPrivate": "/dapi/v1",
        "dapiPrivateV2": "/dapi/v2",
        "dapiData": "/dapi/data",
        "eapiPublic": "/eapi/v1",
        "eapiPrivate": "/eapi/v1",
        "papi": "/papi/v1",
        "papiV2": "/papi/v2",
    }
)
"""What ccxt calls each REST interface, and where it is here."""

CCXT_STREAMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # ccxt tells spot from futures by "/stream" in the address, hence the alias.
        "spot": "/stream/ws",
        "margin": "/stream/ws",
        "future": "/fstream/ws",
        "linear": "/fstream/ws",
        "delivery": "/dstream/ws",
        "papi": "/pstream/ws",
    }
)
CCXT_SOCKET_API: Final[Mapping[str, str]] = MappingProxyType(
    {
        "spot": "/ws-api/v3",
        "future": "/ws-fapi/v1",
        "linear": "/ws-fapi/v1",
        "delivery": "/ws-dapi/v1",
    }
)

_MARKETS_OF_PATHS: Final = {
    "spot": ("/api/", "/sapi/", "/stream/", "/ws-api/"),
    "linear": ("/fapi/", "/futures/", "/fstream/", "/ws-fapi/"),
}
"""Which of ccxt's tables of errors an answer from a path is looked up in."""

_PYTHON_BINANCE_STREAMS: Final = {"STREAM": "/", "FSTREAM": "/fstream/", "DSTREAM": "/dstream/"}


class LibraryMissing(ImportError):
    """A client is asked for that is not installed."""


class DemoMissing(FileNotFoundError):
    """No exchange with demo accounts runs in the folder."""


class Access(NamedTuple):
    """Where an exchange is, and an account's key: the first arguments of every function here."""

    base: str
    key: str
    secret: str


def demo(home: str | Path = ".flowex", account: str = "") -> Access:
    """Return the address of the exchange running in a folder, and the key of a demo account.

    Without a name it is the first account. Raises DemoMissing, KeyError for an unknown account.
    """
    folder = Path(home)
    try:
        running = json.loads((folder / "run.json").read_bytes())
        accounts = json.loads((folder / "demo.json").read_bytes())["accounts"]
    except FileNotFoundError as error:
        raise DemoMissing(
            f"no demo exchange runs in {folder}: start one with `flowex run --demo --home {folder}`"
        ) from error
    keys = {
        row["name"]: Access(running["url"], row["api_key"], row["api_secret"]) for row in accounts
    }
    return keys[account or next(iter(keys))]


def ccxt(base: str, key: str = "", secret: str = "", *, pro: bool = False, **settings: Any) -> Any:
    """Return a ``ccxt.binance`` of the exchange at an address such as ``http://127.0.0.1:8080``.

    With ``pro`` it is a ``ccxt.pro.binance``: asyncio, and it watches. ``settings`` are the
    client's own. Errors become the exceptions that ccxt's users catch: the client picks its table
    of errors by the original's host names, so here it is taught to go by the path instead.

    Raises LibraryMissing, ValueError for an address that is none.
    """
    urls = _ccxt_urls(base)
    original = _library("ccxt.pro" if pro else "ccxt", "ccxt").binance
    kind = type("binance", (original,), {"get_exceptions_by_url": _exceptions_by_path})
    # The sandbox's addresses too: whoever switches to it stays here.
    everywhere = {"api": urls, "test": urls, "demo": urls}
    return kind({"apiKey": key, "secret": secret, "urls": everywhere} | settings)


def python_binance(base: str, key: str = "", secret: str = "", **settings: Any) -> Any:
    """Return python-binance's blocking ``Client`` for the exchange at an address.

    ``settings`` are what its constructor takes. It pings the exchange at once, unless
    ``ping=False`` is among them. Raises LibraryMissing, ValueError; and whatever the ping does.
    """
    client = _library("binance", "python-binance").Client
    return _moved(client, base)(key, secret, **settings)


async def python_binance_async(base: str, key: str = "", secret: str = "", **settings: Any) -> Any:
    """Return python-binance's ``AsyncClient`` for the exchange at an address.

    Like its own ``create`` it pings and asks the exchange for the time; close it with
    ``close_connection``. Raises LibraryMissing, ValueError.
    """
    client = _library("binance", "python-binance").AsyncClient
    return await _moved(client, base).create(key, secret, **settings)


def python_binance_sockets(base: str, client: Any, **settings: Any) -> Any:
    """Return a ``BinanceSocketManager`` that opens an ``AsyncClient``'s streams at an address.

    Raises LibraryMissing, ValueError.
    """
    manager = _library("binance", "python-binance").BinanceSocketManager
    return _moved(manager, base)(client, **settings)


def vendor_spot(base: str, key: str = "", secret: str = "") -> Any:
    """Return a ``Spot`` of the vendor's own SDK: REST, WebSocket API and streams at an address.

    Raises LibraryMissing, ValueError.
    """
    http, sockets = _origins(base)
    spot = _library("binance_sdk_spot", "binance-sdk-spot")
    library = _library("binance_common.configuration", "binance-sdk-spot")
    return spot.Spot(
        library.ConfigurationRestAPI(key, secret, base_path=http),
        library.ConfigurationWebSocketAPI(key, secret, stream_url=f"{sockets}/ws-api/v3"),
        library.ConfigurationWebSocketStreams(stream_url=sockets),
    )


def freqtrade_config(
    base: str,
    key: str = "",
    secret: str = "",
    *,
    pairs: Sequence[str] = ("BTC/USDT", "ETH/USDT"),
    stake_currency: str = "USDT",
) -> dict[str, Any]:
    """Return what freqtrade's configuration has to say of the exchange at an address.

    It is plain JSON: save it and pass it after your own, ``--config mine.json --config this.json``.
    Needs no library. Raises ValueError.
    """
    return {
        "stake_currency": stake_currency,
        "exchange": {
            "name": "binance",
            "key": key,
            "secret": secret,
            "ccxt_config": {
                "urls": {"api": _ccxt_urls(base)},
                "options": {"fetchMarkets": {"types": ["spot"]}},
            },
            "pair_whitelist": list(pairs),
            "pair_blacklist": [],
        },
    }


def _library(module: str, distribution: str) -> Any:
    """Return an optional client by the name of its module. Raises LibraryMissing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        # Something else that is missing is the client's own trouble, and better told as it is.
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
        raise LibraryMissing(
            f"{distribution} is not installed: pip install {distribution}", name=module
        ) from error


def _origins(base: str) -> tuple[str, str]:
    """Return where HTTP and WebSockets are. Raises ValueError."""
    parts = urlsplit(base)
    sockets = {"http": "ws", "https": "wss"}.get(parts.scheme)
    # python-binance formats its addresses: braces would be holes in them.
    if sockets is None or not parts.hostname or {"{", "}"} & set(base):
        raise ValueError(f"{base!r} is no address such as http://127.0.0.1:8080")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}", f"{sockets}://{parts.netloc}{path}"


def _ccxt_urls(base: str) -> dict[str, Any]:
    http, sockets = _origins(base)
    urls: dict[str, Any] = {name: http + path for name, path in CCXT_REST.items()}
    urls["ws"] = {name: sockets + path for name, path in CCXT_STREAMS.items()}
    urls["ws"]["ws-api"] = {name: sockets + path for name, path in CCXT_SOCKET_API.items()}
    return urls


# Called by ccxt by position, under its own names.
def _exceptions_by_path(self: Any, url: str, exact_or_broad: str) -> dict[str, Any]:
    """Return ccxt's table of errors for the product that an address belongs to."""
    path = urlsplit(url).path
    for market, prefixes in _MARKETS_OF_PATHS.items():
        if any(prefix in path for prefix in prefixes):
            table: dict[str, Any] = self.exceptions[market].get(exact_or_broad, {})
            return table
    return {}


def _moved(kind: Any, base: str) -> Any:
    """Return a subclass with every address of python-binance's class moved; the class is as was."""
    http, sockets = _origins(base)
    moved: dict[str, str] = {}
    for name in dir(kind):
        address = getattr(kind, name)
        if not name.endswith("_URL") or not isinstance(address, str):
            continue
        parts = urlsplit(address.replace("{", "").replace("}", ""))
        stream = _PYTHON_BINANCE_STREAMS.get(name.partition("_")[0])
        if stream is not None:
            moved[name] = sockets + stream
        else:
            moved[name] = (sockets if parts.scheme == "wss" else http) + parts.path
    return type(kind.__name__, (kind,), moved)
