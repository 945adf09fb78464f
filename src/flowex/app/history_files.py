"""Files of real history, read line by line: candles and trades as comma-separated text.

    klines   open_time_ms,open,high,low,close,volume            volume in the base asset
             open_time_ms,open,high,low,close,volume_quote      ... or in the quote asset
             date,open,high,low,close,volume                    days, as 20141201
    trades   trade_time_ms,trade_id,price,qty,buyer_is_maker    further columns are not looked at

The first line names the columns, in any order. A file may be packed with gzip. Prices and the
quantities of trades must be whole numbers of the instrument's units; volumes are rounded down.

    HistoryFileError    the file cannot be read; the message names the line and what to do
"""

import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from gzip import GzipFile
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from flowex.ports.market_data import Kline, PublicTrade
from flowex.ports.trading import Instrument
from flowex.services.market_data.past import TRADE_ORIGIN, is_importable
from flowex.units.decimals import DecimalTextError, PrecisionError, parse
from flowex.units.instants import DAY, MILLISECOND, SECOND

ROWS_AT_ONCE: Final = 50_000
"""So many rows are in memory at a time."""

PEEKED_ROWS: Final = 1_000
"""The interval of candles is the most common step among the first rows."""

UNITS_MAX: Final = (1 << 62) - 1
TIME_MAX: Final = 1 << 62
WHOLE_MAX: Final = 15
"""Digits of a time in ms or of a trade's number."""

_GZIP: Final = b"\x1f\x8b"
_VOLUME_DECIMALS: Final = 18
_PRICES: Final = ("open", "high", "low", "close")
_TRADE_COLUMNS: Final = ("trade_time_ms", "trade_id", "price", "qty", "buyer_is_maker")
_TRUTH: Final = {"1": True, "0": False, "true": True, "false": False}

T = TypeVar("T")
Chunk = tuple[list[T], int]
"""Some rows of a file, and how many of its bytes were read until then."""


class HistoryFileError(Exception):
    """The file cannot be read; the message names the line and what to do."""


class _LineError(Exception):
    """What is wrong with a line."""


class _Source(NamedTuple):
    """The lines of a file after the first, which names the columns."""

    columns: Sequence[str]
    lines: Iterator[str]
    position: Callable[[], int]


