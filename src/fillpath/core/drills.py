"""A practised kill: how long each step took."""

from datetime import datetime

from msgspec import Struct


class Drill(Struct, frozen=True, kw_only=True):
    """How long a practised kill took, in milliseconds since it was asked for.

    Args:
        at: when.
        by: who practised.
        where: what was stopped.
        mode: LIVE, PAPER, STUB or SIMULATED.
        orders: how many orders worked.
        latch_ms: until the latch was durable; from then on no order leaves.
        gate_ms: until the desk had stopped; None when it had not.
        cancel_ms: until the last cancel was sent; None when there was none.
        confirmed_ms: until the last order was gone; None when there was none, or some are left.
        unconfirmed: orders that were not gone when the time was up.
    """

    at: datetime
    by: str
    where: str
    mode: str
    orders: int
    latch_ms: float
    gate_ms: float | None
    cancel_ms: float | None
    confirmed_ms: float | None
    unconfirmed: tuple[str, ...] = ()


__all__ = ["Drill"]
