"""What people are asked and what they answer, over the engine's own door.

Nobody approves what they have not seen: an answer names the order and carries the word that came
with its findings. One answer at a time is taken for an order.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from fillpath.core.errors import ConfigError
from fillpath.core.events import ApprovalDeclined, ApprovalGiven, Event
from fillpath.core.units import iso, moment, price_decimal, quantity_decimal
from fillpath.execution.desk.state import Waiting
from fillpath.execution.seeing import UNSEEN
from fillpath.service.control import PersonalAct, Request
from fillpath.service.live import Live
from fillpath.service.peers import Peer

LONGEST: Final = 200
REASON: Final = "no reason given"


class Approvals:
    """Answer questions about the orders that wait for a person.

    Args:
        live: the account's engine.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._answering: dict[str, str] = {}

    def acts(self) -> Mapping[str, PersonalAct]:
        """Return what can be asked, by name."""
        return {"approvals": self._list, "approve": self._approve, "decline": self._decline}

    async def _list(self, _request: Request, _peer: Peer) -> Mapping[str, Any]:
        waiting = self._live.desk.state.approvals
        return {"approvals": [self._shown(name, one) for name, one in waiting.items()]}

    def _shown(self, order_id: str, waiting: Waiting) -> Mapping[str, Any]:
        signal = waiting.event.signal
        market = self._live.engine.view(signal.symbol)
        return {
            "order_id": order_id,
            "strategy_name": signal.strategy_name,
            "signal_id": signal.signal_id,
            "symbol": signal.symbol,
            "side": waiting.side,
            "quantity": f"{quantity_decimal(waiting.quantity):f}",
            "price": f"{price_decimal(waiting.price):f}",
            "worst_price": f"{price_decimal(waiting.worst):f}",
            "bid": None if market.bid is None else f"{price_decimal(market.bid):f}",
            "ask": None if market.ask is None else f"{price_decimal(market.ask):f}",
            "asked_at": iso(moment(waiting.at)),
            "expires_at": iso(moment(waiting.due)),
            "findings": list(waiting.findings),
            "seen": seen_word(order_id, waiting),
        }

    async def _approve(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        order_id, waiting = self._waiting(request)
        if request.get("word") != order_id:
            raise ConfigError(f"type the order's id, {order_id}, to allow it")
        if request.get("seen") != seen_word(order_id, waiting):
            raise ConfigError(f"look at the findings of {order_id} before it is allowed")
        now = self._live.parts.clock.nanoseconds()
        by = named(request, peer)
        await self._answered(order_id, by, ApprovalGiven(now, order_id, by, UNSEEN))
        return self._outcome(order_id, waiting)

    async def _decline(self, request: Request, peer: Peer) -> Mapping[str, Any]:
        order_id, waiting = self._waiting(request)
        by = named(request, peer)
        reason = said(request, "reason") or REASON
        now = self._live.parts.clock.nanoseconds()
        await self._answered(order_id, by, ApprovalDeclined(now, order_id, by, reason))
        return self._outcome(order_id, waiting)

    def _waiting(self, request: Request) -> tuple[str, Waiting]:
        order_id = str(request.get("order_id"))
        state = self._live.desk.state
        waiting = state.approvals.get(order_id)
        if waiting is None:
            why = state.answered.get(order_id) or "no such order waits for a person"
            raise ConfigError(f"{order_id} cannot be answered: {why}")
        other = self._answering.get(order_id)
        if other is not None:
            raise ConfigError(f"{order_id} cannot be answered: {other} is answering it")
        return order_id, waiting

    async def _answered(self, order_id: str, by: str, fact: Event) -> None:
        """Tell the engine, and wait until its answer is in the journal for good."""
        self._answering[order_id] = by
        try:
            self._live.engine.offer(fact)
            turn = self._live.turnstile.next_turn()
            self._live.wake()
            await turn
        finally:
            del self._answering[order_id]

    def _outcome(self, order_id: str, waiting: Waiting) -> Mapping[str, Any]:
        signal = waiting.event.signal
        decision = self._live.tally.decisions[signal.strategy_name, signal.signal_id or ""]
        return {
            "order_id": order_id,
            "outcome": decision.outcome,
            "reason": decision.reason,
            "text": decision.text,
            "quantity": f"{quantity_decimal(decision.quantity):f}",
        }


def seen_word(order_id: str, waiting: Waiting) -> str:
    """Return the word by which an answer shows that the findings were seen."""
    shown = repr((order_id, waiting.at, waiting.quantity, waiting.price, waiting.findings))
    return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()


def named(request: Request, peer: Peer) -> str:
    """Return who speaks: the user that the kernel names, and on whose word, if they say so."""
    other = said(request, "by")
    return peer.name if other in {"", peer.name} else f"{peer.name} for {other}"


def said(request: Request, name: str) -> str:
    """Return a short text of a request, empty where there is none.

    Raises:
        ConfigError: it is too long, or cannot be printed.
    """
    text = str(request.get(name) or "")
    if len(text) > LONGEST or not text.isprintable():
        raise ConfigError(f"{name} must be a printable text of at most {LONGEST} characters")
    return text
