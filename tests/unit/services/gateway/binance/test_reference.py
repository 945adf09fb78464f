"""The page of every endpoint: fresh, and its ticks true."""

from pathlib import Path

from flowex.services.gateway.binance import reference
from flowex.services.gateway.binance.table import ENDPOINTS

CHECKED_IN = Path(__file__).parents[5] / "docs" / "reference" / "binance.md"


def test_the_copy_that_is_checked_in_is_fresh() -> None:
    assert CHECKED_IN.read_text("utf-8") == reference.page(), (
        f"{CHECKED_IN.name} is stale: make docs"
    )


def test_every_refusal_of_an_endpoint_is_in_the_table_of_errors() -> None:
    told = {(fault.code, fault.status) for fault in reference.every_fault()}
    for row in ENDPOINTS:
        assert {(fault.code, fault.status) for fault in row.faults} <= told, row.label
