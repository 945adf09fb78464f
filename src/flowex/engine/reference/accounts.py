"""Accounts and their money: open, freeze, credit, hold, settle, release, transfer."""

from flowex.engine.reference.fees import is_rate
from flowex.engine.reference.state import (
    Account,
    Balance,
    FeeTier,
    State,
    Verdict,
    WithdrawalHold,
)
from flowex.messages.commands import (
    AccountOpen,
    Credit,
    FeeSet,
    FeeTierSet,
    Hold,
    Release,
    SetAccountState,
    Settle,
    Transfer,
)
from flowex.messages.enums import FEE_TIERS_MAX, WORLD, AccountState, Limit, Wallet
from flowex.messages.events import (
    AccountChanged,
    BalanceChanged,
    FeeTierChanged,
    FundsMoved,
    HoldChanged,
)
from flowex.messages.results import ResultCode
from flowex.units.integers import SUPPLY_MAX

NO_RATE = -1
"""A rate that says: the tier's, or the instrument's own."""

WALLETS = (Wallet.SPOT, Wallet.FUNDING)
"""Those that money can be in yet."""


def free(state: State, account: int, asset: int, wallet: int = Wallet.SPOT) -> int:
    """Return what the account may spend of the asset, in atoms."""
    balance = state.balances.get((account, asset, wallet))
    return balance.free if balance else 0


def total(state: State, account: int, asset: int) -> int:
    """Return what the account has of the asset in its spot wallet, held or not, in atoms."""
    balance = state.balances.get((account, asset, Wallet.SPOT))
    return balance.free + balance.held if balance else 0


def move(
    state: State,
    account: int,
    asset: int,
    free_delta: int,
    held_delta: int = 0,
    wallet: int = Wallet.SPOT,
) -> None:
    """Change a balance by deltas and note it as touched by this command."""
    key = (account, asset, int(wallet))
    balance = state.balances.get(key)
    if balance is None:
        balance = state.balances[key] = Balance(*key)
    state.touched.setdefault(balance, (balance.free, balance.held))
    balance.free += free_delta
    balance.held += held_delta
    assert balance.free >= 0, "a free balance would be negative"
    assert balance.held >= 0, "a held balance would be negative"


def tell_touched(state: State) -> None:
    """Emit one BalanceChanged for each balance the command touched, in order of first touch."""
    for balance, (free_before, held_before) in state.touched.items():
        state.stream.emit(
            BalanceChanged(
                account=balance.account,
                sequence=state.sequence,
                asset=balance.asset,
                wallet=balance.wallet,
                free=balance.free,
                held=balance.held,
                free_delta=balance.free - free_before,
                held_delta=balance.held - held_before,
            )
        )
    state.touched.clear()


def open_account(state: State, command: AccountOpen) -> Verdict:
    """Open an account. Refusals: UNKNOWN_ACCOUNT (the parent), ACCOUNTS."""
    if command.parent and command.parent not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if len(state.accounts) >= state.limits[Limit.ACCOUNTS]:
        return Verdict(ResultCode.ACCOUNTS)
    number = len(state.accounts) + 1
    account = Account(number, parent=command.parent, trade_group=command.trade_group)
    state.accounts[number] = account
    _tell(state, account)
    return Verdict(ResultCode.OK, id=number)


def set_account_state(state: State, command: SetAccountState) -> Verdict:
    """Put an account into a state. Refusals: UNKNOWN_ACCOUNT, INVALID_STATE."""
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    if command.state >= len(AccountState):
        return Verdict(ResultCode.INVALID_STATE)
    account.state = command.state
    _tell(state, account)
    return Verdict(ResultCode.OK, id=account.number)


