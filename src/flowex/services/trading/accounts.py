"""What the read model knows of one account."""

from dataclasses import dataclass, field

from flowex.messages.enums import Wallet
from flowex.ports.trading import OrderListView, OrderView

NO_RATE = -1
"""A rate that says: the tier's, or the instrument's own."""

Amounts = dict[int, tuple[int, int]]
"""What a wallet holds by asset: free, held."""


@dataclass(slots=True, eq=False)
class Account:
    """An account, its balances, its open orders and order lists (oldest first) and client ids.

    ``balances`` are the spot wallet's. ``by_client_id`` names the open order with that id, else
    the latest closed one in memory; its key is (instrument, client id). ``lists_by_client_id`` is
    the same of order lists, whose ids know no instrument.
    """

    number: int
    state: int = 0
    maker_rate: int = NO_RATE
    taker_rate: int = NO_RATE
    tier: int = 0
    update_time: int = 0
    balances: Amounts = field(default_factory=dict)
    funding: Amounts = field(default_factory=dict)
    open: dict[int, OrderView] = field(default_factory=dict)
    by_client_id: dict[tuple[int, str], OrderView] = field(default_factory=dict)
    lists: dict[int, OrderListView] = field(default_factory=dict)
    lists_by_client_id: dict[str, OrderListView] = field(default_factory=dict)

    def wallet(self, wallet: int) -> Amounts:
        """Return what the account has in a wallet; nothing in one that is still to come."""
        if wallet == Wallet.SPOT:
            return self.balances
        return self.funding if wallet == Wallet.FUNDING else {}

    def client_ids(self) -> set[str]:
        """Return the client ids of the open orders."""
        return {view.client_id for view in self.open.values()}
