"""A year of minute bars and the orders on them, the same for every system that knows bars.

Each bar opens where the one before closed. So an order that is sent when a bar ends fills at one
price, whether a system takes the close of that bar or the open of the next.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.inputs import FIRST_BID_CENTS, LOWEST_BID_CENTS, SEED

SYMBOL = "B00"
MINUTE_NS = 60_000_000_000
BARS_PER_SESSION = 390
ORDERS_PER_SESSION = 20
FIRST_ORDER = 9  # the bar of a session that its first order answers
GAP = 19
VOLUME = 10_000
STEPS = (-3, -2, -1, 0, 1, 2, 3)
WICKS = (0, 1, 2)
FIRST_DAY = date(2024, 1, 2)
OPEN = datetime.combine(FIRST_DAY, time(9, 30), ZoneInfo("America/New_York"))
WEEKDAYS = 5
SHORT_OR_CLOSED = {
    date(2024, *day)
    for day in (
        (1, 15),
        (2, 19),
        (3, 29),
        (5, 27),
        (6, 19),
        (7, 3),
        (7, 4),
        (9, 2),
        (11, 28),
        (11, 29),
        (12, 24),
        (12, 25),
    )
} | {date(2025, 1, 1)}
"""Days from Monday to Friday without a whole session, as far as a plan may reach."""


@dataclass(frozen=True, kw_only=True)
class BarPlan:
    """Say how much work one folder of bars holds.

    Attributes:
        sessions: whole sessions of 390 bars.
        trading: sessions with orders, the first ones; 20 in each, buys and sells in turn.
        quantity: shares of each order.
    """

    sessions: int
    trading: int
    quantity: int = 10

    @property
    def quotes(self) -> int:
        """Return the number of bars, which are this work's quotes."""
        return self.sessions * BARS_PER_SESSION

    @property
    def orders(self) -> int:
        """Return the number of orders."""
        return self.trading * ORDERS_PER_SESSION

    @property
    def position(self) -> int:
        """Return what is held at the end: the last order buys once more instead of selling."""
        return 2 * self.quantity


@dataclass(frozen=True)
class BarColumns:
    """Hold the bars as columns of 64-bit integers; ``ts`` is the start of each."""

    ts: array[int]
    open: array[int]
    high: array[int]
    low: array[int]
    close: array[int]
    order_row: array[int]
    order_side: array[int]
    order_quantity: array[int]


def build(plan: BarPlan) -> BarColumns:
    """Return the columns of one plan; the same plan always gives the same columns."""
    chance = random.Random(SEED)  # noqa: S311  # a reproducible walk, no secret
    count = plan.quotes
    closes = array("q", walk(chance.choices(STEPS, k=count)))
    opens = array("q", [FIRST_BID_CENTS, *closes[:-1]])
    above, below = chance.choices(WICKS, k=count), chance.choices(WICKS, k=count)
    sides = [1, -1] * (plan.orders // 2)
    sides[-1:] = [1]
    return BarColumns(
        ts=array("q", (at for day in days(plan.sessions) for at in minutes(day))),
        open=opens,
        high=array("q", (max(pair) + up for *pair, up in zip(opens, closes, above, strict=True))),
        low=array(
            "q", (min(pair) - down for *pair, down in zip(opens, closes, below, strict=True))
        ),
        close=closes,
        order_row=array("q", rows(plan)),
        order_side=array("q", sides),
        order_quantity=array("q", [plan.quantity]) * plan.orders,
    )


def walk(steps: list[int]) -> Iterator[int]:
    """Yield the close of each bar in cents, never below half of the first price."""
    level = FIRST_BID_CENTS
    for step in steps:
        level = max(LOWEST_BID_CENTS, level + step)
        yield level


def days(count: int) -> list[date]:
    """Return the first days with a whole session."""
    later = (FIRST_DAY + timedelta(days=number) for number in range(2 * count + 10))
    whole = (day for day in later if day.weekday() < WEEKDAYS and day not in SHORT_OR_CLOSED)
    return list(islice(whole, count))


def minutes(day: date) -> range:
    """Return the start of every minute of a session in nanoseconds UTC."""
    opened = datetime.combine(day, OPEN.time(), OPEN.tzinfo)
    start = int(opened.timestamp()) * 1_000_000_000
    return range(start, start + BARS_PER_SESSION * MINUTE_NS, MINUTE_NS)


def rows(plan: BarPlan) -> Iterator[int]:
    """Yield the bar that each order answers; never the last of a session."""
    for session in range(plan.trading):
        first = session * BARS_PER_SESSION + FIRST_ORDER
        yield from range(first, first + ORDERS_PER_SESSION * GAP, GAP)


def write(plan: BarPlan, target: Path) -> BarColumns:
    """Write one plan into the folder ``target``, in the layout of ``benchmarks.inputs``."""
    target.mkdir(parents=True, exist_ok=True)
    columns = build(plan)
    for column in fields(BarColumns):
        values: array[int] = getattr(columns, column.name)
        (target / f"{column.name}.i64").write_bytes(values.tobytes())
    facts = {"symbol": SYMBOL, "volume": VOLUME, "minute_ns": MINUTE_NS, "seed": SEED}
    (target / "bars.json").write_text(json.dumps(facts, indent=2), "utf-8")
    return columns
