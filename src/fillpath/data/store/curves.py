"""The equity of an account over time, with no more points than a chart can show."""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select

from fillpath.core.listings import EquityPoint
from fillpath.data.store import schema
from fillpath.data.store.engines import transaction
from fillpath.data.store.reader import SqlReader

_TABLE: Final = schema.portfolio_snapshots
_SHOWN: Final = ("ts", "equity", "cash", "realized_pnl")


async def equity(
    reader: SqlReader,
    account: str,
    since: datetime | None = None,
    until: datetime | None = None,
    points: int = 1_000,
) -> list[EquityPoint]:
    """Return the equity curve, oldest first.

    Of more snapshots than points every so manyth is taken, and the last one always; the drawdown
    counts from the first point that is shown.

    Raises:
        Unavailable: the database cannot be reached.
    """
    conditions = [_TABLE.c.account == account]
    conditions += [] if since is None else [_TABLE.c.ts >= since]
    conditions += [] if until is None else [_TABLE.c.ts < until]
    place = func.row_number().over(order_by=(_TABLE.c.ts, _TABLE.c.sequence)).label("place")
    every = select(*(_TABLE.c[name] for name in _SHOWN), place).where(*conditions).subquery()
    async with transaction(reader.engine, writes=False) as connection:
        count = await connection.scalar(select(func.count()).select_from(_TABLE).where(*conditions))
        if not count:
            return []
        step = max(math.ceil(count / (points - 1)), 1)
        asked = select(every).where(((every.c.place - 1) % step == 0) | (every.c.place == count))
        found = list((await connection.execute(asked.order_by(every.c.place))).mappings())
    return list(_drawn(found))


def _drawn(rows: Iterable[Any]) -> Iterator[EquityPoint]:
    highest = Decimal(0)
    for row in rows:
        highest = max(highest, row["equity"])
        fallen = float((highest - row["equity"]) / highest) if highest > 0 else 0.0
        yield EquityPoint(**{name: row[name] for name in _SHOWN}, drawdown_share=fallen)


__all__ = ["equity"]
