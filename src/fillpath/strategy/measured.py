"""What a strategy has really earned: closed trades out of executions, and the statistics of Kelly.

A trade is a round trip: from nothing held to nothing held in one symbol, however many executions it
took, long or short. Its profit is after the costs of both sides, its return is profit over what was
paid (or, short, received) to enter. Trades that are still open count for nothing, and a trade that
earned exactly nothing is neither a win nor a loss.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fillpath.core.errors import ModelError
from fillpath.core.models import ZERO, OrderSide, SignalDirection
from fillpath.strategy.splits import in_new_shares

ONE_SIDED_95: Final = Decimal("1.6448536269514722")
"""The quantile of the standard normal distribution that 95 % stay below."""

_BUY: Final = OrderSide.BUY
_STEP: Final = Decimal("0.0001")
_PERCENT: Final = 100
_QUOTIENT: Final = Context(prec=28)


class Execution(Struct, frozen=True, kw_only=True):
    """One execution of a strategy.

    Args:
        symbol: ticker.
        side: BUY or SELL.
        quantity: shares, above 0.
        price: account currency per share.
        ts: when it happened.
        commission: account currency; negative for a rebate.
    """

    symbol: str
    side: OrderSide
    quantity: Decimal
    price: Decimal
    ts: datetime
    commission: Decimal = ZERO


class RoundTrip(Struct, frozen=True, kw_only=True):
    """One closed trade.

    Args:
        symbol: ticker.
        direction: LONG or SHORT.
        quantity: shares entered in all.
        entered_at: the first execution.
        left_at: the last one.
        entry_price: average price of the executions that entered.
        exit_price: average price of those that left.
        costs: commissions of both sides, account currency.
        profit: after costs, account currency.
        return_pct: profit in percent of the value entered; 0 where that was nothing.
    """

    symbol: str
    direction: SignalDirection
    quantity: Decimal
    entered_at: datetime
    left_at: datetime
    entry_price: Decimal
    exit_price: Decimal
    costs: Decimal
    profit: Decimal
    return_pct: Decimal


class Record(Struct, frozen=True, kw_only=True):
    """What a rule has earned so far.

    Args:
        trades: trades that won or lost; those that ended where they began do not count.
        win_rate: share of winners; None without a trade.
        avg_win_pct: average win in percent; None without a winner.
        avg_loss_pct: average loss in percent, positive; None without a loser.
    """

    trades: int
    win_rate: Decimal | None
    avg_win_pct: Decimal | None
    avg_loss_pct: Decimal | None

    def claims(self, *, cautious: bool = False) -> dict[str, object]:
        """Return what the metadata of a signal says of it; what is unknown is left out.

        Args:
            cautious: say the win rate that 95 % of such records stay above, not the measured one.
        """
        rate = self.win_rate
        if cautious and rate is not None:
            rate = wilson_lower(int((rate * self.trades).to_integral_value()), self.trades)
        said = {
            "win_rate": rate,
            "avg_win_pct": self.avg_win_pct,
            "avg_loss_pct": self.avg_loss_pct,
        }
        known: dict[str, object] = {
            name: value for name, value in said.items() if value is not None
        }
        return known | {"n_trades": self.trades}


def record_of(returns_pct: Sequence[Decimal]) -> Record:
    """Return the record of trades with these returns in percent."""
    wins = [value for value in returns_pct if value > 0]
    losses = [-value for value in returns_pct if value < 0]
    trades = len(wins) + len(losses)
    return Record(
        trades=trades,
        win_rate=_rounded(Decimal(len(wins)) / trades) if trades else None,
        avg_win_pct=_average(wins),
        avg_loss_pct=_average(losses),
    )


def wilson_lower(wins: int, trades: int, quantile: Decimal = ONE_SIDED_95) -> Decimal:
    """Return the lower end of the one-sided Wilson interval of a win rate.

    Args:
        wins: trades that won, 0 or more.
        trades: all of them, 1 or more.
        quantile: of the standard normal distribution; 1.645 leaves out 5 %.

    Raises:
        ModelError: there are no trades, or more wins than trades.

    Source:
        Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference.
    """
    if not 0 <= wins <= trades or trades < 1:
        raise ModelError(f"wins must be from 0 to trades, which is 1 or more, got {wins}, {trades}")
    rate, squared = Decimal(wins) / trades, quantile * quantile
    middle = rate + squared / (2 * trades)
    inside = rate * (1 - rate) / trades + squared / (4 * trades * trades)
    return max(ZERO, (middle - quantile * inside.sqrt(_QUOTIENT)) / (1 + squared / trades))


class Trades:
    """The closed trades of a strategy, one execution after the other.

    Executions are taken in the order in which they happened; one that goes through zero closes a
    trade and opens another, with its commission shared by the shares.
    """

    def __init__(self) -> None:
        self.closed: list[RoundTrip] = []
        self._open: dict[str, _Open] = {}

    def add(self, execution: Execution) -> None:
        """Take one more execution."""
        signed = execution.quantity if execution.side is _BUY else -execution.quantity
        running = self._open.get(execution.symbol)
        if running is None:
            self._open[execution.symbol] = _begun(execution)
            return
        against = (running.held > 0) != (signed > 0)
        over = abs(signed) - abs(running.held) if against else ZERO
        if over <= 0:
            self._go_on(running, execution, signed, against=against)
            return
        first, rest = _split(execution, over)
        self._go_on(running, first, -running.held, against=True)
        self._open[execution.symbol] = _begun(rest)

    def split(self, symbol: str, new_shares: int, old_shares: int) -> None:
        """Turn the shares of an open trade into as many as they have become."""
        running = self._open.get(symbol)
        if running is not None:
            self._open[symbol] = replace(
                running,
                held=in_new_shares(running.held, new_shares, old_shares),
                entered=in_new_shares(running.entered, new_shares, old_shares),
            )

    def record(self, symbol: str | None = None) -> Record:
        """Return the statistics of all closed trades, or of those in one symbol."""
        return record_of([trip.return_pct for trip in self.closed if symbol in {None, trip.symbol}])

    def _go_on(
        self, running: "_Open", execution: Execution, signed: Decimal, *, against: bool
    ) -> None:
        value = execution.quantity * execution.price
        changed = replace(
            running,
            held=running.held + signed,
            entered=running.entered + (ZERO if against else execution.quantity),
            entered_value=running.entered_value + (ZERO if against else value),
            left_value=running.left_value + (value if against else ZERO),
            costs=running.costs + execution.commission,
        )
        if changed.held:
            self._open[execution.symbol] = changed
            return
        del self._open[execution.symbol]
        self.closed.append(_closed(changed, execution))


def round_trips(executions: Iterable[Execution]) -> list[RoundTrip]:
    """Return the closed trades of executions in the order in which they happened."""
    trades = Trades()
    for execution in executions:
        trades.add(execution)
    return trades.closed


class _Open(Struct, frozen=True, kw_only=True):
    """A trade that is not closed yet."""

    since: datetime
    held: Decimal
    entered: Decimal
    entered_value: Decimal
    left_value: Decimal = ZERO
    costs: Decimal = ZERO


def _begun(execution: Execution) -> _Open:
    quantity = execution.quantity
    return _Open(
        since=execution.ts,
        held=quantity if execution.side is _BUY else -quantity,
        entered=quantity,
        entered_value=quantity * execution.price,
        costs=execution.commission,
    )


def _split(execution: Execution, over: Decimal) -> tuple[Execution, Execution]:
    """Return an execution as the part that closes and the part that opens."""
    share = _QUOTIENT.divide(execution.commission * over, execution.quantity)
    return (
        replace(
            execution,
            quantity=execution.quantity - over,
            commission=execution.commission - share,
        ),
        replace(execution, quantity=over, commission=share),
    )


def _closed(trade: _Open, last: Execution) -> RoundTrip:
    long = last.side is not _BUY
    gross = trade.left_value - trade.entered_value
    profit = (gross if long else -gross) - trade.costs
    return RoundTrip(
        symbol=last.symbol,
        direction=SignalDirection.LONG if long else SignalDirection.SHORT,
        quantity=trade.entered,
        entered_at=trade.since,
        left_at=last.ts,
        entry_price=_QUOTIENT.divide(trade.entered_value, trade.entered),
        exit_price=_QUOTIENT.divide(trade.left_value, trade.entered),
        costs=trade.costs,
        profit=profit,
        return_pct=_return_pct(profit, trade.entered_value),
    )


def _return_pct(profit: Decimal, entered_value: Decimal) -> Decimal:
    return _QUOTIENT.divide(profit * _PERCENT, entered_value) if entered_value else ZERO


def _average(values: Sequence[Decimal]) -> Decimal | None:
    return _rounded(sum(values, ZERO) / len(values)) if values else None


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP)


__all__ = [
    "ONE_SIDED_95",
    "Execution",
    "Record",
    "RoundTrip",
    "Trades",
    "record_of",
    "round_trips",
    "wilson_lower",
]
