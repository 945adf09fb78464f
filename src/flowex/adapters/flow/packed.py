"""Reads a recording into memory, unpacking .xz by its name."""

import lzma
from pathlib import Path

from flowex.ports.flow import FlowDamagedError, FlowError

UNPACKED_BYTES_MAX = 1 << 30
"""A recording is held in memory whole; a larger one is refused."""

_CHUNK_BYTES = 1 << 20


def read_packed(path: Path) -> bytes:
    """Read a file whole, unpacking it when its name ends in .xz.

    Raises `FlowError` when it cannot be opened or is larger than `UNPACKED_BYTES_MAX`, and
    `FlowDamagedError` with the number of good unpacked bytes when the packing is broken.
    """
    content = bytearray()
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                content += chunk
                if len(content) > UNPACKED_BYTES_MAX:
                    raise FlowError(f"{path}: larger than {UNPACKED_BYTES_MAX} bytes unpacked")
    except (lzma.LZMAError, EOFError) as error:
        raise FlowDamagedError(str(path), len(content), f"broken .xz: {error}") from error
    except OSError as error:
        raise FlowError(f"{path}: {error.strerror or error}") from error
    return bytes(content)
