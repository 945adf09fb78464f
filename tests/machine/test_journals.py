"""Both machines arrive where the golden journals say, whatever has changed in the code."""

from pathlib import Path

import pytest
from engines import both, make
from golden import expected, frames, journals, outcome


def _name(path: Path) -> str:
    return path.name


@both
@pytest.mark.parametrize("journal", journals(), ids=_name)
def test_a_golden_journal_leads_where_it_always_did(engine: str, journal: Path) -> None:
    machine = make(engine)
    for time, commands in frames(journal):
        machine.apply(time, commands)
    assert outcome(machine) == expected()[journal.name]


def test_there_are_journals_for_this_wire_and_these_rules() -> None:
    assert len(journals()) >= 3
    assert {path.name for path in journals()} <= set(expected())
