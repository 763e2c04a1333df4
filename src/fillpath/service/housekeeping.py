"""The jobs that every account has: value what is held, and ask the broker how the account stands."""

from collections.abc import Awaitable, Callable
from typing import Final

from fillpath.core.jobs import Every
from fillpath.service.jobs import Job
from fillpath.service.live import Live

SNAPSHOT: Final = "snapshot"
RECONCILE: Final = "reconcile"
MINUTE: Final = 60

Reconcile = Callable[[], Awaitable[tuple[str, ...]]]


def snapshot_job(live: Live, seconds: int) -> Job:
    """Return the job that values the account at its marks; the breakers look at it then, too.

    Args:
        live: the account's engine.
        seconds: from one snapshot to the next.
    """

    async def act(_due: int) -> str:
        holdings = live.desk.state.book.holdings
        if not holdings:
            return "nothing is held"
        await live.value()
        return f"{len(holdings)} positions valued"

    return Job(
        name=SNAPSHOT,
        meaning="value what is held, for the equity curve and the breakers",
        schedule=Every(seconds),
        act=act,
        limit_seconds=MINUTE,
    )


def reconcile_job(reconcile: Reconcile, seconds: int) -> Job:
    """Return the job that compares the account with the broker, beside the rounds of its own.

    Args:
        reconcile: asks the broker, and returns what differs.
        seconds: from one round to the next.
    """

    async def act(_due: int) -> str:
        differences = await reconcile()
        if not differences:
            return "broker and journal agree"
        return f"{len(differences)} differences: {'; '.join(differences)}"

    return Job(
        name=RECONCILE,
        meaning="compare orders, positions and cash with the broker",
        schedule=Every(seconds),
        act=act,
        limit_seconds=2 * MINUTE,
    )


__all__ = ["RECONCILE", "SNAPSHOT", "reconcile_job", "snapshot_job"]
