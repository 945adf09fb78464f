"""What speed means here: what must be reached, what is wished for, and what a run has found."""

from statistics import median
from typing import Final, NamedTuple


class Target(NamedTuple):
    """One line of the table; ``must`` and ``goal`` are in ``unit``."""

    key: str
    name: str
    unit: str
    must: float
    goal: float
    is_floor: bool = False
    """Whether more is better."""

    def is_met(self, value: float) -> bool:
        """Whether a measured value is good enough."""
        return value >= self.must if self.is_floor else value <= self.must


TARGETS: Final = (
    Target("machine_warm", "machine, one instrument", "ns/command", 100, 60),
    Target("machine_cold", "machine, 1,000 cold instruments", "ns/command", 450, 100),
    Target("machine_single", "from Python, one command a call", "ns/command", 600, 200),
    Target("machine_64", "from Python, batches of 64", "ns/command", 150, 70),
    Target("replay", "replay", "commands/s", 2e6, 10e6, is_floor=True),
    Target(
        "ws_rate", "WebSocket, 100 connections x 8", "durable orders/s", 15e3, 150e3, is_floor=True
    ),
    Target("ws_cpu", "the same, whole process", "µs CPU/order", 40, 8),
    Target(
        "rest_rate", "REST, 64 connections, signed", "durable orders/s", 3e3, 15e3, is_floor=True
    ),
    Target("rest_cpu", "the same, whole process", "µs CPU/order", 120, 60),
    Target("ack_p50", "durable acknowledgement, 10 x 1, p50", "ms", 2, 0.4),
    Target("ack_p99", "durable acknowledgement, 10 x 1, p99", "ms", 20, 1),
    Target("candles_p99", "1,000 candles out of 26 million, p99, warm", "ms", 10, 5),
    Target(
        "queries_p99", "an account's orders and trades out of a million, p99, warm", "ms", 20, 5
    ),
    Target("memory", "memory, idle", "MB", 512, 200),
    Target("start_second", "second start", "s", 2, 1),
)


class Findings:
    """All values measured for each target, and the medians of them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.values: dict[str, list[float]] = {}

    def add(self, key: str, value: float | None) -> None:
        """Take one run's value; None is what this system cannot measure."""
        if value is not None:
            self.values.setdefault(key, []).append(value)

    def median(self, key: str) -> float | None:
        """Return the median of the runs, or None when there were none."""
        return median(self.values[key]) if key in self.values else None


def number(value: float) -> str:
    """Return a value with about three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def rows(findings: Findings) -> list[tuple[str, str, str, str, str]]:
    """Return (what, must, goal, measured, verdict) for each target."""
    table = []
    for target in TARGETS:
        sign = "≥" if target.is_floor else "≤"
        must = f"{sign} {number(target.must)} {target.unit}"
        value = findings.median(target.key)
        measured = "not measured" if value is None else number(value)
        verdict = "" if value is None or target.is_met(value) else "missed"
        table.append((target.name, must, f"{sign} {number(target.goal)}", measured, verdict))
    return table
