"""Hold trading while the market data of everything in use is silent, and let it go with a quote.

A feed that died says nothing at all, so its silence is looked for and not waited for. One symbol
that is quiet while others speak is no dead feed: what rests in it is watched by its own quote.
"""

from collections.abc import Callable

from fillpath.core.events import MarketView, TradingHeld, TradingReleased
from fillpath.core.units import NANOSECONDS
from fillpath.execution.desk.latching import waiting
from fillpath.execution.desk.state import DeskState
from fillpath.risk.circuit_breaker import STALE_DATA, silence
from fillpath.service.guards import Verdict
from fillpath.service.hours import Hours

EVERY_NS = NANOSECONDS
"""How often the quotes are looked at while they come."""


def in_use(state: DeskState) -> set[str]:
    """Return every symbol that is held or worked, or in which something waits."""
    book = state.book
    return {*book.holdings, *book.buying, *book.selling, *waiting(state)}


class DataWatch:
    """Say when trading is to be held for want of market data, and when it may go on.

    Args:
        hours: when the session is open; while it is closed nobody has to speak.
        view: what is known of a symbol's market.
    """

    def __init__(self, hours: Hours, view: Callable[[str], MarketView]) -> None:
        self._hours = hours
        self._view = view
        self._open_since = 0
        self._day = 0
        self._looked_at = 0

    def verdict(self, now: int, state: DeskState, most_ns: int) -> Verdict:
        """Return what follows from the quotes as they are.

        Args:
            now: nanoseconds UTC.
            state: of the desk.
            most_ns: how long all quotes may be silent.
        """
        self._follow_hours(now)
        held = STALE_DATA in state.holds
        if not self._open_since or (not held and 0 <= now - self._looked_at < EVERY_NS):
            return None
        self._looked_at = now
        symbols = in_use(state)
        newest = max((self._view(symbol).quote_at or 0 for symbol in symbols), default=now)
        if held:
            if now - newest > most_ns:
                return None
            return TradingReleased(now, STALE_DATA, "market data")
        trip = silence(now, newest, self._open_since, most_ns)
        return None if trip is None else TradingHeld(now, STALE_DATA, trip.text)

    def _follow_hours(self, now: int) -> None:
        """Note since when the session is open; an engine that slept through a night begins anew."""
        if self._hours.closes_at(now) is None:
            self._open_since = 0
            return
        day = self._hours.day(now)
        if not self._open_since or day != self._day:
            self._open_since, self._day = now, day


__all__ = ["DataWatch", "in_use"]
