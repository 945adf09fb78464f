"""Listen keys: one an account, an hour each, and nothing left of those that ran out."""

from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.services.gateway.listen_keys import LIFE, ListenKeys


def test_a_key_that_ran_out_leaves_nothing_behind() -> None:
    keys = ListenKeys(SeededEntropy(1))
    old = keys.create(7, now=0)
    new = keys.create(7, now=LIFE + 1)
    assert new != old
    assert keys.account(new, LIFE + 1) == 7
    assert not keys.close(7, old)
    assert keys.close(7, new)
    assert not keys.close(7, new)
