"""The native codec says and refuses what the Python codec does, for every record there is."""

import random
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from flowex.engine.codec import PYTHON, Codec
from flowex.messages.commands import COMMANDS, OrderPlace
from flowex.messages.events import EVENTS, OrderCanceled
from flowex.messages.layout import (
    BLOCK,
    BLOCKS_MAX,
    TEXT_MAX,
    Block,
    FixedText,
    FramingError,
    Record,
    RecordError,
)

_ACCOUNT_MAX = (1 << 32) - 1
_ORIGIN_MAX = (1 << 64) - 1


@pytest.fixture
def native() -> Codec:
    module = pytest.importorskip("flowex.engine.native", reason="the native core is not built")
    codec: Codec = module.NativeMachine.codec
    return codec


def integer(chance: random.Random, code: str) -> int:
    """Return a value that fits: the least, the greatest, none, or any."""
    bits = 8 * struct.calcsize(f"<{code}")
    least = -(1 << (bits - 1)) if code.islower() else 0
    most = (1 << (bits - 1)) - 1 if code.islower() else (1 << bits) - 1
    return chance.choice((least, most, 0, chance.randint(least, most)))


def text(chance: random.Random, size: int) -> str:
    length = chance.choice((0, 1, size, chance.randint(0, size)))
    return "".join(chr(chance.randint(1, 255)) for _ in range(length))


def any_record(cls: type[Record], chance: random.Random) -> Any:
    """Return a record of the class with values from everywhere in their ranges."""
    layout = cls.LAYOUT
    flags = chance.getrandbits(16) & cls.FLAGS_ALLOWED
    values: list[Any] = [flags, chance.randint(0, _ACCOUNT_MAX), chance.randint(0, _ORIGIN_MAX)]
    for field in layout.fields:
        kind = field.kind
        if isinstance(kind, FixedText):
            values.append(text(chance, kind.size))
        else:
            values.append(integer(chance, kind.code))
    for tag in layout.extensions:
        made_of = layout.blocks.get(tag)
        values.append(text(chance, TEXT_MAX) if made_of is None else any_block(made_of, chance))
    return cls(*values)


def any_block(cls: type[Block], chance: random.Random) -> Block | None:
    """Return an extension block of the class, or none."""
    if chance.random() < 0.3:
        return None
    return cls(*(integer(chance, field.kind.code) for field in cls.FIELDS))  # type: ignore[union-attr]  # a block has no texts


def outcome(work: Callable[[], Any]) -> tuple[object, str]:
    """Return what the work gives, or the class and words of what it raises."""
    try:
        return work(), ""
    except (RecordError, ValueError, struct.error) as error:
        return type(error), str(error)


@pytest.mark.parametrize("cls", COMMANDS.values(), ids=lambda cls: cls.__name__)
def test_commands_are_packed_alike(native: Codec, cls: type[Any]) -> None:
    chance = random.Random(cls.KIND)
    for _ in range(200):
        command = any_record(cls, chance)
        assert native.pack(command) == command.pack()


def test_events_are_read_alike(native: Codec) -> None:
    chance = random.Random(1)
    for _ in range(200):
        events = [any_record(cls, chance) for cls in EVENTS.values()]
        chance.shuffle(events)
        buffer = b"".join(event.pack() for event in events)
        assert native.decode(buffer) == PYTHON.decode(buffer) == events


def test_damage_is_refused_alike(native: Codec) -> None:
    chance = random.Random(2)
    records = [any_record(cls, chance).pack() for cls in EVENTS.values()]
    for _ in range(5_000):
        damaged = bytearray(b"".join(chance.sample(records, 3)))
        for _ in range(chance.randint(1, 3)):
            # The first bytes of blocks are those that kinds, counts, flags and tags lie in.
            place = chance.randrange(len(damaged) // BLOCK) * BLOCK + chance.randrange(4)
            damaged[place] = chance.choice((0, 1, 2, 3, BLOCKS_MAX, chance.getrandbits(8)))
        buffer = bytes(damaged[: chance.choice((len(damaged), -BLOCK, -1))])
        assert outcome(partial(native.decode, buffer)) == outcome(partial(PYTHON.decode, buffer))


@pytest.mark.parametrize(
    "command",
    [
        OrderPlace(account=-1),
        OrderPlace(account=1 << 32),
        OrderPlace(price=1 << 63),
        OrderPlace(price=1 << 70),
        OrderPlace(side=256),
        OrderPlace(client_id="a" * (TEXT_MAX + 1)),
        OrderPlace(client_id="令"),
    ],
)
def test_what_does_not_fit_is_refused_alike(native: Codec, command: OrderPlace) -> None:
    told = outcome(lambda: native.pack(command))
    assert told == outcome(command.pack)
    assert told[1]


def test_errors_are_those_of_the_layout(native: Codec) -> None:
    with pytest.raises(FramingError):
        native.decode(bytes(BLOCK - 1))
    with pytest.raises(RecordError, match="kind 0"):
        native.decode(b"\0\1" + bytes(BLOCK - 2))
    with pytest.raises(RecordError, match="tag 9"):
        native.decode(_with_tag(9))


def _with_tag(tag: int) -> bytes:
    record = bytearray(OrderCanceled(client_id="a").pack())
    record[BLOCK] = tag
    return bytes(record)
