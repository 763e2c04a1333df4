"""What a strategy holds and has earned, from the executions that the account tells of.

Executions come in any order and more than once: each counts as it was told last, a correction in the
place of what it corrects, and one that was undone not at all. Shares and prices before a split are
those of today. What was held before the journal counts as bought when it was opened.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

from fillpath.core.models import ZERO, OrderSide
from fillpath.core.rows import FillRow, HoldingChangeRow
from fillpath.strategy.measured import Execution, Record, RoundTrip, Trades, record_of

_QUOTIENT: Final = Context(prec=28)
_SHARE: Final = Decimal("0.000001")
_BEFORE: Final = datetime.min.replace(tzinfo=UTC)


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
        settled = self._settled
        if settled is None or known is not None or row.ts < settled.last or not row.quantity:
            self._settled = None
        else:
            settled.add(_executed(row), row.ts)
        return True

    def change(self, row: HoldingChangeRow) -> None:
        """Keep a split, or what the strategy held before the journal."""
        if row.kind == "SPLIT" or (row.kind == "OPENED" and row.strategy_name == self.name):
            self._changes[(row.ts, row.symbol, row.kind)] = row
            self._settled = None

    def position(self, symbol: str) -> Decimal:
        """Return the shares that are held, negative when short."""
        return self._all().held.get(symbol, ZERO)

    def positions(self) -> dict[str, Decimal]:
        """Return what is held, by symbol; what is 0 is left out."""
        return {symbol: shares for symbol, shares in sorted(self._all().held.items()) if shares}

    def closed(self) -> list[RoundTrip]:
        """Return the trades that are closed, oldest first."""
        return self._all().trades.closed

    def record(self) -> Record:
        """Return the statistics of the closed trades."""
        return self._all().record()

    def _all(self) -> "_Settled":
        """Return what follows from the executions; only what came out of order is computed anew."""
        if self._settled is None:
            opened = [row for row in self._changes.values() if row.kind == "OPENED"]
            splits = [row for row in self._changes.values() if row.kind == "SPLIT"]
            moments = [fill.ts for fill in self._fills.values()]
            last = max([*moments, *(split.ts for split in splits)], default=_BEFORE)
            self._settled = _Settled(last)
            for execution in _executions(opened, splits, self._fills.values()):
                self._settled.add(execution, last)
        return self._settled


class _Settled:
    """What follows from executions that came in their order.

    Args:
        last: the latest moment of any of them, or of a split.
    """

    def __init__(self, last: datetime) -> None:
        self.last = last
        self.trades = Trades()
        self.held: dict[str, Decimal] = {}
        self._record = record_of(())
        self._recorded = 0

    def add(self, execution: Execution, last: datetime) -> None:
        """Take one more."""
        self.last = last
        self.trades.add(execution)
        signed = execution.quantity if execution.side is OrderSide.BUY else -execution.quantity
        self.held[execution.symbol] = self.held.get(execution.symbol, ZERO) + signed

    def record(self) -> Record:
        """Return the statistics, computed once for each trade that is closed."""
        closed = self.trades.closed
        if len(closed) != self._recorded:
            self._record, self._recorded = (
                record_of([one.return_pct for one in closed]),
                len(closed),
            )
        return self._record


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
        yield _after_splits(_executed(fill), splits)


def _executed(fill: FillRow) -> Execution:
    return Execution(
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        ts=fill.ts,
        commission=fill.commission,
    )


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
