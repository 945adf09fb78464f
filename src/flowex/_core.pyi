"""The native machine, written in C++ under core/; absent where there was no compiler."""

def engine_name() -> str:
    """Name this engine."""
