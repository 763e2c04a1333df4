"""What a strategy may claim about its own size, from trades that it has measured and nothing else.

The rule's own trades are kept on paper: one share in at the price after the decision, one share out
again, with a cost on each side. They go on whether or not the engine took the signals, so the
statistics are those of the rule; its executions can be kept in the same way. Where the strategy runs
live, the record of its account takes their place.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

from fillpath.core.models import ZERO, OrderSide
from fillpath.strategy.measured import Execution, Record, Trades

BOOTSTRAP: Final = "bootstrap"
"""Word in the metadata of a signal whose size is fixed because too few trades are measured."""
_BPS: Final = Decimal(10_000)


class MeasuredStatistics:
    """Keep the closed trades of a strategy, and say what size they can speak for.

    Args:
        minimum: closed trades below which no statistics are claimed.
        bootstrap: shares to trade until then; 0 claims what little there is, which the engine
            refuses, so nothing is traded.
        cost_bps: cost of a trade on paper, of its value, on each side.
        cautious: claim the win rate that 95 % of such records stay above.
    """

    def __init__(
        self, *, minimum: int, bootstrap: int = 0, cost_bps: Decimal = ZERO, cautious: bool = False
    ) -> None:
        self._minimum = minimum
        self._bootstrap = bootstrap
        self._cost = cost_bps / _BPS
        self._cautious = cautious
        self._trades = Trades()
        self._account: Record | None = None

    def trade(self, symbol: str, shares: int | Decimal, price: Decimal, ts: datetime) -> None:
        """Keep a trade on paper: shares bought, or sold when below 0."""
        side = OrderSide.BUY if shares > 0 else OrderSide.SELL
        quantity = abs(Decimal(shares))
        cost = price * quantity * self._cost
        self.add(
            Execution(
                symbol=symbol, side=side, quantity=quantity, price=price, ts=ts, commission=cost
            )
        )

    def add(self, execution: Execution) -> None:
        """Keep an execution."""
        self._trades.add(execution)

    def split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Turn the shares of an open trade into as many as they have become."""
        self._trades.split(symbol, new_shares, old_shares)

    def record(self, symbol: str | None = None) -> Record:
        """Return the statistics of all closed trades, or of those in one symbol."""
        return self._trades.record(symbol)

    def speak_for(self, record: Record) -> None:
        """Speak for the closed trades of an account from now on, and no longer for those kept here."""
        self._account = record

    def claims(self) -> dict[str, object]:
        """Return what the metadata of a signal says about its size."""
        record = self.record() if self._account is None else self._account
        if record.trades < self._minimum and self._bootstrap:
            return {"quantity": self._bootstrap, BOOTSTRAP: True}
        return record.claims(cautious=self._cautious)


__all__ = ["BOOTSTRAP", "MeasuredStatistics"]
