"""An exchange whose disk fails ends at once, says so, and has everything when it is back."""

import asyncio
import shutil
import signal
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flow.child_exchange import Child
from rich.console import Console
from waiting import DEADLINE_SECONDS, eventually

from flowex.adapters.database.sqlite import SqliteDatabase
from flowex.adapters.disk.local import LocalFile
from flowex.app import cli_run
from flowex.app.banner import Banner
from flowex.app.engines import machine_factory
from flowex.app.flow_entry import EntryError
from flowex.app.home import Home
from flowex.app.running import ExchangeFailed, run
from flowex.app.settings import Settings
from flowex.app.wiring import local_world
from flowex.engine.commit import Committer, Step
from flowex.ports.database import DatabaseDown
from flowex.ports.disk import DiskFailed
from flowex.ports.journal import JournalFailed


async def test_a_failed_sync_ends_the_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(tmp_path, "--demo", "--no-bots")  # The same home, once in this process.
    settings = Settings(home=child.home.root, port=0, demo=True, bots=False)
    spoken = StringIO()
    running = asyncio.create_task(run(settings, Banner(Console(file=spoken))))
    await eventually(lambda: child.home.running() or running.done(), "the start")
    kept = await asyncio.to_thread(child.order, "alice", "BUY", "0.01", price="50000")

    def fail(_file: LocalFile) -> None:
        raise DiskFailed("the medium is gone")

    monkeypatch.setattr(LocalFile, "sync", fail)
    with pytest.raises((AssertionError, EntryError)):  # Refused, or nobody answers any more.
        await asyncio.to_thread(child.order, "alice", "BUY", "0.01", price="50001")
    with pytest.raises(ExchangeFailed, match="the medium is gone"):
        await running
    monkeypatch.undo()

    child.start()
    try:
        found = child.get("/api/v3/openOrders", "alice")
        assert kept["orderId"] in {one["orderId"] for one in found}
    finally:
        child.finish()


async def test_a_database_without_space_does_not_spoil_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(tmp_path, "--demo", "--no-bots")
    settings = Settings(home=child.home.root, port=0, demo=True, bots=False)
    spoken = StringIO()
    running = asyncio.create_task(run(settings, Banner(Console(file=spoken))))
    await eventually(lambda: child.home.running() or running.done(), "the start")

    async def fail(_database: SqliteDatabase, _work: object) -> None:
        raise DatabaseDown("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(SqliteDatabase, "write", fail)
        kept = await asyncio.to_thread(child.order, "alice", "BUY", "0.01", price="50000")
        signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await running
    assert "the next start writes what is missing" in spoken.getvalue()
    assert "Stopped at sequence" in spoken.getvalue()

    child.start()
    try:
        found = child.get("/api/v3/allOrders", "alice", symbol="BTCUSDT")
        assert [one["orderId"] for one in found] == [kept["orderId"]]
    finally:
        child.finish()


async def test_a_long_recovery_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child(tmp_path, "--demo", "--no-bots")
    child.start()
    child.stop()
    shutil.rmtree(child.home.data / "snapshots")  # So that the whole journal is replayed.
    loop, frames = asyncio.get_running_loop(), list[int]()

    def recovering(_banner: Banner, done: int, _wanted: int) -> None:
        frames.append(done)
        signal.raise_signal(signal.SIGTERM)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(DEADLINE_SECONDS)

    spoken = StringIO()
    settings = Settings(home=child.home.root, port=0, demo=True, bots=False)
    with monkeypatch.context() as slow:
        slow.setattr(Banner, "recovering", recovering)
        async with asyncio.timeout(DEADLINE_SECONDS):
            await run(settings, Banner(Console(file=spoken)))
    assert "Stopped before" in spoken.getvalue()
    assert "is trading at" not in spoken.getvalue()
    child.start()
    child.finish()


async def test_a_disk_that_fails_during_the_start_ends_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_committer: Committer) -> Step:
        raise JournalFailed("the medium is gone")

    # A timer was due: the first thing an exchange journals, before its engine has a thread.
    monkeypatch.setattr(Committer, "idle", fail)
    home = Home(tmp_path / "home")
    home.take()
    world = local_world(home.begin(), machine_factory(None))
    await world.close()
    home.finish()
    home.leave()
    settings = Settings(home=home.root, port=0)
    async with asyncio.timeout(DEADLINE_SECONDS):
        with pytest.raises(JournalFailed, match="the medium is gone"):
            await run(settings, Banner(Console(file=StringIO())))


def test_the_exit_code_says_that_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(_settings: Settings, _banner: Banner) -> None:
        raise ExchangeFailed("the medium is gone")

    monkeypatch.setattr(cli_run, "run_exchange", failing)
    result = CliRunner().invoke(cli_run.run, ["--home", str(tmp_path)])
    assert result.exit_code == cli_run.EXIT_FAILED
    assert "stopped by itself: the medium is gone" in result.output
