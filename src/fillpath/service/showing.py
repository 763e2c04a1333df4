"""The status of an engine as a person reads it on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fillpath.runtime.printing import printable
from fillpath.service.status import Status


def show_status(status: Status, console: Console) -> None:
    """Print how the account is."""
    _show_head(status, console)
    for code, text in status.holds.items():
        _line(console, f"held by {code}: {text}")
    for latch, text in status.latches.items():
        _line(console, f"stopped by {latch}: {text}")
    for symbol, text in status.quarantined.items():
        _line(console, f"quarantined {symbol}: {text}")
    for position, text in status.unprotected.items():
        _line(console, f"unprotected {position}: {text}")
    if status.positions:
        held = "  ".join(f"{symbol} {shares}" for symbol, shares in status.positions.items())
        _line(console, f"positions  {held}")
    if status.signals:
        said = "  ".join(f"{word} {count}" for word, count in status.signals.items())
        _line(console, f"signals  {said}")
    _show_people(status, console)
    _show_orders(status, console)
    for part in status.parts:
        mark = "ok" if part.healthy else "DOWN"
        lag = "" if part.lag is None else f", {part.lag} records behind"
        _line(console, f"{part.name}  {part.kind}  {mark}{lag}  {part.detail}")


def _show_head(status: Status, console: Console) -> None:
    why = f": {status.why}" if status.why else ""
    degraded = "  DEGRADED" if status.degraded else ""
    _line(console, f"{status.account} {status.mode}  {status.state}{why}{degraded}", "bold")
    if status.notice:
        _line(console, status.notice, "bold")
    _line(
        console,
        f"cash {status.cash}  equity {status.equity}  journal {status.records} records, "
        f"epoch {status.epoch}  pid {status.pid}  version {status.version}  stops {status.stop_keeper}",
    )


def _line(console: Console, text: str, style: str = "") -> None:
    """Print one line, however wide the terminal is: reasons and names are the words of others."""
    console.print(Text(printable(text), style=style), soft_wrap=True)


def _show_orders(status: Status, console: Console) -> None:
    if not status.open_orders:
        return
    table = Table("order", "symbol", "side", "quantity", "filled", "status", "certainty")
    for order in status.open_orders:
        asked = f"{order.status} (cancel asked)" if order.cancel_requested else order.status
        table.add_row(
            Text(printable(order.order_id)),
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
        _line(console, f"armed until {status.armed_until:%Y-%m-%d %H:%M:%S} UTC")
    if status.approvals:
        text = f"orders that wait for a person  {status.approvals}; see fillpath approvals"
        _line(console, text)