def set_fees(state: State, command: FeeSet) -> Verdict:
    """Give an account its own fees, or take them away, and put it into a tier.

    Refusals: UNKNOWN_ACCOUNT, INVALID_RATE, UNKNOWN_FEE_TIER.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    taken_away = command.maker_rate == NO_RATE and command.taker_rate == NO_RATE
    if not taken_away and not (is_rate(command.maker_rate) and is_rate(command.taker_rate)):
        return Verdict(ResultCode.INVALID_RATE)
    if command.tier and command.tier not in state.tiers:
        return Verdict(ResultCode.UNKNOWN_FEE_TIER)
    account.maker_rate, account.taker_rate = command.maker_rate, command.taker_rate
    account.tier = command.tier
    _tell(state, account)
    return Verdict(ResultCode.OK, id=account.number)


def set_fee_tier(state: State, command: FeeTierSet) -> Verdict:
    """Give a fee tier its rates. Refusals: UNKNOWN_FEE_TIER (0, or too high), INVALID_RATE."""
    if not 1 <= command.tier <= FEE_TIERS_MAX:
        return Verdict(ResultCode.UNKNOWN_FEE_TIER)
    if not (is_rate(command.maker_rate) and is_rate(command.taker_rate)):
        return Verdict(ResultCode.INVALID_RATE)
    state.tiers[command.tier] = FeeTier(command.maker_rate, command.taker_rate)
    state.stream.emit(
        FeeTierChanged(
            sequence=state.sequence,
            tier=command.tier,
            maker_rate=command.maker_rate,
            taker_rate=command.taker_rate,
        )
    )
    return Verdict(ResultCode.OK, id=command.tier)


def credit(state: State, command: Credit) -> Verdict:
    """Issue money to an account.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_ASSET, UNKNOWN_WALLET, INVALID_AMOUNT,
    SOURCE_REPEATED, SOURCE_GAP, SOURCES, SUPPLY_EXCEEDED. A refused command uses no number.
    """
    if command.account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    code = _amount_fault(state, command.asset, command.amount, command.wallet)
    code = code or _source_fault(state, command.source, command.source_sequence)
    if code:
        return Verdict(code)
    asset = state.assets[command.asset]
    if asset.issued + command.amount > SUPPLY_MAX:
        return Verdict(ResultCode.SUPPLY_EXCEEDED)
    state.sources[command.source] = command.source_sequence
    asset.issued += command.amount
    move(state, command.account, command.asset, command.amount, wallet=command.wallet)
    _tell_moved(state, command, (command.asset, command.wallet), WORLD, command.account)
    return Verdict(ResultCode.OK)


def hold(state: State, command: Hold) -> Verdict:
    """Reserve money for a withdrawal.

    Refusals, first that applies: UNKNOWN_ACCOUNT, UNKNOWN_ASSET, UNKNOWN_WALLET, INVALID_AMOUNT,
    ACCOUNT_RESTRICTED, SOURCE_REPEATED, SOURCE_GAP, SOURCES, HOLDS, INSUFFICIENT_FUNDS.
    """
    account = state.accounts.get(command.account)
    if account is None:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    code = _amount_fault(state, command.asset, command.amount, command.wallet)
    if not code and account.state == AccountState.FROZEN:
        code = ResultCode.ACCOUNT_RESTRICTED
    code = code or _source_fault(state, command.source, command.source_sequence)
    if not code and len(state.holds) >= state.limits[Limit.HOLDS]:
        code = ResultCode.HOLDS
    if not code and free(state, command.account, command.asset, command.wallet) < command.amount:
        code = ResultCode.INSUFFICIENT_FUNDS
    if code:
        return Verdict(code)
    state.sources[command.source] = command.source_sequence
    state.last_hold += 1
    reserved = state.holds[state.last_hold] = WithdrawalHold(
        state.last_hold, command.account, command.asset, command.wallet, command.amount
    )
    move(state, command.account, command.asset, -command.amount, command.amount, command.wallet)
    _tell_hold(state, reserved, command.amount)
    return Verdict(ResultCode.OK, id=reserved.number)


def settle(state: State, command: Settle) -> Verdict:
    """Send held money out.

    Refusals, first that applies: UNKNOWN_HOLD, INVALID_AMOUNT, HOLD_EXCEEDED, SOURCE_REPEATED,
    SOURCE_GAP, SOURCES.
    """
    reserved = state.holds.get(command.hold)
    code = _hold_fault(state, reserved, command)
    if code or reserved is None:
        return Verdict(code)
    state.assets[reserved.asset].issued -= command.amount
    move(state, reserved.account, reserved.asset, 0, -command.amount, reserved.wallet)
    _tell_moved(state, command, (reserved.asset, reserved.wallet), reserved.account, WORLD)
    _shrink(state, reserved, command)
    return Verdict(ResultCode.OK, id=reserved.number)


def release(state: State, command: Release) -> Verdict:
    """Give held money back; refusals as ``settle``."""
    reserved = state.holds.get(command.hold)
    code = _hold_fault(state, reserved, command)
    if code or reserved is None:
        return Verdict(code)
    move(state, reserved.account, reserved.asset, command.amount, -command.amount, reserved.wallet)
    _shrink(state, reserved, command)
    return Verdict(ResultCode.OK, id=reserved.number)


def transfer(state: State, command: Transfer) -> Verdict:
    """Move money between accounts or wallets.

    Refusals, first that applies: UNKNOWN_ACCOUNT (either), UNKNOWN_ASSET, UNKNOWN_WALLET (either),
    INVALID_AMOUNT (or to itself), ACCOUNT_RESTRICTED, SOURCE_REPEATED, SOURCE_GAP, SOURCES,
    INSUFFICIENT_FUNDS.
    """
    account = state.accounts.get(command.account)
    if account is None or command.to_account not in state.accounts:
        return Verdict(ResultCode.UNKNOWN_ACCOUNT)
    code = _amount_fault(state, command.asset, command.amount, command.wallet, command.to_wallet)
    giver, taker = (command.account, command.wallet), (command.to_account, command.to_wallet)
    if not code and giver == taker:
        code = ResultCode.INVALID_AMOUNT
    if not code and account.state == AccountState.FROZEN:
        code = ResultCode.ACCOUNT_RESTRICTED
    code = code or _source_fault(state, command.source, command.source_sequence)
    if not code and free(state, command.account, command.asset, command.wallet) < command.amount:
        code = ResultCode.INSUFFICIENT_FUNDS
    if code:
        return Verdict(code)
    state.sources[command.source] = command.source_sequence
    move(state, command.account, command.asset, -command.amount, wallet=command.wallet)
    move(state, command.to_account, command.asset, command.amount, wallet=command.to_wallet)
    _tell_moved(
        state,
        command,
        (command.asset, command.wallet),
        command.account,
        command.to_account,
        to_wallet=command.to_wallet,
    )
    return Verdict(ResultCode.OK)


def _amount_fault(state: State, asset: int, amount: int, *wallets: int) -> ResultCode:
    if asset not in state.assets:
        return ResultCode.UNKNOWN_ASSET
    if not all(wallet in WALLETS for wallet in wallets):
        return ResultCode.UNKNOWN_WALLET
    return ResultCode.OK if amount > 0 else ResultCode.INVALID_AMOUNT


def _source_fault(state: State, source: int, number: int) -> ResultCode:
    last = state.sources.get(source, 0)
    if number <= last:
        return ResultCode.SOURCE_REPEATED
    if number != last + 1:
        return ResultCode.SOURCE_GAP
    if source not in state.sources and len(state.sources) >= state.limits[Limit.SOURCES]:
        return ResultCode.SOURCES
    return ResultCode.OK


def _hold_fault(
    state: State, reserved: WithdrawalHold | None, command: Settle | Release
) -> ResultCode:
    if reserved is None or reserved.account != command.account:
        return ResultCode.UNKNOWN_HOLD
    if command.amount <= 0:
        return ResultCode.INVALID_AMOUNT
    if command.amount > reserved.remaining:
        return ResultCode.HOLD_EXCEEDED
    return _source_fault(state, command.source, command.source_sequence)


def _shrink(state: State, reserved: WithdrawalHold, command: Settle | Release) -> None:
    state.sources[command.source] = command.source_sequence
    reserved.remaining -= command.amount
    if not reserved.remaining:
        del state.holds[reserved.number]
    _tell_hold(state, reserved, -command.amount)


def _tell(state: State, account: Account) -> None:
    state.stream.emit(
        AccountChanged(
            account=account.number,
            sequence=state.sequence,
            parent=account.parent,
            trade_group=account.trade_group,
            maker_rate=account.maker_rate,
            taker_rate=account.taker_rate,
            state=account.state,
            tier=account.tier,
        )
    )


def _tell_hold(state: State, reserved: WithdrawalHold, delta: int) -> None:
    state.stream.emit(
        HoldChanged(
            account=reserved.account,
            sequence=state.sequence,
            asset=reserved.asset,
            wallet=reserved.wallet,
            hold=reserved.number,
            remaining=reserved.remaining,
            delta=delta,
        )
    )


def _tell_moved(
    state: State,
    command: Credit | Settle | Transfer,
    purse: tuple[int, int],
    giver: int,
    taker: int,
    to_wallet: int | None = None,
) -> None:
    """Emit that money moved; ``purse`` is (asset, wallet), the same on both sides if not told."""
    asset, wallet = purse
    state.stream.emit(
        FundsMoved(
            account=giver,
            sequence=state.sequence,
            asset=asset,
            to_account=taker,
            wallet=wallet,
            to_wallet=wallet if to_wallet is None else to_wallet,
            source=command.source,
            amount=command.amount,
            source_sequence=command.source_sequence,
        )
    )
