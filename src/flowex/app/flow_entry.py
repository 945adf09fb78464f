"""Plays recorded order flow into a running exchange, over its order entry, as two accounts.

Bids are entered by the first account of the key file and asks by the second. Prices and quantities
are rounded to the instrument's tick and lot, never in the order's favour; what is too small then is
dropped. Everything that happened to an action is counted under a few words, for printing.

    EntryError   the exchange cannot be reached, or does not answer as agreed
"""

import hashlib
import hmac
import http.client
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from flowex.messages.enums import Side
from flowex.ports.flow import Action, FlowSource, Kind
from flowex.units.decimals import parse, render
from flowex.units.integers import ceil_div

DECIMALS = 8
"""The order entry's amounts have this many decimals; here they are counted in 10^-8."""

TIMEOUT_SECONDS = 30
RETRIES_MAX = 20
"""How often one request waits for a rate limit before the play gives up."""

_ONE: Final = 100_000_000
_TOO_MANY, _NOT_FOUND, _OK = 429, 404, 200
_UNKNOWN_ORDER = -2011


class EntryError(Exception):
    """The exchange cannot be reached, or does not answer as agreed."""


class Keys(NamedTuple):
    """What an account signs with."""

    api_key: str
    api_secret: str


class Answer(NamedTuple):
    """What the exchange said to a request."""

    status: int
    body: Any


class World(NamedTuple):
    """Time, as the application wires it."""

    now_ms: Callable[[], int]
    pause_seconds: Callable[[float], None]


