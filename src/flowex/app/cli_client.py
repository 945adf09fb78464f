"""A small client: `flowex order`, `orders`, `cancel`, `balance`, `book`, as a demo account.

It knows nothing of the exchange's inside: signed requests over HTTP, like any other client.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from time import sleep  # noqa: TID251 - the exchange says how long to wait.
from typing import Any, Final, TypeVar

import click

from flowex.adapters.clock.system import SystemClock
from flowex.adapters.keys.file import KeyFileError, read_keys
from flowex.app.flow_entry import Entry, EntryError, Keys, World
from flowex.app.home import Home
from flowex.app.settings import SettingsError, read
from flowex.units.instants import milliseconds

BOOK_LEVELS_MAX: Final = 100

_OK: Final = 200
_WORLD: Final = World(
    now_ms=lambda: milliseconds(SystemClock().now()),
    pause_seconds=sleep,
)

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Client:
    """A running exchange, and who asks it."""

    entry: Entry
    keys: Keys | None

    def ask(self, method: str, path: str, **fields: str) -> Any:
        """Return the answer's body. Raises ClickException with the exchange's own words."""
        answer = self.entry.ask(method, path, self.keys, **fields)
        if answer.status != _OK:
            body = answer.body if isinstance(answer.body, dict) else {}
            raise click.ClickException(f"the exchange says: {body.get('msg', answer.body)}")
        return answer.body


def _connecting(command: F) -> F:
    """Give a command the options by which the exchange is found."""
    options = (
        click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]"),
        click.option("--url", help="Address, when it is not the one that runs in the folder."),
        click.option("--account", help="Name of a demo account.  [default: the first]"),
    )
    wrapped = command
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


@contextmanager
def _client(home: Path | None, url: str | None, account: str | None) -> Iterator[Client]:
    """Find the exchange and the account's keys; turn every fault into words for people."""
    try:
        folder = Home(read(home=home).home)
        running = folder.running()
        if url is None and running is None:
            raise click.ClickException(
                f"no exchange is running in {folder.root}: start one with `flowex run --demo`, "
                "or name its folder with --home"
            )
        entry = Entry(url or (running.url if running else ""), _WORLD)
        try:
            yield Client(entry, _keys(folder, account))
        finally:
            entry.close()
    except EntryError as error:
        raise click.ClickException(f"{error} (is the exchange running?)") from error
    except (SettingsError, KeyFileError) as error:
        raise click.ClickException(str(error)) from error


def _keys(folder: Home, account: str | None) -> Keys:
    known = {one.name: Keys(one.api_key, one.api_secret) for one in read_keys(folder.demo_keys)}
    if account is None:
        account = next(iter(known), None)
    if account not in known:
        raise click.ClickException(
            f"{folder.demo_keys} has no account {account!r}: choose one of {', '.join(known)}"
        )
    return known[account]


@click.group("order")
def order() -> None:
    """Buy or sell as a demo account: at the market's price, or at your own with --price.

    With --stop or --take-profit the order waits for that price, with --trail (in basis points)
    until the price has come back that far from its best; then it goes to the market.
    """


def _enter(side: str) -> Callable[..., None]:
    @click.argument("symbol")
    @click.argument("quantity")
    @click.option("--price", help="Buy or sell at this price or better, and wait for it.")
    @click.option("--stop", help="Only when the market turns against you to this price.")
    @click.option("--take-profit", help="Only when the market comes to this price.")
    @click.option("--trail", type=click.IntRange(1), help="Basis points back from the best price.")
    @_connecting
    def enter(
        *,
        symbol: str,
        quantity: str,
        price: str | None,
        stop: str | None,
        take_profit: str | None,
        trail: int | None,
        home: Path | None,
        url: str | None,
        account: str | None,
    ) -> None:
        if stop is not None and take_profit is not None:
            raise click.UsageError("give --stop or --take-profit, not both")
        fields = {"symbol": symbol.upper(), "side": side, "quantity": quantity}
        fields |= {"type": _kind(price, stop, take_profit, trail)}
        if price is not None:
            fields |= {"timeInForce": "GTC", "price": price}
        if waits_for := stop or take_profit:
            fields["stopPrice"] = waits_for
        if trail is not None:
            fields["trailingDelta"] = str(trail)
        with _client(home, url, account) as client:
            answer = client.ask("POST", "/api/v3/order", newOrderRespType="FULL", **fields)
        click.echo(_told(answer))

    enter.__doc__ = f"""{side.capitalize()} QUANTITY of SYMBOL's base asset.

    Example: flowex order {side.lower()} BTCUSDT 0.01
    """
    return enter


