"""The dumb ledger: cash and positions from nothing but a list of executions, in plain Decimals.

It shares no code with the engine's book. Fed with the venue's truth it says what the account really
holds; fed with the journal's executions it says what the engine ought to believe.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

_SMALLEST = Decimal("0.000001")


class Entry(NamedTuple):
    """One execution.

    Args:
        name: the broker's execution id.
        symbol: ticker.
        shares: signed, negative when sold.
        price: per share.
        fee: commission.
        at: nanoseconds when it was made, which says in which shares it is told.
    """

    name: str
    symbol: str
    shares: Decimal
    price: Decimal
    fee: Decimal
    at: int = 0


class DumbLedger:
    """An account that knows executions, splits and corrections, and nothing else.

    Args:
        cash: opening cash.
        positions: opening shares by symbol.
    """

    def __init__(self, cash: Decimal, positions: dict[str, Decimal] | None = None) -> None:
        self.cash = cash
        self.positions = dict(positions or {})
        self.entries: dict[str, Entry] = {}
        self.revisions: dict[str, int] = {}
        self._early: dict[str, list[Callable[[], None]]] = {}
        self.moved: Callable[[Entry, Entry | None], None] = lambda *_move: None
        self.repeated: list[str] = []
        self._splits: list[tuple[str, int, int, int]] = []

    def trade(self, entry: Entry) -> None:
        """Book one execution; a second one of the same name is noted and not booked."""
        if entry.name in self.entries:
            self.repeated.append(entry.name)
            return
        self.entries[entry.name] = entry
        self._move(entry, 1)
        self.moved(self._today(entry), None)
        for news in self._early.pop(entry.name, ()):
            news()

    def correct(self, entry: Entry, revision: int) -> None:
        """Book an execution as it is now; 0 shares undo it, and the highest revision is true.

        News of an execution that has not come yet waits for it.
        """
        before = self.entries.get(entry.name)
        if before is None:
            self._early.setdefault(entry.name, []).append(lambda: self.correct(entry, revision))
        elif revision > self.revisions.get(entry.name, 0):
            self.revisions[entry.name] = revision
            self._replace(before, entry)
            for news in self._early.pop(entry.name, ()):
                news()

    def charge(self, name: str, fee: Decimal, revision: int) -> None:
        """Book what an execution cost, as far as it is about the revision that is known."""
        before = self.entries.get(name)
        if before is None or revision > self.revisions.get(name, 0):
            self._early.setdefault(name, []).append(lambda: self.charge(name, fee, revision))
        elif revision == self.revisions.get(name, 0):
            self._replace(before, before._replace(fee=fee))

    def _replace(self, before: Entry, after: Entry) -> None:
        self._move(before, -1)
        self.entries[after.name] = after
        self._move(after, 1)
        if before[:4] != after[:4]:
            self.moved(self._today(after), self._today(before))

    def split(self, symbol: str, at: int, new_shares: int, old_shares: int) -> None:
        """Turn every ``old_shares`` into ``new_shares``; less than a millionth is lost."""
        self._splits.append((symbol, at, new_shares, old_shares))
        held = self.positions.get(symbol, Decimal(0))
        after = (abs(held) * new_shares / old_shares).quantize(_SMALLEST, ROUND_DOWN)
        self._hold(symbol, after if held > 0 else -after)

    def _today(self, entry: Entry) -> Entry:
        """Return an execution as if it had been made in the shares of today."""
        shares, price = entry.shares, entry.price
        for symbol, at, new, old in self._splits:
            if symbol == entry.symbol and entry.at < at:
                shares = (shares * new / old).quantize(_SMALLEST, ROUND_DOWN)
                price = price * old / new
        return entry._replace(shares=shares, price=price)

    def _move(self, entry: Entry, sign: int) -> None:
        self.cash -= sign * (entry.shares * entry.price + entry.fee)
        held = self.positions.get(entry.symbol, Decimal(0))
        self._hold(entry.symbol, held + sign * self._today(entry).shares)

    def _hold(self, symbol: str, shares: Decimal) -> None:
        if shares:
            self.positions[symbol] = shares
        else:
            self.positions.pop(symbol, None)


def differences(
    ours: dict[str, Decimal], theirs: dict[str, Decimal], words: tuple[str, str]
) -> Iterable[str]:
    """Yield one sentence for each symbol that two books do not agree on."""
    for symbol in sorted(ours.keys() | theirs.keys()):
        left, right = ours.get(symbol, Decimal(0)), theirs.get(symbol, Decimal(0))
        if left != right:
            yield f"{symbol}: {words[0]} {left}, {words[1]} {right}"
