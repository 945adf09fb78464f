"""A disk in memory that keeps what was synced and loses, tears or keeps what was not.

The simulations' disk: operations are counted, so that a test can cut the power at any of them,
let a sync fail, or run out of space; what a power cut leaves behind is drawn from the entropy port.
A sync that is cut may or may not have reached the medium, and an un-synced write is kept whole, as
a prefix, as any subset of its sectors, or not at all.
"""

from collections.abc import Callable
from typing import Final

from flowex.ports.disk import DiskFailed, DiskFull
from flowex.ports.entropy import Entropy

SECTOR_BYTES: Final = 512
"""What a medium writes whole or not at all, unless a test asks for torn prefixes."""


class PowerCut(BaseException):
    """The simulated power went away in the middle of an operation."""


class SimulatedFile:
    """A file of the simulated disk; every handle of a name shares its bytes."""

    def __init__(self, disk: "SimulatedDisk", name: str, content: bytes) -> None:
        """Begin with ``content``, synced."""
        self._disk = disk
        self.name = name
        self.current = bytearray(content)
        self.durable = bytearray(content)
        self.pending: list[tuple[int, bytes]] = []

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of ``data`` at ``offset``; certain only after ``sync``."""
        grown = max(0, offset + len(data) - len(self.current))
        if grown:
            self._disk.take_space(grown)
            self.current.extend(bytes(grown))
        self.current[offset : offset + len(data)] = data
        self.pending.append((offset, bytes(data)))
        self._disk.step(f"write {self.name}")

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Return up to that many bytes from ``offset``."""
        return bytes(self.current[offset : offset + size_bytes])

    def size(self) -> int:
        """Return the file's length in bytes."""
        return len(self.current)

    def sync(self) -> None:
        """Make everything written certain."""
        self._disk.before_sync(self)
        self._disk.step(f"sync {self.name}", lambda: self._settle(None))
        self._settle(None)

    def close(self) -> None:
        """Nothing to give back."""

    def lose_power(self, chance: "Chance") -> None:
        """Keep what was synced and some of the rest."""
        self._settle(chance)
        self.current = bytearray(self.durable)

    def _settle(self, chance: "Chance | None") -> None:
        for offset, data in self.pending:
            whole = [(0, len(data))]
            for start, end in whole if chance is None else _survivors(len(data), chance):
                missing = max(0, offset + end - len(self.durable))
                self.durable.extend(bytes(missing))
                self.durable[offset + start : offset + end] = data[start:end]
        self.pending.clear()


class Chance:
    """Draws from an entropy port."""

    def __init__(self, entropy: Entropy) -> None:
        """Draw from that source."""
        self._entropy = entropy

    def below(self, bound: int) -> int:
        """Return a number from 0 to ``bound`` - 1."""
        return int.from_bytes(self._entropy.token(4), "little") % bound


def _survivors(size_bytes: int, chance: Chance) -> list[tuple[int, int]]:
    """Return the parts of an un-synced write that reached the medium."""
    sectors = [
        (start, min(start + SECTOR_BYTES, size_bytes))
        for start in range(0, size_bytes, SECTOR_BYTES)
    ]
    fates: list[Callable[[], list[tuple[int, int]]]] = [
        list,
        lambda: [(0, size_bytes)],
        lambda: [(0, chance.below(size_bytes + 1))],
        lambda: [sector for sector in sectors if chance.below(2)],
    ]
    return fates[chance.below(len(fates))]()


class SimulatedDisk:
    """Files in memory, with faults on demand."""

    def __init__(self, entropy: Entropy, capacity_bytes: int = 1 << 40) -> None:
        """Make an empty disk of that size; power cuts draw from ``entropy``."""
        self.capacity_bytes = capacity_bytes
        self.operations = 0
        """Changing operations so far."""
        self.syncs = 0
        self.cut_at: int | None = None
        """The power goes at this operation, counted from 1."""
        self.fail_sync_at: int | None = None
        """The file sync with this number, counted from 1, fails; and so do all after it."""
        self._chance = Chance(entropy)
        self._files: dict[str, SimulatedFile] = {}

    def create(self, name: str, size_bytes: int) -> SimulatedFile:
        """Make a new file of that many zeros. Raises DiskFull."""
        self.take_space(size_bytes - (self._files[name].size() if name in self._files else 0))

        def make() -> None:
            self._files[name] = SimulatedFile(self, name, bytes(size_bytes))

        self.step(f"create {name}", make)
        make()
        return self._files[name]

    def open(self, name: str) -> SimulatedFile:
        """Open an existing file. Raises FileNotFoundError."""
        if name not in self._files:
            raise FileNotFoundError(name)
        return self._files[name]

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted."""
        prefix = folder + "/" if folder else ""
        rests = (name.removeprefix(prefix) for name in self._files if name.startswith(prefix))
        return sorted(rest for rest in rests if "/" not in rest)

    def replace(self, name: str, data: bytes) -> None:
        """Publish ``data`` under ``name``, whole or not at all. Raises DiskFull."""
        self.take_space(len(data))

        def publish() -> None:
            self._files[name] = SimulatedFile(self, name, data)

        self.step(f"replace {name}", publish)
        publish()

    def truncate(self, name: str, size_bytes: int) -> None:
        """Cut a file to that many bytes."""
        file = self.open(name)

        def cut() -> None:
            del file.current[size_bytes:]
            file.durable[:] = file.current
            file.pending.clear()

        self.step(f"truncate {name}", cut)
        cut()

    def remove(self, name: str) -> None:
        """Delete a file."""
        self.open(name)
        self.step(f"remove {name}", lambda: self._files.pop(name, None))
        self._files.pop(name, None)

    def free_bytes(self) -> int:
        """Return how much space is left."""
        return self.capacity_bytes - sum(file.size() for file in self._files.values())

    def power_on(self) -> None:
        """Come back after a power cut with what survived it."""
        self.cut_at = None
        self.fail_sync_at = None
        for name in sorted(self._files):
            self._files[name].lose_power(self._chance)

    def cut_power_at(self, operation: int) -> None:
        """Let the power go at that operation, counted from now on, from 1."""
        self.cut_at = self.operations + operation

    def step(self, what: str, effect: Callable[[], object] = lambda: None) -> None:
        """Count an operation; at the chosen one do it or not, by chance, and raise PowerCut."""
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            if self.operations == self.cut_at and self._chance.below(2):
                effect()
            raise PowerCut(f"operation {self.operations}: {what}")

    def before_sync(self, file: SimulatedFile) -> None:
        """Count a file sync and let it fail when its turn has come."""
        self.syncs += 1
        if self.fail_sync_at is not None and self.syncs >= self.fail_sync_at:
            raise DiskFailed(f"sync {file.name}: simulated failure")

    def take_space(self, size_bytes: int) -> None:
        """Raise DiskFull when there is not that much left."""
        if size_bytes > self.free_bytes():
            raise DiskFull(f"{size_bytes} bytes wanted, {self.free_bytes()} left")
