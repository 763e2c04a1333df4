"""The result on a terminal: routes, refusals, account and alerts, each as one table."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fillpath.reports import wording
from fillpath.reports.alerts import alert_groups
from fillpath.reports.result import RunResult
from fillpath.reports.statistics import RouteSummary, summarise_routes

_FIRST_ALERTS: Final = 3  # of each kind


def print_tables(result: RunResult, console: Console) -> None:
    """Print what a person wants to know first, a screen or two at most."""
    _print_heading(result, console)
    console.print(_route_table(summarise_routes(result)))
    if result.signals.refused:
        console.print(_refusal_table(result))
    console.print(_account_table(result))
    if result.positions:
        console.print(_position_table(result))
    if result.alerts:
        _print_alerts(result, console)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.padding = (0, 1, 0, 0)
    for number, name in enumerate(columns):
        table.add_column(Text(name), justify="right" if number else "left", no_wrap=True)
    return table


def _print_heading(result: RunResult, console: Console) -> None:
    facts, signals = result.facts, result.signals
    console.print()
    console.print(Text(f"{facts.mode}  {facts.title}", style="bold"))
    for note in facts.notes:
        console.print(Text(note, style="yellow"))
    refused = sum(signals.refused.values())
    console.print(
        Text(
            f"{facts.quotes:,} quotes, {signals.received:,} signals: {signals.ordered:,} ordered, "
            f"{refused:,} refused; {len(result.fills):,} fills; profile {facts.profile}, "
            f"session {facts.session}, seed {facts.seed}; {facts.elapsed_s:.2f} s"
        )
    )
    for reason, count in sorted(facts.bad_rows.items()):
        console.print(Text(wording.bad_rows(reason, count), style="yellow"))
    console.print()


def _route_table(summaries: list[RouteSummary]) -> Table:
    table = _table(
        "Cost by route, in bps (positive is a cost)",
        *("route", "orders", "filled", "slippage\nmean", "slippage\nmedian"),
        *("arrival\nmean", "arrival\nmedian", "arrival\nby value", "latency\nmedian"),
    )
    table.padding = (0, 0)  # nine columns must fit the 80 columns of a plain terminal
    for row in summaries:
        arrival, slippage, latency = row.arrival, row.slippage, row.latency_ms
        if row.route == "all":
            table.add_section()
        table.add_row(
            Text(row.route),
            f"{row.orders:,}",
            wording.share(row.filled_share),
            wording.bps(slippage.mean),
            wording.bps(slippage.median),
            wording.bps(arrival.mean),
            wording.bps(arrival.median),
            wording.bps(row.weighted_arrival_bps),
            wording.duration(latency.median),
        )
    return table


def _refusal_table(result: RunResult) -> Table:
    table = _table("Refused signals", "reason", "signals")
    for reason, count in result.signals.refused.items():
        table.add_row(Text(reason), f"{count:,}")
    return table


def _account_table(result: RunResult) -> Table:
    table = _table("Account", "", "amount")
    for name, amount in (
        ("opening cash", result.opening_cash),
        ("cash", result.cash),
        ("equity", result.equity),
        ("commission paid", result.commission),
    ):
        table.add_row(name, wording.money(amount))
    if result.dividends:
        table.add_row("dividends", wording.money(result.dividend_cash))
    return table


def _position_table(result: RunResult) -> Table:
    table = _table("Positions", "symbol", "shares", "average", "mark", "stop", "value", "open P&L")
    for held in result.positions:
        table.add_row(
            Text(held.symbol),
            wording.shares(held.quantity),
            wording.price(held.average_price),
            wording.price(held.market_price),
            wording.price(held.stop_price),
            wording.money(held.market_value),
            wording.money(held.unrealized_pnl),
        )
    return table


def _print_alerts(result: RunResult, console: Console) -> None:
    groups = alert_groups(result.alerts, _FIRST_ALERTS)
    told = ", ".join(f"{group.count:,} {group.code}" for group in groups)
    console.print(Text(f"Alerts: {told}", style="bold"))
    for group in groups:
        for alert in group.first:
            console.print(Text(f"  {wording.clock(alert.ts)}  {alert.code}  {alert.text}"))
        if group.untold:
            console.print(Text(f"  and {group.untold:,} more {group.code}"))
