"""A courier carries what is due to one channel: at least once, in order, at its own pace."""

from collections.abc import Callable
from typing import Final

from fillpath.core.units import NANOSECONDS
from fillpath.monitoring.alerts import Fact
from fillpath.monitoring.book import AlertBook
from fillpath.monitoring.channels import Channel, ChannelFailed
from fillpath.monitoring.messages import MOST_ALERTS, message_of

PATIENCE_NS: Final = 30 * NANOSECONDS
"""A channel that has failed for longer is told of over the others."""
FAILING: Final = "ALERTS_FAILING"
DELIVERED: Final = "ALERTS_DELIVERED"
ALERTS: Final = "alerts"
"""The account under which the delivery speaks of itself."""


class Courier:
    """Carry alerts from the book to one channel.

    Args:
        name: of the channel.
        channel: takes messages.
        book: its own connection to the book.
        now: returns nanoseconds UTC.
    """

    def __init__(
        self, name: str, channel: Channel, book: AlertBook, now: Callable[[], int]
    ) -> None:
        self.name = name
        self._channel = channel
        self._book = book
        self._now = now

    def step(self) -> bool:
        """Hand one message over, if any is due; return whether one was taken.

        Told is noted after the channel took it: a crash between the two tells again.

        Raises:
            Unavailable: the book cannot be used.
        """
        now = self._now()
        due = self._book.due(self.name, now, MOST_ALERTS)
        if not due:
            return False
        alerts = [alert for alert, _ in due]
        try:
            self._channel.send(message_of(due, now))
        except ChannelFailed as error:
            self._book.failed(self.name, alerts, self._now(), str(error))
            self._say_failing()
            return False
        if self._book.told(self.name, alerts, self._now()):
            self._say(DELIVERED, f"{self.name}: messages are taken again")
        return True

    def _say_failing(self) -> None:
        state = next(one for one in self._book.channels() if one.name == self.name)
        if not state.announced and self._now() - state.failing_since >= PATIENCE_NS:
            self._say(FAILING, f"{self.name}: {state.problem}")
            self._book.announce(self.name)

    def _say(self, code: str, text: str) -> None:
        self._book.take([Fact(account=ALERTS, at=self._now(), code=code, text=text)])


__all__ = ["ALERTS", "DELIVERED", "FAILING", "PATIENCE_NS", "Courier"]