class HistoryFile:
    """One file of the past of an instrument; it must end before a time in µs."""

    def __init__(self, path: Path, instrument: Instrument, end: int) -> None:
        """Name the file; it is opened when it is read."""
        self._path = path
        self._instrument = instrument
        self._end = end

    @property
    def size_bytes(self) -> int:
        """Return how long the file is. Raises HistoryFileError."""
        try:
            return self._path.stat().st_size
        except OSError as error:
            raise HistoryFileError(f"{self._path}: {error.strerror}") from error

    def has_klines(self) -> bool:
        """Return whether the first line names the columns of candles. Raises HistoryFileError."""
        with self._opened() as source:
            try:
                _KlineReader(source.columns, self._instrument, self._path)
            except HistoryFileError:
                return False
            return True

    def interval(self) -> int:
        """Return how long the candles of the file are, in µs. Raises HistoryFileError."""
        with self._opened() as source:
            if "date" in source.columns:
                return DAY
            reader = _KlineReader(source.columns, self._instrument, self._path)
            times = list(islice(self._rows(source, reader.open_time), PEEKED_ROWS))
        steps = Counter(later - earlier for earlier, later in pairwise(times) if later > earlier)
        interval = min(steps, key=lambda step: (-steps[step], step), default=0)
        if not is_importable(interval) or interval % SECOND:
            raise HistoryFileError(
                f"{self._path}: candles of {interval / SECOND:g} s cannot be imported; "
                "needed are at least two, of a length that a day is a multiple of"
            )
        return interval

    def klines(self, interval: int) -> Iterator[Chunk[Kline]]:
        """Yield the candles, oldest first. Raises HistoryFileError."""
        with self._opened() as source:
            reader = _KlineReader(source.columns, self._instrument, self._path)
            last = -TIME_MAX

            def read(fields: Sequence[str]) -> Kline:
                nonlocal last
                candle = reader.kline(fields, interval)
                if candle.open_time <= last:
                    raise _LineError("the candle does not open after the one before: sort by time")
                if candle.open_time % interval:
                    raise _LineError(
                        f"the candle does not open at a multiple of {interval // SECOND} s"
                    )
                self._check_end(candle.close_time)
                last = candle.open_time
                return candle

            yield from _chunks(self._rows(source, read), source.position)

    def trades(self) -> Iterator[Chunk[PublicTrade]]:
        """Yield the trades, oldest first, with their own numbers. Raises HistoryFileError."""
        with self._opened() as source:
            reader = _TradeReader(source.columns, self._instrument, self._path)
            last = (-1, -TIME_MAX)

            def read(fields: Sequence[str]) -> PublicTrade:
                nonlocal last
                trade = reader.trade(fields)
                if trade.trade <= last[0] or trade.time < last[1]:
                    raise _LineError("the trade is not later than the one before: sort by trade_id")
                self._check_end(trade.time)
                last = (trade.trade, trade.time)
                return trade

            yield from _chunks(self._rows(source, read), source.position)

    def _check_end(self, time: int) -> None:
        if time >= self._end:
            raise _LineError(
                f"it reaches beyond {_told(self._end)}, where the past ends and the exchange's own "
                "trades begin: cut the file there"
            )

    def _rows(self, source: _Source, read: Callable[[Sequence[str]], T]) -> Iterator[T]:
        for number, line in enumerate(source.lines, start=2):
            if not line.strip():
                continue
            fields = line.rstrip("\r\n").split(",")
            try:
                _check_count(fields, source.columns)
                row = read(fields)
            except _LineError as error:
                raise HistoryFileError(f"{self._path}, line {number}: {error}") from error
            yield row

    @contextmanager
    def _opened(self) -> Iterator[_Source]:
        try:
            with self._path.open("rb") as raw:
                is_packed = raw.read(len(_GZIP)) == _GZIP
                raw.seek(0)
                lines = _text(GzipFile(fileobj=raw)) if is_packed else _text(raw)
                columns = next(lines, "").strip().split(",")
                yield _Source(columns, lines, raw.tell)
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            why = getattr(error, "strerror", None) or error
            raise HistoryFileError(f"{self._path} cannot be read: {why}") from error


class _KlineReader:
    """Makes candles of fields."""

    def __init__(self, columns: Sequence[str], instrument: Instrument, path: Path) -> None:
        """Find the columns. Raises HistoryFileError."""
        place = {name: number for number, name in enumerate(columns)}
        if "volume" not in place and "volume_quote" not in place:
            raise HistoryFileError(
                f"{path}: the first line must name open_time_ms (or date), open, high, low, close "
                f"and volume (or volume_quote); it is {','.join(columns)[:100]!r}"
            )
        _need(place, (("date" if "date" in place else "open_time_ms"), *_PRICES), path)
        self._place = place
        self._instrument = instrument

    def open_time(self, fields: Sequence[str]) -> int:
        """Return when the candle opens. Raises _LineError."""
        if "date" in self._place:
            return _day(fields[self._place["date"]])
        return _whole(fields[self._place["open_time_ms"]], "open_time_ms") * MILLISECOND

    def kline(self, fields: Sequence[str], interval: int) -> Kline:
        """Return the candle. Raises _LineError."""
        place, instrument = self._place, self._instrument
        opened, high, low, close = (
            _units(fields[place[name]], instrument.price_decimals, name) for name in _PRICES
        )
        if not low <= min(opened, close) <= max(opened, close) <= high:
            raise _LineError("low, open, close and high contradict each other")
        if "volume" in place:
            volume = _rounded(fields[place["volume"]], instrument.quantity_decimals, "volume")
            # The mean price stands for what the file does not tell.
            quote = volume * (opened + high + low + close) // 4
        else:
            quote = _rounded(
                fields[place["volume_quote"]], instrument.quote.decimals, "volume_quote"
            )
            volume = 4 * quote // (opened + high + low + close)
        time = self.open_time(fields)
        return Kline(
            time, time + interval - 1, opened, high, low, close, volume, quote, 0, 0, 0, -1, -1
        )


