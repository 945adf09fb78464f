"""T2: killed under load, 50 times, with at least 500 commands acknowledged before each kill."""

import random
from pathlib import Path

import pytest
from clients import Life, Log, judge
from engines import HAS_NATIVE

KILLS = 50
LIVES_OF_ONE_JOURNAL = 25
ACKNOWLEDGED_BEFORE = 500


@pytest.mark.parametrize("seed", range(KILLS // LIVES_OF_ONE_JOURNAL))
def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path, seed: int) -> None:
    chance, log = random.Random(seed), Log()
    # The judge is the reference machine, so snapshots of the native one are tried by its twin.
    engine = "native" if HAS_NATIVE and seed % 2 else "reference"
    for _ in range(LIVES_OF_ONE_JOURNAL):
        life = Life(tmp_path, log, "--threaded", "--engine", engine)
        moment = ACKNOWLEDGED_BEFORE + chance.randrange(250)
        assert life.acknowledge(moment)
        assert life.kill() == -9
    lost = judge(tmp_path, log)
    print(
        f"T2 seed {seed}, {engine}: {LIVES_OF_ONE_JOURNAL} kills, "
        f"{len(log.acknowledged)} acknowledged, lost {lost}"
    )
    assert lost == 0
