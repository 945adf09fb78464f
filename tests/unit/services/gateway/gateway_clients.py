"""Clients of a gateway under test: one that signs REST requests, one that speaks the sockets."""

import hmac
import json
from typing import Any

import httpx
from gateway_exchange import HMAC_SECRET, KEYS, NOW
from websockets.asyncio.client import ClientConnection, connect

TIMESTAMP = NOW // 1_000


def hmac_hex(text: str) -> str:
    return hmac.new(HMAC_SECRET, text.encode(), "sha256").hexdigest()


class Rest:
    """Signs with the key of a person of the stand."""

    def __init__(self, port: int, client: httpx.AsyncClient) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._client = client

    async def raw(self, method: str, target: str, **details: Any) -> httpx.Response:
        return await self._client.request(method, self._url + target, **details)

    async def public(self, path: str, **params: object) -> Any:
        response = await self._client.get(self._url + path, params=texts(params))
        assert response.status_code == 200, response.text
        return response.json()

    async def send(
        self, method: str, path: str, person: str = "alice", **params: object
    ) -> httpx.Response:
        query = str(httpx.QueryParams(texts({"timestamp": TIMESTAMP} | params)))
        target = f"{path}?{query}&signature={hmac_hex(query)}"
        return await self.raw(method, target, headers={"X-MBX-APIKEY": KEYS[person]})

    async def ok(self, method: str, path: str, person: str = "alice", **params: object) -> Any:
        response = await self.send(method, path, person, **params)
        assert response.status_code == 200, response.text
        return response.json()

    async def refused(
        self, method: str, path: str, person: str = "alice", **params: object
    ) -> tuple[int, int, str]:
        response = await self.send(method, path, person, **params)
        content = response.json()
        return response.status_code, content["code"], content["msg"]

    async def limit(
        self, side: str, quantity: str, price: str, person: str = "alice", **more: object
    ) -> Any:
        order = {"symbol": "BTCUSDT", "side": side, "type": "LIMIT", "timeInForce": "GTC"}
        sized = order | {"quantity": quantity, "price": price}
        return await self.ok("POST", "/api/v3/order", person, **(sized | more))


def texts(params: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items()}


class Api:
    """A connection of the WebSocket API."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.events: list[Any] = []
        self._number = 0

    async def raw(self, message: str | bytes) -> Any:
        await self._connection.send(message)
        return await self.next_answer()

    async def next_answer(self) -> Any:
        while True:
            content = json.loads(await self._connection.recv())
            if "event" not in content:
                return content
            self.events.append(content)

    async def next_event(self) -> Any:
        if self.events:
            return self.events.pop(0)
        content = json.loads(await self._connection.recv())
        assert "event" in content, content
        return content

    async def call(self, method: str, **params: object) -> Any:
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        answer = await self.raw(json.dumps(request))
        assert answer["id"] == self._number
        return answer

    async def signed(self, method: str, person: str = "alice", **params: object) -> Any:
        params = {"apiKey": KEYS[person], "timestamp": TIMESTAMP} | params
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        return await self.call(method, **params, signature=hmac_hex(text))


def sockets(port: int, path: str) -> connect:
    return connect(f"ws://127.0.0.1:{port}{path}")
