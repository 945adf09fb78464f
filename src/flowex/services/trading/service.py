"""The trading room behind its port: commands to the sequencer, answers from memory and history."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from flowex.messages.commands import (
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderListCancel,
    OrderListPlace,
    OrderPlace,
    OrderReplace,
    Transfer,
)
from flowex.messages.enums import Limit, Wallet
from flowex.messages.results import ResultCode
from flowex.messages.state import StateRecord
from flowex.ports.database import Database
from flowex.ports.feed import FeedBatch
from flowex.ports.sequencer import Outcome, Priority, Sequencer
from flowex.ports.trading import (
    AccountEvent,
    AccountView,
    Amendment,
    Asset,
    Balance,
    Fill,
    FundsTransfer,
    Instrument,
    OrderListView,
    OrderView,
    PreventedMatch,
)
from flowex.services.trading import store
from flowex.services.trading.checks import list_fault, placement_fault
from flowex.services.trading.history import History
from flowex.services.trading.read_model import ReadModel
from flowex.services.trading.store import Window
from flowex.services.trading.transfers import Transfers
from flowex.toolkit.projection import CatchUp, DatabaseRows, Projector

CANCEL_ALL_ROUNDS_MAX: Final = 1_000
"""Commands that one cancel-all may take."""

K = TypeVar("K", int, tuple[int, int])
T = TypeVar("T")


class TradingService:
    """Fulfils ``ports.trading.Trading`` and is a consumer of the feed."""

    def __init__(
        self, sequencer: Sequencer, database: Database, catch_up: CatchUp | None = None
    ) -> None:
        """Make the room; call ``open``, recover, ``seed``, ``start``."""
        self._sequencer = sequencer
        self._database = database
        self._model = ReadModel()
        self._history = History(self._model, database)
        self._transfers = Transfers(sequencer, self._model)
        self.projector: Final = Projector(
            DatabaseRows(database, store.PROGRESS), self._history, catch_up
        )

    @property
    def last_sequence(self) -> int:
        """The sequence of the last command whose events are collected or written."""
        return self.projector.last_sequence

    async def open(self) -> None:
        """Learn how far the history reaches. Raises DatabaseError."""
        await self.projector.open()

    def seed(self, state: Sequence[StateRecord]) -> None:
        """Stand at the machine's state; the batches after it follow, whatever the history knows."""
        self._model.seed(state)

    async def start(self) -> None:
        """Write what recovery brought, then go on in the background. Raises DatabaseError."""
        await self.projector.start()

    async def stop(self) -> None:
        """Write what is not written and stop. Raises DatabaseError."""
        await self.projector.stop()

    def apply(self, batch: FeedBatch) -> None:
        """Take the next batch of the feed; when it returns, every answer knows of it."""
        self.projector.apply(batch)

    # Instruments

    def instruments(self) -> Sequence[Instrument]:
        """Return every instrument, by number."""
        return list(self._model.directory.instruments.values())

    def instrument(self, symbol: str) -> Instrument | None:
        """Return the instrument with that symbol."""
        return self._model.directory.by_symbol.get(symbol)

    def instrument_numbered(self, number: int) -> Instrument:
        """Return the instrument with that number, which must be one that this room told."""
        return self._model.directory.instruments[number]

    def assets(self) -> Sequence[Asset]:
        """Return every asset, by number."""
        return list(self._model.directory.assets.values())

    # Commands

    def check(self, command: OrderPlace | OrderCancelReplace | OrderListPlace) -> ResultCode:
        """Return OK or the refusal the cheap checks find; nothing is sent to the machine."""
        model = self._model
        account = model.accounts.get(command.account)
        instrument = model.directory.instruments.get(command.instrument)
        is_halted = model.directory.is_halted
        if isinstance(command, OrderListPlace):
            return list_fault(command, account, instrument, is_halted=is_halted)
        return placement_fault(command, account, instrument, is_halted=is_halted)

    def place(self, command: OrderPlace, deadline: int | None = None) -> Awaitable[Outcome]:
        """Place an order. Raises SequencerStopped."""
        code = self.check(command)
        if code is not ResultCode.OK:
            return self._refused(code)
        return self._sequencer.submit(command, deadline=deadline)

    def cancel(self, command: OrderCancel, deadline: int | None = None) -> Awaitable[Outcome]:
        """Cancel an order. Raises SequencerStopped."""
        return self._sequencer.submit(command, priority=Priority.CANCEL, deadline=deadline)

    def amend(self, command: OrderAmend, deadline: int | None = None) -> Awaitable[Outcome]:
        """Lower an order's quantity. Raises SequencerStopped."""
        return self._sequencer.submit(command, priority=Priority.CANCEL, deadline=deadline)

    def replace(self, command: OrderReplace, deadline: int | None = None) -> Awaitable[Outcome]:
        """Replace an order's price and quantity. Raises SequencerStopped."""
        return self._sequencer.submit(command, deadline=deadline)

    def cancel_replace(
        self, command: OrderCancelReplace, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Cancel one order and place another; one that `check` refuses cancels nothing.

        Raises SequencerStopped.
        """
        code = self.check(command)
        if code is not ResultCode.OK:
            return self._refused(code)
        return self._sequencer.submit(command, deadline=deadline)

    def place_list(
        self, command: OrderListPlace, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Place an order list. Raises SequencerStopped."""
        code = self.check(command)
        if code is not ResultCode.OK:
            return self._refused(code)
        return self._sequencer.submit(command, deadline=deadline)

    def cancel_list(
        self, command: OrderListCancel, deadline: int | None = None
    ) -> Awaitable[Outcome]:
        """Cancel an order list. Raises SequencerStopped."""
        return self._sequencer.submit(command, priority=Priority.CANCEL, deadline=deadline)

    def transfer(self, command: Transfer, deadline: int | None = None) -> Awaitable[Outcome]:
        """Move money between wallets; the room gives the command its source and number.

        The outcome's sequence is the transfer's number. Also refused with BUSY when too many wait.
        Raises SequencerStopped.
        """
        return self._transfers.send(command, deadline)

    async def cancel_all(self, command: OrderCancelAll, deadline: int | None = None) -> Outcome:
        """Cancel all, in as many commands as it takes; the deadline is the first one's.

        The outcome is the last command's, its events those of all. Raises SequencerStopped.
        """
        submit = self._sequencer.submit
        outcome = await submit(command, priority=Priority.CANCEL, deadline=deadline)
        events = list(outcome.events)
        for _ in range(CANCEL_ALL_ROUNDS_MAX):
            if outcome.result is None or outcome.result.detail != 1:
                break
            following = await submit(command, priority=Priority.CANCEL)
            events += following.events
            if following.code is ResultCode.NOTHING_TO_CANCEL:
                break
            outcome = following
        return Outcome(outcome.code, outcome.sequence, outcome.time, events, outcome.result)

    async def _refused(self, code: ResultCode) -> Outcome:
        return Outcome(code, 0, self._model.time, (), None)

    # Queries from memory

    def order(self, account: int, instrument: int, order: int) -> OrderView | None:
        """Return an open or recently closed order by number; None if not in memory."""
        view = self._model.orders.views.get(order)
        if view is None or view.account != account or view.instrument != instrument:
            return None
        return view

    def order_by_client_id(self, account: int, instrument: int, client_id: str) -> OrderView | None:
        """Return the open order with that client id, else the latest closed one in memory."""
        known = self._model.accounts.get(account)
        return known.by_client_id.get((instrument, client_id)) if known else None

    def open_orders(self, account: int, instrument: int | None = None) -> list[OrderView]:
        """Return the account's open orders, oldest first."""
        known = self._model.accounts.get(account)
        if known is None:
            return []
        return [view for view in known.open.values() if instrument in (None, view.instrument)]

    def open_order_lists(self, account: int) -> list[OrderListView]:
        """Return the account's order lists with an open order, oldest first."""
        known = self._model.accounts.get(account)
        return list(known.lists.values()) if known else []

    def rates(self, account: int, instrument: Instrument) -> tuple[int, int]:
        """Return the (maker, taker) rates that hold for the account, in 10^-8.

        They are its own, or its tier's, or the instrument's; the instrument's for a stranger.
        """
        known = self._model.accounts.get(account)
        if known is None:
            return instrument.maker_rate, instrument.taker_rate
        return self._model.directory.rates(known, instrument)

    def limit(self, limit: Limit) -> int:
        """Return a limit of the whole exchange."""
        return self._model.directory.limits[limit]

    def balances(self, account: int, wallet: int = Wallet.SPOT) -> list[Balance]:
        """Return the account's balances in a wallet that were ever touched, by asset."""
        known = self._model.accounts.get(account)
        if known is None:
            return []
        assets = self._model.directory.assets
        return [
            Balance(assets[asset], free, held)
            for asset, (free, held) in sorted(known.wallet(wallet).items())
        ]

    def account(self, account: int) -> AccountView | None:
        """Return the account."""
        known = self._model.accounts.get(account)
        if known is None:
            return None
        return AccountView(
            account,
            known.state,
            known.maker_rate,
            known.taker_rate,
            known.update_time,
            known.tier,
        )

    def follow(self, account: int, listener: Callable[[AccountEvent], None]) -> Callable[[], None]:
        """Call the listener with every event of the account, in engine order; return the stopper.

        A self-trade gives two, the taker's side first; so does a prevented one.
        """
        return self._model.follow(account, listener)

    # Queries that may need the history

    async def find_order(
        self, account: int, instrument: int, order: int = 0, client_id: str = ""
    ) -> OrderView | None:
        """Return an order from memory or history, by number or else by client id (latest).

        None when neither is given: orders without a client id do not share the empty one.
        """
        if not order and not client_id:
            return None
        if order:
            found = self.order(account, instrument, order)
        else:
            found = self.order_by_client_id(
                account, instrument, client_id
            ) or self._history.unwritten_by_client_id(account, instrument, client_id)
        below: int | None = None
        while found is None:
            row = await self._written_order(account, instrument, order, client_id, below)
            if row is None or order:
                return row
            # Memory has the later word: the order may have been renamed since it was written.
            known = self._model.orders.views.get(row.order)
            if known is None or known.client_id == client_id:
                return known or row
            below = row.order
        return found

    async def _written_order(
        self, account: int, instrument: int, order: int, client_id: str, below: int | None
    ) -> OrderView | None:
        return await self._database.read(
            lambda reader: store.find_order(reader, account, instrument, order, client_id, below)
        )

    async def find_order_list(
        self, account: int, order_list: int = 0, client_id: str = ""
    ) -> OrderListView | None:
        """Return a list from memory or history, by number or else by client id (latest)."""
        known = self._model.accounts.get(account)
        if known is None or not (order_list or client_id):
            return None
        if order_list:
            found = self._model.lists.views.get(order_list)
            if found is not None and found.account != account:
                return None
        else:
            found = known.lists_by_client_id.get(client_id)
        return found or await self._database.read(
            lambda reader: store.find_order_list(reader, account, order_list, client_id)
        )

    # What is missing in the history is taken from memory before the history is asked: what is not
    # there was already written by then.

    async def all_orders(
        self,
        account: int,
        instrument: int,
        *,
        from_order: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[OrderView]:
        """Return orders of any status, oldest first.

        From ``from_order`` or ``start_time`` on; with neither the newest. Times in µs, inclusive.
        """
        window = Window(account, instrument, limit, from_order, start_time, end_time)
        unwritten = self._history.unwritten_orders(window)
        written = await self._database.read(lambda reader: store.orders(reader, window))
        return _merged({view.order: view for view in written}, unwritten, window)

    async def all_order_lists(
        self,
        account: int,
        *,
        from_list: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[OrderListView]:
        """Return order lists, open or not, oldest first; bounds as ``all_orders``."""
        window = Window(account, None, limit, from_list, start_time, end_time)
        unwritten = self._history.unwritten_lists(window)
        written = await self._database.read(lambda reader: store.order_lists(reader, window))
        return _merged({view.order_list: view for view in written}, unwritten, window)

    async def orders_of_lists(self, lists: Sequence[OrderListView]) -> Mapping[int, OrderView]:
        """Return the orders of lists, by number, from memory or history; in one question to it."""
        known, views = self._model.orders.views, {}
        missing: dict[tuple[int, int], list[int]] = {}
        for one in lists:
            for number in one.orders:
                if number in known:
                    views[number] = known[number]
                else:
                    missing.setdefault((one.account, one.instrument), []).append(number)
        if missing:
            written = await self._database.read(
                lambda reader: store.orders_numbered(reader, missing)
            )
            views |= {view.order: view for view in written}
        return views

    async def fills(
        self,
        account: int,
        instrument: int,
        *,
        order: int | None = None,
        from_trade: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        limit: int,
    ) -> list[Fill]:
        """Return the account's fills, oldest first; bounds as ``all_orders``."""
        window = Window(account, instrument, limit, from_trade, start_time, end_time)
        unwritten = self._history.unwritten_fills(window, order)
        written = await self._database.read(lambda reader: store.fills(reader, window, order))
        return _merged({(fill.trade, fill.side): fill for fill in written}, unwritten, window)

    async def prevented_matches(
        self,
        account: int,
        instrument: int,
        *,
        match: int | None = None,
        order: int | None = None,
        from_match: int | None = None,
        limit: int,
    ) -> list[PreventedMatch]:
        """Return meetings the account took part in, by number, of an order, or from one on."""
        if match is None:
            window = Window(account, instrument, limit, from_match)
        else:
            window = Window(account, instrument, 1, match)
        unwritten = self._history.unwritten_prevented(window, order)
        written = await self._database.read(lambda reader: store.prevented(reader, window, order))
        found = _merged({one.match: one for one in written}, unwritten, window)
        return [one for one in found if match in (None, one.match)]

    async def amendments(
        self,
        account: int,
        instrument: int,
        order: int,
        *,
        from_execution: int | None = None,
        limit: int,
    ) -> list[Amendment]:
        """Return how an order was amended, oldest first; from an execution on, or the newest."""
        window = Window(account, instrument, limit, from_execution)
        unwritten = self._history.unwritten_amendments(window, order)
        written = await self._database.read(lambda reader: store.amendments(reader, window, order))
        return _merged({one.execution: one for one in written}, unwritten, window)

    async def transfers(
        self,
        account: int,
        wallet: int,
        to_wallet: int,
        *,
        start_time: int | None = None,
        end_time: int | None = None,
        skip: int = 0,
        limit: int,
    ) -> tuple[int, list[FundsTransfer]]:
        """Return how many transfers between its own two wallets an account made, and some of them.

        The newest first, so many skipped. Times in µs, inclusive.
        """
        window = Window(account, None, limit, None, start_time, end_time)
        wallets = (wallet, to_wallet)
        unwritten = self._history.unwritten_transfers(window, wallets)
        return await self._database.read(
            lambda reader: store.transfers(reader, window, wallets, unwritten, skip)
        )


def _merged(written: Mapping[K, T], unwritten: Mapping[K, T], window: Window) -> list[T]:
    """Lay memory over the tables; keep as many as asked for, from the window's own end."""
    both = {**written, **unwritten}
    found = [both[key] for key in sorted(both)]
    return found[: window.limit] if window.is_forward else found[-window.limit :]
