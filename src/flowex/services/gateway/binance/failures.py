"""Whatever ends a request becomes the contract's error: never a stack trace for the client."""

import logging
from typing import Final

from flowex.ports.market_data import MarketDataDown
from flowex.ports.sequencer import SequencerStopped
from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.errors import Refusal

_LOG: Final = logging.getLogger("flowex.gateway.binance")


def as_refusal(failure: Exception, what: str) -> Refusal:
    """Return the refusal a client is told; what nobody foresaw is logged with ``what``."""
    if isinstance(failure, Refusal):
        return failure
    if isinstance(failure, SequencerStopped):
        return Refusal(errors.OUTCOME_UNKNOWN)
    if isinstance(failure, MarketDataDown):
        _LOG.warning("%s: %s", what, failure)
        return Refusal(errors.BUSY)
    _LOG.error("%s failed", what, exc_info=failure)
    return Refusal(errors.UNKNOWN)
