"""What Prometheus is told: requests and refusals as they happen, the rest when it asks."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowex.ports.status import Status, StatusSource

Connections = Callable[[], tuple[int, int, int]]
"""Returns (HTTP connections, WebSocket connections, slow clients dropped so far)."""

_OTHER: Final = "other"


class Metrics(Collector):
    """Counts requests; ``registry`` may hold other rooms' metrics too.

    Plain integers, read when Prometheus asks: the library's own counters take a lock each time.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the counters."""
        self.registry = registry
        self._requests: Counter[str] = Counter()
        self._refusals: Counter[int] = Counter()
        registry.register(self)

    def count(self, endpoint: str | None, code: int) -> None:
        """Count a request to an endpoint of the table (None: any other) and its code (0: fine)."""
        self._requests[endpoint or _OTHER] += 1
        if code:
            self._refusals[code] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted since the start of the process."""
        requests = CounterMetricFamily(
            "flowex_gateway_requests", "Requests by endpoint", labels=["endpoint"]
        )
        for endpoint, count in sorted(self._requests.items()):
            requests.add_metric([endpoint], count)
        yield requests
        refusals = CounterMetricFamily(
            "flowex_gateway_refusals", "Refusals by code", labels=["code"]
        )
        for code, count in sorted(self._refusals.items()):
            refusals.add_metric([str(code)], count)
        yield refusals


class StatusCollector(Collector):
    """Reads the exchange's status when Prometheus asks."""

    def __init__(self, source: StatusSource, connections: Connections) -> None:
        """Read from these."""
        self._source = source
        self._connections = connections

    def collect(self) -> Iterator[Metric]:
        """Yield the state of things right now."""
        status = self._source.status()
        commands = CounterMetricFamily("flowex_commands", "Commands applied since Genesis")
        commands.add_metric([], status.sequence)
        yield commands
        yield GaugeMetricFamily("flowex_queue", "Commands waiting", status.queue)
        yield from _projections(status)
        http, websockets, evicted = self._connections()
        connections = GaugeMetricFamily(
            "flowex_gateway_connections", "Open connections", labels=["kind"]
        )
        connections.add_metric(["http"], http)
        connections.add_metric(["websocket"], websockets)
        yield connections
        dropped = CounterMetricFamily(
            "flowex_gateway_slow_clients", "WebSocket clients dropped for not reading"
        )
        dropped.add_metric([], evicted)
        yield dropped


def _projections(status: Status) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "flowex_projection_lag", "Commands a projection is behind", labels=["projection"]
    )
    failed = GaugeMetricFamily(
        "flowex_projection_failed",
        "1 when a projection stopped writing for good: restart, and it goes on",
        labels=["projection"],
    )
    for name, commands_behind in status.lag.items():
        lag.add_metric([name], commands_behind)
        failed.add_metric([name], int(name in status.failed))
    yield lag
    yield failed
