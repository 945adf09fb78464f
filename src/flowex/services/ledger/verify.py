"""The proof that the ledger and the machine tell the same story, to the last atom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowex.messages.enums import WORLD
from flowex.messages.state import (
    StateAsset,
    StateBalance,
    StateHead,
    StateInstrument,
    StateRecord,
)

Key = tuple[int, int, int]
"""Account, asset, wallet."""


@dataclass(frozen=True, slots=True)
class Books:
    """What the postings up to a sequence add up to.

    ``trades``: for each instrument, how many trades are recorded and the highest number.
    """

    sequence: int
    sums: Mapping[Key, int]
    unbalanced: Sequence[int] = ()
    trades: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssetLine:
    """An asset's line of the table, in atoms."""

    code: str
    decimals: int
    accounts: int
    issued: int
    posted: int
    balances: int

    @property
    def agrees(self) -> bool:
        """Whether what was issued, posted and is in the balances is the same."""
        return self.issued == self.posted == self.balances


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: a line for each asset, and every disagreement in words."""

    sequence: int
    lines: Sequence[AssetLine]
    faults: Sequence[str]

    @property
    def is_proven(self) -> bool:
        """Whether the ledger and the machine agree in everything."""
        return not self.faults


def compare(state: Iterable[StateRecord], books: Books) -> Verdict:
    """Hold the books against the machine's state at the same sequence.

    Proven: each transaction adds up to 0 for each asset; each balance (free and held together) is
    the sum of its postings; what left the world is what is issued; each trade is recorded once.
    """
    faults = [f"transaction {number} does not add up to 0" for number in books.unbalanced]
    assets: list[StateAsset] = []
    balances: dict[Key, int] = {}
    for record in state:
        match record:
            case StateHead() if record.id != books.sequence:
                faults.append(f"the ledger is at {books.sequence}, the machine at {record.id}")
            case StateAsset():
                assets.append(record)
            case StateBalance():
                key = (record.account, record.id, record.wallet)
                balances[key] = balances.get(key, 0) + record.free + record.held
            case StateInstrument():
                count, highest = books.trades.get(record.id, (0, 0))
                if not count == highest == record.last_trade:
                    faults.append(
                        f"{record.symbol}: {record.last_trade} trades happened, {count} are"
                        f" recorded, the last is {highest}"
                    )
    posted = {key: amount for key, amount in books.sums.items() if key[0] != WORLD}
    faults += _balance_faults(posted, balances)
    lines = _lines(assets, books.sums, balances)
    faults += [
        f"{line.code}: {line.issued} issued, {line.posted} posted, {line.balances} in balances"
        for line in lines
        if not line.agrees
    ]
    return Verdict(books.sequence, lines, faults)


def _balance_faults(posted: Mapping[Key, int], balances: Mapping[Key, int]) -> list[str]:
    return [
        f"account {key[0]}, asset {key[1]}, wallet {key[2]}: "
        f"{posted.get(key, 0)} posted, {balances.get(key, 0)} in the balance"
        for key in sorted(posted.keys() | balances.keys())
        if posted.get(key, 0) != balances.get(key, 0)
    ]


def _lines(
    assets: Sequence[StateAsset], sums: Mapping[Key, int], balances: Mapping[Key, int]
) -> list[AssetLine]:
    out_of_world: defaultdict[int, int] = defaultdict(int)
    for (account, asset, _), amount in sums.items():
        if account == WORLD:
            out_of_world[asset] -= amount
    held: defaultdict[int, int] = defaultdict(int)
    holders: defaultdict[int, set[int]] = defaultdict(set)
    for (account, asset, _), amount in balances.items():
        held[asset] += amount
        holders[asset].add(account)
    return [
        AssetLine(
            asset.code,
            asset.decimals,
            len(holders[asset.id]),
            asset.issued,
            out_of_world[asset.id],
            held[asset.id],
        )
        for asset in assets
    ]
