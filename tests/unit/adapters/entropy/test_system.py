"""The kernel's chance."""

from flowex.adapters.entropy.system import SystemEntropy


def test_it_gives_as_many_bytes_as_asked_and_others_each_time() -> None:
    entropy = SystemEntropy()
    assert len(entropy.token(33)) == 33
    assert entropy.token(16) != entropy.token(16)
