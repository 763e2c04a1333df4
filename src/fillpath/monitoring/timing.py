"""When a channel is told of an alert: at once, again until somebody acknowledges it, or later."""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fillpath.core.units import NANOSECONDS, moment
from fillpath.monitoring.alerts import Alert
from fillpath.monitoring.kinds import Severity

FIRST_WAIT_NS: Final = NANOSECONDS
LONGEST_WAIT_NS: Final = 300 * NANOSECONDS
_DOUBLINGS: Final = 16
REPEAT_NS: Final[Mapping[Severity, int]] = MappingProxyType(
    {
        Severity.CRITICAL: 60 * NANOSECONDS,
        Severity.WARNING: 900 * NANOSECONDS,
        Severity.INFO: 0,
    }
)


class QuietHours(Struct, frozen=True):
    """The part of each day in which only what is critical is told.

    Args:
        start: by the clock of the zone.
        end: likewise; before ``start`` it is on the next day.
        zone: name of the time zone.
    """

    start: time
    end: time
    zone: str

    def holds(self, at: int) -> bool:
        """Return whether a moment, nanoseconds UTC, is within them."""
        there = moment(at).astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= there < self.end
        return there >= self.start or there < self.end


class Rules(Struct, frozen=True, kw_only=True):
    """How alerts are gathered and repeated.

    Args:
        together_ns: facts of one kind about one thing within this time are one alert.
        repeat_ns: how long after a message that nobody acknowledged the next one follows, by
            severity; 0: it does not.
        quiet: when only what is critical is told; None: never.
        keep_ns: how long an alert that nobody has to look at any more is kept.
    """

    together_ns: int = 300 * NANOSECONDS
    repeat_ns: Mapping[Severity, int] = REPEAT_NS
    quiet: QuietHours | None = None
    keep_ns: int = 30 * 86_400 * NANOSECONDS


class Told(Struct, frozen=True, kw_only=True):
    """How far one channel is with one alert.

    Args:
        times: messages that it took.
        told_at: nanoseconds UTC of the newest one.
        failures: attempts since then that failed.
        tried_at: nanoseconds UTC of the newest one.
    """

    times: int = 0
    told_at: int = 0
    failures: int = 0
    tried_at: int = 0


def pause(failures: int) -> int:
    """Return nanoseconds to wait after so many failures in a row: twice as long each time."""
    return min(FIRST_WAIT_NS << min(failures - 1, _DOUBLINGS), LONGEST_WAIT_NS)


def is_due(alert: Alert, told: Told, rules: Rules, now: int) -> bool:
    """Return whether a channel has to be told now.

    A clock that went back puts nothing off.
    """
    if settled(alert, told, rules):
        return False
    if told.failures and 0 <= now - told.tried_at < pause(told.failures):
        return False
    quiet = rules.quiet is not None and alert.severity is not Severity.CRITICAL
    if quiet and rules.quiet is not None and rules.quiet.holds(now):
        return False
    return not told.times or not 0 <= now - told.told_at < rules.repeat_ns[alert.severity]


def settled(alert: Alert, told: Told, rules: Rules) -> bool:
    """Return whether the channel has nothing more to be told of the alert, unless it changes."""
    if alert.acknowledged_by:
        return True
    return bool(told.times) and (not alert.stands or not rules.repeat_ns[alert.severity])


__all__ = ["REPEAT_NS", "QuietHours", "Rules", "Told", "is_due", "pause", "settled"]
