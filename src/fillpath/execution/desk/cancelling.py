"""Cancelling orders: asked once, asked again while it fails or nobody confirms it, never assumed.

An order whose cancel is not confirmed stays in every sum of exposure (control A-02). A person hears
of it after ten seconds, and again each minute for as long as it lasts.
"""

from typing import Final

from fillpath.core.commands import CancelOrder, ClearTimer, Command, RaiseAlarm, SetTimer
from fillpath.core.events import CancelFailed
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.state import DeskState, OrderState

CANCEL_AGAIN_NS: Final = 2 * NANOSECONDS
"""How long after its first failure a cancel is asked for again; twice as long each time."""
CANCEL_FAILURES: Final = 5
CANCEL_TIMEOUT_NS: Final = 10 * NANOSECONDS
"""How long a confirmation may take before a person is told, and before each further question."""
ALARM_EVERY: Final = 6
"""Of the questions, how many go by between two alarms."""
UNCONFIRMED: Final = "unconfirmed"
CANCEL_TIMEOUT: Final = "CANCEL_TIMEOUT"


def cancel_order(order: OrderState, at: int, reason: str) -> list[Command]:
    """Ask for the cancel of one order, once; before its acceptance the request waits for it.

    One that failed is not asked for again at once: a broker is not to be flooded by what it refuses.
    """
    if order.cancel_requested or at < order.cancel_again_at:
        return []
    order.cancel_requested = True
    commands: list[Command] = []
    if order.broker_order_id:
        commands.append(_question(order, at, reason))
    if not order.cancel_asked_at:
        order.cancel_asked_at = at
        commands.append(_reminder(order, at))
    return commands


def on_cancel_failed(state: DeskState, event: CancelFailed) -> list[Command]:
    """The order may still work: ask again a little later, and less often each time it fails."""
    order = state.orders.get(event.order_id)
    if order is None:
        return []
    order.cancel_requested = False
    order.cancel_again_at = event.at + (CANCEL_AGAIN_NS << order.cancel_failures)
    order.cancel_failures = min(order.cancel_failures + 1, CANCEL_FAILURES)
    name = event.order_id
    return [
        SetTimer(f"cancel:{name}", order.cancel_again_at, order.ticket.symbol),
        RaiseAlarm(event.at, "CANCEL_FAILED", event.reason or "not cancelled", name),
    ]


def ask_again(state: DeskState, order_id: str, at: int) -> list[Command]:
    """Ask once more for a cancel that failed, while the order may still work."""
    order = state.orders.get(order_id)
    return [] if order is None else cancel_order(order, at, "asked before")


def on_unconfirmed(state: DeskState, order_id: str, at: int) -> list[Command]:
    """A cancel is still not confirmed: ask again, and tell a person; the order counts as working."""
    order = state.orders.get(order_id)
    if order is None:
        return []
    commands: list[Command] = []
    if order.cancel_requested and order.broker_order_id:
        commands.append(_question(order, at, "not confirmed"))
    if order.cancel_reminders % ALARM_EVERY == 0:
        waited = (at - order.cancel_asked_at) / NANOSECONDS
        text = f"its cancel is not confirmed after {waited:.0f} s; it counts as working"
        commands.append(RaiseAlarm(at, CANCEL_TIMEOUT, text, order_id))
    order.cancel_reminders += 1
    return [*commands, _reminder(order, at)]


def forget_cancel(order: OrderState) -> list[Command]:
    """Ask no more: the order has ended."""
    return [ClearTimer(_timer(order))] if order.cancel_asked_at else []


def _question(order: OrderState, at: int, reason: str) -> CancelOrder:
    return CancelOrder(at, order.ticket.order_id, order.broker_order_id, reason)


def _reminder(order: OrderState, at: int) -> SetTimer:
    return SetTimer(_timer(order), at + CANCEL_TIMEOUT_NS, order.ticket.symbol)


def _timer(order: OrderState) -> str:
    return f"{UNCONFIRMED}:{order.ticket.order_id}"


__all__ = [
    "CANCEL_AGAIN_NS",
    "CANCEL_FAILURES",
    "CANCEL_TIMEOUT_NS",
    "UNCONFIRMED",
    "ask_again",
    "cancel_order",
    "forget_cancel",
    "on_cancel_failed",
    "on_unconfirmed",
]
