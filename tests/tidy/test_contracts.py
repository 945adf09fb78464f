"""The import contracts name rooms one by one; a new room must not slip between them."""

import tomllib
from typing import Any

from house import PACKAGE, ROOT, complain

MACHINES = ("engine/machine", "engine/native", "engine/reference", "messages", "units")
NOT_FLOORS = {"__init__", "__pycache__", "_core", "py"}


def test_every_machine_is_held_to_determinism() -> None:
    named = set(_contract("determinism")["source_modules"])
    complain(
        "Add these to the determinism contract in pyproject.toml.",
        [
            module
            for room in MACHINES
            if (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").exists()
            if (module := f"flowex.{room.replace('/', '.')}") not in named
        ],
    )


def test_every_floor_is_kept_from_drivers() -> None:
    named = set(_contract("drivers")["source_modules"])
    floors = {path.stem for path in PACKAGE.iterdir()} - NOT_FLOORS - {"adapters"}
    complain(
        "Add these to the drivers contract in pyproject.toml.",
        [f"flowex.{floor}" for floor in sorted(floors) if f"flowex.{floor}" not in named],
    )


def _contract(name: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["id"] == name)
