"""What the gateway needs of the exchange behind it: ports, and nothing else."""

from dataclasses import dataclass

from flowex.ports.clock import Clock
from flowex.ports.entropy import Entropy
from flowex.ports.keys import Keys
from flowex.ports.market_data import MarketData
from flowex.ports.status import StatusSource
from flowex.ports.trading import Trading


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rooms and sources every door is given."""

    trading: Trading
    market: MarketData
    keys: Keys
    clock: Clock
    entropy: Entropy
    status: StatusSource
