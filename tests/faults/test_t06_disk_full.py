"""T6: the disk fills up: READ_ONLY before any loss, cancels go on, orders come back with space."""

from pathlib import Path

import pytest
from child import EXIT_FAILED
from clients import Life, Log, judge, judge_disk
from machinery import mounted, strace
from simulation import Simulation
from small_exchange import Sizes, command_of

from flowex.adapters.disk.simulated import SimulatedDisk
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.messages.commands import OrderCancelAll
from flowex.messages.results import ResultCode
from flowex.ports.journal import JournalFull
from flowex.ports.sequencer import Priority, ProcessState
from flowex.units.instants import SECOND

SEGMENT_BYTES = 8192
SIZES = Sizes(SEGMENT_BYTES, snapshot_every=10**9)
ORDER = command_of(0, 1)
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
    assert (await simulation.submit(ORDER)).code is ResultCode.READ_ONLY

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
    print(
        f"T6 {segments} segments + {extra_bytes}: {len(simulation.log.acknowledged)} acknowledged, "
        f"then {cancels} cancels, lost 0"
    )


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
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    options = ("--threaded", "--segment-bytes", "131072", "--snapshot-every", "1000000000")
    life = Life(folder / "home", log, *options)
    assert life.drive(lambda: log.states[-1:] == ["READ_ONLY"])
    full = len(log.acknowledged)
    assert life.drive(lambda: log.refused >= 100)
    ballast.unlink()
    assert life.drive(lambda: log.states[-1:] == ["TRADING"])
    assert life.drive(lambda: len(log.acknowledged) >= full + 500)
    assert life.finish() == 0
    lost = judge(folder / "home", log)
    print(
        f"T6 tmpfs: {full} acknowledged until full, {log.refused} refused, then "
        f"{len(log.acknowledged) - full} more, lost {lost}"
    )
    assert lost == 0


@pytest.mark.parametrize("call", ["pwrite64", "fsync"])
def test_no_space_in_the_middle_of_a_call_loses_nothing(tmp_path: Path, call: str) -> None:
    log, codes = Log(), []
    for point in range(1, 11):
        options = ("--segment-bytes", "8192", "--snapshot-every", "40")
        wrapper = strace(f"{call}:error=ENOSPC:when={point}")
        life = Life(tmp_path, log, *options, wrapper=wrapper)
        life.acknowledge(100)
        codes.append(life.finish())
        assert judge(tmp_path, log) == 0
    assert set(codes) <= {0, EXIT_FAILED}
    print(
        f"T6 {call}: ENOSPC at 10 points, {codes.count(0)} survived, "
        f"{len(log.acknowledged)} acknowledged, lost 0"
    )
