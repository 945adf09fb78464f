"""The cheap refusals are the machine's own, in its order."""

from feeds import ACCOUNTS, BTCUSDT, Exchange
from hypothesis import given, settings
from hypothesis import strategies as st

from flowex.messages.commands import Halt, OrderPlace, SetAccountState, SetInstrumentState
from flowex.messages.events import Result
from flowex.messages.results import ResultCode
from flowex.services.trading.checks import placement_fault
from flowex.services.trading.read_model import ReadModel

NUMBERS = st.one_of(
    st.sampled_from((-1, 0, 1, 9, 10, 15, 100, 10**9, 10**9 + 10, 10**11, 10**11 + 10, 2**62)),
    st.integers(0, 10**7).map(lambda tens: tens * 10),
)
ORDERS = st.builds(
    OrderPlace,
    account=st.sampled_from((*ACCOUNTS, 99)),
    instrument=st.sampled_from((BTCUSDT, BTCUSDT, 2, 9)),
    side=st.sampled_from((0, 1, 2)),
    order_type=st.integers(0, 7),
    time_in_force=st.sampled_from((0, 1, 2, 3, 4)),
    self_trade=st.integers(0, 5),
    price=NUMBERS,
    quantity=NUMBERS,
    quote_amount=st.one_of(st.just(0), NUMBERS),
    expire_time=st.sampled_from((0, 0, 1, 2**60)),
    position_side=st.sampled_from((0, 0, 0, 1)),
    client_id=st.sampled_from(("", "ok", "with space", "x" * 37, "caf\xe9", "tab\t")),
)
LATER = {
    ResultCode.OK,
    ResultCode.EXPIRE_TIME_PASSED,
    ResultCode.TIMERS,
    ResultCode.WOULD_TAKE,
    ResultCode.QUOTE_AMOUNT_TOO_SMALL,
    ResultCode.INSUFFICIENT_FUNDS,
}
CIRCUMSTANCES = (
    (),
    (Halt(halted=1),),
    (SetInstrumentState(instrument=BTCUSDT, state=3),),
    (SetAccountState(account=ACCOUNTS[0], state=1),),
)


@settings(max_examples=300, deadline=None)
@given(ORDERS, st.sampled_from(CIRCUMSTANCES))
def test_a_cheap_refusal_is_the_machines(order: OrderPlace, circumstances: tuple) -> None:  # type: ignore[type-arg]
    exchange = Exchange()
    if circumstances:
        exchange.frame(circumstances)
    model = ReadModel()
    model.seed(exchange.state())
    code = placement_fault(
        order,
        model.accounts.get(order.account),
        model.directory.instruments.get(order.instrument),
        is_halted=model.directory.is_halted,
    )
    result = exchange.frame([order]).events[-1]
    assert isinstance(result, Result)
    if code is ResultCode.OK:
        assert result.code in LATER
    else:
        assert result.code == code
