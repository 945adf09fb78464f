"""Keys, as terminals send them."""

import pytest

from flowex.app.top.follow import Follower
from flowex.app.top.state import State
from flowex.app.top.terminal import View, keys_of


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"", []),
        (b"q", ["quit"]),
        (b"\x1b[A\x1bOBjk", ["up", "down", "down", "up"]),
        (b"\x1b[5~s\x1b[6~", ["page up", "sort", "page down"]),
        (b"?x\xe4\xbd\xa0 \n", []),
        (b"\x1b", []),
    ],
)
def test_keys_are_found_in_what_a_terminal_sends(data: bytes, keys: list[str]) -> None:
    assert list(keys_of(data)) == keys


def test_keys_do_what_they_mean() -> None:
    state = State()
    view = View(state, Follower(state, lambda: "", lambda: 0), "en")
    view.press("language")
    assert view.language == "zh"
    view.press("language")
    assert view.language == "en"
    view.press("reverse")
    assert state.is_reversed
    view.press("sort")
    assert state.sort == "change"
    view.press("down")
    assert not view.is_over
    assert view.follower.changed.is_set()
    view.press("quit")
    assert view.is_over
