"""Finds the files of real market history, which are not part of the project."""

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).parents[2] / "shared" / "data"


def market_file(name: str) -> Path:
    """Give a file's path, or a folder's; skip the test, saying so, when it is not there."""
    path = Path(os.environ.get("FLOWEX_DATA", _BESIDE_CHECKOUT)) / "market" / name
    if not path.exists():
        pytest.skip(f"no market history {path}: set FLOWEX_DATA to the folder of recordings")
    return path
