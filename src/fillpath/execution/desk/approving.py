"""What a person says about an order that waits: yes decides it anew, no ends it, silence too.

An answer counts once. A yes acts at that moment or not at all: everything is judged again by the
market and the account of then, and where nothing could leave at that moment the question stays
open. The record of the yes and the decision that follows it come from the same fact, so no crash
can come between them.
"""

from fillpath.core.commands import ClearTimer, Command, Decision, RaiseAlarm
from fillpath.core.events import ApprovalDeclined, ApprovalGiven, MarketView
from fillpath.core.models import Refusal
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.admission import signal_time
from fillpath.execution.desk.deciding import decide_draft
from fillpath.execution.desk.draft import Draft
from fillpath.execution.desk.placing import total_equity
from fillpath.execution.desk.queueing import APPROVAL_REFUSED, end_question, remember_answer
from fillpath.execution.desk.state import DeskState, Waiting
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.routing import strength_units
from fillpath.risk.checks.autonomy import HUMAN_APPROVAL


def on_given(state: DeskState, policy: DeskPolicy, event: ApprovalGiven) -> list[Command]:
    """Decide the signal anew, with the leave of a person; a second yes changes nothing."""
    order_id = event.order_id
    waiting = state.approvals.get(order_id)
    if waiting is None:
        return [_not_waiting(state, event.at, order_id)]
    if event.at >= waiting.due:
        return on_approval_timer(state, order_id, event.at)
    del state.approvals[order_id]
    commands = decide_draft(state, policy, _draft(state, waiting, event), waiting.event)
    if order_id in state.approvals:
        return commands  # nothing can leave at this moment: the question stays open
    decided = next(command for command in commands if isinstance(command, Decision))
    remember_answer(state, order_id, f"{event.by} allowed it: {decided.outcome}")
    text = f"{event.by} allowed it {(event.at - waiting.at) / NANOSECONDS:.1f} s after the question"
    said = _said(event, waiting, ("APPROVED", text), event.market)
    return [ClearTimer(f"approval:{order_id}"), said, *commands]


def on_declined(state: DeskState, event: ApprovalDeclined) -> list[Command]:
    """End the question; nothing is ordered."""
    order_id = event.order_id
    waiting = state.approvals.get(order_id)
    if waiting is None:
        return [_not_waiting(state, event.at, order_id)]
    text = f"{event.by} declined it: {event.reason}"
    return [
        ClearTimer(f"approval:{order_id}"),
        _said(event, waiting, ("DECLINED", text), waiting.event.market),
        end_question(state, order_id, Refusal(APPROVAL_REFUSED, text), event.at),
    ]


def on_approval_timer(state: DeskState, order_id: str, at: int) -> list[Command]:
    """End a question that nobody answered."""
    waiting = state.approvals.get(order_id)
    if waiting is None:
        return []
    minutes = (waiting.due - waiting.at) / NANOSECONDS / 60
    refusal = Refusal(HUMAN_APPROVAL, f"nobody answered within {minutes:g} minutes")
    return [
        ClearTimer(f"approval:{order_id}"),
        end_question(state, order_id, refusal, at, "EXPIRED"),
    ]


def _draft(state: DeskState, waiting: Waiting, event: ApprovalGiven) -> Draft:
    signal = waiting.event.signal
    return Draft(
        event.at,
        signal,
        event.market,
        event.order_id,
        total_equity(state, event.market),
        min(signal_time(waiting.event), waiting.event.at),
        strength_units(signal.strength),
        asked=waiting,
        allowed_by=event.by,
    )


def _not_waiting(state: DeskState, at: int, order_id: str) -> Command:
    text = state.answered.get(order_id) or "no such order waits for a person"
    return RaiseAlarm(at, APPROVAL_REFUSED, f"the answer changes nothing; {text}", order_id)


def _said(
    event: ApprovalGiven | ApprovalDeclined,
    waiting: Waiting,
    answer: tuple[str, str],
    market: MarketView,
) -> Command:
    """Return the record of what the person said."""
    signal = waiting.event.signal
    outcome, text = answer
    return Decision(
        event.at,
        "APPROVAL",
        outcome,
        signal.symbol,
        "" if outcome == "APPROVED" else APPROVAL_REFUSED,
        text,
        signal.strategy_name,
        signal.signal_id or "",
        event.order_id,
        signal.direction,
        waiting.side,
        waiting.quantity,
        market=market,
        risk_reasons=waiting.findings,
    )
