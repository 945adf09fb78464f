"""The files of the project, as the house rules see them."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "flowex"

_ROOMS = (".ci", "bench", "core", "deploy", "docs", "examples", "scripts", "src", "tests")
_TEXTS = {
    *(".cfg", ".cmake", ".cpp", ".css", ".h", ".hpp", ".html", ".ini", ".js", ".json", ".mako"),
    *(".md", ".py", ".pyi", ".sh", ".sql", ".toml", ".txt", ".yaml", ".yml", ""),
}
_FOREIGN = ("core/vendor/", "core/fuzz/corpus/")
_GENERATED = ("core/src/wire.h",)


def texts() -> list[Path]:
    """List every text file that we keep, at the top and in the rooms."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in _TEXTS]
    rooms = [path for room in _ROOMS for path in _walk(ROOT / room) if path.suffix in _TEXTS]
    return sorted(
        path
        for path in [*top, *rooms]
        if not told(path).startswith(_FOREIGN) and path.name != ".venv.lock"
    )


def python_files(*rooms: str) -> list[Path]:
    """List Python sources under the given folders, stubs not included."""
    wanted = tuple(f"{room}/" for room in rooms)
    return [p for p in texts() if p.suffix == ".py" and told(p).startswith(wanted)]


def cpp_files() -> list[Path]:
    """List the C++ sources written by hand."""
    return [
        path
        for path in texts()
        if path.suffix in {".cpp", ".h", ".hpp"} and told(path) not in _GENERATED
    ]


def packages() -> list[Path]:
    """List the package folders of flowex."""
    folders = [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]
    return sorted(path for path in folders if "__pycache__" not in path.parts)


def told(path: Path) -> str:
    """Name a file as a complaint does: from the top of the project."""
    return path.relative_to(ROOT).as_posix()


@lru_cache(maxsize=2048)
def read(path: Path) -> str:
    """Read a file once, however many rules look at it."""
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=2048)
def tree(path: Path) -> ast.Module:
    """Parse a Python file once."""
    return ast.parse(read(path), filename=str(path))


def complain(rule: str, offenders: list[str]) -> None:
    """Fail with the rule and everyone who breaks it, one a line."""
    if offenders:
        pytest.fail(f"{rule}\n  " + "\n  ".join(offenders), pytrace=False)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts):
            yield path
