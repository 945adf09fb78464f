"""API keys in a small JSON file, for demos and tests.

``{"accounts": [{"name": ..., "api_key": ..., "api_secret": ..., "account": ...}, ...]}``

Who signs with a private key has ``"public_key"`` there (PEM: Ed25519, or RSA of 2048 or 4096 bits)
and ``""`` for a secret.

KeyFileError    the file is not readable or not of that form
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from flowex.ports.entropy import Entropy
from flowex.ports.keys import ApiKey, Permission

KEY_LENGTH: Final = 64
RSA_BITS: Final = (2_048, 4_096)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PERMISSIONS: Final = Permission.READ | Permission.TRADE | Permission.TRANSFER


class KeyFileError(Exception):
    """The file is not readable or holds no keys; the message names it."""


class NamedKey(msgspec.Struct, frozen=True):
    """One account's key, as the file has it."""

    name: str
    api_key: str
    api_secret: str
    account: int
    public_key: str = ""
    """PEM; for who signs with a private key instead of the secret."""


class KeyFile(msgspec.Struct, frozen=True):
    """The whole file."""

    accounts: Sequence[NamedKey]


class FileKeys:
    """Fulfils ``ports.keys.Keys``; keys may read and trade."""

    def __init__(self, accounts: Sequence[NamedKey] = ()) -> None:
        """Know these keys. Raises KeyFileError for a public key of another kind."""
        self._keys = {one.api_key: _api_key(one) for one in accounts}

    def find(self, key: str) -> ApiKey | None:
        """Return the key, or None."""
        return self._keys.get(key)


def _api_key(one: NamedKey) -> ApiKey:
    if not one.public_key:
        secret = one.api_secret.encode()
        return ApiKey(one.api_key, one.account, _PERMISSIONS, hmac_secret=secret)
    try:
        public = load_pem_public_key(one.public_key.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError(f"the public key of {one.name} cannot be read: {error}") from error
    if isinstance(public, Ed25519PublicKey):
        raw = public.public_bytes_raw()
        return ApiKey(one.api_key, one.account, _PERMISSIONS, ed25519_public=raw)
    if isinstance(public, RSAPublicKey) and public.key_size in RSA_BITS:
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return ApiKey(one.api_key, one.account, _PERMISSIONS, rsa_public=der)
    raise KeyFileError(f"the public key of {one.name} is not Ed25519, nor RSA of 2048 or 4096 bits")


def read_keys(path: Path) -> Sequence[NamedKey]:
    """Return the keys of a file. Raises KeyFileError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyFile).accounts
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise KeyFileError(f"{path}: {error}") from error


def make_keys(path: Path, accounts: Mapping[str, int], entropy: Entropy) -> Sequence[NamedKey]:
    """Write new keys for the accounts (number by name), for the owner's eyes only, and return them.

    Raises OSError.
    """
    made = [
        NamedKey(name, _word(entropy), _word(entropy), account)
        for name, account in accounts.items()
    ]
    working = path.with_name(path.name + ".unfinished")
    working.unlink(missing_ok=True)
    descriptor = os.open(working, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(KeyFile(made)), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    working.replace(path)
    return made


def _word(entropy: Entropy) -> str:
    """Return 64 letters and digits, each as likely as any other."""
    word = ""
    fair = 256 - 256 % len(_LETTERS)
    while len(word) < KEY_LENGTH:
        word += "".join(
            _LETTERS[byte % len(_LETTERS)] for byte in entropy.token(KEY_LENGTH) if byte < fair
        )
    return word[:KEY_LENGTH]
