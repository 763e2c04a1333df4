"""What can be asked of the tables, and the pages, series and statistics that come back.

Whoever reads the tables makes these, and whoever shows them takes them: neither knows the other.
Statistics are floats, as statistics may be; money, prices and shares are exact.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final, Generic, TypeVar

from msgspec import Struct

from fillpath.core.models import ZERO
from fillpath.core.rows import DecisionRow, FillRow, OrderRow, QualityRow, Row, SignalRow

R = TypeVar("R", bound=Struct)

MOST_ROWS: Final = 1_000
"""Rows of one page at most."""


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows of a table; None leaves a condition out.

    Args:
        symbol: ticker.
        strategy_name: the strategy behind it.
        status: of orders.
        outcome: of signals and decisions.
        code: of alerts.
        route: of orders and measurements.
        side: of orders, executions and measurements.
        order_id: of orders, fills, decisions, measurements and alerts.
        parent_order_id: of slices and their fills.
        signal_id: of signals, orders, fills and decisions.
        since: no row before this moment, aware.
        until: only rows before this moment, aware.
        parents_only: leave slices and protective orders out; of orders.
        orders: only measurements of these orders and of their slices.
        text: only rows in which a name or a reason has this in it, in capitals or not.
    """

    symbol: str | None = None
    strategy_name: str | None = None
    status: str | None = None
    outcome: str | None = None
    code: str | None = None
    route: str | None = None
    side: str | None = None
    order_id: str | None = None
    parent_order_id: str | None = None
    signal_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    parents_only: bool | None = None
    orders: tuple[str, ...] | None = None
    text: str | None = None


EVERYTHING: Final = Wanted()


class Page(Struct, Generic[R], frozen=True):
    """Some rows, newest first, and where the next ones begin.

    Args:
        rows: the rows.
        after: hand it in for the page that follows; empty when this was the last.
    """

    rows: list[R]
    after: str = ""


class OrderStory(Struct, frozen=True, kw_only=True):
    """Everything that is known of an order.

    Args:
        order: as it stands; None for a parent of which only the slices were sent.
        children: its slices, newest first.
        fills: its executions and those of its slices, newest first.
        decisions: why it was made, changed or refused, and its slices with it, newest first.
        signal: the signal behind it; None where the tables have none.
        quality: how well it was executed, and each of its slices.
    """

    order: OrderRow | None
    children: list[OrderRow]
    fills: list[FillRow]
    decisions: list[DecisionRow]
    signal: SignalRow | None = None
    quality: list[QualityRow] = []


class Change(Struct, frozen=True):
    """A row as it stands, and the journal record that made it so.

    Args:
        sequence: number of the journal record.
        row: as it stands.
    """

    sequence: int
    row: Row


class Changes(Struct, frozen=True):
    """What became new in the tables of an account.

    Args:
        rows: rows as they stand, in the order of their records.
        through: every row of records up to this one is among them, or was before.
        more: whether there are so many that some were left out; read everything anew.
    """

    rows: list[Change]
    through: int
    more: bool = False


class EquityPoint(Struct, frozen=True, kw_only=True):
    """The account at one moment of its curve.

    Args:
        ts: the moment.
        equity: account currency.
        cash: account currency.
        realized_pnl: profit taken so far, account currency.
        drawdown_share: how far below the highest equity of the series before it; 1 = 100 %.
    """

    ts: datetime
    equity: Decimal
    cash: Decimal
    realized_pnl: Decimal
    drawdown_share: float


class QualityBucket(Struct, frozen=True, kw_only=True):
    """The measurements of a day or week, account, route and symbol; statistics are floats.

    Args:
        account: whose orders.
        route: the row of the routing table.
        symbol: ticker.
        bucket: its first moment in UTC; weeks begin on Monday.
        n: orders measured.
        mean_slippage_bps: average cost against the expected price; positive is a cost.
        median_slippage_bps: the middle one.
        max_slippage_bps: the worst one.
        mean_arrival_slippage_bps: average cost against the signal price; None without any.
        mean_fill_latency_ms: average time from signal to last fill.
        max_fill_latency_ms: the longest one.
        notional: account currency traded; None when no measurement knew it.
    """

    account: str
    route: str
    symbol: str
    bucket: datetime
    n: int
    mean_slippage_bps: float
    median_slippage_bps: float
    max_slippage_bps: float
    mean_arrival_slippage_bps: float | None
    mean_fill_latency_ms: float
    max_fill_latency_ms: float
    notional: float | None


