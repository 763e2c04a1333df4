"""When a contract trades, from the gateway's own text of its liquid hours.

The text holds a few days, such as ``20261123:0930-20261123:1600;20261126:CLOSED``, in a zone that is
told beside it. A day that cannot be read is left out: nobody knows of it then.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fillpath.core.auctions import Day
from fillpath.core.units import nanoseconds

_SPAN: Final = re.compile(r"(\d{8}):(\d{4})-(?:(\d{8}):)?(\d{4})", re.ASCII)
NOBODY_KNOWS: Final = Day(0, 0)


def sessions(text: str, zone: str) -> tuple[Day, ...]:
    """Return the sessions that the gateway told, earliest first; none without a known zone.

    Args:
        text: ``liquid_hours`` of a contract.
        zone: ``time_zone`` of it, such as US/Eastern.
    """
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return ()
    return tuple(sorted(_read(text, place), key=lambda day: day.opens_at))


def session_of(days: tuple[Day, ...], at: int) -> Day:
    """Return the session that runs at ``at`` nanoseconds or is the next; zeros where unknown."""
    return next((day for day in days if day.closes_at > at), NOBODY_KNOWS)


def _read(text: str, place: ZoneInfo) -> Iterator[Day]:
    for part in text.split(";"):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            continue
        date, opens, last, closes = found.groups()
        try:
            day = Day(_moment(date, opens, place), _moment(last or date, closes, place))
        except ValueError:
            continue
        if day.opens_at < day.closes_at:
            yield day


def _moment(date: str, time: str, place: ZoneInfo) -> int:
    return nanoseconds(datetime.strptime(date + time, "%Y%m%d%H%M").replace(tzinfo=place))


__all__ = ["NOBODY_KNOWS", "session_of", "sessions"]
