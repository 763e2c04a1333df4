"""Orders that wait for a person: asked once, kept for a while, gone when anything overtakes them.

What waits reserves nothing and decides nothing. A person's yes makes the desk decide the signal
anew (``approving``); everything here is how a question comes to be and how it ends without one.
"""

from collections.abc import Callable
from typing import Final

from fillpath.core.commands import ClearTimer, Command, RaiseAlarm, SetTimer
from fillpath.core.events import SignalReceived
from fillpath.core.models import Refusal
from fillpath.core.units import RATIO_SCALE, price_decimal
from fillpath.execution.desk.admission import signal_time
from fillpath.execution.desk.draft import Draft, reasons, record
from fillpath.execution.desk.placing import far_touch, total_equity
from fillpath.execution.desk.state import DeskState, Waiting
from fillpath.execution.policy import DeskPolicy

APPROVAL_REFUSED: Final = "APPROVAL_REFUSED"
MOST_WAITING: Final = 200
"""Questions at once; nobody reads more, and what comes beyond is refused."""
MOST_ANSWERED: Final = 1_024


def ask_a_person(
    state: DeskState, policy: DeskPolicy, draft: Draft, event: SignalReceived
) -> list[Command]:
    """Keep an order that risk would let pass with a person's leave, and tell that person."""
    verdict, sized, instruction = draft.verdict, draft.sized, draft.instruction
    assert verdict is not None, "risk has asked for a person"
    assert sized is not None, "sizing came before"
    assert instruction is not None, "instructing came before"
    question = next(o for o in verdict.objections if o.asks)
    if len(state.approvals) >= MOST_WAITING:
        text = f"{MOST_WAITING} orders wait for a person already"
        return [record(draft, state.book, "REFUSED", Refusal(question.check, text))]
    market, order_id = draft.market, draft.order_id
    limit = instruction.limit
    draft.quantity = verdict.quantity
    waiting = Waiting(
        event,
        draft.at,
        draft.at + policy.risk.autonomy.approval_ns,
        sized.side,
        verdict.quantity,
        ((market.bid or 0) + (market.ask or 0)) >> 1,
        far_touch(sized.side, market) if limit is None else limit,
        reasons(verdict),
    )
    state.approvals[order_id] = waiting
    text = f"{question.text}; fillpath approve or decline {order_id}"
    return [
        SetTimer(f"approval:{order_id}", waiting.due, draft.signal.symbol),
        record(draft, state.book, "WAITING", Refusal(question.check, question.text)),
        RaiseAlarm(draft.at, "APPROVAL_REQUIRED", text, order_id),
    ]


def keep_waiting(state: DeskState, draft: Draft, refusal: Refusal) -> list[Command]:
    """Leave the question open: what a person has allowed is sent at that moment, or not at all."""
    assert draft.asked is not None, "a person has answered"
    state.approvals[draft.order_id] = draft.asked
    return [record(draft, state.book, "WAITING", refusal)]


def outdated(draft: Draft, policy: DeskPolicy) -> Refusal | None:
    """Return why a person's leave does not cover what would be ordered now, or None.

    It covers the side, at most the size, and a market that is still near the one that was shown.
    """
    asked, sized, market = draft.asked, draft.sized, draft.market
    assert asked is not None, "a person has answered"
    assert sized is not None, "sizing came before"
    if sized.side is not asked.side:
        text = f"a {asked.side} was asked for, it would be a {sized.side} now"
        return Refusal(APPROVAL_REFUSED, text)
    mid = ((market.bid or 0) + (market.ask or 0)) >> 1
    limits = policy.risk.price
    if abs(mid - asked.price) * RATIO_SCALE >= limits.signal_deviation * asked.price:
        text = (
            f"the mid is {price_decimal(mid)}, it was {price_decimal(asked.price)} when a person "
            f"was asked; it must have moved by less than {limits.signal_deviation_pct} %"
        )
        return Refusal(APPROVAL_REFUSED, text)
    if draft.quantity > asked.quantity:
        draft.quantity = asked.quantity
        draft.flags += ("APPROVED_SIZE",)
    return None


def superseded(state: DeskState, at: int) -> list[Command]:
    """End the questions whose strategy has said something newer about the symbol."""

    def is_old(waiting: Waiting) -> bool:
        signal = waiting.event.signal
        newest = state.newest.get((signal.strategy_name, signal.symbol), 0)
        return signal_time(waiting.event) < newest

    text = "a newer signal of the strategy for the symbol was handled"
    return drop_questions(state, Refusal("SUPERSEDED", text), at, is_old)


def drop_questions(
    state: DeskState,
    refusal: Refusal,
    at: int,
    which: Callable[[Waiting], bool] = lambda _: True,
) -> list[Command]:
    """End every question of a kind, for one reason."""
    commands: list[Command] = []
    for order_id, waiting in list(state.approvals.items()):
        if which(waiting):
            commands.append(ClearTimer(f"approval:{order_id}"))
            commands.append(end_question(state, order_id, refusal, at))
    return commands


def end_question(
    state: DeskState, order_id: str, refusal: Refusal, at: int, outcome: str = ""
) -> Command:
    """End one question without an order, and return the record of it."""
    waiting = state.approvals.pop(order_id)
    remember_answer(state, order_id, f"{refusal.code}: {refusal.text}")
    return turned_away(state, waiting.event, refusal, at, (outcome, order_id))


def turned_away(
    state: DeskState,
    event: SignalReceived,
    refusal: Refusal,
    at: int,
    named: tuple[str, str] = ("", ""),
) -> Command:
    """Return the record of a signal that is not, or no longer, decided on.

    Args:
        state: the account.
        event: the signal.
        refusal: why.
        at: nanoseconds UTC.
        named: outcome and order id, where they are not EXPIRED or REFUSED by the code and none.
    """
    outcome, order_id = named
    draft = Draft(
        at=at,
        signal=event.signal,
        market=event.market,
        order_id=order_id,
        equity=total_equity(state, event.market),
        signal_at=signal_time(event),
    )
    otherwise = "EXPIRED" if refusal.code == "EXPIRED_SIGNAL" else "REFUSED"
    return record(draft, state.book, outcome or otherwise, refusal)


def remember_answer(state: DeskState, order_id: str, text: str) -> None:
    """Keep what became of a question, for whoever answers it once more."""
    answered = state.answered
    answered[order_id] = text
    if len(answered) > MOST_ANSWERED:
        answered.popitem(last=False)
