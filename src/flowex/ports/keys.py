"""Who an API key belongs to and what it may do."""

from dataclasses import dataclass
from enum import IntFlag
from typing import Protocol


class Permission(IntFlag):
    """What a key may do."""

    READ = 1
    TRADE = 2
    TRANSFER = 4
    WITHDRAW = 8


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the door needs it: exactly one of the secret and the two public keys is set."""

    key: str
    account: int
    permissions: Permission
    hmac_secret: bytes = b""
    ed25519_public: bytes = b""
    """32 bytes, as they are."""
    rsa_public: bytes = b""
    """DER of SubjectPublicKeyInfo; 2048 or 4096 bits."""
    addresses: tuple[str, ...] = ()


class Keys(Protocol):
    """The keys of this exchange."""

    def find(self, key: str) -> ApiKey | None:
        """Return the key, or None; a look-up in memory, never a call out."""
        ...
