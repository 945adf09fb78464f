"""The clock that is moved by hand."""

from flowex.adapters.clock.manual import ManualClock


def test_it_moves_by_hand_only_and_both_ways() -> None:
    clock = ManualClock(5)
    assert clock.now() == clock.now() == 5
    assert clock.advance(10) == 15
    assert clock.advance(-20) == clock.now() == -5
    clock.set(7)
    assert clock.now() == 7