class Entry:
    """The order entry of a running exchange: signed requests on one connection."""

    def __init__(self, url: str, world: World) -> None:
        """Open nothing yet; `url` is like http://127.0.0.1:8080."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise EntryError(f"{url}: an address is like http://127.0.0.1:8080")
        self._url = url
        self._world = world
        self._line = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=TIMEOUT_SECONDS
        )

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def ask(self, method: str, path: str, keys: Keys | None = None, **fields: str) -> Answer:
        """Send a request, signed when keys are given; wait and repeat where told to slow down."""
        for _ in range(RETRIES_MAX):
            answer, wait_seconds = self._ask_once(method, path, keys, fields)
            if answer.status != _TOO_MANY:
                return answer
            self._world.pause_seconds(wait_seconds)
        raise EntryError(f"{self._url} keeps answering that there are too many requests")

    def _ask_once(
        self, method: str, path: str, keys: Keys | None, fields: dict[str, str]
    ) -> tuple[Answer, int]:
        headers = {}
        query = urlencode(fields)
        if keys:
            headers["X-MBX-APIKEY"] = keys.api_key
            query = urlencode(fields | {"timestamp": str(self._world.now_ms())})
            digest = hmac.new(keys.api_secret.encode(), query.encode(), hashlib.sha256)
            query += f"&signature={digest.hexdigest()}"
        try:
            self._line.request(method, f"{path}?{query}", headers=headers)
            response = self._line.getresponse()
            body = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EntryError(f"{self._url}: {error}") from error
        wait_seconds = response.headers.get("Retry-After", "1")
        return Answer(response.status, body), int(wait_seconds)


@dataclass(frozen=True, slots=True)
class Market:
    """An instrument's filters, all in 10^-8."""

    symbol: str
    tick: int
    lot: int
    quantity_min: int
    notional_min: int

    @classmethod
    def read(cls, entry: Entry, symbol: str) -> "Market":
        """Ask the exchange for them."""
        answer = entry.ask("GET", "/api/v3/exchangeInfo", symbol=symbol)
        if answer.status != _OK:
            raise EntryError(f"{symbol}: {answer.body.get('msg')}")
        filters = {each["filterType"]: each for each in answer.body["symbols"][0]["filters"]}
        return cls(
            symbol=symbol,
            tick=parse(filters["PRICE_FILTER"]["tickSize"], DECIMALS),
            lot=parse(filters["LOT_SIZE"]["stepSize"], DECIMALS),
            quantity_min=parse(filters["LOT_SIZE"]["minQty"], DECIMALS),
            notional_min=parse(filters.get("NOTIONAL", {}).get("minNotional", "0"), DECIMALS),
        )

    def price(self, price: int, decimals: int, side: Side) -> int:
        """Round a price to the tick, bids down and asks up."""
        scaled = price * _ONE
        unit: int = self.tick * 10**decimals
        return (scaled // unit if side is Side.BUY else ceil_div(scaled, unit)) * self.tick

    def quantity(self, quantity: int, decimals: int) -> int:
        """Round a quantity down to the lot."""
        unit: int = self.lot * 10**decimals
        return quantity * _ONE // unit * self.lot

    def is_too_small(self, price: int | None, quantity: int) -> bool:
        """Tell whether the exchange would refuse an order for its size."""
        notional = price * quantity // _ONE if price is not None else self.notional_min
        return quantity < max(self.quantity_min, 1) or notional < self.notional_min


def read_keys(path: Path) -> dict[Side, Keys]:
    """Read a key file as the demo writes it: the first account bids, the second asks."""
    try:
        accounts = json.loads(path.read_bytes())["accounts"]
        keys = [Keys(each["api_key"], each["api_secret"]) for each in accounts]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EntryError(f"{path}: no key file: {error}") from error
    if len(keys) < len(Side):
        raise EntryError(f"{path}: {len(keys)} accounts, two are needed")
    return dict(zip(Side, keys, strict=False))


@dataclass(slots=True)
class Player:
    """Enters one action after another and counts what became of them."""

    source: FlowSource
    entry: Entry
    market: Market
    keys: dict[Side, Keys]
    outcomes: Counter[str] = field(default_factory=Counter)
    _totals: dict[int, int] = field(default_factory=dict)
    """Total quantity, in 10^-8, of each order that was entered and not canceled here."""

    def enter(self, action: Action) -> None:
        """Enter one action."""
        if action.kind in (Kind.PLACE, Kind.TAKE):
            outcome = self._place(action)
        elif action.order_id not in self._totals:
            outcome = "of orders that were not entered"
        elif action.kind is Kind.CANCEL:
            outcome = self._cancel(action)
        elif action.kind is Kind.REDUCE:
            outcome = self._reduce(action)
        else:
            outcome = self._move(action)
        self.outcomes[f"{action.kind.name.lower()}: {outcome}"] += 1

    def _place(self, action: Action) -> str:
        price = None
        if action.price is not None:
            price = self.market.price(action.price, self.source.price_decimals, action.side)
        quantity = self.market.quantity(action.quantity, self.source.quantity_decimals)
        return self._order(action, price, quantity)

    def _order(self, action: Action, price: int | None, quantity: int) -> str:
        """Place what is left of an action after rounding."""
        if self.market.is_too_small(price, quantity):
            return "dropped, too small for the instrument"
        fields = {"type": "MARKET", "quantity": render(quantity, DECIMALS)}
        if price is not None:
            fields |= {"type": "LIMIT", "price": render(price, DECIMALS)}
            fields["timeInForce"] = "IOC" if action.kind is Kind.TAKE else "GTC"
        if action.kind is not Kind.TAKE:
            fields["newClientOrderId"] = _client_id(action)
        answer = self._ask("POST", action, side=action.side.name, newOrderRespType="ACK", **fields)
        if answer.status != _OK:
            return _refusal(answer)
        if action.kind is not Kind.TAKE:
            self._totals[action.order_id] = quantity
        return "entered"

    def _cancel(self, action: Action) -> str:
        del self._totals[action.order_id]
        answer = self._ask("DELETE", action, origClientOrderId=_client_id(action))
        return "entered" if answer.status == _OK else _refusal(answer)

    def _reduce(self, action: Action) -> str:
        less = self.market.quantity(action.quantity, self.source.quantity_decimals)
        total = self._totals[action.order_id] - less
        if not less:
            return "dropped, too small for the instrument"
        if total <= 0:
            return self._cancel(action)
        answer = self._ask(
            "PUT",
            action,
            "/amend/keepPriority",
            origClientOrderId=_client_id(action),
            newQty=render(total, DECIMALS),
        )
        if answer.status != _OK:
            return "not served" if answer.status == _NOT_FOUND else _refusal(answer)
        self._totals[action.order_id] = total
        return "entered"

    def _move(self, action: Action) -> str:
        """Cancel the order and place what remained of it at its new price."""
        assert action.price is not None
        del self._totals[action.order_id]
        answer = self._ask("DELETE", action, origClientOrderId=_client_id(action))
        if answer.status != _OK:
            return _refusal(answer)
        remaining = parse(answer.body["origQty"], DECIMALS) - parse(
            answer.body["executedQty"], DECIMALS
        )
        price = self.market.price(action.price, self.source.price_decimals, action.side)
        return self._order(action, price, remaining)

    def _ask(self, method: str, action: Action, under: str = "", **fields: str) -> Answer:
        path = f"/api/v3/order{under}"
        return self.entry.ask(
            method, path, self.keys[action.side], symbol=self.market.symbol, **fields
        )


def play_into(
    player: Player, speed: float, world: World, advance: Callable[[int], None]
) -> Counter[str]:
    """Enter a whole flow; `speed` 1 keeps the recording's own time, 0 waits for nothing.

    `advance` is told the number of actions entered since it was last. Returns the outcomes, which
    `player` also holds while playing. Raises `EntryError`.
    """
    start_ms, first_us = world.now_ms(), 0
    for action in player.source.actions():
        first_us = first_us or action.time_us
        if speed and action.time_us:
            due_ms = start_ms + (action.time_us - first_us) / 1000 / speed
            if (wait_ms := due_ms - world.now_ms()) > 0:
                world.pause_seconds(wait_ms / 1000)
        player.enter(action)
        advance(1)
    return player.outcomes


def _client_id(action: Action) -> str:
    return f"flow-{action.order_id}"


def _refusal(answer: Answer) -> str:
    """Put a refusal in words; an order that is gone was filled, as the recording may not know."""
    if answer.body.get("code") == _UNKNOWN_ORDER:
        return "of orders that were filled"
    return f"refused, {answer.body.get('code')} {answer.body.get('msg')}"
