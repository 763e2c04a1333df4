"""The report on costs on a terminal: its first screen says what it cost, where and why."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fillpath.core.listings import QualitySummary
from fillpath.reports import wording
from fillpath.reports.cost_report import CostReport

MOST_ROWS: Final = 30
"""Rows of one table; the files have them all."""
FEW: Final = "too few"


def print_costs(report: CostReport, console: Console) -> None:
    """Print the report."""
    _print_answer(report, console)
    console.print(_why(report))
    if report.places:
        console.print(_where(report))
    console.print(_summaries(f"Cost by {report.by}", report.by, report.main))
    for by, rows in report.tables.items():
        if by != report.by and len(rows) > 1:
            console.print(_summaries(f"Cost by {by}", by, rows))
    console.print(_latencies(report))
    console.print(_spreads(report))
    if report.worst:
        console.print(_worst(report))
    if report.profits:
        console.print(_profits(report))
    if report.remark:
        console.print(Text(report.remark, style="dim"))


def _print_answer(report: CostReport, console: Console) -> None:
    since = "the beginning" if report.since is None else wording.clock(report.since)
    until = "now" if report.until is None else wording.clock(report.until)
    console.print()
    console.print(Text(f"{report.account}: what trading cost", style="bold"))
    console.print(Text(f"from {since} to {until} (UTC)", style="dim"))
    console.print()
    console.print(Text(report.answer))
    unknown = report.orders - report.decided
    if unknown:
        text = f"Of {unknown:,} orders the whole cost is not known: they count for nothing above."
        console.print(Text(text, style="yellow"))
    console.print()


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.padding = (0, 1, 0, 0)
    for number, name in enumerate(columns):
        table.add_column(Text(name), justify="right" if number else "left", no_wrap=True)
    return table


def _why(report: CostReport) -> Table:
    table = _table("Why", "cause", "amount", "bps", "share", "")
    for cause in report.causes:
        table.add_row(
            Text(cause.name),
            wording.money(cause.amount),
            wording.bps(cause.bps),
            wording.share(cause.share),
            Text(cause.meaning, style="dim"),
        )
    table.add_section()
    table.add_row("together", wording.money(report.shortfall), "", "", "")
    table.columns[4].no_wrap = False
    table.columns[4].justify = "left"
    return table


def _where(report: CostReport) -> Table:
    table = _table("Where most of it arose", "", "which", "amount", "share", "orders")
    for place in report.places:
        table.add_row(
            place.by,
            Text(place.key or "by hand"),
            wording.money(place.shortfall),
            wording.share(place.share),
            f"{place.n:,}",
        )
    return table


def _summaries(title: str, by: str, rows: Sequence[QualitySummary]) -> Table:
    table = _table(
        f"{title}, in bps against the mid at release (positive is a cost)",
        *(by, "n", "by value", "mean", "median", "p95", "95 % interval", "latency"),
    )
    table.padding = (0, 0)  # eight columns must fit the 80 columns of a plain terminal
    for row in rows[-MOST_ROWS:]:
        interval = "-" if row.low_bps is None else f"{row.low_bps:+.1f} to {row.high_bps or 0:+.1f}"
        table.add_row(
            Text(row.key or "by hand"),
            f"{row.n:,}",
            wording.bps(row.weighted_bps),
            wording.bps(row.mean_bps),
            wording.bps(row.median_bps),
            wording.bps(row.p95_bps),
            Text(
                interval if row.enough else f"{interval} {FEW}", style="" if row.enough else "dim"
            ),
            wording.duration(row.mean_latency_ms),
        )
    if len(rows) > MOST_ROWS:
        table.caption = f"the last {MOST_ROWS} of {len(rows):,}; the files have them all"
    return table


def _latencies(report: CostReport) -> Table:
    table = _table("How long each stage took", "stage", "n", "median", "p95")
    for stage in report.stages:
        table.add_row(
            stage.stage,
            f"{stage.n:,}",
            wording.duration(stage.median_ms),
            wording.duration(stage.p95_ms),
        )
    return table


def _spreads(report: CostReport) -> Table:
    table = _table(
        "Spreads, benchmarks and markouts (markouts: positive went our way)", "", "n", "mean bps"
    )
    for spread in report.spreads:
        table.add_row(spread.name, f"{spread.n:,}", wording.bps(spread.mean))
    return table


def _worst(report: CostReport) -> Table:
    table = _table(
        "The orders that cost most", "order", "symbol", "amount", "delay", "exec.", "missed", "fees"
    )
    table.padding = (0, 0)
    for row in report.worst:
        table.add_row(
            Text(row.order_id),
            Text(row.symbol),
            wording.money(row.shortfall),
            wording.money(row.delay),
            wording.money(row.execution),
            wording.money(row.opportunity),
            wording.money(row.fees),
        )
    return table


def _profits(report: CostReport) -> Table:
    table = _table(
        "Profit by strategy, from first-in-first-out lots (wash sales are not computed)",
        *("strategy", "realised", "unrealised", "fees", "closed lots"),
    )
    for row in report.profits:
        table.add_row(
            Text(row.key or "by hand"),
            wording.money(row.realized),
            wording.money(row.unrealized),
            wording.money(row.fees),
            f"{row.lots:,}",
        )
    return table
