"""What is promised is served, and what is served is promised."""

import pytest
from gateway_clients import Rest

from flowex.services.gateway.binance.contract import ROWS
from flowex.services.gateway.binance.table import ENDPOINTS

SERVED = {(row.method, row.path) for row in ENDPOINTS}


def test_each_row_is_there_once() -> None:
    assert len({(row.method, row.path) for row in ROWS}) == len(ROWS) == 55


def test_a_row_is_promised_exactly_when_it_is_served() -> None:
    promised = {(row.method, row.path) for row in ROWS if row.is_promised}
    rows = {(row.method, row.path) for row in ROWS}
    assert sorted(promised - SERVED) == [], "promised and not in the table"
    assert sorted((SERVED & rows) - promised) == [], "served without a cross in contract.py"


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_promised], ids=lambda row: row.path)
async def test_a_promised_row_answers(rest: Rest, row: tuple[int, str, bool, str, str]) -> None:
    method, path = row[3:]
    response = await rest.send(method, path)
    assert response.status_code in (200, 400), response.text
    assert response.status_code == 200 or response.json()["code"] != -1020
