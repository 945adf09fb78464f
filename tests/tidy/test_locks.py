"""The locks answer for pyproject.toml; seen without asking any registry."""

import re
import tomllib
from pathlib import Path

import pytest
from house import ROOT, complain
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = [Requirement(t) for texts in PROJECT["optional-dependencies"].values() for t in texts]
GROUPS = [Requirement(text) for texts in SETTINGS["dependency-groups"].values() for text in texts]
BUILD = [Requirement(text) for text in SETTINGS["build-system"]["requires"]]

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)(?P<rest>.*)$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("dev.txt", RUNTIME + EXTRAS + GROUPS + BUILD), ("runtime.txt", RUNTIME)],
)
def test_the_lock_satisfies_what_is_asked_for(lock: str, wanted: list[Requirement]) -> None:
    pins = _pins(ROOT / "requirements" / lock)
    complain(
        f"requirements/{lock} is stale: make lock",
        [
            f"{requirement}: {pins.get(canonicalize_name(requirement.name), 'absent')}"
            for requirement in wanted
            if pins.get(canonicalize_name(requirement.name), "") not in requirement.specifier
        ],
    )


def test_deployments_run_what_was_tested() -> None:
    tested = _pins(ROOT / "requirements" / "dev.txt")
    complain(
        "The two locks disagree: make lock",
        [
            f"{name}: {version}"
            for name, version in _pins(ROOT / "requirements" / "runtime.txt").items()
            if tested.get(name) != version
        ],
    )


@pytest.mark.parametrize("lock", ["dev.txt", "runtime.txt"])
def test_locks_hold_pins_and_hashes_only(lock: str) -> None:
    complain(
        f"requirements/{lock} may hold pins, hashes and comments; addresses stay out.",
        [
            f"{number}: {line}"
            for number, line in enumerate(_lines(ROOT / "requirements" / lock), start=1)
            if not (_PIN.match(line) or _HASH.match(line) or line.lstrip().startswith("#"))
        ],
    )


def _pins(lock: Path) -> dict[str, str]:
    found = (_PIN.match(line) for line in _lines(lock))
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def _lines(lock: Path) -> list[str]:
    return lock.read_text(encoding="utf-8").splitlines()