def _kind(price: str | None, stop: str | None, take_profit: str | None, trail: int | None) -> str:
    """Return the type of the order that the options describe."""
    if stop is None and take_profit is None and trail is None:
        return "MARKET" if price is None else "LIMIT"
    kind = "STOP_LOSS" if take_profit is None else "TAKE_PROFIT"
    return kind if price is None else f"{kind}_LIMIT"


order.command("buy")(_enter("BUY"))
order.command("sell")(_enter("SELL"))


@click.command("orders")
@click.argument("symbol", required=False)
@_connecting
def orders(*, symbol: str | None, home: Path | None, url: str | None, account: str | None) -> None:
    """List the account's open orders, of one market or of all."""
    fields = {"symbol": symbol.upper()} if symbol else {}
    with _client(home, url, account) as client:
        found = client.ask("GET", "/api/v3/openOrders", **fields)
    if not found:
        click.echo("No open orders.")
        return
    head = ("order", "symbol", "type", "side", "price", "waits for", "quantity", "filled")
    rows = [
        (
            str(one["orderId"]),
            one["symbol"],
            one["type"],
            one["side"],
            _short(one["price"]) if Decimal(one["price"]) else "market",
            _awaited(one),
            _short(one["origQty"]),
            _short(one["executedQty"]),
        )
        for one in found
    ]
    _table(head, rows)


@click.command("cancel")
@click.argument("symbol")
@click.argument("number", type=int)
@_connecting
def cancel(
    *, symbol: str, number: int, home: Path | None, url: str | None, account: str | None
) -> None:
    """Cancel the order NUMBER of SYMBOL; `flowex orders` tells both."""
    with _client(home, url, account) as client:
        client.ask("DELETE", "/api/v3/order", symbol=symbol.upper(), orderId=str(number))
    click.echo(f"Order {number} is cancelled.")


@click.command("balance")
@_connecting
def balance(*, home: Path | None, url: str | None, account: str | None) -> None:
    """Show what the account has, and what its open orders hold."""
    with _client(home, url, account) as client:
        found = client.ask("GET", "/api/v3/account", omitZeroBalances="true")
    rows = [(one["asset"], one["free"], one["locked"]) for one in found["balances"]]
    _table(("asset", "free", "in orders"), rows)


@click.command("book")
@click.argument("symbol")
@click.option("--levels", type=click.IntRange(1, BOOK_LEVELS_MAX), default=10, show_default=True)
@click.option("--home", type=Path, help="Folder of the exchange.  [default: .flowex]")
@click.option("--url", help="Address, when it is not the one that runs in the folder.")
def book(*, symbol: str, levels: int, home: Path | None, url: str | None) -> None:
    """Show the best prices at which SYMBOL is offered and wanted."""
    with _client(home, url, None) as client:
        found = client.ask("GET", "/api/v3/depth", symbol=symbol.upper(), limit=str(levels))
    asks = [("", _short(price), _short(quantity)) for price, quantity in found["asks"]]
    bids = [(_short(quantity), _short(price), "") for price, quantity in found["bids"]]
    _table(("bid", "price", "ask"), [*reversed(asks), *bids])


def _awaited(one: dict[str, Any]) -> str:
    """Say what an open order waits for; nothing when it is in the market."""
    if one["isWorking"]:
        return ""
    if one["status"] == "PENDING_NEW":
        return "its list"
    parts = [_short(one["stopPrice"])] if Decimal(one["stopPrice"]) else []
    if "trailingDelta" in one:
        parts.append(f"{one['trailingDelta']} bp back")
    return ", ".join(parts)


def _told(answer: dict[str, Any]) -> str:
    """Say what became of an order."""
    number, status = answer["orderId"], answer["status"]
    filled, paid = Decimal(answer["executedQty"]), Decimal(answer["cummulativeQuoteQty"])
    verb = "Bought" if answer["side"] == "BUY" else "Sold"
    if not filled:
        price = f" at {_short(answer['price'])}" if answer["type"] == "LIMIT" else ""
        return (
            f"Order {number}: {answer['side'].lower()} {_short(answer['origQty'])} "
            f"{answer['symbol']}{price}, {status}"
        )
    fees: dict[str, Decimal] = {}
    for fill in answer["fills"]:
        asset = fill["commissionAsset"]
        fees[asset] = fees.get(asset, Decimal(0)) + Decimal(fill["commission"])
    fee = " and ".join(f"{amount:f} {asset}" for asset, amount in fees.items())
    return (
        f"{verb} {_short(answer['executedQty'])} of {answer['symbol']} for {paid:f} "
        f"(average {_short(f'{paid / filled:.8f}')}), fee {fee}. Order {number}: {status}"
    )


def _short(number: str) -> str:
    """Return a decimal number without the zeros at its end."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns, numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
