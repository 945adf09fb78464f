"""What the read model knows of one account."""

from dataclasses import dataclass, field

from flowex.ports.trading import OrderView

NO_RATE = -1
"""A rate that says: the instrument's own."""


@dataclass(slots=True, eq=False)
class Account:
    """An account, its balances (asset: free, held), its open orders (oldest first) and client ids.

    ``by_client_id`` names the open order with that id, else the latest closed one in memory; its
    key is (instrument, client id).
    """

    number: int
    state: int = 0
    maker_rate: int = NO_RATE
    taker_rate: int = NO_RATE
    update_time: int = 0
    balances: dict[int, tuple[int, int]] = field(default_factory=dict)
    open: dict[int, OrderView] = field(default_factory=dict)
    by_client_id: dict[tuple[int, str], OrderView] = field(default_factory=dict)
