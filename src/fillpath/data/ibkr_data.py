"""Historical bars, average volumes and facts about symbols, from Interactive Brokers.

Each symbol in use is looked up once a day: which contract it is, how it closed, and how much of it
trades. Bars are asked for within the vendor's limits and kept on disk, so that a restart asks for
nothing again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.core.errors import BrokerRefused, FillpathError, ModelError, Refused, Unavailable
from fillpath.core.events import Event
from fillpath.core.markets import ReferenceSeen
from fillpath.core.ports import EngineClock
from fillpath.core.units import NANOSECONDS, moment, price_units
from fillpath.data.bar_files import BarFiles
from fillpath.data.bus.notices import Notice, Tell, tell_nobody
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.contracts import choose, form_of, question
from fillpath.ibkr.heard import BarShown, ContractFound
from fillpath.ibkr.history import (
    DAILY,
    MINUTES,
    SESSIONS,
    DayBar,
    HistoryPace,
    MinuteBar,
    average_volume,
    days_of,
    fell_far,
    minutes_of,
)
from fillpath.ibkr.states import State

DAYS_ASKED: Final = "60 D"
"""Enough for 20 sessions behind any row of holidays, halts and missing days."""
OLDEST_BAR: Final = timedelta(days=10)
"""An average that ends longer ago is none."""
_NEW_YORK: Final = ZoneInfo("America/New_York")
_DAY: Final = timedelta(days=1)
_NO_NUMBERS: Final[Mapping[str, int]] = MappingProxyType({})

Sleep = Callable[[float], Awaitable[None]]


class Learner(Protocol):
    """What the adapter needs of the engine it serves."""

    def learn(self, fact: Event) -> None:
        """Take a fact into the journal with the next turn."""
        ...


class VolumeFeed(Protocol):
    """The feed that goes with the adapter."""

    @property
    def followed(self) -> Collection[str]:
        """Return the symbols in use."""
        ...

    def set_adv(self, symbol: str, shares: Decimal) -> None:
        """Take an average daily volume in shares."""
        ...

    def restrict(self, symbols: Collection[str]) -> None:
        """Take the symbols that may not be sold short at the bid today."""
        ...


class DataPolicy(Struct, frozen=True, kw_only=True):
    """How the adapter behaves; durations are seconds.

    Args:
        folder: where bars are kept.
        con_ids: numbers of reviewed contracts by symbol.
        previous: returns the session before a day; None takes the newest bar for it.
        look_seconds: between two looks for symbols that are new.
        retry_seconds: until what a symbol lacked is asked for again.
    """

    folder: Path
    con_ids: Mapping[str, int] = _NO_NUMBERS
    previous: Callable[[date], date] | None = None
    look_seconds: float = 1
    retry_seconds: float = 600


class IBKRDataAdapter:
    """Look up what a day must know of a symbol before it trades.

    Args:
        connection: with the adapter's own client id, not started yet.
        clock: tells the day.
        policy: how it behaves.
        feed: takes the average volumes and says which symbols are in use.
        tell: takes what a person should know.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        connection: Connection,
        clock: EngineClock,
        policy: DataPolicy,
        feed: VolumeFeed,
        *,
        tell: Tell = tell_nobody,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._policy = policy
        self._feed = feed
        self._tell = tell
        self._sleep = sleep
        self._files = BarFiles(policy.folder)
        self._pace = HistoryPace()
        self._turn = asyncio.Lock()
        self._contracts: dict[str, tuple[date, ContractFound]] = {}
        self._known: dict[str, date] = {}
        self._fallen: dict[str, date] = {}
        self._retry_at: dict[str, int] = {}
        self._told: dict[tuple[str, str], date] = {}
        self._engine: Learner | None = None

    def attach(self, engine: Learner) -> None:
        """Tell an engine what is found out."""
        self._engine = engine

    async def run(self) -> NoReturn:
        """Look up every symbol in use once a day, until cancelled."""
        try:
            try:
                await self._connection.start()
            except Unavailable as error:
                self._tell(Notice("DATA_LOST", str(error)))
            while True:
                if self._connection.state is State.TRADING:
                    await self.look()
                await self._sleep(self._policy.look_seconds)
        finally:
            await self._connection.stop()

    async def look(self) -> None:
        """Look up the symbols in use that today knows nothing of."""
        today, now = self.today(), self._clock.nanoseconds()
        for symbol in list(self._feed.followed):
            if self._known.get(symbol) == today or self._retry_at.get(symbol, 0) > now:
                continue
            try:
                await self.prepare(symbol)
            except FillpathError as error:
                self._retry_at[symbol] = now + int(self._policy.retry_seconds * NANOSECONDS)
                self._missing(symbol, today, error)

    def _missing(self, symbol: str, today: date, error: FillpathError) -> None:
        """Tell what a symbol lacks, once a day."""
        code = error.code if isinstance(error, Refused) else "REFERENCE_MISSING"
        if self._told.get((code, symbol)) != today:
            self._told[code, symbol] = today
            self._tell(Notice(code, f"{symbol}: {error}"))

    async def prepare(self, symbol: str) -> None:
        """Find out what today must know of a symbol, and tell it.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows no such contract, or gives no bars of it.
            Refused: there are fewer than 20 sessions to average.
            ModelError: an answer cannot be read.
        """
        today = self.today()
        reference = await self.reference(symbol)
        if self._engine is not None:
            self._engine.learn(reference)
        days = await self.daily_bars(symbol)
        self._note_fall(symbol, today, days)
        self._feed.set_adv(symbol, self._average(symbol, today, days))
        if reference.prior_close:
            self._known[symbol] = today
            self._retry_at.pop(symbol, None)
            return
        raise Refused("REFERENCE_MISSING", f"no bar of the session before {today} yet")

    async def reference(self, symbol: str) -> ReferenceSeen:
        """Return what a symbol is and how it closed; a close that is not yesterday's is left out.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows no such contract, or several.
            ModelError: an answer cannot be read.
        """
        found = await self.contract(symbol)
        days: Sequence[DayBar] = ()
        with suppress(BrokerRefused):  # without bars the contract is worth knowing all the same
            days = await self.daily_bars(symbol)
        close = self._prior_close(days)
        return ReferenceSeen(
            at=self._clock.nanoseconds(),
            symbol=symbol,
            con_id=found.con_id,
            currency=found.currency,
            exchange=found.primary_exchange,
            tick=price_units(found.min_tick) if found.min_tick else 0,
            prior_close=price_units(close) if close else 0,
        )

    async def contract(self, symbol: str) -> ContractFound:
        """Return the one contract that a symbol means today.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows none, or several.
        """
        today = self.today()
        day, found = self._contracts.get(symbol, (None, None))
        if found is None or day != today:
            con_id = self._policy.con_ids.get(symbol, 0)
            answers = await self._connection.contract(question(symbol, con_id))
            found = choose(symbol, answers, con_id)
            self._contracts[symbol] = (today, found)
        return found

    async def daily_bars(self, symbol: str) -> list[DayBar]:
        """Return the sessions before today as far as 60 days back, oldest first.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows no such contract, or gives no bars of it.
            ModelError: an answer cannot be read.
        """
        today, found = self.today(), await self.contract(symbol)
        kept = self._files.days(symbol, found.con_id, today)
        if kept is not None:
            return kept
        shown = await self._bars(found, end="", duration=DAYS_ASKED, size=DAILY)
        days = days_of(shown, today)
        # Until it is whole it is worth asking again.
        if len(days) >= SESSIONS and self._prior_close(days) is not None:
            await self._keep(partial(self._files.keep_days, symbol, found.con_id, today, days))
        return days

    async def minute_bars(self, symbol: str, day: date) -> list[MinuteBar]:
        """Return the minutes of the regular hours of a day, oldest first; none when it had none.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows no such contract, or gives no bars of it.
            ModelError: an answer cannot be read, or the day lies ahead.
        """
        today, found = self.today(), await self.contract(symbol)
        if day > today:
            raise ModelError(f"day must not be after {today}, got {day}")
        kept = self._files.minutes(symbol, found.con_id, day)
        if kept is not None:
            return kept
        end = f"{day + _DAY:%Y%m%d}-05:00:00"  # UTC; midnight or 1 a.m. in New York
        shown = await self._bars(found, end=end, duration="1 D", size=MINUTES)
        minutes = [one for one in minutes_of(shown) if one.at.astimezone(_NEW_YORK).date() == day]
        if day < today and minutes:
            await self._keep(partial(self._files.keep_minutes, symbol, found.con_id, day, minutes))
        return minutes

    async def get_adv(self, symbol: str) -> Decimal:
        """Return the average daily volume of the last 20 sessions before today, in shares.

        Raises:
            Unavailable: the gateway does not answer.
            BrokerRefused: it knows no such contract, or gives no bars of it.
            Refused: there are fewer, or they ended too long ago.
            ModelError: an answer cannot be read.
        """
        return self._average(symbol, self.today(), await self.daily_bars(symbol))

    def today(self) -> date:
        """Return the day in New York."""
        return moment(self._clock.nanoseconds()).astimezone(_NEW_YORK).date()

    async def _keep(self, write: Callable[[], None]) -> None:
        with suppress(OSError):  # a full disk costs another request, not the answer
            await asyncio.to_thread(write)

    async def _bars(
        self, found: ContractFound, *, end: str, duration: str, size: str
    ) -> tuple[BarShown, ...]:
        contract = str(found.con_id)
        request = f"{contract} {end} {duration} {size}"
        async with self._turn:
            while wait := self._pace.wait(contract, request, self._clock.nanoseconds()):
                await self._sleep(wait / NANOSECONDS)
            self._pace.take(contract, request, self._clock.nanoseconds())
            return await self._connection.bars(
                form_of(found), end=end, duration=duration, size=size
            )

    def _average(self, symbol: str, today: date, days: Sequence[DayBar]) -> Decimal:
        average = average_volume(symbol, days)
        if today - days[-1].day > OLDEST_BAR:
            raise Refused("ADV_MISSING", f"the last daily bar of {symbol} is of {days[-1].day}")
        return average

    def _prior_close(self, days: Sequence[DayBar]) -> Decimal | None:
        """Return the close of the session before today, None when it has not come yet."""
        if not days:
            return None
        previous = self._policy.previous
        expected = previous(self.today()) if previous else days[-1].day
        return days[-1].close if days[-1].day == expected else None

    def _note_fall(self, symbol: str, today: date, days: Sequence[DayBar]) -> None:
        if fell_far(days):
            self._fallen[symbol] = today
        else:
            self._fallen.pop(symbol, None)
        self._feed.restrict([one for one, day in self._fallen.items() if day == today])


__all__ = ["DataPolicy", "IBKRDataAdapter", "Learner", "VolumeFeed"]
