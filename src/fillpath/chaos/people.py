"""People who answer what they are asked: mostly yes, sometimes no, sometimes twice, or too late."""

from random import Random
from typing import Final

from fillpath.core.events import ApprovalDeclined, ApprovalGiven
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.watching import BY as BREAKER
from fillpath.service.live import Live

_LOOKED_AT_NS: Final = 20 * NANOSECONDS
_SOON_NS: Final = 3 * NANOSECONDS
_ANSWERED: Final = 0.3
"""Chance, each second, that somebody looks at an order that waits."""
_YES: Final = 0.85
_TWICE: Final = 0.3
_PEOPLE: Final = ("ann", "bob")


def answer(live: Live, rng: Random) -> None:
    """Let people say what they say within one second about the orders that wait."""
    if not live.desk.state.approvals:
        return
    now = live.parts.clock.nanoseconds()
    for order_id, waiting in live.desk.state.approvals.items():
        if rng.random() >= _ANSWERED:
            continue
        market = live.engine.view(waiting.event.signal.symbol)
        for by in _PEOPLE if rng.random() < _TWICE else _PEOPLE[:1]:
            if rng.random() < _YES:
                live.engine.offer(ApprovalGiven(now, order_id, by, market))
            else:
                live.engine.offer(ApprovalDeclined(now, order_id, by, "no"))
    live.wake()


def forgive(live: Live, rng: Random, *, soon: bool) -> int:
    """Let people clear breakers once they have looked at them; return how many they cleared."""
    now, cleared = live.parts.clock.nanoseconds(), 0
    for latch in list(live.desk.state.latches):
        waited = now - latch.at >= (_SOON_NS if soon else _LOOKED_AT_NS)
        if latch.by == BREAKER and waited and rng.random() < _ANSWERED:
            live.resume_trading("operator", latch.scope, latch.target)
            cleared += 1
    return cleared


__all__ = ["answer", "forgive"]
