"""The regular hours of the exchange, as a filter over whole columns of times."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import numpy as np

from fillpath.core.units import moment, nanoseconds
from fillpath.data.files.checks import Flags, Integers
from fillpath.data.files.table import Table

_DAY = timedelta(days=1)


class SessionHours(Protocol):
    """The regular hours of one trading day."""

    @property
    def date(self) -> date:
        """Return the day on the exchange's own clock."""
        ...

    @property
    def open_ns(self) -> int:
        """Return nanoseconds UTC of the open."""
        ...

    @property
    def close_ns(self) -> int:
        """Return nanoseconds UTC of the close."""
        ...


class TradingCalendar(Protocol):
    """What the loaders need to know of a session calendar."""

    @property
    def first(self) -> date:
        """Return the first day that the calendar knows."""
        ...

    @property
    def last(self) -> date:
        """Return the last day that the calendar knows."""
        ...

    def sessions_between(self, first: date, last: date) -> Sequence[SessionHours]:
        """Return the sessions from ``first`` to ``last``, both included, oldest first."""
        ...


class Hours:
    """The sessions around the times of one column.

    Args:
        calendar: the exchange's calendar.
        stamps: nanoseconds UTC, all within the calendar; may be empty.
    """

    def __init__(self, calendar: TradingCalendar, stamps: Integers) -> None:
        sessions: Sequence[SessionHours] = ()
        if stamps.size:
            # A day more on both sides, because the day in New York is not the day in UTC.
            first = moment(int(stamps.min())).date() - _DAY
            last = moment(int(stamps.max())).date() + _DAY
            sessions = calendar.sessions_between(
                max(first, calendar.first), min(last, calendar.last)
            )
        self._opens = np.array([session.open_ns for session in sessions], dtype=np.int64)
        self._closes = np.array([session.close_ns for session in sessions], dtype=np.int64)

    def hold(self, stamps: Integers) -> Flags:
        """Return which moments lie in regular hours, the open and the close included."""
        if not bool((stamps[1:] >= stamps[:-1]).all()):
            return self.meet(stamps, stamps, touching=True)
        held = np.zeros(stamps.size, dtype=np.bool_)
        starts = np.searchsorted(stamps, self._opens, side="left").tolist()
        ends = np.searchsorted(stamps, self._closes, side="right").tolist()
        for start, end in zip(starts, ends, strict=True):
            held[start:end] = True
        return held

    def meet(self, starts: Integers, ends: Integers, *, touching: bool = False) -> Flags:
        """Return which intervals share time with regular hours.

        Args:
            starts: nanoseconds UTC.
            ends: nanoseconds UTC, not before their starts.
            touching: a shared end point is enough.
        """
        if not self._opens.size:
            return np.zeros(starts.size, dtype=np.bool_)
        index = np.searchsorted(self._closes, starts, side="left" if touching else "right")
        opens = self._opens[np.minimum(index, self._opens.size - 1)]
        reached = ends >= opens if touching else ends > opens
        met: Flags = (index < self._opens.size) & reached
        return met


def check_range(table: Table, name: str, stamps: Integers, calendar: TradingCalendar) -> None:
    """Mark the rows whose time lies outside the calendar."""
    start, end = _midnight(calendar.first), _midnight(calendar.last + _DAY)
    if stamps.size and stamps.min() >= start and stamps.max() < end:
        return
    table.checks.fail(
        (stamps < start) | (stamps >= end),
        "out_of_range",
        lambda row: (
            f"{name} must lie from {calendar.first} to {calendar.last}, "
            f"got {moment(int(stamps[row])):%Y-%m-%d}"
        ),
    )


def _midnight(day: date) -> int:
    return nanoseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


__all__ = ["Hours", "SessionHours", "TradingCalendar", "check_range"]
