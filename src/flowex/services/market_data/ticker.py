"""The last 24 hours of an instrument, kept up to date trade by trade and minute by minute.

The window opens on a minute: it is 24 hours and at most 59.999999 seconds long. All sums are exact.
"""

from collections import deque
from collections.abc import Iterable

from flowex.ports.market_data import Kline, PublicTrade, Ticker
from flowex.units.instants import DAY, MINUTE


class Day:
    """The minutes of the window, which are the candles' own, and what they add up to."""

    __slots__ = ("_high", "_low", "_minutes", "_previous_close", "_quote", "_trades", "_volume")

    def __init__(self, minutes: Iterable[Kline] = ()) -> None:
        """Begin with minutes of the past, oldest first."""
        self._minutes: deque[Kline] = deque()  # bounded: by the minutes of a day, see _expire
        self._volume = self._quote = self._trades = 0
        self._high = self._low = self._previous_close = 0
        for minute in minutes:
            self._minutes.append(minute)
            self._volume += minute.volume
            self._quote += minute.quote_volume
            self._trades += minute.trades
        self._find_extremes()

    def add(self, trade: PublicTrade, minute: Kline) -> None:
        """Take a trade and the minute that already counts it."""
        if not self._minutes or self._minutes[-1] is not minute:
            self._expire(minute.open_time)
            self._minutes.append(minute)
            if len(self._minutes) == 1:
                self._high = self._low = trade.price
        self._volume += trade.quantity
        self._quote += trade.quote_amount
        self._trades += 1
        if trade.price > self._high:
            self._high = trade.price
        elif trade.price < self._low:
            self._low = trade.price

    def ticker(self, now: int, last: PublicTrade | None, price: int) -> Ticker:
        """Return the window that ends now, whose last price that is.

        A day without a trade repeats the last price. Candles that were imported have no trades to
        name, so the first and the last are those of the exchange's own, -1 without any.
        """
        opened = self._expire(now)
        last_quantity = last.quantity if last else 0
        minutes = self._minutes
        if not minutes:
            return Ticker(
                opened, now, price, price, price, price, last_quantity, price, 0, 0, -1, -1, 0
            )
        first = minutes[0]
        return Ticker(
            opened,
            now,
            first.open,
            self._high,
            self._low,
            minutes[-1].close,
            last_quantity,
            self._previous_close or first.open,
            self._volume,
            self._quote,
            next((minute.first_trade for minute in minutes if minute.first_trade != -1), -1),
            minutes[-1].last_trade,
            self._trades,
        )

    def _expire(self, now: int) -> int:
        """Let minutes go that are over; return when the window opens."""
        opened = now - now % MINUTE - DAY
        minutes = self._minutes
        has_lost_extreme = False
        while minutes and minutes[0].open_time < opened:
            gone = minutes.popleft()
            self._volume -= gone.volume
            self._quote -= gone.quote_volume
            self._trades -= gone.trades
            self._previous_close = gone.close
            has_lost_extreme |= gone.high == self._high or gone.low == self._low
        if has_lost_extreme:
            self._find_extremes()
        return opened

    def _find_extremes(self) -> None:
        self._high = max((minute.high for minute in self._minutes), default=0)
        self._low = min((minute.low for minute in self._minutes), default=0)
