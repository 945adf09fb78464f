"""The checks before a handler runs, in the contract's order, for both transports of this door."""

from collections.abc import Callable, Mapping

from flowex.ports.keys import ApiKey, Permission
from flowex.services.gateway.binance import errors, security
from flowex.services.gateway.binance.endpoint import Call, Desk
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.limits import Address, Verdict
from flowex.services.gateway.principal import Stranger, identify


def charge(desk: Desk, address: Address, weight: int, now: int) -> None:
    """Count the request's weight; over a limit raises Refusal -1003."""
    verdict = desk.limits.charge(address, weight, now)
    if verdict is not None:
        raise Refusal(
            errors.too_much_weight(verdict.limit, verdict.status, verdict.interval),
            retry_after=verdict.retry_after,
        )


def identify_key(desk: Desk, permission: Permission, key_text: str, address: str) -> ApiKey:
    """Return the caller's key. Raises Refusal -2014 or -2015."""
    key = identify(desk.exchange.keys, key_text, address, permission)
    if isinstance(key, ApiKey):
        return key
    raise Refusal(errors.BAD_KEY_FORMAT if key is Stranger.BAD_FORMAT else errors.UNKNOWN_KEY)


def admit(
    call: Call,
    key: ApiKey,
    texts: Mapping[str, str],
    is_signed: Callable[[ApiKey], bool],
) -> None:
    """Check window and signature, and note in the call who it is and until when it is good."""
    call.deadline = security.check_window(texts, call.now)
    if not is_signed(key):
        raise Refusal(errors.BAD_SIGNATURE)
    call.account = key.account


def over_orders(verdict: Verdict) -> Refusal:
    """Return the refusal of an order above the account's share."""
    status = errors.too_many_orders(verdict.limit, verdict.interval)
    return Refusal(status, retry_after=verdict.retry_after)
