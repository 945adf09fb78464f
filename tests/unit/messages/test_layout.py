"""The wire language: every declared record survives its bytes, and broken bytes are told."""

from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowex.messages.commands import COMMANDS, Genesis, OrderCancelReplace, OrderPlace
from flowex.messages.events import EVENTS, Result, decode_events
from flowex.messages.layout import (
    BLOCK,
    FixedText,
    FramingError,
    Record,
    RecordError,
    Scalar,
    TextExtension,
    spans,
)
from flowex.messages.state import STATE_RECORDS

RECORDS: list[type[Record]] = [*COMMANDS.values(), *EVENTS.values(), *STATE_RECORDS.values()]


def _values(record: type[Record]) -> st.SearchStrategy[Record]:
    fields: dict[str, st.SearchStrategy[int | str]] = {
        "account": st.integers(0, 2**32 - 1),
        record.__struct_fields__[2]: st.integers(0, 2**64 - 1),
    }
    for name, hint in get_type_hints(record, include_extras=True).items():
        kind = next(iter(get_args(hint)[1:]), None)
        if isinstance(kind, Scalar):
            bits, signed = kind.size * 8, kind.code.islower()
            low = -(2 ** (bits - 1)) if signed else 0
            fields[name] = st.integers(low, low + 2**bits - 1)
        elif isinstance(kind, FixedText | TextExtension):
            size = kind.size if isinstance(kind, FixedText) else 60
            fields[name] = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size)
    return st.builds(record, **fields)


def test_kinds_of_commands_events_and_state_are_disjoint() -> None:
    assert len(RECORDS) == len({record.KIND for record in RECORDS})


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_survives_its_bytes(record: type[Record]) -> None:
    @given(_values(record))
    def survives(value: Record) -> None:
        data = value.pack()
        assert len(data) % BLOCK == 0
        assert data[1] * BLOCK == len(data)
        assert type(value).unpack(data) == value

    survives()


@given(st.lists(st.sampled_from([Genesis(), OrderPlace(client_id="a"), OrderPlace()])))
def test_spans_find_every_record(records: list[Record]) -> None:
    data = b"".join(record.pack() for record in records)
    assert [kind for kind, _, _ in spans(data)] == [record.KIND for record in records]
    assert b"".join(data[start:end] for _, start, end in spans(data)) == data


@pytest.mark.parametrize("size", [1, 63, 65, 127])
def test_a_buffer_that_is_no_whole_number_of_blocks_is_refused(size: int) -> None:
    with pytest.raises(FramingError):
        list(spans(bytes(size)))


@pytest.mark.parametrize("blocks", [0, 2, 9, 255])
def test_a_record_longer_than_its_buffer_is_refused(blocks: int) -> None:
    data = bytearray(OrderPlace().pack())
    data[1] = blocks
    with pytest.raises(FramingError):
        list(spans(bytes(data)))


@pytest.mark.parametrize(
    ("offset", "value"),
    [(2, 0x80), (64, 9), (65, 0), (65, 61)],
    ids=["unknown flag", "unknown tag", "empty text", "text too long"],
)
def test_a_broken_record_is_refused(offset: int, value: int) -> None:
    data = bytearray(OrderPlace(client_id="abc").pack())
    data[offset] = value
    with pytest.raises(RecordError):
        OrderPlace.unpack(bytes(data))


def test_an_extension_may_come_once_only() -> None:
    data = bytearray(OrderPlace(client_id="abc").pack())
    data += data[BLOCK:]
    data[1] = 3
    with pytest.raises(RecordError):
        OrderPlace.unpack(bytes(data))


def test_missing_blocks_are_refused() -> None:
    data = bytearray(OrderCancelReplace().pack()[:BLOCK])
    data[1] = 1
    with pytest.raises(RecordError):
        OrderCancelReplace.unpack(bytes(data))


def test_a_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="61 bytes"):
        OrderPlace(client_id="x" * 61).pack()


def test_events_decode_in_order_and_strangers_are_refused() -> None:
    data = Result(sequence=1).pack() + Result(sequence=2).pack()
    assert [event.sequence for event in decode_events(data)] == [1, 2]
    with pytest.raises(RecordError):
        decode_events(OrderPlace().pack())
