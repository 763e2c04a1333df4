"""What the account has, as the routes answer."""

from datetime import datetime

from msgspec import Struct

from fillpath.core.rows import PositionRow, SnapshotRow


class HeldPosition(Struct, frozen=True, kw_only=True):
    """What is held in one symbol, and whether everybody says the same.

    Args:
        position: as the journal has it, valued at the newest price.
        marked_at: when that price was quoted; None where nobody knows one, or its time.
        engine_quantity: shares as the running engine has it; None while it does not answer.
        broker_quantity: shares as the broker said last; None when nobody knows.
        differs: whether two of them differ.
        unprotected: why it is without a stop; empty when it has one, or needs none.
        quarantined: why no order may leave in it; empty when they may.
    """

    position: PositionRow
    marked_at: datetime | None
    engine_quantity: str | None
    broker_quantity: str | None
    differs: bool
    unprotected: str
    quarantined: str


class Portfolio(Struct, frozen=True, kw_only=True):
    """What the account has.

    Args:
        currency: that every amount of the account is in.
        snapshot: the account as it was last; None when nothing is known of it.
        positions: what is held, by symbol.
        stop_keeper: who keeps the protective stops: broker, engine or none.
        reachable: whether the engine answers.
        through: the answer holds every journal record up to this one, -1 for none.
    """

    currency: str
    snapshot: SnapshotRow | None
    positions: list[HeldPosition]
    stop_keeper: str
    reachable: bool
    through: int
