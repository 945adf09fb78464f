"""The kernel's random bytes."""

import os


class SystemEntropy:
    """Gives bytes nobody can guess."""

    def token(self, size_bytes: int) -> bytes:
        """Return that many random bytes."""
        return os.urandom(size_bytes)
