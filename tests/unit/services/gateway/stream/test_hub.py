"""The hub's promise: nobody waits for somebody who does not read."""

import json
import socket

from gateway_clients import sockets
from gateway_exchange import Stand, serving
from waiting import eventually

MESSAGE = b'"%s"' % (b"x" * 60_000)
HANDSHAKE = (
    b"GET /ws/btcusdt@trade HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
ENOUGH = 400
"""Messages that no socket buffer and no outbox can hold: 24 MB."""


async def test_a_client_that_does_not_read_is_dropped_and_harms_nobody(stand: Stand) -> None:
    async with serving(stand) as (gateway, port), sockets(port, "/ws/btcusdt@trade") as listening:
        with socket.create_connection(("127.0.0.1", port)) as deaf:
            deaf.sendall(HANDSHAKE)
            topics = gateway.hub.topics
            topic = await eventually(lambda: topics.get("btcusdt@trade"), "the subscription")
            await eventually(lambda: len(topic.members) == 2, "both subscriptions")
            for _ in range(ENOUGH):
                topic.publish(MESSAGE)
                assert await listening.recv() == MESSAGE.decode()
            await eventually(lambda: len(topic.members) == 1, "the deaf one is gone")
            await listening.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
            assert json.loads(await listening.recv())["result"] == ["btcusdt@trade"]


async def test_a_topic_lives_as_long_as_its_listeners(stand: Stand) -> None:
    async with serving(stand) as (gateway, port):
        async with sockets(port, "/stream?streams=btcusdt@trade/!ticker@arr/nobody@trade"):
            await eventually(lambda: len(gateway.hub.topics) == 2, "two topics")
        await eventually(lambda: not gateway.hub.topics, "no topic")
