"""How often Python looks for garbage while an exchange serves."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 100)
"""New objects before the youngest are looked at, and how many such looks before an older one's."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look seldom, and never again at what lives now.

    An order makes many objects and hardly a cycle; with Python's defaults a fifth of its CPU time
    goes into looking at them (measured by the benches).
    """
    gc.collect()
    gc.freeze()
    defaults = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*defaults)
        gc.unfreeze()
