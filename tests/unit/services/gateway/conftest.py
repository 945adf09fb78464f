"""A stand, a gateway that serves it, and clients of it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from gateway_clients import Api, Rest, sockets
from gateway_exchange import Stand, serving


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
async def port(stand: Stand) -> AsyncIterator[int]:
    async with serving(stand) as (_, port):
        yield port


@pytest.fixture
async def rest(port: int) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient() as client:
        yield Rest(port, client)


@pytest.fixture
async def api(port: int) -> AsyncIterator[Api]:
    async with sockets(port, "/ws-api/v3") as connection:
        yield Api(connection)
