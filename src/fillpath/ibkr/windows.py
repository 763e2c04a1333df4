"""When the gateway is known to be away: its daily restart, the weekly login, the vendor's nights."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fillpath.core.units import moment, nanoseconds
from fillpath.ibkr.policy import Window


def window_at(windows: tuple[Window, ...], at: int) -> tuple[Window, int] | None:
    """Return the window that a moment lies in, with its end; of several, the one that ends last.

    Args:
        windows: all of them.
        at: nanoseconds UTC.
    """
    there = [
        (end, window)
        for window in windows
        for start, end in _around(window, moment(at))
        if start <= at < end
    ]
    if not there:
        return None
    end, window = max(there, key=_end_of)
    return window, end


def expected_until(windows: tuple[Window, ...], at: int) -> int:
    """Return until when an outage at a moment is no surprise: the moment itself, or later.

    Args:
        windows: that may follow each other.
        at: nanoseconds UTC.
    """
    while found := window_at(windows, at):
        at = found[1]
    return at


def _end_of(found: tuple[int, Window]) -> int:
    return found[0]


def _around(window: Window, at: datetime) -> Iterator[tuple[int, int]]:
    """Yield the occurrences that may hold a moment: that of its day and of the day before."""
    zone = ZoneInfo(window.zone)
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        if window.weekday in {None, day.weekday()}:
            start = nanoseconds(datetime.combine(day, window.start, zone))
            yield start, start + window.minutes * 60 * 10**9


__all__ = ["expected_until", "window_at"]
