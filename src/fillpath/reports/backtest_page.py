"""A backtest for people: one table on the terminal, one self-contained page, columns for programs."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import astuple, fields

from fillpath.core.models import ZERO
from fillpath.reports import wording
from fillpath.reports.fates import Fate
from fillpath.reports.performance import EquityPoint, Performance, Trade
from fillpath.reports.result import RunFacts
from fillpath.reports.route_costs import RouteCost
from fillpath.reports.scales import Scale, Tick
from fillpath.reports.templating import rendered

WIDTH: Final = 1_150
HEIGHT: Final = 260
MOST_TRADES: Final = 300
MOST_POINTS: Final = 1_500
MOST_VARIANTS: Final = 50
NOT_ENOUGH: Final = "not enough"
_LEFT: Final = 84.0
_BOTTOM: Final = 26.0
_DATES: Final = 6
_SMALLEST: Final = 5e-7


class Told(Struct, frozen=True, kw_only=True):
    """What is told of a backtest.

    Args:
        title: strategy and parameters.
        facts: of the run, or of its last window.
        performance: the figures.
        points: equity.
        trades: closed round trips.
        costs: by route.
        warning: how it was chosen among others; empty for a run that stands for itself.
        remarks: what a reader must know, one sentence each.
        dividends: what they brought, less what they cost, account currency.
        fates: what became of the signals.
        variants: what a sweep tried, or a walk-forward chose: names of the columns, then the rows.
        variants_title: what these are.
    """

    title: str
    facts: RunFacts
    performance: Performance
    points: Sequence[EquityPoint]
    trades: Sequence[Trade]
    costs: Sequence[RouteCost]
    warning: str = ""
    remarks: Sequence[str] = ()
    dividends: Decimal = ZERO
    fates: Sequence[Fate] = ()
    variants: Sequence[Sequence[str]] = ()
    variants_title: str = "All that was tried"


class _Curve(Struct, frozen=True):
    line: str
    y_ticks: list[Tick]
    x_ticks: list[Tick]
    began: float


def figures(told: Told) -> list[tuple[str, str]]:
    """Return each figure by its name, as it is shown."""
    paid = [("dividends", wording.money(told.dividends))] if told.dividends else []
    first, *rest = performance_cells(told.performance)
    return [first, ("result after costs", _result(told.points)), *rest, *paid]


def performance_cells(found: Performance) -> list[tuple[str, str]]:
    """Return each figure by its name, as it is shown."""
    return [
        ("total return", percent(found.total_return)),
        ("growth a year (CAGR)", percent(found.cagr)),
        ("deepest drawdown", percent(found.max_drawdown)),
        ("Sharpe ratio", _ratio(found.sharpe)),
        ("Sortino ratio", _ratio(found.sortino)),
        ("profit factor", _ratio(found.profit_factor)),
        ("win rate", percent(found.win_rate)),
        ("turnover, times equity", _ratio(found.turnover)),
        ("exposure", percent(found.exposure)),
        ("trades closed", f"{found.trades:,}"),
    ]


def notes(told: Told) -> list[str]:
    """Return what stands above the figures."""
    warnings = [told.warning] if told.warning else []
    return [*told.facts.notes, *warnings, *told.remarks]


def cost_cells(row: RouteCost) -> list[str]:
    """Return one route as it is shown: money and basis points of each part."""
    parts = (row.slippage, row.spread, row.impact)
    cells = [
        f"{wording.money(part)} ({_bps(row.bps(part))})" if row.known else "not known"
        for part in parts
    ]
    return [
        row.route or "none",
        f"{row.orders:,}",
        *cells,
        f"{wording.money(row.fees)} ({_bps(row.fees_bps)})",
    ]


COST_COLUMNS: Final = ("route", "orders", "slippage", "of it spread", "of it impact", "fees")


def page(told: Told) -> str:
    """Return the page; the same backtest always gives the same page."""
    return rendered(
        "backtest.html",
        told=told,
        figures=figures(told),
        notes=notes(told),
        curve=_curve(told.points),
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        columns=COST_COLUMNS,
        costs=[cost_cells(row) for row in told.costs],
        unknown=unknown_of(told.costs),
        trades=[_trade_cells(trade) for trade in told.trades[-MOST_TRADES:]],
        untold=max(len(told.trades) - MOST_TRADES, 0),
        variants=told.variants[: MOST_VARIANTS + 1],
        more_variants=max(len(told.variants) - MOST_VARIANTS - 1, 0),
    )


def unknown_of(costs: Sequence[RouteCost]) -> str:
    """Return what of the traded value is in no sum of slippage; empty where all of it is."""
    if not costs or costs[-1].notional == costs[-1].traded:
        return ""
    rest = costs[-1].traded - costs[-1].notional
    return (
        f"{wording.money(rest)} of {wording.money(costs[-1].traded)} traded is in no slippage: the "
        "mid at release is not known, or says nothing, as for stops that wait long before they trade"
    )


def fate_line(fates: Sequence[Fate]) -> str:
    """Return in one line what became of the signals."""
    if not fates:
        return ""
    ordered, *refused = fates
    total = sum(fate.count for fate in fates)
    line = f"{total:,} signals, {ordered.count:,} ordered"
    return line + "".join(f", {fate.count:,} {fate.reason}" for fate in refused)


def columns(kind: type[Struct], rows: Sequence[Struct]) -> bytes:
    """Return the rows as a Parquet file."""
    names = [one.name for one in fields(kind)]
    values: Any = zip(*map(astuple, rows), strict=True) if rows else [()] * len(names)
    return table(dict(zip(names, map(list, values), strict=True)))


def table(values: Mapping[str, Sequence[object]]) -> bytes:
    """Return columns as a Parquet file."""
    import polars as pl  # noqa: PLC0415  # slow to import, and only a written table needs it

    held = BytesIO()
    pl.DataFrame(dict(values)).write_parquet(held)
    return held.getvalue()


def _curve(points: Sequence[EquityPoint]) -> _Curve | None:
    if len(points) <= 1:
        return None
    drawn = _drawn(points)
    values = [point.equity for point in drawn]
    room = max((max(values) - min(values)) * 0.06, abs(values[0]) * 1e-6, 1e-6)
    up = Scale(min(values) - room, max(values) + room, HEIGHT - _BOTTOM, 10.0)
    across = Scale(0.0, float(len(drawn) - 1), _LEFT, WIDTH - 12.0)
    line = " ".join(
        f"{across.place(float(place)):.1f},{up.place(value):.1f}"
        for place, value in enumerate(values)
    )
    places = [round(share * (len(drawn) - 1) / (_DATES - 1)) for share in range(_DATES)]
    dates = [Tick(across.place(float(at)), f"{drawn[at].ts:%Y-%m-%d}") for at in sorted({*places})]
    return _Curve(line, up.ticks(5), dates, up.place(values[0]))


def _drawn(points: Sequence[EquityPoint]) -> list[EquityPoint]:
    """Return as many points as can be seen: of each stretch its lowest and its highest."""
    if len(points) <= MOST_POINTS:
        return list(points)
    step = -(-2 * len(points) // MOST_POINTS)
    kept = {0, len(points) - 1}
    for start in range(0, len(points), step):
        stretch = range(start, min(start + step, len(points)))
        kept.add(min(stretch, key=lambda place: points[place].equity))
        kept.add(max(stretch, key=lambda place: points[place].equity))
    return [points[place] for place in sorted(kept)]


def _trade_cells(trade: Trade) -> list[str]:
    """Return one trade as it is shown."""
    entered = trade.entry_price * abs(trade.quantity)
    return [
        trade.symbol,
        "long" if trade.quantity > 0 else "short",
        wording.clock(trade.opened_at).removesuffix(".000"),
        wording.clock(trade.closed_at).removesuffix(".000"),
        wording.shares(abs(trade.quantity)),
        f"{trade.entry_price:,.2f}",
        f"{trade.exit_price:,.2f}",
        wording.money(trade.pnl),
        percent(trade.pnl / entered if entered else None),
    ]


def _result(points: Sequence[EquityPoint]) -> str:
    if len(points) <= 1:
        return NOT_ENOUGH
    return wording.money(points[-1].equity - points[0].equity)


def percent(value: float | None) -> str:
    """Return a share as percent; one that two decimals would hide has four."""
    if value is None:
        return NOT_ENOUGH
    shown = f"{100 * value:,.2f}"
    if shown.removeprefix("-") == "0.00":  # a test with few shares is no test without a result
        shown = f"{100 * value:.4f}" if abs(value) >= _SMALLEST else "0.00"
    return f"{shown} %"


def _ratio(value: float | None) -> str:
    return NOT_ENOUGH if value is None else wording.money(value)


def _bps(value: Decimal | None) -> str:
    return "-" if value is None else f"{wording.money(value)} bps"
