"""What the engine has counted, in the words of Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from flowex.engine.sequencer import Sequencer
from flowex.messages.results import ResultCode
from flowex.units.instants import SECOND


class EngineCollector(Collector):
    """Reads the sequencer's counters when Prometheus asks."""

    def __init__(self, sequencer: Sequencer) -> None:
        """Read from this sequencer."""
        self._sequencer = sequencer

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted since the start of the process."""
        counters = self._sequencer.counters
        yield CounterMetricFamily("flowex_frames", "Frames journaled", counters.frames)
        yield CounterMetricFamily("flowex_events", "Events told", counters.events)
        refusals = CounterMetricFamily(
            "flowex_refusals", "Commands refused, by result code", labels=["code"]
        )
        for code, count in sorted(counters.refusals.items()):
            refusals.add_metric([ResultCode(code).name], count)
        yield refusals
        yield self._sync_seconds()
        yield CounterMetricFamily("flowex_snapshots", "Snapshots written", counters.snapshots)
        yield CounterMetricFamily(
            "flowex_snapshot_failures", "Snapshots not written", counters.snapshot_failures
        )
        yield GaugeMetricFamily(
            "flowex_snapshot_pause_seconds_max",
            "Longest pause between two frames for a snapshot",
            counters.snapshot_pause_us_max / SECOND,
        )

    def _sync_seconds(self) -> Metric:
        histogram = self._sequencer.counters.sync_us
        buckets, seen = [], 0
        for bound, count in zip(histogram.bounds, histogram.counts, strict=False):
            seen += count
            buckets.append((str(bound / SECOND), seen))
        buckets.append(("+Inf", histogram.count))
        family = HistogramMetricFamily("flowex_sync_seconds", "Append and sync of a frame")
        family.add_metric([], buckets, histogram.total / SECOND)
        return family
