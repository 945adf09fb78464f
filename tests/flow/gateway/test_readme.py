"""What the README shows works as it stands there, but for the address and the home."""

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
    keys = tmp_path / "demo.json"
    keys.write_text(
        f'{{"accounts":[{{"api_key":"{alice.api_key}","api_secret":"{alice.api_secret}"}}]}}'
    )
    here = snippet.replace(".flowex/demo.json", str(keys))
    here = here.replace("http://127.0.0.1:8080", running.url)
    exec(compile(here, "README.md", "exec"), {})
    assert capsys.readouterr().out == "open\n"
