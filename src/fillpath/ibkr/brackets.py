"""Orders that belong together: a parent with the exits that wait for it, and groups that exclude.

The gateway holds what is not transmitted until a later leg of the same bracket is. So every leg but
the last is sent untransmitted: a crash between two of them leaves held orders that trade nothing,
and reconciliation discards them.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from fillpath.core.errors import BrokerRefused
from fillpath.ibkr.forms import OrderForm
from fillpath.ibkr.heard import OrderShown
from fillpath.ibkr.words import REDUCE_WITH_BLOCK


def bracket(parent: OrderForm, exits: Sequence[OrderForm]) -> tuple[OrderForm, ...]:
    """Return the legs of a bracket in the order in which they have to be sent.

    The exits are one group of the type that lets only one of them work at a time; they name their
    own group, or get one from the parent's name.

    Args:
        parent: the entry; of no bracket and no group yet.
        exits: what closes it, on the other side and of its size at most, such as stop and target.

    Raises:
        BrokerRefused: a leg does not belong to the parent.
    """
    if not exits:
        raise BrokerRefused("INVALID_BRACKET", "exits must hold at least one order, got none")
    if parent.oca_group or parent.parent_id:
        raise BrokerRefused(
            "INVALID_BRACKET", "parent must be of no group and no bracket, got one that is"
        )
    number = parent.order_id
    for leg in exits:
        _check_leg(parent, leg, number)
        number = leg.order_id
    group = exits[0].oca_group or f"{parent.order_ref}:exits"
    children = [
        replace(
            leg,
            parent_id=parent.order_id,
            oca_group=group,
            oca_type=REDUCE_WITH_BLOCK,
            transmit=leg is exits[-1],
        )
        for leg in exits
    ]
    return (replace(parent, transmit=False), *children)


def _check_leg(parent: OrderForm, leg: OrderForm, before: int) -> None:
    problem = ""
    if leg.order_id <= before:
        problem = f"order_id of an exit must be above {before}, got {leg.order_id}"
    elif leg.contract != parent.contract or leg.account != parent.account:
        problem = "an exit must be of the parent's contract and account, got another"
    elif leg.action == parent.action:
        problem = f"action of an exit must not be the parent's, got {leg.action} twice"
    elif leg.quantity > parent.quantity:
        problem = f"quantity of an exit must be at most {parent.quantity}, got {leg.quantity}"
    if problem:
        raise BrokerRefused("INVALID_BRACKET", problem)


def orphans(shown: Sequence[OrderShown], sent: Sequence[OrderForm]) -> tuple[int, ...]:
    """Return the order ids of brackets that were not sent to their end, to be cancelled.

    A held leg has no status that works; the gateway shows it or it does not, so the ids come from
    what was sent: every leg that was sent untransmitted and whose last leg was not.

    Args:
        shown: the open orders of this client id.
        sent: what was written to the socket, in its order.
    """
    released = {form.parent_id or form.order_id for form in sent if form.transmit}
    held = [
        form.order_id
        for form in sent
        if not form.transmit and (form.parent_id or form.order_id) not in released
    ]
    working = {order.order_id for order in shown if order.status in _WORKING}
    return tuple(order_id for order_id in held if order_id not in working)


_WORKING = frozenset({"Submitted", "PreSubmitted", "PendingCancel", "Filled"})

__all__ = ["bracket", "orphans"]
