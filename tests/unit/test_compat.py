"""Other people's clients know FlowEx's addresses, all of them, and nobody else's."""

import asyncio
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ccxt as ccxt_library
import ccxt.pro as ccxt_pro
import pytest

from flowex import compat

with warnings.catch_warnings():
    # It imports what its own dependency has deprecated.
    warnings.simplefilter("ignore")
    import binance

pytestmark = pytest.mark.filterwarnings("ignore")
"""What the clients warn of is their own affair."""

BASE = "http://exchange.example:8080"
HERE = (BASE, "ws://exchange.example:8080")
KEY, SECRET = "k" * 64, "s" * 64


@pytest.fixture
def loop() -> Iterator[None]:
    """Give the blocking client the loop it would otherwise make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def addresses(tree: Any) -> Iterator[str]:
    """Walk through the addresses in a tree of dicts."""
    for value in tree.values():
        yield from addresses(value) if isinstance(value, dict) else [value]


def python_binance_addresses(thing: Any) -> dict[str, str]:
    names = [name for name in dir(thing) if name.endswith("_URL")]
    return {name: getattr(thing, name) for name in names}


@pytest.mark.parametrize("pro", [False, True])
def test_ccxt_knows_no_address_but_ours(*, pro: bool) -> None:
    client = compat.ccxt(BASE, KEY, SECRET, pro=pro)
    for mode in ("api", "test", "demo"):
        assert all(address.startswith(HERE) for address in addresses(client.urls[mode]))
    client.set_sandbox_mode(enable=True)
    assert all(address.startswith(HERE) for address in addresses(client.urls["api"]))


def test_everything_that_ccxt_calls_has_an_address() -> None:
    urls = ccxt_pro.binance().urls["api"]
    sockets = urls.pop("ws")
    assert urls.keys() == compat.CCXT_REST.keys()
    assert sockets.pop("ws-api").keys() <= compat.CCXT_SOCKET_API.keys()
    assert sockets.keys() <= compat.CCXT_STREAMS.keys()


def test_ccxt_is_still_ccxts_own_class_with_our_settings() -> None:
    client = compat.ccxt(BASE, KEY, SECRET, enableRateLimit=False)
    assert isinstance(client, ccxt_library.binance)
    assert (client.id, client.apiKey, client.enableRateLimit) == ("binance", KEY, False)
    assert isinstance(compat.ccxt(BASE, pro=True), ccxt_pro.binance)
    assert "exchange.example" not in str(ccxt_library.binance().urls)


@pytest.mark.parametrize(
    ("path", "code", "kind"),
    [
        ("/api/v3/order", -2008, ccxt_library.AuthenticationError),
        ("/api/v3/order", -1008, ccxt_library.OperationFailed),
        ("/ws-api/v3", -2026, ccxt_library.InvalidOrder),
        # The same number means one thing in spot and another in futures.
        ("/api/v3/order/cancelReplace", -2021, ccxt_library.BadResponse),
        ("/fapi/v1/order", -2021, ccxt_library.OrderImmediatelyFillable),
        ("/ws-fapi/v1", -2019, ccxt_library.InsufficientFunds),
        ("/dapi/v1/order", -2010, ccxt_library.InvalidOrder),
    ],
)
def test_errors_are_looked_up_by_path(path: str, code: int, kind: type[Exception]) -> None:
    client = compat.ccxt(BASE)
    answer = {"code": code, "msg": "what the exchange says"}
    with pytest.raises(kind) as raised:
        client.handle_errors(
            400, "Bad", BASE + path, "GET", {}, json.dumps(answer), answer, {}, None
        )
    assert type(raised.value) is kind


def test_python_binance_knows_no_address_but_ours(loop: None) -> None:
    before = python_binance_addresses(binance.Client)
    client = compat.python_binance(BASE, KEY, SECRET, ping=False)
    assert isinstance(client, binance.Client)
    assert all(value.startswith(HERE) for value in python_binance_addresses(client).values())
    assert f"{BASE}/api" == client.API_URL
    assert f"{BASE}/futures/data" == client.FUTURES_DATA_URL
    assert client.ws_api._url == "ws://exchange.example:8080/ws-api/v3"
    assert client.ws_future._url == "ws://exchange.example:8080/ws-fapi/v1"
    assert python_binance_addresses(binance.Client) == before
    client.close_connection()


def test_python_binances_sockets_know_no_address_but_ours(loop: None) -> None:
    client = compat.python_binance(BASE, ping=False)
    sockets = compat.python_binance_sockets(BASE, client)
    assert isinstance(sockets, binance.BinanceSocketManager)
    assert all(value.startswith(HERE) for value in python_binance_addresses(sockets).values())
    assert sockets.STREAM_URL == "ws://exchange.example:8080/"
    assert sockets.FSTREAM_URL == "ws://exchange.example:8080/fstream/"
    client.close_connection()


def test_the_vendors_kit_knows_no_address_but_ours() -> None:
    spot = compat.vendor_spot(BASE, KEY, SECRET)
    assert spot._rest_api_config.base_path == BASE
    assert spot._websocket_api_config.stream_url == "ws://exchange.example:8080/ws-api/v3"
    assert spot._websocket_streams_config.stream_url == "ws://exchange.example:8080"


def test_freqtrades_configuration_is_json_that_ccxt_takes() -> None:
    config = compat.freqtrade_config(BASE, KEY, SECRET, pairs=["BTC/USDT"])
    assert json.loads(json.dumps(config)) == config
    exchange = config["exchange"]
    assert (exchange["name"], exchange["pair_whitelist"]) == ("binance", ["BTC/USDT"])
    for kind in (ccxt_library.binance, ccxt_pro.binance):
        client = kind(exchange["ccxt_config"])
        assert all(address.startswith(HERE) for address in addresses(client.urls["api"]))


@pytest.mark.parametrize(
    ("base", "public"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v3"),
        ("https://trade.example", "https://trade.example/api/v3"),
        ("https://trade.example/flowex/", "https://trade.example/flowex/api/v3"),
        ("http://[::1]:8080", "http://[::1]:8080/api/v3"),
    ],
)
def test_an_address_may_be_written_in_many_ways(base: str, public: str) -> None:
    urls = compat.freqtrade_config(base)["exchange"]["ccxt_config"]["urls"]["api"]
    assert urls["public"] == public
    assert urls["ws"]["spot"] == public.replace("http", "ws", 1).replace("/api/v3", "/stream/ws")


@pytest.mark.parametrize("base", ["", "127.0.0.1:8080", "ws://127.0.0.1", "http://", "http://{0}"])
def test_what_is_no_address_is_refused(base: str) -> None:
    for connect in (compat.ccxt, compat.python_binance, compat.vendor_spot):
        with pytest.raises(ValueError, match="no address"):
            connect(base)


async def test_a_client_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ccxt", "ccxt.pro", "binance", "binance_sdk_spot"):
        monkeypatch.setitem(sys.modules, module, None)  # To Python this is: not there.
    for connect, distribution in (
        (compat.ccxt, "ccxt"),
        (partial(compat.ccxt, pro=True), "ccxt"),
        (compat.python_binance, "python-binance"),
        (compat.vendor_spot, "binance-sdk-spot"),
    ):
        with pytest.raises(compat.LibraryMissing, match=f"pip install {distribution}$"):
            connect(BASE)
    with pytest.raises(compat.LibraryMissing, match=r"pip install python-binance$"):
        await compat.python_binance_async(BASE)


def test_a_client_that_lacks_something_itself_says_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ccxt.py").write_text("import what_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "ccxt"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError, match="what_nobody_has") as missing:
        compat.ccxt(BASE)
    assert not isinstance(missing.value, compat.LibraryMissing)


def test_the_demos_keys_and_address(tmp_path: Path) -> None:
    with pytest.raises(compat.DemoMissing, match="flowex run --demo --home"):
        compat.demo(tmp_path)
    rows = [
        {"name": name, "api_key": f"{name}-key", "api_secret": f"{name}-secret", "account": 1}
        for name in ("alice", "bob")
    ]
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": rows}))
    with pytest.raises(compat.DemoMissing):
        compat.demo(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"url": BASE, "pid": 1}))
    assert compat.demo(tmp_path) == (BASE, "alice-key", "alice-secret")
    assert compat.demo(str(tmp_path), "bob").key == "bob-key"
    with pytest.raises(KeyError):
        compat.demo(tmp_path, "carol")


def test_it_loads_no_exchange() -> None:
    program = "import sys, json, flowex.compat; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    ours = {name for name in json.loads(done.stdout) if name.partition(".")[0] == "flowex"}
    assert ours == {"flowex", "flowex.compat"}
