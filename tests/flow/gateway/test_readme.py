"""What the README shows works as it stands there, but for the folder of the exchange."""

import json
import re
from pathlib import Path

import pytest
from flow.gateway.running_exchange import Running

README = Path(__file__).parents[3] / "README.md"


@pytest.mark.filterwarnings("ignore")  # What the client warns of is its own affair.
def test_the_readme_places_an_order(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    alice = running.people["alice"]
    keys = {"name": "alice", "api_key": alice.api_key, "api_secret": alice.api_secret}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [keys]}))
    (tmp_path / "run.json").write_text(json.dumps({"url": running.url}))
    here = snippet.replace('".flowex"', repr(str(tmp_path)))
    exec(compile(here, "README.md", "exec"), {})
    assert capsys.readouterr().out == "open\n"
