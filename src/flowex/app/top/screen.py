"""Draws a state for a terminal of whatever size. A pure function.

::

    FlowEx 0.1.0  TRADING  native  sequence 6,706                  http://127.0.0.1:8080
    per second  commands 6.0  events 44.8 ...
    queue 0  stream 1 ms ...  behind  ledger 6 ...
    (what is wrong, if anything)
    market        last ...                      as many as a third of the lines can hold
    ── BTCUSDT ─────────────────────────────────────────
      quantity      bid      ask   quantity        time      price   quantity
                                                as many as are left
    keys
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from rich.cells import cell_len, chop_cells
from rich.text import Text

from flowex.app.top.answers import DayTicker, Level, Trade
from flowex.app.top.state import Link, Market, Sort, State
from flowex.app.top.words import Words

_FRAME_LINES: Final = 7
"""Lines that are neither a message, nor a market, nor a level."""

_MESSAGE_LINES_MAX: Final = 2
_GAP_MAX: Final = 5
_CELL_MIN: Final = 8
_NOTHING: Final = "–"
_GOOD, _BAD, _HEAD = "green", "red", "bold"


class Cell(NamedTuple):
    """A piece of text and its looks."""

    text: str
    style: str = ""


Row = Sequence[Cell]


def draw(
    state: State,
    words: Words,
    size: tuple[int, int],
    *,
    has_keys: bool = True,
    zone: tzinfo | None = None,
) -> Text:
    """Return lines for a terminal of so many columns and lines.

    With keys they are exactly as many, and the keys are said in the last one; without, no more than
    there is to say. Times are told in a zone, or as the computer's clock shows them.
    """
    width, height = size
    message = _message(state, words, width)
    spare = height - _FRAME_LINES - len(message)
    market_lines = min(len(state.markets), max(1, spare // 3))
    levels = max(0, spare - market_lines)
    title = f"── {state.selected or _NOTHING} "
    lines = [
        _about(state, words, width),
        _fit(_rates(state, words), width),
        _fit(_health(state, words), width),
        *message,
        *_markets(state, words, width, market_lines),
        Text(title + "─" * (width - cell_len(title)), "dim"),
        *_beside(
            _book(state, words, width // 2, levels),
            _tape(state, words, width - width // 2 - 2, levels, zone),
            width // 2,
        ),
    ]
    if has_keys:
        blank = [Text()] * (height - 1 - len(lines))
        lines = [*lines[: height - 1], *blank, Text(words.keys, "dim")]
    for line in lines:
        line.truncate(width)
    drawn = Text("\n").join(lines)
    drawn.no_wrap, drawn.overflow = True, "crop"
    return drawn


def _about(state: State, words: Words, width: int) -> Text:
    status = state.status
    line = Text("FlowEx", _HEAD)
    if status is not None:
        is_trading = status.state == "TRADING" and state.link is Link.LIVE
        line.append(f" {status.version}  ")
        line.append(words.states.get(status.state, status.state), _GOOD if is_trading else _BAD)
        line.append(f"  {status.engine}  {words.sequence} {status.sequence:,}")
    spare = width - line.cell_len - cell_len(state.url)
    if spare > 1:
        line.append(" " * spare + state.url, "dim")
    return line


def _rates(state: State, words: Words) -> Row:
    rates = state.rates
    told = {
        words.commands: rates and f"{rates.commands:,.1f}",
        words.events: rates and f"{rates.events:,.1f}",
        words.requests: rates and f"{rates.requests:,.1f}",
        words.refused: rates and f"{rates.refused:,.1f}",
        words.sync: rates and rates.sync_ms is not None and f"{rates.sync_ms:.1f} ms",
    }
    cells = [Cell(f"{name} {value or _NOTHING}") for name, value in told.items()]
    return [Cell(words.rates, _HEAD), *cells]


def _health(state: State, words: Words) -> Row:
    status, counts = state.status, state.counts
    stream = _NOTHING if state.stream_ms is None else f"{state.stream_ms} ms"
    clients = f"{counts.http}+{counts.websockets}" if counts else _NOTHING
    cells = [
        Cell(f"{words.queue} {status.queue if status else _NOTHING}"),
        Cell(f"{words.stream} {stream}"),
        Cell(f"{words.clients} {clients}"),
    ]
    if status is None:
        return cells
    failed = [
        Cell(f"{name} {words.stopped} ({kind})", _BAD) for name, kind in status.failed.items()
    ]
    late = sorted(status.lag.items(), key=lambda each: -each[1])
    lags = [Cell(f"{name} {commands:,}") for name, commands in late if name not in status.failed]
    return [*cells, *failed, Cell(words.lag, _HEAD), *lags]


def _message(state: State, words: Words, width: int) -> list[Text]:
    """Return what is wrong, over two lines if need be; an empty line if nothing is."""
    text, looks = "", "yellow"
    if state.link is Link.LOST:
        where = words.lost.format(url=state.url, why=state.why)
        why = where if state.url else f"{state.why[:1].upper()}{state.why[1:]}."
        # The end of a long reason may be cut, so what happens next is said first.
        text = f"{words.retry.format(seconds=f'{state.retry_seconds:g}')} {why}"
        looks = "bold red"
    elif state.link is Link.CONNECTING:
        text = words.connecting.format(url=state.url)
    elif state.missing:
        text = words.missing.format(symbol=state.missing)
    return [Text(line, looks) for line in chop_cells(text, width)[:_MESSAGE_LINES_MAX]] or [Text()]


def _markets(state: State, words: Words, width: int, count: int) -> list[Text]:
    markets = state.ordered()
    symbols = [market.symbol for market in markets]
    at = symbols.index(state.selected) if state.selected in symbols else 0
    first = min(max(0, at - count // 2), max(0, len(markets) - count))
    shown = markets[first : first + count]
    arrow = "▲" if state.is_reversed != (state.sort is Sort.SYMBOL) else "▼"
    heads = {
        Sort.SYMBOL: words.market,
        Sort.CHANGE: words.change,
        Sort.VOLUME: words.volume,
    }
    heads[state.sort] += arrow
    head = [
        heads[Sort.SYMBOL],
        words.last,
        heads[Sort.CHANGE],
        heads[Sort.VOLUME],
        words.high,
        words.low,
        words.trades,
    ]
    rows = [_market_row(market) for market in shown]
    lines = _table([Cell(name, _HEAD) for name in head], rows, width, is_named=True)
    for line, market in zip(lines[1:], shown, strict=True):
        if market.symbol == state.selected:
            line.pad_right(width - line.cell_len)
            line.stylize("reverse")
    return lines


def _market_row(market: Market) -> Row:
    day = market.ticker
    if day is None or not day.count:
        return [Cell(market.symbol), Cell(_price(market, day)), *[Cell(_NOTHING)] * 5]
    change = day.price_change_percent
    looks = _BAD if change < 0 else _GOOD
    return [
        Cell(market.symbol),
        Cell(_price(market, day), looks),
        Cell(f"{change:+.2f}", looks),
        Cell(f"{day.quote_volume:,.0f}"),
        Cell(f"{day.high_price:.{market.price_decimals}f}"),
        Cell(f"{day.low_price:.{market.price_decimals}f}"),
        Cell(f"{day.count:,}"),
    ]


def _price(market: Market, day: DayTicker | None) -> str:
    return f"{day.last_price:.{market.price_decimals}f}" if day and day.last_price else _NOTHING


def _book(state: State, words: Words, width: int, count: int) -> list[Text]:
    market = state.markets.get(state.selected)
    head = [Cell(name, _HEAD) for name in (words.quantity, words.bid, words.ask, words.quantity)]
    rows: list[Row] = []
    for place in range(count if market else 0):
        bid, ask = _at(state.book.bids, place), _at(state.book.asks, place)
        if market is None or (bid is None and ask is None):
            break
        rows.append([*_level(bid, market, _GOOD)[::-1], *_level(ask, market, _BAD)])
    return _table(head, rows, width)


def _at(levels: Sequence[Level], place: int) -> Level | None:
    return levels[place] if place < len(levels) else None


def _level(level: Level | None, market: Market, looks: str) -> Row:
    if level is None:
        return [Cell(""), Cell("")]
    price, quantity = level
    return [Cell(_fixed(price, market.price_decimals), looks), Cell(_quantity(quantity, market))]


def _tape(state: State, words: Words, width: int, count: int, zone: tzinfo | None) -> list[Text]:
    market = state.markets.get(state.selected)
    head = [Cell(name, _HEAD) for name in (words.time, words.price, words.quantity)]
    shown = list(state.tape)[:count] if market else []
    return _table(head, [_trade_row(trade, market, zone) for trade in shown if market], width)


def _trade_row(trade: Trade, market: Market, zone: tzinfo | None) -> Row:
    when = datetime.fromtimestamp(trade.time / 1_000, zone)
    arrow, looks = ("▼", _BAD) if trade.is_buyer_maker else ("▲", _GOOD)
    return [
        Cell(f"{when:%H:%M:%S}", "dim"),
        Cell(f"{arrow} {_fixed(trade.price, market.price_decimals)}", looks),
        Cell(_quantity(trade.qty, market)),
    ]


def _fixed(number: Decimal, decimals: int) -> str:
    return f"{number:.{decimals}f}"


def _quantity(quantity: Decimal, market: Market) -> str:
    return _fixed(quantity, market.quantity_decimals)


def _fit(cells: Row, width: int) -> Text:
    """Return the cells that a line has room for."""
    line = Text()
    for cell in cells:
        gap = "  " if line else ""
        if line.cell_len + len(gap) + cell_len(cell.text) > width:
            break
        line.append(gap).append(cell.text, cell.style)
    return line


def _table(head: Row, rows: Sequence[Row], width: int, *, is_named: bool = False) -> list[Text]:
    """Return head and rows in columns, numbers to the right; columns without room are left out."""
    widths = [
        max(_CELL_MIN, *(cell_len(row[column].text) for row in (head, *rows)))
        for column in range(len(head))
    ]
    while len(widths) > 1 and sum(widths) + 2 * (len(widths) - 1) > width:
        widths.pop()
    gaps = len(widths) - 1
    gap = " " * min(_GAP_MAX, (width - sum(widths)) // gaps if gaps else 0)
    lines = []
    for row in (head, *rows):
        line = Text()
        for column, (cell, wide) in enumerate(zip(row, widths, strict=False)):
            padding = " " * (wide - cell_len(cell.text))
            is_left = is_named and column == 0
            line.append(gap if column else "")
            line.append("" if is_left else padding).append(cell.text, cell.style)
            line.append(padding if is_left else "")
        lines.append(line)
    return lines


def _beside(left: list[Text], right: list[Text], width: int) -> list[Text]:
    """Return two blocks beside each other, the left one of that width."""
    lines = []
    for place in range(max(len(left), len(right))):
        line = left[place].copy() if place < len(left) else Text()
        line.truncate(width, pad=True)
        lines.append(line.append("  ").append(right[place] if place < len(right) else Text()))
    return lines
