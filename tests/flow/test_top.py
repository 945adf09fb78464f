"""`flowex top` in front of a running exchange: one frame, and a terminal with a person at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flow.child_exchange import Child
from flow.terminal import Terminal
from rich.cells import cell_len

from flowex.app.cli import main


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    child = Child(tmp_path_factory.mktemp("top"), "--demo", "--no-bots").start()
    child.order("alice", "SELL", "0.02", price="60000")
    child.order("alice", "BUY", "0.5", price="59000")
    child.order("bob", "BUY", "0.01")
    try:
        yield child
    finally:
        child.finish()


def once(child: Child, *words: str, exit_code: int = 0) -> list[str]:
    result = CliRunner(env={"COLUMNS": "80", "LINES": "24", "LANG": "C"}).invoke(
        main, ["top", "--once", "--home", str(child.home.root), *words]
    )
    assert result.exit_code == exit_code, result.output
    return [line.rstrip() for line in result.output.splitlines()]


@contextmanager
def at(child: Child, *words: str, lang: str = "C") -> Iterator[Terminal]:
    terminal = Terminal("top", "--home", str(child.home.root), *words, lang=lang)
    try:
        yield terminal
    finally:
        terminal.close()


def selected(frame: list[str]) -> str:
    """Return the market whose book and tape are shown."""
    return next((line.split()[1] for line in frame if line.startswith("── ")), "")


def test_one_frame(child: Child) -> None:
    frame = once(child)
    assert all(len(line) <= 80 for line in frame)
    about, rates, health, message, head, btc, eth_btc, eth, rule, names, best = frame[:11]
    assert about.split()[0] == "FlowEx"
    assert about.endswith(child.url)
    assert "TRADING" in about
    assert rates == "per second  commands –  events –  requests –  refused –  sync –"
    assert health.startswith("queue 0  stream –  clients ")
    assert message == ""
    assert head.split() == ["market▲", "last", "24", "h", "%", "volume", "high", "low", "trades"]
    assert btc.split() == ["BTCUSDT", "60000.00", "+0.00", "600", "60000.00", "60000.00", "1"]
    assert eth_btc.split() == ["ETHBTC", *"––––––"]
    assert eth.split() == ["ETHUSDT", *"––––––"]
    assert rule.startswith("── BTCUSDT ──")
    assert names.split() == ["quantity", "bid", "ask", "quantity", "time", "price", "quantity"]
    *book, _, arrow, price, quantity = best.split()
    assert book == ["0.50000", "59000.00", "60000.00", "0.01000"]
    assert (arrow, price, quantity) == ("▲", "60000.00", "0.01000")
    assert len(frame) == 11  # As many as there is something to say.


def test_one_frame_of_another_market_in_chinese(child: Child) -> None:
    frame = once(child, "ethusdt", "--lang", "zh", "--sort", "volume")
    assert "交易中" in frame[0]
    assert frame[4].split()[:2] == ["市场", "最新价"]
    assert "成交额▼" in frame[4]
    assert selected(frame) == "ETHUSDT"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("DOGEUSDT",), "there is no market DOGEUSDT: choose one of BTCUSDT, ETHUSDT, ETHBTC"),
        (("--url", "http://127.0.0.1:9"), "http://127.0.0.1:9: Connection refused"),
        (("--url", "127.0.0.1"), "an address is like http://127.0.0.1:8080"),
        (("--lang", "fr"), "'fr' is not one of 'en', 'zh'"),
    ],
)
def test_faults_are_said_in_words(child: Child, words: tuple[str, ...], why: str) -> None:
    code = 2 if "--lang" in words else 1
    assert why in "\n".join(once(child, *words, exit_code=code))


def test_without_an_exchange_it_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["top", "--once", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "flowex run --demo" in result.output


def test_a_live_view_needs_a_terminal(child: Child) -> None:
    result = CliRunner().invoke(main, ["top", "--home", str(child.home.root)])
    assert result.exit_code == 1
    assert "--once" in result.output


def test_a_person_looks_around(child: Child) -> None:
    with at(child) as terminal:
        terminal.until_shown("0.50000")
        child.order("bob", "BUY", "0.003", price="59500")
        terminal.until_shown("59500.00")
        child.order("alice", "SELL", "0.001", price="59500")
        terminal.until_shown("▼ 59500.00")
        terminal.until(lambda frame: "commands –" not in frame[1], "rates")
        terminal.type("\x1b[B")
        terminal.until(lambda frame: selected(frame) == "ETHBTC", "the market below")
        terminal.type("j")
        terminal.until(lambda frame: selected(frame) == "ETHUSDT", "the market below that")
        bid = {"symbol": "ETHUSDT", "type": "LIMIT", "timeInForce": "GTC", "price": "3000"}
        child.ask("POST", "/api/v3/order", "alice", side="BUY", quantity="0.1", **bid)
        terminal.until_shown("3000.00")
        terminal.type("\x1b[A\x1b[A")
        terminal.until_shown("▼ 59500.00")
        terminal.type("s")
        terminal.until_shown("24 h %▼")
        terminal.type("r")
        terminal.until_shown("24 h %▲")
        terminal.type("l")
        terminal.until_shown("24 小时 %▲")
        terminal.resize(120, 30)
        terminal.until(lambda frame: cell_len(frame[0]) == 120, "a larger frame")
        terminal.resize(50, 10)
        terminal.until(lambda frame: selected(frame) == "BTCUSDT", "a small one")
        terminal.type("q")
        assert terminal.wait() == 0
        assert terminal.is_as_before()
        assert terminal.written.endswith(b"\x1b[?1049l\x1b[?25h")


@pytest.mark.parametrize("keys", ["q", "\x03"])
def test_it_can_be_left_at_any_time(child: Child, keys: str) -> None:
    with at(child, "--url", "http://127.0.0.1:9") as terminal:
        terminal.until_shown("No exchange answers at http://127.0.0.1:9: Connection refused.")
        terminal.type(keys)
        assert terminal.wait() == 0
        assert terminal.is_as_before()


def test_the_terminals_language_is_spoken(child: Child) -> None:
    with at(child, lang="zh_CN.UTF-8") as terminal:
        terminal.until_shown("退出")


def test_an_exchange_that_stops_is_waited_for(tmp_path: Path) -> None:
    child = Child(tmp_path, "--demo", "--no-bots")
    try:
        with at(child) as terminal:
            terminal.until_shown("No exchange is running in")
            child.start()
            terminal.until(lambda frame: frame[0].endswith(child.url), "the exchange")
            terminal.until(lambda frame: frame[3] == "", "no complaint")
            assert child.stop() == 0
            frame = terminal.until_shown("Next try in ")
            assert selected(frame) == "BTCUSDT"
            child.start()
            terminal.until(
                lambda frame: frame[0].endswith(child.url) and not frame[3], "the new address"
            )
            child.kill()
            terminal.until_shown("Next try in ")
            terminal.type("q")
            assert terminal.wait() == 0
    finally:
        child.finish()
