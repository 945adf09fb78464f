"""Records to bytes and back: in Python, which is the specification, or by the native core."""

from typing import Final, Protocol

from flowex.messages.commands import COMMANDS, Command
from flowex.messages.events import EVENTS, Event, decode_events
from flowex.messages.layout import HEADER_FIELDS, Block, Field, Record, Scalar

Described = tuple[
    type[Record],
    int,
    int,
    int,
    tuple["DescribedField", ...],
    tuple["DescribedExtension", ...],
]
"""A record class as the native core is told of it.

Class, kind, flags allowed, fixed blocks, fields, extensions.
"""

DescribedField = tuple[str, int, str, int]
"""Name, offset, struct code, size."""

DescribedExtension = tuple[str, int, type[Block] | None, tuple[DescribedField, ...]]
"""Name, tag, class and fields; of a text None and none."""

_HEADER: Final = ((2, "H", 2), (4, "I", 4), (8, "Q", 8))
"""Offset, struct code and size of the header's values."""


class Codec(Protocol):
    """Speaks the wire language."""

    def pack(self, record: Command) -> bytes:
        """Return a command's bytes. Raises ValueError, struct.error for what does not fit."""
        ...

    def decode(self, buffer: bytes) -> list[Event]:
        """Return the events of a buffer, in order. Raises RecordError."""
        ...


class PythonCodec:
    """Fulfils ``Codec`` by the declarations themselves."""

    def pack(self, record: Command) -> bytes:
        """Return a command's bytes. Raises ValueError, struct.error for what does not fit."""
        return record.pack()

    def decode(self, buffer: bytes) -> list[Event]:
        """Return the events of a buffer, in order. Raises RecordError."""
        return decode_events(buffer)


PYTHON: Final = PythonCodec()


def described() -> tuple[list[Described], list[Described]]:
    """Return every command and every event for the native core: it knows no record by itself."""
    return [_describe(cls) for cls in COMMANDS.values()], [
        _describe(cls) for cls in EVENTS.values()
    ]


def _describe(cls: type[Record]) -> Described:
    layout = cls.LAYOUT
    header = tuple(
        (name, *place)
        for name, place in zip(cls.__struct_fields__[:HEADER_FIELDS], _HEADER, strict=True)
    )
    fields = header + _describe_fields(layout.fields)
    extensions = tuple(
        _describe_extension(name, tag, layout.blocks.get(tag))
        for tag, name in layout.extensions.items()
    )
    return cls, cls.KIND, cls.FLAGS_ALLOWED, layout.fixed_blocks, fields, extensions


def _describe_fields(fields: tuple[Field, ...]) -> tuple[DescribedField, ...]:
    return tuple(
        (name, offset, kind.code if isinstance(kind, Scalar) else "s", kind.size)
        for name, offset, kind in fields
    )


def _describe_extension(name: str, tag: int, made_of: type[Block] | None) -> DescribedExtension:
    return name, tag, made_of, () if made_of is None else _describe_fields(made_of.FIELDS)
