"""A backtest for people: one table on the terminal, one self-contained page, columns for programs."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import astuple, fields

from fillpath.core.models import ZERO
from fillpath.reports import wording
from fillpath.reports.performance import EquityPoint, Performance, Trade
from fillpath.reports.result import RunFacts
from fillpath.reports.route_costs import RouteCost
from fillpath.reports.scales import Scale, Tick
from fillpath.reports.templating import rendered

WIDTH: Final = 1_150
HEIGHT: Final = 260
MOST_TRADES: Final = 300
MOST_POINTS: Final = 1_500
NOT_ENOUGH: Final = "not enough"
_LEFT: Final = 84.0
_BOTTOM: Final = 26.0


class Told(Struct, frozen=True, kw_only=True):
    """What is told of a backtest.

    Args:
        title: strategy and parameters.
        facts: of the run, or of its last window.
        performance: the figures.
        points: equity.
        trades: closed round trips.
        costs: by route.
        remarks: what a reader must know, one sentence each.
        dividends: what they brought, less what they cost, account currency.
    """

    title: str
    facts: RunFacts
    performance: Performance
    points: Sequence[EquityPoint]
    trades: Sequence[Trade]
    costs: Sequence[RouteCost]
    remarks: Sequence[str] = ()
    dividends: Decimal = ZERO


class _Curve(Struct, frozen=True):
    line: str
    y_ticks: list[Tick]
    first: str
    last: str


def figures(told: Told) -> list[tuple[str, str]]:
    """Return each figure by its name, as it is shown."""
    found = told.performance
    paid = [("dividends", wording.money(told.dividends))] if told.dividends else []
    return [
        ("total return", _percent(found.total_return)),
        ("growth a year (CAGR)", _percent(found.cagr)),
        ("deepest drawdown", _percent(found.max_drawdown)),
        ("Sharpe ratio", _ratio(found.sharpe)),
        ("Sortino ratio", _ratio(found.sortino)),
        ("profit factor", _ratio(found.profit_factor)),
        ("win rate", _percent(found.win_rate)),
        ("turnover, times equity", _ratio(found.turnover)),
        ("exposure", _percent(found.exposure)),
        ("trades closed", f"{found.trades:,}"),
        *paid,
    ]


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
        curve=_curve(told.points),
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        columns=COST_COLUMNS,
        costs=[cost_cells(row) for row in told.costs],
        trades=[(trade, f"{trade.pnl:,.2f}") for trade in told.trades[-MOST_TRADES:]],
        untold=max(len(told.trades) - MOST_TRADES, 0),
    )


def columns(kind: type[Struct], rows: Sequence[Struct]) -> bytes:
    """Return the rows as a Parquet file."""
    import polars as pl  # noqa: PLC0415  # slow to import, and only a written table needs it

    names = [one.name for one in fields(kind)]
    values: Any = zip(*map(astuple, rows), strict=True) if rows else [()] * len(names)
    held = BytesIO()
    pl.DataFrame(dict(zip(names, map(list, values), strict=True))).write_parquet(held)
    return held.getvalue()


def _curve(points: Sequence[EquityPoint]) -> _Curve | None:
    if len(points) <= 1:
        return None
    step = max(len(points) // MOST_POINTS, 1)
    drawn = [*points[:-1:step], points[-1]]
    values = [point.equity for point in drawn]
    room = max((max(values) - min(values)) * 0.06, abs(values[0]) * 1e-6, 1e-6)
    up = Scale(min(values) - room, max(values) + room, HEIGHT - _BOTTOM, 10.0)
    across = Scale(0.0, float(len(drawn) - 1), _LEFT, WIDTH - 12.0)
    line = " ".join(
        f"{across.place(float(place)):.1f},{up.place(value):.1f}"
        for place, value in enumerate(values)
    )
    first, last = drawn[0].ts, drawn[-1].ts
    return _Curve(line, up.ticks(5), f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}")


def _percent(value: float | None) -> str:
    return NOT_ENOUGH if value is None else f"{100 * value:,.2f} %"


def _ratio(value: float | None) -> str:
    return NOT_ENOUGH if value is None else f"{value:,.2f}"


def _bps(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.2f} bps"