class QualitySummary(Struct, frozen=True, kw_only=True):
    """What the orders of one group cost; positive is a cost. Statistics are floats.

    Args:
        key: what they share: the day as ``2026-11-23``, the Monday of the week, the symbol, the
            strategy, the route, the hour in UTC as ``14``, or the size as ``10k-100k``.
        n: parent orders measured.
        notional: account currency traded; None when no measurement knew it.
        weighted_bps: cost against the mid at release, weighted by notional: the typical dollar.
        mean_bps: average cost: the typical order.
        median_bps: the middle one.
        p95_bps: only one in twenty cost more.
        low_bps: lower end of the 95 % t-interval of the mean, clustered by day; None where there
            are too few.
        high_bps: upper end of it.
        enough: whether there are enough orders to say anything.
        mean_latency_ms: average time from signal to last fill.
        p95_latency_ms: only one in twenty took longer.
        fees: commissions and fees, account currency.
        shortfall: lost against the price at the decision, fees included, account currency; None
            where no order knew it.
        days: days that the orders come from.
    """

    key: str
    n: int
    notional: float | None
    weighted_bps: float | None
    mean_bps: float
    median_bps: float
    p95_bps: float
    low_bps: float | None
    high_bps: float | None
    enough: bool
    mean_latency_ms: float
    p95_latency_ms: float
    fees: Decimal = ZERO
    shortfall: Decimal | None = None
    days: int = 0


class LatencyStage(Struct, frozen=True, kw_only=True):
    """How long one stage between signal and fill took, from recorded times.

    Args:
        stage: ``signal`` (made to taken), ``risk`` (to the decision, with holds and questions to a
            person; risk and route are decided in one step), ``submit`` (to the release, which for
            slices is the schedule), ``acknowledge`` (to the broker's word), ``fill`` (to the first
            execution) or ``last_fill`` (to the last).
        n: orders of which it is known.
        median_ms: the middle one; None where nothing is known.
        p95_ms: only one in twenty took longer.
    """

    stage: str
    n: int
    median_ms: float | None
    p95_ms: float | None


class Markout(Struct, frozen=True):
    """Where the price went after a fill.

    Args:
        seconds: time after the fill.
        bps: positive when it went our way; None while it is not known.
    """

    seconds: Decimal
    bps: Decimal | None


class MarkoutSummary(Struct, frozen=True, kw_only=True):
    """Where prices went some time after the fills of many orders; positive went our way.

    Args:
        seconds: time after the fills.
        n: parent orders of which it is known.
        mean_bps: average of them; None without any.
        median_bps: the middle one.
        low_bps: lower end of the 95 % t-interval of the mean, clustered by day; None where there
            are too few.
        high_bps: upper end of it.
        enough: whether there are enough orders to say anything.
    """

    seconds: Decimal
    n: int
    mean_bps: float | None = None
    median_bps: float | None = None
    low_bps: float | None = None
    high_bps: float | None = None
    enough: bool = False


class OrderCosts(Struct, frozen=True, kw_only=True):
    """What an order cost and where; positive is a cost, None is not known.

    Args:
        delay: decision to arrival, account currency.
        execution: arrival to fill, account currency.
        opportunity: what was not filled, account currency.
        fees: commissions and fees, account currency.
        total: the four together.
        total_bps: the same against the value at the decision price.
        interval_vwap_bps: against the volume-weighted price while it worked.
        interval_twap_bps: against the time-weighted mid while it worked.
        effective_spread_bps: twice the distance from the mid at the fill.
        realized_spread_bps: twice the distance from the mid some time after.
        markouts: where the price went after the fills.
    """

    delay: Decimal | None = None
    execution: Decimal | None = None
    opportunity: Decimal | None = None
    fees: Decimal | None = None
    total: Decimal | None = None
    total_bps: Decimal | None = None
    interval_vwap_bps: Decimal | None = None
    interval_twap_bps: Decimal | None = None
    effective_spread_bps: Decimal | None = None
    realized_spread_bps: Decimal | None = None
    markouts: tuple[Markout, ...] = ()


class QuotePoint(Struct, frozen=True):
    """The best prices at a moment; None on a side that is missing."""

    ts: datetime
    bid: Decimal | None
    ask: Decimal | None


