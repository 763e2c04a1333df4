"""The readable records of slices: why one was sent as it was, waits, or never came."""

from typing import Final

from fillpath.core.commands import Decision, Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import Refusal, RiskAction
from fillpath.execution.desk.asked import RELEASED
from fillpath.execution.desk.draft import reasons
from fillpath.execution.desk.placing import total_equity
from fillpath.execution.desk.state import DeskState, ParentState
from fillpath.risk.cascade import Walk
from fillpath.risk.verdicts import Verdict

_REDUCED: Final = RiskAction.REDUCE_SIZE


def sent_record(
    state: DeskState, child: Ticket, now: tuple[int, MarketView], verdict: Verdict, walk: Walk
) -> Decision:
    """Return why a slice was sent as it was, and which checks it was put before."""
    at, market = now
    book = state.book
    return Decision(
        at,
        "SLICE",
        "REDUCED" if verdict.action is _REDUCED else "ORDERED",
        child.symbol,
        "",
        "",
        child.strategy_name,
        child.signal_id,
        child.order_id,
        "",
        child.side,
        child.quantity,
        child.order_type,
        child.limit,
        child.stop,
        market,
        book.cash,
        book.reserved,
        total_equity(state, market),
        {},
        child.sizing,
        child.kelly,
        verdict.action,
        reasons(verdict),
        child.route,
        child.route_reason,
        controls=RELEASED + walk.controls,
    )


def slice_record(
    state: DeskState, parent: ParentState, at: int, outcome: str, refusal: Refusal
) -> Decision:
    """Return why a slice waits, or why the rest of the parent was not filled.

    The equity is that of the last valuation: what ends a schedule brings no market with it.
    """
    ticket = parent.ticket
    return Decision(
        at=at,
        stage="SLICE",
        outcome=outcome,
        symbol=ticket.symbol,
        reason=refusal.code,
        text=refusal.text,
        strategy_name=ticket.strategy_name,
        signal_id=ticket.signal_id,
        order_id=ticket.order_id,
        side=ticket.side,
        quantity=ticket.quantity - parent.filled,
        order_type=ticket.order_type,
        cash=state.book.cash,
        reserved=state.book.reserved,
        equity=state.equity,
        bound=ticket.sizing,
        route=ticket.route,
        route_reason=ticket.route_reason,
    )
