"""T3: the power goes under a real file system, ext4 on a loop device copied in use: 20 cuts."""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from clients import Life, Log, judge
from machinery import mounted

CUTS = 20
IMAGE_BYTES = 16 << 20


def test_nothing_acknowledged_is_lost_by_a_power_cut(tmp_path: Path) -> None:
    image, disk = tmp_path / "image", tmp_path / "disk"
    _make_file_system(image)
    chance, log = random.Random(3), Log()
    with mounted(disk, "-o", "loop", str(image)):
        life = Life(disk / "home", log, "--threaded")
        for cut in range(1, CUTS + 1):
            moment = life.acknowledged + 20 + chance.randrange(200)
            assert life.acknowledge(moment)
            os.kill(life.pid, signal.SIGSTOP)
            before = Log(acknowledged=dict(log.acknowledged))
            copy = tmp_path / "copy"
            shutil.copyfile(image, copy)
            os.kill(life.pid, signal.SIGCONT)
            with mounted(tmp_path / "after", "-o", "loop", str(copy)):
                home = tmp_path / "after" / "home"
                again = Life(home, Log(), "--threaded")
                assert again.finish() == 0, f"cut {cut}: no recovery"
                assert judge(home, before) == 0, f"cut {cut}"
        assert life.finish() == 0
    print(f"T3: {CUTS} power cuts, {len(log.acknowledged)} acknowledged, lost 0")


def _make_file_system(image: Path) -> None:
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("not allowed here: mkfs.ext4 is missing")
    image.write_bytes(bytes(IMAGE_BYTES))
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
