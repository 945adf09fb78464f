"""A demo that begins with real history: files are its past, and its prices go on from there."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from flowex.app import demo
from flowex.app.history_import import Imported, OnProgress, import_folder
from flowex.app.wiring import World
from flowex.ports.disk import Disk
from flowex.ports.trading import Instrument
from flowex.services.simulation.crowd import Cast

ANCHORS_NAME: Final = "anchors.json"
"""Where a home remembers what coins were worth when it began."""


async def import_demo(
    world: World, instruments: Sequence[Instrument], folder: Path, on_progress: OnProgress
) -> None:
    """Make files the past of the demo's markets, and their last prices where its traders begin.

    Raises HistoryFileError, TimeseriesError, DiskError.
    """
    found = await import_folder(world.history, instruments, folder, world.clock.now(), on_progress)
    anchors = dict(demo.CAST.anchors)
    for instrument in instruments:
        if instrument.id in found and instrument.quote.id not in anchors:
            anchors[instrument.base.id] = _worth(instrument, found[instrument.id])
    world.disk.replace(ANCHORS_NAME, msgspec.json.encode(anchors))


def cast_of(disk: Disk) -> Cast:
    """Return the demo's traders, with the prices this home began with. Raises DiskError."""
    if ANCHORS_NAME not in disk.names(""):
        return demo.CAST
    file = disk.open(ANCHORS_NAME)
    try:
        data = file.read_at(0, file.size())
    finally:
        file.close()
    return replace(demo.CAST, anchors=msgspec.json.decode(data, type=dict[int, int]))


def _worth(instrument: Instrument, imported: Imported) -> int:
    """Return what one coin is worth in atoms of the asset it is sold for."""
    return int(imported.last_price * 10**instrument.quantity_decimals)
