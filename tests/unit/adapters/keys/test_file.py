import json
import re
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.entropy.system import SystemEntropy
from flowex.adapters.keys import file
from flowex.adapters.keys.file import FileKeys, KeyFileError, NamedKey, make_keys, read_keys
from flowex.ports.keys import Permission

RSA_2048 = rsa.generate_private_key(65_537, 2_048).public_key()
PEOPLE = {"alice": 2, "bob": 3}


def test_keys_are_written_for_their_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    made = make_keys(path, PEOPLE, SystemEntropy())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(path) == list(made)
    accounts = json.loads(path.read_text())["accounts"]
    assert [one["name"] for one in accounts] == ["alice", "bob"]
    for one in accounts:
        for word in (one["api_key"], one["api_secret"]):
            assert re.fullmatch("[A-Za-z0-9]{64}", word)
    assert len({word for one in accounts for word in (one["api_key"], one["api_secret"])}) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]


def test_a_key_is_found_with_its_account(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "demo.json", PEOPLE, SeededEntropy(1))
    keys = FileKeys(made)
    bob = keys.find(made[1].api_key)
    assert bob is not None
    assert (bob.account, bob.hmac_secret) == (3, made[1].api_secret.encode())
    assert bob.permissions == Permission.READ | Permission.TRADE | Permission.TRANSFER
    assert keys.find("x" * 64) is None
    assert FileKeys().find(made[0].api_key) is None


def pem(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_who_signs_with_a_private_key_leaves_the_public_one(tmp_path: Path) -> None:
    ed25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    rows = [
        {"name": name, "api_key": name, "api_secret": "", "account": 2, "public_key": pem(key)}
        for name, key in (("edward", ed25519), ("rosa", RSA_2048))
    ]
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"accounts": rows}))
    keys = FileKeys(read_keys(path))
    edward, rosa = keys.find("edward"), keys.find("rosa")
    assert edward is not None
    assert rosa is not None
    assert edward.ed25519_public == ed25519.public_bytes_raw()
    assert load_der_public_key(rosa.rsa_public) == RSA_2048
    assert (edward.hmac_secret, rosa.hmac_secret) == (b"", b"")


@pytest.mark.parametrize(
    "public_key",
    [
        "nonsense",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        pem(rsa.generate_private_key(65_537, 1_024).public_key()),
        pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
    ],
)
def test_a_public_key_of_another_kind_is_refused_with_its_owner_named(public_key: str) -> None:
    with pytest.raises(KeyFileError, match="mallory"):
        FileKeys([NamedKey("mallory", "k", "", 2, public_key)])


def test_every_letter_is_as_likely_as_any_other() -> None:
    letters: dict[str, int] = {}
    entropy = SeededEntropy(5)
    for _ in range(200):
        for letter in file._word(entropy):
            letters[letter] = letters.get(letter, 0) + 1
    assert len(letters) == 62
    assert max(letters.values()) < 1.5 * min(letters.values())


@pytest.mark.parametrize("content", [None, "", "{", '{"accounts": 1}', '{"accounts":[{}]}'])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "demo.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeyFileError, match=r"demo\.json"):
        read_keys(path)
