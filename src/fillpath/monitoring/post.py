"""The engine's side of the alerts: hand over what happened, and go on at once.

Writing waits for a disk, so a thread does it. What waits for the thread is bounded; a fact of the
journal that finds no room comes again with the next start, because the place up to which the journal
was taken then stays in front of it.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import Unavailable
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.alerts import OUTSIDE, Fact, fact_of
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.kinds import Severity
from fillpath.monitoring.timing import Rules

MOST_WAITING: Final = 10_000
AGAIN_SECONDS: Final = 1.0
CLOSE_SECONDS: Final = 5.0
FRESH_NS: Final = 86_400 * NANOSECONDS
"""How far back the first start with a journal of its own tells of what happened before."""
OVERFLOW: Final = "ALERTS_OVERFLOW"
STARTED: Final = "ENGINE_STARTED"
LOG_ALONE: Final = frozenset({"UNANSWERED"})
"""Repeats of the pager: the channels have repeats of their own."""

NO_CHANNELS: Final[Mapping[str, Severity]] = MappingProxyType({})

Log = Callable[[RaiseAlarm], None]


class AlertPost:
    """Keep every alarm of one account.

    Args:
        folder: of the engine, where the book is.
        account: whose alarms they are.
        log: tells whoever reads the log, at once.
        now: returns nanoseconds UTC.
        rules: how alerts are gathered.
    """

    def __init__(
        self,
        folder: Path,
        account: str,
        log: Log,
        now: Callable[[], int],
        rules: Rules | None = None,
    ) -> None:
        self.log = log
        self.account = account
        self.trades = False
        self._folder = folder
        self._now = now
        self._rules = rules or Rules()
        self._waiting: deque[Fact] = deque()
        self._position: int | None = None
        self._left_out = False
        self._lost = 0
        self._problem = ""
        self._work = threading.Event()
        self._patience = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    def open(self, channels: Mapping[str, Severity] = NO_CHANNELS) -> None:
        """Begin to write; without room for the file the log alone is told, and says so.

        Args:
            channels: by name the least severe alerts that each is for.
        """
        try:
            with AlertBook(self._folder, self._rules) as book:
                book.register(channels)
        except Unavailable as error:
            self._say(error)
        name = f"alerts-{self.account}"
        self._thread = threading.Thread(target=self._write, name=name, daemon=True)
        self._thread.start()

    def serve(self, account: str, records: int) -> None:
        """Go on where the alarms of an account's journal were taken to.

        Args:
            account: whose journal it is from now on.
            records: how many it has; one that was restored may have fewer than were taken.
        """
        self.account = account
        try:
            with AlertBook(self._folder, self._rules) as book:
                known = book.position(account)
        except Unavailable as error:
            self._say(error)
            return
        self._position = None if known is None else min(known, records - 1)

    def begun(self) -> None:
        """Tell that the engine trades: what had kept it from that is over."""
        self.trades = True
        self.note(STARTED, "it takes signals")

    def note(self, code: str, text: str) -> None:
        """Tell of something that the log says in words of its own."""
        self._hand_over(fact_of(self.account, RaiseAlarm(self._now(), code, text)))

    def page(self, alarm: RaiseAlarm) -> None:
        """Tell of something that no journal holds."""
        self.log(alarm)
        if alarm.code not in LOG_ALONE:
            self._hand_over(fact_of(self.account, alarm))

    def journaled(self, record: int, alarm: RaiseAlarm) -> None:
        """Tell of an alarm that a durable record of the journal led to; known ones are left out."""
        if self._position is None:
            if alarm.at < self._now() - FRESH_NS:
                return
        elif record <= self._position:
            return
        self._hand_over(fact_of(self.account, alarm, record))

    def close(self) -> bool:
        """Write what waits; return whether all of it is written."""
        self._ending = True
        self._work.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        return not self._waiting

    def _hand_over(self, fact: Fact) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._left_out = self._left_out or fact.record != OUTSIDE
            self._lost += 1
            return
        self._waiting.append(fact)
        self._work.set()

    def _write(self) -> None:
        """Write until closed; what cannot be written is tried again."""
        while not (self._ending and not self._waiting):
            self._work.wait(AGAIN_SECONDS)
            self._work.clear()
            if not self._waiting:
                continue
            try:
                with AlertBook(self._folder, self._rules) as book:
                    self._problem = ""
                    self._write_to(book)
            except Unavailable as error:
                self._say(error)
                self._patience.wait(AGAIN_SECONDS)
                self._work.set()

    def _write_to(self, book: AlertBook) -> None:
        while self._waiting:
            facts = list(self._waiting)
            places = [fact.record for fact in facts if fact.record != OUTSIDE]
            moved = {self.account: max(places)} if places and not self._left_out else {}
            book.take([*facts, *self._overflow()], through=moved)
            self._lost = 0
            for _ in facts:
                self._waiting.popleft()

    def _overflow(self) -> list[Fact]:
        if not self._lost:
            return []
        text = f"{self._lost} alerts came while {MOST_WAITING} waited to be written"
        return [Fact(account=self.account, at=self._now(), code=OVERFLOW, text=text)]

    def _say(self, error: Unavailable) -> None:
        """Tell the log once that nothing is kept."""
        if not self._problem:
            self.log(RaiseAlarm(self._now(), "ALERTS_FAILING", f"nothing is kept: {error}"))
        self._problem = str(error)


__all__ = ["FRESH_NS", "MOST_WAITING", "AlertPost", "Log"]
