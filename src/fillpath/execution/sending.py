"""The door to the broker: orders leave through here, and only with an approval that fits them.

The engine decides nothing here. What is handed over is an ``Approved``, which nobody can make but
``risk/approving.py``; a count of its own (``risk/comparator.py``) stops a router that sends more
than was ever allowed.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from fillpath.core.capabilities import MarginAnswer, MarginBroker
from fillpath.core.commands import Decision, PlaceOrder, Ticket
from fillpath.core.errors import BrokerRefused, ModelError, Unavailable
from fillpath.core.events import Event
from fillpath.core.models import Refusal
from fillpath.core.ports import BrokerAdapter, TicketBroker
from fillpath.core.translation import order_from
from fillpath.core.units import money_units
from fillpath.execution.desk import Desk
from fillpath.risk.approving import Approved
from fillpath.risk.comparator import Comparator
from fillpath.risk.what_if import what_if_objection

MARGIN_SECONDS: Final = 3.0
"""How long the broker may take to say what an order would do to the margin."""


class OrderDoor:
    """Hands approved orders to one broker, each of them once.

    Args:
        broker: who gets them.
        desk: whose orders they are.
    """

    def __init__(self, broker: BrokerAdapter, desk: Desk) -> None:
        self._desk = desk
        self._margin = broker if isinstance(broker, MarginBroker) else None
        self._submit = broker.submit_order
        self._place: Callable[[Ticket, int], None] | None = None
        if isinstance(broker, TicketBroker):
            self._place = broker.place_ticket
        self._count = Comparator()
        self.heard = self._count.heard

    @property
    def takes_tickets(self) -> bool:
        """Return whether the broker is in this process and takes the desk's own tickets."""
        return self._place is not None

    def place(self, approved: Approved) -> Refusal | None:
        """Hand an order to a broker in this process; return why it was kept back, or None."""
        place = approved.place
        ticket = place.ticket
        refusal = None
        if self._desk.policy.risk.what_if_margin:
            refusal = self._unasked(ticket)
        if refusal is None:
            refusal = self._count.send(ticket)
        if refusal is None:
            assert self._place is not None, "the broker takes tickets"
            self._place(ticket, place.at)
        return refusal

    async def margin(self, place: PlaceOrder) -> Refusal | None:
        """Return what the broker's own margin holds against an entry; None where it is not asked.

        Asked before the last gate, which then judges by the market of after the answer.
        """
        if self._margin is None or not self._asks(place.ticket):
            return self._unasked(place.ticket)
        try:
            async with asyncio.timeout(MARGIN_SECONDS):
                answer = await self._margin.what_if(order_from(place.ticket, place.at))
            return _objection(answer)
        except TimeoutError:
            why = f"the broker did not answer in {MARGIN_SECONDS:g} s"
        except (Unavailable, BrokerRefused, ModelError) as error:
            why = str(error)
        return _objection(MarginAnswer(), why)

    def _asks(self, ticket: Ticket) -> bool:
        if not self._desk.policy.risk.what_if_margin:
            return False
        order = self._desk.state.orders.get(ticket.order_id)
        return order is not None and not order.reduces

    def _unasked(self, ticket: Ticket) -> Refusal | None:
        """Return that nobody can be asked, where somebody has to be."""
        if self._margin is None and self._asks(ticket):
            return _objection(MarginAnswer(), "this broker cannot be asked")
        return None

    async def send(self, approved: Approved) -> Refusal | None:
        """Hand an order to the broker; return why it was kept back, or None.

        Raises:
            Unavailable: nobody knows whether the broker has it.
            BrokerRefused: the broker does not take it.
        """
        if self._place is not None:
            return self.place(approved)
        place = approved.place
        refusal = self._count.send(place.ticket)
        if refusal is None:
            await self._submit(order_from(place.ticket, place.at))
        return refusal

    def decided(self, decision: Decision) -> None:
        """Note how much of a schedule was allowed; an order sent whole says it itself."""
        if decision.participation is not None and decision.stage == "SIGNAL":
            self._count.allow(decision.order_id, decision.quantity)

    def replayed(self, record: Event | PlaceOrder) -> None:
        """Count what the journal says has left, and what came of it."""
        if isinstance(record, PlaceOrder):
            self._count.send(record.ticket)
        else:
            self._count.heard(record)

    def recall(self, place: PlaceOrder) -> None:
        """Take back what the journal holds and the broker never got."""
        self._count.recall(place.ticket.order_id)


def _objection(answer: MarginAnswer, why: str = "") -> Refusal | None:
    objection = what_if_objection(_units(answer.change), _units(answer.excess), why)
    return None if objection is None else Refusal(objection.check, objection.text)


def _units(amount: Decimal | None) -> int | None:
    return None if amount is None else money_units(amount)


__all__ = ["MARGIN_SECONDS", "OrderDoor"]
