"""Historical bars: what to ask for, how often one may, and what the answer says.

Pacing as the vendor states it for its API: no identical request within 15 seconds, fewer than six
requests for one contract within two, no more than 60 within ten minutes, 50 open at once
(interactivebrokers.github.io/tws-api/historical_limitations.html). Its note that bars of a minute
and longer are freed of this is not relied on.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from fillpath.core.errors import ModelError, Refused
from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.heard import BarShown
from fillpath.ibkr.ticking import TRIGGER, price_of, size_of

SESSIONS: Final = 20
"""An average over fewer sessions is none."""
DAILY: Final = "1 day"
MINUTES: Final = "1 min"

_WINDOW_NS: Final = 600 * NANOSECONDS
_MOST_IN_WINDOW: Final = 55
"""Five below the vendor's 60: another program of the same login may ask as well."""
_SAME_NS: Final = 16 * NANOSECONDS
_CONTRACT_NS: Final = 2 * NANOSECONDS
_MOST_OF_CONTRACT: Final = 5
_DAY_DIGITS: Final = 8
_PAIR: Final = 2
_HUNDREDTH: Final = Decimal("0.01")


class DayBar(Struct, frozen=True, kw_only=True):
    """What traded in the regular hours of one day, in shares and dollars of that answer.

    Args:
        day: the exchange's date.
        open: first price.
        high: highest price.
        low: lowest price.
        close: last price.
        volume: shares.
    """

    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class MinuteBar(Struct, frozen=True, kw_only=True):
    """What traded in one minute that began at ``at``; prices in dollars, the volume in shares."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class HistoryPace:
    """Says how long a request must wait so that the vendor's limits are kept."""

    def __init__(self) -> None:
        self._asked: deque[tuple[int, str, str]] = deque()

    def wait(self, contract: str, request: str, now: int) -> int:
        """Return nanoseconds until the request may leave, 0 when it may now.

        Args:
            contract: names what it is about.
            request: names all of it; an equal one is a repetition.
            now: nanoseconds UTC.
        """
        while self._asked and self._asked[0][0] <= now - _WINDOW_NS:
            self._asked.popleft()
        waits = [0]
        if len(self._asked) >= _MOST_IN_WINDOW:
            waits.append(self._asked[-_MOST_IN_WINDOW][0] + _WINDOW_NS - now)
        same = [at for at, _, known in self._asked if known == request]
        if same:
            waits.append(same[-1] + _SAME_NS - now)
        of_contract = [at for at, known, _ in self._asked if known == contract]
        if len(of_contract) >= _MOST_OF_CONTRACT:
            waits.append(of_contract[-_MOST_OF_CONTRACT] + _CONTRACT_NS - now)
        return max(waits)

    def take(self, contract: str, request: str, now: int) -> None:
        """Count a request that leaves."""
        self._asked.append((now, contract, request))


def days_of(bars: Iterable[BarShown], before: date) -> list[DayBar]:
    """Return the whole sessions before a day, oldest first, each once.

    A bar that cannot be (no price, or a high below its low) is left out: it counts for no session.

    Raises:
        ModelError: a bar has a time that cannot be read, so that nothing of it can be trusted.
    """
    days: dict[date, DayBar] = {}
    for bar in bars:
        day = day_of(bar.stamp)
        values = _values(bar)
        if day < before and values is not None:
            open_, high, low, close, volume = values
            days[day] = DayBar(day=day, open=open_, high=high, low=low, close=close, volume=volume)
    return [days[day] for day in sorted(days)]


def minutes_of(bars: Iterable[BarShown]) -> list[MinuteBar]:
    """Return the bars that can be, oldest first, each once.

    Raises:
        ModelError: a bar has a time that cannot be read.
    """
    minutes: dict[datetime, MinuteBar] = {}
    for bar in bars:
        at = moment_of(bar.stamp)
        values = _values(bar)
        if values is not None:
            open_, high, low, close, volume = values
            minutes[at] = MinuteBar(
                at=at, open=open_, high=high, low=low, close=close, volume=volume
            )
    return [minutes[at] for at in sorted(minutes)]


def average_volume(symbol: str, days: Sequence[DayBar]) -> Decimal:
    """Return the average daily volume of the last 20 sessions in shares, rounded down to cents.

    Raises:
        Refused: there are fewer, or nothing traded in them.
    """
    if len(days) < SESSIONS:
        raise Refused("ADV_MISSING", f"{symbol} has {len(days)} daily bars, {SESSIONS} are needed")
    total = sum((bar.volume for bar in days[-SESSIONS:]), Decimal(0))
    if not total:
        raise Refused("ADV_MISSING", f"{symbol} did not trade in {SESSIONS} sessions")
    return (total / SESSIONS).quantize(_HUNDREDTH, ROUND_DOWN)


def fell_far(days: Sequence[DayBar]) -> bool:
    """Return whether the last session fell by a tenth below the close before it.

    A short-sale restriction that begins so lasts through the session after (Regulation SHO, 201).
    """
    if len(days) < _PAIR:
        return False
    return days[-1].low <= days[-2].close * TRIGGER


def day_of(stamp: str) -> date:
    """Return the day of a daily bar.

    Raises:
        ModelError: not eight digits of a date.
    """
    try:
        return datetime.strptime(stamp[:_DAY_DIGITS], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise ModelError(f"a bar's day must be like 20260302, got {stamp!r}") from None


def moment_of(stamp: str) -> datetime:
    """Return the moment at which a bar begins: seconds since 1970, or date, time and zone.

    Raises:
        ModelError: neither, or a time without its zone.
    """
    words = stamp.split()
    try:
        if stamp.isascii() and stamp.isdigit() and len(stamp) > _DAY_DIGITS:
            return datetime.fromtimestamp(int(stamp), UTC)
        day, clock, zone = words
        local = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007  # the zone is the third word
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise ModelError(
            f"a bar's time must be seconds, or a time with zone, got {stamp!r}"
        ) from None


def _values(bar: BarShown) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal] | None:
    open_, high, low = price_of(bar.open), price_of(bar.high), price_of(bar.low)
    close, volume = price_of(bar.close), size_of(bar.volume)
    if open_ is None or high is None or low is None or close is None or volume is None:
        return None
    if not low <= min(open_, close) <= max(open_, close) <= high:
        return None
    return open_, high, low, close, volume


__all__ = [
    "DAILY",
    "MINUTES",
    "SESSIONS",
    "DayBar",
    "HistoryPace",
    "MinuteBar",
    "average_volume",
    "day_of",
    "days_of",
    "fell_far",
    "minutes_of",
    "moment_of",
]
