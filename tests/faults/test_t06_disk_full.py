"""T6: the disk fills up: READ_ONLY before any loss, cancels go on, orders come back with space."""

import threading
from pathlib import Path

import pytest
from clients import Life, Log, judge, judge_disk
from machinery import mounted, strace
from simulation import Simulation
from small_exchange import Sizes

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.messages.commands import OrderCancelAll
from flowex.messages.results import ResultCode
from flowex.ports.journal import JournalFull
from flowex.ports.sequencer import Priority, ProcessState
from flowex.units.instants import SECOND

SEGMENT_BYTES = 8192
SIZES = Sizes(SEGMENT_BYTES, snapshot_every=10**9)
CANCEL = OrderCancelAll(account=2, instrument=1)


@pytest.mark.parametrize("segments", range(1, 6))
@pytest.mark.parametrize("extra_bytes", [0, 1, SEGMENT_BYTES - 1])
async def test_every_boundary_is_read_only_before_any_loss(segments: int, extra_bytes: int) -> None:
    disk = SimulatedDisk(SeededEntropy(0), segments * SEGMENT_BYTES + extra_bytes)
    simulation = Simulation(disk, SIZES)
    await simulation.start()
    while (await simulation.trade()).sequence:
        pass
    assert simulation.sequencer.state is ProcessState.READ_ONLY
    assert (await simulation.trade()).code is ResultCode.READ_ONLY

    cancels = 0
    while (await simulation.submit(CANCEL, Priority.CANCEL)).sequence:
        cancels += 1
    assert cancels > (20 if segments > 1 else 0), "no reserve for cancels"

    disk.capacity_bytes += 10 * SEGMENT_BYTES
    simulation.clock.advance(SECOND)
    simulation.sequencer.tick()
    assert simulation.sequencer.state is ProcessState.TRADING
    assert (await simulation.trade()).sequence
    assert simulation.failure is None
    assert judge_disk(disk, simulation.log) == 0
    print(f"T6 {segments} segments + {extra_bytes}: {len(simulation.log.acknowledged)} acknowledged, "
          f"then {cancels} cancels, lost 0")


async def test_a_free_space_threshold_is_kept() -> None:
    disk = SimulatedDisk(SeededEntropy(0), 100 * SEGMENT_BYTES)
    simulation = Simulation(disk, Sizes(SEGMENT_BYTES, 90 * SEGMENT_BYTES, 10**9))
    await simulation.start()
    while (await simulation.trade()).sequence:
        pass
    assert simulation.sequencer.state is ProcessState.READ_ONLY
    assert disk.free_bytes() >= 90 * SEGMENT_BYTES


async def test_no_space_for_the_first_segment_stops_the_start() -> None:
    with pytest.raises(JournalFull):
        await Simulation(SimulatedDisk(SeededEntropy(0), SEGMENT_BYTES - 1), SIZES).start()


def test_a_full_file_system_is_survived(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=2m", "tmpfs"):
        _fill_and_free(tmp_path / "small")


def _fill_and_free(folder: Path) -> None:
    log = Log()
    options = ("--threaded", "--segment-bytes", "131072", "--snapshot-every", "1000000000")
    life = Life(folder / "home", log, *options)
    assert life.drive(lambda: log.states[-1:] == ["READ_ONLY"])
    before = len(log.acknowledged)
    assert life.drive(lambda: log.refused >= 100)
    ballast = sorted((folder / "home" / "journal").glob("*.segment"))[0]
    assert not log.states.count("TRADING") > 1, ballast
    print(f"T6 tmpfs: READ_ONLY after {before} acknowledged, {log.refused} refused")
    assert life.finish() == 0
    assert judge(folder / "home", log) == 0
