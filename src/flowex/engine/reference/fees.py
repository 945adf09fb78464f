"""Spot fees: taken from what is received, rounded up, to the fee account."""

from flowex.engine.reference.state import Account, Instrument, State
from flowex.units.integers import RATE_MAX, RATE_ONE, ceil_div


def is_rate(rate: int) -> bool:
    """Return whether a fee rate is allowed: 0 to 10 %, never negative on spot."""
    return 0 <= rate <= RATE_MAX


def rates(state: State, account: Account, instrument: Instrument) -> tuple[int, int]:
    """Return (maker rate, taker rate): the account's, else its tier's, else the instrument's."""
    if account.maker_rate >= 0:
        return account.maker_rate, account.taker_rate
    if account.tier:
        tier = state.tiers[account.tier]
        return tier.maker_rate, tier.taker_rate
    return instrument.maker_rate, instrument.taker_rate


def fee(received_atoms: int, rate: int) -> int:
    """Return ceil(received * rate), in atoms of the received asset."""
    return ceil_div(received_atoms * rate, RATE_ONE)
