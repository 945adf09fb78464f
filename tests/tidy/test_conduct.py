"""What code may not do, where a checker can see it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from house import ROOT, complain, python_files, read, texts, told, tree

# The rooms where money is counted: floats and true division have no business there.
EXACT_ROOMS = ("src/flowex/units", "src/flowex/messages", "src/flowex/engine")
QUEUES = {"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue", "deque"}
# A queue that is bounded by other means says so on its line: `# bounded: by the limit on orders`.
BOUNDED = "# bounded:"
# The one place that lets time pass, and only while it watches a condition.
WAITING = ROOT / "tests" / "waiting.py"

_MACHINE_PATH = re.compile(
    r"/work/|/root/|/Users/\w|/home/\w|/opt/pypi|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian"
)
_EXCUSE = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:)(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*"
    r"|\[[\w, -]+\]|)(?P<reason>.*)$"
)
_REASON_CHARACTERS_MIN = 8


def test_money_never_meets_a_float() -> None:
    complain(
        "Money is integers: no float, no float literal, no true division in these rooms.",
        [
            f"{told(path)}:{line} {what}"
            for path in python_files(*EXACT_ROOMS)
            for line, what in _floats(path)
        ],
    )


def test_every_queue_has_a_limit() -> None:
    complain(
        f"Every queue has a limit: give maxsize or maxlen, or say `{BOUNDED} by what`.",
        [
            f"{told(path)}:{line} {what}"
            for path in python_files("src")
            for line, what in _unbounded(path)
        ],
    )


def test_tests_do_not_sleep() -> None:
    complain(
        "A test waits for a condition, with a deadline: see tests/waiting.py.",
        [
            f"{told(path)}:{line}"
            for path in python_files("tests")
            if path != WAITING
            for line in _sleeps(path)
        ],
    )


def test_exclusions_give_their_reason() -> None:
    complain(
        "A lint exclusion says why, in a comment on its line or on the line above.",
        [
            f"{told(path)}:{number}"
            for path in python_files("src", "bench", "scripts")
            for number in _unexcused(read(path).splitlines())
        ],
    )


def test_nothing_names_a_machine() -> None:
    complain(
        "A path of one machine or the address of a registry is true for one machine only.",
        [
            f"{told(path)}:{number}: {found[0]}"
            for path in texts()
            if path != Path(__file__)
            for number, line in enumerate(read(path).splitlines(), start=1)
            if (found := _MACHINE_PATH.search(line))
        ],
    )


def _floats(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        match node:
            case ast.Constant(value=float()):
                yield node.lineno, repr(node.value)
            case ast.Name(id="float"):
                yield node.lineno, "float"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield node.lineno, "/"


def _unbounded(path: Path) -> Iterator[tuple[int, str]]:
    lines = read(path).splitlines()
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call) or BOUNDED in lines[node.lineno - 1]:
            continue
        name = _called(node)
        limits = {keyword.arg for keyword in node.keywords} & {"maxsize", "maxlen"}
        positional = 1 if name == "deque" else 0
        if name in QUEUES and not limits and len(node.args) <= positional:
            yield node.lineno, f"{name}()"


def _sleeps(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and _called(node) == "sleep":
            yields_only = [isinstance(a, ast.Constant) and a.value == 0 for a in node.args]
            if yields_only != [True]:
                yield node.lineno


def _unexcused(lines: list[str]) -> Iterator[int]:
    for number, line in enumerate(lines, start=1):
        found = _EXCUSE.search(line)
        if not found or len(found["reason"].strip(" #-")) >= _REASON_CHARACTERS_MIN:
            continue
        above = lines[number - 2].strip() if number > 1 else ""
        if not above.startswith("#"):
            yield number


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
