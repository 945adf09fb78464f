"""Waiting in tests: for a condition, with a deadline, and never for a length of time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

DEADLINE_SECONDS = 20.0
_PAUSE_SECONDS = 0.005


async def eventually(condition: Callable[[], Value], what: str = "the condition") -> Value:
    """Let the loop run until the condition is true, and return its value."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true in {DEADLINE_SECONDS} s"
        await asyncio.sleep(_PAUSE_SECONDS)
    return value


def eventually_blocking(condition: Callable[[], Value], what: str = "the condition") -> Value:
    """Watch another process or thread until the condition is true, and return its value."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true in {DEADLINE_SECONDS} s"
        time.sleep(_PAUSE_SECONDS)
    return value
