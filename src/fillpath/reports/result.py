"""One finished run, ready to be shown: every row, every count and what must be said about them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from msgspec import Struct, field

from fillpath.core.commands import Decision, OrderClosed, QualityMeasured, RaiseAlarm
from fillpath.core.models import ZERO, Fill, Position
from fillpath.core.reading import (
    alert_row,
    decision_row,
    fill_row,
    order_row,
    position_row,
    quality_row,
)
from fillpath.core.rows import (
    AlertRow,
    DecisionRow,
    FillRow,
    OrderRow,
    PositionRow,
    QualityRow,
)
from fillpath.reports.dividends import DividendRow
from fillpath.reports.later import Rows
from fillpath.reports.recorder import RunRecorder

ORDERED: Final = frozenset({"ORDERED", "REDUCED"})
DUPLICATE: Final = "DUPLICATE"


class PriceSeries(Struct, frozen=True, kw_only=True):
    """The quotes of one symbol in columns, for charts only.

    Args:
        ts: int64 array of nanoseconds UTC, ascending.
        bid: int64 array of price units (1e-8); 0 or less where the side is missing.
        ask: int64 array of price units, the same.
    """

    ts: Any
    bid: Any
    ask: Any


class RunFacts(Struct, frozen=True, kw_only=True):
    """What a report must say about how its figures came to be.

    Args:
        title: headline, such as ``IBM, AIG, BAC, 2013-10-07 to 2013-10-10``.
        mode: ``REPLAY`` for recorded data, ``SIM`` where the market itself is modelled.
        profile: fill profile of the simulated broker.
        session: hours of the recording that took part.
        seed: seed of everything random.
        notes: what is modelled or left out, one sentence each; shown wherever results are shown.
        quotes: quotes that took part.
        bad_rows: skipped rows by reason; a reason that starts with ``kept: `` counts rows that
            were used in spite of it.
        elapsed_s: wall seconds of the run.
    """

    title: str
    mode: str = "REPLAY"
    profile: str = "quotes"
    session: str = "rth"
    seed: int = 0
    notes: tuple[str, ...] = ()
    quotes: int = 0
    bad_rows: dict[str, int] = field(default_factory=dict)
    elapsed_s: float = 0.0


class AccountEnd(Struct, frozen=True, kw_only=True):
    """The account before and after the run, in account currency.

    Args:
        opening_cash: cash before the first signal.
        cash: cash at the end.
        equity: cash plus positions at their marks.
        positions: what is held at the end.
    """

    opening_cash: Decimal
    cash: Decimal
    equity: Decimal
    positions: tuple[Position, ...] = ()


class SignalCounts(Struct, frozen=True, kw_only=True):
    """What became of the signals; ``received`` is ``ordered`` plus the sum of ``refused``.

    Args:
        received: signals that got an outcome.
        ordered: signals that became an order.
        refused: signals that did not, by reason code.
    """

    received: int
    ordered: int
    refused: dict[str, int]


class RunResult(Struct, frozen=True, kw_only=True):
    """Everything that is known about one finished run.

    Args:
        facts: how the figures came to be.
        signals: what became of the signals.
        orders: every order sent, in the order of sending.
        fills: every execution, in the order of arrival.
        quality: every measurement, in the order of arrival.
        decisions: every decision, in the order in which they were made.
        alerts: every alarm, oldest first.
        positions: what is held at the end, by symbol.
        opening_cash: account currency.
        cash: account currency.
        equity: account currency.
        prices: quotes by symbol for charts; never in JSON or Parquet.
        dividends: cash for shares held over an ex-date, in the order of payment.
    """

    facts: RunFacts
    signals: SignalCounts
    orders: Sequence[OrderRow]
    fills: Sequence[FillRow]
    quality: Sequence[QualityRow]
    decisions: Sequence[DecisionRow]
    alerts: tuple[AlertRow, ...]
    positions: tuple[PositionRow, ...]
    opening_cash: Decimal
    cash: Decimal
    equity: Decimal
    prices: dict[str, PriceSeries] = field(default_factory=dict)
    dividends: tuple[DividendRow, ...] = ()

    @property
    def commission(self) -> Decimal:
        """Return the commission of all fills, account currency."""
        return sum((fill.commission for fill in self.fills), ZERO)

    @property
    def dividend_cash(self) -> Decimal:
        """Return what dividends brought, less what they cost, account currency."""
        return sum((row.cash for row in self.dividends), ZERO)


def summarise(
    recorder: RunRecorder,
    *,
    facts: RunFacts,
    account: AccountEnd,
    prices: Mapping[str, PriceSeries] | None = None,
    still_open: Iterable[OrderClosed] = (),
) -> RunResult:
    """Turn what a run recorded into its result.

    Args:
        recorder: what the engine told while it ran.
        facts: how the figures came to be.
        account: cash, equity and positions at the end.
        prices: quotes by symbol for the charts.
        still_open: orders that have not ended, as rows with the status they stand at.
    """
    # A late fill closes an order again; its last row is the true one.
    ended = {order.ticket.order_id: order for order in recorder.of_kind(OrderClosed)}
    closed = sorted([*ended.values(), *still_open], key=lambda order: order.sent_at)
    decisions = tuple(recorder.of_kind(Decision))
    positions = sorted(account.positions, key=lambda held: (held.symbol, held.strategy_name))
    return RunResult(
        facts=facts,
        signals=count_signals(decisions),
        orders=Rows(order_row, closed),
        fills=Rows(_Owners(decisions, closed).row, recorder.fills),
        quality=Rows(quality_row, recorder.of_kind(QualityMeasured)),
        decisions=Rows(decision_row, decisions),
        alerts=tuple(map(alert_row, recorder.of_kind(RaiseAlarm))),
        positions=tuple(position_row(held) for held in positions if held.quantity),
        opening_cash=account.opening_cash,
        cash=account.cash,
        equity=account.equity,
        prices=dict(prices or {}),
    )


class _Owners:
    """Whose each order is: an execution itself does not say."""

    def __init__(self, decisions: Sequence[Decision], closed: Sequence[OrderClosed]) -> None:
        self._decisions = decisions
        self._closed = closed

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        names = {d.order_id: (d.strategy_name, d.signal_id) for d in self._decisions if d.order_id}
        tickets = (order.ticket for order in self._closed)
        return names | {one.order_id: (one.strategy_name, one.signal_id) for one in tickets}

    def row(self, fill: Fill) -> FillRow:
        """Return the row of an execution."""
        name = self._names.get(fill.order_id) or self._names.get(fill.parent_order_id or "")
        return fill_row(fill, *(name or ("", "")))


def count_signals(decisions: Iterable[Decision]) -> SignalCounts:
    """Count what became of each signal: every one has exactly one outcome.

    A held signal counts by what ends the hold; one that is held to the end counts as refused for
    the reason of the hold. A second signal of the same name is a signal of its own, so its refusal
    counts beside what became of the first.
    """
    ordered: set[tuple[str, str]] = set()
    held: dict[tuple[str, str], str] = {}
    reasons: list[str] = []
    for decision in decisions:
        name = (decision.strategy_name, decision.signal_id)
        if decision.reason == DUPLICATE:
            reasons.append(DUPLICATE)
        elif decision.stage == "SIGNAL" or name in held:
            hold = held.pop(name, "")
            if decision.outcome in ORDERED:
                ordered.add(name)
            elif decision.outcome == "HELD":
                held[name] = decision.reason
            else:
                reasons.append(decision.reason or hold or decision.outcome)
    reasons += held.values()
    return SignalCounts(
        received=len(ordered) + len(reasons),
        ordered=len(ordered),
        refused=dict(sorted(Counter(reasons).items())),
    )
