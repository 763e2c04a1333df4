"""The end of an order: free what it held, say how it went, and let its parent go on."""

from fillpath.core.commands import Command, OrderClosed, QualityMeasured, RaiseAlarm
from fillpath.core.events import MarketView
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.book import remove_order
from fillpath.execution.desk.cancelling import forget_cancel
from fillpath.execution.desk.state import DeskState, OrderState
from fillpath.execution.desk.working import child_ended
from fillpath.execution.metrics import cost_bps, exceeds_bps
from fillpath.execution.policy import DeskPolicy


def end(
    state: DeskState,
    policy: DeskPolicy,
    order: OrderState,
    at: int,
    reason: str,
    market: MarketView | None,
) -> list[Command]:
    """Take the order out of what works; its status says how it ended."""
    remove_order(state, order)
    if reason:
        order.reason = reason
    commands: list[Command] = [closed(order, at, reason)]
    if order.cancel_asked_at:
        commands.extend(forget_cancel(order))
    if order.filled:
        commands.append(measured(order))
        _add_quality_alarms(commands, policy, order)
    ticket = order.ticket
    if ticket.parent_id != ticket.order_id:
        commands.extend(child_ended(state, policy, order, at, market))
    return commands


def closed(order: OrderState, at: int, reason: str) -> OrderClosed:
    """Return the row of an ended order."""
    return OrderClosed(
        at,
        order.ticket,
        order.status,
        order.broker_order_id,
        order.filled,
        order.value,
        order.commission,
        order.decided_at,
        reason,
    )


def measured(order: OrderState) -> QualityMeasured:
    """Return how well an order was executed.

    Nobody tells when a stop is set off, so its clock starts with its first fill.
    """
    ticket = order.ticket
    began = order.first_fill_at if order.protects else 0
    return QualityMeasured(
        order.last_fill_at,
        ticket.order_id,
        ticket.parent_id,
        ticket.symbol,
        ticket.side,
        ticket.route,
        ticket.strategy_name,
        order.filled,
        order.value,
        order.expected,
        ticket.signal_price,
        order.arrival_mid,
        began or ticket.signal_at,
        began or order.decided_at,
        order.first_fill_at,
    )


def _add_quality_alarms(commands: list[Command], policy: DeskPolicy, order: OrderState) -> None:
    """Alert strictly above the thresholds; a slice's clock starts at its release."""
    ticket = order.ticket
    quality = policy.quality
    filled, value, expected = order.filled, order.value, order.expected
    if exceeds_bps(ticket.side, expected, value, filled, quality.slippage):
        cost = cost_bps(ticket.side, expected, value, filled)
        text = f"cost is {cost:.2f} bps, above {quality.max_slippage_bps} bps"
        commands.append(RaiseAlarm(order.last_fill_at, "SLIPPAGE", text, ticket.order_id))
    began, started = (
        ("release", order.decided_at) if ticket.slice_number else ("signal", ticket.signal_at)
    )
    took = order.last_fill_at - started
    if not order.protects and took > quality.latency_ns:
        most = quality.latency_ns / NANOSECONDS
        text = f"{began} to fill took {took / NANOSECONDS:.2f} s, more than {most:g} s"
        commands.append(RaiseAlarm(order.last_fill_at, "LATENCY", text, ticket.order_id))
