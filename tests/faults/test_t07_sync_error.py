"""T7: the k-th sync fails, k = 1 to 50: no acknowledgement, exit code not 0, a clean restart."""

from pathlib import Path

import pytest
from child import EXIT_FAILED
from clients import Life, Log, judge
from machinery import strace

SYNCS = 50
TOO_MANY = 20_000
"""Acknowledgements after which the fault should have come."""
CHUNK = 25


@pytest.mark.parametrize("first", range(1, SYNCS, CHUNK))
@pytest.mark.parametrize("mode", ["inline", "threaded"])
def test_a_failed_sync_ends_the_process(tmp_path: Path, mode: str, first: int) -> None:
    log = Log()
    options = ["--threaded"] if mode == "threaded" else []
    # Every other point, so that both modes together try each k once.
    points = range(first + (mode == "threaded"), first + CHUNK, 2)
    for point in points:
        life = Life(tmp_path, log, *options, wrapper=strace(f"fdatasync:error=EIO:when={point}"))
        assert not life.acknowledge(TOO_MANY), "it went on after a failed sync"
        assert life.end() == EXIT_FAILED
    life = Life(tmp_path, log)
    assert life.acknowledge(100)
    assert life.finish() == 0
    lost = judge(tmp_path, log)
    print(
        f"T7 {mode} {first}+: {len(points)} syncs, "
        f"{len(log.acknowledged)} acknowledged, lost {lost}"
    )
    assert lost == 0
