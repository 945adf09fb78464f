import pytest

from flowex.services.simulation.chance import Chance
from flowex.services.simulation.prices import DEVIATION_MAX, ONE, Worth
from flowex.units.instants import DAY, SECOND

BTC, ETH = 1, 2
ANCHORS = {BTC: 60_000 * 10**8, ETH: 3_000 * 10**8}


def test_the_same_seed_goes_the_same_way() -> None:
    once, again, other = (Worth(Chance(seed), ANCHORS) for seed in (1, 1, 2))
    for _ in range(1_000):
        for worth in (once, again, other):
            worth.step(SECOND)
    assert once.of(BTC) == again.of(BTC)
    assert once.of(BTC) != other.of(BTC)


@pytest.mark.parametrize("step", [SECOND // 4, SECOND, 20 * SECOND])
def test_a_day_is_as_wild_whatever_the_step(step: int) -> None:
    lows, highs = [], []
    for seed in range(8):
        worth = Worth(Chance(seed), ANCHORS)
        seen = []
        for _ in range(DAY // 8 // step):
            worth.step(step)
            seen.append(worth.of(BTC))
        lows.append(min(seen) * 10_000 // ANCHORS[BTC])
        highs.append(max(seen) * 10_000 // ANCHORS[BTC])
    # In three hours a coin goes about one percent up and down, here and there two or three.
    mean_range = sum(highs) // 8 - sum(lows) // 8
    assert 60 < mean_range < 400


def test_prices_come_home() -> None:
    worth = Worth(Chance(1), ANCHORS)
    worth.resume(BTC, ANCHORS[BTC] * 14 // 10)
    assert worth.of(BTC) == ANCHORS[BTC] * 14 // 10
    for _ in range(3 * DAY // (60 * SECOND)):
        worth.step(60 * SECOND)
    assert abs(worth.of(BTC) - ANCHORS[BTC]) * 100 < ANCHORS[BTC] * 15


def test_no_price_runs_away() -> None:
    worth = Worth(Chance(1), ANCHORS)
    worth.resume(ETH, 100 * ANCHORS[ETH])
    assert worth.of(ETH) == ANCHORS[ETH] * (ONE + DEVIATION_MAX) // ONE
    worth.resume(ETH, 0)
    assert worth.of(ETH) == ANCHORS[ETH] * (ONE - DEVIATION_MAX) // ONE
