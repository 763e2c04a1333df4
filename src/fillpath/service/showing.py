"""The status of an engine as a person reads it on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fillpath.service.status import Status


def show_status(status: Status, console: Console) -> None:
    """Print how the account is."""
    _show_head(status, console)
    for code, text in status.holds.items():
        console.print(f"held by {code}: {text}", highlight=False)
    for latch, text in status.latches.items():
        console.print(f"stopped by {latch}: {text}", highlight=False)
    for symbol, text in status.quarantined.items():
        console.print(f"quarantined {symbol}: {text}", highlight=False)
    for position, text in status.unprotected.items():
        console.print(f"unprotected {position}: {text}", highlight=False)
    if status.positions:
        held = "  ".join(f"{symbol} {shares}" for symbol, shares in status.positions.items())
        console.print(f"positions  {held}", highlight=False)
    if status.signals:
        said = "  ".join(f"{word} {count}" for word, count in status.signals.items())
        console.print(f"signals  {said}", highlight=False)
    _show_people(status, console)
    _show_orders(status, console)
    for part in status.parts:
        mark = "ok" if part.healthy else "DOWN"
        lag = "" if part.lag is None else f", {part.lag} records behind"
        console.print(f"{part.name}  {part.kind}  {mark}{lag}  {part.detail}", highlight=False)


def _show_head(status: Status, console: Console) -> None:
    why = f": {status.why}" if status.why else ""
    degraded = "  DEGRADED" if status.degraded else ""
    console.print(
        f"[bold]{status.account}[/] {status.mode}  [bold]{status.state}[/]{why}{degraded}",
        highlight=False,
    )
    if status.notice:
        console.print(f"[bold]{escape(status.notice)}[/]", highlight=False)
    console.print(
        f"cash {status.cash}  equity {status.equity}  journal {status.records} records, "
        f"epoch {status.epoch}  pid {status.pid}  version {status.version}  stops {status.stop_keeper}",
        highlight=False,
    )


def _show_orders(status: Status, console: Console) -> None:
    if not status.open_orders:
        return
    table = Table("order", "symbol", "side", "quantity", "filled", "status", "certainty")
    for order in status.open_orders:
        asked = f"{order.status} (cancel asked)" if order.cancel_requested else order.status
        table.add_row(
            order.order_id,
            order.symbol,
            order.side,
            order.quantity,
            order.filled,
            asked,
            order.certainty,
        )
    console.print(table)


def _show_people(status: Status, console: Console) -> None:
    """Print what waits for people, and what they have allowed."""
    if status.armed_until is not None:
        console.print(f"armed until {status.armed_until:%Y-%m-%d %H:%M:%S} UTC", highlight=False)
    if status.approvals:
        text = f"orders that wait for a person  {status.approvals}; see fillpath approvals"
        console.print(text, highlight=False)
