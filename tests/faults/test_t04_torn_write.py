"""T4: the power goes at any operation; un-synced writes are lost, torn or kept: 1,000 seeds."""

import random

import pytest
from clients import judge_disk
from simulation import Simulation
from small_exchange import Sizes

from flowex.adapters.disk.simulated import PowerCut, SimulatedDisk, SimulatedFile
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.ports.journal import JournalCorrupt

SEEDS = 1_000
CHUNK = 250
LIVES = 3
OPERATIONS_MAX = 120
SIZES = Sizes(segment_bytes=4096, snapshot_every=25)


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
async def test_nothing_acknowledged_is_lost_by_a_power_cut(first: int) -> None:
    cuts = acknowledged = 0
    for seed in range(first, first + CHUNK):
        chance = random.Random(seed)
        disk = SimulatedDisk(SeededEntropy(seed))
        simulation = Simulation(disk, SIZES)
        for _ in range(LIVES):
            disk.cut_power_at(1 + chance.randrange(OPERATIONS_MAX))
            with pytest.raises(PowerCut):
                await simulation.start_and_trade_forever()
            disk.power_on()
            cuts += 1
        await simulation.start()
        assert judge_disk(disk, simulation.log) == 0, f"seed {seed}"
        assert simulation.projection.last_sequence == simulation.machine.sequence
        acknowledged += len(simulation.log.acknowledged)
    print(f"T4 seeds {first}+: {cuts} power cuts, {acknowledged} acknowledged, lost 0")


async def test_the_judge_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledge without a sync, and commands must be found missing."""
    monkeypatch.setattr(SimulatedFile, "sync", lambda _: None)
    found = 0
    for seed in range(20):
        disk = SimulatedDisk(SeededEntropy(seed))
        simulation = Simulation(disk, SIZES)
        disk.cut_power_at(60)
        with pytest.raises(PowerCut):
            await simulation.start_and_trade_forever()
        disk.power_on()
        try:
            found += judge_disk(disk, simulation.log) > 0
        except JournalCorrupt:
            found += 1
    assert found == 20
