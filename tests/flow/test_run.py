"""`flowex run`: started, stopped, killed, started again; whatever was acknowledged is there."""

import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flow.child_exchange import Child

ORDERS = 200


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child(tmp_path, "--demo", "--no-bots", "--no-rate-limits").start()
    try:
        yield child
    finally:
        child.finish()


def seen_by(child: Child) -> dict[str, Any]:
    """Return everything alice and the public can see that must not change with a restart."""
    symbol = {"symbol": "BTCUSDT"}
    return {
        "account": child.get("/api/v3/account", "alice")["balances"],
        "open": child.get("/api/v3/openOrders", "alice"),
        "orders": child.get("/api/v3/allOrders", "alice", **symbol),
        "fills": child.get("/api/v3/myTrades", "alice", **symbol),
        "trades": child.get("/api/v3/trades", **symbol),
        "book": child.get("/api/v3/depth", **symbol),
        "candles": child.get("/api/v3/klines", interval="1m", **symbol)[:1],
    }


def test_orders_live_through_a_clean_stop(child: Child) -> None:
    resting = child.order("alice", "BUY", "0.5", price="50000")
    filled = child.order("bob", "SELL", "0.2")
    assert (filled["status"], filled["cummulativeQuoteQty"]) == ("FILLED", "10000.00000000")
    gone = child.order("alice", "SELL", "0.1", price="70000")
    answer = child.ask(
        "DELETE", "/api/v3/order", "alice", symbol="BTCUSDT", orderId=str(gone["orderId"])
    )
    assert answer.body["status"] == "CANCELED"
    before, sequence = seen_by(child), child.get("/status")["sequence"]
    assert [one["orderId"] for one in before["open"]] == [resting["orderId"]]
    assert [one["qty"] for one in before["fills"]] == ["0.20000000"]

    assert child.stop(signal.SIGINT) == 0, child.log.read_text()
    assert "snapshot at" in child.log.read_text()
    child.start()

    assert seen_by(child) == before
    status = child.get("/status")
    assert (status["sequence"], status["snapshotSequence"]) == (sequence, sequence)
    assert child.stop(signal.SIGTERM) == 0, child.log.read_text()


def test_what_was_acknowledged_lives_through_a_kill(child: Child) -> None:
    acknowledged = [
        child.order("alice", "BUY", "0.01", price=f"{50_000 + number}")["orderId"]
        for number in range(ORDERS // 2)
    ]
    child.order("bob", "SELL", "0.1")
    acknowledged += [
        child.order("alice", "BUY", "0.01", price=f"{40_000 + number}")["orderId"]
        for number in range(ORDERS // 2)
    ]
    before = seen_by(child)

    child.kill()
    child.start()

    assert seen_by(child) == before
    found = {one["orderId"] for one in before["orders"]}
    lost = set(acknowledged) - found
    print(f"acknowledged {len(acknowledged)}, lost {len(lost)}")
    assert not lost
    assert child.stop() == 0, child.log.read_text()


def test_pages_tell_how_the_exchange_is(child: Child) -> None:
    assert child.get("/healthz") == {"status": "ok"}
    assert child.get("/readyz") == {"status": "TRADING"}
    status = child.get("/status")
    assert status["state"] == "TRADING"
    assert status["engine"] in {"native", "reference"}
    assert set(status["lag"]) == {"trading", "market_data", "ledger"}


def test_keys_are_for_their_owner_alone(child: Child) -> None:
    mode = child.home.demo_keys.stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_one_exchange_per_home(child: Child, tmp_path: Path) -> None:
    second = Child(tmp_path, "--demo")
    second.home.run_file.rename(tmp_path / "aside")
    with pytest.raises(AssertionError, match="already running"):
        second.start()
    (tmp_path / "aside").rename(second.home.run_file)


def test_a_busy_port_moves_to_the_next_one(child: Child, tmp_path: Path) -> None:
    port = child.url.rpartition(":")[2]
    other = tmp_path / "other"
    other.mkdir()
    second = Child(other, "--demo", "--no-bots", "--port", port)
    try:
        second.start()
        assert second.url != child.url
        assert f"Port {port} is busy" in second.log.read_text()
    finally:
        second.finish()


def test_a_demo_needs_demo_markets(tmp_path: Path) -> None:
    bare = Child(tmp_path)
    bare.start()
    assert bare.get("/api/v3/exchangeInfo")["symbols"] == []
    assert bare.stop() == 0
    with pytest.raises(AssertionError, match="founded without --demo"):
        Child(tmp_path, "--demo").start()


def test_a_stopped_first_start_leaves_nothing(tmp_path: Path) -> None:
    child = Child(tmp_path, "--demo", "--past-hours", "168")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "home", Interrupting(child))
        with pytest.raises(AssertionError, match="before the exchange was founded"):
            child.start()
    assert [path.name for path in child.home.root.iterdir()] == ["lock"]


class Interrupting:
    """A home that, when it is asked for the running exchange, interrupts its founding once."""

    def __init__(self, child: Child) -> None:
        self._child, self._home, self._sent = child, child.home, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._home, name)

    def running(self) -> None:
        database = self._home.unfinished / "flowex.db-wal"
        if not self._sent and database.exists() and database.stat().st_size > 1_000_000:
            self._child.process.send_signal(signal.SIGINT)
            self._sent = True
