"""The machines under test, by name; the native one where it is built."""

import importlib.util
import os
from collections.abc import Callable

import pytest

from flowex.engine.machine import Machine
from flowex.engine.reference.machine import ReferenceMachine

HAS_NATIVE = importlib.util.find_spec("flowex._core") is not None


def make(engine: str, snapshot: bytes | None = None) -> Machine:
    """Return a new machine; a missing native core skips, and fails where CI asks for it."""
    if engine == "reference":
        return ReferenceMachine(snapshot)
    if not HAS_NATIVE:
        assert not os.environ.get("FLOWEX_CI"), "the native core is not built"
        pytest.skip("the native core is not built (no C++ compiler?)")
    native: Callable[[bytes | None], Machine] = importlib.import_module(
        "flowex.engine.native"
    ).NativeMachine
    return native(snapshot)


both = pytest.mark.parametrize("engine", ["reference", "native"])
