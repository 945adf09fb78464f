"""The stories of the clients: each told once, whatever the number of tests and processes."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from flow.foreign.cast import HANDS, scenes_of
from flow.foreign.story import Story, tell

Stories = Callable[[str], Story]


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Stories:
    """Return a client's story; the first process to ask tells it, others wait and read it."""
    base = tmp_path_factory.getbasetemp()
    # Workers of one run have their folders side by side.
    shared = base.parent if base.name.startswith("popen-") else base
    known: dict[str, Story] = {}

    def story_of(client: str) -> Story:
        if client not in known:
            known[client] = _told(client, shared / f"foreign-{client}.json", tmp_path_factory)
        return known[client]

    return story_of


def _told(client: str, file: Path, folders: pytest.TempPathFactory) -> Story:
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            story = tell(HANDS[client], scenes_of(client), folders.mktemp(client))
            file.write_bytes(msgspec.json.encode(story))
    return msgspec.json.decode(file.read_bytes(), type=Story)
