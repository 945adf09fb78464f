import os
from pathlib import Path

import pytest

from flowex.app.home import Home, HomeError


def test_a_home_has_one_exchange_at_a_time(tmp_path: Path) -> None:
    first, second = Home(tmp_path), Home(tmp_path)
    first.take()
    first.tell("http://127.0.0.1:8080")
    with pytest.raises(HomeError, match=r"already running .* at http://127\.0\.0\.1:8080"):
        second.take()
    first.leave()
    assert second.running() is None
    second.take()
    second.leave()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="file"):
        Home(tmp_path / "file" / "home").take()


def test_founding_is_all_or_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.begin() / "half").write_text("left by a crash")
    assert not home.is_founded
    begun = home.begin()
    assert list(begun.iterdir()) == []
    (begun / "whole").write_text("")
    home.finish()
    assert home.is_founded
    assert [path.name for path in home.data.iterdir()] == ["whole"]
    assert not home.unfinished.exists()


def test_it_tells_where_the_exchange_answers(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.running() is None
    home.tell("http://127.0.0.1:8081")
    running = home.running()
    assert running is not None
    assert (running.url, running.pid) == ("http://127.0.0.1:8081", os.getpid())
    home.run_file.write_text("{")
    assert home.running() is None
