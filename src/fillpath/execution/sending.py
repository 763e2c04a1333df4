"""The door to the broker: orders leave through here, and only with an approval that fits them.

The engine decides nothing here. What is handed over is an ``Approved``, which nobody can make but
``risk/approving.py``; a count of its own (``risk/comparator.py``) stops a router that sends more
than was ever allowed.
"""

from collections.abc import Callable

from fillpath.core.commands import Decision, PlaceOrder, Ticket
from fillpath.core.events import Event
from fillpath.core.models import Refusal
from fillpath.core.ports import BrokerAdapter, TicketBroker
from fillpath.core.translation import order_from
from fillpath.risk.approving import Approved
from fillpath.risk.comparator import Comparator


class OrderDoor:
    """Hands approved orders to one broker, each of them once.

    Args:
        broker: who gets them.
    """

    def __init__(self, broker: BrokerAdapter) -> None:
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
        refusal = self._count.send(ticket)
        if refusal is None:
            assert self._place is not None, "the broker takes tickets"
            self._place(ticket, place.at)
        return refusal

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


__all__ = ["OrderDoor"]
