"""The life of a connection without the connection: news in, wishes out."""

from datetime import UTC, datetime

from fillpath.core.units import NANOSECONDS, nanoseconds
from fillpath.ibkr.heard import Greeted, Opened, Said, ServerTime
from fillpath.ibkr.news import (
    Action,
    Asked,
    News,
    Reconciled,
    Started,
    Tell,
)
from fillpath.ibkr.policy import ConnectionPolicy
from fillpath.ibkr.standing import Standing
from fillpath.ibkr.states import State

# A Tuesday, 15:00 in New York, and a Sunday, 01:05.
START = nanoseconds(datetime(2026, 6, 2, 19, tzinfo=UTC))
SUNDAY = nanoseconds(datetime(2026, 6, 7, 5, 5, tzinfo=UTC))
POLICY = ConnectionPolicy(client_id=10)
GREETED = Greeted(178, ("DU1",), 1)
LOST = Said(-1, 1100, "lost")


class Life:
    """A standing, and everything that it wanted."""

    def __init__(self, start: int = START, policy: ConnectionPolicy = POLICY) -> None:
        self.standing = Standing(policy)
        self.now = start
        self.wanted: list[Action] = []

    def at(self) -> State:
        """Return the state; a call, because nobody may believe that it stays."""
        return self.standing.state

    def hear(self, *news: News, after: float = 0) -> list[Action]:
        """Let news come, and return what the last one led to."""
        self.now += round(after * NANOSECONDS)
        found: list[Action] = []
        for one in news:
            found = self.standing.step(one, self.now)
            self.wanted += found
        return found

    def clock(self, off: float = 0) -> ServerTime:
        """Return the gateway's time."""
        return ServerTime((self.now // NANOSECONDS + round(off)) * NANOSECONDS)

    def until_verified(self) -> "Life":
        self.hear(Started(), Opened(), GREETED, Asked())
        self.hear(self.clock())
        return self

    def until_trading(self) -> "Life":
        self.until_verified().hear(Reconciled())
        assert self.at() is State.TRADING
        return self

    def alarms(self) -> list[tuple[str, bool]]:
        """Return code of every alarm, and whether it wakes a person."""
        told = [one.alarm for one in self.wanted if isinstance(one, Tell)]
        return [(alarm.code, alarm.page) for alarm in told if not alarm.over]

    def over(self) -> list[str]:
        return [one.alarm.code for one in self.wanted if isinstance(one, Tell) and one.alarm.over]


def kinds(actions: list[Action]) -> list[type]:
    return [type(one) for one in actions]
