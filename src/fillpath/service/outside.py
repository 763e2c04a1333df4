"""What an engine says of the outside: how fresh its quotes are, and what its broker answered."""

from typing import Any, Final

from fillpath.risk.circuit_breaker import STALE_DATA
from fillpath.service.live import Live
from fillpath.service.reconcile import Auditor
from fillpath.service.status import Part

FEED: Final = "feed"
_NS_PER_MS: Final = 1_000_000


def feed_part(live: Live, kind: str) -> tuple[Part, ...]:
    """Return how the feed is: unhealthy while it is silent about everything in use.

    Args:
        live: the engine.
        kind: what the quotes come from; empty for nothing to tell.
    """
    if not kind:
        return ()
    why = live.desk.state.holds.get(STALE_DATA, "")
    refused = live.parts.market.refusal
    if not live.quoted_at:
        detail = why or refused or "no quote has come yet"
        return (Part(name=FEED, kind=kind, healthy=not why, detail=detail),)
    age = max(live.parts.clock.nanoseconds() - live.quoted_at, 0) // _NS_PER_MS
    return (Part(name=FEED, kind=kind, healthy=not why, detail=why or refused, age_ms=age),)


def compared(auditor: Auditor | None) -> dict[str, Any]:
    """Return what the broker answered when it was last asked; nothing of one in this process."""
    if auditor is None or auditor.answered_at is None:
        return {}
    return {
        "broker_positions": dict(auditor.positions),
        "differences": auditor.differences,
        "reconciled_at": auditor.answered_at,
    }


__all__ = ["FEED", "compared", "feed_part"]
