"""What a load generator asks for, and what it makes of the answers; the same for every transport.

Each connection places limit orders around a fixed price. Nine of ten rest; one of ten meets the
other side and trades. When a connection has ``RESTING_MAX`` orders resting it cancels its oldest
before it places the next. So about half of the requests are cancels, a few of which come too late
because somebody has traded with the order: that is refused by the machine, and counted apart.

Every answer is checked: it has to be about the order that was asked for. At the end the number of
answers has to equal the number of commands that the exchange's own sequence says it journaled.
"""

import hashlib
import hmac
import random
import time
from array import array
from collections import Counter, deque
from typing import Final, NamedTuple

SYMBOL: Final = "BTCUSDT"
RESTING_MAX: Final = 20
QUANTITY: Final = "0.00100"
_MIDDLE_CENTS: Final = 5_000_000
_LEVELS: Final = 200
_LEVEL_CENTS: Final = 25
_CROSSING_SHARE: Final = 0.1


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


class Wanted(NamedTuple):
    """A place (``price`` is text) or a cancel (``price`` is empty), by client order id."""

    client_id: str
    side: str
    price: str

    @property
    def is_place(self) -> bool:
        """Whether an order is placed."""
        return bool(self.price)


class Tally:
    """What all connections of one process have been answered."""

    def __init__(self) -> None:
        """Start with nothing; latencies are kept only while ``is_measuring``."""
        self.counts: Counter[str] = Counter()
        self.latencies_ns = array("q")
        self.is_measuring = False
        self.first_unexpected = ""

    @property
    def answered(self) -> int:
        """How many requests were answered as they should."""
        return self.counts["placed"] + self.counts["canceled"] + self.counts["too_late"]


class Flow:
    """The orders of one connection."""

    def __init__(self, name: str, seed: int, tally: Tally) -> None:
        """Name client ids by ``name``; the same seed asks for the same orders."""
        self._name = name
        self._tally = tally
        self._random = random.Random(seed)
        self._number = 0
        self._resting: deque[str] = deque()
        self._prices = {
            "BUY": [_price(_MIDDLE_CENTS - 1 - i * _LEVEL_CENTS) for i in range(_LEVELS)],
            "SELL": [_price(_MIDDLE_CENTS + 1 + i * _LEVEL_CENTS) for i in range(_LEVELS)],
        }

    def next(self) -> Wanted:
        """Return the next request."""
        if len(self._resting) >= RESTING_MAX:
            return Wanted(self._resting.popleft(), "", "")
        self._number += 1
        chance = self._random.random()
        side, other = ("BUY", "SELL") if self._number & 1 else ("SELL", "BUY")
        level = int(chance * _LEVELS)
        if chance < _CROSSING_SHARE:
            price = self._prices[other][level]
        else:
            price = self._prices[side][level]
        return Wanted(f"{self._name}{self._number:x}", side, price)

    def answered(self, wanted: Wanted, status: int, content: bytes, began_ns: int) -> None:
        """Take an answer: HTTP-like status and JSON text."""
        tally = self._tally
        if tally.is_measuring:
            tally.latencies_ns.append(time.perf_counter_ns() - began_ns)
        told = wanted.client_id.encode()
        if status == 200 and b'lientOrderId":"' + told + b'"' in content:
            tally.counts["placed" if wanted.price else "canceled"] += 1
            if wanted.price:
                if b'"status":"FILLED"' in content:
                    tally.counts["traded"] += 1
                else:
                    self._resting.append(wanted.client_id)
        elif not wanted.price and b'"code":-2011' in content:
            tally.counts["too_late"] += 1
        else:
            tally.counts["unexpected"] += 1
            if not tally.first_unexpected:
                tally.first_unexpected = f"{wanted} -> {status} {content.decode()}"


def hmac_hex(secret: bytes, payload: bytes) -> str:
    """Return the HMAC-SHA256 signature of a payload."""
    return hmac.digest(secret, payload, hashlib.sha256().name).hex()


def now_ms() -> int:
    """Return the time as requests state it."""
    return time.time_ns() // 1_000_000


def percentile(sorted_values: list[int], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie; 0 when there are none."""
    if not sorted_values:
        return 0.0
    return float(sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))])
