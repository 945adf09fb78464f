"""The average price that filters compare with: the trades of the last minutes, by volume."""

from typing import Final

from flowex.engine.reference.state import Instrument, Minute, State

MINUTE: Final = 60_000_000
"""µs."""


def note_trade(state: State, instrument: Instrument, quantity: int, quote: int) -> None:
    """Add a trade to its minute, and forget the minutes that no average needs any more."""
    span = instrument.further.average_minutes
    if not span:
        return
    now = state.time // MINUTE
    minutes = instrument.minutes
    if not minutes or minutes[-1].number != now:
        minutes.append(Minute(now))
        minutes[:] = [minute for minute in minutes if minute.number > now - span]
    minutes[-1].quantity += quantity
    minutes[-1].quote += quote


def reference_price(state: State, instrument: Instrument) -> int:
    """Return the price that filters compare with, in price units; 0 while there is none.

    floor(quote / quantity) over the running minute and those before it, as many as the filters
    say; without a trade in them, or without such a filter, the last price.
    """
    since = state.time // MINUTE - instrument.further.average_minutes
    window = [minute for minute in instrument.minutes if minute.number > since]
    if not window:
        return instrument.last_price
    return sum(minute.quote for minute in window) // sum(minute.quantity for minute in window)
