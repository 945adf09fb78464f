"""Files of real history become an instrument's past: one by one, or all that a folder has."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from flowex.app.history_files import HistoryFile, HistoryFileError
from flowex.ports.timeseries import Timeseries
from flowex.ports.trading import Instrument
from flowex.services.market_data.past import Past

FILES_MAX: Final = 1_000
"""So many files of a folder are looked at."""

_PATTERNS: Final = ("*.csv", "*.csv.gz")

OnProgress = Callable[[int, int], None]
"""Hears bytes read and bytes to read."""


class Imported(NamedTuple):
    """What came of a file; times in µs, prices in units."""

    rows: int
    first_time: int
    last_time: int
    last_price: int


async def import_klines(
    history: Timeseries,
    instrument: Instrument,
    file: Path,
    now: int,
    on_progress: OnProgress = lambda _done, _all: None,
) -> Imported:
    """Add a file of candles. Raises HistoryFileError, TimeseriesError."""
    past = Past(history, instrument.id)
    source = HistoryFile(file, instrument, await past.open(now))
    interval, size = source.interval(), source.size_bytes
    count, first, last = 0, None, None
    for rows, bytes_read in source.klines(interval):
        await past.add_candles(interval, rows)
        count, first, last = count + len(rows), first or rows[0], rows[-1]
        on_progress(bytes_read, size)
    await past.finish()
    if first is None or last is None:
        raise HistoryFileError(f"{file}: there are no candles in it")
    return Imported(count, first.open_time, last.close_time, last.close)


async def import_trades(
    history: Timeseries,
    instrument: Instrument,
    file: Path,
    now: int,
    on_progress: OnProgress = lambda _done, _all: None,
) -> Imported:
    """Add a file of trades. Raises HistoryFileError, PastError, TimeseriesError."""
    past = Past(history, instrument.id)
    source = HistoryFile(file, instrument, await past.open(now))
    size = source.size_bytes
    count, first, last = 0, None, None
    for rows, bytes_read in source.trades():
        await past.add_trades(rows)
        count, first, last = count + len(rows), first or rows[0], rows[-1]
        on_progress(bytes_read, size)
    await past.finish()
    if first is None or last is None:
        raise HistoryFileError(f"{file}: there are no trades in it")
    return Imported(count, first.time, last.time, last.price)


async def import_folder(
    history: Timeseries,
    instruments: Sequence[Instrument],
    folder: Path,
    now: int,
    on_progress: OnProgress = lambda _done, _all: None,
) -> Mapping[int, Imported]:
    """Add every file of candles whose name begins with an instrument's symbol.

    Files lie in the folder or in folders of it. Where files tell of the same time, those of shorter
    candles are added later and stay. Returns, by instrument, the one that reaches furthest.
    Raises HistoryFileError, also when there is no such file, and TimeseriesError.
    """
    plan = [
        (interval, path, instrument)
        for instrument in instruments
        for interval, path in _kline_files(folder, instrument, now)
    ]
    if not plan:
        symbols = ", ".join(instrument.symbol for instrument in instruments)
        raise HistoryFileError(
            f"{folder}: there are no files of candles whose names begin with one of {symbols}"
        )
    found: dict[int, Imported] = {}
    for number, (_, path, instrument) in enumerate(sorted(plan, key=_longest_first)):
        on_progress(number, len(plan))
        one = await import_klines(history, instrument, path, now)
        known = found.get(instrument.id)
        if known is None or one.last_time >= known.last_time:
            found[instrument.id] = one
    on_progress(len(plan), len(plan))
    return found


def _kline_files(folder: Path, instrument: Instrument, now: int) -> list[tuple[int, Path]]:
    """Return the files of an instrument's candles, each with its interval."""
    if not folder.is_dir():
        raise HistoryFileError(f"{folder} is no folder")
    paths = sorted(path for pattern in _PATTERNS for path in folder.rglob(pattern))[:FILES_MAX]
    found = []
    for path in paths:
        file = HistoryFile(path, instrument, now)
        if path.name.startswith(instrument.symbol) and file.has_klines():
            found.append((file.interval(), path))
    return found


def _longest_first(planned: tuple[int, Path, Instrument]) -> tuple[int, str]:
    interval, path, _ = planned
    return -interval, str(path)
