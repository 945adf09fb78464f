"""The bytes of a frame: a header of 64 bytes and the commands.

::

    0      4      8       10     12      16        20     24
    +------+------+-------+------+-------+---------+------+----------------+
    | FXJL | crc  |version| flags| length| segment | count| first sequence |
    +------+------+-------+------+-------+---------+------+----------------+
    32             40             48                                       64
    +--------------+--------------+----------------------------------------+
    | time         | epoch        | hash of the frame before               |
    +--------------+--------------+----------------------------------------+

``crc`` is CRC-32C over everything after itself, the commands included; ``length`` counts the
bytes of the commands. ``flags`` are 0, or GROUPED for a frame that was written after another one
without a sync between them. The hash is the first 16 bytes of SHA-256 over the whole frame.
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

import google_crc32c

from flowex.messages.layout import BLOCK
from flowex.ports.journal import Frame, JournalCorrupt

MAGIC: Final = b"FXJL"
VERSION: Final = 1
GROUPED: Final = 1
HASH_BYTES: Final = 16
NO_HASH: Final = bytes(HASH_BYTES)
"""What the first frame of a journal has in place of a hash."""

HEADER_BYTES: Final = 64
APPEND_BYTES_MAX: Final = 1 << 20
"""The longest append, headers included, and so the longest torn tail."""
_CHECKED_FROM: Final = 8
_HEAD: Final = struct.Struct("<4sI")
_BODY: Final = struct.Struct("<HHIIIQqQ16s")
assert _HEAD.size + _BODY.size == HEADER_BYTES == BLOCK


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A frame as it lies in a segment."""

    frame: Frame
    segment: int
    grouped: bool
    previous_hash: bytes
    hash: bytes
    size_bytes: int


def encode_frame(frame: Frame, segment: int, previous_hash: bytes, *, grouped: bool) -> bytes:
    """Return the frame's bytes; its length is a multiple of 64."""
    checked = (
        _BODY.pack(
            VERSION,
            GROUPED if grouped else 0,
            len(frame.commands),
            segment,
            frame.count,
            frame.first_sequence,
            frame.time,
            frame.epoch,
            previous_hash,
        )
        + frame.commands
    )
    return _HEAD.pack(MAGIC, google_crc32c.value(checked)) + checked


def frame_hash(data: bytes | memoryview) -> bytes:
    """Return the hash of a whole frame, which the next one carries."""
    return hashlib.sha256(data).digest()[:HASH_BYTES]


def decode_frame(data: bytes, offset: int = 0) -> StoredFrame | None:
    """Return the frame at ``offset``, or None when the bytes there are no whole, good frame.

    Raises JournalCorrupt for a good frame of another version.
    """
    if data[offset : offset + len(MAGIC)] != MAGIC or offset + HEADER_BYTES > len(data):
        return None
    _, crc = _HEAD.unpack_from(data, offset)
    version, flags, length, segment, count, first, time, epoch, previous = _BODY.unpack_from(
        data, offset + _CHECKED_FROM
    )
    end = offset + HEADER_BYTES + length
    if end > len(data) or crc != google_crc32c.value(data[offset + _CHECKED_FROM : end]):
        return None
    if version != VERSION or flags & ~GROUPED:
        raise JournalCorrupt(f"a frame of version {version}, flags {flags}; this is {VERSION}")
    frame = Frame(first, count, time, epoch, data[offset + HEADER_BYTES : end])
    digest = frame_hash(memoryview(data)[offset:end])
    return StoredFrame(frame, segment, bool(flags & GROUPED), previous, digest, end - offset)
