"""People who answer what they are asked: mostly yes, sometimes no, sometimes twice, or too late."""

from random import Random
from typing import Final

from fillpath.core.events import ApprovalDeclined, ApprovalGiven
from fillpath.service.live import Live

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


__all__ = ["answer"]
