"""Keys that open a user stream for an hour, one per account."""

from typing import Final

from flowex.ports.entropy import Entropy
from flowex.units.instants import HOUR

LIFE: Final = HOUR
KEYS_MAX: Final = 100_000
_BYTES: Final = 32


class ListenKeys:
    """Makes, renews and checks listen keys; ``now`` in µs."""

    def __init__(self, entropy: Entropy) -> None:
        """Start with none."""
        self._entropy = entropy
        self._by_account: dict[int, str] = {}
        self._keys: dict[str, tuple[int, int]] = {}

    def create(self, account: int, now: int) -> str:
        """Return the account's live key, renewed, or a new one."""
        key = self._by_account.get(account, "")
        if not self.renew(account, key, now):
            self._keys.pop(key, None)
            self._forget_expired(now)
            key = self._entropy.token(_BYTES).hex()
            self._by_account[account] = key
            self._keys[key] = (account, now + LIFE)
        return key

    def renew(self, account: int, key: str, now: int) -> bool:
        """Give the account's key another hour; whether it was alive."""
        if self.account(key, now) != account:
            return False
        self._keys[key] = (account, now + LIFE)
        return True

    def close(self, account: int, key: str) -> bool:
        """End the account's key; whether there was one."""
        if self._keys.get(key, (0, 0))[0] != account:
            return False
        del self._keys[key]
        del self._by_account[account]
        return True

    def account(self, key: str, now: int) -> int:
        """Return whose live key it is, or 0."""
        account, until = self._keys.get(key, (0, 0))
        return account if until > now else 0

    def _forget_expired(self, now: int) -> None:
        if len(self._keys) < KEYS_MAX:
            return
        for key, (account, until) in tuple(self._keys.items()):
            if until <= now:
                del self._keys[key]
                self._by_account.pop(account, None)
