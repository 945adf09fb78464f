"""What parameters owe each other: said once, checked and told alike."""

import pytest

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Fault, Refusal
from flowex.services.gateway.binance.rules import ByWord, Case, Excludes, OneOf, Rule, Together

BY_TYPE = ByWord(
    "type",
    {
        "LIMIT": Case(needs=("price", "quantity"), refuses=("total",)),
        "MARKET": Case(refuses=("price",), one_of=("quantity", "total")),
    },
)


def refused(rule: Rule, *names: str, **texts: str) -> Fault | None:
    """Return what the rule says of these parameters, which it must have declared."""
    try:
        rule.check(dict.fromkeys(names, "1") | texts)
    except Refusal as refusal:
        return next(fault for fault in rule.faults if fault == refusal.fault)
    return None


def test_one_of_two() -> None:
    rule = OneOf("a", "b")
    assert refused(rule, "c") == errors.missing_both("a", "b")
    assert [refused(rule, *names) for names in ("a", "b", "ab")] == [None] * 3
    assert rule.words == "`a` or `b` must be sent"


def test_one_excludes_others() -> None:
    rule = Excludes("a", ("b", "c"))
    assert refused(rule, "a", "c") == errors.BAD_COMBINATION
    assert [refused(rule, *names) for names in ("a", "bc", "")] == [None] * 3
    assert refused(Excludes("a", ("b",), errors.BAD_TIF), "a", "b") == errors.BAD_TIF
    assert rule.words == "`a` not together with `b`, `c`"


def test_one_needs_another_that_means_nothing_alone() -> None:
    rule = Together("a", "b")
    assert refused(rule, "a") == errors.missing("b")
    assert refused(rule, "b") == errors.not_required("b")
    assert [refused(rule, *names) for names in ("ab", "c", "")] == [None] * 3
    assert rule.words == "`a` and `b` only together"


@pytest.mark.parametrize(
    ("word", "names", "fault"),
    [
        ("LIMIT", ("price", "quantity"), None),
        ("LIMIT", ("quantity",), errors.missing("price")),
        ("LIMIT", ("price", "quantity", "total"), errors.not_required("total")),
        ("MARKET", ("quantity",), None),
        ("MARKET", ("total",), None),
        ("MARKET", (), errors.missing_both("quantity", "total")),
        ("MARKET", ("total", "price"), errors.not_required("price")),
        ("OTHER", (), None),
    ],
)
def test_a_word_asks_of_the_others(word: str, names: tuple[str, ...], fault: Fault | None) -> None:
    assert refused(BY_TYPE, *names, type=word) == fault


def test_a_word_that_is_not_sent_asks_nothing() -> None:
    assert refused(BY_TYPE) is None
    assert BY_TYPE.words == (
        "`type=LIMIT` needs `price`, `quantity`, does not take `total`; "
        "`type=MARKET` needs `quantity` or `total`, does not take `price`"
    )
