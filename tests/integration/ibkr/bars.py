"""Daily bars of the last weeks, as a gateway would have them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, islice

from fillpath.core.units import moment
from fillpath.runtime.steady import SteadyClock
from fillpath.scheduling.calendar import ExchangeCalendar, new_york_date
from fillpath.testing.gateway import Gateway
from fillpath.testing.gateway.history import DAY, GatewayBar

VOLUME = Decimal(50_000_000)


def with_history(gateway: Gateway, *symbols: str, price: str = "189.55") -> None:
    """Give symbols a month of sessions, the newest of them the one before today."""
    for symbol in symbols:
        gateway.history.set(symbol, DAY, sessions(Decimal(price)))


def sessions(price: Decimal, number: int = 30) -> list[GatewayBar]:
    """Return so many sessions before today, oldest first."""
    now = SteadyClock().nanoseconds()
    calendar, today = ExchangeCalendar(), new_york_date(now)
    days = (today - timedelta(days=back) for back in count(1))
    found = list(islice((day for day in days if calendar.is_session(day)), number))
    return [
        GatewayBar(
            at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            open=price,
            high=price + 1,
            low=price - 1,
            close=price,
            volume=VOLUME,
        )
        for day in reversed(found)
    ]


class SlowClock:
    """A clock that is a minute behind."""

    def now(self) -> datetime:
        """Return the time of a minute ago."""
        return moment(SteadyClock().nanoseconds()) - timedelta(minutes=1)
