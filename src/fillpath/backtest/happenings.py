"""Splits and dividends of a recording: before the open of which recorded day each takes effect."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from fillpath.core.events import DividendPaid, SplitApplied
from fillpath.data.files.split import Dividend, Split
from fillpath.execution.broker.simulated_broker import SimulatedBroker
from fillpath.execution.desk import Desk

MICROSECOND_NS: Final = 1_000
Happening = Split | Dividend
Timed = tuple[int, Happening]
"""When something takes effect, and what."""


def happenings(
    days: Iterable[date], splits: Iterable[Split], dividends: Iterable[Dividend]
) -> dict[date, list[Happening]]:
    """Return what happens before the open of each recorded day, in its order.

    What falls on a day that was not recorded happens before the next one that was; what lies before
    the first recorded day has happened already. On one day dividends come first: they are owed for
    the shares of the close before.
    """
    recorded = sorted(days)
    found: dict[date, list[Happening]] = {}
    every: list[Happening] = [*dividends, *splits]
    for happening in sorted(every, key=lambda one: one.ex_date):
        place = bisect_left(recorded, happening.ex_date)
        if place < len(recorded) and (place or recorded[0] == happening.ex_date):
            found.setdefault(recorded[place], []).append(happening)
    return found


def timed(found: Sequence[Happening], opens_at: int) -> list[Timed]:
    """Return when each of them takes effect: at the open of its day, nanoseconds.

    Of several splits of one symbol each takes effect a microsecond before the next: everywhere a
    split is known by its symbol and its moment.
    """
    later: Counter[str] = Counter()
    moments: list[Timed] = []
    for happening in reversed(found):
        at = opens_at
        if isinstance(happening, Split):
            at -= later[happening.symbol] * MICROSECOND_NS
            later[happening.symbol] += 1
        moments.append((at, happening))
    return moments[::-1]


def new_fact(happening: Happening, desk: Desk, at: int) -> bool:
    """Return whether a desk that may have been recovered has not heard of it."""
    if isinstance(happening, Split):
        known = desk.state.splits.get(happening.symbol, ())
        return all(split.at != at for split in known)
    last = desk.state.dividends.get(happening.symbol, "")
    return happening.ex_date.isoformat() > last


def fact_of(happening: Happening, broker: SimulatedBroker, at: int) -> SplitApplied | DividendPaid:
    """Return what the desk is told; a dividend is paid by the broker at once."""
    if isinstance(happening, Split):
        return SplitApplied(at, happening.symbol, happening.new_shares, happening.old_shares)
    quantity = broker.pay_dividend(happening.symbol, happening.per_share)
    return DividendPaid(
        at, happening.symbol, quantity, happening.per_share, happening.ex_date.isoformat()
    )
