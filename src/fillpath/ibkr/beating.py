"""Find a socket that is dead without saying so: ask for the time, and mind the silence."""

from fillpath.core.units import NANOSECONDS
from fillpath.ibkr.policy import ConnectionPolicy


class Heartbeat:
    """Say when to ask, and when no answer means the end; it knows no clock.

    Args:
        policy: how long each wait is.
    """

    def __init__(self, policy: ConnectionPolicy) -> None:
        self._every = _nanoseconds(policy.heartbeat_seconds)
        self._silence = _nanoseconds(policy.silence_seconds)
        self._unanswered = _nanoseconds(policy.unanswered_seconds)
        self._ask_at: int | None = None
        self._asked_at: int | None = None
        self._asking = False
        self._heard_at = 0

    def start(self, now: int) -> None:
        """Begin with a new socket; the first question is due at once."""
        self._ask_at, self._asked_at, self._heard_at = now, None, now
        self._asking = False

    def stop(self) -> None:
        """Forget a socket that is gone."""
        self._ask_at = self._asked_at = None
        self._asking = False

    def hurry(self, now: int) -> None:
        """Let the next question be due at once, unless one is out."""
        if self._ask_at is not None:
            self._ask_at = now

    def heard(self, now: int) -> None:
        """Note that something was said."""
        self._heard_at = now

    def due(self, now: int) -> bool:
        """Return whether to ask now; it is once true, until an answer."""
        if self._ask_at is None or now < self._ask_at:
            return False
        self._ask_at = None
        self._asking = True
        return True

    def asked(self, now: int) -> None:
        """Note that the question was written: the wait for its answer begins."""
        if self._asking:
            self._asking, self._asked_at = False, now

    def answered(self, now: int) -> int | None:
        """Return when the question was asked that was answered now; None when none was."""
        asked, self._asked_at = self._asked_at, None
        if asked is not None:
            self._ask_at = now + self._every
        return asked

    def end(self, *, patient: bool) -> int | None:
        """Return when the socket counts as dead if nothing more is heard; None without a question.

        Args:
            patient: bear silence for as long as a missing answer.
        """
        if self._asked_at is None:
            return None
        unanswered = self._asked_at + self._unanswered
        if patient:
            return unanswered
        return min(max(self._heard_at, self._asked_at) + self._silence, unanswered)

    def wake_at(self, *, patient: bool) -> int | None:
        """Return when to look again; None when there is no socket."""
        return self.end(patient=patient) if self._ask_at is None else self._ask_at


def _nanoseconds(seconds: float) -> int:
    return round(seconds * NANOSECONDS)


__all__ = ["Heartbeat"]
