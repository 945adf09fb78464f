"""Where things lie: a room says what belongs in it, and exists only when something does."""

import ast
from pathlib import Path

from house import PACKAGE, ROOT, complain, packages, python_files, texts, told, tree

DRAWERS = {"base", "common", "helper", "helpers", "misc", "stuff", "util", "utilities", "utils"}
INIT_MAY_EXPORT = {PACKAGE / "units", PACKAGE / "messages"}


def test_no_drawers() -> None:
    complain(
        "A name says what is inside; drawers collect what nobody thought about.",
        [told(p) for p in texts() if DRAWERS & {part.split(".")[0] for part in p.parts[-4:]}],
    )


def test_packages_are_not_empty() -> None:
    complain(
        "A folder appears when something lives in it.",
        [
            told(folder)
            for folder in packages()
            if not any(
                path.suffix in {".py", ".pyi", ".html", ".sql", ".mako"}
                and path.name != "__init__.py"
                for path in folder.rglob("*")
            )
        ],
    )


def test_packages_say_what_belongs_in_them() -> None:
    complain(
        "Each package has an __init__.py that says what belongs there and what does not.",
        [
            told(folder)
            for folder in packages()
            if _holds_python(folder) and not _is_migrations(folder) and not _says_something(folder)
        ],
    )


def test_init_holds_a_docstring_only() -> None:
    complain(
        "__init__.py holds its docstring and nothing else; import from where a thing is.",
        [
            told(path)
            for path in python_files("src")
            if path.name == "__init__.py"
            and path.parent not in INIT_MAY_EXPORT
            and len(tree(path).body) > 1
        ],
    )


def test_unit_tests_mirror_the_package() -> None:
    complain(
        "tests/unit/a/test_b.py tries src/flowex/a/b.py or the package a/b; move it or rename it.",
        [
            told(path)
            for path in python_files("tests/unit")
            if path.name.startswith("test_") and not _mirrored(path)
        ],
    )


def _holds_python(folder: Path) -> bool:
    return any(folder.glob("*.py"))


def _is_migrations(folder: Path) -> bool:
    return "migrations" in folder.parts


def _says_something(folder: Path) -> bool:
    init = folder / "__init__.py"
    return init.exists() and bool(ast.get_docstring(tree(init)))


def _mirrored(path: Path) -> bool:
    room = PACKAGE / path.parent.relative_to(ROOT / "tests" / "unit")
    subject = path.stem.removeprefix("test_")
    # One module may need several test files: test_orders_place.py tries orders.py.
    while subject:
        if (room / f"{subject}.py").exists() or (room / subject).is_dir():
            return True
        subject = subject.rpartition("_")[0]
    return False
