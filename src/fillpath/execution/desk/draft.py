"""Collecting what a decision saw, so that its record can say why."""

from msgspec import Struct

from fillpath.core.commands import Decision
from fillpath.core.destinations import Destination
from fillpath.core.events import MarketView
from fillpath.core.models import Refusal, Signal
from fillpath.execution.desk.asked import asked
from fillpath.execution.desk.state import Book, Waiting
from fillpath.execution.instructing import Instruction
from fillpath.execution.routing import Routed
from fillpath.execution.sizing import Sized
from fillpath.risk.cascade import NOT_JUDGED, Walk
from fillpath.risk.verdicts import Verdict


class Draft(Struct, gc=False):
    """A decision in the making; each step adds what it found.

    Args:
        at: nanoseconds of the fact that is judged.
        signal: the signal behind it.
        market: the market it is judged by.
        order_id: name of the parent order that would come to be.
        equity: total equity, money units.
        signal_at: nanoseconds of the signal.
        strength: strength of the signal, ratio units.
        waiting: whether the signal was held before.
        price: reference price for sizing, price units; 0 while unknown.
        arrival: price when the signal came, price units: its own, or the mid of that moment.
        sized: what sizing said.
        quantity: decided size after risk, quantity units.
        stop: protective stop level, price units.
        verdict: what risk said.
        walk: the checks that it was put before.
        routed: what routing said.
        instruction: order type and price.
        flags: remarks.
        participation: expected share of volume, ratio units.
        asked: what a person was asked, once that person has allowed it.
        allowed_by: that person.
        destination: where it asks to be worked, None where it does not.
    """

    at: int
    signal: Signal
    market: MarketView
    order_id: str
    equity: int
    signal_at: int
    strength: int = 0
    waiting: bool = False
    price: int = 0
    arrival: int = 0
    sized: Sized | None = None
    quantity: int = 0
    stop: int | None = None
    verdict: Verdict | None = None
    walk: Walk = NOT_JUDGED
    routed: Routed | None = None
    instruction: Instruction | None = None
    flags: tuple[str, ...] = ()
    participation: int | None = None
    asked: Waiting | None = None
    allowed_by: str = ""
    destination: Destination | None = None


def record(draft: Draft, book: Book, outcome: str, refusal: Refusal | None = None) -> Decision:
    """Return the readable record of a decision."""
    signal = draft.signal
    sized = draft.sized
    verdict = draft.verdict
    routed = draft.routed
    instruction = draft.instruction
    return Decision(
        draft.at,
        "SIGNAL",
        outcome,
        signal.symbol,
        "" if refusal is None else refusal.code,
        "" if refusal is None else refusal.text,
        signal.strategy_name,
        signal.signal_id or "",
        draft.order_id,
        signal.direction,
        "" if sized is None else sized.side,
        draft.quantity,
        "" if instruction is None else instruction.order_type,
        None if instruction is None else instruction.limit,
        draft.stop,
        draft.market,
        book.cash,
        book.reserved,
        draft.equity,
        {} if sized is None else sized.limits,
        "" if sized is None else sized.bound,
        None if sized is None else sized.kelly,
        "" if verdict is None else verdict.action,
        () if verdict is None else reasons(verdict),
        "" if routed is None else routed.route,
        "" if routed is None else routed.reason,
        draft.flags,
        draft.participation,
        asked(signal, sized, draft.walk.controls) if draft.order_id else (),
    )


def reasons(verdict: Verdict) -> tuple[str, ...]:
    """Return every objection of a verdict as text."""
    objections = verdict.objections
    return tuple(f"{o.check}: {o.text}" for o in objections) if objections else ()
