"""Finds the recordings of real order flow, which are not part of the project."""

import os
from pathlib import Path

import pytest

BITSTAMP = "bitstamp-btcusd-2015-05-01.log.xz"
MIX = "synthetic-mix-seed42.cmds.bin.xz"
EXCHANGECORE = "synthetic-exchangecore-seed42.cmds.bin.xz"
MBO = "cme-esh4-2023-12-25.mbo.dbn.zst"

_BESIDE_CHECKOUT = Path(__file__).parents[3] / "shared" / "data"


def recording(name: str) -> Path:
    """Give a recording's path; skip the test, saying so, when it is not there."""
    folder = Path(os.environ.get("FLOWEX_DATA", _BESIDE_CHECKOUT)) / "orderflow"
    path = folder / name
    if not path.exists():
        pytest.skip(f"no recording {path}: set FLOWEX_DATA to the folder of recordings")
    return path
