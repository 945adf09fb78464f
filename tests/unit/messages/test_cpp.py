"""The C++ header of the wire is generated and never edited."""

from pathlib import Path

from flowex.messages.cpp import header

WIRE_H = Path(__file__).parents[3] / "core" / "src" / "wire.h"


def test_the_header_is_fresh() -> None:
    assert WIRE_H.read_text() == header(), (
        "core/src/wire.h is stale: python -m flowex.messages.cpp > core/src/wire.h"
    )
