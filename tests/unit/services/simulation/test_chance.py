from flowex.services.simulation.chance import Chance


def test_it_is_splitmix64() -> None:
    chance = Chance(1234567)
    assert [chance.bits() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_numbers_stay_within_their_bounds_and_reach_them() -> None:
    chance = Chance(1)
    assert {chance.between(-2, 3) for _ in range(1_000)} == {-2, -1, 0, 1, 2, 3}
    assert {chance.below(1) for _ in range(10)} == {0}


def test_odds_are_kept() -> None:
    chance = Chance(2)
    happened = sum(chance.happens(3, 10) for _ in range(100_000))
    assert 29_000 < happened < 31_000
    assert not any(chance.happens(0, 10) for _ in range(100))
    assert all(chance.happens(10, 10) for _ in range(100))


def test_normal_numbers_have_their_mean_and_deviation() -> None:
    chance = Chance(3)
    drawn = [chance.normal() for _ in range(100_000)]
    mean = sum(drawn) // len(drawn)
    assert abs(mean) < 15
    assert 980 < (sum(one * one for one in drawn) // len(drawn)) ** 0.5 < 1_020
    assert max(map(abs, drawn)) <= 3_465


def test_halving_halves() -> None:
    chance = Chance(4)
    drawn = [chance.halving(3) for _ in range(80_000)]
    counts = [drawn.count(number) for number in range(4)]
    assert 39_000 < counts[0] < 41_000
    assert 19_000 < counts[1] < 21_000
    assert counts[2] + counts[3] == 80_000 - counts[0] - counts[1]
