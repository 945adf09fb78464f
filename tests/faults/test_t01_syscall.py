"""T1: killed at the n-th system call that matters, 100 points."""

from pathlib import Path

import pytest
from clients import Life, Log, judge
from machinery import strace

CALLS = {"pwrite64": 40, "fdatasync": 40, "fsync": 10, "rename": 10}
"""How many points of each; fsync and rename belong to new segments and snapshots."""
TOO_MANY = 20_000
"""Acknowledgements after which the fault should have come."""
CHUNK = 10
SIZES = ("--segment-bytes", "8192", "--snapshot-every", "40")
CHUNKS = [(call, first) for call, points in CALLS.items() for first in range(1, points, CHUNK)]


def test_there_are_a_hundred_points() -> None:
    assert len(CHUNKS) * CHUNK == 100


@pytest.mark.parametrize(("call", "first"), CHUNKS)
def test_nothing_acknowledged_is_lost_at_a_system_call(
    tmp_path: Path, call: str, first: int
) -> None:
    log = Log()
    for point in range(first, first + CHUNK):
        life = Life(tmp_path, log, *SIZES, wrapper=strace(f"{call}:signal=SIGKILL:when={point}"))
        assert not life.acknowledge(TOO_MANY), "it was not killed"
        assert life.end() != 0
        assert judge(tmp_path, log) == 0
    print(f"T1 {call} {first}+: {CHUNK} points, {len(log.acknowledged)} acknowledged, lost 0")
