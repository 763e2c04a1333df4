"""A person cancels one order: what works is cancelled, what waits is dropped, slices come no more.

An order that protects a position, or gives one up, is no order that a person takes back by itself:
its place would be empty, or filled again at once.
"""

from typing import Final

from fillpath.core.commands import ClearTimer, Command, Decision, RaiseAlarm, Ticket
from fillpath.core.events import CancelAsked
from fillpath.core.models import Refusal
from fillpath.execution.desk.cancelling import cancel_order
from fillpath.execution.desk.gating import flattens
from fillpath.execution.desk.keeping import ROUTE
from fillpath.execution.desk.queueing import turned_away
from fillpath.execution.desk.state import DeskState
from fillpath.execution.desk.working import stop_parent

CANCELLED_BY_PERSON: Final = "CANCELLED_BY_PERSON"
CANCEL_REFUSED: Final = "CANCEL_REFUSED"


def why_not(state: DeskState, order_id: str) -> str:
    """Return why a person cannot cancel this order; empty when they can."""
    if order_id in state.approvals:
        return "it waits for a person, who approves or declines it"
    if order_id in state.held or order_id in state.parents:
        return ""
    order = state.orders.get(order_id)
    if order is None:
        return "no order of this name works: it has ended, or never was"
    if order.protects or order.ticket.route == ROUTE:
        return "it protects a position: close that, or change its protection"
    if flattens(state, order_id):
        return "it gives up a position of a killed scope: kill again to end that"
    return ""


def on_cancel_asked(state: DeskState, event: CancelAsked) -> list[Command]:
    """Do what a person says of one order; asking twice changes nothing."""
    at, name = event.at, event.order_id
    why = why_not(state, name)
    if why:
        return [RaiseAlarm(at, CANCEL_REFUSED, f"the cancel changes nothing; {why}", name)]
    refusal = Refusal(CANCELLED_BY_PERSON, f"{event.by}: {event.reason}")
    held = state.held.pop(name, None)
    if held is not None:
        return [turned_away(state, held, refusal, at), ClearTimer(f"hold:{name}")]
    parent = state.parents.get(name)
    if parent is not None:
        missing = parent.ticket.quantity - parent.filled
        said = _said(state, parent.ticket, missing, refusal, at)
        return [said, *stop_parent(state, parent, at, refusal)]
    order = state.orders[name]
    order.cancel_again_at = 0  # whoever asks again is not told to wait
    said = _said(state, order.ticket, order.remaining, refusal, at)
    return [said, *cancel_order(order, at, refusal.code)]


def _said(state: DeskState, ticket: Ticket, left: int, refusal: Refusal, at: int) -> Command:
    """Return the record of what the person said."""
    return Decision(
        at=at,
        stage="CANCEL",
        outcome="ASKED",
        symbol=ticket.symbol,
        reason=refusal.code,
        text=refusal.text,
        strategy_name=ticket.strategy_name,
        signal_id=ticket.signal_id,
        order_id=ticket.order_id,
        side=ticket.side,
        quantity=left,
        order_type=ticket.order_type,
        cash=state.book.cash,
        reserved=state.book.reserved,
        equity=state.equity,
        bound=ticket.sizing,
        route=ticket.route,
        route_reason=ticket.route_reason,
    )


__all__ = ["CANCELLED_BY_PERSON", "CANCEL_REFUSED", "on_cancel_asked", "why_not"]
