"""The wire language: little-endian records of 64-byte blocks, declared once as typed classes.

A record is a header of 16 bytes, fixed fields, and optional extension blocks::

    0      1       2        4          8
    +------+-------+--------+----------+---------------------+
    | kind | blocks| flags  | account  | origin|sequence|id  |   16 bytes
    +------+-------+--------+----------+---------------------+
    | fixed fields, each at its natural alignment             |   to the end of a block
    +---------------------------------------------------------+
    | tag | length | 0 0 | text, or fields, 60 bytes          |   an extension block, if any
    +---------------------------------------------------------+

``blocks`` counts all 64-byte blocks of the record. Bytes that no field names are zero. A class of
``commands``, ``events`` or ``state`` declares the fields by annotation, in order; this module
computes the offsets (padding as a C compiler would), and packs and unpacks. The C++ header is
generated from the same declarations (``messages.cpp``). An extension is a text or a ``Block`` of
fields of its own; absent, it is "" or None.
"""

import struct
from collections.abc import Callable, Iterator
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    NamedTuple,
    Self,
    TypeVar,
    get_args,
    get_type_hints,
)

import msgspec

BLOCK: Final = 64
HEADER: Final = struct.Struct("<BBHIQ")
HEADER_FIELDS: Final = 3
"""Header fields a record object has: kind and block count belong to its class and its bytes."""
EXTENSION: Final = struct.Struct("<BBxx60s")
EXTENSION_HEADER: Final = 4
"""Bytes of an extension before what it carries."""
TEXT_MAX: Final = 60
"""Longest text of an extension block."""
BLOCKS_MAX: Final = 8
"""Most blocks one record may have."""


class RecordError(ValueError):
    """The bytes are no record of the wire.

    RecordError
    └── FramingError   block counts do not add up: nothing of the buffer can be trusted
    """


class FramingError(RecordError):
    """Block counts do not add up, so nothing of the buffer can be trusted."""


class Scalar(NamedTuple):
    """An integer field: its struct code, its size in bytes and its C++ type."""

    code: str
    size: int
    cpp: str


class FixedText(NamedTuple):
    """A text field of ``size`` bytes, padded with NUL."""

    size: int


class TextExtension(NamedTuple):
    """A text in an extension block of its own, absent when empty."""

    tag: int


class BlockExtension(NamedTuple):
    """A ``Block`` of fields in an extension block of its own, absent when None."""

    tag: int


U8 = Annotated[int, Scalar("B", 1, "uint8_t")]
I8 = Annotated[int, Scalar("b", 1, "int8_t")]
U16 = Annotated[int, Scalar("H", 2, "uint16_t")]
U32 = Annotated[int, Scalar("I", 4, "uint32_t")]
U64 = Annotated[int, Scalar("Q", 8, "uint64_t")]
I64 = Annotated[int, Scalar("q", 8, "int64_t")]
Text16 = Annotated[str, FixedText(16)]
Text32 = Annotated[str, FixedText(32)]
ClientId = Annotated[str, TextExtension(1)]
OriginalClientId = Annotated[str, TextExtension(2)]
CancelClientId = Annotated[str, TextExtension(3)]
FirstClientId = Annotated[str, TextExtension(5)]
SecondClientId = Annotated[str, TextExtension(6)]
ThirdClientId = Annotated[str, TextExtension(7)]


class Field(NamedTuple):
    """A fixed field and where it lies."""

    name: str
    offset: int
    kind: Scalar | FixedText


class Layout(NamedTuple):
    """Where everything of a record class lies.

    ``fixed`` is all of it, ``values`` the same without kind and block count; ``texts`` are the
    places of fixed texts. ``extensions`` names them by tag, ``blocks`` says what those of numbers
    are made of.
    """

    fields: tuple[Field, ...]
    extensions: dict[int, str]
    blocks: dict[int, "type[Block]"]
    fixed_blocks: int
    fixed: struct.Struct
    values: struct.Struct
    texts: tuple[int, ...]


