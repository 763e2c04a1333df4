"""The report on what trading cost: how much, where and why, made of the rows of order costs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from statistics import fmean
from typing import Final

from msgspec import Struct

from fillpath.core.costs import CostFigure, OrderCostRow, OrderTimes
from fillpath.core.listings import LatencyStage, ProfitRow, QualitySummary
from fillpath.core.models import ZERO
from fillpath.reports.aggregates import KEYS, LEAST_ORDERS, bucket, stage_latencies, summarised
from fillpath.reports.statistics import describe, orders_to_tell_apart

MOST_ORDERS: Final = 10
"""Orders that are told of one by one."""
WHERE: Final = ("symbol", "strategy", "route", "hour", "size")
MARKOUTS: Final = ("50ms", "1s", "10s", "15s", "60s", "300s")
CAUSES: Final[Mapping[str, str]] = {
    "delay": "from the decision to the release",
    "execution": "the fills against the mid at release: spread and impact",
    "opportunity": "what was not filled and ran away",
    "fees": "commissions and fees",
}
"""What each part of a shortfall means."""
_BPS: Final = 10_000


class Cause(Struct, frozen=True, kw_only=True):
    """One part of the shortfall.

    Args:
        name: ``delay``, ``execution``, ``opportunity`` or ``fees``.
        meaning: what it is, for a person.
        amount: account currency; positive is a cost.
        bps: of what was wanted at the decision price; None without one.
        share: of the whole shortfall, 1 = 100 %; None where that is not above zero.
    """

    name: str
    meaning: str
    amount: Decimal
    bps: float | None
    share: float | None


class Place(Struct, frozen=True, kw_only=True):
    """Where most of the cost arose.

    Args:
        by: symbol, strategy, route, hour or size.
        key: which one.
        shortfall: account currency.
        share: of the cost of all places that cost something, 1 = 100 %.
        n: orders.
    """

    by: str
    key: str
    shortfall: Decimal
    share: float
    n: int


class Spread(Struct, frozen=True, kw_only=True):
    """A mean over orders, and how many of them knew it."""

    name: str
    n: int
    mean: float | None


class CostReport(Struct, frozen=True, kw_only=True):
    """Everything that the report says; terminal, page and files are views of it.

    Args:
        account: whose.
        since: from when on; None from the beginning.
        until: up to when; None to the end.
        by: how the main table is divided.
        made_at: when the report was made.
        orders: parent orders in the time.
        measured: those of them with a known cost against the mid at release.
        total: all of them together; None where nothing is known.
        shortfall: lost against the decision, where that is known; account currency.
        decided: orders whose shortfall is known.
        causes: why, largest first.
        places: where most of it arose, one of each kind.
        main: the main table, by ``by``.
        tables: the tables of ``WHERE``.
        worst: the orders that cost most.
        stages: how long each stage took.
        spreads: what the spread cost, and where the price went after the fills.
        profits: by strategy, over the whole life of the account.
        costs: of every measured order, in basis points, for a drawing.
        remark: how many orders it takes to tell a difference; empty where that is not known.
    """

    account: str
    since: datetime | None
    until: datetime | None
    by: str
    made_at: datetime
    orders: int
    measured: int
    total: QualitySummary | None
    shortfall: Decimal
    decided: int
    causes: list[Cause]
    places: list[Place]
    main: list[QualitySummary]
    tables: dict[str, list[QualitySummary]]
    worst: list[OrderCostRow]
    stages: list[LatencyStage]
    spreads: list[Spread]
    profits: list[ProfitRow]
    costs: list[float]
    remark: str

    @property
    def answer(self) -> str:
        """Return what trading cost, in one or two sentences."""
        return _answer(self)


class ReportInputs(Struct, frozen=True, kw_only=True):
    """What a report is made of.

    Args:
        account: whose.
        since: from when on.
        until: up to when.
        by: ``day``, ``week``, ``symbol``, ``strategy``, ``route``, ``hour`` or ``size``.
        made_at: now.
        rows: parent orders of the time.
        times: of the orders that were sent.
        profits: by strategy.
    """

    account: str
    since: datetime | None
    until: datetime | None
    by: str
    made_at: datetime
    rows: Sequence[OrderCostRow]
    times: Sequence[OrderTimes] = ()
    profits: Sequence[ProfitRow] = ()


def report_of(inputs: ReportInputs) -> CostReport:
    """Return the report; the same rows always give the same report.

    Raises:
        ModelError: the orders cannot be divided like that.
    """
    filled = [row for row in inputs.rows if row.last_fill_at is not None]
    figures = [figure_of(row) for row in filled]
    decided = [row for row in inputs.rows if row.shortfall is not None]
    tables = {by: summarised(figures, by) for by in WHERE}
    total = bucket("all", figures)
    return CostReport(
        account=inputs.account,
        since=inputs.since,
        until=inputs.until,
        by=inputs.by,
        made_at=inputs.made_at,
        orders=len(inputs.rows),
        measured=0 if total is None else total.n,
        total=total,
        shortfall=_summed(row.shortfall for row in decided),
        decided=len(decided),
        causes=_causes(decided),
        places=[place for by in WHERE if (place := _place(by, decided)) is not None],
        main=summarised(figures, inputs.by),
        tables=tables,
        worst=sorted(decided, key=lambda row: row.shortfall or ZERO, reverse=True)[:MOST_ORDERS],
        stages=stage_latencies(inputs.times),
        spreads=_spreads(filled),
        profits=list(inputs.profits),
        costs=[float(f.cost_bps) for f in figures if f.cost_bps is not None],
        remark=_remark(figures),
    )


def figure_of(row: OrderCostRow) -> CostFigure:
    """Return what a summary needs of an order, its cost against the mid at release."""
    return CostFigure(
        symbol=row.symbol,
        strategy_name=row.strategy_name,
        route=row.route,
        released_at=row.released_at,
        signal_at=row.signal_at,
        last_fill_at=row.last_fill_at,
        notional=row.notional,
        cost_bps=row.arrival_bps,
        fees=row.fees,
        shortfall=row.shortfall,
    )


def _answer(report: CostReport) -> str:
    total = report.total
    if total is None:
        return f"{report.orders:,} orders, and none whose cost is known yet."
    few = "" if total.enough else f" That is fewer than {LEAST_ORDERS} orders: too few to say."
    interval = (
        ""
        if total.low_bps is None
        else f" (95 % interval of the mean {total.low_bps:+.2f} to {total.high_bps:+.2f})"
    )
    word = "cost" if report.shortfall >= 0 else "gained"
    weighted = "-" if total.weighted_bps is None else f"{total.weighted_bps:+.2f}"
    return (
        f"Trading {word} {abs(report.shortfall):,.2f} on {report.decided:,} orders, fees included; "
        f"against the mid at release {weighted} bps of {total.notional or 0:,.0f} traded, "
        f"{total.mean_bps:+.2f} bps for the average order{interval}.{few}"
    )


def _causes(rows: Sequence[OrderCostRow]) -> list[Cause]:
    whole = _summed(row.shortfall for row in rows)
    paper = sum(
        (row.quantity * row.decision_price for row in rows if row.decision_price is not None), ZERO
    )
    found = []
    for name, meaning in CAUSES.items():
        amount = _summed(getattr(row, name) for row in rows)
        found.append(
            Cause(
                name=name,
                meaning=meaning,
                amount=amount,
                bps=float(amount * _BPS / paper) if paper else None,
                share=float(amount / whole) if whole > 0 else None,
            )
        )
    return sorted(found, key=lambda cause: cause.amount, reverse=True)


def _place(by: str, rows: Sequence[OrderCostRow]) -> Place | None:
    """Return the place of a kind that cost most, None when none cost anything."""
    key: Callable[[CostFigure], str] = KEYS[by]
    costs: dict[str, Decimal] = {}
    counts: dict[str, int] = {}
    for row in rows:
        name = key(figure_of(row))
        costs[name] = costs.get(name, ZERO) + (row.shortfall or ZERO)
        counts[name] = counts.get(name, 0) + 1
    costly = {name: cost for name, cost in costs.items() if cost > 0}
    if not costly:
        return None
    name = max(costly, key=lambda one: costly[one])
    share = float(costly[name] / sum(costly.values(), ZERO))
    return Place(by=by, key=name, shortfall=costly[name], share=share, n=counts[name])


def _spreads(rows: Sequence[OrderCostRow]) -> list[Spread]:
    columns = {
        "quoted spread": "quoted_spread_bps",
        "effective spread": "effective_spread_bps",
        "realised spread after 5 min": "realised_spread_bps",
        "effective / quoted (a ratio)": "effective_over_quoted",
        "against interval TWAP": "twap_bps",
        "against interval VWAP": "vwap_bps",
    } | {f"markout {name}": f"markout_{name}_bps" for name in MARKOUTS}
    found = []
    for name, column in columns.items():
        values = [float(value) for row in rows if (value := getattr(row, column)) is not None]
        found.append(Spread(name=name, n=len(values), mean=fmean(values) if values else None))
    return found


def _remark(figures: Sequence[CostFigure]) -> str:
    deviation = describe([float(f.cost_bps) for f in figures if f.cost_bps is not None]).sd
    if not deviation:
        return ""
    needed = orders_to_tell_apart(deviation, 1.0)
    return (
        f"Single orders scatter by {deviation:.1f} bps (one standard deviation), so it takes about "
        f"{needed:,} orders on each of two sides to tell a difference of 1 bp from chance."
    )


def _summed(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), ZERO)
