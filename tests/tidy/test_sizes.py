"""What fits on a few screens is read; what does not is feared."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from house import complain, cpp_files, python_files, read, told, tree

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
CPP_COLUMNS_MAX = 100

PYTHON = python_files("src", "tests", "bench", "scripts", "examples")

_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", flags=re.DOTALL
)
_NOT_FUNCTIONS = re.compile(r"\b(namespace|class|struct|enum|union|extern)\b[^()]*$")


def test_files_are_short() -> None:
    complain(
        f"A file has at most {FILE_LINES_MAX} lines; split it by what its parts are about.",
        [
            f"{told(path)}: {lines}"
            for path in [*PYTHON, *cpp_files()]
            if (lines := len(read(path).splitlines())) > FILE_LINES_MAX
        ],
    )


def test_functions_are_short() -> None:
    complain(
        f"A function has at most {FUNCTION_LINES_MAX} lines; name its steps.",
        [
            f"{told(path)}:{first} {name}: {lines}"
            for path in PYTHON
            for name, first, lines in _python_functions(path)
            if lines > FUNCTION_LINES_MAX
        ]
        + [
            f"{told(path)}:{first} {name}: {lines}"
            for path in cpp_files()
            for name, first, lines in _cpp_functions(read(path))
            if lines > FUNCTION_LINES_MAX
        ],
    )


def test_lines_of_cpp_are_short() -> None:
    complain(
        f"A line has at most {CPP_COLUMNS_MAX} columns (ruff sees to Python).",
        [
            f"{told(path)}:{number}: {len(line)}"
            for path in cpp_files()
            for number, line in enumerate(read(path).splitlines(), start=1)
            if len(line) > CPP_COLUMNS_MAX
        ],
    )


def test_the_measure_of_cpp_finds_functions() -> None:
    source = (
        'namespace a {\nstruct B {\n  int f(int x) {\n    if (x) { return "}"[0]; }\n  }\n};\n}\n'
    )
    assert list(_cpp_functions(source)) == [("int f(int x)", 3, 3)]


def _python_functions(path: Path) -> Iterator[tuple[str, int, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def _cpp_functions(source: str) -> Iterator[tuple[str, int, int]]:
    """Find outermost braces that follow a parameter list; good enough for a rule of thumb."""
    code = _NOISE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)
    code = re.sub(r"^[ \t]*#.*$", "", code, flags=re.MULTILINE)
    depth, start, opened, head = 0, 0, 0, ""
    for place in re.finditer(r"[{};]", code):
        if place[0] == "{":
            depth += 1
            text = code[start : place.start()].strip()
            if not opened and ")" in text and not _NOT_FUNCTIONS.search(text):
                opened, head = depth, text
                first = code.count("\n", 0, place.start()) + 1 - text.count("\n")
        elif place[0] == "}":
            if opened == depth:
                opened = 0
                last = code.count("\n", 0, place.start()) + 1
                yield " ".join(head.split())[:60], first, last - first + 1
            depth -= 1
        start = place.end()
