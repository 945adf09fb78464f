"""The terminal while the view is live: keys in, frames out, and everything put back at the end."""

import asyncio
import logging
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.control import Control

from flowex.app.top.follow import Follower
from flowex.app.top.screen import draw
from flowex.app.top.state import State
from flowex.app.top.words import LANGUAGES, WORDS

FRAME_SECONDS: Final = 0.1
"""The shortest time between two frames; a person reads no faster."""

KEYS: Final = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"k": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"j": "down",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"s": "sort",
    b"r": "reverse",
    b"l": "language",
    b"q": "quit",
}
"""What terminals send, and what it means here."""

_PAGE: Final = 10
_STEPS: Final = {"up": -1, "down": 1, "page up": -_PAGE, "page down": _PAGE}
_READ_BYTES: Final = 1_024
_CHARACTERS: Final = 6
"""Where a terminal's attributes have its control characters: see the module termios."""

_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class View:
    """A person in front of a state."""

    state: State
    follower: Follower
    language: str
    is_over: bool = False

    def press(self, key: str) -> None:
        """Do what a key means."""
        state = self.state
        if key in _STEPS:
            state.step(_STEPS[key])
            self.follower.choose()
        elif key == "sort":
            state.next_sort()
        elif key == "reverse":
            state.is_reversed = not state.is_reversed
        elif key == "language":
            self.language = LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]
        elif key == "quit":
            self.is_over = True
        self.follower.changed.set()


def keys_of(data: bytes) -> Iterator[str]:
    """Yield the keys in what a terminal sent; what means nothing here is passed over."""
    while data:
        known = next((code for code in KEYS if data.startswith(code)), None)
        if known is not None:
            yield KEYS[known]
        data = data[len(known) if known else 1 :]


async def watch(view: View, console: Console, descriptor: int) -> None:
    """Show the view until somebody ends it; keys are read from the descriptor, a terminal's."""
    loop, changed = asyncio.get_running_loop(), view.follower.changed
    # Without a handler the last words of a connection would be written across the view.
    logging.getLogger().addHandler(logging.NullHandler())

    def read() -> None:
        data = os.read(descriptor, _READ_BYTES)
        for key in keys_of(data) if data else ("quit",):  # A terminal that has gone.
            view.press(key)

    def end() -> None:
        view.press("quit")

    following = asyncio.create_task(view.follower.run())
    following.add_done_callback(lambda _: changed.set())
    try:
        with _keys_at_once(descriptor, read), _signals(loop, end, changed.set):
            await _show(view, console, following)
    finally:
        following.cancel()
    if following.done() and not following.cancelled():
        following.result()  # It goes on for ever, so it can have ended by a bug only.


async def _show(view: View, console: Console, following: "asyncio.Task[None]") -> None:
    changed = view.follower.changed
    with console.screen(hide_cursor=True) as screen:
        while not (view.is_over or following.done()):
            changed.clear()
            with console:  # One write: nobody sees half a frame.
                console.control(Control.home())
                screen.update(draw(view.state, WORDS[view.language], console.size))
            await asyncio.sleep(FRAME_SECONDS)
            await changed.wait()


@contextmanager
def _keys_at_once(descriptor: int, read: Callable[[], None]) -> Iterator[None]:
    """Have keys sent as they are pressed, and not shown; Ctrl-C stays a signal, Ctrl-Z does not.

    Stopped by Ctrl-Z, it would leave the terminal to the shell as it is now.
    """
    loop, before = asyncio.get_running_loop(), termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[_CHARACTERS][termios.VSUSP] = bytes([os.fpathconf(descriptor, "PC_VDISABLE")])
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _signals(
    loop: asyncio.AbstractEventLoop, end: Callable[[], None], resized: Callable[[], object]
) -> Iterator[None]:
    """Listen to those who want an end, and to the terminal when its size changes."""
    for number in _ENDS:
        loop.add_signal_handler(number, end)
    loop.add_signal_handler(signal.SIGWINCH, resized)
    try:
        yield
    finally:
        for number in (*_ENDS, signal.SIGWINCH):
            loop.remove_signal_handler(number)
