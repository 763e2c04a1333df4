"""How much of what trades a schedule takes, and when the price has run away from it (control A-04).

Volume is the expected one: the average of a day, evenly over its hours.
"""

from typing import Final

from fillpath.core.commands import Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import Refusal
from fillpath.core.units import RATIO_SCALE, price_decimal, quantity_decimal
from fillpath.execution.desk.state import ParentState
from fillpath.execution.policy import RouterPolicy
from fillpath.execution.routing import SESSION_NS

PRICE_MOVED: Final = "PRICE_MOVED"
PARTICIPATION: Final = "PARTICIPATION"


def pace(policy: RouterPolicy, adv: int, interval_ns: int) -> int:
    """Return the most that a schedule may take in one interval, quantity units; 0 for no limit.

    Rounded up to a lot, so that a schedule always gets on.
    """
    cap = policy.participation_cap
    if cap is None:
        return 0
    most = cap * adv * interval_ns // (RATIO_SCALE * SESSION_NS)
    return -(-max(most, 1) // policy.lot) * policy.lot


def bounded(parent: ParentState, number: int, quantity: int) -> int:
    """Return what of a slice (from 0) may be sent, quantity units, and note why it is less.

    What was not taken in the intervals since the last slice may be taken now.
    """
    if not parent.pace:
        return quantity
    most = parent.pace * (number + 1 - parent.reached)
    if quantity <= most:
        return quantity
    parent.cut = (
        f"{PARTICIPATION}: {quantity_decimal(quantity):f} shares would be more than the "
        f"{quantity_decimal(most):f} that the slice may take of the expected volume"
    )
    return most


def price_moved(policy: RouterPolicy, ticket: Ticket, market: MarketView) -> Refusal | None:
    """Return why an entry waits: the price is too far from where it was when its signal came.

    The quote is usable.
    """
    arrival = ticket.signal_price or 0
    if arrival <= 0:
        return Refusal(PRICE_MOVED, f"the price of {ticket.symbol} on arrival is unknown")
    total = (market.bid or 0) + (market.ask or 0)
    if abs(total - 2 * arrival) * RATIO_SCALE <= 2 * policy.pause_move * arrival:
        return None
    text = (
        f"the mid {price_decimal(total >> 1)} of {ticket.symbol} is more than "
        f"{policy.pause_move_pct} % away from {price_decimal(arrival)} on arrival"
    )
    return Refusal(PRICE_MOVED, text)


__all__ = ["PARTICIPATION", "PRICE_MOVED", "bounded", "pace", "price_moved"]
