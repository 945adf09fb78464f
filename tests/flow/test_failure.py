"""An exchange whose disk fails ends at once, says so, and has everything when it is back."""

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flow.child_exchange import Child
from rich.console import Console
from waiting import eventually

from flowex.adapters.disk.local import LocalFile
from flowex.app import cli_run
from flowex.app.banner import Banner
from flowex.app.flow_entry import EntryError
from flowex.app.running import ExchangeFailed, run
from flowex.app.settings import Settings
from flowex.ports.disk import DiskFailed


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


def test_the_exit_code_says_that_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(_settings: Settings, _banner: Banner) -> None:
        raise ExchangeFailed("the medium is gone")

    monkeypatch.setattr(cli_run, "run_exchange", failing)
    result = CliRunner().invoke(cli_run.run, ["--home", str(tmp_path)])
    assert result.exit_code == cli_run.EXIT_FAILED
    assert "stopped by itself: the medium is gone" in result.output
