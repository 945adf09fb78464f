"""What the page about connecting a client shows works as it stands there, in both languages."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flow.child_exchange import Child

DOCS = Path(__file__).parents[3] / "docs"
ENGLISH = DOCS / "start" / "connect.md"
CHINESE = DOCS / "zh" / "start" / "connect.md"
VARIES = "such as"
SECONDS_MAX = 60


def snippets(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)


SNIPPETS = snippets(ENGLISH)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A demo with traders: streams say something only where something happens."""
    child = Child(tmp_path_factory.mktemp("connect"), "--demo", "--past-hours", "0").start()
    try:
        yield child
    finally:
        child.finish()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_page_says_what_happens(snippet: str, child: Child, tmp_path: Path) -> None:
    program = tmp_path / "snippet.py"
    program.write_text(snippet.replace('".flowex"', repr(str(child.home.root))))
    done = subprocess.run(
        [sys.executable, program.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    told = re.findall(r"print\(.*\)  # (.*)", snippet)
    assert told, "a snippet shows what it prints"
    assert len(printed) == len(told)
    for line, expected in zip(printed, told, strict=True):
        assert line == expected or expected.startswith(VARIES)


def test_both_languages_show_the_same_code() -> None:
    trees = [[ast.dump(ast.parse(text)) for text in snippets(page)] for page in (ENGLISH, CHINESE)]
    assert trees[0] == trees[1]
