"""A recording is played into a running exchange through its order entry."""

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest
from gateway_exchange import HMAC_SECRET, KEYS, NOW, Stand, serving

from flowex.adapters.flow.bitstamp import BitstampFlow
from flowex.app.flow_entry import Entry, EntryError, Market, Player, World, play_into, read_keys
from flowex.messages.enums import Side

EVENTS = (
    ("created", 1, "236.47", "2.00000000", Side.SELL),
    ("created", 2, "236.48", "1.00000500", Side.BUY),
    ("created", 3, "236.30", "0.01000000", Side.BUY),
    ("created", 4, "236.20", "0.50000000", Side.BUY),
    ("deleted", 4, "236.20", "0.50000000", Side.BUY),
    ("deleted", 2, "236.47", "0.00000000", Side.BUY),
    ("deleted", 3, "236.30", "0.01000000", Side.BUY),
)


def recording() -> BitstampFlow:
    lines = [
        f'{index * 500} order_{event} {{"price": "{price}", "amount": "{amount}", '
        f'"id": {number}, "order_type": {side}}}\n'
        for index, (event, number, price, amount, side) in enumerate(EVENTS, 1)
    ]
    return BitstampFlow("made", "".join(lines).encode())


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "demo.json"
    secret = HMAC_SECRET.decode()
    accounts = [{"api_key": KEYS[name], "api_secret": secret} for name in ("alice", "bob")]
    path.write_text(json.dumps({"accounts": accounts}))
    return path


async def test_orders_are_rounded_entered_matched_and_counted(keys: Path) -> None:
    stand, pauses = Stand(), list[float]()
    world = World(now_ms=lambda: NOW // 1_000, pause_seconds=pauses.append)

    def play(url: str) -> Player:
        with closing(Entry(url, world)) as entry:
            player = Player(recording(), entry, Market.read(entry, "BTCUSDT"), read_keys(keys))
            play_into(player, 2.0, world, lambda _: None)
        return player

    async with serving(stand) as (_, port):
        player = await asyncio.to_thread(play, f"http://127.0.0.1:{port}")
    assert player.outcomes == {
        "place: entered": 3,
        "place: dropped, too small for the instrument": 1,
        "cancel: entered": 1,
        "cancel: of orders that were filled": 1,
        "cancel: of orders that were not entered": 1,
    }
    traded = await stand.market.trades(1, 10)
    assert [(trade.price, trade.quantity) for trade in traded] == [(236_470, 100_000)]
    # The clock of this exchange stands still, so each action waits half its recorded distance.
    assert pauses == [0.25 * index for index in range(1, len(EVENTS))]


async def test_an_unknown_instrument_is_told() -> None:
    world = World(now_ms=lambda: NOW // 1_000, pause_seconds=lambda _: None)
    async with serving(Stand()) as (_, port):
        with (
            closing(Entry(f"http://127.0.0.1:{port}", world)) as entry,
            pytest.raises(EntryError, match="DOGEUSDT"),
        ):
            await asyncio.to_thread(Market.read, entry, "DOGEUSDT")
