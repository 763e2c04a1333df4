"""The last look before an order leaves for a broker outside: the market of this very moment.

Between the decision and the first byte lie the sync of the journal and whatever the broker was busy
with. What may have changed meanwhile is judged again; what was counted at the decision is not
counted twice.
"""

from msgspec.structs import replace

from fillpath.core.commands import PlaceOrder
from fillpath.core.events import MarketView
from fillpath.core.models import OrderSide, Refusal, RiskAction
from fillpath.execution.desk.gating import CANCELLED_UNSENT, flattens
from fillpath.execution.desk.placing import Question, ask_now, first_reason
from fillpath.execution.desk.state import DeskState
from fillpath.execution.policy import DeskPolicy
from fillpath.risk.approving import NOT_APPROVED
from fillpath.risk.cascade import judge
from fillpath.risk.pacing import MessageBudget

BUY = OrderSide.BUY


def last_objection(
    state: DeskState,
    policy: DeskPolicy,
    place: PlaceOrder,
    now: tuple[int, MarketView],
    pace: MessageBudget,
) -> Refusal | None:
    """Return why an approved order may not leave after all; None when it is counted as sent."""
    ticket = place.ticket
    order = state.orders.get(ticket.order_id)
    if order is None:
        return Refusal(NOT_APPROVED, f"{ticket.order_id} has ended before it was sent")
    if order.cancel_requested:
        return Refusal(CANCELLED_UNSENT, f"{ticket.order_id} was cancelled before it was sent")
    if order.protects:
        return None  # it is sent whatever the market is; its level is no price to pay
    parent = state.parents.get(ticket.parent_id)
    question = Question(
        ticket.symbol,
        ticket.side,
        ticket.quantity,
        order.worst_price,
        ticket.limit,
        ticket.strategy_name,
        ticket.order_id,
        ticket.parent_id,
        ticket.signal_price or 0,
        order.reduces,
        "" if parent is None else parent.allowed_by,
    )
    ask = ask_now(state, policy, now, question)
    if flattens(state, ticket.order_id):
        ask = replace(ask, killed=False)
    rest = 0 if parent is None else parent.rest
    own = order.remaining + rest  # the book counts the order, and its schedule, as working already
    if ticket.side is BUY:
        worst = order.remaining * order.worst_price
        worst += 0 if parent is None else rest * parent.worst
        ask = replace(ask, working_buy=ask.working_buy - own, reserved=ask.reserved - worst)
    else:
        worst = 0 if order.reduces else order.remaining * order.worst_price
        worst += 0 if parent is None or parent.reduces else rest * parent.worst
        ask = replace(ask, working_sell=ask.working_sell - own, shorting=ask.shorting - worst)
    walk = policy.cascade.sending_exit if order.reduces else policy.cascade.sending
    verdict = judge(ask, state.risk, policy.risk, walk)
    if verdict.action is RiskAction.APPROVE:
        return pace.order(now[0], policy.risk.rates, exits=order.reduces)
    return first_reason(verdict)


__all__ = ["last_objection"]
