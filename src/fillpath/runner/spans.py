"""Which interval a moment belongs to, by the sessions of the exchange."""

from datetime import timedelta
from typing import Final

from fillpath.core.units import NANOSECONDS
from fillpath.scheduling.calendar import ExchangeCalendar
from fillpath.strategy.bar_making import Span, SpanOf, even_spans
from fillpath.strategy.declared import DAY

RTH: Final = "rth"


def spans_of(length: timedelta, session: str) -> SpanOf:
    """Return the intervals of bars.

    Args:
        length: of a bar; a day stands for a whole session.
        session: ``rth`` for regular hours, counted from each open; anything else for all hours,
            counted from midnight UTC.
    """
    nanoseconds = int(length.total_seconds() * NANOSECONDS)
    if session != RTH:
        return even_spans(nanoseconds)
    calendar = ExchangeCalendar()

    def span(at: int) -> Span | None:
        found = calendar.session_at(at)
        if found is None or at >= found.close_ns:
            return None
        if length == DAY:
            return found.open_ns, found.close_ns
        start = at - (at - found.open_ns) % nanoseconds
        return start, min(start + nanoseconds, found.close_ns)

    return span


__all__ = ["RTH", "spans_of"]
