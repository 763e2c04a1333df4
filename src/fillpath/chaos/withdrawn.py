"""A second opinion on what a person cancels: it ends, nothing of it comes after, and no stop goes."""

from collections.abc import Callable
from typing import Final

from fillpath.chaos.cover import PROTECT
from fillpath.chaos.witness import OrderLog, Step, Witness
from fillpath.core.commands import CancelOrder, Command, PlaceOrder, RaiseAlarm, Ticket
from fillpath.core.events import CancelAsked

TAKEN_BACK: Final = 49
Expect = Callable[[int, object, str], None]


class Withdrawn:
    """Remember what people have cancelled.

    Args:
        witness: what is durable.
        expect: counts a check and reports it when it does not hold.
    """

    def __init__(self, witness: Witness, expect: Expect) -> None:
        self._witness = witness
        self._expect = expect
        self._gone: dict[str, int] = {}

    def took(self, step: Step) -> None:
        """Follow a durable record."""
        if isinstance(step.record, CancelAsked):
            self._asked(step.record.order_id, step)
        elif isinstance(step.record, PlaceOrder):
            self._comes(step.record.ticket, step.sequence)

    def leaving(self, ticket: Ticket) -> None:
        """Nothing leaves of what was cancelled."""
        self._comes(ticket, self._witness.records)

    def _comes(self, ticket: Ticket, sequence: int) -> None:
        since = self._gone.get(ticket.order_id, self._gone.get(ticket.parent_id, sequence))
        text = f"{ticket.order_id} comes at {sequence}, a person cancelled it at {since}"
        self._expect(TAKEN_BACK, since >= sequence, text)

    def _asked(self, name: str, step: Step) -> None:
        log = self._witness.orders.get(name)
        refused = any(isinstance(c, RaiseAlarm) and c.order_id == name for c in step.commands)
        if log is not None and not log.status.is_terminal:
            self._works(name, log, step.commands, refused=refused)
        state = self._witness.desk.state
        waits = name in state.held or (name in state.parents and not state.parents[name].stopped)
        self._expect(TAKEN_BACK, not waits, f"{name} waits on though a person has cancelled it")
        if not refused:
            self._gone.setdefault(name, step.sequence)

    def _works(self, name: str, log: OrderLog, commands: list[Command], *, refused: bool) -> None:
        """What works is cancelled, unless it protects a position, or gives it up."""
        cancels = [c for c in commands if isinstance(c, CancelOrder) and c.order_id == name]
        if log.ticket.route == PROTECT:
            text = f"{name} protects a position, and a person has cancelled it: {commands}"
            self._expect(TAKEN_BACK, refused and not cancels, text)
            return
        asked = self._witness.desk.state.orders[name].cancel_requested
        self._expect(TAKEN_BACK, asked and not refused, f"{name} works on: {commands}")


__all__ = ["TAKEN_BACK", "Withdrawn"]
