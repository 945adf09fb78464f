"""Golden journals: commands kept in the repository with the hashes they must lead to for ever.

A file is named ``<name>.wire<W>.rules<R>.journal`` and holds frames of (time µs i64, bytes u32,
commands); ``expected.json`` beside it says where each leads. A new version of the wire or the
rules gets new files; those of older versions go when no code reads them any more. To add one::

    python tests/machine/golden.py NAME SEED [tiny]
"""

import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from engines import make
from random_commands import World

from flowex.engine.machine import Machine, state_hash
from flowex.messages.enums import RULES_VERSION, WIRE_VERSION

FOLDER: Final = Path(__file__).parent / "journals"
EXPECTED: Final = FOLDER / "expected.json"
COMMANDS: Final = 1_500
_FRAME: Final = struct.Struct("<qI")


def journals() -> list[Path]:
    """List the journals of the current wire and rules."""
    return sorted(FOLDER.glob(f"*.wire{WIRE_VERSION}.rules{RULES_VERSION}.journal"))


def frames(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (time, commands) of every frame."""
    content = path.read_bytes()
    offset = 0
    while offset < len(content):
        time, size = _FRAME.unpack_from(content, offset)
        offset += _FRAME.size + size
        yield time, content[offset - size : offset]


def outcome(machine: Machine) -> dict[str, Any]:
    """Say where a machine is, as expected.json does."""
    return {
        "sequence": machine.sequence,
        "events_hash": f"{machine.events_hash:016x}",
        "state_hash": state_hash(machine.snapshot()),
    }


def expected() -> dict[str, Any]:
    """Read where each journal leads, by file name."""
    found: dict[str, Any] = json.loads(EXPECTED.read_text(encoding="ascii"))
    return found


def write(name: str, seed: int, *, limits_are_tiny: bool) -> None:
    """Draw a journal, write it down, and note where the reference machine arrives."""
    world = World(seed, limits_are_tiny=limits_are_tiny)
    machine = make("reference")
    pieces = [(world.time, world.opening())]
    world.learn(machine.apply(*pieces[0]))
    while machine.sequence < COMMANDS:
        pieces.append(world.batch(8))
        world.learn(machine.apply(*pieces[-1]))
    path = FOLDER / f"{name}.wire{WIRE_VERSION}.rules{RULES_VERSION}.journal"
    path.write_bytes(
        b"".join(_FRAME.pack(time, len(commands)) + commands for time, commands in pieces)
    )
    known = expected() if EXPECTED.exists() else {}
    known[path.name] = outcome(machine)
    EXPECTED.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="ascii")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), limits_are_tiny="tiny" in sys.argv[3:])
