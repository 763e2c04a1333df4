"""The time of the exchange, in the form in which Backtrader wants a time zone."""

from datetime import UTC, datetime, timedelta, tzinfo

from fillpath.backtest.inputs import NEW_YORK


class ExchangeTime(tzinfo):
    """The time of the exchange as Backtrader wants a time zone to be: with ``localize``."""

    def localize(self, local: datetime) -> datetime:
        """Return a moment of the exchange's clock as an aware one."""
        return local.replace(tzinfo=self)

    def utcoffset(self, local: datetime | None) -> timedelta | None:
        """Return how far the exchange's clock is ahead of UTC."""
        return None if local is None else NEW_YORK.utcoffset(local.replace(tzinfo=None))

    def dst(self, local: datetime | None) -> timedelta | None:
        """Return what of that is summer time."""
        return None if local is None else NEW_YORK.dst(local.replace(tzinfo=None))

    def tzname(self, local: datetime | None) -> str | None:
        """Return the name of the exchange's time."""
        return None if local is None else NEW_YORK.tzname(local.replace(tzinfo=None))

    def fromutc(self, at: datetime) -> datetime:
        """Return a moment of UTC by the exchange's clock."""
        return at.replace(tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=self)


__all__ = ["ExchangeTime"]