class _TradeReader:
    """Makes trades of fields."""

    def __init__(self, columns: Sequence[str], instrument: Instrument, path: Path) -> None:
        """Find the columns. Raises HistoryFileError."""
        self._place = {name: number for number, name in enumerate(columns)}
        _need(self._place, _TRADE_COLUMNS, path)
        self._instrument = instrument

    def trade(self, fields: Sequence[str]) -> PublicTrade:
        """Return the trade; of orders nothing is known. Raises _LineError."""
        time, number, price, quantity, maker = (fields[self._place[one]] for one in _TRADE_COLUMNS)
        instrument = self._instrument
        units = _units(price, instrument.price_decimals, "price")
        lots = _units(quantity, instrument.quantity_decimals, "qty")
        identity = _whole(number, "trade_id")
        if identity >= TRADE_ORIGIN:
            raise _LineError(f"trade_id is not below {TRADE_ORIGIN}")
        is_maker = _TRUTH.get(maker.lower())
        if is_maker is None:
            raise _LineError(f"buyer_is_maker is {maker!r}, not 1 or 0")
        moment = _whole(time, "trade_time_ms") * MILLISECOND
        return PublicTrade(identity, units, lots, units * lots, moment, is_maker, 0, 0)


def _text(file: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="ascii", newline="")


def _check_count(fields: Sequence[str], columns: Sequence[str]) -> None:
    if len(fields) != len(columns):
        raise _LineError(f"it has {len(fields)} fields, not {len(columns)}: is it cut off?")


def _chunks(rows: Iterator[T], position: Callable[[], int]) -> Iterator[Chunk[T]]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield some, position()


def _need(place: dict[str, int], names: Sequence[str], path: Path) -> None:
    missing = [name for name in names if name not in place]
    if missing:
        raise HistoryFileError(
            f"{path}: the first line must name the columns {', '.join(names)}; "
            f"missing: {', '.join(missing)}"
        )


def _units(text: str, decimals: int, name: str) -> int:
    """Return a positive number of units. Raises _LineError."""
    try:
        value = parse(text, decimals)
    except PrecisionError as error:
        raise _LineError(
            f"{name} {text} has more than the {decimals} decimals this instrument counts in"
        ) from error
    except DecimalTextError as error:
        raise _LineError(f"{name} {text[:40]!r} is no number") from error
    if not 0 < value <= UNITS_MAX:
        raise _LineError(f"{name} {text} is too small or too large for this instrument")
    return value


def _rounded(text: str, decimals: int, name: str) -> int:
    """Return a number of units, rounded down. Raises _LineError."""
    try:
        value = parse(text, _VOLUME_DECIMALS)
    except DecimalTextError as error:
        raise _LineError(f"{name} {text[:40]!r} is no number") from error
    units: int = value // 10 ** (_VOLUME_DECIMALS - decimals)
    if not 0 <= units <= UNITS_MAX:
        raise _LineError(f"{name} {text} is below 0 or too large")
    return units


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= WHOLE_MAX):
        raise _LineError(f"{name} {text[:40]!r} is no whole number")
    return int(text)


def _day(text: str) -> int:
    try:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _LineError(f"date {text[:40]!r} is no day such as 20141201") from error
    return int(day.timestamp()) * SECOND


def _told(time: int) -> str:
    return f"{datetime.fromtimestamp(time // SECOND, UTC):%Y-%m-%d %H:%M} UTC"