class Block(msgspec.Struct, frozen=True):
    """An extension block of fields; subclasses are decorated with ``block``."""

    FIELDS: ClassVar[tuple[Field, ...]]
    VALUES: ClassVar[struct.Struct]

    def pack(self, tag: int) -> bytes:
        """Return the block's bytes. Raises struct.error when a value does not fit its field."""
        values = self.VALUES.pack(*msgspec.structs.astuple(self))
        return EXTENSION.pack(tag, TEXT_MAX, values[EXTENSION_HEADER:])


_B = TypeVar("_B", bound=type[Block])


def block(cls: _B) -> _B:
    """Compute where the fields of a ``Block`` lie; a class decorator."""
    fields, code, _ = _lay_out(_kinds(cls), EXTENSION_HEADER)
    cls.FIELDS = fields
    cls.VALUES = struct.Struct(f"<{EXTENSION_HEADER}x{code}")
    if cls.VALUES.size > BLOCK:
        raise TypeError(f"{cls.__name__} does not fit a block")
    return cls


def _kinds(cls: type) -> dict[str, Any]:
    """Return what each annotation of a class says of the wire, None where it says nothing."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: next(iter(get_args(hint)[1:]), None) for name, hint in hints.items()}


def _lay_out(kinds: dict[str, Any], offset: int) -> tuple[tuple[Field, ...], str, int]:
    """Return the fixed fields from ``offset`` on, their struct code, and where they end."""
    fields: list[Field] = []
    code = ""
    for name, kind in kinds.items():
        if not isinstance(kind, (Scalar, FixedText)):
            continue  # A header field, an extension or a class variable.
        padding = -offset % kind.size if isinstance(kind, Scalar) else 0
        offset += padding
        fields.append(Field(name, offset, kind))
        code += f"{padding}x" + (kind.code if isinstance(kind, Scalar) else f"{kind.size}s")
        offset += kind.size
    return tuple(fields), code, offset


def _plan(cls: type) -> Layout:
    kinds = _kinds(cls)
    extensions = {
        kind.tag: name
        for name, kind in kinds.items()
        if isinstance(kind, (TextExtension, BlockExtension))
    }
    names = [name for name, kind in kinds.items() if kind is not None]
    if names[len(names) - len(extensions) :] != list(extensions.values()):
        raise TypeError(f"{cls.__name__} has a field after an extension")
    hints = get_type_hints(cls)
    blocks = {
        kind.tag: next(part for part in get_args(hints[name]) if part is not type(None))
        for name, kind in kinds.items()
        if isinstance(kind, BlockExtension)
    }
    fields, body, offset = _lay_out(kinds, HEADER.size)
    fixed_blocks = -(-offset // BLOCK)
    code = f"{HEADER.format}{body}{fixed_blocks * BLOCK - offset}x"
    fixed = struct.Struct(code)
    values = struct.Struct(code.replace("BB", "xx", 1))
    texts = tuple(i for i, field in enumerate(fields) if isinstance(field.kind, FixedText))
    return Layout(fields, extensions, blocks, fixed_blocks, fixed, values, texts)


class Record(msgspec.Struct, frozen=True):
    """A message with a wire layout.

    Subclasses declare three header fields (flags, account and a number), then fixed fields, then
    extensions; packing relies on that order.
    """

    KIND: ClassVar[int] = 0
    FLAGS_ALLOWED: ClassVar[int] = 0
    LAYOUT: ClassVar[Layout]

    def pack(self) -> bytes:
        """Return the record's bytes; its length is a multiple of 64.

        Raises struct.error when a value does not fit its field, ValueError when a text does not.
        """
        layout = self.LAYOUT
        values = msgspec.structs.astuple(self)
        if layout.texts:
            values = _with_bytes(layout, values)
        count = HEADER_FIELDS + len(layout.fields)
        tail = b""
        for tag, content in zip(layout.extensions, values[count:], strict=True):
            if isinstance(content, Block):
                tail += content.pack(tag)
            elif content:
                tail += EXTENSION.pack(tag, len(content), _text_bytes(content, TEXT_MAX))
        blocks = layout.fixed_blocks + len(tail) // BLOCK
        return layout.fixed.pack(self.KIND, blocks, *values[:count]) + tail

    @classmethod
    def unpack(cls, buffer: bytes | memoryview, offset: int = 0) -> Self:
        """Return the record at ``offset``, whose header must be of this class's kind.

        Raises RecordError for too few blocks, unknown flags or a bad extension.
        """
        layout = cls.LAYOUT
        blocks = buffer[offset + 1]
        if blocks < layout.fixed_blocks:
            raise RecordError(f"{cls.__name__} in {blocks} blocks")
        values = layout.values.unpack_from(buffer, offset)
        if values[0] & ~cls.FLAGS_ALLOWED:
            raise RecordError(f"{cls.__name__} with unknown flags")
        if layout.texts:
            values = _with_text(layout, values)
        if blocks == layout.fixed_blocks:
            return cls(*values)
        first = offset + layout.fixed_blocks * BLOCK
        return cls(*values, *_extensions(layout, buffer, first, offset + blocks * BLOCK))


def _with_bytes(layout: Layout, values: tuple[Any, ...]) -> tuple[Any, ...]:
    packed = list(values)
    for index in layout.texts:
        place = HEADER_FIELDS + index
        packed[place] = _text_bytes(values[place], layout.fields[index].kind.size)
    return tuple(packed)


def _with_text(layout: Layout, values: tuple[Any, ...]) -> tuple[Any, ...]:
    unpacked = list(values)
    for index in layout.texts:
        place = HEADER_FIELDS + index
        unpacked[place] = values[place].rstrip(b"\0").decode("latin-1")
    return tuple(unpacked)


def _text_bytes(text: str, size: int) -> bytes:
    data = text.encode("latin-1")
    if len(data) > size:
        raise ValueError(f"text of {len(data)} bytes in a field of {size}")
    return data


def _extensions(layout: Layout, buffer: bytes | memoryview, start: int, end: int) -> list[Any]:
    """Return every extension a record may have; "" or None where there is none."""
    found: dict[int, Any] = {}
    for offset in range(start, end, BLOCK):
        tag, length, data = EXTENSION.unpack_from(buffer, offset)
        if tag not in layout.extensions or tag in found or not 1 <= length <= TEXT_MAX:
            raise RecordError(f"extension block with tag {tag} and length {length}")
        made_of = layout.blocks.get(tag)
        if made_of is None:
            found[tag] = data[:length].decode("latin-1")
        else:
            found[tag] = made_of(*made_of.VALUES.unpack_from(buffer, offset))
    return [found.get(tag, None if tag in layout.blocks else "") for tag in layout.extensions]


def spans(buffer: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, offset, end) of every record in the buffer.

    Raises FramingError where block counts do not add up.
    """
    offset, size = 0, len(buffer)
    if size % BLOCK:
        raise FramingError(f"{size} bytes are no whole number of blocks")
    while offset < size:
        blocks = buffer[offset + 1]
        end = offset + blocks * BLOCK
        if not 1 <= blocks <= BLOCKS_MAX or end > size:
            raise FramingError(f"{blocks} blocks at offset {offset} of {size}")
        yield buffer[offset], offset, end
        offset = end


_R = TypeVar("_R", bound=Record)
_C = TypeVar("_C", bound=Record)


class Catalogue(dict[int, type[_R]]):
    """The record classes of one family (commands, events, state), by kind."""

    def declare(self, kind: int, flags: int = 0) -> Callable[[type[_C]], type[_C]]:
        """Give a class its kind, its flags and its layout; a decorator, used once for each."""

        def enter(cls: type[_C]) -> type[_C]:
            # Plain int: the complement of an IntFlag forgets the bits it does not know.
            cls.KIND, cls.FLAGS_ALLOWED = kind, int(flags)
            cls.LAYOUT = _plan(cls)
            self[kind] = cls  # type: ignore[assignment]  # a family declares only its own
            return cls

        return enter

    def decode(self, buffer: bytes | memoryview) -> list[_R]:
        """Return the records of a buffer, in order.

        Raises RecordError for bytes that are no records of this family.
        """
        records = []
        for kind, offset, _ in spans(buffer):
            cls = self.get(kind)
            if cls is None:
                raise RecordError(f"no record of this family has kind {kind}")
            records.append(cls.unpack(buffer, offset))
        return records
