"""Hold trading while nobody hears of what is critical: no channel took it, and nobody acknowledged it.

An engine that cannot call for help must not take new risk. It goes on as soon as one channel takes
the message, a person acknowledges it, or what it told of is over.
"""

import asyncio
from pathlib import Path
from typing import Final

from fillpath.core.errors import Unavailable
from fillpath.core.events import TradingHeld, TradingReleased
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.book import AlertBook
from fillpath.service.guards import Verdict
from fillpath.service.live import Live

UNHEARD: Final = "ALERTS_UNHEARD"
LOOK_SECONDS: Final = 5.0


def unheard_verdict(now: int, why: str, *, held: bool) -> Verdict:
    """Return what follows from a critical alert that nobody has heard of.

    Args:
        now: nanoseconds UTC.
        why: which one; empty when there is none.
        held: whether trading is held for it already.
    """
    if why:
        return None if held else TradingHeld(now, UNHEARD, why)
    return TradingReleased(now, UNHEARD, "alerts are heard again") if held else None


class Unheard:
    """Look at the book of alerts now and then.

    Args:
        live: the engine.
        folder: where the book is.
        most_ns: how long a critical alert may be unheard, nanoseconds.
    """

    def __init__(self, live: Live, folder: Path, most_ns: int) -> None:
        self._live = live
        self._folder = folder
        self._most_ns = most_ns
        self._read_at = live.parts.clock.nanoseconds()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once, and let the engine know what follows."""
        live = self._live
        now = live.parts.clock.nanoseconds()
        why = await asyncio.to_thread(self._why, now)
        verdict = unheard_verdict(now, why, held=UNHEARD in live.desk.state.holds)
        if verdict is not None:
            live.engine.offer(verdict)
            live.wake()

    def _why(self, now: int) -> str:
        try:
            with AlertBook(self._folder) as book:
                alert = book.unheard(self._live.parts.account, now - self._most_ns)
        except Unavailable as error:
            # A book that is busy for a moment proves nothing; one that stays away tells nobody.
            return str(error) if now - self._read_at > self._most_ns else ""
        self._read_at = now
        if alert is None:
            return ""
        seconds = self._most_ns // NANOSECONDS
        return (
            f"alert {alert.number} ({alert.code}) reached no channel within {seconds} s: look at "
            "fillpath alerts channels, or acknowledge it"
        )


__all__ = ["UNHEARD", "Unheard", "unheard_verdict"]
