"""What has closed and stays in memory for a while."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Closed(Generic[V]):
    """Views that closed, oldest first.

    Beyond ``most`` they leave memory in that order, and not before the history has them; when the
    history is so late that there are more than ``unwritten_most``, they are forgotten anyway.
    """

    def __init__(self, most: int, unwritten_most: int, forget: Callable[[V], None]) -> None:
        """Call ``forget`` with each that leaves."""
        self.most = most
        self.written = 0
        """The sequence that the history reaches."""
        self._unwritten_most = unwritten_most
        self._forget = forget
        self._views: deque[tuple[int, V]] = deque()  # bounded: see add

    def add(self, view: V, sequence: int) -> None:
        """Take a view that a command closed."""
        views = self._views
        views.append((sequence, view))
        while len(views) > self.most and (
            views[0][0] <= self.written or len(views) > self._unwritten_most
        ):
            self._forget(views.popleft()[1])
