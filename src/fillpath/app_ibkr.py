"""Connections to Interactive Brokers: settings become client ids, patience and windows.

Each part has a client id of its own, counted from the one of the settings: the broker's is that one.
"""

# ruff: noqa: PLC0415  # the vendor's library is imported when it is used

from collections.abc import Callable
from datetime import time
from typing import Final, Protocol

from fillpath.app_parts import Page
from fillpath.core.commands import RaiseAlarm
from fillpath.core.errors import BrokerRefused, Unavailable
from fillpath.core.ports import EngineClock
from fillpath.data.bus.notices import Notice
from fillpath.ibkr.connection import Connection
from fillpath.ibkr.line import Line
from fillpath.ibkr.policy import NIGHTLY_RESET, SUNDAY, ConnectionPolicy, Window
from fillpath.ibkr.states import Alarm, State
from fillpath.risk.binding import BROKER_UNAVAILABLE
from fillpath.settings import IbkrSettings, Settings

BROKER: Final = 0
DATA: Final = 1
FEED: Final = 2
WATCHDOG: Final = 9
"""What is added to the client id of the settings."""
_STEP: Final = 5
"""The pace is counted in fifths of a second."""

LineMaker = Callable[[Settings, int], Line]


def session_of(settings: Settings, client_id: int) -> Line:
    """Return a line to the gateway of the settings, not connected yet.

    Raises:
        ConfigError: the vendor's library is not installed.
    """
    from fillpath.ibkr.session import Session

    ibkr = settings.broker.ibkr
    return Session(ibkr.host, ibkr.port, client_id)


def policy_of(settings: Settings, beside: int) -> ConnectionPolicy:
    """Return what one connection is told.

    Args:
        settings: of the engine.
        beside: what is added to the client id.
    """
    ibkr = settings.broker.ibkr
    messages = ibkr.messages_per_second
    return ConnectionPolicy(
        client_id=ibkr.client_id + beside,
        account=ibkr.account_id,
        paper_trading=settings.broker.paper_trading,
        connect_seconds=float(ibkr.connect_seconds),
        answer_seconds=float(ibkr.answer_seconds),
        heartbeat_seconds=float(ibkr.heartbeat_seconds),
        clock_limit_seconds=float(ibkr.max_clock_drift_seconds),
        messages=messages,
        others=max(_STEP, messages * 5 // 8 // _STEP * _STEP),
        windows=windows_of(ibkr),
    )


def windows_of(ibkr: IbkrSettings) -> tuple[Window, ...]:
    """Return when the gateway is known to be away."""
    weekly = Window(
        name="the weekly login",
        start=time(1),
        zone="America/New_York",
        minutes=ibkr.weekly_login_minutes,
        weekday=SUNDAY,
    )
    if not ibkr.restart_at:
        return NIGHTLY_RESET, weekly
    daily = Window(
        name="the daily restart",
        start=time.fromisoformat(ibkr.restart_at),
        zone=ibkr.restart_zone,
        minutes=ibkr.restart_minutes,
    )
    return NIGHTLY_RESET, daily, weekly


def connection_of(
    settings: Settings, clock: EngineClock, beside: int, make_line: LineMaker = session_of
) -> Connection:
    """Return a connection that is not started yet."""
    policy = policy_of(settings, beside)
    return Connection(make_line(settings, policy.client_id), policy, clock)


class Warnings:
    """Turn what a connection warns of into alarms, and remember the last one.

    Args:
        clock: dates them.
        page: tells a person.
        name: of the connection, put in front; empty for the broker's.
    """

    def __init__(self, clock: EngineClock, page: Page, name: str = "") -> None:
        self._clock = clock
        self._page = page
        self._name = f"{name}: " if name else ""
        self.last = Alarm(BROKER_UNAVAILABLE, "")

    def hear(self, alarm: Alarm) -> None:
        """Tell a person; what is over is told as well."""
        if not alarm.over:
            self.last = alarm
        self.say(alarm.code, "it is over" if alarm.over else alarm.text)

    def notice(self, notice: Notice) -> None:
        """Tell a person what a part says."""
        self.say(notice.code, notice.text)

    def say(self, code: str, text: str) -> None:
        """Tell a person."""
        self._page(RaiseAlarm(self._clock.nanoseconds(), code, self._name + text))


class Startable(Protocol):
    """What is connected in one step."""

    async def start(self, seconds: float) -> None:
        """Connect.

        Raises:
            Unavailable: refused, or not there in time.
        """
        ...

    async def stop(self) -> None:
        """Hang up."""
        ...


async def reach(
    what: Startable, connection: Connection, warnings: Warnings, seconds: float
) -> None:
    """Connect, and let go again when that does not get there.

    Raises:
        Unavailable: nobody answers in time.
        BrokerRefused: it answers, and must not be traded at; with the code of the alarm.
    """
    try:
        await what.start(seconds)
    except Unavailable as error:
        refused = connection.state is State.REFUSED
        await what.stop()
        if refused:
            raise BrokerRefused(warnings.last.code, str(error)) from error
        raise


def tell_of(connection: Connection, warnings: Warnings) -> Connection:
    """Let a connection warn, and return it."""
    connection.warn(warnings.hear)
    return connection


__all__ = [
    "BROKER",
    "DATA",
    "FEED",
    "WATCHDOG",
    "LineMaker",
    "Startable",
    "Warnings",
    "connection_of",
    "policy_of",
    "reach",
    "session_of",
    "tell_of",
    "windows_of",
]
