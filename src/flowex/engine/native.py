"""The native machine and codec: the thin Python face of the C++ core under core/.

Importing this module fails where the core was not built; the wiring then serves the reference.
"""

from typing import Final

from flowex import _core
from flowex.engine.codec import Codec, described


class NativeMachine(_core.Machine):
    """Fulfils ``engine.machine.Machine`` in C++; apply and snapshot run without the GIL."""

    engine: Final = "native"
    codec: Final[Codec] = _core.Codec(*described())
    """Speaks the wire language of the same declarations, in C++ too."""
