"""The overview and every command's help: lazily loaded, and all there."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from flowex.app.cli import _COMMANDS, main


def test_the_overview_names_every_command_and_shows_how_to_begin() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "flowex run --demo" in result.output
    for name in _COMMANDS:
        assert f"\n  {name} " in result.output


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Usage: ")


def test_a_command_that_is_not_there_is_refused() -> None:
    result = CliRunner().invoke(main, ["fly"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_version_is_told() -> None:
    assert "flowex, version" in CliRunner().invoke(main, ["--version"]).output


def test_the_overview_does_not_load_the_exchange() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from flowex.app.cli import main; "
        "CliRunner().invoke(main, ['--help']); "
        "print([name for name in ('sqlalchemy', 'litestar', 'uvicorn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
