"""Chooses the machine by name, and loads only the one that serves."""

from importlib import import_module

from flowex.engine.codec import PYTHON, Codec
from flowex.engine.machine import MachineFactory

ENGINES = ("native", "reference")


class EngineMissing(Exception):
    """The native machine was asked for, and this installation has none."""


def machine_factory(engine: str | None = None) -> MachineFactory:
    """Return what makes machines of that name: by default the native one if there is one.

    Raises `EngineMissing`.
    """
    if engine == "reference":
        return _reference()
    try:
        native: MachineFactory = import_module("flowex.engine.native").NativeMachine
    except ImportError as error:
        if engine is None:
            return _reference()
        raise EngineMissing(f"the native machine is not built here: {error}") from error
    return native


def codec_of(factory: MachineFactory) -> Codec:
    """Return what reads and writes records for these machines: native for native ones."""
    codec: Codec = getattr(factory, "codec", PYTHON)
    return codec


def _reference() -> MachineFactory:
    factory: MachineFactory = import_module("flowex.engine.reference.machine").ReferenceMachine
    return factory
