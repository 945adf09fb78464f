"""Commands an operator has decided to step over, because they stop the machine.

A command is journaled before it is applied, so a bug of the machine that a command meets would be
met again by every restart. A quarantined command is replaced by a ClockTick, on every replay from
then on: it keeps its sequence and does nothing. The list is a text beside the journal, one JSON
object a line, that says who decided, when and why.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

import msgspec

from flowex.messages.commands import ClockTick
from flowex.messages.layout import HEADER, spans
from flowex.ports.disk import Disk
from flowex.ports.journal import Frame

NAME: Final = "journal/quarantine.jsonl"


class QuarantineEntry(msgspec.Struct, frozen=True):
    """One decision."""

    sequence: int
    time: int
    """When it was decided, in µs."""
    command: str
    """The command's bytes in hex: what was stepped over, for ever."""
    bug: str
    """What the machine said when it stopped."""
    operator: str
    reason: str


def quarantine_entries(disk: Disk) -> list[QuarantineEntry]:
    """Return all decisions, oldest first. Raises msgspec.ValidationError for a spoilt list."""
    try:
        file = disk.open(NAME)
    except FileNotFoundError:
        return []
    try:
        data = file.read_at(0, file.size())
    finally:
        file.close()
    return [msgspec.json.decode(line, type=QuarantineEntry) for line in data.splitlines()]


def quarantined_sequences(disk: Disk) -> frozenset[int]:
    """Return the sequences to step over."""
    return frozenset(entry.sequence for entry in quarantine_entries(disk))


def add_to_quarantine(disk: Disk, entry: QuarantineEntry) -> None:
    """Write down a decision, durably. Raises DiskError."""
    lines = [msgspec.json.encode(one) for one in (*quarantine_entries(disk), entry)]
    disk.replace(NAME, b"\n".join(lines) + b"\n")


def command_at(frame: Frame, sequence: int) -> bytes:
    """Return the bytes of one command of a frame."""
    return _commands(frame)[sequence - frame.first_sequence]


def step_over(frame: Frame, sequences: AbstractSet[int]) -> Frame:
    """Return the frame with a ClockTick in the place of each of these commands."""
    if not any(frame.first_sequence <= number <= frame.last_sequence for number in sequences):
        return frame
    commands = _commands(frame)
    for index, command in enumerate(commands):
        if frame.first_sequence + index in sequences:
            _, _, _, account, origin = HEADER.unpack_from(command)
            commands[index] = ClockTick(account=account, origin=origin).pack()
    return replace(frame, commands=b"".join(commands))


def _commands(frame: Frame) -> list[bytes]:
    return [frame.commands[start:end] for _, start, end in spans(frame.commands)]
