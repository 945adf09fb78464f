"""`flowex order`, `orders`, `cancel`, `balance` and `book` against a running exchange."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flow.child_exchange import Child

from flowex.app.cli import main


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    child = Child(tmp_path_factory.mktemp("client"), "--demo", "--no-bots").start()
    try:
        yield child
    finally:
        child.finish()


def say(child: Child, *words: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, [*words, "--home", str(child.home.root)])
    assert result.exit_code == exit_code, result.output
    return result.output


def test_a_session(child: Child) -> None:
    assert say(child, "orders") == "No open orders.\n"
    waiting = say(child, "order", "sell", "BTCUSDT", "0.02", "--price", "60000")
    number = re.fullmatch(r"Order (\d+): sell 0\.02 BTCUSDT at 60000, NEW\n", waiting)
    assert number
    assert "60000" in say(child, "orders")
    assert "60000  0.02" in say(child, "book", "btcusdt")
    bought = say(child, "order", "buy", "btcusdt", "0.01", "--account", "bob")
    assert bought.startswith(
        "Bought 0.01 of BTCUSDT for 600.00000000 (average 60000), fee 0.00001000 BTC."
    )
    assert "0.01000000" in say(child, "balance")
    assert "100.00999000" in say(child, "balance", "--account", "bob")
    assert say(child, "cancel", "BTCUSDT", number[1]) == f"Order {number[1]} is cancelled.\n"
    assert say(child, "orders", "BTCUSDT") == "No open orders.\n"


def test_orders_that_wait(child: Child) -> None:
    """The last price is 60,000, or none yet: the stops lie far from it either way."""
    waiting = [
        ("sell", "--stop", "50000"),
        ("buy", "--take-profit", "50000", "--price", "49000"),
        ("sell", "--price", "40000", "--trail", "50"),
    ]
    for side, *options in waiting:
        assert ", NEW\n" in say(child, "order", side, "BTCUSDT", "0.01", *options)
    told = [" ".join(line.split()[2:-2]) for line in say(child, "orders").splitlines()[1:]]
    assert told == [
        "STOP_LOSS SELL market 50000",
        "TAKE_PROFIT_LIMIT BUY 49000 50000",
        "STOP_LOSS_LIMIT SELL 40000 50 bp back",
    ]
    wrong = say(
        child, "order", "buy", "BTCUSDT", "1", "--stop", "1", "--take-profit", "2", exit_code=2
    )
    assert "not both" in wrong
    for line in say(child, "orders").splitlines()[1:]:
        say(child, "cancel", "BTCUSDT", line.split()[0])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("order", "buy", "BTCUSDT", "0.00001", "--price", "60000"), "Filter failure"),
        (("order", "buy", "NOSUCH", "1"), "Invalid symbol"),
        (("order", "buy", "BTCUSDT", "x"), "Illegal characters"),
        (("cancel", "BTCUSDT", "999999"), "Unknown order"),
        (("balance", "--account", "carol"), "choose one of alice, bob"),
        (("balance", "--url", "http://127.0.0.1:9"), "is the exchange running?"),
    ],
)
def test_faults_are_said_in_words(child: Child, words: tuple[str, ...], why: str) -> None:
    assert why in say(child, *words, exit_code=1)


def test_without_an_exchange_it_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["orders", "--home", str(tmp_path)])
    assert result.exit_code == 1
    assert "flowex run --demo" in result.output
