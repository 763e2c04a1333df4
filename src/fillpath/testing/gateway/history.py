"""Historical bars, and how often one may ask for them."""

import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.testing.gateway.catalogue import Contract
from fillpath.testing.gateway.requests import Request
from fillpath.testing.gateway.wire import Value, stamp

PACING: Final = (
    "Historical Market Data Service error message:Historical data request pacing violation"
)
NO_DATA: Final = "Historical Market Data Service error message:HMDS query returned no data: "
DAY: Final = "1 day"
_EASTERN: Final = ZoneInfo("America/New_York")
_DAYS: Final = {"D": 1, "W": 7, "M": 30, "Y": 365}
_SAME_SECONDS: Final = 15
_BURST: Final = 6
_BURST_SECONDS: Final = 2
_MANY: Final = 60
_MANY_SECONDS: Final = 600
_EPOCH_FORMAT: Final = "2"


class GatewayBar(Struct, frozen=True, kw_only=True):
    """One historical bar.

    Args:
        at: when it begins.
        open: dollars.
        high: dollars.
        low: dollars.
        close: dollars.
        volume: shares.
    """

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class History:
    """Keep the bars that the test sets, and refuse who asks too often.

    Args:
        paced: whether anybody is refused.
    """

    def __init__(self, *, paced: bool = True) -> None:
        self.paced = paced
        self._bars: dict[tuple[str, str], tuple[GatewayBar, ...]] = {}
        self._asked: deque[tuple[float, int, str]] = deque()

    def set(self, symbol: str, size: str, bars: Sequence[GatewayBar]) -> None:
        """Set the bars of a symbol and a size such as ``1 day`` or ``1 min``, oldest first."""
        self._bars[symbol, size] = tuple(bars)

    def refuses(self, contract: Contract, request: Request, at: float) -> bool:
        """Return whether this request comes too soon, and remember it.

        The rules: the same request within 15 seconds, the sixth of a contract within 2 seconds, or
        the sixty-first within 10 minutes.
        """
        while self._asked and at - self._asked[0][0] > _MANY_SECONDS:
            self._asked.popleft()
        name = " ".join(f"{key}={word}" for key, word in sorted(request.words.items()))
        same = [
            then for then, number, text in self._asked if (number, text) == (contract.con_id, name)
        ]
        near = [then for then, number, _ in self._asked if number == contract.con_id]
        early = (
            any(at - then < _SAME_SECONDS for then in same)
            or sum(at - then < _BURST_SECONDS for then in near) >= _BURST - 1
            or len(self._asked) >= _MANY
        )
        self._asked.append((at, contract.con_id, name))
        return self.paced and early

    def bars(
        self, contract: Contract, request: Request, now: datetime
    ) -> list[tuple[Value, ...]] | None:
        """Return the bars that a request means, as they go on the wire, or None without any."""
        words = request.words
        end = _end(words["end"], now)
        known = self._bars.get((contract.symbol, words["size"]), ())
        fit = [bar for bar in known if bar.at <= end]
        count, unit = _duration(words["duration"])
        if words["size"] == DAY and unit == "D":
            fit = fit[-count:]
        else:
            start = end - _span(count, unit)
            fit = [bar for bar in fit if bar.at >= start]
        if not fit:
            return None
        return [_row(bar, words["size"], words["format"]) for bar in fit]


def _end(text: str, now: datetime) -> datetime:
    if not text:
        return now
    digits = re.sub(r"\D", "", text)[:14]
    zone = UTC if "-" in text or text.endswith("UTC") else _EASTERN
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=zone)


def _duration(text: str) -> tuple[int, str]:
    count, unit = text.split()
    return int(count), unit


def _span(count: int, unit: str) -> timedelta:
    if unit == "S":
        return timedelta(seconds=count)
    return timedelta(days=count * _DAYS[unit])


def _row(bar: GatewayBar, size: str, form: str) -> tuple[Value, ...]:
    if size == DAY:
        text = bar.at.astimezone(_EASTERN).strftime("%Y%m%d")
    elif form == _EPOCH_FORMAT:
        text = str(int(bar.at.timestamp()))
    else:
        text = stamp(bar.at)
    average = (bar.high + bar.low + bar.close) / 3
    return (text, bar.open, bar.high, bar.low, bar.close, bar.volume, average, 1)


__all__ = ["NO_DATA", "PACING", "GatewayBar", "History"]
