"""The figures for Prometheus put together: what is counted, and where it can be read."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from fillpath.core.commands import QualityMeasured
from fillpath.core.errors import Unavailable
from fillpath.core.ports import Journal
from fillpath.execution.metrics import cost_bps
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.exposing import Delivered, Page, Sources, metrics_server
from fillpath.monitoring.figures import Figures, TimedJournal
from fillpath.service.account import AccountService
from fillpath.settings import Settings

BOOK_SECONDS: Final = 5.0
MOST_READ: Final = 10_000

Job = Callable[[], Coroutine[Any, Any, None]]


def cost(measured: QualityMeasured) -> float:
    """Return the slippage of an order in basis points."""
    return float(cost_bps(measured.side, measured.expected, measured.value, measured.filled))


def figures_of(settings: Settings) -> Figures | None:
    """Return what counts, None where nobody reads it."""
    return Figures(cost) if settings.metrics.port else None


def timed(journal: Journal, figures: Figures | None) -> Journal:
    """Return a journal whose commits are timed where somebody reads that."""
    return journal if figures is None else TimedJournal(journal, figures, _seconds)


def exposing(
    settings: Settings, figures: Figures | None, service: AccountService
) -> tuple[Job, ...]:
    """Return what answers scrapes beside an engine; nothing where nobody reads."""
    if figures is None:
        return ()
    journal = service.live.parts.journal
    delivered = Delivered()
    sources = Sources(
        figures,
        service.status,
        lambda: journal.pending,
        lambda: journal.emergency,
        delivered,
    )
    server = metrics_server(settings.metrics.port, Page(sources, _seconds))
    folder = Path(settings.engine.folder)
    return server.run, lambda: _follow(folder, delivered)


async def _follow(folder: Path, delivered: Delivered) -> None:
    """Read from the book how alerts are, in a thread, until cancelled."""
    while True:
        with suppress(Unavailable):
            await asyncio.to_thread(_read, folder, delivered)
        await asyncio.sleep(BOOK_SECONDS)


def _read(folder: Path, delivered: Delivered) -> None:
    with AlertBook(folder) as book:
        standing = Counter(str(one.severity) for one in book.listed(standing=True, limit=MOST_READ))
        states = book.channels()
    delivered.standing = {"CRITICAL": 0, "WARNING": 0} | standing
    delivered.failing = {state.name: int(bool(state.failing_since)) for state in states}
    delivered.waiting = {state.name: state.waiting for state in states}


def _seconds() -> float:
    return time.perf_counter()


__all__ = ["cost", "exposing", "figures_of", "timed"]
