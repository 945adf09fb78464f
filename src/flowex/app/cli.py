"""The ``flowex`` command. Each subcommand's module is loaded when it is called, and not before."""

from importlib import import_module
from typing import Final, NamedTuple

import click


class _Lazy(NamedTuple):
    """Where a command is written, and what the overview says of it."""

    module: str
    attribute: str
    summary: str


_COMMANDS: Final = {
    "run": _Lazy("flowex.app.cli_run", "run", "Run an exchange until Ctrl-C."),
    "order": _Lazy("flowex.app.cli_client", "order", "Buy or sell as a demo account."),
    "orders": _Lazy("flowex.app.cli_client", "orders", "List the account's open orders."),
    "cancel": _Lazy("flowex.app.cli_client", "cancel", "Cancel an order."),
    "balance": _Lazy("flowex.app.cli_client", "balance", "Show the account's balances."),
    "book": _Lazy("flowex.app.cli_client", "book", "Show a market's best prices."),
    "top": _Lazy("flowex.app.cli_top", "top", "Watch markets, rates and lags live."),
    "replay": _Lazy("flowex.app.cli_flow", "replay", "Play recorded order flow."),
    "generate": _Lazy("flowex.app.cli_flow", "generate", "Make synthetic order flow."),
    "import": _Lazy("flowex.app.cli_import", "import_", "Load real history as a market's past."),
    "journal": _Lazy("flowex.app.cli_journal", "journal", "Look into an exchange's journal."),
    "ledger": _Lazy("flowex.app.cli_ledger", "ledger", "Prove that every posting adds up."),
}


class _LazyGroup(click.Group):
    """Knows its commands by name and loads one when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        command = getattr(import_module(where.module), where.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, where.summary) for name, where in _COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowex-exchange", prog_name="flowex")
def main() -> None:
    """FlowEx: an exchange on your machine.

    \b
    Start one with three markets, simulated traders and two funded accounts:
      flowex run --demo

    \b
    Then, in another terminal:
      flowex top
      flowex book BTCUSDT
      flowex order buy BTCUSDT 0.01
      flowex order sell ETHUSDT 0.5 --price 4000
      flowex orders
      flowex balance
      curl http://127.0.0.1:8080/api/v3/ticker/24hr?symbol=BTCUSDT

    Any client of the Binance interface (ccxt, python-binance ...) trades on it by its address and
    the keys in HOME/demo.json; flowex.compat sets one up: see docs/start/connect.md.
    """  # noqa: D301 - by that character click leaves a paragraph as it is written.
