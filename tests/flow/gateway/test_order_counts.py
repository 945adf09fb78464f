"""Unfilled orders in a running exchange: counted up when placed, down when they first trade."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flow.child_exchange import Child
from waiting import eventually_blocking


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child(tmp_path, "--demo", "--no-bots", "--no-rate-limits").start()
    try:
        yield child
    finally:
        child.finish()


def placed_today(child: Child, person: str) -> int:
    day = child.get("/api/v3/rateLimit/order", person)[1]
    assert day["interval"] == "DAY"
    return int(day["count"])


def test_a_resting_order_gives_its_place_back_when_it_trades(child: Child) -> None:
    for price in ("50000", "49000", "48000"):
        child.order("alice", "BUY", "0.5", price=price)
    assert placed_today(child, "alice") == 3
    child.order("bob", "SELL", "0.2", price="50000")
    eventually_blocking(lambda: placed_today(child, "alice") == 2, "the first fill")
    child.order("bob", "SELL", "0.8", price="49000")
    eventually_blocking(lambda: placed_today(child, "alice") == 1, "the second order's fill")
    assert placed_today(child, "bob") == 0
