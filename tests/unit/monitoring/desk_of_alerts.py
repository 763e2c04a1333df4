"""A book, facts and channels for the tests of alerts, with time that is moved by hand."""

from collections.abc import Callable
from typing import Any

from fillpath.core.commands import RaiseAlarm
from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.alerts import Fact
from fillpath.monitoring.channels import ChannelFailed
from fillpath.monitoring.messages import Message

T0 = 1_795_000_000 * NANOSECONDS
SECOND = NANOSECONDS
MINUTE = 60 * SECOND


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> int:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += int(seconds * NANOSECONDS)


class Ear:
    """A channel that keeps what it is told, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.fails: Callable[[], bool] = lambda: False
        self.then_fails: Callable[[], bool] = lambda: False

    def send(self, message: Message) -> None:
        if self.fails():
            raise ChannelFailed("nobody is there")
        self.messages.append(message)
        if self.then_fails():
            raise ChannelFailed("the answer was lost")

    @property
    def texts(self) -> list[str]:
        return [alert.text for message in self.messages for alert in message.alerts]

    @property
    def ids(self) -> list[str]:
        return [alert.alert_id for message in self.messages for alert in message.alerts]


def a_fact(code: str = "KILL_SWITCH", text: str = "ann: losing", **changes: Any) -> Fact:
    fields: dict[str, Any] = {"account": "SIM", "at": T0, "code": code, "text": text}
    return Fact(**(fields | changes))


def an_alarm(code: str = "KILL_SWITCH", text: str = "ann: losing", at: int = T0) -> RaiseAlarm:
    return RaiseAlarm(at, code, text)
