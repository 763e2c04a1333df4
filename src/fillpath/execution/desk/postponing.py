"""Orders that the broker brings to their exchange later: a schedule's clock waits for that.

A slice that the broker keeps until the open has not begun, so neither has its interval: the grid is
moved to where the slice begins to work. Otherwise the slices behind it would come due while nothing
can fill, and the last one would cross with the whole order. Where nobody can tell when that is, the
schedule ends, and its rest is told as unfilled.
"""

from typing import Final

from fillpath.core.commands import Command, RaiseAlarm, SetTimer
from fillpath.core.events import OrderHeld
from fillpath.core.models import Refusal
from fillpath.core.units import iso, moment
from fillpath.execution.desk.state import DeskState, ParentState
from fillpath.execution.desk.working import stop_parent, timer_name
from fillpath.execution.slicing import begun_at, due

ORDER_HELD: Final = "ORDER_HELD"


def on_order_held(state: DeskState, event: OrderHeld) -> list[Command]:
    """The broker has the order and waits: tell a person, and let its schedule wait with it."""
    order = state.orders.get(event.order_id)
    if order is None:
        return []  # it has ended meanwhile
    text = event.reason
    parent = state.parents.get(order.ticket.parent_id)
    commands: list[Command] = []
    if parent is not None and not parent.stopped:
        if event.until:
            commands = _postponed(parent, order.ticket.slice_number - 1, event.until)
            text = f"{text}; its schedule goes on from {iso(moment(event.until))}"
        else:
            text = f"{text}; nobody can tell when it begins, so its schedule ends"
            why = Refusal(ORDER_HELD, event.reason)
            commands = stop_parent(state, parent, event.at, why)
    return [RaiseAlarm(event.at, ORDER_HELD, text, event.order_id), *commands]


def _postponed(parent: ParentState, number: int, until: int) -> list[Command]:
    """Move the grid so that slice ``number`` (from 0) begins then; never to an earlier moment."""
    schedule = begun_at(parent.schedule, number, until)
    if schedule.start <= parent.schedule.start:
        return []
    parent.schedule = schedule
    name = timer_name(parent.ticket.order_id)
    return [SetTimer(name, due(schedule, schedule.next_slice), parent.ticket.symbol)]


__all__ = ["ORDER_HELD", "on_order_held"]
