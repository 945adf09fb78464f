"""How much may be on its way to the engine at once, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowex.engine.commit import Request
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Priority

_ORDER: Final = Priority.ORDER
_INTERNAL: Final = Priority.INTERNAL
_OK: Final = ResultCode.OK


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """Bounds on commands submitted and not yet answered."""

    in_flight: int = 16_384
    reserve: int = 1_024
    """How many of those only cancels and internal commands may use."""
    account_in_flight: int = 4_096
    """The same for one account; internal commands are nobody's."""


class Admission:
    """Everything that was let in and has not come out again; used on the event loop only."""

    def __init__(self, limits: AdmissionLimits) -> None:
        """Begin empty."""
        self._limits = limits
        self._inside: set[Request] = set()
        self._by_account: dict[int, int] = {}  # A Counter takes a Python call for a missing key.

    def __len__(self) -> int:
        """Return how many are inside."""
        return len(self._inside)

    def check(self, account: int, priority: Priority) -> ResultCode:
        """Return OK, or BUSY or ACCOUNT_BUSY."""
        limits = self._limits
        reserve = limits.reserve if priority is _ORDER else 0
        if len(self._inside) >= limits.in_flight - reserve:
            return ResultCode.BUSY
        is_counted = priority is not _INTERNAL
        if is_counted and self._by_account.get(account, 0) >= limits.account_in_flight:
            return ResultCode.ACCOUNT_BUSY
        return _OK

    def enter(self, request: Request) -> None:
        """Let a request in."""
        self._inside.add(request)
        if request.account:
            self._by_account[request.account] = self._by_account.get(request.account, 0) + 1

    def leave_all(self, requests: Sequence[Request]) -> None:
        """Let requests out."""
        self._inside.difference_update(requests)
        counts = self._by_account
        for request in requests:
            account = request.account
            if account:
                left = counts[account] - 1
                if left:
                    counts[account] = left
                else:
                    del counts[account]

    def empty(self) -> list[Request]:
        """Let everybody out and return them."""
        left, self._inside = list(self._inside), set()
        self._by_account.clear()
        return left
