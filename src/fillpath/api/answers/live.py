"""What live updates carry."""

from datetime import datetime

from msgspec import Struct

from fillpath.core.rows import Row


class RowTold(Struct, frozen=True):
    """A row as it stands: the data of order, fill, signal, decision, position, snapshot and so on.

    Args:
        sequence: number of the journal record that made it so.
        row: as it stands; it replaces the one with the same key.
    """

    sequence: int
    row: Row


class PendingTold(Struct, frozen=True):
    """The orders that wait for a person: the data of approval.

    Args:
        order_ids: every one of them, oldest first.
    """

    order_ids: list[str]


class PlaceTold(Struct, frozen=True, kw_only=True):
    """How far the updates are: the data of heartbeat, reset and dropped.

    Args:
        at: when this was told.
        through: every row of records up to this one was told, or must be read.
        text: why, for a person; empty for a heartbeat.
    """

    at: datetime
    through: int
    text: str = ""


__all__ = ["PendingTold", "PlaceTold", "RowTold"]