class Mark(Struct, frozen=True):
    """A price that a position is valued at.

    Args:
        price: mid of the quote, account currency per share.
        at: when it was quoted.
    """

    price: Decimal
    at: datetime


class ProfitRow(Struct, frozen=True, kw_only=True):
    """Profit of one strategy or symbol, account currency, from first-in-first-out lots.

    Args:
        key: the strategy or the symbol.
        realized: profit taken, fees included.
        unrealized: profit that closing at the marks would take; None where there is no mark.
        fees: commissions and fees paid.
        lots: lots closed.
    """

    key: str
    realized: Decimal
    unrealized: Decimal | None
    fees: Decimal
    lots: int


class LotRow(Struct, frozen=True, kw_only=True):
    """Shares that were acquired together, and sold together where they are closed.

    Of a short position the sale comes first: ``acquired_at`` is then when it was sold, and
    ``sold_at`` when it was bought back. Wash sales are not computed.

    Args:
        symbol: ticker.
        strategy_name: the strategy behind the opening fill; empty where nobody knows it.
        quantity: shares, in units after every split; negative when short.
        acquired_at: when it was opened; where it was there before, when the journal began.
        sold_at: when it was closed; None while it is open.
        cost: paid for it, fees included, account currency; of an open short less than nothing: what
            its sale brought.
        proceeds: received for it, fees taken off; None while it is open.
        gain: proceeds less cost; None while it is open.
        term: SHORT up to a year, else LONG; empty while it is open.
        short_sale: whether the sale came first.
        held_before: whether it was there before the journal: the day it was acquired is not known.
    """

    symbol: str
    strategy_name: str
    quantity: Decimal
    acquired_at: datetime
    sold_at: datetime | None
    cost: Decimal
    proceeds: Decimal | None
    gain: Decimal | None
    term: str = ""
    short_sale: bool = False
    held_before: bool = False


class AlertShown(Struct, frozen=True, kw_only=True):
    """An alert, and whether somebody knows of it.

    Args:
        id: names it, for whoever acknowledges it.
        ts: when it was raised.
        code: machine-readable word for it.
        severity: INFO, WARNING or CRITICAL.
        text: one sentence for a person.
        order_id: the order it is about; empty for none.
        acknowledged_by: who said that they know; empty while nobody did.
        acknowledged_at: when they did.
    """

    id: str
    ts: datetime
    code: str
    severity: str
    text: str
    order_id: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None


class JobShown(Struct, frozen=True, kw_only=True):
    """A job that the scheduler runs.

    Args:
        name: names it, for whoever runs it by hand.
        title: what it does, for a person.
        schedule: when it runs, for a person.
        running: whether it runs now.
        last_at: when it ran last; None when it never did.
        last_result: OK or FAILED; empty when it never ran.
        last_text: what it said, one sentence.
        next_at: when it runs next; None when nobody knows.
    """

    name: str
    title: str
    schedule: str
    running: bool = False
    last_at: datetime | None = None
    last_result: str = ""
    last_text: str = ""
    next_at: datetime | None = None


class LimitUse(Struct, frozen=True, kw_only=True):
    """A limit, and how much of it is used.

    Args:
        name: as in the settings, such as ``risk.max_positions``.
        limit: in words and exact text; ``null`` when it is switched off.
        used: in the same unit; None where nothing is counted against it.
        share: used part, 1 = 100 %; None where there is no such number.
        unit: of both; empty for none.
        scope: whom it is counted for: account, strategy, symbol, order or sector.
        target: the strategy, symbol or sector that uses most of it; empty for none.
        meaning: what it does, one phrase.
        rests: why it does not bind now; empty while it does.
        floor: whether it is the least that must be left, not the most that may be used.
    """

    name: str
    limit: str
    used: str | None = None
    share: float | None = None
    unit: str = ""
    scope: str = ""
    target: str = ""
    meaning: str = ""
    rests: str = ""
    floor: bool = False


__all__ = [
    "EVERYTHING",
    "MOST_ROWS",
    "AlertShown",
    "Change",
    "Changes",
    "EquityPoint",
    "JobShown",
    "LatencyStage",
    "LimitUse",
    "LotRow",
    "Mark",
    "Markout",
    "MarkoutSummary",
    "OrderCosts",
    "OrderStory",
    "Page",
    "ProfitRow",
    "QualityBucket",
    "QualitySummary",
    "QuotePoint",
    "Wanted",
]
