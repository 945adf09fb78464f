"""Chance that repeats."""

from flowex.adapters.entropy.seeded import SeededEntropy


def test_a_seed_gives_the_same_bytes_however_they_are_asked_for() -> None:
    one, other = SeededEntropy(42), SeededEntropy(42)
    whole = one.token(100)
    assert b"".join(other.token(size) for size in (1, 32, 33, 34)) == whole
    assert whole != SeededEntropy(43).token(100)


def test_a_seed_gives_these_bytes_on_every_machine() -> None:
    assert SeededEntropy(0).token(8).hex() == "374708fff7719dd5"
