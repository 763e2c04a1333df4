"""Collecting what a decision saw, so that its record can say why."""

from typing import Any

from msgspec import Struct

from fillpath.core.commands import Decision
from fillpath.core.events import MarketView
from fillpath.core.models import Refusal, Signal
from fillpath.execution.desk.state import Book
from fillpath.execution.instructing import Instruction
from fillpath.execution.routing import Routed
from fillpath.execution.sizing import Sized
from fillpath.risk.pre_trade import Verdict


class Draft(Struct):
    """A decision in the making; each step adds what it found.

    Args:
        at: nanoseconds of the fact that is judged.
        signal: the signal behind it.
        market: the market it is judged by.
        order_id: name of the parent order that would come to be.
        equity: total equity, money units.
        price: reference price for sizing, price units; 0 while unknown.
        signal_at: nanoseconds of the signal.
        sized: what sizing said.
        quantity: decided size after risk, quantity units.
        stop: protective stop level, price units.
        verdict: what risk said.
        routed: what routing said.
        instruction: order type and price.
        flags: remarks.
        participation: expected share of volume, ratio units.
    """

    at: int
    signal: Signal
    market: MarketView
    order_id: str
    equity: int
    signal_at: int
    price: int = 0
    sized: Sized | None = None
    quantity: int = 0
    stop: int | None = None
    verdict: Verdict | None = None
    routed: Routed | None = None
    instruction: Instruction | None = None
    flags: tuple[str, ...] = ()
    participation: int | None = None


def record(draft: Draft, book: Book, outcome: str, refusal: Refusal | None = None) -> Decision:
    """Return the readable record of a decision."""
    signal = draft.signal
    sized = draft.sized
    verdict = draft.verdict
    routed = draft.routed
    return Decision(
        at=draft.at,
        stage="SIGNAL",
        outcome=outcome,
        symbol=signal.symbol,
        reason="" if refusal is None else refusal.code,
        text="" if refusal is None else refusal.text,
        strategy_name=signal.strategy_name,
        signal_id=signal.signal_id or "",
        order_id=draft.order_id,
        direction=signal.direction,
        quantity=draft.quantity,
        stop=draft.stop,
        market=draft.market,
        cash=book.cash,
        reserved=book.reserved,
        equity=draft.equity,
        flags=draft.flags,
        participation=draft.participation,
        **({} if sized is None else _sizing(sized)),
        **({} if verdict is None else _risk(verdict)),
        **({} if routed is None else _routing(routed)),
        **({} if draft.instruction is None else _instruction(draft.instruction)),
    )


def _sizing(sized: Sized) -> dict[str, Any]:
    return {
        "side": sized.side,
        "sizing": sized.limits,
        "bound": sized.bound,
        "kelly": sized.kelly,
    }


def _risk(verdict: Verdict) -> dict[str, Any]:
    return {
        "risk": verdict.action,
        "risk_reasons": tuple(f"{o.check}: {o.text}" for o in verdict.objections),
    }


def _routing(routed: Routed) -> dict[str, Any]:
    return {"route": routed.route, "route_reason": routed.reason}


def _instruction(instruction: Instruction) -> dict[str, Any]:
    return {"order_type": instruction.order_type, "limit": instruction.limit}
