"""What Prometheus is told: requests and refusals as they happen, the rest when it asks."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowex.ports.status import StatusSource

Connections = Callable[[], tuple[int, int, int]]
"""Returns (HTTP connections, WebSocket connections, slow clients dropped so far)."""

_OTHER: Final = "other"


class Metrics:
    """Counts requests; ``registry`` may hold other rooms' metrics too."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the counters."""
        self.registry = registry
        self._requests = Counter(
            "flowex_gateway_requests", "Requests by endpoint", ["endpoint"], registry=registry
        )
        self._refusals = Counter(
            "flowex_gateway_refusals", "Refusals by code", ["code"], registry=registry
        )
        # Looking a label up costs more than counting, so children are kept.
        self._by_endpoint: dict[str, Counter] = {}
        self._by_code: dict[int, Counter] = {}

    def count(self, endpoint: str | None, code: int) -> None:
        """Count a request to an endpoint of the table (None: any other) and its code (0: fine)."""
        name = endpoint or _OTHER
        requests = self._by_endpoint.get(name)
        if requests is None:
            requests = self._by_endpoint[name] = self._requests.labels(name)
        requests.inc()
        if code:
            refusals = self._by_code.get(code)
            if refusals is None:
                refusals = self._by_code[code] = self._refusals.labels(str(code))
            refusals.inc()


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
        lag = GaugeMetricFamily(
            "flowex_projection_lag", "Commands a projection is behind", labels=["projection"]
        )
        for name, commands_behind in status.lag.items():
            lag.add_metric([name], commands_behind)
        yield lag
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
