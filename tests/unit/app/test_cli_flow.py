"""The commands about recorded flow, as a person or a script meets them."""

import hashlib
import json
import lzma
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowex.app import cli_flow
from flowex.app.cli_flow import generate, replay

KEYS = [
    "commands",
    "trades",
    "volume",
    "notional",
    "state_hash",
    "events_hash",
    "ns_per_command_min",
    "ns_per_command_median",
    "engine",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(replay, [*arguments, "--accounts", "10", "--engine", "reference"])


def test_json_has_the_promised_keys_first() -> None:
    result = run("mix:42:3000", "--format", "generated", "--json", "--repeat", "2")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert list(report)[: len(KEYS)] == KEYS
    assert (report["commands"], report["repeat"], report["engine"]) == (3_000, 2, "reference")
    assert report["ns_per_command_min"] <= report["ns_per_command_median"]


def test_text_is_for_people_and_compares_with_the_tape(tmp_path: Path) -> None:
    log = tmp_path / "day.log"
    order = '{{"price": "{0}", "amount": "2.00000000", "id": {1}, "order_type": {2}}}'
    log.write_text(
        f"1 order_created {order.format('236.47', 1, 0)}\n"
        f"2 order_created {order.format('236.40', 2, 1)}\n"
        '3 trade {"price": 236.47, "amount": 2.0, "id": 9}\n'
    )
    lines = run(str(log), "--format", "bitstamp").output.splitlines()
    assert "volume      2.00000000" in lines
    assert "notional    472.9400000000" in lines
    assert lines[-1].startswith("tape        1 of the trades equal one of the market's own 1 print")


def test_a_generated_file_plays_like_its_name(tmp_path: Path) -> None:
    path = tmp_path / "moves.cmds.bin.xz"
    made = CliRunner().invoke(
        generate, ["flow", "--kind", "moves", "--commands", "1500", "--out", str(path)]
    )
    assert made.exit_code == 0, made.output
    assert made.output.split()[-1] == hashlib.sha256(lzma.decompress(path.read_bytes())).hexdigest()
    reports = [
        json.loads(run(file, "--format", form, "--json").output)
        for file, form in ((str(path), "commands"), ("moves:42:1500", "generated"))
    ]
    assert len({(report["state_hash"], report["events_hash"]) for report in reports}) == 1


def test_recordings_are_found_by_name_in_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "orderflow"
    folder.mkdir()
    (folder / "empty.bin").write_bytes(b"")
    result = run("empty.bin", "--format", "commands", "--data", str(tmp_path), "--json")
    assert json.loads(result.output)["commands"] == 0


@pytest.mark.parametrize(
    ("file", "form", "complaint"),
    [
        ("nowhere.bin", "commands", "no recording at nowhere.bin"),
        ("mux", "generated", "the kinds of generated flow are mix, moves"),
        (cli_flow.__file__, "bitstamp", "offset 0: not a log line"),
        (cli_flow.__file__, "commands", "cli_flow.py: offset"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_line(file: str, form: str, complaint: str) -> None:
    result = run(file, "--format", form)
    assert result.exit_code == 1
    assert complaint in result.output
    assert len(result.output.splitlines()) == 1
