"""The engine's counters."""

from flowex.engine.counters import Histogram


def test_a_value_is_counted_at_its_bound_or_above_the_last() -> None:
    histogram = Histogram((10, 20))
    for value in (0, 10, 11, 20, 21, 1_000):
        histogram.observe(value)
    assert histogram.counts == [2, 2, 2]
    assert histogram.count == 6
    assert histogram.total == 1_062
