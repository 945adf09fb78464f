import json
import re
import stat
from pathlib import Path

import pytest

from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.adapters.entropy.system import SystemEntropy
from flowex.adapters.keys import file
from flowex.adapters.keys.file import FileKeys, KeyFileError, make_keys, read_keys
from flowex.ports.keys import Permission

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
    assert bob.permissions == Permission.READ | Permission.TRADE
    assert keys.find("x" * 64) is None
    assert FileKeys().find(made[0].api_key) is None


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
