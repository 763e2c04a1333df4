"""What the gateway keeps: orders and their executions."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from fillpath.testing.gateway.catalogue import Contract
from fillpath.testing.gateway.placing import PlacedOrder

ENDED: Final = frozenset({"Filled", "Cancelled", "ApiCancelled", "Inactive"})
RESTING: Final = frozenset({"Submitted", "PreSubmitted"})


class GatewayExecution(Struct, frozen=True, kw_only=True):
    """One execution, or a correction of one.

    Args:
        exec_id: its name; corrections share all but the last part.
        at: when.
        shares: size.
        price: dollars a share.
        cumulative: shares of the order executed so far.
        average: their average price.
        exchange: where.
        order: whose it is.
    """

    exec_id: str
    at: datetime
    shares: Decimal
    price: Decimal
    cumulative: Decimal
    average: Decimal
    exchange: str
    order: "GatewayOrder"


class GatewayOrder(Struct, kw_only=True, eq=False):
    """An order as the gateway has it.

    Args:
        client_id: who placed it.
        order_id: the number that its client gave it.
        perm_id: the account-wide number.
        contract: what it trades.
        placed: what its client wrote, as changed last.
        account: the account that it trades.
        status: the gateway's word; empty while it is held untransmitted.
        why_held: such as ``locate``.
        filled: shares.
        paid: dollars paid or received for them.
        last_price: of the last execution.
        triggered: whether a stop has been.
        reason: why it ended.
        ended_at: when it ended.
        messages: how often its client placed or changed it.
        margins: what it would do to the margin, of a mere question; empty while not worked out.
        executions: newest last; corrections follow what they correct.
    """

    client_id: int
    order_id: int
    perm_id: int
    contract: Contract
    placed: PlacedOrder
    account: str
    status: str = ""
    why_held: str = ""
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    last_price: Decimal = Decimal(0)
    triggered: bool = False
    reason: str = ""
    ended_at: datetime | None = None
    messages: int = 1
    margins: tuple[Decimal, ...] = ()
    executions: list[GatewayExecution] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Return the name that its client gave it."""
        return self.placed.order_ref

    @property
    def quantity(self) -> Decimal:
        """Return the whole size."""
        return self.placed.quantity or Decimal(0)

    @property
    def remaining(self) -> Decimal:
        """Return what is left, never below zero."""
        return max(self.quantity - self.filled, Decimal(0))

    @property
    def average(self) -> Decimal:
        """Return the average price of what was filled."""
        return self.paid / self.filled if self.filled else Decimal(0)

    @property
    def buys(self) -> bool:
        """Return whether it buys."""
        return self.placed.action == "BUY"

    @property
    def is_held(self) -> bool:
        """Return whether it waits to be transmitted."""
        return not self.status

    @property
    def is_open(self) -> bool:
        """Return whether it is transmitted and may still trade."""
        return bool(self.status) and self.status not in ENDED


__all__ = ["ENDED", "RESTING", "GatewayExecution", "GatewayOrder"]
