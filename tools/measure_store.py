"""Measure how fast a store is fed from a journal, and how long other work waits meanwhile.

    python3 dev.py python tools/measure_store.py URL [SIGNALS] [BATCH]

URL names an empty database. The records are those of an account that trades (see
``tests/integration/trading_records.py``); the feeder, the fold and the store are the real ones. The
longest turn is the longest time of its processor that the event loop did nothing else: a shared
machine that gives the processor to others does not count.
"""  # noqa: INP001  # a program, not a package

import asyncio
import gc
import sys
import time
from typing import Final

from fillpath.core.commands import Intent
from fillpath.core.events import Event
from fillpath.data.codec import Record
from fillpath.data.store.feeding import BATCH, Feeder, StoreDestination
from fillpath.data.store.sql_store import SqlStore
from fillpath.execution.policy import DeskPolicy
from fillpath.execution.projecting import Projector
from fillpath.runtime.clock import SystemClock
from tests.integration.trading_records import ACCOUNT, trading_records

SIGNALS: Final = 10_000
_PAUSE: Final = 0.002


class ListTail:
    """Read a journal that is a list."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._read = 0

    def read(self, limit: int) -> list[tuple[int, Event | Intent]]:
        """Return the next records with their numbers."""
        found = list(enumerate(self._records[self._read : self._read + limit], self._read))
        self._read += len(found)
        return found


async def turns(longest: list[float], done: asyncio.Event) -> None:
    """Note the time of the longest turn that others took."""
    while not done.is_set():
        before = time.thread_time()
        await asyncio.sleep(_PAUSE)
        longest[0] = max(longest[0], time.thread_time() - before)


async def measured(url: str, records: list[Record], batch: int) -> tuple[float, float, float, str]:
    """Return the seconds and processor seconds of feeding, those of the longest turn, the tier."""
    store = SqlStore(url)
    await store.start()
    feeder = Feeder(
        StoreDestination(store, ACCOUNT),
        lambda: ListTail(records),
        lambda: Projector(DeskPolicy()).take,
        SystemClock(),
        batch=batch,
    )
    longest, done = [0.0], asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(turns(longest, done))
        start, busy = time.perf_counter(), time.process_time()
        await feeder.carry_all()
        spent, busy = time.perf_counter() - start, time.process_time() - busy
        done.set()
    tier = await store.tier()
    await store.close()
    return spent, busy, longest[0], tier


def main(url: str, signals: int = SIGNALS, batch: int = BATCH) -> None:
    """Print the rates."""
    records = trading_records(signals)
    projector = Projector(DeskPolicy())
    rows = sum(len(projector.take(n, record)) for n, record in enumerate(records))
    gc.collect()
    gc.freeze()  # as the engine does: the records of this measurement are nobody's to look through
    spent, busy, longest, tier = asyncio.run(measured(url, records, batch))
    sys.stdout.write(
        f"{tier}: {len(records):,} records, {rows:,} rows in {spent:.2f} s: "
        f"{len(records) / spent:,.0f} records/s, {rows / spent:,.0f} rows/s; "
        f"{busy:.2f} s of processor; longest turn {longest * 1000:.1f} ms; batches of {batch}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
