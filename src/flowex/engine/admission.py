"""How much may be on its way to the engine at once, and for whom."""

from dataclasses import dataclass

from flowex.engine.commit import Request
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Priority


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
        reserve = self._limits.reserve if priority is Priority.ORDER else 0
        if len(self._inside) >= self._limits.in_flight - reserve:
            return ResultCode.BUSY
        counted = priority is not Priority.INTERNAL
        if counted and self._by_account.get(account, 0) >= self._limits.account_in_flight:
            return ResultCode.ACCOUNT_BUSY
        return ResultCode.OK

    def enter(self, request: Request) -> None:
        """Let a request in."""
        self._inside.add(request)
        if request.account:
            self._by_account[request.account] = self._by_account.get(request.account, 0) + 1

    def leave(self, request: Request) -> None:
        """Let a request out."""
        self._inside.discard(request)
        if request.account:
            left = self._by_account[request.account] - 1
            if left:
                self._by_account[request.account] = left
            else:
                del self._by_account[request.account]

    def empty(self) -> list[Request]:
        """Let everybody out and return them."""
        left, self._inside = list(self._inside), set()
        self._by_account.clear()
        return left
