"""What a connection is told once: who it is, how long it waits and how fast it may write."""

from dataclasses import dataclass
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from fillpath.core.errors import ModelError

SUNDAY: Final = 6
_DAY: Final = 1_440
_VENDORS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time in which the gateway is known to be away.

    Args:
        name: what happens then, in words.
        start: time of day.
        zone: of that time, such as America/New_York.
        minutes: how long it may last, below a day; longer wakes a person.
        weekday: 0 for Monday to 6 for Sunday; None for every day.

    Raises:
        ModelError: a zone that does not exist, or a number that cannot be; says which.
    """

    name: str
    start: time
    zone: str
    minutes: int
    weekday: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 < self.minutes < _DAY:
            raise ModelError(f"minutes must be from 1 to {_DAY - 1}, got {self.minutes}")
        if self.weekday is not None and not 0 <= self.weekday <= SUNDAY:
            raise ModelError(f"weekday must be from 0 to 6 or None, got {self.weekday}")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"zone must be a name such as America/New_York, got {self.zone!r}"
            ) from error


NIGHTLY_RESET: Final = Window(
    name="the vendor's nightly reset", start=time(23, 45), zone="America/New_York", minutes=60
)
WEEKLY_TOKEN: Final = Window(
    name="the weekly login",
    start=time(1),
    zone="America/New_York",
    minutes=720,
    weekday=SUNDAY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPolicy:
    """How one connection behaves; durations are seconds.

    Args:
        client_id: the one that the line connects with; order ids belong to it.
        account: the account that is used; empty takes the only one of the login.
        paper_trading: whether the account must be a paper account, or must be a live one.
        connect_seconds: for the socket and the handshake.
        answer_seconds: for each look-up.
        reconcile_seconds: for the whole comparison after a connection.
        confirm_seconds: between two askings of what must be asked twice.
        heartbeat_seconds: between two questions for the time.
        silence_seconds: without a word after that question means a dead socket.
        unanswered_seconds: without the answer, though other words come, means a sick gateway.
        first_wait_seconds: before the second attempt to connect; it doubles from there.
        longest_wait_seconds: between two attempts.
        lingering_seconds: for which a client id in use may still be held for our own lost socket;
            later, or without one, it means another engine.
        page_seconds: of an outage outside the windows before a person is woken.
        clock_limit_seconds: how far the gateway's clock may be from ours.
        messages: most in any second, cancels included, a multiple of 5; the vendor allows 50.
        others: most in any second that are no cancels, a multiple of 5.
        windows: when the gateway is known to be away.

    Raises:
        ModelError: a number that cannot work; says which.
    """

    client_id: int
    account: str = ""
    paper_trading: bool = True
    connect_seconds: float = 10
    answer_seconds: float = 10
    reconcile_seconds: float = 60
    confirm_seconds: float = 3
    heartbeat_seconds: float = 2
    silence_seconds: float = 2.5
    unanswered_seconds: float = 30
    first_wait_seconds: float = 1
    longest_wait_seconds: float = 60
    lingering_seconds: float = 90
    page_seconds: float = 120
    clock_limit_seconds: float = 2
    messages: int = 40
    others: int = 25
    windows: tuple[Window, ...] = (NIGHTLY_RESET, WEEKLY_TOKEN)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for name in self.__slots__:
            if name.endswith("_seconds") and not 0 < getattr(self, name) < _DAY * 60:
                raise ModelError(
                    f"{name} must be above 0 and below a day, got {getattr(self, name)!r}"
                )
        fifths = self.messages % 5 == self.others % 5 == 0
        if not fifths or not 0 < self.others < self.messages < _VENDORS_LIMIT:
            raise ModelError(
                f"messages ({self.messages}) and others ({self.others}) must be multiples of 5, "
                f"others below messages, and messages below {_VENDORS_LIMIT}"
            )
        if self.client_id < 0:
            raise ModelError(f"client_id must be 0 or more, got {self.client_id}")


__all__ = ["NIGHTLY_RESET", "SUNDAY", "WEEKLY_TOKEN", "ConnectionPolicy", "Window"]
