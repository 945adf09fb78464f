"""A terminal for tests: a program runs in it, keys are typed, and what stands on it is read."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

from waiting import eventually_blocking

STOP_SECONDS_MAX = 20
# The terminal becomes the program's own, so that it sends the signals of Ctrl-C and of a resize.
_OWN = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
_PROGRAM = (sys.executable, "-c", f"{_OWN}; from flowex.app.cli import main; main()")
# A program believes these more than the terminal.
_SIZES = ("COLUMNS", "LINES")
_HOME = b"\x1b[H"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A pseudo-terminal with `flowex` in it; each frame of the program begins at the top."""

    def __init__(self, *words: str, columns: int = 80, lines: int = 24, lang: str = "C") -> None:
        self._master, slave = pty.openpty()
        self.resize(columns, lines)
        self.attributes = termios.tcgetattr(slave)
        environment = {name: value for name, value in os.environ.items() if name not in _SIZES}
        self.process = subprocess.Popen(
            [*_PROGRAM, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment | {"TERM": "xterm-256color", "LANG": lang, "LC_ALL": ""},
            start_new_session=True,
        )
        os.set_blocking(self._master, False)
        self._slave = slave
        self.written = b""

    def frame(self) -> list[str]:
        """Return the lines of the last frame that fills the terminal, without colours."""
        self._drain()
        for written in reversed(self.written.split(_HOME)):
            text = _ESCAPES.sub("", written.decode("utf-8", "replace")).replace("\r", "")
            frame = [line.rstrip() for line in text.split("\n")]
            if len(frame) == self._lines:  # Another may be only half here, or of another size.
                return frame
        return [""] * self._lines

    def until(self, condition: Callable[[list[str]], Any], what: str) -> list[str]:
        """Wait for a frame of which the condition is true, and return it."""

        def look() -> list[str] | None:
            assert self.process.poll() is None, self.written.decode("utf-8", "replace")
            frame = self.frame()
            return frame if condition(frame) else None

        try:
            frame = eventually_blocking(look, what)
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *self.frame()])) from error
        assert frame is not None
        return frame

    def until_shown(self, text: str) -> list[str]:
        """Wait for a frame that has the text."""
        return self.until(lambda frame: text in "\n".join(frame), repr(text))

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size."""
        self._lines = lines
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def wait(self) -> int:
        """Return the exit code, once the program has ended by itself."""

        def ended() -> bool:
            self._drain()  # Or it waits for us to read its last words.
            return self.process.poll() is not None

        eventually_blocking(ended, "the end of the program")
        self._drain()
        return self.process.wait(STOP_SECONDS_MAX)

    def is_as_before(self) -> bool:
        """Tell whether the terminal was left as it was found."""
        return termios.tcgetattr(self._slave) == self.attributes

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_SECONDS_MAX)
        os.close(self._master)
        os.close(self._slave)

    def _drain(self) -> None:
        try:
            while data := os.read(self._master, 1 << 16):
                self.written += data
        except (BlockingIOError, OSError):
            return
