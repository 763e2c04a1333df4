"""The readable records of slices: why one was sent as it was, waits, or never came."""

from fillpath.core.commands import Decision, Ticket
from fillpath.core.events import MarketView
from fillpath.core.models import Refusal, RiskAction
from fillpath.execution.desk.asked import RELEASED
from fillpath.execution.desk.draft import reasons
from fillpath.execution.desk.placing import total_equity
from fillpath.execution.desk.state import DeskState, ParentState
from fillpath.risk.cascade import Walk
from fillpath.risk.verdicts import Verdict


def sent_record(
    state: DeskState, child: Ticket, now: tuple[int, MarketView], verdict: Verdict, walk: Walk
) -> Decision:
    """Return why a slice was sent as it was, and which checks it was put before."""
    at, market = now
    book = state.book
    return Decision(
        at=at,
        stage="SLICE",
        outcome="REDUCED" if verdict.action is RiskAction.REDUCE_SIZE else "ORDERED",
        symbol=child.symbol,
        strategy_name=child.strategy_name,
        signal_id=child.signal_id,
        order_id=child.order_id,
        side=child.side,
        quantity=child.quantity,
        order_type=child.order_type,
        limit=child.limit,
        stop=child.stop,
        market=market,
        cash=book.cash,
        reserved=book.reserved,
        equity=total_equity(state, market),
        bound=child.sizing,
        kelly=child.kelly,
        risk=verdict.action,
        risk_reasons=reasons(verdict),
        route=child.route,
        route_reason=child.route_reason,
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
