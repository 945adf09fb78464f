"""Whether clients were answered what the contract declares: form, headers, weight, errors."""

import json
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flow.foreign import orders
from flow.foreign.contract import ROWS, Row
from flow.foreign.notation import Sight, parse
from flow.foreign.recorder import Exchanged, Said
from flow.foreign.refusals import REFUSALS
from flow.foreign.rules import broken

_UPGRADED, _OK, _BAD_REQUEST, _NOT_FOUND, _BANNED, _TOO_MANY = 101, 200, 400, 404, 418, 429
_USED, _USED_MINUTE = "x-mbx-used-weight", "x-mbx-used-weight-1m"
_COUNTS = ("x-mbx-order-count-10s", "x-mbx-order-count-1d")
_HALF_REPLACED = (-2021, -2022)


class Complaint(NamedTuple):
    """One thing that differs."""

    label: str
    """The row."""
    text: str


class _Twice(ValueError):
    """A JSON object names a field twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Twice(f"a field comes twice among {[name for name, _ in pairs]}")
    return content


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def read_json(text: str) -> Any:
    """Return JSON as it stands; raises ValueError for fields that come twice, NaN and the like."""
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)


def parameters_of(exchanged: Exchanged) -> dict[str, str]:
    """Return what was sent: on a clash the query wins."""
    body = dict(parse_qsl(exchanged.body, keep_blank_values=True))
    return body | dict(parse_qsl(exchanged.query, keep_blank_values=True))


class Checker:
    """Checks one client's exchanges in the order in which they began."""

    def __init__(self) -> None:
        """Start without knowing any order."""
        self._placed: dict[int, Mapping[str, str]] = {}
        self._before: tuple[int, int] | None = None
        self._said: Sequence[int] = ()

    def all(self, exchanges: Iterable[Exchanged], said: Iterable[Said] = ()) -> Iterator[Complaint]:
        """Yield everything that differs; what was said on sockets drew from the same weight."""
        self._said = sorted(one.at for one in said)
        for exchanged in sorted(exchanges, key=lambda one: one.began):
            if exchanged.status == _UPGRADED:
                continue
            label = f"{exchanged.method} {exchanged.path}"
            for text in self.one(exchanged):
                yield Complaint(label, text)

    def one(self, exchanged: Exchanged) -> Iterator[str]:
        """Yield what differs in one answer."""
        row = ROWS.get(f"{exchanged.method} {exchanged.path}")
        parameters = parameters_of(exchanged)
        yield from self._headers(exchanged, row, parameters)
        try:
            answer = read_json(exchanged.answer)
        except ValueError as error:
            yield f"$: {error}: {exchanged.answer[:200]!r}"
            return
        if exchanged.status >= _BAD_REQUEST:
            yield from self.refusal(exchanged.status, answer, parameters)
            if exchanged.status == _NOT_FOUND and row is not None:
                yield "is not found, though a row of the contract"
        elif row is None:
            yield "is answered, though no row of the contract is it"
        elif exchanged.status != _OK:
            yield f"status {exchanged.status}"
        else:
            unit = exchanged.request_headers.get("x-mbx-time-unit", "").upper()
            yield from self.answer(row, answer, parameters, in_microseconds=unit == "MICROSECOND")

    # --- answers ----------------------------------------------------------------------------------

    def answer(
        self,
        row: Row,
        answer: Any,
        parameters: Mapping[str, str],
        *,
        in_microseconds: bool = False,
    ) -> Iterator[str]:
        """Yield what differs in what a row answers."""
        self._note(answer, parameters)
        sight = Sight(in_microseconds, self._conditions())
        found = list(row.check(parameters)(answer, "$", sight))
        # What has not its form has no values to speak of.
        yield from found or broken(row, answer, parameters, unit=1_000 if in_microseconds else 1)

    def _note(self, answer: Any, parameters: Mapping[str, str]) -> None:
        """Keep what an order was placed with, for the conditions of later answers."""
        for order in (answer, answer.get("newOrderResponse")) if isinstance(answer, dict) else ():
            if isinstance(order, dict) and "transactTime" in order and "orderId" in order:
                self._placed.setdefault(order["orderId"], parameters)

    def _conditions(self) -> Mapping[str, Callable[[Mapping[str, Any]], bool | None]]:
        def sent(name: str) -> Callable[[Mapping[str, Any]], bool | None]:
            def condition(order: Mapping[str, Any]) -> bool | None:
                placed = self._placed.get(order.get("orderId", 0))
                if placed is None or order.get("orderListId", -1) != -1:
                    return None
                return name in placed

            return condition

        # What is told of an order is what it was sent with, whenever it is told.
        names = ("stopPrice", "trailingDelta", "icebergQty", "strategyId", "strategyType")
        told = {name: sent(name) for name in names}
        return told | {
            "trailingTime": _only_with("trailingDelta"),
            "preventedQuantity": lambda order: "preventedMatchId" in order,
            "preventedMatchId": _may_be_prevented,
            "expiryReason": _only_expired,
            "listStatus": lambda answer: answer["amendedOrder"]["orderListId"] != -1,
        }

    # --- refusals ---------------------------------------------------------------------------------

    def refusal(self, status: int, answer: Any, parameters: Mapping[str, str]) -> Iterator[str]:
        """Yield what differs in a refusal."""
        fields = "code:I msg:T"
        code = answer.get("code") if isinstance(answer, dict) else None
        if code in _HALF_REPLACED and "cancelReplaceMode" in parameters:
            fields += f" data:{{{orders.half_replaced(parameters)}}}"
        yield from parse(fields)(answer, "$", Sight())
        known = REFUSALS.get(code) if code is not None else None
        if known is None:
            yield f"$.code: the contract knows no {code}"
            return
        if status not in known.statuses:
            yield f"{code} comes with status {status}, not {known.statuses}"
        if not known.allows(answer["msg"]):
            yield f"{code} comes with {answer['msg']!r}"

    # --- headers ----------------------------------------------------------------------------------

    def _headers(
        self, exchanged: Exchanged, row: Row | None, parameters: Mapping[str, str]
    ) -> Iterator[str]:
        headers: dict[str, list[str]] = {}
        for name, value in exchanged.headers:
            headers.setdefault(name, []).append(value)
        for name, values in headers.items():
            if len(values) > 1 and name.startswith(("x-mbx", "content-", "retry")):
                yield f"header {name} comes {len(values)} times"
        content = headers.get("content-type", [""])[0]
        if not content.startswith("application/json"):
            yield f"Content-Type is {content!r}"
        waits = headers.get("retry-after")
        limited = exchanged.status in (_TOO_MANY, _BANNED)
        if limited != bool(waits) or (waits and not int(waits[0]) > 0):
            yield f"Retry-After is {waits} with status {exchanged.status}"
        accepted = row is not None and row.counts_orders and exchanged.status == _OK
        for name in _COUNTS:
            if accepted and not headers.get(name, [""])[0].isdigit():
                yield f"header {name} is missing"
        yield from self._weight(exchanged, row, parameters, headers)

    def _weight(
        self,
        exchanged: Exchanged,
        row: Row | None,
        parameters: Mapping[str, str],
        headers: Mapping[str, Sequence[str]],
    ) -> Iterator[str]:
        used = headers.get(_USED, [""])[0]
        if not used.isdigit() or headers.get(_USED_MINUTE, [""])[0] != used:
            yield f"headers {_USED} and -1M are {used!r} and {headers.get(_USED_MINUTE)}"
            return
        before, self._before = self._before, (exchanged.ended, int(used))
        if before is None or row is None or exchanged.status == _BANNED:
            return
        # What came between, or overlapped, drew from the same weight.
        is_alone = bisect(self._said, before[0]) == bisect(self._said, exchanged.ended)
        if before[0] > exchanged.began or not is_alone:
            return
        try:
            due = row.cost(parameters)
        except ValueError:
            return  # A limit that is no number has no weight in the contract.
        # A minute that turned begins to count anew.
        if due is not None and int(used) not in (before[1] + due, due):
            yield f"weighs {int(used) - before[1]}, not {due}"


def _only_with(name: str) -> Callable[[Mapping[str, Any]], bool | None]:
    return lambda order: None if name in order else False


def _may_be_prevented(order: Mapping[str, Any]) -> bool | None:
    return True if order.get("status") == "EXPIRED_IN_MATCH" else None


def _only_expired(order: Mapping[str, Any]) -> bool | None:
    return None if str(order.get("status")).startswith("EXPIRED") else False
