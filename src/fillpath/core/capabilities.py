"""What a broker says that it can do, and the doors that not every broker has."""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol, runtime_checkable

from msgspec import Struct

from fillpath.core.commands import Ticket
from fillpath.core.models import Order


class BrokerCapabilities(Struct, frozen=True, kw_only=True):
    """What a broker can do; the contract suite tests what is declared.

    Args:
        in_process: its whole state dies with this process, so that a journal made durable in
            groups loses the same tail as the broker; False means commit before every act.
        resting_orders: an unmarketable limit waits for the market.
        cancel: a resting order can be cancelled.
        partial_fills: an order may fill in parts.
        live_portfolio: the portfolio follows the fills.
        shorts: selling more than is held opens a short position.
        checks_cash: buying beyond the cash is refused.
        stops: a STOP order waits for its trigger and then trades at the market.
        oca: orders of one ``oca_group`` are linked: what one of them fills, the others are reduced
            by at once, and cancelled at zero.
        late_commissions: what an execution costs is told after it, as ``CommissionReported``.
        amend: size and trigger of an order that works can be changed in one step (``AmendingBroker``).
        plain_costs: average prices and profits of positions leave commissions out.
        destinations: names of the algorithms and auctions that it takes (``core/destinations.py``).
    """

    in_process: bool = False
    resting_orders: bool = True
    cancel: bool = True
    partial_fills: bool = True
    live_portfolio: bool = True
    shorts: bool = True
    checks_cash: bool = True
    stops: bool = False
    oca: bool = False
    amend: bool = False
    plain_costs: bool = True
    late_commissions: bool = False
    destinations: frozenset[str] = frozenset()


@runtime_checkable
class TicketBroker(Protocol):
    """A broker in this process that also takes the desk's own exact tickets.

    The engine prefers this door where it is open: it is ``submit_order`` without building the
    public models, and makes the same promises. Refusals arrive as events.
    """

    def place_ticket(self, ticket: Ticket, at: int) -> None:
        """Send the ticket decided at ``at`` nanoseconds once; the same id again trades nothing."""
        ...


@runtime_checkable
class AmendingBroker(Protocol):
    """A broker that changes an order that works in one step, so that it never stops working."""

    async def amend_order(
        self, broker_order_id: str, quantity: Decimal, stop_price: Decimal | None
    ) -> bool:
        """Change the whole quantity, filled part included, and the trigger of an order that works.

        True when the order was open and the request was taken; ``OrderAmended`` follows, also
        where nothing had to change. A quantity that is filled already cancels the rest. False, and
        nothing follows, when the order does not work. Asking twice is harmless.

        Raises:
            Unavailable: it is unknown whether the broker has the request; ask again.
            BrokerRefused: it works on as it was.
        """
        ...


@runtime_checkable
class RemoteBroker(Protocol):
    """A broker behind a connection that may be lost, so that it knows when its events are not all."""

    def compare_with(self, compare: Callable[[str, bool], None]) -> None:
        """Call ``compare`` whenever the engine has to ask for everything; the last one wins.

        It is told why, and whether nothing but cancels may leave before the answers agree.
        """
        ...

    def drop_orders(self) -> int:
        """Take back every order that waits for its turn on the wire; return how many.

        Of these not a byte was written, and each is refused. What was written stays.
        """
        ...


class MarginAnswer(Struct, frozen=True, kw_only=True):
    """What a broker says that an order would do to the margin, were it sent.

    Args:
        change: by how much the requirement would grow, account currency; None when it was not said.
        excess: what may still be required, account currency; None when it was not said.
    """

    change: Decimal | None = None
    excess: Decimal | None = None


@runtime_checkable
class MarginBroker(Protocol):
    """A broker that says beforehand what an order would do to the margin."""

    async def what_if(self, order: Order) -> MarginAnswer:
        """Return what the order would do; nothing is sent to the market by it.

        Raises:
            Unavailable: there is no answer.
            BrokerRefused: the broker would not take the order.
        """
        ...


__all__ = [
    "AmendingBroker",
    "BrokerCapabilities",
    "MarginAnswer",
    "MarginBroker",
    "RemoteBroker",
    "TicketBroker",
]
