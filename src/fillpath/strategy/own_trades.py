"""What a strategy holds and has earned, from the executions that the account tells of.

Executions come in any order and more than once: each counts as it was told last, a correction in the
place of what it corrects, and one that was undone not at all. Shares and prices before a split are
those of today. What was held before the journal counts as bought when it was opened.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

from msgspec import Struct

from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow
from fillpath.strategy.measured import Execution, Record, RoundTrip, record_of, round_trips

_QUOTIENT: Final = Context(prec=28)
_SHARE: Final = Decimal("0.000001")


class OwnTrades:
    """Follow the executions of one strategy.

    Args:
        name: the strategy.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._fills: dict[str, FillRow] = {}
        self._changes: dict[tuple[object, ...], HoldingChangeRow] = {}
        self._settled: _Settled | None = None

    def take(self, row: FillRow) -> bool:
        """Keep an execution if it is news about one of the strategy's, and return whether it is."""
        known = self._fills.get(row.fill_id)
        if row.strategy_name != self.name or (known is not None and known.revision >= row.revision):
            return False
        self._fills[row.fill_id] = row
        self._settled = None
        return True

    def change(self, row: HoldingChangeRow) -> None:
        """Keep a split, or what the strategy held before the journal."""
        if row.kind == "SPLIT" or (row.kind == "OPENED" and row.strategy_name == self.name):
            self._changes[(row.ts, row.symbol, row.kind)] = row
            self._settled = None

    def position(self, symbol: str) -> Decimal:
        """Return the shares that are held, negative when short."""
        return self.positions().get(symbol, ZERO)

    def positions(self) -> dict[str, Decimal]:
        """Return what is held, by symbol; what is 0 is left out."""
        return self._all().held

    def executions(self) -> list[Execution]:
        """Return the executions in the order in which they happened, in shares of today."""
        opened = [row for row in self._changes.values() if row.kind == "OPENED"]
        splits = [row for row in self._changes.values() if row.kind == "SPLIT"]
        return list(_executions(opened, splits, self._fills.values()))

    def closed(self) -> list[RoundTrip]:
        """Return the trades that are closed, oldest first."""
        return self._all().trips

    def record(self) -> Record:
        """Return the statistics of the closed trades."""
        return record_of([trip.return_pct for trip in self.closed()])

    def _all(self) -> "_Settled":
        """Return what follows from the executions, computed once after each change."""
        if self._settled is None:
            executions = self.executions()
            self._settled = _Settled(_held(executions), round_trips(executions))
        return self._settled


class _Settled(Struct, frozen=True):
    held: dict[str, Decimal]
    trips: list[RoundTrip]


def _held(executions: Iterable[Execution]) -> dict[str, Decimal]:
    held: dict[str, Decimal] = {}
    for one in executions:
        signed = one.quantity if one.side is OrderSide.BUY else -one.quantity
        held[one.symbol] = held.get(one.symbol, ZERO) + signed
    return {symbol: shares for symbol, shares in sorted(held.items()) if shares}


def _executions(
    opened: Iterable[HoldingChangeRow],
    splits: list[HoldingChangeRow],
    fills: Iterable[FillRow],
) -> Iterator[Execution]:
    for row in opened:
        side = OrderSide.BUY if row.quantity > 0 else OrderSide.SELL
        held = Execution(
            symbol=row.symbol,
            side=side,
            quantity=abs(row.quantity),
            price=row.price or ZERO,
            ts=row.ts,
        )
        yield _after_splits(held, splits)
    for fill in sorted((fill for fill in fills if fill.quantity), key=lambda fill: fill.ts):
        made = Execution(
            symbol=fill.symbol,
            side=fill.side,
            quantity=fill.quantity,
            price=fill.price,
            ts=fill.ts,
            commission=fill.commission,
        )
        yield _after_splits(made, splits)


def _after_splits(made: Execution, splits: Iterable[HoldingChangeRow]) -> Execution:
    quantity, price = made.quantity, made.price
    for split in splits:
        if split.symbol == made.symbol and made.ts < split.ts:
            new, old = Decimal(split.new_shares), Decimal(split.old_shares)
            quantity = _QUOTIENT.divide(quantity * new, old).quantize(_SHARE, ROUND_DOWN)
            price = _QUOTIENT.divide(price * old, new)
    return Execution(
        symbol=made.symbol,
        side=made.side,
        quantity=quantity,
        price=price,
        ts=made.ts,
        commission=made.commission,
    )


__all__ = ["OwnTrades"]
